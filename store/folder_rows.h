/* What the other nouns of store/ do to folder rows. Write transactions. */
#ifndef STORE_FOLDER_ROWS_H
#define STORE_FOLDER_ROWS_H

#include <store/folder.h>

/*
 * An item of the folder got the transaction's change number: raises the head, adds to the counts and octets, notes
 * the publication. ERR_NOT_FOUND: no live folder.
 */
struct folder_touch {
	int64_t folder;
	int total, unread; /* added */
	int64_t author;    /* whom the change need not wake */
	int64_t bytes;     /* added */
};
enum err folder_touch(struct store_tx *tx, const struct folder_touch *t) MUST_CHECK;
/* The next UIDs, n of them: the first. ERR_NOT_FOUND: no live folder; ERR_LIMIT: so many are not left. */
enum err folder_take_uids(struct store_tx *tx, int64_t folder, uint64_t n, uint32_t *ret) MUST_CHECK;
static inline enum err folder_take_uid(struct store_tx *tx, int64_t folder, uint32_t *ret)
{
	return folder_take_uids(tx, folder, 1, ret);
}

/* Between these a feed can be read. ERR_NOT_FOUND: no live folder. */
enum err folder_bounds(struct store_tx *tx, int64_t folder, uint64_t *ret_head, uint64_t *ret_purged) MUST_CHECK;

/*
 * Every row above `after`, without the root; parents before their children. Of deleted folders only those that are
 * older than `after`, or that the device `maker` made (STORE_NOBODY: none): deleted rows stay for ever, and the others
 * were never told to anybody who stands at `after`.
 */
enum err folder_rows_since(struct arena *a, struct store_tx *tx, uint64_t after, int64_t maker, struct folder **ret,
			   size_t *ret_n) MUST_CHECK;
/* Somebody has said what he wants to see: the transaction's change is noted, and whoever waits for the hierarchy is to look. */
enum err folder_note_subscription(struct store_tx *tx) MUST_CHECK;
/* Rows by id become parents before their children. */
enum err folder_rows_sort(struct arena *a, struct folder *rows, size_t n) MUST_CHECK;
/*
 * Rule 5 for the hierarchy: a command that was not repeated loses its marks, and the row comes again. kind: an enum
 * sync_command_kind.
 */
enum err folder_unmark(struct store_tx *tx, int64_t id, int kind, int64_t device) MUST_CHECK;
/* The device's command that made it is known to have been answered after all. */
enum err folder_remark(struct store_tx *tx, int64_t id, int64_t device) MUST_CHECK;

#endif
