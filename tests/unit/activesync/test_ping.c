/* Ping over a real connection: parameters, what wakes it, and how else it ends. */
#include "fixture.h"

#include <gateway/activesync/issued.h>
#include <push/push.h>

#include <tests/support/hex.h>

/* Page 0D: 45 Ping, 48 HeartbeatInterval, 49 Folders, 4A Folder, 4B Id, 4C Class. */
#define HEAD "03 01 6A 00 00 0D "
#define ROOT "<Ping xmlns=\"Ping\">"

/* heartbeat 0: left out; folders ended by 0. */
static struct str ping_body(struct fixture *f, unsigned heartbeat, const int64_t *folders)
{
	struct buf text = BUF_INIT(1 << 16);
	struct str doc;

	buf_cstr(&text, HEAD "45 ");
	if (heartbeat > 0)
		buf_fmt(&text, "48 03 '%u' 00 01 ", heartbeat);
	if (folders && *folders) {
		buf_cstr(&text, "49 ");
		for (; *folders; folders++)
			buf_fmt(&text, "4A 4B 03 '%lld' 00 01 4C 03 'Email' 00 01 01 ", (long long)*folders);
		buf_cstr(&text, "01 ");
	}
	buf_fmt(&text, "01%c", '\0');
	doc = hex(&f->arena, text.p);
	buf_release(&text);
	return doc;
}

static void send_ping(struct fixture *f, unsigned heartbeat, int64_t folder)
{
	const int64_t folders[] = { folder, 0 };

	eas_phone_send(&f->phone, "Ping", ping_body(f, heartbeat, folders));
}

static struct eas_reply ping(struct fixture *f, unsigned heartbeat, int64_t folder)
{
	send_ping(f, heartbeat, folder);
	return eas_phone_receive(&f->phone);
}

static void assert_status(struct eas_reply r, const char *status)
{
	if (r.status != 200 || !str_eq(eas_reply_text(&r, "Status", 0), str_of(status)))
		fail_msg("HTTP %d " STR_FMT ", wanted status %s", r.status, STR_ARG(r.xml), status);
}

/* A phone that knows the hierarchy and has synced the Inbox. */
static int64_t ready(struct fixture *f)
{
	int64_t inbox = fixture_role(f, FOLDER_INBOX);

	fixture_learn_hierarchy(f);
	fixture_sync(f, inbox);
	return inbox;
}

static void assert_changed(struct fixture *f, struct eas_reply r, int64_t folder)
{
	struct buf wanted = BUF_INIT(256);

	(void)f;
	buf_fmt(&wanted, ROOT "<Status>2</Status><Folders><Folder>%lld</Folder></Folders></Ping>%c", (long long)folder,
		'\0');
	assert_xml(r, wanted.p);
	buf_release(&wanted);
}

/* MS-ASCMD_R4235, R4236, R5639. */
static void new_mail_wakes_a_held_ping(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	send_ping(&f, 480, inbox);
	server_await_held(&f.server, 1);
	fixture_add_item(&f, inbox, STORE_NOBODY);
	assert_changed(&f, eas_phone_receive(&f.phone), inbox);
	assert_int_equal(push_count(f.server.push), 0);
}

static void what_came_before_is_told_at_once(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	fixture_add_item(&f, inbox, STORE_NOBODY);
	assert_changed(&f, ping(&f, 480, inbox), inbox);
}

/* MS-ASCMD_R4233, R5638: to the second, not before. */
static void the_heartbeat_ends_a_ping_without_news(void **unused)
{
	static const unsigned heartbeats[] = { EAS_MIN_HEARTBEAT_S, 480, EAS_MAX_HEARTBEAT_S };
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	for (size_t i = 0; i < countof(heartbeats); i++) {
		struct eas_reply r;

		send_ping(&f, heartbeats[i], inbox);
		server_await_held(&f.server, 1);
		server_advance(&f.server, (int64_t)heartbeats[i] * 1000 - 1);
		assert_int_equal(push_count(f.server.push), 1);
		server_advance(&f.server, 2 * PUSH_TICK_MS);
		r = eas_phone_receive(&f.phone);
		assert_xml(r, ROOT "<Status>1</Status></Ping>");
	}
}

/* MS-ASCMD_R4247, R4248, R6686 (the bounds are the implementation's). */
static void a_heartbeat_out_of_range_names_the_nearest(void **unused)
{
	static const struct {
		unsigned asked;
		const char *answer;
	} cases[] = {
		{ 1, ROOT "<Status>5</Status><HeartbeatInterval>60</HeartbeatInterval></Ping>" },
		{ EAS_MIN_HEARTBEAT_S - 1, ROOT "<Status>5</Status><HeartbeatInterval>60</HeartbeatInterval></Ping>" },
		{ EAS_MAX_HEARTBEAT_S + 1,
		  ROOT "<Status>5</Status><HeartbeatInterval>3540</HeartbeatInterval></Ping>" },
		{ 4000000000U, ROOT "<Status>5</Status><HeartbeatInterval>3540</HeartbeatInterval></Ping>" },
	};
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = ping(&f, cases[i].asked, inbox);

		assert_xml(r, cases[i].answer);
	}
	assert_status(eas_phone_ask(&f.phone, "Ping", STR_EMPTY), "3"); /* none of them was kept */
}

/* [http] max_hold: a proxy in front cuts earlier. */
static void the_configuration_bounds_the_heartbeat(void **unused)
{
	CLEANUP(fixture_stop) struct fixture f = { .config = { .max_hold_s = 300 } };
	int64_t inbox;
	struct eas_reply r;

	(void)unused;
	fixture_start(&f);
	inbox = ready(&f);
	r = ping(&f, 301, inbox);
	assert_xml(r, ROOT "<Status>5</Status><HeartbeatInterval>300</HeartbeatInterval></Ping>");
	send_ping(&f, 300, inbox);
	server_await_held(&f.server, 1);
}

/* MS-ASCMD_R4253, R4254. */
/* MS-ASCMD_R3259 */
static void too_many_folders_names_the_number(void **unused)
{
	static int64_t folders[EAS_MAX_PING_FOLDERS + 2];
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	ready(&f);
	for (int64_t i = 0; i <= EAS_MAX_PING_FOLDERS; i++)
		folders[i] = 1000 + i;
	r = eas_phone_ask(&f.phone, "Ping", ping_body(&f, 480, folders));
	assert_xml(r, ROOT "<Status>6</Status><MaxFolders>300</MaxFolders></Ping>");
	folders[EAS_MAX_PING_FOLDERS] = 0;
	eas_phone_send(&f.phone, "Ping", ping_body(&f, 480, folders));
	server_await_held(&f.server, 1);
}

/* MS-ASCMD_R323, R4241; the shapes are those of test_ping_request.c. */
/* MS-ASCMD_R4228 */
static void parameters_are_needed_once(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);
	const int64_t folders[] = { inbox, 0 };

	(void)unused;
	assert_status(eas_phone_ask(&f.phone, "Ping", STR_EMPTY), "3");
	assert_status(eas_phone_ask(&f.phone, "Ping", ping_body(&f, 480, NULL)), "3");
	assert_status(eas_phone_ask(&f.phone, "Ping", ping_body(&f, 0, folders)), "3");
	assert_status(eas_phone_ask(&f.phone, "Ping", hex(&f.arena, HEAD "05")), "3");
	assert_status(eas_phone_ask(&f.phone, "Ping", hex(&f.arena, HEAD "45 47 03 '1' 00 01 01")), "4");
	f.phone.version = "12.1";
	assert_status(eas_phone_ask(&f.phone, "Ping", STR_EMPTY), "3");
	assert_status(eas_phone_ask(&f.phone, "Ping", hex(&f.arena, HEAD "45 47 03 '1' 00 01 01")), "4");
}

static void expire(struct fixture *f, int64_t seconds)
{
	server_await_held(&f->server, 1);
	server_advance(&f->server, seconds * 1000 - 1);
	assert_int_equal(push_count(f->server.push), 1);
	server_advance(&f->server, 2 * PUSH_TICK_MS);
	assert_status(eas_phone_receive(&f->phone), "1");
}

/* MS-ASCMD_R335, R5831, R5832: also over a restart. */
/* MS-ASCMD_R5632, MS-ASCMD_R5634 */
static void what_is_left_out_is_as_it_was(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	send_ping(&f, 480, inbox);
	expire(&f, 480);
	eas_phone_send(&f.phone, "Ping", STR_EMPTY);
	expire(&f, 480);
	eas_phone_send(&f.phone, "Ping", ping_body(&f, 900, NULL));
	expire(&f, 900);
	fixture_restart(&f);
	eas_phone_send(&f.phone, "Ping", STR_EMPTY);
	expire(&f, 900);
	fixture_add_item(&f, inbox, STORE_NOBODY);
	assert_changed(&f, eas_phone_ask(&f.phone, "Ping", STR_EMPTY), inbox);
}

/* Phones ping before their first Sync; that is no news, neither now nor later. */
static void a_folder_that_was_never_synced_is_passed_over(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);
	const int64_t folders[] = { fixture_role(&f, FOLDER_SENT), 4711, inbox, 0 };

	(void)unused;
	fixture_add_item(&f, folders[0], STORE_NOBODY);
	eas_phone_send(&f.phone, "Ping", ping_body(&f, 480, folders));
	server_await_held(&f.server, 1);
	fixture_add_item(&f, folders[0], STORE_NOBODY);
	server_await_held(&f.server, 1);
	fixture_add_item(&f, inbox, STORE_NOBODY);
	assert_changed(&f, eas_phone_receive(&f.phone), inbox);
}

/* MS-ASCMD_R4257, MS-ASCMD_R4258. */
static void a_change_of_the_hierarchy_asks_for_foldersync(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f), folder;
	struct eas_reply r;

	(void)unused;
	send_ping(&f, 480, inbox);
	server_await_held(&f.server, 1);
	folder = fixture_add_folder(&f, "New", FOLDER_MAIL, FOLDER_ROOT);
	r = eas_phone_receive(&f.phone);
	assert_xml(r, ROOT "<Status>7</Status></Ping>");
	assert_status(ping(&f, 480, inbox), "7"); /* it has not asked yet */
	fixture_learn_hierarchy(&f);
	fixture_sync(&f, folder);
	send_ping(&f, 480, folder);
	server_await_held(&f.server, 1);
	fixture_delete_folder(&f, folder);
	assert_status(eas_phone_receive(&f.phone), "7");
	fixture_learn_hierarchy(&f);
	assert_status(ping(&f, 480, folder), "7"); /* and still asks for what is gone */
}

static void a_phone_that_never_asked_for_the_hierarchy_is_told_to(void **unused)
{
	FIXTURE(f);

	(void)unused;
	assert_status(ping(&f, 480, fixture_role(&f, FOLDER_INBOX)), "7");
}

/*
 * Sync-engine rule 8: compared is the newest generation issued if its response left this process whole, else the
 * confirmed one; and a phone that shows the key proves that it has it.
 */
static void a_response_that_may_be_lost_is_news_until_its_key_is_shown(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);
	struct str key;

	(void)unused;
	fixture_add_item(&f, inbox, STORE_NOBODY);
	key = fixture_issue(&f, inbox);
	assert_changed(&f, ping(&f, 480, inbox), inbox);
	eas_issued_note(f.eas->issued, f.ann.mailbox, fixture_device(&f), inbox, key);
	send_ping(&f, 480, inbox);
	expire(&f, 480);
	fixture_restart(&f);
	assert_changed(&f, ping(&f, 480, inbox), inbox);
	fixture_show(&f, inbox, key);
	send_ping(&f, 480, inbox);
	expire(&f, 480);
}

/* Key 0's answer counts like any other, also where an older line stands beside it. */
static void a_phone_that_learned_the_folders_anew_is_not_sent_to_learn_them_again(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	fixture_add_folder(&f, "New", FOLDER_MAIL, FOLDER_ROOT);
	fixture_foldersync(&f, "0");
	send_ping(&f, 480, inbox);
	expire(&f, 480);
	fixture_add_folder(&f, "Newer", FOLDER_MAIL, FOLDER_ROOT);
	assert_status(ping(&f, 480, inbox), "7");
}

/* The same of the hierarchy: FolderSync's answers are remembered, and shown keys after a restart. */
static void a_restart_costs_one_foldersync_at_most(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);
	struct eas_reply r = fixture_foldersync(&f, "0");
	const char *key, *newer;

	(void)unused;
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "SyncKey", 0), &key));
	fixture_foldersync(&f, key);
	fixture_add_folder(&f, "New", FOLDER_MAIL, FOLDER_ROOT);
	r = fixture_foldersync(&f, key);
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "SyncKey", 0), &newer));
	send_ping(&f, 480, inbox);
	expire(&f, 480);
	fixture_restart(&f);
	assert_status(ping(&f, 480, inbox), "7");
	r = fixture_foldersync(&f, newer);
	assert_true(str_eq(eas_reply_text(&r, "Count", 0), S("0")));
	send_ping(&f, 480, inbox);
	expire(&f, 480);
}

/* What the phone did itself is no news to it (sync-engine rule 8). */
static void its_own_changes_do_not_wake_a_phone(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f), device = fixture_device(&f);

	(void)unused;
	send_ping(&f, 480, inbox);
	server_await_held(&f.server, 1);
	fixture_add_item(&f, inbox, device);
	assert_int_equal(push_count(f.server.push), 1);
	fixture_add_item(&f, inbox, STORE_NOBODY);
	assert_changed(&f, eas_phone_receive(&f.phone), inbox);
}

static void a_newer_ping_of_the_phone_ends_the_older(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);
	struct eas_phone newer = eas_phone_new(f.server.port), other = eas_phone_new(f.server.port);
	const int64_t folders[] = { inbox, 0 };

	(void)unused;
	send_ping(&f, 480, inbox);
	server_await_held(&f.server, 1);
	eas_phone_send(&newer, "Ping", ping_body(&f, 480, folders));
	assert_status(eas_phone_receive(&f.phone), "1");
	server_await_held(&f.server, 1);
	other.device_id = "AnotherPhone"; /* another phone's does not */
	assert_status(eas_phone_ask(&other, "Ping", ping_body(&f, 480, folders)), "7");
	assert_int_equal(push_count(f.server.push), 1);
	fixture_add_item(&f, inbox, STORE_NOBODY);
	assert_changed(&f, eas_phone_receive(&newer), inbox);
	eas_phone_release(&newer);
	eas_phone_release(&other);
}

static void an_administrative_act_ends_a_ping(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	send_ping(&f, 480, inbox);
	server_await_held(&f.server, 1);
	push_end_device(f.server.push, fixture_device(&f));
	assert_status(eas_phone_receive(&f.phone), "1");
	send_ping(&f, 480, inbox);
	server_await_held(&f.server, 1);
	push_end_account(f.server.push, f.ann.id);
	assert_status(eas_phone_receive(&f.phone), "1");
}

static void a_phone_that_goes_away_leaves_nothing(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	send_ping(&f, 480, inbox);
	server_await_held(&f.server, 1);
	eas_phone_hang_up(&f.phone);
	server_await_held(&f.server, 0);
	fixture_add_item(&f, inbox, STORE_NOBODY);
	assert_changed(&f, ping(&f, 480, inbox), inbox);
	assert_int_equal(push_count(f.server.push), 0);
}

static void shutdown_answers_what_is_held(void **unused)
{
	FIXTURE(f);
	int64_t inbox = ready(&f);

	(void)unused;
	send_ping(&f, 480, inbox);
	server_await_held(&f.server, 1);
	server_unlisten(&f.server);
	assert_status(eas_phone_receive(&f.phone), "1");
	assert_int_equal(push_count(f.server.push), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_mail_wakes_a_held_ping),
		cmocka_unit_test(what_came_before_is_told_at_once),
		cmocka_unit_test(the_heartbeat_ends_a_ping_without_news),
		cmocka_unit_test(a_heartbeat_out_of_range_names_the_nearest),
		cmocka_unit_test(the_configuration_bounds_the_heartbeat),
		cmocka_unit_test(too_many_folders_names_the_number),
		cmocka_unit_test(parameters_are_needed_once),
		cmocka_unit_test(what_is_left_out_is_as_it_was),
		cmocka_unit_test(a_folder_that_was_never_synced_is_passed_over),
		cmocka_unit_test(a_change_of_the_hierarchy_asks_for_foldersync),
		cmocka_unit_test(a_phone_that_never_asked_for_the_hierarchy_is_told_to),
		cmocka_unit_test(a_response_that_may_be_lost_is_news_until_its_key_is_shown),
		cmocka_unit_test(a_phone_that_learned_the_folders_anew_is_not_sent_to_learn_them_again),
		cmocka_unit_test(a_restart_costs_one_foldersync_at_most),
		cmocka_unit_test(its_own_changes_do_not_wake_a_phone),
		cmocka_unit_test(a_newer_ping_of_the_phone_ends_the_older),
		cmocka_unit_test(an_administrative_act_ends_a_ping),
		cmocka_unit_test(a_phone_that_goes_away_leaves_nothing),
		cmocka_unit_test(shutdown_answers_what_is_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
