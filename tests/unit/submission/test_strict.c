/* Line ends, cut in every place. */
#include <gateway/submission/strict.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void line_ends_are_CRLF_or_the_text_is_not_strict(void **unused)
{
	static const struct {
		struct str text;
		bool strict;
	} cases[] = {
		{ STR_INIT(""), true },           { STR_INIT("\r\n"), true },
		{ STR_INIT("a\r\nb\r\n"), true }, { STR_INIT("a\r\n\r\n\r\nb"), true },
		{ STR_INIT("a\nb\r\n"), false },  { STR_INIT("a\r\nb\n"), false },
		{ STR_INIT("\n"), false },        { STR_INIT("\r"), false },
		{ STR_INIT("a\rb\r\n"), false },  { STR_INIT("a\r\r\n"), false },
		{ STR_INIT("a\r\n\r"), false },   { STR_INIT("a\n\r\n"), false },
		{ STR_INIT("a\r\n\n"), false },   { STR_INIT("a\n\r"), false },
		{ STR_INIT("a\0\r\n"), false },   { STR_INIT("\0"), false },
		{ STR_INIT("\r\0"), false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct str text = cases[i].text;

		for (size_t step = 1; step <= text.n + 1; step++) {
			struct strict st = { 0 };

			for (size_t at = 0; at < text.n; at += step)
				strict_put(&st, str_slice(text, at, at + step));
			if (strict_end(&st) != cases[i].strict)
				fail_msg("case %zu in steps of %zu", i, step);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_ends_are_CRLF_or_the_text_is_not_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
