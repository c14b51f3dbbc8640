/* Paths of MAIL and RCPT (RFC 5321 4.1.2, RFC 6531 3.3). Pure, any thread. */
#ifndef GATEWAY_SMTP_PATH_H
#define GATEWAY_SMTP_PATH_H

#include <base/buf.h>

/*
 * Cuts <address> from the front of *args, which keeps what follows. *ret borrows: the address as it was written, without
 * its brackets and without the source route that RFC 5321 says to ignore; empty for <>. ERR_INVALID: no such path at the
 * front, controls or text that is not UTF-8 in it, or longer than SMTP_MAX_PATH.
 */
enum err smtp_path_cut(struct str *args, struct str *ret) MUST_CHECK;

/*
 * Appends the address with its local part unquoted: "ann"@example.test is ann@example.test (RFC 5321 4.1.2). It may
 * then hold what no account's address holds, but never more than one '@'. ERR_INVALID: it has no domain, or its quoting
 * is malformed or hides an '@'.
 */
enum err smtp_path_address(struct str path, struct buf *out) MUST_CHECK;

#endif
