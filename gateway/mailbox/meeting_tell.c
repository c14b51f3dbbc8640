/*
 * What the organizer's change of an event is to those who take part (RFC 5546): an event as it was and as it is, and the
 * messages that lie between.
 */
#include <gateway/mailbox/meeting.h>

#include <gateway/content/calendar_expand.h>
#include <gateway/mailbox/meeting_mail.h>

enum {
	RECIPIENTS_MAX = 500, /* of one message; the others get one of their own */
	MESSAGE_ARENA_BYTES = 64 * 1024 * 1024,
};

struct telling {
	struct arena *arena;
	struct store_tx *tx;
	const struct send_author *owner;
	struct str before_text, after_text;
	int64_t item;
	struct cal_series before, after; /* without an event where there is no text */
	int64_t now_ms;
	bool posted;
};

/* ---- people ---- */

struct people {
	struct str *list;
	size_t n;
};

static bool takes_part(const struct cal_event *e, struct str address)
{
	for (size_t i = 0; i < e->attendees_n; i++)
		if (str_ieq(e->attendees[i].address, address))
			return true;
	return false;
}

static bool is_among(const struct people *p, struct str address)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_ieq(p->list[i], address))
			return true;
	return false;
}

/* Those of an event who are not the owner, and do not take part in `but` (may be NULL). */
static enum err add_people(const struct telling *t, struct people *p, const struct cal_event *e,
			   const struct cal_event *but)
{
	p->list = arena_array(t->arena, e->attendees_n + 1, sizeof(*p->list));
	if (!p->list)
		return ERR_LIMIT;
	for (size_t i = 0; i < e->attendees_n; i++) {
		struct str address = e->attendees[i].address;
		size_t at = str_index(address, '@');

		if (at > 0 && at + 1 < address.n && !send_is_own(t->owner, address) && !is_among(p, address) &&
		    !(but && takes_part(but, address)))
			p->list[p->n++] = address;
	}
	return ERR_OK;
}

/* Without those who were taken off the series, which calls off all instances for them. */
static void drop_taken_off(const struct telling *t, struct people *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (!takes_part(&t->before.event, p->list[i]) || takes_part(&t->after.event, p->list[i]))
			p->list[n++] = p->list[i];
	p->n = n;
}

/* ---- messages ---- */

static int max_sequence(const struct cal_series *s)
{
	int n = s->event.sequence;

	for (size_t i = 0; i < s->exceptions_n; i++)
		if (s->exceptions[i].sequence > n)
			n = s->exceptions[i].sequence;
	return n;
}

/* One message: to some of those whom it is for. */
static enum err post_to(struct telling *t, const struct meeting_mail *all, const struct str *to, size_t n)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT(MESSAGE_ARENA_BYTES);
	struct meeting_mail m = *all;

	m.arena = &scratch;
	m.to = to;
	m.to_n = n;
	if (m.message.removed) { /* he who is not there any more is told so himself, and nobody else */
		m.message.removed = to;
		m.message.removed_n = n;
	}
	TRY(meeting_mail_name(&m.name));
	return meeting_mail_post(t->tx, &m);
}

static enum err post(struct telling *t, struct meeting_mail *m, const struct people *to, const struct cal_event *of)
{
	m->from = t->owner;
	m->item = t->item;
	m->body = of->description;
	m->message.now_ms = t->now_ms;
	if (m->message.method == CAL_CANCEL)
		TRY(meeting_mail_subject(t->arena, "Canceled", of->summary, &m->subject));
	else
		m->subject = of->summary.n ? of->summary : S("Invitation");
	for (size_t i = 0; i < to->n; i += RECIPIENTS_MAX)
		TRY(post_to(t, m, to->list + i, to->n - i < RECIPIENTS_MAX ? to->n - i : RECIPIENTS_MAX));
	t->posted |= to->n > 0;
	return ERR_OK;
}

/* instance_ms: INT64_MIN is the series, with all that is said of single instances. */
static enum err invite(struct telling *t, int64_t instance_ms, const struct people *to, const struct cal_event *of)
{
	struct meeting_mail m = { .text = t->after_text,
				  .message = { .method = CAL_REQUEST, .instance_ms = instance_ms } };

	return post(t, &m, to, of);
}

/* Of what was. some: for them alone, while it goes on for the others. */
static enum err call_off(struct telling *t, int64_t instance_ms, const struct people *to, bool some,
			 const struct cal_event *of)
{
	struct meeting_mail m = { .text = t->before_text,
				  .message = { .method = CAL_CANCEL,
					       .instance_ms = instance_ms,
					       .removed = some ? to->list : NULL,
					       .removed_n = to->n } };

	m.message.sequence = max_sequence(t->after_text.n ? &t->after : &t->before);
	if (m.message.sequence <= max_sequence(&t->before))
		m.message.sequence = max_sequence(&t->before) + 1;
	if (t->after_text.n && cal_series_stamp(&t->after) > cal_series_stamp(&t->before))
		m.message.stamp_ms = cal_series_stamp(&t->after);
	return post(t, &m, to, of);
}

/* ---- what differs ---- */

static bool same_people(const struct cal_event *a, const struct cal_event *b)
{
	if (a->attendees_n != b->attendees_n)
		return false;
	for (size_t i = 0; i < a->attendees_n; i++) {
		size_t k = str_ieq(a->attendees[i].address, b->attendees[i].address) ? i : 0; /* mostly */

		while (k < b->attendees_n && !str_ieq(a->attendees[i].address, b->attendees[k].address))
			k++;
		if (k == b->attendees_n || a->attendees[i].role != b->attendees[k].role)
			return false;
	}
	return true;
}

/* Does it concern those who take part? What they have answered does not. */
static bool differs(const struct cal_event *before, const struct cal_event *after)
{
	struct cal_change c = { .what = CAL_FIELD_SUMMARY | CAL_FIELD_LOCATION | CAL_FIELD_BODY | CAL_FIELD_TIMES |
					CAL_FIELD_RULE | CAL_FIELD_CANCELLED | CAL_FIELD_NO_COUNTER |
					CAL_FIELD_ATTACHMENTS,
				.to = *after };

	cal_change_reduce(&c, before);
	return c.what || !same_people(before, after);
}

static bool same_dates(const struct cal_series *a, const struct cal_series *b)
{
	if (a->dates_n != b->dates_n || !str_eq(a->rule, b->rule))
		return false;
	for (size_t i = 0; i < a->dates_n; i++)
		if (a->dates[i].start.utc_ms != b->dates[i].start.utc_ms ||
		    a->dates[i].duration_ms != b->dates[i].duration_ms)
			return false;
	return true;
}

static const struct cal_event *exception_of(const struct cal_series *s, int64_t instance_ms)
{
	for (size_t i = 0; i < s->exceptions_n; i++)
		if (s->exceptions[i].recurrence_id.utc_ms == instance_ms)
			return &s->exceptions[i];
	return NULL;
}

/* An instance as it was: an exception, or what the series says of it. */
static struct cal_event instance_before(const struct telling *t, int64_t instance_ms)
{
	const struct cal_event *x = exception_of(&t->before, instance_ms);
	struct cal_event e = x ? *x : t->before.event;
	int64_t length = e.end.utc_ms - e.start.utc_ms;

	if (x)
		return e;
	e.recurrence = (struct cal_recurrence){ .interval = 1 };
	e.start.utc_ms = instance_ms;
	e.end.utc_ms = instance_ms + length;
	return e;
}

/* An instance is the series' again: that is said with the whole alone. */
static bool is_restored(const struct telling *t)
{
	for (size_t i = 0; i < t->before.deleted_n; i++)
		if (!cal_series_deletes(&t->after, t->before.deleted[i].utc_ms))
			return true;
	for (size_t i = 0; i < t->before.exceptions_n; i++) {
		int64_t ms = t->before.exceptions[i].recurrence_id.utc_ms;

		if (!exception_of(&t->after, ms) && !cal_series_deletes(&t->after, ms))
			return true;
	}
	return false;
}

static bool is_news(const struct telling *t)
{
	return !t->before_text.n || differs(&t->before.event, &t->after.event) || !same_dates(&t->before, &t->after) ||
	       is_restored(t);
}

/* ---- what is told ---- */

/* To each who takes part in the series the whole; who is in single instances alone gets those. */
static enum err invite_all(struct telling *t)
{
	struct people to = { 0 };

	TRY(add_people(t, &to, &t->after.event, NULL));
	TRY(invite(t, INT64_MIN, &to, &t->after.event));
	for (size_t i = 0; i < t->after.exceptions_n; i++) {
		const struct cal_event *x = &t->after.exceptions[i];
		struct people more = { 0 };

		TRY(add_people(t, &more, x, &t->after.event));
		TRY(invite(t, x->recurrence_id.utc_ms, &more, x));
	}
	return ERR_OK;
}

static enum err call_off_all(struct telling *t)
{
	struct people to = { 0 };

	TRY(add_people(t, &to, &t->before.event, NULL));
	TRY(call_off(t, INT64_MIN, &to, false, &t->before.event));
	for (size_t i = 0; i < t->before.exceptions_n; i++) {
		const struct cal_event *x = &t->before.exceptions[i];
		struct people more = { 0 };

		TRY(add_people(t, &more, x, &t->before.event));
		TRY(call_off(t, x->recurrence_id.utc_ms, &more, false, x));
	}
	return ERR_OK;
}

/* Instances that were deleted. */
static enum err call_off_instances(struct telling *t)
{
	for (size_t i = 0; i < t->after.deleted_n; i++) {
		int64_t ms = t->after.deleted[i].utc_ms;
		struct people to = { 0 };
		struct cal_event was;

		if (cal_series_deletes(&t->before, ms))
			continue;
		was = instance_before(t, ms);
		TRY(add_people(t, &to, &was, NULL));
		TRY(call_off(t, ms, &to, false, &was));
	}
	return ERR_OK;
}

/* whole: who takes part in the series has been told of it, with all instances. */
static enum err tell_instances(struct telling *t, bool whole)
{
	for (size_t i = 0; i < t->after.exceptions_n; i++) {
		const struct cal_event *is = &t->after.exceptions[i];
		int64_t ms = is->recurrence_id.utc_ms;
		const struct cal_event was = instance_before(t, ms);
		struct people gone = { 0 }, to = { 0 };

		if (!differs(&was, is))
			continue;
		if (is->cancelled && !was.cancelled) {
			TRY(add_people(t, &to, &was, NULL));
			drop_taken_off(t, &to);
			TRY(call_off(t, ms, &to, false, &was));
			continue;
		}
		TRY(add_people(t, &gone, &was, is));
		drop_taken_off(t, &gone);
		TRY(call_off(t, ms, &gone, true, &was));
		TRY(add_people(t, &to, is, NULL));
		if (!whole)
			TRY(invite(t, ms, &to, is));
	}
	return ERR_OK;
}

static enum err tell_of_change(struct telling *t)
{
	struct people gone = { 0 };
	bool news = is_news(t);

	if (t->after.event.cancelled)
		return t->before.event.cancelled ? ERR_OK : call_off_all(t);
	TRY(add_people(t, &gone, &t->before.event, &t->after.event));
	TRY(call_off(t, INT64_MIN, &gone, true, &t->before.event));
	if (news)
		TRY(invite_all(t));
	else
		TRY(call_off_instances(t));
	return tell_instances(t, news);
}

static enum err is_over(struct telling *t, bool *ret)
{
	struct cal_plan plan;

	TRY(cal_plan_make(t->arena, &t->before, &plan));
	*ret = plan.last_ms < t->now_ms;
	return ERR_OK;
}

static enum err tell_of_end(struct telling *t)
{
	bool over;

	TRY(is_over(t, &over));
	return over || t->before.event.cancelled ? ERR_OK : call_off_all(t);
}

static bool has_others(const struct cal_series *s)
{
	bool any = s->event.attendees_n > 0;

	for (size_t i = 0; i < s->exceptions_n; i++)
		any |= s->exceptions[i].attendees_n > 0;
	return any;
}

enum err meeting_may_tell(struct arena *a, const struct send_author *owner, struct str event)
{
	struct cal_series series;
	enum err e = cal_series_read_people(a, event, &series);

	if (e != ERR_LIMIT)
		return ERR_OK;
	TRY(cal_series_read(a, event, &series));
	return send_is_own(owner, series.event.organizer) ? ERR_LIMIT : ERR_OK;
}

enum err meeting_tell(struct arena *a, struct store_tx *tx, const struct send_author *owner,
		      const struct meeting_change *change, bool *ret_posted)
{
	struct telling t = { .arena = a,
			     .tx = tx,
			     .owner = owner,
			     .before_text = change->before,
			     .after_text = change->after,
			     .item = change->item,
			     .now_ms = change->now_ms };

	if (str_eq(change->before, change->after))
		return ERR_OK;
	if (change->before.n)
		TRY(cal_series_read_people(a, change->before, &t.before));
	if (change->after.n)
		TRY(cal_series_read_people(a, change->after, &t.after));
	if (!send_is_own(owner, (change->after.n ? &t.after : &t.before)->event.organizer) ||
	    !(has_others(&t.before) || has_others(&t.after)))
		return ERR_OK;
	if (!change->after.n)
		TRY(tell_of_end(&t));
	else if (!change->before.n)
		TRY(invite_all(&t));
	else
		TRY(tell_of_change(&t));
	*ret_posted |= t.posted;
	return ERR_OK;
}
