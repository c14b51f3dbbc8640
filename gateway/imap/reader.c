/* Whole commands. */
#include <gateway/imap/reader.h>

void imap_reader_init(struct imap_reader *r, size_t max)
{
	*r = (struct imap_reader){ .text = BUF_INIT(max) };
}

void imap_reader_release(struct imap_reader *r)
{
	buf_release(&r->text);
	r->line = 0;
	r->taking = false;
}

void imap_reader_next(struct imap_reader *r)
{
	imap_reader_release(r);
}

bool imap_literal_at_end(struct str line, uint64_t *ret_n, bool *ret_sync)
{
	size_t open = line.n;
	struct str digits;

	if (!str_ends(line, S("}")))
		return false;
	while (open > 0 && line.p[open - 1] != '{')
		open--;
	if (open == 0)
		return false;
	digits = str_slice(line, open, line.n - 1);
	*ret_sync = !str_ends(digits, S("+"));
	if (!*ret_sync)
		digits.n--;
	return str_to_u64(digits, INT64_MAX, ret_n) == ERR_OK;
}

static void take_octets(struct imap_reader *r, struct str *bytes)
{
	struct str part = *bytes;

	if (part.n > r->literal)
		part.n = (size_t)r->literal;
	buf_str(&r->text, part);
	r->literal -= part.n;
	*bytes = str_slice(*bytes, part.n, bytes->n);
	if (r->literal == 0) {
		r->taking = false;
		r->line = r->text.n;
	}
}

/* Its end becomes CRLF, if it was a bare LF: people type commands too. */
static void end_line(struct imap_reader *r)
{
	if (str_ends(buf_view(&r->text), S("\r")))
		buf_truncate(&r->text, r->text.n - 1);
}

enum imap_read imap_reader_feed(struct imap_reader *r, struct str *bytes)
{
	size_t end;
	struct str line;
	bool literal;

	if (r->taking)
		take_octets(r, bytes);
	if (bytes->n == 0)
		return IMAP_READ_MORE;
	end = str_index(*bytes, '\n');
	buf_str(&r->text, str_slice(*bytes, 0, end));
	if (buf_status(&r->text))
		return IMAP_READ_BAD;
	if (end == bytes->n) {
		*bytes = STR_EMPTY;
		return IMAP_READ_MORE;
	}
	*bytes = str_slice(*bytes, end + 1, bytes->n);
	end_line(r);
	line = str_slice(buf_view(&r->text), r->line, r->text.n);
	literal = imap_literal_at_end(line, &r->literal, &r->sync);
	buf_str(&r->text, S("\r\n"));
	if (buf_status(&r->text))
		return IMAP_READ_BAD;
	return literal ? IMAP_READ_LITERAL : IMAP_READ_DONE;
}

enum err imap_reader_take(struct imap_reader *r)
{
	if (r->literal > r->text.max - r->text.n)
		return ERR_LIMIT;
	r->taking = r->literal > 0;
	r->line = r->text.n;
	return ERR_OK;
}

void imap_reader_skip(struct imap_reader *r)
{
	r->taking = false;
	r->line = r->text.n;
}
