/* What others may see of calendars. */
#include <store/visibility.h>

#include <store/address.h>
#include <store/sql/sql.h>

#include <assert.h>

enum visibility_stmt { VISIBILITY_GET, VISIBILITY_SET, VISIBILITY_DROP, VISIBILITY_STMT_MAX_ };
static const struct sql_def visibility_sql[] = {
	[VISIBILITY_GET] = { "visibility_get",
			     "SELECT level FROM visibility WHERE account_id = $1 AND domain = lower($2)" },
	[VISIBILITY_SET] = { "visibility_set",
			     "INSERT INTO visibility (account_id, domain, level) VALUES ($1, lower($2), $3)"
			     " ON CONFLICT (account_id, domain) DO UPDATE SET level = $3" },
	[VISIBILITY_DROP] = { "visibility_drop",
			      "DELETE FROM visibility WHERE account_id = $1 AND domain = lower($2)" },
};
static_assert(countof(visibility_sql) == VISIBILITY_STMT_MAX_, "one text per statement");

static const char *const names[] = {
	[VISIBILITY_NONE] = "none",
	[VISIBILITY_TIMES] = "times",
	[VISIBILITY_TITLES] = "titles",
	[VISIBILITY_DETAILS] = "details",
};
static_assert(countof(names) == VISIBILITY_MAX_, "a name for each");

const char *visibility_name(enum visibility v)
{
	return names[v];
}

enum err visibility_parse(struct str name, enum visibility *ret)
{
	for (size_t i = 0; i < countof(names); i++) {
		if (!str_ieq(name, str_of(names[i])))
			continue;
		*ret = (enum visibility)i;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

static enum err use(struct store_tx *tx, enum visibility_stmt which, int64_t account, struct str domain,
		    struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	TRY(sql_use(store_tx_db(tx), &visibility_sql[which], ret));
	sql_bind_i64(*ret, 1, account);
	sql_bind_text(*ret, 2, account ? S("") : domain);
	return ERR_OK;
}

enum err visibility_get(struct store_tx *tx, int64_t account, struct str domain, enum visibility *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	int64_t level;

	TRY(use(tx, VISIBILITY_GET, account, domain, &st));
	TRY(sql_one(st));
	level = sql_i64(st, 0);
	if (level < 0 || level >= VISIBILITY_MAX_)
		return ERR_CORRUPT;
	*ret = (enum visibility)level;
	return ERR_OK;
}

enum err visibility_of(struct store_tx *tx, int64_t account, struct str domain, enum visibility *ret)
{
	enum err e = visibility_get(tx, account, STR_EMPTY, ret);

	if (e == ERR_NOT_FOUND)
		e = visibility_get(tx, 0, domain, ret);
	if (e != ERR_NOT_FOUND)
		return e;
	*ret = VISIBILITY_TIMES;
	return ERR_OK;
}

enum err visibility_set(struct store_tx *tx, int64_t account, struct str domain, enum visibility v)
{
	struct sql_stmt *st;

	TRY(use(tx, VISIBILITY_SET, account, domain, &st));
	sql_bind_i64(st, 3, (int64_t)v);
	TRY(sql_run(st));
	return account_changed(tx);
}

enum err visibility_unset(struct store_tx *tx, int64_t account, struct str domain)
{
	struct sql_stmt *st;

	TRY(use(tx, VISIBILITY_DROP, account, domain, &st));
	TRY(sql_run(st));
	return account_changed(tx);
}
