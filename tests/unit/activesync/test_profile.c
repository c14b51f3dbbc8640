/* Clients that need something else than the rest: each quirk beside the default. */
#include "sync_fixture.h"

#include <gateway/activesync/profile.h>
#include <wbxml/xml.h>

static void clients_are_known_by_their_type_and_agent(void **unused)
{
	static const struct {
		const char *type, *agent, *name;
	} cases[] = {
		{ "iPhone", "Apple-iPhone14C2/2102.350", "ios" },
		{ "iPad", "Apple-iPad13C1/2102.350", "ios" },
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

/* What is in chunks, without them; reads to the last one. */
static struct str dechunked(struct fixture *f)
{
	struct client *c = &f->phone.client;
	struct buf body = BUF_INIT(1 << 20);
	struct str octets;

	for (;;) {
		uint64_t n = 0;
		struct str line;

		assert_true(client_read_until(c, S("\r\n")));
		line = str_slice(buf_view(&c->in), 0, str_find(buf_view(&c->in), S("\r\n")));
		for (size_t i = 0; i < line.n; i++)
			n = n * 16 + (uint64_t)(line.p[i] <= '9' ? line.p[i] - '0' : line.p[i] - 'a' + 10);
		client_consume(c, line.n + 2);
		assert_true(client_read(c, (size_t)n + 2));
		buf_put(&body, c->in.p, (size_t)n);
		client_consume(c, (size_t)n + 2);
		if (n == 0)
			break;
	}
	assert_ok(arena_str(&f->arena, buf_view(&body), &octets));
	buf_release(&body);
	return octets;
}

static void assert_document(struct str octets, const char *wanted)
{
	struct buf xml = BUF_INIT(1 << 20);
	struct wbxml_reader r;

	wbxml_reader_init(&r, octets);
	assert_ok(wbxml_to_xml(&r, &xml));
	if (str_find(buf_view(&xml), str_of(wanted)) == xml.n)
		fail_msg("no %s in " STR_FMT, wanted, STR_ARG(buf_view(&xml)));
	buf_release(&xml);
}

#define BEGUN "4\r\n\x03\x01\x6a\x00\r\n"
#define BEAT "2\r\n\x00\x00\r\n"

/* sync_keep_alive: a document is begun, and says nothing until there is something (WAP-192 5.8.4.7.2, SWITCH_PAGE). */
static void gmails_sync_is_kept_alive(void **unused)
{
	(void)unused;
	for (int news = 0; news < 2; news++) {
		CLEANUP(fixture_stop) struct fixture f = { .config = { .keep_alive_ms = 10 } };
		const char *key;
		int64_t inbox;
		size_t adds;

		fixture_start(&f);
		inbox = fixture_role(&f, FOLDER_INBOX);
		f.phone.agent = "Android-Mail/2024.03.10";
		f.phone.headers = "Accept-Encoding: gzip\r\n";
		fixture_learn_hierarchy(&f);
		key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
		eas_phone_send(&f.phone, "Sync", sync_doc(&f, inbox, key, "", "64 03 '10' 00 01"));
		assert_true(client_read_until(&f.phone.client, str_from(BEGUN BEAT BEAT, sizeof(BEGUN BEAT BEAT) - 1)));
		assert_true(str_starts(buf_view(&f.phone.client.in), S("HTTP/1.1 200 OK\r\n")));
		client_consume(&f.phone.client, str_find(buf_view(&f.phone.client.in), S("\r\n\r\n")) + 4);
		if (news)
			deliver(&f, f.ann.mailbox, "news");
		else
			server_advance(&f.server, 600 * 1000);
		assert_document(dechunked(&f), news ? "<email:Subject>news</email:Subject>" : "<Status>1</Status>");
		f.phone.headers = NULL;
		assert_int_equal(fixture_foldersync(&f, "0").status, 200); /* the connection serves on */
	}
}

/* The default: nothing comes before the answer, which has a length. */
static void others_wait_in_silence(void **unused)
{
	CLEANUP(fixture_stop) struct fixture f = { .config = { .keep_alive_ms = 1 } };
	struct eas_reply r;
	const char *key;
	int64_t inbox;
	size_t adds;

	(void)unused;
	fixture_start(&f);
	inbox = fixture_role(&f, FOLDER_INBOX);
	fixture_learn_hierarchy(&f);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	eas_phone_send(&f.phone, "Sync", sync_doc(&f, inbox, key, "", "64 03 '10' 00 01"));
	server_await_held(&f.server, 1);
	server_advance(&f.server, 600 * 1000);
	r = eas_phone_receive(&f.phone);
	assert_int_equal(r.status, 200);
	assert_true(str_eq(eas_reply_header(&r, "Content-Length"), S("0")));
	assert_null(eas_reply_header(&r, "Transfer-Encoding").p);
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
		cmocka_unit_test(gmails_sync_is_kept_alive),
		cmocka_unit_test(others_wait_in_silence),
		cmocka_unit_test(a_page_for_gmail_is_small),
		cmocka_unit_test(outlook_is_told_of_a_folder_that_is_gone_in_the_whole_sync),
		cmocka_unit_test(a_windows_phone_is_told_of_the_top_of_what_was_deleted),
		cmocka_unit_test(a_blackberry_may_say_an_empty_server_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
