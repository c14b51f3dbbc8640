/* FolderCreate, FolderUpdate, FolderDelete over a real connection: statuses, keys, lost answers, who is told. */
#include "sync_fixture.h"

#include <store/stmt.h>

/* Page 07: 48 ServerId, 49 ParentId, 47 DisplayName, 4A Type, 4C Status, 52 SyncKey, 53 FolderCreate, 54 FolderDelete,
 * 55 FolderUpdate. */
#define KEY "52 03 '%s' 00 01 "

static struct eas_reply create(struct fixture *f, const char *key, const char *parent, const char *name,
			       const char *type)
{
	return eas_phone_ask(&f->phone, "FolderCreate",
			     doc(f, HEAD "00 07 53 " KEY "49 03 '%s' 00 01 47 03 '%s' 00 01 4A 03 '%s' 00 01 01", key,
				 parent, name, type));
}

static struct eas_reply update(struct fixture *f, const char *key, const char *id, const char *parent, const char *name)
{
	return eas_phone_ask(&f->phone, "FolderUpdate",
			     doc(f, HEAD "00 07 55 " KEY "48 03 '%s' 00 01 49 03 '%s' 00 01 47 03 '%s' 00 01 01", key,
				 id, parent, name));
}

static struct eas_reply remove_folder(struct fixture *f, const char *key, const char *id)
{
	return eas_phone_ask(&f->phone, "FolderDelete", doc(f, HEAD "00 07 54 " KEY "48 03 '%s' 00 01 01", key, id));
}

static void assert_status(const char *what, const struct eas_reply *r, const char *status)
{
	if (r->status != 200 || !str_eq(eas_reply_text(r, "Status", 0), str_of(status)))
		fail_msg("%s: HTTP %d " STR_FMT, what, r->status, STR_ARG(r->xml));
}

static const char *hierarchy_key(struct fixture *f)
{
	struct eas_reply r = fixture_foldersync(f, "0");
	const char *key = key_of(f, &r);

	r = fixture_foldersync(f, key);
	return key_of(f, &r);
}

static const char *text_of(struct fixture *f, const struct eas_reply *r, const char *element)
{
	const char *text;

	assert_ok(arena_cstr(&f->arena, eas_reply_text(r, element, 0), &text));
	return text;
}

static void assert_no_news(struct fixture *f, const char *key)
{
	struct eas_reply r = fixture_foldersync(f, key);

	assert_status("no news", &r, "1");
	assert_true(str_eq(eas_reply_text(&r, "Count", 0), S("0")));
}

/*
 * MS-ASCMD_R1684, R1692, R1724, R3903; in every version. The phone that did it is not told of it, another one is
 * (sync-engine rules 4 and 12).
 */
static void a_folder_is_made_renamed_and_deleted(void **unused)
{
	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		FIXTURE(f);
		const char *key, *other, *id;
		struct eas_reply r;

		f.phone.version = eas_version_text(v).p;
		f.phone.device_id = "other";
		other = hierarchy_key(&f);
		f.phone.device_id = "mine";
		key = hierarchy_key(&f);

		r = create(&f, key, "0", "Work", "12");
		assert_status("create", &r, "1");
		id = text_of(&f, &r, "ServerId");
		assert_string_not_equal(key_of(&f, &r), key);
		key = key_of(&f, &r);
		assert_no_news(&f, key);
		r = update(&f, key, id, "1", "Play");
		assert_xml(r, commands(&f,
				       "<FolderUpdate xmlns=\"FolderHierarchy\"><Status>1</Status>"
				       "<SyncKey>%s</SyncKey></FolderUpdate>",
				       key_of(&f, &r)));
		key = key_of(&f, &r);
		assert_no_news(&f, key);

		f.phone.device_id = "other";
		r = fixture_foldersync(&f, other);
		assert_true(str_find(r.xml, str_of(commands(&f,
							    "<Add><ServerId>%s</ServerId><ParentId>1</ParentId>"
							    "<DisplayName>Play</DisplayName><Type>12</Type></Add>",
							    id))) < r.xml.n);
		other = key_of(&f, &r);
		f.phone.device_id = "mine";
		r = remove_folder(&f, key, id);
		assert_status("delete", &r, "1");
		key = key_of(&f, &r);
		assert_no_news(&f, key);
		f.phone.device_id = "other";
		r = fixture_foldersync(&f, other);
		assert_true(str_find(r.xml, str_of(commands(&f, "<Delete><ServerId>%s</ServerId></Delete>", id))) <
			    r.xml.n);
	}
}

/* What others did in between is still told under the key that the command gave. */
static void the_changes_of_others_are_not_lost_behind_a_command(void **unused)
{
	FIXTURE(f);
	const char *key = hierarchy_key(&f);
	struct eas_reply r;

	(void)unused;
	fixture_add_folder(&f, "Theirs", FOLDER_MAIL, FOLDER_ROOT);
	r = create(&f, key, "0", "Mine", "12");
	r = fixture_foldersync(&f, key_of(&f, &r));
	assert_true(str_eq(eas_reply_text(&r, "Count", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "DisplayName", 0), S("Theirs")));
}

/* Rule 5: the answer was lost, the command comes again under the former key; in each version. */
static void a_command_whose_answer_was_lost_is_done_once(void **unused)
{
	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		FIXTURE(f);
		const char *key, *id, *deleted = NULL;
		struct eas_reply r;

		f.phone.version = eas_version_text(v).p;
		key = hierarchy_key(&f);
		r = create(&f, key, "0", "Once", "12");
		id = text_of(&f, &r, "ServerId");
		for (int i = 0; i < 3; i++) {
			r = create(&f, key, "0", "Once", "12");
			assert_status("create again", &r, "1");
			assert_string_equal(text_of(&f, &r, "ServerId"), id);
		}
		key = key_of(&f, &r);
		for (int i = 0; i < 3; i++) {
			r = update(&f, key, id, "0", "Renamed");
			assert_status("update again", &r, "1");
		}
		key = key_of(&f, &r);
		for (int i = 0; i < 3; i++) {
			r = remove_folder(&f, key, id);
			assert_status("delete again", &r, "1");
			deleted = key_of(&f, &r);
		}
		assert_no_news(&f, deleted);
	}
}

/* Rule 5: the answer was lost and the phone goes on without the command: the truth comes to it. */
static void a_command_that_is_not_repeated_is_told_as_others_are(void **unused)
{
	FIXTURE(f);
	const char *key = hierarchy_key(&f), *id;
	struct eas_reply r = create(&f, key, "0", "Lost", "12");
	int64_t below, parent;

	(void)unused;
	id = text_of(&f, &r, "ServerId");
	assert_ok(str_to_i64(str_of(id), &parent));
	r = fixture_foldersync(&f, key);
	assert_true(str_eq(eas_reply_text(&r, "Count", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "DisplayName", 0), S("Lost")));
	key = key_of(&f, &r);

	r = update(&f, key, id, "0", "Found");
	r = fixture_foldersync(&f, key);
	assert_int_equal(eas_reply_count(&r, "Update"), 1);
	key = key_of(&f, &r);

	below = fixture_add_folder(&f, "Below", FOLDER_MAIL, parent); /* goes with it, and is told with it */
	r = fixture_foldersync(&f, key);
	key = key_of(&f, &r);
	r = remove_folder(&f, key, id);
	r = fixture_foldersync(&f, key);
	assert_int_equal(eas_reply_count(&r, "Delete"), 2);
	assert_true(str_find(r.xml, str_of(commands(&f, "<ServerId>%lld</ServerId>", (long long)below))) < r.xml.n);
}

/* MS-ASCMD_R4031, R4032, R4059, R4060, R4119, R4120; a refusal leaves the key as it is. */
/* MS-ASCMD_R4572 */
static void keys_that_are_none_are_status_9(void **unused)
{
	static const char *const keys[] = { "0", "4711", "",
					    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0" };
	FIXTURE(f);
	const char *good = hierarchy_key(&f);
	struct eas_reply r;

	(void)unused;
	for (size_t i = 0; i < countof(keys); i++) {
		r = create(&f, keys[i], "0", "x", "12");
		assert_xml(r, "<FolderCreate xmlns=\"FolderHierarchy\"><Status>9</Status></FolderCreate>");
		r = update(&f, keys[i], "1", "0", "x");
		assert_xml(r, "<FolderUpdate xmlns=\"FolderHierarchy\"><Status>9</Status></FolderUpdate>");
		r = remove_folder(&f, keys[i], "1");
		assert_xml(r, "<FolderDelete xmlns=\"FolderHierarchy\"><Status>9</Status></FolderDelete>");
	}
	assert_no_news(&f, good);
}

#define N64 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
#define N256 N64 N64 N64 N64
/* U+1F4EC, which is two characters of UTF-16, 128 of them. */
#define E8 "' F0 9F 93 AC F0 9F 93 AC F0 9F 93 AC F0 9F 93 AC F0 9F 93 AC F0 9F 93 AC F0 9F 93 AC F0 9F 93 AC '"
#define E64 E8 E8 E8 E8 E8 E8 E8 E8

/* MS-ASCMD_R4013, R4018, R4019, R4035, R4655, R2194, R3904; below the recipient cache: MS-ASCMD_R4016. */
static void what_cannot_be_created_says_why(void **unused)
{
	static const struct {
		const char *what, *parent, *name, *type, *status;
	} cases[] = {
		{ "R4013: a name that is taken", "0", "Taken", "12", "2" },
		{ "the Inbox, in any case", "0", "INBOX", "12", "2" },
		{ "R4019: a parent that is not there", "99", "x", "12", "5" },
		{ "a parent that is none of ours", "x", "x", "12", "5" },
		{ "R4035: an Inbox", "0", "x", "2", "10" },
		{ "a Calendar", "0", "x", "8", "10" },
		{ "R81: a recipient information cache", "0", "x", "19", "10" },
		{ "a journal", "0", "x", "16", "10" },
		{ "a type that is none", "0", "x", "0", "10" },
		{ "a type above all", "0", "x", "256", "10" },
		{ "R2194: no name", "0", "", "12", "10" },
		{ "256 characters", "0", N256, "12", "1" },
		{ "257 characters", "0", N256 "n", "12", "10" },
		{ "128 characters of two units", "0", E64 E64, "12", "1" },
		{ "one unit more", "0", E64 E64 "n", "12", "10" },
		{ "a control character", "0", "a' 07 'b", "12", "10" },
		{ "R4656: the generic type", "0", "generic", "1", "1" },
		{ "R4658: a calendar", "0", "c13", "13", "1" },
		{ "R4659: contacts", "0", "c14", "14", "1" },
		{ "R4660: tasks", "0", "c15", "15", "1" },
		{ "R4662: notes", "0", "c17", "17", "1" },
		{ "below another one", "1", "Taken", "12", "1" },
	};
	FIXTURE(f);
	struct eas_reply cache;
	const char *key;

	(void)unused;
	fixture_add_folder(&f, "Taken", FOLDER_MAIL, FOLDER_ROOT);
	key = hierarchy_key(&f);
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = create(&f, key, cases[i].parent, cases[i].name, cases[i].type);

		assert_status(cases[i].what, &r, cases[i].status);
		if (strcmp(cases[i].status, "1") == 0)
			key = key_of(&f, &r);
		else
			assert_int_equal(eas_reply_count(&r, "ServerId") + eas_reply_count(&r, "SyncKey"), 0);
	}
	cache = create(&f, key, commands(&f, "%lld", (long long)fixture_role(&f, FOLDER_RECIPIENT_CACHE)), "x", "12");
	assert_status("below the recipient cache", &cache, "3");
	f.phone.version = "12.1"; /* which is shown no notes */
	key = hierarchy_key(&f);
	assert_status("notes before 14.0",
		      &(struct eas_reply){ .status = 200, .xml = create(&f, key, "0", "n", "17").xml }, "10");
}

/* MS-ASCMD_R4096 */
static void crowd(struct fixture *f, int64_t folders)
{
	static const struct sql_def copy = {
		"test_crowd",
		"WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 999 + $2)"
		" INSERT INTO folder (mailbox_id, folder_id, parent_id, name, role, class, uid_validity, uid_next, "
		"head_change,"
		" purged_change, total, unread, created_change, modified_change, deleted_change, created_by, "
		"modified_by,"
		" deleted_by) SELECT mailbox_id, i, 0, 'f' || i, 0, class, uid_validity, uid_next, head_change,"
		" purged_change, 0, 0, created_change, modified_change, 0, created_by, modified_by, 0"
		" FROM folder, n WHERE mailbox_id = $1 AND folder_id = 1"
	};
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(stmt_run(tx, &copy, ARGS(folders)));
	assert_ok(store_commit(&tx));
}

/* MS-ASCMD_R4932: one has room still, the next has not; before 14.0 there is no such status. */
static void a_folder_too_many_is_status_151(void **unused)
{
	static const struct {
		const char *version, *status;
	} cases[] = { { "16.1", "1" }, { "16.1", "151" }, { "14.0", "151" }, { "12.1", "6" }, { "2.5", "6" } };
	enum { OF_EVERY_MAILBOX = 11 };
	FIXTURE(f);

	(void)unused;
	crowd(&f, FOLDER_MAX - OF_EVERY_MAILBOX - 1);
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;

		f.phone.version = cases[i].version;
		r = create(&f, hierarchy_key(&f), "0", "One more", "12");
		assert_status(cases[i].version, &r, cases[i].status);
	}
}

/* MS-ASCMD_R4101, R4102, R4105, R4106, R4108, R4109, R4123; the recipient cache: MS-ASCMD_R4103, R4104, R143. */
static void what_cannot_be_updated_says_why(void **unused)
{
	FIXTURE(f);
	int64_t top = fixture_add_folder(&f, "Top", FOLDER_MAIL, FOLDER_ROOT);
	int64_t below = fixture_add_folder(&f, "Below", FOLDER_MAIL, top);
	const char *top_id = commands(&f, "%lld", (long long)top), *below_id = commands(&f, "%lld", (long long)below);
	const char *cache_id = commands(&f, "%lld", (long long)fixture_role(&f, FOLDER_RECIPIENT_CACHE));
	const struct {
		const char *what, *id, *parent, *name, *status;
	} cases[] = {
		{ "R4102: the Inbox", "1", "0", "x", "2" },
		{ "the Outbox", "5", "0", "x", "2" },
		{ "the recipient cache", cache_id, "0", "x", "3" },
		{ "R5438: a name that is taken", top_id, "0", "Drafts", "2" },
		{ "R4106: a folder that is not there", "99", "0", "x", "4" },
		{ "the root", "0", "0", "x", "4" },
		{ "a name that is none of ours", "x", "0", "x", "4" },
		{ "R4109: a parent that is not there", top_id, "99", "x", "5" },
		{ "R4123: below itself", top_id, below_id, "x", "10" },
		{ "below itself at once", top_id, top_id, "x", "10" },
		{ "no name", top_id, "0", "", "10" },
		{ "257 characters", top_id, "0", N256 "n", "10" },
		{ "256 characters", top_id, "0", N256, "1" },
		{ "as it is", top_id, "0", N256, "1" },
		{ "another parent", below_id, "0", "Below", "1" },
	};
	const char *key = hierarchy_key(&f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = update(&f, key, cases[i].id, cases[i].parent, cases[i].name);

		assert_status(cases[i].what, &r, cases[i].status);
		if (strcmp(cases[i].status, "1") == 0)
			key = key_of(&f, &r);
	}
}

/* MS-ASCMD_R4046, R4047, R4048, R4049, R101. */
/* MS-ASCMD_R4040, MS-ASCMD_R99 */
static void what_cannot_be_deleted_says_why(void **unused)
{
	FIXTURE(f);
	struct eas_reply cache;
	const char *key = hierarchy_key(&f);
	static const struct {
		const char *what, *id, *status;
	} cases[] = {
		{ "R4047: the Inbox", "1", "3" },
		{ "Drafts", "2", "3" },
		{ "Deleted Items", "3", "3" },
		{ "Sent Items", "4", "3" },
		{ "the Outbox", "5", "3" },
		{ "junk", "6", "3" },
		{ "the root", "0", "3" },
		{ "R4049: one that is not there", "99", "4" },
		{ "a name that is none of ours", "x", "4" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = remove_folder(&f, key, cases[i].id);

		assert_status(cases[i].what, &r, cases[i].status);
	}
	cache = remove_folder(&f, key, commands(&f, "%lld", (long long)fixture_role(&f, FOLDER_RECIPIENT_CACHE)));
	assert_status("R101: the recipient cache", &cache, "3");
}

/* MS-ASCMD_R4034, R4062, R4122, R3102. */
static void another_shape_is_status_10(void **unused)
{
	static const struct {
		const char *command, *what, *bytes;
	} cases[] = {
		{ "FolderCreate", "nothing", "00 07 13" },
		{ "FolderCreate", "no type", "00 07 53 52 03 '1' 00 01 49 03 '0' 00 01 47 03 'x' 00 01 01" },
		{ "FolderCreate", "a type that is no number",
		  "00 07 53 52 03 '1' 00 01 49 03 '0' 00 01 47 03 'x' 00 01 4A 03 'x' 00 01 01" },
		{ "FolderCreate", "two names",
		  "00 07 53 52 03 '1' 00 01 49 03 '0' 00 01 47 03 'x' 00 01 47 03 'y' 00 01 4A 03 '12' 00 01 01" },
		{ "FolderUpdate", "R3102: a Status",
		  "00 07 55 52 03 '1' 00 01 48 03 '9' 00 01 49 03 '0' 00 01 47 03 'x' 00 01 4C 03 '1' 00 01 01" },
		{ "FolderUpdate", "no name", "00 07 55 52 03 '1' 00 01 48 03 '9' 00 01 49 03 '0' 00 01 01" },
		{ "FolderDelete", "no folder", "00 07 54 52 03 '1' 00 01 01" },
		{ "FolderDelete", "a name too", "00 07 54 52 03 '1' 00 01 48 03 '9' 00 01 47 03 'x' 00 01 01" },
		{ "FolderDelete", "an id above its limit", "00 07 54 52 03 '1' 00 01 48 03 '" N64 "9' 00 01 01" },
	};
	static const char *const versions[] = { "2.5", "12.1", "16.1" };
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases) * countof(versions); i++) {
		struct eas_reply r;

		f.phone.version = versions[i % countof(versions)];
		r = eas_phone_ask(&f.phone, cases[i / countof(versions)].command,
				  doc(&f, HEAD "%s", cases[i / countof(versions)].bytes));
		assert_status(cases[i / countof(versions)].what, &r, "10");
	}
}

/* Another phone's Ping ends, the own one does not: it knows what it did. Page 0D: 45 Ping, 48 HeartbeatInterval,
 * 49 Folders, 4A Folder, 4B Id, 4C Class. */
static void other_phones_are_woken(void **unused)
{
	FIXTURE(f);
	struct eas_phone other = eas_phone_new(f.server.port);
	struct str ping = doc(&f, HEAD "00 0D 45 48 03 '480' 00 01 49 4A 4B 03 '1' 00 01 4C 03 'Email' 00 01 01 01 01");
	struct eas_phone mine;
	struct eas_reply r;
	const char *key;

	(void)unused;
	other.device_id = "other";
	mine = f.phone;
	f.phone = other;
	hierarchy_key(&f);
	eas_phone_send(&f.phone, "Ping", ping);
	server_await_held(&f.server, 1);
	other = f.phone;
	f.phone = mine;
	key = hierarchy_key(&f);
	r = create(&f, key, "0", "New", "12");
	assert_status("create", &r, "1");
	r = eas_phone_receive(&other);
	assert_status("Ping", &r, "7");
	eas_phone_release(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_is_made_renamed_and_deleted),
		cmocka_unit_test(the_changes_of_others_are_not_lost_behind_a_command),
		cmocka_unit_test(a_command_whose_answer_was_lost_is_done_once),
		cmocka_unit_test(a_command_that_is_not_repeated_is_told_as_others_are),
		cmocka_unit_test(keys_that_are_none_are_status_9),
		cmocka_unit_test(what_cannot_be_created_says_why),
		cmocka_unit_test(a_folder_too_many_is_status_151),
		cmocka_unit_test(what_cannot_be_updated_says_why),
		cmocka_unit_test(what_cannot_be_deleted_says_why),
		cmocka_unit_test(another_shape_is_status_10),
		cmocka_unit_test(other_phones_are_woken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
