#include <gateway/mailbox/meeting_mail.h>

#include <gateway/content/calendar_attach.h>
#include <gateway/content/compose.h>
#include <gateway/mailbox/event.h>

#include <sys/random.h>

enum { HEADER_MAX = 1024 * 1024 };

static const struct str methods[] = {
	[CAL_OTHER] = STR_INIT("PUBLISH"), [CAL_REQUEST] = STR_INIT("REQUEST"), [CAL_CANCEL] = STR_INIT("CANCEL"),
	[CAL_REPLY] = STR_INIT("REPLY"),   [CAL_COUNTER] = STR_INIT("COUNTER"),
};

struct writing {
	const struct meeting_mail *mail;
	struct store_tx *tx;
	struct str calendar;
	struct cal_attachment *attachments; /* that the calendar names */
	size_t attachments_n;
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
	struct header_address from = address_of(m->from->address), sender = address_of(m->from->sent_by),
			      *to = arena_array(m->arena, m->to_n, sizeof(*to));

	if (!to)
		return ERR_LIMIT;
	from.name = m->from->name;
	for (size_t i = 0; i < m->to_n; i++)
		to[i] = address_of(m->to[i]);
	compose_field_addresses(b, S("From"), &from, 1);
	sender.name = m->from->sent_by_name;
	if (m->from->sent_by.n) /* RFC 5322 section 3.6.2: he writes it, the author means it */
		compose_field_addresses(b, S("Sender"), &sender, 1);
	compose_field_addresses(b, S("To"), to, m->to_n);
	compose_field_text(b, S("Subject"), m->subject);
	compose_field_date(b, S("Date"), m->message.now_ms);
	buf_cstr(b, "Content-Class: urn:content-classes:calendarmessage\r\n");
	return buf_status(b);
}

/* RFC 6047: a part of the message, which the ATTACH line names. One that is missing is left out. */
static enum err put_attachment(const struct writing *w, struct compose *c, unsigned mixed,
			       const struct cal_attachment *is)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT(2 * EVENT_ATTACHED_MAX);
	CLEANUP(buf_release) struct buf id = BUF_INIT(200);
	struct compose_part part = { .content_type = is->content_type, .name = is->name };
	enum err e = event_part_read(&scratch, w->tx, w->mail->item, is->id, &part.bytes);

	if (e == ERR_NOT_FOUND || e == ERR_CORRUPT)
		return ERR_OK;
	TRY(e);
	buf_fmt(&id, STR_FMT CAL_ATTACH_DOMAIN, STR_ARG(is->id));
	TRY(buf_status(&id));
	part.content_id = buf_view(&id);
	compose_multipart_next(c, mixed);
	compose_part(c, &part);
	return ERR_OK;
}

static void put_texts(const struct writing *w, struct compose *c, struct str type)
{
	const struct meeting_mail *m = w->mail;
	unsigned parts = compose_multipart_begin(c, S("alternative"));

	compose_multipart_next(c, parts);
	compose_text(c, S("text/plain"), m->body.n ? m->body : m->subject);
	compose_multipart_next(c, parts);
	compose_text(c, type, w->calendar);
	compose_multipart_end(c, parts);
}

static enum err write_message(void *ctx, struct body_sink sink)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(HEADER_MAX), type = BUF_INIT(100);
	const struct writing *w = ctx;
	const struct meeting_mail *m = w->mail;
	struct compose c;
	unsigned mixed = 0;
	uint64_t unique;

	TRY(random_octets(&unique, sizeof(unique)));
	TRY(put_header(m, &header));
	buf_fmt(&type, "text/calendar; method=" STR_FMT, STR_ARG(methods[m->message.method]));
	compose_init(&c, sink, unique);
	compose_put(&c, buf_view(&header));
	if (w->attachments_n) {
		mixed = compose_multipart_begin(&c, S("mixed"));
		compose_multipart_next(&c, mixed);
	}
	put_texts(w, &c, buf_view(&type));
	for (size_t i = 0; i < w->attachments_n; i++)
		TRY(put_attachment(w, &c, mixed, &w->attachments[i]));
	if (w->attachments_n)
		compose_multipart_end(&c, mixed);
	return compose_finish(&c);
}

/* As far as the message tells of the event and its instances. */
static enum err list_attachments(struct writing *w)
{
	struct cal_series series;

	if (str_ifind(w->calendar, S("\nATTACH")) == w->calendar.n)
		return ERR_OK;
	TRY(cal_series_read(w->mail->arena, w->calendar, &series));
	return cal_series_attachments(w->mail->arena, &series, &w->attachments, &w->attachments_n);
}

enum err meeting_mail_post(struct store_tx *tx, struct meeting_mail *m)
{
	CLEANUP(buf_release) struct buf calendar = BUF_INIT(2 * CAL_BYTES_MAX);
	struct writing w = { .mail = m, .tx = tx };

	if (m->to_n == 0)
		return ERR_OK;
	TRY(cal_message_write(m->arena, m->text, &m->message, &calendar));
	w.calendar = buf_view(&calendar);
	TRY(list_attachments(&w));
	return outbox_post(tx, &(struct outbox_letter){ .name = m->name,
							.author = m->from->account,
							.to = m->to,
							.to_n = m->to_n,
							.write = write_message,
							.ctx = &w });
}
