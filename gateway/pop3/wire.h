/*
 * A message as POP3 sends it (RFC 1939 section 3): lines that begin with a dot get another one, and a line with a single
 * dot ends it; whole, or its header and the first lines of its body (TOP). Pure, any cut of the input gives the same.
 */
#ifndef GATEWAY_POP3_WIRE_H
#define GATEWAY_POP3_WIRE_H

#include <base/buf.h>

/* Zero-initialised: a whole message. */
struct pop3_wire {
	bool top;       /* only the header and `lines` lines of the body */
	uint64_t lines; /* still to come */
	/* private */
	bool in_line, cr, blank_so_far, in_body, over;
};

struct pop3_wire pop3_wire_all(void);
struct pop3_wire pop3_wire_top(uint64_t lines);

/* Appends up to twice as many bytes as it is given. True: the rest of the message does not matter (TOP). */
bool pop3_wire_put(struct pop3_wire *w, struct str in, struct buf *out);
/* The message is over: the line with the dot. */
void pop3_wire_end(struct pop3_wire *w, struct buf *out);

#endif
