/* Writing header fields: what is put here is plain ASCII that any server takes (RFC 5322, RFC 2047). Any thread. */
#ifndef CONTENT_HEADER_WRITE_H
#define CONTENT_HEADER_WRITE_H

#include <base/buf.h>

/* "Thu, 01 Jan 2026 00:00:00 +0000" (RFC 5322 3.3), in UTC. */
void header_date_write(struct buf *b, int64_t ms);
/* A new message id with its brackets: "<" random "@" hostname ">". ERR_IO: there is no randomness. */
enum err header_msgid_write(struct buf *b, const char *hostname) MUST_CHECK;
/*
 * Unstructured text (a subject), in encoded words where it is not ASCII, folded; what was written of the line counts as
 * `column`. Line ends and controls in it become blanks.
 */
void header_text_write(struct buf *b, struct str text, size_t column);
/* "Name <address>", or the address alone. */
void header_mailbox_write(struct buf *b, struct str name, struct str address);

#endif
