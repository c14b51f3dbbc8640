/* Bare LF to CRLF. */
#include <gateway/content/crlf.h>

void crlf_put(struct crlf_stream *st, struct buf *b, struct str bytes)
{
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
