/* Bounded growing buffer. */
#include <base/buf.h>

#include <base/mem.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUF_FIRST = 64 };

void buf_release(struct buf *b)
{
	free(b->p);
	*b = BUF_INIT(b->max);
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	b->err = ERR_OK;
}

void buf_truncate(struct buf *b, size_t n)
{
	assert(n <= b->n);
	b->n = n;
}

void buf_consume(struct buf *b, size_t n)
{
	assert(n <= b->n);
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

void *buf_reserve(struct buf *b, size_t n)
{
	size_t cap;
	char *grown;

	if (b->err)
		return NULL;
	if (n > b->max - b->n) {
		b->err = ERR_LIMIT;
		return NULL;
	}
	if (n <= b->cap - b->n && b->p)
		return b->p + b->n;
	cap = b->cap < BUF_FIRST ? BUF_FIRST : b->cap;
	while (cap - b->n < n) /* ends: n fits under max */
		cap = cap > b->max / 2 ? b->max : cap * 2;
	/* One byte above what is counted, for the NUL of buf_take(). */
	grown = realloc(b->p, cap + 1);
	if (!grown) {
		b->err = ERR_BUSY;
		return NULL;
	}
	b->p = grown;
	b->cap = cap;
	return b->p + b->n;
}

void buf_added(struct buf *b, size_t n)
{
	assert(n <= b->cap - b->n);
	b->n += n;
}

void buf_put(struct buf *b, const void *p, size_t n)
{
	void *room;

	if (n == 0)
		return; /* p may be NULL */
	room = buf_reserve(b, n);
	if (!room)
		return;
	memcpy(room, p, n);
	b->n += n;
}

void buf_str(struct buf *b, struct str s)
{
	buf_put(b, s.p, s.n);
}

void buf_cstr(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_char(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void buf_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + v % 10);
	while (v /= 10);
	buf_put(b, digits + at, sizeof(digits) - at);
}

void buf_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_char(b, '-');
	buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_hex(struct buf *b, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = p;

	for (size_t i = 0; i < n; i++) {
		buf_char(b, digits[byte[i] >> 4]);
		buf_char(b, digits[byte[i] & 15]);
	}
}

void buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *room;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0) {
		b->err = b->err ? b->err : ERR_INVALID;
		return;
	}
	if (n == 0)
		return;
	room = buf_reserve(b, (size_t)n);
	if (!room)
		return;
	/* The storage has one byte above its capacity, so the NUL fits. */
	(void)vsnprintf(room, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void buf_quoted(struct buf *b, struct str s)
{
	buf_char(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_char(b, '\\');
		buf_char(b, s.p[i]);
	}
	buf_char(b, '"');
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(b, fmt, ap);
	va_end(ap);
}

enum err buf_status(const struct buf *b)
{
	return b->err;
}

enum err buf_take(struct buf *b, char **ret, size_t *ret_n)
{
	if (b->err)
		return b->err;
	if (!b->p)
		b->p = mem_alloc(1);
	b->p[b->n] = '\0';
	*ret = b->p;
	if (ret_n)
		*ret_n = b->n;
	*b = BUF_INIT(b->max);
	return ERR_OK;
}
