/* Bare LF to CRLF. */
#include <gateway/content/crlf.h>

/* Octets without an LF, in a strict stream: no CR among them ends a line, but for the last one, which may. */
static void put_without_cr(struct crlf_stream *st, struct buf *b, struct str bytes)
{
	if (bytes.n && st->after_cr)
		buf_char(b, ' ');
	while (bytes.n) {
		size_t at = str_index(bytes, '\r');

		buf_put(b, bytes.p, at);
		st->after_cr = at + 1 == bytes.n;
		if (at < bytes.n && !st->after_cr)
			buf_char(b, ' ');
		bytes = str_slice(bytes, at + 1, bytes.n);
	}
}

static void put_strict(struct crlf_stream *st, struct buf *b, struct str bytes)
{
	while (bytes.n) {
		size_t at = str_index(bytes, '\n');

		put_without_cr(st, b, str_slice(bytes, 0, at));
		if (at == bytes.n)
			return;
		buf_put(b, "\r\n", 2);
		st->after_cr = false;
		bytes = str_slice(bytes, at + 1, bytes.n);
	}
}

void crlf_put(struct crlf_stream *st, struct buf *b, struct str bytes)
{
	if (st->strict) {
		put_strict(st, b, bytes);
		return;
	}
	while (bytes.n) {
		size_t at = str_index(bytes, '\n');
		bool after_cr = at ? bytes.p[at - 1] == '\r' : st->after_cr;

		buf_put(b, bytes.p, at);
		if (at == bytes.n) {
			st->after_cr = after_cr;
			return;
		}
		if (after_cr)
			buf_char(b, '\n');
		else
			buf_put(b, "\r\n", 2);
		st->after_cr = false;
		bytes = str_slice(bytes, at + 1, bytes.n);
	}
}

void crlf_end(struct crlf_stream *st, struct buf *b)
{
	if (st->strict && st->after_cr)
		buf_char(b, ' ');
	st->after_cr = false;
}
