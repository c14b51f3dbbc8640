/*
 * The octets of DATA up to the line with a single dot, dots unstuffed (RFC 5321 4.5.2). Only CRLF counts as a line's end
 * here: a bare LF or CR around the dot is text (RFC 5321 2.3.8), so nothing can be smuggled past a peer that reads it
 * otherwise. Pure, any thread.
 */
#ifndef GATEWAY_SMTP_DOTS_H
#define GATEWAY_SMTP_DOTS_H

#include <base/buf.h>

enum { SMTP_DOTS_MAX_MORE = 1 }; /* bytes that a call may append beyond those that it consumes */

/* Zero-initialise. Any cut of the input gives the same. */
struct smtp_dots {
	unsigned state;
};
/* Consumes up to in->n octets, appends text to out; *in becomes what is left. True: the end has been seen. */
bool smtp_dots_put(struct smtp_dots *d, struct str *in, struct buf *out);

#endif
