/* Base64 (RFC 4648 section 4). Any thread. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <base/buf.h>

void base64_put(struct buf *b, struct str bytes); /* one line, padded */

/* Strict: the alphabet and right padding only; ERR_INVALID else, with what was decoded before left in b. */
enum err base64_decode(struct buf *b, struct str text) MUST_CHECK;

/*
 * Lenient and incremental, for mail bodies: skips what is not in the alphabet, ends at padding, keeps bits between
 * calls. Zero-initialise.
 */
struct base64_stream {
	uint32_t bits;
	unsigned n;
	bool done;
};
void base64_stream_put(struct base64_stream *st, struct buf *b, struct str text);

#endif
