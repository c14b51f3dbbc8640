/*
 * Text messages (SMS, MS-ASMS): phones that ask for the class in a folder of mails bring theirs and are told of the others';
 * whoever does not ask never hears of them.
 */
#include "class_fixture.h"

#include <gateway/activesync/email_text.h>
#include <gateway/activesync/server_id.h>
#include <gateway/activesync/limits.h>
#include <store/blob.h>
#include <store/device.h>

/* Page 00: 57 Options, 50 Class, 58 FilterType, 53 GetChanges, 5E DeletesAsMoves. */
#define OF_CLASS(c, more) "57 50 03 '" c "' 00 01 " more "01 "
#define ASK OF_CLASS("Email", "") OF_CLASS("SMS", "")
#define DROP OF_CLASS("Email", "")

#define FROM_BOB "\"Bob\" [MOBILE:+15550100]"
#define TO_ANN "\"Ann\" [MOBILE:+15550199]"
#define TEXT_OF(words)                                                                                           \
	"<Email:From>" FROM_BOB "</><Email:To>" TO_ANN "</><Email:DateReceived>2025-12-31T10:00:00.000Z</>"      \
	"<Email:Importance>1</><Email:Read>0</><AirSyncBase:Body><AirSyncBase:Type>1</><AirSyncBase:Data>" words \
	"</></><Email:InternetCPID>65001</>"

static char *add_text(struct fixture *f, const char *client, const char *xml)
{
	return commands(f, "56 47 50 03 'SMS' 00 01 4C 03 '%s' 00 01 5D %s 01 01 01", client, elements(f, xml));
}

/* A phone of the fixture's: which one speaks, in which version, and where it stands in a folder. */
struct speaker {
	const char *device, *version, *options;
	const char *key;
};

static struct eas_reply says(struct fixture *f, struct speaker *s, int64_t folder, const char *more)
{
	struct eas_reply r;

	f->phone.device_id = s->device;
	f->phone.version = s->version;
	if (!s->key)
		s->key = first_key(f, folder);
	r = sync_with(f, folder, s->key, more);
	assert_int_equal(r.status, 200);
	if (r.xml.n && eas_reply_count(&r, "SyncKey"))
		s->key = key_of(f, &r);
	return r;
}

static const char *kept(struct fixture *f, struct str s)
{
	const char *p;

	assert_ok(arena_cstr(&f->arena, s, &p));
	return p;
}

/* Page 12: 45 Settings, 56 DeviceInformation, 48 Set, 61 EnableOutboundSMS. The property's Status. */
static const char *says_it_sends(struct fixture *f, const struct speaker *s, const char *value)
{
	struct eas_reply r;

	f->phone.device_id = s->device;
	f->phone.version = s->version;
	r = eas_phone_ask(&f->phone, "Settings", doc(f, HEAD "00 12 45 56 48 61 03 '%s' 00 01 01 01 01", value));
	return kept(f, eas_reply_text(&r, "Status", 1));
}

/* What the options bring it. */
static struct eas_reply hears(struct fixture *f, struct speaker *s, int64_t folder)
{
	return says(f, s, folder, s->options);
}

static size_t count(const struct eas_reply *r, const char *element)
{
	return r->xml.n ? eas_reply_count(r, element) : 0;
}

/* By a phone that asks for the class; its ServerId. */
static const char *bring(struct fixture *f, struct speaker *s, int64_t folder, const char *client, const char *xml)
{
	struct eas_reply r;
	const char *id;

	hears(f, s, folder);
	r = says(f, s, folder, commands(f, "53 03 '0' 00 01 %s", add_text(f, client, xml)));
	if (!str_eq(eas_reply_text(&r, "Status", 1), S("1")))
		fail_msg("%s: " STR_FMT, client, STR_ARG(r.xml));
	assert_element(&r, "Class", "SMS");
	assert_ok(arena_cstr(&f->arena, eas_reply_text(&r, "ServerId", 0), &id));
	return id;
}

/* MS-ASCMD_R932, MS-ASCMD_R933, MS-ASCMD_R934, MS-ASCMD_R941, MS-ASCMD_R942, MS-ASCMD_R944, MS-ASCMD_R3600 */
static void a_text_goes_to_the_phones_that_asked_for_the_class(void **unused)
{
	static struct speaker others[] = {
		{ "asks140", "14.0", ASK, NULL },   { "asks141", "14.1", ASK, NULL },
		{ "asks160", "16.0", ASK, NULL },   { "asks161", "16.1", OF_CLASS("SMS", ""), NULL },
		{ "mails25", "2.5", "", NULL },     { "mails121", "12.1", ASK, NULL },
		{ "mails140", "14.0", DROP, NULL }, { "mails161", "16.1", "", NULL },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct speaker one = { "one", "14.1", ASK, NULL };

	(void)unused;
	deliver(&f, f.ann.mailbox, "mail");
	bring(&f, &one, inbox, "c1", TEXT_OF("See you at eight"));
	for (size_t i = 0; i < countof(others); i++) {
		bool asks = str_starts(str_of(others[i].device), S("asks"));
		struct eas_reply r = hears(&f, &others[i], inbox);

		if (count(&r, "Add") != (asks ? 2 : 1) || holds(&r, "SMS") != asks)
			fail_msg("%s: " STR_FMT, others[i].device, STR_ARG(r.xml));
		if (!asks)
			continue;
		assert_element(&r, "From", "\"Bob\" [MOBILE:+15550100]");
		assert_element(&r, "To", "\"Ann\" [MOBILE:+15550199]");
		assert_element(&r, "DateReceived", "2025-12-31T10:00:00.000Z");
		assert_element(&r, "Data", "See you at eight");
		assert_element(&r, "Class", "SMS");
	}
}

static bool is_like(const struct eas_reply *r, const char *element, bool of_class)
{
	CLEANUP(buf_release) struct buf with = BUF_INIT(256), without = BUF_INIT(256);

	buf_fmt(&with, "<%s><Class>SMS</Class><ServerId>", element);
	buf_fmt(&without, "<%s><ServerId>", element);
	buf_char(&with, '\0');
	buf_char(&without, '\0');
	return holds(r, of_class ? with.p : without.p) && !holds(r, of_class ? without.p : with.p);
}

/* MS-ASCMD_R939, MS-ASCMD_R940, MS-ASCMD_R6300, MS-ASEMAIL_R42 */
static void a_change_and_a_delete_reach_those_who_have_it(void **unused)
{
	struct speaker one = { "one", "14.1", ASK, NULL }, old = { "old", "14.0", ASK, NULL },
		       recent = { "recent", "16.1", ASK, NULL }, other = { "other", "16.1", "", NULL };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *id;

	(void)unused;
	id = bring(&f, &one, inbox, "c1", TEXT_OF("Hello"));
	hears(&f, &old, inbox);
	hears(&f, &recent, inbox);
	hears(&f, &other, inbox);
	says(&f, &recent, inbox, change_item(&f, id, "<Email:Read>1</>"));
	r = hears(&f, &one, inbox);
	assert_true(is_like(&r, "Change", true));
	assert_element(&r, "Read", "1");
	assert_int_equal(hears(&f, &other, inbox).body.n, 0);
	r = says(&f, &one, inbox, change_item(&f, id, "<Email:To>x</>"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	says(&f, &one, inbox, commands(&f, "5E 03 '0' 00 01 %s", delete_item(&f, id)));
	r = hears(&f, &recent, inbox);
	assert_true(is_like(&r, "Delete", true));
	r = hears(&f, &old, inbox);
	assert_true(is_like(&r, "Delete", false));
	assert_int_equal(hears(&f, &other, inbox).body.n, 0);
}

/* MS-ASCMD_R3964, MS-ASCMD_R3967, MS-ASCMD_R3968, MS-ASCMD_R5876, MS-ASCMD_R3597, MS-ASCMD_R3598, MS-ASCMD_R3599 */
static void texts_go_when_the_class_is_dropped_and_come_back_when_it_is_asked_for(void **unused)
{
	struct speaker one = { "one", "14.1", ASK, NULL }, two = { "two", "16.0", ASK, NULL };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	deliver(&f, f.ann.mailbox, "mail");
	bring(&f, &one, inbox, "c1", TEXT_OF("First"));
	bring(&f, &one, inbox, "c2", TEXT_OF("Second"));
	r = hears(&f, &two, inbox);
	assert_int_equal(count(&r, "Add"), 3);
	for (int i = 0; i < 2; i++) {
		two.options = DROP;
		r = hears(&f, &two, inbox);
		assert_int_equal(count(&r, "SoftDelete"), 2);
		assert_int_equal(hears(&f, &two, inbox).body.n, 0);
		two.options = ASK;
		r = hears(&f, &two, inbox);
		assert_int_equal(count(&r, "Add"), 2);
		two.options = ""; /* sticky */
		assert_int_equal(hears(&f, &two, inbox).body.n, 0);
	}
	/* So do those that it has brought itself. */
	one.options = DROP;
	r = hears(&f, &one, inbox);
	assert_int_equal(count(&r, "SoftDelete"), 2);
	one.options = OF_CLASS("SMS", "");
	r = hears(&f, &one, inbox);
	assert_int_equal(count(&r, "Add"), 2);
	assert_int_equal(count(&r, "SoftDelete"), 0); /* the mails stay, whose Options were not said */
}

/* Each class has a filter of its own. */
static void a_filter_of_texts_is_theirs_alone(void **unused)
{
	struct speaker one = { "one", "14.1", ASK, NULL },
		       two = { "two", "16.1", OF_CLASS("Email", "58 03 '1' 00 01 ") OF_CLASS("SMS", "58 03 '0' 00 01 "),
			       NULL };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	deliver(&f, f.ann.mailbox, "mail");
	bring(&f, &one, inbox, "c1", TEXT_OF("Old"));
	clock_fake_advance(&f.server.clock, 2 * 24 * 3600 * INT64_C(1000));
	r = hears(&f, &two, inbox);
	assert_int_equal(count(&r, "Add"), 1);
	assert_element(&r, "Data", "Old");
	two.options = OF_CLASS("Email", "58 03 '0' 00 01 ") OF_CLASS("SMS", "58 03 '1' 00 01 ");
	r = hears(&f, &two, inbox);
	assert_int_equal(count(&r, "Add"), 1);
	assert_int_equal(count(&r, "SoftDelete"), 1);
}

/* The answer to an Add was lost: the phone says it again, and there is one. */
static void a_text_that_is_brought_twice_is_there_once(void **unused)
{
	struct speaker one = { "one", "14.1", ASK, NULL };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *before, *again;
	struct eas_reply r, s;

	(void)unused;
	hears(&f, &one, inbox);
	before = one.key;
	r = says(&f, &one, inbox, commands(&f, "53 03 '0' 00 01 %s", add_text(&f, "c1", TEXT_OF("Once"))));
	one.key = before;
	s = says(&f, &one, inbox, commands(&f, "53 03 '0' 00 01 %s", add_text(&f, "c1", TEXT_OF("Once"))));
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &again));
	assert_true(str_eq(eas_reply_text(&s, "ServerId", 0), str_of(again)));
	assert_true(only_item(&f, inbox) > 0);
	assert_int_equal(hears(&f, &one, inbox).body.n, 0);
}

/* MS-ASCMD_R935, MS-ASCMD_R930, MS-ASCMD_R6298; MS-ASMS 3.1.4.1 */
static void what_is_no_text_is_refused(void **unused)
{
	CLEANUP(buf_release) struct buf longest = BUF_INIT(EMAIL_TEXT_MAX_BYTES + 4096);
	static const struct {
		const char *what, *xml;
	} cases[] = {
		{ "HTML", "<AirSyncBase:Body><AirSyncBase:Type>2</><AirSyncBase:Data>x</></>" },
		{ "a body without a type", "<AirSyncBase:Body><AirSyncBase:Data>x</></>" },
		{ "Cc", "<Email:Cc>x</>" },
		{ "no date", "<Email:DateReceived>soon</>" },
		{ "an importance", "<Email:Importance>3</>" },
		{ "a task's", "<Tasks:Subject>x</>" },
	};
	struct speaker one = { "one", "14.1", ASK, NULL }, quiet = { "quiet", "14.1", DROP, NULL };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	hears(&f, &one, inbox);
	for (size_t i = 0; i < countof(cases); i++) {
		r = says(&f, &one, inbox, add_text(&f, "c1", cases[i].xml));
		if (!str_eq(eas_reply_text(&r, "Status", 1), S("6")))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
	buf_cstr(&longest, "<AirSyncBase:Body><AirSyncBase:Type>1</><AirSyncBase:Data>");
	for (size_t i = 0; i < EMAIL_TEXT_MAX_BYTES; i++)
		buf_char(&longest, 'x');
	buf_cstr(&longest, "</></>");
	buf_char(&longest, '\0');
	r = says(&f, &one, inbox, add_text(&f, "c2", longest.p));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
	longest.p[longest.n - 7] = 'x'; /* one more, in the place of the first '<' */
	memcpy(longest.p + longest.n - 6, "</></", 5);
	longest.p[longest.n - 1] = '>';
	buf_char(&longest, '\0');
	r = says(&f, &one, inbox, add_text(&f, "c3", longest.p));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	/* The class was not asked for: the phone would lose it at once. */
	hears(&f, &quiet, inbox);
	r = says(&f, &quiet, inbox, add_text(&f, "c1", TEXT_OF("x")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	r = says(&f, &one, inbox, OF_CLASS("SMS", "") OF_CLASS("SMS", ""));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("4")));
	r = says(&f, &one, inbox, OF_CLASS("Email", "") OF_CLASS("Calendar", ""));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("4")));
	r = says(&f, &one, inbox, OF_CLASS("SMS", "58 03 '8' 00 01 "));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("4")));
}

/* MS-ASMS 3.1.4.1: in 14.0 Inbox, Outbox and Sent Items, later every folder of mails. */
static void folders_of_texts_are_those_of_the_version(void **unused)
{
	static const char *const versions[] = { "14.0", "14.1", "16.0", "16.1" };
	static const enum folder_role roles[] = { FOLDER_INBOX, FOLDER_OUTBOX, FOLDER_SENT, FOLDER_ROLE_NONE };
	FIXTURE(f);
	int64_t own = fixture_add_folder(&f, "Own", FOLDER_MAIL, FOLDER_ROOT);

	(void)unused;
	for (size_t v = 0; v < countof(versions); v++)
		for (size_t i = 0; i < countof(roles); i++) {
			int64_t folder = roles[i] == FOLDER_ROLE_NONE ? own : fixture_role(&f, roles[i]);
			struct speaker one = { "one", versions[v], ASK, NULL };
			bool can = folder != own || v > 0;
			struct eas_reply r;

			assert_string_equal(says_it_sends(&f, &one, "1"), "1");
			hears(&f, &one, folder);
			r = says(&f, &one, folder, add_text(&f, versions[v], TEXT_OF("Hi")));
			if (!str_eq(eas_reply_text(&r, "Status", 1), can ? S("1") : S("6")))
				fail_msg("%s, folder %zu: " STR_FMT, versions[v], i, STR_ARG(r.xml));
		}
}

/* Desktops read a mail; what one person wrote and was answered is one conversation. */
static void a_text_is_a_mail_for_everybody_else(void **unused)
{
	struct speaker one = { "one", "14.1", ASK, NULL };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), sent = fixture_role(&f, FOLDER_SENT);
	struct item came, went;
	struct str octets;

	(void)unused;
	bring(&f, &one, inbox, "c1", TEXT_OF("First words\nand more"));
	came = item_of(&f, inbox, only_item(&f, inbox));
	assert_true(came.flags & ITEM_TEXT);
	octets = octets_of(&f, server_id_item(inbox, came.id).text);
	assert_true(str_find(octets, S("From: Bob <+15550100@mobile.invalid>\r\n")) < octets.n);
	assert_true(str_find(octets, S("To: Ann <+15550199@mobile.invalid>\r\n")) < octets.n);
	assert_true(str_find(octets, S("Subject: SMS +15550100\r\n")) < octets.n);
	assert_true(str_find(octets, S("\r\n\r\nFirst words\r\nand more")) < octets.n);
	one.key = NULL;
	bring(&f, &one, sent, "c2",
	      "<Email:To>\"Bob\" "
	      "[MOBILE:+15550100]</><AirSyncBase:Body><AirSyncBase:Type>1</><AirSyncBase:Data>Ok</></>");
	went = item_of(&f, sent, only_item(&f, sent));
	assert_true(str_eq(came.conversation, went.conversation));
	octets = octets_of(&f, server_id_item(sent, went.id).text);
	assert_true(str_find(octets, S("ann@example.test>\r\n")) < octets.n ||
		    str_find(octets, S("From: ann@example.test")) < octets.n);
}

/* What a phone says of people stays in its two fields, and comes to other phones as it was. */
static void what_is_said_of_people_makes_no_line_of_its_own(void **unused)
{
	static const struct {
		const char *from, *comes;
	} cases[] = {
		{ "\"x\r\nBcc: eve@x.test\r\n\r\nhi\" [MOBILE:+1\r\nBcc: eve@x.test]",
		  "\"x  Bcc: eve@x.test    hi\" [MOBILE:+1  Bcc: eve@x.test]" },
		{ "=?utf-8?q?a?= [MOBILE:=?utf-8?q?+1?=]", "=?utf-8?q?a?= [MOBILE:=?utf-8?q?+1?=]" },
		{ "a, b\" [MOBILE:1@x.test, (2]", "a, b\" [MOBILE:1@x.test, (2]" },
		{ "[MOBILE:[MOBILE:]]", "[MOBILE:[MOBILE:]]" },
		{ "\xc3\xa4; \xf0\x9f\x98\x80 [mobile:..]", "\xc3\xa4; \xf0\x9f\x98\x80 [mobile:..]" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct speaker one = { "one", "14.1", ASK, NULL }, two = { "two", "14.1", ASK, NULL };
		FIXTURE(f);
		CLEANUP(buf_release) struct buf xml = BUF_INIT(4096);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		struct str octets;

		buf_fmt(&xml, "<Email:From>%s</><AirSyncBase:Body><AirSyncBase:Type>1</><AirSyncBase:Data>a</></>%c",
			cases[i].from, 0);
		bring(&f, &one, inbox, "c1", xml.p);
		struct eas_reply r = hears(&f, &two, inbox);
		assert_element(&r, "From", cases[i].comes);
		octets = octets_of(&f, server_id_item(inbox, only_item(&f, inbox)).text);
		assert_int_equal(str_find(octets, S("\nBcc")), octets.n);
	}
}

/* A text is no draft of a mail, also where drafts are: it would go to nobody. */
static void a_text_among_drafts_is_not_written_again(void **unused)
{
	struct speaker one = { "one", "16.1", ASK, NULL }, two = { "two", "16.1", ASK, NULL };
	FIXTURE(f);
	int64_t drafts = fixture_role(&f, FOLDER_DRAFTS);
	const char *id = bring(&f, &one, drafts, "c1", TEXT_OF("Hello"));
	struct eas_reply r;

	(void)unused;
	r = says(&f, &one, drafts, change_item(&f, id, "<Email:To>eve@x.test</><Email:Subject>x</>"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	r = says(&f, &one, drafts, change_item(&f, id, "<Email:Read>1</>"));
	r = hears(&f, &two, drafts);
	assert_element(&r, "To", "\"Ann\" [MOBILE:+15550199]");
	assert_element(&r, "Read", "1");
	assert_element(&r, "Data", "Hello");
}

/* MS-ASCMD_R905, MS-ASCMD_R906, MS-ASCMD_R913, MS-ASCMD_R6274 */
static void other_commands_know_the_class(void **unused)
{
	static const struct {
		const char *version;
		bool knows;
	} cases[] = { { "12.1", false }, { "14.0", true }, { "14.1", true }, { "16.0", true }, { "16.1", true } };
	struct speaker one = { "one", "14.1", ASK, NULL };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *id = bring(&f, &one, inbox, "c1", TEXT_OF("Hello"));

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct speaker it = { "it", cases[i].version, ASK, NULL };
		struct eas_reply r;

		f.phone.version = cases[i].version;
		r = eas_phone_ask(
			&f.phone, "ItemOperations",
			doc(&f,
			    HEAD
			    "00 14 45 46 47 03 'Mailbox' 00 01 00 00 52 03 '%lld' 00 01 4D 03 '%s' 00 01 00 14 01 01",
			    (long long)inbox, id));
		if (holds(&r, "SMS") != cases[i].knows || holds(&r, "Hello") != cases[i].knows)
			fail_msg("%s: " STR_FMT, cases[i].version, STR_ARG(r.xml));
		if (!cases[i].knows)
			continue;
		f.phone.device_id = "it";
		it.key = first_key(&f, inbox);
		r = eas_phone_ask(&f.phone, "GetItemEstimate",
				  doc(&f,
				      HEAD "00 06 45 47 48 00 00 4B 03 '%s' 00 01 00 06 4A 03 '%lld' 00 01 00 00 " ASK
					   "00 06 01 01 01",
				      kept(&f, str_of(it.key)), (long long)inbox));
		assert_element(&r, "Estimate", "1");
		r = eas_phone_ask(&f.phone, "GetItemEstimate",
				  doc(&f,
				      HEAD "00 06 45 47 48 00 00 4B 03 '%s' 00 01 00 06 4A 03 '%lld' 00 01 00 00 " DROP
					   "00 06 01 01 01",
				      kept(&f, str_of(it.key)), (long long)inbox));
		assert_element(&r, "Estimate", "0");
	}
}

/* MS-ASCMD_R6092, MS-ASCMD_R7532, MS-ASCMD_R7533, MS-ASCMD_R920, MS-ASCMD_R6288 */
static void texts_are_found_by_their_class_alone(void **unused)
{
	static const struct {
		const char *version, *class;
		bool text;
	} cases[] = {
		{ "14.0", "SMS", true },    { "14.1", "SMS", true },    { "16.0", "SMS", true },
		{ "16.1", "SMS", true },    { "12.1", "Email", false }, { "14.1", "Email", false },
		{ "16.1", "Email", false },
	};
	struct speaker one = { "one", "14.1", ASK, NULL };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);

	(void)unused;
	deliver(&f, f.ann.mailbox, "hello");
	bring(&f, &one, inbox, "c1", TEXT_OF("hello there"));
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;

		f.phone.version = cases[i].version;
		r = eas_phone_ask(
			&f.phone, "Search",
			doc(&f,
			    HEAD "00 0F 45 47 48 03 'Mailbox' 00 01 49 53 00 00 50 03 '%s' 00 01 52 03 '%lld' 00 01 "
				 "00 0F 55 03 'hello' 00 01 01 01 4A 4B 03 '0-9' 00 01 01 01 01",
			    cases[i].class, (long long)inbox));
		if (count(&r, "LongId") != 1 || holds(&r, "MOBILE") != cases[i].text)
			fail_msg("%s %s: " STR_FMT, cases[i].version, cases[i].class, STR_ARG(r.xml));
	}
}

/* On a connection of its own; it waits. */
static struct eas_phone held_ping(struct fixture *f, const struct speaker *s, int64_t folder)
{
	struct eas_phone p = eas_phone_new(f->phone.port);

	p.device_id = s->device;
	p.version = s->version;
	eas_phone_send(&p, "Ping",
		       doc(f, HEAD "00 0D 45 48 03 '60' 00 01 49 4A 4B 03 '%lld' 00 01 01 01 01", (long long)folder));
	server_await_held(&f->server, 1);
	return p;
}

/* MS-ASCMD 2.2.1.13: a Ping answers for the phone that asked for the class. */
static void a_ping_knows_who_asked(void **unused)
{
	struct speaker one = { "one", "14.1", ASK, NULL }, two = { "two", "14.1", ASK, NULL },
		       quiet = { "quiet", "14.1", DROP, NULL };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_phone waiting;
	struct eas_reply r;

	(void)unused;
	hears(&f, &one, inbox);
	for (struct speaker *s = &two; s; s = s == &two ? &quiet : NULL) {
		f.phone.device_id = s->device;
		f.phone.version = s->version;
		fixture_learn_hierarchy(&f);
		hears(&f, s, inbox);
	}
	says(&f, &one, inbox, add_text(&f, "c1", TEXT_OF("Hello")));
	f.phone.device_id = two.device;
	r = eas_phone_ask(&f.phone, "Ping",
			  doc(&f, HEAD "00 0D 45 48 03 '60' 00 01 49 4A 4B 03 '%lld' 00 01 4C 03 'SMS' 00 01 01 01 01",
			      (long long)inbox));
	assert_element(&r, "Status", "2");
	waiting = held_ping(&f, &quiet, inbox);
	eas_phone_release(&waiting);
}

/* ---- the Outbox: who sends (MS-ASMS 2.2.2.2.2) ---- */

static size_t adds(struct fixture *f, struct speaker *s, int64_t folder)
{
	struct eas_reply r = hears(f, s, folder);

	return count(&r, "Add");
}

static bool moved_to_sent(struct fixture *f, const struct speaker *s, const char *id, int64_t outbox)
{
	struct eas_reply r;

	f->phone.device_id = s->device;
	f->phone.version = s->version;
	r = eas_phone_ask(&f->phone, "MoveItems",
			  doc(f, HEAD "00 05 45 46 47 03 '%s' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01 01", id,
			      (long long)outbox, (long long)fixture_role(f, FOLDER_SENT)));
	return str_eq(eas_reply_text(&r, "Status", 0), S("3"));
}

static void remove_device(struct fixture *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t device = fixture_device(f);

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(device_remove(tx, device));
	assert_ok(store_commit(&tx));
}

static bool begins_anew(const struct eas_reply *r)
{
	return r->xml.n && str_eq(eas_reply_text(r, "Status", 0), S("3"));
}

/*
 * MS-ASCMD_R2253, MS-ASCMD_R1611, MS-ASCMD_R1613, MS-ASCMD_R6515, MS-ASCMD_R6516, MS-ASCMD_R6517, MS-ASCMD_R6517100801; without a
 * PhoneNumber MS-ASCMD_R7498.
 */
static void a_text_to_send_goes_to_the_phone_that_sends(void **unused)
{
	static const char *const versions[] = { "14.0", "14.1", "16.0", "16.1" };

	(void)unused;
	for (size_t i = 0; i < countof(versions); i++) {
		struct speaker tablet = { "tablet", versions[i], ASK, NULL },
			       sender = { "sender", versions[i], ASK, NULL },
			       other = { "other", versions[i], ASK, NULL }, old = { "old", "12.1", "", NULL };
		FIXTURE(f);
		int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
		struct eas_reply r;
		const char *id;

		assert_string_equal(says_it_sends(&f, &other, "1"), "1");
		assert_string_equal(says_it_sends(&f, &other, "0"), "1");
		assert_string_equal(says_it_sends(&f, &sender, "1"), "1");
		id = bring(&f, &tablet, outbox, "c1", TEXT_OF("On my way"));
		r = hears(&f, &tablet, outbox);
		assert_int_equal(count(&r, "SoftDelete"), 1); /* it is another's to send now */
		assert_int_equal(adds(&f, &other, outbox), 0);
		assert_int_equal(adds(&f, &old, outbox), 0);
		r = hears(&f, &sender, outbox);
		assert_element(&r, "Data", "On my way");
		assert_element(&r, "Class", "SMS");
		/* It was sent: the phone says so by its place, and everybody hears of that. */
		assert_true(moved_to_sent(&f, &sender, id, outbox));
		hears(&f, &sender, outbox);
		assert_int_equal(only_item(&f, outbox), 0);
		for (struct speaker *s = &other; s; s = s == &other ? &tablet : NULL) {
			struct speaker there = { s->device, s->version, ASK, NULL };

			r = hears(&f, &there, fixture_role(&f, FOLDER_SENT));
			assert_element(&r, "Data", "On my way");
		}
	}
}

/* MS-ASCMD_R6514, MS-ASCMD_R3110; a phone keeps what nobody would send, or two. */
static void a_text_that_none_or_two_would_send_is_not_taken(void **unused)
{
	struct speaker one = { "one", "14.1", ASK, NULL }, two = { "two", "16.1", ASK, NULL },
		       old = { "two", "12.1", "", NULL };
	FIXTURE(f);
	int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
	struct eas_reply r;

	(void)unused;
	hears(&f, &one, outbox);
	r = says(&f, &one, outbox, add_text(&f, "c1", TEXT_OF("x")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6"))); /* nobody sends */
	assert_string_equal(says_it_sends(&f, &old, "1"), "1");
	r = says(&f, &one, outbox, add_text(&f, "c2", TEXT_OF("x")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6"))); /* 12.1 has no such element */
	assert_string_equal(says_it_sends(&f, &two, "2"), "5");
	assert_string_equal(says_it_sends(&f, &one, "1"), "1");
	r = says(&f, &one, outbox, add_text(&f, "c3", TEXT_OF("x")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
	assert_int_equal(count(&r, "SoftDelete"), 0); /* its own, to be sent by itself */
	assert_string_equal(says_it_sends(&f, &two, "1"), "1");
	r = says(&f, &one, outbox, commands(&f, "53 03 '0' 00 01 %s", add_text(&f, "c4", TEXT_OF("x"))));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6"))); /* both would send it */
}

/* What is known of what a former sender has: told and not shown, its answer lost, shown, or sent meanwhile. */
enum { TOLD, LOST, SHOWN, SENT, WAYS };

static void a_new_sender_waits_for_the_former(void **unused)
{
	(void)unused;
	for (int way = 0; way < WAYS; way++) {
		struct speaker tablet = { "tablet", "14.1", ASK, NULL }, former = { "former", "14.1", ASK, NULL },
			       next = { "next", "16.1", ASK, NULL };
		FIXTURE(f);
		int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
		const char *before, *id;
		struct eas_phone waiting;
		struct eas_reply r;

		assert_string_equal(says_it_sends(&f, &former, "1"), "1");
		hears(&f, &former, outbox);
		f.phone.device_id = next.device;
		f.phone.version = next.version;
		fixture_learn_hierarchy(&f);
		hears(&f, &next, outbox);
		id = bring(&f, &tablet, outbox, "c1", TEXT_OF("Once"));
		before = former.key;
		assert_int_equal(adds(&f, &former, outbox), 1);
		if (way == LOST)
			former.key = before;
		if (way == SHOWN)
			hears(&f, &former, outbox);
		assert_string_equal(says_it_sends(&f, &next, "1"), "1");
		assert_int_equal(adds(&f, &next, outbox), 0);
		if (way == SENT) { /* what it did counts, though it is to begin anew */
			r = says(&f, &former, outbox, commands(&f, "5E 03 '0' 00 01 %s", delete_item(&f, id)));
			assert_false(begins_anew(&r));
			assert_int_equal(only_item(&f, outbox), 0);
		}
		r = hears(&f, &former, outbox);
		assert_true(begins_anew(&r));
		former.key = first_key(&f, outbox);
		assert_int_equal(adds(&f, &next, outbox), 0);
		waiting = held_ping(&f, &next, outbox);
		assert_int_equal(adds(&f, &former, outbox), 0); /* the new key: it has dropped what it was told */
		if (way != SENT) {
			r = eas_phone_receive(&waiting);
			assert_element(&r, "Status", "2");
		}
		r = hears(&f, &next, outbox);
		assert_int_equal(count(&r, "Add"), way == SENT ? 0 : 1);
		assert_int_equal(adds(&f, &former, outbox), 0);
		eas_phone_release(&waiting);
	}
}

/* The former one is called by its Ping, and hears of nothing new before it has answered. */
static void a_former_sender_is_told_by_its_ping(void **unused)
{
	struct speaker former = { "former", "14.1", ASK, NULL }, next = { "next", "16.1", ASK, NULL },
		       tablet = { "tablet", "16.0", ASK, NULL };
	FIXTURE(f);
	int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
	struct eas_phone waiting;
	struct eas_reply r;

	(void)unused;
	says_it_sends(&f, &former, "1");
	fixture_learn_hierarchy(&f);
	hears(&f, &former, outbox);
	waiting = held_ping(&f, &former, outbox);
	assert_string_equal(says_it_sends(&f, &next, "1"), "1");
	r = eas_phone_receive(&waiting);
	assert_element(&r, "Status", "2");
	bring(&f, &tablet, outbox, "c1", TEXT_OF("Later"));
	r = hears(&f, &former, outbox);
	assert_true(begins_anew(&r));
	former.key = first_key(&f, outbox);
	assert_int_equal(adds(&f, &former, outbox), 0);
	/* Of texts that are another's it is not woken. */
	eas_phone_release(&waiting);
	bring(&f, &tablet, outbox, "c2", TEXT_OF("Too"));
	waiting = held_ping(&f, &former, outbox);
	eas_phone_release(&waiting);
	/* It had none: the next one waits for nobody. */
	assert_int_equal(adds(&f, &next, outbox), 2);
}

/* It says so again before it has heard that it was another: what that one was told of is not its. */
static void a_sender_that_returns_waits_as_well(void **unused)
{
	struct speaker one = { "one", "14.1", ASK, NULL }, two = { "two", "16.1", ASK, NULL },
		       tablet = { "tablet", "16.0", ASK, NULL };
	FIXTURE(f);
	int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
	struct eas_reply r;

	(void)unused;
	assert_string_equal(says_it_sends(&f, &one, "1"), "1");
	hears(&f, &one, outbox);
	hears(&f, &one, outbox);
	assert_string_equal(says_it_sends(&f, &two, "1"), "1");
	bring(&f, &tablet, outbox, "c1", TEXT_OF("Two's"));
	assert_int_equal(adds(&f, &two, outbox), 1);
	assert_string_equal(says_it_sends(&f, &one, "1"), "1");
	r = hears(&f, &one, outbox);
	assert_true(begins_anew(&r));
	one.key = first_key(&f, outbox);
	assert_int_equal(adds(&f, &one, outbox), 0);
	r = hears(&f, &two, outbox);
	assert_true(begins_anew(&r));
	two.key = first_key(&f, outbox);
	hears(&f, &two, outbox);
	assert_int_equal(adds(&f, &one, outbox), 1);
}

/* Who was not heard of for three days, or was removed, sends nothing any more. */
static void a_sender_that_is_gone_is_waited_for_three_days(void **unused)
{
	(void)unused;
	for (int removed = 0; removed < 2; removed++) {
		struct speaker former = { "former", "14.1", ASK, NULL }, next = { "next", "16.1", ASK, NULL },
			       tablet = { "tablet", "16.0", ASK, NULL };
		FIXTURE(f);
		int64_t outbox = fixture_role(&f, FOLDER_OUTBOX);
		struct eas_reply r;

		assert_string_equal(says_it_sends(&f, &former, "1"), "1");
		hears(&f, &former, outbox);
		bring(&f, &tablet, outbox, "c1", TEXT_OF("Late"));
		assert_int_equal(adds(&f, &former, outbox), 1);
		assert_string_equal(says_it_sends(&f, &next, "1"), "1");
		assert_int_equal(adds(&f, &next, outbox), 0);
		if (removed) {
			f.phone.device_id = former.device;
			remove_device(&f);
		} else {
			clock_fake_advance(&f.server.clock, EAS_TEXT_HANDOVER_MS);
			assert_int_equal(adds(&f, &next, outbox), 0);
			clock_fake_advance(&f.server.clock, 1);
		}
		assert_int_equal(adds(&f, &next, outbox), 1);
		if (removed)
			continue;
		/* It comes back, with a text that two may have now: the one that sends keeps it. */
		r = hears(&f, &former, outbox);
		assert_true(begins_anew(&r));
		r = hears(&f, &next, outbox);
		assert_false(begins_anew(&r));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_goes_to_the_phones_that_asked_for_the_class),
		cmocka_unit_test(a_change_and_a_delete_reach_those_who_have_it),
		cmocka_unit_test(texts_go_when_the_class_is_dropped_and_come_back_when_it_is_asked_for),
		cmocka_unit_test(a_filter_of_texts_is_theirs_alone),
		cmocka_unit_test(a_text_that_is_brought_twice_is_there_once),
		cmocka_unit_test(what_is_no_text_is_refused),
		cmocka_unit_test(folders_of_texts_are_those_of_the_version),
		cmocka_unit_test(a_text_is_a_mail_for_everybody_else),
		cmocka_unit_test(what_is_said_of_people_makes_no_line_of_its_own),
		cmocka_unit_test(a_text_among_drafts_is_not_written_again),
		cmocka_unit_test(other_commands_know_the_class),
		cmocka_unit_test(texts_are_found_by_their_class_alone),
		cmocka_unit_test(a_ping_knows_who_asked),
		cmocka_unit_test(a_text_to_send_goes_to_the_phone_that_sends),
		cmocka_unit_test(a_text_that_none_or_two_would_send_is_not_taken),
		cmocka_unit_test(a_new_sender_waits_for_the_former),
		cmocka_unit_test(a_former_sender_is_told_by_its_ping),
		cmocka_unit_test(a_sender_that_returns_waits_as_well),
		cmocka_unit_test(a_sender_that_is_gone_is_waited_for_three_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
