/*
 * Push: who waits for what, and when a wait ends. Pure memory: no store, no sockets, no thread of its own in tests
 * (push_run() is one for the server). A watch waits for changes of some folders of one mailbox, or for its deadline, or
 * to be superseded by a newer watch of the same owner; the first of them fires it, once.
 */
#ifndef PUSH_PUSH_H
#define PUSH_PUSH_H

#include <base/clock.h>
#include <base/defs.h>
#include <base/err.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct push;
struct push_watch;

enum {
	PUSH_MAX_FOLDERS = 1000, /* a watch; above it ERR_LIMIT */
	PUSH_TICK_MS = 100,      /* deadlines are met at this grain, never early */
};

enum push_reason {
	PUSH_CHANGE,     /* a folder of the watch has changed, or the hierarchy where it is watched */
	PUSH_DEADLINE,
	PUSH_SUPERSEDED, /* a newer watch with the same owner key */
	PUSH_ENDED,      /* push_end_owner(), push_end_account(): an administrative act */
	PUSH_SHUTDOWN,
};

/* What store publishes after commit; one entry a folder, folder 0 for the hierarchy. */
struct push_change {
	int64_t mailbox;
	int64_t folder;  /* 0: the folder hierarchy */
	uint64_t change; /* the folder's new head */
	int64_t author;  /* device that made it, 0 nobody; -1 several */
};

/*
 * fire is called exactly once for each watch unless push_drop() returned true before; on the thread that causes it
 * (publisher, push thread, a newer watch's thread), without the registry's lock held; it must not block or call back
 * into push for this watch except push_drop(). It is given the watch's own reason.
 */
typedef void push_fire(void *ctx, enum push_reason reason);

struct push_watch_args {
	int64_t mailbox;
	int64_t account;
	int64_t device;           /* a change of this author alone does not fire the watch */
	uint64_t owner;           /* key of superseding: the same owner's older watch fires PUSH_SUPERSEDED; 0: none */
	const int64_t *folders;   /* copied */
	size_t folders_n;
	bool hierarchy;
	int64_t deadline_ms;      /* on the monotonic clock */
	push_fire *fire;
	void *ctx;
};

struct push *push_new(const struct clock *clock);
void push_free(struct push **pp); /* no watch may be left */

/* Any thread. ERR_LIMIT: too many folders. *ret holds one reference, dropped by push_drop(). */
enum err push_watch(struct push *p, const struct push_watch_args *a, struct push_watch **ret) MUST_CHECK;
/*
 * Ends the watch and frees the handle. True: it had not fired and will not. False: fire has run or is running now.
 * NULL-safe, sets *wp to NULL. Any thread, never waits.
 */
bool push_drop(struct push *p, struct push_watch **wp);

/* Any thread, after commit. */
void push_publish(struct push *p, const struct push_change *changes, size_t n);
void push_end_owner(struct push *p, uint64_t owner);
void push_end_device(struct push *p, int64_t device);
void push_end_account(struct push *p, int64_t account);
void push_shutdown(struct push *p); /* fires every watch, and later ones at once */

/* Fires what is due by the clock; returns the milliseconds to the next deadline, or -1. The push thread, or a test. */
int64_t push_advance(struct push *p);
/* The server's push thread: advances until push_stop(). */
enum err push_start(struct push *p) MUST_CHECK;
void push_stop(struct push *p);

size_t push_count(const struct push *p); /* watches that wait now */

#endif
