/* What a walk asks of the disk before its turn comes, and how the pages are found. */
#include "mailbox_fixture.h"

#include <base/buf.h>
#include <store/item_scan.h>
#include <store/sql/btree_page.h>
#include <store/sql/read_ahead.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 4096, FEW = 8, SPILLED = 100 };

/* The system's, in its place, for a walk and the thread beside it: what was asked for. A thread that is held asks for nothing. */
static struct {
	pthread_mutex_t hold;
	_Atomic size_t pages, wrong;
	_Atomic size_t own; /* of them, by those who walk */
} asked = { .hold = PTHREAD_MUTEX_INITIALIZER };
static _Thread_local bool walks;

int posix_fadvise(int fd, off_t at, off_t n, int advice)
{
	if (fd < 0 || at <= 0 || at % PAGE || n <= 0 || n % PAGE || advice != POSIX_FADV_WILLNEED)
		asked.wrong++;
	if (!walks) {
		pthread_mutex_lock(&asked.hold);
		pthread_mutex_unlock(&asked.hold);
	}
	asked.pages += (size_t)(n / PAGE);
	asked.own += walks ? (size_t)(n / PAGE) : 0;
	return 0;
}

/* Once all has been. */
static size_t asked_pages(void)
{
	read_ahead_settle();
	assert_int_equal(asked.wrong, 0);
	return asked.pages;
}

static void forget_asked(void)
{
	walks = true;
	read_ahead_settle();
	asked.pages = asked.own = 0;
}

/* ---- pages ---- */

static void put16(char *at, unsigned v)
{
	at[0] = (char)(v >> 8);
	at[1] = (char)v;
}

/* Children as text: "3 4 9". */
static void check_children(struct str page, const char *expected)
{
	CLEANUP(buf_release) struct buf said = BUF_INIT(1024);
	struct btree_children c;
	uint32_t n;

	if (btree_children_of(page, &c))
		while (btree_children_next(&c, &n))
			buf_fmt(&said, "%s%u", said.n ? " " : "", n);
	assert_true(str_eq(buf_view(&said), str_of(expected)));
}

static void an_interior_page_names_its_children(void **unused)
{
	static const struct {
		unsigned char kind;
		size_t size;
		unsigned cells, offsets[3], last;
		const char *children;
	} cases[] = {
		{ 0x05, 512, 2, { 500, 400 }, 9, "500 400 9" },
		{ 0x02, 512, 3, { 100, 508, 200 }, 9, "100 508 200 9" },
		{ 0x05, 512, 0, { 0 }, 9, "9" },
		{ 0x05, 512, 2, { 509, 400 }, 9, "400 9" },   /* a cell that the page's end cuts */
		{ 0x05, 512, 2, { 65535, 400 }, 9, "400 9" }, /* and one behind it */
		{ 0x05, 512, 2, { 500, 400 }, 0, "500 400" }, /* no page has this number */
		{ 0x05, 512, 84, { 0 }, 9, "" },              /* more cells than there is room for */
		{ 0x05, 512, 65535, { 0 }, 9, "" },
		{ 0x05, 511, 2, { 500, 400 }, 9, "" }, /* too small for a page */
		{ 0x0d, 512, 2, { 500, 400 }, 9, "" }, /* a leaf */
		{ 0x0a, 512, 2, { 500, 400 }, 9, "" },
		{ 0x00, 512, 2, { 500, 400 }, 9, "" }, /* of an overflow chain */
	};
	(void)unused;

	for (size_t i = 0; i < countof(cases); i++) {
		char *page = calloc(1, cases[i].size); /* of exactly that size, for the sanitizer */

		assert_non_null(page);
		page[0] = (char)cases[i].kind;
		put16(page + 3, cases[i].cells);
		put16(page + 10, cases[i].last);
		for (size_t c = 0; c < countof(cases[i].offsets) && cases[i].offsets[c]; c++) {
			put16(page + 12 + 2 * c, cases[i].offsets[c]);
			if (cases[i].offsets[c] + 4 <= cases[i].size)
				put16(page + cases[i].offsets[c] + 2, cases[i].offsets[c]);
		}
		check_children(str_from(page, cases[i].size), cases[i].children);
		free(page);
	}
}

/* ---- statements ---- */

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

/* Tables of both kinds, in the file and not in the log any more, and nothing of them in the engine's memory. */
static void file_open(struct file *f)
{
	f->dir = tmpdir_make();
	snprintf(f->path, sizeof(f->path), "%s/test.db", f->dir.path);
	assert_ok(sql_open(f->path, SQL_CREATE, &f->db));
	assert_ok(sql_exec(f->db, "CREATE TABLE r (n INTEGER PRIMARY KEY, b BLOB);"
				  "CREATE TABLE w (n INTEGER PRIMARY KEY, b BLOB) WITHOUT ROWID;"
				  "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000)"
				  " INSERT INTO r SELECT n, zeroblob(200) FROM c;"
				  "INSERT INTO w SELECT n, b FROM r"));
	sql_close(&f->db);
	assert_ok(sql_open(f->path, 0, &f->db));
}

static int64_t number(struct sql_db *db, const struct sql_def *def, unsigned trees)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	assert_ok(sql_use(db, def, &st));
	sql_read_ahead(st, trees);
	assert_ok(sql_one(st));
	return sql_i64(st, 0);
}

static void a_walk_asks_for_every_page_below_those_of_its_kind(void **unused)
{
	static const struct sql_def walk[] = { { "index", "SELECT sum(length(b)) FROM w" },
					       { "table", "SELECT sum(length(b)) FROM r" } };
	/* As the engine itself counts them; a root is below nobody. */
	static const struct sql_def pages[] = {
		{ "index_pages", "SELECT count(*) FROM dbstat WHERE name = 'w' AND path <> '/'" },
		{ "table_pages", "SELECT count(*) FROM dbstat WHERE name = 'r' AND path <> '/'" }
	};
	(void)unused;

	for (size_t i = 0; i < countof(walk); i++)
		for (unsigned trees = 0; trees <= (SQL_TREES_INDEX | SQL_TREES_TABLE); trees++) {
			CLEANUP(file_release) struct file f = { 0 };
			size_t n;

			file_open(&f);
			forget_asked();
			assert_int_equal(number(f.db, &walk[i], trees), 3000 * 200);
			n = asked_pages();
			assert_int_equal(n, trees & 1u << i ? number(f.db, &pages[i], 0) : 0);
			/* Whoever uses the statement next says so himself. */
			assert_int_equal(number(f.db, &walk[i], 0), 3000 * 200);
			assert_int_equal(asked_pages(), n);
		}
}

/* A row a page, of two tables by turns, so that no two of one lie side by side; below one interior page are some hundred. */
static void who_walks_asks_himself_once_too_many_wait(void **unused)
{
	static const struct sql_def walk = { "walk", "SELECT sum(n) FROM a" };
	static const struct sql_def pages = {
		"pages", "SELECT count(*) FROM dbstat WHERE name = 'a' AND path <> '/' AND pagetype = 'leaf'"
	};
	static const struct {
		int rows;
		bool spills;
	} cases[] = { { READ_AHEAD_WAITING_MAX, false }, { READ_AHEAD_WAITING_MAX + SPILLED, true } };
	(void)unused;

	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(file_release) struct file f = { 0 };
		CLEANUP(buf_release) struct buf fill = BUF_INIT(1024);
		size_t leaves, own;

		file_open(&f);
		buf_fmt(&fill,
			"CREATE TABLE a (n INTEGER PRIMARY KEY, b BLOB); CREATE TABLE b (n INTEGER PRIMARY KEY, b "
			"BLOB);"
			"CREATE TRIGGER by_turns AFTER INSERT ON a BEGIN INSERT INTO b VALUES (new.n, new.b); END;"
			"WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < %d)"
			" INSERT INTO a SELECT n, zeroblob(3000) FROM c",
			cases[i].rows);
		buf_char(&fill, '\0');
		assert_ok(sql_exec(f.db, fill.p));
		leaves = (size_t)number(f.db, &pages, 0);
		assert_int_equal(leaves, cases[i].rows);
		sql_close(&f.db); /* the log goes into the file */
		assert_ok(sql_open(f.path, 0, &f.db));
		forget_asked();
		pthread_mutex_lock(&asked.hold);
		number(f.db, &walk, SQL_TREES_TABLE);
		own = asked.own;
		pthread_mutex_unlock(&asked.hold);
		/* The few below the root are not worth a thread. */
		assert_in_range(own, cases[i].spills ? SPILLED : 1, cases[i].spills ? SPILLED + FEW : FEW);
		assert_true(asked_pages() >= leaves);
	}
}

/* ---- folders ---- */

enum { MANY = 600, SOME = 70 };

static void add(struct mailbox *m, int64_t folder, size_t n)
{
	static const char text[500];
	const struct item_summary summary = { .summary = str_from(text, sizeof(text)), .structure = S("s") };

	while (n--)
		assert_ok(item_summary_put(m->tx, mailbox_add(m, folder).id, &summary));
}

/* Of a store that was just begun. */
static size_t asked_by(struct mailbox *m, const struct item_scan_range *range)
{
	CLEANUP(item_scan_close) struct item_scan scan = { 0 };
	struct item item;
	bool row = true;

	store_tx_end(&m->tx);
	fixture_reopen(&m->f);
	assert_ok(store_begin(m->f.store, MAILBOX, STORE_READ, &m->tx));
	forget_asked();
	assert_ok(item_scan_open(m->tx, ITEM_SCAN_SUMMARIES, range, &scan));
	while (row)
		assert_ok(item_scan_next(&scan, &item, &row));
	return asked_pages();
}

static void a_folder_is_read_ahead_where_most_of_it_is_asked_for(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	size_t most, rows;

	add(&m, m.inbox, MANY);
	add(&m, m.junk, SOME);
	mailbox_next(&m);
	most = asked_by(&m, &(struct item_scan_range){ m.inbox, 1, UINT32_MAX, ITEM_DELETED, 0 });
	assert_true(most > MANY / 10); /* summaries: seven a page */
	assert_int_equal(asked_by(&m, &(struct item_scan_range){ m.inbox, 1, MANY, 0, 0 }), most);
	/* Rows alone, where few may be wanted of what lies beside them, or their folder is a small part of the mailbox. */
	rows = asked_by(&m, &(struct item_scan_range){ m.inbox, 1, UINT32_MAX, ITEM_SEEN, 0 });
	assert_true(rows > 0 && rows < MANY / 20);
	assert_int_equal(asked_by(&m, &(struct item_scan_range){ m.inbox, 1, UINT32_MAX, ITEM_DELETED, ITEM_DELETED }),
			 rows);
	assert_true(asked_by(&m, &(struct item_scan_range){ m.junk, 1, UINT32_MAX, 0, 0 }) <= rows);
	/* A few: nothing. */
	assert_int_equal(asked_by(&m, &(struct item_scan_range){ m.inbox, 1, FEW, 0, 0 }), 0);
	assert_int_equal(asked_by(&m, &(struct item_scan_range){ m.inbox, MANY, 1, 0, 0 }), 0);
	assert_int_equal(asked_by(&m, &(struct item_scan_range){ m.inbox + 1000, 1, UINT32_MAX, 0, 0 }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interior_page_names_its_children),
		cmocka_unit_test(a_walk_asks_for_every_page_below_those_of_its_kind),
		cmocka_unit_test(who_walks_asks_himself_once_too_many_wait),
		cmocka_unit_test(a_folder_is_read_ahead_where_most_of_it_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
