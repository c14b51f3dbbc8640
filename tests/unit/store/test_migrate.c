/* Migrations: once each, all or nothing, and never back. */
#include "fixture.h"

#include <base/arena.h>
#include <base/buf.h>
#include <store/schema/schema.h>

#include <sys/wait.h>

enum { NOW_MS = 5000 };

static const struct schema_migration steps[] = {
	{ "0001_one", "CREATE TABLE one (id INTEGER PRIMARY KEY); INSERT INTO one VALUES (1);" },
	{ "0002_two", "ALTER TABLE one ADD COLUMN more INTEGER; UPDATE one SET more = 2;" },
	{ "0003_bad", "CREATE TABLE three (id INTEGER PRIMARY KEY); INSERT INTO nowhere VALUES (1);" },
};

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
}
#define FILE_FIXTURE(name)                              \
	CLEANUP(file_release) struct file name = { 0 }; \
	file_open(&name)

static enum err apply(struct sql_db *db, size_t count)
{
	const struct schema schema = { "test", steps, count };

	return schema_apply(db, &schema, NOW_MS);
}

static int64_t number(struct sql_db *db, const struct sql_def *def)
{
	struct sql_stmt *st;

	assert_ok(sql_use(db, def, &st));
	assert_ok(sql_one(st));
	int64_t n = sql_i64(st, 0);
	sql_reset(st);
	return n;
}

static const struct sql_def applied = { "test_applied", "SELECT COUNT(*) FROM migration WHERE applied_ms = 5000" };
static const struct sql_def more = { "test_more", "SELECT more FROM one WHERE id = 1" };

static void migrations_are_applied_in_order_and_once(void **unused)
{
	FILE_FIXTURE(f);

	(void)unused;
	assert_ok(apply(f.db, 1));
	assert_int_equal(number(f.db, &applied), 1);
	assert_ok(apply(f.db, 2));
	assert_int_equal(number(f.db, &more), 2);
	uint64_t commits = sql_counts(f.db).commits;
	assert_ok(apply(f.db, 2));
	assert_int_equal(number(f.db, &applied), 2);
	assert_int_equal(sql_counts(f.db).commits, commits);
}

static void a_failed_migration_leaves_the_version_before(void **unused)
{
	FILE_FIXTURE(f);

	(void)unused;
	assert_ok(apply(f.db, 2));
	assert_err(apply(f.db, 3), ERR_CORRUPT);
	assert_false(sql_in_transaction(f.db));
	assert_int_equal(number(f.db, &applied), 2);
	assert_err(sql_exec(f.db, "SELECT * FROM three"), ERR_CORRUPT);
	assert_ok(apply(f.db, 2));
}

static void a_first_migration_that_fails_leaves_nothing(void **unused)
{
	FILE_FIXTURE(f);
	const struct schema bad = { "test", &steps[2], 1 };

	(void)unused;
	assert_err(schema_apply(f.db, &bad, NOW_MS), ERR_CORRUPT);
	assert_ok(apply(f.db, 1));
	assert_int_equal(number(f.db, &applied), 1);
}

static void a_newer_database_is_refused_and_left_as_it_is(void **unused)
{
	FILE_FIXTURE(f);

	(void)unused;
	assert_ok(apply(f.db, 2));
	assert_err(apply(f.db, 1), ERR_UNSUPPORTED);
	assert_int_equal(number(f.db, &applied), 2);
}

static void a_store_with_a_newer_directory_does_not_open(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx;

	(void)unused;
	assert_ok(store_begin(f.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(sql_exec(store_tx_db(tx), "INSERT INTO migration VALUES (999, '0999_later', 0)"));
	assert_ok(store_commit(&tx));
	store_close(&f.store);
	struct store_config config = { .state_dir = f.dir.path, .clock = &f.clock.clock, .max_handles = 2 };
	assert_err(store_open(&config, &f.store), ERR_UNSUPPORTED);
	assert_null(f.store);
}

/* Several processes start at once: one of them migrates, the others find it done. */
static void processes_that_migrate_at_once_agree(void **unused)
{
	enum { PROCESSES = 4 };
	FILE_FIXTURE(f);
	pid_t children[PROCESSES];

	(void)unused;
	sql_close(&f.db);
	for (size_t i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct sql_db *db;

			_exit(sql_open(f.path, SQL_CREATE, &db) != ERR_OK || apply(db, 2) != ERR_OK);
		}
	}
	for (size_t i = 0; i < PROCESSES; i++) {
		int status = -1;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_ok(sql_open(f.path, 0, &f.db));
	assert_int_equal(number(f.db, &applied), 2);
}

/*
 * The PostgreSQL engine can be sharded by the mailbox: every table of a mailbox, and its key, begin with its id. In a
 * file, which holds one mailbox, the number behind it may be the key alone, and so the row's place.
 */
static void every_table_of_a_mailbox_begins_with_its_id(void **unused)
{
	static const struct sql_def tables = { "test_tables", "SELECT name FROM sqlite_schema WHERE type = 'table'"
							      " AND name NOT LIKE 'sqlite_%' AND name <> 'migration'" };
	static const struct sql_def columns = { "test_columns",
						"SELECT (SELECT name FROM pragma_table_info($1) WHERE cid = 0),"
						" (SELECT name FROM pragma_table_info($1) WHERE pk = 1),"
						" (SELECT COUNT(*) FROM pragma_table_info($1) WHERE pk > 0"
						" AND cid > 1) + (SELECT COUNT(*) FROM pragma_table_info($1)"
						" WHERE pk > 1)" };
	FILE_FIXTURE(f);
	struct sql_stmt *names, *st;
	unsigned n = 0;
	bool row;

	(void)unused;
	assert_ok(schema_apply(f.db, &schema_mailbox, NOW_MS));
	assert_ok(sql_use(f.db, &tables, &names));
	for (;;) {
		assert_ok(sql_step(names, &row));
		if (!row)
			break;
		assert_ok(sql_use(f.db, &columns, &st));
		sql_bind_text(st, 1, sql_str(names, 0));
		assert_ok(sql_one(st));
		if (!str_eq(sql_str(st, 0), S("mailbox_id")) ||
		    (!str_eq(sql_str(st, 1), S("mailbox_id")) && sql_i64(st, 2) > 0))
			fail_msg("table " STR_FMT, STR_ARG(sql_str(names, 0)));
		sql_reset(st);
		n++;
	}
	assert_true(n >= 3);
}

/* ---- the mailbox's own ---- */

enum { CLASSES_AT = 11, COUNTERS_AT = 24 }; /* 0011_classes, 0024_counters */

static struct str text(struct sql_db *db, struct arena *a, const struct sql_def *def)
{
	struct str got;
	struct sql_stmt *st;

	assert_ok(sql_use(db, def, &st));
	assert_ok(sql_one(st));
	assert_ok(arena_str(a, sql_str(st, 0), &got));
	sql_reset(st);
	return got;
}

/* A mailbox from before: the folders of other classes come, and nobody's mailboxes or folders go or change their name. */
static void older_mailboxes_get_the_folders_of_all_classes(void **unused)
{
	static const struct sql_def folders = {
		"test_folders", "SELECT group_concat(folder_id || ' ' || role || ' ' || class || ' ' || name"
				" || ' ' || modified_change, ';')"
				" FROM (SELECT * FROM folder ORDER BY folder_id)"
	};
	static const struct sql_def counters = { "test_counters",
						 "SELECT last_folder || ' ' || last_uid_validity || ' '"
						 " || (SELECT head_change FROM mailbox) FROM counter" };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 16);
	const struct schema before = { "mailbox", schema_mailbox.migrations, CLASSES_AT - 1 };
	const struct schema after = { "mailbox", schema_mailbox.migrations, CLASSES_AT };
	FILE_FIXTURE(f);

	(void)unused;
	assert_ok(schema_apply(f.db, &before, NOW_MS));
	assert_ok(sql_exec(f.db, "INSERT INTO mailbox VALUES (7, 20, 0, 1);"
				 "INSERT INTO counter VALUES (7, 9, 30, 100);"
				 "INSERT INTO folder VALUES"
				 " (7, 0, 0, '', 0, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0),"
				 " (7, 1, 0, 'Inbox', 1, 1, 5, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0),"
				 " (7, 2, 0, 'Notes', 0, 1, 6, 1, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0),"
				 " (7, 3, 0, 'Tasks', 0, 4, 7, 1, 0, 0, 0, 0, 3, 3, 0, 9, 9, 0),"
				 " (7, 4, 2, 'Calendar', 0, 2, 8, 1, 0, 0, 0, 0, 4, 4, 0, 0, 0, 0)"));
	assert_ok(schema_apply(f.db, &after, NOW_MS));
	assert_true(str_eq(text(f.db, &a, &folders),
			   S("0 0 0  0;1 1 1 Inbox 1;2 0 1 Notes 2;3 10 4 Tasks 21;4 0 2 Calendar 4;10 8 2 Calendar 21;"
			     "11 9 3 Contacts 21;13 11 5 Notes 21;14 12 3 Recipient Cache 21")));
	assert_true(str_eq(text(f.db, &a, &counters), S("14 105 21")));
}

/* No number of theirs is given a second time. */
static void older_mailboxes_count_on(void **unused)
{
	static const struct sql_def counters = { "test_counters",
						 "SELECT mailbox_id || ' ' || last_folder || ' ' || last_item || ' '"
						 " || last_uid_validity || ' ' || head_change FROM mailbox" };
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "INSERT INTO counter VALUES (7, 9, 30, 100)", "7 9 30 100 20" },
		{ "DELETE FROM counter", "7 0 0 0 20" }, /* it never had a folder */
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 16);
	const struct schema before = { "mailbox", schema_mailbox.migrations, COUNTERS_AT - 1 };
	const struct schema after = { "mailbox", schema_mailbox.migrations, COUNTERS_AT };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FILE_FIXTURE(f);

		assert_ok(schema_apply(f.db, &before, NOW_MS));
		assert_ok(sql_exec(f.db, "INSERT INTO mailbox (mailbox_id, head_change, last_blob, created_ms)"
					 " VALUES (7, 20, 0, 1)"));
		assert_ok(sql_exec(f.db, cases[i].before));
		assert_ok(schema_apply(f.db, &after, NOW_MS));
		assert_true(str_eq(text(f.db, &a, &counters), str_of(cases[i].after)));
		assert_err(sql_exec(f.db, "SELECT 1 FROM counter"), ERR_CORRUPT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(migrations_are_applied_in_order_and_once),
		cmocka_unit_test(a_failed_migration_leaves_the_version_before),
		cmocka_unit_test(a_first_migration_that_fails_leaves_nothing),
		cmocka_unit_test(a_newer_database_is_refused_and_left_as_it_is),
		cmocka_unit_test(a_store_with_a_newer_directory_does_not_open),
		cmocka_unit_test(processes_that_migrate_at_once_agree),
		cmocka_unit_test(every_table_of_a_mailbox_begins_with_its_id),
		cmocka_unit_test(older_mailboxes_get_the_folders_of_all_classes),
		cmocka_unit_test(older_mailboxes_count_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
