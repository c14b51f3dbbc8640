/*
 * One semantic error type for the whole program. Code decides by the enum, text for people goes to the log.
 * Each protocol maps it to its own statuses in one table with a static_assert on ERR_MAX_.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define ERR_LIST(X)                                               \
	X(ERR_OK, "ok")                                           \
	X(ERR_NOT_FOUND, "no such object")                        \
	X(ERR_EXISTS, "object already exists")                    \
	X(ERR_STALE, "the caller's sync position is not current") \
	X(ERR_INVALID, "malformed input")                         \
	X(ERR_DENIED, "not allowed")                              \
	X(ERR_UNSUPPORTED, "not supported")                       \
	X(ERR_LIMIT, "input or result exceeds a fixed limit")     \
	X(ERR_BUSY, "locked or overloaded; may succeed later")    \
	X(ERR_FULL, "no space left to store it")                  \
	X(ERR_CORRUPT, "stored data contradicts its schema")      \
	X(ERR_IO, "the operating system refused")                 \
	X(ERR_QUOTA, "more than the mailbox may keep")

/* clang-format off */
enum err {
#define X(id, text) id,
	ERR_LIST(X)
#undef X
	ERR_MAX_
};
/* clang-format on */

/* The text of the list above; never NULL. Any thread. */
const char *err_text(enum err e);

#endif
