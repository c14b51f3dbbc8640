/* dateTime of ActiveSync. */
#include <gateway/activesync/time_text.h>

#include <string.h>
#include <time.h>

/* The years that FILETIME and four digits can say. */
static const int64_t min_ms = -11644473600000, max_ms = 253402300799999;

static char *put_digits(char *to, int v, int width)
{
	for (int i = width - 1; i >= 0; i--, v /= 10)
		to[i] = (char)('0' + v % 10);
	return to + width;
}

struct time_text time_text(int64_t ms)
{
	struct time_text t;
	struct tm tm;
	time_t seconds;
	char *p = t.text;
	int rest;

	ms = ms < min_ms ? min_ms : ms > max_ms ? max_ms : ms;
	rest = (int)(ms % 1000);
	seconds = (time_t)(ms / 1000);
	if (rest < 0) {
		rest += 1000;
		seconds--;
	}
	memset(&tm, 0, sizeof(tm));
	gmtime_r(&seconds, &tm);
	p = put_digits(p, tm.tm_year + 1900, 4);
	*p++ = '-';
	p = put_digits(p, tm.tm_mon + 1, 2);
	*p++ = '-';
	p = put_digits(p, tm.tm_mday, 2);
	*p++ = 'T';
	p = put_digits(p, tm.tm_hour, 2);
	*p++ = ':';
	p = put_digits(p, tm.tm_min, 2);
	*p++ = ':';
	p = put_digits(p, tm.tm_sec, 2);
	*p++ = '.';
	p = put_digits(p, rest, 3);
	memcpy(p, "Z", 2);
	return t;
}

struct time_text time_text_compact(int64_t ms)
{
	struct time_text whole = time_text(ms), t;
	char *p = t.text;

	for (const char *from = whole.text; *from != '.'; from++)
		if (*from != '-' && *from != ':')
			*p++ = *from;
	memcpy(p, "Z", 2);
	return t;
}

/* ---- reading ---- */

/* Digits of a fixed number, cut from the text. */
static bool take_number(struct str *text, size_t width, int *ret)
{
	uint64_t v;

	if (text->n < width || str_to_u64(str_slice(*text, 0, width), 9999, &v))
		return false;
	*text = str_slice(*text, width, text->n);
	*ret = (int)v;
	return true;
}

static bool take_sign(struct str *text, char sign)
{
	if (text->n == 0 || text->p[0] != sign)
		return false;
	*text = str_slice(*text, 1, text->n);
	return true;
}

static enum err from_parts(const struct tm *parts, int ms, int64_t *ret)
{
	struct tm tm = *parts;
	time_t seconds;

	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	seconds = timegm(&tm); /* which makes a real day of 31 February */
	if (parts->tm_mon < 1 || parts->tm_mon > 12 || tm.tm_mday != parts->tm_mday || parts->tm_hour > 23 ||
	    parts->tm_min > 59 || parts->tm_sec > 60)
		return ERR_INVALID;
	*ret = (int64_t)seconds * 1000 + ms;
	return ERR_OK;
}

static bool take_day(struct str *text, bool compact, struct tm *tm)
{
	return take_number(text, 4, &tm->tm_year) && (compact || take_sign(text, '-')) &&
	       take_number(text, 2, &tm->tm_mon) && (compact || take_sign(text, '-')) &&
	       take_number(text, 2, &tm->tm_mday);
}

static bool take_time(struct str *text, bool compact, struct tm *tm)
{
	return take_sign(text, 'T') && take_number(text, 2, &tm->tm_hour) && (compact || take_sign(text, ':')) &&
	       take_number(text, 2, &tm->tm_min) && (compact || take_sign(text, ':')) &&
	       take_number(text, 2, &tm->tm_sec);
}

enum err time_text_parse(struct str text, int64_t *ret)
{
	bool compact = text.n > 4 && text.p[4] != '-';
	struct tm tm = { 0 };
	int ms = 0;

	if (!take_day(&text, compact, &tm) || !take_time(&text, compact, &tm))
		return ERR_INVALID;
	if (take_sign(&text, '.') && !take_number(&text, 3, &ms))
		return ERR_INVALID;
	take_sign(&text, 'Z');
	return text.n ? ERR_INVALID : from_parts(&tm, ms, ret);
}

/* Month and day of one digit or two. */
static bool cut_number(struct str *text, char sep, int *ret)
{
	struct str part;
	uint64_t v;

	if (!str_cut(text, sep, &part) || part.n > 4 || str_to_u64(part, 9999, &v))
		return false;
	*ret = (int)v;
	return true;
}

enum err time_text_parse_day(struct str text, int64_t *ret)
{
	bool american = str_index(text, '/') < text.n;
	char sep = american ? '/' : '-';
	struct tm tm = { 0 };
	int *const order[] = { american ? &tm.tm_mon : &tm.tm_year, american ? &tm.tm_mday : &tm.tm_mon,
			       american ? &tm.tm_year : &tm.tm_mday };

	for (size_t i = 0; i < countof(order); i++)
		if (!cut_number(&text, sep, order[i]))
			return ERR_INVALID;
	return text.n || tm.tm_year < 1601 ? ERR_INVALID : from_parts(&tm, 0, ret);
}
