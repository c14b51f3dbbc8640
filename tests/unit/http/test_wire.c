/* HTTP's text: heads byte by byte, escapes, queries, lists. */
#include <gateway/http/wire.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void a_head_ends_at_its_empty_line_however_it_comes(void **unused)
{
	static const struct {
		const char *what;
		struct str in;
		size_t length;
	} cases[] = {
		{ "CRLF", STR_INIT("GET / HTTP/1.1\r\nA: b\r\n\r\nbody"), 24 },
		{ "bare LF", STR_INIT("GET /\nA: b\n\nbody"), 12 },
		{ "mixed", STR_INIT("GET /\nA: b\n\r\nbody"), 13 },
		{ "not yet", STR_INIT("GET / HTTP/1.1\r\nA: b\r\n\r"), 0 },
		{ "a CR alone", STR_INIT("GET /\r\r\n\rx"), 0 },
		{ "nothing", STR_INIT(""), 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		size_t scanned = 0, by_byte = 0, got = 0;

		if (wire_head_length(cases[i].in, &scanned) != cases[i].length)
			fail_msg("%s", cases[i].what);
		for (size_t n = 0; n <= cases[i].in.n && !got; n++)
			got = wire_head_length(str_slice(cases[i].in, 0, n), &by_byte);
		if (got != cases[i].length)
			fail_msg("%s, byte by byte: %zu", cases[i].what, got);
	}
}

static void escapes_are_decoded_strictly(void **unused)
{
	static const struct {
		const char *in, *out; /* NULL: invalid */
	} cases[] = { { "", "" },
		      { "a+b", "a+b" },
		      { "a%20b", "a b" },
		      { "%c3%A9", "\xc3\xa9" },
		      { "%25%32%35", "%25" },
		      { "%", NULL },
		      { "%4", NULL },
		      { "%4g", NULL },
		      { "a%00b", NULL },
		      { "%zz", NULL },
		      { "end%41", "endA" } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		char text[32];
		size_t n = strlen(cases[i].in);
		enum err e;

		memcpy(text, cases[i].in, n);
		e = wire_percent_decode(text, &n);
		if (e != (cases[i].out ? ERR_OK : ERR_INVALID) ||
		    (!e && !str_eq(str_from(text, n), str_of(cases[i].out))))
			fail_msg("%s", cases[i].in);
	}
}

static void parameters_are_found_by_name_without_case(void **unused)
{
	static const struct {
		const char *query, *name, *value; /* NULL: absent */
	} cases[] = {
		{ "Cmd=Ping&User=ann", "user", "ann" },
		{ "Cmd=Ping&User=ann", "USE", NULL },
		{ "a=1&a=2", "a", "1" },
		{ "a&b=2", "a", "" },
		{ "a=&b=2", "a", "" },
		{ "x=y=z", "x", "y=z" },
		{ "", "a", NULL },
		{ "&&a=1&&", "a", "1" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct str got = wire_query_value(str_of(cases[i].query), str_of(cases[i].name));

		if (!got.p != !cases[i].value || (got.p && !str_eq(got, str_of(cases[i].value))))
			fail_msg("%s in %s: " STR_FMT, cases[i].name, cases[i].query, STR_ARG(got));
	}
}

static void targets_come_down_to_their_origin_form(void **unused)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "/a?b", "/a?b" }, { "http://host/a", "/a" }, { "HTTPS://host:1/a?b", "/a?b" }, { "http://host", "" },
		{ "*", "*" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		assert_true(str_eq(wire_origin_form(str_of(cases[i].in)), str_of(cases[i].out)));
}

static void lists_name_a_token_unless_it_weighs_nothing(void **unused)
{
	static const struct {
		const char *list;
		bool has;
	} cases[] = {
		{ "gzip", true },      { "GZip", true },           { "deflate , gzip ; q=0.5", true },
		{ "gzip;q=0", false }, { "gzip; q=0.000", false }, { "gzip;q=0.001", true },
		{ "gzip;Q=0", false }, { "gzipped", false },       { "deflate;gzip", false },
		{ "", false },         { ",,gzip", true },         { "gzip;q=1", true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		if (wire_list_has(str_of(cases[i].list), S("gzip")) != cases[i].has)
			fail_msg("%s", cases[i].list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_ends_at_its_empty_line_however_it_comes),
		cmocka_unit_test(escapes_are_decoded_strictly),
		cmocka_unit_test(parameters_are_found_by_name_without_case),
		cmocka_unit_test(targets_come_down_to_their_origin_form),
		cmocka_unit_test(lists_name_a_token_unless_it_weighs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
