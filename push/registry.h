/* Private to push/: the registry's memory, shared by push.c (who waits), topic.c (for what) and thread.c (when). */
#ifndef PUSH_REGISTRY_H
#define PUSH_REGISTRY_H

#include "hash.h"
#include "push.h"
#include "wheel.h"

#include <pthread.h>
#include <stdatomic.h>

/* A folder somebody watches. */
struct topic {
	struct hash_node node;
	int64_t mailbox, folder;
	struct list links;
};

struct topic_link {
	struct list at;
	struct topic *topic;
	struct push_watch *watch;
};

struct push_watch {
	struct wheel_node timer;
	struct hash_node by_owner;
	struct push_watch *next_marked;
	uint64_t owner;
	int64_t account, device;
	push_fire *fire;
	void *ctx;
	uint16_t links_n;
	uint8_t reason;       /* enum push_reason, once marked */
	bool waiting;         /* under the lock; false from the mark on */
	_Atomic uint8_t refs; /* the caller's handle, and the registry's until fire has returned */
	struct topic_link links[];
};

struct push {
	const struct clock *clock;
	_Atomic size_t count;
	_Atomic uint64_t acts; /* administrative ones: push_acts() */
	pthread_mutex_t lock;  /* guards all below */
	bool shutdown;
	struct hash topics;
	struct hash owners; /* waiting watches with an owner: at most one each */
	struct wheel wheel; /* every waiting watch */

	/* the push thread */
	pthread_cond_t rested;
	pthread_t thread;
	bool running, stop;
	uint64_t rests_until; /* tick; UINT64_MAX while it does not rest, or rests until it is told */
};

static inline uint64_t push_now_tick(const struct push *p)
{
	return (uint64_t)clock_mono_ms(p->clock) / PUSH_TICK_MS;
}

/* Milliseconds until a tick, 0 where it has come. */
static inline int64_t push_ms_to(const struct push *p, uint64_t tick)
{
	int64_t at = (int64_t)tick * PUSH_TICK_MS, now = clock_mono_ms(p->clock);

	return at > now ? at - now : 0;
}

/* All with the lock held. */
struct topic *topic_find(const struct hash *topics, int64_t mailbox, int64_t folder); /* NULL: nobody watches it */
void topic_subscribe(struct hash *topics, struct push_watch *w, int64_t mailbox, int64_t folder);
void topic_unsubscribe(struct hash *topics, struct push_watch *w); /* from all of its topics */

/* With the lock held: an earlier deadline has come in; ends the thread's rest where it would miss it. */
void push_thread_hurry(struct push *p, uint64_t tick);

#endif
