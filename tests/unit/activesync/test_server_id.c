/* Names of folders and items: what is written is read back, and each has one spelling. */
#include <gateway/activesync/server_id.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define MOST "9223372036854775807"
#define ONE_PAST "9223372036854775808"

static void a_name_is_read_back(void **unused)
{
	static const struct {
		int64_t folder, item;
		const char *folder_name, *item_name;
	} cases[] = {
		{ 1, 1, "1", "1:1" },
		{ 9, 10, "9", "9:10" },
		{ 10, 9, "10", "10:9" },
		{ 1234567890123, 42, "1234567890123", "1234567890123:42" },
		{ INT64_MAX, INT64_MAX, MOST, MOST ":" MOST },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct server_id folder = server_id_folder(cases[i].folder);
		struct server_id item = server_id_item(cases[i].folder, cases[i].item);
		int64_t got_folder = 0, got_item = 0;

		assert_string_equal(folder.text, cases[i].folder_name);
		assert_string_equal(item.text, cases[i].item_name);
		assert_int_equal(server_id_parse_folder(str_of(folder.text), &got_folder), ERR_OK);
		assert_true(got_folder == cases[i].folder);
		assert_int_equal(server_id_parse_long(str_of(folder.text), &got_folder), ERR_OK);
		assert_true(got_folder == cases[i].folder);
		assert_int_equal(server_id_parse_item(str_of(item.text), &got_folder, &got_item), ERR_OK);
		assert_true(got_folder == cases[i].folder && got_item == cases[i].item);
	}
}

/* No number of ours; with a sound number before or behind the colon, no item of ours. */
static const struct {
	const char *what;
	struct str text;
} malformed[] = {
	{ "nothing", STR_INIT("") },
	{ "zero, which is no row", STR_INIT("0") },
	{ "a zero before it", STR_INIT("01") },
	{ "a sign", STR_INIT("+1") },
	{ "a negative number", STR_INIT("-1") },
	{ "a blank before it", STR_INIT(" 1") },
	{ "a blank behind it", STR_INIT("1 ") },
	{ "a line end behind it", STR_INIT("1\n") },
	{ "NUL behind it", STR_INIT("1\0") },
	{ "hexadecimal", STR_INIT("0x1") },
	{ "a letter behind it", STR_INIT("1a") },
	{ "a word", STR_INIT("inbox") },
	{ "a point", STR_INIT("1.0") },
	{ "digits that are not ASCII", STR_INIT("\xd9\xa1") },
	{ "one past the last number", STR_INIT(ONE_PAST) },
	{ "2 to the 64th and 1, which must not wrap to 1", STR_INIT("18446744073709551617") },
	{ "ten digits too many", STR_INIT("10000000000000000000000000000") },
};

static void what_we_never_write_names_nothing(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(malformed); i++) {
		int64_t folder = -7, item = -7;
		char text[80];
		size_t n = malformed[i].text.n;

		if (server_id_parse_folder(malformed[i].text, &folder) != ERR_NOT_FOUND ||
		    server_id_parse_long(malformed[i].text, &item) != ERR_NOT_FOUND)
			fail_msg("%s: read as a number", malformed[i].what);
		memcpy(text, "1:", 2);
		memcpy(text + 2, malformed[i].text.p, n);
		if (server_id_parse_item(str_from(text, n + 2), &folder, &item) != ERR_NOT_FOUND)
			fail_msg("%s: read as an item of folder 1", malformed[i].what);
		memcpy(text, malformed[i].text.p, n);
		memcpy(text + n, ":1", 2);
		if (server_id_parse_item(str_from(text, n + 2), &folder, &item) != ERR_NOT_FOUND)
			fail_msg("%s: read as the folder of item 1", malformed[i].what);
		assert_true(folder == -7 && item == -7);
	}
}

static void an_item_has_one_colon_and_a_folder_none(void **unused)
{
	static const char *const items[] = { "1", ":", "1:", ":1", "1::1", "1:2:3", "1:2:", "1;2", "1 : 2" };
	static const char *const folders[] = { "1:2", "1:", ":1" };
	int64_t folder = -7, item = -7;

	(void)unused;
	for (size_t i = 0; i < countof(items); i++)
		if (server_id_parse_item(str_of(items[i]), &folder, &item) != ERR_NOT_FOUND)
			fail_msg("item '%s'", items[i]);
	for (size_t i = 0; i < countof(folders); i++)
		if (server_id_parse_folder(str_of(folders[i]), &folder) != ERR_NOT_FOUND ||
		    server_id_parse_long(str_of(folders[i]), &item) != ERR_NOT_FOUND)
			fail_msg("folder '%s'", folders[i]);
	assert_true(folder == -7 && item == -7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_read_back),
		cmocka_unit_test(what_we_never_write_names_nothing),
		cmocka_unit_test(an_item_has_one_colon_and_a_folder_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
