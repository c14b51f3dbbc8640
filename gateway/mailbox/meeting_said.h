/*
 * What an attendee's answer by mail (RFC 5546 section 3.2.3) changes in the organizer's event. Answers may overtake each other: the
 * one that holds is noted beside him (struct cal_said), of the event and of each instance that has an answer of its own. An answer to
 * a series speaks of each instance, as long as that has the time that it is given to. Of an answer to the series and one to an
 * instance the newer one holds, but who has declined an instance stays away from it until he answers to that one again: his calendar
 * does not have it any more. Pure, any thread.
 */
#ifndef GATEWAY_MAILBOX_MEETING_SAID_H
#define GATEWAY_MAILBOX_MEETING_SAID_H

#include <gateway/mailbox/meeting_sender.h>

struct meeting_reply {
	const struct cal_event *said; /* the message */
	const struct meeting_sender *sender;
	const struct cal_event *event;  /* as it is stored: what the message names, or an exception */
	const struct cal_event *series; /* of that instance; it itself, for want of an exception. NULL: it is none */
	bool proposes;                  /* COUNTER: the message's times */
	int64_t now_ms;
};

/*
 * Into *ret, whose instance is left as it is. Who was not invited is heard where one who was has delegated it to him, and takes
 * part from then on. ERR_NOT_FOUND: it changes nothing; it is another one's word, of an older revision, late, or known.
 */
enum err meeting_reply_take(struct arena *a, const struct meeting_reply *reply, struct cal_change *ret) MUST_CHECK;

#endif
