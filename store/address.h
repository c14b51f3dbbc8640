/* The addresses of accounts, as account.c needs them; what others call is declared in account.h. */
#ifndef STORE_ADDRESS_H
#define STORE_ADDRESS_H

#include <store/account.h>

/* An address taken apart; values, lower case (ASCII) in `folded`. */
struct address {
	struct str written;
	char folded[ACCOUNT_ADDRESS_MAX];
	size_t folded_n, local_n;
};

/* ERR_INVALID, ERR_LIMIT: see account_add(). */
enum err address_parse(struct str written, struct address *ret) MUST_CHECK;
struct str address_folded(const struct address *a);

/* The account that has it, or ERR_NOT_FOUND. */
enum err address_owner(struct store_tx *tx, const struct address *a, int64_t *ret_account) MUST_CHECK;
/* ERR_EXISTS: somebody, or a group, has it. */
enum err address_insert(struct store_tx *tx, int64_t account, const struct address *a, bool primary) MUST_CHECK;

/* Takes the directory's change number and publishes it: called by whatever changes an account. */
enum err account_changed(struct store_tx *tx) MUST_CHECK;

#endif
