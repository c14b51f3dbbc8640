/*
 * Rooms and equipment that answer invitations by themselves: accepted where all times of the meeting are free, declined where
 * one is not. Behind the delivery, whose mail has put the event into the calendar (meeting.h); what a crash between the two
 * leaves is answered by who delivers the mail again, or finds that it was. Worker threads; no transaction may be open.
 */
#ifndef GATEWAY_MAILBOX_ROOM_H
#define GATEWAY_MAILBOX_ROOM_H

#include <gateway/mailbox/send.h>

struct intake;

enum { ROOM_HORIZON_DAYS = 366 }; /* of a series, from its first time that is not over */

/*
 * After the mail was delivered to the account. sender: the account that has sent it, 0 where nothing proves one. Each
 * meeting and instance that the mail asks for and that is not answered yet, MEETING_EVENTS_MAX at most; what changes an instance and
 * all that follow is left to people, as is what cannot be read.
 */
void room_consider(const struct send_service *service, int64_t account, int64_t sender, struct intake *in);

#endif
