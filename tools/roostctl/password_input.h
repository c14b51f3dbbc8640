/* Where a new password comes from: a terminal (twice, unseen), standard input or a file; never the command line. */
#ifndef ROOSTCTL_PASSWORD_INPUT_H
#define ROOSTCTL_PASSWORD_INPUT_H

#include <gateway/auth/password.h>
#include <store/account.h>
#include <tools/roostctl/ctl.h>

#define PASSWORD_OPTIONS (TAKES(OPTION_PASSWORD_STDIN) | TAKES(OPTION_PASSWORD_FILE) | TAKES(OPTION_NO_PASSWORD))

/* What is kept of a password: a crypt(5) string, and SCRAM's keys. */
struct password_made {
	struct buf hash, scram;
};
#define PASSWORD_MADE_INIT                                                     \
	{                                                                      \
		BUF_INIT(PASSWORD_HASH_MAX_BYTES), BUF_INIT(ACCOUNT_SCRAM_MAX) \
	}
void password_made_release(struct password_made *m);

/*
 * Makes both of the password that the options ask for, for the account with that primary address; leaves them empty for
 * --no-password. STATUS_MISUSED: options that exclude each other. What went wrong was said.
 */
enum status password_input(struct ctl *c, const struct args *args, struct str address, struct password_made *ret);

#endif
