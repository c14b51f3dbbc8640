/*
 * Housekeeping of mailboxes: what crashes left behind, what deleted folders held, what no phone's sync state needs any
 * more; and their search indexes are brought to head. In small transactions, so that deliveries pass in between. Worker
 * threads; may take long.
 */
#ifndef GATEWAY_MAILBOX_SWEEP_H
#define GATEWAY_MAILBOX_SWEEP_H

#include <store/store.h>

enum { SWEEP_UNSYNCED_DAYS = 7 }; /* a device that never synced is removed when it was not seen for so long */

struct sweep_counts {
	size_t mailboxes;
	size_t files;   /* removed: bodies without a row (the queue's too), mailboxes of removed accounts */
	size_t damaged; /* mailboxes that could not be swept; each is logged */
	size_t busy;    /* others, that somebody wrote to for too long: the next sweep does them */
};

/*
 * The queue of what was sent, every account's mailbox, and what removed accounts have left. `stop` is asked between
 * mailboxes and chunks of an index, and may be NULL. A damaged mailbox
 * does not keep the others from being swept.
 */
enum err sweep_all(struct store *s, bool (*stop)(void *ctx), void *ctx, struct sweep_counts *ret) MUST_CHECK;

#endif
