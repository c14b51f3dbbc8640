/* What is asked of every request before its command runs, over a real connection. */
#include "fixture.h"

#include <tests/support/eas_query_encode.h>
#include <tests/support/hex.h>

#include <gateway/activesync/command.h>
#include <store/device.h>

/* FolderSync with key 0: page 7, 56 FolderSync, 52 SyncKey. */
#define FOLDERSYNC_0 "03 01 6A 00 00 07 56 52 03 '0' 00 01 01"
#define QUERY "User=ann&DeviceId=ApplDNQXTESTFFG5&DeviceType=iPhone"
#define PATH "/Microsoft-Server-ActiveSync"

static struct fixture fixture;

static int start(void **unused)
{
	(void)unused;
	fixture_start(&fixture);
	return 0;
}

static int stop(void **unused)
{
	(void)unused;
	fixture_stop(&fixture);
	return 0;
}

/* A new phone to the running server. */
static void afresh(void)
{
	eas_phone_release(&fixture.phone);
	fixture.phone = eas_phone_new(fixture.server.port);
}

static struct str folder_sync_0(void)
{
	return hex(&fixture.arena, FOLDERSYNC_0);
}

static void assert_header(const struct eas_reply *r, const char *name, const char *value)
{
	struct str got = eas_reply_header(r, name);

	if (!got.p || !str_eq(got, str_of(value)))
		fail_msg("%s: " STR_FMT, name, STR_ARG(got));
}

/* MS-ASHTTP_R178, R523. */
static void who_does_not_log_in_is_asked_to(void **unused)
{
	static const struct {
		const char *what, *login, *password;
	} cases[] = {
		{ "no credentials", NULL, NULL },
		{ "a wrong password", "ann@example.test", "wrong" },
		{ "an unknown user", "eve@example.test", "secret" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;

		afresh();
		fixture.phone.login = cases[i].login;
		fixture.phone.password = cases[i].password;
		r = eas_phone_ask(&fixture.phone, "FolderSync", folder_sync_0());
		if (r.status != 401)
			fail_msg("%s: %d", cases[i].what, r.status);
		assert_true(str_istarts(eas_reply_header(&r, "WWW-Authenticate"), S("Basic realm=")));
	}
}

/* MS-ASHTTP_R1107. */
/* MS-ASHTTP_R2491 */
static void options_tells_versions_and_commands(void **unused)
{
	struct buf commands = BUF_INIT(1024);
	struct eas_reply r;

	(void)unused;
	afresh();
	eas_phone_send_to(&fixture.phone, "OPTIONS", PATH, STR_EMPTY);
	r = eas_phone_receive(&fixture.phone);
	assert_int_equal(r.status, 200);
	assert_header(&r, "MS-ASProtocolVersions", "2.5,12.0,12.1,14.0,14.1,16.0,16.1");
	for (size_t i = 0; i < eas_commands_n; i++)
		buf_fmt(&commands, "%s%s", i ? "," : "", eas_commands[i].name);
	buf_char(&commands, '\0');
	assert_header(&r, "MS-ASProtocolCommands", commands.p);
	assert_header(&r, "MS-Server-ActiveSync", "16.1");
	assert_int_equal(r.body.n, 0);
	assert_null(eas_reply_header(&r, "Content-Type").p);
	buf_release(&commands);
}

static void options_needs_credentials(void **unused)
{
	(void)unused;
	afresh();
	fixture.phone.login = NULL;
	eas_phone_send_to(&fixture.phone, "OPTIONS", PATH, STR_EMPTY);
	assert_int_equal(eas_phone_receive(&fixture.phone).status, 401);
}

static void the_table_is_sorted_and_whole(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < eas_commands_n; i++) {
		const struct eas_command *c = &eas_commands[i];

		assert_true(i == 0 || strcmp(c[-1].name, c->name) < 0);
		assert_ptr_equal(eas_command_by_name(str_of(c->name)), c);
		if (c->code != EAS_NO_CODE)
			assert_ptr_equal(eas_command_by_code(c->code), c);
		assert_true(c->from <= c->to && c->to < EAS_VERSION_MAX_);
		assert_true(c->handler && c->body_max > 0);
		if (c->flags & EAS_NO_DOCUMENT) {
			assert_true(c->to < EAS_14_0); /* refusals are HTTP statuses */
			continue;
		}
		enum eas_version documents = c->flags & EAS_MIME_BEFORE_14 ? EAS_14_0 : c->from;
		assert_true(wbxml_tag_in((enum wbxml_tag)c->root, documents));
		assert_true(wbxml_tag_in((enum wbxml_tag)c->status, documents));
	}
	assert_null(eas_command_by_name(S("CreateCollection")));
	assert_null(eas_command_by_name(S("")));
	assert_null(eas_command_by_code(255));
}

static void the_path_and_the_query_decide(void **unused)
{
	static const struct {
		const char *what, *method, *target;
		int status;
	} cases[] = {
		{ "as the document writes it", "POST", PATH "?Cmd=FolderSync&" QUERY, 200 },
		{ "the path in lower case", "POST", "/microsoft-server-activesync?Cmd=FolderSync&" QUERY, 200 },
		{ "the command in lower case", "POST", PATH "?Cmd=foldersync&" QUERY, 200 },
		{ "no user (base64 often has none)", "POST",
		  PATH "?Cmd=FolderSync&DeviceId=ApplDNQXTESTFFG5&DeviceType=iPhone", 200 },
		{ "no query", "POST", PATH, 400 },
		{ "no form of a query", "POST", PATH "?x=y", 400 },
		{ "MS-ASCMD_R7558: a command that is not in the table", "POST", PATH "?Cmd=CreateCollection&" QUERY,
		  501 },
		{ "no command", "POST", PATH "?Cmd=&" QUERY, 501 },
		{ "GET", "GET", PATH "?Cmd=FolderSync&" QUERY, 405 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;

		afresh();
		eas_phone_send_to(&fixture.phone, cases[i].method, cases[i].target,
				  strcmp(cases[i].method, "GET") ? folder_sync_0() : STR_EMPTY);
		r = eas_phone_receive(&fixture.phone);
		if (r.status != cases[i].status)
			fail_msg("%s: %d", cases[i].what, r.status);
	}
}

/* MS-ASHTTP_R158, R283; MS-ASCMD_R7559. */
static void the_version_must_be_one_that_is_offered(void **unused)
{
	static const struct {
		const char *version;
		int status;
	} cases[] = {
		{ "12.1", 200 },   { "14.0", 200 }, { "14.1", 200 }, { "16.0", 200 }, { "16.1", 200 },
		{ " 16.1 ", 200 }, { "12.0", 200 }, { "2.5", 200 },  { NULL, 400 },   { "", 400 },
		{ "16.2", 400 },   { "161", 400 },  { "1.0", 500 },  { "2.0", 400 },  { "2.1", 400 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;

		afresh();
		fixture.phone.version = cases[i].version;
		r = eas_phone_ask(&fixture.phone, "FolderSync", folder_sync_0());
		if (r.status != cases[i].status)
			fail_msg("%s: %d", cases[i].version, r.status);
	}
}

/* MS-ASCMD_R4897: a command that came with 16.1, in each version before; up to 12.1 an HTTP status. */
static void a_command_of_a_later_version_is_status_138(void **unused)
{
	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_16_1; v++) {
		struct eas_reply r;

		afresh();
		fixture.phone.version = eas_version_text(v).p;
		r = eas_phone_ask(&fixture.phone, "Find",
				  hex(&fixture.arena, "03 01 6A 00 00 19 45 46 03 'x' 00 01 01"));
		assert_int_equal(r.status, v < EAS_14_0 ? 400 : 200);
		assert_true(v < EAS_14_0 ? r.body.n == 0 : str_eq(eas_reply_text(&r, "Status", 0), S("138")));
	}
}

/* MS-ASHTTP_R22, R23, R33: the version comes from the query, no header is needed. */
static void the_base64_query_says_it_all(void **unused)
{
	struct eas_query q = { .version = 161, .code = 9, .device_id = S("ApplBASE64"), .device_type = S("iPhone") };
	static const struct {
		uint8_t version, code;
		int status;
	} cases[] = { { 161, 9, 200 }, { 121, 9, 200 }, { 120, 9, 400 }, { 99, 9, 400 },
		      { 161, 4, 400 }, { 25, 9, 400 },  { 161, 77, 501 } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf target = BUF_INIT(4096);

		afresh();
		fixture.phone.version = NULL;
		fixture.phone.asked = "FolderSync";
		q.version = cases[i].version;
		q.code = cases[i].code;
		buf_cstr(&target, PATH "?");
		eas_query_encode(&target, &q);
		buf_char(&target, '\0');
		eas_phone_send_to(&fixture.phone, "POST", target.p, folder_sync_0());
		assert_int_equal(eas_phone_receive(&fixture.phone).status, cases[i].status);
		buf_release(&target);
	}
}

/* A common status: in the command's root from 14.0 on, an HTTP status before (MS-ASCMD_R7461). */
static void assert_refused(const char *what, const char *command, struct str body, unsigned status, int http)
{
	struct buf wanted = BUF_INIT(256);
	struct eas_reply r;

	fixture.phone.version = "14.0";
	r = eas_phone_ask(&fixture.phone, command, body);
	buf_fmt(&wanted, "%u", status);
	if (r.status != 200 || !str_eq(eas_reply_text(&r, "Status", 0), buf_view(&wanted)))
		fail_msg("%s: HTTP %d " STR_FMT, what, r.status, STR_ARG(r.xml));
	fixture.phone.version = "12.1";
	r = eas_phone_ask(&fixture.phone, command, body);
	if (r.status != http || r.body.n != 0)
		fail_msg("%s in 12.1: HTTP %d", what, r.status);
	buf_release(&wanted);
}

/* MS-ASCMD_R4828, R4830. */
static void a_device_has_an_id_and_a_type(void **unused)
{
	static const char id_64[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static const char id_65[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0";
	static const struct {
		const char *what, *id, *type;
		unsigned status;
	} cases[] = {
		{ "no id", "", "iPhone", 108 },
		{ "MS-ASHTTP_R102: a comma", "a,b", "iPhone", 108 },
		{ "a blank", "a%20b", "iPhone", 108 },
		{ "beyond ASCII", "%C3%A9", "iPhone", 108 },
		{ "an id above its limit", id_65, "iPhone", 108 },
		{ "no type", "abc", "", 109 },
		{ "a control character in the type", "abc", "a%0Ab", 109 },
		{ "a type above its limit", "abc", id_65, 109 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		afresh();
		fixture.phone.device_id = cases[i].id;
		fixture.phone.device_type = cases[i].type;
		assert_refused(cases[i].what, "FolderSync", folder_sync_0(), cases[i].status, 400);
	}
	afresh();
	fixture.phone.device_id = id_64;
	fixture.phone.device_type = id_64;
	assert_int_equal(eas_phone_ask(&fixture.phone, "FolderSync", folder_sync_0()).status, 200);
}

/* MS-ASHTTP_R143, R438; MS-ASCMD_R4813. */
static void the_body_is_wbxml_by_its_content_type(void **unused)
{
	static const char *const good[] = { "application/vnd.ms-sync.wbxml", "application/vnd.ms-sync",
					    "Application/VND.ms-sync.wbxml; charset=utf-8", NULL };
	static const char *const bad[] = { "text/plain", "message/rfc822", "application/vnd.ms-sync.wbxmlx", "" };

	(void)unused;
	for (size_t i = 0; i < countof(good); i++) {
		afresh();
		fixture.phone.content_type = good[i];
		assert_int_equal(eas_phone_ask(&fixture.phone, "FolderSync", folder_sync_0()).status, 200);
	}
	for (size_t i = 0; i < countof(bad); i++) {
		afresh();
		fixture.phone.content_type = bad[i];
		assert_refused(bad[i], "FolderSync", folder_sync_0(), 101, 400);
	}
}

/* MS-ASCMD_R4812 (101), R4815 (102), R4817 (103). */
/* MS-ASHTTP_R176, MS-ASHTTP_R188 */
static void what_is_no_document_of_the_command_is_refused(void **unused)
{
	static const struct {
		const char *what, *command, *bytes;
		unsigned status;
	} cases[] = {
		{ "no body where one is needed", "FolderSync", "", 101 },
		{ "one byte", "FolderSync", "03", 102 },
		{ "XML in clear", "FolderSync", "'<FolderSync><SyncKey>0</SyncKey></FolderSync>'", 102 },
		{ "a string table", "FolderSync", "03 01 6A 02 'ab' 00 07 56 52 03 '0' 00 01 01", 102 },
		{ "another charset", "FolderSync", "03 01 04 00 00 07 56 52 03 '0' 00 01 01", 102 },
		{ "attributes", "FolderSync", "03 01 6A 00 00 07 D6 05 01 52 03 '0' 00 01 01", 102 },
		{ "a page that is not there", "FolderSync", "03 01 6A 00 00 63 56 01", 102 },
		{ "a token that is not there", "FolderSync", "03 01 6A 00 00 07 7F 01", 102 },
		{ "cut in its text", "FolderSync", "03 01 6A 00 00 07 56 52 03 '0'", 102 },
		{ "bytes behind its end", "FolderSync", "03 01 6A 00 00 07 56 52 03 '0' 00 01 01 01", 102 },
		{ "text that is not UTF-8", "FolderSync", "03 01 6A 00 00 07 56 52 03 FF 00 01 01", 102 },
		{ "the root of another command", "FolderSync", "03 01 6A 00 00 0D 05", 103 },
		{ "the same token of another page", "FolderSync", "03 01 6A 00 00 00 56 52 03 '0' 00 01 01", 103 },
		{ "Ping: bad bytes", "Ping", "03 01 6A 00 00 0D 45 48", 102 },
		{ "Provision: another root", "Provision", "03 01 6A 00 00 07 16", 103 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		afresh();
		assert_refused(cases[i].what, cases[i].command, hex(&fixture.arena, cases[i].bytes), cases[i].status,
			       400);
	}
}

static void a_body_is_bounded_by_its_command(void **unused)
{
	const size_t sizes[] = { EAS_MAX_BODY_FOLDERSYNC, EAS_MAX_BODY_FOLDERSYNC + 1 };
	const int wanted[] = { 200, 413 };

	(void)unused;
	for (size_t i = 0; i < countof(sizes); i++) {
		char *bytes = arena_alloc(&fixture.arena, sizes[i]);

		assert_non_null(bytes);
		afresh();
		assert_int_equal(eas_phone_ask(&fixture.phone, "FolderSync", str_from(bytes, sizes[i])).status,
				 wanted[i]);
	}
}

/* MS-ASHTTP 2.2.2.1.2. */
static void every_answer_says_who_gives_it(void **unused)
{
	struct eas_reply r;

	(void)unused;
	afresh();
	r = eas_phone_ask(&fixture.phone, "FolderSync", folder_sync_0());
	assert_header(&r, "MS-Server-ActiveSync", "16.1");
	assert_header(&r, "Cache-Control", "private");
	assert_header(&r, "Content-Type", "application/vnd.ms-sync.wbxml");
	r = eas_phone_ask(&fixture.phone, "NoSuchCommand", folder_sync_0());
	assert_header(&r, "MS-Server-ActiveSync", "16.1");
	assert_header(&r, "Cache-Control", "private");
}

static void device_row(struct device *ret)
{
	struct store_tx *tx;

	assert_ok(store_begin(fixture.server.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(device_get(&fixture.arena, tx, fixture_device(&fixture), ret));
	assert_ok(store_commit(&tx));
}

static void the_partnership_is_made_at_first_contact_and_kept(void **unused)
{
	struct device first, later;

	(void)unused;
	afresh();
	fixture.phone.device_id = "NewDevice1";
	fixture.phone.version = "14.1";
	assert_int_equal(eas_phone_ask(&fixture.phone, "FolderSync", folder_sync_0()).status, 200);
	device_row(&first);
	assert_int_equal(first.protocol, 141);
	assert_true(str_eq(first.type, S("iPhone")));
	assert_true(str_eq(first.info.user_agent, S("roost-test/1")));
	fixture.phone.version = "16.1";
	assert_int_equal(eas_phone_ask(&fixture.phone, "FolderSync", folder_sync_0()).status, 200);
	device_row(&later);
	assert_int_equal(later.id, first.id);
	assert_int_equal(later.protocol, 161);
}

/* Those that never did would make room. */
static void all_have_synced(int64_t account)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	const struct device_activity synced = { .last_sync_ms = 1 };
	struct store_tx *tx;
	struct device *list;
	size_t n;

	assert_ok(store_begin(fixture.server.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(device_list(&arena, tx, account, &list, &n));
	assert_ok(store_commit(&tx));
	for (size_t i = 0; i < n; i++)
		assert_ok(device_set_activity(fixture.server.store, list[i].id, &synced));
}

/* MS-ASCMD_R4980. */
/* MS-ASHTTP_R180 */
static void an_account_has_so_many_devices(void **unused)
{
	struct server_account many = server_add_account(&fixture.server, "many@example.test", "secret");
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct store_tx *tx;

	(void)unused;
	assert_ok(store_begin(fixture.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	for (unsigned i = 1; i < DEVICE_MAX_PER_ACCOUNT; i++) {
		struct buf id = BUF_INIT(64);
		struct device d;
		bool is_new;

		buf_fmt(&id, "device%u", i);
		assert_ok(device_enroll(&arena, tx, many.id, buf_view(&id), S("iPhone"), &d, &is_new));
		buf_release(&id);
	}
	assert_ok(store_commit(&tx));
	afresh();
	fixture.phone.login = "many@example.test";
	fixture.phone.device_id = "TheLastOne";
	assert_int_equal(eas_phone_ask(&fixture.phone, "FolderSync", folder_sync_0()).status, 200);
	all_have_synced(many.id);
	fixture.phone.device_id = "OneMore";
	assert_refused("one more", "FolderSync", folder_sync_0(), 177, 403);
	fixture.phone.device_id = "TheLastOne";
	assert_int_equal(eas_phone_ask(&fixture.phone, "FolderSync", folder_sync_0()).status, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_does_not_log_in_is_asked_to),
		cmocka_unit_test(options_tells_versions_and_commands),
		cmocka_unit_test(options_needs_credentials),
		cmocka_unit_test(the_table_is_sorted_and_whole),
		cmocka_unit_test(the_path_and_the_query_decide),
		cmocka_unit_test(the_version_must_be_one_that_is_offered),
		cmocka_unit_test(a_command_of_a_later_version_is_status_138),
		cmocka_unit_test(the_base64_query_says_it_all),
		cmocka_unit_test(a_device_has_an_id_and_a_type),
		cmocka_unit_test(the_body_is_wbxml_by_its_content_type),
		cmocka_unit_test(what_is_no_document_of_the_command_is_refused),
		cmocka_unit_test(a_body_is_bounded_by_its_command),
		cmocka_unit_test(every_answer_says_who_gives_it),
		cmocka_unit_test(the_partnership_is_made_at_first_contact_and_kept),
		cmocka_unit_test(an_account_has_so_many_devices),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
