/* Folders of others on a phone: what a share shows, what it lets a guest do, and what is left when it is taken back. */
#include "calendar_fixture.h"
#include "meeting_fixture.h"
#include "shared_fixture.h"

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/mount.h>
#include <tests/support/hex.h>

#define NEW_EVENT                                                                                                \
	"<Calendar:StartTime>20260110T090000Z</><Calendar:EndTime>20260110T100000Z</><Calendar:Subject>Visit</>" \
	"<Calendar:UID>visit</><Calendar:DtStamp>20260101T000000Z</>"

static const char *const versions[] = { "2.5", "12.0", "12.1", "14.0", "14.1", "16.0", "16.1" };

/* ---- what is shown ---- */

static void a_shared_calendar_is_a_folder_of_the_guests_phone(void **state)
{
	for (size_t v = 0; v < countof(versions); v++) {
		SHARED(s);
		struct eas_reply r;
		const char *key;
		size_t adds = 0;
		int64_t mount;

		(void)state;
		put_event(&s, EVENT_OF("one", ""));
		share_with(&s, s.calendar, false);
		s.f.phone.version = versions[v];
		r = fixture_foldersync(&s.f, "0");
		assert_true(says(xml_of(&r), "Calendar (bob@example.test)"));
		assert_true(says(xml_of(&r), ">13<")); /* MS-ASCMD_R4679: a calendar that a user made */
		assert_int_equal(mounts_of(&s, &mount), 1);
		key = sync_all(&s.f, mount, first_key(&s.f, mount), &adds);
		assert_int_equal(adds, 1);
		r = sync_with(&s.f, mount, key, "");
		put_event(&s, EVENT_OF("two", ""));
		r = sync_with(&s.f, mount, key, "");
		assert_int_equal(eas_reply_count(&r, "Add"), 1);
		assert_true(says(xml_of(&r), "two lunch"));
		assert_true(says(xml_of(&r), name_of(&s, mount, 2)));
		assert_int_equal(events_of(&s, s.f.ann.mailbox, mount), 0);
	}
}

static void contacts_and_tasks_are_shared_as_what_they_are(void **state)
{
	SHARED(s);
	struct eas_reply r;

	(void)state;
	share_with(&s, role_of(&s.f, s.bob.mailbox, FOLDER_DEFAULT_CONTACTS), false);
	share_with(&s, role_of(&s.f, s.bob.mailbox, FOLDER_DEFAULT_TASKS), false);
	share_with(&s, role_of(&s.f, s.bob.mailbox, FOLDER_DEFAULT_NOTES), false);
	share_with(&s, role_of(&s.f, s.bob.mailbox, FOLDER_INBOX),
		   false); /* mail has no mount, whoever wrote the share */
	r = fixture_foldersync(&s.f, "0");
	assert_true(says(xml_of(&r), "Contacts (bob@example.test)") && says(xml_of(&r), ">14<"));
	assert_true(says(xml_of(&r), "Tasks (bob@example.test)") && says(xml_of(&r), ">15<"));
	assert_true(says(xml_of(&r), "Notes (bob@example.test)") && says(xml_of(&r), ">17<"));
	assert_false(says(xml_of(&r), "Inbox (bob"));
}

static void of_what_is_private_a_guest_sees_when_and_no_more(void **state)
{
	SHARED(s);
	int64_t mount, item = put_event(&s, EVENT_OF("secret", "CLASS:PRIVATE\r\n"));
	struct eas_reply r;
	const char *key;

	(void)state;
	mount = share_calendar(&s, true);
	key = first_key(&s.f, mount);
	r = sync_with(&s.f, mount, key, "");
	assert_element(&r, "Subject", "Private appointment");
	assert_element(&r, "StartTime", "20260105T090000Z");
	assert_false(says(xml_of(&r), "lunch") || says(xml_of(&r), "bar") || says(xml_of(&r), "words") ||
		     says(xml_of(&r), "carl"));
	key = key_of(&s.f, &r);
	r = sync_command(&s.f, mount, &key, fetch_item(&s.f, name_of(&s, mount, item)));
	assert_element(&r, "Subject", "Private appointment");
	assert_false(says(xml_of(&r), "lunch") || says(xml_of(&r), "carl"));
	/* The right to edit is not one to edit that, nor to find it by its UID. */
	r = sync_command(&s.f, mount, &key, change_item(&s.f, name_of(&s, mount, item), "<Calendar:Subject>Mine</>"));
	assert_element(&r, "Subject", "Private appointment");
	r = sync_command(&s.f, mount, &key, delete_item(&s.f, name_of(&s, mount, item)));
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	s.f.phone.version = "14.1";
	r = sync_command(&s.f, mount, &key,
			 add_item(&s.f, "c1",
				  "<Calendar:StartTime>20260105T090000Z</><Calendar:EndTime>20260105T100000Z</>"
				  "<Calendar:Subject>Mine</><Calendar:UID>secret</>"));
	assert_element(&r, "Status", "6");
	assert_true(says(event_octets(&s, item), "SUMMARY:secret lunch"));
	assert_int_equal(events_of(&s, s.bob.mailbox, s.calendar), 1);
}

static void other_commands_find_what_is_shared_as_well(void **state)
{
	SHARED(s);
	int64_t mount, item = put_event(&s, EVENT_OF("one", ""));
	struct eas_reply r;
	const char *key;

	(void)state;
	mount = share_calendar(&s, false);
	key = first_key(&s.f, mount);
	r = eas_phone_ask(&s.f.phone, "GetItemEstimate",
			  doc(&s.f, HEAD "00 06 45 47 48 00 00 4B 03 '%s' 00 01 00 06 4A 03 '%lld' 00 01 01 01 01", key,
			      (long long)mount));
	assert_element(&r, "Estimate", "1");
	r = eas_phone_ask(&s.f.phone, "ItemOperations",
			  doc(&s.f,
			      HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 00 52 03 '%lld' 00 01 4D 03 '%s' 00 01 01 01",
			      (long long)mount, name_of(&s, mount, item)));
	assert_true(says(xml_of(&r), "one lunch"));
}

/* A FileReference names the mount, and finds what is shared alone. MS-ASAIRS_R1082 */
static void attachments_of_shared_events_are_fetched_as_others(void **state)
{
	SHARED(s);
	int64_t mount = share_calendar(&s, true);
	const char *key = first_key(&s.f, mount), *reference, *id;
	struct eas_reply r;

	(void)state;
	r = sync_command(
		&s.f, mount, &key,
		add_item(&s.f, "c1",
			 "<Calendar:StartTime>20260110T090000Z</><Calendar:EndTime>20260110T100000Z</>"
			 "<Calendar:Subject>Visit</"
			 "><AirSyncBase:Attachments><AirSyncBase:Add><AirSyncBase:ClientId>f1</>"
			 "<AirSyncBase:Method>1</><AirSyncBase:ContentType>text/plain</><AirSyncBase:Content>d29yZHM=</"
			 "><AirSyncBase:DisplayName>a.txt</></></>"));
	assert_ok(arena_cstr(&s.f.arena, eas_reply_text(&r, "ServerId", 0), &id));
	assert_ok(arena_cstr(&s.f.arena, eas_reply_text(&r, "airsyncbase:FileReference", 0), &reference));
	assert_true(str_starts(str_of(reference), str_of(id)));
	r = eas_phone_ask(&s.f.phone, "ItemOperations",
			  doc(&s.f, HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 11 51 03 '%s' 00 01 01 01", reference));
	assert_true(says(xml_of(&r), "d29yZHM=")); /* words */
	r = sync_command(&s.f, mount, &key, fetch_item(&s.f, id));
	assert_true(says(xml_of(&r), reference));
	change_share(&s, s.calendar, false, false);
	r = eas_phone_ask(&s.f.phone, "ItemOperations",
			  doc(&s.f, HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 11 51 03 '%s' 00 01 01 01", reference));
	assert_element(&r, "Status", "15");
}

/* ---- what a guest may do ---- */

static void who_may_edit_edits_the_owners_calendar(void **state)
{
	SHARED(s);
	int64_t mount, item = put_event(&s, EVENT_OF("one", ""));
	struct eas_reply r;
	const char *key;

	(void)state;
	mount = share_calendar(&s, true);
	key = first_key(&s.f, mount);
	r = sync_with(&s.f, mount, key, "");
	key = key_of(&s.f, &r);
	r = sync_command(&s.f, mount, &key, change_item(&s.f, name_of(&s, mount, item), "<Calendar:Subject>Dinner</>"));
	assert_true(says(event_octets(&s, item), "SUMMARY:Dinner"));
	assert_true(says(event_octets(&s, item), "ORGANIZER:mailto:bob@example.test"));
	added_item(&s.f, mount, &key, "c1",
		   "<Calendar:StartTime>20260110T090000Z</><Calendar:EndTime>20260110T100000Z</"
		   "><Calendar:Subject>Visit</>");
	assert_int_equal(events_of(&s, s.bob.mailbox, s.calendar), 2);
	r = sync_with(&s.f, mount, key, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 0); /* its own */
	sync_command(&s.f, mount, &key, delete_item(&s.f, name_of(&s, mount, item)));
	assert_int_equal(events_of(&s, s.bob.mailbox, s.calendar), 1);
	assert_int_equal(events_of(&s, s.f.ann.mailbox, mount), 0);
}

static void what_a_reader_changes_comes_back_to_his_phone(void **state)
{
	for (size_t v = 0; v < countof(versions); v++) {
		SHARED(s);
		int64_t mount, item = put_event(&s, EVENT_OF("one", ""));
		struct eas_reply r;
		const char *key;

		(void)state;
		s.f.phone.version = versions[v];
		mount = share_calendar(&s, false);
		key = first_key(&s.f, mount);
		r = sync_with(&s.f, mount, key, "");
		key = key_of(&s.f, &r);
		r = sync_command(&s.f, mount, &key,
				 change_item(&s.f, name_of(&s, mount, item), "<Calendar:Subject>Mine</>"));
		assert_element(&r, "Status", "7"); /* MS-ASCMD_R4443: the server's version holds */
		assert_element(&r, "Subject", "one lunch");
		r = sync_command(&s.f, mount, &key, delete_item(&s.f, name_of(&s, mount, item)));
		assert_element(&r, "Subject", "one lunch"); /* as an Add: it has it again */
		assert_true(says(xml_of(&r), "<Commands><Add>"));
		r = sync_command(&s.f, mount, &key, add_item(&s.f, "c1", NEW_EVENT));
		assert_element(&r, "Status", "6"); /* MS-ASCMD_R4439: it is not to be sent again */
		r = sync_with(&s.f, mount, key, "");
		assert_int_equal(eas_reply_count(&r, "Commands"), 0);
		assert_true(says(event_octets(&s, item), "SUMMARY:one lunch"));
		assert_int_equal(events_of(&s, s.bob.mailbox, s.calendar), 1);
	}
}

/* A page has brought it, and the round that it came in is open still. */
static void what_a_reader_was_told_a_moment_ago_comes_back_too(void **state)
{
	static const char *const uids[] = { EVENT_OF("one", ""), EVENT_OF("two", ""), EVENT_OF("three", "") };
	SHARED(s);
	int64_t mount = share_calendar(&s, false), items[countof(uids)];
	const char *key = first_key(&s.f, mount);
	struct eas_reply r;

	(void)state;
	r = sync_with(&s.f, mount, key, "");
	if (r.xml.n)
		key = key_of(&s.f, &r);
	for (size_t i = 0; i < countof(uids); i++)
		items[i] = put_event(&s, uids[i]);
	for (size_t i = 0; i + 1 < countof(uids); i++) {
		r = sync_with(&s.f, mount, key, "13 55 03 '1' 00 01");
		assert_int_equal(eas_reply_count(&r, "Add"), 1);
		assert_element(&r, "ServerId", name_of(&s, mount, items[i]));
		key = key_of(&s.f, &r);
		r = sync_command(&s.f, mount, &key, delete_item(&s.f, name_of(&s, mount, items[i])));
		assert_true(says(xml_of(&r), "<Commands><Add>"));
	}
	/* What has not come has not to come back. */
	r = sync_command(&s.f, mount, &key, delete_item(&s.f, name_of(&s, mount, items[2])));
	assert_int_equal(eas_reply_count(&r, "Commands"), 0);
}

/* MS-ASCMD_R4776: also of what comes back beside news. What the window has no room for is left to key 0. */
static void what_comes_back_keeps_to_the_window(void **state)
{
	static const char *const uids[] = { EVENT_OF("one", ""), EVENT_OF("two", ""), EVENT_OF("three", "") };
	SHARED(s);
	int64_t mount = share_calendar(&s, false), items[countof(uids)];
	const char *key = first_key(&s.f, mount), *subject = elements(&s.f, "<Calendar:Subject>Mine</>");
	const char *windows[] = { "55 03 '2' 00 01", "55 03 '3' 00 01" };
	char *edits[countof(uids)];
	struct eas_reply r;
	size_t adds;

	(void)state;
	for (size_t i = 0; i < countof(uids); i++) {
		items[i] = put_event(&s, uids[i]);
		edits[i] = commands(&s.f, "48 4D 03 '%s' 00 01 5D %s 01 01", name_of(&s, mount, items[i]), subject);
	}
	key = sync_all(&s.f, mount, key, &adds);
	assert_int_equal(adds, countof(uids));
	put_event(&s, EVENT_OF("four", ""));
	put_event(&s, EVENT_OF("five", ""));
	r = sync_with(&s.f, mount, key, commands(&s.f, "%s 56 %s %s 01", windows[1], edits[0], edits[1]));
	key = key_of(&s.f, &r);
	assert_int_equal(count_in(xml_of(&r), "<Change><ServerId>"), 2 + 2); /* with the responses */
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_true(has_more(&r));
	r = sync_with(&s.f, mount, key, windows[1]);
	key = key_of(&s.f, &r);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_false(has_more(&r));

	put_event(&s, EVENT_OF("six", ""));
	r = sync_with(&s.f, mount, key, commands(&s.f, "%s 56 %s %s 01", windows[0], edits[0], edits[1]));
	key = key_of(&s.f, &r);
	assert_int_equal(eas_reply_count(&r, "Add"), 0);
	assert_true(has_more(&r));
	r = sync_with(&s.f, mount, key, commands(&s.f, "%s 56 %s %s %s 01", windows[0], edits[0], edits[1], edits[2]));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
	assert_string_equal(key_of(&s.f, &r), "0");
	sync_all(&s.f, mount, first_key(&s.f, mount), &adds);
	assert_int_equal(adds, countof(uids) + 3);
}

static void where_that_answer_was_lost_the_reader_gets_it_again_or_begins_anew(void **state)
{
	SHARED(s);
	int64_t mount, item = put_event(&s, EVENT_OF("one", ""));
	const char *key, *lost, *goes;
	struct eas_reply r;

	(void)state;
	mount = share_calendar(&s, false);
	key = first_key(&s.f, mount);
	r = sync_with(&s.f, mount, key, "");
	lost = key = key_of(&s.f, &r);
	goes = delete_item(&s.f, name_of(&s, mount, item));
	sync_command(&s.f, mount, &lost, goes);
	lost = key;
	r = sync_command(&s.f, mount, &lost, goes); /* said again: given back again */
	assert_true(says(xml_of(&r), "<Commands><Add>"));
	r = sync_with(&s.f, mount, key, ""); /* not said again: who knows what the phone shows */
	assert_element(&r, "Status", "3");
	r = sync_with(&s.f, mount, first_key(&s.f, mount), "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

static void nothing_is_put_into_a_mount_or_below_it(void **state)
{
	SHARED(s);
	int64_t mount, other, own, id;
	struct store_tx *tx;
	struct item made;
	struct eas_reply r;

	(void)state;
	mount = share_calendar(&s, true);
	other = fixture_add_folder(&s.f, "Second", FOLDER_CALENDAR, FOLDER_ROOT);
	own = put_octets(&s.f, other, EVENT_OF("own", ""));
	assert_ok(store_begin(s.f.server.store, s.f.ann.mailbox, STORE_WRITE, &tx));
	assert_int_equal(item_add(tx, &(struct item_new){ .folder = mount, .by = AUTHOR_NOBODY }, &made),
			 ERR_NOT_FOUND);
	store_tx_end(&tx);
	assert_ok(store_begin(s.f.server.store, s.f.ann.mailbox, STORE_WRITE, &tx));
	assert_int_equal(folder_create(tx,
				       &(struct folder_new){ .parent = mount,
							     .name = S("Below"),
							     .class = FOLDER_CALENDAR,
							     .by = AUTHOR_NOBODY },
				       &id),
			 ERR_NOT_FOUND);
	store_tx_end(&tx);
	assert_ok(store_begin(s.f.server.store, s.f.ann.mailbox, STORE_WRITE, &tx));
	assert_int_equal(folder_update(tx, other, mount, S("Second"), &AUTHOR_NOBODY), ERR_NOT_FOUND);
	assert_int_equal(folder_delete(tx, mount, &AUTHOR_NOBODY), ERR_DENIED);
	store_tx_end(&tx);
	/* What a phone asks of it: MS-ASCMD_R4047, MS-ASCMD_R4019, MS-ASCMD_R4109 */
	r = fixture_foldersync(&s.f, "0");
	r = eas_phone_ask(
		&s.f.phone, "FolderDelete",
		doc(&s.f, HEAD "00 07 54 52 03 '%s' 00 01 48 03 '%lld' 00 01 01", key_of(&s.f, &r), (long long)mount));
	assert_element(&r, "Status", "3");
	r = fixture_foldersync(&s.f, "0");
	r = eas_phone_ask(
		&s.f.phone, "FolderCreate",
		doc(&s.f, HEAD "00 07 53 52 03 '%s' 00 01 49 03 '%lld' 00 01 47 03 'Below' 00 01 4A 03 '13' 00 01 01",
		    key_of(&s.f, &r), (long long)mount));
	assert_element(&r, "Status", "5");
	r = eas_phone_ask(&s.f.phone, "MoveItems",
			  doc(&s.f,
			      HEAD "00 05 45 46 47 03 '%lld:%lld' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01 01",
			      (long long)other, (long long)own, (long long)other, (long long)mount));
	assert_element(&r, "Status", "2"); /* MS-ASCMD_R4212 */
	assert_int_equal(events_of(&s, s.f.ann.mailbox, other), 1);
}

/* ---- what is taken back, and what never was given ---- */

static void what_is_taken_back_ends_at_once(void **state)
{
	SHARED(s);
	int64_t mount, left, item = put_event(&s, EVENT_OF("one", ""));
	struct eas_reply r;
	const char *key;

	(void)state;
	mount = share_calendar(&s, true);
	key = first_key(&s.f, mount);
	r = sync_with(&s.f, mount, key, "");
	key = key_of(&s.f, &r);
	/* The share alone: as if whoever took it back were killed before the mount went. */
	change_share(&s, s.calendar, false, false);
	r = sync_with(&s.f, mount, key, delete_item(&s.f, name_of(&s, mount, item)));
	assert_element(&r, "Status", "12");
	assert_false(says(xml_of(&r), "lunch"));
	assert_int_equal(events_of(&s, s.bob.mailbox, s.calendar), 1);
	r = eas_phone_ask(&s.f.phone, "ItemOperations",
			  doc(&s.f,
			      HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 00 52 03 '%lld' 00 01 4D 03 '%s' 00 01 01 01",
			      (long long)mount, name_of(&s, mount, item)));
	assert_element(&r, "Status", "6");
	r = eas_phone_ask(&s.f.phone, "GetItemEstimate",
			  doc(&s.f, HEAD "00 06 45 47 48 00 00 4B 03 '%s' 00 01 00 06 4A 03 '%lld' 00 01 01 01 01", key,
			      (long long)mount));
	assert_element(&r, "Status", "2");
	r = eas_phone_ask(&s.f.phone, "Ping",
			  doc(&s.f,
			      HEAD "00 0D 45 48 03 '60' 00 01 49 4A 4B 03 '%lld' 00 01 4C 03 'Calendar' 00 01 01 01 01",
			      (long long)mount));
	assert_element(&r, "Status", "7");
	/* FolderSync, which all of these ask for, takes the folder away. */
	fixture_learn_hierarchy(&s.f);
	assert_int_equal(mounts_of(&s, &left), 0);
	r = sync_with(&s.f, mount, key, "");
	assert_element(&r, "Status", "12");
}

static void guessed_names_show_nothing_of_others(void **state)
{
	SHARED(s);
	int64_t mount, item = put_event(&s, EVENT_OF("one", "")), second, own;
	struct server_account ann = s.f.ann;
	struct eas_reply r;
	const char *key;

	(void)state;
	s.f.ann = s.bob;
	second = fixture_add_folder(&s.f, "Hidden", FOLDER_CALENDAR, FOLDER_ROOT);
	own = put_octets(&s.f, second, EVENT_OF("hidden", ""));
	s.f.ann = ann;
	mount = share_calendar(&s, true);
	key = first_key(&s.f, mount);
	r = sync_with(&s.f, mount, key, "");
	key = key_of(&s.f, &r);
	/* An item of another folder of the owner, by its number under the mount's, and by its own name. */
	r = sync_command(&s.f, mount, &key, fetch_item(&s.f, name_of(&s, mount, own)));
	assert_element(&r, "Status", "8");
	r = sync_command(&s.f, mount, &key, fetch_item(&s.f, name_of(&s, second, own)));
	assert_element(&r, "Status", "8");
	r = sync_command(&s.f, mount, &key, delete_item(&s.f, name_of(&s, mount, own)));
	assert_element(&r, "Status", "8");
	r = sync_command(&s.f, mount, &key, change_item(&s.f, name_of(&s, s.calendar, item), "<Calendar:Subject>X</>"));
	assert_element(&r, "Status", "8");
	assert_int_equal(events_of(&s, s.bob.mailbox, second), 1);
	/* A LongId that is a number is of the own mailbox. */
	r = eas_phone_ask(
		&s.f.phone, "ItemOperations",
		doc(&s.f, HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 0F 58 03 '%lld' 00 01 01 01", (long long)item));
	assert_element(&r, "Status", "6");
}

/* ---- answers for the owner ---- */

/* RFC 5545 section 3.2.18, RFC 5322 section 3.6.2, MS-ASEMAIL_R725 */
static void a_delegates_answer_is_the_owners(void **state)
{
	SHARED(s);
	int64_t mount, item = put_event(&s, INVITED("plan", ""));
	struct eas_reply r;
	struct str mail;
	size_t n;

	(void)state;
	mount = share_calendar(&s, true);
	r = answer(&s, "1", mount, item);
	assert_element(&r, "Status", "1");
	assert_element(&r, "CalendarId", name_of(&s, mount, item));
	assert_true(says(event_octets(&s, item), "PARTSTAT=ACCEPTED"));
	mail = queued(&s.f, &n);
	assert_int_equal(n, 1);
	assert_true(says(mail, "From: bob@example.test\r\nSender: ann@example.test\r\n"));
	assert_true(says(mail, "ATTENDEE;SENT-BY=\"mailto:ann@example.test\";"));
	assert_true(says(mail, "METHOD:REPLY"));
	/* A repeat is heard once. */
	r = answer(&s, "1", mount, item);
	assert_element(&r, "Status", "1");
	(void)queued(&s.f, &n);
	assert_int_equal(n, 1);
	r = answer(&s, "3", mount, item);
	assert_element(&r, "Status", "1");
	assert_int_equal(events_of(&s, s.bob.mailbox, s.calendar), 0);
}

static void only_who_may_edit_answers_and_nobody_what_is_private(void **state)
{
	SHARED(s);
	int64_t mount, item = put_event(&s, INVITED("plan", "")),
		       hidden = put_event(&s, INVITED("own", "CLASS:PRIVATE\r\n"));
	struct eas_reply r;
	size_t n;

	(void)state;
	mount = share_calendar(&s, false);
	r = answer(&s, "1", mount, item);
	assert_element(&r, "Status", "2");
	share_with(&s, s.calendar, true);
	r = answer(&s, "1", mount, hidden);
	assert_element(&r, "Status", "2");
	s.f.phone.version = "12.1";
	r = eas_phone_ask(&s.f.phone, "MeetingResponse",
			  doc(&s.f, HEAD "00 08 47 49 4C 03 '1' 00 01 46 03 '%lld' 00 01 48 03 '%s' 00 01 01 01",
			      (long long)mount, name_of(&s, mount, item)));
	assert_element(&r, "Status", "2");
	change_share(&s, s.calendar, false, false);
	s.f.phone.version = "16.1";
	r = answer(&s, "1", mount, item);
	assert_element(&r, "Status", "2");
	assert_false(says(event_octets(&s, item), "ACCEPTED") || says(event_octets(&s, hidden), "ACCEPTED"));
	(void)queued(&s.f, &n);
	assert_int_equal(n, 0);
}

/* Ann's own event, whose number is the same as of one in bob's mailbox. */
static int64_t put_own_event(struct shared *s, int64_t number)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct event_new event = { .folder = role_of(&s->f, s->f.ann.mailbox, FOLDER_DEFAULT_CALENDAR),
					 .octets = S(INVITED("own", "ATTENDEE:mailto:ann@example.test\r\n")),
					 .by = AUTHOR_NOBODY };
	struct item made;

	assert_ok(store_begin(s->f.server.store, s->f.ann.mailbox, STORE_WRITE, &tx));
	assert_ok(event_add(&s->f.arena, tx, &event, &made));
	assert_ok(store_commit(&tx));
	assert_int_equal(made.id, number);
	return event.folder;
}

/* Numbers of items are each mailbox's: what was shared until now must not become something of the guest's own. */
static void an_answer_to_what_is_no_longer_shared_answers_nothing(void **state)
{
	SHARED(s);
	int64_t mount, left, item = put_event(&s, INVITED("plan", "")), own = put_own_event(&s, item);
	struct eas_reply r;
	size_t n;

	(void)state;
	mount = share_calendar(&s, true);
	change_share(&s, s.calendar, false, false);
	for (size_t gone = 0; gone < 2; gone++) { /* the share alone, then the mount too */
		r = answer(&s, "3", mount, item);
		assert_element(&r, "Status", "2");
		fixture_learn_hierarchy(&s.f);
		assert_int_equal(mounts_of(&s, &left), 0);
	}
	assert_int_equal(events_of(&s, s.f.ann.mailbox, own), 1);
	assert_int_equal(events_of(&s, s.bob.mailbox, s.calendar), 1);
	(void)queued(&s.f, &n);
	assert_int_equal(n, 0);
}

/* Page 15 (ComposeMail): as in test_smart.c and test_meeting_forward.c. */
#define FORWARDEES "55 56 58 03 'eve@x.test' 00 01 57 03 'Eve' 00 01 01 01 "

static struct eas_reply forward(struct shared *s, size_t client_id, int64_t mount, int64_t item, const char *what)
{
	return eas_phone_ask(&s->f.phone, "SmartForward",
			     doc(&s->f,
				 HEAD "00 15 46 51 03 'c%zu' 00 01 4B 4C 03 '%lld' 00 01 4D 03 '%s' 00 01 01 %s 01",
				 client_id, (long long)mount, name_of(s, mount, item), what));
}

/* A message of the phone's cannot be joined with an event; what is behind a mount that has gone is nothing of the own mailbox. */
static void a_shared_event_is_not_forwarded_as_something_of_the_guests_own(void **state)
{
	static const char *const wholes[] = { FORWARDEES, "50 03 'To: eve@x.test' 0D 0A 0D 0A 'see' 00 01 " };
	SHARED(s);
	int64_t mount, item = put_event(&s, INVITED("plan", ""));
	struct eas_reply r;
	size_t n;

	(void)state;
	(void)put_own_event(&s, item);
	mount = share_calendar(&s, true);
	r = forward(&s, 0, mount, item, wholes[1]);
	assert_element(&r, "Status", "150");
	change_share(&s, s.calendar, false, false);
	for (size_t i = 1; i <= 4; i++) { /* the share alone, then the mount too */
		r = forward(&s, i, mount, item, wholes[i % 2]);
		assert_element(&r, "Status", "150");
		if (i == 2)
			fixture_learn_hierarchy(&s.f);
	}
	(void)queued(&s.f, &n);
	assert_int_equal(n, 0);
}

/*
 * MS-ASCMD_R7487: the organizer stays who he is. Who may edit forwards for the owner, and whom he forwards the owner's own meeting to
 * takes part in it; who may only look, for himself, and changes nothing.
 */
static void a_shared_event_is_forwarded(void **state)
{
	static const struct {
		const char *event, *from, *organizer; /* NULL: it is not */
		bool edits, joins;
		const char *status;
	} cases[] = {
		{ INVITED("plan", ""), "From: ann@example.test\r\nTo: eve@x.test\r\n", "mailto:carl@x.test", false,
		  false, NULL },
		{ INVITED("plan", ""), "From: bob@example.test\r\nSender: ann@example.test\r\nTo: eve@x.test\r\n",
		  "mailto:carl@x.test", true, false, NULL },
		{ EVENT_OF("own", ""), "From: ann@example.test\r\nTo: eve@x.test\r\n", "mailto:bob@example.test", false,
		  false, NULL },
		{ EVENT_OF("own", ""), "From: bob@example.test\r\nSender: ann@example.test\r\nTo: eve@x.test\r\n",
		  "mailto:bob@example.test", true, true, NULL },
		{ INVITED("plan", "CLASS:PRIVATE\r\n"), NULL, NULL, true, false, "150" },
		{ "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:alone\r\nDTSTART:20260105T090000Z\r\nEND:VEVENT\r\n"
		  "END:VCALENDAR\r\n",
		  NULL, NULL, false, false, "179" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		SHARED(s);
		int64_t item = put_event(&s, cases[i].event), mount = share_calendar(&s, cases[i].edits);
		struct eas_reply r;
		struct str mail;
		size_t n;

		for (size_t again = 0; again < 2; again++) {
			r = forward(&s, 1, mount, item, FORWARDEES);
			if (cases[i].status)
				assert_element(&r, "Status", cases[i].status);
			else if (!again)
				assert_int_equal(r.body.n, 0);
		}
		mail = queued(&s.f, &n);
		assert_int_equal(n, cases[i].from ? 1 : 0);
		if (n && !(says(mail, cases[i].from) && says(mail, cases[i].organizer) && says(mail, "METHOD:REQUEST")))
			fail_msg(STR_FMT, STR_ARG(mail));
		assert_int_equal(says(event_octets(&s, item), "eve@x.test"), cases[i].joins);
	}
}

/* From 16.0 on the server tells; what a delegate plans is the owner's meeting. */
static void a_meeting_that_a_delegate_makes_is_the_owners(void **state)
{
	SHARED(s);
	int64_t mount = share_calendar(&s, true);
	const char *key = first_key(&s.f, mount);
	struct str mail;
	size_t n;

	(void)state;
	added_item(
		&s.f, mount, &key, "c1",
		"<Calendar:StartTime>20260110T090000Z</><Calendar:EndTime>20260110T100000Z</><Calendar:Subject>Visit</>"
		"<Calendar:MeetingStatus>1</><Calendar:Attendees><Calendar:Attendee><Calendar:Email>carl@x.test</>"
		"<Calendar:Name>Carl</><Calendar:AttendeeType>1</></></>");
	mail = queued(&s.f, &n);
	assert_int_equal(n, 1);
	assert_true(says(mail, "METHOD:REQUEST"));
	assert_true(says(mail, "mailto:bob@example.test"));
	assert_true(says(mail, "From: bob@example.test\r\nSender: ann@example.test\r\n"));
}

/* ---- holds ---- */

static void ping_wakes_when_the_owners_folder_changes(void **state)
{
	SHARED(s);
	int64_t mount = share_calendar(&s, false);
	struct eas_reply r;
	const char *key;
	struct str ping;

	(void)state;
	key = first_key(&s.f, mount);
	r = sync_with(&s.f, mount, key, "");
	ping = doc(&s.f, HEAD "00 0D 45 48 03 '600' 00 01 49 4A 4B 03 '%lld' 00 01 4C 03 'Calendar' 00 01 01 01 01",
		   (long long)mount);
	eas_phone_send(&s.f.phone, "Ping", ping);
	server_await_held(&s.f.server, 1);
	put_event(&s, EVENT_OF("new", ""));
	r = eas_phone_receive(&s.f.phone);
	assert_element(&r, "Status", "2");
	assert_true(says(xml_of(&r), name_of(&s, mount, 0)) || eas_reply_count(&r, "Folder") == 1);
}

static void a_held_sync_tells_of_the_owners_change(void **state)
{
	SHARED(s);
	int64_t mount = share_calendar(&s, false);
	struct eas_reply r;
	const char *key;

	(void)state;
	key = first_key(&s.f, mount);
	eas_phone_send(&s.f.phone, "Sync", sync_doc(&s.f, mount, key, "", "69 03 '600' 00 01"));
	server_await_held(&s.f.server, 1);
	put_event(&s, EVENT_OF("new", ""));
	r = eas_phone_receive(&s.f.phone);
	assert_true(says(xml_of(&r), "new lunch"));
}

static void a_held_request_ends_when_the_share_is_taken_back(void **state)
{
	SHARED(s);
	int64_t mount = share_calendar(&s, false);
	struct eas_reply r;
	const char *key;

	(void)state;
	key = first_key(&s.f, mount);
	eas_phone_send(&s.f.phone, "Sync", sync_doc(&s.f, mount, key, "", "69 03 '600' 00 01"));
	server_await_held(&s.f.server, 1);
	change_share(&s, s.calendar, false, false);
	assert_ok(mounts_settle(s.f.server.store, s.f.ann.mailbox));
	r = eas_phone_receive(&s.f.phone);
	assert_element(&r, "Status", "12"); /* MS-ASCMD_R4452: the hierarchy has changed */
	fixture_learn_hierarchy(&s.f);
	assert_int_equal(mounts_of(&s, &mount), 0);
}

static void an_owner_who_is_gone_or_elsewhere_shows_nothing(void **state)
{
	SHARED(s);
	int64_t mount = share_calendar(&s, false);
	struct eas_reply r;
	const char *key;

	(void)state;
	key = first_key(&s.f, mount);
	assert_ok(account_remove(s.f.server.store, s.bob.id));
	r = sync_with(&s.f, mount, key, "");
	assert_element(&r, "Status", "12");
	fixture_learn_hierarchy(&s.f);
	assert_int_equal(mounts_of(&s, &mount), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shared_calendar_is_a_folder_of_the_guests_phone),
		cmocka_unit_test(contacts_and_tasks_are_shared_as_what_they_are),
		cmocka_unit_test(of_what_is_private_a_guest_sees_when_and_no_more),
		cmocka_unit_test(other_commands_find_what_is_shared_as_well),
		cmocka_unit_test(attachments_of_shared_events_are_fetched_as_others),
		cmocka_unit_test(who_may_edit_edits_the_owners_calendar),
		cmocka_unit_test(what_a_reader_changes_comes_back_to_his_phone),
		cmocka_unit_test(what_a_reader_was_told_a_moment_ago_comes_back_too),
		cmocka_unit_test(what_comes_back_keeps_to_the_window),
		cmocka_unit_test(where_that_answer_was_lost_the_reader_gets_it_again_or_begins_anew),
		cmocka_unit_test(nothing_is_put_into_a_mount_or_below_it),
		cmocka_unit_test(what_is_taken_back_ends_at_once),
		cmocka_unit_test(guessed_names_show_nothing_of_others),
		cmocka_unit_test(a_delegates_answer_is_the_owners),
		cmocka_unit_test(only_who_may_edit_answers_and_nobody_what_is_private),
		cmocka_unit_test(an_answer_to_what_is_no_longer_shared_answers_nothing),
		cmocka_unit_test(a_shared_event_is_not_forwarded_as_something_of_the_guests_own),
		cmocka_unit_test(a_shared_event_is_forwarded),
		cmocka_unit_test(a_meeting_that_a_delegate_makes_is_the_owners),
		cmocka_unit_test(ping_wakes_when_the_owners_folder_changes),
		cmocka_unit_test(a_held_sync_tells_of_the_owners_change),
		cmocka_unit_test(a_held_request_ends_when_the_share_is_taken_back),
		cmocka_unit_test(an_owner_who_is_gone_or_elsewhere_shows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
