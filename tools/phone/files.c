/* Files. */
#include "files.h"

#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP_BYTES = 16 * 1024, FILE_MODE = 0600, DIR_MODE = 0700, NAME_MAX_BYTES = 512 };

static enum err refused(struct buf *why, const char *what, const char *name)
{
	return fault_err(why, ERR_IO, "cannot %s %s: %s", what, name, strerror(errno));
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

int files_open_dir(int at, const char *path, struct buf *why)
{
	int fd;

	if (mkdirat(at, path, DIR_MODE) < 0 && errno != EEXIST) {
		refused(why, "make", path);
		return -1;
	}
	fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		refused(why, "open", path);
	return fd;
}

enum err files_read(int dir, const char *name, struct buf *to, struct buf *why)
{
	CLEANUP(close_fd) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? ERR_OK : refused(why, "open", name);
	do {
		void *room = buf_reserve(to, READ_STEP_BYTES);

		if (!room)
			return fault_err(why, ERR_LIMIT, "%s is too large", name);
		n = read(fd, room, READ_STEP_BYTES);
		if (n > 0)
			buf_added(to, (size_t)n);
	} while (n > 0);
	return n < 0 ? refused(why, "read", name) : ERR_OK;
}

static enum err write_all(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0)
			return ERR_IO;
		bytes = str_slice(bytes, (size_t)n, bytes.n);
	}
	return ERR_OK;
}

static enum err write_file(int dir, const char *name, int flags, struct str bytes, struct buf *why)
{
	CLEANUP(close_fd) int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, FILE_MODE);

	if (fd < 0 || write_all(fd, bytes))
		return refused(why, "write", name);
	return ERR_OK;
}

enum err files_replace(int dir, const char *name, struct str bytes, struct buf *why)
{
	CLEANUP(buf_release) struct buf part = BUF_INIT(NAME_MAX_BYTES);

	buf_fmt(&part, "%s.part", name);
	buf_char(&part, '\0');
	if (buf_status(&part))
		return fault_err(why, ERR_LIMIT, "%s is too long a name", name);
	TRY(write_file(dir, part.p, O_TRUNC, bytes, why));
	return renameat(dir, part.p, dir, name) < 0 ? refused(why, "rename", name) : ERR_OK;
}

enum err files_append(int dir, const char *name, struct str bytes, struct buf *why)
{
	return write_file(dir, name, O_APPEND, bytes, why);
}

enum err files_remove(int dir, const char *name, struct buf *why)
{
	return unlinkat(dir, name, 0) < 0 && errno != ENOENT ? refused(why, "remove", name) : ERR_OK;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == ':';
}

void files_put_escaped(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (is_plain(s.p[i]))
			buf_char(b, s.p[i]);
		else
			buf_fmt(b, "%%%02X", (unsigned char)s.p[i]);
	}
}

enum err files_put_unescaped(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint64_t v;

		if (s.p[i] != '%') {
			buf_char(b, s.p[i]);
			continue;
		}
		if (s.n - i < 3)
			return ERR_INVALID;
		TRY(str_hex_to_u64(str_slice(s, i + 1, i + 3), &v));
		buf_char(b, (char)v);
		i += 2;
	}
	return buf_status(b);
}
