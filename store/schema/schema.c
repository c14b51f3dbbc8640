#include <store/schema/schema.h>

#include <base/fault.h>
#include <base/log.h>

#include <assert.h>

enum schema_stmt { SCHEMA_EXISTS, SCHEMA_VERSION, SCHEMA_NOTE, SCHEMA_STMT_MAX_ };
static const struct sql_def schema_sql[] = {
	/* The engine's catalogue: the one question that the shared dialect has no word for. */
	[SCHEMA_EXISTS] = { "schema_exists",
			    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'" },
	[SCHEMA_VERSION] = { "schema_version", "SELECT COALESCE(MAX(version), 0) FROM migration" },
	[SCHEMA_NOTE] = { "schema_note", "INSERT INTO migration (version, name, applied_ms) VALUES ($1, $2, $3)" },
};
static_assert(countof(schema_sql) == SCHEMA_STMT_MAX_, "one text per statement");

static const char migration_table[] = "CREATE TABLE migration (version INTEGER NOT NULL PRIMARY KEY, "
				      "name TEXT NOT NULL, applied_ms INTEGER NOT NULL)";

/* 0: a database without any table of ours. */
static enum err version(struct sql_db *db, uint64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool exists;

	TRY(sql_use(db, &schema_sql[SCHEMA_EXISTS], &st));
	TRY(sql_step(st, &exists));
	sql_reset(st);
	*ret = 0;
	if (!exists)
		return ERR_OK;
	TRY(sql_use(db, &schema_sql[SCHEMA_VERSION], &st));
	TRY(sql_one(st));
	*ret = sql_u64(st, 0);
	return ERR_OK;
}

static enum err apply_one(struct sql_db *db, const struct schema *schema, uint64_t number, int64_t now_ms)
{
	const struct schema_migration *m = &schema->migrations[number - 1];
	struct sql_stmt *st;

	TRY(sql_exec(db, m->text));
	TRY(sql_use(db, &schema_sql[SCHEMA_NOTE], &st));
	sql_bind_u64(st, 1, number);
	sql_bind_text(st, 2, str_of(m->name));
	sql_bind_i64(st, 3, now_ms);
	return sql_run(st);
}

/* The version is asked again: another process may have come first. */
static enum err apply_missing(struct sql_db *db, const struct schema *schema, int64_t now_ms)
{
	uint64_t at;

	TRY(version(db, &at));
	if (at == 0)
		TRY(sql_exec(db, migration_table));
	while (at < schema->count)
		TRY(apply_one(db, schema, ++at, now_ms));
	return ERR_OK;
}

enum err schema_apply(struct sql_db *db, const struct schema *schema, int64_t now_ms)
{
	uint64_t at;

	TRY(version(db, &at));
	if (at > schema->count) {
		log_error("schema", "kind=%s version=%llu known=%zu error=\"made by a newer version of this program\"",
			  schema->kind, (unsigned long long)at, schema->count);
		return ERR_UNSUPPORTED;
	}
	if (at == schema->count)
		return ERR_OK;
	TRY(sql_begin(db, true));
	enum err e = apply_missing(db, schema, now_ms);
	if (e) {
		sql_rollback(db);
		return e;
	}
	fault_point("store.schema.commit");
	return sql_commit(db);
}
