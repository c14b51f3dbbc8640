/*
 * A stored message as the text of an mbox: CRLF becomes LF (but not after another CR, or an import could not tell that
 * there was one), and "From " at the beginning of a line, after any number of '>', gets one '>' more (mboxrd), which
 * mbox.h takes away again. Streaming; zero-initialise for each message.
 */
#ifndef ROOSTCTL_MBOX_QUOTE_H
#define ROOSTCTL_MBOX_QUOTE_H

#include <base/buf.h>

struct mbox_quote {
	bool in_line;     /* past the point where "From " would count */
	bool inside;      /* the last octet was no line end */
	unsigned held_cr; /* CRs that are held back: a LF may follow */
	unsigned matched; /* octets of "From " that are held back */
};

void mbox_quote(struct mbox_quote *q, struct buf *out, struct str octets);
/* The message ends: its last line does, and an empty line follows. */
void mbox_quote_end(struct mbox_quote *q, struct buf *out);

#endif
