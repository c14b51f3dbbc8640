#include <gateway/mailbox/notice.h>

#include <gateway/content/compose.h>
#include <gateway/mailbox/intake.h>
#include <store/account.h>

#include <sys/random.h>

enum { ARENA_BYTES = 64 * 1024 };

static void put_header(struct buf *b, const struct notice *n, int64_t now_ms, uint64_t unique)
{
	struct str domain = n->to, local;
	struct header_address from = { .name = S("roost") }, to = { 0 };

	str_cut(&domain, '@', &local);
	to.local = local;
	to.domain = from.domain = domain;
	from.local = S("postmaster");
	compose_field_addresses(b, S("From"), &from, 1);
	compose_field_addresses(b, S("To"), &to, 1);
	compose_field_text(b, S("Subject"), n->subject);
	compose_field_date(b, S("Date"), now_ms);
	buf_fmt(b, "Message-ID: <%016llx.%lld@" STR_FMT ">\r\n", (unsigned long long)unique, (long long)now_ms,
		STR_ARG(domain));
	buf_cstr(b, "Auto-Submitted: auto-generated\r\n"); /* RFC 3834: nobody's machine answers it */
}

enum err notice_write(struct buf *out, const struct notice *n, int64_t now_ms)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(NOTICE_MAX_BYTES);
	struct compose c;
	uint64_t unique;

	if (getrandom(&unique, sizeof(unique), 0) != (ssize_t)sizeof(unique))
		return ERR_IO;
	put_header(&header, n, now_ms, unique);
	TRY(buf_status(&header));
	compose_init(&c, body_sink_buf(out), unique);
	compose_mail(&c, &(struct compose_mail){ .header = buf_view(&header), .plain = n->text });
	return compose_finish(&c);
}

static enum err find_mailbox(struct store *s, struct str address, int64_t *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct account account;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_find(&a, tx, address, &account));
	*ret = account.mailbox;
	return ERR_OK;
}

static enum err deliver(struct store *s, int64_t mailbox, struct str octets, int64_t now_ms)
{
	CLEANUP(intake_free) struct intake *in = NULL;

	TRY(intake_new(store_state_dir(s), NOTICE_MAX_BYTES, &in));
	TRY(intake_put(in, octets));
	TRY(intake_finish(in));
	return intake_deliver(in, s, mailbox, now_ms);
}

enum err notice_deliver(struct store *s, const struct notice *n)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(NOTICE_MAX_BYTES);
	int64_t now_ms = clock_wall_ms(store_clock(s)), mailbox;
	enum err e = find_mailbox(s, n->to, &mailbox);

	if (e == ERR_INVALID)
		return ERR_NOT_FOUND;
	TRY(e);
	TRY(notice_write(&octets, n, now_ms));
	return deliver(s, mailbox, buf_view(&octets), now_ms);
}
