/* Base64, strict and as mail has it. */
#include <base/base64.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* RFC 4648 section 10, and every value of the alphabet. */
static const struct {
	struct str bytes, text;
} vectors[] = {
	{ { NULL, 0 }, { NULL, 0 } },
	{ STR_INIT("f"), STR_INIT("Zg==") },
	{ STR_INIT("fo"), STR_INIT("Zm8=") },
	{ STR_INIT("foo"), STR_INIT("Zm9v") },
	{ STR_INIT("foob"), STR_INIT("Zm9vYg==") },
	{ STR_INIT("fooba"), STR_INIT("Zm9vYmE=") },
	{ STR_INIT("foobar"), STR_INIT("Zm9vYmFy") },
	{ STR_INIT("\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51\x55\x97\x61\x96\x9b\x71\xd7\x9f"
		   "\x82\x18\xa3\x92\x59\xa7\xa2\x9a\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3\xdf\xbf"),
	  STR_INIT("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") },
};

static void both_ways_match_the_vectors(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(vectors); i++) {
		struct buf text = BUF_INIT(vectors[i].text.n), bytes = BUF_INIT(vectors[i].bytes.n);

		base64_put(&text, vectors[i].bytes);
		assert_int_equal(buf_status(&text), ERR_OK);
		assert_true(str_eq(buf_view(&text), vectors[i].text));
		assert_int_equal(base64_decode(&bytes, vectors[i].text), ERR_OK);
		assert_true(str_eq(buf_view(&bytes), vectors[i].bytes));
		buf_release(&text);
		buf_release(&bytes);
	}
}

static void one_byte_under_the_size_is_a_limit(void **unused)
{
	struct buf text = BUF_INIT(7), bytes = BUF_INIT(5);

	(void)unused;
	base64_put(&text, S("foobar"));
	assert_int_equal(buf_status(&text), ERR_LIMIT);
	assert_int_equal(base64_decode(&bytes, S("Zm9vYmFy")), ERR_LIMIT);
	buf_release(&text);
	buf_release(&bytes);
}

static void strict_decoding_refuses_anything_else(void **unused)
{
	static const struct {
		const char *what;
		struct str text;
	} cases[] = {
		{ "no padding", STR_INIT("Zg") },
		{ "half the padding", STR_INIT("Zg=") },
		{ "padding alone", STR_INIT("====") },
		{ "three of padding", STR_INIT("Z===") },
		{ "padding inside", STR_INIT("Zg==Zm9v") },
		{ "blank", STR_INIT("Zm 9v") },
		{ "line end", STR_INIT("Zm9v\r\n") },
		{ "URL alphabet", STR_INIT("Zm9-") },
		{ "NUL", STR_INIT("Zm9\0") },
		{ "byte above 0x7f", STR_INIT("Zm9\xe4") },
		{ "bits after the last byte", STR_INIT("Zh==") },
		{ "bits after the last byte of two", STR_INIT("Zm9=") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf b = BUF_INIT(100);

		if (base64_decode(&b, cases[i].text) != ERR_INVALID)
			fail_msg("%s", cases[i].what);
		buf_release(&b);
	}
}

static void a_stream_skips_noise_and_ends_at_padding_in_any_pieces(void **unused)
{
	static const struct {
		const char *what;
		struct str text, bytes;
	} cases[] = {
		{ "line ends", STR_INIT("Zm9v\r\nYmFy\r\n"), STR_INIT("foobar") },
		{ "noise in a quantum",
		  STR_INIT("Z!m 9\tv\0Ym\xff"
			   "Fy"),
		  STR_INIT("foobar") },
		{ "nothing after padding", STR_INIT("Zg==Zm9v"), STR_INIT("f") },
		{ "no padding at the end", STR_INIT("Zm9vYg"), STR_INIT("foob") },
		{ "a lone letter is lost", STR_INIT("Zm9vY"), STR_INIT("foo") },
		{ "nothing", { NULL, 0 }, { NULL, 0 } },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		for (size_t step = 1; step <= cases[i].text.n + 1; step++) {
			struct base64_stream st = { 0 };
			struct buf b = BUF_INIT(cases[i].bytes.n);

			for (size_t at = 0; at < cases[i].text.n; at += step)
				base64_stream_put(&st, &b, str_slice(cases[i].text, at, at + step));
			if (buf_status(&b) || !str_eq(buf_view(&b), cases[i].bytes))
				fail_msg("%s, %zu at a time", cases[i].what, step);
			buf_release(&b);
		}
	}
}

/* Longer than a piece of the stream decoder, at every remainder. */
static void long_texts_come_back(void **unused)
{
	(void)unused;
	for (size_t n = 10000; n < 10003; n++) {
		struct buf bytes = BUF_INIT(n), text = BUF_INIT(n * 2), back = BUF_INIT(n);

		for (size_t i = 0; i < n; i++)
			buf_char(&bytes, (char)(i * 7));
		base64_put(&text, buf_view(&bytes));
		assert_int_equal(base64_decode(&back, buf_view(&text)), ERR_OK);
		assert_true(str_eq(buf_view(&back), buf_view(&bytes)));
		buf_release(&bytes);
		buf_release(&text);
		buf_release(&back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways_match_the_vectors),
		cmocka_unit_test(one_byte_under_the_size_is_a_limit),
		cmocka_unit_test(strict_decoding_refuses_anything_else),
		cmocka_unit_test(a_stream_skips_noise_and_ends_at_padding_in_any_pieces),
		cmocka_unit_test(long_texts_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
