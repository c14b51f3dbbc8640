/* Dot-stuffing: what ends a message, and what does not. */
#include <gateway/smtp/dots.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { TEXT_MAX = 4096 };

struct outcome {
	bool ended;
	struct buf text;
	size_t left;
};

static struct outcome unstuff(struct str in, size_t piece)
{
	struct outcome o = { .text = BUF_INIT(TEXT_MAX) };
	struct smtp_dots d = { 0 };

	while (in.n && !o.ended) {
		struct str part = str_slice(in, 0, piece);
		size_t before = part.n;

		o.ended = smtp_dots_put(&d, &part, &o.text);
		in = str_slice(in, before - part.n, in.n);
	}
	o.left = in.n;
	return o;
}

static const struct {
	const char *what, *in, *out;
	size_t left; /* after the end; SIZE_MAX: it does not end */
} cases[] = {
	{ "a line", "a\r\n.\r\n", "a\r\n", 0 },
	{ "nothing", ".\r\n", "", 0 },
	{ "the next command stays", "a\r\n.\r\nMAIL", "a\r\n", 4 },
	{ "a stuffed dot", "..\r\n.\r\n", ".\r\n", 0 },
	{ "a stuffed line", "..a\r\n...\r\n.\r\n", ".a\r\n..\r\n", 0 },
	{ "a dot alone before text is dropped", ".a\r\n.\r\n", "a\r\n", 0 },
	{ "a dot within a line", "a.\r\n.\r\n", "a.\r\n", 0 },
	{ "many lines", "a\r\nb\r\n\r\nc\r\n.\r\n", "a\r\nb\r\n\r\nc\r\n", 0 },
	/* RFC 5321 2.3.8 and 4.1.1.4: nothing but CRLF . CRLF. */
	{ "LF . LF is text", "a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", 0 },
	{ "LF . CRLF is text", "a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", 0 },
	{ "CRLF . LF is text, its dot is stuffing", "a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", 0 },
	{ "CR . CR is text", "a\r.\rb\r\n.\r\n", "a\r.\rb\r\n", 0 },
	{ "CR . CRLF is text", "a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n", 0 },
	{ "CRLF . CR is text", "a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", 0 },
	{ "CRLF . CR CRLF is text", "a\r\n.\r\r\nb\r\n.\r\n", "a\r\n\r\r\nb\r\n", 0 },
	{ "CR CRLF . CRLF ends", "a\r\r\n.\r\nb", "a\r\r\n", 1 },
	{ "CR LF in two is CRLF", "a\r\r\r\n.\r\n", "a\r\r\r\n", 0 },
	{ "no end yet", "a\r\n.\r", "a\r\n", SIZE_MAX },
	{ "no end yet, within a line", "a\r\nb", "a\r\nb", SIZE_MAX },
};

static void check(size_t i, size_t piece)
{
	struct outcome o = unstuff(str_of(cases[i].in), piece);
	bool ends = cases[i].left != SIZE_MAX;

	if (o.ended != ends || (ends && o.left != cases[i].left) || !str_eq(buf_view(&o.text), str_of(cases[i].out)))
		fail_msg("%s, by %zu: ended %d, left %zu, '" STR_FMT "'", cases[i].what, piece, o.ended, o.left,
			 STR_ARG(buf_view(&o.text)));
	buf_release(&o.text);
}

static void only_a_dot_alone_between_CRLFs_ends_a_message(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		check(i, SIZE_MAX);
}

static void any_cut_gives_the_same(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		for (size_t piece = 1; piece <= strlen(cases[i].in); piece++)
			check(i, piece);
}

static void NUL_and_eight_bits_pass(void **unused)
{
	struct outcome o = unstuff(S("\0\xff\r\n.\0\r\n.\r\n"), 1);

	(void)unused;
	assert_true(o.ended);
	assert_true(str_eq(buf_view(&o.text), S("\0\xff\r\n\0\r\n")));
	buf_release(&o.text);
}

static void a_call_appends_no_more_than_it_says(void **unused)
{
	struct smtp_dots d = { 0 };
	struct str in = S("\r\n.\r");
	struct buf out = BUF_INIT(64);

	(void)unused;
	assert_false(smtp_dots_put(&d, &in, &out));
	buf_clear(&out);
	in = S("x");
	assert_false(smtp_dots_put(&d, &in, &out));
	assert_true(str_eq(buf_view(&out), S("\rx")));
	assert_true(out.n <= 1 + SMTP_DOTS_MAX_MORE);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_dot_alone_between_CRLFs_ends_a_message),
		cmocka_unit_test(any_cut_gives_the_same),
		cmocka_unit_test(NUL_and_eight_bits_pass),
		cmocka_unit_test(a_call_appends_no_more_than_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
