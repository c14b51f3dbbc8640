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
