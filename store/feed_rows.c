#include <store/feed_rows.h>
#include <store/item_rows.h>

#include <assert.h>

enum feed_stmt {
	FEED_KEY_AT = FEED_PHASE_MAX_,
	FEED_LOW_FALL,
	FEED_LOW_RISE,
	FEED_TEXT_FALL,
	FEED_TEXT_RISE,
	FEED_OWN_NEXT,
	FEED_COUNT_FALL,
	FEED_COUNT_RISE,
	FEED_TEXT_COUNT_FALL,
	FEED_TEXT_COUNT_RISE,
	FEED_STMT_MAX_
};
/* What `low` meets on its way: $3 and $4 low, $5 the goal; KIND says which items. */
#define IS_TEXT " AND (i.flags & 64) > 0"
#define IS_NO_TEXT " AND (i.flags & 64) = 0"
#define FALLS(KEY) " AND (" KEY ", i.item_id) < ($3, $4) AND " KEY " >= $5"
#define RISES(KEY) " AND (" KEY ", i.item_id) >= ($3, $4) AND " KEY " < $5"
#define LOW_SQL(KEY, WAY, KIND, ORDER)                                                                       \
	"SELECT " ITEM_COLUMNS_KEY(KEY) " FROM item i WHERE i.mailbox_id = $1 AND i.folder_id = $2" WAY KIND \
					" ORDER BY " ORDER " LIMIT 1"
#define COUNT_SQL(WAY, KIND)                                                                               \
	"SELECT COUNT(*) FROM (SELECT 1 FROM item i WHERE i.mailbox_id = $1 AND i.folder_id = $2" WAY KIND \
	" LIMIT $6) AS met"
#define DOWN(KEY) KEY " DESC, i.item_id DESC"
#define UP(KEY) KEY ", i.item_id"
static_assert(ITEM_TEXT == 64, "as the statements have it");
/* Of the phases: $2 folder, $3 and $4 the cursor (change, id), $5 T; $6 is w. */
#define FEED_SQL(NAME, KEY, TABLE)                                                                                     \
	[FEED_DELETES] = { "feed_" NAME "deletes",                                                                     \
			   "SELECT expunged_change, item_id, created_change, created_by, moved_by, expunged_by, flags" \
			   " FROM expunged WHERE mailbox_id = $1 AND folder_id = $2"                                   \
			   " AND (expunged_change, item_id) > ($3, $4) AND expunged_change <= $5 AND imap_only = 0"    \
			   " ORDER BY expunged_change, item_id" },                                                     \
	[FEED_ADDS] = { "feed_" NAME "adds",                                                                           \
			"SELECT " ITEM_COLUMNS_KEY(                                                                    \
				KEY) ", i.created_change FROM item i"                                                  \
				     " WHERE i.mailbox_id = $1 AND i.folder_id = $2"                                   \
				     " AND (i.created_change, i.item_id) > ($3, $4) AND i.created_change <= $5"        \
				     " ORDER BY i.created_change, i.item_id" },                                        \
	[FEED_CROSSINGS] = { "feed_" NAME "crossings",                                                                 \
			     "SELECT " ITEM_COLUMNS_KEY(                                                               \
				     KEY) ", r.change, r.old_key FROM " TABLE " r"                                     \
					  " CROSS JOIN item i ON i.mailbox_id = r.mailbox_id AND i.item_id = "         \
					  "r.item_id"                                                                  \
					  " WHERE r.mailbox_id = $1 AND r.folder_id = $2 AND (r.change, r.item_id) > " \
					  "($3, $4)"                                                                   \
					  " AND r.change <= $5 AND i.folder_id = r.folder_id AND i.created_change <= " \
					  "$6"                                                                         \
					  " AND NOT EXISTS (SELECT 1 FROM " TABLE                                      \
					  " e WHERE e.mailbox_id = r.mailbox_id"                                       \
					  " AND e.item_id = r.item_id AND e.folder_id = r.folder_id AND e.change > $6" \
					  " AND e.change < r.change) ORDER BY r.change, r.item_id" },                  \
	[FEED_CHANGES] = { "feed_" NAME "changes",                                                                     \
			   "SELECT " ITEM_COLUMNS_KEY(                                                                 \
				   KEY) ", i.modified_change FROM item i"                                              \
					" WHERE i.mailbox_id = $1 AND i.folder_id = $2"                                \
					" AND (i.modified_change, i.item_id) > ($3, $4) AND i.modified_change <= $5"   \
					" ORDER BY i.modified_change, i.item_id" },                                    \
	[FEED_KEY_AT] = { "feed_" NAME "key_at",                                                                       \
			  "SELECT old_key FROM " TABLE " WHERE mailbox_id = $1 AND item_id = $2 AND folder_id = $3"    \
			  " AND change > $4 ORDER BY change LIMIT 1" },                                                \
	[FEED_LOW_FALL] = { "feed_" NAME "low_fall", LOW_SQL(KEY, FALLS(KEY), IS_NO_TEXT, DOWN(KEY)) },                \
	[FEED_LOW_RISE] = { "feed_" NAME "low_rise", LOW_SQL(KEY, RISES(KEY), IS_NO_TEXT, UP(KEY)) },                  \
	[FEED_TEXT_FALL] = { "feed_" NAME "text_fall", LOW_SQL(KEY, FALLS(KEY), IS_TEXT, DOWN(KEY)) },                 \
	[FEED_TEXT_RISE] = { "feed_" NAME "text_rise", LOW_SQL(KEY, RISES(KEY), IS_TEXT, UP(KEY)) },                   \
	[FEED_OWN_NEXT] = { "feed_" NAME "own",                                                                        \
			    "SELECT " ITEM_COLUMNS_KEY(                                                                \
				    KEY) " FROM item i WHERE i.mailbox_id = $1 AND i.folder_id = $2"                   \
					 " AND i.created_by = $3 AND i.created_by > 0"                                 \
					 " AND (i.created_change, i.item_id) > ($4, $5)"                               \
					 " ORDER BY i.created_change, i.item_id LIMIT 1" },                            \
	[FEED_COUNT_FALL] = { "feed_" NAME "count_fall", COUNT_SQL(FALLS(KEY), "") },                                  \
	[FEED_COUNT_RISE] = { "feed_" NAME "count_rise", COUNT_SQL(RISES(KEY), "") },                                  \
	[FEED_TEXT_COUNT_FALL] = { "feed_" NAME "text_count_fall", COUNT_SQL(FALLS(KEY), IS_TEXT) },                   \
	[FEED_TEXT_COUNT_RISE] = { "feed_" NAME "text_count_rise", COUNT_SQL(RISES(KEY), IS_TEXT) },
static const struct sql_def feed_sql[][FEED_STMT_MAX_] = {
	[FEED_BY_ITEM] = { FEED_SQL("", "i.key", "rekeyed") },
	[FEED_BY_CONVERSATION] = { FEED_SQL("conversation_", "i.conversation_key", "regrouped") },
};

static const struct sql_def *sql_of(const struct feed_state *s, int which)
{
	return &feed_sql[s->by][which];
}

/* Columns behind those of the item. */
enum { COLUMN_CHANGE = ITEM_COLUMNS_N, COLUMN_OLD_KEY };

enum err feed_rows_open(const struct feed *f, struct sql_stmt **ret)
{
	const struct feed_state *s = &f->state;

	assert(s->phase >= 0 && s->phase < FEED_PHASE_MAX_);
	TRY(stmt_open(f->tx, sql_of(s, s->phase), ARGS(f->folder, num(s->cursor_change), s->cursor_id, num(s->T)),
		      ret));
	if (s->phase == FEED_CROSSINGS)
		sql_bind_u64(*ret, 6, s->w);
	return ERR_OK;
}

static void read_delete(const struct feed *f, const struct sql_stmt *st, struct feed_row *ret)
{
	*ret = (struct feed_row){
		.change = sql_u64(st, 0),
		.item = { .id = sql_i64(st, 1),
			  .folder = f->folder,
			  .created = sql_u64(st, 2),
			  .created_by = sql_i64(st, 3),
			  .moved_by = sql_i64(st, 4),
			  .flags = (unsigned)sql_i64(st, 6) },
		.expunged_by = sql_i64(st, 5),
	};
}

enum err feed_rows_next(const struct feed *f, struct sql_stmt *st, struct feed_row *ret, bool *row)
{
	TRY(sql_step(st, row));
	if (!*row)
		return ERR_OK;
	if (f->state.phase == FEED_DELETES) {
		read_delete(f, st, ret);
		return ERR_OK;
	}
	item_row_read(st, &ret->item);
	ret->change = sql_u64(st, COLUMN_CHANGE);
	ret->key_before = f->state.phase == FEED_CROSSINGS ? sql_i64(st, COLUMN_OLD_KEY) : ret->item.key;
	return ERR_OK;
}

enum err feed_key_at(const struct feed *f, const struct item *item, uint64_t change, int64_t *ret)
{
	enum err e;

	assert(item->created <= change); /* before, it was in another place */
	*ret = item->key;
	if (f->state.by == FEED_BY_ITEM && item->modified <= change)
		return ERR_OK; /* changing the key would have modified it */
	e = stmt_number(f->tx, sql_of(&f->state, FEED_KEY_AT), ARGS(item->id, item->folder, num(change)), ret);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err feed_low_next(struct arena *a, const struct feed *f, enum feed_edge_kind kind, struct item *ret)
{
	static const enum feed_stmt falls[] = { [FEED_ITEMS] = FEED_LOW_FALL, [FEED_TEXTS] = FEED_TEXT_FALL };
	static const enum feed_stmt rises[] = { [FEED_ITEMS] = FEED_LOW_RISE, [FEED_TEXTS] = FEED_TEXT_RISE };
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	const struct feed_edge *e = &f->state.edge[kind];
	enum feed_stmt which = (feed_low_rises(e) ? rises : falls)[kind];

	TRY(stmt_open(f->tx, sql_of(&f->state, (int)which), ARGS(f->folder, e->low_key, e->low_id, e->goal), &st));
	TRY(sql_one(st));
	item_row_read(st, ret);
	return item_row_keep(a, ret);
}

enum err feed_own_next(struct arena *a, const struct feed *f, struct item *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	const struct feed_state *s = &f->state;

	TRY(stmt_open(f->tx, sql_of(s, FEED_OWN_NEXT), ARGS(f->folder, f->device, num(s->own_change), s->own_id), &st));
	TRY(sql_one(st));
	item_row_read(st, ret);
	return item_row_keep(a, ret);
}

static enum err count_range(const struct feed *f, const struct feed_edge *e, enum feed_stmt which, int64_t *ret)
{
	return stmt_number(f->tx, sql_of(&f->state, (int)which),
			   ARGS(f->folder, e->low_key, e->low_id, e->goal, FEED_COUNT_MAX), ret);
}

/* All that is there is counted by its index, and the texts by theirs, of which there are few. */
enum err feed_low_count(const struct feed *f, enum feed_edge_kind kind, uint64_t *ret)
{
	const struct feed_edge *e = &f->state.edge[kind];
	const bool rises = feed_low_rises(e);
	int64_t all = 0, texts = 0;

	*ret = 0;
	if (!rises && !feed_low_falls(e))
		return ERR_OK;
	TRY(count_range(f, e, rises ? FEED_TEXT_COUNT_RISE : FEED_TEXT_COUNT_FALL, &texts));
	if (kind == FEED_ITEMS)
		TRY(count_range(f, e, rises ? FEED_COUNT_RISE : FEED_COUNT_FALL, &all));
	*ret = (uint64_t)(kind == FEED_ITEMS ? all - texts : texts);
	return ERR_OK;
}
