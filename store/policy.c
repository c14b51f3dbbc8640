/* Changes with what a policy is made of. */
#include <store/policy.h>

#include <base/siphash.h>
#include <store/address.h>
#include <store/rows.h>
#include <store/stmt.h>

#include <assert.h>

enum policy_stmt {
	POLICY_INSERT,
	POLICY_GET,
	POLICY_FIND,
	POLICY_NAMES,
	POLICY_VALUES,
	POLICY_PUT_VALUE,
	POLICY_DROP_VALUE,
	POLICY_DROP_VALUES,
	POLICY_TOUCH,
	POLICY_IS_ASSIGNED,
	POLICY_DELETE,
	POLICY_STMT_MAX_
};
static const struct sql_def policy_sql[] = {
	[POLICY_INSERT] = { "policy_insert",
			    "INSERT INTO policy (name, changed_ms) VALUES ($1, $2) RETURNING policy_id" },
	[POLICY_GET] = { "policy_get", "SELECT policy_id, name, changed_ms FROM policy WHERE policy_id = $1" },
	[POLICY_FIND] = { "policy_find", "SELECT policy_id, name, changed_ms FROM policy WHERE name = $1" },
	[POLICY_NAMES] = { "policy_names", "SELECT name FROM policy ORDER BY name" },
	[POLICY_VALUES] = { "policy_values", "SELECT setting, value FROM policy_value WHERE policy_id = $1" },
	[POLICY_PUT_VALUE] = { "policy_put_value",
			       "INSERT INTO policy_value (policy_id, setting, value) VALUES ($1, $2, $3)"
			       " ON CONFLICT (policy_id, setting) DO UPDATE SET value = excluded.value" },
	[POLICY_DROP_VALUE] = { "policy_drop_value", "DELETE FROM policy_value WHERE policy_id = $1 AND setting = $2" },
	[POLICY_DROP_VALUES] = { "policy_drop_values", "DELETE FROM policy_value WHERE policy_id = $1" },
	[POLICY_TOUCH] = { "policy_touch", "UPDATE policy SET changed_ms = $2 WHERE policy_id = $1" },
	[POLICY_IS_ASSIGNED] = { "policy_is_assigned", "SELECT COUNT(*) FROM policy_assignment WHERE policy_id = $1" },
	[POLICY_DELETE] = { "policy_delete", "DELETE FROM policy WHERE policy_id = $1" },
};
static_assert(countof(policy_sql) == POLICY_STMT_MAX_, "one text per statement");

/* ---- values ---- */

static void set_defaults(struct policy *p)
{
	for (size_t i = 0; i < POLICY_SETTINGS_MAX_; i++) {
		p->value[i] = str_of(policy_settings[i].initial);
		p->is_set[i] = false;
	}
}

struct policy policy_none(void)
{
	struct policy p = { .name = S(POLICY_NONE) };

	set_defaults(&p);
	p.value[POLICY_NON_PROVISIONABLE] = p.value[POLICY_EXTERNAL] = S("1");
	return p;
}

bool policy_name_valid(struct str name)
{
	if (name.n == 0 || name.n > POLICY_NAME_MAX || str_ieq(name, S(POLICY_NONE)))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char low = ascii_lower(name.p[i]);

		if (!(low >= 'a' && low <= 'z') && !(low >= '0' && low <= '9') && low != '-' && low != '_' &&
		    low != '.')
			return false;
	}
	return name.p[0] != '-';
}

bool policy_bool(const struct policy *p, enum policy_setting which)
{
	return str_eq(p->value[which], S("1"));
}

int64_t policy_number(const struct policy *p, enum policy_setting which, int64_t otherwise)
{
	int64_t v;

	return str_to_i64(p->value[which], &v) == ERR_OK ? v : otherwise;
}

enum { DOCUMENT_MAX = 64 * 1024, DOCUMENT_MASK_BITS = 63 };

uint64_t policy_document(const struct policy *p, unsigned protocol)
{
	static const uint64_t key[2] = { 0, 0 }; /* nobody gains by two policies that hash alike */
	CLEANUP(buf_release) struct buf text = BUF_INIT(DOCUMENT_MAX);
	uint64_t hash;

	for (size_t i = 0; i < POLICY_SETTINGS_MAX_; i++) {
		const struct policy_setting_def *d = &policy_settings[i];

		/* Before 12.0 the document is another one, of some of the same settings. */
		if (d->from == 0 || (protocol >= POLICY_FROM_12_0 && d->from > protocol) ||
		    (protocol < POLICY_FROM_12_0 && d->from > POLICY_FROM_12_0))
			continue;
		buf_fmt(&text, "%s=" STR_FMT "\n", d->name, STR_ARG(p->value[i]));
	}
	hash = siphash13(key, buf_view(&text)) & INT64_MAX;
	return hash ? hash : 1;
}

static enum err read_values(struct arena *a, struct store_tx *tx, struct policy *p)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	CLEANUP(buf_release) struct buf why = BUF_INIT(POLICY_VALUE_MAX);
	enum policy_setting which;
	bool row;

	TRY(directory_open(tx, &policy_sql[POLICY_VALUES], ARGS(p->id), &st));
	for (;;) {
		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		if (policy_setting_find(sql_str(st, 0), &which) || policy_value_check(which, sql_str(st, 1), &why))
			return ERR_CORRUPT;
		TRY(arena_str(a, sql_str(st, 1), &p->value[which]));
		p->is_set[which] = true;
	}
}

/* ---- rows ---- */

static enum err read_policy(struct arena *a, struct store_tx *tx, struct sql_stmt **stp, struct policy *ret)
{
	struct policy p = { .id = sql_i64(*stp, 0), .changed_ms = sql_i64(*stp, 2) };
	enum err e = arena_str(a, sql_str(*stp, 1), &p.name);

	sql_reset(*stp);
	*stp = NULL;
	TRY(e);
	set_defaults(&p);
	e = read_values(a, tx, &p);
	if (e == ERR_CORRUPT)
		set_defaults(&p);
	if (!e || e == ERR_CORRUPT)
		*ret = p;
	return e;
}

enum err policy_get(struct arena *a, struct store_tx *tx, int64_t id, struct policy *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &policy_sql[POLICY_GET], ARGS(id), &st));
	TRY(sql_one(st));
	return read_policy(a, tx, &st, ret);
}

enum err policy_find(struct arena *a, struct store_tx *tx, struct str name, struct policy *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	if (!policy_name_valid(name))
		return ERR_NOT_FOUND;
	TRY(directory_open(tx, &policy_sql[POLICY_FIND], NO_ARGS, &st));
	sql_bind_text(st, 1, name);
	TRY(sql_one(st));
	return read_policy(a, tx, &st, ret);
}

enum err policy_names(struct arena *a, struct store_tx *tx, struct str **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &policy_sql[POLICY_NAMES], NO_ARGS, &st));
	return rows_texts(a, st, ret, ret_n);
}

static enum err name_taken(struct store_tx *tx, struct str name)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	TRY(directory_open(tx, &policy_sql[POLICY_FIND], NO_ARGS, &st));
	sql_bind_text(st, 1, name);
	TRY(sql_step(st, &row));
	return row ? ERR_EXISTS : ERR_OK;
}

enum err policy_create(struct store_tx *tx, struct str name, int64_t *ret_id)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	if (!policy_name_valid(name))
		return ERR_INVALID;
	TRY(name_taken(tx, name));
	TRY(directory_open(tx, &policy_sql[POLICY_INSERT], NO_ARGS, &st));
	sql_bind_text(st, 1, name);
	sql_bind_i64(st, 2, clock_wall_ms(store_tx_clock(tx)));
	TRY(sql_one(st));
	*ret_id = sql_i64(st, 0);
	return ERR_OK;
}

static enum err require_unassigned(struct store_tx *tx, int64_t id)
{
	int64_t n;

	TRY(directory_number(tx, &policy_sql[POLICY_IS_ASSIGNED], ARGS(id), &n));
	return n ? ERR_DENIED : ERR_OK;
}

enum err policy_delete(struct store_tx *tx, int64_t id)
{
	TRY(require_unassigned(tx, id));
	TRY(directory_run(tx, &policy_sql[POLICY_DROP_VALUES], ARGS(id)));
	TRY(directory_run(tx, &policy_sql[POLICY_DELETE], ARGS(id)));
	return sql_changes(store_tx_db(tx)) ? account_changed(tx) : ERR_NOT_FOUND;
}

static enum err touch(struct store_tx *tx, int64_t id)
{
	TRY(directory_run(tx, &policy_sql[POLICY_TOUCH], ARGS(id, clock_wall_ms(store_tx_clock(tx)))));
	return sql_changes(store_tx_db(tx)) ? account_changed(tx) : ERR_NOT_FOUND;
}

enum err policy_set(struct store_tx *tx, int64_t id, enum policy_setting which, struct str value)
{
	CLEANUP(buf_release) struct buf why = BUF_INIT(POLICY_VALUE_MAX);
	bool is_default = str_eq(value, str_of(policy_settings[which].initial));
	struct sql_stmt *st;

	TRY(policy_value_check(which, value, &why));
	TRY(touch(tx, id));
	TRY(directory_open(tx, &policy_sql[is_default ? POLICY_DROP_VALUE : POLICY_PUT_VALUE], ARGS(id), &st));
	sql_bind_text(st, 2, str_of(policy_settings[which].name));
	if (!is_default)
		sql_bind_text(st, 3, value.n ? value : S(""));
	return sql_run(st);
}
