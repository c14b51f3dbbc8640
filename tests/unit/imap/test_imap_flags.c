/* Flags and keywords. */
#include <gateway/imap/flags.h>

#include <gateway/imap/limits.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void lists_are_read(void **unused)
{
	static const struct {
		const char *text;
		bool good;
		unsigned flags;
		size_t keywords;
	} cases[] = {
		{ "()", true, 0, 0 },
		{ "(\\Seen \\deleted)", true, ITEM_SEEN | ITEM_DELETED, 0 },
		{ "($forwarded Work work)", true, ITEM_FORWARDED, 1 },
		{ "\\Seen Work", true, ITEM_SEEN, 1 },
		{ "(\\Recent)", true, 0, 0 },
		{ "(\\Bogus)", false, 0, 0 },
		{ "(\\*)", false, 0, 0 },
		{ "(a", false, 0, 0 },
		{ "(a  b)", false, 0, 0 },
		{ "(\"a\")", false, 0, 0 },
		{ "", false, 0, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(1 << 16);
		struct imap_in in = imap_in_of(&a, str_of(cases[i].text));
		struct imap_flags f = in_flags(&in, true);

		in_end(&in);
		if (in_ok(&in) != cases[i].good ||
		    (cases[i].good && (f.flags != cases[i].flags || f.n != cases[i].keywords)))
			fail_msg("%s: %x, %zu (%s)", cases[i].text, f.flags, f.n, in.why ? in.why : "good");
		arena_release(&a);
	}
}

static void a_keyword_has_a_longest(void **unused)
{
	(void)unused;
	for (size_t past = 0; past < 2; past++) {
		struct arena a = ARENA_INIT(1 << 16);
		struct buf b = BUF_INIT(1024);
		struct imap_in in;

		for (size_t i = 0; i < IMAP_MAX_KEYWORD + past; i++)
			buf_char(&b, 'k');
		in = imap_in_of(&a, buf_view(&b));
		(void)in_flags(&in, true);
		assert_int_equal(in_ok(&in), !past);
		buf_release(&b);
		arena_release(&a);
	}
}

/* What IMAP can't say stays, whatever is set. */
static void keywords_change_as_they_are_told(void **unused)
{
	static const struct {
		enum imap_flags_how how;
		const char *now;
	} cases[] = {
		{ IMAP_FLAGS_SET, "Red category\nB\nC\n" },
		{ IMAP_FLAGS_ADD, "A\nRed category\nB\nC\n" },
		{ IMAP_FLAGS_REMOVE, "A\nRed category\n" },
	};
	struct str keywords[] = { S("b"), S("C") };
	const struct imap_flags f = { .keywords = keywords, .n = 2 };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(1 << 16);
		struct str now;

		assert_int_equal(imap_keywords_apply(&a, S("A\nRed category\nB\n"), &f, cases[i].how, &now), ERR_OK);
		if (!str_eq(now, str_of(cases[i].now)))
			fail_msg("%d: " STR_FMT, (int)cases[i].how, STR_ARG(now));
		arena_release(&a);
	}
}

static void flags_are_written(void **unused)
{
	struct buf b = BUF_INIT(256);

	(void)unused;
	imap_put_flags(&b, 0, S("Red category\n"));
	imap_put_flags(&b, ITEM_SEEN | ITEM_FORWARDED, S("Work\nRed category\n$Junk\n"));
	assert_true(str_eq(buf_view(&b), S("()(\\Seen $Forwarded Work $Junk)")));
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(a_keyword_has_a_longest),
		cmocka_unit_test(keywords_change_as_they_are_told),
		cmocka_unit_test(flags_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
