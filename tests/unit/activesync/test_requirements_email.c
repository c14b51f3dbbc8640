/* What MS-ASEMAIL asks of changes in both directions (3.2.5.4), and where its elements stand in an answer. */
#include "sync_fixture.h"

#include <gateway/mailbox/intake.h>
#include <store/account.h>
#include <store/item_many.h>

/* Of a mail that the phone has; together they are a row of the table of MS-ASEMAIL 3.2.5.4.1. */
enum changed { READ = 1, FLAG = 2, CATEGORIES = 4, OTHER = 8, NOT_EMAIL = 16 };

static const char mail[] =
	"From: Bob <bob@example.org>\r\nTo: Ann <ann@example.test>\r\nCc: Carl <carl@example.test>\r\n"
	"Subject: Lunch\r\nContent-Type: text/plain\r\n\r\nText\r\n";

static void change_content(struct fixture *f, int64_t folder, int64_t id)
{
	CLEANUP(intake_free) struct intake *in = NULL;
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct author nobody = AUTHOR_NOBODY;
	struct store_blob_writer *blob;
	struct item item = item_of(f, folder, id);

	assert_ok(intake_new(store_state_dir(f->server.store), 1 << 20, &in));
	assert_ok(intake_put(in, S("Subject: Dinner\r\n\r\nother\r\n")));
	assert_ok(intake_finish(in));
	assert_ok(intake_store(in, f->server.store, f->ann.mailbox, &blob));
	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(intake_edit(in, tx, blob, &item, &nobody));
	assert_ok(store_commit(&tx));
	store_blob_writer_drop(&blob);
}

static void change(struct fixture *f, int64_t folder, int64_t id, unsigned what)
{
	struct item_edit edit = { .keywords = S("Red\n") };
	struct store_tx *tx;

	if (what & OTHER)
		change_content(f, folder, id);
	if (what & (READ | FLAG | NOT_EMAIL))
		edit.what |= ITEM_EDIT_FLAGS;
	edit.set = (what & READ ? ITEM_SEEN : 0u) | (what & FLAG ? ITEM_FLAGGED : 0u) |
		   (what & NOT_EMAIL ? ITEM_DELETED : 0u); /* IMAP's alone */
	if (what & CATEGORIES)
		edit.what |= ITEM_EDIT_KEYWORDS;
	if (edit.what) {
		assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
		assert_ok(item_update(tx, folder, id, &edit, &AUTHOR_NOBODY));
		assert_ok(store_commit(&tx));
	}
}

static bool has(const struct eas_reply *r, const char *part)
{
	return str_find(r->xml, str_of(part)) < r->xml.n;
}

/* MS-ASEMAIL_R74, MS-ASEMAIL_R77. What changed comes, alone; with another property the whole mail. */
static void a_change_of_others_comes_as_the_table_says(void **unused)
{
	static const struct {
		const char *what;
		unsigned changed;
	} rows[] = {
		{ "MS-ASEMAIL_R81", 0 },
		{ "MS-ASEMAIL_R78, MS-ASEMAIL_R93", NOT_EMAIL },
		{ "MS-ASEMAIL_R96", CATEGORIES },
		{ "MS-ASEMAIL_R97", CATEGORIES | NOT_EMAIL },
		{ "MS-ASEMAIL_R76, MS-ASEMAIL_R100", FLAG },
		{ "MS-ASEMAIL_R101", FLAG | NOT_EMAIL },
		{ "MS-ASEMAIL_R10600", FLAG | CATEGORIES },
		{ "MS-ASEMAIL_R10601", FLAG | CATEGORIES | NOT_EMAIL },
		{ "MS-ASEMAIL_R75, MS-ASEMAIL_R10604", READ },
		{ "MS-ASEMAIL_R10605", READ | NOT_EMAIL },
		{ "MS-ASEMAIL_R10608", READ | CATEGORIES },
		{ "MS-ASEMAIL_R10609", READ | CATEGORIES | NOT_EMAIL },
		{ "MS-ASEMAIL_R10612", READ | FLAG },
		{ "MS-ASEMAIL_R10613", READ | FLAG | NOT_EMAIL },
		{ "MS-ASEMAIL_R94", OTHER },
		{ "MS-ASEMAIL_R95", OTHER | NOT_EMAIL },
		{ "MS-ASEMAIL_R98", CATEGORIES | OTHER },
		{ "MS-ASEMAIL_R99", CATEGORIES | OTHER | NOT_EMAIL },
		{ "MS-ASEMAIL_R102", FLAG | OTHER },
		{ "MS-ASEMAIL_R103", FLAG | OTHER | NOT_EMAIL },
		{ "MS-ASEMAIL_R104", READ | FLAG | CATEGORIES },
		{ "MS-ASEMAIL_R105", READ | FLAG | CATEGORIES | NOT_EMAIL },
		{ "MS-ASEMAIL_R106", READ | FLAG | CATEGORIES | OTHER },
		{ "MS-ASEMAIL_R10602", FLAG | CATEGORIES | OTHER },
		{ "MS-ASEMAIL_R10603", FLAG | CATEGORIES | OTHER | NOT_EMAIL },
		{ "MS-ASEMAIL_R10606", READ | OTHER },
		{ "MS-ASEMAIL_R10607", READ | OTHER | NOT_EMAIL },
		{ "MS-ASEMAIL_R10610", READ | CATEGORIES | OTHER },
		{ "MS-ASEMAIL_R10611", READ | CATEGORIES | OTHER | NOT_EMAIL },
		{ "MS-ASEMAIL_R10614", READ | FLAG | OTHER },
		{ "MS-ASEMAIL_R10615", READ | FLAG | OTHER | NOT_EMAIL },
		{ "MS-ASEMAIL_R10616", READ | FLAG | CATEGORIES | OTHER | NOT_EMAIL },
	};

	(void)unused;
	for (size_t i = 0; i < countof(rows); i++) {
		FIXTURE(f);
		int64_t folder = fixture_role(&f, FOLDER_INBOX), id;
		unsigned what = rows[i].changed;
		const char *key;
		struct eas_reply r;
		size_t adds;

		deliver_octets(&f, f.ann.mailbox, str_of(mail));
		id = only_item(&f, folder);
		key = sync_all(&f, folder, first_key(&f, folder), &adds);
		assert_int_equal(adds, 1);
		change(&f, folder, id, what);
		r = sync_with(&f, folder, key, "");
		if (!(what & ~(unsigned)NOT_EMAIL)) {
			assert_int_equal(r.body.n, 0);
			continue;
		}
		assert_int_equal(eas_reply_count(&r, "Change"), 1);
		if (has(&r, "<email:Subject>Dinner</email:Subject>") != !!(what & OTHER) ||
		    has(&r, "<airsyncbase:Body>") != !!(what & OTHER) ||
		    has(&r, "<email:Read>") != !!(what & (READ | OTHER)) ||
		    has(&r, "<email:Read>1</email:Read>") != !!(what & READ) ||
		    has(&r, "<email:Flag") != !!(what & (FLAG | OTHER)) ||
		    has(&r, "<email:Status>2</email:Status>") != !!(what & FLAG) ||
		    has(&r, "<email:Categories") != !!(what & (CATEGORIES | OTHER)) ||
		    has(&r, "<email:Category>Red</email:Category>") != !!(what & CATEGORIES) || has(&r, "LastVerb"))
			fail_msg("%s: " STR_FMT, rows[i].what, STR_ARG(r.xml));
	}
}

/*
 * A page is full in the midst of a round; then the mail of the next page changes again. It belongs to the round behind it, which
 * has to tell of what came before, too: MS-ASEMAIL_R77.
 */
static void nothing_is_lost_that_changed_twice_in_one_round(void **unused)
{
	static const char window[] = "55 03 '1' 00 01";
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), first, second, third;
	struct eas_reply r;
	const char *key;
	size_t adds;

	(void)unused;
	deliver(&f, f.ann.mailbox, "one");
	first = only_item(&f, inbox);
	second = first + 1;
	third = first + 2;
	deliver(&f, f.ann.mailbox, "two");
	deliver(&f, f.ann.mailbox, "three");
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	assert_int_equal(adds, 3);
	change(&f, inbox, first, READ);
	change(&f, inbox, second, READ | OTHER);
	r = sync_with(&f, inbox, key, window);
	assert_true(has_more(&r));
	key = key_of(&f, &r);
	change(&f, inbox, third, READ); /* it comes first of the next round */
	change(&f, inbox, second, FLAG);
	r = sync_with(&f, inbox, key, window);
	assert_true(has_more(&r));
	assert_false(has(&r, "<email:Subject>Dinner</email:Subject>"));
	key = key_of(&f, &r);
	r = sync_with(&f, inbox, key, window);
	assert_true(has(&r, "<email:Subject>Dinner</email:Subject>"));
	assert_true(has(&r, "<email:Read>1</email:Read>"));
	assert_true(has(&r, "<email:Status>2</email:Status>"));
	key = key_of(&f, &r);
	/* What follows is told by itself again. */
	change(&f, inbox, second, CATEGORIES);
	r = sync_with(&f, inbox, key, window);
	assert_true(has(&r, "<email:Category>Red</email:Category>"));
	assert_false(has(&r, "<email:Read>"));
	assert_false(has(&r, "<email:Flag>"));
}

/* IMAP's STORE of a sequence: each mail tells of what it changed for it. */
static void flags_of_many_are_told_one_by_one(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct item_range_edit edit = { .of = { inbox, 1, 3 }, .set = ITEM_SEEN, .since = INT64_MAX };
	struct store_tx *tx;
	struct eas_reply r;
	const char *key;
	size_t adds;
	uint64_t n;

	(void)unused;
	deliver_n(&f, 3);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	for (int pass = 0; pass < 2; pass++) {
		assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
		assert_ok(item_update_range(tx, &edit, &n));
		assert_int_equal(n, 3);
		assert_ok(store_commit(&tx));
		r = sync_with(&f, inbox, key, "");
		if (pass == 0) {
			assert_int_equal(eas_reply_count(&r, "email:Read"), 3);
			assert_int_equal(eas_reply_count(&r, "email:Flag"), 0);
			key = key_of(&f, &r);
		} else {
			assert_int_equal(r.body.n, 0);
		}
		edit.set = ITEM_DELETED;
	}
}

#define DAY(n) "2026-01-" n "T08:00:00.000Z"
#define TASKS(start, due, utc_start, utc_due) \
	"7A 7B 03 '2' 00 01 7D 03 'Flag' 00 01 00 09 " start due utc_start utc_due "00 02 01 "
#define START(n) "5E 03 '" DAY(n) "' 00 01 "
#define DUE(n) "4C 03 '" DAY(n) "' 00 01 "
#define UTC_START(n) "5F 03 '" DAY(n) "' 00 01 "
#define UTC_DUE(n) "4D 03 '" DAY(n) "' 00 01 "

/* Page 02: 7A Flag, 7B Status, 7D FlagType; 09: dates; 16: 4D ReceivedAsBcc, 4E Sender. */
static void a_change_that_may_not_be_is_status_6(void **unused)
{
	static const struct {
		const char *what, *data, *status;
	} cases[] = {
		{ "a sound flag", TASKS(START("01"), DUE("02"), UTC_START("01"), UTC_DUE("02")), NULL },
		{ "MS-ASEMAIL_R648: ReceivedAsBcc", "00 16 4D 03 '1' 00 01 00 02 ", "6" },
		{ "MS-ASEMAIL_R723: Sender", "00 16 4E 03 'x' 00 01 00 02 ", "6" },
		{ "MS-ASEMAIL_R739, MS-ASEMAIL_R741: it starts when it is over",
		  TASKS(START("03"), DUE("02"), UTC_START("01"), UTC_DUE("02")), "6" },
		{ "MS-ASEMAIL_R862: it starts in UTC when it is over",
		  TASKS(START("01"), DUE("02"), UTC_START("03"), UTC_DUE("02")), "6" },
		{ "MS-ASEMAIL_R92, MS-ASEMAIL_R334, MS-ASEMAIL_R358: complete, without its times",
		  "7A 7B 03 '1' 00 01 01 ", "6" },
		{ "MS-ASEMAIL_R359: complete, without CompleteTime",
		  "7A 7B 03 '1' 00 01 00 09 4B 03 '" DAY("01") "' 00 01 00 02 01 ", "6" },
		{ "MS-ASEMAIL_R853: no UtcDueDate", TASKS(START("01"), DUE("02"), UTC_START("01"), ""), "6" },
		{ "MS-ASEMAIL_R864: no UtcStartDate", TASKS(START("01"), DUE("02"), "", UTC_DUE("02")), "6" },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	const char *key;
	size_t adds;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(mail));
	id = only_item(&f, inbox);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = sync_with(&f, inbox, key,
					       commands(&f, "56 48 4D 03 '%lld:%lld' 00 01 5D 00 02 %s 01 00 00 01 01",
							(long long)inbox, (long long)id, cases[i].data));

		if (cases[i].status ? eas_reply_count(&r, "Status") < 2 ||
					      !str_eq(eas_reply_text(&r, "Status", 1), str_of(cases[i].status))
				    : eas_reply_count(&r, "Responses") != 0)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
		key = key_of(&f, &r);
	}
	/* MS-ASEMAIL_R82: the one that was sound is kept. */
	assert_int_equal(item_of(&f, inbox, id).flags & ITEM_FLAGGED, ITEM_FLAGGED);
}

static void a_sender_comes_where_it_is_not_the_author(void **unused)
{
	static const struct {
		const char *what, *header;
		size_t n;
	} cases[] = {
		{ "MS-ASEMAIL_R1065: none", "", 0 },
		{ "MS-ASEMAIL_R726: the author", "Sender: Bob <bob@example.org>\r\n", 0 },
		{ "another", "Sender: Eve <eve@example.org>\r\n", 1 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		CLEANUP(buf_release) struct buf text = BUF_INIT(4096);
		struct eas_reply r;

		buf_fmt(&text, "From: Bob <bob@example.org>\r\n%s\r\ntext", cases[i].header);
		deliver_octets(&f, f.ann.mailbox, buf_view(&text));
		r = sync_with(&f, inbox, first_key(&f, inbox), "");
		if (eas_reply_count(&r, "email2:Sender") != cases[i].n)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

/*
 * MS-ASEMAIL_R51, MS-ASEMAIL_R55, MS-ASEMAIL_R57, MS-ASEMAIL_R59; MS-ASEMAIL_R62, MS-ASEMAIL_R64, MS-ASEMAIL_R67,
 * MS-ASEMAIL_R71, MS-ASEMAIL_R72; MS-ASEMAIL_R328: each command has the mail's properties in its own element.
 */
static void the_properties_stand_in_the_element_of_their_command(void **unused)
{
	static const char properties[] =
		"><email:To>\"Ann\" &lt;ann@example.test&gt;</email:To><email:Cc>\"Carl\" &lt;carl@example.test&gt;"
		"</email:Cc><email:From>\"Bob\" "
		"&lt;bob@example.org&gt;</email:From><email:Subject>Lunch</email:Subject>";
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	CLEANUP(buf_release) struct buf wanted = BUF_INIT(4096);
	struct eas_reply r;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(mail));
	id = only_item(&f, inbox);
	const struct {
		const char *container;
		struct eas_reply reply;
	} cases[] = {
		{ "<Add><ServerId>1:1</ServerId><ApplicationData", sync_with(&f, inbox, first_key(&f, inbox), "") },
		{ "<airsync:Class>Email</airsync:Class><Properties",
		  eas_phone_ask(&f.phone, "ItemOperations",
				doc(&f,
				    HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 00 52 03 '%lld' 00 01 4D 03 '%lld:%lld' "
					 "00 01 00 14 01 01",
				    (long long)inbox, (long long)inbox, (long long)id)) },
		{ "</airsync:CollectionId><Properties",
		  eas_phone_ask(
			  &f.phone, "Search",
			  doc(&f, HEAD "00 0F 45 47 48 03 'Mailbox' 00 01 49 53 55 03 'lunch' 00 01 01 01 01 01")) },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		r = cases[i].reply;
		buf_clear(&wanted);
		buf_fmt(&wanted, "%s%s%c", cases[i].container, properties, '\0');
		if (!has(&r, wanted.p))
			fail_msg("%s: " STR_FMT, cases[i].container, STR_ARG(r.xml));
	}
}

static void add_address(struct fixture *f, const char *address)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_address_add(tx, f->ann.id, str_of(address)));
	assert_ok(store_commit(&tx));
}

/* MS-ASEMAIL_R646, MS-ASEMAIL_R649; MS-ASEMAIL_R1342, MS-ASEMAIL_R1343, MS-ASEMAIL_R1344, MS-ASEMAIL_R1345, MS-ASEMAIL_R13450: the versions that have it. */
static void a_blind_copy_says_that_it_is_one(void **unused)
{
	static const char *const versions[] = { "12.1", "14.0", "14.1", "16.0", "16.1" };
	static const struct {
		const char *what, *header;
		bool blind;
	} cases[] = {
		{ "named in To", "To: Bob <bob@example.org>, ANN@example.test", false },
		{ "named in Cc", "To: bob@example.org\r\nCc: ann@example.test", false },
		{ "named in the second To", "To: bob@example.org\r\nTo: ann@example.test", false },
		{ "by another address", "To: a.nn@example.test", false },
		{ "with a tag", "To: ann+shop@example.test", false },
		{ "in a group of addresses", "To: all: bob@example.org, ann@example.test;", false },
		{ "sent again to her", "To: bob@example.org\r\nResent-To: ann@example.test", false },
		{ "through a list", "To: list@example.org\r\nList-Id: <list.example.org>", false },
		{ "named in nothing", "To: bob@example.org\r\nCc: ann@example.org", true },
		{ "without recipients", "To: undisclosed-recipients:;", true },
		{ "without a field", "X-To: ann@example.test", true },
		{ "named as a name alone", "To: \"ann@example.test\" <bob@example.org>", true },
		{ "in its own Bcc", "To: bob@example.org\r\nBcc: ann@example.test", true },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	size_t blind = 0;
	struct eas_reply r;

	(void)unused;
	add_address(&f, "a.nn@example.test");
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf octets = BUF_INIT(4096);

		buf_fmt(&octets, "From: bob@example.org\r\n%s\r\nSubject: s\r\n\r\nt\r\n", cases[i].header);
		deliver_octets(&f, f.ann.mailbox, buf_view(&octets));
		blind += cases[i].blind;
		f.phone.version = "16.1";
		r = sync_with(&f, inbox, first_key(&f, inbox), "");
		if (eas_reply_count(&r, "email2:ReceivedAsBcc") != blind)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
	for (size_t v = 0; v < countof(versions); v++) {
		f.phone.version = versions[v];
		r = sync_with(&f, inbox, first_key(&f, inbox), "");
		assert_int_equal(eas_reply_count(&r, "email2:ReceivedAsBcc"), v ? blind : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_of_others_comes_as_the_table_says),
		cmocka_unit_test(nothing_is_lost_that_changed_twice_in_one_round),
		cmocka_unit_test(flags_of_many_are_told_one_by_one),
		cmocka_unit_test(a_change_that_may_not_be_is_status_6),
		cmocka_unit_test(a_blind_copy_says_that_it_is_one),
		cmocka_unit_test(a_sender_comes_where_it_is_not_the_author),
		cmocka_unit_test(the_properties_stand_in_the_element_of_their_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
