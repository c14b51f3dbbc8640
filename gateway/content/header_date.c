/* Dates (RFC 5322 sections 3.3 and 4.3): the words in any sensible order, as real senders write them. */
#include <gateway/content/header.h>

#include <gateway/content/octet.h>

enum { DATE_YEAR_MIN = 1900, DATE_YEAR_MAX = 9999, NOT_SET = -1, MINUTES_PER_DAY = 24 * 60 };

struct date {
	int day, month, year; /* month 1 to 12 */
	int hour, minute, second;
	int zone; /* minutes east of UTC */
	bool pm, am;
	bool zone_set;
};

/* Named zones of RFC 5322 section 4.3, minutes east; a letter alone and any other name is UTC. */
static const struct {
	char name[5];
	int minutes;
} zones[] = {
	{ "edt", -4 * 60 }, { "est", -5 * 60 }, { "cdt", -5 * 60 }, { "cst", -6 * 60 }, { "mdt", -6 * 60 },
	{ "mst", -7 * 60 }, { "pdt", -7 * 60 }, { "pst", -8 * 60 }, { "bst", 60 },      { "cet", 60 },
	{ "met", 60 },      { "cest", 2 * 60 }, { "mest", 2 * 60 }, { "eet", 2 * 60 },  { "eest", 3 * 60 },
	{ "msk", 3 * 60 },  { "jst", 9 * 60 },  { "kst", 9 * 60 },
};

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

static int number(struct str s)
{
	uint64_t v;

	return s.n <= 4 && str_to_u64(s, DATE_YEAR_MAX, &v) == ERR_OK ? (int)v : NOT_SET;
}

static void time_word(struct date *d, struct str s)
{
	struct str part;
	int *fields[] = { &d->hour, &d->minute, &d->second };

	if (d->hour != NOT_SET)
		return;
	d->second = 0;
	for (size_t i = 0; i < countof(fields) && str_cut(&s, ':', &part); i++)
		*fields[i] = number(str_slice(part, 0, str_index(part, '.')));
}

static void zone_word(struct date *d, struct str s)
{
	int sign = s.p[0] == '-' ? -1 : 1, hours, minutes;
	size_t colon;

	s = str_slice(s, 1, s.n);
	colon = str_index(s, ':');
	if (colon < s.n) {
		hours = number(str_slice(s, 0, colon));
		minutes = number(str_slice(s, colon + 1, s.n));
	} else {
		int v = number(s);

		hours = s.n <= 2 ? v : v / 100;
		minutes = s.n <= 2 ? 0 : v % 100;
	}
	d->zone_set = true;
	d->zone = 0;
	if (hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60)
		d->zone = sign * (hours * 60 + minutes);
}

static void alpha_word(struct date *d, struct str s)
{
	if (s.n >= 3 && d->month == NOT_SET)
		for (int i = 0; i < 12; i++)
			if (str_ieq(str_slice(s, 0, 3), str_from(months + 3 * i, 3))) {
				d->month = i + 1;
				return;
			}
	d->pm = d->pm || str_ieq(s, S("pm"));
	d->am = d->am || str_ieq(s, S("am"));
	for (size_t i = 0; i < countof(zones) && !d->zone_set; i++)
		if (str_ieq(s, str_of(zones[i].name))) {
			d->zone = zones[i].minutes;
			d->zone_set = true;
		}
}

/* Two digits are of 1950 to 2049, three count from 1900 (RFC 5322 section 4.3). */
static int full_year(int v, size_t digits)
{
	if (digits >= 4)
		return v;
	if (digits == 3)
		return v + 1900;
	return v + (v < 50 ? 2000 : 1900);
}

static void number_word(struct date *d, struct str s)
{
	int v = number(s);

	if (d->day == NOT_SET && s.n <= 2)
		d->day = v;
	else if (d->year == NOT_SET && v != NOT_SET)
		d->year = full_year(v, s.n);
}

/* The next word: a zone with its sign, a time, a number or letters. */
static struct str word_next(struct str *rest)
{
	struct str s = *rest;
	bool alpha = octet_is_alpha(s.p[0]);
	size_t n = 1;

	while (n < s.n && (alpha ? octet_is_alpha(s.p[n]) : octet_is_digit(s.p[n]) || s.p[n] == ':' || s.p[n] == '.'))
		n++;
	*rest = str_slice(s, n, s.n);
	return str_slice(s, 0, n);
}

/* A sign begins a zone only after the time; before it, it joins day, month and year. */
static bool begins_zone(const struct date *d, struct str s)
{
	return (s.p[0] == '+' || s.p[0] == '-') && d->hour != NOT_SET && s.n > 1 && octet_is_digit(s.p[1]);
}

static struct str comment_skip(struct str s)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		depth += s.p[i] == '(';
		depth -= s.p[i] == ')';
		if (depth == 0)
			return str_slice(s, i + 1, s.n);
	}
	return STR_EMPTY;
}

static void read_words(struct date *d, struct str s)
{
	while (s.n) {
		if (s.p[0] == '(')
			s = comment_skip(s);
		else if (begins_zone(d, s))
			zone_word(d, word_next(&s));
		else if (octet_is_alpha(s.p[0]))
			alpha_word(d, word_next(&s));
		else if (octet_is_digit(s.p[0])) {
			struct str word = word_next(&s);

			if (str_index(word, ':') < word.n)
				time_word(d, word);
			else
				number_word(d, word);
		} else
			s = str_slice(s, 1, s.n);
	}
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool is_date(const struct date *d)
{
	return d->month != NOT_SET && d->year >= DATE_YEAR_MIN && d->year <= DATE_YEAR_MAX && d->day >= 1 &&
	       d->day <= days_in_month(d->year, d->month) && d->hour >= 0 && d->hour <= 23 && d->minute >= 0 &&
	       d->minute <= 59 && d->second >= 0 && d->second <= 60;
}

/* Days since 1970-01-01 of the Gregorian calendar; years count from March so that the leap day is the last. */
static int64_t days_since_epoch(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return 365 * y + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

static enum err read_date(struct str raw, bool local, int64_t *ret_ms)
{
	struct date d = { .day = NOT_SET, .month = NOT_SET, .year = NOT_SET, .hour = NOT_SET };
	int64_t minutes;

	read_words(&d, raw);
	if (d.hour == NOT_SET)
		d.hour = 0;
	if (d.hour <= 12 && (d.am || d.pm))
		d.hour = d.hour % 12 + (d.pm ? 12 : 0);
	if (!is_date(&d))
		return ERR_INVALID;
	minutes = days_since_epoch(d.year, d.month, d.day) * MINUTES_PER_DAY + d.hour * 60 + d.minute -
		  (local ? 0 : d.zone);
	*ret_ms = (minutes * 60 + d.second) * 1000;
	return ERR_OK;
}

enum err header_date(struct str raw, int64_t *ret_ms)
{
	return read_date(raw, false, ret_ms);
}

enum err header_date_local(struct str raw, int64_t *ret_ms)
{
	return read_date(raw, true, ret_ms);
}
