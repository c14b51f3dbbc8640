/* Sync of mail over a real connection: keys, pages, changes both ways, what is refused, and the wait. */
#include "sync_fixture.h"

#include <gateway/activesync/sync_request.h>
#include <store/sql/sql.h>
#include <tests/support/hex.h>

/*
 * Page 00: 45 Sync, 47 Add, 48 Change, 49 Delete, 4A Fetch, 4B SyncKey, 4C ClientId, 4D ServerId, 4F Collection,
 * 50 Class, 52 CollectionId, 53 GetChanges, 55 WindowSize, 56 Commands, 57 Options, 58 FilterType, 5C Collections,
 * 5D ApplicationData, 5E DeletesAsMoves, 62 MIMESupport, 64 Wait, 66 Partial, 69 HeartbeatInterval.
 * Page 02 (Email): 55 Read, 7A Flag, 7B Status, 7D FlagType. Page 11 (AirSyncBase): 45 BodyPreference, 46 Type,
 * 47 TruncationSize.
 */

/* MS-ASCMD_R654, MS-ASCMD_R749, MS-ASCMD_R4599, MS-ASCMD_R4602, MS-ASCMD_R4606, MS-ASCMD_R5032, MS-ASCMD_R5034, MS-ASCMD_R5051, MS-ASCMD_R5060 */
static void a_first_sync_gives_a_key_and_then_every_mail(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *key;

	(void)unused;
	deliver_n(&f, 3);
	r = sync_with(&f, inbox, "0", "");
	assert_int_equal(eas_reply_count(&r, "Add"), 0); /* MS-ASCMD 2.2.3.181.4 */
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	key = key_of(&f, &r);
	r = sync_with(&f, inbox, key, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 3);
	assert_false(has_more(&r));
	/* Newest first. */
	assert_true(str_eq(eas_reply_text(&r, "email:Subject", 0), S("mail-002")));
	assert_true(str_eq(eas_reply_text(&r, "email:Read", 0), S("0")));
	assert_true(str_starts(eas_reply_text(&r, "airsyncbase:Data", 0), S("Text of mail-002.")));
}

/* MS-ASCMD R4768, R4771, R4776: the collection's window, the request's, and MoreAvailable with a new key. */
/* MS-ASCMD_R5061, MS-ASCMD_R5787 */
static void a_window_cuts_the_answer_and_says_so(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key, *next;
	struct eas_reply r;

	(void)unused;
	deliver_n(&f, 5);
	key = first_key(&f, inbox);
	r = sync_with(&f, inbox, key, "55 03 '2' 00 01");
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	assert_true(has_more(&r));
	next = key_of(&f, &r);
	assert_string_not_equal(next, key);
	r = eas_phone_ask(&f.phone, "Sync", sync_doc(&f, inbox, next, "", "55 03 '1' 00 01"));
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_true(has_more(&r));
	r = sync_with(&f, inbox, key_of(&f, &r), "55 03 '0' 00 01");
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	assert_false(has_more(&r));
}

/* MS-ASCMD R4779, R4780: what found no room in the request's window is not passed over in silence. */
/* MS-ASCMD_R3448, MS-ASCMD_R1953: an empty element. */
static void a_collection_without_room_says_that_there_is_more(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), archive = fixture_add_folder(&f, "Archive", FOLDER_MAIL, 0);
	const char *first, *second, *next;
	struct eas_reply r;

	(void)unused;
	deliver_n(&f, 2);
	fixture_add_item(&f, archive, STORE_NOBODY);
	first = first_key(&f, inbox);
	second = first_key(&f, archive);
	r = eas_phone_ask(&f.phone, "Sync",
			  doc(&f,
			      HEAD "45 5C 4F 4B 03 '%s' 00 01 52 03 '%lld' 00 01 01"
				   " 4F 4B 03 '%s' 00 01 52 03 '%lld' 00 01 01 01 55 03 '2' 00 01 01",
			      first, (long long)inbox, second, (long long)archive));
	assert_int_equal(eas_reply_count(&r, "Collection"), 2);
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	assert_true(has_more(&r));
	assert_int_equal(eas_reply_count(&r, "Commands"), 1);
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "SyncKey", 1), &next));
	assert_string_not_equal(next, second); /* MS-ASCMD_R5053: a new key for each */
	assert_string_not_equal(key_of(&f, &r), first);
	r = sync_with(&f, archive, next, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

/* MS-ASCMD R5121; rule 5 of docs/sync.md. */
static void a_lost_response_is_given_again(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key, *lost;
	struct eas_reply r;

	(void)unused;
	deliver_n(&f, 4);
	key = first_key(&f, inbox);
	r = sync_with(&f, inbox, key, "55 03 '3' 00 01");
	lost = key_of(&f, &r);
	r = sync_with(&f, inbox, key, "55 03 '3' 00 01");
	assert_int_equal(eas_reply_count(&r, "Add"), 3);
	assert_string_not_equal(key_of(&f, &r), lost);
	r = sync_with(&f, inbox, key_of(&f, &r), "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	/* The phone has shown which answer it got: the key of the other is nobody's now. */
	r = sync_with(&f, inbox, lost, "");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
}

/* MS-ASCMD R4425; the other collections of the request go on. */
/* MS-ASCMD_R4417 */
static void a_foreign_key_is_status_3_for_its_collection_alone(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), sent = fixture_role(&f, FOLDER_SENT);
	const char *key = first_key(&f, inbox);
	struct eas_reply r;

	(void)unused;
	deliver_n(&f, 1);
	r = eas_phone_ask(&f.phone, "Sync",
			  doc(&f,
			      HEAD "45 5C 4F 4B 03 '77' 00 01 52 03 '%lld' 00 01 01 "
				   "4F 4B 03 '%s' 00 01 52 03 '%lld' 00 01 01 01 01",
			      (long long)sent, key, (long long)inbox));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

/* Sync-engine rule 8. */
/* MS-ASCMD_R679 */
static void nothing_new_is_no_document_no_write_and_no_new_key(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	uint64_t flushes;
	const char *key;
	size_t adds;

	(void)unused;
	deliver_n(&f, 2);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	assert_int_equal(adds, 2);
	(void)sync_with(&f, inbox, key, ""); /* the request with this key is kept (R666): once */
	flushes = store_flushes(f.server.store);
	for (int i = 0; i < 3; i++) {
		struct eas_reply r = sync_with(&f, inbox, key, "");

		assert_int_equal(r.status, 200);
		assert_int_equal(r.body.n, 0);
		assert_null(eas_reply_header(&r, "Content-Type").p);
	}
	assert_int_equal(store_flushes(f.server.store), flushes);
}

/* MS-ASEMAIL R41; sync-engine rule 4: the phone is not told what it did itself, another one is. */
static void a_phone_reads_flags_and_files_a_mail(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	const char *key, *other;
	struct eas_reply r;
	struct item item;
	size_t adds;

	(void)unused;
	deliver_n(&f, 1);
	id = only_item(&f, inbox);
	f.phone.device_id = "OTHER";
	other = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	f.phone.device_id = "FIRST";
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	/* Read 1; Flag {Status 2, FlagType}; Categories {Category}. Page 02: 55 Read, 7A Flag, 7B Status, 7D FlagType,
	 * 5B Categories, 5C Category. */
	r = sync_with(&f, inbox, key,
		      commands(&f,
			       "56 48 4D 03 '%lld:%lld' 00 01 5D 00 02 55 03 '1' 00 01 7A 7B 03 '2' 00 01 "
			       "7D 03 'for Follow Up' 00 01 01 5B 5C 03 'Red' 00 01 01 01 00 00 01 01",
			       (long long)inbox, (long long)id));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_int_equal(eas_reply_count(&r, "Responses"), 0);
	assert_int_equal(eas_reply_count(&r, "Commands"), 0);
	item = item_of(&f, inbox, id);
	assert_int_equal(item.flags & (ITEM_SEEN | ITEM_FLAGGED), ITEM_SEEN | ITEM_FLAGGED);
	assert_true(str_eq(item.keywords, S("Red\n")));

	f.phone.device_id = "OTHER";
	r = sync_with(&f, inbox, other, "");
	assert_int_equal(eas_reply_count(&r, "Change"), 1);
	assert_true(str_eq(eas_reply_text(&r, "email:Read", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "email:Status", 0), S("2")));
	assert_true(str_eq(eas_reply_text(&r, "email:Category", 0), S("Red")));
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Body"), 0);
}

static void a_delete_moves_to_deleted_items_unless_told_not_to(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), deleted = fixture_role(&f, FOLDER_DELETED), id;
	struct eas_reply r;
	const char *key;
	size_t adds;

	(void)unused;
	deliver_n(&f, 1);
	id = only_item(&f, inbox);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	r = sync_with(&f, inbox, key,
		      commands(&f, "56 49 4D 03 '%lld:%lld' 00 01 01 01", (long long)inbox, (long long)id));
	assert_int_equal(eas_reply_count(&r, "Delete"), 0);
	assert_int_equal(only_item(&f, deleted), id);

	deliver_n(&f, 1);
	id = only_item(&f, inbox);
	key = sync_all(&f, inbox, key_of(&f, &r), &adds);
	assert_int_equal(adds, 1);
	r = sync_with(
		&f, inbox, key,
		commands(&f, "5E 03 '0' 00 01 56 49 4D 03 '%lld:%lld' 00 01 01 01", (long long)inbox, (long long)id));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_int_equal(only_item(&f, inbox), 0);
}

/* A retry with the former key: the command is answered, not done again. */
static void a_repeated_command_is_not_done_twice(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), deleted = fixture_role(&f, FOLDER_DELETED), id;
	const char *key, *delete;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	deliver_n(&f, 1);
	id = only_item(&f, inbox);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	delete = commands(&f, "56 49 4D 03 '%lld:%lld' 00 01 01 01", (long long)inbox, (long long)id);
	(void)sync_with(&f, inbox, key, delete);
	r = sync_with(&f, inbox, key, delete);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_int_equal(eas_reply_count(&r, "Responses"), 0);
	assert_int_equal(only_item(&f, deleted), id);
}

/* MS-ASCMD_R755, MS-ASCMD_R4419 */
static void what_fails_is_told_by_item(void **unused)
{
	static const struct {
		const char *what, *command; /* %lld:%lld the item */
		const char *status;
	} cases[] = {
		{ "a Change of what is not there", "48 4D 03 '%lld:99%lld' 00 01 5D 00 02 55 03 '1' 00 01 01 00 00 01",
		  "8" },
		{ "a Delete of what is not there", "49 4D 03 '%lld:99%lld' 00 01 01", "8" },
		{ "a Fetch of what is not there", "4A 4D 03 '%lld:99%lld' 00 01 01", "8" },
		/* MS-ASEMAIL R643, R757, R347 */
		{ "Read that is no boolean", "48 4D 03 '%lld:%lld' 00 01 5D 00 02 55 03 'x' 00 01 01 00 00 01", "6" },
		{ "a Flag with Status 3", "48 4D 03 '%lld:%lld' 00 01 5D 00 02 7A 7B 03 '3' 00 01 01 01 00 00 01",
		  "6" },
		{ "a change of the Subject", "48 4D 03 '%lld:%lld' 00 01 5D 00 02 54 03 'x' 00 01 01 00 00 01", "6" },
		{ "an Add of mail", "47 4C 03 '%lld-%lld' 00 01 5D 00 02 55 03 '1' 00 01 01 00 00 01", "6" },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	const char *key;
	size_t adds;

	(void)unused;
	deliver_n(&f, 1);
	id = only_item(&f, inbox);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf text = BUF_INIT(4096);
		struct str fmt = str_of(cases[i].command), part;
		struct eas_reply r;
		int n = 0;

		buf_cstr(&text, "56 ");
		for (size_t at; (at = str_find(fmt, S("%lld"))) < fmt.n; fmt = str_slice(fmt, at + 4, fmt.n)) {
			part = str_slice(fmt, 0, at);
			buf_str(&text, part);
			buf_i64(&text, n++ ? id : inbox);
		}
		buf_str(&text, fmt);
		buf_cstr(&text, " 01");
		buf_char(&text, '\0');
		r = sync_with(&f, inbox, key, text.p);
		if (!str_eq(eas_reply_text(&r, "Status", 1), str_of(cases[i].status)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
		key = key_of(&f, &r);
		buf_release(&text);
	}
}

/* What is wrong with the request as a whole. */
/* MS-ASCMD_R4415, MS-ASCMD_R4748 */
static void a_malformed_request_gets_its_status(void **unused)
{
	static const struct {
		const char *what, *bytes;
		const char *status; /* NULL: HTTP 400 before 14.0, 102 after */
	} cases[] = {
		{ "no collections", HEAD "45 5C 01 01", "4" },                        /* our choice */
		{ "no SyncKey", HEAD "45 5C 4F 52 03 '1' 00 01 01 01 01", "4" },      /* MS-ASCMD R4431 */
		{ "no CollectionId", HEAD "45 5C 4F 4B 03 '0' 00 01 01 01 01", "4" }, /* R1399 */
		{ "an unknown child", HEAD "45 5C 4F 4B 03 '0' 00 01 52 03 '1' 00 01 0E 01 01 01", "4" },
		{ "commands with key 0",
		  HEAD "45 5C 4F 4B 03 '0' 00 01 52 03 '1' 00 01 56 49 4D 03 '1:1' 00 01 01 01 01 01 01", "4" },
		{ "a command without an id", HEAD "45 5C 4F 4B 03 '7' 00 01 52 03 '1' 00 01 56 49 01 01 01 01 01",
		  "4" },
		{ "FilterType 9", HEAD "45 5C 4F 4B 03 '0' 00 01 52 03 '1' 00 01 57 58 03 '9' 00 01 01 01 01 01", "4" },
		{ "Wait and HeartbeatInterval", /* 2.2.3.198 */
		  HEAD "45 5C 4F 4B 03 '0' 00 01 52 03 '1' 00 01 01 01 64 03 '5' 00 01 69 03 '300' 00 01 01", "4" },
		{ "a collection twice", /* our choice */
		  HEAD "45 5C 4F 4B 03 '0' 00 01 52 03 '1' 00 01 01 4F 4B 03 '0' 00 01 52 03 '1' 00 01 01 01 01", "4" },
		{ "Collections twice",
		  HEAD "45 5C 4F 4B 03 '0' 00 01 52 03 '1' 00 01 01 01 5C 4F 4B 03 '0' 00 01 52 03 '2' 00 01 01 01 01",
		  "4" },
		{ "a Partial", HEAD "45 26 55 03 '5' 00 01 01", "13" }, /* R4456 */
		{ "a document cut short", HEAD "45 5C 4F 4B 03 '0'", NULL },
		{ "a token of no page", HEAD "45 5C 7F 01 01 01", NULL },
		{ "a string table", "03 01 6A 04 41 42 43 00 45 01", NULL },
		{ "an attribute", HEAD "C5 01 01", NULL },
		{ "bytes after the root", HEAD "45 5C 01 01 45", NULL },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *wanted = cases[i].status ? cases[i].status : "102";
		struct eas_reply r = eas_phone_ask(&f.phone, "Sync", hex(&f.arena, cases[i].bytes));

		if (r.status != 200 || !str_eq(eas_reply_text(&r, "Status", 0), str_of(wanted)))
			fail_msg("%s: HTTP %d " STR_FMT, cases[i].what, r.status, STR_ARG(r.xml));
	}
}

/* MS-ASCMD R5659: 200 commands and one more. */
static void a_request_has_two_hundred_commands_at_most(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key = first_key(&f, inbox);

	(void)unused;
	for (unsigned n = EAS_SYNC_MAX_COMMANDS; n <= EAS_SYNC_MAX_COMMANDS + 1; n++) {
		struct buf text = BUF_INIT(1 << 16);
		struct eas_reply r;

		buf_cstr(&text, "56 ");
		for (unsigned i = 0; i < n; i++)
			buf_fmt(&text, "49 4D 03 '%lld:%u' 00 01 01 ", (long long)inbox, 1000 + i);
		buf_cstr(&text, "01");
		buf_char(&text, '\0');
		r = sync_with(&f, inbox, key, text.p);
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), n > EAS_SYNC_MAX_COMMANDS ? S("4") : S("1")));
		if (n == EAS_SYNC_MAX_COMMANDS)
			key = key_of(&f, &r);
		buf_release(&text);
	}
}

/* What another user has is nothing to this one, by whatever id. */
static void another_mailbox_is_out_of_reach(void **unused)
{
	FIXTURE(f);
	struct server_account bob = server_add_account(&f.server, "bob@example.test", "secret");
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *key;

	(void)unused;
	deliver(&f, bob.mailbox, "private");
	key = first_key(&f, inbox);
	r = sync_with(&f, inbox, key, "");
	assert_int_equal(r.body.n, 0);
	/* Bob's item has this very name in his own mailbox. */
	r = sync_with(&f, inbox, key, commands(&f, "56 4A 4D 03 '%lld:1' 00 01 01 01", (long long)inbox));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("8")));
	for (int64_t folder = inbox + 100; folder < inbox + 103; folder++) {
		r = sync_with(&f, folder, "0", "");
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("12")));
	}
	/* A key of hers in his mailbox. */
	f.phone.login = "bob@example.test";
	r = sync_with(&f, inbox, key, "");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
}

/* MS-ASCMD R4460, R4461: the nearest bound, in the unit that was asked in. */
/* MS-ASCMD_R3225, MS-ASCMD_R3227, MS-ASCMD_R3228, MS-ASCMD_R3229, MS-ASCMD_R3230, MS-ASCMD_R4746 */
static void a_hold_out_of_range_names_the_bound(void **unused)
{
	static const struct {
		const char *what, *tail, *limit;
	} cases[] = {
		{ "no minute", "64 03 '0' 00 01", "1" },
		{ "sixty minutes", "64 03 '60' 00 01", "59" },
		{ "one second short", "69 03 '59' 00 01", "60" },
		{ "one second over", "69 03 '3541' 00 01", "3540" },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key = first_key(&f, inbox);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = eas_phone_ask(&f.phone, "Sync", sync_doc(&f, inbox, key, "", cases[i].tail));

		if (!str_eq(eas_reply_text(&r, "Status", 0), S("14")) ||
		    !str_eq(eas_reply_text(&r, "Limit", 0), str_of(cases[i].limit)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

static void a_held_sync_ends_with_the_new_mail(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *key;

	(void)unused;
	fixture_learn_hierarchy(&f);
	key = first_key(&f, inbox);
	eas_phone_send(&f.phone, "Sync", sync_doc(&f, inbox, key, "", "69 03 '600' 00 01"));
	server_await_held(&f.server, 1);
	deliver_n(&f, 1);
	r = eas_phone_receive(&f.phone);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	/* And with the deadline, with nothing: MS-ASCMD 2.2.1.21. */
	eas_phone_send(&f.phone, "Sync", sync_doc(&f, inbox, key_of(&f, &r), "", "64 03 '59' 00 01"));
	server_await_held(&f.server, 1);
	server_advance(&f.server, 59 * 60 * 1000 - 200);
	server_await_held(&f.server, 1);
	server_advance(&f.server, 400);
	r = eas_phone_receive(&f.phone);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0);
}

/* A request with commands is answered at once, whatever wait it asks for. */
static void commands_are_never_held(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	struct eas_reply r;
	const char *key;
	size_t adds;

	(void)unused;
	deliver_n(&f, 1);
	id = only_item(&f, inbox);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	r = eas_phone_ask(&f.phone, "Sync",
			  sync_doc(&f, inbox, key,
				   commands(&f, "56 49 4D 03 '%lld:%lld' 00 01 01 01", (long long)inbox, (long long)id),
				   "69 03 '600' 00 01"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
}

/* MS-ASCMD R6319: Class stands in a Collection up to 12.1 only. */
static void a_collection_names_its_class_to_old_phones(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	f.phone.version = "12.1";
	r = sync_with(&f, inbox, "0", "");
	assert_true(str_eq(eas_reply_text(&r, "Class", 0), S("Email")));
	f.phone.version = "14.0";
	r = sync_with(&f, inbox, "0", "");
	assert_int_equal(eas_reply_count(&r, "Class"), 0);
}

/* MS-ASCMD 2.2.3.68.2: a day; ageing comes as SoftDelete, and a wider filter brings the mail back. */
/* MS-ASCMD_R2987, MS-ASCMD_R3967 */
static void a_filter_follows_the_clock(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *day = "57 58 03 '1' 00 01 01", *all = "57 58 03 '0' 00 01 01", *key;
	struct eas_reply r;

	(void)unused;
	deliver_n(&f, 1);
	key = first_key(&f, inbox);
	r = sync_with(&f, inbox, key, day);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	server_advance(&f.server, 25 * 60 * 60 * 1000);
	/* The options are remembered (MS-ASAIRS R157). */
	r = sync_with(&f, inbox, key_of(&f, &r), "");
	assert_int_equal(eas_reply_count(&r, "SoftDelete"), 1);
	r = sync_with(&f, inbox, key_of(&f, &r), all);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_sync_gives_a_key_and_then_every_mail),
		cmocka_unit_test(a_window_cuts_the_answer_and_says_so),
		cmocka_unit_test(a_collection_without_room_says_that_there_is_more),
		cmocka_unit_test(a_lost_response_is_given_again),
		cmocka_unit_test(a_foreign_key_is_status_3_for_its_collection_alone),
		cmocka_unit_test(nothing_new_is_no_document_no_write_and_no_new_key),
		cmocka_unit_test(a_phone_reads_flags_and_files_a_mail),
		cmocka_unit_test(a_delete_moves_to_deleted_items_unless_told_not_to),
		cmocka_unit_test(a_repeated_command_is_not_done_twice),
		cmocka_unit_test(what_fails_is_told_by_item),
		cmocka_unit_test(a_malformed_request_gets_its_status),
		cmocka_unit_test(a_request_has_two_hundred_commands_at_most),
		cmocka_unit_test(another_mailbox_is_out_of_reach),
		cmocka_unit_test(a_hold_out_of_range_names_the_bound),
		cmocka_unit_test(a_held_sync_ends_with_the_new_mail),
		cmocka_unit_test(commands_are_never_held),
		cmocka_unit_test(a_collection_names_its_class_to_old_phones),
		cmocka_unit_test(a_filter_follows_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
