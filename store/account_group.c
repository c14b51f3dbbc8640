#include <store/account_group.h>

#include <store/address.h>
#include <store/policy.h>
#include <store/rows.h>
#include <store/stmt.h>

#include <assert.h>

enum group_stmt {
	GROUP_INSERT,
	GROUP_FIND,
	GROUP_LIST,
	GROUP_MEMBERS,
	GROUP_DELETE_MEMBERS,
	GROUP_DELETE_ASSIGNMENT,
	GROUP_DELETE,
	GROUP_ADD,
	GROUP_REMOVE,
	GROUP_STMT_MAX_
};
static const struct sql_def group_sql[] = {
	[GROUP_INSERT] = { "group_insert", "INSERT INTO account_group (name) VALUES ($1)" },
	[GROUP_FIND] = { "group_find", "SELECT group_id FROM account_group WHERE name = $1" },
	[GROUP_LIST] = { "group_list", "SELECT group_id, name, (SELECT COUNT(*) FROM account_group_member m"
				       " WHERE m.group_id = g.group_id) FROM account_group g ORDER BY name" },
	[GROUP_MEMBERS] = { "group_members", "SELECT a.address FROM account_group_member m JOIN address a"
					     " ON a.account_id = m.account_id AND a.is_primary = 1"
					     " WHERE m.group_id = $1 ORDER BY a.folded" },
	[GROUP_DELETE_MEMBERS] = { "group_delete_members", "DELETE FROM account_group_member WHERE group_id = $1" },
	[GROUP_DELETE_ASSIGNMENT] = { "group_delete_assignment",
				      "DELETE FROM policy_assignment WHERE scope = 2 AND target = $1" },
	[GROUP_DELETE] = { "group_delete", "DELETE FROM account_group WHERE group_id = $1" },
	[GROUP_ADD] = { "group_add", "INSERT INTO account_group_member (group_id, account_id) VALUES ($1, $2)"
				     " ON CONFLICT DO NOTHING" },
	[GROUP_REMOVE] = { "group_remove", "DELETE FROM account_group_member WHERE group_id = $1 AND account_id = $2" },
};
static_assert(countof(group_sql) == GROUP_STMT_MAX_, "one text per statement");

enum err account_group_find(struct store_tx *tx, struct str name, int64_t *ret_id)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	if (!policy_name_valid(name))
		return ERR_NOT_FOUND;
	TRY(directory_open(tx, &group_sql[GROUP_FIND], NO_ARGS, &st));
	sql_bind_text(st, 1, name);
	TRY(sql_one(st));
	*ret_id = sql_i64(st, 0);
	return ERR_OK;
}

enum err account_group_create(struct store_tx *tx, struct str name)
{
	struct sql_stmt *st;
	int64_t id;
	enum err e;

	if (!policy_name_valid(name))
		return ERR_INVALID;
	e = account_group_find(tx, name, &id);
	if (e != ERR_NOT_FOUND)
		return e ? e : ERR_EXISTS;
	TRY(directory_open(tx, &group_sql[GROUP_INSERT], NO_ARGS, &st));
	sql_bind_text(st, 1, name);
	return sql_run(st);
}

enum err account_group_delete(struct store_tx *tx, int64_t id)
{
	TRY(directory_run(tx, &group_sql[GROUP_DELETE_MEMBERS], ARGS(id)));
	TRY(directory_run(tx, &group_sql[GROUP_DELETE_ASSIGNMENT], ARGS(id)));
	TRY(directory_run(tx, &group_sql[GROUP_DELETE], ARGS(id)));
	return sql_changes(store_tx_db(tx)) ? account_changed(tx) : ERR_NOT_FOUND;
}

static enum err read_group(struct arena *a, const struct sql_stmt *st, struct account_group *ret)
{
	ret->id = sql_i64(st, 0);
	ret->members = sql_u64(st, 2);
	return arena_str(a, sql_str(st, 1), &ret->name);
}

ROWS_READER(read_groups, struct account_group, read_group)

enum err account_group_list(struct arena *a, struct store_tx *tx, struct account_group **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &group_sql[GROUP_LIST], NO_ARGS, &st));
	return read_groups(a, st, ret, ret_n);
}

enum err account_group_members(struct arena *a, struct store_tx *tx, int64_t id, struct str **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &group_sql[GROUP_MEMBERS], ARGS(id), &st));
	return rows_texts(a, st, ret, ret_n);
}

enum err account_group_add(struct store_tx *tx, int64_t id, int64_t account)
{
	TRY(directory_run(tx, &group_sql[GROUP_ADD], ARGS(id, account)));
	return account_changed(tx);
}

enum err account_group_remove(struct store_tx *tx, int64_t id, int64_t account)
{
	TRY(directory_run(tx, &group_sql[GROUP_REMOVE], ARGS(id, account)));
	return sql_changes(store_tx_db(tx)) ? account_changed(tx) : ERR_NOT_FOUND;
}
