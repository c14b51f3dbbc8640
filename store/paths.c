#include <store/paths.h>

#include <base/buf.h>
#include <base/fault.h>
#include <base/mem.h>
#include <store/internal.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TREE_DESCRIPTORS = 8 };

static char *taken(struct buf *b)
{
	char *path;
	size_t n;
	enum err e = buf_take(b, &path, &n);

	assert(e == ERR_OK); /* state_dir was measured by store_open() */
	(void)e;
	return path;
}

char *path_join(const char *folder, const char *name)
{
	struct buf b = BUF_INIT(PATH_MAX);

	buf_fmt(&b, "%s/%s", folder, name);
	return taken(&b);
}

char *path_directory_db(const struct store *s)
{
	return path_join(s->state_dir, "directory.db");
}

char *path_mailboxes(const struct store *s)
{
	return path_join(s->state_dir, "mailbox");
}

char *path_mailbox(const struct store *s, int64_t mailbox)
{
	struct buf b = BUF_INIT(PATH_MAX);

	buf_fmt(&b, "%s/mailbox/%lld", s->state_dir, (long long)mailbox);
	return taken(&b);
}

static char *in_mailbox(const struct store *s, int64_t mailbox, const char *name)
{
	CLEANUP(path_free) char *folder = path_mailbox(s, mailbox);

	return path_join(folder, name);
}

char *path_database(const struct store *s, int64_t mailbox)
{
	if (mailbox == STORE_DIRECTORY)
		return path_directory_db(s);
	return database_is_index(mailbox) ? in_mailbox(s, -mailbox, "search.db") : in_mailbox(s, mailbox, "mailbox.db");
}

char *path_blobs(const struct store *s, int64_t mailbox)
{
	return mailbox == STORE_DIRECTORY ? path_join(s->state_dir, "queue") : in_mailbox(s, mailbox, "blobs");
}

void path_free(char **path)
{
	free(*path);
	*path = NULL;
}

enum err path_errno(int number)
{
	switch (number) {
	case 0:
		return ERR_OK;
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EEXIST:
		return ERR_EXISTS;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case ENOSPC:
	case EDQUOT:
		return ERR_FULL;
	case EMFILE:
	case ENFILE:
		return ERR_BUSY;
	default:
		return ERR_IO;
	}
}

enum err path_flush_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return path_errno(errno);
	enum err e = fault_point("store.folder.flush") || fsync(fd) != 0 ? path_errno(errno) : ERR_OK;
	close(fd);
	return e;
}

static enum err flush_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return path_flush_folder(".");
	CLEANUP(path_free) char *parent = mem_cstr_n(path, slash == path ? 1 : (size_t)(slash - path));
	return path_flush_folder(parent);
}

bool path_has_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (!slash || slash == path)
		return true;
	CLEANUP(path_free) char *parent = mem_cstr_n(path, (size_t)(slash - path));
	return stat(parent, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum err make_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return ERR_OK;
	CLEANUP(path_free) char *parent = mem_cstr_n(path, (size_t)(slash - path));
	return path_make_folder(parent);
}

enum err path_make_folder(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? ERR_OK : ERR_EXISTS;
	if (errno == ENOENT)
		TRY(make_parent(path));
	/* Somebody else's new folder is flushed too: he may not have come to it yet. */
	if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST)
		return path_errno(errno);
	fault_point("store.folder.made");
	return flush_parent(path);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

enum err path_remove_tree(const char *path)
{
	if (nftw(path, remove_entry, TREE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0)
		return ERR_OK;
	return errno == ENOENT ? ERR_OK : path_errno(errno);
}
