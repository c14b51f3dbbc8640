/* Joining of flowed lines. */
#include <gateway/content/text_flow.h>

static const char signature[] = "-- ";
enum { SIGNATURE_N = 3, NO_SIGNATURE = 4 };

static void put_quotes(struct text_flow *f, struct buf *out)
{
	for (unsigned i = 0; i < f->quotes; i++)
		buf_char(out, '>');
	if (f->quotes)
		buf_char(out, ' ');
}

/* The quote marks are known: the line goes on or begins. */
static void begin_text(struct text_flow *f, struct buf *out)
{
	bool joins = f->flowing && f->quotes == f->last_quotes;

	f->in_line = true;
	if (f->flowing && !joins)
		buf_put(out, "\r\n", 2);
	if (!joins)
		put_quotes(f, out);
	f->flowing = false;
}

static void put_blank(struct text_flow *f, struct buf *out)
{
	if (f->blank)
		buf_char(out, ' ');
	f->blank = false;
}

static void end_line(struct text_flow *f, struct buf *out)
{
	if (!f->in_line)
		begin_text(f, out);
	f->flowing = f->blank && f->dashes != SIGNATURE_N;
	if (!f->flowing || !f->delsp)
		put_blank(f, out);
	f->blank = false;
	if (!f->flowing)
		buf_put(out, "\r\n", 2);
	f->last_quotes = f->quotes;
	f->quotes = f->dashes = 0;
	f->in_line = f->stuffed = false;
}

static void text_octet(struct text_flow *f, struct buf *out, char c)
{
	put_blank(f, out);
	f->dashes = f->dashes < SIGNATURE_N && c == signature[f->dashes] ? f->dashes + 1 : NO_SIGNATURE;
	if (c == ' ')
		f->blank = true;
	else
		buf_char(out, c);
}

/* A CR that ends no line is text. */
static void lone_cr(struct text_flow *f, struct buf *out)
{
	f->cr = false;
	if (!f->in_line)
		begin_text(f, out);
	text_octet(f, out, '\r');
}

static void octet(struct text_flow *f, struct buf *out, char c)
{
	if (c == '\n') {
		f->cr = false;
		end_line(f, out);
		return;
	}
	if (f->cr)
		lone_cr(f, out);
	if (c == '\r') {
		f->cr = true;
		return;
	}
	if (!f->in_line && !f->stuffed && c == '>') {
		f->quotes++;
		return;
	}
	if (!f->in_line && !f->stuffed && c == ' ') {
		f->stuffed = true;
		return;
	}
	if (!f->in_line)
		begin_text(f, out);
	text_octet(f, out, c);
}

void text_flow_put(struct text_flow *f, struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		octet(f, out, s.p[i]);
}

void text_flow_finish(struct text_flow *f, struct buf *out)
{
	if (f->cr)
		lone_cr(f, out);
	if (f->in_line || f->quotes || f->stuffed) {
		if (!f->in_line)
			begin_text(f, out);
		put_blank(f, out);
	} else if (f->flowing) {
		buf_put(out, "\r\n", 2);
	}
}
