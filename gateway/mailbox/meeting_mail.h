/*
 * Mail about meetings: a text for people and the calendar for programs (RFC 6047), into the outbox with what it tells of. For
 * gateway/mailbox/meeting_*.c alone.
 */
#ifndef GATEWAY_MAILBOX_MEETING_MAIL_H
#define GATEWAY_MAILBOX_MEETING_MAIL_H

#include <gateway/content/calendar.h>
#include <gateway/mailbox/outbox.h>

struct meeting_mail {
	struct arena *arena;
	const struct send_author *from;
	struct str text; /* the event; what the message says of it is taken out */
	int64_t item;    /* whose attachments go along */
	struct cal_message message;
	struct str subject, body; /* plain text; without a body the subject stands there, too */
	const struct str *to;     /* addresses */
	size_t to_n;
	struct queue_name name;
};

/* In a write transaction. ERR_INVALID, ERR_LIMIT, ERR_NOT_FOUND: there is no such message (cal_message_write()). */
enum err meeting_mail_post(struct store_tx *tx, struct meeting_mail *m) MUST_CHECK;
/* "Canceled: Lunch" */
enum err meeting_mail_subject(struct arena *a, const char *word, struct str summary, struct str *ret) MUST_CHECK;
/* A name that nothing else has: for what is written but once, with its change. */
enum err meeting_mail_name(struct queue_name *ret) MUST_CHECK;

#endif
