/* VTIMEZONE (RFC 5545 section 3.6.5) as rules of one year, and back. */
#include <gateway/content/calendar_zone.h>

#include <limits.h>

enum { ZONES_MAX = 100, OBSERVANCES_MAX = 300, OFFSET_MAX_S = 25 * 3600 };

/* The latest of one kind: standard or summer time. */
struct observance {
	icalcomponent *component;
	struct icaltimetype start;
	int offset;                /* minutes */
	struct zone_change change; /* month 0: it has no yearly rule */
	int until;                 /* the last year of the rule */
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

/* Every year on the week-th weekday of a month. */
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
	if (rule.freq != ICAL_YEARLY_RECURRENCE || rule.count || rule.by_month[0] < 1 || rule.by_month[0] > 12 ||
	    rule.by_day[0] == ICAL_RECURRENCE_ARRAY_MAX || day < 1 || day > 7 || position < -1 || position == 0 ||
	    position > 5)
		return;
	o->until = icaltime_is_null_time(rule.until) ? INT_MAX : rule.until.year;
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

/* Does a serve better than b in that year? One that has begun before one that has not, then the later one. */
static bool is_better(const struct observance *a, const struct observance *b, int year)
{
	bool a_begun = a->start.year <= year, b_begun = b->start.year <= year;

	if (a_begun != b_begun)
		return a_begun;
	return a_begun ? icaltime_compare(a->start, b->start) >= 0 : icaltime_compare(a->start, b->start) < 0;
}

static bool read_latest(icalcomponent *zone, icalcomponent_kind kind, int year, struct observance *ret)
{
	bool found = false;
	int n = 0;

	for (icalcomponent *c = icalcomponent_get_first_component(zone, kind); c && n < OBSERVANCES_MAX;
	     c = icalcomponent_get_next_component(zone, kind), n++) {
		struct observance o;

		if (!read_observance(c, &o) || (found && !is_better(&o, ret, year)))
			continue;
		if (o.until < year)
			o.change = (struct zone_change){ 0 };
		*ret = o;
		found = true;
	}
	return found;
}

/* Without a rule for the one or the other there is no summer time any more: the later of both holds. */
static bool read_zone(icalcomponent *zone, int year, struct zone_rules *ret)
{
	struct observance standard = { 0 }, summer = { 0 };
	bool has_standard = read_latest(zone, ICAL_XSTANDARD_COMPONENT, year, &standard);
	bool has_daylight = read_latest(zone, ICAL_XDAYLIGHT_COMPONENT, year, &summer);

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

/* "/citadel.org/20250101_1/Europe/Berlin": the longest end that is a name. */
static bool find_by_name(struct str tzid, int year, struct zone_rules *ret)
{
	struct str rest = tzid, head;

	do {
		if (rest.n && !zone_by_name_of(rest, year, ret))
			return true;
	} while (str_cut(&rest, '/', &head) && rest.n);
	rest = zone_of_windows(tzid);
	return rest.n && !zone_by_name_of(rest, year, ret);
}

bool cal_zone_find(icalcomponent *calendar, struct str tzid, int year, struct zone_rules *ret)
{
	icalcomponent *zone = calendar ? find_zone(calendar, tzid) : NULL;

	if ((zone && read_zone(zone, year, ret)) || find_by_name(tzid, year, ret))
		return true;
	*ret = (struct zone_rules){ 0 };
	return false;
}

/* ---- writing ---- */

static void put_offset(struct buf *b, const char *name, int minutes)
{
	int m = minutes < 0 ? -minutes : minutes;

	buf_fmt(b, "%s:%c%02d%02d\r\n", name, minutes < 0 ? '-' : '+', m / 60, m % 60);
}

static void put_observance(struct buf *b, const char *name, int from, int to, const struct zone_change *c)
{
	static const char *const days[] = { "SU", "MO", "TU", "WE", "TH", "FR", "SA" };

	buf_fmt(b, "BEGIN:%s\r\n", name);
	if (c->month)
		buf_fmt(b, "DTSTART:1970%02d%02dT%02d%02d00\r\nRRULE:FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s\r\n", c->month,
			zone_change_day(c, 1970), c->minutes / 60, c->minutes % 60, c->month,
			c->week == 5 ? -1 : c->week, days[c->weekday]);
	else
		buf_cstr(b, "DTSTART:19700101T000000\r\n");
	put_offset(b, "TZOFFSETFROM", from);
	put_offset(b, "TZOFFSETTO", to);
	buf_fmt(b, "END:%s\r\n", name);
}

void cal_zone_put(struct buf *b, struct str tzid, const struct zone_rules *zone)
{
	bool changes = zone->to_daylight.month != 0;

	buf_fmt(b, "BEGIN:VTIMEZONE\r\nTZID:" STR_FMT "\r\n", STR_ARG(tzid));
	put_observance(b, "STANDARD", changes ? zone->daylight : zone->offset, zone->offset, &zone->to_standard);
	if (changes)
		put_observance(b, "DAYLIGHT", zone->offset, zone->daylight, &zone->to_daylight);
	buf_cstr(b, "END:VTIMEZONE\r\n");
}
