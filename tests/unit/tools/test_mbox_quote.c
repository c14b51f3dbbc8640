/* A message as text of an mbox. */
#include <tools/roostctl/mbox_quote.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { OUT_MAX = 4096 };

static void what_would_part_mails_is_quoted(void **unused)
{
	static const struct {
		const char *what, *in, *out;
	} cases[] = {
		{ "line ends", "a\r\nb\r\n", "a\nb\n\n" },
		{ "a missing one is added", "a", "a\n\n" },
		{ "From at the beginning", "From x\r\n", ">From x\n\n" },
		{ "From in a line", "x From y\r\n", "x From y\n\n" },
		{ "quoted From", ">>From x\r\n", ">>>From x\n\n" },
		{ "nearly From", "Fro\r\nFroFrom \r\n>>Fr\r\n", "Fro\nFroFrom \n>>Fr\n\n" },
		{ "From at the end", "a\r\nFrom ", "a\n>From \n\n" },
		{ "part of From at the end", "a\r\nFro", "a\nFro\n\n" },
		{ "only '>' at the end", "a\r\n>", "a\n>\n\n" },
		{ "a CR alone", "a\rb\r\n", "a\rb\n\n" },
		{ "a CR before a line end", "a\r\r\nFrom \r\n", "a\r\r\n>From \n\n" },
		{ "many CRs before a line end", "a\r\r\r\r\n", "a\r\r\r\r\n\n" },
		{ "a CR at the end", "a\r", "a\r\r\n\n" },
		{ "a CR and From", "\rFrom x\r\n", "\rFrom x\n\n" },
		{ "nothing", "", "\n" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		for (size_t step = 1; step <= 16; step += 15) {
			struct buf out = BUF_INIT(OUT_MAX);
			struct mbox_quote q = { 0 };
			struct str in = str_of(cases[i].in);

			for (size_t at = 0; at < in.n; at += step)
				mbox_quote(&q, &out, str_slice(in, at, at + step));
			mbox_quote_end(&q, &out);
			if (!str_eq(buf_view(&out), str_of(cases[i].out)))
				fail_msg("%s: \"" STR_FMT "\"", cases[i].what, STR_ARG(buf_view(&out)));
			buf_release(&out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_would_part_mails_is_quoted) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
