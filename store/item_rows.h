/* Item rows as statements give them, and what the units of items, the feed and the commands' rules share of them. */
#ifndef STORE_ITEM_ROWS_H
#define STORE_ITEM_ROWS_H

#include <store/item.h>
#include <store/stmt.h>

/* Columns in the order of item_row_read(), of a table or alias called i, and their number; key: which of its keys. */
enum { ITEM_COLUMNS_N = 26 };
#define ITEM_COLUMNS ITEM_COLUMNS_KEY("i.key")
#define ITEM_COLUMNS_KEY(key)                                                                                      \
	"i.item_id, i.folder_id, i.uid, " key ", i.received_ms, i.blob_id, i.size, i.flags, i.verb, i.verb_ms,"    \
	" i.created_change, i.modified_change, i.content_change, i.created_by, i.modified_by, i.content_by, "      \
	"i.moved_by,"                                                                                              \
	" i.keywords, i.followup, i.conversation, i.conversation_index, i.saved_ms, i.read_change, i.flag_change," \
	" i.keywords_change, i.verb_change"

/* Strings are borrowed from the statement until its next step. */
void item_row_read(const struct sql_stmt *st, struct item *ret);
/* Moves the strings into the arena. */
enum err item_row_keep(struct arena *a, struct item *item) MUST_CHECK;

/* The row without its strings; ERR_NOT_FOUND: not in that folder, or the folder is deleted. */
enum err item_row_get(struct store_tx *tx, int64_t folder, int64_t id, struct item *ret) MUST_CHECK;

/* What an item weighs in its folder's unread count. */
static inline int item_unread(unsigned flags)
{
	return flags & ITEM_SEEN ? 0 : 1;
}

/* An item leaves a folder: writes the row by which feeds and IMAP learn of it. */
struct item_gone {
	const struct item *was;
	int64_t expunged_by; /* is not told of it */
	int64_t moved_to;    /* folder; 0: nowhere */
	bool imap_only;      /* only its uid has gone */
};
enum err item_gone_put(struct store_tx *tx, const struct item_gone *gone) MUST_CHECK;
/* Tells every feed that this item is not in that folder, whatever they know. */
enum err item_gone_tell(struct store_tx *tx, int64_t folder, int64_t id) MUST_CHECK;

/* Rule 5: a command that was not repeated loses its marks, and what it touched gets a new change number. */
enum err item_unmark(struct store_tx *tx, int64_t folder, int64_t id, bool was_added) MUST_CHECK;
enum err item_gone_unmark(struct store_tx *tx, int64_t folder, int64_t id, int64_t device) MUST_CHECK;
/* The device's Add that made it at that change number is known to have been answered after all. */
enum err item_remark(struct store_tx *tx, int64_t id, uint64_t created, int64_t device) MUST_CHECK;

#endif
