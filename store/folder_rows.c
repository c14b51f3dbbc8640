/* Folder rows: reading them, ordering them as a tree, and what an item's change does to its folder's row. */
#include <store/folder_rows.h>
#include <store/stmt.h>

#include <stdlib.h>

#define FOLDER_COLUMNS                                                                                             \
	"folder_id, parent_id, name, role, class, uid_validity, uid_next, head_change,"                            \
	" purged_change, total, unread, created_change, modified_change, deleted_change, created_by, modified_by," \
	" deleted_by, mount_mailbox, mount_folder"

enum folder_stmt {
	FOLDER_GET,
	FOLDER_LIVE,
	FOLDER_MOUNTS,
	FOLDER_IS_MOUNT,
	FOLDER_SINCE,
	FOLDER_BY_ROLE,
	FOLDER_BY_NAME,
	FOLDER_BOUNDS,
	FOLDER_TOUCH,
	FOLDER_UID,
	FOLDER_GENERATION,
	FOLDER_NOTE_SUBSCRIPTION,
	FOLDER_MOVED,
	FOLDER_STMT_MAX_
};
static const struct sql_def folder_sql[] = {
	[FOLDER_GET] = { "folder_get", "SELECT " FOLDER_COLUMNS " FROM folder"
				       " WHERE mailbox_id = $1 AND folder_id = $2 AND folder_id > 0"
				       " AND deleted_change = 0" },
	[FOLDER_LIVE] = { "folder_live", "SELECT " FOLDER_COLUMNS " FROM folder"
					 " WHERE mailbox_id = $1 AND folder_id > 0 AND deleted_change = 0"
					 " ORDER BY folder_id" },
	[FOLDER_MOUNTS] = { "folder_mounts", "SELECT " FOLDER_COLUMNS " FROM folder"
					     " WHERE mailbox_id = $1 AND mount_mailbox > 0 AND deleted_change = 0"
					     " ORDER BY folder_id" },
	[FOLDER_IS_MOUNT] = { "folder_is_mount", "SELECT COUNT(*) FROM folder"
						 " WHERE mailbox_id = $1 AND folder_id = $2 AND mount_mailbox > 0" },
	[FOLDER_SINCE] = { "folder_since", "SELECT " FOLDER_COLUMNS " FROM folder"
					   " WHERE mailbox_id = $1 AND folder_id > 0"
					   " AND (modified_change > $2 OR deleted_change > $2)"
					   " AND (deleted_change = 0 OR created_change <= $2"
					   " OR (created_by = $3 AND created_by > 0)) ORDER BY folder_id" },
	[FOLDER_BY_ROLE] = { "folder_by_role", "SELECT folder_id FROM folder"
					       " WHERE mailbox_id = $1 AND role = $2 AND role > 0"
					       " AND deleted_change = 0" },
	[FOLDER_BY_NAME] = { "folder_by_name", "SELECT folder_id FROM folder"
					       " WHERE mailbox_id = $1 AND parent_id = $2 AND name = $4"
					       " AND ($3 = 0 OR class = $3) AND folder_id > 0"
					       " AND deleted_change = 0 ORDER BY class LIMIT 1" },
	[FOLDER_BOUNDS] = { "folder_bounds", "SELECT head_change, purged_change FROM folder"
					     " WHERE mailbox_id = $1 AND folder_id = $2 AND deleted_change = 0"
					     " AND mount_mailbox = 0" },
	[FOLDER_TOUCH] = { "folder_touch",
			   "UPDATE folder SET head_change = $3, total = total + $4, unread = unread + $5,"
			   " bytes = bytes + $6"
			   " WHERE mailbox_id = $1 AND folder_id = $2 AND deleted_change = 0" },
	/* Of the root's row: the hierarchy's head, and what is in its modified_change for nobody else. */
	[FOLDER_GENERATION] = { "folder_generation", "SELECT head_change, modified_change FROM folder"
						     " WHERE mailbox_id = $1 AND folder_id = 0" },
	[FOLDER_NOTE_SUBSCRIPTION] = { "folder_note_subscription", "UPDATE folder SET modified_change = $2"
								   " WHERE mailbox_id = $1 AND folder_id = 0" },
	[FOLDER_MOVED] = { "folder_moved", "SELECT folder_id, uid_next, total, unread, head_change FROM folder"
					   " WHERE mailbox_id = $1 AND folder_id > 0 AND deleted_change = 0"
					   " AND head_change > $2" },
	[FOLDER_UID] = { "folder_uid",
			 "UPDATE folder SET uid_next = uid_next + $3"
			 " WHERE mailbox_id = $1 AND folder_id = $2 AND deleted_change = 0"
			 " AND mount_mailbox = 0 AND uid_next <= 4294967295 - $3 RETURNING uid_next - $3" },
};
static_assert(countof(folder_sql) == FOLDER_STMT_MAX_, "one text per statement");

static enum err row_read(struct arena *a, const struct sql_stmt *st, struct folder *ret)
{
	*ret = (struct folder){
		.id = sql_i64(st, 0),
		.parent = sql_i64(st, 1),
		.role = (enum folder_role)sql_i64(st, 3),
		.class = (enum folder_class)sql_i64(st, 4),
		.uid_validity = (uint32_t)sql_i64(st, 5),
		.uid_next = (uint32_t)sql_i64(st, 6),
		.head = sql_u64(st, 7),
		.purged = sql_u64(st, 8),
		.total = sql_u64(st, 9),
		.unread = sql_u64(st, 10),
		.created = sql_u64(st, 11),
		.modified = sql_u64(st, 12),
		.deleted = sql_u64(st, 13),
		.created_by = sql_i64(st, 14),
		.modified_by = sql_i64(st, 15),
		.deleted_by = sql_i64(st, 16),
		.mount_mailbox = sql_i64(st, 17),
		.mount_folder = sql_i64(st, 18),
	};
	return arena_str(a, sql_str(st, 2), &ret->name);
}

enum err folder_get(struct arena *a, struct store_tx *tx, int64_t id, struct folder *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &folder_sql[FOLDER_GET], ARGS(id), &st));
	TRY(sql_one(st));
	return row_read(a, st, ret);
}

/* Collects the rows of a statement; the array doubles in the arena. */
static enum err rows_read(struct arena *a, struct sql_stmt *st, struct folder **ret, size_t *ret_n)
{
	struct folder *rows = NULL;
	size_t n = 0, cap = 0;

	for (;;) {
		bool row;

		TRY(sql_step(st, &row));
		if (!row)
			break;
		if (n == cap) {
			struct folder *more = arena_array(a, cap ? cap * 2 : 32, sizeof(*rows));

			if (!more)
				return ERR_LIMIT;
			if (n)
				memcpy(more, rows, n * sizeof(*rows));
			rows = more;
			cap = cap ? cap * 2 : 32;
		}
		TRY(row_read(a, st, &rows[n]));
		n++;
	}
	*ret = rows;
	*ret_n = n;
	return ERR_OK;
}

static enum err rows_of(struct arena *a, struct store_tx *tx, enum folder_stmt which, struct stmt_args args,
			struct folder **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &folder_sql[which], args, &st));
	return rows_read(a, st, ret, ret_n);
}

enum err folder_rows_since(struct arena *a, struct store_tx *tx, uint64_t after, int64_t maker, struct folder **ret,
			   size_t *ret_n)
{
	TRY(rows_of(a, tx, FOLDER_SINCE, ARGS(num(after), maker), ret, ret_n));
	return folder_rows_sort(a, *ret, *ret_n);
}

enum err folder_list(struct arena *a, struct store_tx *tx, struct folder **ret, size_t *ret_n)
{
	TRY(rows_of(a, tx, FOLDER_LIVE, (struct stmt_args){ 0 }, ret, ret_n));
	return folder_rows_sort(a, *ret, *ret_n);
}

enum err folder_generation(struct store_tx *tx, struct folder_generation *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &folder_sql[FOLDER_GENERATION], NO_ARGS, &st));
	TRY(sql_one(st));
	*ret = (struct folder_generation){ sql_u64(st, 0), sql_u64(st, 1) };
	return ERR_OK;
}

enum err folder_note_subscription(struct store_tx *tx)
{
	uint64_t change;

	TRY(store_change_number(tx, &change));
	TRY(stmt_run(tx, &folder_sql[FOLDER_NOTE_SUBSCRIPTION], ARGS(num(change))));
	store_touched(tx, FOLDER_ROOT, STORE_NOBODY);
	return ERR_OK;
}

enum err folder_list_moved(struct store_tx *tx, uint64_t after,
			   enum err (*each)(void *ctx, const struct folder_numbers *f), void *ctx)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &folder_sql[FOLDER_MOVED], ARGS(num(after)), &st));
	for (;;) {
		bool row;

		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		TRY(each(ctx, &(struct folder_numbers){ .id = sql_i64(st, 0),
							.uid_next = (uint32_t)sql_i64(st, 1),
							.total = sql_u64(st, 2),
							.unread = sql_u64(st, 3),
							.head = sql_u64(st, 4) }));
	}
}

enum err folder_mounts(struct arena *a, struct store_tx *tx, struct folder **ret, size_t *ret_n)
{
	return rows_of(a, tx, FOLDER_MOUNTS, (struct stmt_args){ 0 }, ret, ret_n);
}

enum err folder_is_mount(struct store_tx *tx, int64_t id, bool *ret)
{
	int64_t n;

	TRY(stmt_number(tx, &folder_sql[FOLDER_IS_MOUNT], ARGS(id), &n));
	*ret = n > 0;
	return ERR_OK;
}

struct ranked {
	unsigned depth;
	struct folder folder;
};

static int by_id(const void *key, const void *row)
{
	int64_t id = *(const int64_t *)key, other = ((const struct folder *)row)->id;

	return (id > other) - (id < other);
}

static int by_rank(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	return (a->folder.id > b->folder.id) - (a->folder.id < b->folder.id);
}

static unsigned depth_of(const struct folder *rows, size_t n, const struct folder *f)
{
	unsigned depth = 0;

	while (f->parent != FOLDER_ROOT && depth <= FOLDER_DEPTH_MAX) {
		f = bsearch(&f->parent, rows, n, sizeof(*rows), by_id);
		if (!f)
			break;
		depth++;
	}
	return depth;
}

enum err folder_rows_sort(struct arena *a, struct folder *rows, size_t n)
{
	struct ranked *ranked;

	if (n == 0)
		return ERR_OK;
	ranked = arena_array(a, n, sizeof(*ranked));
	if (!ranked)
		return ERR_LIMIT;
	for (size_t i = 0; i < n; i++)
		ranked[i] = (struct ranked){ depth_of(rows, n, &rows[i]), rows[i] };
	qsort(ranked, n, sizeof(*ranked), by_rank);
	for (size_t i = 0; i < n; i++)
		rows[i] = ranked[i].folder;
	return ERR_OK;
}

enum err folder_by_role(struct store_tx *tx, enum folder_role role, int64_t *ret_id)
{
	return stmt_number(tx, &folder_sql[FOLDER_BY_ROLE], ARGS(role), ret_id);
}

enum err folder_by_name(struct store_tx *tx, int64_t parent, enum folder_class class, struct str name, int64_t *ret_id)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	/* RFC 9051 5.1: INBOX means the Inbox in any case. */
	if (parent == FOLDER_ROOT && class <= FOLDER_MAIL && str_ieq(name, S("INBOX")))
		return folder_by_role(tx, FOLDER_INBOX, ret_id);
	TRY(stmt_open(tx, &folder_sql[FOLDER_BY_NAME], ARGS(parent, class), &st));
	sql_bind_text(st, 4, name);
	TRY(sql_one(st));
	*ret_id = sql_i64(st, 0);
	return ERR_OK;
}

enum err folder_bounds(struct store_tx *tx, int64_t folder, uint64_t *ret_head, uint64_t *ret_purged)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &folder_sql[FOLDER_BOUNDS], ARGS(folder), &st));
	TRY(sql_one(st));
	*ret_head = sql_u64(st, 0);
	*ret_purged = sql_u64(st, 1);
	return ERR_OK;
}

enum err folder_head(struct store_tx *tx, int64_t id, uint64_t *ret)
{
	uint64_t purged;

	return folder_bounds(tx, id, ret, &purged);
}

enum err folder_touch(struct store_tx *tx, const struct folder_touch *t)
{
	uint64_t change;

	TRY(store_change_number(tx, &change));
	TRY(stmt_run(tx, &folder_sql[FOLDER_TOUCH], ARGS(t->folder, num(change), t->total, t->unread, t->bytes)));
	if (sql_changes(store_tx_db(tx)) == 0)
		return ERR_NOT_FOUND;
	store_touched(tx, t->folder, t->author);
	return ERR_OK;
}

enum err folder_take_uids(struct store_tx *tx, int64_t folder, uint64_t n, uint32_t *ret)
{
	uint64_t head;
	int64_t uid;
	enum err e = stmt_number(tx, &folder_sql[FOLDER_UID], ARGS(folder, num(n)), &uid);

	if (e == ERR_NOT_FOUND) {
		TRY(folder_head(tx, folder, &head));
		return ERR_LIMIT;
	}
	if (!e)
		*ret = (uint32_t)uid;
	return e;
}
