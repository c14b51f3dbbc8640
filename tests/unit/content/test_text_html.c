/* Plain text to HTML; meta elements out of HTML. */
#include <gateway/content/text_html.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void text_is_escaped(void **unused)
{
	static const struct str in = STR_INIT("<a href=\"x\">&\r\n  b  c\r\n");
	static const struct str expected =
		STR_INIT("&lt;a href=&quot;x&quot;&gt;&amp;<br>\r\n&nbsp;&nbsp;b &nbsp;c<br>\r\n");

	(void)unused;
	for (size_t chunk = 1; chunk <= in.n; chunk++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(1000);
		struct text_html t = { .blank = true };

		for (size_t at = 0; at < in.n; at += chunk)
			text_html_put(&t, &out, str_slice(in, at, at + chunk));
		if (!str_eq(buf_view(&out), expected))
			fail_msg("%zu octets at once: " STR_FMT, chunk, STR_ARG(buf_view(&out)));
	}
}

static void a_charset_is_taken_out_and_nothing_else(void **unused)
{
	static const struct {
		struct str in, out;
	} cases[] = {
		{ STR_INIT("a<meta charset=x>b"), STR_INIT("ab") },
		{ STR_INIT("<META http-equiv='Content-Type' content='text/html; CHARSET=x'/>b"), STR_INIT("b") },
		{ STR_INIT("<meta name=x><m><me<meta charset=y>"), STR_INIT("<meta name=x><m><me") },
		{ STR_INIT("<<meta charset=y>"), STR_INIT("<") },
		{ STR_INIT("<p>charset</p>"), STR_INIT("<p>charset</p>") },
		{ STR_INIT("<meta charset=x"), STR_INIT("<meta charset=x") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		for (size_t chunk = 1; chunk <= cases[i].in.n; chunk++) {
			CLEANUP(buf_release) struct buf out = BUF_INIT(1000);
			struct html_meta h = { .held_n = 0 };

			for (size_t at = 0; at < cases[i].in.n; at += chunk)
				html_meta_put(&h, &out, str_slice(cases[i].in, at, at + chunk));
			html_meta_finish(&h, &out);
			if (!str_eq(buf_view(&out), cases[i].out))
				fail_msg(STR_FMT ", %zu octets at once: " STR_FMT, STR_ARG(cases[i].in), chunk,
					 STR_ARG(buf_view(&out)));
		}
}

static void an_element_past_the_limit_is_kept(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(buf_release) struct buf in = BUF_INIT(10000), out = BUF_INIT(10000);
		struct html_meta h = { .held_n = 0 };

		buf_cstr(&in, "<meta charset=");
		while (in.n < HTML_META_MAX - 1 + extra)
			buf_char(&in, 'x');
		buf_char(&in, '>');
		html_meta_put(&h, &out, buf_view(&in));
		html_meta_finish(&h, &out);
		assert_int_equal(out.n, extra ? in.n : 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(a_charset_is_taken_out_and_nothing_else),
		cmocka_unit_test(an_element_past_the_limit_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
