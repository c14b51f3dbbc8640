/*
 * The change feed: what a device has to be told about a folder, one entry at a time, from a state of constant size.
 *
 * A state says: the device holds exactly the items with created <= w and (key, id) >= low, and those that it has itself
 * created behind `own`, whatever their key. Text messages among mails have a `low` of their own, since devices ask for them
 * by themselves: it is above all of them where they do not. A reader opens a round (w, T], T being the folder's head then, and walks it
 * by a cursor (phase, change, id) in the order Deletes, Adds, crossings of the filter, Changes; then w becomes T. Once w
 * is the head, `low` moves towards the filter's goal, in pages too; once it is there, `own` moves to w, and what the
 * device has created outside of the filter goes. Each step is a range scan of an index that begins at the cursor, so an entry costs the same in a folder of
 * any size.
 */
#ifndef STORE_FEED_H
#define STORE_FEED_H

#include <store/item.h>

/* How long an item is inside of a filter. Stored: append only. */
enum feed_by {
	FEED_BY_ITEM,         /* as its own key is */
	FEED_BY_CONVERSATION, /* as any is of its conversation's mails in that folder (store/conversation_key.h) */
};

/* Kinds of items, each behind an edge of its own. */
enum feed_edge_kind {
	FEED_ITEMS, /* all that is not below */
	FEED_TEXTS, /* ITEM_TEXT */
	FEED_EDGE_MAX_
};

struct feed_edge {
	int64_t low_key, low_id;
	int64_t goal;   /* what the filter asks low to become: (goal, 0) */
	int64_t filter; /* the caller's number of the filter that goal belongs to */
};

/* Stored as it is (store/sync.h): a value without padding, copied freely. */
struct feed_state {
	uint64_t w; /* seen up to here */
	uint64_t T; /* end of the open round; 0: none is open */
	/*
	 * Changes of items up to here were told. It is w, unless a round took longer than a moment: an item that changed in
	 * it and again behind it belongs to the next one, which has to tell of both.
	 */
	uint64_t since;
	uint64_t cursor_change;
	int64_t cursor_id;
	struct feed_edge edge[FEED_EDGE_MAX_];
	uint64_t
		own_change; /* what the device created behind (own_change, own_id) it has, also below low; above w: while it begins */
	int64_t own_id;
	int32_t phase;
	uint32_t by; /* enum feed_by */
};

#define FEED_STEP_MS (INT64_C(24) * 3600 * 1000)
#define FEED_GOAL_ALL INT64_MIN  /* no filter */
#define FEED_GOAL_NONE INT64_MAX /* with FEED_FILTER_NONE */
enum {
	FEED_FILTER_UNSAID = -1, /* nothing was asked for yet */
	FEED_FILTER_NONE = -2,   /* the device is to hold none of the kind */
};

/* The state of a device that holds nothing and begins now; head: the folder's. */
struct feed_state feed_state_fresh(uint64_t head);
/*
 * filter: any number from 0 on that stands for the filter asked for (EAS FilterType); goal: its oldest key now, FEED_GOAL_ALL for
 * none. The same filter raises the goal (ageing), and lowers it only where a clock that was wrong by more than FEED_STEP_MS is put right:
 * a small step back would tell anew what has just gone. Another one sets it.
 */
void feed_state_filter(struct feed_state *st, enum feed_edge_kind kind, int64_t filter, int64_t goal);
/* Is none of the kind inside, of what others have made? */
bool feed_edge_is_above_all(const struct feed_edge *e);
/* Has the device seen the item, as the state says, also in the round that is open, and is it inside? */
bool feed_state_holds(const struct feed_state *st, const struct item *item);

/* False: the device holds something by the other one, and would have to begin again (rule 11). */
bool feed_state_by(struct feed_state *st, enum feed_by by) MUST_CHECK;

enum feed_kind {
	FEED_END, /* nothing more up to the head: entry.item is not set */
	FEED_ADD,
	FEED_READD, /* a Delete and an Add of the same item, never parted by a page */
	FEED_CHANGE,
	FEED_DELETE, /* only id, folder and, where they are known, flags are set; also of items the device never had */
	FEED_SOFTDELETE, /* left the filter; only item.id and item.folder are set */
};

struct feed_entry {
	enum feed_kind kind;
	struct item item;
};

/* A reader over one transaction; a value that owns nothing. */
struct feed {
	struct store_tx *tx;
	int64_t folder, device;
	uint64_t head;
	/*
	 * Advanced by feed_next(). A caller who finds that an entry does not fit goes back to the copy that it made
	 * before asking for it.
	 */
	struct feed_state state;
};

/*
 * ERR_NOT_FOUND: no live folder. ERR_STALE: the state is older than what housekeeping has purged, or is by conversations and
 * the folder's keys are not kept so.
 */
enum err feed_open(struct feed *f, struct store_tx *tx, int64_t folder, int64_t device,
		   const struct feed_state *st) MUST_CHECK;
/* The next entry; strings of its item live in the arena. After FEED_END the state is at the head. */
enum err feed_next(struct arena *a, struct feed *f, struct feed_entry *ret) MUST_CHECK;

/*
 * The question a hold asks: is there anything to tell this device? Items that only age out of the filter are no
 * reason to wake it. If there is nothing, *st moves past what the device is not to see; to keep that is allowed, not
 * needed. With w at the head and low at the goal no row of an item is read.
 */
enum err feed_visible(struct store_tx *tx, int64_t folder, int64_t device, struct feed_state *st, bool *ret) MUST_CHECK;

/*
 * How many entries feed_next() would give from the feed's state. Rows of a round are looked at one by one, at most
 * *budget of them, which is counted down: with none left the count is a lower bound. What `low` has to pass is counted
 * by its index, up to FEED_COUNT_MAX.
 */
enum { FEED_COUNT_MAX = 1000000 };
enum err feed_count(struct feed *f, uint64_t *budget, uint64_t *ret) MUST_CHECK;

#endif
