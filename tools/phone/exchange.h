/*
 * One request and its response over a kept connection, waiting as long as it takes or until the deadline. A connection
 * that the server closed while it was idle is opened again once. Can hang up at a chosen point, so that tests see what
 * a lost response does.
 */
#ifndef PHONE_EXCHANGE_H
#define PHONE_EXCHANGE_H

#include "conn.h"
#include "reply.h"

/* Where to hang up on a response. The server has answered in every case: its first byte has come. */
enum cut {
	CUT_NEVER,
	CUT_BEFORE, /* without reading a byte */
	CUT_HALF,   /* after half of a body of known length, else after the first bytes */
	CUT_AFTER,  /* after all of it */
};

struct wire {
	struct endpoint endpoint;
	struct conn *conn;
	int64_t timeout_ms; /* of one exchange; the caller sets it, a held request's is longer */
};

/*
 * ERR_INVALID: the server broke HTTP or hung up; ERR_IO: no connection; ERR_BUSY: nothing came in time; ERR_STALE: cut
 * as asked. *reply is initialised by the caller.
 */
enum err exchange(struct wire *w, struct str request, enum cut cut, struct reply *reply, struct buf *why) MUST_CHECK;
void wire_release(struct wire *w);

#endif
