/* Texts as they are searched: what a reader takes for the same is the same. */
#include <gateway/content/fold.h>

#include <base/utf8.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { MAX = 1 << 20 };

static const struct {
	const char *what, *text, *folded;
} cases[] = {
	{ "nothing", "", "" },
	{ "blanks", " \t\r\n ", "" },
	{ "a control", "a\001b", "a b" },
	{ "case", "MiXeD Case", "mixed case" },
	{ "runs of blanks", "  a \r\n\t b  ", "a b" },
	{ "other blanks",
	  "a\xc2\xa0"
	  "b\xe3\x80\x80"
	  "c\xe2\x80\xa8"
	  "d",
	  "a b c d" },
	{ "an accent", "caf\xc3\xa9", "cafe" },
	{ "an accent of its own", "cafe\xcc\x81", "cafe" },
	{ "several", "\xe1\xba\xad", "a" },
	{ "sharp s",
	  "STRASSE Stra\xc3\x9f"
	  "e \xe1\xba\x9e",
	  "strasse strasse ss" },
	{ "a ligature",
	  "o\xef\xac\x83"
	  "ce",
	  "office" },
	{ "full width", "\xef\xbc\xa1\xef\xbc\x91", "a1" },
	{ "half width kana with its mark", "\xef\xbd\xb6\xef\xbe\x9e", "\xe3\x82\xab\xe3\x82\x99" },
	{ "the same as one", "\xe3\x82\xac", "\xe3\x82\xab\xe3\x82\x99" },
	{ "and without", "\xe3\x82\xab", "\xe3\x82\xab" },
	{ "Greek with a final sigma", "\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x82",
	  "\xcf\x83\xce\xb9\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83" },
	{ "Cyrillic", "\xd0\x9f\xd0\xa0\xd0\x98\xd0\x92\xd0\x95\xd0\xa2",
	  "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
	{ "Hebrew points", "\xd7\xa9\xd6\xb8\xd7\x9c", "\xd7\xa9\xd7\x9c" },
	{ "Arabic vowels", "\xd9\x83\xd9\x8e\xd8\xaa", "\xd9\x83\xd8\xaa" },
	{ "Han", "\xe4\xbc\x9a\xe8\xad\xb0", "\xe4\xbc\x9a\xe8\xad\xb0" },
	{ "a soft hyphen",
	  "co\xc2\xad"
	  "operate",
	  "cooperate" },
	{ "a joiner and a direction mark",
	  "a\xe2\x80\x8d\xe2\x80\x8f"
	  "b",
	  "ab" },
	{ "an emoji", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	{ "no UTF-8",
	  "a\xff\xc3"
	  "b",
	  "a b" },
	{ "a surrogate",
	  "a\xed\xa0\x80"
	  "b",
	  "a b" },
};

static void what_reads_alike_is_alike(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(MAX);

		fold_text(&out, str_of(cases[i].text));
		if (!str_eq(buf_view(&out), str_of(cases[i].folded)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&out)));
	}
}

/* What was folded is not folded further: queries and texts may pass twice. */
static void folding_twice_is_folding_once(void **unused)
{
	(void)unused;
	for (uint32_t code = 1; code < 0x110000; code++) {
		CLEANUP(buf_release) struct buf once = BUF_INIT(MAX);
		CLEANUP(buf_release) struct buf twice = BUF_INIT(MAX);
		CLEANUP(buf_release) struct buf text = BUF_INIT(16);

		utf8_put(&text, code);
		fold_text(&once, buf_view(&text));
		assert_true(utf8_valid(buf_view(&once)));
		fold_text(&twice, buf_view(&once));
		if (!str_eq(buf_view(&once), buf_view(&twice)))
			fail_msg("%X", code);
	}
}

static void pieces_fold_as_the_whole(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(MAX);
		struct str rest = str_of(cases[i].text);
		struct fold f = { 0 };

		while (rest.n) {
			uint32_t code;
			size_t n = utf8_decode(rest, &code);

			n = n ? n : 1;
			fold_put(&f, &out, str_slice(rest, 0, n));
			rest = str_slice(rest, n, rest.n);
		}
		if (!str_eq(buf_view(&out), str_of(cases[i].folded)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&out)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_reads_alike_is_alike),
		cmocka_unit_test(folding_twice_is_folding_once),
		cmocka_unit_test(pieces_fold_as_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
