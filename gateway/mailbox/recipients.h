/*
 * The recipient cache (MS-ASCNTC 3.2.4.4): whom the owner of a mailbox wrote to, as contacts in a folder of its own, the last
 * RECIPIENTS_MAX of them by rank. A rank is a day (since 1970): each mail is worth one more day than today, or than the
 * rank there was, so that who is written to often stays longer than who was once. Worker threads.
 */
#ifndef GATEWAY_MAILBOX_RECIPIENTS_H
#define GATEWAY_MAILBOX_RECIPIENTS_H

#include <gateway/content/vcard.h>
#include <store/queue.h>

enum {
	RECIPIENTS_MAX = 200,         /* that are kept */
	RECIPIENTS_OF_A_MAIL = 50,    /* one to more than these is no correspondence, and is not noted */
	RECIPIENTS_LEAD_DAYS = 365,   /* a rank's, before today's */
	RECIPIENTS_NAME_BYTES = 1024, /* a longer name is none */
};

/*
 * Those of a mail that goes out, in the write transaction of its author's mailbox. `header`: the beginning of the message, which
 * says what they are called. An entry that can't be read is no hindrance to sending; errors are those of the store.
 */
enum err recipients_note(struct store_tx *tx, const struct queue_entry *mail, struct str header,
			 int64_t now_ms) MUST_CHECK;
/* false: the card is none of the cache. */
bool recipients_rank(const struct vcard *card, uint64_t *ret) MUST_CHECK;

#endif
