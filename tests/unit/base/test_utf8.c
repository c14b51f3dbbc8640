/* UTF-8: what is valid, how what is not is replaced. */
#include <base/utf8.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define FFFD "\xef\xbf\xbd"

static void characters_at_every_border(void **unused)
{
	static const struct {
		const char *what;
		struct str s;
		size_t n;
		uint32_t code;
	} cases[] = {
		{ "NUL", STR_INIT("\0"), 1, 0 },
		{ "last of one byte", STR_INIT("\x7f"), 1, 0x7f },
		{ "continuation alone", STR_INIT("\x80"), 0, 0 },
		{ "overlong NUL", STR_INIT("\xc0\x80"), 0, 0 },
		{ "last overlong of two", STR_INIT("\xc1\xbf"), 0, 0 },
		{ "first of two", STR_INIT("\xc2\x80"), 2, 0x80 },
		{ "last of two", STR_INIT("\xdf\xbf"), 2, 0x7ff },
		{ "overlong of three", STR_INIT("\xe0\x9f\xbf"), 0, 0 },
		{ "first of three", STR_INIT("\xe0\xa0\x80"), 3, 0x800 },
		{ "before the surrogates", STR_INIT("\xed\x9f\xbf"), 3, 0xd7ff },
		{ "first surrogate", STR_INIT("\xed\xa0\x80"), 0, 0 },
		{ "last surrogate", STR_INIT("\xed\xbf\xbf"), 0, 0 },
		{ "after the surrogates", STR_INIT("\xee\x80\x80"), 3, 0xe000 },
		{ "last of three", STR_INIT("\xef\xbf\xbf"), 3, 0xffff },
		{ "overlong of four", STR_INIT("\xf0\x8f\xbf\xbf"), 0, 0 },
		{ "first of four", STR_INIT("\xf0\x90\x80\x80"), 4, 0x10000 },
		{ "last of all", STR_INIT("\xf4\x8f\xbf\xbf"), 4, 0x10ffff },
		{ "one past the last", STR_INIT("\xf4\x90\x80\x80"), 0, 0 },
		{ "five bytes", STR_INIT("\xf8\x88\x80\x80\x80"), 0, 0 },
		{ "cut", STR_INIT("\xe2\x82"), 0, 0 },
		{ "second byte wrong",
		  STR_INIT("\xc3"
			   "a"),
		  0, 0 },
		{ "nothing", { NULL, 0 }, 0, 0 },
		{ "only the first counts", STR_INIT("a\xff"), 1, 'a' },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		uint32_t code = 0;

		if (utf8_decode(cases[i].s, &code) != cases[i].n || code != cases[i].code)
			fail_msg("%s: U+%04X", cases[i].what, (unsigned)code);
	}
}

static void every_code_point_comes_back(void **unused)
{
	struct buf b = BUF_INIT(8);

	(void)unused;
	for (uint32_t code = 0; code <= 0x110000; code++) {
		bool is_character = code < 0xd800 || (code > 0xdfff && code <= 0x10ffff);
		uint32_t back = 0;

		buf_clear(&b);
		utf8_put(&b, code);
		assert_int_equal(utf8_decode(buf_view(&b), &back), b.n);
		assert_int_equal(back, is_character ? code : 0xfffd);
	}
	buf_release(&b);
}

/* The examples of the Unicode standard, section 3.9 (tables 3-8 to 3-11), and the two filters. */
static void invalid_sequences_are_replaced_one_by_one(void **unused)
{
	static const struct {
		const char *what;
		struct str s, lossy, xml;
	} cases[] = {
		{ "nothing", { NULL, 0 }, { NULL, 0 }, { NULL, 0 } },
		{ "valid", STR_INIT("a\xc3\xa4\xf0\x9f\x98\x80"), STR_INIT("a\xc3\xa4\xf0\x9f\x98\x80"),
		  STR_INIT("a\xc3\xa4\xf0\x9f\x98\x80") },
		{ "non-shortest forms",
		  STR_INIT("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82"
			   "A"),
		  STR_INIT(FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A"),
		  STR_INIT(FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A") },
		{ "surrogates",
		  STR_INIT("\xed\xa0\x80\xed\xbf\xbf\xed\xaf"
			   "A"),
		  STR_INIT(FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A"),
		  STR_INIT(FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A") },
		{ "other ill-formed",
		  STR_INIT("\xf4\x91\x92\x93\xff"
			   "A"
			   "\x80\xbf"
			   "B"),
		  STR_INIT(FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B"),
		  STR_INIT(FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B") },
		{ "truncated",
		  STR_INIT("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf"
			   "A"),
		  STR_INIT(FFFD FFFD FFFD FFFD "A"), STR_INIT(FFFD FFFD FFFD FFFD "A") },
		{ "controls", STR_INIT("\0a\tb\x0b\r\n\x1f\x7f"), STR_INIT("\0a\tb\x0b\r\n\x1f\x7f"),
		  STR_INIT("a\tb\r\n\x7f") },
		{ "noncharacters",
		  STR_INIT("a\xef\xbf\xbe\xef\xbf\xbf"
			   "b"),
		  STR_INIT("a\xef\xbf\xbe\xef\xbf\xbf"
			   "b"),
		  STR_INIT("ab") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf lossy = BUF_INIT(100), xml = BUF_INIT(100);

		utf8_put_lossy(&lossy, cases[i].s);
		utf8_put_xml_safe(&xml, cases[i].s);
		if (!str_eq(buf_view(&lossy), cases[i].lossy))
			fail_msg("%s: lossy", cases[i].what);
		if (!str_eq(buf_view(&xml), cases[i].xml))
			fail_msg("%s: xml", cases[i].what);
		assert_int_equal(utf8_valid(cases[i].s), str_eq(cases[i].s, cases[i].lossy));
		buf_release(&lossy);
		buf_release(&xml);
	}
}

/* Long plain text goes a word at a time: each byte value at each place of some words is still seen. */
static void every_byte_is_seen_at_every_place_of_plain_text(void **unused)
{
	(void)unused;
	for (size_t place = 0; place < 24; place++) {
		for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
			char text[] = "plain text of four words";
			struct buf safe = BUF_INIT(64), expected = BUF_INIT(64);
			struct str s = { text, 24 };

			text[place] = (char)(unsigned char)byte;
			assert_int_equal(utf8_valid(s), byte < 0x80);
			buf_str(&expected, str_slice(s, 0, place));
			if (byte >= 0x80)
				buf_cstr(&expected, "\xef\xbf\xbd");
			else if (utf8_is_xml_char(byte))
				buf_char(&expected, (char)byte);
			buf_str(&expected, str_slice(s, place + 1, s.n));
			utf8_put_xml_safe(&safe, s);
			assert_true(str_eq(buf_view(&safe), buf_view(&expected)));
			buf_release(&safe);
			buf_release(&expected);
		}
	}
}

static void a_prefix_does_not_cut_a_character(void **unused)
{
	static const size_t expected[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };
	const struct str s = S("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");

	(void)unused;
	for (size_t max = 0; max < countof(expected); max++)
		assert_int_equal(utf8_prefix(s, max).n, expected[max]);
	assert_int_equal(utf8_prefix(STR_EMPTY, 0).n, 0);
}

static void characters_are_counted(void **unused)
{
	(void)unused;
	assert_int_equal(utf8_chars(S("")), 0);
	assert_int_equal(utf8_chars(S("abc")), 3);
	assert_int_equal(utf8_chars(S("j\xc3\xb6rg \xf0\x9f\x93\xa7")), 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_counted),
		cmocka_unit_test(characters_at_every_border),
		cmocka_unit_test(every_code_point_comes_back),
		cmocka_unit_test(invalid_sequences_are_replaced_one_by_one),
		cmocka_unit_test(every_byte_is_seen_at_every_place_of_plain_text),
		cmocka_unit_test(a_prefix_does_not_cut_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
