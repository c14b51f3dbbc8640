/* A lock of the kernel's on a file in the state directory: it cannot outlive its process. */
#include <gateway/lock.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

enum { LOCK_PATH_MAX = 4096 };

enum err lock_state_dir(const char *state_dir, int *ret_fd, struct buf *why)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(LOCK_PATH_MAX);
	int fd;

	buf_fmt(&path, "%s/" LOCK_FILE_NAME "%c", state_dir, '\0');
	TRY(buf_status(&path));
	fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		buf_fmt(why, "%s: %s", path.p, strerror(errno));
		return ERR_IO;
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		enum err e = errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;

		buf_fmt(why, "%s: %s", state_dir,
			e == ERR_BUSY ? "another roostd runs on this state_dir" : strerror(errno));
		close(fd);
		return e;
	}
	*ret_fd = fd;
	return ERR_OK;
}
