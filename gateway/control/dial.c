/* Connects to the socket in the state directory. */
#include <gateway/control/dial.h>

#include <base/buf.h>
#include <gateway/control/announce.h>

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static enum err socket_address(const char *state_dir, struct sockaddr_un *ret)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(sizeof(ret->sun_path) - 1);

	buf_fmt(&path, "%s/%s", state_dir, ANNOUNCE_SOCKET_NAME);
	TRY(buf_status(&path));
	memset(ret, 0, sizeof(*ret));
	ret->sun_family = AF_UNIX;
	memcpy(ret->sun_path, path.p, path.n);
	return ERR_OK;
}

enum err dial_server(const char *state_dir, int timeout_ms, int *ret_fd)
{
	const struct timeval timeout = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };
	struct sockaddr_un address;
	bool nobody;
	int fd;

	TRY(socket_address(state_dir, &address));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ERR_IO;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
		*ret_fd = fd;
		return ERR_OK;
	}
	nobody = errno == ENOENT || errno == ECONNREFUSED;
	close(fd);
	return nobody ? ERR_NOT_FOUND : ERR_IO;
}
