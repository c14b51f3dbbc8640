/*
 * Messages that a change of a mailbox sends: they are kept in the transaction of the change, so that it is never without
 * them, and are moved to the directory's queue (store/queue.h) behind it, or after a crash. The queue takes a name once,
 * whoever moves it again. Who moves is gateway/mailbox/outbox.h.
 *
 * All functions need a transaction of the mailbox, a write transaction where they change something. `struct str` results live
 * in the arena that is passed.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include <store/queue.h>

struct outbox_new {
	struct queue_name name;
	int64_t author; /* the account that sends */
	const struct str *recipients;
	size_t recipients_n;
};

struct outbox_message {
	int64_t id;
	struct queue_name name;
	int64_t author, blob;
	struct queue_recipient *recipients;
	size_t recipients_n;
};

/*
 * `body` is a finished writer of the mailbox's blobs, dropped by its owner after the commit. A name that is there already
 * changes nothing. ERR_INVALID: no recipient, or an address that is not UTF-8 or has a control in it. ERR_LIMIT: too many.
 */
enum err outbox_add(struct store_tx *tx, const struct outbox_new *message, struct store_blob_writer *body) MUST_CHECK;
/* The first one behind `after`; ERR_NOT_FOUND: none. */
enum err outbox_next(struct arena *a, struct store_tx *tx, int64_t after, struct outbox_message *ret) MUST_CHECK;
/* One that has been moved already changes nothing. */
enum err outbox_remove(struct store_tx *tx, const struct outbox_message *message) MUST_CHECK;

#endif
