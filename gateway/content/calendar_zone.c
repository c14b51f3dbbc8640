/* VTIMEZONE (RFC 5545 section 3.6.5) as rules of one year, and back. */
#include <gateway/content/calendar_zone.h>

#include <limits.h>

enum { ZONES_MAX = 100, OBSERVANCES_MAX = 300, OFFSET_MAX_S = 25 * 3600, DAY_MINUTES = 24 * 60 };

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

	return p && icalproperty_get_value(p) && str_eq(str_trim(str_of(icalproperty_get_tzid(p))), str_trim(tzid));
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

/*
 * A weekday among seven days of a month, BYMONTHDAY=2,3,4,5,6,7,8;BYDAY=SU: the day behind the first Saturday, which is that at
 * 24:00 and later. False: they are no such days.
 */
static bool read_days(const struct icalrecurrencetype *rule, struct zone_change *c)
{
	int n = 0, min = INT_MAX, max = INT_MIN, days;

	for (; n < 8 && rule->by_month_day[n] != ICAL_RECURRENCE_ARRAY_MAX; n++) {
		min = rule->by_month_day[n] < min ? rule->by_month_day[n] : min;
		max = rule->by_month_day[n] > max ? rule->by_month_day[n] : max;
	}
	if (n != 7 || max - min != 6 || min == 0 || (min > 0) != (max > 0) || max < -7)
		return false;
	days = min > 0 ? (min - 1 + 3) % 7 - 3 : max + 1;
	c->week = min > 0 ? (min - 1 - days) / 7 + 1 : 5;
	c->weekday = (c->weekday - days + 7) % 7;
	c->minutes += days * DAY_MINUTES;
	return min < 0 || c->week <= 4;
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
	    rule.by_day[0] == ICAL_RECURRENCE_ARRAY_MAX || day < 1 || day > 7 || position < -1 || position > 5)
		return;
	o->change.weekday = day - 1;
	o->change.minutes = (o->start.hour * 60 + o->start.minute) % DAY_MINUTES;
	o->change.minutes += o->change.minutes == DAY_MINUTES - 1 && o->start.second == 59; /* 24:00 */
	if (position)
		o->change.week = position == -1 ? 5 : position;
	else if (!read_days(&rule, &o->change))
		return;
	o->until = icaltime_is_null_time(rule.until) ? INT_MAX : rule.until.year;
	o->change.month = rule.by_month[0];
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

/*
 * Without a rule for the one or the other there is no summer time any more: the later of both holds. That is a guess where
 * dates stand in place of rules, of which makers of calendars write as few as they need: *ret_guessed.
 */
static bool read_zone(icalcomponent *zone, int year, struct zone_rules *ret, bool *ret_guessed)
{
	struct observance standard = { 0 }, summer = { 0 };
	bool has_standard = read_latest(zone, ICAL_XSTANDARD_COMPONENT, year, &standard);
	bool has_daylight = read_latest(zone, ICAL_XDAYLIGHT_COMPONENT, year, &summer);

	if (!has_standard && !has_daylight)
		return false;
	*ret_guessed = has_standard && has_daylight && !(standard.change.month && summer.change.month);
	if (has_standard && has_daylight && !*ret_guessed)
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
	struct zone_rules written = { 0 };
	bool guessed = false, found = zone && read_zone(zone, year, &written, &guessed);

	if ((!found || guessed) && find_by_name(tzid, year, ret))
		return true;
	*ret = written;
	return found;
}

/* ---- writing ---- */

static const char *const weekdays[] = { "SU", "MO", "TU", "WE", "TH", "FR", "SA" };

static void put_offset(struct buf *b, const char *name, int minutes)
{
	int m = minutes < 0 ? -minutes : minutes;

	buf_fmt(b, "%s:%c%02d%02d\r\n", name, minutes < 0 ? '-' : '+', m / 60, m % 60);
}

static void put_start(struct buf *b, const struct zone_change *c, int minutes, int seconds)
{
	buf_fmt(b, "DTSTART:1970%02d%02dT%02d%02d%02d\r\nRRULE:FREQ=YEARLY;BYMONTH=%d", c->month,
		zone_change_day(c, 1970), minutes / 60, minutes % 60, seconds, c->month);
}

/* Another day than the one that is counted: those of the month that it may be. False: they are not of one month. */
static bool put_days(struct buf *b, const struct zone_change *c)
{
	const struct zone_change on = zone_change_carried(c);
	const int days = (c->minutes - on.minutes) / DAY_MINUTES;
	const int from = c->week == 5 ? days - 7 : 7 * (c->week - 1) + days + 1;

	if (c->week == 5 ? days > 0 : from < 1 || from + 6 > 31)
		return false;
	put_start(b, c, on.minutes, 0);
	buf_cstr(b, ";BYMONTHDAY=");
	for (int i = 0; i < 7; i++)
		buf_fmt(b, "%s%d", i ? "," : "", from + i);
	buf_fmt(b, ";BYDAY=%s\r\n", weekdays[on.weekday]);
	return true;
}

static void put_change(struct buf *b, const struct zone_change *c)
{
	const bool ends_day = c->week == 5 && c->minutes == DAY_MINUTES; /* a second early, but on its day */
	struct zone_change on = *c;

	if (!ends_day)
		on = zone_change_carried(c);
	if (on.minutes != c->minutes && put_days(b, c))
		return;
	if (ends_day)
		on.minutes--;
	put_start(b, &on, on.minutes, ends_day ? 59 : 0);
	buf_fmt(b, ";BYDAY=%d%s\r\n", on.week == 5 ? -1 : on.week, weekdays[on.weekday]);
}

static void put_observance(struct buf *b, const char *name, int from, int to, const struct zone_change *c)
{
	buf_fmt(b, "BEGIN:%s\r\n", name);
	if (c->month)
		put_change(b, c);
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
