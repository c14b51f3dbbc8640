/* The way to a running roostd: its socket in the state directory. Blocking. */
#ifndef GATEWAY_CONTROL_DIAL_H
#define GATEWAY_CONTROL_DIAL_H

#include <base/defs.h>
#include <base/err.h>

/* ERR_NOT_FOUND: nobody listens there. ERR_LIMIT: the path is too long for a socket. ERR_IO: else. */
enum err dial_server(const char *state_dir, int timeout_ms, int *ret_fd) MUST_CHECK;

#endif
