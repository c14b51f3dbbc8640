/*
 * Accounts that live elsewhere: what their clients are sent to. Rows of the directory, so all functions need a transaction
 * of STORE_DIRECTORY (a write transaction where they change something).
 */
#ifndef STORE_REDIRECT_H
#define STORE_REDIRECT_H

#include <store/store.h>

enum { REDIRECT_URL_MAX = 512 }; /* bytes */

/* One of both at most; both empty: the account lives here. */
struct redirect {
	struct str address; /* where the person has mail now: clients look for that address's server */
	struct str url;     /* of the server that has the mailbox: "https://mail.example.test:8443", without a path */
};

bool redirect_is_set(const struct redirect *r);
enum err redirect_get(struct arena *a, struct store_tx *tx, int64_t account, struct redirect *ret) MUST_CHECK;
/* Both empty: takes it away. ERR_INVALID: neither an address nor such a URL, or both. ERR_LIMIT: too long. */
enum err redirect_set(struct store_tx *tx, int64_t account, const struct redirect *r) MUST_CHECK;
/* With the account. */
enum err redirect_forget(struct store_tx *tx, int64_t account) MUST_CHECK;

#endif
