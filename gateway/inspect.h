/*
 * What roostctl asks of the running server (gateway/control/ask.h): what is going on, and the few acts that need it to
 * run. Workers' threads; several at once.
 */
#ifndef GATEWAY_INSPECT_H
#define GATEWAY_INSPECT_H

#include <base/clock.h>
#include <gateway/control/ask.h>

struct eas;
struct http_server;
struct net;
struct pool;
struct push;

/* All borrowed. */
struct inspect {
	const struct clock *clock;
	int64_t started_ms; /* monotonic */
	struct net *net;
	struct http_server *http;
	struct eas *eas;
	struct push *push;
	const struct pool *pool;
	/* NULL: done; else why not, which lives until the next call. */
	const char *(*reload)(void *ctx);
	void (*drain)(void *ctx); /* begins it */
	void *ctx;
};

/* For announce_server.ask; ctx is a struct inspect. */
bool inspect_answer(void *ctx, const struct ask *ask, struct buf *out, const char **why);

#endif
