#include <gateway/mailbox/meeting_mail.h>

#include <gateway/content/compose.h>

#include <sys/random.h>

enum { HEADER_MAX = 1024 * 1024 };

static const struct str methods[] = {
	[CAL_OTHER] = STR_INIT("PUBLISH"), [CAL_REQUEST] = STR_INIT("REQUEST"), [CAL_CANCEL] = STR_INIT("CANCEL"),
	[CAL_REPLY] = STR_INIT("REPLY"),   [CAL_COUNTER] = STR_INIT("COUNTER"),
};

struct writing {
	const struct meeting_mail *mail;
	struct str calendar;
};

static enum err random_octets(void *p, size_t n)
{
	return getrandom(p, n, 0) == (ssize_t)n ? ERR_OK : ERR_IO;
}

enum err meeting_mail_name(struct queue_name *ret)
{
	unsigned char unique[32];
	const struct str part = str_from(unique, sizeof(unique));

	TRY(random_octets(unique, sizeof(unique)));
	return queue_name_derive("itip", &part, 1, ret);
}

enum err meeting_mail_subject(struct arena *a, const char *word, struct str summary, struct str *ret)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(2 * CAL_TEXT_MAX);

	buf_fmt(&b, "%s: " STR_FMT, word, STR_ARG(summary.n ? summary : S("meeting")));
	TRY(buf_status(&b));
	return arena_str(a, buf_view(&b), ret);
}

static struct header_address address_of(struct str address)
{
	size_t at = str_index(address, '@');

	return (struct header_address){ .local = str_slice(address, 0, at),
					.domain = str_slice(address, at + 1, address.n) };
}

static enum err put_header(const struct meeting_mail *m, struct buf *b)
{
	struct header_address from = address_of(m->from->address), *to = arena_array(m->arena, m->to_n, sizeof(*to));

	if (!to)
		return ERR_LIMIT;
	from.name = m->from->name;
	for (size_t i = 0; i < m->to_n; i++)
		to[i] = address_of(m->to[i]);
	compose_field_addresses(b, S("From"), &from, 1);
	compose_field_addresses(b, S("To"), to, m->to_n);
	compose_field_text(b, S("Subject"), m->subject);
	compose_field_date(b, S("Date"), m->message.now_ms);
	buf_cstr(b, "Content-Class: urn:content-classes:calendarmessage\r\n");
	return buf_status(b);
}

static enum err write_message(void *ctx, struct body_sink sink)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(HEADER_MAX), type = BUF_INIT(100);
	const struct writing *w = ctx;
	const struct meeting_mail *m = w->mail;
	struct compose c;
	uint64_t unique;
	unsigned parts;

	TRY(random_octets(&unique, sizeof(unique)));
	TRY(put_header(m, &header));
	buf_fmt(&type, "text/calendar; method=" STR_FMT, STR_ARG(methods[m->message.method]));
	compose_init(&c, sink, unique);
	compose_put(&c, buf_view(&header));
	parts = compose_multipart_begin(&c, S("alternative"));
	compose_multipart_next(&c, parts);
	compose_text(&c, S("text/plain"), m->body.n ? m->body : m->subject);
	compose_multipart_next(&c, parts);
	compose_text(&c, buf_view(&type), w->calendar);
	compose_multipart_end(&c, parts);
	return compose_finish(&c);
}

enum err meeting_mail_post(struct store_tx *tx, struct meeting_mail *m)
{
	CLEANUP(buf_release) struct buf calendar = BUF_INIT(2 * CAL_BYTES_MAX);
	struct writing w = { .mail = m };

	if (m->to_n == 0)
		return ERR_OK;
	TRY(cal_message_write(m->arena, m->text, &m->message, &calendar));
	w.calendar = buf_view(&calendar);
	return outbox_post(tx, &(struct outbox_letter){ .name = m->name,
							.author = m->from->account,
							.to = m->to,
							.to_n = m->to_n,
							.write = write_message,
							.ctx = &w });
}
