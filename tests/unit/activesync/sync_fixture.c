/* What the tests of Sync share. */
#include "sync_fixture.h"

#include <gateway/mailbox/intake.h>
#include <tests/support/hex.h>

struct str doc(struct fixture *f, const char *fmt, ...)
{
	struct buf text = BUF_INIT(4 << 20);
	struct str d;
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	buf_char(&text, '\0');
	assert_ok(buf_status(&text));
	d = hex(&f->arena, text.p);
	buf_release(&text);
	return d;
}

struct str sync_doc(struct fixture *f, int64_t folder, const char *key, const char *more, const char *tail)
{
	return doc(f, HEAD "45 5C 4F 4B 03 '%s' 00 01 52 03 '%lld' 00 01 %s 01 01 %s 01", key, (long long)folder, more,
		   tail);
}

struct eas_reply sync_with(struct fixture *f, int64_t folder, const char *key, const char *more)
{
	return eas_phone_ask(&f->phone, "Sync", sync_doc(f, folder, key, more, ""));
}

const char *key_of(struct fixture *f, const struct eas_reply *r)
{
	const char *key;

	assert_ok(arena_cstr(&f->arena, eas_reply_text(r, "SyncKey", 0), &key));
	return key;
}

bool has_more(const struct eas_reply *r)
{
	return str_find(r->xml, S("<MoreAvailable/>")) < r->xml.n;
}

const char *first_key(struct fixture *f, int64_t folder)
{
	struct eas_reply r = sync_with(f, folder, "0", "");

	return key_of(f, &r);
}

void deliver_octets(struct fixture *f, int64_t mailbox, struct str octets)
{
	struct intake *in;

	assert_ok(intake_new(f->server.dir.path, INTAKE_MAX_BYTES_DEFAULT, &in));
	assert_ok(intake_put(in, octets));
	assert_ok(intake_finish(in));
	assert_ok(intake_deliver(in, f->server.store, mailbox, clock_wall_ms(&f->server.clock.clock)));
	intake_free(&in);
}

void deliver(struct fixture *f, int64_t mailbox, const char *subject)
{
	struct buf text = BUF_INIT(1 << 16);

	buf_fmt(&text,
		"From: Bob <bob@example.org>\r\nTo: Ann <ann@example.test>\r\nSubject: %s\r\n"
		"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <%s@example.org>\r\n\r\nText of %s.\r\n",
		subject, subject, subject);
	deliver_octets(f, mailbox, buf_view(&text));
	buf_release(&text);
}

void deliver_n(struct fixture *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char subject[] = "mail-000";

		subject[5] = (char)('0' + i / 100);
		subject[6] = (char)('0' + i / 10 % 10);
		subject[7] = (char)('0' + i % 10);
		deliver(f, f->ann.mailbox, subject);
	}
}

const char *sync_all(struct fixture *f, int64_t folder, const char *key, size_t *adds)
{
	struct eas_reply r;

	*adds = 0;
	do {
		r = sync_with(f, folder, key, "");
		if (r.body.n == 0)
			return key;
		key = key_of(f, &r);
		*adds += eas_reply_count(&r, "Add");
	} while (has_more(&r));
	return key;
}

int64_t only_item(struct fixture *f, int64_t folder)
{
	struct store_tx *tx;
	struct item *items;
	size_t n;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(item_list(&f->arena, tx, folder, 0, 10, &items, &n));
	assert_ok(store_commit(&tx));
	return n == 1 ? items[0].id : 0;
}

struct item item_of(struct fixture *f, int64_t folder, int64_t id)
{
	struct store_tx *tx;
	struct item item;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(item_get(&f->arena, tx, folder, id, &item));
	assert_ok(store_commit(&tx));
	return item;
}

char *commands(struct fixture *f, const char *fmt, ...)
{
	struct buf text = BUF_INIT(4 << 20);
	const char *kept;
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	assert_ok(buf_status(&text));
	assert_ok(arena_cstr(&f->arena, buf_view(&text), &kept));
	buf_release(&text);
	return (char *)(uintptr_t)kept;
}
