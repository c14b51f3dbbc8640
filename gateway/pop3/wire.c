#include <gateway/pop3/wire.h>

struct pop3_wire pop3_wire_all(void)
{
	return (struct pop3_wire){ 0 };
}

struct pop3_wire pop3_wire_top(uint64_t lines)
{
	return (struct pop3_wire){ .top = true, .lines = lines };
}

/* The line is complete; true: no further one is wanted. */
static bool end_line(struct pop3_wire *w)
{
	bool blank = w->blank_so_far;

	w->in_line = w->cr = false;
	if (!w->top)
		return false;
	if (w->in_body)
		w->lines--;
	else if (blank)
		w->in_body = true;
	w->over = w->in_body && w->lines == 0;
	return w->over;
}

/* Up to the end of a line, or all of it. */
static struct str next_piece(struct str *in)
{
	struct str piece = str_slice(*in, 0, str_index(*in, '\n') + 1);

	*in = str_slice(*in, piece.n, in->n);
	return piece;
}

static bool is_cr_alone(struct str piece)
{
	return piece.n == 1 && piece.p[0] == '\r';
}

bool pop3_wire_put(struct pop3_wire *w, struct str in, struct buf *out)
{
	while (in.n && !w->over) {
		struct str piece = next_piece(&in), text = piece;
		bool ends = piece.p[piece.n - 1] == '\n';

		if (!w->in_line) {
			w->blank_so_far = true;
			if (piece.p[0] == '.')
				buf_char(out, '.');
		}
		if (ends)
			text.n--;
		if (text.n && !(w->blank_so_far && !w->cr && (is_cr_alone(text))))
			w->blank_so_far = false;
		buf_str(out, piece);
		w->in_line = true;
		w->cr = piece.p[piece.n - 1] == '\r';
		if (ends)
			end_line(w);
	}
	return w->over;
}

void pop3_wire_end(struct pop3_wire *w, struct buf *out)
{
	if (w->in_line)
		buf_cstr(out, w->cr ? "\n" : "\r\n");
	buf_cstr(out, ".\r\n");
}
