/*
 * Meetings: what comes by mail changes the calendar (RFC 5546), and what the owner does goes out by mail (RFC 6047).
 *
 *	REQUEST  an event that is to be answered, tentative; a later one brings it up to date
 *	CANCEL   the event is called off, or one instance of it goes
 *	REPLY    what an attendee says, at the organizer's event
 *	COUNTER  the same, with the time that he proposes
 *
 * An event is found by its UID; an older SEQUENCE than the stored one changes nothing, so a mail that comes twice does what
 * it did. Only its own organizer calls an event off or changes it, only an attendee of it answers, and each by a mail that is his
 * (meeting_sender.h): another one is a mail to look at, and nothing else. Worker threads.
 */
#ifndef GATEWAY_MAILBOX_MEETING_H
#define GATEWAY_MAILBOX_MEETING_H

#include <gateway/content/calendar.h>
#include <gateway/mailbox/meeting_sender.h>
#include <store/item.h>

struct intake;
struct event_mail;

enum {
	MEETING_BODY_MAX = 64 * 1024,
	MEETING_EVENTS_MAX = 50, /* events, and instances told by themselves, of one mail that are looked at */
	/*
	 * Instances that one message changes by RANGE=THISANDFUTURE, if the event has room for so many exceptions. A series
	 * ends behind them: it is not shown at times that it does not have any more.
	 */
	MEETING_FOLLOWING_MAX = 1000,
	MEETING_FOLLOWING_COST = 10, /* of MEETING_EVENTS_MAX: each of them writes many instances */
};

/* What a mail was to the calendar. */
struct meeting_applied {
	int64_t event;        /* the item of its first event; 0: there is none */
	enum mail_request is; /* of that event, in a request */
	bool taken;           /* the calendar has all that the mail says, or what was said later */
};

/*
 * Before a mail is delivered: what it says to the calendar, in a transaction of its own; no other may be open. What can't
 * be done is logged, and the mail is delivered as any other. What the request is to its recipient is noted in the intake.
 * Was it taken?
 */
bool meeting_consider(struct intake *in, struct store *s, int64_t mailbox);

/* The same for a calendar that is at hand, in a write transaction. ERR_INVALID: no event in it. */
struct meeting_received {
	const struct send_author *owner;
	struct meeting_sender sender;
	struct str calendar;
	const struct event_mail *mail; /* whose parts the calendar may mean; NULL: none */
	int64_t now_ms;
};
enum err meeting_apply(struct arena *a, struct store_tx *tx, const struct meeting_received *mail,
		       struct meeting_applied *ret) MUST_CHECK;

/* The event that a message is about, in whichever calendar of the mailbox it lies. ERR_NOT_FOUND. */
enum err meeting_find(struct arena *a, struct store_tx *tx, const struct cal_event *message,
		      struct item *ret) MUST_CHECK;
/* Is a request superseded by what came later, or called off? By the calendar; in a transaction of the mailbox. */
enum err meeting_is_outdated(struct arena *a, struct store_tx *tx, const struct cal_event *request,
			     bool *ret) MUST_CHECK;

struct meeting_answer {
	enum cal_answer answer; /* TENTATIVE, ACCEPTED, DECLINED */
	int64_t instance_ms;    /* INT64_MIN: all of them */
	bool send;              /* to the organizer */
	struct str body;        /* of that mail, plain text; may be empty */
	bool proposes;
	int64_t start_ms, end_ms; /* proposed */
	int64_t now_ms;
};
/*
 * The owner's answer to an event, in a write transaction: the calendar is changed, one that was declined goes, and the mail
 * is in the outbox (outbox_move() after the commit). *ret_kept: the event is still there. ERR_NOT_FOUND: no such event or
 * instance. ERR_INVALID: nobody else has organized it. ERR_UNSUPPORTED: an instance of what does not recur.
 */
enum err meeting_respond(struct arena *a, struct store_tx *tx, const struct send_author *owner, int64_t event,
			 const struct meeting_answer *answer, bool *ret_kept) MUST_CHECK;

/*
 * The same by the mail of somebody who acts for him (owner->sent_by): it is said again in the owner's name, to who has not heard
 * that very answer by the owner's calendar (meeting_respond()). event: 0 where it is in none, since it was declined; it is then
 * told as `reply`, the calendar of that mail, has it. Errors as above; ERR_NOT_FOUND too where he has not declined it.
 */
enum err meeting_reply(struct arena *a, struct store_tx *tx, const struct send_author *owner, int64_t event,
		       struct str reply, const struct meeting_answer *answer) MUST_CHECK;

/*
 * The owner forwards an event, in a write transaction: an invitation (REQUEST) from him to more people, in which its organizer
 * stays who he is, into the outbox. Where that is the owner, or nobody, they take part in the stored event from then on.
 * A name that was there before sends nothing again. ERR_NOT_FOUND: no such event or instance. ERR_INVALID: it is called off,
 * or has no time; or `keeps` and it has no organizer. ERR_LIMIT: too many take part.
 */
struct meeting_forward {
	const struct str *to, *names; /* addresses; a name may be empty */
	size_t to_n;
	int64_t instance_ms; /* INT64_MIN: all of them */
	struct str body;     /* plain text, MEETING_BODY_MAX at most; may be empty */
	struct queue_name name;
	bool keeps; /* the stored event stays as it is: its owner shows it to who forwards it, and no more */
	int64_t now_ms;
};
enum err meeting_forward(struct arena *a, struct store_tx *tx, const struct send_author *owner, int64_t event,
			 const struct meeting_forward *asked) MUST_CHECK;

/*
 * What the owner has done to an event of his, in the write transaction that does it: its octets before (empty: it is new)
 * and after (empty: it goes). Into the outbox go invitations and updates (REQUEST) for who takes part, and CANCEL for who
 * does not any more; of single instances where they alone changed. Nothing where the owner is not the organizer, nobody takes
 * part, nothing of it is the others' concern, or what goes is over. *ret_posted is set where there is something in the outbox.
 */
struct meeting_change {
	struct str before, after;
	int64_t item; /* the event, with whose attachments it is told */
	int64_t now_ms;
};
enum err meeting_tell(struct arena *a, struct store_tx *tx, const struct send_author *owner,
		      const struct meeting_change *change, bool *ret_posted) MUST_CHECK;

/*
 * Asked before an event is changed: ERR_LIMIT if it is the owner's and more take part (CAL_PEOPLE_MAX) than can be told. One that
 * can't be read tells nobody.
 */
enum err meeting_may_tell(struct arena *a, const struct send_author *owner, struct str event) MUST_CHECK;

#endif
