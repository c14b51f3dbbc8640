/*
 * Line ends of a message on their way into the store: a bare LF becomes CRLF, nothing else is touched, a bare CR
 * stays. Messages are stored so, and every octet offset counts in that form (RFC 5322 section 2.3: lines end in CRLF).
 * Streaming: the result does not depend on how the input is cut. Zero-initialise. Not shared between threads.
 */
#ifndef CONTENT_CRLF_H
#define CONTENT_CRLF_H

#include <base/buf.h>

struct crlf_stream {
	bool after_cr; /* the last octet of the former call was CR */
	/*
	 * What goes out: a CR that ends no line becomes a blank, since RFC 5321 2.3.8 has no place for it, and a peer that
	 * takes it for a line's end would read other fields, or another end of the message, than we did. A CR that ends a
	 * call is held back for the next one; crlf_end() gives up one at the very end.
	 */
	bool strict;
};

/* Appends the converted bytes to b, at most twice as many; b's own ceiling tells when it is too much. */
void crlf_put(struct crlf_stream *st, struct buf *b, struct str bytes);
void crlf_end(struct crlf_stream *st, struct buf *b); /* of a strict one, after the last octet */

#endif
