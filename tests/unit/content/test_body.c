/* Bodies as phones ask for them. */
#include "support.h"

#include <base/utf8.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define MIXED "Content-Type: multipart/mixed; boundary=x\n\n"
#define ALT "Content-Type: multipart/alternative; boundary=x\n\n"
#define PLAIN(text) "--x\nContent-Type: text/plain\n\n" text "\n"
#define HTML(text) "--x\nContent-Type: text/html\n\n" text "\n"

static void the_parts_that_are_the_text_are_chosen(void **unused)
{
	static const struct {
		const char *what;
		struct str in;
		enum body_type native;
		const char *plain, *html; /* html: NULL where it is the plain text as HTML */
	} cases[] = {
		{ "plain", STR_INIT("A: b\n\nhi\n"), BODY_PLAIN, "hi\r\n", NULL },
		{ "HTML", STR_INIT("Content-Type: text/html\n\n<p>hi</p>"), BODY_HTML, "hi\r\n", "<p>hi</p>" },
		{ "alternative", STR_INIT(ALT PLAIN("p") HTML("<b>h</b>") "--x--"), BODY_HTML, "p", "<b>h</b>" },
		{ "alternative in the wrong order", STR_INIT(ALT HTML("<b>h</b>") PLAIN("p") "--x--"), BODY_HTML, "p",
		  "<b>h</b>" },
		{ "alternative of plain texts: the last", STR_INIT(ALT PLAIN("1") PLAIN("2") "--x--"), BODY_PLAIN, "2",
		  NULL },
		{ "alternative with something unknown", STR_INIT(ALT PLAIN("p") "--x\nContent-Type: a/b\n\nz\n--x--"),
		  BODY_PLAIN, "p", NULL },
		{ "alternative with enriched text",
		  STR_INIT(ALT PLAIN("p") "--x\nContent-Type: text/enriched\n\ne\n--x--"), BODY_PLAIN, "p", NULL },
		{ "alternative with a meeting",
		  STR_INIT(ALT PLAIN("p") "--x\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN\n--x--"),
		  BODY_PLAIN, "p", NULL },
		{ "several texts", STR_INIT(MIXED PLAIN("1") PLAIN("2\n") PLAIN("3") "--x--"), BODY_PLAIN,
		  "1\r\n2\r\n3", NULL },
		{ "text and HTML", STR_INIT(MIXED PLAIN("1") HTML("<i>2</i>") "--x--"), BODY_HTML, "1\r\n2\r\n",
		  "<div>1</div>\r\n<i>2</i>" },
		{ "attached text", STR_INIT(MIXED PLAIN("1") "--x\nContent-Disposition: attachment\n\n2\n--x--"),
		  BODY_PLAIN, "1", NULL },
		{ "named text", STR_INIT(MIXED PLAIN("1") "--x\nContent-Type: text/plain; name=a\n\n2\n--x--"),
		  BODY_PLAIN, "1", NULL },
		{ "named text alone", STR_INIT("Content-Type: text/plain; name=a\n\n1"), BODY_PLAIN, "1", NULL },
		{ "related",
		  STR_INIT("Content-Type: multipart/related; boundary=x\n\n" HTML("<b>h</b>") PLAIN("p") "--x--"),
		  BODY_HTML, "h\r\n", "<b>h</b>" },
		{ "related with a start",
		  STR_INIT("Content-Type: multipart/related; boundary=x; start=\"<s@x>\"\n\n" PLAIN(
			  "p") "--x\nContent-Type: text/html\nContent-ID: <s@x>\n\nh\n--x--"),
		  BODY_HTML, "h\r\n", "h" },
		{ "signed",
		  STR_INIT("Content-Type: multipart/signed; boundary=x\n\n" PLAIN("p") PLAIN("signature") "--x--"),
		  BODY_PLAIN, "p", NULL },
		{ "a report",
		  STR_INIT("Content-Type: multipart/report; boundary=x\n\n" PLAIN("p") PLAIN("status") "--x--"),
		  BODY_PLAIN, "p", NULL },
		{ "a message in a message",
		  STR_INIT(MIXED PLAIN(
			  "1") "--x\nContent-Type: message/rfc822\n\nContent-Type: text/html\n\n<b>2</b>\n--x--"),
		  BODY_PLAIN, "1", NULL },
		{ "an alternative in which one side is related",
		  STR_INIT(ALT PLAIN(
			  "p") "--x\nContent-Type: multipart/related; boundary=y\n\n--y\nContent-Type: text/html\n\n"
			       "<b>h</b>\n--y\nContent-Type: image/png\nContent-ID: <i>\n\nz\n--y--\n--x--"),
		  BODY_HTML, "p", "<b>h</b>" },
		{ "no text at all", STR_INIT("Content-Type: image/png\n\nz"), BODY_PLAIN, "", "" },
		{ "encrypted", STR_INIT("Content-Type: multipart/encrypted; boundary=x\n\n" PLAIN("1") "--x--"),
		  BODY_PLAIN, "", "" },
		{ "a multipart without delimiter", STR_INIT(MIXED "hello"), BODY_PLAIN, "hello", NULL },
		{ "quoted-printable in latin",
		  STR_INIT("Content-Type: text/plain; charset=iso-8859-1\n"
			   "Content-Transfer-Encoding: quoted-printable\n\n=E9=\n!"),
		  BODY_PLAIN, "\xC3\xA9!", NULL },
		{ "HTML that names its charset itself",
		  STR_INIT("Content-Type: text/html\n\n<meta charset=\"iso-8859-2\">\xE8"), BODY_HTML, "\xC4\x8D\r\n",
		  "\xC4\x8D" },
		{ "HTML whose header names the charset",
		  STR_INIT("Content-Type: text/html; charset=iso-8859-1\n\n<meta charset=iso-8859-2>\xE8"), BODY_HTML,
		  "\xC3\xA8\r\n", "\xC3\xA8" },
		{ "HTML that tells a lie", STR_INIT("Content-Type: text/html\n\n<meta charset=utf-16>\xE8"), BODY_HTML,
		  "\xC3\xA8\r\n", "\xC3\xA8" },
		{ "bare LF out of base64", STR_INIT("Content-Transfer-Encoding: base64\n\nYQpi"), BODY_PLAIN, "a\r\nb",
		  NULL },
		{ "control characters", STR_INIT("A: b\n\na\x01\x1f\tb"), BODY_PLAIN, "a\tb", NULL },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf plain = BUF_INIT(10000), html = BUF_INIT(10000);
		CLEANUP(mail_release) struct mail m;
		struct body_result result;

		mail_load(&m, cases[i].in, 0);
		if (body_native(&m.arena, &m.mime) != cases[i].native)
			fail_msg("%s: native type", cases[i].what);
		assert_int_equal(mail_render(&m, BODY_PLAIN, UINT64_MAX, &plain, &result), ERR_OK);
		if (!str_eq(buf_view(&plain), str_of(cases[i].plain)) || result.estimated_bytes != plain.n ||
		    result.truncated)
			fail_msg("%s: plain: " STR_FMT, cases[i].what, STR_ARG(buf_view(&plain)));
		assert_int_equal(mail_render(&m, BODY_HTML, UINT64_MAX, &html, &result), ERR_OK);
		if (cases[i].html
			    ? !str_eq(buf_view(&html), str_of(cases[i].html))
			    : !str_starts(buf_view(&html), S("<html>")) || !str_ends(buf_view(&html), S("</html>\r\n")))
			fail_msg("%s: HTML: " STR_FMT, cases[i].what, STR_ARG(buf_view(&html)));
		assert_int_equal(result.estimated_bytes, html.n);
	}
}

static const struct str euros =
	STR_INIT("Content-Type: text/plain; charset=utf-8\n\n\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC");

/* MS-ASAIRS_R180, R181: truncated data says so, and the estimate is of the whole. */
static void text_is_cut_at_a_character(void **unused)
{
	CLEANUP(mail_release) struct mail m;

	(void)unused;
	mail_load(&m, euros, 0);
	for (uint64_t max = 0; max <= 10; max++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(100);
		struct body_result result;

		assert_int_equal(mail_render(&m, BODY_PLAIN, max, &out, &result), ERR_OK);
		assert_int_equal(out.n, (max > 9 ? 9 : max) / 3 * 3);
		assert_true(utf8_valid(buf_view(&out)));
		assert_int_equal(result.truncated, max < 9);
		assert_int_equal(result.estimated_bytes, 9);
	}
}

static void the_message_itself_is_cut_anywhere(void **unused)
{
	CLEANUP(buf_release) struct buf all = BUF_INIT(1000), some = BUF_INIT(1000);
	CLEANUP(mail_release) struct mail m;
	struct body_result result;

	(void)unused;
	mail_load(&m, euros, 0);
	assert_int_equal(mail_render(&m, BODY_MIME, UINT64_MAX, &all, &result), ERR_OK);
	assert_true(str_eq(buf_view(&all), m.view));
	assert_false(result.truncated);
	assert_int_equal(mail_render(&m, BODY_MIME, m.view.n - 1, &some, &result), ERR_OK);
	assert_int_equal(some.n, m.view.n - 1);
	assert_true(result.truncated);
	assert_int_equal(result.estimated_bytes, m.view.n);
}

static void a_message_in_a_message_has_a_body_of_its_own(void **unused)
{
	CLEANUP(buf_release) struct buf plain = BUF_INIT(1000), mime = BUF_INIT(1000);
	struct body_request request = { .type = BODY_PLAIN, .max_bytes = UINT64_MAX };
	CLEANUP(mail_release) struct mail m;
	struct body_result result;

	(void)unused;
	mail_load(&m, S(MIXED PLAIN("1") "--x\nContent-Type: message/rfc822\n\nA: b\n\n2\n--x--"), 0);
	assert_int_equal(body_render(&m.arena, &m.source, &m.mime, 2, &request, body_sink_buf(&plain), &result),
			 ERR_OK);
	assert_true(str_eq(buf_view(&plain), S("2")));
	request.type = BODY_MIME;
	assert_int_equal(body_render(&m.arena, &m.source, &m.mime, 2, &request, body_sink_buf(&mime), &result), ERR_OK);
	assert_true(str_eq(buf_view(&mime), S("A: b\r\n\r\n2")));
}

static void previews_fold_blanks_and_count_characters(void **unused)
{
	static const struct {
		struct str in;
		size_t chars;
		const char *out;
	} cases[] = {
		{ STR_INIT("A: b\n\n a \n\n b"), 255, "a b" },
		{ STR_INIT("A: b\n\n"), 255, "" },
		{ STR_INIT("A: b\n\nabc"), 0, "" },
		{ STR_INIT("A: b\n\nabc"), 3, "abc" },
		{ STR_INIT("A: b\n\nabcd"), 3, "abc" },
		{ STR_INIT("A: b\n\nab cd"), 3, "ab" },
		{ STR_INIT("A: b\n\n\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"), 2, "\xE2\x82\xAC\xE2\x82\xAC" },
		{ STR_INIT("Content-Type: text/html\n\n<a href=\"http://x.test\">here</a> <p>b"), 255, "here b" },
		{ STR_INIT(MIXED PLAIN("1") PLAIN("2") "--x--"), 255, "1 2" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(mail_release) struct mail m;
		struct str preview;

		mail_load(&m, cases[i].in, 0);
		assert_int_equal(body_preview(&m.arena, &m.source, &m.mime, 0, cases[i].chars, &preview), ERR_OK);
		if (!str_eq(preview, str_of(cases[i].out)))
			fail_msg(STR_FMT ": " STR_FMT, STR_ARG(cases[i].in), STR_ARG(preview));
	}
}

static void what_is_past_the_limit_of_rendering_is_counted(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(TEST_FILE_MAX), out = BUF_INIT(TEST_FILE_MAX);
		CLEANUP(mail_release) struct mail m;
		struct body_result result;

		buf_cstr(&text, "A: b\n\n");
		for (size_t i = 0; i < BODY_TEXT_MAX + extra; i++)
			buf_char(&text, 'x');
		mail_load(&m, buf_view(&text), 0);
		assert_int_equal(mail_render(&m, BODY_PLAIN, UINT64_MAX, &out, &result), ERR_OK);
		assert_int_equal(out.n, BODY_TEXT_MAX);
		assert_int_equal(result.truncated, extra);
		assert_int_equal(result.estimated_bytes, BODY_TEXT_MAX + extra);
	}
}

static void texts_past_the_limit_of_parts_are_not_joined(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(TEST_FILE_MAX), out = BUF_INIT(TEST_FILE_MAX);
		CLEANUP(mail_release) struct mail m;
		struct body_result result;

		buf_cstr(&text, MIXED);
		for (size_t i = 0; i < BODY_PARTS_MAX + extra; i++)
			buf_cstr(&text, "--x\n\na\n\n");
		mail_load(&m, buf_view(&text), 0);
		assert_int_equal(mail_render(&m, BODY_PLAIN, UINT64_MAX, &out, &result), ERR_OK);
		assert_int_equal(out.n,
				 3 * BODY_PARTS_MAX + (extra ? 0 : 2)); /* the very last line end is no delimiter's */
	}
}

static enum err refuse(void *ctx, struct str bytes)
{
	(void)ctx;
	(void)bytes;
	return ERR_BUSY;
}

static enum err broken_read(void *ctx, uint64_t off, void *p, size_t n, size_t *got)
{
	(void)ctx;
	(void)off;
	(void)p;
	(void)n;
	*got = 0;
	return ERR_OK;
}

static void errors_of_sink_and_source_come_through(void **unused)
{
	struct body_request request = { .type = BODY_PLAIN, .max_bytes = 100 };
	struct mail_source broken = { broken_read, NULL, 100 };
	CLEANUP(buf_release) struct buf out = BUF_INIT(100);
	CLEANUP(mail_release) struct mail m;
	struct body_result result;

	(void)unused;
	mail_load(&m, S("A: b\n\nhello"), 0);
	assert_int_equal(
		body_render(&m.arena, &m.source, &m.mime, 0, &request, (struct body_sink){ refuse, NULL }, &result),
		ERR_BUSY);
	assert_int_equal(body_render(&m.arena, &broken, &m.mime, 0, &request, body_sink_buf(&out), &result),
			 ERR_CORRUPT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_that_are_the_text_are_chosen),
		cmocka_unit_test(text_is_cut_at_a_character),
		cmocka_unit_test(the_message_itself_is_cut_anywhere),
		cmocka_unit_test(a_message_in_a_message_has_a_body_of_its_own),
		cmocka_unit_test(previews_fold_blanks_and_count_characters),
		cmocka_unit_test(what_is_past_the_limit_of_rendering_is_counted),
		cmocka_unit_test(texts_past_the_limit_of_parts_are_not_joined),
		cmocka_unit_test(errors_of_sink_and_source_come_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
