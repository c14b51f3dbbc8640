/* Shapes of blobs. */
#include <store/blob_shape.h>

#include <store/stmt.h>

enum shape_stmt { SHAPE_NEW, SHAPE_CHANGE, SHAPE_GET, SHAPE_DROP, SHAPE_STMT_MAX_ };
static const struct sql_def shape_sql[] = {
	[SHAPE_NEW] = { "shape_new",
			"INSERT INTO blob_shape (mailbox_id, blob_id, version, envelope, structure, fields)"
			" VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING" },
	[SHAPE_CHANGE] = { "shape_change",
			   "UPDATE blob_shape SET version = $3, envelope = $4, structure = $5, fields = $6"
			   " WHERE mailbox_id = $1 AND blob_id = $2" },
	[SHAPE_GET] = { "shape_get", "SELECT version, envelope, structure, fields FROM blob_shape"
				     " WHERE mailbox_id = $1 AND blob_id = $2" },
	[SHAPE_DROP] = { "shape_drop", "DELETE FROM blob_shape WHERE mailbox_id = $1 AND blob_id = $2" },
};
_Static_assert(countof(shape_sql) == SHAPE_STMT_MAX_, "one text per statement");

static enum err put(struct store_tx *tx, enum shape_stmt which, int64_t blob, const struct blob_shape *shape)
{
	struct sql_stmt *st;

	TRY(stmt_open(tx, &shape_sql[which], ARGS(blob, shape->version), &st));
	sql_bind_blob(st, 4, shape->envelope);
	sql_bind_blob(st, 5, shape->structure);
	sql_bind_blob(st, 6, shape->fields);
	return sql_run(st);
}

enum err blob_shape_put(struct store_tx *tx, int64_t blob, const struct blob_shape *shape)
{
	if (shape->envelope.n > BLOB_SHAPE_MAX || shape->structure.n > BLOB_SHAPE_MAX ||
	    shape->fields.n > BLOB_SHAPE_MAX)
		return ERR_LIMIT;
	TRY(put(tx, SHAPE_NEW, blob, shape));
	return sql_changes(store_tx_db(tx)) ? ERR_OK : put(tx, SHAPE_CHANGE, blob, shape);
}

enum err blob_shape_get(struct arena *a, struct store_tx *tx, int64_t blob, struct blob_shape *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &shape_sql[SHAPE_GET], ARGS(blob), &st));
	TRY(sql_one(st));
	*ret = (struct blob_shape){ .version = (int)sql_i64(st, 0) };
	TRY(arena_str(a, sql_str(st, 1), &ret->envelope));
	TRY(arena_str(a, sql_str(st, 2), &ret->structure));
	if (!sql_is_null(st, 3))
		TRY(arena_str(a, sql_str(st, 3), &ret->fields));
	return ERR_OK;
}

enum err blob_shape_drop(struct store_tx *tx, int64_t blob)
{
	return stmt_run(tx, &shape_sql[SHAPE_DROP], ARGS(blob));
}
