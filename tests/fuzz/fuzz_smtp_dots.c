/*
 * Dots: the input as a text, stuffed, comes back as it was, and what follows its end is left; the input as what a peer
 * sends gives the same whole and in pieces. The first octet is the size of the pieces.
 */
#include <gateway/smtp/dots.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Octets that were not consumed; SIZE_MAX without an end. */
static size_t unstuff(struct str in, size_t piece, struct buf *out)
{
	struct smtp_dots d = { 0 };
	bool ended = false;

	while (in.n && !ended) {
		struct str part = str_slice(in, 0, piece);
		size_t given = part.n, had = out->n;

		ended = smtp_dots_put(&d, &part, out);
		check(ended || part.n == 0);
		check(out->n - had <= given - part.n + SMTP_DOTS_MAX_MORE);
		in = str_slice(in, given - part.n, in.n);
	}
	check(buf_status(out) == ERR_OK);
	return ended ? in.n : SIZE_MAX;
}

/* RFC 5321 4.5.2, the sender's side. */
static void stuff(struct str text, struct buf *out)
{
	bool line = true;

	for (size_t i = 0; i < text.n; i++) {
		if (line && text.p[i] == '.')
			buf_char(out, '.');
		buf_char(out, text.p[i]);
		line = text.p[i] == '\n' && i > 0 && text.p[i - 1] == '\r';
	}
	buf_str(out, line ? S(".\r\n") : S("\r\n.\r\n"));
}

static void check_text(struct str text, size_t piece)
{
	struct buf sent = BUF_INIT(2 * text.n + 16), got = BUF_INIT(text.n + 16);

	stuff(text, &sent);
	buf_str(&sent, S("NOOP\r\n"));
	check(unstuff(buf_view(&sent), piece, &got) == 6);
	check(str_starts(buf_view(&got), text));
	check(got.n == text.n || str_eq(str_slice(buf_view(&got), text.n, got.n), S("\r\n")));
	buf_release(&sent);
	buf_release(&got);
}

static void check_cuts(struct str in, size_t piece)
{
	struct buf whole = BUF_INIT(in.n + 16), cut = BUF_INIT(in.n + 16);

	check(unstuff(in, SIZE_MAX, &whole) == unstuff(in, piece, &cut));
	check(str_eq(buf_view(&whole), buf_view(&cut)));
	buf_release(&whole);
	buf_release(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece;

	if (size == 0)
		return 0;
	piece = (size_t)data[0] % 9 + 1;
	check_text(str_from(data + 1, size - 1), piece);
	check_cuts(str_from(data + 1, size - 1), piece);
	return 0;
}
