#include "notes.h"

const struct sql_def notes_count = { "notes_count", "SELECT COUNT(*) FROM note" };
const struct sql_def notes_head = { "notes_head", "SELECT head_change FROM mailbox" };
static const struct sql_def insert = { "notes_insert", "INSERT INTO note (mailbox_id, writer, n) VALUES ($1, $2, $3)" };
static const struct sql_def get = { "notes_get",
				    "SELECT 1 FROM note WHERE mailbox_id = $1 AND writer = $2 AND n = $3" };

void notes_make(struct fixture *f, int64_t mailbox)
{
	struct store_tx *tx;

	assert_ok(store_mailbox_create(f->store, mailbox));
	assert_ok(store_begin(f->store, mailbox, STORE_WRITE, &tx));
	assert_ok(sql_exec(store_tx_db(tx), "CREATE TABLE note (mailbox_id INTEGER NOT NULL, writer INTEGER NOT NULL,"
					    " n INTEGER NOT NULL, UNIQUE (mailbox_id, writer, n))"));
	assert_ok(store_commit(&tx));
}

static enum err use(struct store_tx *tx, const struct sql_def *def, int64_t writer, int64_t n, struct sql_stmt **ret)
{
	TRY(sql_use(store_tx_db(tx), def, ret));
	sql_bind_i64(*ret, 1, store_tx_mailbox(tx));
	sql_bind_i64(*ret, 2, writer);
	sql_bind_i64(*ret, 3, n);
	return ERR_OK;
}

enum err notes_write(struct store_tx *tx, int64_t writer, int64_t n)
{
	struct sql_stmt *st;

	TRY(use(tx, &insert, writer, n, &st));
	return sql_run(st);
}

enum err notes_commit(struct store *s, int64_t mailbox, int64_t writer, int64_t n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	uint64_t change;

	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(store_change_number(tx, &change));
	store_touched(tx, 1, writer);
	TRY(notes_write(tx, writer, n));
	return store_commit(&tx);
}

bool notes_has(struct fixture *f, int64_t mailbox, int64_t writer, int64_t n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct sql_stmt *st;
	bool row;

	assert_ok(store_begin(f->store, mailbox, STORE_READ, &tx));
	assert_ok(use(tx, &get, writer, n, &st));
	assert_ok(sql_step(st, &row));
	sql_reset(st);
	return row;
}
