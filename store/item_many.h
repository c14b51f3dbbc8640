/*
 * What is done to many items of a folder at once: as to each of them in the order of UIDs, by nobody's device, in a few
 * statements for all. Write transactions of the mailbox.
 */
#ifndef STORE_ITEM_MANY_H
#define STORE_ITEM_MANY_H

#include <store/item.h>

struct item_range {
	int64_t folder;
	uint32_t lo, hi; /* UIDs, both included */
};

/*
 * Of those that were last changed at or before `since` (INT64_MAX: all). Keywords NULL, verb 0: each keeps its own. A
 * verb goes to those whose flags or keywords change.
 */
struct item_range_edit {
	struct item_range of;
	unsigned set, clear;
	uint64_t since;
	const struct str *keywords;
	int verb;
	int64_t verb_ms;
};
/* As item_update(). *ret_n: how many it changed. ERR_LIMIT: keywords too long. */
enum err item_update_range(struct store_tx *tx, const struct item_range_edit *edit, uint64_t *ret_n) MUST_CHECK;

/* How many there are. */
enum err item_count_range(struct store_tx *tx, const struct item_range *range, uint64_t *ret) MUST_CHECK;

/*
 * What becomes of them in the folder `to` gets UIDs that follow each other, from *ret_first on, *ret_n of them. ERR_NOT_FOUND:
 * no such folder. ERR_LIMIT: its UIDs are used up.
 */

/* Copies are mails of their own with the same octets, flags and date, saved now; what was computed of the octets comes along. */
enum err item_copy_range(struct store_tx *tx, const struct item_range *from, int64_t to, uint32_t *ret_first,
			 uint64_t *ret_n) MUST_CHECK;
/* As item_move(). ERR_INVALID: from and to are the same. */
enum err item_move_range(struct store_tx *tx, const struct item_range *from, int64_t to, uint32_t *ret_first,
			 uint64_t *ret_n) MUST_CHECK;

#endif
