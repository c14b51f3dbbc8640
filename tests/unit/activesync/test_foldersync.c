/* FolderSync over a real connection and a real store. */
#include "fixture.h"

#include <tests/support/hex.h>

#include <store/sync.h>

#define ROOT "<FolderSync xmlns=\"FolderHierarchy\">"

static const char *cstr(struct fixture *f, struct str s)
{
	const char *copy;

	assert_ok(arena_cstr(&f->arena, s, &copy));
	return copy;
}

static const char *key_of(struct fixture *f, const struct eas_reply *r)
{
	return cstr(f, eas_reply_text(r, "SyncKey", 0));
}

static void assert_text(const struct eas_reply *r, const char *element, unsigned n, const char *wanted)
{
	struct str got = eas_reply_text(r, element, n);

	if (!str_eq(got, str_of(wanted)))
		fail_msg("%s[%u] is " STR_FMT ", wanted %s", element, n, STR_ARG(got), wanted);
}

/* "<Add><ServerId>7</ServerId>…", at the end of the changes. */
static bool has_change(const struct eas_reply *r, const char *kind, int64_t id, const char *parent, const char *name,
		       unsigned type)
{
	struct buf wanted = BUF_INIT(1024);
	bool found;

	buf_fmt(&wanted, "<%s><ServerId>%lld</ServerId>", kind, (long long)id);
	if (name)
		buf_fmt(&wanted, "<ParentId>%s</ParentId><DisplayName>%s</DisplayName><Type>%u</Type>", parent, name,
			type);
	buf_fmt(&wanted, "</%s>", kind);
	found = str_find(r->xml, buf_view(&wanted)) < r->xml.n;
	buf_release(&wanted);
	return found;
}

/* MS-ASCMD_R119, R4578, R4668, R4669, R4670, R4671, R4672, R4673, R4674, R4675, R4676, R4685. */
/* MS-ASCMD_R116, MS-ASCMD_R5008, MS-ASCMD_R5020, MS-ASCMD_R5440 */
static void key_0_gives_all_folders_by_their_roles(void **unused)
{
	static const struct {
		enum folder_role role;
		unsigned type;
	} cases[] = { { FOLDER_INBOX, 2 },
		      { FOLDER_DRAFTS, 3 },
		      { FOLDER_DELETED, 4 },
		      { FOLDER_SENT, 5 },
		      { FOLDER_OUTBOX, 6 },
		      { FOLDER_JUNK, 12 },
		      { FOLDER_DEFAULT_CALENDAR, 8 },
		      { FOLDER_DEFAULT_CONTACTS, 9 },
		      { FOLDER_DEFAULT_TASKS, 7 },
		      { FOLDER_DEFAULT_NOTES, 10 },
		      { FOLDER_RECIPIENT_CACHE, 19 } };
	FIXTURE(f);
	struct eas_reply r = fixture_foldersync(&f, "0");

	(void)unused;
	assert_int_equal(r.status, 200);
	assert_text(&r, "Status", 0, "1");
	assert_int_equal(eas_reply_count(&r, "Add"), countof(cases));
	assert_text(&r, "Count", 0, "11");
	assert_in_range(eas_reply_text(&r, "SyncKey", 0).n, 1, EAS_MAX_SYNC_KEY_BYTES);
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf wanted = BUF_INIT(256);
		struct str rest;
		size_t at;

		buf_fmt(&wanted, "<Add><ServerId>%lld</ServerId><ParentId>0</ParentId><DisplayName>",
			(long long)fixture_role(&f, cases[i].role));
		at = str_find(r.xml, buf_view(&wanted));
		assert_true(at < r.xml.n);
		buf_clear(&wanted);
		buf_fmt(&wanted, "<Type>%u</Type></Add>", cases[i].type);
		rest = str_slice(r.xml, at, r.xml.n);
		assert_true(str_find(rest, buf_view(&wanted)) < str_find(rest, S("</Add>")));
		buf_release(&wanted);
	}
}

/* MS-ASHTTP_R1104. */
static void key_0_tells_versions_and_commands(void **unused)
{
	FIXTURE(f);
	struct eas_reply r = fixture_foldersync(&f, "0");

	(void)unused;
	assert_true(str_eq(eas_reply_header(&r, "MS-ASProtocolVersions"), S("2.5,12.0,12.1,14.0,14.1,16.0,16.1")));
	assert_non_null(eas_reply_header(&r, "MS-ASProtocolCommands").p);
	assert_null(eas_reply_header(&r, "X-MS-RP").p);
	r = fixture_foldersync(&f, key_of(&f, &r));
	assert_null(eas_reply_header(&r, "MS-ASProtocolVersions").p);
}

/* MS-ASCMD_R2120; the key stays (sync-engine rule 8). */
static void without_news_the_count_is_0_and_the_key_stays(void **unused)
{
	FIXTURE(f);
	struct eas_reply r = fixture_foldersync(&f, "0");
	const char *key = key_of(&f, &r);

	(void)unused;
	for (int i = 0; i < 3; i++) {
		r = fixture_foldersync(&f, key);
		assert_text(&r, "Status", 0, "1");
		assert_text(&r, "SyncKey", 0, key);
		assert_true(str_ends(r.xml, S("<Changes><Count>0</Count></Changes></FolderSync>")));
	}
}

/* MS-ASCMD_R5024, MS-ASCMD_R5863 */
static void changes_come_once_with_a_new_key(void **unused)
{
	FIXTURE(f);
	struct eas_reply r = fixture_foldersync(&f, "0");
	const char *first = key_of(&f, &r), *second;
	int64_t id = fixture_add_folder(&f, "Work & play", FOLDER_MAIL, FOLDER_ROOT);
	int64_t calendar = fixture_add_folder(&f, "Plans", FOLDER_CALENDAR, FOLDER_ROOT);

	(void)unused;
	r = fixture_foldersync(&f, first);
	assert_text(&r, "Count", 0, "2");
	assert_true(has_change(&r, "Add", id, "0", "Work &amp; play", 12));
	assert_true(has_change(&r, "Add", calendar, "0", "Plans", 13));
	second = key_of(&f, &r);
	assert_string_not_equal(first, second);

	fixture_rename_folder(&f, id, "Work", FOLDER_ROOT);
	fixture_delete_folder(&f, calendar);
	r = fixture_foldersync(&f, second);
	assert_text(&r, "Count", 0, "2");
	assert_true(has_change(&r, "Update", id, "0", "Work", 12));
	assert_true(has_change(&r, "Delete", calendar, NULL, NULL, 0));
	r = fixture_foldersync(&f, key_of(&f, &r));
	assert_text(&r, "Count", 0, "0");
}

/* MS-ASCMD_R4678, MS-ASCMD_R4679, MS-ASCMD_R4680, MS-ASCMD_R4681, MS-ASCMD_R4683: of folders that users make. */
static void folders_have_the_type_of_their_class(void **unused)
{
	static const struct {
		const char *name;
		enum folder_class class;
		unsigned type;
	} cases[] = { { "a", FOLDER_MAIL, 12 },
		      { "b", FOLDER_CALENDAR, 13 },
		      { "c", FOLDER_CONTACTS, 14 },
		      { "d", FOLDER_TASKS, 15 },
		      { "e", FOLDER_NOTES, 17 } };
	FIXTURE(f);
	int64_t ids[countof(cases)];
	struct eas_reply r;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		ids[i] = fixture_add_folder(&f, cases[i].name, cases[i].class, FOLDER_ROOT);
	r = fixture_foldersync(&f, "0");
	for (size_t i = 0; i < countof(cases); i++)
		if (!has_change(&r, "Add", ids[i], "0", cases[i].name, cases[i].type))
			fail_msg("%s: " STR_FMT, cases[i].name, STR_ARG(r.xml));
}

static void parents_come_before_their_children(void **unused)
{
	FIXTURE(f);
	struct eas_reply r = fixture_foldersync(&f, "0");
	int64_t child = fixture_add_folder(&f, "child", FOLDER_MAIL, FOLDER_ROOT);
	int64_t parent = fixture_add_folder(&f, "parent", FOLDER_MAIL, FOLDER_ROOT);
	struct buf parent_id = BUF_INIT(32);

	(void)unused;
	fixture_rename_folder(&f, child, "child", parent);
	r = fixture_foldersync(&f, key_of(&f, &r));
	buf_i64(&parent_id, parent);
	assert_text(&r, "DisplayName", 0, "parent");
	assert_text(&r, "DisplayName", 1, "child");
	assert_true(str_eq(eas_reply_text(&r, "ParentId", 1), buf_view(&parent_id)));
	buf_release(&parent_id);
}

/* MS-ASCMD_R5121: the response was lost, the phone asks again with the former key. */
static void a_lost_response_is_given_again(void **unused)
{
	FIXTURE(f);
	struct eas_reply r = fixture_foldersync(&f, "0"), again;
	const char *former = key_of(&f, &r);
	int64_t id = fixture_add_folder(&f, "New", FOLDER_MAIL, FOLDER_ROOT);

	(void)unused;
	fixture_foldersync(&f, former);
	again = fixture_foldersync(&f, former);
	assert_text(&again, "Status", 0, "1");
	assert_text(&again, "Count", 0, "1");
	assert_true(has_change(&again, "Add", id, "0", "New", 12));
	fixture_add_folder(&f, "Newer", FOLDER_MAIL, FOLDER_ROOT);
	r = fixture_foldersync(&f, key_of(&f, &again));
	assert_text(&r, "Count", 0, "1");
	r = fixture_foldersync(&f, former); /* two generations, no more */
	assert_xml(r, ROOT "<Status>9</Status></FolderSync>");
}

/* MS-ASCMD_R4581, R4083. */
/* MS-ASCMD_R4580, MS-ASCMD_R4068, MS-ASCMD_R4070: one status, and nothing else. */
static void any_other_key_is_status_9(void **unused)
{
	static const char *const keys[] = {
		"4711",
		"",
		"00",
		"{c0ffee}1",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
	};
	FIXTURE(f);

	(void)unused;
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < countof(keys); i++) {
			struct eas_reply r = fixture_foldersync(&f, keys[i]);

			assert_xml(r, ROOT "<Status>9</Status></FolderSync>");
		}
		fixture_learn_hierarchy(&f);
	}
}

/* MS-ASCMD_R4086. */
static void another_shape_is_status_10(void **unused)
{
	static const struct {
		const char *what, *bytes;
	} cases[] = {
		{ "no key", "03 01 6A 00 00 07 56 01" },
		{ "an empty root", "03 01 6A 00 00 07 16" },
		{ "two keys", "03 01 6A 00 00 07 56 52 03 '0' 00 01 52 03 '0' 00 01 01" },
		{ "an element of answers", "03 01 6A 00 00 07 56 4C 03 '1' 00 01 52 03 '0' 00 01 01" },
		{ "an element in the key", "03 01 6A 00 00 07 56 52 4C 03 '1' 00 01 01 01" },
		{ "text outside of elements", "03 01 6A 00 00 07 56 03 'x' 00 52 03 '0' 00 01 01" },
	};
	static const char *const versions[] = { "12.1", "16.1" };
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < 2 * countof(cases); i++) {
		struct eas_reply r;

		f.phone.version = versions[i % 2];
		r = eas_phone_ask(&f.phone, "FolderSync", hex(&f.arena, cases[i / 2].bytes));
		print_message("%s\n", cases[i / 2].what);
		assert_xml(r, ROOT "<Status>10</Status></FolderSync>");
	}
}

/* The Notes class came with 14.0; a phone that changes to another view begins anew (sync-engine rule 12). */
static void notes_are_not_shown_before_14_0(void **unused)
{
	FIXTURE(f);
	int64_t notes = fixture_add_folder(&f, "Thoughts", FOLDER_NOTES, FOLDER_ROOT);
	struct eas_reply r;
	const char *key;

	(void)unused;
	f.phone.version = "12.1";
	r = fixture_foldersync(&f, "0");
	assert_false(has_change(&r, "Add", notes, "0", "Thoughts", 17));
	assert_text(&r, "Count", 0, "9"); /* MS-ASCNTC_R2261: no recipient cache either */
	key = key_of(&f, &r);
	fixture_rename_folder(&f, notes, "More notes", FOLDER_ROOT);
	r = fixture_foldersync(&f, key);
	assert_text(&r, "Count", 0, "0");
	f.phone.version = "14.1";
	r = fixture_foldersync(&f, key);
	assert_xml(r, ROOT "<Status>9</Status></FolderSync>");
	r = fixture_foldersync(&f, "0");
	assert_true(has_change(&r, "Add", notes, "0", "More notes", 17));
	f.phone.version = "16.1"; /* the same view */
	r = fixture_foldersync(&f, key_of(&f, &r));
	assert_text(&r, "Count", 0, "0");
}

/* MS-ASCMD_R885: the same folders with the same names, in whatever state the line is. */
static void key_0_gives_the_same_folders_each_time(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;
	struct str first, again;

	(void)unused;
	fixture_add_folder(&f, "Work", FOLDER_MAIL, fixture_role(&f, FOLDER_INBOX));
	r = fixture_foldersync(&f, "0");
	first = str_of(cstr(&f, str_slice(r.xml, str_find(r.xml, S("<Changes>")), r.xml.n)));
	assert_true(str_find(first, S("<DisplayName>Work</DisplayName>")) < first.n);
	fixture_learn_hierarchy(&f);
	r = fixture_foldersync(&f, "0");
	again = str_slice(r.xml, str_find(r.xml, S("<Changes>")), r.xml.n);
	assert_true(str_eq(first, again));
}

/* Repeated, it gives the same key until that is used (rule 6); items' lines are left alone. */
static void key_0_again_changes_nothing_else(void **unused)
{
	FIXTURE(f);
	struct eas_reply r = fixture_foldersync(&f, "0");
	const char *key = key_of(&f, &r);
	struct sync_line before, after;
	struct store_tx *tx;
	int64_t inbox;

	(void)unused;
	r = fixture_foldersync(&f, "0");
	assert_text(&r, "SyncKey", 0, key);
	inbox = fixture_role(&f, FOLDER_INBOX);
	fixture_sync(&f, inbox);
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_READ, &tx));
	assert_ok(sync_line_load(tx, fixture_device(&f), inbox, &before));
	assert_ok(store_commit(&tx));
	fixture_foldersync(&f, key);
	fixture_foldersync(&f, "0");
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_READ, &tx));
	assert_ok(sync_line_load(tx, fixture_device(&f), inbox, &after));
	assert_ok(store_commit(&tx));
	assert_true(after.version > 0);
	assert_int_equal(after.version, before.version);
}

static void each_phone_has_its_own_keys(void **unused)
{
	FIXTURE(f);
	struct eas_reply r = fixture_foldersync(&f, "0");
	const char *key = key_of(&f, &r);

	(void)unused;
	f.phone.device_id = "AnotherPhone";
	r = fixture_foldersync(&f, key);
	assert_text(&r, "Status", 0, "9");
	f.phone.device_id = "ApplDNQXTESTFFG5";
	r = fixture_foldersync(&f, key);
	assert_text(&r, "Status", 0, "1");
}

static void keys_outlive_a_restart(void **unused)
{
	FIXTURE(f);
	struct eas_reply r = fixture_foldersync(&f, "0");
	const char *key = key_of(&f, &r);

	(void)unused;
	fixture_restart(&f);
	r = fixture_foldersync(&f, key);
	assert_text(&r, "Status", 0, "1");
	assert_text(&r, "Count", 0, "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_0_gives_all_folders_by_their_roles),
		cmocka_unit_test(key_0_tells_versions_and_commands),
		cmocka_unit_test(without_news_the_count_is_0_and_the_key_stays),
		cmocka_unit_test(changes_come_once_with_a_new_key),
		cmocka_unit_test(folders_have_the_type_of_their_class),
		cmocka_unit_test(parents_come_before_their_children),
		cmocka_unit_test(a_lost_response_is_given_again),
		cmocka_unit_test(any_other_key_is_status_9),
		cmocka_unit_test(another_shape_is_status_10),
		cmocka_unit_test(notes_are_not_shown_before_14_0),
		cmocka_unit_test(key_0_gives_the_same_folders_each_time),
		cmocka_unit_test(key_0_again_changes_nothing_else),
		cmocka_unit_test(each_phone_has_its_own_keys),
		cmocka_unit_test(keys_outlive_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
