/* The Email class as phones of each version get it: properties, bodies, attachments, what is damaged. */
#include "sync_fixture.h"

#include <store/sql/sql.h>

/* Page 00: 57 Options, 62 MIMESupport, 63 MIMETruncation. Page 11: 45 BodyPreference, 46 Type, 47 TruncationSize,
 * 48 AllOrNone, 58 Preview. */
#define OPTIONS(inside) "57 " inside " 01 "
#define PREFER(type, more) "00 11 45 46 03 '" type "' 00 01 " more " 01 00 00 "
#define SIZE(n) "47 03 '" n "' 00 01 "
#define ALL_OR_NONE "48 03 '1' 00 01 "
#define PREVIEW(n) "58 03 '" n "' 00 01 "
#define MIME_SUPPORT(n) "62 03 '" n "' 00 01 "
#define MIME_TRUNCATION(n) "63 03 '" n "' 00 01 "

static const char rich[] =
	"From: Bob <bob@example.org>\r\nSender: Secretary <sec@example.org>\r\nTo: Ann <ann@example.test>\r\n"
	"Cc: Carl <carl@example.test>\r\nReply-To: list@example.org\r\nSubject: Re: plans\r\nImportance: high\r\n"
	"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMIME-Version: 1.0\r\n"
	"Content-Type: multipart/mixed; boundary=m\r\n\r\n"
	"--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
	"--a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
	"plain \xe2\x82\xac words\r\n"
	"--a\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
	"<p>rich \xe2\x82\xac words</p>\r\n"
	"--a--\r\n"
	"--m\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\nContent-Disposition: attachment\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
	"--m--\r\n";

static struct eas_reply sync_one(struct fixture *f, const char *options)
{
	int64_t inbox = fixture_role(f, FOLDER_INBOX);

	return sync_with(f, inbox, first_key(f, inbox), options);
}

static bool has_tag(const struct eas_reply *r, enum wbxml_tag tag)
{
	struct wbxml_reader reader;
	enum wbxml_event ev;

	wbxml_reader_init(&reader, r->body);
	reader.octets = true;
	while ((ev = wbxml_next(&reader)) != WBXML_DONE && ev != WBXML_BAD)
		if (ev == WBXML_START && reader.tag == tag)
			return true;
	return false;
}

static void assert_no_newer_tag(const struct eas_reply *r, enum eas_version version)
{
	struct wbxml_reader reader;
	enum wbxml_event ev;

	wbxml_reader_init(&reader, r->body);
	reader.octets = true;
	while ((ev = wbxml_next(&reader)) != WBXML_DONE) {
		assert_int_not_equal(ev, WBXML_BAD);
		if (ev == WBXML_START && !wbxml_tag_in((enum wbxml_tag)reader.tag, version))
			fail_msg(STR_FMT " is not of this version",
				 STR_ARG(wbxml_tag_name((enum wbxml_tag)reader.tag)));
	}
}

static const struct {
	const char *text;
	enum eas_version version;
} versions[] = { { "12.0", EAS_12_0 }, { "12.1", EAS_12_1 }, { "14.0", EAS_14_0 },
		 { "14.1", EAS_14_1 }, { "16.0", EAS_16_0 }, { "16.1", EAS_16_1 } };

/* What somebody else has done with the mail. */
static void mark(struct fixture *f)
{
	const struct item_edit edit = { .what = ITEM_EDIT_FLAGS | ITEM_EDIT_KEYWORDS | ITEM_EDIT_VERB,
					.set = ITEM_FLAGGED | ITEM_DRAFT,
					.keywords = S("Red\nBlue\n"),
					.verb = 1,
					.verb_ms = SERVER_NOW_MS };
	int64_t inbox = fixture_role(f, FOLDER_INBOX);
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(item_update(tx, inbox, only_item(f, inbox), &edit, &AUTHOR_NOBODY));
	assert_ok(store_commit(&tx));
}

/* The code pages say from which version on an element is known (MS-ASWBXML 2.1.2.1). */
static void each_version_gets_its_properties_and_no_later_ones(void **unused)
{
	static const enum wbxml_tag all[] = {
		TAG_EMAIL_TO,
		TAG_EMAIL_CC,
		TAG_EMAIL_FROM,
		TAG_EMAIL_SUBJECT,
		TAG_EMAIL_REPLYTO,
		TAG_EMAIL_DATERECEIVED,
		TAG_EMAIL_DISPLAYTO,
		TAG_EMAIL_THREADTOPIC,
		TAG_EMAIL_IMPORTANCE,
		TAG_EMAIL_READ,
		TAG_AIRSYNCBASE_ATTACHMENTS,
		TAG_AIRSYNCBASE_BODY,
		TAG_EMAIL_MESSAGECLASS,
		TAG_EMAIL_INTERNETCPID,
		TAG_EMAIL_FLAG,
		TAG_EMAIL_CONTENTCLASS,
		TAG_AIRSYNCBASE_NATIVEBODYTYPE,
		TAG_EMAIL_CATEGORIES,
		TAG_EMAIL2_LASTVERBEXECUTED,
		TAG_EMAIL2_LASTVERBEXECUTIONTIME,
		TAG_EMAIL2_SENDER,
		TAG_EMAIL2_ISDRAFT,
	};
	FIXTURE(f);

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(rich));
	mark(&f);
	for (size_t i = 0; i < countof(versions); i++) {
		struct eas_reply r;

		f.phone.version = versions[i].text;
		r = sync_one(&f, OPTIONS(PREFER("2", PREVIEW("10"))));
		assert_no_newer_tag(&r, versions[i].version);
		for (size_t k = 0; k < countof(all); k++)
			if (has_tag(&r, all[k]) != wbxml_tag_in(all[k], versions[i].version))
				fail_msg("%s: " STR_FMT, versions[i].text, STR_ARG(wbxml_tag_name(all[k])));
	}
}

/* MS-ASAIRS 3.2.5.1: MS-ASAIRS_R75, R77, R78, R80; MS-ASCMD 2.2.3.110, 2.2.3.111. */
static void the_body_comes_in_the_form_that_is_preferred(void **unused)
{
	static const struct {
		const char *what, *options;
		const char *type, *data; /* how it begins; NULL: none */
		bool cut;
	} cases[] = {
		{ "nothing asked: its own form", "", "2", "&lt;p&gt;rich", false },
		{ "plain", OPTIONS(PREFER("1", "")), "1", "plain \xe2\x82\xac words", false },
		{ "HTML", OPTIONS(PREFER("2", "")), "2", "&lt;p&gt;rich", false },
		{ "plain and HTML: its own form", OPTIONS(PREFER("1", "") PREFER("2", "")), "2", "&lt;p&gt;rich",
		  false },
		{ "RTF, which mail has not: its own form", OPTIONS(PREFER("3", "")), "2", "&lt;p&gt;rich", false },
		{ "MIME, never to be sent, and HTML", OPTIONS(MIME_SUPPORT("0") PREFER("2", "") PREFER("4", "")), "2",
		  "&lt;p&gt;rich", false },
		{ "MIME for S/MIME alone, and HTML", OPTIONS(MIME_SUPPORT("1") PREFER("2", "") PREFER("4", "")), "2",
		  "&lt;p&gt;rich", false },
		{ "MIME for all, and HTML", OPTIONS(MIME_SUPPORT("2") PREFER("2", "") PREFER("4", "")), "4",
		  "From: Bob", false },
		{ "MIME and nothing else", OPTIONS(PREFER("4", "")), "4", "From: Bob", false },
		{ "MIME cut to nothing", OPTIONS(MIME_SUPPORT("2") MIME_TRUNCATION("0") PREFER("4", "")), "4", NULL,
		  true },
		{ "MIME cut to more than it has", OPTIONS(MIME_SUPPORT("2") MIME_TRUNCATION("1") PREFER("4", "")), "4",
		  "From: Bob", false },
		{ "cut before a character of three octets", OPTIONS(PREFER("1", SIZE("6"))), "1", "plain ", true },
		{ "cut within it", OPTIONS(PREFER("1", SIZE("8"))), "1", "plain ", true },
		{ "cut behind it", OPTIONS(PREFER("1", SIZE("9"))), "1", "plain \xe2\x82\xac", true },
		{ "cut to nothing", OPTIONS(PREFER("1", SIZE("0"))), "1", NULL, true },
		{ "all or none, too long, nothing else asked", OPTIONS(PREFER("2", SIZE("5") ALL_OR_NONE)), "2", NULL,
		  true },
		{ "all or none, too long: the next form",
		  OPTIONS(PREFER("2", SIZE("5") ALL_OR_NONE) PREFER("1", SIZE("100") ALL_OR_NONE)), "1", "plain",
		  false },
		{ "all or none, short enough", OPTIONS(PREFER("2", SIZE("500") ALL_OR_NONE)), "2", "&lt;p&gt;rich",
		  false },
		{ "all or none without a size means nothing", OPTIONS(PREFER("2", ALL_OR_NONE)), "2", "&lt;p&gt;rich",
		  false },
	};
	FIXTURE(f);

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(rich));
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = sync_one(&f, cases[i].options);
		bool data = eas_reply_count(&r, "airsyncbase:Data") > 0;

		if (!str_eq(eas_reply_text(&r, "airsyncbase:Type", 0), str_of(cases[i].type)) ||
		    data != (cases[i].data != NULL) ||
		    (data && !str_starts(eas_reply_text(&r, "airsyncbase:Data", 0), str_of(cases[i].data))) ||
		    (eas_reply_count(&r, "airsyncbase:Truncated") > 0) != cases[i].cut)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

/* MS-ASCMD 2.2.3.111: bytes, and 8 for all. At each size: a mail of it is whole, one of an octet more is cut. */
static void mime_truncation_cuts_at_its_sizes(void **unused)
{
	static const struct {
		const char *options;
		size_t bytes;
	} cases[] = {
		{ OPTIONS(MIME_SUPPORT("2") MIME_TRUNCATION("1") PREFER("4", "")), 4096 },
		{ OPTIONS(MIME_SUPPORT("2") MIME_TRUNCATION("2") PREFER("4", "")), 5120 },
		{ OPTIONS(MIME_SUPPORT("2") MIME_TRUNCATION("3") PREFER("4", "")), 7168 },
		{ OPTIONS(MIME_SUPPORT("2") MIME_TRUNCATION("4") PREFER("4", "")), 10240 },
		{ OPTIONS(MIME_SUPPORT("2") MIME_TRUNCATION("5") PREFER("4", "")), 20480 },
		{ OPTIONS(MIME_SUPPORT("2") MIME_TRUNCATION("6") PREFER("4", "")), 51200 },
		{ OPTIONS(MIME_SUPPORT("2") MIME_TRUNCATION("7") PREFER("4", "")), 102400 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf mail = BUF_INIT(1 << 20);
		FIXTURE(f);
		struct eas_reply r;

		buf_cstr(&mail, "Subject: x\r\n\r\n");
		while (mail.n < cases[i].bytes)
			buf_char(&mail, 'x');
		deliver_octets(&f, f.ann.mailbox, buf_view(&mail));
		r = sync_one(&f, cases[i].options);
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Truncated"), 0);
		buf_char(&mail, 'x');
		server_advance(&f.server, 1000);
		deliver_octets(&f, f.ann.mailbox, buf_view(&mail));
		r = sync_one(&f, cases[i].options);
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Truncated"), 1);
		assert_int_equal(eas_reply_text(&r, "airsyncbase:Data", 0).n,
				 cases[i].bytes + 2 * 3); /* &#13; for CR, LF left out */
		buf_release(&mail);
	}
}

/* MS-ASAIRS 2.2.2.35: from 14.0 on. */
static void a_preview_comes_from_14_0_on(void **unused)
{
	FIXTURE(f);

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(rich));
	for (size_t i = 0; i < countof(versions); i++) {
		struct eas_reply r;

		f.phone.version = versions[i].text;
		r = sync_one(&f, OPTIONS(PREFER("2", PREVIEW("7"))));
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Preview"), versions[i].version >= EAS_14_0);
		if (versions[i].version >= EAS_14_0)
			assert_true(str_eq(eas_reply_text(&r, "airsyncbase:Preview", 0), S("plain \xe2\x82\xac")));
	}
}

static void attachments_are_listed(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(rich));
	r = sync_one(&f, "");
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Attachment"), 1);
	assert_true(str_eq(eas_reply_text(&r, "airsyncbase:DisplayName", 0), S("a.pdf")));
	assert_true(str_eq(eas_reply_text(&r, "airsyncbase:Method", 0), S("1")));
	assert_true(str_ends(eas_reply_text(&r, "airsyncbase:FileReference", 0), S(":2")));
}

/* Octets that the database has lost. */
static void a_damaged_mail_does_not_keep_the_others(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct store_tx *tx;
	struct eas_reply r;

	(void)unused;
	deliver_n(&f, 3);
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
	assert_ok(sql_exec(store_tx_db(tx), "UPDATE blob_body SET octets = x'00' WHERE blob_id = 2"));
	assert_ok(store_commit(&tx));
	r = sync_with(&f, inbox, first_key(&f, inbox), "");
	assert_int_equal(eas_reply_count(&r, "Add"), 3);
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Data"), 3); /* MS-ASAIRS R105: one says that it is lost */
	assert_false(has_more(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_version_gets_its_properties_and_no_later_ones),
		cmocka_unit_test(the_body_comes_in_the_form_that_is_preferred),
		cmocka_unit_test(mime_truncation_cuts_at_its_sizes),
		cmocka_unit_test(a_preview_comes_from_14_0_on),
		cmocka_unit_test(attachments_are_listed),
		cmocka_unit_test(a_damaged_mail_does_not_keep_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
