/* The structure of messages. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* "type/subtype@parent:body" of each part, bodies with their line ends shown as '/'. */
static void outline(struct buf *b, const struct mail *m)
{
	for (size_t i = 0; i < m->mime.parts_n; i++) {
		const struct mime_part *p = &m->mime.parts[i];
		struct str body = str_slice(m->view, (size_t)p->body_off, (size_t)(p->body_off + p->body_len));

		buf_fmt(b, "%s" STR_FMT "/" STR_FMT "@%d", i ? " " : "", STR_ARG(p->type), STR_ARG(p->subtype),
			p->parent);
		if (p->kind != MIME_LEAF)
			continue;
		buf_char(b, ':');
		for (size_t k = 0; k < body.n; k++)
			if (body.p[k] != '\r')
				buf_char(b, body.p[k] == '\n' ? '/' : body.p[k]);
	}
}

#define MIXED "Content-Type: multipart/mixed; boundary=x\n\n"

static const struct {
	const char *what;
	struct str in;
	const char *out;
} outlines[] = {
	{ "nothing at all", STR_INIT(""), "text/plain@-1:" },
	{ "a body alone", STR_INIT("\nhello"), "text/plain@-1:hello" },
	{ "a header alone", STR_INIT("A: b\n"), "text/plain@-1:" },
	{ "a header that is cut off", STR_INIT("A: b\nContent-Type: text/ht"), "text/ht@-1:" },
	{ "no MIME fields", STR_INIT("A: b\n\nhello\n"), "text/plain@-1:hello/" },
	{ "upper case", STR_INIT("CONTENT-TYPE: TEXT/HTML\n\nx"), "text/html@-1:x" },
	{ "blank before the colon", STR_INIT("Content-Type : text/html\n\nx"), "text/html@-1:x" },
	{ "the first of two types", STR_INIT("Content-Type: text/html\nContent-Type: a/b\n\nx"), "text/html@-1:x" },
	{ "a type that is none", STR_INIT("Content-Type: html\n\nx"), "text/plain@-1:x" },
	{ "a type without subtype", STR_INIT("Content-Type: text\n\nx"), "text/plain@-1:x" },
	{ "two parts", STR_INIT(MIXED "pre\n--x\n\na\n--x\n\nb\n--x--\npost"),
	  "multipart/mixed@-1 text/plain@0:a text/plain@0:b" },
	{ "no closing delimiter", STR_INIT(MIXED "--x\n\na\n--x\n\nb\n"),
	  "multipart/mixed@-1 text/plain@0:a text/plain@0:b/" },
	{ "the end right after a delimiter", STR_INIT(MIXED "--x"), "multipart/mixed@-1 text/plain@0:" },
	{ "no delimiter at all", STR_INIT(MIXED "hello\n"), "multipart/mixed@-1:hello/" },
	{ "no boundary parameter", STR_INIT("Content-Type: multipart/mixed\n\n--x\n\na"), "multipart/mixed@-1:--x//a" },
	{ "delimiter followed by blanks", STR_INIT(MIXED "--x \t\n\na\n--x-- \n"),
	  "multipart/mixed@-1 text/plain@0:a" },
	{ "not quite the delimiter", STR_INIT(MIXED "--x\n\n--xy\n--x-\n-x\n --x\n--x--y\n--x--"),
	  "multipart/mixed@-1 text/plain@0:--xy/--x-/-x/ --x/--x--y" },
	{ "after the closing delimiter", STR_INIT(MIXED "--x\n\na\n--x--\n--x\n\nb\n"),
	  "multipart/mixed@-1 text/plain@0:a" },
	{ "a delimiter inside of a header", STR_INIT(MIXED "--x\nContent-Type: a/b\n--x\n\nb\n--x--"),
	  "multipart/mixed@-1 a/b@0: text/plain@0:b" },
	{ "an empty part", STR_INIT(MIXED "--x\n--x\n\n--x--"), "multipart/mixed@-1 text/plain@0: text/plain@0:" },
	{ "nested",
	  STR_INIT(MIXED
		   "--x\nContent-Type: multipart/related; boundary=\"y z\"\n\n--y z\n\na\n--y z--\n--x\n\nb\n--x--"),
	  "multipart/mixed@-1 multipart/related@0 text/plain@1:a text/plain@0:b" },
	{ "nested, the inner one not closed",
	  STR_INIT(MIXED "--x\nContent-Type: multipart/related; boundary=y\n\n--y\n\na\n--x\n\nb\n--x--"),
	  "multipart/mixed@-1 multipart/related@0 text/plain@1:a text/plain@0:b" },
	{ "nested with the same boundary",
	  STR_INIT(MIXED "--x\nContent-Type: multipart/related; boundary=x\n\n--x\n\na\n--x--\n--x\n\nb\n--x--"),
	  "multipart/mixed@-1 multipart/related@0 text/plain@1:a text/plain@0:b" },
	{ "one boundary begins with the other",
	  STR_INIT(MIXED "--x\nContent-Type: multipart/related; boundary=xx\n\n--xx\n\na\n--xx--\n--x--"),
	  "multipart/mixed@-1 multipart/related@0 text/plain@1:a" },
	{ "a message in a message", STR_INIT("Content-Type: message/rfc822\n\nContent-Type: text/html\n\nx"),
	  "message/rfc822@-1 text/html@0:x" },
	{ "a message that is encoded stays closed",
	  STR_INIT("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogYg=="),
	  "message/rfc822@-1:QTogYg==" },
	{ "a multipart in a message in a multipart",
	  STR_INIT(MIXED "--x\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\na\n"
			 "--y--\n--x\n\nb\n--x--"),
	  "multipart/mixed@-1 message/rfc822@0 multipart/mixed@1 text/plain@2:a text/plain@0:b" },
	{ "a message that is empty", STR_INIT("Content-Type: message/rfc822\n\n"), "message/rfc822@-1 text/plain@0:" },
	{ "a digest", STR_INIT("Content-Type: multipart/digest; boundary=x\n\n--x\n\nA: b\n\na\n--x--"),
	  "multipart/digest@-1 message/rfc822@0 text/plain@1:a" },
	{ "NUL octets", STR_INIT(MIXED "--x\n\na\0b\n--x--"), "multipart/mixed@-1 text/plain@0:a\0b" },
	{ "bare CR is no line end", STR_INIT(MIXED "--x\n\na\r--x\n--x--"), "multipart/mixed@-1 text/plain@0:a--x" },
};

static void parts_are_found(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(outlines); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(10000);
		CLEANUP(mail_release) struct mail m;

		mail_load(&m, outlines[i].in, 0);
		outline(&out, &m);
		if (!str_starts(buf_view(&out), str_of(outlines[i].out)) ||
		    (out.n != strlen(outlines[i].out) && str_index(buf_view(&out), '\0') == out.n))
			fail_msg("%s:\n" STR_FMT "\n%s", outlines[i].what, STR_ARG(buf_view(&out)), outlines[i].out);
	}
}

static void the_structure_does_not_depend_on_how_octets_are_cut(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(outlines); i++)
		for (size_t chunk = 1; chunk < 8; chunk++) {
			CLEANUP(buf_release) struct buf whole = BUF_INIT(100000), cut = BUF_INIT(100000);
			CLEANUP(mail_release) struct mail a, b;

			mail_load(&a, outlines[i].in, 0);
			mail_load(&b, outlines[i].in, chunk);
			structure_text(&whole, &a.mime);
			structure_text(&cut, &b.mime);
			if (!str_eq(buf_view(&whole), buf_view(&cut)))
				fail_msg("%s, %zu octets at once:\n" STR_FMT STR_FMT, outlines[i].what, chunk,
					 STR_ARG(buf_view(&whole)), STR_ARG(buf_view(&cut)));
		}
}

static void header_fields_give_the_facts_of_a_part(void **unused)
{
	CLEANUP(mail_release) struct mail m;
	const struct mime_part *p;

	(void)unused;
	mail_load(&m,
		  S("Content-Type: Text/Calendar; charset=\"UTF-8\"; method=REQUEST; name=a.ics; format=Flowed; "
		    "delsp=yes\n"
		    "content-transfer-encoding: Base64 (as usual)\n"
		    "Content-Disposition: Attachment; filename*=utf-8''%C3%A9.ics\n"
		    "Content-ID: <a.\n b@c>\n"
		    "Content-Location: http://example.test/\n x\n"
		    "\nx\ny\n"),
		  0);
	p = &m.mime.parts[0];
	assert_true(mime_is(p, S("text"), S("calendar")));
	assert_true(str_eq(p->charset, S("utf-8")));
	assert_true(str_eq(p->variant, S("REQUEST")));
	assert_true(str_eq(p->name, S("\xC3\xA9.ics")));
	assert_true(str_eq(p->content_id, S("a.b@c")));
	assert_true(str_eq(p->location, S("http://example.test/x")));
	assert_int_equal(p->encoding, TRANSFER_BASE64);
	assert_int_equal(p->disposition, MIME_ATTACHMENT);
	assert_int_equal(p->flags, MIME_FLOWED | MIME_DELSP | MIME_TYPE_GIVEN);
	assert_int_equal(p->lines, 2);
	assert_int_equal(p->hdr_off, 0);
	assert_int_equal(p->body_off, p->hdr_len);
	assert_int_equal(p->body_off + p->body_len, m.mime.size);
}

static void a_message_in_a_message_is_named_by_its_subject(void **unused)
{
	CLEANUP(mail_release) struct mail m;

	(void)unused;
	mail_load(&m, S("Subject: out\nContent-Type: message/rfc822; name=n\n\nSubject: =?utf-8?Q?=C3=A9?=\n\nx"), 0);
	assert_true(str_eq(m.mime.parts[0].name, S("n")));
	assert_true(str_eq(m.mime.parts[1].name, S("\xC3\xA9")));
}

static void sections_are_numbered_as_imap_does(void **unused)
{
	CLEANUP(mail_release) struct mail m;
	static const struct {
		size_t part;
		const char *section;
	} cases[] = { { 1, "1" }, { 2, "2" }, { 4, "2.1" }, { 5, "2.2" }, { 6, "2.2.1" }, { 7, "3" }, { 8, "3.1" } };
	size_t part;

	(void)unused;
	mail_load(&m,
		  S(MIXED "--x\n\n1\n--x\nContent-Type: message/rfc822\n\n"
			  "Content-Type: multipart/mixed; boundary=y\n\n--y\n\n2.1\n--y\n"
			  "Content-Type: message/rfc822\n\nA: b\n\n2.2.1\n--y--\n--x\n"
			  "Content-Type: multipart/related; boundary=z\n\n--z\n\n3.1\n--z--\n--x--"),
		  0);
	assert_int_equal(m.mime.parts_n, 9);
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(100);

		mime_section_put(&out, &m.mime, cases[i].part);
		if (!str_eq(buf_view(&out), str_of(cases[i].section)))
			fail_msg("part %zu: " STR_FMT, cases[i].part, STR_ARG(buf_view(&out)));
		assert_int_equal(mime_section_find(&m.mime, str_of(cases[i].section), &part), ERR_OK);
		assert_int_equal(part, cases[i].part);
	}
	assert_int_equal(mime_section_find(&m.mime, S(""), &part), ERR_OK);
	assert_int_equal(part, 0);
}

static void sections_that_are_none_are_refused(void **unused)
{
	CLEANUP(mail_release) struct mail m, leaf;
	static const struct {
		struct str section;
		enum err err;
	} cases[] = {
		{ STR_INIT("0"), ERR_INVALID },     { STR_INIT("1."), ERR_INVALID },
		{ STR_INIT(".1"), ERR_INVALID },    { STR_INIT("1x"), ERR_INVALID },
		{ STR_INIT("-1"), ERR_INVALID },    { STR_INIT("2"), ERR_NOT_FOUND },
		{ STR_INIT("1.1"), ERR_NOT_FOUND }, { STR_INIT("99999999999"), ERR_LIMIT },
	};
	size_t part = 7;

	(void)unused;
	mail_load(&m, S(MIXED "--x\n\n1\n--x--"), 0);
	for (size_t i = 0; i < countof(cases); i++)
		if (mime_section_find(&m.mime, cases[i].section, &part) != cases[i].err || part != 7)
			fail_msg(STR_FMT, STR_ARG(cases[i].section));
	mail_load(&leaf, S("A: b\n\nx"), 0);
	assert_int_equal(mime_section_find(&leaf.mime, S("1"), &part), ERR_OK);
	assert_int_equal(part, 0);
	assert_int_equal(mime_section_find(&leaf.mime, S("2"), &part), ERR_NOT_FOUND);
}

static void a_full_arena_is_an_error(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(64);
	struct str text = S("Content-Type: text/plain; charset=utf-8\r\n\r\nx");
	struct mail_source source = mail_source_of_str(&text);
	struct mime_structure m;

	(void)unused;
	assert_int_equal(mime_parse(&a, &source, &m), ERR_LIMIT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_found),
		cmocka_unit_test(the_structure_does_not_depend_on_how_octets_are_cut),
		cmocka_unit_test(header_fields_give_the_facts_of_a_part),
		cmocka_unit_test(a_message_in_a_message_is_named_by_its_subject),
		cmocka_unit_test(sections_are_numbered_as_imap_does),
		cmocka_unit_test(sections_that_are_none_are_refused),
		cmocka_unit_test(a_full_arena_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
