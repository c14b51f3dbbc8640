#include <store/stmt.h>
#include <store/sync_results.h>

/* sync_result.orphan: stored. */
enum { OF_UNCOMMITTED, OF_ORPHANS, OF_FORMERS };

enum result_stmt {
	RESULT_READ,
	RESULT_DROP,
	RESULT_SHELVE,
	RESULT_FORGET,
	RESULT_PUT,
	ORPHAN_LAST,
	ORPHAN_TRIM,
	ORPHAN_FIND,
	ORPHAN_DROP,
	RESULT_STMT_MAX_
};
static const struct sql_def result_sql[] = {
	[RESULT_READ] = { "result_read",
			  "SELECT kind, name, hash, status, result_folder, result_item, created_change FROM sync_result"
			  " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND orphan = $4"
			  " ORDER BY position LIMIT $5" },
	[RESULT_DROP] = { "result_drop",
			  "DELETE FROM sync_result"
			  " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND orphan = $4" },
	[RESULT_SHELVE] = { "result_shelve",
			    "UPDATE sync_result SET orphan = $5"
			    " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND orphan = $4"
			    " AND kind = $6 AND result_item > 0" },
	[RESULT_FORGET] = { "result_forget",
			    "DELETE FROM sync_result"
			    " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND orphan >= $4" },
	[RESULT_PUT] = { "result_put",
			 "INSERT INTO sync_result (mailbox_id, device_id, folder_id, orphan, position, kind, status,"
			 " result_folder, result_item, created_change, name, hash)"
			 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)" },
	[ORPHAN_LAST] = { "orphan_last",
			  "SELECT COALESCE(MAX(position), 0) FROM sync_result"
			  " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND orphan = 1" },
	[ORPHAN_TRIM] = { "orphan_trim",
			  "DELETE FROM sync_result WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3"
			  " AND orphan = 1 AND position <= $4" },
	[ORPHAN_FIND] = { "orphan_find",
			  "SELECT result_folder, result_item, name = $4 FROM sync_result"
			  " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND orphan = 1"
			  " AND (name = $4 OR hash = $5) ORDER BY"
			  " CASE WHEN hash <> $5 THEN 2 WHEN name <> $4 THEN 1 ELSE 0 END, position LIMIT 1" },
	[ORPHAN_DROP] = { "orphan_drop",
			  "DELETE FROM sync_result WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3"
			  " AND orphan = 1 AND result_item = $4" },
};
static_assert(countof(result_sql) == RESULT_STMT_MAX_, "one text per statement");

static enum err row_read(const struct sql_stmt *st, struct sync_stored *ret)
{
	struct str name = sql_str(st, 1), hash = sql_str(st, 2);

	if (name.n > SYNC_NAME_MAX || hash.n != sizeof(ret->hash))
		return ERR_CORRUPT;
	*ret = (struct sync_stored){ .kind = (enum sync_command_kind)sql_i64(st, 0),
				     .result = { .status = (int)sql_i64(st, 3),
						 .folder = sql_i64(st, 4),
						 .item = sql_i64(st, 5),
						 .created = sql_u64(st, 6) } };
	if (name.n)
		memcpy(ret->name, name.p, name.n);
	memcpy(ret->hash, hash.p, hash.n);
	return ERR_OK;
}

static enum err rows_read(struct store_tx *tx, const struct sync_line *line, int whose, struct sync_stored *ret,
			  size_t max, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	*ret_n = 0;
	TRY(stmt_open(tx, &result_sql[RESULT_READ], ARGS(line->device, line->folder, whose, num(max)), &st));
	for (;;) {
		bool row;

		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		TRY(row_read(st, &ret[*ret_n]));
		++*ret_n;
	}
}

enum err sync_results_read(struct store_tx *tx, const struct sync_line *line, struct sync_stored *ret, size_t max,
			   size_t *ret_n)
{
	return rows_read(tx, line, OF_UNCOMMITTED, ret, max, ret_n);
}

enum err sync_results_drop(struct store_tx *tx, const struct sync_line *line)
{
	return stmt_run(tx, &result_sql[RESULT_DROP], ARGS(line->device, line->folder, OF_UNCOMMITTED));
}

static enum err shelve(struct store_tx *tx, const struct sync_line *line, int from, int to)
{
	return stmt_run(tx, &result_sql[RESULT_SHELVE], ARGS(line->device, line->folder, from, to, SYNC_ADD));
}

enum err sync_results_shelve(struct store_tx *tx, const struct sync_line *line)
{
	const int oldest = OF_FORMERS + SYNC_FORMERS - 1;

	TRY(stmt_run(tx, &result_sql[RESULT_DROP], ARGS(line->device, line->folder, oldest)));
	for (int i = oldest; i > OF_FORMERS; i--)
		TRY(shelve(tx, line, i - 1, i));
	return shelve(tx, line, OF_UNCOMMITTED, OF_FORMERS);
}

enum err sync_results_shelved(struct store_tx *tx, const struct sync_line *line, int i, struct sync_stored *ret,
			      size_t max, size_t *ret_n)
{
	return rows_read(tx, line, OF_FORMERS + i, ret, max, ret_n);
}

enum err sync_results_forget(struct store_tx *tx, const struct sync_line *line)
{
	return stmt_run(tx, &result_sql[RESULT_FORGET], ARGS(line->device, line->folder, OF_FORMERS));
}

enum err sync_orphan_drop(struct store_tx *tx, const struct sync_line *line, int64_t item)
{
	return stmt_run(tx, &result_sql[ORPHAN_DROP], ARGS(line->device, line->folder, item));
}

struct put {
	int64_t orphan, position;
	enum sync_command_kind kind;
	struct str name, hash;
	const struct sync_result *result;
};

static enum err put(struct store_tx *tx, const struct sync_line *line, const struct put *p)
{
	const struct sync_result *r = p->result;
	struct sql_stmt *st;

	TRY(stmt_open(tx, &result_sql[RESULT_PUT],
		      ARGS(line->device, line->folder, p->orphan, p->position, p->kind, r->status, r->folder, r->item,
			   num(r->created)),
		      &st));
	sql_bind_text(st, 11, p->name);
	sql_bind_blob(st, 12, p->hash);
	return sql_run(st);
}

enum err sync_result_put(struct store_tx *tx, const struct sync_line *line, size_t position,
			 const struct sync_command *command, const struct sync_result *result)
{
	struct put p = {
		OF_UNCOMMITTED, num(position), command->kind, command->name, str_from(command->hash, SYNC_HASH_SIZE),
		result
	};

	return put(tx, line, &p);
}

enum err sync_orphan_put(struct store_tx *tx, const struct sync_line *line, const struct sync_stored *s)
{
	struct put p = { OF_ORPHANS, 0, s->kind, str_of(s->name), str_from(s->hash, SYNC_HASH_SIZE), &s->result };

	TRY(sync_orphan_drop(tx, line, s->result.item)); /* several lost answers may have told of it */
	TRY(stmt_number(tx, &result_sql[ORPHAN_LAST], ARGS(line->device, line->folder), &p.position));
	p.position++;
	TRY(put(tx, line, &p));
	return stmt_run(tx, &result_sql[ORPHAN_TRIM], ARGS(line->device, line->folder, p.position - SYNC_ORPHANS_MAX));
}

enum err sync_orphan_find(struct store_tx *tx, const struct sync_line *line, const struct sync_command *command,
			  struct sync_orphan *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &result_sql[ORPHAN_FIND], ARGS(line->device, line->folder), &st));
	sql_bind_text(st, 4, command->name);
	sql_bind_blob(st, 5, str_from(command->hash, SYNC_HASH_SIZE));
	TRY(sql_one(st));
	*ret = (struct sync_orphan){ .folder = sql_i64(st, 0), .item = sql_i64(st, 1), .named = sql_i64(st, 2) != 0 };
	return ERR_OK;
}
