#include <store/stmt.h>
#include <store/sync_results.h>

enum result_stmt {
	RESULT_READ,
	RESULT_DROP,
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
			  " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND orphan = 0"
			  " ORDER BY position LIMIT $4" },
	[RESULT_DROP] = { "result_drop",
			  "DELETE FROM sync_result"
			  " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND orphan = 0" },
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
			  "SELECT position, result_folder, result_item FROM sync_result"
			  " WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3 AND orphan = 1"
			  " AND (name = $4 OR hash = $5) ORDER BY"
			  " CASE WHEN hash <> $5 THEN 2 WHEN name <> $4 THEN 1 ELSE 0 END, position LIMIT 1" },
	[ORPHAN_DROP] = { "orphan_drop",
			  "DELETE FROM sync_result WHERE mailbox_id = $1 AND device_id = $2 AND folder_id = $3"
			  " AND orphan = 1 AND position = $4" },
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

enum err sync_results_read(struct store_tx *tx, const struct sync_line *line, struct sync_stored *ret, size_t max,
			   size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	*ret_n = 0;
	TRY(stmt_open(tx, &result_sql[RESULT_READ], ARGS(line->device, line->folder, num(max)), &st));
	for (;;) {
		bool row;

		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		TRY(row_read(st, &ret[*ret_n]));
		++*ret_n;
	}
}

enum err sync_results_drop(struct store_tx *tx, const struct sync_line *line)
{
	return stmt_run(tx, &result_sql[RESULT_DROP], ARGS(line->device, line->folder));
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
		0, num(position), command->kind, command->name, str_from(command->hash, SYNC_HASH_SIZE), result
	};

	return put(tx, line, &p);
}

enum err sync_orphan_put(struct store_tx *tx, const struct sync_line *line, const struct sync_stored *s)
{
	struct put p = { 1, 0, s->kind, str_of(s->name), str_from(s->hash, SYNC_HASH_SIZE), &s->result };

	TRY(stmt_number(tx, &result_sql[ORPHAN_LAST], ARGS(line->device, line->folder), &p.position));
	p.position++;
	TRY(put(tx, line, &p));
	return stmt_run(tx, &result_sql[ORPHAN_TRIM], ARGS(line->device, line->folder, p.position - SYNC_ORPHANS_MAX));
}

static enum err orphan_find(struct store_tx *tx, const struct sync_line *line, const struct sync_command *command,
			    int64_t ret[3])
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &result_sql[ORPHAN_FIND], ARGS(line->device, line->folder), &st));
	sql_bind_text(st, 4, command->name);
	sql_bind_blob(st, 5, str_from(command->hash, SYNC_HASH_SIZE));
	TRY(sql_one(st));
	for (int i = 0; i < 3; i++)
		ret[i] = sql_i64(st, i);
	return ERR_OK;
}

enum err sync_orphan_take(struct store_tx *tx, const struct sync_line *line, const struct sync_command *command,
			  int64_t *ret_folder, int64_t *ret_item)
{
	int64_t found[3];

	TRY(orphan_find(tx, line, command, found));
	*ret_folder = found[1];
	*ret_item = found[2];
	return stmt_run(tx, &result_sql[ORPHAN_DROP], ARGS(line->device, line->folder, found[0]));
}
