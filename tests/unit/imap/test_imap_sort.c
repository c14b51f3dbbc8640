/* SORT: programs, base subjects, and the order of mails. */
#include <gateway/imap/sort.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void programs_are_keys_in_parentheses(void **unused)
{
	static const struct {
		const char *text;
		bool ok, opens;
		size_t n;
	} cases[] = {
		{ "(DATE)", true, true, 1 },
		{ "(size reverse arrival)", true, false, 2 },
		{ "(SUBJECT REVERSE DATE FROM TO CC DISPLAYFROM DISPLAYTO)", true, true, 7 },
		{ "()", false, false, 0 },
		{ "(REVERSE)", false, false, 0 },
		{ "(DATES)", false, false, 0 },
		{ "DATE", false, false, 0 },
		{ "(DATE", false, false, 0 },
		{ "(SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE)", true, false,
		  16 },
		{ "(SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE SIZE)", false,
		  false, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(1 << 16);
		struct imap_in in = imap_in_of(&a, str_of(cases[i].text));
		struct imap_sort sort = { 0 };

		in_sort_program(&in, &sort);
		in_end(&in);
		if (in_ok(&in) != cases[i].ok ||
		    (cases[i].ok && (sort.n != cases[i].n || sort.opens != cases[i].opens)))
			fail_msg("%s", cases[i].text);
		arena_release(&a);
	}
}

/* RFC 5256 section 2.1. */
static void base_subjects(void **unused)
{
	static const struct {
		const char *subject, *base;
	} cases[] = {
		{ "Boat trip", "Boat trip" },
		{ "Re: Boat trip", "Boat trip" },
		{ "  re : RE[2]: Fwd: Boat trip (fwd) (FWD) ", "Boat trip" },
		{ "[list] Re: [x] Boat trip", "Boat trip" },
		{ "[Gardeners] Compost", "Compost" },
		{ "[Gardeners]", "[Gardeners]" },
		{ "Re: [Gardeners]", "[Gardeners]" },
		{ "[Fwd: Map of Argentina]", "Map of Argentina" },
		{ "Re: [Fwd: Re: Map]", "Map" },
		{ "Regarding: this", "Regarding: this" },
		{ "Re", "Re" },
		{ "Re:", "" },
		{ "", "" },
		{ "[a[b] c", "[a[b] c" },
		{ "[", "[" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct str base = imap_base_subject(str_of(cases[i].subject), NULL);

		if (!str_eq(base, str_of(cases[i].base)))
			fail_msg("%s: " STR_FMT, cases[i].subject, STR_ARG(base));
	}
}

enum { MAILS = 4 };
static const struct item items[MAILS] = {
	{ .uid = 1, .size = 300, .received_ms = 20 },
	{ .uid = 2, .size = 100, .received_ms = 10 },
	{ .uid = 3, .size = 200, .received_ms = 30 },
	{ .uid = 300, .size = 200, .received_ms = 5 },
};
static const struct mail_summary summaries[MAILS] = {
	{ .subject = STR_INIT("Re: b"), .from = STR_INIT("\"Zoe\" <ann@x>"), .date_ms = -5, .flags = MAIL_HAS_DATE },
	{ .subject = STR_INIT("B"), .from = STR_INIT("bob@x") },
	{ .subject = STR_INIT("ba"), .from = STR_INIT("\"Adam\" <zed@x>"), .date_ms = 15, .flags = MAIL_HAS_DATE },
	{ .subject = STR_INIT("a"), .to = STR_INIT("x@y") },
};

static void mails_come_in_the_order_of_the_program(void **unused)
{
	static const struct {
		const char *program;
		uint32_t wanted[MAILS];
	} cases[] = {
		{ "(ARRIVAL)", { 300, 2, 1, 3 } },
		{ "(REVERSE ARRIVAL)", { 3, 1, 2, 300 } },
		{ "(SIZE)", { 2, 3, 300, 1 } },
		{ "(REVERSE SIZE)", { 1, 3, 300, 2 } },
		{ "(DATE)", { 1, 300, 2, 3 } },
		{ "(SUBJECT)", { 300, 1, 2, 3 } },
		{ "(REVERSE SUBJECT)", { 3, 1, 2, 300 } },
		{ "(SUBJECT REVERSE SIZE)", { 300, 1, 2, 3 } },
		{ "(SUBJECT SIZE)", { 300, 2, 1, 3 } },
		{ "(FROM)", { 300, 1, 2, 3 } },
		{ "(DISPLAYFROM)", { 300, 3, 2, 1 } },
		{ "(TO)", { 1, 2, 3, 300 } },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(1 << 16);
		struct imap_in in = imap_in_of(&a, str_of(cases[i].program));
		struct buf keys = BUF_INIT(1 << 16);
		struct imap_sort sort = { 0 };
		uint32_t uids[MAILS];

		in_sort_program(&in, &sort);
		for (size_t k = 0; k < MAILS; k++) {
			struct buf key = BUF_INIT(1 << 12);
			uint32_t n;

			imap_sort_put(&sort, &a, &items[k], &summaries[k], &key);
			n = (uint32_t)key.n;
			buf_put(&keys, &n, sizeof(n));
			buf_str(&keys, buf_view(&key));
			buf_release(&key);
			uids[k] = items[k].uid;
		}
		imap_sort_order(uids, MAILS, buf_view(&keys));
		if (memcmp(uids, cases[i].wanted, sizeof(uids)))
			fail_msg("%s: %u %u %u %u", cases[i].program, uids[0], uids[1], uids[2], uids[3]);
		buf_release(&keys);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_are_keys_in_parentheses),
		cmocka_unit_test(base_subjects),
		cmocka_unit_test(mails_come_in_the_order_of_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
