/* Clients that need something else than the rest: each quirk beside the default. */
#include "sync_fixture.h"

#include <gateway/activesync/profile.h>

static void clients_are_known_by_their_type_and_agent(void **unused)
{
	static const struct {
		const char *type, *agent, *name;
	} cases[] = {
		{ "iPhone", "Apple-iPhone14C2/2102.350", "" },
		{ "iPad", "Apple-iPad13C1/2102.350", "" },
		{ "Outlook", "Outlook-iOS-Android/1.0", "" },
		{ "SmartPhone", "roost-test/1", "" },
		{ "", "", "" },
		{ "Android", "Android-Mail/2024.03.10.618", "gmail" },
		{ "Android", "Gmail/2025.11.02", "gmail" },
		{ "SamsungDevice", "Android-SAMSUNG-SM-G991B/101.1400", "samsung" },
		{ "SAMSUNGSMG991B", "SAMSUNG-SM-G991B/101.1400", "samsung" },
		{ "Android", "SAMSUNG-SM-G991B", "samsung" },
		{ "WindowsOutlook15", "Outlook/15.0 (15.0.4420; MSI; x86)", "outlook-windows" },
		{ "windowsoutlook", "", "outlook-windows" },
		{ "WindowsMail", "MSFT-WIN-4/10.0", "windows-mail" },
		{ "UniversalOutlook", "", "windows-mail" },
		{ "WP8", "MSFT-WP/8.10", "windows-phone" },
		{ "WP", "", "windows-phone" },
		{ "BlackBerry", "RIM-Z10", "blackberry" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *name = eas_profile_of(str_of(cases[i].type), str_of(cases[i].agent))->name;

		if (strcmp(name, cases[i].name) != 0)
			fail_msg("%s, %s: %s, not %s", cases[i].type, cases[i].agent, name, cases[i].name);
	}
	assert_string_equal(eas_profile_of(STR_EMPTY, STR_EMPTY)->name, "");
}

/* sync_hold_s. Page 00: 64 Wait. */
static void a_samsungs_sync_is_answered_before_it_gives_up(void **unused)
{
	static const struct {
		const char *type;
		int64_t held_s;
	} cases[] = { { "SAMSUNGSMG991B", 80 }, { "iPhone", 600 } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		const char *key;
		size_t adds;

		f.phone.device_type = cases[i].type;
		fixture_learn_hierarchy(&f);
		key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
		eas_phone_send(&f.phone, "Sync", sync_doc(&f, inbox, key, "", "64 03 '10' 00 01"));
		server_await_held(&f.server, 1);
		server_advance(&f.server, cases[i].held_s * 1000 - 1);
		server_await_held(&f.server, 1);
		server_advance(&f.server, 1);
		assert_int_equal(eas_phone_receive(&f.phone).status, 200);
	}
}

static void deliver_large(struct fixture *f, unsigned n)
{
	struct buf text = BUF_INIT(1 << 20);

	buf_cstr(&text, "Subject: large\r\n\r\n");
	while (text.n < 200 * 1024)
		buf_cstr(&text, "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz abcdefg\r\n");
	for (unsigned i = 0; i < n; i++)
		deliver_octets(f, f->ann.mailbox, buf_view(&text));
	buf_release(&text);
}

/* page_bytes. */
static void a_page_for_gmail_is_small(void **unused)
{
	static const struct {
		const char *agent;
		size_t adds;
	} cases[] = { { NULL, 6 }, { "Android-Mail/2024.03.10", 2 } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		struct eas_reply r;

		f.phone.agent = cases[i].agent;
		deliver_large(&f, 6);
		r = sync_with(&f, inbox, first_key(&f, inbox), "");
		assert_int_equal(eas_reply_count(&r, "Add"), cases[i].adds);
		assert_int_equal(has_more(&r), cases[i].adds < 6);
	}
}

/* gone_is_global: MS-ASCMD 2.2.3.177.17 has 12 as a status of the whole too. */
static void outlook_is_told_of_a_folder_that_is_gone_in_the_whole_sync(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	r = sync_with(&f, 99, "0", "");
	assert_xml(r, "<Sync xmlns=\"AirSync\"><Collections><Collection><SyncKey>0</SyncKey>"
		      "<CollectionId>99</CollectionId><Status>12</Status></Collection></Collections></Sync>");
	f.phone.device_type = "WindowsOutlook15";
	r = sync_with(&f, 99, "0", "");
	assert_xml(r, "<Sync xmlns=\"AirSync\"><Status>12</Status></Sync>");
}

/* deletes_top_only. */
static void a_windows_phone_is_told_of_the_top_of_what_was_deleted(void **unused)
{
	static const struct {
		const char *type;
		size_t deletes;
	} cases[] = { { "iPhone", 4 }, { "WP8", 2 }, { "WindowsMail", 2 } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		int64_t top = fixture_add_folder(&f, "top", FOLDER_MAIL, FOLDER_ROOT);
		int64_t below = fixture_add_folder(&f, "below", FOLDER_MAIL, top);
		int64_t other = fixture_add_folder(&f, "other", FOLDER_MAIL, FOLDER_ROOT);
		struct eas_reply r;
		struct buf count = BUF_INIT(8);

		fixture_add_folder(&f, "deeper", FOLDER_MAIL, below);
		f.phone.device_type = cases[i].type;
		r = fixture_foldersync(&f, "0");
		fixture_delete_folder(&f, top);
		fixture_delete_folder(&f, other);
		r = fixture_foldersync(&f, key_of(&f, &r));
		assert_int_equal(eas_reply_count(&r, "Delete"), cases[i].deletes);
		buf_u64(&count, cases[i].deletes);
		assert_true(str_eq(eas_reply_text(&r, "Count", 0), buf_view(&count)));
		buf_release(&count);
	}
}

/* empty_server_id. Page 07: 08 ServerId without content, 47 DisplayName, 49 ParentId, 4A Type, 52 SyncKey. */
static void a_blackberry_may_say_an_empty_server_id(void **unused)
{
	static const struct {
		const char *type, *status;
	} cases[] = { { "iPhone", "10" }, { "BlackBerry", "1" } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		struct eas_reply r;

		f.phone.device_type = cases[i].type;
		r = fixture_foldersync(&f, "0");
		r = eas_phone_ask(&f.phone, "FolderCreate",
				  doc(&f,
				      HEAD "00 07 53 52 03 '%s' 00 01 08 49 03 '0' 00 01 47 03 'New' 00 01 "
					   "4A 03 '12' 00 01 01",
				      key_of(&f, &r)));
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), str_of(cases[i].status)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_known_by_their_type_and_agent),
		cmocka_unit_test(a_samsungs_sync_is_answered_before_it_gives_up),
		cmocka_unit_test(a_page_for_gmail_is_small),
		cmocka_unit_test(outlook_is_told_of_a_folder_that_is_gone_in_the_whole_sync),
		cmocka_unit_test(a_windows_phone_is_told_of_the_top_of_what_was_deleted),
		cmocka_unit_test(a_blackberry_may_say_an_empty_server_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
