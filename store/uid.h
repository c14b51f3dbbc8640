/*
 * A folder as IMAP counts it: by UID. What a session may show is a view: the mails that were there at a change number w.
 * It is derived, not kept: whatever lies below the folder's next UID at that time and is still there, and what has been
 * expunged since.
 *
 * All functions need an open transaction of the mailbox. Folders that are deleted are not looked at.
 */
#ifndef STORE_UID_H
#define STORE_UID_H

#include <store/folder.h>
#include <store/item.h>

/* An error ends the walk and is returned. */
typedef enum err uid_each(void *ctx, uint32_t uid);

/* UIDs from `from` on, ascending. */
enum err uid_list(struct store_tx *tx, int64_t folder, uint32_t from, uid_each *each, void *ctx) MUST_CHECK;
/* UIDs below `below` that were expunged after a change number, in the order in which it happened. */
enum err uid_list_gone(struct store_tx *tx, int64_t folder, uint64_t after, uint32_t below, uid_each *each,
		       void *ctx) MUST_CHECK;
/* The first change after that number by which a UID below `below` went; 0: none. */
enum err uid_first_gone(struct store_tx *tx, int64_t folder, uint64_t after, uint32_t below, uint64_t *ret) MUST_CHECK;

/* Appends items with lo <= uid <= hi, by uid, to the *n that there are, until they are `limit`. */
enum err item_read_range(struct arena *a, struct store_tx *tx, int64_t folder, uint32_t lo, uint32_t hi, size_t limit,
			 struct item *items, size_t *n) MUST_CHECK;
/* Up to `limit` items that IMAP has marked as deleted, with after_uid < uid < below, by uid. Reads no other rows. */
enum err item_list_deleted(struct arena *a, struct store_tx *tx, int64_t folder, uint32_t after_uid, uint32_t below,
			   size_t limit, struct item **ret, size_t *ret_n) MUST_CHECK;
/* Up to `limit` items changed after (change, id), in that order. */
enum err item_list_changed(struct arena *a, struct store_tx *tx, int64_t folder, uint64_t after, int64_t after_id,
			   size_t limit, struct item **ret, size_t *ret_n) MUST_CHECK;

struct folder_sums {
	uint64_t bytes;   /* of all its mails */
	uint64_t deleted; /* mails that wait for EXPUNGE */
	uint64_t deleted_bytes;
};
/* Reads every row of the folder. */
enum err folder_sums(struct store_tx *tx, int64_t folder, struct folder_sums *ret) MUST_CHECK;
/*
 * The lowest of the unread mails by its place among all, from 1; 0: none. The folder's row is of this transaction. Reads from
 * both ends, since what is unread is mostly near one of them.
 */
enum err uid_first_unseen(struct store_tx *tx, const struct folder *f, uint32_t *ret_seq) MUST_CHECK;

#endif
