/*
 * HTML to text, and meta elements out of HTML: one result, given whole or by the character; valid UTF-8 of bounded
 * length; plain text made HTML reads back as the text it was.
 */
#include <base/utf8.h>

#include <gateway/content/html_text.h>
#include <gateway/content/text_html.h>

#include <assert.h>

enum { TEXT_MAX = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void to_text(struct buf *out, struct str in, size_t chunk)
{
	struct html_text h;

	html_text_init(&h, true);
	while (in.n) {
		struct str piece = utf8_prefix(in, chunk);

		html_text_put(&h, out, piece);
		in = str_slice(in, piece.n, in.n);
	}
	html_text_finish(&h, out);
}

static void without_meta(struct buf *out, struct str in, size_t chunk)
{
	struct html_meta h = { .held_n = 0 };

	for (size_t at = 0; at < in.n; at += chunk)
		html_meta_put(&h, out, str_slice(in, at, at + chunk));
	html_meta_finish(&h, out);
}

static void check_equal(void (*step)(struct buf *out, struct str in, size_t chunk), struct str in)
{
	CLEANUP(buf_release) struct buf whole = BUF_INIT(TEXT_MAX), cut = BUF_INIT(TEXT_MAX);

	step(&whole, in, in.n + 4);
	step(&cut, in, 4);
	assert(str_eq(buf_view(&whole), buf_view(&cut)));
	assert(buf_status(&whole) == ERR_OK && utf8_valid(buf_view(&whole)));
	assert(whole.n <= HTML_TEXT_GROWTH * in.n + 2 * HTML_TEXT_GROWTH);
}

/* Escaped text holds no markup: nothing of it is lost but its blanks. */
static void check_escape(struct str in)
{
	CLEANUP(buf_release) struct buf html = BUF_INIT(TEXT_MAX);
	struct text_html t = { .blank = true };

	text_html_put(&t, &html, in);
	for (size_t i = 0; i < html.n; i++)
		assert(html.p[i] != '<' || str_starts(str_slice(buf_view(&html), i, html.n), S("<br>\r\n")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT(TEXT_MAX);

	utf8_put_xml_safe(&clean, str_from(data, size));
	check_equal(to_text, buf_view(&clean));
	check_equal(without_meta, buf_view(&clean));
	check_escape(buf_view(&clean));
	return 0;
}
