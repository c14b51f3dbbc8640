/* Who has which policy. */
#include <store/policy.h>

#include <store/address.h>
#include <store/rows.h>
#include <store/stmt.h>

#include <assert.h>

enum assignment_stmt { ASSIGNMENT_PUT, ASSIGNMENT_DROP, ASSIGNMENT_LIST, ASSIGNMENT_OF, ASSIGNMENT_STMT_MAX_ };
static const struct sql_def assignment_sql[] = {
	[ASSIGNMENT_PUT] = { "assignment_put",
			     "INSERT INTO policy_assignment (scope, target, policy_id) VALUES ($1, $2, $3)"
			     " ON CONFLICT (scope, target) DO UPDATE SET policy_id = excluded.policy_id" },
	[ASSIGNMENT_DROP] = { "assignment_drop", "DELETE FROM policy_assignment WHERE scope = $1 AND target = $2" },
	[ASSIGNMENT_LIST] = { "assignment_list",
			      "SELECT s.scope, COALESCE(a.address, g.name, ''), COALESCE(p.name, '" POLICY_NONE "')"
			      " FROM policy_assignment s"
			      " LEFT JOIN address a ON s.scope = 1 AND a.account_id = s.target AND a.is_primary = 1"
			      " LEFT JOIN account_group g ON s.scope = 2 AND g.group_id = s.target"
			      " LEFT JOIN policy p ON p.policy_id = s.policy_id ORDER BY 1, 2" },
	/* The nearest one; of groups the first by name. */
	[ASSIGNMENT_OF] = { "assignment_of", "SELECT s.policy_id FROM policy_assignment s"
					     " LEFT JOIN account_group g ON s.scope = 2 AND g.group_id = s.target"
					     " WHERE (s.scope = 1 AND s.target = $1) OR (s.scope = 2 AND s.target IN"
					     " (SELECT group_id FROM account_group_member WHERE account_id = $1))"
					     " OR (s.scope = 3 AND s.target = 0) ORDER BY s.scope, g.name LIMIT 1" },
};
static_assert(countof(assignment_sql) == ASSIGNMENT_STMT_MAX_, "one text per statement");

enum err policy_assign(struct store_tx *tx, enum policy_scope scope, int64_t target, int64_t policy)
{
	TRY(directory_run(tx, &assignment_sql[ASSIGNMENT_PUT], ARGS(scope, target, policy)));
	return account_changed(tx);
}

enum err policy_unassign(struct store_tx *tx, enum policy_scope scope, int64_t target)
{
	TRY(directory_run(tx, &assignment_sql[ASSIGNMENT_DROP], ARGS(scope, target)));
	return sql_changes(store_tx_db(tx)) ? account_changed(tx) : ERR_NOT_FOUND;
}

static enum err read_assignment(struct arena *a, const struct sql_stmt *st, struct policy_assignment *ret)
{
	ret->scope = (enum policy_scope)sql_i64(st, 0);
	TRY(arena_str(a, sql_str(st, 1), &ret->target));
	return arena_str(a, sql_str(st, 2), &ret->policy);
}

ROWS_READER(read_assignments, struct policy_assignment, read_assignment)

enum err policy_assignments(struct arena *a, struct store_tx *tx, struct policy_assignment **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &assignment_sql[ASSIGNMENT_LIST], NO_ARGS, &st));
	return read_assignments(a, st, ret, ret_n);
}

enum err policy_of_account(struct arena *a, struct store_tx *tx, int64_t account, struct policy *ret)
{
	int64_t id;
	enum err e = directory_number(tx, &assignment_sql[ASSIGNMENT_OF], ARGS(account), &id);

	if (e && e != ERR_NOT_FOUND)
		return e;
	if (!e && id)
		return policy_get(a, tx, id, ret);
	*ret = policy_none();
	return ERR_OK;
}
