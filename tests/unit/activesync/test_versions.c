/* What differs between the protocol versions beside the elements: who is offered which, and the forms of old answers. */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>
#include <store/ceiling.h>
#include <store/redirect.h>
#include <store/stmt.h>

#define PATH EAS_HTTP_PATH
#define DEVICE "ApplDNQXTESTFFG5"

static void set_ceiling(struct fixture *f, const char *device, unsigned version)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(ceiling_set(tx, f->ann.id, str_of(device), version));
	assert_ok(store_commit(&tx));
}

static struct str header_of_options(struct fixture *f, const char *query, const char *header)
{
	const char *target = commands(f, PATH "%s", query);
	struct eas_reply r;

	eas_phone_send_to(&f->phone, "OPTIONS", target, STR_EMPTY);
	r = eas_phone_receive(&f->phone);
	assert_int_equal(r.status, 200);
	return eas_reply_header(&r, header);
}

static void assert_offered(struct fixture *f, const char *query, const char *versions)
{
	struct str got = header_of_options(f, query, "MS-ASProtocolVersions");

	if (!str_eq(got, str_of(versions)))
		fail_msg("%s: offered " STR_FMT ", not %s", query, STR_ARG(got), versions);
}

/* [activesync] min_version and max_version, and what roostctl sets of an account or a device. */
static void versions_are_offered_between_the_bounds(void **unused)
{
	CLEANUP(fixture_stop) struct fixture f = { .config = { .min_version = 121, .max_version = 160 } };

	(void)unused;
	fixture_start(&f);
	assert_offered(&f, "", "12.1,14.0,14.1,16.0");
	set_ceiling(&f, "", 141);
	assert_offered(&f, "", "12.1,14.0,14.1");
	set_ceiling(&f, DEVICE, 121);
	assert_offered(&f, "", "12.1,14.0,14.1");
	assert_offered(&f, "?Cmd=OPTIONS&DeviceId=" DEVICE, "12.1");
	assert_offered(&f, "?Cmd=OPTIONS&DeviceId=another", "12.1,14.0,14.1");
	assert_offered(&f, "?Cmd=OPTIONS&DeviceId=%00%ff", "12.1,14.0,14.1");
	set_ceiling(&f, "", 161); /* the configuration is the lower one */
	assert_offered(&f, "", "12.1,14.0,14.1,16.0");
	set_ceiling(&f, "", 25); /* below the lowest: what was said last of a phone wins */
	assert_offered(&f, "", "2.5");
	set_ceiling(&f, "", 0);
	assert_offered(&f, "", "12.1,14.0,14.1,16.0");
}

static void set_redirect(struct fixture *f, struct str address, struct str url)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(redirect_set(tx, f->ann.id, &(struct redirect){ address, url }));
	assert_ok(store_commit(&tx));
}

/*
 * MS-ASHTTP_R183, MS-ASHTTP_R268, MS-ASHTTP_R285: 451 with the URL where it is known; MS-ASHTTP_R272: without one the phone
 * asks Autodiscover. Versions that know no 451 hear 403.
 */
static void a_phone_of_an_account_that_lives_elsewhere_is_sent_there(void **unused)
{
	static const struct str there = STR_INIT("https://mail.other.test/Microsoft-Server-ActiveSync");
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	set_redirect(&f, STR_EMPTY, S("https://mail.other.test"));
	r = fixture_foldersync(&f, "0");
	assert_int_equal(r.status, 451);
	assert_true(str_eq(eas_reply_header(&r, "X-MS-Location"), there));
	eas_phone_send_to(&f.phone, "OPTIONS", PATH, STR_EMPTY);
	r = eas_phone_receive(&f.phone);
	assert_int_equal(r.status, 451);
	assert_true(str_eq(eas_reply_header(&r, "X-MS-Location"), there));
	set_redirect(&f, S("ann@other.test"), STR_EMPTY);
	r = fixture_foldersync(&f, "0");
	assert_int_equal(r.status, 451);
	assert_int_equal(eas_reply_header(&r, "X-MS-Location").n, 0);
	f.phone.version = "12.0";
	assert_int_equal(fixture_foldersync(&f, "0").status, 403);
	set_redirect(&f, STR_EMPTY, STR_EMPTY);
	assert_int_equal(fixture_foldersync(&f, "0").status, 200);
}

/* MS-ASHTTP_R226: a phone that speaks a version it is not offered is told to ask again which there are. */
static void a_version_above_the_ceiling_is_refused_with_those_that_are_offered(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	assert_int_equal(fixture_foldersync(&f, "0").status, 200);
	set_ceiling(&f, DEVICE, 141);
	r = fixture_foldersync(&f, "0");
	assert_int_equal(r.status, 400);
	assert_true(str_eq(eas_reply_header(&r, "X-MS-RP"), S("2.5,12.0,12.1,14.0,14.1")));
	assert_true(str_eq(eas_reply_header(&r, "MS-ASProtocolVersions"), S("2.5,12.0,12.1,14.0,14.1")));
	f.phone.version = "14.1";
	r = fixture_foldersync(&f, "0");
	assert_int_equal(r.status, 200);
	assert_true(str_eq(eas_reply_header(&r, "MS-ASProtocolVersions"), S("2.5,12.0,12.1,14.0,14.1")));
	f.phone.version = "16.1";
	f.phone.device_id = "another";
	assert_int_equal(fixture_foldersync(&f, "0").status, 200);
}

/* A command that none of the versions has is not told of. MS-ASCMD_R6021, R6049. */
static void commands_are_told_by_the_versions_that_are_offered(void **unused)
{
	CLEANUP(fixture_stop) struct fixture f = { .config = { .min_version = 140 } };
	struct str commands_told;

	(void)unused;
	fixture_start(&f);
	commands_told = header_of_options(&f, "", "MS-ASProtocolCommands");
	assert_true(str_find(commands_told, S("FolderSync")) < commands_told.n);
	assert_true(str_find(commands_told, S("GetHierarchy")) == commands_told.n);
	assert_true(str_find(commands_told, S("GetAttachment")) == commands_told.n);
}

/* MS-ASCMD 2.2.1.21.2, R4780: short answers came with 12.1. */
static void up_to_12_0_a_sync_without_news_is_answered_in_full(void **unused)
{
	static const struct {
		const char *version;
		bool full;
	} cases[] = { { "2.5", true },   { "12.0", true },  { "12.1", false }, { "14.0", false },
		      { "14.1", false }, { "16.0", false }, { "16.1", false } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		struct eas_reply r;
		const char *key;
		size_t adds;

		f.phone.version = cases[i].version;
		deliver(&f, f.ann.mailbox, "one");
		if (cases[i].full) {
			r = sync_with(&f, inbox, first_key(&f, inbox), "");
			key = key_of(&f, &r);
		} else {
			key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
		}
		r = sync_with(&f, inbox, key, "");
		assert_int_equal(r.status, 200);
		if (!cases[i].full) {
			assert_int_equal(r.body.n, 0);
			continue;
		}
		assert_xml(r, commands(&f,
				       "<Sync xmlns=\"AirSync\"><Collections><Collection><Class>Email</Class>"
				       "<SyncKey>%s</SyncKey><CollectionId>%lld</CollectionId><Status>1</Status>"
				       "</Collection></Collections></Sync>",
				       key, (long long)inbox));
	}
}

/* An empty Sync, Wait and Partial came with 12.1, HeartbeatInterval and ConversationMode with 14.0. */
static void what_a_version_does_not_know_is_malformed_in_it(void **unused)
{
	static const struct {
		const char *what, *in_collection, *tail;
		enum eas_version since;
	} cases[] = {
		{ "Wait", "", "64 03 '1' 00 01", EAS_12_1 },
		{ "Partial", "", "26 55 03 '10' 00 01", EAS_12_1 },
		{ "HeartbeatInterval", "", "69 03 '60' 00 01", EAS_14_0 },
		{ "ConversationMode", "67 03 '0' 00 01", "", EAS_14_0 },
	};

	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);

		f.phone.version = eas_version_text(v).p;
		assert_int_equal(eas_phone_ask(&f.phone, "Sync", STR_EMPTY).status, v < EAS_12_1 ? 400 : 200);
		deliver(&f, f.ann.mailbox, "one");
		for (size_t i = 0; i < countof(cases); i++) {
			struct eas_reply r = sync_with(&f, inbox, "0", "");
			bool knows = v >= cases[i].since;

			r = eas_phone_ask(&f.phone, "Sync",
					  sync_doc(&f, inbox, key_of(&f, &r), cases[i].in_collection, cases[i].tail));
			if (str_eq(eas_reply_text(&r, "Status", 0), S("4")) == knows)
				fail_msg("%s in " STR_FMT ": " STR_FMT, cases[i].what, STR_ARG(eas_version_text(v)),
					 STR_ARG(r.xml));
		}
	}
}

/* MS-ASCMD_R6026, R6027, R6037, R6047, R6048, R6927, R6453. */
/* MS-ASCMD_R7397, MS-ASCMD_R7398, MS-ASCMD_R7399, MS-ASCMD_R7399101801: not from 14.0 on; MS-ASCMD_R7396. */
/*
 * One Folders, MS-ASCMD_R6600, R6601, R6602, R6603, of Folder elements, MS-ASCMD_R6567, R6569, R6570, R6571, R6572; each with
 * one DisplayName, MS-ASCMD_R6452, R6454, R6455, R6456, R6457; ServerId, MS-ASCMD_R7144, R7146, R7147, R7148, R7149; Type,
 * MS-ASCMD_R7384, R7385, R7386, R7387; and ParentId, MS-ASCMD_R6926, R6929, R6930, R6931, R6932. MS-ASCMD_R7388: each Type.
 */
static void get_hierarchy_lists_the_folders_of_mail(void **unused)
{
	static const char *const each[] = { "DisplayName", "ServerId", "Type", "ParentId" };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	int64_t below = fixture_add_folder(&f, "Below", FOLDER_MAIL, inbox);
	struct eas_reply r;

	(void)unused;
	fixture_add_folder(&f, "My Calendar", FOLDER_CALENDAR, FOLDER_ROOT);
	for (enum eas_version v = EAS_2_5; v < EAS_14_0; v++) {
		const char *wanted;

		f.phone.version = eas_version_text(v).p;
		r = eas_phone_ask(&f.phone, "GetHierarchy", STR_EMPTY);
		assert_int_equal(r.status, 200);
		assert_true(str_find(r.xml, S("?><Folders xmlns=\"FolderHierarchy\"><Folder>")) < r.xml.n);
		assert_int_equal(eas_reply_count(&r, "Folder"), 7);
		for (size_t i = 0; i < countof(each); i++)
			assert_int_equal(eas_reply_count(&r, each[i]), 7);
		assert_true(str_find(r.xml, S("Calendar")) == r.xml.n);
		wanted = commands(&f,
				  "<Folder><DisplayName>Below</DisplayName><ServerId>%lld</ServerId><Type>1</Type>"
				  "<ParentId>%lld</ParentId></Folder>",
				  (long long)below, (long long)inbox);
		assert_true(str_find(r.xml, str_of(wanted)) < r.xml.n);
		assert_true(str_find(r.xml, S("<DisplayName>Junk E-mail</DisplayName><ServerId>6</ServerId>"
					      "<Type>1</Type><ParentId>0</ParentId>")) < r.xml.n);
		for (unsigned type = 1; type <= 6; type++)
			assert_true(str_find(r.xml, str_of(commands(&f, "<Type>%u</Type>", type))) < r.xml.n);
	}
	for (enum eas_version v = EAS_14_0; v < EAS_VERSION_MAX_; v++) { /* MS-ASCMD_R6049, R6050, R6051 */
		f.phone.version = eas_version_text(v).p;
		r = eas_phone_ask(&f.phone, "GetHierarchy", STR_EMPTY);
		assert_int_equal(r.status, 400);
		assert_int_equal(r.body.n, 0);
	}
}

/*
 * What stays is told with the number that FolderSync gives, and no phone changes or deletes it. Sent Items: MS-ASCMD_R6030,
 * MS-ASCMD_R7505; Deleted Items: MS-ASCMD_R7506, MS-ASCMD_R7507. Page 07: 52 SyncKey, 54 FolderDelete, 55 FolderUpdate, 48 ServerId.
 */
static void get_hierarchy_names_what_stays(void **unused)
{
	static const struct {
		enum folder_role role;
		unsigned type;
	} cases[] = { { FOLDER_SENT, 5 }, { FOLDER_DELETED, 4 } };
	FIXTURE(f);

	(void)unused;
	f.phone.version = "12.1";
	for (size_t i = 0; i < countof(cases); i++) {
		long long id = (long long)fixture_role(&f, cases[i].role);
		struct eas_reply r = fixture_foldersync(&f, "0");
		const char *key = key_of(&f, &r);

		r = eas_phone_ask(&f.phone, "GetHierarchy", STR_EMPTY);
		assert_true(str_find(r.xml, str_of(commands(&f, "<ServerId>%lld</ServerId><Type>%u</Type>", id,
							    cases[i].type))) < r.xml.n);
		r = eas_phone_ask(&f.phone, "FolderDelete",
				  doc(&f, HEAD "00 07 54 52 03 '%s' 00 01 48 03 '%lld' 00 01 01", key, id));
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
		r = eas_phone_ask(
			&f.phone, "FolderUpdate",
			doc(&f, HEAD "00 07 55 52 03 '%s' 00 01 48 03 '%lld' 00 01 49 03 '0' 00 01 47 03 'x' 00 01 01",
			    key, id));
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("2")));
	}
}

/* MS-ASCMD_R6033 */
static void get_hierarchy_of_a_damaged_mailbox_is_500(void **unused)
{
	static const struct sql_def damage = { "test_damage", "ALTER TABLE folder RENAME COLUMN unread TO unheard" };
	FIXTURE(f);
	struct store_tx *tx;
	struct sql_stmt *st;

	(void)unused;
	f.phone.version = "12.1";
	assert_int_equal(eas_phone_ask(&f.phone, "GetHierarchy", STR_EMPTY).status, 200);
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
	assert_ok(sql_use(store_tx_db(tx), &damage, &st));
	assert_ok(sql_run(st));
	assert_ok(store_commit(&tx));
	assert_int_equal(eas_phone_ask(&f.phone, "GetHierarchy", STR_EMPTY).status, 500);
}

static const char with_attachment[] =
	"From: Bob <bob@example.org>\r\nTo: Ann <ann@example.test>\r\nSubject: old\r\nMIME-Version: 1.0\r\n"
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	"--b\r\nContent-Type: text/html\r\n\r\n<p>Hello <b>you</b></p>\r\n"
	"--b\r\nContent-Type: application/x-thing; name=thing.bin\r\nContent-Transfer-Encoding: base64\r\n"
	"Content-Disposition: attachment\r\n\r\nSGVsbG8sIG9jdGV0cyEA/4A=\r\n--b--\r\n";
#define ATTACHED "Hello, octets!\0\377\200"

/* Page 00: 57 Options, 59 Truncation, 62 MIMESupport, 63 MIMETruncation. */
#define OPTIONS(inside) "57 " inside " 01 "

/* Page 02 (Email), 0x06 to 0x0E and 0x36 to 0x38; MS-ASCMD 2.2.3.185 (Truncation), 2.2.3.111. */
static void in_2_5_a_mail_has_its_body_flat(void **unused)
{
	static const struct {
		const char *what, *options, *wanted;
	} cases[] = {
		{ "nothing asked", "",
		  "<email:BodyTruncated>0</email:BodyTruncated><email:BodySize>11</email:BodySize>"
		  "<email:Body>Hello you&#13;</email:Body>" },
		{ "Truncation 0: everything is cut", OPTIONS("59 03 '0' 00 01"),
		  "<email:BodyTruncated>1</email:BodyTruncated><email:BodySize>11</email:BodySize><email:Body/>" },
		{ "Truncation 1: 512 bytes", OPTIONS("59 03 '1' 00 01"),
		  "<email:BodyTruncated>0</email:BodyTruncated><email:BodySize>11</email:BodySize>" },
		{ "Truncation 9: nothing is cut", OPTIONS("59 03 '9' 00 01"), "<email:Body>Hello you" },
		{ "MIME", OPTIONS("62 03 '2' 00 01"), "<email:MIMETruncated>0</email:MIMETruncated>" },
		{ "MIME cut to nothing", OPTIONS("62 03 '2' 00 01 63 03 '0' 00 01"),
		  "<email:MIMETruncated>1</email:MIMETruncated>" },
		{ "MIME of S/MIME alone", OPTIONS("62 03 '1' 00 01"), "<email:Body>Hello you" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		struct eas_reply r;

		f.phone.version = "2.5";
		deliver_octets(&f, f.ann.mailbox, str_of(with_attachment));
		r = sync_with(&f, inbox, first_key(&f, inbox), cases[i].options);
		if (str_find(r.xml, str_of(cases[i].wanted)) == r.xml.n)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
		assert_true(str_find(r.xml, S("<email:AttSize>18</email:AttSize>"
					      "<email:AttMethod>1</email:AttMethod>"
					      "<email:DisplayName>thing.bin</email:DisplayName>")) < r.xml.n);
	}
}

static void truncation_out_of_its_range_is_malformed(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	f.phone.version = "2.5";
	r = sync_with(&f, inbox, first_key(&f, inbox), OPTIONS("59 03 '10' 00 01"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("4")));
	f.phone.version = "12.1"; /* does not know it: passed over */
	r = sync_with(&f, inbox, first_key(&f, inbox), OPTIONS("59 03 '10' 00 01"));
	assert_int_equal(r.body.n, 0);
}

static const char *attachment_name(struct fixture *f)
{
	int64_t inbox = fixture_role(f, FOLDER_INBOX);
	struct eas_reply r;
	const char *name;

	f->phone.version = "2.5";
	deliver_octets(f, f->ann.mailbox, str_of(with_attachment));
	r = sync_with(f, inbox, first_key(f, inbox), "");
	assert_ok(arena_cstr(&f->arena, eas_reply_text(&r, "email:AttName", 0), &name));
	return name;
}

static struct eas_reply get_attachment(struct fixture *f, const char *name)
{
	const char *target = commands(
		f, PATH "?Cmd=GetAttachment&User=ann&DeviceId=" DEVICE "&DeviceType=iPhone&AttachmentName=%s", name);

	eas_phone_send_to(&f->phone, "POST", target, STR_EMPTY);
	return eas_phone_receive(&f->phone);
}

/* MS-ASCMD_R157, R161, R162, R164, R166, R6020, R6021, R6022, R6023; MS-ASHTTP_R115, R165. */
static void get_attachment_gives_the_octets_with_their_type(void **unused)
{
	static const char *const bad[] = { "", "1", "1:99:2", "x:y:z", "1:1:9", "%00" };
	FIXTURE(f);
	const char *name = attachment_name(&f);
	struct eas_reply r;

	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		f.phone.version = eas_version_text(v).p;
		r = get_attachment(&f, name);
		assert_int_equal(r.status, v < EAS_14_0 ? 200 : 400);
		if (v >= EAS_14_0)
			continue;
		assert_true(str_eq(r.body, str_from(ATTACHED, sizeof(ATTACHED) - 1)));
		assert_true(str_eq(eas_reply_header(&r, "Content-Type"), S("application/x-thing")));
	}
	f.phone.version = "12.1";
	for (size_t i = 0; i < countof(bad); i++)
		if (get_attachment(&f, bad[i]).status != 500)
			fail_msg("%s", bad[i]);
}

/* "thing für dich.bin" and "two.txt" in it. */
static const char packed[] = "From: Bob <bob@example.org>\r\nTo: Ann <ann@example.test>\r\nSubject: packed\r\n"
			     "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
			     "--b\r\n\r\nHello there\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
			     "Content-Transfer-Encoding: base64\r\n\r\n"
			     "eJ8+IgEAAQiABwAJAAAASVBNLk5vdGUAqgICApAGAA4AAAABAP////8AAAAAAAAAAP0DAhCAAQAM\r\n"
			     "AAAAVEhJTkd+MS5CSU4AMAMCD4AGABEAAABIZWxsbywgb2N0ZXRzIQD/gHIGAgWQBgDUAAAABgAA\r\n"
			     "AAMABTcBAAAAAwAFgAABAgMEBQYHCAkKCwwNDg8AAAAAAYUAAA8AAAALAAaAAAECAwQFBgcICQoL\r\n"
			     "DA0ODwEAAAAGAAAAYQBiAGMAAAAAAAAAQBAHMAIAAAAAAAAAAAAAAAAAAAAAAAAAHwAHNwEAAAAm\r\n"
			     "AAAAdABoAGkAbgBnACAAZgD8AHIAIABkAGkAYwBoAC4AYgBpAG4AAAAAAB8ADjcBAAAAKAAAAGEA\r\n"
			     "cABwAGwAaQBjAGEAdABpAG8AbgAvAHgALQB0AGgAaQBuAGcAAABaFAICkAYADgAAAAEA/////wAA\r\n"
			     "AAAAAAAA/QMCEIABAAgAAAB0d28udHh0AOgCAg+ABgADAAAAdHdvWgECBZAGAGwAAAAEAAAAAwAF\r\n"
			     "NwEAAAADAAWAAAECAwQFBgcICQoLDA0ODwAAAAABhQAADwAAAAsABoAAAQIDBAUGBwgJCgsMDQ4P\r\n"
			     "AQAAAAYAAABhAGIAYwAAAAAAAABAEAcwAgAAAAAAAAAAAAAAAAAAAAAAAACYBA==\r\n"
			     "--b--\r\n";

static void get_attachment_gives_a_file_in_a_winmail_dat(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *name;

	(void)unused;
	f.phone.version = "2.5";
	deliver_octets(&f, f.ann.mailbox, str_from(packed, sizeof(packed) - 1));
	r = sync_with(&f, inbox, first_key(&f, inbox), "");
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "email:AttName", 1), &name));
	assert_true(str_ends(str_of(name), S(":2/2")));
	r = get_attachment(&f, name);
	assert_int_equal(r.status, 200);
	assert_true(str_eq(r.body, S("two")));
	assert_true(str_eq(eas_reply_header(&r, "Content-Type"), S("application/octet-stream")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phone_of_an_account_that_lives_elsewhere_is_sent_there),
		cmocka_unit_test(versions_are_offered_between_the_bounds),
		cmocka_unit_test(a_version_above_the_ceiling_is_refused_with_those_that_are_offered),
		cmocka_unit_test(commands_are_told_by_the_versions_that_are_offered),
		cmocka_unit_test(up_to_12_0_a_sync_without_news_is_answered_in_full),
		cmocka_unit_test(what_a_version_does_not_know_is_malformed_in_it),
		cmocka_unit_test(get_hierarchy_lists_the_folders_of_mail),
		cmocka_unit_test(get_hierarchy_names_what_stays),
		cmocka_unit_test(get_hierarchy_of_a_damaged_mailbox_is_500),
		cmocka_unit_test(in_2_5_a_mail_has_its_body_flat),
		cmocka_unit_test(truncation_out_of_its_range_is_malformed),
		cmocka_unit_test(get_attachment_gives_the_octets_with_their_type),
		cmocka_unit_test(get_attachment_gives_a_file_in_a_winmail_dat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
