/* Soundness of databases. */
#include <store/check.h>

#include <store/item.h>
#include <store/stmt.h>

enum check_stmt { CHECK_COUNTS, CHECK_PARTS, CHECK_STMT_MAX_ };
static const struct sql_def check_sql[] = {
	/* Of deleted folders too: what was in them is freed in portions. */
	[CHECK_COUNTS] = { "check_counts",
			   "SELECT COUNT(*) FROM folder f LEFT JOIN (SELECT folder_id, COUNT(*) AS total,"
			   " SUM(CASE WHEN (flags & $2) = 0 THEN 1 ELSE 0 END) AS unread, SUM(size) AS bytes"
			   " FROM item WHERE mailbox_id = $1 GROUP BY folder_id) i ON i.folder_id = f.folder_id"
			   " WHERE f.mailbox_id = $1 AND (f.total <> COALESCE(i.total, 0)"
			   " OR f.bytes <> COALESCE(i.bytes, 0)"
			   " OR (f.deleted_change = 0 AND f.unread <> COALESCE(i.unread, 0)))" },
	[CHECK_PARTS] = { "check_parts",
			  "SELECT COUNT(*) FROM mailbox m WHERE m.mailbox_id = $1 AND m.part_bytes <>"
			  " (SELECT COALESCE(SUM(b.size), 0) FROM item_part p JOIN blob b"
			  " ON b.mailbox_id = p.mailbox_id AND b.blob_id = p.blob_id WHERE p.mailbox_id = $1)" },
};
static_assert(countof(check_sql) == CHECK_STMT_MAX_, "one text per statement");

enum err store_check_counts(struct store_tx *tx, bool *ret_sound)
{
	int64_t folders, parts;

	TRY(stmt_number(tx, &check_sql[CHECK_COUNTS], ARGS(ITEM_SEEN), &folders));
	TRY(stmt_number(tx, &check_sql[CHECK_PARTS], (struct stmt_args){ 0 }, &parts));
	*ret_sound = folders == 0 && parts == 0;
	return ERR_OK;
}

enum err store_check(struct store *s, int64_t mailbox, bool *ret_sound)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, mailbox, STORE_READ, &tx));
	TRY(sql_check(store_tx_db(tx), ret_sound));
	return *ret_sound && mailbox != STORE_DIRECTORY ? store_check_counts(tx, ret_sound) : ERR_OK;
}
