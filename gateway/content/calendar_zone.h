/* Time zones of an iCalendar, by libical's components. For calendar_ical.c alone. */
#ifndef CONTENT_CALENDAR_ZONE_H
#define CONTENT_CALENDAR_ZONE_H

#include <libical/ical.h>

#include <gateway/content/timezone.h>

/*
 * The zone that a TZID names, as it is in that year: the calendar's own VTIMEZONE, else zoneinfo's by that name or by a
 * path that ends with it, else what Windows calls so. False: nobody knows it, and it is UTC. Nothing is expanded: a
 * stranger's rule could run for ever.
 */
bool cal_zone_find(icalcomponent *calendar, struct str tzid, int year, struct zone_rules *ret);
/* Appends a VTIMEZONE of these rules. */
void cal_zone_put(struct buf *b, struct str tzid, const struct zone_rules *zone);

#endif
