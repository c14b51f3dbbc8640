#include <store/sync_overview.h>

#include <store/rows.h>
#include <store/sql/sql.h>

/* As it was last answered: the items created up to w and not below low, and its own behind `own` (docs/sync.md, rule 3). */
static const struct sql_def overview_sql = {
	"sync_overview",
	"SELECT l.folder_id, f.name, l.seen_ms, COALESCE(g.filter, 0), f.head_change > COALESCE(g.w, 0),"
	" (SELECT COUNT(*) FROM item i WHERE i.mailbox_id = l.mailbox_id AND i.folder_id = l.folder_id"
	" AND i.created_change <= g.w AND ((CASE WHEN g.kept_by = 1 THEN i.conversation_key"
	" ELSE i.key END, i.item_id) >= (CASE WHEN (i.flags & 64) > 0 THEN g.text_low_key ELSE g.low_key END,"
	" CASE WHEN (i.flags & 64) > 0 THEN g.text_low_id ELSE g.low_id END) OR (i.created_by = l.device_id"
	" AND (i.created_change, i.item_id) > (g.own_change, g.own_id))))"
	" FROM sync_line l JOIN folder f ON f.mailbox_id = l.mailbox_id AND f.folder_id = l.folder_id"
	" LEFT JOIN sync_generation g ON g.mailbox_id = l.mailbox_id AND g.device_id = l.device_id"
	" AND g.folder_id = l.folder_id AND g.slot = (SELECT MAX(s.slot) FROM sync_generation s"
	" WHERE s.mailbox_id = l.mailbox_id AND s.device_id = l.device_id AND s.folder_id = l.folder_id AND s.slot < 2)"
	" WHERE l.mailbox_id = $1 AND l.device_id = $2 AND f.deleted_change = 0 ORDER BY l.folder_id"
};

static enum err read_folder(struct arena *a, const struct sql_stmt *st, struct sync_overview *ret)
{
	ret->folder = sql_i64(st, 0);
	ret->written_ms = sql_i64(st, 2);
	ret->filter = sql_u64(st, 3);
	ret->behind = sql_i64(st, 4) != 0;
	ret->items = sql_u64(st, 5);
	return arena_str(a, sql_str(st, 1), &ret->name);
}

ROWS_READER(read_overview, struct sync_overview, read_folder)

enum err sync_overview(struct arena *a, struct store_tx *tx, int64_t device, struct sync_overview **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(sql_use(store_tx_db(tx), &overview_sql, &st));
	sql_bind_i64(st, 1, store_tx_mailbox(tx));
	sql_bind_i64(st, 2, device);
	return read_overview(a, st, ret, ret_n);
}
