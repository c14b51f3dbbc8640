/* ConversationMode: a mail that the filter leaves out is there as long as any of its conversation's mails is let in. */
#include "sync_fixture.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))

/* Page 00: 67 ConversationMode, 57 Options, 58 FilterType; 2: three days. Page 11: 45 BodyPreference, 46 Type, 58 Preview, 59 BodyPartPreference. */
#define MODE(on) "67 03 '" on "' 00 01 "
#define THREE_DAYS "57 58 03 '2' 00 01 01 "
#define WITH_BODY                                                                                 \
	"57 58 03 '2' 00 01 00 11 45 46 03 '1' 00 01 58 03 '100' 00 01 01 59 46 03 '2' 00 01 01 " \
	"00 00 01 "

static void deliver_answer(struct fixture *f, const char *id, const char *to)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);

	buf_fmt(&b, "From: Bob <bob@example.org>\r\nSubject: %s\r\nMessage-ID: <%s@x>\r\n", to ? "Re: Offer" : "Offer",
		id);
	if (to)
		buf_fmt(&b, "In-Reply-To: <%s@x>\r\n", to);
	buf_fmt(&b, "\r\nText of %s\r\n", id);
	deliver_octets(f, f->ann.mailbox, buf_view(&b));
}

static void days_pass(struct fixture *f, int days)
{
	clock_fake_advance(&f->server.clock, days * DAY_MS);
}

/* Two mails of ten days ago, of which one has been answered today. */
static int64_t an_old_question(struct fixture *f)
{
	deliver_answer(f, "root", NULL);
	deliver(f, f->ann.mailbox, "alone");
	days_pass(f, 10);
	deliver_answer(f, "answer", "root");
	return fixture_role(f, FOLDER_INBOX);
}

/*
 * MS-ASCMD_R2107, MS-ASCMD_R2109, MS-ASCMD_R2110, MS-ASCMD_R2113, MS-ASCMD_R6373, MS-ASCMD_R6374, MS-ASCMD_R6375,
 * MS-ASCMD_R6375100701, MS-ASCON_R330, MS-ASCON_R116
 */
static void the_mode_brings_the_whole_conversation(void **unused)
{
	static const struct {
		const char *version, *more;
		size_t adds;
	} cases[] = {
		{ "16.1", MODE("1") THREE_DAYS, 2 },
		{ "16.0", MODE("1") THREE_DAYS, 2 },
		{ "14.1", MODE("1") THREE_DAYS, 2 },
		{ "14.0", MODE("1") THREE_DAYS, 2 },
		{ "16.1", "27 " THREE_DAYS, 2 }, /* without a value */
		{ "16.1", MODE("0") THREE_DAYS, 1 },
		{ "14.0", THREE_DAYS, 1 },
		{ "16.1", MODE("1"), 3 }, /* no filter */
	};
	FIXTURE(f);
	int64_t inbox = an_old_question(&f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;

		f.phone.version = cases[i].version;
		r = sync_with(&f, inbox, first_key(&f, inbox), cases[i].more);
		if (eas_reply_count(&r, "Add") != cases[i].adds)
			fail_msg("%s, case %zu: " STR_FMT, cases[i].version, i, STR_ARG(r.xml));
	}
}

/* MS-ASCMD_R6372, MS-ASCMD_R6368: in 12.1 there is no such element. */
static void before_14_0_there_is_no_such_element(void **unused)
{
	FIXTURE(f);
	int64_t inbox = an_old_question(&f);
	struct eas_reply r;

	(void)unused;
	f.phone.version = "12.1";
	r = sync_with(&f, inbox, first_key(&f, inbox), MODE("1"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("4")));
	r = eas_phone_ask(&f.phone, "GetItemEstimate",
			  doc(&f,
			      HEAD "00 06 45 47 48 00 00 4B 03 '1' 00 01 00 06 4A 03 '%lld' 00 01 00 00 " MODE(
				      "1") "00 06 01 01 01",
			      (long long)inbox));
	assert_int_equal(r.status, 400);
}

/* A new mail pulls older ones in; when it has gone, or has aged, they go with it. */
static void a_conversation_comes_and_goes_as_a_whole(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *key;

	(void)unused;
	deliver_answer(&f, "root", NULL);
	deliver_answer(&f, "one", "root");
	days_pass(&f, 10);
	r = sync_with(&f, inbox, first_key(&f, inbox), MODE("1") THREE_DAYS);
	assert_int_equal(r.body.n, 0);
	key = first_key(&f, inbox);
	deliver_answer(&f, "two", "one");
	r = sync_with(&f, inbox, key, MODE("1") THREE_DAYS);
	assert_int_equal(eas_reply_count(&r, "Add"), 3);
	key = key_of(&f, &r);
	days_pass(&f, 2);
	deliver_answer(&f, "three", "two");
	r = sync_with(&f, inbox, key, ""); /* what is not said stays */
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	key = key_of(&f, &r);
	days_pass(&f, 2);
	r = sync_with(&f, inbox, key, MODE("1"));
	assert_int_equal(r.body.n, 0);
	days_pass(&f, 2);
	r = sync_with(&f, inbox, key, MODE("1"));
	assert_int_equal(eas_reply_count(&r, "SoftDelete"), 4);
	key = key_of(&f, &r);
	deliver_answer(&f, "four", "one");
	r = sync_with(&f, inbox, key, MODE("1"));
	assert_int_equal(eas_reply_count(&r, "Add"), 5);
}

/* MS-ASCMD_R2111, MS-ASCMD_R2112: only mails of the collection count, and only they are told. */
static void other_folders_do_not_count(void **unused)
{
	FIXTURE(f);
	int64_t inbox = an_old_question(&f), archive = fixture_add_folder(&f, "Kept", FOLDER_MAIL, FOLDER_ROOT);
	struct eas_reply r;
	const char *key;

	(void)unused;
	r = sync_with(&f, inbox, first_key(&f, inbox), MODE("1") THREE_DAYS);
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	key = key_of(&f, &r);
	{
		CLEANUP(store_tx_end) struct store_tx *tx = NULL;
		enum item_moved moved;
		struct item *items;
		size_t n;

		assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
		assert_ok(item_list(&f.arena, tx, inbox, 0, 10, &items, &n));
		assert_ok(
			item_move(tx, &(struct item_move){ .from = inbox, .id = items[2].id, .to = archive }, &moved));
		assert_ok(store_commit(&tx));
	}
	r = sync_with(&f, inbox, key, MODE("1"));
	assert_int_equal(eas_reply_count(&r, "Delete"), 1);     /* the answer */
	assert_int_equal(eas_reply_count(&r, "SoftDelete"), 1); /* the question */
	r = sync_with(&f, archive, first_key(&f, archive), MODE("1") THREE_DAYS);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

/* MS-ASCMD_R2108, MS-ASCON_R242: of what the filter alone would leave out, no body, but the preview and the message part. */
static void an_older_mail_comes_without_its_body(void **unused)
{
	FIXTURE(f);
	int64_t inbox = an_old_question(&f);
	struct eas_reply r;

	(void)unused;
	r = sync_with(&f, inbox, first_key(&f, inbox), MODE("1") WITH_BODY);
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Preview"), 1); /* a text that is whole is its own */
	assert_true(str_find(r.xml, S("Data>Text of answer")) < r.xml.n);
	assert_true(str_find(r.xml, S("Preview>Text of root")) < r.xml.n);
	assert_int_equal(eas_reply_count(&r, "airsyncbase:BodyPart"), 2);
	assert_int_equal(str_find(r.xml, S("Data>Text of root")), r.xml.n);
}

/* Rule 11: another mode is another set of items. Before anything is told it is not. */
static void another_mode_begins_again(void **unused)
{
	FIXTURE(f);
	int64_t inbox = an_old_question(&f);
	struct eas_reply r;

	(void)unused;
	r = sync_with(&f, inbox, first_key(&f, inbox), THREE_DAYS);
	r = sync_with(&f, inbox, key_of(&f, &r), MODE("1"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
	r = sync_with(&f, inbox, first_key(&f, inbox), MODE("1") THREE_DAYS);
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	r = sync_with(&f, inbox, key_of(&f, &r), MODE("0"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
}

/* MS-ASCMD_R2117, MS-ASCMD_R2100. */
static void only_mail_has_conversations(void **unused)
{
	FIXTURE(f);
	int64_t contacts = fixture_role(&f, FOLDER_DEFAULT_CONTACTS);
	struct eas_reply r;

	(void)unused;
	r = sync_with(&f, contacts, "0", MODE("1"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("4")));
	r = eas_phone_ask(&f.phone, "GetItemEstimate",
			  doc(&f,
			      HEAD "00 06 45 47 48 00 00 4B 03 '1' 00 01 00 06 4A 03 '%lld' 00 01 00 00 " MODE(
				      "1") "00 06 01 01 01",
			      (long long)contacts));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("103")));
}

/*
 * MS-ASCMD_R2096, MS-ASCMD_R2097, MS-ASCMD_R2098, MS-ASCMD_R6369, MS-ASCMD_R6370, MS-ASCMD_R6371, MS-ASCMD_R6371100701,
 * MS-ASCON_R261, MS-ASCON_R343, MS-ASCON_R332, MS-ASCON_R211
 */
static void the_estimate_counts_whole_conversations(void **unused)
{
	static const char *const versions[] = { "14.0", "14.1", "16.0", "16.1" };
	static const struct {
		const char *mode, *estimate;
	} cases[] = { { MODE("1"), "2" }, { MODE("0"), "1" }, { "", "1" } };
	FIXTURE(f);
	int64_t inbox = an_old_question(&f);

	(void)unused;
	for (size_t v = 0; v < countof(versions); v++)
		for (size_t i = 0; i < countof(cases); i++) {
			struct eas_reply r;

			f.phone.version = versions[v];
			r = eas_phone_ask(&f.phone, "GetItemEstimate",
					  doc(&f,
					      HEAD "00 06 45 47 48 00 00 4B 03 '%s' 00 01 00 06 4A 03 '%lld' 00 01"
						   " 00 00 %s " THREE_DAYS "00 06 01 01 01",
					      first_key(&f, inbox), (long long)inbox, cases[i].mode));
			if (!str_eq(eas_reply_text(&r, "Estimate", 0), str_of(cases[i].estimate)))
				fail_msg("%s, case %zu: " STR_FMT, versions[v], i, STR_ARG(r.xml));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mode_brings_the_whole_conversation),
		cmocka_unit_test(before_14_0_there_is_no_such_element),
		cmocka_unit_test(a_conversation_comes_and_goes_as_a_whole),
		cmocka_unit_test(other_folders_do_not_count),
		cmocka_unit_test(an_older_mail_comes_without_its_body),
		cmocka_unit_test(another_mode_begins_again),
		cmocka_unit_test(only_mail_has_conversations),
		cmocka_unit_test(the_estimate_counts_whole_conversations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
