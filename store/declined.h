/*
 * Meetings that the owner of a mailbox has declined. Such an event goes from the calendar; what is kept here tells a request that
 * is said again, because its answer was lost, from one that is new. In a transaction of the mailbox; a write transaction
 * where something changes. Worker threads.
 */
#ifndef STORE_DECLINED_H
#define STORE_DECLINED_H

#include <store/store.h>

enum { DECLINED_MAX = 1000 }; /* of a mailbox; those that were answered first go */

struct declined {
	int64_t sequence, stamp_ms; /* of the revision: SEQUENCE and DTSTAMP (RFC 5546 section 2.1.5) */
	int64_t answered_ms;
};

struct declined_event {
	struct str uid;
	int64_t instance_ms; /* the one instance that he was invited to; INT64_MIN: all of it */
};

/* ERR_NOT_FOUND: not declined, or long ago. ERR_IO, of all three: no hash. */
enum err declined_get(struct store_tx *tx, struct declined_event event, struct declined *ret) MUST_CHECK;
enum err declined_put(struct store_tx *tx, struct declined_event event, const struct declined *d) MUST_CHECK;
/* Where it is not there, nothing happens. */
enum err declined_forget(struct store_tx *tx, struct declined_event event) MUST_CHECK;

#endif
