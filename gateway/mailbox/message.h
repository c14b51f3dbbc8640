/*
 * A stored mail, opened for reading: its octets, its structure and its summary. What delivery computed is read from the
 * store; where an older parser made it, it is made again from the octets. Worker threads.
 */
#ifndef GATEWAY_MAILBOX_MESSAGE_H
#define GATEWAY_MAILBOX_MESSAGE_H

#include <gateway/content/mime.h>
#include <gateway/content/summary.h>
#include <store/item.h>

struct store_blob;

struct message {
	struct mail_source source; /* until message_close() */
	struct mail_summary summary;
	struct mime_structure structure;
	struct store_blob *blob;
};

/*
 * Strings and structure live in the arena. ERR_NOT_FOUND: no octets (not a mail). ERR_CORRUPT: they are damaged; the
 * item still has its row.
 */
enum err message_open(struct arena *a, struct store_tx *tx, const struct item *item, struct message *ret) MUST_CHECK;
void message_close(struct message *m); /* of a zeroed one too; for CLEANUP */

#endif
