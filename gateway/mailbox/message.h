/*
 * A stored mail, opened for reading: its octets, its structure and its summary. What delivery computed is read from the
 * store; where an older parser made it, it is made again from the octets. Worker threads.
 */
#ifndef GATEWAY_MAILBOX_MESSAGE_H
#define GATEWAY_MAILBOX_MESSAGE_H

#include <gateway/content/mime.h>
#include <gateway/content/summary.h>
#include <store/item_scan.h>

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
/*
 * The same of a row of a walk with messages, without a copy of the octets: until the walk's next step. *octets is the
 * source's and lives as long. False: they lie in a file, or what is kept beside them is of another version: message_open().
 */
bool message_of_scan(struct arena *a, const struct item_scan *scan, struct str *octets, struct message *ret);
/* The calendar of a mail about a meeting, as UTF-8, in the arena. ERR_NOT_FOUND: it has none. */
enum err message_calendar(struct arena *a, const struct mail_source *source, const struct mime_structure *m,
			  struct str *ret) MUST_CHECK;
void message_close(struct message *m); /* of a zeroed one too; for CLEANUP */

#endif
