/*
 * Time zones as rules: an offset and, where there is summer time, the two days of the year on which it changes. What
 * ActiveSync's TimeZone can say (MS-ASDTYPE 2.7.4), and the last line of a zoneinfo file (RFC 8536 section 3.3). Pure but
 * for zone_by_name(), any thread.
 */
#ifndef CONTENT_TIMEZONE_H
#define CONTENT_TIMEZONE_H

#include <base/buf.h>

/* The week-th weekday of a month, at so many minutes after midnight of the time that ends then. month 0: no change. */
struct zone_change {
	int month;   /* 1 to 12 */
	int week;    /* 1 to 4; 5: the last one */
	int weekday; /* 0: Sunday */
	int minutes; /* may reach into another day: America/Santiago changes at 24:00, Asia/Jerusalem at 26:00 */
};

struct zone_rules {
	int offset;   /* minutes east of UTC in standard time */
	int daylight; /* the same in summer time */
	struct zone_change to_standard, to_daylight;
};

/* "CET-1CEST,M3.5.0,M10.5.0/3". ERR_INVALID; ERR_UNSUPPORTED: days that are no week of a month. */
enum err zone_of_posix(struct str text, struct zone_rules *ret) MUST_CHECK;
/* By its name in /usr/share/zoneinfo, such as Europe/Berlin. ERR_NOT_FOUND, ERR_UNSUPPORTED. */
enum err zone_by_name(struct str name, struct zone_rules *ret) MUST_CHECK;
/* The same as it was in that year: zones change. */
enum err zone_by_name_of(struct str name, int year, struct zone_rules *ret) MUST_CHECK;

/* A moment of a calendar: no zone, no leap seconds. */
struct local_time {
	int year, month, day, hour, minute, second;
};

/* Milliseconds since 1970 UTC of a local time in that zone. Of an hour that comes twice the first, of one that is left out the time after. */
int64_t zone_to_utc(const struct zone_rules *zone, struct local_time t);

/* The local time of a moment. */
struct local_time zone_from_utc(const struct zone_rules *zone, int64_t utc_ms);
/* The day of the month on which it is in that year. */
int zone_change_day(const struct zone_change *c, int year);
/*
 * With minutes of one day, 0 to 24 * 60 - 1, on the weekday that this is: where nothing else can be said. A week off in months that
 * begin (the last week: end) between the two days.
 */
struct zone_change zone_change_carried(const struct zone_change *c);
/*
 * As it can be told, for what is in one year alone: changes of which zone_change_carried() would be a week off are on the day on
 * which they are in that year.
 */
struct zone_rules zone_of_year(const struct zone_rules *zone, int year);
/* The same as carried: what came from somebody who could not say it otherwise. */
bool zone_eq(const struct zone_rules *a, const struct zone_rules *b);

/*
 * Is a zone meant by rules that somebody told who could say no more? They are its own as carried; or, of one whose changes reach into
 * another day, so that it has no form that is right in each year, they are on its days of that year: a phone may take them from its next change.
 */
bool zone_is_meant(const struct zone_rules *told, const struct zone_rules *zone, int year);

/* Appends the 172 octets of MS-ASDTYPE 2.7.4, in base64. */
void zone_blob_put(struct buf *b, const struct zone_rules *zone);
enum { ZONE_LABEL_MAX = 128 };
/*
 * Reads them. *label, of ZONE_LABEL_MAX octets, is what the phone calls the zone's standard time in UTF-8, which may be
 * empty. ERR_INVALID: no such blob, or values that no zone has.
 */
enum err zone_blob_read(struct str base64, struct zone_rules *ret, char *label) MUST_CHECK;

/*
 * A zone of zoneinfo that has these rules: `prefer` if it has, else one that `label` (a Windows name) means, else the
 * best known. Empty: none has. A static text, or `prefer`, or `label`.
 */
struct str zone_name_of(const struct zone_rules *rules, struct str prefer, struct str label);
/* One that is meant by rules that no zone has, in that year (zone_is_meant()). Empty: none. */
struct str zone_name_in_year(const struct zone_rules *rules, int year);
/* The zone of zoneinfo that a Windows name means ("W. Europe Standard Time"); empty: none. */
struct str zone_of_windows(struct str name);
/* Windows names one by one, from 0 on; some are empty, some stand twice. .p NULL: behind the last. */
struct str zone_windows_name(size_t i);

/* Days since 1970-01-01 of a date of the Gregorian calendar; month and day may be out of range, and are carried over. */
int64_t days_of_date(int year, int month, int day);

#endif
