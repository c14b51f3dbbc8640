/* The engine seam: bindings, rows, errors by meaning, transactions, counts. */
#include "fixture.h"

#include <base/buf.h>

#include <fcntl.h>
#include <sys/stat.h>

struct file {
	struct tmpdir dir;
	char path[128];
	struct sql_db *db;
};

static void file_release(struct file *f)
{
	sql_close(&f->db);
	tmpdir_remove(&f->dir);
}

static void file_open(struct file *f)
{
	struct buf path = BUF_INIT(sizeof(f->path));

	f->dir = tmpdir_make();
	buf_fmt(&path, "%s/test.db", f->dir.path);
	memcpy(f->path, path.p, path.n);
	buf_release(&path);
	assert_ok(sql_open(f->path, SQL_CREATE, &f->db));
	assert_ok(sql_exec(f->db, "CREATE TABLE p (id INTEGER PRIMARY KEY);"
				  "CREATE TABLE t (a INTEGER UNIQUE, b TEXT, c BLOB, d INTEGER NOT NULL DEFAULT 0,"
				  " e INTEGER CHECK (e < 10), f INTEGER REFERENCES p (id))"));
}
#define FILE_FIXTURE(name)                              \
	CLEANUP(file_release) struct file name = { 0 }; \
	file_open(&name)

static struct sql_stmt *use(struct sql_db *db, const struct sql_def *def)
{
	struct sql_stmt *st;

	assert_ok(sql_use(db, def, &st));
	return st;
}

static void parameters_are_bound_by_their_number(void **unused)
{
	/* $2 comes first in the text, and $1 twice. */
	static const struct sql_def insert = { "insert", "INSERT INTO t (b, a, d) VALUES ($2, $1, $1)" };
	static const struct sql_def get = { "get", "SELECT a, b, d FROM t" };
	FILE_FIXTURE(f);

	(void)unused;
	struct sql_stmt *st = use(f.db, &insert);
	sql_bind_i64(st, 1, 7);
	sql_bind_text(st, 2, S("seven"));
	assert_ok(sql_run(st));
	assert_int_equal(sql_changes(f.db), 1);
	st = use(f.db, &get);
	assert_ok(sql_one(st));
	assert_int_equal(sql_i64(st, 0), 7);
	assert_true(str_eq(sql_str(st, 1), S("seven")));
	assert_int_equal(sql_i64(st, 2), 7);
	sql_reset(st);
}

static void values_come_back_as_they_went_in(void **unused)
{
	static const struct sql_def insert = { "insert", "INSERT INTO t (a, b, c) VALUES ($1, $2, $3)" };
	static const struct sql_def get = { "get", "SELECT a, b, c FROM t" };
	static const char octets[] = { 0, 1, (char)0xff, 0 };
	static const struct {
		const char *what;
		int64_t a;
		struct str b, c;
	} cases[] = {
		{ "extremes", INT64_MAX, { "x", 1 }, { octets, sizeof(octets) } },
		{ "the lowest", INT64_MIN, { "\xc3\xa4", 2 }, { octets, 1 } },
		{ "empty text is not NULL", 0, { NULL, 0 }, { "", 0 } },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FILE_FIXTURE(f);
		struct sql_stmt *st = use(f.db, &insert);

		sql_bind_i64(st, 1, cases[i].a);
		sql_bind_text(st, 2, cases[i].b);
		sql_bind_blob(st, 3, cases[i].c);
		assert_ok(sql_run(st));
		st = use(f.db, &get);
		assert_ok(sql_one(st));
		assert_true(sql_i64(st, 0) == cases[i].a);
		assert_true(str_eq(sql_str(st, 1), cases[i].b));
		assert_true(str_eq(sql_str(st, 2), cases[i].c));
		assert_false(sql_is_null(st, 1));
		assert_false(sql_is_null(st, 2));
		sql_reset(st);
	}
}

static void unbound_and_null_values_are_null(void **unused)
{
	static const struct sql_def insert = { "insert", "INSERT INTO t (a, b, c) VALUES ($1, $2, $3)" };
	static const struct sql_def get = { "get", "SELECT a, b, c FROM t" };
	FILE_FIXTURE(f);
	struct sql_stmt *st = use(f.db, &insert);

	(void)unused;
	sql_bind_null(st, 1);
	sql_bind_blob(st, 3, STR_EMPTY);
	assert_ok(sql_run(st));
	st = use(f.db, &get);
	assert_ok(sql_one(st));
	for (int i = 0; i < 3; i++)
		assert_true(sql_is_null(st, i));
	assert_int_equal(sql_i64(st, 0), 0);
	assert_int_equal(sql_str(st, 1).n, 0);
	sql_reset(st);
	/* The next use begins without bindings. */
	assert_ptr_equal(use(f.db, &get), st);
}

static void errors_have_a_meaning(void **unused)
{
	static const struct {
		const char *what;
		const char *text;
		enum err expected;
	} cases[] = {
		{ "unique", "INSERT INTO t (a) VALUES (1)", ERR_EXISTS },
		{ "primary key", "INSERT INTO p (id) VALUES (1)", ERR_EXISTS },
		{ "foreign key", "INSERT INTO t (a, f) VALUES (2, 99)", ERR_NOT_FOUND },
		{ "not null", "INSERT INTO t (a, d) VALUES (2, NULL)", ERR_CORRUPT },
		{ "check", "INSERT INTO t (a, e) VALUES (2, 10)", ERR_CORRUPT },
		{ "no such table", "SELECT * FROM nowhere", ERR_CORRUPT },
		{ "too big", "INSERT INTO t (a, c) VALUES (2, zeroblob(2000000000))", ERR_LIMIT },
	};
	FILE_FIXTURE(f);

	(void)unused;
	assert_ok(sql_exec(f.db, "INSERT INTO t (a) VALUES (1); INSERT INTO p (id) VALUES (1)"));
	for (size_t i = 0; i < countof(cases); i++) {
		enum err e = sql_exec(f.db, cases[i].text);

		if (e != cases[i].expected)
			fail_msg("%s: %s (%s)", cases[i].what, err_text(e), sql_message(f.db));
	}
}

static void opening_tells_why_it_fails(void **unused)
{
	FILE_FIXTURE(f);
	struct sql_db *db;
	int fd;

	(void)unused;
	assert_err(sql_open("/nowhere/at/all.db", 0, &db), ERR_NOT_FOUND);
	assert_err(sql_open("/nowhere/at/all.db", SQL_CREATE, &db), ERR_NOT_FOUND);
	assert_err(sql_open(f.dir.path, 0, &db), ERR_IO);
	sql_close(&f.db);
	fd = open(f.path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "no database, but long enough for a header", 41), 41);
	close(fd);
	assert_err(sql_open(f.path, 0, &db), ERR_CORRUPT);
}

static void a_new_database_is_its_owners_alone(void **unused)
{
	FILE_FIXTURE(f);
	struct stat st;

	(void)unused;
	assert_int_equal(stat(f.path, &st), 0);
	assert_int_equal(st.st_mode & (S_IRWXG | S_IRWXO), 0);
}

/* The engine takes the name of a setting that it does not know without a word, so each is asked for. */
static void the_settings_that_durability_rests_on_are_in_force(void **unused)
{
	static const struct {
		struct sql_def def;
		int64_t expected;
	} cases[] = {
		{ { "synchronous", "PRAGMA synchronous" }, 2 },     /* FULL */
		{ { "secure_delete", "PRAGMA secure_delete" }, 2 }, /* FAST */
		{ { "wal_autocheckpoint", "PRAGMA wal_autocheckpoint" }, 1000 },
		{ { "journal_size_limit", "PRAGMA journal_size_limit" }, 8388608 },
		{ { "foreign_keys", "PRAGMA foreign_keys" }, 1 },
		{ { "trusted_schema", "PRAGMA trusted_schema" }, 0 },
		{ { "mmap_size", "PRAGMA mmap_size" }, 0 },
		{ { "cache_size", "PRAGMA cache_size" }, -512 },
		{ { "temp_store", "PRAGMA temp_store" }, 2 }, /* MEMORY */
		{ { "is_wal", "SELECT journal_mode = 'wal' FROM pragma_journal_mode" }, 1 },
	};
	FILE_FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct sql_stmt *st = use(f.db, &cases[i].def);

		assert_ok(sql_one(st));
		if (sql_i64(st, 0) != cases[i].expected)
			fail_msg("%s: %lld", cases[i].def.name, (long long)sql_i64(st, 0));
		sql_reset(st);
	}
}

static void the_message_outlives_the_next_call(void **unused)
{
	FILE_FIXTURE(f);

	(void)unused;
	assert_string_equal(sql_message(f.db), "");
	assert_err(sql_exec(f.db, "SELECT * FROM nowhere"), ERR_CORRUPT);
	assert_ok(sql_exec(f.db, "INSERT INTO p (id) VALUES (5)"));
	assert_non_null(strstr(sql_message(f.db), "nowhere"));
}

static void a_lock_of_another_connection_is_busy(void **unused)
{
	FILE_FIXTURE(f);
	struct sql_db *other;

	(void)unused;
	assert_ok(sql_open(f.path, 0, &other));
	assert_ok(sql_exec(other, "PRAGMA busy_timeout = 1"));
	assert_ok(sql_begin(f.db, true));
	assert_err(sql_begin(other, true), ERR_BUSY);
	assert_false(sql_in_transaction(other));
	assert_ok(sql_begin(other, false)); /* readers do not wait */
	sql_rollback(other);
	sql_rollback(f.db);
	assert_ok(sql_begin(other, true));
	sql_close(&other); /* rolls back */
	assert_ok(sql_begin(f.db, true));
	sql_rollback(f.db);
	sql_rollback(f.db);
}

static void a_failed_commit_rolls_back(void **unused)
{
	FILE_FIXTURE(f);

	(void)unused;
	assert_ok(sql_exec(f.db, "CREATE TABLE late (f INTEGER REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)"));
	assert_ok(sql_begin(f.db, true));
	assert_ok(sql_exec(f.db, "INSERT INTO late (f) VALUES (9)"));
	assert_err(sql_commit(f.db), ERR_NOT_FOUND);
	assert_false(sql_in_transaction(f.db));
	assert_int_equal(sql_counts(f.db).commits, 0);
}

static void a_failed_statement_ends_the_transaction_but_not_the_savepoint_before(void **unused)
{
	static const struct sql_def count = { "count", "SELECT COUNT(*) FROM p" };
	FILE_FIXTURE(f);

	(void)unused;
	assert_ok(sql_begin(f.db, true));
	assert_ok(sql_exec(f.db, "INSERT INTO p (id) VALUES (1)"));
	assert_ok(sql_savepoint(f.db));
	assert_err(sql_exec(f.db, "INSERT INTO p (id) VALUES (1)"), ERR_EXISTS);
	assert_err(sql_exec(f.db, "INSERT INTO p (id) VALUES (2)"), ERR_EXISTS);
	struct sql_stmt *st = use(f.db, &count);
	assert_err(sql_one(st), ERR_EXISTS);
	assert_err(sql_tx_error(f.db), ERR_EXISTS);
	assert_ok(sql_savepoint_undo(f.db));
	assert_ok(sql_savepoint(f.db));
	assert_ok(sql_tx_error(f.db));
	assert_ok(sql_exec(f.db, "INSERT INTO p (id) VALUES (3)"));
	assert_ok(sql_step_begin(f.db));
	assert_err(sql_exec(f.db, "INSERT INTO p (id) VALUES (3), (4)"), ERR_EXISTS);
	assert_err(sql_step_keep(f.db), ERR_EXISTS);
	assert_ok(sql_step_undo(f.db));
	assert_ok(sql_savepoint_release(f.db));
	assert_ok(sql_commit(f.db));
	assert_ok(sql_one(st));
	assert_int_equal(sql_i64(st, 0), 2);
	sql_reset(st);
}

static void rows_and_commits_are_counted(void **unused)
{
	static const struct sql_def one = { "item_one", "SELECT id FROM p WHERE id = 1" };
	static const struct sql_def all = { "item_all", "SELECT id FROM p" };
	static const struct sql_def other = { "folder_all", "SELECT id FROM p" };
	FILE_FIXTURE(f);

	(void)unused;
	assert_ok(sql_begin(f.db, true));
	assert_ok(sql_exec(f.db, "INSERT INTO p (id) VALUES (1), (2), (3)"));
	assert_ok(sql_commit(f.db));
	assert_ok(sql_begin(f.db, true));
	assert_ok(sql_commit(f.db)); /* changes nothing */
	assert_ok(sql_run(use(f.db, &one)));
	assert_ok(sql_run(use(f.db, &all)));
	assert_ok(sql_run(use(f.db, &other)));
	assert_int_equal(sql_rows_stepped(f.db, "item_"), 4);
	assert_int_equal(sql_rows_stepped(f.db, "folder_"), 3);
	assert_int_equal(sql_rows_stepped(f.db, "nothing"), 0);
	assert_int_equal(sql_counts(f.db).commits, 1);
	assert_true(sql_counts(f.db).rows_stepped >= 7);
}

static void a_commit_is_made_for_disk(void **unused)
{
	static const struct sql_def sync = { "sync", "PRAGMA synchronous" };
	static const struct sql_def journal = { "journal", "PRAGMA journal_mode" };
	static const struct sql_def secure = { "secure", "PRAGMA secure_delete" };
	FILE_FIXTURE(f);
	struct sql_stmt *st = use(f.db, &sync);

	(void)unused;
	assert_ok(sql_one(st));
	assert_int_equal(sql_i64(st, 0), 2); /* FULL */
	sql_reset(st);
	st = use(f.db, &journal);
	assert_ok(sql_one(st));
	assert_true(str_eq(sql_str(st, 0), S("wal")));
	sql_reset(st);
	st = use(f.db, &secure);
	assert_ok(sql_one(st));
	assert_int_equal(sql_i64(st, 0), 2); /* FAST */
	sql_reset(st);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_bound_by_their_number),
		cmocka_unit_test(values_come_back_as_they_went_in),
		cmocka_unit_test(unbound_and_null_values_are_null),
		cmocka_unit_test(errors_have_a_meaning),
		cmocka_unit_test(opening_tells_why_it_fails),
		cmocka_unit_test(a_new_database_is_its_owners_alone),
		cmocka_unit_test(the_settings_that_durability_rests_on_are_in_force),
		cmocka_unit_test(the_message_outlives_the_next_call),
		cmocka_unit_test(a_lock_of_another_connection_is_busy),
		cmocka_unit_test(a_failed_commit_rolls_back),
		cmocka_unit_test(a_failed_statement_ends_the_transaction_but_not_the_savepoint_before),
		cmocka_unit_test(rows_and_commits_are_counted),
		cmocka_unit_test(a_commit_is_made_for_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
