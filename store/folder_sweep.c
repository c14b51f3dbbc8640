/* Deleted folders: their rows stay, what was in them is freed in portions. */
#include <store/blob.h>
#include <store/folder.h>
#include <store/item_part.h>
#include <store/stmt.h>

enum sweep_stmt {
	SWEEP_NEXT,
	SWEEP_ITEM,
	SWEEP_SUMMARY,
	SWEEP_COUNT,
	SWEEP_EXPUNGED,
	SWEEP_REKEYED,
	SWEEP_REGROUPED,
	SWEEP_RESULTS,
	SWEEP_GENERATIONS,
	SWEEP_LINES,
	SWEEP_STMT_MAX_
};
#define OF_DELETED_FOLDERS                        \
	" WHERE mailbox_id = $1 AND folder_id IN" \
	" (SELECT folder_id FROM folder WHERE mailbox_id = $1 AND deleted_change > 0)"
static const struct sql_def sweep_sql[] = {
	[SWEEP_NEXT] = { "sweep_next", "SELECT i.item_id, i.blob_id, i.folder_id, i.size FROM folder f"
				       " CROSS JOIN item i ON i.mailbox_id = f.mailbox_id AND i.folder_id = f.folder_id"
				       " WHERE f.mailbox_id = $1 AND f.deleted_change > 0 AND f.total > 0 LIMIT 1" },
	[SWEEP_ITEM] = { "sweep_item", "DELETE FROM item WHERE mailbox_id = $1 AND item_id = $2" },
	[SWEEP_SUMMARY] = { "sweep_summary", "DELETE FROM item_summary WHERE mailbox_id = $1 AND item_id = $2" },
	[SWEEP_COUNT] = { "sweep_count", "UPDATE folder SET total = total - 1, bytes = bytes - $3"
					 " WHERE mailbox_id = $1 AND folder_id = $2" },
	[SWEEP_EXPUNGED] = { "sweep_expunged", "DELETE FROM expunged" OF_DELETED_FOLDERS },
	[SWEEP_REKEYED] = { "sweep_rekeyed", "DELETE FROM rekeyed" OF_DELETED_FOLDERS },
	[SWEEP_REGROUPED] = { "sweep_regrouped", "DELETE FROM regrouped" OF_DELETED_FOLDERS },
	[SWEEP_RESULTS] = { "sweep_results", "DELETE FROM sync_result" OF_DELETED_FOLDERS },
	[SWEEP_GENERATIONS] = { "sweep_generations", "DELETE FROM sync_generation" OF_DELETED_FOLDERS },
	[SWEEP_LINES] = { "sweep_lines", "DELETE FROM sync_line" OF_DELETED_FOLDERS },
};
static_assert(countof(sweep_sql) == SWEEP_STMT_MAX_, "one text per statement");

struct doomed {
	int64_t id, blob, folder, size;
};

static enum err find(struct store_tx *tx, struct doomed *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &sweep_sql[SWEEP_NEXT], (struct stmt_args){ 0 }, &st));
	TRY(sql_one(st));
	*ret = (struct doomed){ sql_i64(st, 0), sql_i64(st, 1), sql_i64(st, 2), sql_i64(st, 3) };
	return ERR_OK;
}

static enum err drop(struct store_tx *tx, const struct doomed *d)
{
	TRY(stmt_run(tx, &sweep_sql[SWEEP_ITEM], ARGS(d->id)));
	TRY(stmt_run(tx, &sweep_sql[SWEEP_SUMMARY], ARGS(d->id)));
	TRY(item_parts_keep(tx, d->id, NULL, 0));
	if (d->blob)
		TRY(store_blob_unref(tx, d->blob));
	return stmt_run(tx, &sweep_sql[SWEEP_COUNT], ARGS(d->folder, d->size));
}

enum err folder_sweep(struct store_tx *tx, unsigned limit, bool *ret_more)
{
	for (unsigned n = 0; n < limit; n++) {
		struct doomed row;
		enum err e = find(tx, &row);

		if (e == ERR_NOT_FOUND) {
			*ret_more = false;
			for (enum sweep_stmt rest = SWEEP_EXPUNGED; rest <= SWEEP_LINES; rest++)
				TRY(stmt_run(tx, &sweep_sql[rest], (struct stmt_args){ 0 }));
			return ERR_OK;
		}
		TRY(e);
		TRY(drop(tx, &row));
	}
	*ret_more = true;
	return ERR_OK;
}
