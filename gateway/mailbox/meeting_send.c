/* What goes out by mail about meetings: a text for people and the calendar for programs (RFC 6047), through the queue. */
#include <gateway/mailbox/meeting.h>

#include <gateway/content/compose.h>
#include <gateway/mailbox/event.h>
#include <store/folder.h>

#include <sys/random.h>

enum { ARENA_BYTES = 64 * 1024 * 1024, HEADER_MAX = 256 * 1024, RECIPIENTS_MAX = 500 };

struct message_out {
	const struct send_service *service;
	const struct send_author *owner;
	struct arena *arena;
	struct str calendar; /* with its method */
	struct str method;
	struct str subject, body;
	struct str *to; /* addresses */
	size_t to_n;
	struct queue_name name;
};

static enum err put(void *ctx, struct str octets)
{
	return send_put(ctx, octets);
}

static struct header_address address_of(struct str address)
{
	size_t at = str_index(address, '@');

	return (struct header_address){ .local = str_slice(address, 0, at),
					.domain = str_slice(address, at + 1, address.n) };
}

static enum err put_header(const struct message_out *m, struct buf *b)
{
	struct header_address from = address_of(m->owner->address), *to = arena_array(m->arena, m->to_n, sizeof(*to));

	if (!to)
		return ERR_LIMIT;
	from.name = m->owner->name;
	for (size_t i = 0; i < m->to_n; i++)
		to[i] = address_of(m->to[i]);
	compose_field_addresses(b, S("From"), &from, 1);
	compose_field_addresses(b, S("To"), to, m->to_n);
	compose_field_text(b, S("Subject"), m->subject);
	compose_field_date(b, S("Date"), clock_wall_ms(m->service->clock));
	buf_cstr(b, "Content-Class: urn:content-classes:calendarmessage\r\n");
	return buf_status(b);
}

static enum err write_message(const struct message_out *m, struct send *out)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(HEADER_MAX), type = BUF_INIT(100);
	struct compose c;
	uint64_t unique;
	unsigned parts;

	if (getrandom(&unique, sizeof(unique), 0) != (ssize_t)sizeof(unique))
		return ERR_IO;
	TRY(put_header(m, &header));
	buf_fmt(&type, "text/calendar; method=" STR_FMT, STR_ARG(m->method));
	compose_init(&c, (struct body_sink){ put, out }, unique);
	compose_put(&c, buf_view(&header));
	parts = compose_multipart_begin(&c, S("alternative"));
	compose_multipart_next(&c, parts);
	compose_text(&c, S("text/plain"), m->body.n ? m->body : m->subject);
	compose_multipart_next(&c, parts);
	compose_text(&c, buf_view(&type), m->calendar);
	compose_multipart_end(&c, parts);
	TRY(compose_finish(&c));
	return send_finish(out);
}

/* A repeat is as good as done. */
static enum err send_message(const struct message_out *m)
{
	CLEANUP(send_free) struct send *out = NULL;
	struct queue_recipient *to = arena_array(m->arena, m->to_n, sizeof(*to));
	struct send_args args = {
		.name = m->name, .remember_ms = SEND_REMEMBER_MS, .recipients = to, .recipients_n = m->to_n
	};
	enum err e = send_known(m->service, &m->name);

	if (e)
		return e == ERR_EXISTS ? ERR_OK : e;
	if (!to)
		return ERR_LIMIT;
	for (size_t i = 0; i < m->to_n; i++)
		to[i] = (struct queue_recipient){ .address = m->to[i] };
	TRY(send_new(m->service, m->owner, false, &out));
	TRY(write_message(m, out));
	e = send_commit(out, &args, NULL);
	return e == ERR_EXISTS ? ERR_OK : e;
}

/* ---- the event ---- */

struct event {
	struct item item;
	struct str text;
	struct cal_series series;
};

static enum err load(struct arena *a, struct store_tx *tx, int64_t id, struct event *ret)
{
	TRY(item_find(a, tx, id, &ret->item));
	TRY(entry_read(a, tx, &ret->item, &ret->text));
	return cal_series_read(a, ret->text, &ret->series);
}

static enum err read_event(struct arena *a, struct store *s, int64_t mailbox, int64_t id, struct event *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, mailbox, STORE_READ, &tx));
	return load(a, tx, id, ret);
}

static const struct cal_event *instance_of(const struct event *e, int64_t ms)
{
	for (size_t i = 0; i < e->series.exceptions_n; i++)
		if (e->series.exceptions[i].recurrence_id.utc_ms == ms)
			return &e->series.exceptions[i];
	return &e->series.event;
}

static bool recurs(const struct event *e)
{
	return e->series.event.recurrence.frequency != CAL_NEVER || e->series.event.recurrence.odd;
}

static enum err make_subject(struct arena *a, const char *word, struct str summary, struct str *ret)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(2 * CAL_TEXT_MAX);

	buf_fmt(&b, "%s: " STR_FMT, word, STR_ARG(summary.n ? summary : S("meeting")));
	TRY(buf_status(&b));
	return arena_str(a, buf_view(&b), ret);
}

/* ---- answers ---- */

static const char *word_of(const struct meeting_answer *answer)
{
	if (answer->proposes)
		return "New time proposed";
	return answer->answer == CAL_ANSWER_ACCEPTED    ? "Accepted"
	       : answer->answer == CAL_ANSWER_TENTATIVE ? "Tentative"
							: "Declined";
}

/* Under which of his addresses the owner is invited. */
static struct str own_address(const struct send_author *owner, const struct cal_event *e)
{
	for (size_t i = 0; i < e->attendees_n; i++)
		if (send_is_own(owner, e->attendees[i].address))
			return e->attendees[i].address;
	return owner->address;
}

/*
 * One mail for what is answered: the answer before is part of the name, so that who changes his mind and comes back to
 * it is heard, and a repeat of the request is not.
 */
static enum err name_reply(const struct send_author *owner, const struct event *e, const struct meeting_answer *answer,
			   struct queue_name *ret)
{
	const struct cal_event *was = instance_of(e, answer->instance_ms);
	const int64_t numbers[] = { owner->mailbox,
				    answer->instance_ms,
				    (int64_t)answer->answer,
				    was->answered_ms,
				    e->series.event.sequence,
				    answer->proposes ? answer->start_ms : 0,
				    answer->proposes ? answer->end_ms : 0 };
	const struct str parts[] = { e->series.event.uid, str_from(numbers, sizeof(numbers)) };

	return queue_name_derive("itip-reply", parts, countof(parts), ret);
}

static void propose(const struct event *e, const struct meeting_answer *answer, struct cal_change *c)
{
	c->what = CAL_FIELD_TIMES;
	c->instance_ms = answer->instance_ms;
	c->to.start = c->to.end = e->series.event.start;
	c->to.start.utc_ms = answer->start_ms;
	c->to.start.local = zone_from_utc(&c->to.start.zone, answer->start_ms);
	c->to.end.utc_ms = answer->end_ms;
	c->to.end.local = zone_from_utc(&c->to.end.zone, answer->end_ms);
}

static enum err send_reply(const struct send_service *service, const struct send_author *owner, struct arena *a,
			   const struct event *e, const struct meeting_answer *answer)
{
	CLEANUP(buf_release) struct buf calendar = BUF_INIT(2 * CAL_BYTES_MAX);
	struct cal_change counter = { 0 };
	struct str organizer = e->series.event.organizer;
	struct message_out m = { .service = service,
				 .owner = owner,
				 .arena = a,
				 .method = answer->proposes ? S("COUNTER") : S("REPLY"),
				 .body = answer->body,
				 .to = &organizer,
				 .to_n = 1 };
	struct cal_message what = { .method = answer->proposes ? CAL_COUNTER : CAL_REPLY,
				    .attendee = own_address(owner, &e->series.event),
				    .answer = answer->answer,
				    .instance_ms = answer->instance_ms,
				    .now_ms = clock_wall_ms(service->clock) };

	if (answer->proposes) {
		propose(e, answer, &counter);
		what.counter = &counter;
	}
	TRY(cal_message_write(a, e->text, &what, &calendar));
	m.calendar = buf_view(&calendar);
	TRY(make_subject(a, word_of(answer), e->series.event.summary, &m.subject));
	TRY(name_reply(owner, e, answer, &m.name));
	return send_message(&m);
}

/* As the organizer means it, once it is certain. */
static enum cal_busy busy_of(struct arena *a, const struct event *e, enum cal_answer answer)
{
	struct cal_event intended;
	size_t n;

	if (answer != CAL_ANSWER_ACCEPTED)
		return CAL_TENTATIVE;
	if (cal_event_read(a, e->text, &intended, &n) || intended.busy == CAL_TENTATIVE)
		return CAL_BUSY;
	return intended.busy;
}

static enum err mark(struct arena *a, const struct send_author *owner, const struct event *e,
		     const struct meeting_answer *answer, int64_t now_ms, struct cal_change *c)
{
	const struct cal_event *was = instance_of(e, answer->instance_ms);

	c->instance_ms = answer->instance_ms;
	c->what = CAL_FIELD_ANSWER | CAL_FIELD_BUSY | CAL_FIELD_ATTENDEES;
	c->to.answer = answer->answer;
	c->to.answered_ms = now_ms;
	c->to.busy = busy_of(a, e, answer->answer);
	c->to.attendees_n = was->attendees_n;
	c->to.attendees = arena_array(a, was->attendees_n + 1, sizeof(*c->to.attendees));
	if (!c->to.attendees)
		return ERR_LIMIT;
	for (size_t i = 0; i < was->attendees_n; i++) {
		c->to.attendees[i] = was->attendees[i];
		if (send_is_own(owner, was->attendees[i].address))
			c->to.attendees[i].answer = answer->answer;
	}
	return ERR_OK;
}

static enum err change_calendar(struct arena *a, struct store_tx *tx, const struct send_author *owner,
				const struct event *e, const struct meeting_answer *answer, int64_t now_ms)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(2 * CAL_BYTES_MAX);
	const struct author nobody = { .device = STORE_NOBODY };
	bool one = answer->instance_ms != INT64_MIN, declined = answer->answer == CAL_ANSWER_DECLINED;
	struct cal_change c = { 0 };
	struct cal_edit edit = { .now_ms = now_ms };

	if (declined && !one)
		return item_expunge(tx, e->item.folder, e->item.id, &nobody);
	TRY(mark(a, owner, e, answer, now_ms, &c));
	if (one) {
		c.deleted = declined;
		edit.instances = &c;
		edit.instances_n = 1;
	} else {
		edit.series = c;
	}
	TRY(cal_write(a, e->text, &edit, &out));
	return event_edit(a, tx, &e->item, buf_view(&out), &nobody);
}

static enum err respond(struct arena *a, const struct send_service *service, const struct send_author *owner,
			int64_t event, const struct meeting_answer *answer, bool *ret_kept)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	bool one = answer->instance_ms != INT64_MIN;
	const struct cal_event *is;
	struct event e;

	TRY(read_event(a, service->store, owner->mailbox, event, &e));
	if (e.series.event.organizer.n == 0 || send_is_own(owner, e.series.event.organizer) || e.series.event.cancelled)
		return ERR_INVALID;
	if (one && !recurs(&e))
		return ERR_UNSUPPORTED;
	is = instance_of(&e, answer->instance_ms);
	*ret_kept = one || answer->answer != CAL_ANSWER_DECLINED;
	if (is->answer == answer->answer && !answer->proposes)
		return ERR_OK; /* a repeat */
	if (answer->send)
		TRY(send_reply(service, owner, a, &e, answer));
	TRY(store_begin(service->store, owner->mailbox, STORE_WRITE, &tx));
	TRY(load(a, tx, event, &e));
	TRY(change_calendar(a, tx, owner, &e, answer, clock_wall_ms(service->clock)));
	return store_commit(&tx);
}

enum err meeting_respond(const struct send_service *service, const struct send_author *owner, int64_t event,
			 const struct meeting_answer *answer, bool *ret_kept)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);

	return respond(&a, service, owner, event, answer, ret_kept);
}

/* ---- invitations ---- */

static enum err list_others(struct arena *a, const struct send_author *owner, const struct event *e, struct str **ret,
			    size_t *ret_n)
{
	const struct cal_event *event = &e->series.event;
	struct str *to = arena_array(a, event->attendees_n + 1, sizeof(*to));
	size_t n = 0;

	if (!to)
		return ERR_LIMIT;
	for (size_t i = 0; i < event->attendees_n && n < RECIPIENTS_MAX; i++)
		if (!send_is_own(owner, event->attendees[i].address) &&
		    str_index(event->attendees[i].address, '@') < event->attendees[i].address.n)
			to[n++] = event->attendees[i].address;
	*ret = to;
	*ret_n = n;
	return ERR_OK;
}

static enum err tell(struct arena *a, const struct send_service *service, const struct send_author *owner,
		     const struct event *e, enum cal_method method)
{
	CLEANUP(buf_release) struct buf calendar = BUF_INIT(2 * CAL_BYTES_MAX);
	const struct cal_event *event = &e->series.event;
	struct message_out m = { .service = service, .owner = owner, .arena = a, .body = event->description };
	const struct cal_message what = { .method = method,
					  .instance_ms = INT64_MIN,
					  .now_ms = clock_wall_ms(service->clock) };
	const int64_t numbers[] = { owner->mailbox, event->sequence };

	if (!send_is_own(owner, event->organizer))
		return ERR_OK;
	TRY(list_others(a, owner, e, &m.to, &m.to_n));
	if (m.to_n == 0)
		return ERR_OK;
	TRY(cal_message_write(a, e->text, &what, &calendar));
	m.calendar = buf_view(&calendar);
	m.method = method == CAL_CANCEL ? S("CANCEL") : S("REQUEST");
	if (method == CAL_CANCEL)
		TRY(make_subject(a, "Canceled", event->summary, &m.subject));
	else
		m.subject = event->summary.n ? event->summary : S("Invitation");
	const struct str parts[] = { event->uid, m.method, str_from(numbers, sizeof(numbers)) };
	TRY(queue_name_derive("itip", parts, countof(parts), &m.name));
	return send_message(&m);
}

enum err meeting_tell(const struct send_service *service, const struct send_author *owner, int64_t event,
		      enum cal_method method)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct event e;

	TRY(read_event(&a, service->store, owner->mailbox, event, &e));
	return tell(&a, service, owner, &e, method);
}

enum err meeting_tell_of(const struct send_service *service, const struct send_author *owner, struct str calendar,
			 enum cal_method method)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct event e = { .text = calendar };

	TRY(cal_series_read(&a, calendar, &e.series));
	return tell(&a, service, owner, &e, method);
}
