/* Requests kept for a device that leaves out what it has said before; and the end of all that is kept for it. */
#include <store/held_back.h>
#include <store/stmt.h>
#include <store/sync.h>

enum cache_stmt {
	CACHE_PUT,
	CACHE_GET,
	FORGET_CACHE,
	FORGET_RESULTS,
	FORGET_GENERATIONS,
	FORGET_LINES,
	FORGET_ALL_CACHE,
	FORGET_ALL_RESULTS,
	FORGET_ALL_GENERATIONS,
	FORGET_ALL_LINES,
	FORGET_ALL_HELD,
	CACHE_STMT_MAX_
};
static const struct sql_def cache_sql[] = {
	[CACHE_PUT] = { "cache_put",
			"INSERT INTO sync_cache (mailbox_id, device_id, which, data) VALUES ($1, $2, $3, $4)"
			" ON CONFLICT (mailbox_id, device_id, which) DO UPDATE SET data = excluded.data" },
	[CACHE_GET] = { "cache_get", "SELECT data FROM sync_cache"
				     " WHERE mailbox_id = $1 AND device_id = $2 AND which = $3" },
	[FORGET_CACHE] = { "forget_cache", "DELETE FROM sync_cache WHERE mailbox_id = $1 AND device_id = $2" },
	[FORGET_RESULTS] = { "forget_results", "DELETE FROM sync_result WHERE mailbox_id = $1 AND device_id = $2" },
	[FORGET_GENERATIONS] = { "forget_generations",
				 "DELETE FROM sync_generation WHERE mailbox_id = $1 AND device_id = $2" },
	[FORGET_LINES] = { "forget_lines", "DELETE FROM sync_line WHERE mailbox_id = $1 AND device_id = $2" },
	[FORGET_ALL_CACHE] = { "forget_all_cache", "DELETE FROM sync_cache WHERE mailbox_id = $1" },
	[FORGET_ALL_RESULTS] = { "forget_all_results", "DELETE FROM sync_result WHERE mailbox_id = $1" },
	[FORGET_ALL_GENERATIONS] = { "forget_all_generations", "DELETE FROM sync_generation WHERE mailbox_id = $1" },
	[FORGET_ALL_LINES] = { "forget_all_lines", "DELETE FROM sync_line WHERE mailbox_id = $1" },
	[FORGET_ALL_HELD] = { "forget_all_held", "DELETE FROM held_back WHERE mailbox_id = $1" },
};
static_assert(countof(cache_sql) == CACHE_STMT_MAX_, "one text per statement");

enum err sync_cache_put(struct store_tx *tx, int64_t device, enum sync_cache which, struct str data)
{
	struct sql_stmt *st;

	if (data.n > SYNC_CACHE_MAX)
		return ERR_LIMIT;
	TRY(stmt_open(tx, &cache_sql[CACHE_PUT], ARGS(device, which), &st));
	sql_bind_blob(st, 4, data.p ? data : S(""));
	return sql_run(st);
}

enum err sync_cache_get(struct arena *a, struct store_tx *tx, int64_t device, enum sync_cache which, struct str *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &cache_sql[CACHE_GET], ARGS(device, which), &st));
	TRY(sql_one(st));
	return arena_str(a, sql_str(st, 0), ret);
}

enum err sync_forget(struct store_tx *tx, int64_t device)
{
	for (enum cache_stmt which = FORGET_CACHE; which <= FORGET_LINES; which++)
		TRY(stmt_run(tx, &cache_sql[which], ARGS(device)));
	return held_back_forget(tx, device);
}

enum err sync_forget_all(struct store_tx *tx)
{
	for (enum cache_stmt which = FORGET_ALL_CACHE; which <= FORGET_ALL_HELD; which++)
		TRY(stmt_run(tx, &cache_sql[which], NO_ARGS));
	return ERR_OK;
}
