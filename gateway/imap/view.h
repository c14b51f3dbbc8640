/*
 * Views: which UID has which sequence number, as a session sees it. A session at rest keeps a folder, a change number
 * and a count; the list itself is derived from the store when a command needs it, and remembered in a cache of bounded
 * size that all sessions of the process share. A view never changes: what a session is told of next is another one.
 *
 * Kept as runs of consecutive UIDs, eight bytes a run, so that a folder of which nothing was ever deleted takes eight
 * bytes. Looking up is a binary search. Worker threads; the cache has its own lock.
 */
#ifndef GATEWAY_IMAP_VIEW_H
#define GATEWAY_IMAP_VIEW_H

#include <gateway/imap/set.h>
#include <store/uid.h>

/* What a session keeps of its view. */
struct view_key {
	int64_t mailbox, folder;
	uint64_t w;        /* the folder as of this change */
	uint32_t uid_next; /* every UID of the view is below it */
};

struct view_run {
	uint32_t uid, seq; /* of its first mail */
};
struct view {
	struct view_key key;
	uint32_t n; /* mails */
	size_t runs_n;
	struct view_run *runs; /* and one more, behind the last */
	/* the cache's */
	unsigned refs;
	struct view *prev, *next;
};

struct view_cache;
enum { VIEW_CACHE_BYTES_DEFAULT = 64 * 1024 * 1024 };
struct view_cache *view_cache_new(size_t max_bytes);
void view_cache_free(struct view_cache **cp); /* no view may be open */

/*
 * The view of that key, in a transaction of its mailbox. ERR_STALE: the store has forgotten what was expunged since.
 * ERR_LIMIT: more mails than fit into memory.
 */
enum err view_open(struct view_cache *c, struct store_tx *tx, const struct view_key *key, struct view **ret) MUST_CHECK;
/*
 * The next view of the same folder, whose key lies at the transaction's head: `old` without what has gone (ascending), and
 * with what has come. As view_open().
 */
enum err view_advance(struct view_cache *c, struct store_tx *tx, const struct view *old, const struct view_key *key,
		      const uint32_t *gone, size_t gone_n, struct view **ret) MUST_CHECK;
/* Gives it back; NULL-safe, sets *vp to NULL. */
void view_close(struct view_cache *c, struct view **vp);

uint32_t view_uid(const struct view *v, uint32_t seq); /* 0: no such mail */
uint32_t view_seq(const struct view *v, uint32_t uid);
/* The first mail whose UID is at least `uid`: its sequence number; n + 1 where there is none. */
uint32_t view_seq_from(const struct view *v, uint32_t uid);

/* What lies in lo..hi and is not in the view, as ranges for each(); hi 0: nothing. */
typedef void view_gap(void *ctx, uint32_t lo, uint32_t hi);
void view_gaps(const struct view *v, uint32_t lo, uint32_t hi, view_gap *each, void *ctx);

#endif
