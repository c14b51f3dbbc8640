#include <gateway/mailbox/room.h>

#include <base/log.h>
#include <gateway/mailbox/event.h>
#include <gateway/mailbox/freebusy.h>
#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/meeting.h>
#include <gateway/mailbox/outbox.h>
#include <store/account.h>
#include <store/mail_group.h>

enum { ARENA_BYTES = 64 * 1024 * 1024, WINDOW_BYTES = 16 * 1024 * 1024 };
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

/* ---- whose invitations ---- */

static enum err is_answered(struct arena *a, struct store *s, int64_t account, int64_t sender, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account room;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_get(a, tx, account, &room));
	*ret = room.answers == ACCOUNT_ANSWERS_ANYONE || (room.answers == ACCOUNT_ANSWERS_ACCOUNTS && sender != 0);
	return ERR_OK;
}

/* ERR_NOT_FOUND: one of them is a group, to which the room would say in its own name what strangers may not. */
static enum err check_organizers(struct arena *a, struct store *s, struct str calendar)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct mail_group group;
	struct str *list;
	size_t n;

	TRY(cal_split_each(a, calendar, S("VEVENT"), &list, &n));
	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	for (size_t i = 0; i < n; i++) { /* which of them are answered is not known yet */
		struct cal_event asked;
		size_t one;

		TRY(cal_event_read(a, list[i], &asked, &one));
		enum err e = mail_group_find(a, tx, asked.organizer, &group);
		if (e != ERR_NOT_FOUND)
			return e ? e : ERR_NOT_FOUND;
	}
	return ERR_OK;
}

/* ---- is it free? ---- */

/* What is asked for: an event, or one instance of it. */
struct question {
	struct item event;
	int64_t instance_ms;      /* INT64_MIN: all of them */
	int64_t start_ms, end_ms; /* of the first one; of the instance */
};

static bool is_asked(const struct question *q, const struct busy_interval *i)
{
	return i->item == q->event.id && (q->instance_ms == INT64_MIN || i->instance_ms == q->instance_ms);
}

/* Does a time that is asked for meet another one? Both are in order. */
static bool collides(const struct busy_list *busy, const struct question *q)
{
	for (size_t i = 0; i < busy->n; i++) {
		if (!is_asked(q, &busy->list[i]))
			continue;
		for (size_t j = 0; j < busy->n && busy->list[j].start_ms < busy->list[i].end_ms; j++)
			if (busy->list[j].end_ms > busy->list[i].start_ms && !is_asked(q, &busy->list[j]))
				return true;
	}
	return false;
}

/* Who waits for an answer has the room not yet: nobody takes it from others by asking alone. */
static enum err look(struct store_tx *tx, const struct question *q, int64_t from_ms, int64_t to_ms, bool *ret_free)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(WINDOW_BYTES);
	const struct busy_window window = {
		.from_ms = from_ms, .to_ms = to_ms, .all_calendars = true, .asking = q->event.id
	};
	struct busy_list busy;

	TRY(freebusy_read(&a, tx, &window, &busy));
	if (busy.cut)
		return ERR_LIMIT;
	*ret_free = !collides(&busy, q);
	return ERR_OK;
}

static enum err is_free(struct arena *a, struct store_tx *tx, const struct question *q, int64_t now_ms, bool *ret)
{
	const int64_t step = (int64_t)FREEBUSY_DAYS_MAX * DAY_MS;
	struct cal_plan plan;

	TRY(event_plan(a, tx, q->event.id, &plan));
	int64_t from = q->start_ms > now_ms ? q->start_ms : now_ms, until = from + (int64_t)ROOM_HORIZON_DAYS * DAY_MS,
		last = q->instance_ms == INT64_MIN ? plan.last_ms : q->end_ms;
	if (last != CAL_ENDLESS && last < until)
		until = last;
	*ret = true;
	for (; *ret && from < until; from += step)
		TRY(look(tx, q, from, from + step < until ? from + step : until, ret));
	return ERR_OK;
}

/* ---- the answer ---- */

/* An instance that was told by itself. ERR_NOT_FOUND: nothing was said of it. */
static enum err find_instance(const struct cal_series *s, int64_t instance_ms, const struct cal_event **ret)
{
	for (size_t i = 0; i < s->exceptions_n; i++)
		if (s->exceptions[i].recurrence_id.utc_ms == instance_ms) {
			*ret = &s->exceptions[i];
			return ERR_OK;
		}
	return ERR_NOT_FOUND;
}

/* ERR_NOT_FOUND: there is nothing to answer. */
static enum err find_request(struct arena *a, struct store_tx *tx, const struct cal_event *asked, struct question *ret)
{
	const struct cal_event *stored;
	struct cal_series series;
	struct str text;

	if (asked->this_and_future)
		return ERR_NOT_FOUND;
	TRY(meeting_find(a, tx, asked, &ret->event));
	TRY(entry_read(a, tx, &ret->event, &text));
	TRY(cal_series_read(a, text, &series));
	if (!str_ieq(asked->organizer, series.event.organizer)) /* the mail is not what has put it there */
		return ERR_NOT_FOUND;
	stored = &series.event;
	ret->instance_ms = INT64_MIN;
	if (asked->recurrence_id.given && !series.orphan) {
		ret->instance_ms = asked->recurrence_id.utc_ms;
		TRY(find_instance(&series, ret->instance_ms, &stored));
	}
	ret->start_ms = stored->start.utc_ms;
	ret->end_ms = stored->end.utc_ms;
	for (size_t i = 0; i < series.exceptions_n && ret->instance_ms == INT64_MIN; i++)
		if (series.exceptions[i].start.utc_ms < ret->start_ms) /* one that was moved to before the first */
			ret->start_ms = series.exceptions[i].start.utc_ms;
	return stored->answer == CAL_ANSWER_NONE && !series.event.cancelled && !stored->cancelled ? ERR_OK
												  : ERR_NOT_FOUND;
}

/* ---- all that a mail asks ---- */

struct asking {
	struct arena *arena;
	struct store_tx *tx;
	const struct send_author *room;
	int64_t now_ms;
	unsigned left; /* of MEETING_EVENTS_MAX */
	bool any;      /* something was answered */
};

static enum err answer_one(struct asking *q, const struct cal_event *event)
{
	struct meeting_answer to = { .answer = CAL_ANSWER_ACCEPTED, .send = true, .now_ms = q->now_ms };
	struct question asked;
	bool is_kept, free_then;
	enum err e;

	if (q->left == 0)
		return ERR_OK;
	q->left--;
	e = find_request(q->arena, q->tx, event, &asked);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	TRY(is_free(q->arena, q->tx, &asked, q->now_ms, &free_then));
	to.instance_ms = asked.instance_ms;
	if (!free_then) {
		to.answer = CAL_ANSWER_DECLINED;
		to.body = S("It is taken at that time, or at one of those times.");
	}
	q->any = true;
	return meeting_respond(q->arena, q->tx, q->room, asked.event.id, &to, &is_kept);
}

/*
 * A series and, where that is answered already, those of its instances that have another time now; or instances by themselves.
 */
static enum err answer_event(struct asking *q, struct str text)
{
	struct cal_series asked;

	TRY(cal_series_read(q->arena, text, &asked));
	TRY(answer_one(q, &asked.event));
	for (size_t i = 0; i < asked.exceptions_n; i++)
		TRY(answer_one(q, &asked.exceptions[i]));
	return ERR_OK;
}

static enum err answer(struct arena *a, const struct send_service *service, const struct send_author *room,
		       struct str calendar)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct asking q = {
		.arena = a, .room = room, .now_ms = clock_wall_ms(service->clock), .left = MEETING_EVENTS_MAX
	};
	struct cal_event first;
	struct str *list;
	size_t n;

	TRY(cal_event_read(a, calendar, &first, &n));
	if (first.method != CAL_REQUEST)
		return ERR_NOT_FOUND;
	TRY(cal_split(a, calendar, S("VEVENT"), &list, &n));
	TRY(store_begin(service->store, room->mailbox, STORE_WRITE, &tx));
	q.tx = tx;
	for (size_t i = 0; i < n; i++)
		TRY(answer_event(&q, list[i]));
	return q.any ? store_commit(&tx) : ERR_NOT_FOUND;
}

static enum err consider(struct arena *a, const struct send_service *service, int64_t account, int64_t sender,
			 struct intake *in)
{
	struct send_author room;
	struct str calendar;
	bool answers;

	TRY(is_answered(a, service->store, account, sender, &answers));
	if (!answers)
		return ERR_OK;
	TRY(intake_calendar(a, in, &calendar));
	TRY(check_organizers(a, service->store, calendar));
	TRY(send_author_load(a, service->store, account, &room));
	TRY(answer(a, service, &room, calendar));
	outbox_move(service, room.mailbox);
	return ERR_OK;
}

void room_consider(const struct send_service *service, int64_t account, int64_t sender, struct intake *in)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	enum err e;

	if (!(intake_summary(in)->flags & MAIL_MEETING))
		return;
	e = consider(&a, service, account, sender, in);
	if (e && e != ERR_NOT_FOUND)
		log_warn("room", "account=%lld error=%s", (long long)account, log_quote(str_of(err_text(e))).text);
}
