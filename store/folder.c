/* What people do to folders: create, rename, move, delete; and the folders that every mailbox has. */
#include <store/counter.h>
#include <store/folder_rows.h>
#include <store/stmt.h>
#include <store/sync.h>

#include <base/utf8.h>

enum folder_stmt {
	FOLDER_ROOT_MAKE,
	FOLDER_ROOT_HEAD,
	FOLDER_COUNT,
	FOLDER_PARENT,
	FOLDER_MOUNTS,
	FOLDER_MOUNTED,
	FOLDER_INSERT,
	FOLDER_RENAME,
	FOLDER_DELETE,
	FOLDER_UNMARK,
	FOLDER_REMARK,
	FOLDER_RENEW_UIDS,
	FOLDER_UNMARK_DELETED,
	FOLDER_STMT_MAX_
};
static const struct sql_def folder_sql[] = {
	[FOLDER_ROOT_MAKE] = { "folder_root_make",
			       "INSERT INTO folder (mailbox_id, folder_id, parent_id, name, role, class, uid_validity,"
			       " uid_next, head_change, purged_change, total, unread, created_change, modified_change,"
			       " deleted_change, created_by, modified_by, deleted_by)"
			       " VALUES ($1, 0, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)"
			       " ON CONFLICT DO NOTHING" },
	[FOLDER_ROOT_HEAD] = { "folder_root_head", "UPDATE folder SET head_change = $2"
						   " WHERE mailbox_id = $1 AND folder_id = 0" },
	[FOLDER_COUNT] = { "folder_count", "SELECT COUNT(*) FROM folder"
					   " WHERE mailbox_id = $1 AND folder_id > 0 AND deleted_change = 0" },
	[FOLDER_PARENT] = { "folder_parent", "SELECT parent_id FROM folder"
					     " WHERE mailbox_id = $1 AND folder_id = $2 AND deleted_change = 0"
					     " AND mount_mailbox = 0" },
	[FOLDER_MOUNTS] = { "folder_mounts_n", "SELECT COUNT(*) FROM folder"
					       " WHERE mailbox_id = $1 AND mount_mailbox > 0 AND deleted_change = 0" },
	[FOLDER_MOUNTED] = { "folder_mounted",
			     "SELECT COUNT(*) FROM folder WHERE mailbox_id = $1 AND mount_mailbox = $2"
			     " AND mount_folder = $3 AND mount_mailbox > 0 AND deleted_change = 0" },
	[FOLDER_INSERT] = { "folder_insert",
			    "INSERT INTO folder (mailbox_id, folder_id, parent_id, name, role, class, uid_validity,"
			    " uid_next, head_change, purged_change, total, unread, created_change, modified_change,"
			    " deleted_change, created_by, modified_by, deleted_by, mount_mailbox, mount_folder)"
			    " VALUES ($1, $2, $3, $9, $4, $5, $6, 1, $7, 0, 0, 0, $7, $7, 0, $8, $8, 0, $10, $11)" },
	[FOLDER_RENAME] = { "folder_rename",
			    "UPDATE folder SET parent_id = $3, modified_change = $4, modified_by = $5, name = $6"
			    " WHERE mailbox_id = $1 AND folder_id = $2" },
	[FOLDER_DELETE] = { "folder_delete", "UPDATE folder SET deleted_change = $3, deleted_by = $4"
					     " WHERE mailbox_id = $1 AND folder_id = $2" },
	[FOLDER_UNMARK] = { "folder_unmark", "UPDATE folder SET modified_change = $3, modified_by = 0,"
					     " created_by = CASE WHEN $4 = 1 THEN 0 ELSE created_by END"
					     " WHERE mailbox_id = $1 AND folder_id = $2" },
	[FOLDER_REMARK] = { "folder_remark", "UPDATE folder SET created_by = $3"
					     " WHERE mailbox_id = $1 AND folder_id = $2" },
	[FOLDER_RENEW_UIDS] = { "folder_renew_uids", "UPDATE folder SET uid_validity = $3"
						     " WHERE mailbox_id = $1 AND folder_id = $2" },
	[FOLDER_UNMARK_DELETED] = { "folder_unmark_deleted",
				    /* With what was below it, and went in the same change. */
				    "UPDATE folder SET deleted_change = $3, deleted_by = 0"
				    " WHERE mailbox_id = $1 AND deleted_by = $4 AND deleted_change ="
				    " (SELECT deleted_change FROM folder WHERE mailbox_id = $1 AND folder_id = $2"
				    " AND deleted_by = $4 AND deleted_change > 0)" },
};
static_assert(countof(folder_sql) == FOLDER_STMT_MAX_, "one text per statement");

/* The hierarchy got the transaction's change number. */
static enum err hierarchy_touch(struct store_tx *tx, int64_t author, uint64_t *ret_change)
{
	TRY(store_change_number(tx, ret_change));
	TRY(stmt_run(tx, &folder_sql[FOLDER_ROOT_HEAD], ARGS(num(*ret_change))));
	store_touched(tx, FOLDER_ROOT, author);
	return ERR_OK;
}

static enum err name_check(struct str name)
{
	if (name.n > FOLDER_NAME_MAX)
		return ERR_LIMIT;
	if (name.n == 0 || !utf8_valid(name))
		return ERR_INVALID;
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c < 0x20 || c == 0x7f)
			return ERR_INVALID;
	}
	return ERR_OK;
}

/* ERR_EXISTS where the question "is there one?" is answered with yes; other errors pass. */
static enum err must_be_free(enum err found)
{
	return found == ERR_NOT_FOUND ? ERR_OK : found ? found : ERR_EXISTS;
}

/* Of its class: a desktop sees nothing of calendars and contacts, and may have a mailbox "Notes" of its own. */
static enum err name_must_be_free(struct store_tx *tx, int64_t parent, enum folder_class class, struct str name,
				  int64_t self)
{
	int64_t id;
	enum err e = folder_by_name(tx, parent, class, name, &id);

	return !e && id == self ? ERR_OK : must_be_free(e);
}

/* Depth of what lies below `parent`: 1 for the root. ERR_DENIED where `self` is on the way up. */
static enum err depth_below(struct store_tx *tx, int64_t parent, int64_t self, unsigned *ret)
{
	unsigned depth = 1;

	for (; parent != FOLDER_ROOT; depth++) {
		if (parent == self)
			return ERR_DENIED;
		if (depth > FOLDER_DEPTH_MAX)
			return ERR_CORRUPT;
		TRY(stmt_number(tx, &folder_sql[FOLDER_PARENT], ARGS(parent), &parent));
	}
	*ret = depth;
	return ERR_OK;
}

static enum err mount_check(struct store_tx *tx, const struct folder_new *f)
{
	int64_t n, same;

	if (f->role || f->mount_mailbox == store_tx_mailbox(tx) || f->mount_folder <= 0)
		return ERR_INVALID;
	TRY(stmt_number(tx, &folder_sql[FOLDER_MOUNTS], (struct stmt_args){ 0 }, &n));
	TRY(stmt_number(tx, &folder_sql[FOLDER_MOUNTED], ARGS(f->mount_mailbox, f->mount_folder), &same));
	return same ? ERR_EXISTS : n >= FOLDER_MOUNTS_MAX ? ERR_LIMIT : ERR_OK;
}

enum err folder_count(struct store_tx *tx, int64_t *ret)
{
	return stmt_number(tx, &folder_sql[FOLDER_COUNT], NO_ARGS, ret);
}

static enum err create_check(struct store_tx *tx, const struct folder_new *f)
{
	unsigned depth;
	int64_t n;

	TRY(name_check(f->name));
	if (f->class < FOLDER_MAIL || f->class >= FOLDER_CLASS_MAX_ || f->role >= FOLDER_ROLE_MAX_)
		return ERR_INVALID;
	TRY(depth_below(tx, f->parent, -1, &depth));
	TRY(folder_count(tx, &n));
	if (depth > FOLDER_DEPTH_MAX || n >= FOLDER_MAX)
		return ERR_LIMIT;
	if (f->mount_mailbox)
		TRY(mount_check(tx, f));
	if (f->role)
		TRY(must_be_free(folder_by_role(tx, f->role, &n)));
	return name_must_be_free(tx, f->parent, f->class, f->name, -1);
}

enum err folder_create(struct store_tx *tx, const struct folder_new *f, int64_t *ret_id)
{
	int64_t id, uid_validity;
	uint64_t change;
	struct sql_stmt *st;

	TRY(create_check(tx, f));
	TRY(counter_folder(tx, &id));
	TRY(counter_uid_validity(tx, &uid_validity));
	TRY(hierarchy_touch(tx, f->by.device, &change));
	TRY(stmt_open(tx, &folder_sql[FOLDER_INSERT],
		      ARGS(id, f->parent, f->role, f->class, uid_validity, num(change), f->by.device), &st));
	sql_bind_text(st, 9, f->name);
	sql_bind_i64(st, 10, f->mount_mailbox);
	sql_bind_i64(st, 11, f->mount_folder);
	TRY(sql_run(st));
	*ret_id = id;
	return ERR_OK;
}

static const struct {
	enum folder_role role;
	enum folder_class class;
	struct str name;
} defaults[] = {
	/* 0011_classes.sql makes the same in older mailboxes */
	{ FOLDER_INBOX, FOLDER_MAIL, STR_INIT("Inbox") },
	{ FOLDER_DRAFTS, FOLDER_MAIL, STR_INIT("Drafts") },
	{ FOLDER_DELETED, FOLDER_MAIL, STR_INIT("Deleted Items") },
	{ FOLDER_SENT, FOLDER_MAIL, STR_INIT("Sent Items") },
	{ FOLDER_OUTBOX, FOLDER_MAIL, STR_INIT("Outbox") },
	{ FOLDER_JUNK, FOLDER_MAIL, STR_INIT("Junk E-mail") },
	{ FOLDER_DEFAULT_CALENDAR, FOLDER_CALENDAR, STR_INIT("Calendar") },
	{ FOLDER_DEFAULT_CONTACTS, FOLDER_CONTACTS, STR_INIT("Contacts") },
	{ FOLDER_DEFAULT_TASKS, FOLDER_TASKS, STR_INIT("Tasks") },
	{ FOLDER_DEFAULT_NOTES, FOLDER_NOTES, STR_INIT("Notes") },
	{ FOLDER_RECIPIENT_CACHE, FOLDER_CONTACTS, STR_INIT("Recipient Cache") },
};

enum err folder_make_defaults(struct store_tx *tx)
{
	TRY(stmt_run(tx, &folder_sql[FOLDER_ROOT_MAKE], (struct stmt_args){ 0 }));
	for (size_t i = 0; i < countof(defaults); i++) {
		struct folder_new f = { .parent = FOLDER_ROOT,
					.name = defaults[i].name,
					.role = defaults[i].role,
					.class = defaults[i].class,
					.by = AUTHOR_NOBODY };
		int64_t id;
		enum err e = folder_by_role(tx, f.role, &id);

		if (e == ERR_NOT_FOUND)
			e = folder_create(tx, &f, &id);
		TRY(e);
	}
	return ERR_OK;
}

/* Levels of the tree of rows (parents first) that stand below `top`: 0 where it has no children. */
static unsigned height_of(struct folder *rows, size_t n, int64_t top, unsigned *below)
{
	unsigned height = 0;

	for (size_t i = 0; i < n; i++) {
		below[i] = rows[i].parent == top ? 1 : 0;
		for (size_t j = 0; j < i && !below[i]; j++)
			if (below[j] && rows[j].id == rows[i].parent)
				below[i] = below[j] + 1;
		if (below[i] > height)
			height = below[i];
	}
	return height;
}

struct subtree {
	struct folder *rows; /* every live folder */
	size_t n;
	unsigned *below; /* levels below the top; 0: not of the subtree */
	unsigned height;
};

static enum err subtree_read(struct arena *a, struct store_tx *tx, int64_t top, struct subtree *ret)
{
	TRY(folder_list(a, tx, &ret->rows, &ret->n));
	ret->below = arena_array(a, ret->n, sizeof(*ret->below));
	if (!ret->below)
		return ERR_LIMIT;
	ret->height = height_of(ret->rows, ret->n, top, ret->below);
	return ERR_OK;
}

enum { SUBTREE_BYTES = FOLDER_MAX * (sizeof(struct folder) * 6 + FOLDER_NAME_MAX) };

static enum err move_check(struct arena *a, struct store_tx *tx, const struct folder *f, int64_t parent)
{
	struct subtree tree;
	unsigned depth;

	TRY(depth_below(tx, parent, f->id, &depth));
	TRY(subtree_read(a, tx, f->id, &tree));
	return depth + tree.height > FOLDER_DEPTH_MAX ? ERR_LIMIT : ERR_OK;
}

enum err folder_update(struct store_tx *tx, int64_t id, int64_t parent, struct str name, const struct author *by)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(SUBTREE_BYTES);
	struct folder f;
	struct sql_stmt *st;
	uint64_t change;
	int64_t mark;

	TRY(name_check(name));
	TRY(folder_get(&a, tx, id, &f));
	if (f.parent == parent && str_eq(f.name, name))
		return ERR_OK;
	if (f.role != FOLDER_ROLE_NONE)
		return ERR_DENIED;
	if (f.parent != parent)
		TRY(move_check(&a, tx, &f, parent));
	TRY(name_must_be_free(tx, parent, f.class, name, id));
	mark = author_mark(by, f.modified, f.modified_by);
	TRY(hierarchy_touch(tx, mark, &change));
	TRY(stmt_open(tx, &folder_sql[FOLDER_RENAME], ARGS(id, parent, num(change), mark), &st));
	sql_bind_text(st, 6, name);
	return sql_run(st);
}

static enum err delete_tree(struct arena *a, struct store_tx *tx, int64_t id, const struct author *by)
{
	struct subtree tree;
	uint64_t change;

	TRY(subtree_read(a, tx, id, &tree));
	for (size_t i = 0; i < tree.n; i++)
		if (tree.rows[i].role != FOLDER_ROLE_NONE && (tree.below[i] || tree.rows[i].id == id))
			return ERR_DENIED;
	TRY(hierarchy_touch(tx, by->device, &change));
	for (size_t i = 0; i < tree.n; i++) {
		if (!tree.below[i] && tree.rows[i].id != id)
			continue;
		TRY(stmt_run(tx, &folder_sql[FOLDER_DELETE], ARGS(tree.rows[i].id, num(change), by->device)));
		store_touched(tx, tree.rows[i].id, STORE_NOBODY); /* holds on it must end */
	}
	return ERR_OK;
}

enum err folder_delete(struct store_tx *tx, int64_t id, const struct author *by)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(SUBTREE_BYTES);
	struct folder f;

	TRY(folder_get(&a, tx, id, &f));
	return f.mount_mailbox ? ERR_DENIED : delete_tree(&a, tx, id, by);
}

enum err folder_unmount(struct store_tx *tx, int64_t id)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(SUBTREE_BYTES);
	const struct author nobody = AUTHOR_NOBODY;
	struct folder f;

	TRY(folder_get(&a, tx, id, &f));
	return f.mount_mailbox ? delete_tree(&a, tx, id, &nobody) : ERR_INVALID;
}

enum err folder_renew_uids(struct store_tx *tx)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(SUBTREE_BYTES);
	struct folder *list;
	uint64_t change;
	size_t n;

	TRY(folder_list(&a, tx, &list, &n));
	TRY(hierarchy_touch(tx, STORE_NOBODY, &change));
	for (size_t i = 0; i < n; i++) {
		int64_t uid_validity;

		TRY(counter_uid_validity(tx, &uid_validity));
		TRY(stmt_run(tx, &folder_sql[FOLDER_RENEW_UIDS], ARGS(list[i].id, uid_validity)));
	}
	return ERR_OK;
}

enum err folder_unmark(struct store_tx *tx, int64_t id, int kind, int64_t device)
{
	uint64_t change;

	TRY(hierarchy_touch(tx, STORE_NOBODY, &change));
	if (kind == SYNC_DELETE)
		return stmt_run(tx, &folder_sql[FOLDER_UNMARK_DELETED], ARGS(id, num(change), device));
	return stmt_run(tx, &folder_sql[FOLDER_UNMARK], ARGS(id, num(change), kind == SYNC_ADD));
}

enum err folder_remark(struct store_tx *tx, int64_t id, int64_t device)
{
	return stmt_run(tx, &folder_sql[FOLDER_REMARK], ARGS(id, device));
}
