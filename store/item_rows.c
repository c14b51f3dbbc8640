/* Reading item rows: one, by its names, or a folder's in the order of UIDs. */
#include <store/item_rows.h>

#define IN_LIVE_FOLDER                                                                                   \
	" AND EXISTS (SELECT 1 FROM folder f WHERE f.mailbox_id = $1 AND f.folder_id = i.folder_id AND " \
	"f.deleted_change = 0)"

enum item_stmt { ITEM_GET, ITEM_BY_UID, ITEM_LIST, ITEM_COUNT_OCTETS, ITEM_KEY_AT, ITEM_STMT_MAX_ };
static const struct sql_def item_sql[] = {
	[ITEM_GET] = { "item_get", "SELECT " ITEM_COLUMNS " FROM item i"
				   " WHERE i.mailbox_id = $1 AND i.item_id = $2" IN_LIVE_FOLDER },
	[ITEM_BY_UID] = { "item_by_uid",
			  "SELECT " ITEM_COLUMNS " FROM item i"
			  " WHERE i.mailbox_id = $1 AND i.folder_id = $2 AND i.uid = $3" IN_LIVE_FOLDER },
	[ITEM_LIST] = { "item_list", "SELECT " ITEM_COLUMNS " FROM item i"
				     " WHERE i.mailbox_id = $1 AND i.folder_id = $2 AND i.uid > $3" IN_LIVE_FOLDER
				     " ORDER BY i.uid LIMIT $4" },
	[ITEM_KEY_AT] = { "item_key_at", "SELECT key FROM item WHERE mailbox_id = $1 AND folder_id = $2"
					 " ORDER BY key DESC, item_id DESC LIMIT 1 OFFSET $3" },
	[ITEM_COUNT_OCTETS] = { "item_count_octets",
				"SELECT COUNT(*) FROM blob b"
				" JOIN item i ON i.mailbox_id = b.mailbox_id AND i.blob_id = b.blob_id"
				" WHERE b.mailbox_id = $1 AND b.sha256 = $3 AND ($2 = 0 OR i.folder_id = $2)" },
};
static_assert(countof(item_sql) == ITEM_STMT_MAX_, "one text per statement");

void item_row_read(const struct sql_stmt *st, struct item *ret)
{
	*ret = (struct item){
		.id = sql_i64(st, 0),
		.folder = sql_i64(st, 1),
		.uid = (uint32_t)sql_i64(st, 2),
		.key = sql_i64(st, 3),
		.received_ms = sql_i64(st, 4),
		.blob = sql_i64(st, 5),
		.size = sql_u64(st, 6),
		.flags = (unsigned)sql_i64(st, 7),
		.verb = (int)sql_i64(st, 8),
		.verb_ms = sql_i64(st, 9),
		.created = sql_u64(st, 10),
		.modified = sql_u64(st, 11),
		.content = sql_u64(st, 12),
		.created_by = sql_i64(st, 13),
		.modified_by = sql_i64(st, 14),
		.content_by = sql_i64(st, 15),
		.moved_by = sql_i64(st, 16),
		.keywords = sql_str(st, 17),
		.followup = sql_str(st, 18),
		.conversation = sql_str(st, 19),
		.conversation_index = sql_str(st, 20),
		.saved_ms = sql_i64(st, 21),
	};
	for (int mark = 0; mark < ITEM_MARK_MAX_; mark++)
		ret->marked[mark] = sql_u64(st, 22 + mark);
}

enum err item_row_keep(struct arena *a, struct item *item)
{
	TRY(arena_str(a, item->keywords, &item->keywords));
	TRY(arena_str(a, item->followup, &item->followup));
	TRY(arena_str(a, item->conversation, &item->conversation));
	return arena_str(a, item->conversation_index, &item->conversation_index);
}

enum err item_row_get(struct store_tx *tx, int64_t folder, int64_t id, struct item *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &item_sql[ITEM_GET], ARGS(id), &st));
	TRY(sql_one(st));
	item_row_read(st, ret);
	ret->keywords = ret->followup = ret->conversation = ret->conversation_index = STR_EMPTY;
	return ret->folder == folder ? ERR_OK : ERR_NOT_FOUND;
}

static enum err one(struct arena *a, struct store_tx *tx, enum item_stmt which, struct stmt_args args, struct item *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &item_sql[which], args, &st));
	TRY(sql_one(st));
	item_row_read(st, ret);
	return item_row_keep(a, ret);
}

enum err item_find(struct arena *a, struct store_tx *tx, int64_t id, struct item *ret)
{
	return one(a, tx, ITEM_GET, ARGS(id), ret);
}

enum err item_get(struct arena *a, struct store_tx *tx, int64_t folder, int64_t id, struct item *ret)
{
	TRY(item_find(a, tx, id, ret));
	return ret->folder == folder ? ERR_OK : ERR_NOT_FOUND;
}

enum err item_by_uid(struct arena *a, struct store_tx *tx, int64_t folder, uint32_t uid, struct item *ret)
{
	return one(a, tx, ITEM_BY_UID, ARGS(folder, uid), ret);
}

enum err item_list(struct arena *a, struct store_tx *tx, int64_t folder, uint32_t after_uid, size_t limit,
		   struct item **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct item *items = arena_array(a, limit, sizeof(*items));
	size_t n = 0;

	if (!items)
		return ERR_LIMIT;
	TRY(stmt_open(tx, &item_sql[ITEM_LIST], ARGS(folder, after_uid, num(limit)), &st));
	while (n < limit) {
		bool row;

		TRY(sql_step(st, &row));
		if (!row)
			break;
		item_row_read(st, &items[n]);
		TRY(item_row_keep(a, &items[n]));
		n++;
	}
	*ret = items;
	*ret_n = n;
	return ERR_OK;
}

enum err item_key_at(struct store_tx *tx, int64_t folder, uint64_t n, int64_t *ret)
{
	return stmt_number(tx, &item_sql[ITEM_KEY_AT], ARGS(folder, num(n)), ret);
}

enum err item_count_octets(struct store_tx *tx, int64_t folder, const unsigned char sha256[ITEM_SHA256_SIZE],
			   uint64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &item_sql[ITEM_COUNT_OCTETS], ARGS(folder), &st));
	sql_bind_blob(st, 3, str_from(sha256, ITEM_SHA256_SIZE));
	TRY(sql_one(st));
	*ret = sql_u64(st, 0);
	return ERR_OK;
}
