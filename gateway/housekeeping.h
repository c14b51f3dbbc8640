/*
 * The server's housekeeping, as jobs on the worker pool: sweeps every mailbox now and then, and writes the attempts to log
 * in that have gathered.
 */
#ifndef GATEWAY_HOUSEKEEPING_H
#define GATEWAY_HOUSEKEEPING_H

#include <base/clock.h>

struct auth;
struct housekeeping;
struct pool;
struct store;

enum {
	HOUSEKEEPING_FIRST_MS = 60 * 1000, /* after the start */
	HOUSEKEEPING_EVERY_MS = 6 * 60 * 60 * 1000,
	HOUSEKEEPING_LOG_MS = 10 * 1000,
};

struct housekeeping *housekeeping_new(struct store *s, struct pool *p, struct auth *auth, const struct clock *clock);
/* After the pool has stopped. NULL-safe. */
void housekeeping_free(struct housekeeping **hp);

/* Begins what is due and does not run. The main thread. */
void housekeeping_tick(struct housekeeping *h);
/* A running sweep ends after its present mailbox. Any thread. */
void housekeeping_stop(struct housekeeping *h);

#endif
