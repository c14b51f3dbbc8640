/*
 * Items that are kept from a device, because it evidently cannot take them. In a transaction of the mailbox; a write
 * transaction where something changes. sync_forget() ends them with the device.
 */
#ifndef STORE_HELD_BACK_H
#define STORE_HELD_BACK_H

#include <store/store.h>

enum { HELD_BACK_MAX = 200 }; /* of a device; the oldest go */

/* Stored: append only. */
enum held_back_level {
	HELD_BACK_NOT,
	HELD_BACK_PLACEHOLDER, /* it is shown as a mail that cannot be read */
	HELD_BACK_SKIPPED,     /* the placeholder was not taken either: it is not shown */
};

struct held_back {
	int64_t item;
	enum held_back_level level;
	int64_t since_ms;
};

/* By item. */
enum err held_back_list(struct arena *a, struct store_tx *tx, int64_t device, struct held_back **ret,
			size_t *ret_n) MUST_CHECK;
enum err held_back_put(struct store_tx *tx, int64_t device, int64_t item, enum held_back_level level) MUST_CHECK;
enum err held_back_forget(struct store_tx *tx, int64_t device) MUST_CHECK;

#endif
