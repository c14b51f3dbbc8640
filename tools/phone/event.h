/* An event that the phone's person makes (MS-ASCAL 2.2.1). Pure. */
#ifndef PHONE_EVENT_H
#define PHONE_EVENT_H

#include "doc.h"

enum { EVENT_MAX_ATTENDEES = 100 };

struct event {
	struct str start, end; /* as in 20300716T100000Z */
	struct str subject;
	const struct str
		*attendees; /* addresses; from 16.0 on the server invites them, before the phone would have to */
	size_t attendees_n;
};

/* ERR_INVALID with the reason in why: a time is none, or the version invites nobody. */
enum err event_check(const struct event *e, enum eas_version v, struct buf *why) MUST_CHECK;
/* The children of ApplicationData. id: up to 14.1 its UID, which is the phone's to give (MS-ASCAL 2.2.2.46). */
void event_put(struct wbxml_writer *w, enum eas_version v, const struct event *e, struct str id);
/* What the phone keeps of it until the server says more: as pim_put_text() has it. */
void event_put_text(struct buf *out, const struct event *e);

#endif
