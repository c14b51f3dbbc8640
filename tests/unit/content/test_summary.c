/* Summaries. */
#include "support.h"

#include <base/utf8.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void summarise(struct mail *m, struct str text, struct mail_summary *s)
{
	mail_load(m, text, 0);
	assert_int_equal(mail_summary_make(&m->arena, &m->source, &m->mime, s), ERR_OK);
}

static void header_fields_become_texts(void **unused)
{
	CLEANUP(mail_release) struct mail m;
	struct mail_summary s;

	(void)unused;
	summarise(&m,
		  S("Subject: RE: [x] =?utf-8?Q?=C3=A9?=\n t\n"
		    "From: =?utf-8?Q?=C3=89va?= <eva@example.org>\n"
		    "To: a@b, \"C, D\" <c@d>\n"
		    "To: second@ignored\n"
		    "Cc: Team: e@f;\n"
		    "Reply-To: g@h\n"
		    "Sender: i@j\n"
		    "Message-ID: junk <m@1> junk\n"
		    "In-Reply-To: \"x\" <m@0> <m@9>\n"
		    "References: <m@8>\n <m@9>\n"
		    "Date: Thu, 01 Jan 1970 00:00:01 +0000\n"
		    "\nhello   world\n"),
		  &s);
	assert_true(str_eq(s.subject, S("RE: [x] \xC3\xA9 t")));
	assert_true(str_eq(s.thread_topic, S("[x] \xC3\xA9 t")));
	assert_true(str_eq(s.from, S("\"\xC3\x89va\" <eva@example.org>")));
	assert_true(str_eq(s.from_name, S("\xC3\x89va")));
	assert_true(str_eq(s.to, S("a@b, \"C, D\" <c@d>")));
	assert_true(str_eq(s.display_to, S("a@b; C, D"))); /* MS-ASEMAIL_R399, R400 */
	assert_true(str_eq(s.cc, S("e@f")));
	assert_true(str_eq(s.reply_to, S("g@h")));
	assert_true(str_eq(s.sender, S("i@j")));
	assert_true(str_eq(s.message_id, S("<m@1>")));
	assert_true(str_eq(s.in_reply_to, S("<m@0>")));
	assert_true(str_eq(s.references, S("<m@8> <m@9>")));
	assert_true(str_eq(s.preview, S("hello world")));
	assert_true(str_eq(s.message_class, S("IPM.Note")));
	assert_int_equal(s.date_ms, 1000);
	assert_int_equal(s.flags, MAIL_HAS_DATE);
	assert_int_equal(s.importance, MAIL_IMPORTANCE_NORMAL);
	assert_int_equal(s.native_body, 1);
}

static void prefixes_of_answers_are_no_topic(void **unused)
{
	static const struct {
		struct str subject, topic;
	} cases[] = {
		{ STR_INIT("a"), STR_INIT("a") },
		{ STR_INIT("Re: a"), STR_INIT("a") },
		{ STR_INIT("RE:FW: Aw: a"), STR_INIT("a") },
		{ STR_INIT("Re[2]: a"), STR_INIT("a") },
		{ STR_INIT("Reason: a"), STR_INIT("Reason: a") },
		{ STR_INIT("Re"), STR_INIT("Re") },
		{ STR_INIT("Re:"), STR_INIT("") },
		{ STR_INIT("Re[2"), STR_INIT("Re[2") },
		{ STR_INIT(""), STR_INIT("") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(100);
		CLEANUP(mail_release) struct mail m;
		struct mail_summary s;

		buf_fmt(&text, "Subject: " STR_FMT "\n\n", STR_ARG(cases[i].subject));
		summarise(&m, buf_view(&text), &s);
		if (!str_eq(s.thread_topic, cases[i].topic))
			fail_msg(STR_FMT ": " STR_FMT, STR_ARG(cases[i].subject), STR_ARG(s.thread_topic));
	}
}

#define REPORT(type, field)                                                                                       \
	"Content-Type: multipart/report; report-type=x; boundary=x\n\n--x\n\nt\n--x\nContent-Type: message/" type \
	"\n\n" field "\n--x--"
#define MEETING(method, text)                                                                             \
	"Content-Type: multipart/alternative; boundary=x\n\n--x\n\nt\n--x\nContent-Type: text/calendar; " \
	"method=" method "\n\n" text "\n--x--"

/* MS-ASEMAIL_R590, MS-ASEMAIL_R591, MS-ASEMAIL_R592, MS-ASEMAIL_R595; reports: MS-ASEMAIL_R601, MS-ASEMAIL_R602, MS-ASEMAIL_R603, MS-ASEMAIL_R604, MS-ASEMAIL_R605, MS-ASEMAIL_R606, MS-ASEMAIL_R607, MS-ASEMAIL_R608 */
static void kinds_of_messages_have_classes(void **unused)
{
	static const struct {
		const char *what;
		struct str in;
		const char *class;
		uint32_t flags;
	} cases[] = {
		{ "plain", STR_INIT("A: b\n\n"), "IPM.Note", 0 },
		{ "clear signed",
		  STR_INIT("Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; "
			   "boundary=x\n\n--x\n"),
		  "IPM.Note.SMIME.MultipartSigned", MAIL_SIGNED | MAIL_SMIME },
		{ "signed by OpenPGP",
		  STR_INIT("Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; "
			   "boundary=x\n\n--x\n"),
		  "IPM.Note", MAIL_SIGNED },
		{ "encrypted", STR_INIT("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\n"),
		  "IPM.Note.SMIME", MAIL_ENCRYPTED | MAIL_SMIME | MAIL_HAS_ATTACHMENTS },
		{ "opaque signed", STR_INIT("Content-Type: application/x-pkcs7-mime; smime-type=signed-data\n\n"),
		  "IPM.Note.SMIME", MAIL_SIGNED | MAIL_SMIME | MAIL_HAS_ATTACHMENTS },
		{ "bounce", STR_INIT(REPORT("delivery-status", "Reporting-MTA: x\n\nAction: failed")),
		  "REPORT.IPM.NOTE.NDR", MAIL_REPORT | MAIL_HAS_ATTACHMENTS },
		{ "delay", STR_INIT(REPORT("delivery-status", "Action: Delayed")), "REPORT.IPM.NOTE.DELAYED",
		  MAIL_REPORT | MAIL_HAS_ATTACHMENTS },
		{ "delivered", STR_INIT(REPORT("delivery-status", "action: delivered")), "REPORT.IPM.NOTE.DR",
		  MAIL_REPORT | MAIL_HAS_ATTACHMENTS },
		{ "read", STR_INIT(REPORT("disposition-notification", "Disposition: manual-action/x; displayed")),
		  "REPORT.IPM.NOTE.IPNRN", MAIL_REPORT | MAIL_HAS_ATTACHMENTS },
		{ "not read", STR_INIT(REPORT("disposition-notification", "Disposition: manual-action/x; deleted")),
		  "REPORT.IPM.NOTE.IPNNRN", MAIL_REPORT | MAIL_HAS_ATTACHMENTS },
		{ "another report", STR_INIT(REPORT("feedback-report", "x")), "IPM.Note",
		  MAIL_REPORT | MAIL_HAS_ATTACHMENTS },
		{ "invitation", STR_INIT(MEETING("Request", "x")), "IPM.Schedule.Meeting.Request", MAIL_MEETING },
		{ "cancellation", STR_INIT(MEETING("CANCEL", "x")), "IPM.Schedule.Meeting.Canceled", MAIL_MEETING },
		{ "accepted", STR_INIT(MEETING("REPLY", "ATTENDEE;PARTSTAT=ACCEPTED:x")),
		  "IPM.Schedule.Meeting.Resp.Pos", MAIL_MEETING },
		{ "declined", STR_INIT(MEETING("REPLY", "ATTENDEE;PARTSTAT=DECLINED:x")),
		  "IPM.Schedule.Meeting.Resp.Neg", MAIL_MEETING },
		{ "tentative", STR_INIT(MEETING("REPLY", "ATTENDEE;PARTSTAT=TENTATIVE:x")),
		  "IPM.Schedule.Meeting.Resp.Tent", MAIL_MEETING },
		{ "published calendar", STR_INIT(MEETING("PUBLISH", "x")), "IPM.Note", 0 },
		{ "an invitation in a message in the message",
		  STR_INIT("Content-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: message/rfc822\n\n" MEETING(
			  "REQUEST", "x") "\n--y--"),
		  "IPM.Note", MAIL_HAS_ATTACHMENTS },
		{ "by a machine", STR_INIT("Auto-Submitted: auto-generated\n\n"), "IPM.Note", MAIL_AUTOMATIC },
		{ "not by a machine", STR_INIT("Auto-Submitted: no\nPrecedence: normal\n\n"), "IPM.Note", 0 },
		{ "a list", STR_INIT("List-Id: <x>\nPrecedence: List\n\n"), "IPM.Note", MAIL_LIST | MAIL_AUTOMATIC },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(mail_release) struct mail m;
		struct mail_summary s;

		summarise(&m, cases[i].in, &s);
		if (!str_eq(s.message_class, str_of(cases[i].class)) || s.flags != cases[i].flags)
			fail_msg("%s: " STR_FMT ", flags %u", cases[i].what, STR_ARG(s.message_class), s.flags);
	}
}

static void importance_has_several_headers(void **unused)
{
	static const struct {
		struct str in;
		enum mail_importance importance;
	} cases[] = {
		{ STR_INIT("Importance: High\n\n"), MAIL_IMPORTANCE_HIGH },
		{ STR_INIT("X-Priority: 1 (Highest)\n\n"), MAIL_IMPORTANCE_HIGH },
		{ STR_INIT("X-Priority: 5\n\n"), MAIL_IMPORTANCE_LOW },
		{ STR_INIT("X-Priority: 3\n\n"), MAIL_IMPORTANCE_NORMAL },
		{ STR_INIT("Priority: urgent\n\n"), MAIL_IMPORTANCE_HIGH },
		{ STR_INIT("X-MSMail-Priority: Low\n\n"), MAIL_IMPORTANCE_LOW },
		{ STR_INIT("X-Priority: 1\nImportance: low\n\n"), MAIL_IMPORTANCE_LOW },
		{ STR_INIT("Importance: low\nX-Priority: 1\n\n"), MAIL_IMPORTANCE_LOW },
		{ STR_INIT("X-Priority: 5\nPriority: urgent\n\n"), MAIL_IMPORTANCE_LOW },
		{ STR_INIT("Importance: whatever\n\n"), MAIL_IMPORTANCE_NORMAL },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(mail_release) struct mail m;
		struct mail_summary s;

		summarise(&m, cases[i].in, &s);
		if (s.importance != cases[i].importance)
			fail_msg(STR_FMT ": %d", STR_ARG(cases[i].in), (int)s.importance);
	}
}

static void charsets_become_code_pages(void **unused)
{
	static const struct {
		const char *charset;
		uint32_t cpid;
	} cases[] = {
		{ "utf-8", 65001 },       { "ISO-8859-1", 28591 }, { "us-ascii", 20127 },
		{ "iso-2022-jp", 50220 }, { "koi8-r", 20866 },     { "none-such", 65001 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(1000);
		CLEANUP(mail_release) struct mail m;
		struct mail_summary s;

		buf_fmt(&text, "Content-Type: text/html; charset=%s\n\nx", cases[i].charset);
		summarise(&m, buf_view(&text), &s);
		assert_int_equal(s.cpid, cases[i].cpid);
		assert_int_equal(s.native_body, 2);
	}
}

static void long_fields_are_cut_where_it_makes_sense(void **unused)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEST_FILE_MAX);
	CLEANUP(mail_release) struct mail m;
	struct mail_summary s;

	(void)unused;
	buf_cstr(&text, "Subject: ");
	for (size_t i = 0; i < SUMMARY_SUBJECT_MAX; i++)
		buf_cstr(&text, "\xC3\xA9");
	buf_cstr(&text, "\nTo: ");
	for (size_t i = 0; i < SUMMARY_ADDRESSES_MAX / 16; i++)
		buf_fmt(&text, "somebody%zu@example.org,\n ", i);
	buf_cstr(&text, "z@z\nReferences: <first@x>");
	for (size_t i = 0; i < SUMMARY_IDS_MAX / 8; i++)
		buf_fmt(&text, "\n <ref%zu@x>", i);
	buf_cstr(&text, " <last@x>\nMessage-ID: <");
	for (size_t i = 0; i < SUMMARY_ID_MAX - 1; i++)
		buf_char(&text, 'i');
	buf_cstr(&text, ">\n\n");
	summarise(&m, buf_view(&text), &s);
	assert_int_equal(s.subject.n, SUMMARY_SUBJECT_MAX);
	assert_true(utf8_valid(s.subject));
	assert_true(s.to.n <= SUMMARY_ADDRESSES_MAX && s.to.n > SUMMARY_ADDRESSES_MAX - 40);
	assert_true(str_ends(s.to, S("@example.org")));
	assert_true(s.references.n <= SUMMARY_IDS_MAX);
	assert_true(str_starts(s.references, S("<first@x> <ref")));
	assert_true(str_ends(s.references, S(" <last@x>")));
	assert_int_equal(s.message_id.n, 0); /* one octet too long */
}

static void what_is_past_the_limit_of_the_header_is_not_seen(void **unused)
{
	static const struct str field = STR_INIT("\r\nSubject: abc");

	(void)unused;
	for (size_t past = 0; past < 2; past++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(TEST_FILE_MAX);
		CLEANUP(mail_release) struct mail m;
		struct mail_summary s;

		buf_cstr(&text, "A: ");
		while (text.n < SUMMARY_HEADER_MAX - field.n + past)
			buf_char(&text, 'x');
		buf_str(&text, field);
		buf_cstr(&text, "\r\n\r\n");
		summarise(&m, buf_view(&text), &s);
		assert_true(str_eq(s.subject, past ? S("ab") : S("abc")));
	}
}

static void same(struct str a, struct str b)
{
	assert_true(str_eq(a, b));
}

static void a_summary_reads_back_as_it_was(void **unused)
{
	CLEANUP(buf_release) struct buf blob = BUF_INIT(SUMMARY_BLOB_MAX);
	CLEANUP(mail_release) struct mail m;
	struct mail_summary s, read;

	(void)unused;
	summarise(&m,
		  S("Subject: Re: s\nFrom: a@b\nTo: c@d\nDate: 1 Jan 1960 00:00:00 +0000\nImportance: high\n"
		    "Message-ID: <x@y>\nReferences: <z@y>\n\nhello"),
		  &s);
	mail_summary_put(&blob, &s);
	assert_int_equal(mail_summary_get(&m.arena, buf_view(&blob), &read), ERR_OK);
	same(s.subject, read.subject);
	same(s.thread_topic, read.thread_topic);
	same(s.from, read.from);
	same(s.to, read.to);
	same(s.display_to, read.display_to);
	same(s.message_id, read.message_id);
	same(s.references, read.references);
	same(s.message_class, read.message_class);
	same(s.preview, read.preview);
	assert_true(s.date_ms == read.date_ms && s.flags == read.flags && s.cpid == read.cpid);
	assert_true(s.importance == read.importance && s.native_body == read.native_body);
	for (size_t n = 1; n < blob.n; n++)
		assert_int_equal(mail_summary_get(&m.arena, str_slice(buf_view(&blob), 0, n), &read), ERR_CORRUPT);
	blob.p[0] = SUMMARY_VERSION + 1;
	assert_int_equal(mail_summary_get(&m.arena, buf_view(&blob), &read), ERR_STALE);
}

/* Memory that ends anywhere ends in an error, and in nothing else. */
static void a_full_arena_is_an_error_wherever_it_fills(void **unused)
{
	static const struct str text = STR_INIT(
		"Subject: =?utf-8?Q?=C3=A9?=\r\nFrom: \"A\" <a@b>\r\nTo: c@d, Team: e@f;\r\nReferences: <x@y>\r\n"
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x\r\n"
		"Content-Type: a/b; name=n\r\nContent-ID: <i>\r\n\r\nz\r\n--x--");
	struct str view = text;
	struct mail_source source = mail_source_of_str(&view);
	bool done = false;

	(void)unused;
	for (size_t max = 0; !done; max += 16) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(max);
		struct body_attachment *list;
		struct mime_structure m;
		struct mail_summary s;
		enum err e = mime_parse(&a, &source, &m);
		size_t n;

		e = e ? e : mail_summary_make(&a, &source, &m, &s);
		e = e ? e : body_attachments(&a, &m, 0, &list, &n);
		assert_true(e == ERR_OK || e == ERR_LIMIT);
		done = e == ERR_OK;
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_fields_become_texts),
		cmocka_unit_test(prefixes_of_answers_are_no_topic),
		cmocka_unit_test(kinds_of_messages_have_classes),
		cmocka_unit_test(importance_has_several_headers),
		cmocka_unit_test(charsets_become_code_pages),
		cmocka_unit_test(long_fields_are_cut_where_it_makes_sense),
		cmocka_unit_test(what_is_past_the_limit_of_the_header_is_not_seen),
		cmocka_unit_test(a_full_arena_is_an_error_wherever_it_fills),
		cmocka_unit_test(a_summary_reads_back_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
