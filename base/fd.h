/* Descriptors. Any thread; the descriptor is the caller's, before and after. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <base/err.h>
#include <base/str.h>

/* All of it, also where the system takes it in pieces or a signal comes. ERR_FULL: no room, or no quota; ERR_IO. */
enum err fd_write_all(int fd, struct str octets) MUST_CHECK;

#endif
