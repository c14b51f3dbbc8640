/*
 * Times at which those who are asked could meet: every half hour of the days of the window, working hours first. A time is
 * as good as few of them are busy then (MS-OXWAVLS: none is excellent, up to the threshold good, below half fair).
 */
#include <gateway/ews/availability.h>

enum {
	STEP_MS = 30 * 60 * 1000,
	DAY_MS = 24 * 60 * 60 * 1000,
	MINUTE_MS = 60 * 1000,
	DEFAULT_RESULTS = 10,
	DEFAULT_THRESHOLD = 25,
	DEFAULT_MINUTES = 60,
	HALF = 50,
};

struct wish {
	int threshold, results, other_results, minimum;
	int64_t duration_ms, from_ms, to_ms;
	struct zone_rules work_zone;
};

static int given(int value, int otherwise)
{
	return value == EWS_ABSENT ? otherwise : value;
}

static struct wish wish_of(const struct ews_availability *v)
{
	const struct ews_suggestion_options *o = v->asked->SuggestionsViewOptions;

	return (struct wish){
		.threshold = given(o->GoodThreshold, DEFAULT_THRESHOLD),
		.results = given(o->MaximumResultsByDay, DEFAULT_RESULTS),
		.other_results = given(o->MaximumNonWorkHourResultsByDay, 0),
		.minimum = given(o->MinimumSuggestionQuality, EWS_FAIR),
		.duration_ms = (int64_t)given(o->MeetingDurationInMinutes, DEFAULT_MINUTES) * MINUTE_MS,
		.from_ms = ews_time_utc(v, &o->DetailedSuggestionsWindow->StartTime),
		.to_ms = ews_time_utc(v, &o->DetailedSuggestionsWindow->EndTime),
	};
}

/* What weighs most of somebody between two moments; his busy times are in order. */
static enum cal_busy busy_between(const struct ews_subject *s, int64_t from, int64_t to)
{
	enum cal_busy most = CAL_FREE;

	for (size_t i = 0; i < s->busy.n && s->busy.list[i].start_ms < to; i++)
		if (s->busy.list[i].end_ms > from && s->busy.list[i].busy != CAL_ELSEWHERE &&
		    s->busy.list[i].busy > most)
			most = s->busy.list[i].busy;
	return most;
}

static bool counts(const struct ews_mailbox_data *d)
{
	return d->AttendeeType == EWS_REQUIRED || d->AttendeeType == EWS_ORGANIZER;
}

static bool is_busy(const struct ews_subject *s, const struct wish *w, int64_t from)
{
	return !s->why && busy_between(s, from, from + w->duration_ms) != CAL_FREE;
}

/* Of whom nothing is known is among all of them, and not among the busy. */
static void count(const struct ews_subject *s, const struct wish *w, int64_t from, size_t *all, size_t *busy)
{
	*all += s->is_group ? s->people_n : 1;
	*busy += !s->is_group && is_busy(s, w, from);
	for (size_t i = 0; i < s->people_n; i++)
		*busy += is_busy(&s->people[i], w, from);
}

/* How many of a hundred of those who have to come can't; the people of a group each. */
static enum ews_quality judge(const struct ews_availability *v, const struct ews_subject *subjects,
			      const struct wish *w, int64_t from)
{
	const struct ews_list *list = &v->asked->MailboxDataArray->MailboxData;
	const struct ews_mailbox_data *data = list->items;
	size_t all = 0, busy = 0, part;

	for (size_t i = 0; i < list->n; i++)
		if (counts(&data[i]))
			count(&subjects[i], w, from, &all, &busy);
	part = all ? busy * 100 / all : 0;
	if (busy == 0)
		return EWS_EXCELLENT;
	if (part <= (size_t)w->threshold)
		return EWS_GOOD;
	return part < HALF ? EWS_FAIR : EWS_POOR;
}

/* Within the hours of who asks. */
static bool is_work(const struct ews_availability *v, const struct wish *w, int64_t from)
{
	const struct zone_rules utc = { 0 };
	int64_t local = zone_to_utc(&utc, zone_from_utc(&w->work_zone, from));
	int64_t day = local / DAY_MS, minute = local % DAY_MS / MINUTE_MS;

	if (local < 0 || !(v->hours.days >> (day + 4) % 7 & 1)) /* 1970-01-01 was a Thursday */
		return false;
	return minute >= v->hours.begins && minute + w->duration_ms / MINUTE_MS <= v->hours.ends;
}

static enum ews_conflict_kind kind_of(const struct ews_subject *s)
{
	if (s->why)
		return s->is_group ? EWS_CONFLICT_TOO_BIG : EWS_CONFLICT_UNKNOWN;
	return s->is_group ? EWS_CONFLICT_GROUP : EWS_CONFLICT_KNOWN;
}

static struct ews_group_conflict count_group(const struct ews_subject *s, const struct wish *w, int64_t from)
{
	struct ews_group_conflict to = { .NumberOfMembers = (int)s->people_n };

	for (size_t i = 0; i < s->people_n; i++) {
		to.NumberOfMembersWithNoData += s->people[i].why != NULL;
		to.NumberOfMembersWithConflict += is_busy(&s->people[i], w, from);
	}
	to.NumberOfMembersAvailable =
		to.NumberOfMembers - to.NumberOfMembersWithConflict - to.NumberOfMembersWithNoData;
	return to;
}

/* What is between the two moments of one who was asked about. */
static enum err put_conflict(const struct ews_availability *v, const struct ews_subject *s, const struct wish *w,
			     int64_t from, const struct ews_type *kinds, struct ews_choice *to)
{
	enum ews_conflict_kind kind = kind_of(s);
	void *conflict = ews_new_struct(v->call->arena, kinds->fields[kind].type);

	if (!conflict)
		return ERR_LIMIT;
	if (kind == EWS_CONFLICT_KNOWN)
		((struct ews_conflict *)conflict)->BusyType = (int)busy_between(s, from, from + w->duration_ms);
	else if (kind == EWS_CONFLICT_GROUP)
		*(struct ews_group_conflict *)conflict = count_group(s, w, from);
	*to = (struct ews_choice){ kind, conflict };
	return ERR_OK;
}

static enum err put_conflicts(const struct ews_availability *v, const struct ews_subject *subjects,
			      const struct wish *w, int64_t from, const struct ews_type *type,
			      struct ews_suggestion *to)
{
	const struct ews_type *array = ews_type_of(type, "AttendeeConflictDataArray");
	const struct ews_type *kinds = ews_type_of(array, "choices");
	size_t n = v->asked->MailboxDataArray->MailboxData.n;
	void *at = ews_make(v->call->arena, type, to, "AttendeeConflictDataArray", 1);
	struct ews_choice *list = at ? ews_make(v->call->arena, array, at, "choices", n) : NULL;

	if (!list)
		return ERR_LIMIT;
	for (size_t i = 0; i < n; i++)
		TRY(put_conflict(v, &subjects[i], w, from, kinds, &list[i]));
	return ERR_OK;
}

/* The times of a day, those of working hours first; both in order. */
static enum err put_day(const struct ews_availability *v, const struct ews_subject *subjects, const struct wish *w,
			int64_t from, const struct ews_type *type, struct ews_suggestion_day *to)
{
	const struct ews_type *array = ews_type_of(type, "SuggestionArray");
	const struct ews_type *suggestion = ews_type_of(array, "Suggestion");
	struct ews_suggestions *at = ews_make(v->call->arena, type, to, "SuggestionArray", 1);
	size_t max = (size_t)(w->results + w->other_results);
	struct ews_suggestion *list = at ? ews_make(v->call->arena, array, at, "Suggestion", max) : NULL;
	int64_t end = from + DAY_MS < w->to_ms ? from + DAY_MS : w->to_ms;
	size_t n = 0;

	if (!list)
		return ERR_LIMIT;
	to->Date = ews_time_local(v, from);
	to->DayQuality = EWS_POOR;
	for (int work = 1; work >= 0; work--) {
		size_t room = n + (size_t)(work ? w->results : w->other_results);

		for (int64_t t = from; t + w->duration_ms <= end && n < room; t += STEP_MS) {
			int quality = (int)judge(v, subjects, w, t);

			if (is_work(v, w, t) != (work == 1) || quality > w->minimum)
				continue;
			list[n].MeetingTime = ews_time_local(v, t);
			list[n].IsWorkTime = work;
			list[n].SuggestionQuality = quality;
			TRY(put_conflicts(v, subjects, w, t, suggestion, &list[n++]));
			to->DayQuality = quality < to->DayQuality ? quality : to->DayQuality;
		}
	}
	at->Suggestion.n = n;
	return ERR_OK;
}

static enum err put_days(struct ews_availability *v, const struct ews_subject *subjects, const struct wish *w,
			 const struct ews_type *type, struct ews_suggestions_response *to)
{
	const struct ews_type *array = ews_type_of(type, "SuggestionDayResultArray");
	size_t days = (size_t)((w->to_ms - w->from_ms + DAY_MS - 1) / DAY_MS);
	void *at = ews_make(v->call->arena, type, to, "SuggestionDayResultArray", 1);
	struct ews_suggestion_day *list = at ? ews_make(v->call->arena, array, at, "SuggestionDayResult", days) : NULL;

	if (!list)
		return ERR_LIMIT;
	for (size_t i = 0; i < days; i++)
		TRY(put_day(v, subjects, w, w->from_ms + (int64_t)i * DAY_MS, ews_type_of(array, "SuggestionDayResult"),
			    &list[i]));
	return ERR_OK;
}

enum err ews_suggestions_put(struct ews_availability *v, const struct ews_subject *subjects,
			     struct ews_get_availability_answer *answer)
{
	const struct ews_type *type = ews_type_of(&ews_get_availability_answer_type, "SuggestionsResponse");
	struct ews_suggestions_response *to =
		ews_make(v->call->arena, &ews_get_availability_answer_type, answer, "SuggestionsResponse", 1);
	struct ews_response_message *message = to ? ews_make(v->call->arena, type, to, "ResponseMessage", 1) : NULL;
	struct wish w = wish_of(v);

	if (!message)
		return ERR_LIMIT;
	if (!ews_hours_zone(&v->hours, &w.work_zone))
		w.work_zone = v->window.zone;
	/* Only what was looked at can be judged. */
	if (w.from_ms < v->window.from_ms || w.to_ms > v->window.to_ms || w.to_ms <= w.from_ms) {
		ews_fail(&message->response, "ErrorInvalidTimeInterval",
			 "The window of the suggestions is none, or reaches out of the view's.");
		return ERR_OK;
	}
	ews_succeed(&message->response);
	return put_days(v, subjects, &w, type, to);
}
