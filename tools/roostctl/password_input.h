/* Where a new password comes from: a terminal (twice, unseen), standard input or a file; never the command line. */
#ifndef ROOSTCTL_PASSWORD_INPUT_H
#define ROOSTCTL_PASSWORD_INPUT_H

#include <tools/roostctl/ctl.h>

#define PASSWORD_OPTIONS (TAKES(OPTION_PASSWORD_STDIN) | TAKES(OPTION_PASSWORD_FILE) | TAKES(OPTION_NO_PASSWORD))

/*
 * Appends the crypt(5) string of the password that the options ask for; nothing for --no-password. STATUS_MISUSED:
 * options that exclude each other. What went wrong was said.
 */
enum status password_input(const struct args *args, struct buf *ret_hash);

#endif
