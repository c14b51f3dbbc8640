/* One mailbox's view: digits, events, what is told of them, working hours. */
#include <gateway/ews/availability.h>

#include <gateway/ews/id.h>
#include <gateway/mailbox/entry.h>
#include <store/folder.h>

enum { MERGED_MAX = EWS_MAX_WINDOW_DAYS * 24 * 60 / 5 + 1, WORK_DAYS_BYTES = 64, EVENT_ARENA_MAX = 32 * 1024 * 1024 };

/* What a view shows at most, by what may be seen. */
static int view_of(int asked, enum visibility sees)
{
	if (asked == EWS_ABSENT)
		asked = EWS_VIEW_BUSY_MERGED;
	if (sees < VISIBILITY_TITLES && asked >= EWS_VIEW_DETAILED)
		return asked - EWS_VIEW_DETAILED + EWS_VIEW_BUSY;
	return asked;
}

static bool has_digits(int view)
{
	return view == EWS_VIEW_MERGED || view == EWS_VIEW_BUSY_MERGED || view == EWS_VIEW_ALL;
}

/* The fifth digit of freebusy.h is no data here: who works elsewhere is free. */
static enum err put_digits(struct ews_availability *v, const struct ews_subject *s, struct ews_busy_view *to)
{
	CLEANUP(buf_release) struct buf digits = BUF_INIT(MERGED_MAX);

	freebusy_merge(&s->busy, &v->window, v->slot_minutes, &digits);
	TRY(buf_status(&digits));
	for (size_t i = 0; i < digits.n; i++)
		if (digits.p[i] == '4')
			digits.p[i] = '0';
	return arena_str(v->call->arena, buf_view(&digits), &to->MergedFreeBusy);
}

static enum err keep_text(struct arena *a, struct str text, struct str *ret)
{
	TRY(arena_str(a, text, ret));
	if (!ret->p)
		*ret = S("");
	return ERR_OK;
}

static enum err tell(struct arena *a, const struct cal_event *e, enum visibility sees, struct ews_event_details *to)
{
	to->IsPrivate = e->sensitivity != CAL_NORMAL;
	to->IsMeeting = e->attendees_n > 0;
	to->IsRecurring = e->recurrence.frequency != CAL_NEVER || e->recurrence.odd;
	to->IsException = false;
	to->IsReminderSet = sees == VISIBILITY_DETAILS && e->has_reminder;
	if (to->IsPrivate && sees < VISIBILITY_DETAILS)
		return ERR_OK;
	TRY(keep_text(a, e->summary, &to->Subject));
	return keep_text(a, e->location, &to->Location);
}

/* What is told of an event, from its text. One that can't be read tells nothing. */
static enum err put_details(struct ews_availability *v, struct store_tx *tx, const struct ews_subject *s, int64_t item,
			    struct ews_event_details *to)
{
	struct arena scratch = ARENA_INIT(EVENT_ARENA_MAX);
	struct cal_event event;
	struct item row;
	struct str text;
	int64_t folder;
	size_t n;
	enum err e = folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder);

	if (!e)
		e = item_get(&scratch, tx, folder, item, &row);
	if (!e)
		e = entry_read(&scratch, tx, &row, &text);
	if (!e)
		e = cal_event_read(&scratch, text, &event, &n);
	if (!e)
		e = tell(v->call->arena, &event, s->sees, to);
	arena_release(&scratch);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID || e == ERR_CORRUPT)
		e = ERR_OK;
	if (!e && s->sees == VISIBILITY_DETAILS)
		e = ews_id_write(v->call->arena, &(struct ews_id){ s->mailbox, 0, item }, EWS_HEX_ENTRY_ID, &to->ID);
	return e;
}

/* Of a series each occurrence is told, and its text read once. */
static struct ews_event_details *told_before(const struct busy_list *busy, const struct ews_event *events, size_t i)
{
	for (size_t k = i; k > 0; k--)
		if (busy->list[k - 1].item == busy->list[i].item)
			return events[k - 1].CalendarEventDetails;
	return NULL;
}

static enum err put_all_details(struct ews_availability *v, const struct ews_subject *s, const struct ews_type *type,
				struct ews_event *events, size_t n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(v->call->ews->args.store, s->mailbox, STORE_READ, &tx));
	for (size_t i = 0; i < n; i++) {
		events[i].CalendarEventDetails = told_before(&s->busy, events, i);
		if (events[i].CalendarEventDetails)
			continue;
		if (!ews_make(v->call->arena, type, &events[i], "CalendarEventDetails", 1))
			return ERR_LIMIT;
		TRY(put_details(v, tx, s, s->busy.list[i].item, events[i].CalendarEventDetails));
	}
	return ERR_OK;
}

static enum err put_events(struct ews_availability *v, const struct ews_subject *s, int view,
			   const struct ews_type *type, struct ews_busy_view *to)
{
	const struct ews_type *array = ews_type_of(type, "CalendarEventArray");
	size_t n = s->busy.n < EWS_MAX_EVENTS ? s->busy.n : EWS_MAX_EVENTS;
	void *at = ews_make(v->call->arena, type, to, "CalendarEventArray", 1);
	struct ews_event *events = at ? ews_make(v->call->arena, array, at, "CalendarEvent", n) : NULL;

	if (!events)
		return ERR_LIMIT;
	for (size_t i = 0; i < n; i++) {
		events[i].StartTime = ews_time_local(v, s->busy.list[i].start_ms);
		events[i].EndTime = ews_time_local(v, s->busy.list[i].end_ms);
		events[i].BusyType = (int)s->busy.list[i].busy;
	}
	return view >= EWS_VIEW_DETAILED ? put_all_details(v, s, ews_type_of(array, "CalendarEvent"), events, n)
					 : ERR_OK;
}

/* Nobody sets them here: the usual ones, in the asker's zone. */
static enum err put_working_hours(struct ews_availability *v, const struct ews_type *type, struct ews_busy_view *to)
{
	const struct ews_type *hours = ews_type_of(type, "WorkingHours");
	const struct ews_type *periods = ews_type_of(hours, "WorkingPeriodArray");
	struct ews_working_hours *at = ews_make(v->call->arena, type, to, "WorkingHours", 1);
	void *array = at ? ews_make(v->call->arena, hours, at, "WorkingPeriodArray", 1) : NULL;
	struct ews_working_period *period = array ? ews_make(v->call->arena, periods, array, "WorkingPeriod", 1) : NULL;

	if (!period)
		return ERR_LIMIT;
	at->TimeZone = v->asked->TimeZone;
	*period = (struct ews_working_period){ S("Monday Tuesday Wednesday Thursday Friday"), WORK_BEGINS, WORK_ENDS };
	return ERR_OK;
}

enum err ews_view_put(struct ews_availability *v, const struct ews_subject *s, const struct ews_type *type,
		      struct ews_busy_response *to)
{
	const struct ews_type *view_type = ews_type_of(type, "FreeBusyView");
	struct ews_response_message *message = ews_make(v->call->arena, type, to, "ResponseMessage", 1);
	struct ews_busy_view *view = ews_make(v->call->arena, type, to, "FreeBusyView", 1);
	int shown = view_of(v->asked->FreeBusyViewOptions->RequestedView, s->sees);

	if (!message || !view)
		return ERR_LIMIT;
	if (s->why) {
		ews_fail(&message->response, s->why->code, s->why->text);
		view->FreeBusyViewType = EWS_VIEW_NONE;
		return ERR_OK;
	}
	ews_succeed(&message->response);
	view->FreeBusyViewType = shown;
	if (has_digits(shown))
		TRY(put_digits(v, s, view));
	if (shown != EWS_VIEW_MERGED)
		TRY(put_events(v, s, shown, view_type, view));
	return put_working_hours(v, view_type, view);
}
