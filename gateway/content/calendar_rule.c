/* Rules of recurrence (RFC 5545 section 3.3.10) as ActiveSync says them (MS-ASCAL 2.2.2.37), and back. */
#include <gateway/content/calendar_internal.h>

enum {
	NONE = ICAL_RECURRENCE_ARRAY_MAX,
	LAST_WEEK = 5,
	ALL_DAYS = 127,
	SCALED_INTERVAL_MAX = 100,
};

static const struct str day_names[] = { STR_INIT("SU"), STR_INIT("MO"), STR_INIT("TU"), STR_INIT("WE"),
					STR_INIT("TH"), STR_INIT("FR"), STR_INIT("SA") };

static int weekday_of(const struct local_time *t)
{
	return (int)(((days_of_date(t->year, t->month, t->day) + 4) % 7 + 7) % 7);
}

/* ---- the last instance ---- */

static int64_t seconds_of_day(const struct local_time *t)
{
	return (int64_t)t->hour * 3600 + t->minute * 60 + t->second;
}

int64_t cal_until(const struct cal_time *start, struct local_time until)
{
	struct local_time t = until;
	bool before = seconds_of_day(&until) < seconds_of_day(&start->local);

	t.hour = start->local.hour;
	t.minute = start->local.minute;
	t.second = start->local.second;
	t.day -= before; /* days_of_date() carries */
	return zone_to_utc(&start->zone, t);
}

static void read_until(const struct icalrecurrencetype *rule, const struct cal_time *start, struct cal_recurrence *ret)
{
	const struct icaltimetype *u = &rule->until;
	struct local_time until = { u->year, u->month, u->day, u->hour, u->minute, u->second };
	const struct zone_rules utc = { 0 };

	if (icaltime_is_null_time(*u) || !cal_time_is_sane(*u))
		return;
	if (u->is_date)
		until.hour = 23, until.minute = until.second = 59;
	else if (icaltime_is_utc(*u))
		until = zone_from_utc(&start->zone, zone_to_utc(&utc, until));
	ret->has_until = true;
	ret->until_ms = cal_until(start, until);
}

/* ---- reading ---- */

static enum cal_frequency frequency_of(icalrecurrencetype_frequency f)
{
	switch ((int)f) {
	case ICAL_DAILY_RECURRENCE:
		return CAL_DAILY;
	case ICAL_WEEKLY_RECURRENCE:
		return CAL_WEEKLY;
	case ICAL_MONTHLY_RECURRENCE:
		return CAL_MONTHLY;
	case ICAL_YEARLY_RECURRENCE:
		return CAL_YEARLY;
	default:
		return CAL_NEVER;
	}
}

static size_t count_of(const short *list, size_t max)
{
	size_t n = 0;

	while (n < max && list[n] != NONE)
		n++;
	return n;
}

/* -1 is the last one; the fifth, which not every month has, and others from the end can't be said. */
static bool take_position(int position, struct cal_recurrence *ret)
{
	if (position != -1 && (position < 1 || position > 4))
		return false;
	ret->week = position == -1 ? LAST_WEEK : position;
	return true;
}

/* Days of the week: a set of them, of which a position chooses one, or one with its own position. */
static bool take_weekdays(const struct icalrecurrencetype *rule, struct cal_recurrence *ret)
{
	size_t n = count_of(rule->by_day, ICAL_BY_DAY_SIZE), set = count_of(rule->by_set_pos, ICAL_BY_SETPOS_SIZE);
	int position = 0;

	for (size_t i = 0; i < n; i++) {
		int day = (int)icalrecurrencetype_day_day_of_week(rule->by_day[i]);

		position = icalrecurrencetype_day_position(rule->by_day[i]);
		if (day < 1 || day > 7 || (position && n > 1))
			return false;
		ret->weekdays |= 1u << (day - 1);
	}
	if (position && set)
		return false;
	if (position)
		return take_position(position, ret);
	if (set)
		return set == 1 && n && take_position(rule->by_set_pos[0], ret);
	return true;
}

static bool take_day(const struct icalrecurrencetype *rule, struct cal_recurrence *ret)
{
	size_t n = count_of(rule->by_month_day, ICAL_BY_MONTHDAY_SIZE);
	int day = rule->by_month_day[0];

	if (n == 0)
		return true;
	if (n > 1 || day == 0 || day < -1 || day > 31 || ret->weekdays)
		return false;
	if (day == -1) { /* the last day of the month: of any weekday the last */
		ret->weekdays = ALL_DAYS;
		ret->week = LAST_WEEK;
	} else {
		ret->day_of_month = day;
	}
	return true;
}

static bool take_month(const struct icalrecurrencetype *rule, struct cal_recurrence *ret)
{
	size_t n = count_of(rule->by_month, ICAL_BY_MONTH_SIZE);

	if (n == 0)
		return true;
	ret->month = icalrecurrencetype_month_month(rule->by_month[0]);
	ret->leap_month = icalrecurrencetype_month_is_leap(rule->by_month[0]) != 0;
	return n == 1 && ret->month >= 1 && ret->month <= 12;
}

/* Each frequency has its own elements (2.2.2.37.1); what the rule leaves to the start of the series is taken from there. */
static bool fit(struct cal_recurrence *r, const struct local_time *start)
{
	switch (r->frequency) {
	case CAL_DAILY: /* on some days of the week is weekly, if it is every day of these */
		if (r->weekdays && r->interval != 1)
			return false;
		return !r->week && !r->day_of_month && !r->month;
	case CAL_WEEKLY:
		if (!r->weekdays)
			r->weekdays = 1u << weekday_of(start);
		return !r->week && !r->day_of_month && !r->month;
	case CAL_YEARLY:
		if (!r->month && (r->weekdays || r->day_of_month))
			return false;
		if (!r->month)
			r->month = start->month;
		break;
	case CAL_MONTHLY:
		if (r->month)
			return false;
		break;
	case CAL_NEVER:
		return false;
	}
	if (r->weekdays && !r->week) /* every Monday of a month */
		return false;
	if (!r->week && !r->day_of_month)
		r->day_of_month = start->day;
	return true;
}

static bool has_odd_parts(const struct icalrecurrencetype *rule)
{
	return rule->by_second[0] != NONE || rule->by_minute[0] != NONE || rule->by_hour[0] != NONE ||
	       rule->by_year_day[0] != NONE || rule->by_week_no[0] != NONE || rule->interval < 1;
}

/* Calendars (CLDR's names) whose months are those of other peoples; what Gregorian months have is written without a name. */
static const struct {
	struct str name;
	int type;
} scales[] = {
	{ STR_INIT("GREGORIAN"), 0 },     { STR_INIT("HEBREW"), 8 }, { STR_INIT("CHINESE"), 15 },
	{ STR_INIT("ISLAMIC-CIVIL"), 6 }, { STR_INIT("DANGI"), 20 },
};

/* A calendar of its own, with nothing left to a start that is a Gregorian date. */
static bool take_scale(const struct icalrecurrencetype *rule, struct cal_recurrence *ret)
{
	if (!rule->rscale)
		return rule->skip == ICAL_SKIP_OMIT || rule->skip == ICAL_SKIP_UNDEFINED;
	for (size_t i = 0; i < countof(scales); i++)
		if (str_ieq(str_of(rule->rscale), scales[i].name)) {
			ret->calendar_type = scales[i].type;
			if (rule->skip != (scales[i].type ? ICAL_SKIP_FORWARD : ICAL_SKIP_OMIT))
				return false;
			return !scales[i].type || ret->frequency <= CAL_WEEKLY ||
			       (ret->frequency == CAL_MONTHLY ? ret->day_of_month || ret->week
							      : ret->month && (ret->day_of_month || ret->week));
		}
	return false;
}

void cal_rule_read(const struct icalrecurrencetype *rule, const struct cal_time *start, struct cal_recurrence *ret)
{
	struct cal_recurrence r = { .frequency = frequency_of(rule->freq),
				    .interval = rule->interval >= 1 ? rule->interval : 1,
				    .count = rule->count > 0 ? rule->count : 0 };
	bool fits = take_weekdays(rule, &r) && take_day(rule, &r) && take_month(rule, &r) && !has_odd_parts(rule) &&
		    take_scale(rule, &r) && start->given;

	r.first_weekday = rule->week_start >= ICAL_SUNDAY_WEEKDAY && rule->week_start <= ICAL_SATURDAY_WEEKDAY
				  ? (int)rule->week_start - 1
				  : 1;
	if (!fits || !fit(&r, &start->local))
		r = (struct cal_recurrence){ .odd = true, .interval = 1 };
	else
		read_until(rule, start, &r);
	*ret = r;
}

/* ---- bounds ---- */

bool cal_rule_is_scaled(const struct icalrecurrencetype *rule)
{
	bool months = rule->freq == ICAL_MONTHLY_RECURRENCE || rule->freq == ICAL_YEARLY_RECURRENCE;

	return rule->rscale && !str_ieq(str_of(rule->rscale), S("GREGORIAN")) &&
	       (months || rule->by_month[0] != NONE || rule->by_month_day[0] != NONE);
}

/* Rules that can be said have an occurrence in each of their years or months, since SKIP finds another day. */
static bool is_scale_bounded(const struct icalrecurrencetype *rule)
{
	const struct cal_time start = { .given = true, .local = { .year = 2000, .month = 1, .day = 1 } };
	struct cal_recurrence r;

	cal_rule_read(rule, &start, &r);
	return !r.odd && r.calendar_type && rule->interval <= SCALED_INTERVAL_MAX;
}

bool cal_rule_is_bounded(const struct icalrecurrencetype *rule)
{
	if (frequency_of(rule->freq) == CAL_NEVER || rule->interval < 1 || rule->by_hour[0] != NONE ||
	    rule->by_minute[0] != NONE || rule->by_second[0] != NONE)
		return false;
	return !cal_rule_is_scaled(rule) || is_scale_bounded(rule);
}

/* ---- writing ---- */

static void put_days(struct buf *b, unsigned weekdays)
{
	char separator = '=';

	buf_cstr(b, ";BYDAY");
	for (size_t i = 0; i < countof(day_names); i++)
		if (weekdays & 1u << i) {
			buf_char(b, separator);
			buf_str(b, day_names[i]);
			separator = ',';
		}
}

static void put_week(struct buf *b, const struct cal_recurrence *r)
{
	int position = r->week == LAST_WEEK ? -1 : r->week;

	if (r->weekdays == ALL_DAYS && r->week == LAST_WEEK) {
		buf_cstr(b, ";BYMONTHDAY=-1");
		return;
	}
	for (size_t i = 0; i < countof(day_names); i++)
		if (r->weekdays == 1u << i) {
			buf_fmt(b, ";BYDAY=%d" STR_FMT, position, STR_ARG(day_names[i]));
			return;
		}
	put_days(b, r->weekdays);
	buf_fmt(b, ";BYSETPOS=%d", position);
}

static void put_until(struct buf *b, const struct cal_recurrence *r, const struct cal_time *start)
{
	const struct zone_rules utc = { 0 };
	struct local_time t = zone_from_utc(start->is_date ? &start->zone : &utc, r->until_ms);

	buf_fmt(b, ";UNTIL=%04d%02d%02d", t.year, t.month, t.day);
	if (!start->is_date)
		buf_fmt(b, "T%02d%02d%02dZ", t.hour, t.minute, t.second);
}

static struct str scale_of(int type)
{
	for (size_t i = 0; i < countof(scales); i++)
		if (scales[i].type == type && type)
			return scales[i].name;
	return type == 14 ? S("CHINESE") : STR_EMPTY; /* the Japanese moon is reckoned like the Chinese one */
}

static const char *frequency_name(const struct cal_recurrence *r)
{
	switch (r->frequency) {
	case CAL_WEEKLY:
		return "WEEKLY";
	case CAL_MONTHLY:
		return "MONTHLY";
	case CAL_YEARLY:
		return "YEARLY";
	case CAL_DAILY:
	case CAL_NEVER:
		break;
	}
	return r->weekdays ? "WEEKLY" : "DAILY"; /* MS-ASCAL R3892312 */
}

void cal_rule_put(struct buf *b, const struct cal_recurrence *r, const struct cal_time *start)
{
	const struct str scale = scale_of(r->calendar_type);
	bool months = r->frequency == CAL_MONTHLY || r->frequency == CAL_YEARLY;

	buf_cstr(b, "RRULE");
	if (r->calendar_type)
		buf_fmt(b, ";X-ROOST-CALENDAR=%d", r->calendar_type);
	buf_char(b, ':');
	if (scale.n)
		buf_fmt(b, "RSCALE=" STR_FMT ";", STR_ARG(scale));
	buf_fmt(b, "FREQ=%s", frequency_name(r));
	if (r->interval > 1)
		buf_fmt(b, ";INTERVAL=%d", r->interval);
	if (r->has_until)
		put_until(b, r, start);
	else if (r->count)
		buf_fmt(b, ";COUNT=%d", r->count);
	if (r->frequency == CAL_YEARLY)
		buf_fmt(b, ";BYMONTH=%d%s", r->month, r->leap_month && scale.n ? "L" : "");
	if (months && r->week)
		put_week(b, r);
	else if (months)
		buf_fmt(b, ";BYMONTHDAY=%d", r->day_of_month);
	else if (r->weekdays)
		put_days(b, r->weekdays);
	if (r->frequency == CAL_WEEKLY || r->weekdays)
		buf_fmt(b, ";WKST=" STR_FMT, STR_ARG(day_names[r->first_weekday]));
	if (scale.n)
		buf_cstr(b, ";SKIP=FORWARD");
}
