/* Which folders are shared with whom. */
#include <store/share.h>

#include <store/address.h>
#include <store/rows.h>
#include <store/stmt.h>

#define SHARE_COLUMNS "s.owner_id, s.guest_id, s.folder_id, s.calendar, s.edits, s.meetings"

enum share_stmt {
	SHARE_COUNT,
	SHARE_SUPERSEDE,
	SHARE_SET,
	SHARE_DROP,
	SHARE_GET,
	SHARE_EXISTS,
	SHARE_LIST,
	SHARE_LIST_OF_GUEST,
	SHARE_DROP_ALL,
	SHARE_STMT_MAX_
};
static const struct sql_def share_sql[] = {
	[SHARE_COUNT] = { "share_count", "SELECT COUNT(*) FROM share"
					 " WHERE owner_id = $1 AND NOT (guest_id = $2 AND folder_id = $3)" },
	[SHARE_SUPERSEDE] = { "share_supersede", "DELETE FROM share WHERE owner_id = $1 AND guest_id = $2"
						 " AND folder_id = 0" },
	[SHARE_SET] = { "share_set", "INSERT INTO share (owner_id, guest_id, folder_id, calendar, edits, meetings)"
				     " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (owner_id, guest_id, folder_id)"
				     " DO UPDATE SET calendar = $4, edits = $5, meetings = $6" },
	[SHARE_DROP] = { "share_drop", "DELETE FROM share WHERE owner_id = $1 AND guest_id = $2"
				       " AND (folder_id = $3 OR (folder_id = 0 AND $4 = 1))" },
	[SHARE_GET] = { "share_get", "SELECT " SHARE_COLUMNS " FROM share s"
				     " WHERE s.owner_id = $1 AND s.guest_id = $2 AND s.folder_id = $3" },
	[SHARE_EXISTS] = { "share_exists",
			   "SELECT COUNT(*) FROM share WHERE owner_id = $1 AND guest_id = $2 AND calendar = 1" },
	[SHARE_LIST] = { "share_list", "SELECT " SHARE_COLUMNS ", a.address FROM share s"
				       " JOIN address a ON a.account_id = s.guest_id AND a.is_primary = 1"
				       " WHERE s.owner_id = $1 ORDER BY a.address, s.folder_id" },
	[SHARE_LIST_OF_GUEST] = { "share_list_of_guest",
				  "SELECT " SHARE_COLUMNS ", a.address FROM share s"
				  " JOIN address a ON a.account_id = s.owner_id AND a.is_primary = 1"
				  " WHERE s.guest_id = $1 ORDER BY a.address, s.folder_id" },
	[SHARE_DROP_ALL] = { "share_drop_all", "DELETE FROM share WHERE owner_id = $1 OR guest_id = $1" },
};
static_assert(countof(share_sql) == SHARE_STMT_MAX_, "one text per statement");

enum err share_set(struct store_tx *tx, const struct share *s)
{
	int64_t others;

	if (s->owner == s->guest)
		return ERR_INVALID;
	TRY(directory_number(tx, &share_sql[SHARE_COUNT], ARGS(s->owner, s->guest, s->folder), &others));
	if (others >= SHARES_MAX)
		return ERR_LIMIT;
	if (s->calendar)
		TRY(directory_run(tx, &share_sql[SHARE_SUPERSEDE], ARGS(s->owner, s->guest)));
	TRY(directory_run(tx, &share_sql[SHARE_SET],
			  ARGS(s->owner, s->guest, s->folder, s->calendar, s->edits, s->meetings)));
	return account_changed(tx);
}

enum err share_unset(struct store_tx *tx, const struct share *s)
{
	TRY(directory_run(tx, &share_sql[SHARE_DROP], ARGS(s->owner, s->guest, s->folder, s->calendar)));
	return sql_changes(store_tx_db(tx)) ? account_changed(tx) : ERR_NOT_FOUND;
}

/* A word of a later version than ours is none. */
static enum share_meetings read_meetings(int64_t n)
{
	return n >= 0 && n < SHARE_MEETINGS_MAX_ ? (enum share_meetings)n : SHARE_MEETINGS_NONE;
}

static void read_columns(struct sql_stmt *st, struct share *ret)
{
	*ret = (struct share){ .owner = sql_i64(st, 0),
			       .guest = sql_i64(st, 1),
			       .folder = sql_i64(st, 2),
			       .calendar = sql_i64(st, 3) != 0,
			       .edits = sql_i64(st, 4) != 0,
			       .meetings = read_meetings(sql_i64(st, 5)) };
}

enum err share_get(struct store_tx *tx, int64_t owner, int64_t guest, int64_t folder, struct share *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &share_sql[SHARE_GET], ARGS(owner, guest, folder), &st));
	TRY(sql_one(st));
	read_columns(st, ret);
	return ERR_OK;
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
	read_columns(st, ret);
	return arena_str(a, sql_str(st, 6), &ret->address);
}
ROWS_READER(read_shares, struct share, read_share)

static enum err list(struct arena *a, struct store_tx *tx, enum share_stmt which, int64_t account, struct share **ret,
		     size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &share_sql[which], ARGS(account), &st));
	return read_shares(a, st, ret, ret_n);
}

enum err share_list(struct arena *a, struct store_tx *tx, int64_t owner, struct share **ret, size_t *ret_n)
{
	return list(a, tx, SHARE_LIST, owner, ret, ret_n);
}

enum err share_list_of_guest(struct arena *a, struct store_tx *tx, int64_t guest, struct share **ret, size_t *ret_n)
{
	return list(a, tx, SHARE_LIST_OF_GUEST, guest, ret, ret_n);
}

enum err share_drop_all(struct store_tx *tx, int64_t account)
{
	return directory_run(tx, &share_sql[SHARE_DROP_ALL], ARGS(account));
}
