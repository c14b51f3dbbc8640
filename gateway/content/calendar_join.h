/*
 * Calendars of one item each as one file: as long as what they say of themselves (properties of the VCALENDAR) is the same they are
 * one VCALENDAR, with each zone once, before what uses it; else one behind the other, as RFC 5545 section 3.4 has it. One
 * thread.
 */
#ifndef CONTENT_CALENDAR_JOIN_H
#define CONTENT_CALENDAR_JOIN_H

#include <base/arena.h>
#include <base/buf.h>

struct cal_join;

struct cal_join *cal_join_new(void);
void cal_join_free(struct cal_join **jp); /* NULL-safe */

/* Appends what is new of it to `out`; `scratch` is free again behind it. What is no calendar stands there as it is. ERR_LIMIT. */
enum err cal_join_put(struct cal_join *j, struct arena *scratch, struct str calendar, struct buf *out) MUST_CHECK;
/* Ends the last VCALENDAR, if there is one. */
void cal_join_end(struct cal_join *j, struct buf *out);

#endif
