/* SmartReply and SmartForward: what the phone wrote is joined with the original, which is marked. */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>
#include <gateway/mailbox/entry.h>
#include <gateway/mailbox/intake.h>
#include <store/blob.h>
#include <tests/support/hex.h>

#define REPLY "To: eve@x.test\r\nSubject: Re: question\r\n\r\nyes\r\n"
#define ORIGINAL                                                                                            \
	"From: Eve <eve@x.test>\r\nTo: ann@example.test\r\nSubject: question\r\nMessage-ID: <q@x.test>\r\n" \
	"References: <p@x.test>\r\nDate: Thu, 01 Jan 2026 08:00:00 +0000\r\n"

static int64_t take_mail(struct fixture *f, const char *text)
{
	struct intake *in;
	struct item *items;
	struct store_tx *tx;
	size_t n;

	assert_ok(intake_new(f->server.dir.path, INTAKE_MAX_BYTES_DEFAULT, &in));
	assert_ok(intake_put(in, str_of(text)));
	assert_ok(intake_finish(in));
	assert_ok(intake_deliver(in, f->server.store, f->ann.mailbox, SERVER_NOW_MS));
	intake_free(&in);
	int64_t inbox = fixture_role(f, FOLDER_INBOX);
	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(item_list(&f->arena, tx, inbox, 0, 1000, &items, &n));
	assert_ok(store_commit(&tx));
	return items[n - 1].id;
}

static struct item item_now(struct fixture *f, int64_t id)
{
	struct store_tx *tx;
	struct item item;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(item_find(&f->arena, tx, id, &item));
	assert_ok(store_commit(&tx));
	return item;
}

/*
 * Page 21 (ComposeMail): 46 SmartForward, 47 SmartReply, 09 ReplaceMime, 4B Source, 4C FolderId, 4D ItemId, 4E LongId,
 * 4F InstanceId, 50 Mime, 51 ClientId, 55 Forwardees.
 */
static struct eas_reply ask(struct fixture *f, const char *command, const char *client_id, const char *more,
			    const char *mime)
{
	struct buf b = BUF_INIT(1 << 20);
	struct eas_reply r;
	size_t n = mime ? strlen(mime) : 0;

	buf_str(&b, hex(&f->arena, strcmp(command, "SmartReply") ? "03 01 6A 00  00 15 46" : "03 01 6A 00  00 15 47"));
	buf_fmt(&b, "\x51\x03%s%c\x01", client_id, '\0');
	buf_str(&b, hex(&f->arena, more));
	if (mime) {
		buf_put(&b, "\x50\xC3", 2);
		buf_char(&b, (char)(0x80 | (n >> 7 & 0x7f)));
		buf_char(&b, (char)(n & 0x7f));
		buf_cstr(&b, mime);
		buf_char(&b, 1);
	}
	buf_char(&b, 1);
	r = eas_phone_ask(&f->phone, command, buf_view(&b));
	buf_release(&b);
	return r;
}

/* Source by FolderId and ItemId. */
static const char *source(struct fixture *f, int64_t id)
{
	static char text[200];
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(text) - 1);

	buf_fmt(&b, "4B 4C 03 '%lld' 00 01 4D 03 '%lld:%lld' 00 01 01", (long long)fixture_role(f, FOLDER_INBOX),
		(long long)fixture_role(f, FOLDER_INBOX), (long long)id);
	memcpy(text, b.p, b.n);
	text[b.n] = '\0';
	return text;
}

/* The octets of the last message queued. */
static struct str sent(struct fixture *f)
{
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	struct store_tx *tx;
	struct queue_entry *list;
	size_t n, got;
	char *p;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(queue_list(&f->arena, tx, 0, true, 100, &list, &n));
	assert_true(n > 0);
	assert_ok(store_blob_open(tx, list[n - 1].blob, &blob));
	assert_ok(store_commit(&tx));
	p = arena_alloc(&f->arena, (size_t)store_blob_size(blob) + 1);
	assert_non_null(p);
	assert_ok(store_blob_read(blob, 0, p, (size_t)store_blob_size(blob), &got));
	return str_from(p, got);
}

#define assert_has(text, part) assert_has_((text), (part), __LINE__)
static void assert_has_(struct str text, const char *part, int line)
{
	if (str_find(text, str_of(part)) == text.n)
		fail_msg("line %d: '%s' is not in:\n" STR_FMT, line, part, STR_ARG(text));
}
#define assert_lacks(text, part) assert_true(str_find((text), S(part)) == (text).n)

/* MS-ASCMD_R579, MS-ASCMD_R580, MS-ASCMD_R605, MS-ASCMD_R5887, MS-ASCMD_R5776 */
static void a_reply_quotes_the_original(void **unused)
{
	FIXTURE(f);
	int64_t id = take_mail(&f, ORIGINAL "\r\nreally?\r\n");
	struct eas_reply r = ask(&f, "SmartReply", "1", source(&f, id), REPLY);

	(void)unused;
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0);
	struct str text = sent(&f);
	assert_has(text, "To: eve@x.test\r\nSubject: Re: question\r\n");
	assert_has(text, "In-Reply-To: <q@x.test>\r\nReferences: <p@x.test> <q@x.test>\r\n");
	assert_has(text, "yes\r\n");
	assert_has(text, "-----Original Message-----\r\nFrom: \"Eve\" <eve@x.test>\r\n"
			 "Sent: Thu, 01 Jan 2026 08:00:00 +0000\r\nTo: ann@example.test\r\n"
			 "Subject: question\r\n\r\nreally?\r\n");
	struct item item = item_now(&f, id);
	assert_int_equal(item.verb, 1);
	assert_int_equal(item.verb_ms, SERVER_NOW_MS);
	assert_int_equal(item.flags, ITEM_ANSWERED);
	/* MS-ASCMD_R582: to more than one it is a reply to all. */
	(void)ask(&f, "SmartReply", "2", source(&f, id), "To: eve@x.test\r\nCc: bob@x.test\r\n\r\nyes\r\n");
	assert_int_equal(item_now(&f, id).verb, 2);
}

/* MS-ASCMD_R584: in UTF-8, whatever the original was in; and in the form of what was written. */
static void the_quote_has_the_form_of_what_was_written(void **unused)
{
	static const char latin[] = ORIGINAL "Content-Type: text/plain; charset=iso-8859-1\r\n\r\ngr\xfc\xdf <b>\r\n";
	static const char html[] =
		ORIGINAL "Content-Type: text/html; charset=utf-8\r\n\r\n<html><head><style>p{color:red}"
			 "</style><title>t</title></head><body bgcolor=x><p>hallo</p></body></html>\r\n";
	static const char html_reply[] = "To: eve@x.test\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"
					 "<html><body><div>yes</div></body></html>\r\n";
	FIXTURE(f);
	int64_t a = take_mail(&f, latin), b = take_mail(&f, html);
	struct str text;

	(void)unused;
	(void)ask(&f, "SmartReply", "1", source(&f, a), REPLY);
	assert_has(sent(&f), "gr=C3=BC=C3=9F <b>");
	(void)ask(&f, "SmartReply", "2", source(&f, a), html_reply);
	text = sent(&f);
	assert_has(text, "Content-Type: text/html; charset=utf-8\r\n");
	assert_has(text, "<div>yes</div>");
	assert_has(text, "&lt;b&gt;");
	(void)ask(&f, "SmartReply", "3", source(&f, b), html_reply);
	text = sent(&f);
	assert_has(text, "<style>p{color:red}</style><p>hallo</p></body></html>");
	assert_lacks(text, "<title>");
	assert_lacks(text, "bgcolor");
	(void)ask(&f, "SmartReply", "4", source(&f, b), REPLY);
	text = sent(&f);
	assert_has(text, "Content-Type: text/plain; charset=utf-8\r\n");
	assert_has(text, "\r\nhallo\r\n");
}

/* MS-ASCMD_R544, MS-ASCMD_R545, MS-ASCMD_R546, MS-ASCMD_R568, MS-ASCMD_R4407, MS-ASCMD_R548 */
static void a_forwarded_message_brings_its_attachments(void **unused)
{
	static const char with_file[] =
		ORIGINAL "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
			 "Content-Type: text/plain\r\n\r\nsee the file\r\n--b\r\n"
			 "Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n"
			 "Content-Disposition: attachment; filename=\"a.pdf\"\r\n\r\nQUJDREVG\r\n--b--\r\n";
	FIXTURE(f);
	int64_t id = take_mail(&f, with_file);
	struct eas_reply r = ask(&f, "SmartForward", "1", source(&f, id), REPLY);

	(void)unused;
	assert_int_equal(r.body.n, 0);
	struct str text = sent(&f);
	assert_has(text, "Content-Type: multipart/mixed;");
	assert_has(text, "yes\r\n");
	assert_has(text, "see the file\r\n");
	assert_has(text, "filename=\"a.pdf\"");
	assert_has(text, "QUJDREVG");
	assert_lacks(text, "In-Reply-To");
	assert_int_equal(item_now(&f, id).verb, 3);
	assert_int_equal(item_now(&f, id).flags, ITEM_FORWARDED);
	/* A reply leaves them. */
	(void)ask(&f, "SmartReply", "2", source(&f, id), REPLY);
	assert_lacks(sent(&f), "QUJDREVG");
}

/* MS-ASCMD_R3775, MS-ASCMD_R3778 */
static void with_replace_mime_the_phones_message_is_the_whole(void **unused)
{
	static const char *const commands[] = { "SmartReply", "SmartForward" };
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(commands); i++) {
		int64_t id = take_mail(
			&f, ORIGINAL
			"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nreally?\r\n"
			"--b\r\nContent-Disposition: attachment; filename=plan.txt\r\n\r\nthe plan\r\n--b--\r\n");
		CLEANUP(buf_release) struct buf more = BUF_INIT(400);

		buf_fmt(&more, "%s 09%c", source(&f, id), '\0');
		assert_int_equal(ask(&f, commands[i], commands[i], more.p, REPLY).body.n, 0);
		assert_lacks(sent(&f), "really?");
		assert_lacks(sent(&f), "plan");
		assert_lacks(sent(&f), "In-Reply-To");
		assert_int_equal(item_now(&f, id).verb, i ? 3 : 1);
	}
}

static void what_is_signed_or_encrypted_stays_whole(void **unused)
{
	static const char sealed[] =
		"MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\nQUJDREVG\r\n";
	FIXTURE(f);
	CLEANUP(buf_release) struct buf original = BUF_INIT(4096);
	CLEANUP(buf_release) struct buf reply = BUF_INIT(4096);

	(void)unused;
	buf_fmt(&original, "%s%s%c", ORIGINAL, sealed, '\0');
	buf_fmt(&reply, "To: eve@x.test\r\n%s%c", sealed, '\0');
	int64_t id = take_mail(&f, original.p), plain = take_mail(&f, ORIGINAL "\r\nreally?\r\n");
	(void)ask(&f, "SmartForward", "1", source(&f, id), REPLY);
	assert_has(sent(&f), "Content-Type: message/rfc822");
	assert_has(sent(&f), "smime-type=enveloped-data");
	(void)ask(&f, "SmartReply", "2", source(&f, plain), reply.p);
	assert_has(sent(&f), "\r\n\r\nQUJDREVG\r\n");
	assert_lacks(sent(&f), "really?");
}

static void up_to_12_1_the_query_names_the_original(void **unused)
{
	FIXTURE(f);
	int64_t id = take_mail(&f, ORIGINAL "\r\nreally?\r\n");
	CLEANUP(buf_release) struct buf target = BUF_INIT(500);

	(void)unused;
	f.phone.version = "12.1";
	f.phone.content_type = "message/rfc822";
	buf_fmt(&target,
		"/Microsoft-Server-ActiveSync?Cmd=SmartReply&User=ann&DeviceId=D1&DeviceType=T&ItemId=%lld%%3A%lld"
		"&CollectionId=%lld&SaveInSent=T%c",
		(long long)fixture_role(&f, FOLDER_INBOX), (long long)id, (long long)fixture_role(&f, FOLDER_INBOX),
		'\0');
	for (int i = 0; i < 2; i++) {
		eas_phone_send_to(&f.phone, "POST", target.p, S(REPLY));
		assert_int_equal(eas_phone_receive(&f.phone).status, 200);
	}
	assert_has(sent(&f), "really?");
	assert_int_equal(item_now(&f, id).verb, 1);
	eas_phone_send_to(&f.phone, "POST",
			  "/Microsoft-Server-ActiveSync?Cmd=SmartForward&User=ann&DeviceId=D1&DeviceType=T&LongId=77",
			  S(REPLY));
	assert_int_equal(eas_phone_receive(&f.phone).status, 500);
	eas_phone_send_to(&f.phone, "POST",
			  "/Microsoft-Server-ActiveSync?Cmd=SmartForward&User=ann&DeviceId=D1&DeviceType=T", S(REPLY));
	assert_int_equal(eas_phone_receive(&f.phone).status, 400);
}

static void an_original_is_named_right_or_refused(void **unused)
{
	static const struct {
		const char *what, *more;
		unsigned status;
	} cases[] = {
		{ "none (MS-ASCMD_R4817)", "", 103 },
		{ "an empty Source", "4B 01", 103 },
		{ "LongId and ItemId (MS-ASCMD_R3243)", "4B 4E 03 '1' 00 01 4D 03 '1:1' 00 01 01", 105 },
		{ "ItemId alone", "4B 4D 03 '1:1' 00 01 01", 105 },
		{ "ids that are none (MS-ASCMD_R4823)", "4B 4C 03 'x' 00 01 4D 03 'y' 00 01 01", 106 },
		{ "a LongId that is none", "4B 4E 03 'zz' 00 01 01", 106 },
		{ "an item that is not there (MS-ASCMD_R4930)", "4B 4C 03 '1' 00 01 4D 03 '1:999' 00 01 01", 150 },
		{ "a LongId that is not there", "4B 4E 03 '999' 00 01 01", 150 },
		{ "InstanceId that is no time (MS-ASCMD_R578)",
		  "4B 4C 03 '1' 00 01 4D 03 '1:1' 00 01 4F 03 'soon' 00 01 01", 104 },
		{ "InstanceId of a mail",
		  "4B 4C 03 '1' 00 01 4D 03 '1:1' 00 01 4F 03 '2010-03-20T22:40:00.000Z' 00 01 01", 150 },
		{ "twice the same", "4B 4E 03 '1' 00 01 4E 03 '1' 00 01 01", 103 },
		{ "a rights template (MS-ASRM_R196)",
		  "4B 4C 03 '1' 00 01 4D 03 '1:1' 00 01 01 00 18 54 03 'x' 00 01 00 15", 168 },
		{ "an AccountId (MS-ASCMD_R724)", "4B 4C 03 '1' 00 01 4D 03 '1:1' 00 01 01 53 03 'x' 00 01", 166 },
	};
	static const char *const commands[] = { "SmartReply", "SmartForward" };
	FIXTURE(f);

	(void)unused;
	(void)take_mail(&f, ORIGINAL "\r\nreally?\r\n");
	for (size_t i = 0; i < 2 * countof(cases); i++) {
		struct eas_reply r = ask(&f, commands[i % 2], "1", cases[i / 2].more, REPLY);
		uint64_t status = 0;

		if (!r.xml.p || str_to_u64(eas_reply_text(&r, "Status", 0), 999, &status) ||
		    status != cases[i / 2].status)
			fail_msg("%s: %u", cases[i / 2].what, (unsigned)status);
	}
}

/* MS-ASCMD_R7176, MS-ASCMD_R7177, MS-ASCMD_R7467 */
static void forwardees_are_for_events(void **unused)
{
	FIXTURE(f);
	int64_t id = take_mail(&f, ORIGINAL "\r\nreally?\r\n");
	CLEANUP(buf_release) struct buf more = BUF_INIT(400);
	struct eas_reply r;

	(void)unused;
	buf_fmt(&more, "%s 55 56 58 03 'bob@x.test' 00 01 01 01%c", source(&f, id), '\0');
	r = ask(&f, "SmartForward", "1", more.p, REPLY);
	assert_xml(r, "<SmartForward xmlns=\"ComposeMail\"><Status>178</Status></SmartForward>");
	r = ask(&f, "SmartForward", "1", more.p, NULL);
	assert_xml(r, "<SmartForward xmlns=\"ComposeMail\"><Status>179</Status></SmartForward>");
	r = ask(&f, "SmartReply", "1", more.p, REPLY);
	assert_xml(r, "<SmartReply xmlns=\"ComposeMail\"><Status>103</Status></SmartReply>");
}

/* The original may be gone when the answer was lost. */
static void a_repeat_needs_no_original(void **unused)
{
	FIXTURE(f);
	int64_t id = take_mail(&f, ORIGINAL "\r\nreally?\r\n");
	struct store_tx *tx;
	struct eas_reply r;

	(void)unused;
	assert_int_equal(ask(&f, "SmartForward", "1", source(&f, id), REPLY).body.n, 0);
	struct item item = item_now(&f, id);
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
	assert_ok(item_expunge(tx, item.folder, id, &AUTHOR_NOBODY));
	assert_ok(store_commit(&tx));
	r = ask(&f, "SmartForward", "1", source(&f, id), REPLY);
	assert_xml(r, "<SmartForward xmlns=\"ComposeMail\"><Status>118</Status></SmartForward>");
}

/* ---- an event ---- */

static struct eas_reply reply_to(struct fixture *f, const char *client_id, int64_t folder, int64_t item,
				 const char *instance)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1000);

	buf_fmt(&b, "4B 4C 03 '%lld' 00 01 4D 03 '%lld:%lld' 00 01 %s 01", (long long)folder, (long long)folder,
		(long long)item, instance);
	buf_char(&b, 0);
	assert_ok(buf_status(&b));
	return ask(f, "SmartReply", client_id, b.p, REPLY);
}

static int64_t put_entry(struct fixture *f, int64_t folder, const char *octets)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item made;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(entry_add(tx, &(struct entry){ .folder = folder, .octets = str_of(octets), .by = AUTHOR_NOBODY },
			    &made));
	assert_ok(store_commit(&tx));
	return made.id;
}

#define SERIES                                                                                                   \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:w\r\nDTSTAMP:20260101T000000Z\r\n"                \
	"DTSTART:20260105T090000Z\r\nDTEND:20260105T100000Z\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:Round\r\n"           \
	"LOCATION:Room 5\r\nDESCRIPTION:Bring eggs\r\nORGANIZER;CN=Bob:mailto:bob@x.test\r\nATTENDEE:mailto:ann" \
	"@example.test\r\nATTENDEE:mailto:carl@x.test\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:w\r\n"                \
	"DTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:20260112T090000Z\r\nDTSTART:20260113T090000Z\r\n"             \
	"DTEND:20260113T100000Z\r\nSUMMARY:Moved\r\nORGANIZER:mailto:bob@x.test\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

/* MS-ASCMD_R579: of a series, or of the instance that is named, as it is now. */
static void a_reply_to_an_event_quotes_it(void **unused)
{
	static const struct {
		const char *instance, *has[3]; /* NULL: 150 */
	} cases[] = {
		{ "", { "Subject: Round\r\n", "Begin: 2026-01-05 09:00 UTC\r\n", "Bring eggs\r\n" } },
		{ "4F 03 '2026-01-19T09:00:00.000Z' 00 01",
		  { "Subject: Round\r\n", "Begin: 2026-01-19 09:00 UTC\r\n", "End: 2026-01-19 10:00 UTC\r\n" } },
		{ "4F 03 '2026-01-12T09:00:00.000Z' 00 01",
		  { "Subject: Moved\r\n", "Begin: 2026-01-13 09:00 UTC\r\n", "Organizer: bob@x.test\r\n" } },
		{ "4F 03 '2026-01-13T09:00:00.000Z' 00 01", { NULL } },
	};
	FIXTURE(f);
	int64_t calendar = fixture_role(&f, FOLDER_DEFAULT_CALENDAR), id = put_entry(&f, calendar, SERIES);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const char client_id[] = { (char)('a' + i), 0 };
		struct eas_reply r = reply_to(&f, client_id, calendar, id, cases[i].instance);

		if (!cases[i].has[0]) {
			assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("150")));
			continue;
		}
		assert_int_equal(r.body.n, 0);
		assert_has(sent(&f), "yes\r\n");
		assert_has(sent(&f), "-----Original Message-----\r\nFrom: ");
		for (size_t k = 0; k < countof(cases[i].has); k++)
			assert_has(sent(&f), cases[i].has[k]);
	}
	assert_int_equal(item_now(&f, id).verb, 0);
}

/* A contact is nothing that could be answered. */
static void what_is_neither_a_mail_nor_an_event_is_no_original(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	int64_t id = put_entry(&f, contacts, "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoe\r\nEND:VCARD\r\n");
	struct eas_reply r = reply_to(&f, "c", contacts, id, "");

	(void)unused;
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("150")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_quotes_the_original),
		cmocka_unit_test(the_quote_has_the_form_of_what_was_written),
		cmocka_unit_test(a_forwarded_message_brings_its_attachments),
		cmocka_unit_test(with_replace_mime_the_phones_message_is_the_whole),
		cmocka_unit_test(what_is_signed_or_encrypted_stays_whole),
		cmocka_unit_test(up_to_12_1_the_query_names_the_original),
		cmocka_unit_test(an_original_is_named_right_or_refused),
		cmocka_unit_test(forwardees_are_for_events),
		cmocka_unit_test(a_repeat_needs_no_original),
		cmocka_unit_test(a_reply_to_an_event_quotes_it),
		cmocka_unit_test(what_is_neither_a_mail_nor_an_event_is_no_original),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
