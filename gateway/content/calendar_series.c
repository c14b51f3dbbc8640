/* Series with their exceptions and dates, by libical. */
#include <gateway/content/calendar_internal.h>

#include <stdlib.h>

static struct str uid_of(icalcomponent *event)
{
	icalproperty *p = icalcomponent_get_first_property(event, ICAL_UID_PROPERTY);

	return p && icalproperty_get_value(p) ? str_of(icalproperty_get_uid(p)) : STR_EMPTY;
}

/* Its instance is named by the zone's rules that the series has; what it says of its own times, by those of their years. */
static enum err read_exception(struct cal_reading *series, icalcomponent *event, struct cal_event *ret)
{
	struct cal_reading r = { .arena = series->arena,
				 .calendar = series->calendar,
				 .event = ret,
				 .everybody = series->everybody,
				 .is_stored = true };
	icalproperty *p = icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY);

	TRY(cal_read_event(&r, event));
	if (p && icalproperty_get_value(p))
		ret->recurrence_id = cal_time_read(r.arena, r.calendar, p, icalproperty_get_recurrenceid(p),
						   series->year ? series->year : 0);
	return ERR_OK;
}

static enum err read_exceptions(struct cal_reading *r, icalcomponent *master, struct cal_series *ret)
{
	struct str uid = uid_of(master);
	icalcomponent *e;
	size_t n = 0, room = (size_t)icalcomponent_count_components(r->calendar, ICAL_VEVENT_COMPONENT);

	if (room > CAL_INSTANCES_MAX)
		room = CAL_INSTANCES_MAX;
	ret->exceptions = arena_array(r->arena, room, sizeof(*ret->exceptions));
	if (!ret->exceptions)
		return ERR_LIMIT;
	/* An iterator of our own: zones are looked for by the calendar's. */
	for (icalcompiter at = icalcomponent_begin_component(r->calendar, ICAL_VEVENT_COMPONENT);
	     (e = icalcompiter_deref(&at)) && n < CAL_EVENTS_MAX; icalcompiter_next(&at), n++) {
		struct cal_event *exception = &ret->exceptions[ret->exceptions_n];

		if (e == master || ret->exceptions_n == room || !str_eq(uid_of(e), uid) ||
		    !icalcomponent_get_first_property(e, ICAL_RECURRENCEID_PROPERTY))
			continue;
		TRY(read_exception(r, e, exception));
		ret->exceptions_n += exception->recurrence_id.given && exception->start.given;
	}
	return ERR_OK;
}

/* The zone of many dates is looked for once, where that does not hang on their years. */
static struct cal_time time_like_last(struct cal_reading *r, icalproperty *p, struct icaltimetype t,
				      const struct cal_time *last)
{
	icalparameter *zone = icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER);
	struct cal_time ret;

	if (!last || !zone || t.is_date || icaltime_is_utc(t) || !last->tzid.n ||
	    !str_eq(str_of(icalparameter_get_tzid(zone)), last->tzid) || (!r->year && t.year != last->local.year))
		return cal_time_read(r->arena, r->calendar, p, t, r->year);
	ret = *last;
	ret.given = cal_time_is_sane(t);
	ret.local = cal_local_of(t);
	if (ret.given)
		ret.utc_ms = zone_to_utc(&ret.zone, ret.local);
	return ret;
}

static int compare_times(const void *x, const void *y)
{
	const struct cal_time *a = x, *b = y;

	return a->utc_ms < b->utc_ms ? -1 : a->utc_ms > b->utc_ms;
}

bool cal_series_deletes(const struct cal_series *s, int64_t instance_ms)
{
	const struct cal_time wanted = { .utc_ms = instance_ms };

	return s->deleted_n && bsearch(&wanted, s->deleted, s->deleted_n, sizeof(wanted), compare_times);
}

int64_t cal_series_stamp(const struct cal_series *s)
{
	int64_t newest = s->event.stamp.given ? s->event.stamp.utc_ms : INT64_MIN;

	for (size_t i = 0; i < s->exceptions_n; i++)
		if (s->exceptions[i].stamp.given && s->exceptions[i].stamp.utc_ms > newest)
			newest = s->exceptions[i].stamp.utc_ms;
	return newest;
}

const struct cal_declined *cal_series_declined(const struct cal_series *s, int64_t instance_ms)
{
	for (size_t i = 0; i < s->declined_n; i++)
		if (s->declined[i].instance_ms == instance_ms)
			return &s->declined[i];
	return NULL;
}

bool cal_series_is_private(const struct cal_series *s)
{
	bool any = s->event.sensitivity != CAL_NORMAL;

	for (size_t i = 0; i < s->exceptions_n; i++)
		any |= s->exceptions[i].sensitivity != CAL_NORMAL;
	return any;
}

struct icaltimetype cal_date_of(icalproperty *rdate)
{
	struct icaldatetimeperiodtype period = icalproperty_get_rdate(rdate);

	return icaltime_is_null_time(period.time) ? period.period.start : period.time;
}

/* Room for all that a property says of instances; libical makes one property of each of its times. */
static size_t room_for(icalcomponent *event, icalproperty_kind kind)
{
	const size_t n = (size_t)icalcomponent_count_properties(event, kind);

	return n < CAL_DATES_MAX ? n : CAL_DATES_MAX;
}

static enum err read_deleted(struct cal_reading *r, icalcomponent *event, struct cal_series *ret)
{
	const size_t room = room_for(event, ICAL_EXDATE_PROPERTY);
	size_t n = 0;

	ret->deleted = arena_array(r->arena, room, sizeof(*ret->deleted));
	if (!ret->deleted)
		return ERR_LIMIT;
	for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_EXDATE_PROPERTY); p && n < room;
	     p = icalcomponent_get_next_property(event, ICAL_EXDATE_PROPERTY)) {
		if (!icalproperty_get_value(p))
			continue;
		ret->deleted[n] = time_like_last(r, p, icalproperty_get_exdate(p), n ? &ret->deleted[n - 1] : NULL);
		n += ret->deleted[n].given;
	}
	if (n)
		qsort(ret->deleted, n, sizeof(*ret->deleted), compare_times);
	ret->deleted_n = n;
	return ERR_OK;
}

/* Of a period, which ends at a time or lasts so long; -1: of none, or of one that does not end behind its start. */
static int64_t length_of(struct cal_reading *r, icalproperty *rdate, const struct cal_time *start)
{
	const struct icaldatetimeperiodtype at = icalproperty_get_rdate(rdate);
	struct cal_time end;
	int64_t ms;

	if (!icaltime_is_null_time(at.time))
		return -1;
	end = cal_time_read(r->arena, r->calendar, rdate, at.period.end, r->year);
	ms = end.given ? end.utc_ms - start->utc_ms : cal_seconds_of(at.period.duration) * 1000;
	return ms > 0 && ms < (int64_t)CAL_DURATION_DAYS_MAX * 86400 * 1000 ? ms : -1;
}

static enum err read_dates(struct cal_reading *r, icalcomponent *event, struct cal_series *ret)
{
	const size_t room = room_for(event, ICAL_RDATE_PROPERTY);
	size_t n = 0;

	ret->dates = arena_array(r->arena, room, sizeof(*ret->dates));
	if (!ret->dates)
		return ERR_LIMIT;
	for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_RDATE_PROPERTY); p && n < room;
	     p = icalcomponent_get_next_property(event, ICAL_RDATE_PROPERTY)) {
		struct cal_date *date = &ret->dates[n];

		if (!icalproperty_get_value(p))
			continue;
		date->start = time_like_last(r, p, cal_date_of(p), n ? &date[-1].start : NULL);
		date->duration_ms = length_of(r, p, &date->start);
		n += date->start.given;
	}
	ret->dates_n = n;
	return ERR_OK;
}

/* X-ROOST-DECLINED:1784275200000 1784275200000 1784278800000 1784113200000 */
static bool take_declined(struct str value, struct cal_declined *ret)
{
	int64_t *const to[] = { &ret->instance_ms, &ret->start_ms, &ret->end_ms, &ret->answered_ms };
	struct str number;

	for (size_t i = 0; i < countof(to); i++)
		if (!str_cut(&value, ' ', &number) || str_to_i64(number, to[i]))
			return false;
	return true;
}

static enum err read_declined(struct cal_reading *r, icalcomponent *event, struct cal_series *ret)
{
	size_t room = room_for(event, ICAL_X_PROPERTY);

	if (room > CAL_INSTANCES_MAX)
		room = CAL_INSTANCES_MAX;
	ret->declined = arena_array(r->arena, room, sizeof(*ret->declined));
	if (!ret->declined)
		return ERR_LIMIT;
	for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_X_PROPERTY); p && ret->declined_n < room;
	     p = icalcomponent_get_next_property(event, ICAL_X_PROPERTY))
		if (str_ieq(str_of(icalproperty_get_x_name(p)), S(CAL_DECLINED)))
			ret->declined_n +=
				take_declined(str_of(icalproperty_get_x(p)), &ret->declined[ret->declined_n]);
	return ERR_OK;
}

/* As libical writes it, which is what it reads again. */
static enum err read_rule_text(struct cal_reading *r, icalcomponent *event, struct str *ret)
{
	icalproperty *p = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
	char *text;
	enum err e;

	if (!p || !icalproperty_get_value(p))
		return ERR_OK;
	text = icalproperty_get_value_as_string_r(p);
	e = arena_str(r->arena, str_of(text), ret);
	free(text);
	return e;
}

static enum err series_of(struct arena *a, icalcomponent *calendar, bool everybody, struct cal_series *ret)
{
	struct cal_series s = { 0 };
	struct cal_reading r = {
		.arena = a, .calendar = calendar, .event = &s.event, .everybody = everybody, .is_stored = true
	};
	size_t n;
	icalcomponent *master = cal_choose_event(calendar, &n);

	if (!master)
		return ERR_INVALID;
	r.year = cal_zone_year(master);
	s.orphan = icalcomponent_get_first_property(master, ICAL_RECURRENCEID_PROPERTY) != NULL;
	TRY(cal_read_event(&r, master));
	if (!s.orphan)
		TRY(read_exceptions(&r, master, &s));
	TRY(read_deleted(&r, master, &s));
	TRY(read_dates(&r, master, &s));
	TRY(read_declined(&r, master, &s));
	TRY(read_rule_text(&r, master, &s.rule));
	*ret = s;
	return ERR_OK;
}

enum err cal_series_of(struct arena *a, icalcomponent *calendar, struct cal_series *ret)
{
	return series_of(a, calendar, false, ret);
}

static enum err read_series(struct arena *a, struct str text, bool everybody, struct cal_series *ret)
{
	CLEANUP(cal_component_free) icalcomponent *root = NULL;
	icalcomponent *calendar;

	TRY(cal_parse(a, text, &root, &calendar));
	return series_of(a, calendar, everybody, ret);
}

enum err cal_series_read(struct arena *a, struct str text, struct cal_series *ret)
{
	return read_series(a, text, false, ret);
}

enum err cal_series_read_people(struct arena *a, struct str text, struct cal_series *ret)
{
	return read_series(a, text, true, ret);
}
