/*
 * Policies: named sets of settings (store/policy_settings.h), and who has which. Rows of the directory: all functions
 * need a transaction of STORE_DIRECTORY (a write transaction where they change something). `struct str` results live in
 * the arena that is passed.
 *
 * An account has the policy that is assigned to it; else that of the first of its groups, by name, that has one; else
 * that of everyone; else none, which asks nothing of a phone.
 */
#ifndef STORE_POLICY_H
#define STORE_POLICY_H

#include <store/policy_settings.h>
#include <store/store.h>

enum { POLICY_NAME_MAX = 64 }; /* bytes */
#define POLICY_NONE "none"

struct policy {
	int64_t id;      /* 0: none */
	struct str name; /* POLICY_NONE: none */
	int64_t changed_ms;
	struct str value[POLICY_SETTINGS_MAX_]; /* the default where nothing was set */
	bool is_set[POLICY_SETTINGS_MAX_];
};

/* Stored: append only. */
enum policy_scope { POLICY_FOR_ACCOUNT = 1, POLICY_FOR_GROUP, POLICY_FOR_EVERYONE };

/* What a phone without a policy gets: the defaults, and nothing is refused. */
struct policy policy_none(void);
/* 1 to POLICY_NAME_MAX letters, digits, '-', '_' and '.', and not POLICY_NONE; of groups too. */
bool policy_name_valid(struct str name);
bool policy_bool(const struct policy *p, enum policy_setting which);
/* `otherwise` where it is empty. */
int64_t policy_number(const struct policy *p, enum policy_setting which, int64_t otherwise);
/*
 * A hash of the document as a protocol (version * 10) is given it, never 0: two policies that tell a phone the same hash
 * alike. So no phone is asked again for the sake of what its version does not know.
 */
uint64_t policy_document(const struct policy *p, unsigned protocol);

/* ERR_EXISTS, ERR_INVALID: the name. */
enum err policy_create(struct store_tx *tx, struct str name, int64_t *ret_id) MUST_CHECK;
/* ERR_DENIED: it is assigned to somebody. */
enum err policy_delete(struct store_tx *tx, int64_t id) MUST_CHECK;
/*
 * ERR_NOT_FOUND. ERR_CORRUPT: a value is stored that no policy can have; *ret is then whole but for the values, which
 * are the defaults.
 */
enum err policy_get(struct arena *a, struct store_tx *tx, int64_t id, struct policy *ret) MUST_CHECK;
enum err policy_find(struct arena *a, struct store_tx *tx, struct str name, struct policy *ret) MUST_CHECK;
/* The names, in their order. */
enum err policy_names(struct arena *a, struct store_tx *tx, struct str **ret, size_t *ret_n) MUST_CHECK;
/* ERR_INVALID: not a value of that setting. The default is not kept. */
enum err policy_set(struct store_tx *tx, int64_t id, enum policy_setting which, struct str value) MUST_CHECK;

/* target: the account's or group's number, 0 for everyone. policy 0: none, whatever others have. */
enum err policy_assign(struct store_tx *tx, enum policy_scope scope, int64_t target, int64_t policy) MUST_CHECK;
/* ERR_NOT_FOUND: nothing was assigned. */
enum err policy_unassign(struct store_tx *tx, enum policy_scope scope, int64_t target) MUST_CHECK;

struct policy_assignment {
	enum policy_scope scope;
	struct str target; /* primary address, or name of the group; empty for everyone */
	struct str policy; /* its name */
};
/* By scope and target. */
enum err policy_assignments(struct arena *a, struct store_tx *tx, struct policy_assignment **ret,
			    size_t *ret_n) MUST_CHECK;
/* ERR_CORRUPT as policy_get(). */
enum err policy_of_account(struct arena *a, struct store_tx *tx, int64_t account, struct policy *ret) MUST_CHECK;

#endif
