/* Views of bytes. */
#include <base/str.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>

static void prefixes_suffixes_and_case(void **unused)
{
	static const struct {
		const char *what;
		struct str s, part;
		bool starts, istarts, ends;
	} cases[] = {
		{ "whole", STR_INIT("abc"), STR_INIT("abc"), true, true, true },
		{ "front", STR_INIT("abc"), STR_INIT("ab"), true, true, false },
		{ "back", STR_INIT("abc"), STR_INIT("bc"), false, false, true },
		{ "case", STR_INIT("aBc"), STR_INIT("Ab"), false, true, false },
		{ "longer than the string", STR_INIT("abc"), STR_INIT("abcd"), false, false, false },
		{ "empty part", STR_INIT("abc"), { NULL, 0 }, true, true, true },
		{ "both empty", { NULL, 0 }, { NULL, 0 }, true, true, true },
		{ "NUL inside", STR_INIT("a\0c"), STR_INIT("a\0"), true, true, false },
		{ "only ASCII has case", STR_INIT("\xc4"), STR_INIT("\xe4"), false, false, false },
		{ "neighbours of the letters", STR_INIT("@["), STR_INIT("`{"), false, false, false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		if (str_starts(cases[i].s, cases[i].part) != cases[i].starts)
			fail_msg("%s: starts", cases[i].what);
		if (str_istarts(cases[i].s, cases[i].part) != cases[i].istarts)
			fail_msg("%s: istarts", cases[i].what);
		if (str_ends(cases[i].s, cases[i].part) != cases[i].ends)
			fail_msg("%s: ends", cases[i].what);
	}
}

static void order_is_bytewise_and_shorter_first(void **unused)
{
	static const struct {
		struct str a, b;
		int sign;
	} cases[] = {
		{ { NULL, 0 }, { NULL, 0 }, 0 },
		{ { NULL, 0 }, STR_INIT("a"), -1 },
		{ STR_INIT("a"), STR_INIT("a"), 0 },
		{ STR_INIT("a"), STR_INIT("ab"), -1 },
		{ STR_INIT("b"), STR_INIT("ab"), 1 },
		{ STR_INIT("\xff"), STR_INIT("a"), 1 },
		{ STR_INIT("a\0a"), STR_INIT("a\0b"), -1 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		int there = str_cmp(cases[i].a, cases[i].b), back = str_cmp(cases[i].b, cases[i].a);

		assert_int_equal((there > 0) - (there < 0), cases[i].sign);
		assert_int_equal((back > 0) - (back < 0), -cases[i].sign);
		assert_int_equal(str_eq(cases[i].a, cases[i].b), cases[i].sign == 0);
	}
}

static void slices_are_clipped(void **unused)
{
	struct str s = S("abcdef");

	(void)unused;
	assert_true(str_eq(str_slice(s, 1, 3), S("bc")));
	assert_true(str_eq(str_slice(s, 4, 99), S("ef")));
	assert_int_equal(str_slice(s, 99, 99).n, 0);
	assert_int_equal(str_slice(s, 3, 1).n, 0);
	assert_null(str_slice(STR_EMPTY, 1, 2).p);
}

static void trim_takes_blanks_from_both_ends(void **unused)
{
	(void)unused;
	assert_true(str_eq(str_trim(S(" \t\r\na b\n ")), S("a b")));
	assert_int_equal(str_trim(S(" \t ")).n, 0);
	assert_int_equal(str_trim(STR_EMPTY).n, 0);
}

static void finding_a_needle(void **unused)
{
	static const struct {
		const char *what;
		struct str s, needle;
		size_t exact, folded;
	} cases[] = {
		{ "front", STR_INIT("needle in"), STR_INIT("needle"), 0, 0 },
		{ "end", STR_INIT("a needle"), STR_INIT("needle"), 2, 2 },
		{ "case", STR_INIT("a NeeDLE"), STR_INIT("needle"), 8, 2 },
		{ "first of two", STR_INIT("abab"), STR_INIT("ab"), 0, 0 },
		{ "needle longer", STR_INIT("ab"), STR_INIT("abc"), 2, 2 },
		{ "one short of the end", STR_INIT("xab"), STR_INIT("abc"), 3, 3 },
		{ "empty needle", STR_INIT("ab"), { NULL, 0 }, 0, 0 },
		{ "empty needle in nothing", { NULL, 0 }, { NULL, 0 }, 0, 0 },
		{ "needle in nothing", { NULL, 0 }, STR_INIT("a"), 0, 0 },
		{ "behind a NUL", STR_INIT("a\0b"), STR_INIT("B"), 3, 2 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		if (str_find(cases[i].s, cases[i].needle) != cases[i].exact)
			fail_msg("%s: find", cases[i].what);
		if (str_ifind(cases[i].s, cases[i].needle) != cases[i].folded)
			fail_msg("%s: ifind", cases[i].what);
	}
	assert_int_equal(str_index(S("abc"), 'c'), 2);
	assert_int_equal(str_index(S("abc"), 'd'), 3);
	assert_int_equal(str_index(STR_EMPTY, 'd'), 0);
}

static void cut_sees_every_part_and_ends(void **unused)
{
	static const struct {
		struct str s;
		size_t parts;
		const char *joined; /* each part in brackets */
	} cases[] = {
		{ { NULL, 0 }, 0, "" },
		{ STR_INIT(""), 1, "[]" },
		{ STR_INIT("a"), 1, "[a]" },
		{ STR_INIT("a,"), 2, "[a][]" },
		{ STR_INIT(",a"), 2, "[][a]" },
		{ STR_INIT(","), 2, "[][]" },
		{ STR_INIT("a,b,c"), 3, "[a][b][c]" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct str rest = cases[i].s, part, expected = str_of(cases[i].joined);
		size_t parts = 0;

		while (str_cut(&rest, ',', &part)) {
			parts++;
			assert_int_equal(expected.p[0], '[');
			assert_true(str_eq(str_slice(expected, 1, 1 + part.n), part));
			expected = str_slice(expected, part.n + 2, expected.n);
		}
		assert_int_equal(parts, cases[i].parts);
		assert_int_equal(expected.n, 0);
	}
}

static void unsigned_numbers(void **unused)
{
	static const struct {
		const char *what;
		struct str s;
		uint64_t max;
		enum err err;
		uint64_t v;
	} cases[] = {
		{ "zero", STR_INIT("0"), 0, ERR_OK, 0 },
		{ "leading zeros", STR_INIT("0007"), 7, ERR_OK, 7 },
		{ "the maximum", STR_INIT("59"), 59, ERR_OK, 59 },
		{ "one above", STR_INIT("60"), 59, ERR_LIMIT, 0 },
		{ "a digit above a small maximum", STR_INIT("9"), 5, ERR_LIMIT, 0 },
		{ "2^64-1", STR_INIT("18446744073709551615"), UINT64_MAX, ERR_OK, UINT64_MAX },
		{ "2^64", STR_INIT("18446744073709551616"), UINT64_MAX, ERR_LIMIT, 0 },
		{ "very long", STR_INIT("99999999999999999999999999"), UINT64_MAX, ERR_LIMIT, 0 },
		{ "empty", { NULL, 0 }, 9, ERR_INVALID, 0 },
		{ "sign", STR_INIT("+1"), 9, ERR_INVALID, 0 },
		{ "blank", STR_INIT(" 1"), 9, ERR_INVALID, 0 },
		{ "letter behind a number above", STR_INIT("99x"), 9, ERR_INVALID, 0 },
		{ "byte above 0x7f", STR_INIT("\xb1"), 9, ERR_INVALID, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		uint64_t v = 12345;
		enum err e = str_to_u64(cases[i].s, cases[i].max, &v);

		if (e != cases[i].err || v != (e ? 12345 : cases[i].v))
			fail_msg("%s: %s", cases[i].what, err_text(e));
	}
}

static void signed_numbers(void **unused)
{
	static const struct {
		struct str s;
		enum err err;
		int64_t v;
	} cases[] = {
		{ STR_INIT("-1"), ERR_OK, -1 },
		{ STR_INIT("-0"), ERR_OK, 0 },
		{ STR_INIT("9223372036854775807"), ERR_OK, INT64_MAX },
		{ STR_INIT("9223372036854775808"), ERR_LIMIT, 0 },
		{ STR_INIT("-9223372036854775808"), ERR_OK, INT64_MIN },
		{ STR_INIT("-9223372036854775809"), ERR_LIMIT, 0 },
		{ STR_INIT("-"), ERR_INVALID, 0 },
		{ STR_INIT("--1"), ERR_INVALID, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t v = 0;

		assert_int_equal(str_to_i64(cases[i].s, &v), cases[i].err);
		assert_true(v == cases[i].v);
	}
}

static void hexadecimal_numbers(void **unused)
{
	static const struct {
		struct str s;
		enum err err;
		uint64_t v;
	} cases[] = {
		{ STR_INIT("0"), ERR_OK, 0 },
		{ STR_INIT("fF09aA"), ERR_OK, 0xff09aa },
		{ STR_INIT("ffffffffffffffff"), ERR_OK, UINT64_MAX },
		{ STR_INIT("0ffffffffffffffff"), ERR_INVALID, 0 },
		{ STR_INIT(""), ERR_INVALID, 0 },
		{ STR_INIT("0x1"), ERR_INVALID, 0 },
		{ STR_INIT("g"), ERR_INVALID, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		uint64_t v = 0;

		assert_int_equal(str_hex_to_u64(cases[i].s, &v), cases[i].err);
		assert_true(v == cases[i].v);
	}
}

static void printf_lengths_are_clipped_to_int(void **unused)
{
	(void)unused;
	assert_int_equal(str_printf_len(S("abc")), 3);
	assert_int_equal(str_printf_len(str_from("", (size_t)INT_MAX + 1)), INT_MAX);
}

static void every_error_has_a_text(void **unused)
{
	(void)unused;
	for (int e = 0; e <= ERR_MAX_; e++) /* one past the last, too */
		assert_true(strlen(err_text((enum err)e)) > 0);
}

/* Against the plain way to do it, for all texts and needles of two letters in both cases. */
static void finding_without_case_finds_the_first_place(void **unused)
{
	static const char letters[] = "aAbB[";
	enum { TEXT = 6, NEEDLE = 3, LETTERS = sizeof(letters) - 1 };
	char text[TEXT], needle[NEEDLE];

	(void)unused;
	for (unsigned i = 0; i < 5 * 5 * 5 * 5 * 5 * 5 * 5; i++) {
		unsigned rest = i * 7919u;
		struct str t = { text, i % (TEXT + 1) }, n = { needle, 1 + i % NEEDLE };
		size_t at = 0;

		for (size_t k = 0; k < TEXT; k++, rest /= LETTERS)
			text[k] = letters[rest % LETTERS];
		for (size_t k = 0; k < NEEDLE; k++, rest = rest * 31u + i)
			needle[k] = letters[rest % LETTERS];
		while (at + n.n <= t.n && !str_ieq(str_slice(t, at, at + n.n), n))
			at++;
		if (at + n.n > t.n)
			at = t.n;
		if (str_ifind(t, n) != at)
			fail_msg("\"" STR_FMT "\" in \"" STR_FMT "\"", STR_ARG(n), STR_ARG(t));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_suffixes_and_case),
		cmocka_unit_test(order_is_bytewise_and_shorter_first),
		cmocka_unit_test(slices_are_clipped),
		cmocka_unit_test(trim_takes_blanks_from_both_ends),
		cmocka_unit_test(finding_a_needle),
		cmocka_unit_test(cut_sees_every_part_and_ends),
		cmocka_unit_test(unsigned_numbers),
		cmocka_unit_test(signed_numbers),
		cmocka_unit_test(hexadecimal_numbers),
		cmocka_unit_test(printf_lengths_are_clipped_to_int),
		cmocka_unit_test(every_error_has_a_text),
		cmocka_unit_test(finding_without_case_finds_the_first_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
