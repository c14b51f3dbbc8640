/* SendMail in both forms, over a real connection: what is queued, what is refused, and once. */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>
#include <store/queue.h>
#include <store/quota.h>
#include <tests/support/hex.h>

#define MAIL "To: bob@x.test\r\nSubject: hi\r\n\r\nhello\r\n"

/*
 * Page 21 (ComposeMail): 45 SendMail, 08 SaveInSentItems, 09 ReplaceMime, 4B Source, 50 Mime, 51 ClientId, 53 AccountId.
 */
static struct str document(struct fixture *f, const char *client_id, const char *more, struct str mime)
{
	struct buf b = BUF_INIT(EAS_MAX_BODY_SENDMAIL + 4096);
	struct str ret;

	buf_str(&b, hex(&f->arena, "03 01 6A 00  00 15 45"));
	if (client_id) {
		buf_put(&b, "\x51\x03", 2);
		buf_cstr(&b, client_id);
		buf_put(&b, "\x00\x01", 2);
	}
	buf_str(&b, hex(&f->arena, more));
	if (mime.p) {
		buf_put(&b, "\x50\xC3", 2);
		for (int shift = 28; shift > 0; shift -= 7)
			buf_char(&b, (char)(0x80 | ((mime.n >> shift) & 0x7f)));
		buf_char(&b, (char)(mime.n & 0x7f));
		buf_str(&b, mime);
		buf_char(&b, 1);
	}
	buf_char(&b, 1);
	assert_ok(arena_str(&f->arena, buf_view(&b), &ret));
	buf_release(&b);
	return ret;
}

static size_t queued(struct fixture *f, struct queue_entry **ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	size_t n;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(queue_list(&f->arena, tx, 0, true, 100, ret, &n));
	return n;
}

static size_t in_sent(struct fixture *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder folder;
	int64_t id = fixture_role(f, FOLDER_SENT);

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(folder_get(&f->arena, tx, id, &folder));
	assert_int_equal(folder.unread, 0);
	return folder.total;
}

/* MS-ASCMD_R463, MS-ASCMD_R5890, MS-ASCMD_R4379, MS-ASCMD_R5091 */
static void assert_sent(struct eas_reply r)
{
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0);
	assert_true(str_eq(eas_reply_header(&r, "Content-Length"), S("0")));
	assert_null(eas_reply_header(&r, "Content-Type").p);
}

/* MS-ASCMD_R443, MS-ASCMD_R7542, MS-ASCMD_R6095, MS-ASCMD_R6096, MS-ASCMD_R6097 by their versions, MS-ASCMD_R3870, MS-ASCMD_R3871, MS-ASCMD_R721 */
static void a_document_is_sent_and_answered_with_nothing(void **unused)
{
	static const char *const versions[] = { "14.0", "14.1", "16.0", "16.1" };
	FIXTURE(f);
	struct queue_entry *list;

	(void)unused;
	for (size_t i = 0; i < countof(versions); i++) {
		f.phone.version = versions[i];
		assert_sent(eas_phone_ask(&f.phone, "SendMail", document(&f, versions[i], "", S(MAIL))));
		assert_int_equal(queued(&f, &list), i + 1);
		assert_int_equal(list[i].account, f.ann.id);
		assert_true(str_eq(list[i].sender, S("ann@example.test")));
	}
	assert_int_equal(in_sent(&f), 0);
	assert_sent(eas_phone_ask(&f.phone, "SendMail", document(&f, "with copy", "08", S(MAIL))));
	assert_int_equal(in_sent(&f), 1);
}

/* MS-ASCMD_R7541, MS-ASCMD_R7539, MS-ASCMD_R7537, MS-ASHTTP_R121 */
static void up_to_12_1_the_request_is_the_message(void **unused)
{
	static const char *const versions[] = { "2.5", "12.0", "12.1" };
	static const char *const mails[] = { MAIL, "X: 1\r\n" MAIL, "X: 2\r\n" MAIL };
	FIXTURE(f);
	struct queue_entry *list;

	(void)unused;
	f.phone.content_type = "message/rfc822";
	for (size_t i = 0; i < countof(versions); i++) {
		f.phone.version = versions[i];
		assert_sent(eas_phone_ask(&f.phone, "SendMail", str_of(mails[i])));
		assert_int_equal(queued(&f, &list), i + 1);
	}
	assert_int_equal(in_sent(&f), 0);
	eas_phone_send_to(&f.phone, "POST",
			  "/Microsoft-Server-ActiveSync?Cmd=SendMail&User=ann&DeviceId=D1&DeviceType=T&SaveInSent=T",
			  S(MAIL));
	assert_sent(eas_phone_receive(&f.phone));
	assert_int_equal(in_sent(&f), 1);
	/* The base64 form: 12.1, SendMail (1), no locale, device "D1", no policy key, type "T"; option 7 has bit 0. */
	eas_phone_send_to(&f.phone, "POST", "/Microsoft-Server-ActiveSync?eQEAAAJEMQABVAcBAQ==", S("X: 3\r\n" MAIL));
	assert_sent(eas_phone_receive(&f.phone));
	assert_int_equal(in_sent(&f), 2);
}

/* MS-ASCMD_R953, MS-ASCMD_R4848, MS-ASCMD_R4850, MS-ASCMD_R5092 */
static void a_client_id_is_sent_once(void **unused)
{
	FIXTURE(f);
	struct queue_entry *list;
	struct eas_reply r;

	(void)unused;
	assert_sent(eas_phone_ask(&f.phone, "SendMail", document(&f, "a1", "08", S(MAIL))));
	for (int i = 0; i < 2; i++) {
		r = eas_phone_ask(&f.phone, "SendMail", document(&f, "a1", "08", S("To: eve@x.test\r\n\r\n")));
		assert_xml(r, "<SendMail xmlns=\"ComposeMail\"><Status>118</Status></SendMail>");
	}
	fixture_restart(&f);
	r = eas_phone_ask(&f.phone, "SendMail", document(&f, "a1", "08", S(MAIL)));
	assert_xml(r, "<SendMail xmlns=\"ComposeMail\"><Status>118</Status></SendMail>");
	assert_int_equal(queued(&f, &list), 1);
	assert_int_equal(in_sent(&f), 1);
	assert_sent(eas_phone_ask(&f.phone, "SendMail", document(&f, "a2", "08", S(MAIL))));
	assert_int_equal(in_sent(&f), 2);
}

static void set_quota(struct fixture *f, uint64_t bytes)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(quota_set(tx, &(struct quota){ .bytes = bytes }));
	assert_ok(store_commit(&tx));
}

/* MS-ASCMD_R4838, MS-ASCMD_R7553: refused before it is queued, so that the phone may send it again when there is room. */
static void what_there_is_no_room_to_keep_is_not_sent(void **unused)
{
	FIXTURE(f);
	struct queue_entry *list;
	struct eas_reply r;

	(void)unused;
	set_quota(&f, strlen(MAIL) - 1);
	r = eas_phone_ask(&f.phone, "SendMail", document(&f, "q1", "08", S(MAIL)));
	assert_xml(r, "<SendMail xmlns=\"ComposeMail\"><Status>113</Status></SendMail>");
	assert_int_equal(queued(&f, &list), 0);
	assert_sent(eas_phone_ask(&f.phone, "SendMail", document(&f, "q2", "", S(MAIL)))); /* nothing is to be kept */
	set_quota(&f, 0);
	assert_sent(eas_phone_ask(&f.phone, "SendMail", document(&f, "q1", "08", S(MAIL))));
	assert_int_equal(in_sent(&f), 1);
	set_quota(&f, 1);
	f.phone.version = "12.1";
	f.phone.content_type = "message/rfc822";
	eas_phone_send_to(&f.phone, "POST",
			  "/Microsoft-Server-ActiveSync?Cmd=SendMail&User=ann&DeviceId=D1&DeviceType=T&SaveInSent=T",
			  S(MAIL));
	assert_int_equal(eas_phone_receive(&f.phone).status, 507);
}

/* sync-engine rule 16: before 14.0 by the octets, for a day. */
static void equal_octets_are_sent_once(void **unused)
{
	FIXTURE(f);
	struct queue_entry *list;

	(void)unused;
	f.phone.version = "12.1";
	f.phone.content_type = "message/rfc822";
	assert_sent(eas_phone_ask(&f.phone, "SendMail", S(MAIL)));
	assert_sent(eas_phone_ask(&f.phone, "SendMail", S(MAIL)));
	assert_int_equal(queued(&f, &list), 1);
	f.phone.device_id = "another";
	assert_sent(eas_phone_ask(&f.phone, "SendMail", S(MAIL)));
	assert_int_equal(queued(&f, &list), 2);
}

/* MS-ASCMD_R4380 */
static void what_cannot_be_sent_says_why(void **unused)
{
	static const struct {
		const char *what, *version, *client_id, *more;
		struct str mime; /* .p NULL: none */
		unsigned status;
	} cases[] = {
		{ "no recipient (MS-ASCMD_R4853)", "14.0", "1", "", STR_INIT("Subject: x\r\n\r\n"), 119 },
		{ "a recipient that is no address (MS-ASCMD_R4844)", "14.0", "1", "",
		  STR_INIT("To: \"a<b\"@x.test\r\n\r\n"), 116 },
		{ "no message (MS-ASCMD_R4826)", "14.0", "1", "", STR_INIT("hello"), 107 },
		{ "an empty one", "14.0", "1", "", STR_INIT(""), 107 },
		{ "no Mime (MS-ASCMD_R4817)", "14.0", "1", "", { NULL, 0 }, 103 },
		{ "no ClientId (MS-ASCMD_R1334)", "14.0", NULL, "", STR_INIT(MAIL), 103 },
		{ "an empty ClientId", "14.0", "", "", STR_INIT(MAIL), 103 },
		{ "Source, which SendMail has not", "14.0", "1", "4B 01", STR_INIT(MAIL), 103 },
		{ "ReplaceMime", "14.0", "1", "09", STR_INIT(MAIL), 103 },
		{ "an AccountId (MS-ASCMD_R723, MS-ASCMD_R724)", "14.1", "1", "53 03 'x' 00 01", STR_INIT(MAIL), 166 },
		{ "an AccountId before there was one", "14.0", "1", "53 03 'x' 00 01", STR_INIT(MAIL), 103 },
		{ "a rights template (MS-ASRM_R196)", "14.1", "1", "00 18 54 03 'x' 00 01 00 15", STR_INIT(MAIL), 168 },
		{ "an element of elsewhere", "14.1", "1", "00 00 0B 00 15", STR_INIT(MAIL), 103 },
	};
	FIXTURE(f);
	struct queue_entry *list;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		f.phone.version = cases[i].version;
		struct eas_reply r = eas_phone_ask(&f.phone, "SendMail",
						   document(&f, cases[i].client_id, cases[i].more, cases[i].mime));
		uint64_t status = 0;

		if (!r.xml.p || str_to_u64(eas_reply_text(&r, "Status", 0), 999, &status) || status != cases[i].status)
			fail_msg("%s: HTTP %d, status %u", cases[i].what, r.status, (unsigned)status);
	}
	assert_int_equal(queued(&f, &list), 0);
}

static void before_14_0_it_is_an_http_status(void **unused)
{
	static const struct {
		const char *what, *type;
		struct str body;
		int status;
	} cases[] = {
		{ "no recipient", "message/rfc822", STR_INIT("Subject: x\r\n\r\n"), 400 },
		{ "no message", "message/rfc822", STR_INIT("hello"), 400 },
		{ "a document (MS-ASCMD_R4813, MS-ASCMD_R7545)", "application/vnd.ms-sync.wbxml", STR_INIT(MAIL), 400 },
		{ "nothing", "message/rfc822", STR_INIT(""), 400 },
		{ "a type with parameters", "Message/RFC822; charset=utf-8", STR_INIT(MAIL), 200 },
		{ "no type", NULL, STR_INIT("X: y\r\n" MAIL), 200 },
	};
	FIXTURE(f);

	(void)unused;
	f.phone.version = "12.1";
	for (size_t i = 0; i < countof(cases); i++) {
		f.phone.content_type = cases[i].type;
		struct eas_reply r = eas_phone_ask(&f.phone, "SendMail", cases[i].body);

		if (r.status != cases[i].status)
			fail_msg("%s: HTTP %d", cases[i].what, r.status);
	}
}

/* MS-ASCMD_R952 */
static void a_client_id_has_forty_characters_at_most(void **unused)
{
	FIXTURE(f);

	(void)unused;
	for (size_t n = 40; n <= 41; n++) {
		struct buf id = BUF_INIT(200);

		for (size_t i = 0; i < n; i++)
			buf_cstr(&id, "\xf0\x9f\x93\xa7"); /* four bytes, one character */
		buf_char(&id, '\0');
		struct eas_reply r = eas_phone_ask(&f.phone, "SendMail", document(&f, id.p, "", S(MAIL)));
		assert_int_equal(r.body.n > 0, n > 40);
		buf_release(&id);
	}
}

/* MS-ASCMD_R4842 */
static void a_message_ends_at_its_limit(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	f.sender.max_bytes = sizeof(MAIL) - 1;
	assert_sent(eas_phone_ask(&f.phone, "SendMail", document(&f, "1", "", S(MAIL))));
	r = eas_phone_ask(&f.phone, "SendMail", document(&f, "2", "", S(MAIL "x")));
	assert_xml(r, "<SendMail xmlns=\"ComposeMail\"><Status>115</Status></SendMail>");
}

/* MS-ASCMD_R447: what was sent comes to other devices by Sync. */
static void the_copy_comes_to_every_device(void **unused)
{
	FIXTURE(f);

	(void)unused;
	fixture_learn_hierarchy(&f);
	fixture_sync(&f, fixture_role(&f, FOLDER_SENT));
	assert_sent(eas_phone_ask(&f.phone, "SendMail", document(&f, "1", "08", S(MAIL))));
	struct fixture *p = &f;
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item *items;
	size_t n;

	int64_t folder = fixture_role(p, FOLDER_SENT);
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_READ, &tx));
	assert_ok(item_list(&f.arena, tx, folder, 0, 10, &items, &n));
	assert_int_equal(n, 1);
	assert_int_equal(items[0].created_by, STORE_NOBODY); /* also to the one that sent it */
	assert_int_equal(items[0].flags, ITEM_SEEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_sent_and_answered_with_nothing),
		cmocka_unit_test(up_to_12_1_the_request_is_the_message),
		cmocka_unit_test(a_client_id_is_sent_once),
		cmocka_unit_test(equal_octets_are_sent_once),
		cmocka_unit_test(what_cannot_be_sent_says_why),
		cmocka_unit_test(before_14_0_it_is_an_http_status),
		cmocka_unit_test(a_client_id_has_forty_characters_at_most),
		cmocka_unit_test(a_message_ends_at_its_limit),
		cmocka_unit_test(what_there_is_no_room_to_keep_is_not_sent),
		cmocka_unit_test(the_copy_comes_to_every_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
