/*
 * Folders that are shared: an owner lets a guest, another account, see what is in a folder of his, or change it too. Who shares
 * the calendar that every mailbox has may have the guest told of the meeting requests that come. Asked at each use, so that what
 * is taken back ends at once. Rows of the directory: all functions need a transaction of STORE_DIRECTORY (a write transaction
 * where they change something). What folders there are is not known here.
 */
#ifndef STORE_SHARE_H
#define STORE_SHARE_H

#include <base/arena.h>
#include <store/store.h>

enum { SHARES_MAX = 100 }; /* of an owner */

/* What a guest has to do with meeting requests that come to the owner. */
enum share_meetings {
	SHARE_MEETINGS_NONE,
	SHARE_MEETINGS_BOTH,      /* he is told of them; the owner has them as ever */
	SHARE_MEETINGS_COPY,      /* he answers them; what the owner has is a copy, to be looked at */
	SHARE_MEETINGS_DELEGATES, /* he answers them, and the owner gets none */
	SHARE_MEETINGS_MAX_
};

struct share {
	int64_t owner, guest; /* accounts */
	int64_t folder;       /* of the owner's mailbox; 0: of before folders were named, for availability alone */
	bool calendar;        /* it is the calendar that every mailbox has */
	bool edits;
	enum share_meetings meetings; /* of that calendar */
	struct str address;           /* of lists: the other one's primary address */
};

/* Anew, or as it is to be from now on. ERR_INVALID: owner and guest are one. ERR_LIMIT: SHARES_MAX. */
enum err share_set(struct store_tx *tx, const struct share *s) MUST_CHECK;
/* ERR_NOT_FOUND. */
enum err share_unset(struct store_tx *tx, const struct share *s) MUST_CHECK;
/* What the guest may do with that folder; no address. ERR_NOT_FOUND: nothing. */
enum err share_get(struct store_tx *tx, int64_t owner, int64_t guest, int64_t folder, struct share *ret) MUST_CHECK;
/* Is the calendar that every mailbox has shared? */
enum err share_exists(struct store_tx *tx, int64_t owner, int64_t guest, bool *ret) MUST_CHECK;
/* What an owner shares, by the guest's address; what is shared with a guest, by the owner's. Arena memory. */
enum err share_list(struct arena *a, struct store_tx *tx, int64_t owner, struct share **ret, size_t *ret_n) MUST_CHECK;
enum err share_list_of_guest(struct arena *a, struct store_tx *tx, int64_t guest, struct share **ret,
			     size_t *ret_n) MUST_CHECK;
/* What the account shares, and what is shared with it: with the account. */
enum err share_drop_all(struct store_tx *tx, int64_t account) MUST_CHECK;

#endif
