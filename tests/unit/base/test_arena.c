/* Arena: alignment, zeroes, its ceiling, reuse. */
#include <base/arena.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdalign.h>

static bool is_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static void memory_is_aligned_zeroed_and_apart(void **unused)
{
	struct arena a = ARENA_INIT(1 << 20);

	(void)unused;
	for (int round = 0; round < 2; round++) {
		for (size_t n = 0; n < 300; n++) {
			char *p = arena_alloc(&a, n);

			assert_non_null(p);
			assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
			assert_true(is_zero(p, n));
			memset(p, 0xaa, n);
		}
		arena_reset(&a); /* the second round gets dirty memory back */
	}
	arena_release(&a);
}

static void the_ceiling_is_reached_and_not_passed(void **unused)
{
	static const size_t ceilings[] = { 0, 16, 1024, 16 * 1024, 16 * 1024 + 16, 100 * 1024 };

	(void)unused;
	for (size_t i = 0; i < countof(ceilings); i++) {
		struct arena a = ARENA_INIT(ceilings[i]);
		size_t got = 0;

		while (arena_alloc(&a, 16))
			got += 16;
		assert_int_equal(got, ceilings[i]);
		assert_true(a.total <= a.max);
		arena_reset(&a);
		if (ceilings[i])
			assert_non_null(arena_alloc(&a, 16));
		arena_release(&a);
	}
}

static void one_allocation_at_the_ceiling_and_one_past(void **unused)
{
	struct arena a = ARENA_INIT(64 * 1024);

	(void)unused;
	assert_null(arena_alloc(&a, 64 * 1024 + 1));
	assert_non_null(arena_alloc(&a, 64 * 1024));
	assert_null(arena_alloc(&a, 1));
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 1));
	arena_release(&a);
}

static void a_large_block_leaves_the_rest_of_the_head_in_use(void **unused)
{
	struct arena a = ARENA_INIT(1 << 20);
	char *first = arena_alloc(&a, 16), *after;

	(void)unused;
	assert_non_null(arena_alloc(&a, 100 * 1024));
	after = arena_alloc(&a, 16);
	assert_ptr_equal(after, first + 16);
	arena_release(&a);
}

static void sizes_that_overflow_are_refused(void **unused)
{
	struct arena a = ARENA_INIT(SIZE_MAX);

	(void)unused;
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 32));
	assert_null(arena_array(&a, SIZE_MAX / 2, 3));
	assert_non_null(arena_array(&a, 0, 3));
	assert_non_null(arena_array(&a, 3, 0));
	arena_release(&a);
}

static void copies_of_strings(void **unused)
{
	struct arena a = ARENA_INIT(64);
	const char *c = NULL;
	struct str s;

	(void)unused;
	assert_int_equal(arena_str(&a, S("a\0b"), &s), ERR_OK);
	assert_true(str_eq(s, S("a\0b")));
	assert_int_equal(arena_str(&a, STR_EMPTY, &s), ERR_OK);
	assert_null(s.p);
	assert_int_equal(arena_cstr(&a, S("a\0b"), &c), ERR_INVALID);
	assert_null(c);
	assert_int_equal(arena_cstr(&a, S("ab"), &c), ERR_OK);
	assert_string_equal(c, "ab");
	assert_int_equal(arena_cstr(&a, STR_EMPTY, &c), ERR_OK);
	assert_string_equal(c, "");
	assert_int_equal(arena_str(&a, S("0123456789abcdefg"), &s), ERR_LIMIT);
	assert_int_equal(arena_cstr(&a, S("0123456789abcdef"), &c), ERR_LIMIT); /* the NUL does not fit */
	assert_string_equal(c, "");
	arena_release(&a);
}

/* What many keep for long takes about as much as it is. */
static void small_blocks(void **unused)
{
	struct arena a = ARENA_SMALL(4096, 512);

	(void)unused;
	for (size_t i = 1; i <= 32; i++) {
		assert_non_null(arena_alloc(&a, 16));
		assert_int_equal(a.total, 512);
	}
	assert_non_null(arena_alloc(&a, 1));
	assert_int_equal(a.total, 1024);
	assert_non_null(arena_alloc(&a, 513));
	assert_int_equal(a.total, 1024 + 528);
	arena_reset(&a);
	assert_int_equal(a.total, 512);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_aligned_zeroed_and_apart),
		cmocka_unit_test(the_ceiling_is_reached_and_not_passed),
		cmocka_unit_test(one_allocation_at_the_ceiling_and_one_past),
		cmocka_unit_test(a_large_block_leaves_the_rest_of_the_head_in_use),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(copies_of_strings),
		cmocka_unit_test(small_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
