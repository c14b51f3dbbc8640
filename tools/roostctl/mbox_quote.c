#include <tools/roostctl/mbox_quote.h>

enum { CR_MAX = 2 }; /* held back: more is no line end, whatever follows */

static const char from[] = "From ";

static void put(struct mbox_quote *q, struct buf *out, char c)
{
	if (!q->in_line && c == from[q->matched]) {
		q->inside = true;
		if (++q->matched == sizeof(from) - 1) {
			buf_fmt(out, ">%s", from);
			q->in_line = true;
			q->matched = 0;
		}
		return;
	}
	q->in_line = q->in_line || q->matched > 0 || c != '>';
	buf_put(out, from, q->matched);
	q->matched = 0;
	buf_char(out, c);
	q->inside = c != '\n';
	q->in_line = q->in_line && q->inside;
}

static void put_held(struct mbox_quote *q, struct buf *out)
{
	for (; q->held_cr > 0; q->held_cr--)
		put(q, out, '\r');
}

void mbox_quote(struct mbox_quote *q, struct buf *out, struct str octets)
{
	for (size_t i = 0; i < octets.n; i++) {
		char c = octets.p[i];

		if (c == '\r' && q->held_cr < CR_MAX) {
			q->held_cr++;
			continue;
		}
		if (c == '\n' && q->held_cr == 1)
			q->held_cr = 0;
		if (c != '\r')
			put_held(q, out);
		put(q, out, c);
	}
}

void mbox_quote_end(struct mbox_quote *q, struct buf *out)
{
	if (q->held_cr) {
		put_held(q, out);
		put(q, out, '\r'); /* or the CR would seem part of the line end that follows */
	}
	if (q->inside)
		put(q, out, '\n');
	buf_char(out, '\n');
}
