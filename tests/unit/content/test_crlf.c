/* Line ends on the way into the store. */
#include <gateway/content/crlf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void bare_lf_becomes_crlf_and_nothing_else_changes(void **unused)
{
	static const struct {
		const char *what;
		struct str in, out;
	} cases[] = {
		{ "nothing", STR_INIT(""), STR_INIT("") },
		{ "bare LF", STR_INIT("a\nb\n"), STR_INIT("a\r\nb\r\n") },
		{ "CRLF stays", STR_INIT("a\r\nb"), STR_INIT("a\r\nb") },
		{ "bare CR stays", STR_INIT("a\rb\r"), STR_INIT("a\rb\r") },
		{ "CR CR LF stays", STR_INIT("a\r\r\n"), STR_INIT("a\r\r\n") },
		{ "LF first", STR_INIT("\n\n"), STR_INIT("\r\n\r\n") },
		{ "mixed", STR_INIT("\r\n\n\r\n"), STR_INIT("\r\n\r\n\r\n") },
		{ "NUL stays", STR_INIT("a\0b\n"), STR_INIT("a\0b\r\n") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		for (size_t chunk = 1; chunk <= cases[i].in.n + 1; chunk++) {
			CLEANUP(buf_release) struct buf out = BUF_INIT(100);
			struct crlf_stream st = { 0 };

			for (size_t at = 0; at < cases[i].in.n; at += chunk)
				crlf_put(&st, &out, str_slice(cases[i].in, at, at + chunk));
			if (!str_eq(buf_view(&out), cases[i].out))
				fail_msg("%s, %zu octets at once", cases[i].what, chunk);
		}
}

static void what_goes_out_has_no_bare_cr(void **unused)
{
	static const struct {
		const char *what;
		struct str in, out;
	} cases[] = {
		{ "nothing", STR_INIT(""), STR_INIT("") },
		{ "bare LF", STR_INIT("a\nb\n"), STR_INIT("a\r\nb\r\n") },
		{ "CRLF stays", STR_INIT("a\r\nb\r\n"), STR_INIT("a\r\nb\r\n") },
		{ "bare CR", STR_INIT("a\rb"), STR_INIT("a b") },
		{ "a field behind one", STR_INIT("Subject: x\rBcc: eve@x.test\r\n"),
		  STR_INIT("Subject: x Bcc: eve@x.test\r\n") },
		{ "an end of the message behind one", STR_INIT("a\r.\r\nb"), STR_INIT("a .\r\nb") },
		{ "CR CR LF", STR_INIT("a\r\r\nb"), STR_INIT("a \r\nb") },
		{ "CR at the end", STR_INIT("a\r"), STR_INIT("a ") },
		{ "nothing but CR", STR_INIT("\r\r\r"), STR_INIT("   ") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		for (size_t chunk = 1; chunk <= cases[i].in.n + 1; chunk++) {
			CLEANUP(buf_release) struct buf out = BUF_INIT(100);
			struct crlf_stream st = { .strict = true };

			for (size_t at = 0; at < cases[i].in.n; at += chunk)
				crlf_put(&st, &out, str_slice(cases[i].in, at, at + chunk));
			crlf_end(&st, &out);
			if (!str_eq(buf_view(&out), cases[i].out))
				fail_msg("%s, %zu octets at once: '" STR_FMT "'", cases[i].what, chunk,
					 STR_ARG(buf_view(&out)));
		}
}

static void what_is_too_long_is_an_error_of_the_buffer(void **unused)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(3);
	struct crlf_stream st = { 0 };

	(void)unused;
	crlf_put(&st, &out, S("a\n"));
	assert_int_equal(buf_status(&out), ERR_OK);
	crlf_put(&st, &out, S("b"));
	assert_int_equal(buf_status(&out), ERR_LIMIT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bare_lf_becomes_crlf_and_nothing_else_changes),
		cmocka_unit_test(what_goes_out_has_no_bare_cr),
		cmocka_unit_test(what_is_too_long_is_an_error_of_the_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
