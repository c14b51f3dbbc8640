/* Transactions: what is on disk, who hears of it and when, and writers that share a commit. */
#include "fixture.h"

#include <stdatomic.h>
#include <sys/wait.h>

static const struct sql_def note_insert = { "note_insert",
					    "INSERT INTO note (mailbox_id, writer, n) VALUES ($1, $2, $3)" };
static const struct sql_def note_count = { "note_count", "SELECT COUNT(*) FROM note" };
static const struct sql_def head = { "test_head", "SELECT head_change FROM mailbox" };

static void make_mailbox(struct fixture *f, int64_t mailbox)
{
	struct store_tx *tx;

	assert_ok(store_mailbox_create(f->store, mailbox));
	assert_ok(store_begin(f->store, mailbox, STORE_WRITE, &tx));
	assert_ok(sql_exec(store_tx_db(tx), "CREATE TABLE note (mailbox_id INTEGER NOT NULL, writer INTEGER NOT NULL,"
					    " n INTEGER NOT NULL, UNIQUE (mailbox_id, writer, n))"));
	assert_ok(store_commit(&tx));
}

static enum err write_note(struct store_tx *tx, int64_t writer, int64_t n)
{
	struct sql_stmt *st;

	TRY(sql_use(store_tx_db(tx), &note_insert, &st));
	sql_bind_i64(st, 1, store_tx_mailbox(tx));
	sql_bind_i64(st, 2, writer);
	sql_bind_i64(st, 3, n);
	return sql_run(st);
}

static void a_commit_is_read_again_after_a_restart(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx;
	uint64_t change;

	(void)unused;
	make_mailbox(&f, 1);
	assert_ok(store_begin(f.store, 1, STORE_WRITE, &tx));
	assert_ok(write_note(tx, 1, 1));
	assert_ok(store_change_number(tx, &change));
	assert_int_equal(change, 1);
	assert_ok(store_change_number(tx, &change));
	assert_int_equal(change, 1);
	assert_ok(store_commit(&tx));
	assert_null(tx);
	fixture_reopen(&f);
	assert_int_equal(fixture_number(&f, 1, &note_count), 1);
	assert_int_equal(fixture_number(&f, 1, &head), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_commit_is_read_again_after_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
