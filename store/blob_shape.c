/* Shapes of blobs. */
#include <store/blob_shape.h>

#include <store/stmt.h>

enum shape_stmt { SHAPE_PUT, SHAPE_GET, SHAPE_DROP, SHAPE_STMT_MAX_ };
static const struct sql_def shape_sql[] = {
	[SHAPE_PUT] = { "shape_put",
			"INSERT INTO blob_shape (mailbox_id, blob_id, version, envelope, structure, fields)"
			" VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (mailbox_id, blob_id) DO UPDATE SET"
			" version = excluded.version, envelope = excluded.envelope,"
			" structure = excluded.structure, fields = excluded.fields" },
	[SHAPE_GET] = { "shape_get", "SELECT version, envelope, structure, fields FROM blob_shape"
				     " WHERE mailbox_id = $1 AND blob_id = $2" },
	[SHAPE_DROP] = { "shape_drop", "DELETE FROM blob_shape WHERE mailbox_id = $1 AND blob_id = $2" },
};
_Static_assert(countof(shape_sql) == SHAPE_STMT_MAX_, "one text per statement");

enum err blob_shape_put(struct store_tx *tx, int64_t blob, const struct blob_shape *shape)
{
	struct sql_stmt *st;

	if (shape->envelope.n > BLOB_SHAPE_MAX || shape->structure.n > BLOB_SHAPE_MAX ||
	    shape->fields.n > BLOB_SHAPE_MAX)
		return ERR_LIMIT;
	TRY(stmt_open(tx, &shape_sql[SHAPE_PUT], ARGS(blob, shape->version), &st));
	sql_bind_blob(st, 4, shape->envelope);
	sql_bind_blob(st, 5, shape->structure);
	sql_bind_blob(st, 6, shape->fields);
	return sql_run(st);
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
