/*
 * An I/O loop: one thread with an epoll set, timers, tasks posted by other threads and deferred work. What runs here
 * never blocks and never calls the store. Everything that belongs to a loop (streams, listeners, watches, timers) is
 * touched by its thread alone and so needs no lock; other threads reach it only by loop_post() and loop_call().
 */
#ifndef GATEWAY_NET_LOOP_H
#define GATEWAY_NET_LOOP_H

#include <base/clock.h>
#include <base/err.h>
#include <base/list.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

enum err loop_start(const struct clock *clock, struct loop **ret) MUST_CHECK;
/* Runs what has been posted, ends the thread and frees the loop. Its watches and timers must be gone. */
void loop_stop(struct loop **lp);

bool loop_is_current(const struct loop *l);
int64_t loop_now_ms(const struct loop *l); /* monotonic */
const struct clock *loop_clock(const struct loop *l);

/* Work for the loop's thread. Intrusive: `task` is the caller's until run() is called, and run() may free it. */
struct task {
	struct task *next;
	void (*run)(struct task *t);
};
/* Any thread; in order for one poster. Does not wait. */
void loop_post(struct loop *l, struct task *t);
/* Runs fn(arg) on the loop's thread and waits for its end. Any thread but a loop's. */
void loop_call(struct loop *l, void (*fn)(void *arg), void *arg);
/* Makes the loop look at its clock again; for tests, after they have advanced a fake one. Any thread. */
void loop_kick(struct loop *l);

/* A descriptor in the epoll set, level-triggered. Zero-initialise. From here on: the loop's thread only. */
struct watch {
	struct loop *loop;
	int fd;
	uint32_t events; /* EPOLLIN …; with 0 it is out of the set and nothing comes, not even a hang-up */
	void (*ready)(struct watch *w, uint32_t events);
};
/* The set holds no reference to fd: remove the watch before closing it. */
void watch_init(struct watch *w, struct loop *l, int fd, void (*ready)(struct watch *w, uint32_t events));
/* ERR_IO: the kernel refused (memory, epoll watches). */
enum err watch_set(struct watch *w, uint32_t events) MUST_CHECK;
/* Out of the set. An event of the same turn may still come: free its memory in deferred work, not at once. */
void watch_remove(struct watch *w);

/* Zero-initialised, a timer is idle. It fires once, not before at_ms. */
struct timer {
	int64_t at_ms;
	size_t slot; /* 1 + its place in the heap; 0 idle */
	void (*fire)(struct timer *t);
};
void timer_set(struct loop *l, struct timer *t, int64_t at_ms);
void timer_clear(struct loop *l, struct timer *t);

/* Runs after the events of this turn, once however often it was asked for. */
struct deferred {
	struct list node;
	void (*run)(struct deferred *d);
};
void deferred_init(struct deferred *d, void (*run)(struct deferred *d));
void loop_defer(struct loop *l, struct deferred *d);
void deferred_cancel(struct deferred *d);

/* One scratch buffer a loop, for reads whose length is not known yet; its bytes live until the next event. */
enum { LOOP_SCRATCH_BYTES = 32 * 1024 };
char *loop_scratch(struct loop *l);

#endif
