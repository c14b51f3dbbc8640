/* The server's housekeeping: sweeps every mailbox now and then, as one job on the worker pool. */
#ifndef GATEWAY_HOUSEKEEPING_H
#define GATEWAY_HOUSEKEEPING_H

#include <base/clock.h>

struct housekeeping;
struct pool;
struct store;

enum {
	HOUSEKEEPING_FIRST_MS = 60 * 1000, /* after the start */
	HOUSEKEEPING_EVERY_MS = 6 * 60 * 60 * 1000,
};

struct housekeeping *housekeeping_new(struct store *s, struct pool *p, const struct clock *clock);
/* After the pool has stopped. NULL-safe. */
void housekeeping_free(struct housekeeping **hp);

/* Begins a sweep when it is due and none runs. The main thread. */
void housekeeping_tick(struct housekeeping *h);
/* A running sweep ends after its present mailbox. Any thread. */
void housekeeping_stop(struct housekeeping *h);

#endif
