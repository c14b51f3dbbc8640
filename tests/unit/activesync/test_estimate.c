/* GetItemEstimate over a real connection: what it counts, and what it refuses to. */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>

/*
 * Page 06 (GetItemEstimate): 45 GetItemEstimate, 47 Collections, 48 Collection, 49 Class, 4A CollectionId. Page 00:
 * 4B SyncKey, 57 Options, 58 FilterType, 50 Class.
 */
static char *collection(struct fixture *f, int64_t folder, const char *key, const char *options)
{
	return commands(f, "48 00 00 4B 03 '%s' 00 01 00 06 4A 03 '%lld' 00 01 %s 00 06 01", key, (long long)folder,
			options);
}

static struct eas_reply estimate_of(struct fixture *f, const char *collections)
{
	return eas_phone_ask(&f->phone, "GetItemEstimate", doc(f, HEAD "00 06 45 47 %s 01 01", collections));
}

static struct eas_reply estimate(struct fixture *f, int64_t folder, const char *key, const char *options)
{
	return estimate_of(f, collection(f, folder, key, options));
}

#define assert_estimate(reply, n)                                                   \
	do {                                                                        \
		assert_true(str_eq(eas_reply_text(&(reply), "Status", 0), S("1"))); \
		assert_true(str_eq(eas_reply_text(&(reply), "Estimate", 0), S(n))); \
	} while (0)

/* MS-ASCMD_R171, R2289: what a Sync would bring; asking changes nothing. */
/* MS-ASCMD_R5056 */
static void the_estimate_is_what_sync_brings(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	uint64_t flushes;
	const char *key;
	size_t adds;

	(void)unused;
	deliver_n(&f, 7);
	key = first_key(&f, inbox);
	r = estimate(&f, inbox, key, "");
	assert_estimate(r, "7");
	flushes = store_flushes(f.server.store);
	r = estimate(&f, inbox, key, "");
	assert_estimate(r, "7");
	assert_int_equal(store_flushes(f.server.store), flushes);
	r = sync_with(&f, inbox, key, "55 03 '3' 00 01"); /* a window of three */
	key = key_of(&f, &r);
	r = estimate(&f, inbox, key, "");
	assert_estimate(r, "4");
	key = sync_all(&f, inbox, key, &adds);
	assert_int_equal(adds, 4);
	r = estimate(&f, inbox, key, "");
	assert_estimate(r, "0");
	/* A new one, one changed elsewhere. */
	deliver_n(&f, 1);
	fixture_read_item(&f, inbox, 1);
	r = estimate(&f, inbox, key, "");
	assert_estimate(r, "2");
	r = sync_with(&f, inbox, key, "");
	assert_int_equal(eas_reply_count(&r, "Add") + eas_reply_count(&r, "Change"), 2);
}

/* MS-ASCMD_R2967, R6555: in Options from 14.0 on, in the collection before; remembered options count where none stand. */
/* MS-ASCMD_R2968, MS-ASCMD_R5548, MS-ASCMD_R5549 */
static void the_filter_counts(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *key;

	(void)unused;
	deliver_n(&f, 2);
	server_advance(&f.server, 25 * 60 * 60 * 1000);
	deliver_n(&f, 3);
	key = first_key(&f, inbox);
	r = estimate(&f, inbox, key, "00 00 57 58 03 '1' 00 01 01");
	assert_estimate(r, "3");
	r = estimate(&f, inbox, key, "00 00 57 58 03 '2' 00 01 50 03 'Email' 00 01 01");
	assert_estimate(r, "5");
	f.phone.version = "12.1";
	r = estimate(&f, inbox, key, "49 03 'Email' 00 01 00 00 58 03 '1' 00 01");
	assert_estimate(r, "3");
	f.phone.version = "16.1";
	r = sync_with(&f, inbox, key, "57 58 03 '1' 00 01 01");
	key = key_of(&f, &r);
	server_advance(&f.server, 25 * 60 * 60 * 1000);
	r = estimate(&f, inbox, key, ""); /* three have aged: as many SoftDeletes */
	assert_estimate(r, "3");
}

/* MS-ASCMD_R4130, MS-ASCMD_R4594 */
static void what_cannot_be_counted_says_why(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	int64_t contacts = fixture_add_folder(&f, "People", FOLDER_CONTACTS, FOLDER_ROOT);
	const char *key = first_key(&f, inbox);
	const struct {
		const char *what, *version;
		int64_t folder;
		const char *key, *options, *status;
	} cases[] = {
		{ "a folder that is not there", "16.1", 999, "1", "", "2" },                        /* MS-ASCMD_R4136 */
		{ "a folder of another class", "12.1", contacts, "1", "49 03 'Email' 00 01", "2" }, /* R4136 */
		{ "another class of a mail folder", "12.1", inbox, key, "49 03 'Tasks' 00 01", "2" },
		{ "key 0", "16.1", inbox, "0", "", "3" },                                                  /* R4140 */
		{ "a key of nobody", "16.1", inbox, "77", "", "4" },                                       /* R4143 */
		{ "a filter of other classes", "16.1", inbox, key, "00 00 57 58 03 '6' 00 01 01", "110" }, /* R3005 */
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;

		f.phone.version = cases[i].version;
		r = estimate(&f, cases[i].folder, cases[i].key, cases[i].options);
		if (!str_eq(eas_reply_text(&r, "Status", 0), str_of(cases[i].status)) ||
		    eas_reply_count(&r, "Estimate") != 0)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

static void several_collections_are_answered_in_their_order(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), sent = fixture_role(&f, FOLDER_SENT);
	struct buf list = BUF_INIT(4096);
	struct eas_reply r;

	(void)unused;
	deliver_n(&f, 2);
	buf_cstr(&list, collection(&f, sent, "0", ""));
	buf_cstr(&list, collection(&f, inbox, first_key(&f, inbox), ""));
	buf_char(&list, '\0');
	r = estimate_of(&f, list.p);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("3")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "Estimate", 0), S("2")));
	buf_release(&list);
}

/* MS-ASCMD_R5647: 1000 collections and one more. */
static void a_request_has_a_thousand_collections_at_most(void **unused)
{
	FIXTURE(f);
	struct buf list = BUF_INIT(1 << 18);
	struct eas_reply r;

	(void)unused;
	for (unsigned i = 0; i < EAS_MAX_ESTIMATES; i++)
		buf_cstr(&list, collection(&f, 5000 + i, "1", ""));
	buf_char(&list, '\0');
	r = estimate_of(&f, list.p);
	assert_int_equal(eas_reply_count(&r, "Response"), EAS_MAX_ESTIMATES);
	buf_truncate(&list, list.n - 1);
	buf_cstr(&list, collection(&f, 1, "1", ""));
	buf_char(&list, '\0');
	r = estimate_of(&f, list.p);
	assert_xml(r, "<GetItemEstimate xmlns=\"GetItemEstimate\"><Status>103</Status></GetItemEstimate>");
	buf_release(&list);
}

/* MS-ASCMD_R4129 */
static void a_malformed_request_gets_its_status(void **unused)
{
	static const struct {
		const char *what, *bytes, *status;
	} cases[] = {
		{ "no Collections", HEAD "00 06 45 01", "103" },
		{ "no Collection", HEAD "00 06 45 47 01 01", "103" },
		{ "no CollectionId", HEAD "00 06 45 47 48 00 00 4B 03 '1' 00 01 00 06 01 01 01", "103" },
		{ "no SyncKey", HEAD "00 06 45 47 48 4A 03 '1' 00 01 01 01 01", "103" },
		{ "FilterType 9", /* R2984 */
		  HEAD "00 06 45 47 48 00 00 4B 03 '1' 00 01 57 58 03 '9' 00 01 01 00 06 4A 03 '1' 00 01 01 01 01",
		  "103" },
		{ "a document cut short", HEAD "00 06 45 47 48", "102" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = eas_phone_ask(&f.phone, "GetItemEstimate", doc(&f, "%s", cases[i].bytes));

		if (!str_eq(eas_reply_text(&r, "Status", 0), str_of(cases[i].status)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_estimate_is_what_sync_brings),
		cmocka_unit_test(the_filter_counts),
		cmocka_unit_test(what_cannot_be_counted_says_why),
		cmocka_unit_test(several_collections_are_answered_in_their_order),
		cmocka_unit_test(a_request_has_a_thousand_collections_at_most),
		cmocka_unit_test(a_malformed_request_gets_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
