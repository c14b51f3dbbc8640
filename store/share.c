/* Whose calendar is shared with whom. */
#include <store/share.h>

#include <store/address.h>
#include <store/rows.h>
#include <store/stmt.h>

enum share_stmt { SHARE_COUNT, SHARE_SET, SHARE_DROP, SHARE_EXISTS, SHARE_LIST, SHARE_DROP_ALL, SHARE_STMT_MAX_ };
static const struct sql_def share_sql[] = {
	[SHARE_COUNT] = { "share_count", "SELECT COUNT(*) FROM share WHERE owner_id = $1 AND guest_id <> $2" },
	[SHARE_SET] = { "share_set", "INSERT INTO share (owner_id, guest_id, meetings) VALUES ($1, $2, $3)"
				     " ON CONFLICT (owner_id, guest_id) DO UPDATE SET meetings = $3" },
	[SHARE_DROP] = { "share_drop", "DELETE FROM share WHERE owner_id = $1 AND guest_id = $2" },
	[SHARE_EXISTS] = { "share_exists", "SELECT COUNT(*) FROM share WHERE owner_id = $1 AND guest_id = $2" },
	[SHARE_LIST] = { "share_list", "SELECT s.guest_id, s.meetings, a.address FROM share s"
				       " JOIN address a ON a.account_id = s.guest_id AND a.is_primary = 1"
				       " WHERE s.owner_id = $1 ORDER BY a.address" },
	[SHARE_DROP_ALL] = { "share_drop_all", "DELETE FROM share WHERE owner_id = $1 OR guest_id = $1" },
};
static_assert(countof(share_sql) == SHARE_STMT_MAX_, "one text per statement");

enum err share_set(struct store_tx *tx, int64_t owner, int64_t guest, bool meetings)
{
	int64_t others;

	if (owner == guest)
		return ERR_INVALID;
	TRY(directory_number(tx, &share_sql[SHARE_COUNT], ARGS(owner, guest), &others));
	if (others >= SHARES_MAX)
		return ERR_LIMIT;
	TRY(directory_run(tx, &share_sql[SHARE_SET], ARGS(owner, guest, meetings)));
	return account_changed(tx);
}

enum err share_unset(struct store_tx *tx, int64_t owner, int64_t guest)
{
	TRY(directory_run(tx, &share_sql[SHARE_DROP], ARGS(owner, guest)));
	return sql_changes(store_tx_db(tx)) ? account_changed(tx) : ERR_NOT_FOUND;
}

enum err share_exists(struct store_tx *tx, int64_t owner, int64_t guest, bool *ret)
{
	int64_t n;

	TRY(directory_number(tx, &share_sql[SHARE_EXISTS], ARGS(owner, guest), &n));
	*ret = n > 0;
	return ERR_OK;
}

static enum err read_share(struct arena *a, struct sql_stmt *st, struct share *ret)
{
	ret->guest = sql_i64(st, 0);
	ret->meetings = sql_i64(st, 1) != 0;
	return arena_str(a, sql_str(st, 2), &ret->address);
}
ROWS_READER(read_shares, struct share, read_share)

enum err share_list(struct arena *a, struct store_tx *tx, int64_t owner, struct share **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &share_sql[SHARE_LIST], ARGS(owner), &st));
	return read_shares(a, st, ret, ret_n);
}

enum err share_drop_all(struct store_tx *tx, int64_t account)
{
	return directory_run(tx, &share_sql[SHARE_DROP_ALL], ARGS(account));
}
