/*
 * The change feed's reader: rounds, their phases, what each row means to a device, and the filter's edge on its way.
 * docs/sync.md tells why; feed_rows.c has the SQL.
 */
#include <store/conversation_key.h>
#include <store/feed_rows.h>
#include <store/folder_rows.h>
#include <store/item_rows.h>

#include <assert.h>

static_assert(sizeof(struct feed_state) == 128,
	      "a state is small, whatever the size of the folder, and has no padding");

struct feed_state feed_state_fresh(uint64_t head)
{
	/*
	 * Nothing is inside yet; every item comes as low falls. (MAX, MAX) is above items whose key is MAX too. What the
	 * device did in an earlier life is at or below w, so that no mark of then is looked at again.
	 */
	return (struct feed_state){ .w = head,
				    .since = head,
				    .edge[FEED_ITEMS] = { INT64_MAX, INT64_MAX, FEED_GOAL_ALL, FEED_FILTER_UNSAID },
				    .edge[FEED_TEXTS] = { INT64_MAX, INT64_MAX, FEED_GOAL_NONE, FEED_FILTER_NONE },
				    .own_change = head,
				    .own_id = INT64_MAX };
}

/* By whoever was told the future: mails of now would be behind its edge until then. */
static bool clock_was_wrong(int64_t was, int64_t goal)
{
	return was > INT64_MIN + FEED_STEP_MS && goal < was - FEED_STEP_MS;
}

void feed_state_filter(struct feed_state *st, enum feed_edge_kind kind, int64_t filter, int64_t goal)
{
	struct feed_edge *e = &st->edge[kind];

	if (e->filter != filter || goal > e->goal || clock_was_wrong(e->goal, goal))
		e->goal = goal;
	e->filter = filter;
}

bool feed_edge_is_above_all(const struct feed_edge *e)
{
	return e->low_key == INT64_MAX && e->low_id == INT64_MAX;
}

/* It is to hold none, and holds none. */
static bool is_shut(const struct feed_edge *e)
{
	return e->filter == FEED_FILTER_NONE && feed_edge_is_above_all(e);
}

bool feed_state_by(struct feed_state *st, enum feed_by by)
{
	if (st->by != by &&
	    !(feed_edge_is_above_all(&st->edge[FEED_ITEMS]) && feed_edge_is_above_all(&st->edge[FEED_TEXTS])))
		return false;
	st->by = (uint32_t)by;
	return true;
}

enum err feed_open(struct feed *f, struct store_tx *tx, int64_t folder, int64_t device, const struct feed_state *st)
{
	uint64_t head, purged;
	bool kept = true;

	TRY(folder_bounds(tx, folder, &head, &purged));
	if (st->by == FEED_BY_CONVERSATION)
		TRY(conversation_keys_kept(tx, folder, &kept));
	if (st->w < purged || !kept)
		return ERR_STALE;
	*f = (struct feed){ .tx = tx, .folder = folder, .device = device, .head = head, .state = *st };
	return ERR_OK;
}

static bool mine(const struct feed *f, int64_t by)
{
	return f->device != STORE_NOBODY && by == f->device;
}

static enum feed_edge_kind kind_of(const struct item *i)
{
	return i->flags & ITEM_TEXT ? FEED_TEXTS : FEED_ITEMS;
}

/* With that key: its own, or its conversation's, of now or of then. */
static bool inside(const struct feed_state *st, const struct item *i, int64_t key)
{
	const struct feed_edge *e = &st->edge[kind_of(i)];

	return key > e->low_key || (key == e->low_key && i->id >= e->low_id);
}

/* Of an item that has come behind w: the Adds of the open round have passed it. */
static bool is_passed(const struct feed_state *st, const struct item *i)
{
	if (!st->T || i->created > st->T || st->phase < FEED_ADDS)
		return false;
	return st->phase > FEED_ADDS || i->created < st->cursor_change ||
	       (i->created == st->cursor_change && i->id <= st->cursor_id);
}

bool feed_state_holds(const struct feed_state *st, const struct item *item)
{
	return (item->created <= st->w || is_passed(st, item)) && inside(st, item, item->key);
}

/* The device has it, because it has created it and was not told yet that it goes: wherever `low` is. */
static bool is_kept(const struct feed *f, const struct item *i)
{
	const struct feed_state *st = &f->state;

	return mine(f, i->created_by) &&
	       (i->created > st->own_change || (i->created == st->own_change && i->id > st->own_id));
}

/* What a row says to the device; FEED_END: nothing. */

static enum err judge_delete(const struct feed *f, const struct feed_row *row, enum feed_kind *ret)
{
	const struct item *i = &row->item;
	/* A device that holds nothing of the kind is not woken for it. */
	bool shown = !is_shut(&f->state.edge[kind_of(i)]);
	bool known = (shown && i->created <= f->state.w) || mine(f, i->created_by) || mine(f, i->moved_by);

	*ret = known && !mine(f, row->expunged_by) ? FEED_DELETE : FEED_END;
	return ERR_OK;
}

static enum err judge_add(const struct feed *f, const struct feed_row *row, enum feed_kind *ret)
{
	const struct item *i = &row->item;
	bool moved = mine(f, i->moved_by);
	int64_t key;

	*ret = FEED_END;
	if (is_kept(f, i))
		return ERR_OK;
	TRY(feed_key_at(f, i, f->state.T, &key));
	if (inside(&f->state, i, key))
		*ret = moved ? FEED_READD : FEED_ADD;
	else if (moved)
		*ret = FEED_DELETE;
	return ERR_OK;
}

static enum err judge_crossing(const struct feed *f, const struct feed_row *row, enum feed_kind *ret)
{
	const struct item *i = &row->item;
	bool was = inside(&f->state, i, row->key_before), now;
	int64_t key;

	*ret = FEED_END;
	if (is_kept(f, i))
		return ERR_OK;
	TRY(feed_key_at(f, i, f->state.T, &key));
	now = inside(&f->state, i, key);
	*ret = was == now ? FEED_END : now ? FEED_ADD : FEED_SOFTDELETE;
	return ERR_OK;
}

static enum err judge_change(const struct feed *f, const struct feed_row *row, enum feed_kind *ret)
{
	const struct item *i = &row->item;
	bool kept = is_kept(f, i), was = kept;
	int64_t key;

	*ret = FEED_END;
	if ((i->created > f->state.w && !kept) || mine(f, i->modified_by) || !item_shows_news(i, f->state.since))
		return ERR_OK;
	if (!was) {
		TRY(feed_key_at(f, i, f->state.w, &key));
		was = inside(&f->state, i, key);
	}
	if (!was)
		return ERR_OK;
	TRY(feed_key_at(f, i, f->state.T, &key));
	if (kept || inside(&f->state, i, key))
		*ret = FEED_CHANGE;
	return ERR_OK;
}

static enum err (*const judges[])(const struct feed *, const struct feed_row *, enum feed_kind *) = {
	[FEED_DELETES] = judge_delete,
	[FEED_ADDS] = judge_add,
	[FEED_CROSSINGS] = judge_crossing,
	[FEED_CHANGES] = judge_change,
};
static_assert(countof(judges) == FEED_PHASE_MAX_, "every phase has a judge");

static void phase_begin(struct feed_state *st, enum feed_phase phase)
{
	st->phase = (int32_t)phase;
	st->cursor_change = st->w;
	st->cursor_id = INT64_MAX; /* behind everything of w */
}

/* The rest of the phase, up to its next entry; FEED_END: it is spent. */
static enum err phase_next(struct arena *a, struct feed *f, struct feed_entry *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct feed_row row;
	bool have;

	TRY(feed_rows_open(f, &st));
	for (;;) {
		TRY(feed_rows_next(f, st, &row, &have));
		if (!have)
			break;
		TRY(judges[f->state.phase](f, &row, &ret->kind));
		f->state.cursor_change = row.change;
		f->state.cursor_id = row.item.id;
		if (ret->kind == FEED_END)
			continue;
		ret->item = row.item;
		return item_row_keep(a, &ret->item);
	}
	ret->kind = FEED_END;
	return ERR_OK;
}

/* The rest of the open round and of those up to the head. */
static enum err round_next(struct arena *a, struct feed *f, struct feed_entry *ret)
{
	struct feed_state *st = &f->state;

	ret->kind = FEED_END;
	while (st->T || st->w < f->head) {
		if (!st->T) {
			st->T = f->head;
			phase_begin(st, FEED_DELETES);
		}
		TRY(phase_next(a, f, ret));
		if (ret->kind != FEED_END)
			return ERR_OK;
		if (st->phase + 1 < FEED_PHASE_MAX_) {
			phase_begin(st, (enum feed_phase)(st->phase + 1));
			continue;
		}
		st->w = st->T;
		if (st->T == f->head) /* nothing came behind it while it was open */
			st->since = st->T;
		st->T = 0;
	}
	return ERR_OK;
}

/* What the device has created itself is passed over: it has it, and own_next() tells what of it is to go. */
static enum err edge_next(struct arena *a, struct feed *f, enum feed_edge_kind kind, struct feed_entry *ret)
{
	struct feed_edge *edge = &f->state.edge[kind];

	ret->kind = FEED_END;
	for (;;) {
		bool rises = feed_low_rises(edge);
		enum err e;

		if (!rises && !feed_low_falls(edge))
			return ERR_OK;
		e = feed_low_next(a, f, kind, &ret->item);
		if (e == ERR_NOT_FOUND) {
			edge->low_key = edge->goal;
			edge->low_id = feed_low_end(edge);
			return ERR_OK;
		}
		TRY(e);
		edge->low_key = ret->item.key;
		edge->low_id = rises ? ret->item.id + 1 : ret->item.id;
		if (is_kept(f, &ret->item))
			continue;
		ret->kind = rises ? FEED_SOFTDELETE : FEED_ADD;
		return ERR_OK;
	}
}

static enum err low_next(struct arena *a, struct feed *f, struct feed_entry *ret)
{
	TRY(edge_next(a, f, FEED_ITEMS, ret));
	return ret->kind == FEED_END ? edge_next(a, f, FEED_TEXTS, ret) : ERR_OK;
}

static bool own_is_open(const struct feed *f)
{
	return f->device != STORE_NOBODY && (f->state.own_change < f->state.w || f->state.own_id != INT64_MAX);
}

/* With w at the head and low at the goal: what the device has created goes by the filter from now on, as all else. */
static enum err own_next(struct arena *a, struct feed *f, struct feed_entry *ret)
{
	struct feed_state *st = &f->state;

	ret->kind = FEED_END;
	while (own_is_open(f)) {
		enum err e = feed_own_next(a, f, &ret->item);

		if (e == ERR_NOT_FOUND)
			break;
		TRY(e);
		st->own_change = ret->item.created;
		st->own_id = ret->item.id;
		if (inside(st, &ret->item, ret->item.key))
			continue;
		ret->kind = FEED_SOFTDELETE;
		return ERR_OK;
	}
	st->own_change = st->w;
	st->own_id = INT64_MAX;
	return ERR_OK;
}

enum err feed_next(struct arena *a, struct feed *f, struct feed_entry *ret)
{
	TRY(round_next(a, f, ret));
	if (ret->kind == FEED_END)
		TRY(low_next(a, f, ret));
	return ret->kind == FEED_END ? own_next(a, f, ret) : ERR_OK;
}

/* ---- counting ---- */

enum { VISIBLE_BYTES = 4 * (ITEM_KEYWORDS_MAX + ITEM_FOLLOWUP_MAX) };

/* As phase_next(), to the phase's end and without a look back: the rows are counted, not kept. */
static enum err phase_count(struct feed *f, uint64_t *budget, uint64_t *n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct feed_row row;
	enum feed_kind kind;
	bool have = true;

	TRY(feed_rows_open(f, &st));
	for (; *budget; --*budget) {
		TRY(feed_rows_next(f, st, &row, &have));
		if (!have)
			break;
		TRY(judges[f->state.phase](f, &row, &kind));
		*n += kind != FEED_END;
	}
	return ERR_OK;
}

/* The rest of the round that is open, and the one up to the head behind it. */
static enum err rounds_count(struct feed *f, uint64_t *budget, uint64_t *n)
{
	struct feed_state *st = &f->state;

	while (st->T || st->w < f->head) {
		if (!st->T) {
			st->T = f->head;
			phase_begin(st, FEED_DELETES);
		}
		for (;;) {
			TRY(phase_count(f, budget, n));
			if (st->phase + 1 == FEED_PHASE_MAX_)
				break;
			phase_begin(st, (enum feed_phase)(st->phase + 1));
		}
		st->w = st->T;
		if (st->T == f->head)
			st->since = st->T;
		st->T = 0;
	}
	return ERR_OK;
}

static bool ends_inside(const struct feed_state *st, const struct item *item)
{
	const struct feed_edge *e = &st->edge[kind_of(item)];

	return e->filter != FEED_FILTER_NONE && item->key >= e->goal;
}

/* Of what `low` meets the device's own are passed over; told are those that end outside. */
static enum err own_count(struct feed *f, uint64_t *budget, uint64_t *ret_passed, uint64_t *ret_gone)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(VISIBLE_BYTES);
	struct feed_state *st = &f->state;
	struct item item;

	*ret_passed = *ret_gone = 0;
	for (; *budget && own_is_open(f); --*budget) {
		enum err e;

		arena_reset(&a);
		e = feed_own_next(&a, f, &item);
		if (e == ERR_NOT_FOUND)
			break;
		TRY(e);
		st->own_change = item.created;
		st->own_id = item.id;
		*ret_passed += inside(st, &item, item.key) != ends_inside(st, &item);
		*ret_gone += !ends_inside(st, &item);
	}
	return ERR_OK;
}

static enum err low_count(const struct feed *f, uint64_t *ret)
{
	uint64_t n;

	*ret = 0;
	for (int kind = 0; kind < FEED_EDGE_MAX_; kind++) {
		TRY(feed_low_count(f, (enum feed_edge_kind)kind, &n));
		*ret += n;
	}
	return ERR_OK;
}

enum err feed_count(struct feed *f, uint64_t *budget, uint64_t *ret)
{
	const struct feed_state before = f->state;
	uint64_t n = 0, met = 0, passed = 0, gone = 0;
	enum err e = rounds_count(f, budget, &n);

	if (!e)
		e = low_count(f, &met);
	if (!e)
		e = own_count(f, budget, &passed, &gone);
	f->state = before;
	*ret = n + (met > passed ? met - passed : 0) + gone;
	return e;
}

enum err feed_visible(struct store_tx *tx, int64_t folder, int64_t device, struct feed_state *st, bool *ret)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(VISIBLE_BYTES);
	struct feed_entry entry;
	struct feed f;

	TRY(feed_open(&f, tx, folder, device, st));
	TRY(round_next(&a, &f, &entry));
	for (int kind = 0; kind < FEED_EDGE_MAX_ && entry.kind == FEED_END; kind++)
		if (feed_low_falls(&f.state.edge[kind]))
			TRY(edge_next(&a, &f, (enum feed_edge_kind)kind, &entry));
	*ret = entry.kind != FEED_END;
	if (!*ret)
		*st = f.state;
	return ERR_OK;
}
