#include <base/fd.h>

#include <errno.h>
#include <unistd.h>

enum err fd_write_all(int fd, struct str octets)
{
	while (octets.n) {
		ssize_t n = write(fd, octets.p, octets.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
		octets = str_slice(octets, (size_t)n, octets.n);
	}
	return ERR_OK;
}
