/* Fields, folds, encoded words, message ids. */
#include <gateway/content/header.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void text_of_headers_decodes(void **unused)
{
	static const struct {
		const char *what;
		struct str in, out;
	} cases[] = {
		{ "plain", STR_INIT(" Hello World \r\n"), STR_INIT("Hello World") },
		{ "fold", STR_INIT(" a\r\n b\r\n\tc"), STR_INIT("a b c") },
		{ "Q word", STR_INIT("=?iso-8859-1?Q?a_b=E9?="), STR_INIT("a b\xC3\xA9") },
		{ "B word", STR_INIT("=?UTF-8?b?w6k=?="), STR_INIT("\xC3\xA9") },
		{ "words side by side", STR_INIT("=?utf-8?Q?a?= \r\n =?utf-8?Q?b?="), STR_INIT("ab") },
		{ "word and text", STR_INIT("=?utf-8?Q?a?= b =?utf-8?Q?c?="), STR_INIT("a b c") },
		{ "character cut in two, base64", STR_INIT("=?utf-8?B?YcM=?= =?utf-8?B?qWI=?="),
		  STR_INIT("a\xC3\xA9"
			   "b") },
		{ "character cut in two", STR_INIT("=?utf-8?Q?=C3?= =?utf-8?Q?=A9?="), STR_INIT("\xC3\xA9") },
		{ "two charsets", STR_INIT("=?utf-8?Q?=C3?= =?iso-8859-1?Q?=E9?="), STR_INIT("\xEF\xBF\xBD\xC3\xA9") },
		{ "language", STR_INIT("=?utf-8*en?Q?a?="), STR_INIT("a") },
		{ "blanks inside of a word", STR_INIT("=?utf-8?Q?a b?="), STR_INIT("a b") },
		{ "unknown charset", STR_INIT("=?x-none?Q?=E9?="), STR_INIT("\xC3\xA9") },
		{ "escaped line end", STR_INIT("=?utf-8?Q?a=0D=0Ab?="), STR_INIT("a  b") },
		{ "escaped NUL and bell", STR_INIT("=?utf-8?Q?a=00=07b?="), STR_INIT("ab") },
		{ "U+FFFF", STR_INIT("=?utf-8?Q?=EF=BF=BFa?="), STR_INIT("a") },
		{ "no word: no end", STR_INIT("=?utf-8?Q?a"), STR_INIT("=?utf-8?Q?a") },
		{ "no word: no such encoding", STR_INIT("=?utf-8?X?a?="), STR_INIT("=?utf-8?X?a?=") },
		{ "no word: no charset", STR_INIT("=??Q?a?="), STR_INIT("=??Q?a?=") },
		{ "only the beginning", STR_INIT("=?"), STR_INIT("=?") },
		{ "word glued to text", STR_INIT("a=?utf-8?Q?b?=c"), STR_INIT("abc") },
		{ "raw UTF-8", STR_INIT("\xC3\xA9"), STR_INIT("\xC3\xA9") },
		{ "raw 8-bit", STR_INIT("\xE9"), STR_INIT("\xC3\xA9") },
		{ "NUL", STR_INIT("a\0b"), STR_INIT("ab") },
		{ "ISO-2022-JP", STR_INIT("=?ISO-2022-JP?B?GyRCMnE1RBsoQg==?="), STR_INIT("\xE4\xBC\x9A\xE8\xAD\xB0") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(1000);

		header_text(&out, cases[i].in);
		if (!str_eq(buf_view(&out), cases[i].out))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&out)));
	}
}

static void an_encoded_word_past_the_limit_is_text(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(buf_release) struct buf in = BUF_INIT(8192), out = BUF_INIT(8192);

		buf_cstr(&in, "=?utf-8?Q?");
		while (in.n < HEADER_ENCODED_WORD_MAX - 2 + extra)
			buf_char(&in, 'a');
		buf_cstr(&in, "?=");
		header_text(&out, buf_view(&in));
		assert_int_equal(str_starts(buf_view(&out), S("=?")), extra);
	}
}

static void a_block_is_cut_into_fields(void **unused)
{
	struct str rest = S("A: 1\r\nno field\r\n B-ad: x\r\nB : 2\r\n  more\r\nB ad: 3\r\n: 4\r\nC:\r\nD: 5");
	static const struct {
		struct str name, raw;
	} expected[] = {
		{ STR_INIT("A"), STR_INIT(" 1") },
		{ STR_INIT("B"), STR_INIT(" 2\r\n  more") },
		{ STR_INIT("C"), STR_INIT("") },
		{ STR_INIT("D"), STR_INIT(" 5") },
	};
	struct header_field f;
	size_t n = 0;

	(void)unused;
	for (; header_next(&rest, &f); n++) {
		assert_true(n < countof(expected));
		assert_true(str_eq(f.name, expected[n].name));
		assert_true(str_eq(f.raw, expected[n].raw));
	}
	assert_int_equal(n, countof(expected));
}

static void a_field_name_past_the_limit_is_no_field(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(buf_release) struct buf in = BUF_INIT(2000);
		struct header_field f;
		struct str rest;

		for (size_t i = 0; i < HEADER_NAME_MAX + extra; i++)
			buf_char(&in, 'x');
		buf_cstr(&in, ": y\r\n");
		rest = buf_view(&in);
		assert_int_equal(header_next(&rest, &f), extra == 0);
	}
}

static void message_ids_are_found_among_other_text(void **unused)
{
	struct str rest = S("junk <a@b> (c) <c@d><e\r\n f> <> <g <h@i> <open");
	static const struct str expected[] = { STR_INIT("<a@b>"), STR_INIT("<c@d>"), STR_INIT("<h@i>") };
	struct str id;
	size_t n = 0;

	(void)unused;
	for (; header_msgid_next(&rest, &id); n++) {
		assert_true(n < countof(expected));
		assert_true(str_eq(id, expected[n]));
	}
	assert_int_equal(n, countof(expected));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_headers_decodes),
		cmocka_unit_test(an_encoded_word_past_the_limit_is_text),
		cmocka_unit_test(a_block_is_cut_into_fields),
		cmocka_unit_test(a_field_name_past_the_limit_is_no_field),
		cmocka_unit_test(message_ids_are_found_among_other_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
