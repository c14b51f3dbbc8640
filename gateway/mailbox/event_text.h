/* An event as people read it in a mail: what, when, where, by whom, and what is said of it. Pure; any thread. */
#ifndef GATEWAY_MAILBOX_EVENT_TEXT_H
#define GATEWAY_MAILBOX_EVENT_TEXT_H

#include <base/buf.h>
#include <gateway/content/calendar.h>

enum { EVENT_TEXT_DESCRIPTION_MAX = 64 * 1024 }; /* octets; a longer one is left out */

/* Lines that end in LF; what the event has not has none. */
void event_text_put(struct buf *b, const struct cal_event *e);

#endif
