#include <gateway/mailbox/room.h>

#include <base/log.h>
#include <gateway/mailbox/event.h>
#include <gateway/mailbox/freebusy.h>
#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/meeting.h>
#include <gateway/mailbox/outbox.h>
#include <store/account.h>
#include <store/folder.h>
#include <store/mail_group.h>

enum { ARENA_BYTES = 64 * 1024 * 1024, WINDOW_BYTES = 16 * 1024 * 1024, EVENT_BYTES = 32 * 1024 * 1024 };
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

/* ERR_NOT_FOUND: it is a group, to which the room would say in its own name what strangers may not. */
static enum err check_organizer(struct arena *a, struct store *s, struct str calendar)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct mail_group group;
	struct cal_event asked;
	size_t n;

	TRY(cal_event_read(a, calendar, &asked, &n));
	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	enum err e = mail_group_find(a, tx, asked.organizer, &group);
	return e == ERR_NOT_FOUND ? ERR_OK : e ? e : ERR_NOT_FOUND;
}

/* ---- is it free? ---- */

/* An invitation that waits for its answer: it holds nothing, else anybody's would keep the room from those it answers. */
static enum err is_asked(struct store_tx *tx, int64_t folder, int64_t id, bool *ret)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(EVENT_BYTES);
	struct cal_series s;
	struct item item;
	struct str text;

	TRY(item_get(&a, tx, folder, id, &item));
	TRY(entry_read(&a, tx, &item, &text));
	TRY(cal_series_read(&a, text, &s));
	*ret = s.event.answer == CAL_ANSWER_NONE;
	return ERR_OK;
}

/* *open: an item that is_asked(), the last one of many looks. What can't be read holds what it says. */
static bool holds(struct store_tx *tx, int64_t folder, const struct busy_interval *b, int64_t *open)
{
	bool asked = b->item == *open;

	if (b->busy == CAL_TENTATIVE && !asked && is_asked(tx, folder, b->item, &asked))
		asked = false;
	if (asked)
		*open = b->item;
	return !asked;
}

/* Does a time of the event meet another one's? Both are in order. */
static bool collides(struct store_tx *tx, int64_t folder, const struct busy_list *busy, int64_t event)
{
	int64_t open = 0;

	for (size_t i = 0; i < busy->n; i++) {
		if (busy->list[i].item != event)
			continue;
		for (size_t j = 0; j < busy->n && busy->list[j].start_ms < busy->list[i].end_ms; j++)
			if (busy->list[j].item != event && busy->list[j].end_ms > busy->list[i].start_ms &&
			    holds(tx, folder, &busy->list[j], &open))
				return true;
	}
	return false;
}

static enum err look(struct store_tx *tx, const struct item *event, int64_t from_ms, int64_t to_ms, bool *ret_free)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(WINDOW_BYTES);
	const struct busy_window window = { .from_ms = from_ms, .to_ms = to_ms };
	struct busy_list busy;

	TRY(freebusy_read(&a, tx, &window, &busy));
	if (busy.cut)
		return ERR_LIMIT;
	*ret_free = !collides(tx, event->folder, &busy, event->id);
	return ERR_OK;
}

static enum err is_free(struct arena *a, struct store_tx *tx, const struct item *event, int64_t start_ms,
			int64_t now_ms, bool *ret)
{
	const int64_t step = (int64_t)FREEBUSY_DAYS_MAX * DAY_MS;
	struct cal_plan plan;

	TRY(event_plan(a, tx, event->id, &plan));
	int64_t from = start_ms > now_ms ? start_ms : now_ms, until = from + (int64_t)ROOM_HORIZON_DAYS * DAY_MS;
	if (plan.last_ms != CAL_ENDLESS && plan.last_ms < until)
		until = plan.last_ms;
	*ret = true;
	for (; *ret && from < until; from += step)
		TRY(look(tx, event, from, from + step < until ? from + step : until, ret));
	return ERR_OK;
}

/* ---- the answer ---- */

/* ERR_NOT_FOUND: there is nothing to answer. */
static enum err find_request(struct arena *a, struct store_tx *tx, struct str calendar, struct item *ret,
			     int64_t *ret_start_ms)
{
	struct cal_event asked;
	struct cal_series stored;
	struct str text;
	int64_t folder;
	size_t n;

	TRY(cal_event_read(a, calendar, &asked, &n));
	if (asked.method != CAL_REQUEST || asked.recurrence_id.given)
		return ERR_NOT_FOUND;
	TRY(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	TRY(event_by_uid(a, tx, folder, asked.uid, ret));
	TRY(entry_read(a, tx, ret, &text));
	TRY(cal_series_read(a, text, &stored));
	*ret_start_ms = stored.event.start.utc_ms;
	if (!str_ieq(asked.organizer, stored.event.organizer)) /* the mail is not what has put it there */
		return ERR_NOT_FOUND;
	return stored.event.answer == CAL_ANSWER_NONE && !stored.event.cancelled ? ERR_OK : ERR_NOT_FOUND;
}

static enum err answer(struct arena *a, const struct send_service *service, const struct send_author *room,
		       struct str calendar)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct meeting_answer to = { .answer = CAL_ANSWER_ACCEPTED,
				     .instance_ms = INT64_MIN,
				     .send = true,
				     .now_ms = clock_wall_ms(service->clock) };
	struct item event;
	int64_t start_ms;
	bool is_kept, free_then;

	TRY(store_begin(service->store, room->mailbox, STORE_WRITE, &tx));
	TRY(find_request(a, tx, calendar, &event, &start_ms));
	TRY(is_free(a, tx, &event, start_ms, to.now_ms, &free_then));
	if (!free_then) {
		to.answer = CAL_ANSWER_DECLINED;
		to.body = S("It is taken at that time, or at one of those times.");
	}
	TRY(meeting_respond(a, tx, room, event.id, &to, &is_kept));
	return store_commit(&tx);
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
	TRY(check_organizer(a, service->store, calendar));
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
