/* What the tests of contacts, tasks and notes share. */
#include "calendar_fixture.h"

#include <gateway/activesync/server_id.h>
#include <gateway/mailbox/entry.h>

static void put_tag(struct buf *out, struct str name, bool empty, unsigned *page)
{
	size_t colon = str_index(name, ':');
	enum wbxml_tag tag;

	assert_ok(wbxml_tag_find(str_slice(name, 0, colon), str_slice(name, colon + 1, name.n), &tag));
	if ((unsigned)tag >> 8 != *page)
		buf_fmt(out, "00 %02X ", *page = (unsigned)tag >> 8);
	buf_fmt(out, "%02X ", (tag & 0xff) | (empty ? 0 : 0x40));
}

static void put_text(struct buf *out, struct str text)
{
	struct str rest = text;

	buf_cstr(out, "03 ");
	while (rest.n) {
		size_t n = str_find(rest, S("&lt;"));

		buf_hex(out, rest.p, n);
		if (n < rest.n)
			buf_cstr(out, "3C");
		rest = str_slice(rest, n < rest.n ? n + 4 : n, rest.n);
	}
	buf_cstr(out, " 00 ");
}

char *elements(struct fixture *f, const char *xml)
{
	struct buf out = BUF_INIT(4 << 20);
	struct str rest = str_of(xml);
	unsigned page = 0;
	const char *text;

	while (rest.n) {
		size_t n = str_index(rest, rest.p[0] == '<' ? '>' : '<');
		struct str part = str_slice(rest, 0, n);

		if (rest.p[0] != '<') {
			put_text(&out, part);
			rest = str_slice(rest, n, rest.n);
			continue;
		}
		part = str_slice(part, 1, part.n);
		if (str_eq(part, S("/")))
			buf_cstr(&out, "01 ");
		else if (str_ends(part, S("/")))
			put_tag(&out, str_slice(part, 0, part.n - 1), true, &page);
		else
			put_tag(&out, part, false, &page);
		rest = str_slice(rest, n + 1, rest.n);
	}
	buf_cstr(&out, "00 00 ");
	assert_ok(buf_status(&out));
	assert_ok(arena_cstr(&f->arena, buf_view(&out), &text));
	buf_release(&out);
	return (char *)(uintptr_t)text;
}

char *add_item(struct fixture *f, const char *client, const char *xml)
{
	return commands(f, "56 47 4C 03 '%s' 00 01 5D %s 01 01 01", client, elements(f, xml));
}

char *change_item(struct fixture *f, const char *server_id, const char *xml)
{
	return commands(f, "56 48 4D 03 '%s' 00 01 5D %s 01 01 01", server_id, elements(f, xml));
}

char *delete_item(struct fixture *f, const char *server_id)
{
	return commands(f, "56 49 4D 03 '%s' 00 01 01 01", server_id);
}

char *fetch_item(struct fixture *f, const char *server_id)
{
	return commands(f, "56 4A 4D 03 '%s' 00 01 01 01", server_id);
}

struct eas_reply sync_command(struct fixture *f, int64_t folder, const char **key, const char *more)
{
	struct eas_reply r = sync_with(f, folder, *key, commands(f, "53 03 '0' 00 01 %s", more)); /* GetChanges 0 */

	assert_int_equal(r.status, 200); /* MS-ASHTTP_R175 */
	*key = key_of(f, &r);
	return r;
}

const char *added_item(struct fixture *f, int64_t folder, const char **key, const char *client, const char *xml)
{
	struct eas_reply r = sync_command(f, folder, key, add_item(f, client, xml));
	const char *id;

	if (!str_eq(eas_reply_text(&r, "Status", 1), S("1")))
		fail_msg("%s: " STR_FMT, client, STR_ARG(r.xml));
	assert_ok(arena_cstr(&f->arena, eas_reply_text(&r, "ServerId", 0), &id));
	return id;
}

struct str octets_of(struct fixture *f, const char *server_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t folder, id;
	struct item item;
	struct str text;

	assert_ok(server_id_parse_item(str_of(server_id), &folder, &id));
	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(item_get(&f->arena, tx, folder, id, &item));
	assert_ok(entry_read(&f->arena, tx, &item, &text));
	return text;
}

int64_t put_octets(struct fixture *f, int64_t folder, const char *octets)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item made;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(entry_add(tx,
			    &(struct entry){ .folder = folder,
					     .octets = str_of(octets),
					     .key = ITEM_KEY_ALWAYS,
					     .now_ms = clock_wall_ms(&f->server.clock.clock),
					     .by = AUTHOR_NOBODY },
			    &made));
	assert_ok(store_commit(&tx));
	return made.id;
}

bool holds(const struct eas_reply *r, const char *xml)
{
	return str_find(r->xml, str_of(xml)) < r->xml.n;
}

void assert_element_(const struct eas_reply *r, const char *name, const char *text, const char *file, int line)
{
	struct buf wanted = BUF_INIT(1 << 20), prefixed = BUF_INIT(1 << 20);

	buf_fmt(&wanted, "<%s>%s</", name, text);
	buf_fmt(&prefixed, ":%s>%s</", name, text);
	if (str_find(r->xml, buf_view(&wanted)) == r->xml.n && str_find(r->xml, buf_view(&prefixed)) == r->xml.n) {
		print_error("no %s \"%s\" in " STR_FMT "\n", name, text, STR_ARG(r->xml));
		_fail(file, line);
	}
	buf_release(&wanted);
	buf_release(&prefixed);
}

/* ---- events (calendar_fixture.h) ---- */

struct eas_reply shown(struct fixture *f, const char *version)
{
	int64_t folder = fixture_role(f, FOLDER_DEFAULT_CALENDAR);

	f->phone.version = version;
	return sync_with(f, folder, first_key(f, folder), "53 03 '1' 00 01");
}

size_t count_in(struct str xml, const char *part)
{
	size_t n = 0, at;

	for (; (at = str_find(xml, str_of(part))) < xml.n; n++)
		xml = str_slice(xml, at + 1, xml.n);
	return n;
}

struct str exception_of(const struct eas_reply *r)
{
	size_t from = str_find(r->xml, S("<calendar:Exception>")), to = str_find(r->xml, S("</calendar:Exception>"));

	assert_true(from < to && to < r->xml.n);
	return str_slice(r->xml, from, to);
}
