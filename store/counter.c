#include <store/counter.h>
#include <store/stmt.h>

enum counter_stmt { COUNTER_FOLDER, COUNTER_ITEM, COUNTER_UID_VALIDITY, COUNTER_STMT_MAX_ };
static const struct sql_def counter_sql[] = {
	[COUNTER_FOLDER] = { "counter_folder", "UPDATE mailbox SET last_folder = last_folder + 1"
					       " WHERE mailbox_id = $1 RETURNING last_folder" },
	[COUNTER_ITEM] = { "counter_item", "UPDATE mailbox SET last_item = last_item + $2"
					   " WHERE mailbox_id = $1 RETURNING last_item - $2 + 1" },
	[COUNTER_UID_VALIDITY] = { "counter_uid_validity",
				   "UPDATE mailbox SET last_uid_validity ="
				   " CASE WHEN last_uid_validity < $2 THEN $2 ELSE last_uid_validity + 1 END"
				   " WHERE mailbox_id = $1 RETURNING last_uid_validity" },
};
static_assert(countof(counter_sql) == COUNTER_STMT_MAX_, "one text per statement");

enum err counter_folder(struct store_tx *tx, int64_t *ret)
{
	return stmt_number(tx, &counter_sql[COUNTER_FOLDER], (struct stmt_args){ 0 }, ret);
}

enum err counter_items(struct store_tx *tx, uint64_t n, int64_t *ret)
{
	return stmt_number(tx, &counter_sql[COUNTER_ITEM], ARGS(num(n)), ret);
}

enum err counter_uid_validity(struct store_tx *tx, int64_t *ret)
{
	int64_t now_s = clock_wall_ms(store_tx_clock(tx)) / 1000;

	/* A clock that stands nowhere must not use the 32 bits up. */
	if (now_s < 1 || now_s > UINT32_MAX / 2 + (int64_t)UINT32_MAX / 4)
		now_s = 1;
	return stmt_number(tx, &counter_sql[COUNTER_UID_VALIDITY], ARGS(now_s), ret);
}
