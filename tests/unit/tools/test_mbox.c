/* Cutting an mbox into messages: the same whole and one byte at a time. */
#include <tools/roostctl/mbox.h>

#include <base/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SCRIPT_MAX = 64 * 1024 };

static bool write_event(struct buf *script, enum mbox_event event, struct str text)
{
	switch (event) {
	case MBOX_BEGIN:
		buf_fmt(script, "{" STR_FMT "}", STR_ARG(text));
		return true;
	case MBOX_TEXT:
		buf_str(script, text);
		return true;
	case MBOX_END:
		buf_char(script, '~');
		return true;
	case MBOX_BAD:
		buf_cstr(script, "BAD");
		return false;
	case MBOX_MORE:
		return false;
	}
	return false;
}

/* What the reader tells, as text: "{From_ line}octets~" for each message. */
static void read_mbox(struct str in, size_t step, struct buf *script)
{
	struct mbox_reader r = { 0 };
	struct str text;

	while (in.n > 0 && r.state != MBOX_FAILED) {
		struct str piece = str_slice(in, 0, step);

		in = str_slice(in, piece.n, in.n);
		while (write_event(script, mbox_next(&r, &piece, &text), text))
			;
	}
	if (r.state == MBOX_FAILED)
		return;
	while (write_event(script, mbox_finish(&r, &text), text))
		;
}

static void expect(const char *what, struct str in, struct str expected)
{
	static const size_t steps[] = { 1, 2, 3, 7, SIZE_MAX };

	for (size_t i = 0; i < countof(steps); i++) {
		struct buf script = BUF_INIT(SCRIPT_MAX);

		read_mbox(in, steps[i], &script);
		if (!str_eq(buf_view(&script), expected))
			fail_msg("%s, %zu bytes at a time: \"" STR_FMT "\" instead of \"" STR_FMT "\"", what, steps[i],
				 STR_ARG(buf_view(&script)), STR_ARG(expected));
		buf_release(&script);
	}
}

#define DATE "Mon Jan  1 00:00:00 2018"

static void an_mbox_is_cut_at_from_lines(void **unused)
{
	static const struct {
		const char *what, *in, *out;
	} cases[] = {
		{ "one mail", "From a " DATE "\nS: 1\n\nbody\n\n", "{From a " DATE "}S: 1\n\nbody\n~" },
		{ "two mails", "From a " DATE "\nS: 1\n\nx\n\nFrom b " DATE "\nS: 2\n\ny\n\n",
		  "{From a " DATE "}S: 1\n\nx\n~{From b " DATE "}S: 2\n\ny\n~" },
		{ "no empty line at the end", "From a " DATE "\nS: 1\n\nbody\n", "{From a " DATE "}S: 1\n\nbody\n~" },
		{ "no line end at the end", "From a " DATE "\nS: 1\n\nbody", "{From a " DATE "}S: 1\n\nbody~" },
		{ "empty lines of the body stay", "From a " DATE "\nS: 1\n\n\n\nx\n\n\n",
		  "{From a " DATE "}S: 1\n\n\n\nx\n\n~" },
		{ "CRLF", "From a " DATE "\r\nS: 1\r\n\r\nx\r\n\r\nFrom b " DATE "\r\nS: 2\r\n",
		  "{From a " DATE "}S: 1\r\n\r\nx\r\n~{From b " DATE "}S: 2\r\n~" },
		{ "the first line needs no date", "From nobody\nS: 1\n", "{From nobody}S: 1\n~" },
		{ "a mail without octets", "From a " DATE "\n", "{From a " DATE "}~" },
		{ "From inside a paragraph", "From a " DATE "\nS: 1\n\nx\nFrom b " DATE "\n",
		  "{From a " DATE "}S: 1\n\nx\nFrom b " DATE "\n~" },
		{ "a paragraph that begins with From", "From a " DATE "\nS: 1\n\nx\n\nFrom now on\n",
		  "{From a " DATE "}S: 1\n\nx\n\nFrom now on\n~" },
		{ "a From_ line that the file cuts off", "From a " DATE "\nS: 1\n\nx\n\nFrom b Mo",
		  "{From a " DATE "}S: 1\n\nx\n\nFrom b Mo~" },
		{ "one '>' goes", "From a " DATE "\nS: 1\n\n>From x\n>>From y\n>>>From z\n",
		  "{From a " DATE "}S: 1\n\nFrom x\n>From y\n>>From z\n~" },
		{ "other '>' stay", "From a " DATE "\nS: 1\n\n>Fro\n>\n>> From\n> From x\n>>>",
		  "{From a " DATE "}S: 1\n\n>Fro\n>\n>> From\n> From x\n>>>~" },
		{ "a CR alone is no line", "From a " DATE "\nS: 1\n\n\r\rx\r\n",
		  "{From a " DATE "}S: 1\n\n\r\rx\r\n~" },
		{ "no mbox", "Subject: x\n", "BAD" },
		{ "nearly an mbox", "From", "BAD" },
		{ "nothing", "", "BAD" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		expect(cases[i].what, str_of(cases[i].in), str_of(cases[i].out));
}

static void a_nul_is_an_octet_like_others(void **unused)
{
	(void)unused;
	expect("NUL", S("From a " DATE "\nS: 1\n\n\0x\n\0\n\n"), S("{From a " DATE "}S: 1\n\n\0x\n\0\n~"));
}

/* A mail, and after it a From_ line of n bytes with its end. */
static void put_mbox(struct buf *b, size_t n)
{
	static const char begin[] = "From ", end[] = " " DATE "\n";

	buf_cstr(b, "From a " DATE "\nS: 1\n\n");
	buf_cstr(b, begin);
	for (size_t i = sizeof(begin) + sizeof(end) - 2; i < n; i++)
		buf_char(b, 'x');
	buf_cstr(b, end);
}

static void a_from_line_may_have_so_many_bytes_and_no_more(void **unused)
{
	static const struct {
		size_t n;
		char last; /* of the script: '~' after a mail without octets, or the text's line end and '~' */
		size_t mails;
	} cases[] = { { MBOX_FROM_MAX, '}', 2 }, { MBOX_FROM_MAX + 1, '\n', 1 } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf in = BUF_INIT(SCRIPT_MAX), script = BUF_INIT(SCRIPT_MAX);
		size_t mails = 0;

		put_mbox(&in, cases[i].n);
		read_mbox(buf_view(&in), 1, &script);
		for (size_t at = 0; at < script.n; at++)
			mails += script.p[at] == '~';
		assert_int_equal(mails, cases[i].mails);
		assert_int_equal(script.p[script.n - 2], cases[i].last);
		buf_release(&in);
		buf_release(&script);
	}
}

static void a_first_line_without_an_end_is_no_mbox(void **unused)
{
	struct buf in = BUF_INIT(SCRIPT_MAX);

	(void)unused;
	buf_cstr(&in, "From ");
	while (in.n < MBOX_FROM_MAX)
		buf_char(&in, 'x');
	expect("too long", buf_view(&in), S("BAD"));
	buf_release(&in);
}

static void the_date_of_a_from_line_is_read(void **unused)
{
	static const struct {
		const char *line;
		bool is;
		int64_t s;
	} cases[] = {
		{ "From ann@example.test Mon Jan  1 00:00:00 2018", true, 1514764800 },
		{ "From ann@example.test  Mon Jan  1 00:00:00 2018", true, 1514764800 },
		{ "From - Mon Jan 01 00:00:00 2018", true, 1514764800 },
		{ "From 12345@xxx Mon Jan 01 01:00:00 +0100 2018", true, 1514764800 },
		{ "From MAILER-DAEMON Mon Jan  1 00:00 2018", true, 1514764800 },
		{ "From now on we meet at 10:30", false, 0 },
		{ "From January 1 2018 we do not meet", false, 0 },
		{ "From ", false, 0 },
		{ ">From a " DATE, false, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t ms = 0;

		if (mbox_from_date(str_of(cases[i].line), &ms) != cases[i].is || ms != cases[i].s * 1000)
			fail_msg("%s: %lld", cases[i].line, (long long)ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_mbox_is_cut_at_from_lines),
		cmocka_unit_test(a_nul_is_an_octet_like_others),
		cmocka_unit_test(a_from_line_may_have_so_many_bytes_and_no_more),
		cmocka_unit_test(a_first_line_without_an_end_is_no_mbox),
		cmocka_unit_test(the_date_of_a_from_line_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
