/* The strict INI reader. */
#include <gateway/config/ini.h>

#include <base/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Rows as text: "1[section label]", "2 key=value", "3!" for a bad line. */
static void rows_as_text(struct str text, struct buf *b)
{
	struct ini_reader r = { text, 0 };
	struct ini_row row;

	while (ini_next(&r, &row)) {
		buf_u64(b, row.line);
		if (row.kind == INI_SECTION)
			buf_fmt(b, "[" STR_FMT "|" STR_FMT "]", STR_ARG(row.section), STR_ARG(row.label));
		else if (row.kind == INI_VALUE)
			buf_fmt(b, " " STR_FMT "=" STR_FMT, STR_ARG(row.key), STR_ARG(row.value));
		else
			buf_fmt(b, "!");
		buf_char(b, '\n');
		assert_int_equal(row.kind == INI_BAD, row.why != NULL);
	}
}

static void rows_come_with_their_lines(void **unused)
{
	static const struct {
		const char *what;
		struct str text;
		const char *rows;
	} cases[] = {
		{ "nothing", STR_INIT(""), "" },
		{ "no text at all", { NULL, 0 }, "" },
		{ "blank lines and comments", STR_INIT("\n  \n# a = b\n\t; c\r\n"), "" },
		{ "sections", STR_INIT("[tls]\n[tls mail.example.test]\n[ tls   a b ]"),
		  "1[tls|]\n2[tls|mail.example.test]\n3[tls|a b]\n" },
		{ "values", STR_INIT("a=b\n b_2 =  c d \nc =\nd = a=b"), "1 a=b\n2 b_2=c d\n3 c=\n4 d=a=b\n" },
		{ "line ends of both kinds", STR_INIT("a=1\r\nb=2\nc=3\r"), "1 a=1\n2 b=2\n3 c=3\n" },
		{ "no line end at the end", STR_INIT("a=1"), "1 a=1\n" },
		{ "byte order mark", STR_INIT("\xef\xbb\xbf[a]\n\xef\xbb\xbf[b]"), "1[a|]\n2!\n" },
		{ "UTF-8", STR_INIT("a=\xc3\xa4"), "1 a=\xc3\xa4\n" },
		{ "not UTF-8", STR_INIT("a=\xe4"), "1!\n" },
		{ "NUL", STR_INIT("a=b\0c"), "1!\n" },
		{ "a control character", STR_INIT("a=b\x1b[2J"), "1!\n" },
		{ "a bare CR", STR_INIT("a=b\rc=d"), "1!\n" },
		{ "a word", STR_INIT("listen"), "1!\n" },
		{ "no key", STR_INIT("= a"), "1!\n" },
		{ "upper case", STR_INIT("Listen = a"), "1!\n" },
		{ "blank in a key", STR_INIT("max body = a"), "1!\n" },
		{ "comment behind a value", STR_INIT("a = b # c\na = b\t; c\na = #"), "1!\n2!\n3!\n" },
		{ "marks inside a word", STR_INIT("a = b#c;d"), "1 a=b#c;d\n" },
		{ "section left open", STR_INIT("[tls\na=b"), "1!\n2 a=b\n" },
		{ "text behind a section", STR_INIT("[tls] a\n[tls]]\n[tls][http]"), "1!\n2!\n3!\n" },
		{ "no name", STR_INIT("[]\n[ ]\n["), "1!\n2!\n3!\n" },
		{ "upper case section", STR_INIT("[TLS]"), "1!\n" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf b = BUF_INIT(1000);

		rows_as_text(cases[i].text, &b);
		if (!str_eq(buf_view(&b), str_of(cases[i].rows)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&b)));
		buf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_with_their_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
