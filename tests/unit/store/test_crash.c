/* Failing disks and killed processes: what was acknowledged stays, what was refused is not there. */
#include "notes.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/wait.h>

enum { MAILBOX = 1 };

/*
 * A disk that refuses its n-th operation: the engine's own access to files, with a count in between. Files of the
 * engine are wrapped as a whole: `real` follows the wrapper in memory.
 */
struct bad_file {
	sqlite3_file base;
	sqlite3_file *real;
};

static sqlite3_vfs bad_disk, *good_disk;
static atomic_int operations_left; /* the one that finds 0 fails, and no other */

static bool refused(void)
{
	return atomic_fetch_sub(&operations_left, 1) == 0;
}

static sqlite3_file *real(sqlite3_file *file)
{
	return ((struct bad_file *)(void *)file)->real;
}

static int bad_close(sqlite3_file *f)
{
	return real(f)->pMethods->xClose(real(f));
}

static int bad_read(sqlite3_file *f, void *p, int n, sqlite3_int64 off)
{
	return refused() ? SQLITE_IOERR_READ : real(f)->pMethods->xRead(real(f), p, n, off);
}

static int bad_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 off)
{
	return refused() ? SQLITE_FULL : real(f)->pMethods->xWrite(real(f), p, n, off);
}

static int bad_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return real(f)->pMethods->xTruncate(real(f), size);
}

static int bad_sync(sqlite3_file *f, int flags)
{
	return refused() ? SQLITE_IOERR_FSYNC : real(f)->pMethods->xSync(real(f), flags);
}

static int bad_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return real(f)->pMethods->xFileSize(real(f), size);
}

static int bad_lock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xLock(real(f), level);
}

static int bad_unlock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xUnlock(real(f), level);
}

static int bad_check(sqlite3_file *f, int *held)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), held);
}

static int bad_control(sqlite3_file *f, int op, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int bad_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int bad_device(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int bad_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
	return real(f)->pMethods->xShmMap(real(f), page, size, extend, ret);
}

static int bad_shm_lock(sqlite3_file *f, int off, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), off, n, flags);
}

static void bad_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int bad_shm_unmap(sqlite3_file *f, int remove)
{
	return real(f)->pMethods->xShmUnmap(real(f), remove);
}

static const sqlite3_io_methods bad_methods = {
	.iVersion = 2,
	.xClose = bad_close,
	.xRead = bad_read,
	.xWrite = bad_write,
	.xTruncate = bad_truncate,
	.xSync = bad_sync,
	.xFileSize = bad_size,
	.xLock = bad_lock,
	.xUnlock = bad_unlock,
	.xCheckReservedLock = bad_check,
	.xFileControl = bad_control,
	.xSectorSize = bad_sector,
	.xDeviceCharacteristics = bad_device,
	.xShmMap = bad_shm_map,
	.xShmLock = bad_shm_lock,
	.xShmBarrier = bad_shm_barrier,
	.xShmUnmap = bad_shm_unmap,
};

static int bad_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct bad_file *f = (void *)file;

	(void)vfs;
	f->real = (sqlite3_file *)(void *)(f + 1);
	int rc = good_disk->xOpen(good_disk, name, f->real, flags, out_flags);
	f->base.pMethods = f->real->pMethods ? &bad_methods : NULL;
	return rc;
}

static int install(void **unused)
{
	(void)unused;
	good_disk = sqlite3_vfs_find(NULL);
	bad_disk = *good_disk;
	bad_disk.zName = "bad";
	bad_disk.szOsFile = (int)sizeof(struct bad_file) + good_disk->szOsFile;
	bad_disk.xOpen = bad_open;
	atomic_store(&operations_left, -1);
	return sqlite3_vfs_register(&bad_disk, 1);
}

/* Of each possible place of failure: the writer is told, or it is on disk; and the store goes on. */
static void a_disk_that_fails_once_loses_nothing_acknowledged(void **unused)
{
	enum { PLACES = 60 };
	FIXTURE(f);
	unsigned failed = 0;

	(void)unused;
	notes_make(&f, MAILBOX);
	for (int place = 0; place < PLACES; place++) {
		if (place % 2) /* the first transaction of a connection reads more */
			fixture_reopen(&f);
		atomic_store(&operations_left, place);
		enum err e = notes_commit(f.store, MAILBOX, 1, place);
		atomic_store(&operations_left, -1);
		failed += e != ERR_OK;
		if (notes_has(&f, MAILBOX, 1, place) != (e == ERR_OK))
			fail_msg("operation %d: told %s", place, err_text(e));
		assert_ok(notes_commit(f.store, MAILBOX, 2, place));
	}
	assert_true(failed > 5);
	fixture_reopen(&f);
	int64_t count = fixture_number(&f, MAILBOX, &notes_count);
	assert_int_equal(count, 2 * PLACES - failed);
	assert_int_equal(fixture_number(&f, MAILBOX, &notes_head), count);
}

/* Eight threads tell what was acknowledged, until the process is killed in the middle of it. */
struct ack {
	int64_t writer, n;
};

struct teller {
	struct store *store;
	int64_t writer;
	int to;
};

static void *tell(void *arg)
{
	struct teller *t = arg;

	for (int64_t n = 0;; n++) {
		struct ack ack = { t->writer, n };

		if (notes_commit(t->store, MAILBOX, t->writer, n) != ERR_OK ||
		    write(t->to, &ack, sizeof(ack)) != (ssize_t)sizeof(ack))
			return NULL;
	}
}

static void write_until_killed(struct fixture *f, int to)
{
	enum { WRITERS = 8 };
	struct store_config config = { .state_dir = f->dir.path, .clock = &f->clock.clock, .max_handles = 4 };
	struct teller tellers[WRITERS];
	pthread_t thread;
	struct store *s;

	if (store_open(&config, &s) != ERR_OK)
		_exit(1);
	for (int64_t i = 0; i < WRITERS; i++) {
		tellers[i] = (struct teller){ .store = s, .writer = i, .to = to };
		pthread_create(&thread, NULL, tell, &tellers[i]);
	}
	for (;;)
		pause();
}

static void a_killed_process_keeps_what_it_acknowledged(void **unused)
{
	enum { ACKS = 300 };
	FIXTURE(f);
	struct ack acks[ACKS];
	size_t n = 0;
	int pipes[2], status;

	(void)unused;
	notes_make(&f, MAILBOX);
	fixture_reopen(&f);
	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();
	if (child == 0)
		write_until_killed(&f, pipes[1]);
	close(pipes[1]);
	while (n < ACKS && read(pipes[0], &acks[n], sizeof(acks[n])) == (ssize_t)sizeof(acks[n]))
		n++;
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(pipes[0]);
	assert_int_equal(n, ACKS);
	for (size_t i = 0; i < n; i++)
		assert_true(notes_has(&f, MAILBOX, acks[i].writer, acks[i].n));
	/* Whole transactions alone: each note came with its change number. */
	assert_int_equal(fixture_number(&f, MAILBOX, &notes_count), fixture_number(&f, MAILBOX, &notes_head));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_that_fails_once_loses_nothing_acknowledged),
		cmocka_unit_test(a_killed_process_keeps_what_it_acknowledged),
	};

	return cmocka_run_group_tests(tests, install, NULL);
}
