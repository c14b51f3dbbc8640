/* Character sets to UTF-8. */
#include <gateway/content/charset.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void put_cut(struct buf *out, struct str name, struct str in, size_t chunk)
{
	CLEANUP(charset_release) struct charset_stream st = { 0 };

	charset_init(&st, charset_find(name));
	for (size_t at = 0; at < in.n; at += chunk)
		charset_put(&st, out, str_slice(in, at, at + chunk));
	charset_finish(&st, out);
}

static void text_converts_alike_however_it_is_cut(void **unused)
{
	static const struct {
		struct str name, in, out;
	} cases[] = {
		{ STR_INIT("utf-8"), STR_INIT("\xC3\xA9\xF0\x9F\x8D\xB0!"), STR_INIT("\xC3\xA9\xF0\x9F\x8D\xB0!") },
		{ STR_INIT("UTF-8"), STR_INIT("a\xE9z\xC3"), STR_INIT("a\xEF\xBF\xBDz\xEF\xBF\xBD") },
		{ STR_INIT(""), STR_INIT("\xC3\xA9\xE9"), STR_INIT("\xC3\xA9\xC3\xA9") },
		{ STR_INIT("us-ascii"), STR_INIT("\x80 \xE2\x82\xAC \xE2"),
		  STR_INIT("\xE2\x82\xAC \xE2\x82\xAC \xC3\xA2") },
		{ STR_INIT("never-heard-of"), STR_INIT("\x93"), STR_INIT("\xE2\x80\x9C") },
		{ STR_INIT("ISO-8859-1"), STR_INIT("\xE9\x80"), STR_INIT("\xC3\xA9\xE2\x82\xAC") },
		{ STR_INIT("iso8859-15"), STR_INIT("\xA4"), STR_INIT("\xE2\x82\xAC") },
		{ STR_INIT("windows-1251"), STR_INIT("\xCF\xF0"), STR_INIT("\xD0\x9F\xD1\x80") },
		{ STR_INIT("KOI8-R"), STR_INIT("\xF0\xD2"), STR_INIT("\xD0\x9F\xD1\x80") },
		{ STR_INIT("gb2312"), STR_INIT("\xC4\xE3"), STR_INIT("\xE4\xBD\xA0") },
		{ STR_INIT("GB18030"), STR_INIT("\x95\x32\x82\x36"), STR_INIT("\xF0\xA0\x80\x80") },
		{ STR_INIT("big5"), STR_INIT("\xA7\x41"), STR_INIT("\xE4\xBD\xA0") },
		{ STR_INIT("x-sjis"), STR_INIT("\x82\xA0\xB1"), STR_INIT("\xE3\x81\x82\xEF\xBD\xB1") },
		{ STR_INIT("euc-jp"), STR_INIT("\xA4\xA2"), STR_INIT("\xE3\x81\x82") },
		{ STR_INIT("iso-2022-jp"), STR_INIT("\x1B$B$\"\x1B(Ba"),
		  STR_INIT("\xE3\x81\x82"
			   "a") },
		{ STR_INIT("ks_c_5601-1987"), STR_INIT("\xB0\xA1\x8C\xE8"), STR_INIT("\xEA\xB0\x80\xEB\x9A\xA9") },
		{ STR_INIT("unicode-1-1-utf-7"), STR_INIT("+AOk-+2Dzf8A-"), STR_INIT("\xC3\xA9\xF0\x9F\x8F\xB0") },
		{ STR_INIT("utf-16le"), STR_INIT("a\0\xE9\0"), STR_INIT("a\xC3\xA9") },
		{ STR_INIT("cp-850"), STR_INIT("\x82"), STR_INIT("\xC3\xA9") },
		{ STR_INIT("gb18030"), STR_INIT("\xC4"), STR_INIT("\xEF\xBF\xBD") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		for (size_t chunk = 1; chunk <= cases[i].in.n; chunk++) {
			CLEANUP(buf_release) struct buf out = BUF_INIT(200);

			put_cut(&out, cases[i].name, cases[i].in, chunk);
			if (!str_eq(buf_view(&out), cases[i].out))
				fail_msg(STR_FMT ", %zu octets at once: " STR_FMT, STR_ARG(cases[i].name), chunk,
					 STR_ARG(buf_view(&out)));
		}
}

static void every_set_of_the_table_is_known_to_iconv_and_in_order(void **unused)
{
	size_t n;
	const struct charset *table = charset_table(&n);

	(void)unused;
	for (size_t i = 0; i < n; i++) {
		struct charset_stream st;

		if (i && strcmp(table[i - 1].name, table[i].name) >= 0)
			fail_msg("%s is out of order", table[i].name);
		if (charset_find(str_of(table[i].name)) != &table[i])
			fail_msg("%s is not found", table[i].name);
		charset_init(&st, &table[i]);
		if (st.kind != table[i].kind)
			fail_msg("%s: iconv does not know %s", table[i].name, table[i].iconv);
		charset_release(&st);
	}
}

static void names_that_are_none_are_not_found(void **unused)
{
	char name[CHARSET_NAME_MAX + 1];

	(void)unused;
	memset(name, 'a', sizeof(name));
	assert_null(charset_find(str_from(name, CHARSET_NAME_MAX)));
	assert_null(charset_find(str_from(name, CHARSET_NAME_MAX + 1)));
	assert_null(charset_find(S("")));
	assert_null(charset_find(S("--")));
	assert_null(charset_find(S("iso-2022-cn-ext"))); /* CVE-2024-2961 */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_converts_alike_however_it_is_cut),
		cmocka_unit_test(every_set_of_the_table_is_known_to_iconv_and_in_order),
		cmocka_unit_test(names_that_are_none_are_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
