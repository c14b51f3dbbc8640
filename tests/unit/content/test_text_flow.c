/* format=flowed. */
#include <gateway/content/text_flow.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void flowed_lines_are_joined(void **unused)
{
	static const struct {
		const char *what;
		bool delsp;
		struct str in, out;
	} cases[] = {
		{ "fixed lines", false, STR_INIT("a\r\nb\r\n"), STR_INIT("a\r\nb\r\n") },
		{ "flowed", false, STR_INIT("a \r\nb\r\n"), STR_INIT("a b\r\n") },
		{ "flowed, delsp", true, STR_INIT("a \r\nb \r\n c\r\n"), STR_INIT("abc\r\n") },
		{ "several blanks", false, STR_INIT("a  \r\nb"), STR_INIT("a  b") },
		{ "flowed into an empty line", false, STR_INIT("a \r\n\r\nb\r\n"), STR_INIT("a \r\nb\r\n") },
		{ "quoted", false, STR_INIT("> a \r\n> b\r\nc\r\n"), STR_INIT("> a b\r\nc\r\n") },
		{ "quoted deeper", false, STR_INIT("> a \r\n>> b\r\n"), STR_INIT("> a \r\n>> b\r\n") },
		{ "stuffed", false, STR_INIT(" >a\r\n  b\r\n From\r\n"), STR_INIT(">a\r\n b\r\nFrom\r\n") },
		{ "signature", false, STR_INIT("a\r\n-- \r\nb\r\n"), STR_INIT("a\r\n-- \r\nb\r\n") },
		{ "quoted signature", false, STR_INIT("> -- \r\n> b\r\n"), STR_INIT("> -- \r\n> b\r\n") },
		{ "the end in a flowed line", false, STR_INIT("a \r\n"), STR_INIT("a \r\n") },
		{ "the end in a blank", false, STR_INIT("a "), STR_INIT("a ") },
		{ "bare CR", false, STR_INIT("a\rb\r"), STR_INIT("a\rb\r") },
		{ "empty lines", false, STR_INIT("\r\n\r\n"), STR_INIT("\r\n\r\n") },
		{ "only quote marks", false, STR_INIT(">>\r\n"), STR_INIT(">> \r\n") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		for (size_t chunk = 1; chunk <= cases[i].in.n; chunk++) {
			CLEANUP(buf_release) struct buf out = BUF_INIT(1000);
			struct text_flow f = { .delsp = cases[i].delsp };

			for (size_t at = 0; at < cases[i].in.n; at += chunk)
				text_flow_put(&f, &out, str_slice(cases[i].in, at, at + chunk));
			text_flow_finish(&f, &out);
			if (!str_eq(buf_view(&out), cases[i].out))
				fail_msg("%s, %zu octets at once:\n" STR_FMT, cases[i].what, chunk,
					 STR_ARG(buf_view(&out)));
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(flowed_lines_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
