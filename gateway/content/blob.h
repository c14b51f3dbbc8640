/*
 * The small binary forms in which the structure and the summary of a message are stored: numbers of 1 to 10 octets,
 * seven bits each, low ones first; strings as a length and their octets. What is read was written by us, but comes
 * from a disk: a reader checks every length and says ERR_CORRUPT in the end. Any thread.
 */
#ifndef CONTENT_BLOB_H
#define CONTENT_BLOB_H

#include <base/buf.h>

void blob_put_u64(struct buf *b, uint64_t v);
void blob_put_i64(struct buf *b, int64_t v); /* zigzag: small negative numbers stay small */
void blob_put_str(struct buf *b, struct str s);

/* Sticky: after the first bad value all others are zero or empty. Initialise with the blob and false. */
struct blob_reader {
	struct str rest;
	bool bad;
};

uint64_t blob_u64(struct blob_reader *r);
/* A number of at most max, else the blob is bad. */
uint64_t blob_u64_max(struct blob_reader *r, uint64_t max);
int64_t blob_i64(struct blob_reader *r);
struct str blob_str(struct blob_reader *r); /* a view into the blob */

/* ERR_CORRUPT where something was bad or bytes are left over. */
enum err blob_end(const struct blob_reader *r) MUST_CHECK;

#endif
