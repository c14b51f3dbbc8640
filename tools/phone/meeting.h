/* MeetingResponse (MS-ASCMD 2.2.1.11): one invitation, answered. Pure. */
#ifndef PHONE_MEETING_H
#define PHONE_MEETING_H

#include "doc.h"

enum meeting_answer { MEETING_ACCEPT = 1, MEETING_TENTATIVE = 2, MEETING_DECLINE = 3 }; /* 2.2.3.200 */

/* item: the mail that invites, or the event. From 16.0 on the server sends the answer to the organizer. */
void meeting_put(struct buf *out, enum eas_version v, struct str folder, struct str item, enum meeting_answer answer);

struct meeting_reply {
	uint32_t status; /* of the whole; 0: none */
	bool has_result;
	uint32_t result;              /* its Status */
	struct str request, calendar; /* the item; the event, where there is one now */
};
enum err meeting_parse(struct doc *d, struct str bytes, struct meeting_reply *ret) MUST_CHECK;

#endif
