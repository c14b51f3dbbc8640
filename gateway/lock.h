/* One roostd a state directory: two would each wake only the phones that hold at them. */
#ifndef GATEWAY_LOCK_H
#define GATEWAY_LOCK_H

#include <base/buf.h>

#define LOCK_FILE_NAME "roostd.lock"

/*
 * Locks the directory until *ret_fd is closed or the process ends, however it does; the file itself stays. ERR_BUSY:
 * another process has it; ERR_IO: the file cannot be made. Then *why says so for people.
 */
enum err lock_state_dir(const char *state_dir, int *ret_fd, struct buf *why) MUST_CHECK;

#endif
