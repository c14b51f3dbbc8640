/* Content-Transfer-Encoding. */
#include <gateway/content/transfer.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void decode(struct buf *out, enum transfer_encoding encoding, struct str in, size_t chunk)
{
	struct transfer_stream st = { .encoding = encoding };

	for (size_t at = 0; at < in.n; at += chunk)
		transfer_put(&st, out, str_slice(in, at, at + chunk));
	transfer_finish(&st, out);
}

static void bodies_decode_alike_however_they_are_cut(void **unused)
{
	static const struct {
		const char *what;
		enum transfer_encoding encoding;
		struct str in, out;
	} cases[] = {
		{ "7bit is passed", TRANSFER_7BIT, STR_INIT("a=41\r\n"), STR_INIT("a=41\r\n") },
		{ "unknown is passed", TRANSFER_UNKNOWN, STR_INIT("a=41\r\n"), STR_INIT("a=41\r\n") },
		{ "escape", TRANSFER_QUOTED_PRINTABLE, STR_INIT("=C3=A9"), STR_INIT("\xC3\xA9") },
		{ "lower-case escape", TRANSFER_QUOTED_PRINTABLE, STR_INIT("=c3=a9"), STR_INIT("\xC3\xA9") },
		{ "escaped NUL", TRANSFER_QUOTED_PRINTABLE, STR_INIT("=00"), STR_INIT("\0") },
		{ "soft break", TRANSFER_QUOTED_PRINTABLE, STR_INIT("a=\r\nb"), STR_INIT("ab") },
		{ "soft break, bare LF", TRANSFER_QUOTED_PRINTABLE, STR_INIT("a=\nb"), STR_INIT("ab") },
		{ "soft break with blanks", TRANSFER_QUOTED_PRINTABLE, STR_INIT("a= \t\r\nb"), STR_INIT("ab") },
		{ "soft break at the end", TRANSFER_QUOTED_PRINTABLE, STR_INIT("a="), STR_INIT("a") },
		{ "no escape", TRANSFER_QUOTED_PRINTABLE, STR_INIT("1=2 =ZZ =4"), STR_INIT("1=2 =ZZ =4") },
		{ "= before =", TRANSFER_QUOTED_PRINTABLE, STR_INIT("==41"), STR_INIT("=A") },
		{ "half an escape at a line end", TRANSFER_QUOTED_PRINTABLE, STR_INIT("=4\r\nb"), STR_INIT("=4\r\nb") },
		{ "= and blanks in a line", TRANSFER_QUOTED_PRINTABLE, STR_INIT("a = b"), STR_INIT("a = b") },
		{ "blanks at a line end", TRANSFER_QUOTED_PRINTABLE, STR_INIT("a \t\r\n b"), STR_INIT("a\r\n b") },
		{ "blanks before a bare LF", TRANSFER_QUOTED_PRINTABLE, STR_INIT("a \nb"), STR_INIT("a\nb") },
		{ "blanks at the end", TRANSFER_QUOTED_PRINTABLE, STR_INIT("a  "), STR_INIT("a") },
		{ "bare CR", TRANSFER_QUOTED_PRINTABLE, STR_INIT("a\rb \rc"), STR_INIT("a\rb \rc") },
		{ "CR CR LF", TRANSFER_QUOTED_PRINTABLE, STR_INIT("a\r\r\n"), STR_INIT("a\r\r\n") },
		{ "raw 8-bit", TRANSFER_QUOTED_PRINTABLE, STR_INIT("\xE9"), STR_INIT("\xE9") },
		{ "base64", TRANSFER_BASE64, STR_INIT("aGVs\r\nbG8=\r\n"), STR_INIT("hello") },
		{ "base64 that ends early", TRANSFER_BASE64, STR_INIT("aGVsbG"), STR_INIT("hell") },
		{ "base64 with dirt", TRANSFER_BASE64, STR_INIT("a G!V\0s"), STR_INIT("hel") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		for (size_t chunk = 1; chunk <= cases[i].in.n; chunk++) {
			CLEANUP(buf_release) struct buf out = BUF_INIT(100);

			decode(&out, cases[i].encoding, cases[i].in, chunk);
			if (!str_eq(buf_view(&out), cases[i].out))
				fail_msg("%s, %zu octets at once: " STR_FMT, cases[i].what, chunk,
					 STR_ARG(buf_view(&out)));
		}
}

static void blanks_are_held_back_up_to_the_limit(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(buf_release) struct buf in = BUF_INIT(1000), out = BUF_INIT(1000);
		size_t n = TRANSFER_BLANKS_MAX + extra;

		buf_char(&in, 'a');
		for (size_t i = 0; i < n; i++)
			buf_char(&in, ' ');
		buf_cstr(&in, "\r\n");
		decode(&out, TRANSFER_QUOTED_PRINTABLE, buf_view(&in), in.n);
		/* One past it, the first run of blanks is text and only the rest goes. */
		assert_int_equal(out.n, extra ? 1 + TRANSFER_BLANKS_MAX + 2 : 3);
	}
}

static void encodings_are_found_by_name(void **unused)
{
	(void)unused;
	assert_int_equal(transfer_by_name(S(" Quoted-Printable\r\n")), TRANSFER_QUOTED_PRINTABLE);
	assert_int_equal(transfer_by_name(S("BASE64")), TRANSFER_BASE64);
	assert_int_equal(transfer_by_name(S("")), TRANSFER_7BIT);
	assert_int_equal(transfer_by_name(S("8Bit")), TRANSFER_8BIT);
	assert_int_equal(transfer_by_name(S("binary")), TRANSFER_BINARY);
	assert_int_equal(transfer_by_name(S("x-uuencode")), TRANSFER_UNKNOWN);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_decode_alike_however_they_are_cut),
		cmocka_unit_test(blanks_are_held_back_up_to_the_limit),
		cmocka_unit_test(encodings_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
