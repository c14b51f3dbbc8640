/*
 * What went wrong, in words for the person or test that runs roost-phone. Functions that can find fault take
 * `struct buf *why` and return an error; the first sentence written stays, for it names the cause.
 */
#ifndef PHONE_FAULT_H
#define PHONE_FAULT_H

#include <base/buf.h>

enum { FAULT_MAX_TEXT = 4096 };

/* Returns ERR_INVALID: what the server said is not what the specification lets it say. */
enum err fault(struct buf *why, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same with another error, for what is not the server's words: a file, a socket, wrong use. */
enum err fault_err(struct buf *why, enum err e, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
