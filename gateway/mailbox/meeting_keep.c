/* What a later invitation leaves of what the owner has said to the former one. */
#include <gateway/mailbox/meeting_keep.h>

#include <gateway/content/calendar_expand.h>

/* ---- instances ---- */

const struct cal_event *meeting_event_of(const struct cal_series *s, int64_t instance_ms)
{
	for (size_t i = 0; i < s->exceptions_n; i++)
		if (s->exceptions[i].recurrence_id.utc_ms == instance_ms)
			return &s->exceptions[i];
	return &s->event;
}

static struct cal_event instance_of(const struct cal_series *s, int64_t instance_ms)
{
	struct cal_event e = *meeting_event_of(s, instance_ms);
	int64_t length = e.end.utc_ms - e.start.utc_ms;

	if (e.recurrence_id.given)
		return e;
	e.recurrence = (struct cal_recurrence){ .interval = 1 };
	e.start.utc_ms = instance_ms;
	e.end.utc_ms = instance_ms + length;
	return e;
}

struct cal_event meeting_instance(const struct cal_series *s, int64_t instance_ms)
{
	const struct cal_declined *declined = cal_series_declined(s, instance_ms);
	struct cal_event was = instance_of(s, instance_ms);

	if (declined) {
		was.start.utc_ms = declined->start_ms;
		was.end.utc_ms = declined->end_ms;
	}
	return was;
}

/* ---- the owner's ---- */

static bool is_same_time(const struct cal_event *a, const struct cal_event *b)
{
	struct cal_change c = { .what = CAL_FIELD_TIMES | CAL_FIELD_RULE, .to = *a };

	cal_change_reduce(&c, b);
	return c.what == 0;
}

/* An answer holds as long as the time does. What is the owner's own stays his. */
static void keep_own(const struct cal_event *was, const struct cal_event *is, struct cal_change *own)
{
	bool same = is_same_time(was, is);

	own->what = CAL_FIELD_ANSWER | CAL_FIELD_BUSY | CAL_FIELD_CATEGORIES;
	own->to.answer = same && was->answer != CAL_ANSWER_UNKNOWN ? was->answer : CAL_ANSWER_NONE;
	own->to.answered_ms = same ? was->answered_ms : 0;
	own->to.busy = same ? was->busy : CAL_TENTATIVE;
	own->to.categories = was->categories;
	own->to.categories_n = was->categories_n;
	if (was->has_reminder) {
		own->what |= CAL_FIELD_REMINDER;
		own->to.has_reminder = true;
		own->to.reminder_s = was->reminder_s;
	}
	/* Guests are not to see it by an update. */
	if (was->sensitivity != CAL_NORMAL && is->sensitivity == CAL_NORMAL) {
		own->what |= CAL_FIELD_CLASS;
		own->to.sensitivity = was->sensitivity;
	}
}

/* What the owner has said of single instances. */
struct keeping {
	const struct cal_series *was, *is;
	struct cal_plan plan; /* of the series as it is from now on */
	struct cal_change *list;
	size_t n;
};

static bool is_noted(const struct keeping *k, int64_t instance_ms)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->list[i].instance_ms == instance_ms)
			return true;
	return false;
}

static void keep_instance(struct keeping *k, int64_t instance_ms)
{
	const struct cal_declined *declined = cal_series_declined(k->was, instance_ms);
	const struct cal_event is = instance_of(k->is, instance_ms), was = meeting_instance(k->was, instance_ms);
	struct cal_change *c = &k->list[k->n++];

	c->instance_ms = instance_ms;
	if (declined && is.start.utc_ms == declined->start_ms && is.end.utc_ms == declined->end_ms) {
		c->deleted = true;
		c->what = CAL_FIELD_ANSWER;
		c->to.answer = CAL_ANSWER_DECLINED;
		c->to.answered_ms = declined->answered_ms;
		return;
	}
	keep_own(&was, &is, c);
	if (declined)
		c->to.answer = CAL_ANSWER_NONE;
}

/* Of one that the new series has not told by itself: an answer that is another one than that to the series. */
static void keep_unnamed(struct keeping *k, int64_t instance_ms, int64_t start_ms, int64_t end_ms)
{
	const struct cal_event is = instance_of(k->is, instance_ms);

	if (!is_noted(k, instance_ms) && is.start.utc_ms == start_ms && is.end.utc_ms == end_ms &&
	    (is.recurrence_id.given || cal_plan_has(&k->plan, instance_ms)))
		keep_instance(k, instance_ms);
}

/* Of the instances that have words of their own, CAL_INSTANCES_MAX at most. */
static enum err keep_instances(struct arena *a, struct keeping *k)
{
	const struct cal_series *is = k->is, *was = k->was;

	k->list = arena_array(a, is->exceptions_n + was->exceptions_n + was->declined_n + 1, sizeof(*k->list));
	if (!k->list)
		return ERR_LIMIT;
	for (size_t i = 0; i < is->exceptions_n; i++)
		keep_instance(k, is->exceptions[i].recurrence_id.utc_ms);
	for (size_t i = 0; i < was->exceptions_n; i++) {
		const struct cal_event *x = &was->exceptions[i];

		if (x->answer != was->event.answer || x->answered_ms != was->event.answered_ms)
			keep_unnamed(k, x->recurrence_id.utc_ms, x->start.utc_ms, x->end.utc_ms);
	}
	for (size_t i = 0; i < was->declined_n; i++)
		keep_unnamed(k, was->declined[i].instance_ms, was->declined[i].start_ms, was->declined[i].end_ms);
	return ERR_OK;
}

enum err meeting_keep_own(struct arena *a, const struct cal_series *was, const struct cal_series *is,
			  struct cal_edit *edit)
{
	struct keeping k = { .was = was, .is = is };

	TRY(cal_plan_make(a, is, &k.plan));
	TRY(keep_instances(a, &k));
	keep_own(&was->event, &is->event, &edit->series);
	edit->instances = k.list;
	edit->instances_n = k.n;
	return ERR_OK;
}
