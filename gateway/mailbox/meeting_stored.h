/*
 * The event that a message of a mail is about, as it is stored: found, read and written. Worker threads, in the write transaction that
 * takes the mail.
 */
#ifndef GATEWAY_MAILBOX_MEETING_STORED_H
#define GATEWAY_MAILBOX_MEETING_STORED_H

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/meeting.h>

struct meeting_allowance;

/*
 * What a mail says of single instances of one stored series: read once and written once, however many they are. One that is named
 * again, and whatever is said of more than one, finds written what was said before.
 */
struct meeting_batch {
	bool known; /* the event below is what is stored, but for what waits */
	struct item item;
	struct str text;
	struct cal_series series;
	struct cal_change *list; /* that waits */
	size_t n, room;
	bool keeps_stamp;
};

struct meeting_incoming {
	struct arena *arena;
	struct store_tx *tx;
	const struct send_author *owner;
	const struct meeting_sender *sender;
	struct event_taken taken; /* the mail, with what is to lie beside its events */
	struct str text;          /* of the mail: one event, without its method */
	struct cal_series series; /* the same */
	int64_t folder;
	int64_t now_ms;
	struct meeting_allowance *may;
	struct meeting_batch *batch; /* NULL: what it says is written as it is read */
	bool is_rest; /* of a mail whose series has just been taken: what holds for all that follow an instance */
	bool has_event;
	struct item item; /* the event that is there */
	struct str stored_text;
	struct cal_series stored;
};

/* The event that `item` names. */
enum err meeting_stored_read(struct meeting_incoming *in) MUST_CHECK;
/* The one that the message's UID, or UID and instance, name, in whichever calendar; or has_event stays false. */
enum err meeting_stored_load(struct meeting_incoming *in) MUST_CHECK;

/* A new one: the text, with what is its owner's own. *ret: its item. */
enum err meeting_stored_add(struct meeting_incoming *in, struct str text, const struct cal_change *own,
			    int64_t *ret) MUST_CHECK;
/* The text with the edit in the event's place, and the message's parts beside it. Errors as cal_write(). */
enum err meeting_stored_put(struct meeting_incoming *in, struct str text, const struct cal_edit *edit) MUST_CHECK;

/* One instance: at once, or with those that wait. */
enum err meeting_stored_put_instance(struct meeting_incoming *in, const struct cal_change *c,
				     bool keeps_stamp) MUST_CHECK;
/* Before the event is looked at for a message: is what waits of concern to it, it is written. */
enum err meeting_stored_settle(struct meeting_incoming *in) MUST_CHECK;
/* All that waits. */
enum err meeting_stored_write(struct meeting_incoming *in) MUST_CHECK;

#endif
