/* One mailbox's view: digits, events, what is told of them, working hours. */
#include <gateway/ews/availability.h>

#include <gateway/ews/id.h>
#include <gateway/mailbox/entry.h>
#include <store/folder.h>

enum {
	MERGED_MAX = (EWS_MAX_WINDOW_DAYS + 1) * 24 * 60 / 5,
	WORK_DAYS_BYTES = 64,
	EVENT_ARENA_MAX = 32 * 1024 * 1024,
	DETAILS_BYTES = 400,
	ESCAPE_BYTES = 6
};

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

static enum err put_digits(struct ews_availability *v, const struct ews_subject *s, struct ews_busy_view *to)
{
	CLEANUP(buf_release) struct buf digits = BUF_INIT(MERGED_MAX);

	freebusy_merge(&s->busy, &v->window, v->slot_minutes, &digits);
	TRY(buf_status(&digits));
	return arena_str(v->call->arena, buf_view(&digits), &to->MergedFreeBusy);
}

/* Of a group: its people as of one, and no more of any of them. */
static enum err put_group_digits(struct ews_availability *v, const struct ews_subject *s, struct ews_busy_view *to)
{
	CLEANUP(buf_release) struct buf digits = BUF_INIT(MERGED_MAX);
	CLEANUP(buf_release) struct buf one = BUF_INIT(MERGED_MAX);

	if (s->people_n == 0)
		freebusy_unknown(&v->window, v->slot_minutes, &digits);
	for (size_t i = 0; i < s->people_n; i++) {
		buf_clear(&one);
		if (s->people[i].why)
			freebusy_unknown(&v->window, v->slot_minutes, &one);
		else
			freebusy_merge(&s->people[i].busy, &v->window, v->slot_minutes, &one);
		TRY(buf_status(&one));
		freebusy_join(&digits, buf_view(&one));
	}
	TRY(buf_status(&digits));
	to->FreeBusyViewType = EWS_VIEW_MERGED;
	return arena_str(v->call->arena, buf_view(&digits), &to->MergedFreeBusy);
}

static enum err keep_text(struct arena *a, struct str text, struct str *ret)
{
	TRY(arena_str(a, text, ret));
	if (!ret->p)
		*ret = S("");
	return ERR_OK;
}

/* What is told of an event, or of an instance of a series that differs from it. */
static enum err tell(struct arena *a, const struct cal_event *e, enum visibility sees, struct ews_event_details *to)
{
	to->IsPrivate = e->sensitivity != CAL_NORMAL;
	to->IsMeeting = e->attendees_n > 0;
	to->IsReminderSet = sees == VISIBILITY_DETAILS && e->has_reminder;
	if (to->IsPrivate && sees < VISIBILITY_DETAILS)
		return ERR_OK;
	TRY(keep_text(a, e->summary, &to->Subject));
	return keep_text(a, e->location, &to->Location);
}

static const struct cal_event *exception_at(const struct cal_series *series, int64_t instance_ms)
{
	for (size_t i = 0; i < series->exceptions_n; i++)
		if (series->exceptions[i].recurrence_id.utc_ms == instance_ms)
			return &series->exceptions[i];
	return NULL;
}

static enum err read_series(struct arena *a, struct store_tx *tx, int64_t item, struct cal_series *ret)
{
	struct item row;
	struct str text;
	int64_t folder;

	TRY(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	TRY(item_get(a, tx, folder, item, &row));
	TRY(entry_read(a, tx, &row, &text));
	return cal_series_read(a, text, ret);
}

struct telling {
	struct ews_availability *v;
	const struct ews_subject *subject;
	const struct ews_type *type; /* of an event of the answer */
	struct ews_event *events;    /* one for each busy time of the subject, from the first on */
	size_t n;
};

static enum err tell_one(const struct telling *t, size_t i, const struct cal_series *series, struct str id)
{
	const struct cal_event *exception = exception_at(series, t->subject->busy.list[i].instance_ms);
	struct ews_event_details *to = ews_make(t->v->call->arena, t->type, &t->events[i], "CalendarEventDetails", 1);

	if (!to)
		return ERR_LIMIT;
	to->ID = id;
	to->IsException = exception || series->orphan;
	to->IsRecurring = to->IsException || series->rule.n > 0 || series->dates_n > 0;
	return tell(t->v->call->arena, exception ? exception : &series->event, t->subject->sees, to);
}

/*
 * All instances of the event to which the busy time belongs, its text read once: those that are as the series say have one
 * struct together. An event that can't be read is told of without a word.
 */
static enum err tell_item(const struct telling *t, struct arena *scratch, struct store_tx *tx, size_t first)
{
	const struct busy_interval *busy = t->subject->busy.list;
	struct ews_event_details *usual = NULL;
	struct cal_series series = { 0 };
	struct str id = STR_EMPTY;
	enum err e = read_series(scratch, tx, busy[first].item, &series);

	if (e == ERR_NOT_FOUND || e == ERR_INVALID || e == ERR_LIMIT || e == ERR_CORRUPT)
		series = (struct cal_series){ 0 };
	else
		TRY(e);
	if (t->subject->sees == VISIBILITY_DETAILS)
		TRY(ews_id_write(t->v->call->arena, &(struct ews_id){ t->subject->mailbox, 0, busy[first].item },
				 EWS_HEX_ENTRY_ID, &id));
	for (size_t i = first; i < t->n; i++) {
		bool differs = exception_at(&series, busy[i].instance_ms) != NULL;

		if (busy[i].item != busy[first].item)
			continue;
		if (differs || !usual)
			TRY(tell_one(t, i, &series, id));
		if (differs)
			continue;
		usual = usual ? usual : t->events[i].CalendarEventDetails;
		t->events[i].CalendarEventDetails = usual;
	}
	return ERR_OK;
}

static enum err put_all_details(const struct telling *t)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT(EVENT_ARENA_MAX);

	TRY(store_begin(t->v->call->ews->args.store, t->subject->mailbox, STORE_READ, &tx));
	for (size_t i = 0; i < t->n; i++) {
		if (t->events[i].CalendarEventDetails)
			continue;
		arena_reset(&scratch);
		TRY(tell_item(t, &scratch, tx, i));
	}
	return ERR_OK;
}

/* No less than the writer makes of it. */
static size_t written(struct str text)
{
	size_t n = text.n;

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || strchr("<>&\"", text.p[i])) /* UTF-8 too: it may be none */
			n += ESCAPE_BYTES - 1;
	return n;
}

/* What was told goes again where it does not fit into the answer any more; false then. */
static bool fits(struct ews_availability *v, struct ews_event *events, size_t n)
{
	size_t size = 0;

	for (size_t i = 0; i < n; i++) {
		const struct ews_event_details *d = events[i].CalendarEventDetails;

		size += DETAILS_BYTES + written(d->Subject) + written(d->Location) + d->ID.n;
	}
	if (size <= v->details_left) {
		v->details_left -= size;
		return true;
	}
	for (size_t i = 0; i < n; i++)
		events[i].CalendarEventDetails = NULL;
	return false;
}

/* *view becomes the one that is given. */
static enum err put_events(struct ews_availability *v, const struct ews_subject *s, int *view,
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
	if (*view < EWS_VIEW_DETAILED)
		return ERR_OK;
	TRY(put_all_details(&(struct telling){ v, s, ews_type_of(array, "CalendarEvent"), events, n }));
	if (!fits(v, events, n))
		*view += EWS_VIEW_BUSY - EWS_VIEW_DETAILED;
	return ERR_OK;
}

static enum err put_days(struct arena *a, unsigned days, struct str *ret)
{
	static const char *const names[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
					     "Thursday", "Friday", "Saturday" };
	CLEANUP(buf_release) struct buf text = BUF_INIT(WORK_DAYS_BYTES);

	for (size_t i = 0; i < countof(names); i++)
		if (days >> i & 1)
			buf_fmt(&text, "%s%s", text.n ? " " : "", names[i]);
	TRY(buf_status(&text));
	return arena_str(a, buf_view(&text), ret);
}

static enum err put_working_zone(struct ews_availability *v, const struct working_hours *h, const struct ews_type *type,
				 struct ews_working_hours *to)
{
	struct zone_rules zone;
	bool own = ews_hours_zone(h, &zone);

	if (!own && v->asked->TimeZone) {
		to->TimeZone = v->asked->TimeZone;
		return ERR_OK;
	}
	if (!own)
		zone = v->window.zone;
	if (!ews_make(v->call->arena, type, to, "TimeZone", 1))
		return ERR_LIMIT;
	return ews_zone_put(v->call->arena, &zone, ews_type_of(type, "TimeZone"), to->TimeZone);
}

static enum err put_working_hours(struct ews_availability *v, const struct working_hours *h,
				  const struct ews_type *type, struct ews_busy_view *to)
{
	const struct ews_type *hours = ews_type_of(type, "WorkingHours");
	const struct ews_type *periods = ews_type_of(hours, "WorkingPeriodArray");
	struct ews_working_hours *at = ews_make(v->call->arena, type, to, "WorkingHours", 1);
	void *array = at ? ews_make(v->call->arena, hours, at, "WorkingPeriodArray", 1) : NULL;
	struct ews_working_period *period = array ? ews_make(v->call->arena, periods, array, "WorkingPeriod", 1) : NULL;

	if (!period)
		return ERR_LIMIT;
	period->StartTimeInMinutes = h->begins;
	period->EndTimeInMinutes = h->ends;
	TRY(put_days(v->call->arena, h->days, &period->DayOfWeek));
	return put_working_zone(v, h, hours, at);
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
	if (s->is_group)
		return put_group_digits(v, s, view);
	if (has_digits(shown))
		TRY(put_digits(v, s, view));
	if (shown != EWS_VIEW_MERGED)
		TRY(put_events(v, s, &shown, view_type, view));
	view->FreeBusyViewType = shown;
	return put_working_hours(v, &s->hours, view_type, view);
}
