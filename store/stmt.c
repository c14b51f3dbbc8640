#include <store/stmt.h>

static void bind_from(struct sql_stmt *st, int first, struct stmt_args args)
{
	for (size_t i = 0; i < args.n; i++)
		sql_bind_i64(st, first + (int)i, args.v[i]);
}

enum err stmt_open(struct store_tx *tx, const struct sql_def *def, struct stmt_args args, struct sql_stmt **ret)
{
	TRY(sql_use(store_tx_db(tx), def, ret));
	sql_bind_i64(*ret, 1, store_tx_mailbox(tx));
	bind_from(*ret, 2, args);
	return ERR_OK;
}

enum err directory_open(struct store_tx *tx, const struct sql_def *def, struct stmt_args args, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	TRY(sql_use(store_tx_db(tx), def, ret));
	bind_from(*ret, 1, args);
	return ERR_OK;
}

/* ---- of either ---- */

static enum err read_number(struct sql_stmt *st, int64_t *ret)
{
	TRY(sql_one(st));
	*ret = sql_i64(st, 0);
	sql_reset(st);
	return ERR_OK;
}

enum err stmt_run(struct store_tx *tx, const struct sql_def *def, struct stmt_args args)
{
	struct sql_stmt *st;

	TRY(stmt_open(tx, def, args, &st));
	return sql_run(st);
}

enum err stmt_number(struct store_tx *tx, const struct sql_def *def, struct stmt_args args, int64_t *ret)
{
	struct sql_stmt *st;

	TRY(stmt_open(tx, def, args, &st));
	return read_number(st, ret);
}

enum err directory_run(struct store_tx *tx, const struct sql_def *def, struct stmt_args args)
{
	struct sql_stmt *st;

	TRY(directory_open(tx, def, args, &st));
	return sql_run(st);
}

enum err directory_number(struct store_tx *tx, const struct sql_def *def, struct stmt_args args, int64_t *ret)
{
	struct sql_stmt *st;

	TRY(directory_open(tx, def, args, &st));
	return read_number(st, ret);
}
