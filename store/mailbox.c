#include <store/mailbox.h>

#include <base/fault.h>
#include <base/log.h>
#include <store/handles.h>
#include <store/schema/schema.h>
#include <store/sql/sql.h>

#include <assert.h>
#include <unistd.h>

static const struct sql_def mailbox_insert = {
	"mailbox_insert", "INSERT INTO mailbox (mailbox_id, head_change, last_blob, created_ms) VALUES ($1, 0, 0, $2)"
};

static const struct sql_def any_item = { "any_item", "SELECT 1 FROM item LIMIT 1" };

/* ERR_CORRUPT: mail lies there, or it cannot be told. What an interrupted making left has no items, or no table of them. */
static enum err check_replaceable(const char *path)
{
	CLEANUP(sql_close) struct sql_db *db = NULL;
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool found;

	if (access(path, F_OK) != 0)
		return ERR_OK;
	TRY(sql_open(path, 0, &db));
	if (sql_use(db, &any_item, &st) != ERR_OK)
		return ERR_OK;
	TRY(sql_step(st, &found));
	if (!found)
		return ERR_OK;
	log_error("mailbox_in_use", "path=%s problem=\"mail lies here that directory.db knows nothing of\"",
		  log_quote(str_of(path)).text);
	return ERR_CORRUPT;
}

static enum err make_database(struct store *s, int64_t id, const char *path)
{
	CLEANUP(sql_close) struct sql_db *db = NULL;
	int64_t now_ms = clock_wall_ms(s->config.clock);
	struct sql_stmt *st;

	TRY(sql_open(path, SQL_CREATE, &db));
	fault_point("store.mailbox.created");
	TRY(schema_apply(db, &schema_mailbox, now_ms));
	TRY(sql_use(db, &mailbox_insert, &st));
	sql_bind_i64(st, 1, id);
	sql_bind_i64(st, 2, now_ms);
	return sql_run(st);
}

enum err store_mailbox_remove(struct store *s, int64_t id)
{
	CLEANUP(path_free) char *folder = path_mailbox(s, id);

	assert(id != STORE_DIRECTORY);
	struct database *d = database_enter(s, id), *index = database_enter(s, database_index_of(id));
	database_forget(s, d);
	database_forget(s, index);
	enum err e = path_remove_tree(folder);
	database_leave(s, &index);
	database_leave(s, &d);
	return e;
}

enum err store_mailbox_create(struct store *s, int64_t id)
{
	CLEANUP(path_free) char *folder = path_mailbox(s, id);
	CLEANUP(path_free) char *database = path_database(s, id);

	assert(id != STORE_DIRECTORY);
	/* A directory.db that was restored from an older day gives numbers again that are taken. */
	TRY(check_replaceable(database));
	/* What an account that was not committed left: its files, and idle connections, which would go on writing there. */
	TRY(store_mailbox_remove(s, id));
	TRY(path_make_folder(folder));
	TRY(make_database(s, id, database));
	fault_point("store.mailbox.filled");
	return path_flush_folder(folder);
}
