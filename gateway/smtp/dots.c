/* Dot-stuffing. */
#include <gateway/smtp/dots.h>

/* Where we are in CRLF . CRLF; the text begins at a line's start. */
enum dots_state { AT_LINE, IN_LINE, AFTER_CR, AFTER_DOT, AFTER_DOT_CR, AT_END };

/* One octet: what it is after what came before. */
static enum dots_state step(enum dots_state state, char c, struct buf *out)
{
	switch (state) {
	case AT_LINE:
		if (c == '.')
			return AFTER_DOT;
		break;
	case AFTER_DOT:
		if (c == '\r')
			return AFTER_DOT_CR;
		break; /* the dot was stuffing: only what follows is text */
	case AFTER_DOT_CR:
		if (c == '\n')
			return AT_END;
		buf_char(out, '\r'); /* a stuffed line that begins with a bare CR */
		break;
	case AFTER_CR:
		if (c == '\n') {
			buf_char(out, c);
			return AT_LINE;
		}
		break;
	case IN_LINE:
	case AT_END:
		break;
	}
	buf_char(out, c);
	return c == '\r' ? AFTER_CR : IN_LINE;
}

/*
 * In a line, its text up to the next place where a dot has a meaning goes in one piece: lines that don't begin with a dot
 * are copied together. What is left begins at a CR that may end the text, or is empty.
 */
static void take_run(struct str *in, struct buf *out)
{
	size_t end = str_find(*in, S("\r\n."));

	/* The last two octets may be the beginning of it. */
	if (end == in->n && in->n >= 1 && in->p[in->n - 1] == '\r')
		end = in->n - 1;
	else if (end == in->n && in->n >= 2 && in->p[in->n - 2] == '\r' && in->p[in->n - 1] == '\n')
		end = in->n - 2;
	buf_str(out, str_slice(*in, 0, end));
	*in = str_slice(*in, end, in->n);
}

bool smtp_dots_put(struct smtp_dots *d, struct str *in, struct buf *out)
{
	enum dots_state state = (enum dots_state)d->state;

	while (in->n && state != AT_END) {
		if (state == IN_LINE)
			take_run(in, out);
		if (in->n == 0)
			break;
		state = step(state, in->p[0], out);
		*in = str_slice(*in, 1, in->n);
	}
	d->state = state;
	return state == AT_END;
}
