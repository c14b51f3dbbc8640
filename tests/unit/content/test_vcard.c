/* vCards: lines as they are, in every version, whole and one byte at a time; contacts that are read from them. */
#include <gateway/content/contact.h>

#include <dirent.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <tests/support/shared.h>

#define assert_ok(expr) assert_string_equal(err_text(expr), err_text(ERR_OK))
#define CARD(lines) "BEGIN:VCARD\r\n" lines "END:VCARD\r\n"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

static const char *first(struct arena *a, const char *text, const char *name)
{
	struct vcard card;
	struct str got;
	const char *c;

	assert_ok(vcard_parse(a, str_of(text), &card));
	assert_non_null(vcard_find(&card, name));
	assert_ok(vcard_text(a, vcard_find(&card, name), &got));
	assert_ok(arena_cstr(a, got, &c));
	return c ? c : "";
}

static void values_are_read_in_every_form(void **unused)
{
	static const struct {
		const char *what, *text, *name, *value;
	} cases[] = {
		{ "RFC 6350 3.2: unfolded", CARD("VERSION:4.0\r\nNOTE:one\r\n  two\r\n"), "NOTE", "one two" },
		{ "folded by a tab, with bare line feeds", "BEGIN:VCARD\nVERSION:3.0\nNOTE:on\n\te\nEND:VCARD", "NOTE",
		  "one" },
		{ "RFC 6350 3.4: escapes", CARD("VERSION:4.0\r\nNOTE:a\\,b\\;c\\\\d\\ne\\Nf\\x\r\n"), "NOTE",
		  "a,b;c\\d\ne\nf\\x" },
		{ "a name in small letters", CARD("version:3.0\r\nnote:x\r\n"), "NOTE", "x" },
		{ "a group", CARD("VERSION:3.0\r\nitem1.NOTE:x\r\n"), "NOTE", "x" },
		{ "a quoted parameter with a colon", CARD("VERSION:4.0\r\nNOTE;X=\"a:b;c\":x\r\n"), "NOTE", "x" },
		{ "2.1: quoted-printable over lines",
		  CARD("VERSION:2.1\r\nNOTE;ENCODING=QUOTED-PRINTABLE:a=3D=\r\nb=0D=0Ac\r\n"), "NOTE", "a=b\nc" },
		{ "2.1: a character set",
		  CARD("VERSION:2.1\r\nNOTE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Z=FCrich\r\n"), "NOTE",
		  "Z\xc3\xbcrich" },
		{ "2.1: commas and backslashes are text", CARD("VERSION:2.1\r\nNOTE:a,b\\c\r\n"), "NOTE", "a,b\\c" },
		{ "3.0 with quoted-printable all the same",
		  CARD("VERSION:3.0\r\nNOTE;ENCODING=QUOTED-PRINTABLE:a=3Db\r\n"), "NOTE", "a=b" },
		{ "3.0 in windows-1252", CARD("VERSION:3.0\r\nNOTE:Z\xfcrich\r\n"), "NOTE", "Z\xc3\xbcrich" },
		{ "no version", CARD("NOTE:x\r\n"), "NOTE", "x" },
		{ "a card in a card is passed over",
		  CARD("VERSION:2.1\r\nAGENT:\r\n" CARD("NOTE:inner\r\n") "NOTE:x\r\n"), "NOTE", "x" },
		{ "something in front", "\r\nhello\r\n" CARD("VERSION:3.0\r\nNOTE:x\r\n"), "NOTE", "x" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		if (strcmp(first(&a, cases[i].text, cases[i].name), cases[i].value) != 0)
			fail_msg("%s: %s", cases[i].what, first(&a, cases[i].text, cases[i].name));
}

static void what_is_no_card_is_refused(void **unused)
{
	static const char *const cases[] = { "",
					     "x",
					     "BEGIN:VCARD\r\n",
					     "BEGIN:VCARD\r\nFN:x\r\n",
					     "END:VCARD\r\n",
					     "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n" };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct vcard card;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		assert_int_equal(vcard_parse(&a, str_of(cases[i]), &card), ERR_INVALID);
}

static char *card_of(struct arena *a, size_t lines)
{
	struct buf b = BUF_INIT(1 << 20);
	const char *text;

	buf_cstr(&b, "BEGIN:VCARD\r\nVERSION:3.0\r\n");
	for (size_t i = 0; i < lines; i++)
		buf_cstr(&b, "X-A:1\r\n");
	buf_cstr(&b, "END:VCARD\r\n");
	assert_ok(arena_cstr(a, buf_view(&b), &text));
	buf_release(&b);
	return (char *)(uintptr_t)text;
}

static void a_card_has_a_greatest_number_of_lines(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct vcard card;

	(void)unused;
	assert_ok(vcard_parse(&a, str_of(card_of(&a, VCARD_MAX_PROPERTIES)), &card));
	assert_int_equal(vcard_parse(&a, str_of(card_of(&a, VCARD_MAX_PROPERTIES + 1)), &card), ERR_LIMIT);
}

/* What was read is written as it was; lines are folded at 75 octets and never within a character. */
static void lines_come_back_as_they_were(void **unused)
{
	static const char text[] = CARD("VERSION:4.0\r\nitem1.X-A;B=\"c;d\";TYPE=e,f:g\\,h;i\r\nFN:Ann\r\nN:;;;;\r\n");
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
	struct vcard_property *note;
	struct vcard card;
	struct str line, rest;

	(void)unused;
	assert_ok(vcard_parse(&a, str_of(text), &card));
	vcard_write(&out, &card);
	assert_true(str_eq(buf_view(&out), str_of(text)));
	assert_ok(vcard_add(&card, S("NOTE"), STR_EMPTY, &note));
	for (size_t i = 0; i < 100; i++)
		assert_ok(vcard_set_component(&card, note, '|', i, S("\xc3\xbc\xe2\x82\xac")));
	buf_clear(&out);
	vcard_write(&out, &card);
	rest = buf_view(&out);
	while (str_cut(&rest, '\n', &line)) {
		assert_in_range(line.n, 0, VCARD_LINE + 1);
		assert_false(line.n > 1 && line.p[0] == ' ' && ((unsigned char)line.p[1] & 0xc0) == 0x80);
	}
	assert_ok(vcard_parse(&a, buf_view(&out), &card));
	assert_int_equal(vcard_components(vcard_find(&card, "NOTE"), '|'), 100);
}

static size_t split(struct str in, size_t step, struct buf *out)
{
	struct vcard_splitter s;
	size_t n = 0;

	vcard_split_init(&s);
	while (in.n) {
		struct str piece = str_slice(in, 0, step);
		enum vcard_split got;
		size_t used;

		got = vcard_split(&s, piece, &used);
		assert_int_not_equal(got, VCARD_BAD);
		if (got == VCARD_DONE) {
			n++;
			buf_str(out, buf_view(&s.card));
		}
		in = str_slice(in, used, in.n);
	}
	assert_false(vcard_split_open(&s));
	vcard_split_release(&s);
	return n;
}

static void a_stream_is_cut_into_cards_however_it_comes(void **unused)
{
	static const char text[] =
		"junk\r\n" CARD("FN:a\r\n") "\r\n" CARD("AGENT:\r\n" CARD("FN:b\r\n")) CARD("FN:c\n");

	(void)unused;
	for (size_t step = 1; step < sizeof(text); step++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 16);

		assert_int_equal(split(str_of(text), step, &out), 3);
		assert_true(
			str_eq(buf_view(&out), S(CARD("FN:a\r\n") CARD("AGENT:\r\n" CARD("FN:b\r\n")) CARD("FN:c\n"))));
	}
}

/* ---- contacts ---- */

static void fields_are_found_as_others_write_them(void **unused)
{
	static const struct {
		const char *what, *line;
		enum contact_field field;
		const char *value;
	} cases[] = {
		{ "2.1's types", "TEL;WORK;FAX:1\r\n", CONTACT_PHONE_WORK_FAX, "1" },
		{ "a quoted list of types", "TEL;TYPE=\"home,cell\":1\r\n", CONTACT_PHONE_MOBILE, "1" },
		{ "the second of a place", "TEL;TYPE=home:1\r\nTEL;TYPE=home:2\r\n", CONTACT_PHONE_HOME_2, "2" },
		{ "no type", "TEL:1\r\n", CONTACT_PHONE_HOME, "1" },
		{ "a number as a URI", "TEL;VALUE=uri;TYPE=\"cell,voice\":tel:+1-201-555-0123\r\n",
		  CONTACT_PHONE_MOBILE, "+1-201-555-0123" },
		{ "with an extension", "TEL;VALUE=uri;TYPE=work:TEL:+1-201-555-0123;EXT=5102;phone-context=x.test\r\n",
		  CONTACT_PHONE_WORK, "+1-201-555-0123 x5102" },
		{ "with a context alone", "TEL;VALUE=uri:tel:7042;phone-context=x.test\r\n", CONTACT_PHONE_HOME,
		  "7042" },
		{ "another URI", "TEL;VALUE=uri:sip:ann@x.test\r\n", CONTACT_PHONE_HOME, "sip:ann@x.test" },
		{ "an address of nobody's", "ADR:;;Street;City;;1;Land\r\n", CONTACT_OTHER_CITY, "City" },
		{ "the extended address for the street", "ADR;TYPE=home:;c/o Ann;;City;;;\r\n", CONTACT_HOME_STREET,
		  "c/o Ann" },
		{ "a day of 4.0", "BDAY:19800501\r\n", CONTACT_BIRTHDAY, "1980-05-01" },
		{ "with a time", "BDAY:1980-05-01T00:00:00Z\r\n", CONTACT_BIRTHDAY, "1980-05-01" },
		{ "without a year", "BDAY:--0501\r\n", CONTACT_BIRTHDAY, "1604-05-01" },
		{ "in words", "BDAY;VALUE=text:circa 1800\r\n", CONTACT_BIRTHDAY, "" },
		{ "Apple's anniversary", "item1.X-ABDATE:2001-06-30\r\nitem1.X-ABLabel:_$!<Anniversary>!$_\r\n",
		  CONTACT_ANNIVERSARY, "2001-06-30" },
		{ "Apple's spouse", "item2.X-ABRELATEDNAMES:Carl\r\nitem2.X-ABLabel:_$!<Spouse>!$_\r\n", CONTACT_SPOUSE,
		  "Carl" },
		{ "Evolution's manager", "X-EVOLUTION-MANAGER:Mia\r\n", CONTACT_MANAGER, "Mia" },
		{ "services of their own", "X-JABBER:a@b\r\nX-ICQ:1\r\n", CONTACT_IM_2, "1" },
		{ "the name it is filed under", "FN:Ann\r\n", CONTACT_FILE_AS, "Ann" },
		{ "a picture in 4.0", "PHOTO:data:image/png;base64,AAAA\r\n", CONTACT_PICTURE, "AAAA" },
		{ "a picture in 3.0", "PHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\n", CONTACT_PICTURE, "AAAA" },
		{ "a picture elsewhere", "PHOTO;VALUE=uri:http://example.org/p\r\n", CONTACT_PICTURE, "" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf text = BUF_INIT(4096);
		struct contact c;
		struct vcard card;

		buf_fmt(&text, CARD("VERSION:3.0\r\n%s"), cases[i].line);
		assert_ok(vcard_parse(&a, buf_view(&text), &card));
		assert_ok(contact_read(&a, &card, &c));
		if (!str_eq(c.field[cases[i].field], str_of(cases[i].value)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(c.field[cases[i].field]));
		buf_release(&text);
	}
}

/* A field that is emptied moves none of the others of its kind, and one that is filled first neither. */
static void slots_stay_where_they_are(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct contact_edit edit = { .has = { [CONTACT_EMAIL_1] = true, [CONTACT_EMAIL_3] = true },
				     .to.field = { [CONTACT_EMAIL_3] = STR_INIT("c@x") } };
	struct vcard card;
	struct contact c;

	(void)unused;
	assert_ok(vcard_parse(&a, S(CARD("VERSION:3.0\r\nEMAIL:a@x\r\nEMAIL:b@x\r\n")), &card));
	assert_ok(contact_apply(&card, &edit));
	assert_ok(contact_read(&a, &card, &c));
	assert_int_equal(c.field[CONTACT_EMAIL_1].n, 0);
	assert_true(str_eq(c.field[CONTACT_EMAIL_2], S("b@x")));
	assert_true(str_eq(c.field[CONTACT_EMAIL_3], S("c@x")));
}

/* A number of a URI that comes back as it was told leaves the URI; another one is a text. */
static void a_number_that_was_a_uri_becomes_a_text(void **unused)
{
	static const struct {
		struct str to, holds;
	} cases[] = { { STR_INIT("+1-201-555-0123 x5102"),
			STR_INIT("\r\nTEL;VALUE=uri;TYPE=cell;X-A=1:tel:+1-201-555-0123;ext=5102\r\n") },
		      { STR_INIT("123"), STR_INIT("\r\nTEL;TYPE=cell;X-A=1:123\r\n") } };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct contact_edit edit = { .has[CONTACT_PHONE_MOBILE] = true,
					     .to.field[CONTACT_PHONE_MOBILE] = cases[i].to };
		CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
		struct vcard card;

		assert_ok(vcard_parse(&a,
				      S(CARD("VERSION:4.0\r\nFN:a\r\n"
					     "TEL;VALUE=uri;TYPE=cell;X-A=1:tel:+1-201-555-0123;ext=5102\r\n")),
				      &card));
		assert_ok(contact_apply(&card, &edit));
		vcard_write(&out, &card);
		assert_true(str_find(buf_view(&out), cases[i].holds) < buf_view(&out).n);
	}
}

/* Every card of the collection comes back as it was read. */
static void cards_of_many_programs_come_back(void **unused)
{
	const char *shared = shared_dir_or_skip();
	CLEANUP(buf_release) struct buf path = BUF_INIT(4096);
	struct dirent *entry;
	size_t cards = 0;
	DIR *dir;

	(void)unused;
	buf_fmt(&path, "%s/corpus/contacts%c", shared, '\0');
	dir = opendir(path.p);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
		CLEANUP(buf_release) struct buf file = BUF_INIT(4096), text = BUF_INIT(16 << 20);
		struct vcard_splitter s;
		char piece[4096];
		FILE *in;
		size_t n;

		if (entry->d_name[0] == '.')
			continue;
		buf_fmt(&file, "%s/corpus/contacts/%s%c", shared, entry->d_name, '\0');
		in = fopen(file.p, "rb");
		assert_non_null(in);
		while ((n = fread(piece, 1, sizeof(piece), in)) > 0)
			buf_put(&text, piece, n);
		fclose(in);
		buf_char(&text, '\n');
		vcard_split_init(&s);
		for (struct str rest = buf_view(&text); rest.n;) {
			CLEANUP(buf_release) struct buf once = BUF_INIT(16 << 20), twice = BUF_INIT(16 << 20);
			struct contact before, after;
			struct vcard card;
			size_t used;
			enum vcard_split got = vcard_split(&s, rest, &used);

			rest = str_slice(rest, used, rest.n);
			if (got != VCARD_DONE)
				continue;
			cards++;
			if (vcard_parse(&a, buf_view(&s.card), &card) != ERR_OK)
				fail_msg("%s: " STR_FMT, entry->d_name, STR_ARG(buf_view(&s.card)));
			assert_ok(contact_read(&a, &card, &before));
			vcard_write(&once, &card);
			assert_ok(vcard_parse(&a, buf_view(&once), &card));
			assert_ok(contact_read(&a, &card, &after));
			vcard_write(&twice, &card);
			assert_true(str_eq(buf_view(&once), buf_view(&twice)));
			for (size_t i = 0; i < CONTACT_FIELD_MAX_; i++)
				if (!str_eq(before.field[i], after.field[i]))
					fail_msg("%s: field %zu", entry->d_name, i);
		}
		if (vcard_split_open(&s))
			print_message("%s: cut off\n", entry->d_name);
		vcard_split_release(&s);
	}
	closedir(dir);
	print_message("%zu cards\n", cards);
	assert_true(cards > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_in_every_form),
		cmocka_unit_test(what_is_no_card_is_refused),
		cmocka_unit_test(a_card_has_a_greatest_number_of_lines),
		cmocka_unit_test(lines_come_back_as_they_were),
		cmocka_unit_test(a_stream_is_cut_into_cards_however_it_comes),
		cmocka_unit_test(fields_are_found_as_others_write_them),
		cmocka_unit_test(slots_stay_where_they_are),
		cmocka_unit_test(a_number_that_was_a_uri_becomes_a_text),
		cmocka_unit_test(cards_of_many_programs_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
