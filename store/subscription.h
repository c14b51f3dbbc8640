/*
 * Which mailboxes a desktop client shows (IMAP SUBSCRIBE). Kept by name, as RFC 9051 6.3.7 wants it: a name stays
 * subscribed when its mailbox goes. Whatever folder nobody has said anything of is subscribed, so that what a phone makes
 * is seen on the desktop too. Open transactions of the mailbox; strings live in the arena.
 */
#ifndef STORE_SUBSCRIPTION_H
#define STORE_SUBSCRIPTION_H

#include <store/store.h>

enum { SUBSCRIPTION_MAX = 10000 }; /* names that something is said of */

struct subscription {
	struct str name; /* UTF-8; a path as the client's protocol has it */
	bool subscribed;
};

/* ERR_LIMIT: too many. ERR_INVALID: not UTF-8. */
enum err subscription_set(struct store_tx *tx, struct str name, bool subscribed) MUST_CHECK;
/* By name. */
enum err subscription_list(struct arena *a, struct store_tx *tx, struct subscription **ret, size_t *ret_n) MUST_CHECK;

#endif
