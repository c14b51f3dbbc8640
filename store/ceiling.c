/* Changes with what bounds the versions that a device is offered. */
#include <store/ceiling.h>

#include <store/address.h>
#include <store/device.h>
#include <store/sql/sql.h>

#include <assert.h>

enum ceiling_stmt { CEILING_LOWEST, CEILING_GET, CEILING_SET, CEILING_DROP, CEILING_FORGET, CEILING_STMT_MAX_ };
static const struct sql_def ceiling_sql[] = {
	[CEILING_LOWEST] = { "ceiling_lowest", "SELECT MIN(max_version) FROM version_ceiling"
					       " WHERE account_id = $1 AND device_id IN ('', $2)" },
	[CEILING_GET] = { "ceiling_get", "SELECT max_version FROM version_ceiling"
					 " WHERE account_id = $1 AND device_id = $2" },
	[CEILING_SET] = { "ceiling_set",
			  "INSERT INTO version_ceiling (account_id, device_id, max_version) VALUES ($1, $2, $3)"
			  " ON CONFLICT (account_id, device_id) DO UPDATE SET max_version = $3" },
	[CEILING_DROP] = { "ceiling_drop", "DELETE FROM version_ceiling WHERE account_id = $1 AND device_id = $2" },
	[CEILING_FORGET] = { "ceiling_forget", "DELETE FROM version_ceiling WHERE account_id = $1" },
};
static_assert(countof(ceiling_sql) == CEILING_STMT_MAX_, "one text per statement");

static enum err use(struct store_tx *tx, enum ceiling_stmt which, int64_t account, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	TRY(sql_use(store_tx_db(tx), &ceiling_sql[which], ret));
	sql_bind_i64(*ret, 1, account);
	return ERR_OK;
}

/* What is no device id names none: the account's own ceiling holds. */
static struct str name_of(struct str device_id)
{
	return device_id_valid(device_id) ? device_id : S("");
}

enum err ceiling_of(struct store_tx *tx, int64_t account, struct str device_id, unsigned *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, CEILING_LOWEST, account, &st));
	sql_bind_text(st, 2, name_of(device_id));
	TRY(sql_one(st));
	*ret = (unsigned)sql_i64(st, 0); /* NULL, where there is no row, is 0 */
	return ERR_OK;
}

enum err ceiling_get(struct store_tx *tx, int64_t account, struct str device_id, unsigned *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	enum err e;

	TRY(use(tx, CEILING_GET, account, &st));
	sql_bind_text(st, 2, name_of(device_id));
	e = sql_one(st);
	*ret = e ? 0 : (unsigned)sql_i64(st, 0);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err ceiling_set(struct store_tx *tx, int64_t account, struct str device_id, unsigned version)
{
	struct sql_stmt *st;

	TRY(use(tx, version ? CEILING_SET : CEILING_DROP, account, &st));
	sql_bind_text(st, 2, name_of(device_id));
	if (version)
		sql_bind_u64(st, 3, version);
	TRY(sql_run(st));
	return account_changed(tx);
}

enum err ceiling_forget(struct store_tx *tx, int64_t account)
{
	struct sql_stmt *st;

	TRY(use(tx, CEILING_FORGET, account, &st));
	return sql_run(st);
}
