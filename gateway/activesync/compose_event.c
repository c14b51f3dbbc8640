/* An event as the original of a reply: a mail from its organizer to who takes part, which says what and when. */
#include <gateway/activesync/compose.h>

#include <gateway/content/calendar_expand.h>
#include <gateway/content/compose.h>
#include <gateway/content/header.h>
#include <gateway/mailbox/entry.h>
#include <gateway/mailbox/event_text.h>
#include <gateway/mailbox/message.h>

enum { TEXT_MAX = 256 * 1024, HEADER_MAX = 1024 * 1024 };

/* One instance as it is by now; the event where none is named. ERR_NOT_FOUND: it has no such instance. */
static enum err choose_instance(struct arena *a, const struct cal_series *s, int64_t instance_ms, struct cal_event *ret)
{
	int64_t length_ms = s->event.end.utc_ms - s->event.start.utc_ms;

	*ret = s->event;
	if (instance_ms == INT64_MIN)
		return ERR_OK;
	TRY(cal_instance_check(a, s, instance_ms));
	for (size_t i = 0; i < s->exceptions_n; i++)
		if (s->exceptions[i].recurrence_id.utc_ms == instance_ms) {
			*ret = s->exceptions[i];
			return ERR_OK;
		}
	ret->recurrence = (struct cal_recurrence){ 0 };
	ret->start.utc_ms = instance_ms;
	ret->start.local = zone_from_utc(&ret->start.zone, ret->start.utc_ms);
	ret->end.utc_ms = instance_ms + length_ms;
	ret->end.local = zone_from_utc(&ret->end.zone, ret->end.utc_ms);
	return ERR_OK;
}

static struct header_address address_of(struct str name, struct str address)
{
	size_t at = str_index(address, '@');

	return (struct header_address){ .name = name,
					.local = str_slice(address, 0, at),
					.domain = str_slice(address, at + 1, address.n) };
}

static enum err put_header(struct eas_request *rq, const struct cal_event *e, struct buf *b)
{
	struct header_address from =
		e->organizer.n ? address_of(e->organizer_name, e->organizer) : address_of(STR_EMPTY, rq->address);
	struct header_address *to = arena_array(rq->arena, e->attendees_n + 1, sizeof(*to));

	if (!to)
		return ERR_LIMIT;
	for (size_t i = 0; i < e->attendees_n; i++)
		to[i] = address_of(e->attendees[i].name, e->attendees[i].address);
	compose_field_addresses(b, S("From"), &from, 1);
	if (e->attendees_n)
		compose_field_addresses(b, S("To"), to, e->attendees_n);
	compose_field_text(b, S("Subject"), e->summary);
	if (e->stamp.given)
		compose_field_date(b, S("Date"), e->stamp.utc_ms);
	return buf_status(b);
}

static enum err write_mail(struct eas_request *rq, const struct cal_event *e, struct str *ret)
{
	CLEANUP(buf_release)
	struct buf header = BUF_INIT(HEADER_MAX), text = BUF_INIT(TEXT_MAX),
		   out = BUF_INIT(2 * (HEADER_MAX + TEXT_MAX));
	struct compose c;

	TRY(put_header(rq, e, &header));
	event_text_put(&text, e);
	TRY(buf_status(&text));
	compose_init(&c, body_sink_buf(&out), 0);
	compose_mail(&c, &(struct compose_mail){ .header = buf_view(&header), .plain = buf_view(&text) });
	TRY(compose_finish(&c));
	return arena_str(rq->arena, buf_view(&out), ret);
}

enum err eas_compose_event(struct eas_request *rq, struct store_tx *tx, const struct item *item, int64_t instance_ms,
			   struct message *ret)
{
	struct str *mail = arena_new(rq->arena, struct str), octets;
	struct message m = { 0 };
	struct cal_series series;
	struct cal_event event;

	if (!mail)
		return ERR_LIMIT;
	TRY(entry_read(rq->arena, tx, item, &octets));
	TRY(cal_series_read(rq->arena, octets, &series));
	TRY(choose_instance(rq->arena, &series, instance_ms, &event));
	TRY(write_mail(rq, &event, mail));
	m.source = mail_source_of_str(mail);
	TRY(mime_parse(rq->arena, &m.source, &m.structure));
	TRY(mail_summary_make(rq->arena, &m.source, &m.structure, &m.summary));
	*ret = m;
	return ERR_OK;
}
