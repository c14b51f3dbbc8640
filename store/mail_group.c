#include <store/mail_group.h>

#include <base/utf8.h>
#include <store/address.h>
#include <store/rows.h>
#include <store/stmt.h>

#define GROUP_SELECT                                               \
	"SELECT g.group_id, g.address, g.display_name, g.senders," \
	" (SELECT COUNT(*) FROM mail_group_member m WHERE m.group_id = g.group_id) FROM mail_group g"
/* The groups in $1, and those it is in; each with how deep, which ends what would else be a circle. */
#define BELOW                                                                                                   \
	"WITH RECURSIVE inside (group_id, depth) AS (SELECT group_id, 1 FROM mail_group WHERE group_id = $1"    \
	" UNION SELECT m.target, i.depth + 1 FROM inside i JOIN mail_group_member m ON m.group_id = i.group_id" \
	" AND m.kind = 2 WHERE i.depth <= " DEPTH_MAX ")"
#define ABOVE                                                                                                   \
	"WITH RECURSIVE around (group_id, depth) AS (SELECT group_id, 1 FROM mail_group WHERE group_id = $1"    \
	" UNION SELECT m.group_id, a.depth + 1 FROM around a JOIN mail_group_member m ON m.target = a.group_id" \
	" AND m.kind = 2 WHERE a.depth <= " DEPTH_MAX ")"
#define DEPTH_MAX "8"
_Static_assert(GROUP_DEPTH_MAX == sizeof("12345678") - 1, "DEPTH_MAX says the same");
/* MIN(): people are grouped by who they are, and who is elsewhere may be written in two ways. */
#define MEMBER_COLUMNS                                                                            \
	" m.kind, m.target, MIN(COALESCE(a.address, g.address, m.address)),"                      \
	" MIN(COALESCE(p.display_name, g.display_name, ''))"                                      \
	" FROM mail_group_member m LEFT JOIN address a ON m.kind = 1 AND a.account_id = m.target" \
	" AND a.is_primary = 1 LEFT JOIN account p ON m.kind = 1 AND p.account_id = m.target"     \
	" LEFT JOIN mail_group g ON m.kind = 2 AND g.group_id = m.target"

enum group_stmt {
	GROUP_OWNER,
	GROUP_INSERT,
	GROUP_GET,
	GROUP_LIST,
	GROUP_SET_NAME,
	GROUP_SET_SENDERS,
	GROUP_DELETE_MEMBERS,
	GROUP_LEAVE_ALL,
	GROUP_DELETE,
	GROUP_MEMBER_ADD,
	GROUP_MEMBER_REMOVE,
	GROUP_ADOPT,
	GROUP_ADOPTED,
	GROUP_MEMBERS,
	GROUP_PEOPLE,
	GROUP_COUNT_PEOPLE,
	GROUP_HAS,
	GROUP_REACHES_OUT,
	GROUP_AROUND,
	GROUP_DEPTH_BELOW,
	GROUP_DEPTH_ABOVE,
	GROUP_HAS_GROUP,
	GROUP_STMT_MAX_
};
static const struct sql_def group_sql[] = {
	[GROUP_OWNER] = { "mail_group_owner", "SELECT group_id FROM mail_group WHERE folded = $1" },
	[GROUP_INSERT] = { "mail_group_insert", "INSERT INTO mail_group (folded, address, display_name, senders)"
						" VALUES ($1, $2, $3, 0) RETURNING group_id" },
	[GROUP_GET] = { "mail_group_get", GROUP_SELECT " WHERE g.group_id = $1" },
	[GROUP_LIST] = { "mail_group_list", GROUP_SELECT " WHERE g.group_id > $1 ORDER BY g.group_id LIMIT $2" },
	[GROUP_SET_NAME] = { "mail_group_set_name", "UPDATE mail_group SET display_name = $2 WHERE group_id = $1" },
	[GROUP_SET_SENDERS] = { "mail_group_set_senders", "UPDATE mail_group SET senders = $2 WHERE group_id = $1" },
	[GROUP_DELETE_MEMBERS] = { "mail_group_delete_members", "DELETE FROM mail_group_member WHERE group_id = $1" },
	[GROUP_LEAVE_ALL] = { "mail_group_leave_all", "DELETE FROM mail_group_member WHERE kind = $1 AND target = $2" },
	[GROUP_DELETE] = { "mail_group_delete", "DELETE FROM mail_group WHERE group_id = $1" },
	[GROUP_MEMBER_ADD] = { "mail_group_member_add",
			       "INSERT INTO mail_group_member (group_id, kind, target, folded, address)"
			       " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING" },
	[GROUP_MEMBER_REMOVE] = { "mail_group_member_remove",
				  "DELETE FROM mail_group_member"
				  " WHERE group_id = $1 AND kind = $2 AND target = $3 AND folded = $4" },
	[GROUP_ADOPT] = { "mail_group_adopt", "INSERT INTO mail_group_member (group_id, kind, target, folded, address)"
					      " SELECT group_id, $1, $2, '', '' FROM mail_group_member"
					      " WHERE kind = 3 AND folded = $3 ON CONFLICT DO NOTHING" },
	[GROUP_ADOPTED] = { "mail_group_adopted", "DELETE FROM mail_group_member WHERE kind = 3 AND folded = $1" },
	[GROUP_MEMBERS] = { "mail_group_members",
			    "SELECT" MEMBER_COLUMNS " WHERE m.group_id = $1 GROUP BY m.kind, m.target, m.folded"
			    " ORDER BY m.kind = 2 DESC, m.kind, 3" },
	[GROUP_PEOPLE] = { "mail_group_people", BELOW " SELECT" MEMBER_COLUMNS " WHERE m.kind <> 2"
						      " AND m.group_id IN (SELECT group_id FROM inside)"
						      " GROUP BY m.kind, m.target, m.folded ORDER BY 3" },
	[GROUP_COUNT_PEOPLE] = { "mail_group_count_people",
				 BELOW " SELECT COUNT(*) FROM (SELECT DISTINCT kind, target, folded"
				       " FROM mail_group_member WHERE kind <> 2"
				       " AND group_id IN (SELECT group_id FROM inside)) people" },
	[GROUP_HAS] = { "mail_group_has", BELOW " SELECT 1 FROM mail_group_member WHERE kind = 1 AND target = $2"
						" AND group_id IN (SELECT group_id FROM inside) LIMIT 1" },
	[GROUP_REACHES_OUT] = { "mail_group_reaches_out",
				BELOW " SELECT 1 FROM mail_group_member WHERE kind = 3"
				      " AND group_id IN (SELECT group_id FROM inside) LIMIT 1" },
	[GROUP_AROUND] = { "mail_group_around", ABOVE " SELECT DISTINCT group_id FROM around" },
	[GROUP_DEPTH_BELOW] = { "mail_group_depth_below", BELOW " SELECT MAX(depth) FROM inside" },
	[GROUP_DEPTH_ABOVE] = { "mail_group_depth_above", ABOVE " SELECT MAX(depth) FROM around" },
	[GROUP_HAS_GROUP] = { "mail_group_has_group", BELOW " SELECT 1 FROM inside WHERE group_id = $2 LIMIT 1" },
};
static_assert(countof(group_sql) == GROUP_STMT_MAX_, "one text per statement");

/* ---- words ---- */

static const char *const senders_names[] = {
	[GROUP_SENDERS_ACCOUNTS] = "accounts",
	[GROUP_SENDERS_MEMBERS] = "members",
	[GROUP_SENDERS_ANYONE] = "anyone",
};
static_assert(countof(senders_names) == GROUP_SENDERS_MAX_, "a word for each");

const char *group_senders_name(enum group_senders senders)
{
	return senders_names[senders];
}

enum err group_senders_parse(struct str name, enum group_senders *ret)
{
	for (size_t i = 0; i < countof(senders_names); i++) {
		if (!str_eq(name, str_of(senders_names[i])))
			continue;
		*ret = (enum group_senders)i;
		return ERR_OK;
	}
	return ERR_INVALID;
}

/* ---- groups ---- */

static enum err check_name(struct str name)
{
	if (name.n > ACCOUNT_NAME_MAX)
		return ERR_LIMIT;
	return utf8_is_line(name) ? ERR_OK : ERR_INVALID;
}

static enum err owner(struct store_tx *tx, const struct address *a, int64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &group_sql[GROUP_OWNER], NO_ARGS, &st));
	sql_bind_text(st, 1, address_folded(a));
	TRY(sql_one(st));
	*ret = sql_i64(st, 0);
	return ERR_OK;
}

static enum err insert(struct store_tx *tx, const struct address *a, struct str name, int64_t *ret_id)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &group_sql[GROUP_INSERT], NO_ARGS, &st));
	sql_bind_text(st, 1, address_folded(a));
	sql_bind_text(st, 2, a->written);
	sql_bind_text(st, 3, name);
	TRY(sql_one(st));
	*ret_id = sql_i64(st, 0);
	return ERR_OK;
}

static enum err adopt(struct store_tx *tx, enum group_member_kind kind, int64_t target, struct str folded)
{
	struct sql_stmt *st;

	TRY(directory_open(tx, &group_sql[GROUP_ADOPT], ARGS(kind, target), &st));
	sql_bind_text(st, 3, folded);
	TRY(sql_run(st));
	TRY(directory_open(tx, &group_sql[GROUP_ADOPTED], NO_ARGS, &st));
	sql_bind_text(st, 1, folded);
	return sql_run(st);
}

enum err mail_group_adopt(struct store_tx *tx, int64_t account, struct str folded)
{
	return adopt(tx, GROUP_MEMBER_ACCOUNT, account, folded);
}

/* Nobody is in it yet, so that it makes no circle. */
static enum err adopt_group(struct store_tx *tx, int64_t id, struct str folded)
{
	int64_t depth;

	TRY(adopt(tx, GROUP_MEMBER_GROUP, id, folded));
	TRY(directory_number(tx, &group_sql[GROUP_DEPTH_ABOVE], ARGS(id), &depth));
	return depth > GROUP_DEPTH_MAX ? ERR_LIMIT : ERR_OK;
}

enum err mail_group_add(struct store_tx *tx, struct str address, struct str name, int64_t *ret_id)
{
	struct address parsed;
	int64_t other;
	bool ours;

	TRY(address_parse(address, &parsed));
	TRY(check_name(name));
	TRY(account_domain_known(tx, account_domain(address), &ours));
	if (!ours)
		return ERR_DENIED;
	enum err e = address_owner(tx, &parsed, &other);
	if (e == ERR_NOT_FOUND)
		e = owner(tx, &parsed, &other);
	if (e != ERR_NOT_FOUND)
		return e ? e : ERR_EXISTS;
	TRY(insert(tx, &parsed, name, ret_id));
	TRY(adopt_group(tx, *ret_id, address_folded(&parsed)));
	return account_changed(tx);
}

enum err mail_group_remove(struct store_tx *tx, int64_t id)
{
	TRY(directory_run(tx, &group_sql[GROUP_DELETE_MEMBERS], ARGS(id)));
	TRY(directory_run(tx, &group_sql[GROUP_LEAVE_ALL], ARGS(GROUP_MEMBER_GROUP, id)));
	TRY(directory_run(tx, &group_sql[GROUP_DELETE], ARGS(id)));
	return sql_changes(store_tx_db(tx)) ? account_changed(tx) : ERR_NOT_FOUND;
}

static enum err read_group(struct arena *a, const struct sql_stmt *st, struct mail_group *ret)
{
	int64_t senders = sql_i64(st, 3);

	if (senders < 0 || senders >= GROUP_SENDERS_MAX_)
		return ERR_CORRUPT;
	*ret = (struct mail_group){ .id = sql_i64(st, 0),
				    .senders = (enum group_senders)senders,
				    .members = sql_u64(st, 4) };
	TRY(arena_str(a, sql_str(st, 1), &ret->address));
	return arena_str(a, sql_str(st, 2), &ret->name);
}

enum err mail_group_find(struct arena *a, struct store_tx *tx, struct str address, struct mail_group *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct address parsed;
	int64_t id;

	if (address_parse(address, &parsed) != ERR_OK)
		return ERR_NOT_FOUND; /* what cannot be an address is nobody's */
	TRY(owner(tx, &parsed, &id));
	TRY(directory_open(tx, &group_sql[GROUP_GET], ARGS(id), &st));
	TRY(sql_one(st));
	return read_group(a, st, ret);
}

ROWS_READER(read_groups, struct mail_group, read_group)

enum err mail_group_list(struct arena *a, struct store_tx *tx, int64_t after, size_t limit, struct mail_group **ret,
			 size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &group_sql[GROUP_LIST], ARGS(after, num(limit)), &st));
	return read_groups(a, st, ret, ret_n);
}

static enum err changed(struct store_tx *tx)
{
	return sql_changes(store_tx_db(tx)) ? account_changed(tx) : ERR_NOT_FOUND;
}

enum err mail_group_set_name(struct store_tx *tx, int64_t id, struct str name)
{
	struct sql_stmt *st;

	TRY(check_name(name));
	TRY(directory_open(tx, &group_sql[GROUP_SET_NAME], ARGS(id), &st));
	sql_bind_text(st, 2, name);
	TRY(sql_run(st));
	return changed(tx);
}

enum err mail_group_set_senders(struct store_tx *tx, int64_t id, enum group_senders senders)
{
	TRY(directory_run(tx, &group_sql[GROUP_SET_SENDERS], ARGS(id, senders)));
	return changed(tx);
}

/* ---- members ---- */

/* Which row an address is. */
struct place {
	enum group_member_kind kind;
	int64_t target;
	struct address address;
};

static enum err find_place(struct store_tx *tx, struct str address, struct place *ret)
{
	enum err e;

	TRY(address_parse(address, &ret->address));
	ret->kind = GROUP_MEMBER_ACCOUNT;
	e = address_owner(tx, &ret->address, &ret->target);
	if (e != ERR_NOT_FOUND)
		return e;
	ret->kind = GROUP_MEMBER_GROUP;
	e = owner(tx, &ret->address, &ret->target);
	if (e != ERR_NOT_FOUND)
		return e;
	ret->kind = GROUP_MEMBER_ELSEWHERE;
	ret->target = 0;
	return ERR_OK;
}

static enum err bind_place(struct store_tx *tx, enum group_stmt which, int64_t id, const struct place *p,
			   struct sql_stmt **ret)
{
	TRY(directory_open(tx, &group_sql[which], ARGS(id, p->kind, p->target), ret));
	sql_bind_text(*ret, 4, p->kind == GROUP_MEMBER_ELSEWHERE ? address_folded(&p->address) : S(""));
	return ERR_OK;
}

static enum err insert_member(struct store_tx *tx, int64_t id, const struct place *p)
{
	struct sql_stmt *st;

	TRY(bind_place(tx, GROUP_MEMBER_ADD, id, p, &st));
	sql_bind_text(st, 5, p->kind == GROUP_MEMBER_ELSEWHERE ? p->address.written : S(""));
	return sql_run(st);
}

static enum err is_there(struct store_tx *tx, enum group_stmt which, struct stmt_args args, bool *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &group_sql[which], args, &st));
	return sql_step(st, ret);
}

/* Before group `inner` comes into `outer`. */
static enum err check_nesting(struct store_tx *tx, int64_t outer, int64_t inner)
{
	int64_t above, below;
	bool circle;

	TRY(is_there(tx, GROUP_HAS_GROUP, ARGS(inner, outer), &circle));
	if (circle)
		return ERR_DENIED;
	TRY(directory_number(tx, &group_sql[GROUP_DEPTH_ABOVE], ARGS(outer), &above));
	TRY(directory_number(tx, &group_sql[GROUP_DEPTH_BELOW], ARGS(inner), &below));
	return above + below > GROUP_DEPTH_MAX ? ERR_LIMIT : ERR_OK;
}

static enum err read_id(struct arena *a, const struct sql_stmt *st, int64_t *ret)
{
	(void)a;
	*ret = sql_i64(st, 0);
	return ERR_OK;
}

ROWS_READER(read_ids, int64_t, read_id)

/* After a member came into `id`: of it and of every group that it is in. */
static enum err check_people(struct store_tx *tx, int64_t id)
{
	enum { AROUND_BYTES = 4 * 1024 * 1024 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(AROUND_BYTES);
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	int64_t *around, people;
	size_t n;

	TRY(directory_open(tx, &group_sql[GROUP_AROUND], ARGS(id), &st));
	TRY(read_ids(&a, st, &around, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(directory_number(tx, &group_sql[GROUP_COUNT_PEOPLE], ARGS(around[i]), &people));
		if (people > GROUP_PEOPLE_MAX)
			return ERR_LIMIT;
	}
	return ERR_OK;
}

static enum err read_one(struct store_tx *tx, int64_t id, struct mail_group *ret)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(64 * 1024);
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &group_sql[GROUP_GET], ARGS(id), &st));
	TRY(sql_one(st));
	TRY(read_group(&a, st, ret));
	ret->address = ret->name = STR_EMPTY;
	return ERR_OK;
}

enum err mail_group_member_add(struct store_tx *tx, int64_t id, struct str address)
{
	struct mail_group group;
	struct place place;

	TRY(find_place(tx, address, &place));
	if (place.kind == GROUP_MEMBER_GROUP)
		TRY(check_nesting(tx, id, place.target));
	TRY(insert_member(tx, id, &place));
	if (sql_changes(store_tx_db(tx)) == 0)
		return ERR_OK;
	TRY(read_one(tx, id, &group));
	if (group.members > GROUP_MEMBERS_MAX)
		return ERR_LIMIT;
	TRY(check_people(tx, id));
	return account_changed(tx);
}

/* Somebody who was elsewhere may have an account by now. */
enum err mail_group_member_remove(struct store_tx *tx, int64_t id, struct str address)
{
	struct sql_stmt *st;
	struct place place;

	TRY(find_place(tx, address, &place));
	for (int i = 0; i < 2; i++) {
		TRY(bind_place(tx, GROUP_MEMBER_REMOVE, id, &place, &st));
		TRY(sql_run(st));
		if (sql_changes(store_tx_db(tx)))
			return account_changed(tx);
		place.kind = GROUP_MEMBER_ELSEWHERE;
		place.target = 0;
	}
	return ERR_NOT_FOUND;
}

static enum err read_member(struct arena *a, const struct sql_stmt *st, struct group_member *ret)
{
	ret->kind = (enum group_member_kind)sql_i64(st, 0);
	ret->target = sql_i64(st, 1);
	TRY(arena_str(a, sql_str(st, 2), &ret->address));
	return arena_str(a, sql_str(st, 3), &ret->name);
}

ROWS_READER(read_members, struct group_member, read_member)

enum err mail_group_members(struct arena *a, struct store_tx *tx, int64_t id, struct group_member **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &group_sql[GROUP_MEMBERS], ARGS(id), &st));
	return read_members(a, st, ret, ret_n);
}

enum err mail_group_people(struct arena *a, struct store_tx *tx, int64_t id, struct group_member **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &group_sql[GROUP_PEOPLE], ARGS(id), &st));
	return read_members(a, st, ret, ret_n);
}

enum err mail_group_has(struct store_tx *tx, int64_t id, int64_t account, bool *ret)
{
	return is_there(tx, GROUP_HAS, ARGS(id, account), ret);
}

enum err mail_group_reaches_out(struct store_tx *tx, int64_t id, bool *ret)
{
	return is_there(tx, GROUP_REACHES_OUT, ARGS(id), ret);
}

enum err mail_group_forget_account(struct store_tx *tx, int64_t account)
{
	return directory_run(tx, &group_sql[GROUP_LEAVE_ALL], ARGS(GROUP_MEMBER_ACCOUNT, account));
}
