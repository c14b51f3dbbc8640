/* A binary heap of timers by deadline: set, clear and take are O(log n). Owned by a loop, its thread only. */
#ifndef GATEWAY_NET_TIMERS_H
#define GATEWAY_NET_TIMERS_H

#include <gateway/net/loop.h>

struct timers {
	struct timer **heap;
	size_t n, cap;
};

void timers_set(struct timers *ts, struct timer *t, int64_t at_ms);
void timers_clear(struct timers *ts, struct timer *t);
/* The earliest timer, which stays in; NULL where there is none. */
struct timer *timers_first(const struct timers *ts);
void timers_release(struct timers *ts);

#endif
