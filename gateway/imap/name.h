/*
 * Mailbox names. On the wire a name is a path of levels with '/' between them, in modified UTF-7 (RFC 3501 5.1.3) or,
 * once the client has enabled it, in UTF-8 (RFC 6855, 9051). The store has a level in UTF-8, in which anything may
 * stand that people type on a phone: a '/' of a level becomes "=2F", and the '=' of what looks like such an escape "=3D".
 * Pure, any thread.
 */
#ifndef GATEWAY_IMAP_NAME_H
#define GATEWAY_IMAP_NAME_H

#include <base/buf.h>

#define IMAP_DELIMITER '/'

/* ERR_INVALID: not modified UTF-7, or not in the one form that a name has. */
enum err imap_utf7_decode(struct buf *b, struct str s) MUST_CHECK;
void imap_utf7_encode(struct buf *b, struct str utf8);

/* A level of the store as one of a path, and back. */
void imap_level_put(struct buf *b, struct str level);
void imap_level_read(struct buf *b, struct str level);

/*
 * LIST's match (RFC 9051 6.3.9): '*' for anything, '%' for anything within a level. *steps is counted down, so that no
 * pattern costs more than it may; at 0 nothing matches.
 */
bool imap_pattern_matches(struct str pattern, struct str name, unsigned long *steps);

#endif
