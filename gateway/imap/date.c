/* Dates. */
#include <gateway/imap/date.h>

#include <time.h>

static const char months[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};

enum { DAY_MS = 24 * 60 * 60 * 1000 };

void imap_put_date_time(struct buf *b, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	if (ms < 0 || !gmtime_r(&seconds, &tm) || tm.tm_year + 1900 > 9999) {
		seconds = 0;
		gmtime_r(&seconds, &tm);
	}
	buf_fmt(b, "\"%2d-%s-%04d %02d:%02d:%02d +0000\"", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
		tm.tm_min, tm.tm_sec);
}

/* Days since 1970 of a date in the Gregorian calendar. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
	int64_t era, of_era, of_year;

	y -= m <= 2;
	era = y / 400;
	of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	of_era = (y - era * 400) * 365 + (y - era * 400) / 4 - (y - era * 400) / 100 + of_year;
	return era * 146097 + of_era - 719468;
}

/* Exactly that many digits. */
static int64_t digits(struct imap_in *in, unsigned n, int64_t max)
{
	int64_t v = 0;

	for (; n && in_ok(in); n--) {
		char c = in_peek(in);

		if (c < '0' || c > '9')
			in_fail(in, "malformed date");
		else
			in_char(in, c);
		v = v * 10 + (c - '0');
	}
	if (in_ok(in) && v > max)
		in_fail(in, "no such date");
	return v;
}

static int64_t month(struct imap_in *in)
{
	struct str word = str_slice(in->text, in->at, in->at + 3);

	for (int i = 0; in_ok(in) && i < 12; i++) {
		if (!str_ieq(word, str_of(months[i])))
			continue;
		in->at += 3;
		return i + 1;
	}
	in_fail(in, "no such month");
	return 1;
}

/* "d-Mon-yyyy", the day with one digit or two, or a blank before it. */
static int64_t read_day(struct imap_in *in)
{
	static const int64_t lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t d, m, y;

	in_try(in, ' ');
	d = digits(in, in->at + 1 < in->text.n && in->text.p[in->at + 1] == '-' ? 1 : 2, 31);
	in_char(in, '-');
	m = month(in);
	in_char(in, '-');
	y = digits(in, 4, 9999);
	if (in_ok(in) && (d == 0 || d > lengths[m - 1]))
		in_fail(in, "no such date");
	return days_of(y, m, d) * DAY_MS;
}

int64_t in_date(struct imap_in *in)
{
	bool quoted = in_try(in, '"');
	int64_t ms = read_day(in);

	if (quoted)
		in_char(in, '"');
	return ms;
}

static int64_t read_zone(struct imap_in *in)
{
	bool west = in_try(in, '-');
	int64_t h, m;

	if (!west)
		in_char(in, '+');
	h = digits(in, 2, 23);
	m = digits(in, 2, 59);
	return (h * 60 + m) * 60 * 1000 * (west ? -1 : 1);
}

int64_t in_date_time(struct imap_in *in)
{
	int64_t ms, h, m, s;

	in_char(in, '"');
	ms = read_day(in);
	in_sp(in);
	h = digits(in, 2, 23);
	in_char(in, ':');
	m = digits(in, 2, 59);
	in_char(in, ':');
	s = digits(in, 2, 60);
	in_sp(in);
	ms += ((h * 60 + m) * 60 + s) * 1000 - read_zone(in);
	in_char(in, '"');
	return ms;
}
