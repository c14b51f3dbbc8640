#include <store/sql/read_ahead.h>

#include <base/defs.h>
#include <store/sql/btree_page.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/types.h>

typedef ssize_t read_at(int fd, void *into, size_t n, off_t at);

static read_at *system_read; /* set once, before the first thread reads */
static _Thread_local unsigned kinds_ahead;

/* The descriptor is the engine's: one of ours would drop its locks when it is closed. */
static void ask_for(int fd, off_t at, off_t n)
{
	if (n)
		(void)!posix_fadvise(fd, at, n, POSIX_FADV_WILLNEED);
}

/* Neighbours are asked for together. */
static void ask_for_children(int fd, struct btree_children *c)
{
	const off_t size = (off_t)c->page.n;
	off_t first = 0, n = 0;
	uint32_t page;

	while (btree_children_next(c, &page)) {
		off_t at = ((off_t)page - 1) * size;

		if (n && at != first + n) {
			ask_for(fd, first, n);
			n = 0;
		}
		if (n == 0)
			first = at;
		n += size;
	}
	ask_for(fd, first, n);
}

/*
 * Pages lie at multiples of their size, so that what is read elsewhere is something else: the file's header, or the log. A
 * frame of the log may lie at one too; what is then asked for of the log is of no use and does no harm.
 */
static ssize_t read_and_ahead(int fd, void *into, size_t n, off_t at)
{
	ssize_t got = system_read(fd, into, n, at);
	struct btree_children children;

	if (kinds_ahead && at > 0 && got > 0 && (size_t)got == n && at % got == 0 &&
	    btree_children_of(str_from(into, n), &children) && (children.kind & kinds_ahead))
		ask_for_children(fd, &children);
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
