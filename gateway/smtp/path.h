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
 * Whether the path's domain is one (RFC 5321 4.1.2, RFC 6531 3.3): labels of letters, digits and hyphens, which begin and end with none,
 * or an address in brackets. '_' counts as a letter, since there are hosts with it; what is beyond ASCII too. False where
 * there is no '@'.
 */
bool smtp_path_has_domain(struct str path);

/* "postmaster" alone, in any case, which is a mailbox everywhere (RFC 5321 4.5.1). */
bool smtp_path_is_postmaster(struct str path);

/*
 * Appends the address with its local part unquoted: "ann"@example.test is ann@example.test (RFC 5321 4.1.2). It may
 * then hold what no account's address holds, but never more than one '@'. ERR_INVALID: it has no domain, or its quoting
 * is malformed or hides an '@'.
 */
enum err smtp_path_address(struct str path, struct buf *out) MUST_CHECK;

#endif
