/* The words of IMAP's grammar. */
#include <gateway/imap/input.h>

#include <gateway/imap/date.h>
#include <gateway/imap/limits.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define BAD ((const char *)NULL)

static void astrings_are_read_in_each_form(void **unused)
{
	static const struct {
		const char *text, *value; /* BAD: an error */
	} cases[] = {
		{ "abc", "abc" },
		{ "a]b", "a]b" },
		{ "\"a b\"", "a b" },
		{ "\"\"", "" },
		{ "\"a\\\"b\\\\c\"", "a\"b\\c" },
		{ "{3}\r\na b", "a b" },
		{ "{3+}\r\n\r\n(", "\r\n(" },
		{ "~{2}\r\nxy", "xy" },
		{ "{0}\r\n", "" },
		{ "", BAD },
		{ "(", BAD },
		{ "a(b", BAD },
		{ "a%b", BAD },
		{ "\"a", BAD },
		{ "\"a\\b\"", BAD },
		{ "\"a\r\nb\"", BAD },
		{ "{4}\r\nabc", BAD },
		{ "{3}abc", BAD },
		{ "{99999999999999999999}\r\nabc", BAD },
		{ "{-1}\r\nabc", BAD },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(4096);
		struct imap_in in = imap_in_of(&a, str_of(cases[i].text));
		struct str got = in_astring(&in);

		in_end(&in);
		if (in_ok(&in) != (cases[i].value != BAD) || (cases[i].value && !str_eq(got, str_of(cases[i].value))))
			fail_msg("%s: " STR_FMT " (%s)", cases[i].text, STR_ARG(got), in.why ? in.why : "good");
		arena_release(&a);
	}
}

/* CVE-2019-11500 was a NUL in a quoted string. */
static void nul_stands_in_literal8_alone(void **unused)
{
	static const struct str bad[] = { STR_INIT("\"a\0b\""), STR_INIT("a\0b"), STR_INIT("{3}\r\na\0b") };
	struct arena a = ARENA_INIT(4096);
	struct imap_in in = imap_in_of(&a, S("~{3}\r\na\0b"));

	(void)unused;
	assert_true(str_eq(in_string(&in), S("a\0b")));
	assert_true(in_ok(&in));
	for (size_t i = 0; i < countof(bad); i++) {
		in = imap_in_of(&a, bad[i]);
		(void)in_astring(&in);
		in_end(&in);
		assert_false(in_ok(&in));
	}
	arena_release(&a);
}

static void the_first_error_stays_with_its_place(void **unused)
{
	struct arena a = ARENA_INIT(4096);
	struct imap_in in = imap_in_of(&a, S("12 x"));

	(void)unused;
	assert_int_equal(in_number(&in), 12);
	in_sp(&in);
	assert_int_equal(in_number(&in), 0);
	assert_int_equal(in.at, 3);
	(void)in_astring(&in);
	in_char(&in, 'x');
	assert_int_equal(in.at, 3);
	assert_string_equal(in.why, "a word is missing");
	arena_release(&a);
}

static void parentheses_nest_to_a_limit(void **unused)
{
	struct arena a = ARENA_INIT(4096);
	struct buf b = BUF_INIT(1024);
	struct imap_in in;

	(void)unused;
	for (int i = 0; i <= IMAP_MAX_NESTING; i++)
		buf_char(&b, '(');
	in = imap_in_of(&a, buf_view(&b));
	for (int i = 0; i < IMAP_MAX_NESTING; i++)
		in_open(&in);
	assert_true(in_ok(&in));
	in_open(&in);
	assert_false(in_ok(&in));
	buf_release(&b);
	arena_release(&a);
}

static void words_end_where_they_end(void **unused)
{
	struct arena a = ARENA_INIT(4096);
	struct imap_in in = imap_in_of(&a, S("body.peek[text]"));

	(void)unused;
	assert_false(in_try_word(&in, "BODY"));
	assert_true(in_try_word(&in, "BODY.PEEK"));
	in_char(&in, '[');
	assert_true(in_try_word(&in, "TEXT"));
	in_char(&in, ']');
	in_end(&in);
	assert_true(in_ok(&in));
	arena_release(&a);
}

static void dates_are_read(void **unused)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: an error */
	} cases[] = {
		{ "\" 1-Jan-1970 00:00:01 +0000\"", 1000 },
		{ "\"01-Jan-1970 01:00:00 +0100\"", 0 },
		{ "\"31-Dec-1969 23:30:00 -0100\"", 1800000 },
		{ "\"29-Feb-2024 12:00:00 +0000\"", INT64_C(1709208000000) },
		{ "\"17-jul-1996 02:44:25 -0700\"", INT64_C(837596665000) },
		{ "\"30-Feb-2024 12:00:00 +0000\"", -1 },
		{ "\"00-Jan-2024 12:00:00 +0000\"", -1 },
		{ "\"1-Foo-2024 12:00:00 +0000\"", -1 },
		{ "\"1-Jan-2024 24:00:00 +0000\"", -1 },
		{ "\"1-Jan-2024 12:00:00\"", -1 },
		{ "\"1-Jan-20240 12:00:00 +0000\"", -1 },
		{ "\"1-Jan-2024 12:00:00 +0000", -1 },
		{ "\"-1-Jan-2024 12:00:00 +0000\"", -1 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(4096);
		struct imap_in in = imap_in_of(&a, str_of(cases[i].text));
		int64_t ms = in_date_time(&in);

		in_end(&in);
		if (in_ok(&in) != (cases[i].ms >= 0) || (in_ok(&in) && ms != cases[i].ms))
			fail_msg("%s: %lld (%s)", cases[i].text, (long long)ms, in.why ? in.why : "good");
		arena_release(&a);
	}
}

static void dates_come_back(void **unused)
{
	static const int64_t cases[] = { 0, 1000, INT64_C(1709208000000), INT64_C(4102444799000),
					 INT64_C(951782400000) };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(4096);
		struct buf b = BUF_INIT(64);
		struct imap_in in;

		imap_put_date_time(&b, cases[i]);
		in = imap_in_of(&a, buf_view(&b));
		assert_int_equal(in_date_time(&in), cases[i]);
		assert_true(in_ok(&in));
		buf_release(&b);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(astrings_are_read_in_each_form),
		cmocka_unit_test(nul_stands_in_literal8_alone),
		cmocka_unit_test(the_first_error_stays_with_its_place),
		cmocka_unit_test(parentheses_nest_to_a_limit),
		cmocka_unit_test(words_end_where_they_end),
		cmocka_unit_test(dates_are_read),
		cmocka_unit_test(dates_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
