/*
 * Who makes a change, and whether the change may stay unsaid to him: a device is not told what it did itself and
 * holds as stored. Values.
 */
#ifndef STORE_AUTHOR_H
#define STORE_AUTHOR_H

#include <store/store.h>

struct author {
	int64_t device;  /* STORE_NOBODY for everyone who reads no feed of a device: delivery, IMAP, the CLI */
	uint64_t seen;   /* the device's confirmed w: what it had seen of this folder when it made the change */
	bool normalised; /* what is stored differs from what the device sent: it will be told */
};

#define AUTHOR_NOBODY ((struct author){ .device = STORE_NOBODY })

/*
 * modified_by of a row that this author changes: himself only where he had seen what stood there before and where what
 * is stored is what he sent.
 */
static inline int64_t author_mark(const struct author *by, uint64_t modified, int64_t modified_by)
{
	bool saw = modified <= by->seen || modified_by == by->device;

	return saw && !by->normalised ? by->device : STORE_NOBODY;
}

#endif
