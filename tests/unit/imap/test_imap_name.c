/* Mailbox names: modified UTF-7, escapes, patterns. */
#include <gateway/imap/name.h>

#include <gateway/imap/limits.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void utf7_is_one_form_of_a_name(void **unused)
{
	static const struct {
		const char *coded, *name; /* NULL: malformed */
	} cases[] = {
		{ "INBOX", "INBOX" },
		{ "A&-B", "A&B" },
		{ "&AOQ-", "\xc3\xa4" },
		{ "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
		  "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e" },
		{ "&2D3eAA-", "\xf0\x9f\x98\x80" },
		{ "&", NULL },
		{ "&AOQ", NULL },
		{ "&AOQ-&AOQ-", NULL }, /* one shift would do */
		{ "&AEE-", NULL },      /* an A that should stand for itself */
		{ "&AC8-", NULL },      /* a '/' in disguise */
		{ "&AAA-", NULL },      /* NUL */
		{ "&2D0-", NULL },      /* half a pair */
		{ "&3gA-", NULL },
		{ "&AOR-", NULL }, /* bits left over */
		{ "&A-", NULL },
		{ "\xc3\xa4", NULL },
		{ "a\tb", NULL },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf b = BUF_INIT(1024), back = BUF_INIT(1024);
		enum err e = imap_utf7_decode(&b, str_of(cases[i].coded));

		if ((e == ERR_OK) != (cases[i].name != NULL) || (!e && !str_eq(buf_view(&b), str_of(cases[i].name))))
			fail_msg("%s: %s, " STR_FMT, cases[i].coded, err_text(e), STR_ARG(buf_view(&b)));
		if (!e) {
			imap_utf7_encode(&back, buf_view(&b));
			if (!str_eq(buf_view(&back), str_of(cases[i].coded)))
				fail_msg("%s comes back as " STR_FMT, cases[i].coded, STR_ARG(buf_view(&back)));
		}
		buf_release(&b);
		buf_release(&back);
	}
}

static void a_level_may_hold_the_delimiter(void **unused)
{
	static const struct {
		const char *level, *shown;
	} cases[] = {
		{ "plain", "plain" }, { "a/b", "a=2Fb" }, { "a=2Fb", "a=3D2Fb" }, { "a=b", "a=b" },
		{ "=3d", "=3D3d" },   { "=", "=" },       { "/", "=2F" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf shown = BUF_INIT(64), back = BUF_INIT(64);

		imap_level_put(&shown, str_of(cases[i].level));
		imap_level_read(&back, buf_view(&shown));
		if (!str_eq(buf_view(&shown), str_of(cases[i].shown)) ||
		    !str_eq(buf_view(&back), str_of(cases[i].level)))
			fail_msg("%s: " STR_FMT, cases[i].level, STR_ARG(buf_view(&shown)));
		buf_release(&shown);
		buf_release(&back);
	}
}

static void patterns_match_as_they_should(void **unused)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} cases[] = {
		{ "*", "a/b/c", true },
		{ "%", "a", true },
		{ "%", "a/b", false },
		{ "%/%", "a/b", true },
		{ "a*c", "a/b/c", true },
		{ "a%c", "abc", true },
		{ "a%c", "a/c", false },
		{ "*b", "a/b", true },
		{ "*%", "a/b", true },
		{ "%*", "a/b", true },
		{ "*/b/%", "a/b/c", true },
		{ "*/b/%", "a/b/c/d", false },
		{ "", "", true },
		{ "", "a", false },
		{ "a", "", false },
		{ "a%", "a", true },
		{ "*a*b*c*", "xaybzc", true },
		{ "*%x", "a/b/x", true },
		{ "%a%b", "xaab", true },
		{ "abc", "abd", false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		unsigned long steps = 1000;

		if (imap_pattern_matches(str_of(cases[i].pattern), str_of(cases[i].name), &steps) != cases[i].matches)
			fail_msg("%s and %s", cases[i].pattern, cases[i].name);
	}
}

/* CVE-2026-33607 was a pattern that costs exponential time. */
static void a_hostile_pattern_costs_little(void **unused)
{
	unsigned long steps = IMAP_MAX_PATTERN_STEPS;
	struct buf name = BUF_INIT(2048), pattern = BUF_INIT(2048);

	(void)unused;
	for (int i = 0; i < 500; i++) {
		buf_char(&name, 'a');
		buf_cstr(&pattern, i % 2 ? "%" : "*a");
	}
	buf_cstr(&pattern, "b");
	assert_false(imap_pattern_matches(buf_view(&pattern), buf_view(&name), &steps));
	assert_true(steps > IMAP_MAX_PATTERN_STEPS / 2);
	steps = 0;
	assert_false(imap_pattern_matches(S("a"), S("a"), &steps));
	buf_release(&name);
	buf_release(&pattern);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf7_is_one_form_of_a_name),
		cmocka_unit_test(a_level_may_hold_the_delimiter),
		cmocka_unit_test(patterns_match_as_they_should),
		cmocka_unit_test(a_hostile_pattern_costs_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
