#include <store/stmt.h>

enum err stmt_open(struct store_tx *tx, const struct sql_def *def, struct stmt_args args, struct sql_stmt **ret)
{
	TRY(sql_use(store_tx_db(tx), def, ret));
	sql_bind_i64(*ret, 1, store_tx_mailbox(tx));
	for (size_t i = 0; i < args.n; i++)
		sql_bind_i64(*ret, (int)i + 2, args.v[i]);
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
	TRY(sql_one(st));
	*ret = sql_i64(st, 0);
	sql_reset(st);
	return ERR_OK;
}
