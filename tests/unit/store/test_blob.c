/* Bodies: small ones in the table, large ones in files; never a row without its octets; leftovers go. */
#include "fixture.h"

#include <base/buf.h>
#include <base/mem.h>
#include <store/blob.h>

#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { MAILBOX = 1, BIG = 3 * STORE_BLOB_INLINE_MAX + 17 };

static const struct sql_def blob_rows = { "test_blob_rows", "SELECT COUNT(*) FROM blob" };
static const struct sql_def body_rows = { "test_body_rows", "SELECT COUNT(*) FROM blob_body" };
static const struct sql_def file_rows = { "test_file_rows", "SELECT COUNT(*) FROM blob WHERE file IS NOT NULL" };

static void open_mailbox(struct fixture *f)
{
	assert_ok(store_mailbox_create(f->store, MAILBOX));
}
#define BLOB_FIXTURE(name) \
	FIXTURE(name);     \
	open_mailbox(&name)

/* n octets that differ from place to place and from seed to seed. */
static char *make_octets(size_t n, unsigned seed)
{
	char *p = mem_alloc(n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)((i * 31 + i / 251 + seed) & 0xff);
	return p;
}

static void free_octets(char **p)
{
	free(*p);
}

static struct store_blob_writer *write_all(struct fixture *f, struct str octets, size_t step)
{
	struct store_blob_writer *w;

	assert_ok(store_blob_writer_new(f->store, MAILBOX, &w));
	for (size_t at = 0; at < octets.n; at += step)
		assert_ok(store_blob_write(w, str_slice(octets, at, at + step)));
	assert_ok(store_blob_finish(w));
	return w;
}

/* Writes, attaches and refers to it. */
static int64_t keep(struct fixture *f, struct str octets, size_t step)
{
	struct store_blob_writer *w = write_all(f, octets, step);
	struct store_tx *tx;
	int64_t blob;

	assert_ok(store_begin(f->store, MAILBOX, STORE_WRITE, &tx));
	assert_ok(store_blob_attach(tx, w, &blob));
	assert_ok(store_blob_ref(tx, blob));
	assert_ok(store_commit(&tx));
	store_blob_writer_drop(&w);
	return blob;
}

static struct store_blob *open_blob(struct fixture *f, int64_t blob)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct store_blob *b;

	assert_ok(store_begin(f->store, MAILBOX, STORE_READ, &tx));
	assert_ok(store_blob_open(tx, blob, &b));
	return b;
}

static void unref(struct fixture *f, int64_t blob)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->store, MAILBOX, STORE_WRITE, &tx));
	assert_ok(store_blob_unref(tx, blob));
	assert_ok(store_commit(&tx));
}

static size_t sweep(struct fixture *f)
{
	size_t removed;

	assert_ok(store_blob_sweep(f->store, MAILBOX, &removed));
	return removed;
}

static struct buf blobs_path(struct fixture *f, const char *below)
{
	struct buf b = BUF_INIT(4096);

	buf_fmt(&b, "%s/mailbox/%d/blobs/%s%c", f->dir.path, MAILBOX, below, 0);
	return b;
}

static size_t count_in(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir))) {
		struct stat st;

		if (fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
			n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

/* Files in tmp/ and on the shelves. */
static size_t files(struct fixture *f)
{
	struct buf top = blobs_path(f, "");
	DIR *dir = opendir(top.p);
	const struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		struct buf shelf = blobs_path(f, entry->d_name);
		n += count_in(shelf.p);
		buf_release(&shelf);
	}
	if (dir)
		closedir(dir);
	buf_release(&top);
	return n;
}

/* Files are stamped by the system's clock; a store's clock a day and a bit ahead finds them old. */
static void age_files(struct fixture *f)
{
	int64_t ahead = clock_wall_ms(clock_real()) + STORE_BLOB_LEFTOVER_MS + 1000;

	clock_fake_advance(&f->clock, ahead - clock_wall_ms(&f->clock.clock));
}

static void assert_same(struct store_blob *b, struct str octets)
{
	char *p = mem_alloc(octets.n + 1);
	size_t got;

	assert_int_equal(store_blob_size(b), octets.n);
	assert_ok(store_blob_read(b, 0, p, octets.n + 1, &got));
	assert_true(str_eq(str_from(p, got), octets));
	free(p);
}

static void octets_come_back_from_table_and_file(void **unused)
{
	static const struct {
		size_t n, step;
		bool in_file;
	} cases[] = {
		{ 0, 1, false },
		{ 1, 1, false },
		{ 5000, 1, false },
		{ STORE_BLOB_INLINE_MAX, 4096, false },
		{ STORE_BLOB_INLINE_MAX, STORE_BLOB_INLINE_MAX, false },
		{ STORE_BLOB_INLINE_MAX + 1, 4096, true },
		{ STORE_BLOB_INLINE_MAX + 1, STORE_BLOB_INLINE_MAX + 1, true },
		{ BIG, 1000, true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		BLOB_FIXTURE(f);
		CLEANUP(free_octets) char *p = make_octets(cases[i].n, (unsigned)i);
		struct str octets = str_from(p, cases[i].n);
		int64_t blob = keep(&f, octets, cases[i].step);
		CLEANUP(store_blob_close) struct store_blob *b = open_blob(&f, blob);

		assert_same(b, octets);
		assert_int_equal(fixture_number(&f, MAILBOX, &file_rows), cases[i].in_file);
		assert_int_equal(fixture_number(&f, MAILBOX, &body_rows), !cases[i].in_file);
		assert_int_equal(files(&f), cases[i].in_file);
	}
}

static void reads_stop_at_the_end(void **unused)
{
	static const size_t sizes[] = { 5000, BIG };

	(void)unused;
	for (size_t i = 0; i < countof(sizes); i++) {
		BLOB_FIXTURE(f);
		CLEANUP(free_octets) char *p = make_octets(sizes[i], 1);
		CLEANUP(store_blob_close) struct store_blob *b = open_blob(&f, keep(&f, str_from(p, sizes[i]), 4096));
		char part[100];
		size_t got;

		assert_ok(store_blob_read(b, 7, part, sizeof(part), &got));
		assert_int_equal(got, sizeof(part));
		assert_memory_equal(part, p + 7, got);
		assert_ok(store_blob_read(b, sizes[i] - 3, part, sizeof(part), &got));
		assert_int_equal(got, 3);
		assert_memory_equal(part, p + sizes[i] - 3, got);
		assert_ok(store_blob_read(b, sizes[i], part, sizeof(part), &got));
		assert_int_equal(got, 0);
		assert_ok(store_blob_read(b, UINT64_MAX, part, sizeof(part), &got));
		assert_int_equal(got, 0);
	}
}

static void the_hash_is_that_of_the_octets(void **unused)
{
	BLOB_FIXTURE(f);
	CLEANUP(free_octets) char *p = make_octets(BIG, 3);
	struct store_blob_writer *w = write_all(&f, str_from(p, BIG), 777);
	unsigned char expected[STORE_BLOB_HASH_SIZE];

	(void)unused;
	assert_int_equal(EVP_Digest(p, BIG, expected, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(store_blob_writer_sha256(w), expected, sizeof(expected));
	assert_int_equal(store_blob_writer_size(w), BIG);
	store_blob_writer_drop(&w);
}

static void equal_octets_share_a_row(void **unused)
{
	static const size_t sizes[] = { 5000, BIG };

	(void)unused;
	for (size_t i = 0; i < countof(sizes); i++) {
		BLOB_FIXTURE(f);
		CLEANUP(free_octets) char *p = make_octets(sizes[i], 1);
		int64_t first = keep(&f, str_from(p, sizes[i]), 4096);

		assert_int_equal(keep(&f, str_from(p, sizes[i]), 4096), first);
		assert_int_equal(fixture_number(&f, MAILBOX, &blob_rows), 1);
		assert_int_equal(files(&f), sizes[i] > STORE_BLOB_INLINE_MAX);
		/* The row stays until the last reference goes. */
		unref(&f, first);
		struct store_blob *b = open_blob(&f, first);
		assert_same(b, str_from(p, sizes[i]));
		store_blob_close(&b);
		unref(&f, first);
		assert_int_equal(fixture_number(&f, MAILBOX, &blob_rows), 0);
		assert_int_equal(fixture_number(&f, MAILBOX, &body_rows), 0);
		/* And its number is not given again. */
		assert_int_equal(keep(&f, str_from(p, sizes[i]), 4096), first + 1);
	}
}

static void references_to_no_row_are_refused(void **unused)
{
	BLOB_FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct store_blob *b;

	(void)unused;
	assert_ok(store_begin(f.store, MAILBOX, STORE_WRITE, &tx));
	assert_err(store_blob_ref(tx, 5), ERR_NOT_FOUND);
	assert_err(store_blob_unref(tx, 5), ERR_NOT_FOUND);
	assert_err(store_blob_open(tx, 5, &b), ERR_NOT_FOUND);
}

static void a_dropped_writer_leaves_no_file(void **unused)
{
	BLOB_FIXTURE(f);
	CLEANUP(free_octets) char *p = make_octets(BIG, 1);
	struct store_blob_writer *w;

	(void)unused;
	assert_ok(store_blob_writer_new(f.store, MAILBOX, &w));
	assert_ok(store_blob_write(w, str_from(p, BIG)));
	assert_int_equal(files(&f), 1);
	store_blob_writer_drop(&w);
	assert_int_equal(files(&f), 0);
	w = write_all(&f, str_from(p, BIG), 4096);
	assert_int_equal(files(&f), 1);
	store_blob_writer_drop(&w);
	assert_int_equal(files(&f), 0);
}

/* The process is killed when the file has its name and the row is not there yet. */
static void a_kill_between_file_and_row_leaves_only_a_file_that_is_swept(void **unused)
{
	BLOB_FIXTURE(f);
	CLEANUP(free_octets) char *p = make_octets(BIG, 1);
	int status;

	(void)unused;
	fixture_reopen(&f);
	pid_t child = fork();
	if (child == 0) {
		struct store_blob_writer *w = write_all(&f, str_from(p, BIG), 4096);
		struct store_tx *tx;
		int64_t blob;

		if (store_begin(f.store, MAILBOX, STORE_WRITE, &tx) == ERR_OK &&
		    store_blob_attach(tx, w, &blob) == ERR_OK)
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(fixture_number(&f, MAILBOX, &blob_rows), 0);
	assert_int_equal(files(&f), 1);
	int64_t kept = keep(&f, str_from(p, BIG), 4096); /* the same octets, in a new file */
	assert_int_equal(files(&f), 2);
	assert_int_equal(sweep(&f), 0); /* it may be somebody's at work */
	age_files(&f);
	assert_int_equal(sweep(&f), 1);
	assert_int_equal(files(&f), 1);
	CLEANUP(store_blob_close) struct store_blob *b = open_blob(&f, kept);
	assert_same(b, str_from(p, BIG));
}

static void old_temporary_files_and_rows_without_items_are_swept(void **unused)
{
	BLOB_FIXTURE(f);
	CLEANUP(free_octets) char *p = make_octets(BIG, 1);
	struct store_blob_writer *unfinished, *w = write_all(&f, str_from(p, BIG), 4096);
	struct store_tx *tx;
	int64_t blob;

	(void)unused;
	assert_ok(store_blob_writer_new(f.store, MAILBOX, &unfinished));
	assert_ok(store_blob_write(unfinished, str_from(p, BIG)));
	assert_ok(store_begin(f.store, MAILBOX, STORE_WRITE, &tx));
	assert_ok(store_blob_attach(tx, w, &blob));
	assert_ok(store_commit(&tx));
	store_blob_writer_drop(&w);
	assert_int_equal(files(&f), 2);
	assert_int_equal(sweep(&f), 1); /* the row */
	assert_int_equal(fixture_number(&f, MAILBOX, &blob_rows), 0);
	age_files(&f);
	assert_int_equal(sweep(&f), 2); /* both files */
	assert_int_equal(files(&f), 0);
	store_blob_writer_drop(&unfinished);
}

static void an_open_blob_outlives_its_row_and_its_file(void **unused)
{
	BLOB_FIXTURE(f);
	CLEANUP(free_octets) char *p = make_octets(BIG, 1);
	int64_t blob = keep(&f, str_from(p, BIG), 4096);
	CLEANUP(store_blob_close) struct store_blob *b = open_blob(&f, blob);

	(void)unused;
	unref(&f, blob);
	age_files(&f);
	assert_int_equal(sweep(&f), 1);
	assert_int_equal(files(&f), 0);
	assert_same(b, str_from(p, BIG));
}

static void a_row_that_is_undone_leaves_its_file_to_the_sweeper(void **unused)
{
	BLOB_FIXTURE(f);
	CLEANUP(free_octets) char *p = make_octets(BIG, 1);
	struct store_blob_writer *w = write_all(&f, str_from(p, BIG), 4096);
	struct store_tx *tx;
	int64_t blob;

	(void)unused;
	assert_ok(store_begin(f.store, MAILBOX, STORE_WRITE, &tx));
	assert_ok(store_blob_attach(tx, w, &blob));
	store_tx_end(&tx);
	store_blob_writer_drop(&w);
	assert_int_equal(files(&f), 1);
	age_files(&f);
	assert_int_equal(sweep(&f), 1);
	assert_int_equal(files(&f), 0);
}

static void missing_or_cut_octets_are_told(void **unused)
{
	BLOB_FIXTURE(f);
	CLEANUP(free_octets) char *p = make_octets(BIG, 1);
	int64_t blob = keep(&f, str_from(p, BIG), 4096);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	static const struct sql_def file_of = { "test_file", "SELECT file FROM blob" };
	struct sql_stmt *st;
	struct store_blob *b;

	(void)unused;
	assert_ok(store_begin(f.store, MAILBOX, STORE_READ, &tx));
	assert_ok(sql_use(store_tx_db(tx), &file_of, &st));
	assert_ok(sql_one(st));
	char *name = mem_cstr_n(sql_str(st, 0).p, sql_str(st, 0).n);
	sql_reset(st);
	struct buf path = blobs_path(&f, name);
	assert_int_equal(truncate(path.p, BIG - 1), 0);
	assert_err(store_blob_open(tx, blob, &b), ERR_CORRUPT);
	assert_int_equal(unlink(path.p), 0);
	assert_err(store_blob_open(tx, blob, &b), ERR_CORRUPT);
	buf_release(&path);
	free(name);
}

/* The file's octets, its name, and the row: three flushes, before anything is acknowledged. */
static void a_large_body_is_flushed_before_its_row(void **unused)
{
	BLOB_FIXTURE(f);
	CLEANUP(free_octets) char *p = make_octets(BIG, 1);
	uint64_t before = store_flushes(f.store);
	struct store_blob_writer *w = write_all(&f, str_from(p, BIG), 4096);

	(void)unused;
	assert_int_equal(store_flushes(f.store) - before, 2);
	store_blob_writer_drop(&w);
	keep(&f, str_from(p, BIG), 4096);
	assert_int_equal(store_flushes(f.store) - before, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_come_back_from_table_and_file),
		cmocka_unit_test(reads_stop_at_the_end),
		cmocka_unit_test(the_hash_is_that_of_the_octets),
		cmocka_unit_test(equal_octets_share_a_row),
		cmocka_unit_test(references_to_no_row_are_refused),
		cmocka_unit_test(a_dropped_writer_leaves_no_file),
		cmocka_unit_test(a_kill_between_file_and_row_leaves_only_a_file_that_is_swept),
		cmocka_unit_test(old_temporary_files_and_rows_without_items_are_swept),
		cmocka_unit_test(an_open_blob_outlives_its_row_and_its_file),
		cmocka_unit_test(a_row_that_is_undone_leaves_its_file_to_the_sweeper),
		cmocka_unit_test(missing_or_cut_octets_are_told),
		cmocka_unit_test(a_large_body_is_flushed_before_its_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
