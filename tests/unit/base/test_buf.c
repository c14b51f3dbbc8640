/* The growing buffer: its ceiling, its sticky error, what the appenders write. */
#include <base/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

static void fills_up_to_the_ceiling_and_not_one_past(void **unused)
{
	static const size_t ceilings[] = { 0, 1, 63, 64, 65, 127, 128, 129, 1000, 4096, 100001 };

	(void)unused;
	for (size_t i = 0; i < countof(ceilings); i++) {
		struct buf b = BUF_INIT(ceilings[i]);

		for (size_t n = 0; n < ceilings[i]; n++)
			buf_char(&b, (char)n);
		assert_int_equal(buf_status(&b), ERR_OK);
		assert_int_equal(b.n, ceilings[i]);
		buf_char(&b, 'x');
		assert_int_equal(buf_status(&b), ERR_LIMIT);
		assert_int_equal(b.n, ceilings[i]);
		for (size_t n = 0; n < b.n; n++)
			assert_int_equal(b.p[n], (char)n);
		buf_release(&b);
	}
}

/* At every length, a write that fails leaves what was there, and everything after it does nothing. */
static void failure_at_any_length_is_sticky_and_never_cuts(void **unused)
{
	const struct str piece = S("0123456789");

	(void)unused;
	for (size_t ceiling = 0; ceiling < 300; ceiling++) {
		struct buf b = BUF_INIT(ceiling);
		size_t fit = ceiling / piece.n * piece.n;

		for (size_t n = 0; n < 40; n++)
			buf_str(&b, piece);
		assert_int_equal(buf_status(&b), ERR_LIMIT);
		assert_int_equal(b.n, fit);
		buf_char(&b, 'x');
		buf_u64(&b, 1);
		buf_fmt(&b, "%d", 1);
		buf_hex(&b, "x", 1);
		assert_null(buf_reserve(&b, 0));
		assert_int_equal(b.n, fit);
		buf_clear(&b);
		assert_int_equal(buf_status(&b), ERR_OK);
		buf_release(&b);
	}
}

static void sizes_near_the_end_of_the_address_space_are_refused(void **unused)
{
	struct buf b = BUF_INIT(SIZE_MAX);

	(void)unused;
	buf_char(&b, 'x');
	assert_null(buf_reserve(&b, SIZE_MAX));
	assert_int_equal(buf_status(&b), ERR_LIMIT);
	assert_int_equal(b.n, 1);
	buf_release(&b);
}

static void numbers_are_written_whole(void **unused)
{
	struct buf b = BUF_INIT(1000);

	(void)unused;
	buf_u64(&b, 0);
	buf_char(&b, ' ');
	buf_u64(&b, UINT64_MAX);
	buf_char(&b, ' ');
	buf_i64(&b, INT64_MIN);
	buf_char(&b, ' ');
	buf_i64(&b, -7);
	buf_char(&b, ' ');
	buf_i64(&b, INT64_MAX);
	buf_char(&b, ' ');
	buf_hex(&b, "\x00\x7f\xff", 3);
	assert_true(
		str_eq(buf_view(&b), S("0 18446744073709551615 -9223372036854775808 -7 9223372036854775807 007fff")));
	buf_release(&b);
}

static void what_is_quoted_can_be_told_from_its_quotes(void **unused)
{
	struct buf b = BUF_INIT(100);

	(void)unused;
	buf_quoted(&b, STR_EMPTY);
	buf_quoted(&b, S("a \"b\" \\c"));
	assert_true(str_eq(buf_view(&b), S("\"\"\"a \\\"b\\\" \\\\c\"")));
	buf_release(&b);
}

static void formatted_text_is_written_whole_or_not_at_all(void **unused)
{
	struct buf b = BUF_INIT(5);

	(void)unused;
	buf_fmt(&b, "%s", "");
	buf_fmt(&b, "%d-%s", 12, "ab");
	assert_int_equal(buf_status(&b), ERR_OK);
	assert_true(str_eq(buf_view(&b), S("12-ab")));
	buf_clear(&b);
	buf_fmt(&b, "%d-%s", 12, "abc");
	assert_int_equal(buf_status(&b), ERR_LIMIT);
	assert_int_equal(b.n, 0);
	buf_release(&b);
}

static void consume_and_truncate_cut_the_two_ends(void **unused)
{
	struct buf b = BUF_INIT(100);

	(void)unused;
	buf_consume(&b, 0);
	buf_cstr(&b, "abcdef");
	buf_consume(&b, 2);
	buf_truncate(&b, 3);
	assert_true(str_eq(buf_view(&b), S("cde")));
	buf_consume(&b, 3);
	assert_int_equal(b.n, 0);
	buf_release(&b);
}

static void a_reader_fills_the_reserved_room(void **unused)
{
	struct buf b = BUF_INIT(10);
	char *room = buf_reserve(&b, 10);

	(void)unused;
	assert_non_null(room);
	memcpy(room, "0123456789", 10);
	buf_added(&b, 4);
	assert_true(str_eq(buf_view(&b), S("0123")));
	assert_null(buf_reserve(&b, 7));
	assert_int_equal(buf_status(&b), ERR_LIMIT);
	buf_release(&b);
}

static void take_moves_the_bytes_out_with_a_nul_behind(void **unused)
{
	struct buf b = BUF_INIT(3);
	char *p;
	size_t n;

	(void)unused;
	assert_int_equal(buf_take(&b, &p, &n), ERR_OK);
	assert_string_equal(p, "");
	assert_int_equal(n, 0);
	free(p);

	buf_cstr(&b, "abc");
	assert_int_equal(buf_take(&b, &p, NULL), ERR_OK);
	assert_string_equal(p, "abc");
	free(p);
	assert_int_equal(b.n, 0);

	buf_cstr(&b, "abcd");
	assert_int_equal(buf_take(&b, &p, &n), ERR_LIMIT);
	buf_release(&b);
	assert_int_equal(b.max, 3);
	assert_int_equal(buf_status(&b), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_up_to_the_ceiling_and_not_one_past),
		cmocka_unit_test(failure_at_any_length_is_sticky_and_never_cuts),
		cmocka_unit_test(sizes_near_the_end_of_the_address_space_are_refused),
		cmocka_unit_test(numbers_are_written_whole),
		cmocka_unit_test(what_is_quoted_can_be_told_from_its_quotes),
		cmocka_unit_test(formatted_text_is_written_whole_or_not_at_all),
		cmocka_unit_test(consume_and_truncate_cut_the_two_ends),
		cmocka_unit_test(a_reader_fills_the_reserved_room),
		cmocka_unit_test(take_moves_the_bytes_out_with_a_nul_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
