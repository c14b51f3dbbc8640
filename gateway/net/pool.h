/*
 * Worker pool: threads that take one job at a time from a bounded queue and may block. Only workers touch the store.
 * A job is an intrusive struct of its owner; `run` does the work and hands the result home as its last touch of the
 * job (the owner may free it there).
 */
#ifndef GATEWAY_NET_POOL_H
#define GATEWAY_NET_POOL_H

#include <base/arena.h>

struct pool;

/* What a worker thread lends to the job that it runs. The arena is emptied when run() returns. */
struct worker {
	struct arena *arena;
	unsigned index;
};

struct job {
	struct job *next;                               /* the pool's */
	void (*run)(struct job *job, struct worker *w); /* worker thread; may block; last touch */
};

enum {
	POOL_MAX_THREADS = 64,
	POOL_ARENA_MAX_BYTES = 64 * 1024 * 1024, /* ceiling of one job's arena */
};

enum err pool_start(unsigned threads, size_t queue_max, struct pool **ret) MUST_CHECK;
/* False: the queue is full or the pool is stopping; the job is not taken and its owner has an answer ready. Any thread. */
bool pool_submit(struct pool *p, struct job *job) MUST_CHECK;
/* Refuses from now on, runs what is queued, joins the threads. Loops may still ask pool_submit() (and are refused). */
void pool_drain(struct pool *p);
/* The same where it has not been done, then frees: nobody may ask any more. */
void pool_stop(struct pool **pp);

size_t pool_waiting(const struct pool *p); /* jobs in line now; any thread */
uint64_t pool_done(const struct pool *p);  /* jobs begun since the start; any thread */

/* For asserts: is the calling thread a worker? store_*() may only be called where it is, or where no pool runs (tools). */
bool pool_is_worker(void);

#endif
