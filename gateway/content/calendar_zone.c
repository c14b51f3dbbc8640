/* VTIMEZONE (RFC 5545 section 3.6.5) as rules of today. */
#include <gateway/content/calendar_zone.h>

enum { ZONES_MAX = 100, OBSERVANCES_MAX = 1000, OFFSET_MAX_S = 25 * 3600 };

/* The latest of one kind: standard or summer time. */
struct observance {
	icalcomponent *component;
	struct icaltimetype start;
	int offset;                /* minutes */
	struct zone_change change; /* month 0: it has no yearly rule */
};

static bool is_named(icalcomponent *zone, struct str tzid)
{
	icalproperty *p = icalcomponent_get_first_property(zone, ICAL_TZID_PROPERTY);

	return p && icalproperty_get_value(p) && str_eq(str_of(icalproperty_get_tzid(p)), tzid);
}

static icalcomponent *find_zone(icalcomponent *calendar, struct str tzid)
{
	icalcomponent *z = icalcomponent_get_first_component(calendar, ICAL_VTIMEZONE_COMPONENT);

	for (int n = 0; z && n < ZONES_MAX; n++) {
		if (is_named(z, tzid))
			return z;
		z = icalcomponent_get_next_component(calendar, ICAL_VTIMEZONE_COMPONENT);
	}
	return NULL;
}

/* Every year on the week-th weekday of a month, for ever. */
static void read_rule(icalcomponent *c, struct observance *o)
{
	icalproperty *p = icalcomponent_get_first_property(c, ICAL_RRULE_PROPERTY);
	struct icalrecurrencetype rule;
	int position, day;

	if (!p || !icalproperty_get_value(p))
		return;
	rule = icalproperty_get_rrule(p);
	position = icalrecurrencetype_day_position(rule.by_day[0]);
	day = (int)icalrecurrencetype_day_day_of_week(rule.by_day[0]);
	if (rule.freq != ICAL_YEARLY_RECURRENCE || !icaltime_is_null_time(rule.until) || rule.count ||
	    rule.by_month[0] < 1 || rule.by_month[0] > 12 || rule.by_day[0] == ICAL_RECURRENCE_ARRAY_MAX || day < 1 ||
	    day > 7 || position < -1 || position == 0 || position > 5)
		return;
	o->change = (struct zone_change){ .month = rule.by_month[0],
					  .week = position == -1 ? 5 : position,
					  .weekday = day - 1,
					  .minutes = (o->start.hour * 60 + o->start.minute) % (24 * 60) };
}

static bool read_observance(icalcomponent *c, struct observance *o)
{
	icalproperty *start = icalcomponent_get_first_property(c, ICAL_DTSTART_PROPERTY);
	icalproperty *offset = icalcomponent_get_first_property(c, ICAL_TZOFFSETTO_PROPERTY);
	int seconds;

	if (!start || !offset || !icalproperty_get_value(start) || !icalproperty_get_value(offset))
		return false;
	seconds = icalproperty_get_tzoffsetto(offset);
	if (seconds < -OFFSET_MAX_S || seconds > OFFSET_MAX_S)
		return false;
	*o = (struct observance){ .component = c, .start = icalproperty_get_dtstart(start), .offset = seconds / 60 };
	if (o->start.hour < 0 || o->start.hour > 23 || o->start.minute < 0 || o->start.minute > 59)
		return false;
	read_rule(c, o);
	return true;
}

static bool read_latest(icalcomponent *zone, icalcomponent_kind kind, struct observance *ret)
{
	bool found = false;
	int n = 0;

	for (icalcomponent *c = icalcomponent_get_first_component(zone, kind); c && n < OBSERVANCES_MAX;
	     c = icalcomponent_get_next_component(zone, kind), n++) {
		struct observance o;

		if (!read_observance(c, &o) || (found && icaltime_compare(o.start, ret->start) < 0))
			continue;
		*ret = o;
		found = true;
	}
	return found;
}

/* Without a rule for the one or the other there is no summer time any more: the later of both holds. */
static bool read_zone(icalcomponent *zone, struct zone_rules *ret)
{
	struct observance standard = { 0 }, summer = { 0 };
	bool has_standard = read_latest(zone, ICAL_XSTANDARD_COMPONENT, &standard);
	bool has_daylight = read_latest(zone, ICAL_XDAYLIGHT_COMPONENT, &summer);

	if (!has_standard && !has_daylight)
		return false;
	if (has_standard && has_daylight && standard.change.month && summer.change.month)
		*ret = (struct zone_rules){ .offset = standard.offset,
					    .daylight = summer.offset,
					    .to_standard = standard.change,
					    .to_daylight = summer.change };
	else if (has_standard && !(has_daylight && icaltime_compare(summer.start, standard.start) > 0))
		*ret = (struct zone_rules){ .offset = standard.offset, .daylight = standard.offset };
	else
		*ret = (struct zone_rules){ .offset = summer.offset, .daylight = summer.offset };
	return true;
}

void cal_zone_find(icalcomponent *calendar, struct str tzid, struct zone_rules *ret)
{
	icalcomponent *zone = find_zone(calendar, tzid);

	if (zone && read_zone(zone, ret))
		return;
	if (zone_by_name(tzid, ret))
		*ret = (struct zone_rules){ 0 };
}
