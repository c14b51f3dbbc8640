/*
 * Push: who waits for what, and when a wait ends. Pure memory: no store, no sockets, and no thread unless push_start()
 * is called (tests call push_advance() themselves). A watch waits for changes of some folders, mostly of one mailbox, or for
 * its deadline, or to be superseded by a newer watch of the same owner; the first of them fires it, once.
 *
 * Publishing costs the watches of the published folders, whatever else is registered. One lock guards the registry; it
 * is held to take the watches of a change out, never while they are fired.
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
	/* Memory of what waits; the allocator's own 8 to 16 bytes a block come on top. */
	PUSH_WATCH_BYTES = 104, /* a watch */
	PUSH_FOLDER_BYTES = 32, /* each folder of it, the hierarchy, and the mailbox as a whole */
	PUSH_TOPIC_BYTES = 48,  /* each of these that anybody watches, once */
};

enum { PUSH_ANY_FOLDER = -1 };

enum push_reason {
	PUSH_CHANGE, /* a folder of the watch has changed, or the hierarchy where it is watched */
	PUSH_DEADLINE,
	PUSH_SUPERSEDED, /* a newer watch with the same owner key */
	PUSH_ENDED,      /* push_end_owner(), push_end_account(): an administrative act */
	PUSH_SHUTDOWN,
};

/* What store publishes after commit; one entry a folder, folder 0 for the hierarchy. */
struct push_change {
	int64_t mailbox;
	int64_t folder;  /* 0: the folder hierarchy; PUSH_ANY_FOLDER: something of the mailbox, it is not known what */
	uint64_t change; /* the folder's new head */
	int64_t author;  /* device that made it, 0 nobody; -1 several */
};

/*
 * Of each watch exactly one of two things happens: fire runs once, or push_drop() returns true. So whoever registers a
 * watch gives one reference of ctx to it, which fire releases, or he himself where push_drop() returned true.
 *
 * fire runs on the thread that causes it (publisher, push thread, a newer watch's thread, the caller of push_watch()
 * after shutdown), without the registry's lock: it may call any function of push, push_drop() of its own watch
 * included. It must not block: other watches of the same cause wait behind it.
 */
typedef void push_fire(void *ctx, enum push_reason reason);

struct push_place {
	int64_t mailbox, folder;
};

struct push_watch_args {
	int64_t mailbox;
	int64_t account;
	int64_t device;         /* a change of this author alone does not fire the watch */
	uint64_t owner;         /* key of superseding: the same owner's older watch fires PUSH_SUPERSEDED; 0: none */
	const int64_t *folders; /* copied */
	size_t folders_n;       /* the same folder twice counts twice against PUSH_MAX_FOLDERS, and is one */
	bool hierarchy;
	const struct push_place *elsewhere; /* folders of other mailboxes; copied. They count as folders */
	size_t elsewhere_n;
	int64_t deadline_ms; /* on the monotonic clock */
	push_fire *fire;
	void *ctx;
};

struct push *push_new(const struct clock *clock);
void push_free(struct push **pp); /* no watch may be left */

/*
 * Any thread. *ret is a handle for push_drop(), which must be called once for it, fired or not; it is set before the
 * watch can fire. From here on every published change of the folders fires it, so whoever reads the folders' heads
 * after this call misses nothing. ERR_LIMIT: more than PUSH_MAX_FOLDERS folders; *ret is untouched then.
 */
enum err push_watch(struct push *p, const struct push_watch_args *a, struct push_watch **ret) MUST_CHECK;
/*
 * Ends the watch and gives the handle back. True: it had not fired and never will. False: it was caused to fire before:
 * fire has run, is running or is about to run on another thread, and ctx is still its own. NULL-safe (true), sets *wp
 * to NULL. Any thread, never waits for a fire.
 */
bool push_drop(struct push *p, struct push_watch **wp);

/*
 * Any thread, after commit. A watch fires unless every one of these changes that it watches was made by its own device;
 * author 0 and -1 always fire.
 */
void push_publish(struct push *p, const struct push_change *changes, size_t n);
/* Administrative ends; those by device and account look at every watch, which is for rare acts. 0 ends nobody. */
void push_end_owner(struct push *p, uint64_t owner);
void push_end_device(struct push *p, int64_t device);
void push_end_account(struct push *p, int64_t account);
/*
 * Every watch meets its deadline within so many milliseconds, spread evenly over them: who waits is to come and ask, and
 * not all at once. Looks at every watch.
 */
void push_hasten(struct push *p, int64_t within_ms);
/*
 * How many ends by device and account, and hastenings, there have been: counted before the first watch is ended. So who
 * was let in, then registered, and finds another number than before is to be asked again whether he may wait.
 */
uint64_t push_acts(const struct push *p);
void push_shutdown(struct push *p); /* fires every watch, and later ones at once */

/*
 * Fires what is due by the clock. Returns how many milliseconds one may rest before the next call: never past the next
 * deadline, but the wheel may ask for a call before it (a handful of times for a long wait); -1 where nothing waits.
 */
int64_t push_advance(struct push *p);
/*
 * The server's push thread: advances until push_stop(), resting by the real monotonic clock. ERR_IO: no thread could be
 * made. push_stop() waits for it to end, so never call it from a fire; harmless where it does not run.
 */
enum err push_start(struct push *p) MUST_CHECK;
void push_stop(struct push *p);

size_t push_count(const struct push *p); /* watches that wait now; any thread */

#endif
