/*
 * What the writers of a stored calendar share: calendar_write.c, and calendar_people.c for those who take part. Not for
 * others. Any thread.
 */
#ifndef CONTENT_CALENDAR_WRITING_H
#define CONTENT_CALENDAR_WRITING_H

#include <gateway/content/calendar_internal.h>
#include <gateway/content/calendar_lines.h>

struct writing {
	struct arena *arena;
	struct ical_part *calendar;
	icalcomponent *parsed; /* the same by libical, for its zones; NULL: a new one */
	struct ical_part *master;
	int year; /* whose rules name instances (cal_zone_year) */
	struct cal_time start;
	int64_t duration_ms;
	int64_t now_ms, stamp_ms;
	bool keeps_stamp;
	struct cal_series series; /* as it was; empty of a new one */
	struct writing_exception {
		int64_t ms;
		struct ical_entry *entry; /* NULL: it has gone */
	} * exceptions;
	size_t exceptions_n, exceptions_room;
};

/* Where the name and parameters of an unfolded line end: its ':'. */
size_t cal_line_head(struct str line);

/* The line without that parameter. */
enum err cal_drop_param(struct arena *a, struct str *line, struct str name) MUST_CHECK;
/* Takes parameters off all lines of that name; of every name where it is empty. "X-*": each that begins so. */
enum err cal_drop_params(struct arena *a, struct ical_part *part, struct str line, const struct str *names,
			 size_t n) MUST_CHECK;

/* Each writes a value of `to` into a component. */
enum err cal_put_organizer(struct writing *w, struct ical_part *part, const struct cal_event *to) MUST_CHECK;
enum err cal_put_attendees(struct writing *w, struct ical_part *part, const struct cal_event *to) MUST_CHECK;
/* ERR_NOT_FOUND: nobody of them takes part and has answered otherwise. */
enum err cal_put_answers(struct writing *w, struct ical_part *part, const struct cal_event *to) MUST_CHECK;
enum err cal_put_rsvp(struct writing *w, struct ical_part *part, const struct cal_event *to) MUST_CHECK;

#endif
