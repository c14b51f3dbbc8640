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
	struct cal_reading r = {
		.arena = series->arena, .calendar = series->calendar, .event = ret, .is_stored = true
	};
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

struct icaltimetype cal_date_of(icalproperty *rdate)
{
	struct icaldatetimeperiodtype period = icalproperty_get_rdate(rdate);

	return icaltime_is_null_time(period.time) ? period.period.start : period.time;
}

static enum err read_dates(struct cal_reading *r, icalcomponent *event, icalproperty_kind kind, struct cal_time **ret,
			   size_t *ret_n)
{
	const size_t count = (size_t)icalcomponent_count_properties(event, kind);
	struct cal_time *list = NULL;
	size_t n = 0;

	for (icalproperty *p = icalcomponent_get_first_property(event, kind); p && n < CAL_DATES_MAX;
	     p = icalcomponent_get_next_property(event, kind)) {
		struct icaltimetype t;

		if (!icalproperty_get_value(p))
			continue;
		if (!list)
			list = arena_array(r->arena, count < CAL_DATES_MAX ? count : CAL_DATES_MAX, sizeof(*list));
		if (!list)
			return ERR_LIMIT;
		if (kind == ICAL_EXDATE_PROPERTY) {
			t = icalproperty_get_exdate(p);
		} else {
			t = cal_date_of(p);
		}
		list[n] = time_like_last(r, p, t, n ? &list[n - 1] : NULL);
		n += list[n].given;
	}
	*ret = list;
	*ret_n = n;
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

enum err cal_series_of(struct arena *a, icalcomponent *calendar, struct cal_series *ret)
{
	struct cal_series s = { 0 };
	struct cal_reading r = { .arena = a, .calendar = calendar, .event = &s.event, .is_stored = true };
	size_t n;
	icalcomponent *master = cal_choose_event(calendar, &n);

	if (!master)
		return ERR_INVALID;
	r.year = cal_zone_year(master);
	s.orphan = icalcomponent_get_first_property(master, ICAL_RECURRENCEID_PROPERTY) != NULL;
	TRY(cal_read_event(&r, master));
	if (!s.orphan)
		TRY(read_exceptions(&r, master, &s));
	TRY(read_dates(&r, master, ICAL_EXDATE_PROPERTY, &s.deleted, &s.deleted_n));
	if (s.deleted_n)
		qsort(s.deleted, s.deleted_n, sizeof(*s.deleted), compare_times);
	TRY(read_dates(&r, master, ICAL_RDATE_PROPERTY, &s.dates, &s.dates_n));
	TRY(read_rule_text(&r, master, &s.rule));
	*ret = s;
	return ERR_OK;
}

enum err cal_series_read(struct arena *a, struct str text, struct cal_series *ret)
{
	CLEANUP(cal_component_free) icalcomponent *root = NULL;
	icalcomponent *calendar;

	TRY(cal_parse(a, text, &root, &calendar));
	return cal_series_of(a, calendar, ret);
}
