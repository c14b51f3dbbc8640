/* Sequence sets. */
#include <gateway/imap/set.h>

#include <gateway/imap/limits.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void write_set(const struct imap_set *s, struct buf *b)
{
	for (size_t i = 0; i < s->n; i++)
		buf_fmt(b, "%s%u-%u", i ? " " : "", s->ranges[i].lo, s->ranges[i].hi);
}

static void sets_become_ranges_in_order(void **unused)
{
	static const struct {
		const char *text;
		uint32_t last;
		const char *ranges; /* NULL: malformed */
	} cases[] = {
		{ "1", 10, "1-1" },
		{ "1:3", 10, "1-3" },
		{ "3:1", 10, "1-3" },
		{ "*", 10, "10-10" },
		{ "5:*", 10, "5-10" },
		{ "20:*", 10, "10-20" },
		{ "*:4", 10, "4-10" },
		{ "5,1:2,3", 10, "1-3 5-5" },
		{ "1:4,2:3,8,7", 10, "1-4 7-8" },
		{ "4294967295", 10, "4294967295-4294967295" },
		{ "1:4294967295,2", 10, "1-4294967295" },
		{ "0", 10, NULL },
		{ "4294967296", 10, NULL },
		{ "1,", 10, NULL },
		{ ",1", 10, NULL },
		{ "1:", 10, NULL },
		{ "1:2:3", 10, NULL },
		{ "-1", 10, NULL },
		{ "1 2", 10, NULL },
		{ "", 10, NULL },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(4096);
		struct buf b = BUF_INIT(1024);
		struct imap_in in = imap_in_of(&a, str_of(cases[i].text));
		struct imap_set s = in_set(&in);

		in_end(&in);
		if (in_ok(&in)) {
			imap_set_resolve(&s, cases[i].last);
			write_set(&s, &b);
		}
		if (in_ok(&in) != (cases[i].ranges != NULL) ||
		    (cases[i].ranges && !str_eq(buf_view(&b), str_of(cases[i].ranges))))
			fail_msg("%s: " STR_FMT, cases[i].text, STR_ARG(buf_view(&b)));
		buf_release(&b);
		arena_release(&a);
	}
}

static void a_set_has_what_it_names(void **unused)
{
	struct imap_range ranges[] = { { 2, 4 }, { 7, 7 }, { 9, UINT32_MAX } };
	struct imap_set s = { .ranges = ranges, .n = countof(ranges) };

	(void)unused;
	for (uint32_t n = 0; n < 20; n++)
		assert_int_equal(imap_set_has(&s, n), (n >= 2 && n <= 4) || n == 7 || n >= 9);
	assert_true(imap_set_has(&s, UINT32_MAX));
	assert_int_equal(imap_set_count(&s), 3 + 1 + (uint64_t)UINT32_MAX - 8);
	assert_false(imap_set_has(&(struct imap_set){ 0 }, 1));
}

static void numbers_are_written_as_a_set(void **unused)
{
	static const uint32_t numbers[] = { 1, 2, 3, 7, 9, 10 };
	struct imap_set_writer w = { 0 };
	struct buf b = BUF_INIT(64);

	(void)unused;
	imap_set_finish(&w, &b);
	assert_int_equal(b.n, 0);
	for (size_t i = 0; i < countof(numbers); i++)
		imap_set_add(&w, &b, numbers[i]);
	imap_set_finish(&w, &b);
	assert_true(str_eq(buf_view(&b), S("1:3,7,9:10")));
	buf_release(&b);
}

static void a_set_has_a_limit(void **unused)
{
	struct arena a = ARENA_INIT(1 << 20);
	struct buf b = BUF_INIT(1 << 20);
	struct imap_in in;

	(void)unused;
	for (int i = 0; i < IMAP_MAX_RANGES; i++)
		buf_cstr(&b, i ? ",1" : "1");
	in = imap_in_of(&a, buf_view(&b));
	assert_int_equal(in_set(&in).n, IMAP_MAX_RANGES);
	assert_true(in_ok(&in));
	buf_cstr(&b, ",1");
	in = imap_in_of(&a, buf_view(&b));
	(void)in_set(&in);
	assert_false(in_ok(&in));
	buf_release(&b);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_become_ranges_in_order),
		cmocka_unit_test(a_set_has_what_it_names),
		cmocka_unit_test(numbers_are_written_as_a_set),
		cmocka_unit_test(a_set_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
