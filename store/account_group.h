/*
 * Groups of accounts, for policies. Rows of the directory: all functions need a transaction of STORE_DIRECTORY (a write
 * transaction where they change something).
 */
#ifndef STORE_ACCOUNT_GROUP_H
#define STORE_ACCOUNT_GROUP_H

#include <store/store.h>

enum { ACCOUNT_GROUP_NAME_MAX = 64 }; /* bytes */

struct account_group {
	int64_t id;
	struct str name;
	uint64_t members;
};

/* ERR_EXISTS: there is one of that name. ERR_INVALID: no name (policy_name_valid() has the rule). */
enum err account_group_create(struct store_tx *tx, struct str name) MUST_CHECK;
/* ERR_NOT_FOUND. Its members and what was assigned to it go with it. */
enum err account_group_delete(struct store_tx *tx, int64_t id) MUST_CHECK;
enum err account_group_find(struct store_tx *tx, struct str name, int64_t *ret_id) MUST_CHECK;
/* By name. */
enum err account_group_list(struct arena *a, struct store_tx *tx, struct account_group **ret, size_t *ret_n) MUST_CHECK;
/* Primary addresses of the members, by address. */
enum err account_group_members(struct arena *a, struct store_tx *tx, int64_t id, struct str **ret,
			       size_t *ret_n) MUST_CHECK;
/* Adding a member twice is fine. Removing: ERR_NOT_FOUND where it is none. */
enum err account_group_add(struct store_tx *tx, int64_t id, int64_t account) MUST_CHECK;
enum err account_group_remove(struct store_tx *tx, int64_t id, int64_t account) MUST_CHECK;

#endif
