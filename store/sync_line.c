/* Sync lines: loading, what a presented key means, issuing, storing. */
#include <store/folder_rows.h>
#include <store/stmt.h>
#include <store/sync.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

enum line_stmt {
	LINE_GET,
	LINE_SLOTS,
	LINE_RESULTS,
	LINE_INSERT,
	LINE_BUMP,
	LINE_SLOT_PUT,
	LINE_SLOT_DROP,
	LINE_STMT_MAX_
};
static const struct sql_def line_sql[] = {
	[LINE_GET] = { "line_get", "SELECT version, seen_ms FROM sync_line"
				   " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3" },
	[LINE_SLOTS] = { "line_slots", "SELECT slot, sync_key, options, w, round_end, cursor_change, cursor_id, "
				       "low_key, low_id,"
				       " goal, filter, phase, since, kept_by, own_change, own_id, text_low_key,"
				       " text_low_id, text_goal, text_filter FROM sync_generation"
				       " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3" },
	[LINE_RESULTS] = { "line_results",
			   "SELECT COUNT(*) FROM sync_result"
			   " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND orphan = 0" },
	[LINE_INSERT] = { "line_insert", "INSERT INTO sync_line (mailbox_id, device_id, folder_id, version, seen_ms)"
					 " VALUES ($1, $2, $3, 1, $4) ON CONFLICT DO NOTHING" },
	[LINE_BUMP] = { "line_bump", "UPDATE sync_line SET version = version + 1, seen_ms = $4"
				     " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND version = $5" },
	[LINE_SLOT_PUT] = { "line_slot_put",
			    "INSERT INTO sync_generation (mailbox_id, device_id, folder_id, slot, w, round_end,"
			    " cursor_change, cursor_id, low_key, low_id, goal, filter, phase, since, kept_by, "
			    "own_change, own_id, sync_key,"
			    " options, text_low_key, text_low_id, text_goal, text_filter)"
			    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
			    "$19, $20, $21, $22, $23)"
			    " ON CONFLICT (mailbox_id, device_id, folder_id, slot) DO UPDATE SET"
			    " w = excluded.w, round_end = excluded.round_end,"
			    " cursor_change = excluded.cursor_change, cursor_id = excluded.cursor_id,"
			    " low_key = excluded.low_key, low_id = excluded.low_id, goal = excluded.goal,"
			    " own_change = excluded.own_change, own_id = excluded.own_id,"
			    " text_low_key = excluded.text_low_key, text_low_id = excluded.text_low_id,"
			    " text_goal = excluded.text_goal, text_filter = excluded.text_filter,"
			    " filter = excluded.filter, phase = excluded.phase, since = excluded.since, kept_by = "
			    "excluded.kept_by, sync_key = "
			    "excluded.sync_key,"
			    " options = excluded.options" },
	[LINE_SLOT_DROP] = { "line_slot_drop",
			     "DELETE FROM sync_generation"
			     " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND slot = $4" },
};
static_assert(countof(line_sql) == LINE_STMT_MAX_, "one text per statement");

static void state_read(const struct sql_stmt *st, int column, struct feed_state *ret)
{
	*ret = (struct feed_state){
		.w = sql_u64(st, column),
		.T = sql_u64(st, column + 1),
		.cursor_change = sql_u64(st, column + 2),
		.cursor_id = sql_i64(st, column + 3),
		.edge[FEED_ITEMS] = { sql_i64(st, column + 4), sql_i64(st, column + 5), sql_i64(st, column + 6),
				      sql_i64(st, column + 7) },
		.edge[FEED_TEXTS] = { sql_i64(st, column + 13), sql_i64(st, column + 14), sql_i64(st, column + 15),
				      sql_i64(st, column + 16) },
		.phase = (int32_t)sql_i64(st, column + 8),
		.since = sql_u64(st, column + 9),
		.by = sql_i64(st, column + 10) == FEED_BY_CONVERSATION ? FEED_BY_CONVERSATION : FEED_BY_ITEM,
		.own_change = sql_u64(st, column + 11),
		.own_id = sql_i64(st, column + 12),
	};
}

/* Generations from before the horizon can't be continued: it is as if they were not there. */
static enum err generation_read(const struct sql_stmt *st, uint64_t purged, struct sync_line *line)
{
	struct str key = sql_str(st, 1), options = sql_str(st, 2);
	uint64_t slot = sql_u64(st, 0);
	struct sync_generation *g;

	if (slot >= SYNC_SLOT_MAX_ || key.n > SYNC_KEY_MAX || options.n > SYNC_OPTIONS_MAX)
		return ERR_CORRUPT;
	line->stored |= 1u << slot;
	g = &line->slot[slot];
	g->used = sql_u64(st, 3) >= purged;
	memcpy(g->key, key.p, key.n);
	if (options.n)
		memcpy(g->options, options.p, options.n);
	g->options_n = options.n;
	state_read(st, 3, &g->state);
	return ERR_OK;
}

static enum err generations_read(struct store_tx *tx, struct sync_line *line)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	uint64_t head, purged = 0;
	enum err e = folder_bounds(tx, line->folder, &head, &purged);

	if (e && e != ERR_NOT_FOUND)
		return e;
	TRY(stmt_open(tx, &line_sql[LINE_SLOTS], ARGS(line->device, line->folder), &st));
	for (;;) {
		bool row;

		TRY(sql_step(st, &row));
		if (!row)
			break;
		TRY(generation_read(st, purged, line));
	}
	line->had_formers = line->stored >> SYNC_FORMER;
	return ERR_OK;
}

static enum err line_read(struct store_tx *tx, struct sync_line *line)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &line_sql[LINE_GET], ARGS(line->device, line->folder), &st));
	TRY(sql_one(st));
	line->version = sql_i64(st, 0);
	line->seen_ms = sql_i64(st, 1);
	return ERR_OK;
}

enum err sync_line_load(struct store_tx *tx, int64_t device, int64_t folder, struct sync_line *ret)
{
	int64_t n;
	enum err e;

	*ret = (struct sync_line){ .mailbox = store_tx_mailbox(tx), .device = device, .folder = folder };
	e = line_read(tx, ret);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	TRY(generations_read(tx, ret));
	TRY(stmt_number(tx, &line_sql[LINE_RESULTS], ARGS(device, folder), &n));
	ret->results_n = (size_t)n;
	return ERR_OK;
}

static bool is_key(const struct sync_generation *g, struct str key)
{
	return g->used && str_eq(key, str_of(g->key));
}

/* The device has shown which answer it got: the others never reached it. */
static void become_confirmed(struct sync_line *line, enum sync_slot from)
{
	line->slot[SYNC_CONFIRMED] = line->slot[from];
	line->slot[from].used = false;
	line->slot[SYNC_UNCOMMITTED].used = false;
	for (size_t i = SYNC_FORMER; i < SYNC_SLOT_MAX_; i++)
		line->slot[i].used = false;
}

/* The last answer was lost, it seems: it may still turn out to be the one that the device got. */
static void become_former(struct sync_line *line)
{
	struct sync_generation *formers = &line->slot[SYNC_FORMER];

	memmove(formers + 1, formers, (SYNC_FORMERS - 1) * sizeof(*formers));
	*formers = line->slot[SYNC_UNCOMMITTED];
	line->slot[SYNC_UNCOMMITTED].used = false;
}

static enum sync_presented meaning(struct sync_line *line, struct str key)
{
	if (is_key(&line->slot[SYNC_CONFIRMED], key)) {
		if (!line->slot[SYNC_UNCOMMITTED].used)
			return SYNC_CURRENT;
		become_former(line);
		return SYNC_REPEATS;
	}
	if (is_key(&line->slot[SYNC_UNCOMMITTED], key)) {
		become_confirmed(line, SYNC_UNCOMMITTED);
		return SYNC_CONFIRMS;
	}
	if (is_key(&line->slot[SYNC_FRESH], key)) {
		become_confirmed(line, SYNC_FRESH);
		return SYNC_BEGINS;
	}
	for (int i = 0; i < SYNC_FORMERS; i++)
		if (is_key(&line->slot[SYNC_FORMER + i], key)) {
			line->returned = i;
			become_confirmed(line, (enum sync_slot)(SYNC_FORMER + i));
			return SYNC_RETURNS;
		}
	return SYNC_FOREIGN;
}

enum sync_presented sync_line_present(struct sync_line *line, struct str key)
{
	assert(line->presented == SYNC_NOT_PRESENTED);
	line->presented = meaning(line, key);
	return line->presented;
}

bool sync_line_is_torn(const struct sync_line *line)
{
	for (size_t i = SYNC_FORMER; i < SYNC_SLOT_MAX_; i++)
		if (line->slot[i].used)
			return true;
	return false;
}

/* Decimal digits alone, as clients know them; random, so that a restored database meets no key of its lost future. */
static enum err key_draw(const struct sync_line *line, char key[SYNC_KEY_MAX + 1])
{
	char digits[20];
	size_t n = 0;
	uint64_t r;

	while (getrandom(&r, sizeof(r), 0) != sizeof(r))
		if (errno != EINTR)
			return ERR_IO;
	for (r = (r >> 1) | 1; r; r /= 10)
		digits[n++] = (char)('0' + r % 10);
	for (size_t i = 0; i < n; i++)
		key[i] = digits[n - 1 - i];
	key[n] = '\0';
	for (size_t i = 0; i < SYNC_SLOT_MAX_; i++)
		if (key != line->slot[i].key && is_key(&line->slot[i], str_of(key)))
			return ERR_BUSY; /* one in 10^18 */
	return ERR_OK;
}

static enum err generation_set(struct sync_generation *g, const struct feed_state *st, struct str options)
{
	if (options.n > SYNC_OPTIONS_MAX)
		return ERR_LIMIT;
	g->state = *st;
	if (options.n)
		memcpy(g->options, options.p, options.n);
	g->options_n = options.n;
	g->used = true;
	return ERR_OK;
}

static bool is_recent(const struct sync_line *line, int64_t now_ms)
{
	return now_ms - line->seen_ms < SYNC_TOUCH_S * INT64_C(1000);
}

enum err sync_line_restart(struct store_tx *tx, struct sync_line *line, const struct feed_state *st, struct str options,
			   struct str *ret_key)
{
	struct sync_generation *fresh = &line->slot[SYNC_FRESH];
	const bool repeated = fresh->used && is_recent(line, clock_wall_ms(store_tx_clock(tx)));
	const uint64_t w = fresh->state.w;

	if (!fresh->used)
		TRY(key_draw(line, fresh->key));
	TRY(generation_set(fresh, st, options));
	if (repeated &&
	    line->folder != FOLDER_ROOT) /* what the device has moved into the folder since is a Delete first */
		fresh->state.w = fresh->state.since = w;
	TRY(sync_line_store(tx, line));
	*ret_key = str_of(fresh->key);
	return ERR_OK;
}

const struct sync_generation *sync_line_confirmed(const struct sync_line *line)
{
	const struct sync_generation *g = &line->slot[SYNC_CONFIRMED];

	return g->used ? g : NULL;
}

const struct feed_state *sync_line_state(const struct sync_line *line)
{
	return &line->slot[line->issued ? SYNC_UNCOMMITTED : SYNC_CONFIRMED].state;
}

bool sync_line_must_write(const struct sync_line *line)
{
	switch (line->presented) {
	case SYNC_REPEATS:
	case SYNC_RETURNS:
	case SYNC_BEGINS:
		return true;
	case SYNC_CONFIRMS:
		return line->results_n > 0 || line->had_formers;
	case SYNC_NOT_PRESENTED:
	case SYNC_FOREIGN:
	case SYNC_CURRENT:
		break;
	}
	return false;
}

enum err sync_line_issue(struct sync_line *line, const struct feed_state *st, struct str options)
{
	struct sync_generation *g = &line->slot[SYNC_UNCOMMITTED];

	assert(line->presented > SYNC_FOREIGN);
	if (!line->issued)
		TRY(key_draw(line, g->key));
	TRY(generation_set(g, st, options));
	line->issued = true;
	return ERR_OK;
}

/* Behind an edge that has fallen an item would be told as new although it only moved (rule 9). */
static bool low_fell(const struct feed_state *was, const struct feed_state *is)
{
	for (int i = 0; i < FEED_EDGE_MAX_; i++) {
		const struct feed_edge *from = &was->edge[i], *to = &is->edge[i];

		if (to->low_key < from->low_key || (to->low_key == from->low_key && to->low_id < from->low_id))
			return true;
	}
	return false;
}

enum err sync_line_advance(struct sync_line *line, const struct feed_state *st, struct str options, int64_t now_ms,
			   bool *ret_due)
{
	struct sync_generation *g = &line->slot[SYNC_CONFIRMED];

	assert(line->presented > SYNC_FOREIGN && !line->issued);
	*ret_due = low_fell(&g->state, st) || !str_eq(options, str_from(g->options, g->options_n)) ||
		   !is_recent(line, now_ms);
	return generation_set(g, st, options);
}

struct str sync_line_key(const struct sync_line *line)
{
	return str_of(line->slot[line->issued ? SYNC_UNCOMMITTED : SYNC_CONFIRMED].key);
}

struct author sync_line_author(const struct sync_line *line)
{
	return (struct author){ .device = line->device, .seen = line->slot[SYNC_CONFIRMED].state.w };
}

static enum err generation_write(struct store_tx *tx, struct sync_line *line, enum sync_slot slot)
{
	const struct sync_generation *g = &line->slot[slot];
	const struct feed_state *s = &g->state;
	const struct feed_edge *items = &s->edge[FEED_ITEMS], *texts = &s->edge[FEED_TEXTS];
	const unsigned bit = 1u << slot;
	struct sql_stmt *st;

	if (!g->used && !(line->stored & bit))
		return ERR_OK;
	line->stored ^= g->used ? bit & ~line->stored : bit;
	if (!g->used)
		return stmt_run(tx, &line_sql[LINE_SLOT_DROP], ARGS(line->device, line->folder, slot));
	TRY(stmt_open(tx, &line_sql[LINE_SLOT_PUT],
		      ARGS(line->device, line->folder, slot, num(s->w), num(s->T), num(s->cursor_change), s->cursor_id,
			   items->low_key, items->low_id, items->goal, items->filter, s->phase, num(s->since), s->by,
			   num(s->own_change), s->own_id),
		      &st));
	sql_bind_text(st, 18, str_of(g->key));
	sql_bind_blob(st, 19, str_from(g->options, g->options_n));
	sql_bind_i64(st, 20, texts->low_key);
	sql_bind_i64(st, 21, texts->low_id);
	sql_bind_i64(st, 22, texts->goal);
	sql_bind_i64(st, 23, texts->filter);
	return sql_run(st);
}

enum err sync_line_store(struct store_tx *tx, struct sync_line *line)
{
	int64_t now_ms = clock_wall_ms(store_tx_clock(tx));

	assert(!sync_line_must_write(line) || line->begun);
	if (line->version == 0)
		TRY(stmt_run(tx, &line_sql[LINE_INSERT], ARGS(line->device, line->folder, now_ms)));
	else
		TRY(stmt_run(tx, &line_sql[LINE_BUMP], ARGS(line->device, line->folder, now_ms, line->version)));
	if (sql_changes(store_tx_db(tx)) == 0)
		return ERR_STALE;
	line->version++;
	line->seen_ms = now_ms;
	for (size_t i = 0; i < SYNC_SLOT_MAX_; i++)
		TRY(generation_write(tx, line, (enum sync_slot)i));
	return ERR_OK;
}
