/*
 * Content-Transfer-Encoding (RFC 2045 section 6): streaming decoders, forgiving as mail needs. Broken quoted-printable
 * is passed through as it stands, base64 skips what is not in its alphabet; neither fails. The result does not depend
 * on how the input is cut. Output is never longer than input. Zero-initialise, then set `encoding`.
 */
#ifndef CONTENT_TRANSFER_H
#define CONTENT_TRANSFER_H

#include <base/base64.h>

enum transfer_encoding {
	TRANSFER_7BIT, /* also what an absent or empty header means */
	TRANSFER_8BIT,
	TRANSFER_BINARY,
	TRANSFER_QUOTED_PRINTABLE,
	TRANSFER_BASE64,
	TRANSFER_UNKNOWN, /* an encoding we cannot undo: the octets are passed as they are */
	TRANSFER_MAX_
};

/* By the name in the header, without case and surrounding blanks. Any thread. */
enum transfer_encoding transfer_by_name(struct str name);

/* Blanks at the end of a quoted-printable line are held back this far; a longer run is passed as text. */
enum { TRANSFER_BLANKS_MAX = 256 };

struct transfer_stream {
	enum transfer_encoding encoding;
	struct base64_stream base64;
	char held[TRANSFER_BLANKS_MAX + 1]; /* octets whose meaning depends on what follows */
	size_t held_n;
	bool escape; /* held begins with the '=' of an escape */
};

void transfer_put(struct transfer_stream *st, struct buf *b, struct str bytes);
void transfer_finish(struct transfer_stream *st, struct buf *b); /* the octets still held back */

#endif
