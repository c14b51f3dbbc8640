/* What SCRAM keeps in the directory: an account's keys, and the secret that salts are made of. */
#include <store/account.h>

#include <base/utf8.h>
#include <store/sql/sql.h>

#include <assert.h>
#include <openssl/rand.h>

enum scram_stmt { SCRAM_SET, SCRAM_SECRET_GET, SCRAM_SECRET_ADD, SCRAM_STMT_MAX_ };
static const struct sql_def scram_sql[] = {
	[SCRAM_SET] = { "account_set_scram",
			"UPDATE account SET scram = $3 WHERE account_id = $1 AND password_version = $2" },
	[SCRAM_SECRET_GET] = { "scram_secret_get", "SELECT value FROM secret WHERE name = 'scram'" },
	[SCRAM_SECRET_ADD] = { "scram_secret_add",
			       "INSERT INTO secret (name, value) VALUES ('scram', $1) ON CONFLICT DO NOTHING" },
};
static_assert(countof(scram_sql) == SCRAM_STMT_MAX_, "one text per statement");

static enum err use(struct store_tx *tx, enum scram_stmt which, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	return sql_use(store_tx_db(tx), &scram_sql[which], ret);
}

enum err account_set_scram(struct store_tx *tx, int64_t id, uint64_t password_version, struct str scram)
{
	struct sql_stmt *st;

	if (scram.n > ACCOUNT_SCRAM_MAX)
		return ERR_LIMIT;
	if (!utf8_valid(scram) || str_index(scram, '\0') < scram.n)
		return ERR_INVALID;
	TRY(use(tx, SCRAM_SET, &st));
	sql_bind_i64(st, 1, id);
	sql_bind_u64(st, 2, password_version);
	sql_bind_text(st, 3, scram);
	TRY(sql_run(st));
	return sql_changes(store_tx_db(tx)) ? ERR_OK : ERR_STALE;
}

enum err account_scram_secret(struct store_tx *tx, unsigned char ret[ACCOUNT_SCRAM_SECRET_BYTES])
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, SCRAM_SECRET_GET, &st));
	TRY(sql_one(st));
	if (sql_str(st, 0).n != ACCOUNT_SCRAM_SECRET_BYTES)
		return ERR_CORRUPT;
	memcpy(ret, sql_str(st, 0).p, ACCOUNT_SCRAM_SECRET_BYTES);
	return ERR_OK;
}

enum err account_scram_secret_make(struct store_tx *tx)
{
	unsigned char fresh[ACCOUNT_SCRAM_SECRET_BYTES];
	struct sql_stmt *st;

	if (RAND_bytes(fresh, sizeof(fresh)) != 1)
		return ERR_IO;
	TRY(use(tx, SCRAM_SECRET_ADD, &st));
	sql_bind_blob(st, 1, str_from(fresh, sizeof(fresh)));
	return sql_run(st);
}
