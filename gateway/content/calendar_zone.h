/* Time zones of an iCalendar, by libical's components. For calendar_ical.c alone. */
#ifndef CONTENT_CALENDAR_ZONE_H
#define CONTENT_CALENDAR_ZONE_H

#include <libical/ical.h>

#include <gateway/content/timezone.h>

/*
 * The zone that a TZID names: the calendar's own VTIMEZONE as it is in its latest years, else zoneinfo's by that name,
 * else UTC. Nothing is expanded: a stranger's rule could run for ever.
 */
void cal_zone_find(icalcomponent *calendar, struct str tzid, struct zone_rules *ret);

#endif
