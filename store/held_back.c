/* Changes with what is kept from devices. */
#include <store/held_back.h>

#include <store/stmt.h>

enum held_stmt { HELD_LIST, HELD_PUT, HELD_TRIM, HELD_FORGET, HELD_STMT_MAX_ };
static const struct sql_def held_sql[] = {
	[HELD_LIST] = { "held_list", "SELECT item_id, level, since_ms FROM held_back"
				     " WHERE mailbox_id = $1 AND device_id = $2 ORDER BY item_id LIMIT $3" },
	[HELD_PUT] = { "held_put", "INSERT INTO held_back (mailbox_id, device_id, item_id, level, since_ms)"
				   " VALUES ($1, $2, $3, $4, $5)"
				   " ON CONFLICT (mailbox_id, device_id, item_id) DO UPDATE SET level = $4" },
	[HELD_TRIM] = { "held_trim", "DELETE FROM held_back WHERE mailbox_id = $1 AND device_id = $2 AND item_id NOT IN"
				     " (SELECT item_id FROM held_back WHERE mailbox_id = $1 AND device_id = $2"
				     " ORDER BY since_ms DESC, item_id DESC LIMIT $3)" },
	[HELD_FORGET] = { "held_forget", "DELETE FROM held_back WHERE mailbox_id = $1 AND device_id = $2" },
};
static_assert(countof(held_sql) == HELD_STMT_MAX_, "one text per statement");

enum err held_back_list(struct arena *a, struct store_tx *tx, int64_t device, struct held_back **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct held_back *list = NULL;
	size_t n = 0;
	bool row;

	TRY(stmt_open(tx, &held_sql[HELD_LIST], ARGS(device, HELD_BACK_MAX), &st));
	for (;;) {
		TRY(sql_step(st, &row));
		if (!row)
			break;
		if (!list)
			list = arena_array(a, HELD_BACK_MAX, sizeof(*list));
		if (!list)
			return ERR_LIMIT;
		list[n++] = (struct held_back){ .item = sql_i64(st, 0),
						.level = (enum held_back_level)sql_i64(st, 1),
						.since_ms = sql_i64(st, 2) };
	}
	*ret = list;
	*ret_n = n;
	return ERR_OK;
}

enum err held_back_put(struct store_tx *tx, int64_t device, int64_t item, enum held_back_level level)
{
	TRY(stmt_run(tx, &held_sql[HELD_PUT], ARGS(device, item, level, clock_wall_ms(store_tx_clock(tx)))));
	return stmt_run(tx, &held_sql[HELD_TRIM], ARGS(device, HELD_BACK_MAX));
}

enum err held_back_forget(struct store_tx *tx, int64_t device)
{
	return stmt_run(tx, &held_sql[HELD_FORGET], ARGS(device));
}
