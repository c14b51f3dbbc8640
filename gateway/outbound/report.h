/*
 * Reports to the sender of what became of his message (RFC 3464, asked for by RFC 3461): a queue entry of the server's
 * own, with the null return path, made from one attempt's results. Nobody is told of a message that nobody sent.
 */
#ifndef GATEWAY_OUTBOUND_REPORT_H
#define GATEWAY_OUTBOUND_REPORT_H

#include <gateway/outbound/attempt.h>

enum {
	REPORT_MAX_TEXT = 16 * 1024 * 1024, /* of the parts before the message: see report.c */
	REPORT_MAX_RETURNED = 1024 * 1024,  /* a larger message comes back as its header alone */
	REPORT_MAX_HEADER = 64 * 1024,      /* bytes of that header */
};

struct report {
	struct store_blob_writer *body; /* NULL: there is nothing to tell */
	bool utf8;                      /* an address in it is not ASCII */
	bool tells_delay;
};

/* Written and on disk; no transaction may be open. */
enum err report_make(struct report *r, const struct attempt *at) MUST_CHECK;
bool report_wanted(const struct report *r);
/* In the transaction of STORE_DIRECTORY that writes the results down. */
enum err report_queue(struct report *r, const struct attempt *at, struct store_tx *tx) MUST_CHECK;
void report_release(struct report *r);

#endif
