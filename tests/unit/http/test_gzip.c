/* Gzip both ways, with its ceilings. */
#include <gateway/http/http_priv.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { MANY = 1000 * 1000, SMALL_CEILING = 4096 };

static struct buf zeros(size_t n)
{
	struct buf b = BUF_INIT(n);

	if (n)
		memset(buf_reserve(&b, n), 0, n);
	buf_added(&b, n);
	return b;
}

static struct buf packed(struct str plain)
{
	struct buf b = BUF_INIT(2 * MANY);

	assert_int_equal(gzip_pack(plain, &b), ERR_OK);
	return b;
}

static void what_is_packed_unpacks_to_itself(void **unused)
{
	static const size_t sizes[] = { 1, 2, 511, 16 * 1024, 16 * 1024 + 1, MANY };

	(void)unused;
	for (size_t i = 0; i < countof(sizes); i++) {
		struct buf plain = zeros(sizes[i]), gz, back = BUF_INIT(sizes[i]);

		plain.p[sizes[i] / 2] = 'x';
		gz = packed(buf_view(&plain));
		assert_int_equal(gzip_unpack(buf_view(&gz), &back), ERR_OK);
		assert_true(str_eq(buf_view(&back), buf_view(&plain)));
		buf_release(&plain);
		buf_release(&gz);
		buf_release(&back);
	}
}

static void a_bomb_is_stopped_at_the_ceiling(void **unused)
{
	static const struct {
		const char *what;
		size_t bytes;
		enum err err;
	} cases[] = {
		{ "the ceiling", SMALL_CEILING, ERR_OK },
		{ "one past it", SMALL_CEILING + 1, ERR_LIMIT },
		{ "a thousandfold", MANY, ERR_LIMIT },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf plain = zeros(cases[i].bytes), gz = packed(buf_view(&plain)), out = BUF_INIT(SMALL_CEILING);
		enum err e = gzip_unpack(buf_view(&gz), &out);

		if (e != cases[i].err)
			fail_msg("%s: %s", cases[i].what, err_text(e));
		buf_release(&plain);
		buf_release(&gz);
		buf_release(&out);
	}
}

static void what_is_cut_or_changed_or_followed_by_more_is_invalid(void **unused)
{
	struct buf plain = zeros(1000), gz = packed(buf_view(&plain));

	(void)unused;
	for (size_t n = 0; n < gz.n; n++) {
		struct buf out = BUF_INIT(SMALL_CEILING);

		assert_int_equal(gzip_unpack(str_from(gz.p, n), &out), ERR_INVALID);
		buf_release(&out);
	}
	for (int bad = 0; bad < 2; bad++) {
		struct buf out = BUF_INIT(SMALL_CEILING);

		if (bad)
			gz.p[gz.n - 6] ^= 1; /* its checksum */
		else
			buf_char(&gz, 'x');
		assert_int_equal(gzip_unpack(buf_view(&gz), &out), ERR_INVALID);
		buf_truncate(&gz, bad ? gz.n : gz.n - 1);
		buf_release(&out);
	}
	buf_release(&plain);
	buf_release(&gz);
}

static void packing_stops_where_nothing_is_gained(void **unused)
{
	struct buf plain = zeros(MANY), out = BUF_INIT(10);

	(void)unused;
	assert_int_equal(gzip_pack(buf_view(&plain), &out), ERR_LIMIT);
	buf_release(&out);
	buf_release(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_packed_unpacks_to_itself),
		cmocka_unit_test(a_bomb_is_stopped_at_the_ceiling),
		cmocka_unit_test(what_is_cut_or_changed_or_followed_by_more_is_invalid),
		cmocka_unit_test(packing_stops_where_nothing_is_gained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
