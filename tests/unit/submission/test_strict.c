/* Line ends, cut in every place. */
#include <gateway/submission/strict.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void line_ends_are_CRLF_or_the_text_is_not_strict(void **unused)
{
	static const struct {
		const char *text;
		bool strict;
	} cases[] = {
		{ "", true },          { "\r\n", true },      { "a\r\nb\r\n", true }, { "a\r\n\r\n\r\nb", true },
		{ "a\nb\r\n", false }, { "a\r\nb\n", false }, { "\n", false },        { "\r", false },
		{ "a\rb\r\n", false }, { "a\r\r\n", false },  { "a\r\n\r", false },   { "a\n\r\n", false },
		{ "a\r\n\n", false },  { "a\n\r", false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct str text = str_of(cases[i].text);

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
