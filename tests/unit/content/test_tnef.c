/* Files in a winmail.dat (MS-OXTNEF), in octets made by hand, and in mails. */
#include "support.h"

#include <base/base64.h>
#include <gateway/content/tnef.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define assert_ok(expr) assert_string_equal(err_text(expr), err_text(ERR_OK))

enum {
	CODEPAGE = 0x69007,
	CLASS = 0x78008,
	BODY = 0x2800C,
	MESSAGE_PROPERTIES = 0x69003,
	RENDERING = 0x69002,
	TITLE = 0x18010,
	DATA = 0x6800F,
	FILE_PROPERTIES = 0x69005,
	BYTES_MAX = 4 * 1024 * 1024,
};

#define FILE_RENDERING "\x01\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0"
#define OLE_RENDERING "\x02\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0"

static void put_number(struct buf *b, uint32_t v, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		buf_char(b, (char)(v >> 8 * i));
}

static void put_head(struct buf *b)
{
	put_number(b, 0x223E9F78, 4);
	put_number(b, 1, 2);
}

static void put_attribute(struct buf *b, unsigned level, uint32_t id, struct str data)
{
	uint32_t sum = 0;

	put_number(b, level, 1);
	put_number(b, id, 4);
	put_number(b, (uint32_t)data.n, 4);
	buf_str(b, data);
	for (size_t i = 0; i < data.n; i++)
		sum += (uint8_t)data.p[i];
	put_number(b, sum, 2);
}

/* With data as given: no text in it needs more than one value. */
static void put_variable(struct buf *b, uint32_t type, uint32_t id, struct str data)
{
	put_number(b, type, 2);
	put_number(b, id, 2);
	put_number(b, 1, 4);
	put_number(b, (uint32_t)data.n, 4);
	buf_str(b, data);
	put_number(b, 0, (4 - data.n % 4) % 4);
}

static void put_file(struct buf *b, struct str title, struct str data)
{
	put_attribute(b, 2, RENDERING, S(FILE_RENDERING));
	put_attribute(b, 2, TITLE, title);
	put_attribute(b, 2, DATA, data);
}

/* ---- the reader ---- */

static void as_text(struct buf *out, struct str in, size_t step)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(TEST_ARENA_MAX);
	CLEANUP(tnef_release) struct tnef_reader r;
	struct tnef t;
	enum err e = ERR_OK;

	tnef_init(&r, &a);
	for (struct str rest = in; rest.n && !e; rest = str_slice(rest, step, rest.n))
		e = tnef_put(&r, str_slice(rest, 0, step));
	e = tnef_finish(&r, &t);
	if (e) {
		buf_cstr(out, e == ERR_INVALID ? "broken" : e == ERR_LIMIT ? "too much" : "?");
		return;
	}
	buf_fmt(out, STR_FMT "%s", STR_ARG(t.message_class), t.has_body ? "+" : "");
	for (size_t i = 0; i < t.files_n; i++) {
		const struct tnef_file *f = &t.files[i];

		assert_true(f->off <= in.n && f->len <= in.n - f->off);
		buf_fmt(out, "|" STR_FMT "," STR_FMT "," STR_FMT "," STR_FMT "=%s" STR_FMT, STR_ARG(f->name),
			STR_ARG(f->content_type), STR_ARG(f->content_id), STR_ARG(f->location),
			f->is_object  ? "object"
			: f->has_data ? ""
				      : "none",
			STR_ARG(str_from(in.p + f->off, (size_t)f->len)));
	}
}

static void assert_reads(struct str in, const char *want)
{
	static const size_t steps[] = { SIZE_MAX, 1, 7 };

	for (size_t i = 0; i < countof(steps); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(BYTES_MAX);

		as_text(&out, in, steps[i]);
		buf_char(&out, '\0');
		assert_ok(buf_status(&out));
		assert_string_equal(out.p, want);
	}
}

static void a_file_has_its_octets_and_the_better_name(void **unused)
{
	CLEANUP(buf_release) struct buf in = BUF_INIT(BYTES_MAX), props = BUF_INIT(BYTES_MAX);

	(void)unused;
	put_head(&in);
	put_attribute(&in, 1, CODEPAGE, S("\xe4\x04\0\0\0\0\0\0"));
	put_attribute(&in, 1, CLASS, S("IPM.Note\0"));
	put_attribute(&in, 1, 0x18004, S("a subject, not looked at\0"));
	put_file(&in, S("f\xfc.txt\0"), S("one"));
	put_file(&in, S("LONGNA~1.TXT\0"), S("two"));
	put_number(&props, 6, 4);
	put_variable(&props, 0x1E, 0x3704, S("LONGNA~1.TXT\0"));
	put_variable(&props, 0x1F, 0x3707, S("l\0\xf6\0.\0t\0\0\0"));
	put_variable(&props, 0x1E, 0x3001, S("not looked at\0"));
	put_variable(&props, 0x1E, 0x370E, S("text/plain\0"));
	put_variable(&props, 0x1E, 0x3712, S("a@b\0"));
	put_variable(&props, 0x1E, 0x3713, S("c\nd\0"));
	put_attribute(&in, 2, FILE_PROPERTIES, buf_view(&props));
	assert_reads(buf_view(&in), "IPM.Note|f\xc3\xbc.txt,,,=one|l\xc3\xb6.t,text/plain,a@b,c_d=two");
}

static void octets_among_the_properties_are_a_file_and_objects_are_none(void **unused)
{
	CLEANUP(buf_release) struct buf in = BUF_INIT(BYTES_MAX), props = BUF_INIT(BYTES_MAX);

	(void)unused;
	put_head(&in);
	put_attribute(&in, 2, RENDERING, S(FILE_RENDERING));
	put_number(&props, 2, 4);
	put_variable(&props, 0x102, 0x3701, S("inner"));
	put_variable(&props, 0x1E, 0x3704, S("n\0"));
	put_attribute(&in, 2, FILE_PROPERTIES, buf_view(&props));
	put_attribute(&in, 2, RENDERING, S(FILE_RENDERING));
	buf_clear(&props);
	put_number(&props, 1, 4);
	put_variable(&props, 0x0D, 0x3701, S("0123456789ABCDEFmessage"));
	put_attribute(&in, 2, FILE_PROPERTIES, buf_view(&props));
	put_attribute(&in, 2, RENDERING, S(OLE_RENDERING));
	put_attribute(&in, 2, RENDERING, S(FILE_RENDERING));
	put_attribute(&in, 2, FILE_PROPERTIES, S("\1\0\0\0\3\0\5\x37\5\0\0\0"));
	put_attribute(&in, 2, RENDERING, S(FILE_RENDERING));
	assert_reads(buf_view(&in), "|n,,,=inner|,,,=object|,,,=object|,,,=object|,,,=none");
}

static void properties_of_every_kind_are_passed_over(void **unused)
{
	static const struct {
		const char *what, *out;
		struct str props;
	} cases[] = {
		{ "none", "", STR_INIT("\0\0\0\0") },
		{ "a number, a double, a class", "",
		  STR_INIT("\3\0\0\0\2\0\1\x30"
			   "\1\0\0\0\5\0\1\x30"
			   "12345678\x48\0\1\x30"
			   "0123456789ABCDEF") },
		{ "two dates", "", STR_INIT("\1\0\0\0\x40\x10\1\x30\2\0\0\0\1\2\3\4\5\6\7\x8\1\2\3\4\5\6\7\x8") },
		{ "three texts", "",
		  STR_INIT("\1\0\0\0\x1e\x10\1\x30\3\0\0\0\1\0\0\0a\0\0\0\0\0\0\0\5\0\0\0"
			   "abcde\0\0\0") },
		{ "named by a number", "",
		  STR_INIT("\1\0\0\0\3\0\0\x80"
			   "0123456789ABCDEF\0\0\0\0\1\2\3\4\1\0\0\0") },
		{ "named by a text", "",
		  STR_INIT("\1\0\0\0\3\0\0\x80"
			   "0123456789ABCDEF\1\0\0\0\2\0\0\0x\0\0\0\1\0\0\0") },
		{ "a class", "IPM.X", STR_INIT("\1\0\0\0\x1e\0\x1a\0\1\0\0\0\6\0\0\0IPM.X\0\0\0") },
		{ "HTML", "+", STR_INIT("\1\0\0\0\2\1\x13\x10\1\0\0\0\3\0\0\0<p>\0") },
		{ "HTML without an octet", "", STR_INIT("\1\0\0\0\2\1\x13\x10\1\0\0\0\0\0\0\0") },
		{ "more than are there", "broken", STR_INIT("\2\0\0\0\3\0\1\x30\1\0\0\0") },
		{ "no count", "broken", STR_INIT("\0\0\0") },
		{ "a value past the end", "broken", STR_INIT("\1\0\0\0\2\1\1\x30\1\0\0\0\5\0\0\0abcd") },
		{ "a value past everything", "broken", STR_INIT("\1\0\0\0\2\1\1\x30\1\0\0\0\xff\xff\xff\xff") },
		{ "values without end", "broken", STR_INIT("\1\0\0\0\2\1\1\x30\xff\xff\xff\xff\0\0\0\0") },
		{ "dates without end", "broken", STR_INIT("\1\0\0\0\x40\x10\1\x30\xff\xff\xff\xff\0\0\0\0") },
		{ "two-octet numbers, many", "broken", STR_INIT("\1\0\0\0\2\x10\1\x30\1\0\0\0\1\0\0\0") },
		{ "an unknown type", "broken", STR_INIT("\1\0\0\0\x77\0\1\x30\0\0\0\0") },
		{ "a name of an unknown kind", "broken",
		  STR_INIT("\1\0\0\0\3\0\0\x80"
			   "0123456789ABCDEF\2\0\0\0\1\2\3\4\1\0\0\0") },
		{ "a name past the end", "broken",
		  STR_INIT("\1\0\0\0\3\0\0\x80"
			   "0123456789ABCDEF\1\0\0\0\xff\xff\xff\xffx\0\0\0\1\0\0\0") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf in = BUF_INIT(BYTES_MAX);

		print_message("%s\n", cases[i].what);
		put_head(&in);
		put_attribute(&in, 1, MESSAGE_PROPERTIES, cases[i].props);
		assert_reads(buf_view(&in), cases[i].out);
	}
}

static void what_is_broken_is_so_as_a_whole(void **unused)
{
	CLEANUP(buf_release) struct buf in = BUF_INIT(BYTES_MAX);
	size_t data;

	(void)unused;
	assert_reads(STR_EMPTY, "broken");
	assert_reads(S("\x78\x9f\x3e\x22\1"), "broken");
	assert_reads(S("\x78\x9f\x3e\x23\1\0"), "broken");
	put_head(&in);
	assert_reads(buf_view(&in), "");
	put_attribute(&in, 2, TITLE, S("before its file\0"));
	assert_reads(buf_view(&in), "broken");
	buf_clear(&in);
	put_head(&in);
	put_attribute(&in, 3, TITLE, S("a level that is none\0"));
	assert_reads(buf_view(&in), "broken");
	buf_clear(&in);
	put_head(&in);
	put_file(&in, S("n\0"), S("octets"));
	data = in.n - 8;
	for (size_t n = data - 9 + 1; n < in.n; n++) /* cut anywhere in the last attribute */
		assert_reads(str_from(in.p, n), "broken");
	for (size_t i = data; i < in.n; i++) { /* an octet of the data or of its checksum is another one */
		in.p[i] ^= 0x20;
		assert_reads(buf_view(&in), "broken");
		in.p[i] ^= 0x20;
	}
	buf_char(&in, '\0');
	assert_reads(buf_view(&in), "broken");
}

static void limits_hold(void **unused)
{
	CLEANUP(buf_release) struct buf in = BUF_INIT(BYTES_MAX), name = BUF_INIT(BYTES_MAX), out = BUF_INIT(BYTES_MAX);

	(void)unused;
	put_head(&in);
	for (size_t i = 0; i < TNEF_FILES_MAX; i++)
		put_attribute(&in, 2, RENDERING, S(FILE_RENDERING));
	as_text(&out, buf_view(&in), SIZE_MAX);
	assert_int_equal(out.n, TNEF_FILES_MAX * strlen("|,,,=none"));
	put_attribute(&in, 2, RENDERING, S(FILE_RENDERING));
	assert_reads(buf_view(&in), "too much");

	for (size_t n = TNEF_FIELD_MAX; n <= TNEF_FIELD_MAX + 1; n++) {
		buf_clear(&in);
		buf_clear(&name);
		while (name.n < n)
			buf_char(&name, name.n < 3 ? 'x' : '\0');
		put_head(&in);
		put_file(&in, buf_view(&name), S("z"));
		assert_reads(buf_view(&in), n == TNEF_FIELD_MAX ? "|xxx,,,=z" : "|,,,=z");
	}
	buf_clear(&in);
	buf_clear(&name);
	while (name.n < 1000)
		buf_cstr(&name, "\xfc"); /* two octets each in UTF-8, 998 of them are kept */
	put_head(&in);
	for (size_t i = 0; i < TNEF_FILES_MAX; i++)
		put_file(&in, buf_view(&name), S("z"));
	buf_clear(&out);
	as_text(&out, buf_view(&in), SIZE_MAX);
	assert_int_equal(out.n, TNEF_FILES_MAX * strlen("|,,,=z") + TNEF_TEXTS_MAX / 998 * 998);
}

/* ---- in a mail ---- */

static void load(struct mail *m, const char *text, const char *type, struct str tnef)
{
	CLEANUP(buf_release) struct buf all = BUF_INIT(BYTES_MAX);

	buf_fmt(&all,
		"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n%s\n--x\nContent-Type: %s; name=winmail.dat\n"
		"Content-Transfer-Encoding: base64\n\n",
		text, type);
	base64_put(&all, tnef);
	buf_cstr(&all, "\n--x\nContent-Type: image/png; name=last.png\n\nz\n--x--\n");
	mail_load(m, buf_view(&all), 0);
}

static void listed(struct buf *out, struct mail *m)
{
	struct body_attachment *list;
	size_t n;

	assert_ok(body_attachments_unpacked(&m->arena, &m->source, &m->mime, &list, &n));
	for (size_t i = 0; i < n; i++)
		buf_fmt(out, "%s" STR_FMT ":" STR_FMT ":%llu:%zu.%zu", i ? " " : "", STR_ARG(list[i].display_name),
			STR_ARG(list[i].content_type), (unsigned long long)list[i].size, list[i].part, list[i].inner);
	buf_char(out, '\0');
}

#define LAST "last.png:image/png:1:3.0"

static void a_mail_lists_the_files_in_place_of_the_winmail_dat(void **unused)
{
	static const struct {
		const char *what, *text, *type, *class, *out;
		bool file, object, body, broken;
	} cases[] = {
		{ .what = "nothing in it", .text = "Hello there", .class = "IPM.Note", .out = LAST },
		{ .what = "a file",
		  .text = "Hello there",
		  .class = "IPM.Microsoft Mail.Note",
		  .file = true,
		  .out = ".._a:application/octet-stream:3:2.1 " LAST },
		{ .what = "by its name",
		  .text = "Hello there",
		  .type = "application/octet-stream",
		  .file = true,
		  .out = ".._a:application/octet-stream:3:2.1 " LAST },
		{ .what = "a text that the mail has too",
		  .text = "Hello there",
		  .body = true,
		  .file = true,
		  .out = ".._a:application/octet-stream:3:2.1 " LAST },
		{ .what = "a text that the mail has not",
		  .text = "",
		  .body = true,
		  .file = true,
		  .out = ".._a:application/octet-stream:3:2.1 winmail.dat:application/ms-tnef:" },
		{ .what = "an object too",
		  .text = "Hello there",
		  .file = true,
		  .object = true,
		  .out = ".._a:application/octet-stream:3:2.1 winmail.dat:application/ms-tnef:" },
		{ .what = "a meeting",
		  .text = "Hello there",
		  .class = "IPM.Microsoft Schedule.MtgReq",
		  .out = "winmail.dat:application/ms-tnef:" },
		{ .what = "broken",
		  .text = "Hello there",
		  .file = true,
		  .broken = true,
		  .out = "winmail.dat:application/ms-tnef:" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf in = BUF_INIT(BYTES_MAX), out = BUF_INIT(BYTES_MAX);
		struct mail m;

		print_message("%s\n", cases[i].what);
		put_head(&in);
		if (cases[i].class)
			put_attribute(&in, 1, CLASS, str_of(cases[i].class));
		if (cases[i].body)
			put_attribute(&in, 1, BODY, S("text\0"));
		if (cases[i].file)
			put_file(&in, S("../a\0"), S("one"));
		if (cases[i].object)
			put_attribute(&in, 2, RENDERING, S(OLE_RENDERING));
		if (cases[i].broken)
			in.p[in.n - 1] ^= 1;
		load(&m, cases[i].text, cases[i].type ? cases[i].type : "application/ms-tnef", buf_view(&in));
		listed(&out, &m);
		if (strcmp(cases[i].out, LAST) && strstr(cases[i].out, "ms-tnef:"))
			assert_memory_equal(out.p, cases[i].out, strlen(cases[i].out));
		else
			assert_string_equal(out.p, cases[i].out);
		assert_non_null(strstr(out.p, LAST));
		mail_release(&m);
	}
}

static void a_file_without_a_name_is_named_by_its_type(void **unused)
{
	CLEANUP(buf_release)
	struct buf in = BUF_INIT(BYTES_MAX), props = BUF_INIT(BYTES_MAX), out = BUF_INIT(BYTES_MAX);
	struct mail m;

	(void)unused;
	put_head(&in);
	put_file(&in, S("\0"), S("one"));
	put_number(&props, 1, 4);
	put_variable(&props, 0x1E, 0x370E, S("image/png\0"));
	put_attribute(&in, 2, FILE_PROPERTIES, buf_view(&props));
	put_file(&in, S("\0"), S("two"));
	buf_clear(&props);
	put_number(&props, 1, 4);
	put_variable(&props, 0x1E, 0x370E, S("not a type/\r\nX: y\0"));
	put_attribute(&in, 2, FILE_PROPERTIES, buf_view(&props));
	load(&m, "Hello there", "application/ms-tnef", buf_view(&in));
	listed(&out, &m);
	assert_string_equal(out.p,
			    "attachment.png:image/png:3:2.1 attachment.bin:application/octet-stream:3:2.2 " LAST);
	mail_release(&m);
}

static void so_many_of_one_mail_are_unpacked(void **unused)
{
	CLEANUP(buf_release) struct buf in = BUF_INIT(BYTES_MAX), all = BUF_INIT(BYTES_MAX);
	struct body_attachment *list;
	struct mail m;
	size_t n;

	(void)unused;
	put_head(&in);
	put_file(&in, S("a\0"), S("one"));
	buf_cstr(&all, "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nHello there\n");
	for (size_t i = 0; i <= BODY_UNPACKED_MAX; i++) {
		buf_cstr(&all, "--x\nContent-Type: application/ms-tnef; name=w\nContent-Transfer-Encoding: base64\n\n");
		base64_put(&all, buf_view(&in));
		buf_char(&all, '\n');
	}
	buf_cstr(&all, "--x--\n");
	mail_load(&m, buf_view(&all), 0);
	assert_ok(body_attachments_unpacked(&m.arena, &m.source, &m.mime, &list, &n));
	assert_int_equal(n, BODY_UNPACKED_MAX + 1);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(list[i].inner, i < BODY_UNPACKED_MAX);
	mail_release(&m);
}

static void a_file_is_found_again_by_its_number(void **unused)
{
	CLEANUP(buf_release) struct buf in = BUF_INIT(BYTES_MAX), out = BUF_INIT(BYTES_MAX);
	uint64_t off, len, total;
	struct mail m;
	struct str type;

	(void)unused;
	put_head(&in);
	put_attribute(&in, 2, RENDERING, S(OLE_RENDERING));
	put_file(&in, S("a\0"), S("the octets"));
	load(&m, "Hello there", "application/ms-tnef", buf_view(&in));
	assert_ok(body_inner_find(&m.arena, &m.source, &m.mime.parts[2], 2, &type, &off, &len));
	assert_true(str_eq(type, S("application/octet-stream")));
	assert_ok(body_part_decode(&m.source, &m.mime.parts[2], off, len, body_sink_buf(&out), &total));
	assert_true(str_eq(buf_view(&out), S("the octets")));
	for (size_t inner = 0; inner < 4; inner++)
		assert_int_equal(body_inner_find(&m.arena, &m.source, &m.mime.parts[2], inner, &type, &off, &len),
				 inner == 2 ? ERR_OK : ERR_NOT_FOUND);
	assert_int_equal(body_inner_find(&m.arena, &m.source, &m.mime.parts[3], 1, &type, &off, &len), ERR_NOT_FOUND);
	mail_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_has_its_octets_and_the_better_name),
		cmocka_unit_test(octets_among_the_properties_are_a_file_and_objects_are_none),
		cmocka_unit_test(properties_of_every_kind_are_passed_over),
		cmocka_unit_test(what_is_broken_is_so_as_a_whole),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(a_mail_lists_the_files_in_place_of_the_winmail_dat),
		cmocka_unit_test(a_file_without_a_name_is_named_by_its_type),
		cmocka_unit_test(so_many_of_one_mail_are_unpacked),
		cmocka_unit_test(a_file_is_found_again_by_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
