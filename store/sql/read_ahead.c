#include <store/sql/read_ahead.h>

#include <base/defs.h>
#include <store/sql/btree_page.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/types.h>

typedef ssize_t read_at(int fd, void *into, size_t n, off_t at);

static read_at *system_read; /* set once, before the first thread reads */
static _Thread_local unsigned kinds_ahead;

/* ---- asking ---- */

enum { CHILDREN_FEW = 16 }; /* are not worth waking a thread for */

struct ask {
	int fd;
	off_t at, n;
};

/*
 * Whoever asks waits while the disk's own queue is full, some 8 us a page. So a thread of its own asks beside the walk. One of
 * the process, begun with the first walk that has a use for it; what it waits for is nobody's loss.
 */
static struct {
	pthread_once_t begin;
	bool begun;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t filled, spent;
	struct ask waiting[READ_AHEAD_WAITING_MAX];
	size_t first, n; /* the first one is being asked for */
} asker = { .begin = PTHREAD_ONCE_INIT,
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .filled = PTHREAD_COND_INITIALIZER,
	    .spent = PTHREAD_COND_INITIALIZER };

/*
 * The descriptor is the engine's: one of ours would drop its locks when it is closed. It may have been closed since, and its
 * number be another file's: what is then asked for of that one is of no use and does no harm.
 */
static void ask_for(const struct ask *a)
{
	(void)!posix_fadvise(a->fd, a->at, a->n, POSIX_FADV_WILLNEED);
}

static void *asker_main(void *unused)
{
	pthread_mutex_lock(&asker.lock);
	for (;;) {
		struct ask a;

		while (asker.n == 0)
			pthread_cond_wait(&asker.filled, &asker.lock);
		a = asker.waiting[asker.first];
		pthread_mutex_unlock(&asker.lock);
		ask_for(&a);
		pthread_mutex_lock(&asker.lock);
		asker.first = (asker.first + 1) % READ_AHEAD_WAITING_MAX;
		if (--asker.n == 0)
			pthread_cond_broadcast(&asker.spent);
	}
	return unused;
}

/* Signals are for the threads that know what to do with them. */
static void asker_begin(void)
{
	pthread_t thread;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	asker.begun = pthread_create(&thread, NULL, asker_main, NULL) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (asker.begun)
		pthread_detach(thread);
}

static bool asker_is_there(void)
{
	pthread_once(&asker.begin, asker_begin);
	return asker.begun;
}

void read_ahead_settle(void)
{
	pthread_mutex_lock(&asker.lock);
	while (asker.n)
		pthread_cond_wait(&asker.spent, &asker.lock);
	pthread_mutex_unlock(&asker.lock);
}

/* ---- what is asked for ---- */

struct runs {
	int fd;
	struct btree_children children;
	uint32_t next; /* the page that the next one begins with; 0: not known yet */
};

/* Neighbours are asked for together. */
static bool run_next(struct runs *r, struct ask *ret)
{
	const off_t size = (off_t)r->children.page.n;
	uint32_t first = r->next, page, n = 0;
	bool more;

	if (!first && !btree_children_next(&r->children, &first))
		return false;
	do {
		n++;
		more = btree_children_next(&r->children, &page);
	} while (more && page == first + n);
	r->next = more ? page : 0;
	*ret = (struct ask){ r->fd, ((off_t)first - 1) * size, (off_t)n * size };
	return true;
}

/* Where too many wait already, who walks asks himself. */
static void ask_for_runs(struct runs *r)
{
	struct ask a;
	bool more = run_next(r, &a);

	if (r->children.cells >= CHILDREN_FEW && asker_is_there()) {
		pthread_mutex_lock(&asker.lock);
		for (; more && asker.n < READ_AHEAD_WAITING_MAX; more = run_next(r, &a))
			asker.waiting[(asker.first + asker.n++) % READ_AHEAD_WAITING_MAX] = a;
		pthread_mutex_unlock(&asker.lock);
		pthread_cond_signal(&asker.filled);
	}
	for (; more; more = run_next(r, &a))
		ask_for(&a);
}

/*
 * Pages lie at multiples of their size, so that what is read elsewhere is something else: the file's header, or the log. A
 * frame of the log may lie at one too; what is then asked for of the log is of no use and does no harm.
 */
static ssize_t read_and_ahead(int fd, void *into, size_t n, off_t at)
{
	ssize_t got = system_read(fd, into, n, at);
	struct runs runs = { .fd = fd };

	if (kinds_ahead && at > 0 && got > 0 && (size_t)got == n && at % got == 0 &&
	    btree_children_of(str_from(into, n), &runs.children) && (runs.children.kind & kinds_ahead))
		ask_for_runs(&runs);
	return got;
}

void read_ahead_install(void)
{
	/* Which of them the engine was built with differs; off_t has 64 bits here. */
	static const char *const calls[] = { "pread64", "pread" };
	sqlite3_vfs *vfs = sqlite3_vfs_find("unix");

	_Static_assert(sizeof(off_t) == 8, "pread64 and pread are one");
	for (size_t i = 0; vfs && i < countof(calls) && !system_read; i++) {
		system_read = (read_at *)vfs->xGetSystemCall(vfs, calls[i]);
		if (system_read)
			vfs->xSetSystemCall(vfs, calls[i], (sqlite3_syscall_ptr)read_and_ahead);
	}
}

void read_ahead_in(unsigned kinds)
{
	kinds_ahead = kinds;
}
