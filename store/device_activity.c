/* What devices did last, and what was decided about them. */
#include <store/device.h>

#include <store/address.h>
#include <store/sql/sql.h>

#include <assert.h>

enum activity_stmt { ACTIVITY_SET, ACCESS_SET, ACTIVITY_STMT_MAX_ };
static const struct sql_def activity_sql[] = {
	[ACTIVITY_SET] = { "device_activity", "UPDATE device SET last_sync_ms = MAX(last_sync_ms, $2),"
					      " last_command = CASE WHEN $4 > 0 THEN $3 ELSE last_command END,"
					      " last_command_ms = MAX(last_command_ms, $4),"
					      " error_command = CASE WHEN $7 > 0 THEN $5 ELSE error_command END,"
					      " error_status = CASE WHEN $7 > 0 THEN $6 ELSE error_status END,"
					      " error_ms = MAX(error_ms, $7), last_seen_ms = MAX(last_seen_ms, $8)"
					      " WHERE partnership_id = $1" },
	[ACCESS_SET] = { "device_set_access", "UPDATE device SET access = $2, access_reason = $3, access_ms = $4"
					      " WHERE partnership_id = $1" },
};
static_assert(countof(activity_sql) == ACTIVITY_STMT_MAX_, "one text per statement");

static enum err use(struct store_tx *tx, enum activity_stmt which, int64_t id, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	TRY(sql_use(store_tx_db(tx), &activity_sql[which], ret));
	sql_bind_i64(*ret, 1, id);
	return ERR_OK;
}

enum err device_set_activity(struct store *s, int64_t id, const struct device_activity *activity)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct sql_stmt *st;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(use(tx, ACTIVITY_SET, id, &st));
	sql_bind_i64(st, 2, activity->last_sync_ms);
	sql_bind_text(st, 3, activity->last_command);
	sql_bind_i64(st, 4, activity->last_command_ms);
	sql_bind_text(st, 5, activity->error_command);
	sql_bind_u64(st, 6, activity->error_status);
	sql_bind_i64(st, 7, activity->error_ms);
	sql_bind_i64(st, 8, clock_wall_ms(store_tx_clock(tx)));
	TRY(sql_run(st));
	return store_commit(&tx);
}

enum err device_set_access(struct store_tx *tx, int64_t id, int level, struct str reason)
{
	struct sql_stmt *st;

	TRY(use(tx, ACCESS_SET, id, &st));
	sql_bind_i64(st, 2, level);
	sql_bind_text(st, 3, reason);
	sql_bind_i64(st, 4, clock_wall_ms(store_tx_clock(tx)));
	return sql_run(st);
}
