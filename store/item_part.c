/* Parts of items. */
#include <store/item_part.h>

#include <store/blob.h>
#include <store/stmt.h>

enum { LIST_BYTES_MAX = 4 * ITEM_PARTS_MAX * ITEM_PART_NAME_MAX };

enum part_stmt { PART_COUNT, PART_NEW, PART_GET, PART_LIST, PART_DELETE, PART_ADDED, PART_GONE, PART_STMT_MAX_ };
static const struct sql_def part_sql[] = {
	[PART_COUNT] = { "part_count", "SELECT COUNT(*) FROM item_part WHERE mailbox_id = $1 AND item_id = $2" },
	[PART_NEW] = { "part_new", "INSERT INTO item_part (mailbox_id, item_id, name, content_type, blob_id)"
				   " VALUES ($1, $2, $4, $5, $3) ON CONFLICT DO NOTHING" },
	[PART_GET] = { "part_get", "SELECT content_type, blob_id FROM item_part"
				   " WHERE mailbox_id = $1 AND item_id = $2 AND name = $3" },
	[PART_LIST] = { "part_list", "SELECT name, blob_id, content_type FROM item_part"
				     " WHERE mailbox_id = $1 AND item_id = $2 ORDER BY name LIMIT $3" },
	[PART_DELETE] = { "part_delete", "DELETE FROM item_part WHERE mailbox_id = $1 AND item_id = $2 AND name = $3" },
	/* What a quota counts (store/quota.h). */
	[PART_ADDED] = { "part_added", "UPDATE mailbox SET part_bytes = part_bytes + (SELECT size FROM blob"
				       " WHERE mailbox_id = $1 AND blob_id = $2) WHERE mailbox_id = $1" },
	[PART_GONE] = { "part_gone", "UPDATE mailbox SET part_bytes = part_bytes - (SELECT size FROM blob"
				     " WHERE mailbox_id = $1 AND blob_id = $2) WHERE mailbox_id = $1" },
};
static_assert(countof(part_sql) == PART_STMT_MAX_, "one text per statement");

enum err item_part_put(struct store_tx *tx, int64_t item, struct str name, struct str content_type, int64_t blob)
{
	struct sql_stmt *st;
	int64_t n;

	TRY(stmt_number(tx, &part_sql[PART_COUNT], ARGS(item), &n));
	if (name.n > ITEM_PART_NAME_MAX || content_type.n > ITEM_PART_NAME_MAX || n >= ITEM_PARTS_MAX)
		return ERR_LIMIT;
	TRY(stmt_open(tx, &part_sql[PART_NEW], ARGS(item, blob), &st));
	sql_bind_text(st, 4, name);
	sql_bind_text(st, 5, content_type);
	TRY(sql_run(st));
	if (!sql_changes(store_tx_db(tx)))
		return ERR_OK;
	TRY(store_blob_ref(tx, blob));
	return stmt_run(tx, &part_sql[PART_ADDED], ARGS(blob));
}

enum err item_part_get(struct arena *a, struct store_tx *tx, int64_t item, struct str name, struct str *ret_type,
		       int64_t *ret_blob)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &part_sql[PART_GET], ARGS(item), &st));
	sql_bind_text(st, 3, name);
	TRY(sql_one(st));
	*ret_blob = sql_i64(st, 1);
	return arena_str(a, sql_str(st, 0), ret_type);
}

struct part {
	struct str name, content_type;
	int64_t blob;
};

static bool is_named(struct str name, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

/* Those that are not named. */
static enum err list(struct arena *a, struct store_tx *tx, int64_t item, const struct str *names, size_t n,
		     struct part **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	*ret = NULL;
	*ret_n = 0;
	TRY(stmt_open(tx, &part_sql[PART_LIST], ARGS(item, ITEM_PARTS_MAX), &st));
	for (;;) {
		struct part *p;

		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		if (is_named(sql_str(st, 0), names, n))
			continue;
		if (!*ret)
			*ret = arena_array(a, ITEM_PARTS_MAX, sizeof(**ret));
		if (!*ret)
			return ERR_LIMIT;
		p = &(*ret)[(*ret_n)++];
		p->blob = sql_i64(st, 1);
		TRY(arena_str(a, sql_str(st, 0), &p->name));
		TRY(arena_str(a, sql_str(st, 2), &p->content_type));
	}
}

enum err item_parts_keep(struct store_tx *tx, int64_t item, const struct str *names, size_t n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(LIST_BYTES_MAX);
	struct part *doomed;
	size_t doomed_n;

	TRY(list(&a, tx, item, names, n, &doomed, &doomed_n));
	for (size_t i = 0; i < doomed_n; i++) {
		struct sql_stmt *st;

		TRY(stmt_open(tx, &part_sql[PART_DELETE], ARGS(item), &st));
		sql_bind_text(st, 3, doomed[i].name);
		TRY(sql_run(st));
		TRY(stmt_run(tx, &part_sql[PART_GONE], ARGS(doomed[i].blob)));
		TRY(store_blob_unref(tx, doomed[i].blob));
	}
	return ERR_OK;
}

enum err item_parts_copy(struct store_tx *tx, int64_t from, int64_t to)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(LIST_BYTES_MAX);
	struct part *parts;
	size_t n;

	TRY(list(&a, tx, from, NULL, 0, &parts, &n));
	for (size_t i = 0; i < n; i++)
		TRY(item_part_put(tx, to, parts[i].name, parts[i].content_type, parts[i].blob));
	return ERR_OK;
}
