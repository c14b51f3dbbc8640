/* xs:dateTime. */
#include <gateway/ews/schema.h>

#include <gateway/content/timezone.h>

enum { DAY_MS = 24 * 60 * 60 * 1000, ZONE_MAX_MINUTES = 14 * 60 };

/* Exactly n digits at *at. */
static bool take_number(struct str s, size_t *at, size_t n, int min, int max, int *ret)
{
	int value = 0;

	if (s.n - *at < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s.p[*at + i];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*at += n;
	*ret = value;
	return value >= min && value <= max;
}

static bool take_char(struct str s, size_t *at, char c)
{
	return *at < s.n && s.p[(*at)++] == c;
}

static void skip_fraction(struct str s, size_t *at, int *ret_ms)
{
	int scale = 100;

	*ret_ms = 0;
	if (*at >= s.n || s.p[*at] != '.')
		return;
	for (++*at; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at) {
		*ret_ms += (s.p[*at] - '0') * scale;
		scale /= 10;
	}
}

/* "", "Z", "+02:00". */
static bool take_zone(struct str s, size_t *at, bool *ret_zoned, int *ret_minutes)
{
	int sign, hours, minutes;

	*ret_zoned = *at < s.n;
	*ret_minutes = 0;
	if (*at == s.n)
		return true;
	if (s.p[*at] == 'Z')
		return ++*at == s.n;
	if (s.p[*at] != '+' && s.p[*at] != '-')
		return false;
	sign = s.p[(*at)++] == '-' ? -1 : 1;
	if (!take_number(s, at, 2, 0, 14, &hours) || !take_char(s, at, ':') || !take_number(s, at, 2, 0, 59, &minutes))
		return false;
	*ret_minutes = sign * (hours * 60 + minutes);
	return *at == s.n && hours * 60 + minutes <= ZONE_MAX_MINUTES;
}

static bool is_day_of(int year, int month, int day)
{
	return days_of_date(year, month, day) < days_of_date(year, month + 1, 1);
}

enum err ews_time_read(struct str s, struct ews_time *ret)
{
	int year, month, day, hour, minute, second, ms, zone;
	size_t at = 0;
	bool zoned;

	if (!take_number(s, &at, 4, 1, 9999, &year) || !take_char(s, &at, '-') ||
	    !take_number(s, &at, 2, 1, 12, &month) || !take_char(s, &at, '-') || !take_number(s, &at, 2, 1, 31, &day) ||
	    !is_day_of(year, month, day) || !take_char(s, &at, 'T') || !take_number(s, &at, 2, 0, 23, &hour) ||
	    !take_char(s, &at, ':') || !take_number(s, &at, 2, 0, 59, &minute) || !take_char(s, &at, ':') ||
	    !take_number(s, &at, 2, 0, 59, &second))
		return ERR_INVALID;
	skip_fraction(s, &at, &ms);
	if (!take_zone(s, &at, &zoned, &zone))
		return ERR_INVALID;
	*ret = (struct ews_time){ .set = true, .zoned = zoned };
	ret->ms = days_of_date(year, month, day) * DAY_MS +
		  ((int64_t)(hour * 60 + minute - zone) * 60 + second) * 1000 + ms;
	return ERR_OK;
}

/* Two digits. */
static void put_two(char *at, int n)
{
	at[0] = (char)('0' + n / 10);
	at[1] = (char)('0' + n % 10);
}

/* By hand: an answer may have a hundred thousand of them. */
void ews_time_put(struct buf *b, const struct ews_time *t)
{
	const struct zone_rules utc = { 0 };
	const struct local_time l = zone_from_utc(&utc, t->ms);
	char text[] = "0000-00-00T00:00:00Z";

	if (l.year < 0 || l.year > 9999) {
		buf_fmt(b, "%04d", l.year);
	} else {
		put_two(text, l.year / 100);
		put_two(text + 2, l.year % 100);
		buf_put(b, text, 4);
	}
	put_two(text + 5, l.month);
	put_two(text + 8, l.day);
	put_two(text + 11, l.hour);
	put_two(text + 14, l.minute);
	put_two(text + 17, l.second);
	buf_put(b, text + 4, sizeof(text) - 1 - 4 - !t->zoned);
}
