/* Sequence sets (RFC 9051 sequence-set): parsed, brought into order, and written. Any thread. */
#ifndef GATEWAY_IMAP_SET_H
#define GATEWAY_IMAP_SET_H

#include <base/buf.h>
#include <gateway/imap/input.h>

enum { IMAP_STAR = 0 }; /* in a set that has not been resolved: '*' */

struct imap_range {
	uint32_t lo, hi; /* both included */
};
struct imap_set {
	struct imap_range *ranges;
	size_t n;
	bool saved;    /* "$": the result of the last SEARCH that saved one (RFC 5182) */
	bool resolved; /* into UIDs, by imap_resolve() */
};

/* Ranges in the order in which they are named. */
struct imap_set in_set(struct imap_in *in);

/* Puts `last` for '*', and the ranges in ascending order, without overlaps. */
void imap_set_resolve(struct imap_set *s, uint32_t last);
/* Of a resolved set. */
bool imap_set_has(const struct imap_set *s, uint32_t n);
uint64_t imap_set_count(const struct imap_set *s);

/* Writes numbers that come in ascending order as a set: "1:3,7". Zero-initialise. */
struct imap_set_writer {
	uint32_t lo, hi;
	bool any;
};
void imap_set_add(struct imap_set_writer *w, struct buf *b, uint32_t n);
void imap_set_finish(struct imap_set_writer *w, struct buf *b);

#endif
