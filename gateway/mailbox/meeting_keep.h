/*
 * What an attendee has said of somebody else's series, of all of it or of single instances, and what a later invitation leaves of
 * it. Pure, any thread.
 */
#ifndef GATEWAY_MAILBOX_MEETING_KEEP_H
#define GATEWAY_MAILBOX_MEETING_KEEP_H

#include <gateway/content/calendar.h>

/* The event of an instance: its exception, or the series'. Borrowed. */
const struct cal_event *meeting_event_of(const struct cal_series *s, int64_t instance_ms);
/* The instance with times of its own; one that the owner has declined as it was then. */
struct cal_event meeting_instance(const struct cal_series *s, int64_t instance_ms);

/*
 * Puts into `edit`, of the series that the organizer tells now (`is`), what stays of that which was stored: answers as long as the time
 * of that instance does, and what is the owner's own (categories, reminder, a private mark). Arena memory.
 */
enum err meeting_keep_own(struct arena *a, const struct cal_series *was, const struct cal_series *is,
			  struct cal_edit *edit) MUST_CHECK;

#endif
