/*
 * An owned, growing buffer with a ceiling and a sticky error: after the first failure appends do nothing, and the
 * writer asks once, at the end (buf_status). It never truncates. Not shared between threads.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <base/str.h>

#include <stdarg.h>

struct buf {
	char *p;
	size_t n, cap, max;
	enum err err; /* ERR_LIMIT once `max` would have been passed, ERR_BUSY where the system had no memory */
};

/* `max` is the ceiling in bytes, named by its purpose at the caller. */
#define BUF_INIT(max_bytes) ((struct buf){ NULL, 0, 0, (max_bytes), ERR_OK })

void buf_release(struct buf *b); /* frees; the buffer can be used again, with its ceiling and no error */
void buf_clear(struct buf *b);   /* keeps the storage; forgets the error */
/* Keeps the first n bytes; n > b->n is a bug. */
void buf_truncate(struct buf *b, size_t n);
/* Drops the first n bytes. */
void buf_consume(struct buf *b, size_t n);

void buf_put(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_cstr(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t v); /* decimal */
void buf_i64(struct buf *b, int64_t v);
void buf_hex(struct buf *b, const void *p, size_t n); /* lower case */
void buf_quoted(struct buf *b,
		struct str s); /* in quotes, with a backslash before each quote and backslash (RFC 5322) */
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vfmt(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/* Room for n more bytes at b->p + b->n, for a reader to fill; NULL with the error set where that passes `max`. */
void *buf_reserve(struct buf *b, size_t n) MUST_CHECK;
/* Counts n bytes written into the room of buf_reserve(). */
void buf_added(struct buf *b, size_t n);

enum err buf_status(const struct buf *b) MUST_CHECK;
static inline struct str buf_view(const struct buf *b) /* valid until the next append */
{
	return str_from(b->p, b->n);
}
/* Moves the bytes out, NUL-terminated (the NUL is not counted); the caller frees *ret. The buffer is empty after. */
enum err buf_take(struct buf *b, char **ret, size_t *ret_n) MUST_CHECK;

#endif
