/* What the owner answers to a meeting: the mail to its organizer and the change of the calendar. */
#include <gateway/mailbox/meeting.h>

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/meeting_mail.h>
#include <store/declined.h>

static const struct author nobody = { .device = STORE_NOBODY };

/* ---- the event ---- */

struct event {
	struct item item;
	struct str text;
	struct cal_series series;
	struct declined
		declined; /* the last time that its owner did, whereupon it went; all 0: he has not, or has come back to it */
};

/* Of which an invitation to one instance alone is another one. */
static struct declined_event name_of(const struct event *e)
{
	const struct cal_event *event = &e->series.event;

	return (struct declined_event){ event->uid, e->series.orphan ? event->recurrence_id.utc_ms : INT64_MIN };
}

static enum err load(struct arena *a, struct store_tx *tx, int64_t id, struct event *ret)
{
	enum err e;

	*ret = (struct event){ 0 };
	TRY(item_find(a, tx, id, &ret->item));
	TRY(entry_read(a, tx, &ret->item, &ret->text));
	TRY(cal_series_read(a, ret->text, &ret->series));
	e = declined_get(tx, name_of(ret), &ret->declined);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
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

/* When the owner has answered it last; 0: never. */
static int64_t answered_ms(const struct event *e, int64_t instance_ms)
{
	const struct cal_declined *declined = cal_series_declined(&e->series, instance_ms);

	if (instance_ms == INT64_MIN && e->declined.answered_ms)
		return e->declined.answered_ms;
	return declined ? declined->answered_ms : instance_of(e, instance_ms)->answered_ms;
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
 * it is heard, and a repeat of the request is not. Who answers for him may do so by a mail of his own as well, of which the answer itself
 * is known alone: then the moment of that is the part, which is another one for each.
 */
static enum err name_reply(const struct send_author *owner, const struct event *e, const struct meeting_answer *answer,
			   struct queue_name *ret)
{
	const int64_t when = owner->sent_by.n ? answer->now_ms / 1000 : answered_ms(e, answer->instance_ms);
	const int64_t numbers[] = { owner->mailbox,
				    e->series.orphan ? name_of(e).instance_ms : answer->instance_ms,
				    (int64_t)answer->answer,
				    when,
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

static enum err post_reply(struct arena *a, struct store_tx *tx, const struct send_author *owner, const struct event *e,
			   const struct meeting_answer *answer)
{
	struct cal_change counter = { 0 };
	struct meeting_mail m = { .arena = a,
				  .from = owner,
				  .text = e->text,
				  .body = answer->body,
				  .to = &e->series.event.organizer,
				  .to_n = 1,
				  .message = { .method = answer->proposes ? CAL_COUNTER : CAL_REPLY,
					       .attendee = own_address(owner, &e->series.event),
					       .sent_by = owner->sent_by,
					       .answer = answer->answer,
					       .instance_ms = answer->instance_ms,
					       .now_ms = answer->now_ms } };

	if (answer->proposes) {
		propose(e, answer, &counter);
		m.message.counter = &counter;
	}
	TRY(meeting_mail_subject(a, word_of(answer), instance_of(e, answer->instance_ms)->summary, &m.subject));
	TRY(name_reply(owner, e, answer, &m.name));
	return meeting_mail_post(tx, &m);
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
		     const struct meeting_answer *answer, struct cal_change *c)
{
	const struct cal_event *was = instance_of(e, answer->instance_ms);

	c->instance_ms = answer->instance_ms;
	c->what = CAL_FIELD_ANSWER | CAL_FIELD_BUSY;
	c->to.answer = answer->answer;
	c->to.answered_ms = answer->now_ms;
	c->to.busy = busy_of(a, e, answer->answer);
	c->to.attendees = arena_array(a, was->attendees_n + 1, sizeof(*c->to.attendees));
	if (!c->to.attendees)
		return ERR_LIMIT;
	for (size_t i = 0; i < was->attendees_n; i++)
		if (send_is_own(owner, was->attendees[i].address) && was->attendees[i].answer != answer->answer)
			c->to.attendees[c->to.attendees_n++] =
				(struct cal_attendee){ .address = was->attendees[i].address, .answer = answer->answer };
	if (c->to.attendees_n)
		c->what |= CAL_FIELD_ANSWERS;
	return ERR_OK;
}

static struct declined revision_of(const struct event *e)
{
	const struct cal_event *event = &e->series.event;

	return (struct declined){ .sequence = event->sequence,
				  .stamp_ms = event->stamp.given ? event->stamp.utc_ms : INT64_MIN };
}

static enum err leave(struct store_tx *tx, const struct event *e, int64_t now_ms)
{
	struct declined d = revision_of(e);

	d.answered_ms = now_ms;
	TRY(declined_put(tx, name_of(e), &d));
	return item_expunge(tx, e->item.folder, e->item.id, &nobody);
}

static enum err change_calendar(struct arena *a, struct store_tx *tx, const struct send_author *owner,
				const struct event *e, const struct meeting_answer *answer)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(2 * CAL_BYTES_MAX);
	bool one = answer->instance_ms != INT64_MIN, declined = answer->answer == CAL_ANSWER_DECLINED;
	struct cal_change c = { 0 };
	struct cal_edit edit = { .now_ms = answer->now_ms, .keeps_stamp = true };

	if (declined && !one)
		return leave(tx, e, answer->now_ms);
	if (!one)
		TRY(declined_forget(tx, name_of(e)));
	TRY(mark(a, owner, e, answer, &c));
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

/* One that was declined may be answered otherwise still. */
static enum err check_instance(struct arena *a, const struct event *e, int64_t instance_ms)
{
	struct cal_series whole = e->series;

	whole.deleted_n = 0;
	return cal_instance_check(a, &whole, instance_ms);
}

/* This revision of it, or a later one. */
static bool has_left(const struct event *e)
{
	const struct declined is = revision_of(e), *was = &e->declined;

	if (!was->answered_ms)
		return false;
	return is.sequence < was->sequence || (is.sequence == was->sequence && is.stamp_ms <= was->stamp_ms);
}

static bool says_so(const struct event *e, const struct meeting_answer *answer)
{
	if (cal_series_declined(&e->series, answer->instance_ms))
		return answer->answer == CAL_ANSWER_DECLINED;
	return instance_of(e, answer->instance_ms)->answer == answer->answer;
}

enum err meeting_respond(struct arena *a, struct store_tx *tx, const struct send_author *owner, int64_t event,
			 const struct meeting_answer *asked, bool *ret_kept)
{
	struct meeting_answer answer = *asked;
	struct event e;
	int64_t was_ms;

	TRY(load(a, tx, event, &e));
	if (e.series.event.organizer.n == 0 || send_is_own(owner, e.series.event.organizer) || e.series.event.cancelled)
		return ERR_INVALID;
	if (e.series.orphan) /* the one instance that he is invited to */
		answer.instance_ms = INT64_MIN;
	if (answer.instance_ms != INT64_MIN && !recurs(&e))
		return ERR_UNSUPPORTED;
	if (answer.instance_ms != INT64_MIN)
		TRY(check_instance(a, &e, answer.instance_ms));
	*ret_kept = answer.instance_ms != INT64_MIN || answer.answer != CAL_ANSWER_DECLINED;
	if (says_so(&e, &answer) && !answer.proposes)
		return ERR_OK;                              /* a repeat */
	if (!*ret_kept && has_left(&e) && !answer.proposes) /* a repeat, for which the event was made anew */
		return item_expunge(tx, e.item.folder, e.item.id, &nobody);
	/* RFC 5546 section 2.1.5: the organizer takes the one with the later stamp, which counts seconds. */
	was_ms = answered_ms(&e, answer.instance_ms);
	if (was_ms && answer.now_ms / 1000 <= was_ms / 1000)
		answer.now_ms = (was_ms / 1000 + 1) * 1000;
	if (answer.send)
		TRY(post_reply(a, tx, owner, &e, &answer));
	return change_calendar(a, tx, owner, &e, &answer);
}

/* ---- an answer that somebody else writes ---- */

static enum err load_declined(struct arena *a, struct store_tx *tx, struct str reply, struct event *ret)
{
	*ret = (struct event){ .text = reply };
	TRY(cal_series_read(a, reply, &ret->series));
	return declined_get(tx, name_of(ret), &ret->declined);
}

enum err meeting_reply(struct arena *a, struct store_tx *tx, const struct send_author *owner, int64_t event,
		       struct str reply, const struct meeting_answer *asked)
{
	struct meeting_answer answer = *asked;
	struct event e;
	bool kept;

	TRY(event ? load(a, tx, event, &e) : load_declined(a, tx, reply, &e));
	if (!event && answer.answer != CAL_ANSWER_DECLINED)
		return ERR_NOT_FOUND;
	if (e.series.orphan)
		answer.instance_ms = INT64_MIN;
	if (event && !says_so(&e, &answer))
		return meeting_respond(a, tx, owner, event, &answer, &kept);
	answer.now_ms = answered_ms(&e, answer.instance_ms);
	return post_reply(a, tx, owner, &e, &answer);
}
