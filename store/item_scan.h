/*
 * A walk over a folder by UID with what is kept beside the items, as one statement: for IMAP, which reads folders from one
 * end to the other. All texts are borrowed from the statement until the next step; nothing is copied.
 *
 * In an open transaction of the mailbox, one walk of a kind at a time. Folders that are deleted are not looked at.
 */
#ifndef STORE_ITEM_SCAN_H
#define STORE_ITEM_SCAN_H

#include <store/blob_shape.h>
#include <store/item.h>

enum item_scan_with {
	ITEM_SCAN_UIDS,  /* the least: of the items alone folder, uid and flags are set */
	ITEM_SCAN_FLAGS, /* keywords and modified too */
	ITEM_SCAN_ROWS,
	ITEM_SCAN_SHAPES,
	ITEM_SCAN_SUMMARIES, /* without structures */
	ITEM_SCAN_OCTETS,
	ITEM_SCAN_MESSAGES, /* octets, summaries and structures */
	ITEM_SCAN_WITH_MAX_
};

struct item_scan_range {
	int64_t folder;
	uint32_t lo, hi;      /* UIDs, both included */
	unsigned mask, flags; /* only items whose flags under the mask are these */
};

struct sql_stmt;
/* Zero-initialise. */
struct item_scan {
	struct sql_stmt *st;
	enum item_scan_with with;
	int64_t folder;
};

enum err item_scan_open(struct store_tx *tx, enum item_scan_with with, const struct item_scan_range *range,
			struct item_scan *ret) MUST_CHECK;
void item_scan_close(struct item_scan *s); /* of a closed one too; for CLEANUP */
/*
 * *row: there is one. Of the item are set, but for the first two kinds: id, folder, uid, received_ms, blob, size, flags,
 * keywords, modified, conversation, saved_ms.
 */
enum err item_scan_next(struct item_scan *s, struct item *ret, bool *row) MUST_CHECK;

/* What lies beside the row. False: nothing does, or the walk is without it. */
bool item_scan_shape(const struct item_scan *s, struct blob_shape *ret);
bool item_scan_summary(const struct item_scan *s,
		       struct item_summary *ret);                  /* of ITEM_SCAN_SUMMARIES without structure */
bool item_scan_octets(const struct item_scan *s, struct str *ret); /* large ones lie in files */

#endif
