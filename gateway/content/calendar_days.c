/*
 * On which days a rule has an occurrence (RFC 5545 section 3.3.10). A day is asked by itself and answered from the day alone,
 * so that a window costs its days, whatever years lie before it, and no rule can be looked through for ever: libical's
 * iterator takes seconds for one that never comes true.
 */
#include <gateway/content/calendar_internal.h>

enum { NONE = ICAL_RECURRENCE_ARRAY_MAX };
#define DAY_MS INT64_C(86400000)

struct day {
	int64_t n; /* days_of_date() */
	int year, month, of_month, of_year, weekday;
	int month_days, year_days;
};

static struct day day_of(int64_t n)
{
	const struct zone_rules utc = { 0 };
	const struct local_time t = zone_from_utc(&utc, n * DAY_MS);
	const int64_t year = days_of_date(t.year, 1, 1);

	return (struct day){ .n = n,
			     .year = t.year,
			     .month = t.month,
			     .of_month = t.day,
			     .of_year = (int)(n - year) + 1,
			     .weekday = (int)(((n + 4) % 7 + 7) % 7),
			     .month_days =
				     (int)(days_of_date(t.year, t.month + 1, 1) - days_of_date(t.year, t.month, 1)),
			     .year_days = (int)(days_of_date(t.year + 1, 1, 1) - year) };
}

/* Is the at-th of so many in the list, which may count from the end? */
static bool is_listed(const short *list, size_t max, int at, int total)
{
	for (size_t i = 0; i < max && list[i] != NONE; i++)
		if (list[i] == at || (list[i] < 0 && list[i] + total + 1 == at))
			return true;
	return false;
}

/* ---- weeks ---- */

static int64_t week_start(const struct icalrecurrencetype *r, const struct day *d)
{
	int first = r->week_start == ICAL_NO_WEEKDAY ? 1 : (int)r->week_start - 1;

	return d->n - (d->weekday - first + 7) % 7;
}

/* The week that has January 4th is the first one of its year. */
static bool is_in_weeks(const struct icalrecurrencetype *r, const struct day *d)
{
	const struct day middle = day_of(week_start(r, d) + 3);
	const struct day last = day_of(days_of_date(middle.year, 12, 28));
	const struct day middle_of_last = day_of(week_start(r, &last) + 3);

	return is_listed(r->by_week_no, ICAL_BY_WEEKNO_SIZE, (middle.of_year - 1) / 7 + 1,
			 (middle_of_last.of_year - 1) / 7 + 1);
}

/* ---- days of the week ---- */

static bool is_weekday_listed(const struct icalrecurrencetype *r, const struct day *d)
{
	bool of_year = r->freq == ICAL_YEARLY_RECURRENCE && r->by_month[0] == NONE;
	int at = ((of_year ? d->of_year : d->of_month) - 1) / 7 + 1;
	int from_end = ((of_year ? d->year_days - d->of_year : d->month_days - d->of_month)) / 7 + 1;

	for (size_t i = 0; i < ICAL_BY_DAY_SIZE && r->by_day[i] != NONE; i++) {
		int position = icalrecurrencetype_day_position(r->by_day[i]);

		if ((int)icalrecurrencetype_day_day_of_week(r->by_day[i]) - 1 == d->weekday &&
		    (position == 0 || position == at || -position == from_end))
			return true;
	}
	return false;
}

/* ---- the rule ---- */

/* Every so many days, weeks, months, years from the first one on. */
static bool is_in_step(const struct icalrecurrencetype *r, const struct day *start, const struct day *d)
{
	switch ((int)r->freq) {
	case ICAL_DAILY_RECURRENCE:
		return (d->n - start->n) % r->interval == 0;
	case ICAL_WEEKLY_RECURRENCE:
		return (week_start(r, d) - week_start(r, start)) / 7 % r->interval == 0;
	case ICAL_MONTHLY_RECURRENCE:
		return ((d->year - start->year) * 12 + d->month - start->month) % r->interval == 0;
	default:
		return (d->year - start->year) % r->interval == 0;
	}
}

/* What the rule leaves open is as the first one has it. */
static bool is_like_start(const struct icalrecurrencetype *r, const struct day *start, const struct day *d)
{
	if (r->by_day[0] != NONE || r->by_month_day[0] != NONE || r->by_year_day[0] != NONE)
		return true;
	if (r->freq == ICAL_WEEKLY_RECURRENCE || r->by_week_no[0] != NONE)
		return d->weekday == start->weekday;
	if (r->freq == ICAL_YEARLY_RECURRENCE && r->by_month[0] == NONE && d->month != start->month)
		return false;
	return r->freq == ICAL_DAILY_RECURRENCE || d->of_month == start->of_month;
}

/* Without BYSETPOS. */
static bool is_candidate(const struct icalrecurrencetype *r, const struct day *start, const struct day *d)
{
	return is_in_step(r, start, d) && is_like_start(r, start, d) &&
	       (r->by_month[0] == NONE || is_listed(r->by_month, ICAL_BY_MONTH_SIZE, d->month, 0)) &&
	       (r->by_month_day[0] == NONE ||
		is_listed(r->by_month_day, ICAL_BY_MONTHDAY_SIZE, d->of_month, d->month_days)) &&
	       (r->by_day[0] == NONE || is_weekday_listed(r, d)) &&
	       (r->by_year_day[0] == NONE ||
		is_listed(r->by_year_day, ICAL_BY_YEARDAY_SIZE, d->of_year, d->year_days)) &&
	       (r->by_week_no[0] == NONE || is_in_weeks(r, d));
}

/* The period of which BYSETPOS chooses: from *ret on, so many days. */
static int period_of(const struct icalrecurrencetype *r, const struct day *d, int64_t *ret)
{
	switch ((int)r->freq) {
	case ICAL_WEEKLY_RECURRENCE:
		*ret = week_start(r, d);
		return 7;
	case ICAL_MONTHLY_RECURRENCE:
		*ret = d->n - d->of_month + 1;
		return d->month_days;
	case ICAL_YEARLY_RECURRENCE:
		*ret = d->n - d->of_year + 1;
		return d->year_days;
	default:
		*ret = d->n;
		return 1;
	}
}

static bool is_chosen(const struct icalrecurrencetype *r, const struct day *start, const struct day *d)
{
	int at = 0, total = 0, days;
	int64_t from;

	days = period_of(r, d, &from);
	for (int64_t n = from; n < from + days; n++) {
		const struct day other = day_of(n);
		bool has = is_candidate(r, start, &other);

		total += has;
		at += has && n <= d->n;
	}
	return is_listed(r->by_set_pos, ICAL_BY_SETPOS_SIZE, at, total);
}

bool cal_rule_has_day(const struct icalrecurrencetype *rule, int64_t start, int64_t day)
{
	const struct day first = day_of(start), d = day_of(day);

	if (day < start || !is_candidate(rule, &first, &d))
		return false;
	return rule->by_set_pos[0] == NONE || is_chosen(rule, &first, &d);
}
