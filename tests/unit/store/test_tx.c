/* Transactions of one thread: what is on disk, what a reader sees, who hears of it and when. */
#include "notes.h"

#include <base/buf.h>
#include <store/internal.h>

#include <fcntl.h>
#include <sys/stat.h>

static struct store_tx *begin(struct fixture *f, int64_t mailbox, enum store_mode mode)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->store, mailbox, mode, &tx));
	return tx;
}

static struct buf database_path(struct fixture *f, int64_t mailbox)
{
	struct buf b = BUF_INIT(4096);

	buf_fmt(&b, "%s/mailbox/%lld/mailbox.db%c", f->dir.path, (long long)mailbox, 0);
	return b;
}

static void a_commit_is_read_again_after_a_restart(void **unused)
{
	FIXTURE(f);

	(void)unused;
	notes_make(&f, 1);
	struct store_tx *tx = begin(&f, 1, STORE_WRITE);
	uint64_t change;
	assert_ok(notes_write(tx, 1, 1));
	assert_ok(store_change_number(tx, &change));
	assert_int_equal(change, 1);
	assert_ok(store_change_number(tx, &change));
	assert_int_equal(change, 1);
	assert_ok(store_commit(&tx));
	assert_null(tx);
	fixture_reopen(&f);
	assert_int_equal(fixture_number(&f, 1, &notes_count), 1);
	assert_int_equal(fixture_number(&f, 1, &notes_head), 1);
}

static void what_is_not_committed_is_undone(void **unused)
{
	FIXTURE(f);

	(void)unused;
	notes_make(&f, 1);
	struct store_tx *tx = begin(&f, 1, STORE_WRITE);
	uint64_t change;
	assert_ok(store_change_number(tx, &change));
	store_touched(tx, 1, 5);
	assert_ok(notes_write(tx, 1, 1));
	store_tx_end(&tx);
	assert_null(tx);
	store_tx_end(&tx);
	assert_int_equal(fixture_number(&f, 1, &notes_count), 0);
	assert_int_equal(fixture_number(&f, 1, &notes_head), 0);
	assert_int_equal(f.published_n, 0);
}

static void a_failed_statement_ends_its_transaction(void **unused)
{
	FIXTURE(f);

	(void)unused;
	notes_make(&f, 1);
	struct store_tx *tx = begin(&f, 1, STORE_WRITE);
	assert_ok(notes_write(tx, 1, 1));
	assert_err(notes_write(tx, 1, 1), ERR_EXISTS);
	assert_err(notes_write(tx, 1, 2), ERR_EXISTS);
	assert_err(store_commit(&tx), ERR_EXISTS);
	assert_int_equal(fixture_number(&f, 1, &notes_count), 0);
	assert_ok(notes_commit(f.store, 1, 1, 1));
}

/* As alone, so in a savepoint of a group: what one step wrote, took and noted goes, what was before and comes behind stays. */
static void a_step_is_undone_alone(void **unused)
{
	FIXTURE(f);
	uint64_t change;

	(void)unused;
	notes_make(&f, 1);
	struct store_tx *tx = begin(&f, 1, STORE_WRITE);
	assert_ok(notes_write(tx, 1, 1));
	assert_ok(store_step_begin(tx));
	assert_ok(store_change_number(tx, &change));
	assert_int_equal(change, 1);
	store_touched(tx, 5, 7);
	assert_ok(notes_write(tx, 1, 2));
	assert_err(notes_write(tx, 1, 2), ERR_EXISTS);
	assert_err(notes_write(tx, 1, 3), ERR_EXISTS);
	assert_err(store_step_keep(tx), ERR_EXISTS);
	assert_ok(store_step_undo(tx));
	assert_ok(store_step_begin(tx));
	assert_ok(notes_write(tx, 1, 3));
	assert_ok(store_change_number(tx, &change));
	assert_int_equal(change, 1); /* given back, and taken again */
	store_touched(tx, 6, 8);
	assert_ok(store_step_keep(tx));
	assert_ok(store_step_begin(tx));
	store_touched(tx, 6, 9);
	assert_ok(store_change_number(tx, &change));
	assert_int_equal(change, 1);
	assert_ok(store_step_undo(tx));
	assert_ok(store_commit(&tx));
	assert_true(notes_has(&f, 1, 1, 1) && notes_has(&f, 1, 1, 3));
	assert_int_equal(fixture_number(&f, 1, &notes_count), 2);
	assert_int_equal(fixture_number(&f, 1, &notes_head), 1);
	assert_int_equal(f.published_n, 1);
	assert_int_equal(f.published[0].folder, 6);
	assert_int_equal(f.published[0].author, 8);
	assert_int_equal(f.published[0].change, 1);
}

static void a_failed_commit_leaves_nothing_open(void **unused)
{
	FIXTURE(f);

	(void)unused;
	notes_make(&f, 1);
	struct store_tx *tx = begin(&f, 1, STORE_WRITE);
	assert_ok(sql_exec(store_tx_db(tx), "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
					    "CREATE TABLE child (id INTEGER REFERENCES parent (id)"
					    " DEFERRABLE INITIALLY DEFERRED)"));
	assert_ok(store_commit(&tx));
	tx = begin(&f, 1, STORE_WRITE);
	assert_ok(sql_exec(store_tx_db(tx), "INSERT INTO child (id) VALUES (1)"));
	store_touched(tx, 1, 1);
	assert_err(store_commit(&tx), ERR_NOT_FOUND);
	assert_null(tx);
	assert_int_equal(f.published_n, 0);
	assert_ok(notes_commit(f.store, 1, 1, 1));
	assert_int_equal(fixture_number(&f, 1, &notes_head), 1);
}

static void a_reader_sees_one_moment(void **unused)
{
	FIXTURE(f);
	uint64_t head;

	(void)unused;
	notes_make(&f, 1);
	struct store_tx *reader = begin(&f, 1, STORE_READ);
	assert_ok(store_head(reader, &head));
	assert_int_equal(head, 0);
	assert_ok(notes_commit(f.store, 1, 1, 1));
	assert_ok(store_head(reader, &head));
	assert_int_equal(head, 0);
	assert_ok(store_commit(&reader));
	reader = begin(&f, 1, STORE_READ);
	assert_ok(store_head(reader, &head));
	assert_int_equal(head, 1);
	store_tx_end(&reader);
}

static void publications_merge_by_folder_and_author(void **unused)
{
	FIXTURE(f);

	(void)unused;
	notes_make(&f, 7);
	struct store_tx *tx = begin(&f, 7, STORE_WRITE);
	store_touched(tx, 3, 5);
	store_touched(tx, 0, STORE_NOBODY);
	store_touched(tx, 3, 5);
	store_touched(tx, 4, 5);
	store_touched(tx, 4, STORE_NOBODY);
	assert_int_equal(f.published_n, 0);
	assert_ok(store_commit(&tx));
	assert_int_equal(f.published_n, 3);
	static const struct store_change expected[] = {
		{ 7, 3, 1, 5 },
		{ 7, 0, 1, STORE_NOBODY },
		{ 7, 4, 1, STORE_SEVERAL },
	};
	for (size_t i = 0; i < countof(expected); i++) {
		assert_int_equal(f.published[i].mailbox, expected[i].mailbox);
		assert_int_equal(f.published[i].folder, expected[i].folder);
		assert_int_equal(f.published[i].change, expected[i].change);
		assert_int_equal(f.published[i].author, expected[i].author);
	}
}

/* A second connection, of nobody's, sees the row at the moment of the publication. */
struct witness {
	const char *path;
	int64_t head;
};

static void look(void *ctx, const struct store_change *changes, size_t n)
{
	struct witness *w = ctx;
	struct sql_db *db;
	struct sql_stmt *st;

	(void)changes;
	(void)n;
	assert_ok(sql_open(w->path, 0, &db));
	assert_ok(sql_use(db, &notes_head, &st));
	assert_ok(sql_one(st));
	w->head = sql_i64(st, 0);
	sql_close(&db);
}

static void publication_comes_after_the_commit(void **unused)
{
	FIXTURE(f);
	struct buf path = database_path(&f, 1);
	struct witness w = { .path = path.p, .head = -1 };
	struct store_config config = {
		.state_dir = f.dir.path, .clock = &f.clock.clock, .max_handles = 4, .publish = look, .ctx = &w
	};
	struct store *other;

	(void)unused;
	notes_make(&f, 1);
	assert_ok(store_open(&config, &other));
	assert_ok(notes_commit(other, 1, 1, 1));
	assert_int_equal(w.head, 1);
	store_close(&other);
	buf_release(&path);
}

static void writers_announce_themselves_and_readers_do_not(void **unused)
{
	FIXTURE(f);

	(void)unused;
	notes_make(&f, 1);
	unsigned before = f.announced;
	struct store_tx *tx = begin(&f, 1, STORE_READ);
	store_tx_end(&tx);
	assert_int_equal(f.announced, before);
	tx = begin(&f, 1, STORE_WRITE);
	assert_int_equal(f.announced, before + 1);
	store_tx_end(&tx);
}

static void handles_are_bounded_and_come_back(void **unused)
{
	enum { MAILBOXES = 6 };
	CLEANUP(fixture_release) struct fixture f = { 0 };

	(void)unused;
	fixture_open(&f, 2);
	for (int64_t m = 1; m <= MAILBOXES; m++)
		notes_make(&f, m);
	for (int64_t n = 0; n < 3; n++) {
		for (int64_t m = 1; m <= MAILBOXES; m++) {
			assert_ok(notes_commit(f.store, m, 1, n));
			assert_true(f.store->handles <= 2);
		}
	}
	/* More at once than are kept: nobody is refused. */
	struct store_tx *open[MAILBOXES];
	for (int64_t m = 1; m <= MAILBOXES; m++)
		open[m - 1] = begin(&f, m, STORE_READ);
	for (int64_t m = 1; m <= MAILBOXES; m++)
		store_tx_end(&open[m - 1]);
	assert_int_equal(f.store->handles, 2);
	assert_int_equal(table_count(f.store->databases), 2);
}

static void a_mailbox_that_is_not_there_is_not_made(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx;
	struct stat st;
	struct buf path = database_path(&f, 9);

	(void)unused;
	assert_err(store_begin(f.store, 9, STORE_READ, &tx), ERR_NOT_FOUND);
	assert_err(store_begin(f.store, 9, STORE_WRITE, &tx), ERR_NOT_FOUND);
	assert_int_not_equal(stat(path.p, &st), 0);
	buf_release(&path);
}

/* Another process removed it: what would be written to the open file is lost, so it is refused. */
static void a_mailbox_removed_by_another_process_takes_no_writes(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct buf path = database_path(&f, 1);

	(void)unused;
	notes_make(&f, 1);
	assert_ok(notes_commit(f.store, 1, 1, 1));
	assert_int_equal(unlink(path.p), 0);
	assert_err(notes_commit(f.store, 1, 1, 2), ERR_NOT_FOUND);
	assert_err(store_begin(f.store, 1, STORE_READ, &tx), ERR_NOT_FOUND);
	buf_release(&path);
}

static void a_damaged_mailbox_harms_no_other(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx;
	struct buf path = database_path(&f, 1);

	(void)unused;
	notes_make(&f, 1);
	notes_make(&f, 2);
	fixture_reopen(&f);
	int fd = open(path.p, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "this is no database of any kind", 31), 31);
	close(fd);
	assert_err(store_begin(f.store, 1, STORE_READ, &tx), ERR_CORRUPT);
	assert_err(store_begin(f.store, 1, STORE_WRITE, &tx), ERR_CORRUPT);
	assert_ok(notes_commit(f.store, 2, 1, 1));
	buf_release(&path);
}

static void what_lay_in_a_mailbox_before_is_not_found_in_a_new_one(void **unused)
{
	FIXTURE(f);

	(void)unused;
	notes_make(&f, 1);
	assert_ok(notes_commit(f.store, 1, 1, 1));
	assert_ok(store_mailbox_remove(f.store, 1));
	assert_ok(store_mailbox_remove(f.store, 1));
	notes_make(&f, 1);
	assert_int_equal(fixture_number(&f, 1, &notes_count), 0);
	assert_int_equal(fixture_number(&f, 1, &notes_head), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_commit_is_read_again_after_a_restart),
		cmocka_unit_test(what_is_not_committed_is_undone),
		cmocka_unit_test(a_failed_statement_ends_its_transaction),
		cmocka_unit_test(a_step_is_undone_alone),
		cmocka_unit_test(a_failed_commit_leaves_nothing_open),
		cmocka_unit_test(a_reader_sees_one_moment),
		cmocka_unit_test(publications_merge_by_folder_and_author),
		cmocka_unit_test(publication_comes_after_the_commit),
		cmocka_unit_test(writers_announce_themselves_and_readers_do_not),
		cmocka_unit_test(handles_are_bounded_and_come_back),
		cmocka_unit_test(a_mailbox_that_is_not_there_is_not_made),
		cmocka_unit_test(a_mailbox_removed_by_another_process_takes_no_writes),
		cmocka_unit_test(a_damaged_mailbox_harms_no_other),
		cmocka_unit_test(what_lay_in_a_mailbox_before_is_not_found_in_a_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
