/* Bytes to whole IMAP commands. */
#include <gateway/imap/reader.h>

#include <gateway/imap/limits.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* What the reader makes of some bytes, given in pieces of that size: '.' a command, 'L' a literal taken, 'T' one too large, 'B' bad. */
static void read_all(struct str bytes, size_t piece, size_t max, struct buf *ret)
{
	struct imap_reader r;

	imap_reader_init(&r, max);
	while (bytes.n) {
		struct str part = str_slice(bytes, 0, piece), rest = part;
		enum imap_read got = imap_reader_feed(&r, &rest);

		bytes = str_slice(bytes, part.n - rest.n, bytes.n);
		if (got == IMAP_READ_DONE) {
			buf_str(ret, buf_view(&r.text));
			buf_char(ret, '.');
			imap_reader_next(&r);
		} else if (got == IMAP_READ_LITERAL) {
			buf_char(ret, imap_reader_take(&r) ? 'T' : r.sync ? 'L' : 'N');
		} else if (got == IMAP_READ_BAD) {
			buf_char(ret, 'B');
			break;
		}
	}
	imap_reader_release(&r);
}

static void commands_are_the_same_however_they_are_cut(void **unused)
{
	static const struct {
		const char *what, *bytes, *read;
	} cases[] = {
		{ "a line", "a NOOP\r\n", "a NOOP\r\n." },
		{ "two lines", "a NOOP\r\nb NOOP\r\n", "a NOOP\r\n.b NOOP\r\n." },
		{ "a bare LF ends a line too", "a NOOP\n", "a NOOP\r\n." },
		{ "a literal", "a X {3}\r\n\r\n) y\r\n", "La X {3}\r\n\r\n) y\r\n." },
		{ "a literal without waiting", "a X {3+}\r\nabc\r\n", "Na X {3+}\r\nabc\r\n." },
		{ "two literals", "a X {1}\r\nb {2}\r\nee\r\n", "LLa X {1}\r\nb {2}\r\nee\r\n." },
		{ "an empty literal", "a X {0}\r\n y\r\n", "La X {0}\r\n y\r\n." },
		{ "a literal that ends in a line end", "a X {2}\r\n\r\n{1}\r\nz\r\n",
		  "LLa X {2}\r\n\r\n{1}\r\nz\r\n." },
		{ "a literal8", "a X ~{1}\r\nb\r\n", "La X ~{1}\r\nb\r\n." },
		{ "no literal: a sign", "a X {-1}\r\n", "a X {-1}\r\n." },
		{ "no literal: too large a number", "a X {18446744073709551616}\r\n",
		  "a X {18446744073709551616}\r\n." },
		{ "no literal: nothing in it", "a X {}\r\n", "a X {}\r\n." },
		{ "no literal: something behind it", "a X {3} \r\n", "a X {3} \r\n." },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		for (size_t piece = 1; piece < 40; piece++) {
			struct buf got = BUF_INIT(4096);

			read_all(str_of(cases[i].bytes), piece, 1024, &got);
			if (!str_eq(buf_view(&got), str_of(cases[i].read)))
				fail_msg("%s, %zu at a time: " STR_FMT, cases[i].what, piece, STR_ARG(buf_view(&got)));
			buf_release(&got);
		}
	}
}

static void a_command_has_a_ceiling(void **unused)
{
	struct buf text = BUF_INIT(4096), got = BUF_INIT(4096);

	(void)unused;
	for (int i = 0; i < 98; i++)
		buf_char(&text, 'x');
	buf_cstr(&text, "\r\n");
	read_all(buf_view(&text), 7, 100, &got);
	assert_int_equal(got.n, 101); /* at it */
	buf_clear(&got);
	read_all(buf_view(&text), 7, 99, &got);
	assert_true(str_eq(buf_view(&got), S("B")));
	buf_release(&text);
	buf_release(&got);
}

static void literals_count_against_the_ceiling(void **unused)
{
	struct buf got = BUF_INIT(4096);

	(void)unused;
	read_all(S("a {91}\r\n"), 3, 100, &got); /* eight octets are there */
	assert_true(str_eq(buf_view(&got), S("L")) || str_eq(buf_view(&got), S("T")));
	buf_clear(&got);
	read_all(S("a {92}\r\n"), 3, 100, &got);
	assert_true(str_eq(buf_view(&got), S("L")));
	buf_clear(&got);
	read_all(S("a {93}\r\n"), 3, 100, &got);
	assert_true(str_eq(buf_view(&got), S("T")));
	buf_clear(&got);
	read_all(S("a {9223372036854775807}\r\n"), 3, 100, &got);
	assert_true(str_eq(buf_view(&got), S("T")));
	buf_release(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_the_same_however_they_are_cut),
		cmocka_unit_test(a_command_has_a_ceiling),
		cmocka_unit_test(literals_count_against_the_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
