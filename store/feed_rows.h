/* The rows that the phases of a round walk, each from an index, beginning behind the cursor. For feed.c alone. */
#ifndef STORE_FEED_ROWS_H
#define STORE_FEED_ROWS_H

#include <store/feed.h>
#include <store/stmt.h>

/* In the order of a round. Stored in states: a new phase would need a new number. */
enum feed_phase {
	FEED_DELETES,   /* rows of expunged; first, because what left and came back has the same ServerId */
	FEED_ADDS,      /* items created */
	FEED_CROSSINGS, /* items whose key changed, once each, by the first change of it in the round */
	FEED_CHANGES,   /* items modified */
	FEED_PHASE_MAX_
};

/* A row under the cursor. */
struct feed_row {
	uint64_t change; /* by which the phase is ordered, with item.id */
	struct item
		item; /* its key is the one by which the state goes; of FEED_DELETES: id, folder, created, created_by, moved_by, flags; strings are borrowed */
	int64_t expunged_by;
	int64_t key_before; /* of FEED_CROSSINGS: the key that the item had at w */
};

/* The rows of the state's phase behind its cursor, up to T; the caller resets. */
enum err feed_rows_open(const struct feed *f, struct sql_stmt **ret) MUST_CHECK;
/* *row: there is one. */
enum err feed_rows_next(const struct feed *f, struct sql_stmt *st, struct feed_row *ret, bool *row) MUST_CHECK;

/* The item's key, or its conversation's, as it stood at a change number. */
enum err feed_key_at(const struct feed *f, const struct item *item, uint64_t change, int64_t *ret) MUST_CHECK;

/*
 * The next item of a kind that its `low` meets on its way to the goal: down (newest first) or up. ERR_NOT_FOUND: none is
 * left. Strings live in the arena.
 */
enum err feed_low_next(struct arena *a, const struct feed *f, enum feed_edge_kind kind, struct item *ret) MUST_CHECK;
/* The next item that the device itself created behind `own`. ERR_NOT_FOUND: none is left. Strings live in the arena. */
enum err feed_own_next(struct arena *a, const struct feed *f, struct item *ret) MUST_CHECK;
/* How many it meets, up to FEED_COUNT_MAX. */
enum err feed_low_count(const struct feed *f, enum feed_edge_kind kind, uint64_t *ret) MUST_CHECK;
/* (goal, 0) is below every item of that key; where none is to be held, low ends above all. */
static inline int64_t feed_low_end(const struct feed_edge *e)
{
	return e->filter == FEED_FILTER_NONE ? INT64_MAX : 0;
}
static inline bool feed_low_rises(const struct feed_edge *e)
{
	return e->low_key < e->goal || (e->low_key == e->goal && e->low_id < feed_low_end(e));
}
static inline bool feed_low_falls(const struct feed_edge *e)
{
	return e->low_key > e->goal || (e->low_key == e->goal && e->low_id > feed_low_end(e));
}

#endif
