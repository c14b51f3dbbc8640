/* Flags of many items at once. */
#include <store/folder_rows.h>
#include <store/item_rows.h>

enum flags_stmt { FLAGS_SET, FLAGS_COUNT, FLAGS_STMT_MAX_ };
static const struct sql_def flags_sql[] = {
	[FLAGS_SET] = { "flags_set", "UPDATE item SET flags = (flags & $6) | $7, modified_change = $8, modified_by = 0,"
				     " read_change = CASE WHEN (flags & $9) <> (((flags & $6) | $7) & $9) THEN $8"
				     " ELSE read_change END,"
				     " flag_change = CASE WHEN (flags & $10) <> (((flags & $6) | $7) & $10) THEN $8"
				     " ELSE flag_change END"
				     " WHERE mailbox_id = $1 AND folder_id = $2 AND uid >= $3 AND uid <= $4"
				     " AND modified_change <= $5 AND flags <> ((flags & $6) | $7)" },
	[FLAGS_COUNT] = { "flags_count", "SELECT COUNT(*) FROM item"
					 " WHERE mailbox_id = $1 AND folder_id = $2 AND uid >= $3 AND uid <= $4"
					 " AND modified_change <= $5 AND (flags & $6) = $7" },
};
static_assert(countof(flags_sql) == FLAGS_STMT_MAX_, "one text per statement");

/* By how much the folder's unread count will change. */
static enum err count_unread(struct store_tx *tx, const struct item_flags_edit *e, int64_t *ret)
{
	bool sets = e->set & ITEM_SEEN;
	int64_t n = 0;

	if ((e->set | e->clear) & ITEM_SEEN)
		TRY(stmt_number(tx, &flags_sql[FLAGS_COUNT],
				ARGS(e->folder, e->lo, e->hi, num(e->since), ITEM_SEEN, sets ? 0 : ITEM_SEEN), &n));
	*ret = sets ? -n : n;
	return ERR_OK;
}

enum err item_update_flags(struct store_tx *tx, const struct item_flags_edit *e, uint64_t *ret_n)
{
	unsigned kept = ITEM_FLAGS_ALL & ~e->clear;
	int64_t unread, n;
	uint64_t change;

	TRY(count_unread(tx, e, &unread));
	TRY(store_change_number(tx, &change));
	TRY(stmt_run(tx, &flags_sql[FLAGS_SET],
		     ARGS(e->folder, e->lo, e->hi, num(e->since), kept, e->set & ITEM_FLAGS_ALL, num(change), ITEM_SEEN,
			  ITEM_FLAGGED)));
	n = sql_changes(store_tx_db(tx));
	*ret_n = (uint64_t)n;
	return n ? folder_touch(
			   tx,
			   &(struct folder_touch){ .folder = e->folder, .unread = (int)unread, .author = STORE_NOBODY })
		 : ERR_OK;
}
