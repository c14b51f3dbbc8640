/* The horizon (rule 15): rows of what has gone are kept until nobody needs them. */
#include <store/stmt.h>
#include <store/sync.h>

#define DAY_MS (24 * 60 * 60 * INT64_C(1000))

enum purge_stmt {
	PURGE_FOLDERS,
	PURGE_EXPUNGED_FIND,
	PURGE_EXPUNGED,
	PURGE_REKEYED_FIND,
	PURGE_REKEYED,
	PURGE_REGROUPED_FIND,
	PURGE_REGROUPED,
	PURGE_NOTE,
	PURGE_STMT_MAX_
};
static const struct sql_def purge_sql[] = {
	/* Up to where every line that is in use has passed: the least w of its generations, else the head. */
	[PURGE_FOLDERS] = { "purge_folders",
			    "SELECT f.folder_id, COALESCE((SELECT MIN(g.w) FROM sync_line l JOIN sync_generation g"
			    " ON g.mailbox_id = l.mailbox_id AND g.device_id = l.device_id AND g.folder_id = "
			    "l.folder_id"
			    " WHERE l.mailbox_id = f.mailbox_id AND l.folder_id = f.folder_id AND l.seen_ms >= $3),"
			    " f.head_change) FROM folder f"
			    " WHERE f.mailbox_id = $1 AND f.folder_id > $2 ORDER BY f.folder_id LIMIT 1" },
	[PURGE_EXPUNGED_FIND] = { "purge_expunged_find",
				  "SELECT expunged_change FROM expunged WHERE mailbox_id = $1 AND folder_id = $2"
				  " AND expunged_change <= $3 AND expunged_ms < $4"
				  " ORDER BY expunged_change LIMIT 1 OFFSET $5" },
	[PURGE_EXPUNGED] = { "purge_expunged", "DELETE FROM expunged WHERE mailbox_id = $1 AND folder_id = $2"
					       " AND expunged_change <= $3 AND expunged_ms < $4" },
	[PURGE_REKEYED_FIND] = { "purge_rekeyed_find",
				 "SELECT change FROM rekeyed WHERE mailbox_id = $1 AND folder_id = $2"
				 " AND change <= $3 AND rekeyed_ms < $4"
				 " ORDER BY change LIMIT 1 OFFSET $5" },
	[PURGE_REKEYED] = { "purge_rekeyed", "DELETE FROM rekeyed WHERE mailbox_id = $1 AND folder_id = $2"
					     " AND change <= $3 AND rekeyed_ms < $4" },
	[PURGE_REGROUPED_FIND] = { "purge_regrouped_find",
				   "SELECT change FROM regrouped WHERE mailbox_id = $1 AND folder_id = $2"
				   " AND change <= $3 AND rekeyed_ms < $4"
				   " ORDER BY change LIMIT 1 OFFSET $5" },
	[PURGE_REGROUPED] = { "purge_regrouped", "DELETE FROM regrouped WHERE mailbox_id = $1 AND folder_id = $2"
						 " AND change <= $3 AND rekeyed_ms < $4" },
	[PURGE_NOTE] = { "purge_note", "UPDATE folder SET purged_change = $3"
				       " WHERE mailbox_id = $1 AND folder_id = $2 AND purged_change < $3" },
};
static_assert(countof(purge_sql) == PURGE_STMT_MAX_, "one text per statement");

struct purge {
	struct store_tx *tx;
	int64_t folder, upto; /* change number */
	int64_t before_ms;
	int64_t left; /* rows that may still go */
};

/* Removes rows of one table; all of one change number or none, so a few more than `left` may go. */
static enum err table_purge(struct purge *p, enum purge_stmt find, enum purge_stmt remove)
{
	int64_t upto = p->upto;
	enum err e;

	if (p->left <= 0)
		return ERR_OK;
	e = stmt_number(p->tx, &purge_sql[find], ARGS(p->folder, p->upto, p->before_ms, p->left - 1), &upto);
	if (e && e != ERR_NOT_FOUND)
		return e;
	TRY(stmt_run(p->tx, &purge_sql[remove], ARGS(p->folder, upto, p->before_ms)));
	int64_t gone = sql_changes(store_tx_db(p->tx));
	p->left -= gone;
	return gone ? stmt_run(p->tx, &purge_sql[PURGE_NOTE], ARGS(p->folder, upto)) : ERR_OK;
}

static enum err next_folder(struct purge *p, int64_t line_ms)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(p->tx, &purge_sql[PURGE_FOLDERS], ARGS(p->folder, line_ms), &st));
	TRY(sql_one(st));
	p->folder = sql_i64(st, 0);
	p->upto = sql_i64(st, 1);
	return ERR_OK;
}

enum err sync_purge(struct store_tx *tx, unsigned limit, bool *ret_more)
{
	int64_t now_ms = clock_wall_ms(store_tx_clock(tx));
	struct purge p = { .tx = tx, .before_ms = now_ms - SYNC_KEEP_DAYS * DAY_MS, .left = limit };

	while (p.left > 0) {
		enum err e = next_folder(&p, now_ms - SYNC_LINE_DAYS * DAY_MS);

		if (e == ERR_NOT_FOUND)
			break;
		TRY(e);
		TRY(table_purge(&p, PURGE_EXPUNGED_FIND, PURGE_EXPUNGED));
		TRY(table_purge(&p, PURGE_REKEYED_FIND, PURGE_REKEYED));
		TRY(table_purge(&p, PURGE_REGROUPED_FIND, PURGE_REGROUPED));
	}
	*ret_more = p.left <= 0;
	return ERR_OK;
}
