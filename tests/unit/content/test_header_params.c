/* Parameters of Content-Type and Content-Disposition. */
#include <gateway/content/header.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ARENA_MAX = 4 * 1024 * 1024 };

static void as_text(struct buf *b, struct str raw)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct header_param *params;
	struct str value;
	size_t n;

	assert_int_equal(header_params(&a, raw, &value, &params, &n), ERR_OK);
	buf_str(b, value);
	for (size_t i = 0; i < n; i++) {
		buf_char(b, '|');
		buf_str(b, params[i].name);
		buf_char(b, '=');
		buf_str(b, params[i].value);
	}
}

static void parameters_are_read_as_senders_write_them(void **unused)
{
	static const struct {
		const char *what;
		struct str in, out;
	} cases[] = {
		{ "value alone", STR_INIT(" Text/Plain \r\n"), STR_INIT("text/plain") },
		{ "nothing", STR_INIT(""), STR_INIT("") },
		{ "token and quoted", STR_INIT("a/b; X=1; y=\"2 ;3\""), STR_INIT("a/b|x=1|y=2 ;3") },
		{ "escapes in quotes", STR_INIT("a/b; x=\"1\\\"2\\\\3\\4\""), STR_INIT("a/b|x=1\"2\\3\\4") },
		{ "folds", STR_INIT("a/b;\r\n\tx=1;\r\n y=\"2\r\n 3\""), STR_INIT("a/b|x=1|y=2 3") },
		{ "comments", STR_INIT("a/b (c;(d)) ; (e) x=1 (f)"), STR_INIT("a/b|x=1 (f)") },
		{ "empty entries", STR_INIT("a/b;; ;x=1;;"), STR_INIT("a/b|x=1") },
		{ "no value", STR_INIT("a/b; x; y=; =z"), STR_INIT("a/b|y=") },
		{ "unquoted blanks", STR_INIT("a/b; name=my file.txt"), STR_INIT("a/b|name=my file.txt") },
		{ "open quote", STR_INIT("a/b; x=\"1"), STR_INIT("a/b|x=1") },
		{ "the first of two", STR_INIT("a/b; x=1; X=2"), STR_INIT("a/b|x=1") },
		{ "encoded word", STR_INIT("a/b; name=\"=?utf-8?Q?=C3=A9?=\""), STR_INIT("a/b|name=\xC3\xA9") },
		{ "raw 8-bit", STR_INIT("a/b; name=\xE9"), STR_INIT("a/b|name=\xC3\xA9") },
		{ "RFC 2231", STR_INIT("a/b; name*=utf-8'en'%C3%A9%20x"), STR_INIT("a/b|name=\xC3\xA9 x") },
		{ "RFC 2231, latin", STR_INIT("a/b; name*=iso-8859-1''%E9"), STR_INIT("a/b|name=\xC3\xA9") },
		{ "RFC 2231 without charset", STR_INIT("a/b; name*=%E9"), STR_INIT("a/b|name=\xC3\xA9") },
		{ "RFC 2231, bad escape", STR_INIT("a/b; name*=utf-8''%Zx%4"), STR_INIT("a/b|name=%Zx%4") },
		{ "pieces", STR_INIT("a/b; n*0=\"x y\"; n*1=z"), STR_INIT("a/b|n=x yz") },
		{ "pieces in disorder", STR_INIT("a/b; n*1=b; n*0=a; n*3=d"), STR_INIT("a/b|n=ab") },
		{ "pieces, some extended", STR_INIT("a/b; n*0*=utf-8''%C3; n*1*=%A9; n*2=%41"),
		  STR_INIT("a/b|n=\xC3\xA9%41") },
		{ "both forms", STR_INIT("a/b; name=old; name*=utf-8''new"), STR_INIT("a/b|name=new") },
		{ "pieces without the first", STR_INIT("a/b; n*1=b"), STR_INIT("a/b") },
		{ "same piece twice", STR_INIT("a/b; n*0=a; n*0=b; n*1=c"), STR_INIT("a/b|n=ac") },
		{ "NUL",
		  STR_INIT("a/b; x=1\0"
			   "2"),
		  STR_INIT("a/b|x=12") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(1000);

		as_text(&out, cases[i].in);
		if (!str_eq(buf_view(&out), cases[i].out))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&out)));
	}
}

static void parameters_past_the_limit_are_not_read(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(buf_release) struct buf in = BUF_INIT(10000);
		struct header_param *params;
		struct str value;
		size_t n;

		buf_cstr(&in, "a/b");
		for (size_t i = 1; i < HEADER_PARAMS_MAX + extra; i++)
			buf_fmt(&in, "; x%zu=1", i);
		buf_cstr(&in, "; last=1");
		assert_int_equal(header_params(&a, buf_view(&in), &value, &params, &n), ERR_OK);
		assert_int_equal(n, HEADER_PARAMS_MAX);
		assert_int_equal(header_param_get(params, n, S("last")).n, extra ? 0 : 1);
	}
}

static void a_value_is_cut_at_the_limit_and_at_a_character(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(buf_release) struct buf in = BUF_INIT(10000);
		struct header_param *params;
		struct str value;
		size_t n;

		buf_cstr(&in, "a/b; x=\"");
		for (size_t i = 0; i < HEADER_PARAM_VALUE_MAX / 2; i++)
			buf_cstr(&in, "\xC3\xA9");
		buf_cstr(&in, extra ? "\xC3\xA9\"" : "\"");
		assert_int_equal(header_params(&a, buf_view(&in), &value, &params, &n), ERR_OK);
		assert_int_equal(header_param_get(params, n, S("x")).n, HEADER_PARAM_VALUE_MAX);
	}
}

static void a_full_arena_is_an_error(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(16);
	struct header_param *params;
	struct str value;
	size_t n;

	(void)unused;
	assert_int_equal(header_params(&a, S("a/b; x=12345678901234567890"), &value, &params, &n), ERR_LIMIT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_read_as_senders_write_them),
		cmocka_unit_test(parameters_past_the_limit_are_not_read),
		cmocka_unit_test(a_value_is_cut_at_the_limit_and_at_a_character),
		cmocka_unit_test(a_full_arena_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
