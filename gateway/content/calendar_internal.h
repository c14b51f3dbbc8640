/* What the units of the calendar share that know libical. For gateway/content/calendar_*.c alone. */
#ifndef CONTENT_CALENDAR_INTERNAL_H
#define CONTENT_CALENDAR_INTERNAL_H

#include <gateway/content/calendar.h>
#include <gateway/content/calendar_zone.h>

/*
 * The calendar of that text, as libical sees it; its first, of several. The caller frees *ret_root. ERR_INVALID: none.
 * ERR_LIMIT: too large.
 */
enum err cal_parse(struct arena *a, struct str text, icalcomponent **ret_root, icalcomponent **ret) MUST_CHECK;
void cal_component_free(icalcomponent **cp); /* NULL-safe; for CLEANUP */

/* RFC 5545 section 3.7.3: who has made the calendar. */
#define CAL_PRODUCT "PRODID:-//roost//roost//EN"

/* A line of the series' event for each instance that its owner has declined. */
#define CAL_DECLINED "X-ROOST-DECLINED"
/* Parameters of an attendee: the time that he proposes, and struct cal_said. */
#define CAL_PROPOSED "X-ROOST-PROPOSED"
#define CAL_ANSWERED "X-ROOST-ANSWERED"

enum { CAL_YEAR_LATEST = 9999, CAL_DURATION_DAYS_MAX = 36600 };
/* The time of a property, by the zone's rules of that year; 0: of the year that it is in. */
struct cal_time cal_time_read(struct arena *a, icalcomponent *calendar, icalproperty *p, struct icaltimetype t,
			      int year);
struct local_time cal_local_of(struct icaltimetype t);
bool cal_time_is_sane(struct icaltimetype t);
int64_t cal_seconds_of(struct icaldurationtype d);
/* Of an RDATE, which may be a period: when that begins. */
struct icaltimetype cal_date_of(icalproperty *rdate);
/* The year whose rules hold for a whole event: the last one of its recurrence. */
int cal_zone_year(icalcomponent *event);

/* The rule of a series that begins at `start`, as far as it can be said. */
void cal_rule_read(const struct icalrecurrencetype *rule, const struct cal_time *start, struct cal_recurrence *ret);
/* Appends a line: RRULE and its value. */
void cal_rule_put(struct buf *b, const struct cal_recurrence *r, const struct cal_time *start);
/* Is it one that may be expanded: by days, and if it has a calendar of its own one in which libical finds it in short time? */
bool cal_rule_is_bounded(const struct icalrecurrencetype *rule);
/* Has it months that are not Gregorian ones? */
bool cal_rule_is_scaled(const struct icalrecurrencetype *rule);
/* Has one that is not scaled an occurrence on that day? Days are those of days_of_date(); looks at one year at most. */
bool cal_rule_has_day(const struct icalrecurrencetype *rule, int64_t start, int64_t day);

/* Texts of an event that stand in X- properties. */
struct cal_x_text {
	struct str name;
	size_t at;     /* in struct cal_event */
	bool of_place; /* written with the place */
};
extern const struct cal_x_text cal_x_texts[];
extern const size_t cal_x_texts_n;

/* Where the busy status is from: the last one goes before the others. */
enum cal_busy_source { BUSY_DEFAULT, BUSY_STATUS, BUSY_TRANSPARENCY, BUSY_OTHER, BUSY_FIRST };

/* One event that is read. */
struct cal_reading {
	struct arena *arena;
	icalcomponent *calendar, *component;
	struct cal_event *event;
	int64_t duration_s;
	bool has_duration;
	int year; /* whose rules the zones have; 0: each time's own */
	int has_rule;
	bool everybody; /* CAL_PEOPLE_MAX attendees, else the first CAL_ATTENDEES_MAX */
	bool is_stored; /* an event of a calendar: the owner's busy status goes before the organizer's */
	enum cal_busy_source busy_source;
};
/* The first that is no exception of a series, else the first; NULL: there is none. *ret_n: how many there are. */
icalcomponent *cal_choose_event(icalcomponent *calendar, size_t *ret_n);
enum err cal_read_event(struct cal_reading *r, icalcomponent *event) MUST_CHECK;

/* All VEVENTs of the calendar that belong to the first one. */
enum err cal_series_of(struct arena *a, icalcomponent *calendar, struct cal_series *ret) MUST_CHECK;

#endif
