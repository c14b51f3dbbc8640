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
};

/* Appends the converted bytes to b, at most twice as many; b's own ceiling tells when it is too much. */
void crlf_put(struct crlf_stream *st, struct buf *b, struct str bytes);

#endif
