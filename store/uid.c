/* Folders by UID. */
#include <store/uid.h>

#include <store/item_rows.h>

enum uid_stmt {
	UID_LIST,
	UID_GONE,
	UID_FIRST_GONE,
	UID_UPWARDS,
	UID_DOWNWARDS,
	UID_RANGE,
	UID_DELETED,
	UID_CHANGED,
	UID_SUMS,
	UID_STMT_MAX_
};
static const struct sql_def uid_sql[] = {
	[UID_LIST] = { "uid_list", "SELECT uid FROM item WHERE mailbox_id = $1 AND folder_id = $2 AND uid >= $3"
				   " ORDER BY uid" },
	/* Uid 0: a departure told for phones alone. */
	[UID_GONE] = { "uid_gone", "SELECT uid FROM expunged WHERE mailbox_id = $1 AND folder_id = $2"
				   " AND expunged_change > $3 AND uid > 0 AND uid < $4"
				   " ORDER BY expunged_change, item_id, uid" },
	[UID_FIRST_GONE] = { "uid_first_gone",
			     "SELECT expunged_change FROM expunged WHERE mailbox_id = $1 AND folder_id = $2"
			     " AND expunged_change > $3 AND uid > 0 AND uid < $4"
			     " ORDER BY expunged_change, item_id, uid LIMIT 1" },
	[UID_UPWARDS] = { "uid_upwards", "SELECT flags FROM item WHERE mailbox_id = $1 AND folder_id = $2"
					 " ORDER BY uid" },
	[UID_DOWNWARDS] = { "uid_downwards", "SELECT flags FROM item WHERE mailbox_id = $1 AND folder_id = $2"
					     " ORDER BY uid DESC" },
	[UID_RANGE] = { "uid_range", "SELECT " ITEM_COLUMNS " FROM item i WHERE i.mailbox_id = $1 AND i.folder_id = $2"
				     " AND i.uid >= $3 AND i.uid <= $4 ORDER BY i.uid LIMIT $5" },
	/* The literal is ITEM_DELETED, as the index item_deleted has it. */
	[UID_DELETED] = { "uid_deleted",
			  "SELECT " ITEM_COLUMNS " FROM item i WHERE i.mailbox_id = $1 AND i.folder_id = $2"
			  " AND i.uid > $3 AND i.uid < $4 AND (i.flags & 32) <> 0 ORDER BY i.uid LIMIT $5" },
	[UID_CHANGED] = { "uid_changed",
			  "SELECT " ITEM_COLUMNS " FROM item i WHERE i.mailbox_id = $1 AND i.folder_id = $2"
			  " AND (i.modified_change, i.item_id) > ($3, $4)"
			  " ORDER BY i.modified_change, i.item_id LIMIT $5" },
	[UID_SUMS] = { "uid_sums",
		       "SELECT COALESCE(SUM(size), 0), COALESCE(SUM(CASE WHEN (flags & $3) <> 0 THEN 1"
		       " ELSE 0 END), 0), COALESCE(SUM(CASE WHEN (flags & $3) <> 0 THEN size ELSE 0 END), 0)"
		       " FROM item WHERE mailbox_id = $1 AND folder_id = $2" },
};
_Static_assert(countof(uid_sql) == UID_STMT_MAX_, "one text per statement");

static enum err each_row(struct store_tx *tx, enum uid_stmt which, struct stmt_args args, uid_each *each, void *ctx)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	TRY(stmt_open(tx, &uid_sql[which], args, &st));
	for (;;) {
		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		TRY(each(ctx, (uint32_t)sql_i64(st, 0)));
	}
}

enum err uid_list(struct store_tx *tx, int64_t folder, uint32_t from, uid_each *each, void *ctx)
{
	return each_row(tx, UID_LIST, ARGS(folder, from), each, ctx);
}

enum err uid_list_gone(struct store_tx *tx, int64_t folder, uint64_t after, uint32_t below, uid_each *each, void *ctx)
{
	return each_row(tx, UID_GONE, ARGS(folder, num(after), below), each, ctx);
}

/* The number of the only row, or 0 where there is none. */
static enum err number_or_none(struct store_tx *tx, enum uid_stmt which, struct stmt_args args, int64_t *ret)
{
	enum err e = stmt_number(tx, &uid_sql[which], args, ret);

	if (e == ERR_NOT_FOUND)
		*ret = 0;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err uid_first_gone(struct store_tx *tx, int64_t folder, uint64_t after, uint32_t below, uint64_t *ret)
{
	int64_t n;

	TRY(number_or_none(tx, UID_FIRST_GONE, ARGS(folder, num(after), below), &n));
	*ret = (uint64_t)n;
	return ERR_OK;
}

/* The next one of a walk; a walk that is over gives read ones. */
static enum err is_unseen(struct sql_stmt *st, bool *ret)
{
	bool row;

	TRY(sql_step(st, &row));
	*ret = row && !(sql_i64(st, 0) & ITEM_SEEN);
	return ERR_OK;
}

enum err uid_first_unseen(struct store_tx *tx, const struct folder *f, uint32_t *ret_seq)
{
	CLEANUP(sql_done) struct sql_stmt *up = NULL;
	CLEANUP(sql_done) struct sql_stmt *down = NULL;
	uint64_t above = 0; /* unread ones that were met from the end */

	*ret_seq = 0;
	if (f->unread == 0)
		return ERR_OK;
	TRY(stmt_open(tx, &uid_sql[UID_UPWARDS], ARGS(f->id), &up));
	TRY(stmt_open(tx, &uid_sql[UID_DOWNWARDS], ARGS(f->id), &down));
	for (uint32_t seq = 1; seq <= f->total; seq++) {
		bool first, last;

		TRY(is_unseen(up, &first));
		TRY(is_unseen(down, &last));
		above += last;
		if (first || above == f->unread) {
			*ret_seq = first ? seq : (uint32_t)f->total - seq + 1;
			return ERR_OK;
		}
	}
	return ERR_OK;
}

/* Appends rows until there are `limit`. */
static enum err append_items(struct arena *a, struct store_tx *tx, enum uid_stmt which, struct stmt_args args,
			     size_t limit, struct item *items, size_t *n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &uid_sql[which], args, &st));
	while (*n < limit) {
		bool row;

		TRY(sql_step(st, &row));
		if (!row)
			break;
		item_row_read(st, &items[*n]);
		TRY(item_row_keep(a, &items[*n]));
		++*n;
	}
	return ERR_OK;
}

static enum err read_items(struct arena *a, struct store_tx *tx, enum uid_stmt which, struct stmt_args args,
			   size_t limit, struct item **ret, size_t *ret_n)
{
	struct item *items = arena_array(a, limit, sizeof(*items));

	*ret_n = 0;
	*ret = items;
	return items ? append_items(a, tx, which, args, limit, items, ret_n) : ERR_LIMIT;
}

enum err item_read_range(struct arena *a, struct store_tx *tx, int64_t folder, uint32_t lo, uint32_t hi, size_t limit,
			 struct item *items, size_t *n)
{
	return append_items(a, tx, UID_RANGE, ARGS(folder, lo, hi, num(limit - *n)), limit, items, n);
}

_Static_assert(ITEM_DELETED == 32, "the literal in uid_deleted");
enum err item_list_deleted(struct arena *a, struct store_tx *tx, int64_t folder, uint32_t after_uid, uint32_t below,
			   size_t limit, struct item **ret, size_t *ret_n)
{
	return read_items(a, tx, UID_DELETED, ARGS(folder, after_uid, below, num(limit)), limit, ret, ret_n);
}

enum err item_list_changed(struct arena *a, struct store_tx *tx, int64_t folder, uint64_t after, int64_t after_id,
			   size_t limit, struct item **ret, size_t *ret_n)
{
	return read_items(a, tx, UID_CHANGED, ARGS(folder, num(after), after_id, num(limit)), limit, ret, ret_n);
}

enum err folder_sums(struct store_tx *tx, int64_t folder, struct folder_sums *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &uid_sql[UID_SUMS], ARGS(folder, ITEM_DELETED), &st));
	TRY(sql_one(st));
	*ret = (struct folder_sums){ .bytes = sql_u64(st, 0),
				     .deleted = sql_u64(st, 1),
				     .deleted_bytes = sql_u64(st, 2) };
	return ERR_OK;
}
