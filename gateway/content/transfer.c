/* Quoted-printable decoding, and the choice of decoder. */
#include <gateway/content/transfer.h>

#include <base/hex.h>
#include <gateway/content/octet.h>

static const struct {
	struct str name;
	enum transfer_encoding encoding;
} names[] = {
	{ STR_INIT("7bit"), TRANSFER_7BIT },     { STR_INIT("8bit"), TRANSFER_8BIT },
	{ STR_INIT("binary"), TRANSFER_BINARY }, { STR_INIT("quoted-printable"), TRANSFER_QUOTED_PRINTABLE },
	{ STR_INIT("base64"), TRANSFER_BASE64 },
};

enum transfer_encoding transfer_by_name(struct str name)
{
	name = str_trim(name);
	if (name.n == 0)
		return TRANSFER_7BIT;
	for (size_t i = 0; i < countof(names); i++)
		if (str_ieq(names[i].name, name))
			return names[i].encoding;
	return TRANSFER_UNKNOWN;
}

static void hold(struct transfer_stream *st, char c)
{
	st->held[st->held_n++] = c;
}

static void drop_held(struct transfer_stream *st)
{
	st->held_n = 0;
	st->escape = false;
}

static void pass_held(struct transfer_stream *st, struct buf *b)
{
	buf_put(b, st->held, st->held_n);
	drop_held(st);
}

static void qp_char(struct transfer_stream *st, struct buf *b, char c);

/* What was taken for an escape is none: it is text, and c begins anew. */
static void not_an_escape(struct transfer_stream *st, struct buf *b, char c)
{
	pass_held(st, b);
	qp_char(st, b, c);
}

/* After '=': two digits, or blanks and a line end, which is then a soft break. */
static void qp_escape_char(struct transfer_stream *st, struct buf *b, char c)
{
	char last = st->held[st->held_n - 1];
	bool in_digits = st->held_n == 2 && hex_digit(last) >= 0;

	if (c == '\n') {
		if (in_digits)
			not_an_escape(st, b, c);
		else
			drop_held(st);
	} else if (in_digits && hex_digit(c) >= 0) {
		char byte = (char)(unsigned char)(hex_digit(last) << 4 | hex_digit(c));

		drop_held(st);
		buf_char(b, byte);
	} else if (!in_digits && last != '\r' && (octet_is_blank(c) || c == '\r') && st->held_n < TRANSFER_BLANKS_MAX) {
		hold(st, c);
	} else if (st->held_n == 1 && hex_digit(c) >= 0) {
		hold(st, c);
	} else {
		not_an_escape(st, b, c);
	}
}

static void qp_char(struct transfer_stream *st, struct buf *b, char c)
{
	if (st->escape) {
		qp_escape_char(st, b, c);
		return;
	}
	if (octet_is_blank(c) && (st->held_n == 0 || st->held[st->held_n - 1] != '\r') &&
	    st->held_n < TRANSFER_BLANKS_MAX) {
		hold(st, c);
	} else if (c == '\r' && st->held_n && st->held[st->held_n - 1] != '\r') {
		hold(st, c);
	} else if (c == '\n' && st->held_n) {
		/* Blanks before a line end were added on the way (RFC 2045 section 6.7, rule 3). */
		bool with_cr = st->held[st->held_n - 1] == '\r';

		drop_held(st);
		buf_put(b, with_cr ? "\r\n" : "\n", with_cr ? 2 : 1);
	} else {
		pass_held(st, b);
		if (c == '=') {
			hold(st, c);
			st->escape = true;
		} else if (octet_is_blank(c)) {
			hold(st, c);
		} else {
			buf_char(b, c);
		}
	}
}

static bool qp_plain(char c)
{
	return c != '=' && c != ' ' && c != '\t' && c != '\r';
}

/* How many octets from i on are text as they stand: a blank is if the text goes on behind it. */
static size_t qp_run(struct str bytes, size_t i)
{
	size_t run = i;

	while (run < bytes.n) {
		bool inner = bytes.p[run] == ' ' && run + 1 < bytes.n && bytes.p[run + 1] != '\n';

		if (!qp_plain(bytes.p[run]) && !(inner && qp_plain(bytes.p[run + 1])))
			break;
		run++;
	}
	return run - i;
}

static void qp_put(struct transfer_stream *st, struct buf *b, struct str bytes)
{
	for (size_t i = 0; i < bytes.n;) {
		size_t run = st->held_n ? 0 : qp_run(bytes, i);

		buf_put(b, bytes.p + i, run);
		i += run;
		if (i < bytes.n)
			qp_char(st, b, bytes.p[i++]);
	}
}

void transfer_put(struct transfer_stream *st, struct buf *b, struct str bytes)
{
	if (st->encoding == TRANSFER_QUOTED_PRINTABLE)
		qp_put(st, b, bytes);
	else if (st->encoding == TRANSFER_BASE64)
		base64_stream_put(&st->base64, b, bytes);
	else
		buf_str(b, bytes);
}

void transfer_finish(struct transfer_stream *st, struct buf *b)
{
	/* A lone '=' at the very end is a soft break whose line end was cut off. */
	if (st->escape && st->held_n == 1)
		drop_held(st);
	/* Blanks at the end of the body were added on the way as well. */
	if (!st->escape && st->held_n && st->held_n < TRANSFER_BLANKS_MAX && octet_is_blank(st->held[st->held_n - 1]))
		drop_held(st);
	pass_held(st, b);
}
