/*
 * Calendars that are shared: an owner lets a guest, another account, see all of his calendar, and may have him told of the
 * meeting requests that come. Asked at each use, so that what is taken back ends at once. Rows of the directory: all
 * functions need a transaction of STORE_DIRECTORY (a write transaction where they change something).
 */
#ifndef STORE_SHARE_H
#define STORE_SHARE_H

#include <base/arena.h>
#include <store/store.h>

enum { SHARES_MAX = 100 }; /* of an owner */

struct share {
	int64_t guest;
	struct str address; /* the guest's primary one */
	bool meetings;
};

/* Anew, or as it is to be from now on. ERR_INVALID: owner and guest are one. ERR_LIMIT: SHARES_MAX. */
enum err share_set(struct store_tx *tx, int64_t owner, int64_t guest, bool meetings) MUST_CHECK;
/* ERR_NOT_FOUND. */
enum err share_unset(struct store_tx *tx, int64_t owner, int64_t guest) MUST_CHECK;
enum err share_exists(struct store_tx *tx, int64_t owner, int64_t guest, bool *ret) MUST_CHECK;
/* All guests of an owner, by address. Arena memory. */
enum err share_list(struct arena *a, struct store_tx *tx, int64_t owner, struct share **ret, size_t *ret_n) MUST_CHECK;
/* What the account shares, and what is shared with it: with the account. */
enum err share_drop_all(struct store_tx *tx, int64_t account) MUST_CHECK;

#endif
