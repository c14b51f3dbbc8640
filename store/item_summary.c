/* What the content layer computed of an item's octets; a table of its own, so that flags do not drag it along. */
#include <store/item.h>
#include <store/stmt.h>

enum summary_stmt { SUMMARY_NEW, SUMMARY_CHANGE, SUMMARY_GET, SUMMARY_BY_NAME, SUMMARY_WALK, SUMMARY_STMT_MAX_ };
static const struct sql_def summary_sql[] = {
	[SUMMARY_NEW] = { "summary_new",
			  "INSERT INTO item_summary (mailbox_id, item_id, parser_version, summary, structure, named)"
			  " VALUES ($1, $2, $3, $5, $6, $4) ON CONFLICT DO NOTHING" },
	[SUMMARY_CHANGE] = { "summary_change",
			     "UPDATE item_summary SET parser_version = $3, summary = $5, structure = $6, named = $4"
			     " WHERE mailbox_id = $1 AND item_id = $2" },
	[SUMMARY_GET] = { "summary_get", "SELECT parser_version, summary, structure, named FROM item_summary"
					 " WHERE mailbox_id = $1 AND item_id = $2" },
	[SUMMARY_BY_NAME] = { "summary_by_name",
			      "SELECT s.item_id FROM item_summary s"
			      " JOIN item i ON i.mailbox_id = s.mailbox_id AND i.item_id = s.item_id"
			      " WHERE s.mailbox_id = $1 AND s.named = 1 AND s.structure = $3 AND i.folder_id = $2"
			      " ORDER BY s.item_id DESC LIMIT 1" },
	[SUMMARY_WALK] = { "summary_walk",
			   "SELECT i.item_id, s.parser_version, s.summary, s.structure FROM item i"
			   " LEFT JOIN item_summary s ON s.mailbox_id = i.mailbox_id AND s.item_id = i.item_id"
			   " WHERE i.mailbox_id = $1 AND i.folder_id = $2 AND i.key >= $3"
			   " ORDER BY i.key, i.item_id" },
};
static_assert(countof(summary_sql) == SUMMARY_STMT_MAX_, "one text per statement");

static enum err put(struct store_tx *tx, enum summary_stmt which, int64_t id, const struct item_summary *s)
{
	struct sql_stmt *st;

	TRY(stmt_open(tx, &summary_sql[which], ARGS(id, s->parser_version, s->named), &st));
	sql_bind_blob(st, 5, s->summary.p ? s->summary : S(""));
	sql_bind_blob(st, 6, s->structure.p ? s->structure : S(""));
	return sql_run(st);
}

enum err item_summary_put(struct store_tx *tx, int64_t id, const struct item_summary *s)
{
	if (s->summary.n > ITEM_SUMMARY_MAX || s->structure.n > ITEM_STRUCTURE_MAX)
		return ERR_LIMIT;
	TRY(put(tx, SUMMARY_NEW, id, s));
	return sql_changes(store_tx_db(tx)) ? ERR_OK : put(tx, SUMMARY_CHANGE, id, s);
}

enum err item_summary_get(struct arena *a, struct store_tx *tx, int64_t id, struct item_summary *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &summary_sql[SUMMARY_GET], ARGS(id), &st));
	TRY(sql_one(st));
	ret->parser_version = (int)sql_i64(st, 0);
	ret->named = sql_i64(st, 3) != 0;
	TRY(arena_str(a, sql_str(st, 1), &ret->summary));
	return arena_str(a, sql_str(st, 2), &ret->structure);
}

static enum err find_name(struct store_tx *tx, int64_t folder, struct str name, int64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &summary_sql[SUMMARY_BY_NAME], ARGS(folder), &st));
	sql_bind_blob(st, 3, name.p ? name : S(""));
	TRY(sql_one(st));
	*ret = sql_i64(st, 0);
	return ERR_OK;
}

enum err item_by_name(struct arena *a, struct store_tx *tx, int64_t folder, struct str name, struct item *ret)
{
	int64_t id;

	TRY(find_name(tx, folder, name, &id));
	return item_find(a, tx, id, ret);
}

enum err item_summary_walk(struct store_tx *tx, int64_t folder, int64_t from_key,
			   enum err (*each)(void *ctx, int64_t id, const struct item_summary *s), void *ctx)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	TRY(stmt_open(tx, &summary_sql[SUMMARY_WALK], ARGS(folder, from_key), &st));
	for (;;) {
		struct item_summary s = { 0 };

		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		s.parser_version = (int)sql_i64(st, 1);
		s.summary = sql_str(st, 2);
		s.structure = sql_str(st, 3);
		TRY(each(ctx, sql_i64(st, 0), &s));
	}
}
