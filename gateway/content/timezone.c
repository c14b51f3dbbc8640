/* Rules of time zones. */
#include <gateway/content/timezone.h>

#include <base/base64.h>
#include <base/utf8.h>

#include <gateway/content/octet.h>

#include <fcntl.h>
#include <unistd.h>

enum {
	DAY_MINUTES = 24 * 60,
	OFFSET_MAX = 25 * 60, /* minutes */
	NAME_MAX_BYTES = 64,
	FOOTER_MAX = 256,
	BLOB_BYTES = 172,
	TZIF_HEADER = 44,
	TZIF_MAX = 4096,            /* of anything in a file */
	TZIF_BYTES_MAX = 16 * 1024, /* of a file that is looked at */
	TZIF_YEAR_MAX = 2037,       /* no table goes beyond; then the last line holds */
};

int64_t days_of_date(int year, int month, int day)
{
	int64_t y = (int64_t)year + (month - 1) / 12, m = (month - 1) % 12, era, of_era, of_year;

	if (m < 0) {
		m += 12;
		y--;
	}
	/* Years that begin in March, so that the leap day is the last one. */
	y -= m < 2;
	era = (y >= 0 ? y : y - 399) / 400;
	of_era = y - era * 400;
	of_year = (153 * (m >= 2 ? m - 2 : m + 10) + 2) / 5;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year + day - 1 - 719468;
}

static int weekday_of(int64_t days)
{
	return (int)(((days + 4) % 7 + 7) % 7);
}

/* ---- POSIX TZ ---- */

/* Letters, or anything in angle brackets. */
static bool skip_name(struct str *s)
{
	size_t n = 0;

	if (s->n && s->p[0] == '<') {
		n = str_index(*s, '>');
		if (n == s->n)
			return false;
		n++;
	} else {
		while (n < s->n && octet_is_alpha(s->p[n]))
			n++;
	}
	*s = str_slice(*s, n, s->n);
	return n >= 3;
}

static bool take_number(struct str *s, int max, int *ret)
{
	size_t n = 0;

	*ret = 0;
	while (n < s->n && octet_is_digit(s->p[n]) && *ret <= max)
		*ret = *ret * 10 + (s->p[n++] - '0');
	*s = str_slice(*s, n, s->n);
	return n > 0 && *ret <= max;
}

static bool take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_slice(*s, 1, s->n);
	return true;
}

/* [+-]hh[:mm[:ss]] in minutes. */
static bool take_time(struct str *s, int *ret)
{
	bool minus = take_char(s, '-');
	int hours, minutes = 0, seconds = 0;

	if (!minus)
		(void)take_char(s, '+');
	if (!take_number(s, 167, &hours))
		return false;
	if (take_char(s, ':') && !take_number(s, 59, &minutes))
		return false;
	if (take_char(s, ':') && !take_number(s, 59, &seconds))
		return false;
	*ret = (hours * 60 + minutes) * (minus ? -1 : 1);
	return true;
}

struct zone_change zone_change_carried(const struct zone_change *c)
{
	struct zone_change to = *c;

	while (to.minutes < 0) {
		to.minutes += DAY_MINUTES;
		to.weekday = (to.weekday + 6) % 7;
	}
	while (to.minutes >= DAY_MINUTES) {
		to.minutes -= DAY_MINUTES;
		to.weekday = (to.weekday + 1) % 7;
	}
	return to;
}

static enum err take_change(struct str *s, struct zone_change *ret)
{
	ret->minutes = 2 * 60;
	if (!take_char(s, ','))
		return ERR_INVALID;
	if (!take_char(s, 'M'))
		return ERR_UNSUPPORTED;
	if (!take_number(s, 12, &ret->month) || !take_char(s, '.') || !take_number(s, 5, &ret->week) ||
	    !take_char(s, '.') || !take_number(s, 6, &ret->weekday) || ret->month == 0 || ret->week == 0)
		return ERR_INVALID;
	if (take_char(s, '/') && !take_time(s, &ret->minutes))
		return ERR_INVALID;
	return ERR_OK;
}

enum err zone_of_posix(struct str text, struct zone_rules *ret)
{
	struct zone_rules z = { 0 };
	int west;

	if (!skip_name(&text) || !take_time(&text, &west) || west < -OFFSET_MAX || west > OFFSET_MAX)
		return ERR_INVALID;
	z.offset = z.daylight = -west;
	if (text.n) {
		if (!skip_name(&text))
			return ERR_INVALID;
		z.daylight = z.offset + 60;
		if (text.n && text.p[0] != ',') {
			if (!take_time(&text, &west) || west < -OFFSET_MAX || west > OFFSET_MAX)
				return ERR_INVALID;
			z.daylight = -west;
		}
		TRY(take_change(&text, &z.to_daylight));
		TRY(take_change(&text, &z.to_standard));
	}
	if (text.n)
		return ERR_INVALID;
	*ret = z;
	return ERR_OK;
}

/* ---- zoneinfo ---- */

static bool is_zone_name(struct str name)
{
	if (name.n == 0 || name.n > NAME_MAX_BYTES || name.p[0] == '/')
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!octet_is_alpha(name.p[i]) && !octet_is_digit(name.p[i]) && !strchr("_+-/", name.p[i]))
			return false;
	return true;
}

/* The last line of the file. */
static enum err read_footer(const char *path, char *text, size_t max, struct str *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size;
	ssize_t n;

	if (fd < 0)
		return ERR_NOT_FOUND;
	size = lseek(fd, 0, SEEK_END);
	n = size > 0 ? pread(fd, text, max, size > (off_t)max ? size - (off_t)max : 0) : -1;
	close(fd);
	if (n < 2 || text[n - 1] != '\n')
		return ERR_NOT_FOUND;
	*ret = str_from(text, (size_t)n - 1);
	for (size_t i = ret->n; i > 0; i--)
		if (ret->p[i - 1] == '\n') {
			*ret = str_slice(*ret, i, ret->n);
			return ERR_OK;
		}
	return ERR_NOT_FOUND;
}

static enum err zone_path(struct str name, struct buf *path)
{
	if (!is_zone_name(name))
		return ERR_NOT_FOUND;
	buf_cstr(path, "/usr/share/zoneinfo/");
	buf_str(path, name);
	buf_char(path, '\0');
	return buf_status(path);
}

enum err zone_by_name(struct str name, struct zone_rules *ret)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(256);
	char text[FOOTER_MAX];
	struct str footer;

	TRY(zone_path(name, &path));
	TRY(read_footer(path.p, text, sizeof(text), &footer));
	return zone_of_posix(footer, ret);
}

/* ---- moments ---- */

/* Minutes since 1970 of the change in that year, in the time that ends then. */
static int64_t change_minutes(const struct zone_change *c, int year)
{
	int64_t first = days_of_date(year, c->month, 1), next = days_of_date(year, c->month + 1, 1);
	int64_t day = first + (c->weekday - weekday_of(first) + 7) % 7 + 7 * (int64_t)(c->week - 1);

	while (day >= next)
		day -= 7;
	return day * DAY_MINUTES + c->minutes;
}

int zone_change_day(const struct zone_change *c, int year)
{
	return (int)(change_minutes(c, year) / DAY_MINUTES - days_of_date(year, c->month, 1)) + 1;
}

/* Is it on a day that a rule can name? */
static bool is_exact(const struct zone_change *c)
{
	return c->minutes >= 0 && c->minutes <= DAY_MINUTES;
}

static struct zone_change change_of_year(const struct zone_change *c, int year)
{
	struct zone_change to = zone_change_carried(c);
	int day;

	if (c->month == 0 || is_exact(c))
		return *c;
	day = zone_change_day(c, year);
	if (zone_change_day(&to, year) == day || day < 1 ||
	    days_of_date(year, c->month, day) >= days_of_date(year, c->month + 1, 1))
		return to;
	to.week = (day - 1) / 7 + 1;
	return to;
}

struct zone_rules zone_of_year(const struct zone_rules *zone, int year)
{
	struct zone_rules to = *zone;

	to.to_daylight = change_of_year(&zone->to_daylight, year);
	to.to_standard = change_of_year(&zone->to_standard, year);
	return to;
}

static bool is_daylight(const struct zone_rules *z, int year, int64_t minutes)
{
	int64_t begins, ends;

	if (z->to_daylight.month == 0 || z->to_standard.month == 0)
		return false;
	begins = change_minutes(&z->to_daylight, year);
	ends = change_minutes(&z->to_standard, year);
	return begins < ends ? minutes >= begins && minutes < ends : minutes >= begins || minutes < ends;
}

int64_t zone_to_utc(const struct zone_rules *zone, struct local_time t)
{
	int64_t minutes = days_of_date(t.year, t.month, t.day) * DAY_MINUTES + t.hour * 60 + t.minute;
	int offset = is_daylight(zone, t.year, minutes) ? zone->daylight : zone->offset;

	return ((minutes - offset) * 60 + t.second) * 1000;
}

static struct local_time local_of_minutes(int64_t minutes, int second)
{
	int64_t days = minutes >= 0 ? minutes / DAY_MINUTES : -((-minutes + DAY_MINUTES - 1) / DAY_MINUTES);
	int64_t of_day = minutes - days * DAY_MINUTES, z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
	int64_t of_years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * of_years + of_years / 4 - of_years / 100), m = (5 * of_year + 2) / 153;
	int64_t month = m < 10 ? m + 3 : m - 9;

	return (struct local_time){ (int)(of_years + era * 400 + (month <= 2)),
				    (int)month,
				    (int)(of_year - (153 * m + 2) / 5 + 1),
				    (int)(of_day / 60),
				    (int)(of_day % 60),
				    second };
}

/* Each change is said in the time that ends with it. */
static bool is_daylight_at(const struct zone_rules *z, int year, int64_t utc_minutes)
{
	int64_t begins, ends;

	if (z->to_daylight.month == 0 || z->to_standard.month == 0)
		return false;
	begins = change_minutes(&z->to_daylight, year) - z->offset;
	ends = change_minutes(&z->to_standard, year) - z->daylight;
	return begins < ends ? utc_minutes >= begins && utc_minutes < ends
			     : utc_minutes >= begins || utc_minutes < ends;
}

struct local_time zone_from_utc(const struct zone_rules *zone, int64_t utc_ms)
{
	int64_t s = utc_ms >= 0 ? utc_ms / 1000 : -((-utc_ms + 999) / 1000);
	int64_t minutes = s >= 0 ? s / 60 : -((-s + 59) / 60);
	struct local_time standard = local_of_minutes(minutes + zone->offset, (int)(s - minutes * 60));

	if (!is_daylight_at(zone, standard.year, minutes))
		return standard;
	return local_of_minutes(minutes + zone->daylight, (int)(s - minutes * 60));
}

static bool change_eq(const struct zone_change *x, const struct zone_change *y)
{
	const struct zone_change a = zone_change_carried(x), b = zone_change_carried(y);

	return a.month == b.month && a.week == b.week && a.weekday == b.weekday && a.minutes == b.minutes;
}

bool zone_eq(const struct zone_rules *a, const struct zone_rules *b)
{
	bool changes = a->to_daylight.month != 0;

	if (a->offset != b->offset || changes != (b->to_daylight.month != 0))
		return false;
	return !changes || (a->daylight == b->daylight && change_eq(&a->to_daylight, &b->to_daylight) &&
			    change_eq(&a->to_standard, &b->to_standard));
}

static bool same_changes(const struct zone_rules *a, const struct zone_rules *b, int year)
{
	return a->to_daylight.month && b->to_daylight.month &&
	       change_minutes(&a->to_daylight, year) == change_minutes(&b->to_daylight, year) &&
	       change_minutes(&a->to_standard, year) == change_minutes(&b->to_standard, year);
}

bool zone_is_meant(const struct zone_rules *told, const struct zone_rules *zone, int year)
{
	if (zone_eq(told, zone))
		return true;
	if (is_exact(&zone->to_daylight) && is_exact(&zone->to_standard))
		return false;
	return told->offset == zone->offset && told->daylight == zone->daylight && same_changes(told, zone, year);
}

/* ---- the TimeZone of ActiveSync ---- */

enum {
	STANDARD_NAME = 4,
	NAME_UNITS = 32,
	STANDARD_DATE = STANDARD_NAME + 2 * NAME_UNITS,
	STANDARD_BIAS = STANDARD_DATE + 16,
	DAYLIGHT_DATE = STANDARD_BIAS + 4 + 2 * NAME_UNITS,
	DAYLIGHT_BIAS = DAYLIGHT_DATE + 16,
};

static void put_le(unsigned char *to, uint32_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (unsigned char)(v >> (8 * i));
}

/* SYSTEMTIME: year 0, month, weekday, week, hour, minute, second, millisecond. Midnight at the day's end is 23:59:59.999. */
static void put_change(unsigned char *to, const struct zone_change *change)
{
	const bool ends_day = change->minutes == DAY_MINUTES;
	const struct zone_change c = ends_day ? *change : zone_change_carried(change);
	const int minutes = ends_day ? DAY_MINUTES - 1 : c.minutes;

	if (c.month == 0)
		return;
	put_le(to + 2, (uint32_t)c.month, 2);
	put_le(to + 4, (uint32_t)c.weekday, 2);
	put_le(to + 6, (uint32_t)c.week, 2);
	put_le(to + 8, (uint32_t)(minutes / 60), 2);
	put_le(to + 10, (uint32_t)(minutes % 60), 2);
	put_le(to + 12, ends_day ? 59 : 0, 2);
	put_le(to + 14, ends_day ? 999 : 0, 2);
}

void zone_blob_put(struct buf *b, const struct zone_rules *zone)
{
	unsigned char blob[BLOB_BYTES] = { 0 };

	put_le(blob, (uint32_t)-zone->offset, 4);
	put_change(blob + STANDARD_DATE, &zone->to_standard);
	put_change(blob + DAYLIGHT_DATE, &zone->to_daylight);
	if (zone->to_daylight.month)
		put_le(blob + DAYLIGHT_BIAS, (uint32_t)(zone->offset - zone->daylight), 4);
	base64_put(b, str_from(blob, sizeof(blob)));
}

static uint32_t get_le(const unsigned char *p, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint32_t)p[i] << (8 * i);
	return v;
}

/* False: a day that no rule means. A year of its own is taken for every year. */
static bool get_change(const unsigned char *p, struct zone_change *ret)
{
	int hour = (int)get_le(p + 8, 2), minute = (int)get_le(p + 10, 2), second = (int)get_le(p + 12, 2);

	*ret = (struct zone_change){ .month = (int)get_le(p + 2, 2),
				     .weekday = (int)get_le(p + 4, 2),
				     .week = (int)get_le(p + 6, 2) };
	if (ret->month == 0)
		return true;
	if (get_le(p, 2))
		ret->week = (ret->week + 6) / 7;
	if (ret->month > 12 || ret->weekday > 6 || ret->week < 1 || ret->week > 5 || hour > 23 || minute > 59)
		return false;
	ret->minutes = hour * 60 + minute + (second == 59); /* 23:59:59.999 is midnight */
	return true;
}

static void get_label(const unsigned char *p, char *label)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(3 * NAME_UNITS);

	for (size_t i = 0; i < NAME_UNITS; i++) {
		uint32_t unit = get_le(p + 2 * i, 2);

		if (unit == 0)
			break;
		if (utf8_is_xml_char(unit))
			utf8_put(&text, unit);
	}
	memcpy(label, text.n ? text.p : "", text.n);
	label[text.n] = '\0';
}

enum err zone_blob_read(struct str base64, struct zone_rules *ret, char *label)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(BLOB_BYTES + 3);
	struct zone_rules z = { 0 };
	const unsigned char *p;
	int64_t bias, standard, daylight;

	if (base64_decode(&octets, base64) || octets.n != BLOB_BYTES)
		return ERR_INVALID;
	p = (const unsigned char *)octets.p;
	if (!get_change(p + STANDARD_DATE, &z.to_standard) || !get_change(p + DAYLIGHT_DATE, &z.to_daylight))
		return ERR_INVALID;
	bias = (int32_t)get_le(p, 4);
	standard = bias + (int32_t)get_le(p + STANDARD_BIAS, 4);
	daylight = bias + (int32_t)get_le(p + DAYLIGHT_BIAS, 4);
	if (!z.to_standard.month || !z.to_daylight.month) {
		z.to_standard = z.to_daylight = (struct zone_change){ 0 };
		daylight = standard;
	}
	if (standard < -OFFSET_MAX || standard > OFFSET_MAX || daylight < -OFFSET_MAX || daylight > OFFSET_MAX)
		return ERR_INVALID;
	z.offset = (int)-standard;
	z.daylight = (int)-daylight;
	get_label(p + STANDARD_NAME, label);
	*ret = z;
	return ERR_OK;
}

/* ---- of a year that has gone ---- */

/* A file of RFC 8536: when the offset changes, and to what. */
struct zone_table {
	const unsigned char *times, *types, *infos;
	size_t times_n, infos_n;
};

static uint64_t big_endian(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* RFC 8536 section 3.1: the six counts. *ret_n: octets of the block behind the header. */
static bool read_counts(const unsigned char *p, size_t n, size_t time_bytes, size_t counts[6], size_t *ret_n)
{
	if (n < TZIF_HEADER || memcmp(p, "TZif", 4) != 0)
		return false;
	for (size_t i = 0; i < 6; i++) {
		counts[i] = (size_t)big_endian(p + 20 + 4 * i, 4);
		if (counts[i] > TZIF_MAX)
			return false;
	}
	*ret_n = counts[3] * (time_bytes + 1) + counts[4] * 6 + counts[5] + counts[2] * (time_bytes + 4) + counts[1] +
		 counts[0];
	return *ret_n <= n - TZIF_HEADER;
}

static bool read_table(const unsigned char *p, size_t n, struct zone_table *ret)
{
	size_t counts[6], block;

	/* First a block for programs of 32 bits, then the one that counts. */
	if (!read_counts(p, n, 4, counts, &block))
		return false;
	p += TZIF_HEADER + block;
	n -= TZIF_HEADER + block;
	if (!read_counts(p, n, 8, counts, &block) || counts[4] == 0)
		return false;
	ret->times_n = counts[3];
	ret->infos_n = counts[4];
	ret->times = p + TZIF_HEADER;
	ret->types = ret->times + 8 * ret->times_n;
	ret->infos = ret->types + ret->times_n;
	for (size_t i = 0; i < ret->times_n; i++)
		if (ret->types[i] >= ret->infos_n)
			return false;
	return true;
}

static int64_t time_at(const struct zone_table *t, size_t i)
{
	return (int64_t)big_endian(t->times + 8 * i, 8);
}

/* Behind the i-th change; -1: before the first one. */
static int offset_behind(const struct zone_table *t, size_t i)
{
	return (int32_t)(uint32_t)big_endian(t->infos + 6 * (i == SIZE_MAX ? 0 : t->types[i]), 4) / 60;
}

static bool is_summer(const struct zone_table *t, size_t i)
{
	return t->infos[6 * t->types[i] + 4] != 0;
}

static struct zone_change change_of(int64_t local_minutes)
{
	struct local_time at = local_of_minutes(local_minutes, 0);
	int64_t day = days_of_date(at.year, at.month, at.day);
	int64_t in_month = days_of_date(at.year, at.month + 1, 1) - days_of_date(at.year, at.month, 1);

	return (struct zone_change){ .month = at.month,
				     .week = at.day + 7 > in_month ? 5 : (at.day - 1) / 7 + 1,
				     .weekday = weekday_of(day),
				     .minutes = at.hour * 60 + at.minute };
}

static bool is_first_summer(const struct zone_table *t, const size_t changes[2], int between, int before)
{
	return is_summer(t, changes[0]) != is_summer(t, changes[1]) ? is_summer(t, changes[0]) : between > before;
}

/* Two changes there and back are summer time; a single one is said as one that lasts until the year ends. */
static bool rules_of(const struct zone_table *t, int year, const size_t changes[2], size_t n, size_t before,
		     struct zone_rules *ret)
{
	int first = offset_behind(t, before), second = n ? offset_behind(t, changes[0]) : first;
	struct zone_change begin, end;

	*ret = (struct zone_rules){ .offset = first, .daylight = first };
	if (n == 0)
		return true;
	if (n > 2 || (n == 2 && offset_behind(t, changes[1]) != first))
		return false;
	begin = change_of(time_at(t, changes[0]) / 60 + first);
	end = n == 2 ? change_of(time_at(t, changes[1]) / 60 + second)
		     : change_of(days_of_date(year + 1, 1, 1) * DAY_MINUTES - 1);
	if (n == 1 || is_first_summer(t, changes, second, first))
		*ret = (struct zone_rules){ first, second, .to_daylight = begin, .to_standard = end };
	else
		*ret = (struct zone_rules){ second, first, .to_daylight = end, .to_standard = begin };
	return true;
}

/* False: that year is behind the table, or its changes are no such rules. */
static bool rules_of_year(const struct zone_table *t, int year, struct zone_rules *ret)
{
	int64_t from = days_of_date(year, 1, 1) * DAY_MINUTES * 60,
		to = days_of_date(year + 1, 1, 1) * DAY_MINUTES * 60;
	size_t changes[2] = { 0 }, n = 0, before = SIZE_MAX;

	if (t->times_n == 0 || time_at(t, t->times_n - 1) < from)
		return false;
	for (size_t i = 0; i < t->times_n && time_at(t, i) < to; i++) {
		if (time_at(t, i) < from)
			before = i;
		else if (offset_behind(t, i) != offset_behind(t, i ? i - 1 : SIZE_MAX)) {
			if (n < countof(changes))
				changes[n] = i;
			n++;
		}
	}
	return rules_of(t, year, changes, n, before, ret);
}

/* The same moments in that year, whatever else the rules say? */
static bool agree(const struct zone_rules *a, const struct zone_rules *b, int year)
{
	if (a->offset != b->offset || a->daylight != b->daylight || !a->to_daylight.month != !b->to_daylight.month)
		return false;
	return !a->to_daylight.month ||
	       (change_minutes(&a->to_daylight, year) == change_minutes(&b->to_daylight, year) &&
		change_minutes(&a->to_standard, year) == change_minutes(&b->to_standard, year));
}

static enum err read_file(const char *path, unsigned char *octets, size_t max, size_t *ret_n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return ERR_NOT_FOUND;
	n = pread(fd, octets, max, 0);
	close(fd);
	*ret_n = n > 0 ? (size_t)n : 0;
	return n > 0 ? ERR_OK : ERR_NOT_FOUND;
}

enum err zone_by_name_of(struct str name, int year, struct zone_rules *ret)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(256);
	unsigned char octets[TZIF_BYTES_MAX];
	struct zone_rules now, then;
	struct zone_table t;
	enum err e = zone_by_name(name, &now);
	size_t n;

	if ((e && e != ERR_UNSUPPORTED) || year > TZIF_YEAR_MAX) {
		if (!e)
			*ret = now;
		return e;
	}
	TRY(zone_path(name, &path));
	TRY(read_file(path.p, octets, sizeof(octets), &n));
	if (read_table(octets, n, &t) && rules_of_year(&t, year, &then) && (e || !agree(&now, &then, year)))
		now = then;
	else if (e)
		return e;
	*ret = now;
	return ERR_OK;
}
