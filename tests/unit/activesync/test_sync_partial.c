/* Empty and Partial Sync over a real connection (sync-engine rule 7): what they stand for, and when they stand for nothing. */
#include "sync_fixture.h"

#include <store/sync.h>

/* Page 00: 64 Wait, 66 Partial (26 empty), 69 HeartbeatInterval, 55 WindowSize. */
static struct eas_reply sync_empty(struct fixture *f)
{
	return eas_phone_ask(&f->phone, "Sync", STR_EMPTY);
}

static struct eas_reply sync_partial(struct fixture *f, const char *rest)
{
	return eas_phone_ask(&f->phone, "Sync", doc(f, HEAD "45 26 %s 01", rest));
}

static char *collection(struct fixture *f, int64_t folder, const char *key)
{
	return commands(f, "4F 4B 03 '%s' 00 01 52 03 '%lld' 00 01 01", key, (long long)folder);
}

static struct eas_reply sync_two(struct fixture *f, int64_t a, const char *a_key, int64_t b, const char *b_key)
{
	return eas_phone_ask(&f->phone, "Sync",
			     doc(f, HEAD "45 5C %s %s 01 01", collection(f, a, a_key), collection(f, b, b_key)));
}

static void assert_status(const struct eas_reply *r, const char *status)
{
	if (!str_eq(eas_reply_text(r, "Status", 0), str_of(status)))
		fail_msg("status %s wanted: " STR_FMT, status, STR_ARG(r->xml));
}

/* A phone that has nothing to say and is told nothing; its key. */
static const char *settled(struct fixture *f, int64_t folder)
{
	size_t adds;
	const char *key = sync_all(f, folder, first_key(f, folder), &adds);

	assert_int_equal(sync_with(f, folder, key, "").body.n, 0);
	return key;
}

/* MS-ASCMD_R670, R673 */
/* MS-ASCMD_R658, MS-ASCMD_R667 */
static void an_empty_request_is_the_former_one_again(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	uint64_t flushes;

	(void)unused;
	(void)settled(&f, inbox);
	flushes = store_flushes(f.server.store);
	for (int i = 0; i < 3; i++) {
		r = sync_empty(&f);
		assert_int_equal(r.status, 200);
		assert_int_equal(r.body.n, 0);
	}
	assert_int_equal(store_flushes(f.server.store), flushes); /* and nothing is written for it */
	deliver_n(&f, 1);
	r = sync_empty(&f);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

/*
 * Rule 7: with the key as the phone sent it. The answer with the new key may have been lost: the phone asks as before
 * and must get the mail again.
 */
static void an_empty_request_has_the_key_that_the_phone_sent(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply lost, r;

	(void)unused;
	(void)settled(&f, inbox);
	deliver_n(&f, 1);
	lost = sync_empty(&f);
	assert_int_equal(eas_reply_count(&lost, "Add"), 1);
	r = sync_empty(&f);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_string_not_equal(key_of(&f, &lost), key_of(&f, &r));
	r = sync_with(&f, inbox, key_of(&f, &r), "");
	assert_int_equal(r.body.n, 0);
}

static void what_is_kept_survives_a_restart(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	(void)settled(&f, inbox);
	fixture_restart(&f);
	deliver_n(&f, 1);
	r = sync_empty(&f);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

/* MS-ASCMD_R4456: in every version; each device has its own. */
static void without_a_former_request_the_whole_is_asked_for(void **unused)
{
	static const char *const versions[] = { "12.1", "14.0", "14.1", "16.0", "16.1" };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	(void)settled(&f, inbox);
	f.phone.device_id = "ANOTHER";
	for (size_t i = 0; i < countof(versions); i++) {
		f.phone.version = versions[i];
		r = sync_empty(&f);
		assert_status(&r, "13");
		r = sync_partial(&f, "55 03 '9' 00 01");
		assert_status(&r, "13");
	}
}

/* MS-ASCMD_R666, R674: a request with an edit is not kept, and ends what was. */
static void a_request_with_edits_ends_what_was_kept(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	struct eas_reply r;
	const char *key;

	(void)unused;
	deliver_n(&f, 1);
	id = only_item(&f, inbox);
	key = settled(&f, inbox);
	r = sync_with(&f, inbox, key,
		      commands(&f, "56 48 4D 03 '%lld:%lld' 00 01 5D 00 02 55 03 '1' 00 01 01 00 00 01 01",
			       (long long)inbox, (long long)id));
	assert_status(&r, "1");
	key = key_of(&f, &r);
	r = sync_empty(&f);
	assert_status(&r, "13");
	assert_int_equal(item_of(&f, inbox, id).flags & ITEM_SEEN, ITEM_SEEN);
	/* A Fetch is no edit: kept, but not fetched again. */
	r = sync_with(&f, inbox, key,
		      commands(&f, "56 4A 4D 03 '%lld:%lld' 00 01 01 01", (long long)inbox, (long long)id));
	assert_int_equal(eas_reply_count(&r, "Fetch"), 1);
	r = sync_empty(&f);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0);
}

/* MS-ASCMD_R3643, R3644: the collection that is not named has the key that it was last asked with. */
static void a_partial_names_what_is_new(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), junk = fixture_role(&f, FOLDER_JUNK);
	const char *inbox_key = settled(&f, inbox), *junk_key = settled(&f, junk);
	struct eas_reply r;

	(void)unused;
	assert_int_equal(sync_two(&f, inbox, inbox_key, junk, junk_key).body.n, 0);
	deliver_n(&f, 3);
	r = sync_partial(&f, "55 03 '1' 00 01"); /* only a window */
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_true(has_more(&r));
	r = sync_partial(&f, commands(&f, "5C %s 01", collection(&f, inbox, key_of(&f, &r))));
	assert_int_equal(eas_reply_count(&r, "Add"), 1); /* the window is kept */
	/* Inbox's new key is not named and was never sent: rule 7. What was sent last is asked again. */
	r = sync_partial(&f, commands(&f, "5C %s 01 55 03 '512' 00 01", collection(&f, junk, junk_key)));
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	r = sync_partial(&f, commands(&f, "5C %s 01", collection(&f, inbox, key_of(&f, &r))));
	assert_int_equal(r.body.n, 0);
	/* All of it is kept: empty stands for both. */
	fixture_add_item(&f, junk, 0);
	deliver_n(&f, 1);
	r = sync_empty(&f);
	assert_int_equal(eas_reply_count(&r, "Collection"), 2);
}

static void a_partial_with_nothing_else_is_malformed(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	(void)settled(&f, fixture_role(&f, FOLDER_INBOX));
	r = sync_partial(&f, ""); /* MS-ASCMD_R3642 */
	assert_status(&r, "4");
	r = sync_partial(&f, "64 03 '60' 00 01"); /* its bounds are those of every wait */
	assert_status(&r, "14");
}

/* The wait is a part of what is kept; woken, it answers for the whole. */
static void an_empty_request_waits_as_the_former_did(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key;
	struct eas_reply r;

	(void)unused;
	fixture_learn_hierarchy(&f);
	key = settled(&f, inbox);
	eas_phone_send(&f.phone, "Sync", sync_doc(&f, inbox, key, "", "64 03 '10' 00 01"));
	server_await_held(&f.server, 1);
	server_advance(&f.server, 10 * 60 * 1000 + 400);
	assert_int_equal(eas_phone_receive(&f.phone).body.n, 0);
	eas_phone_send(&f.phone, "Sync", STR_EMPTY);
	server_await_held(&f.server, 1);
	deliver_n(&f, 1);
	r = eas_phone_receive(&f.phone);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

/* MS-ASCMD 2.2.2: 149, which 12.1 has not; and the next whole request mends it. */
static void a_damaged_former_request_is_said_to_be(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key = settled(&f, inbox);
	int64_t device = fixture_device(&f);
	struct store_tx *tx;
	struct eas_reply r;

	(void)unused;
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
	assert_ok(sync_cache_put(tx, device, SYNC_CACHE_REQUEST, S("\1junk")));
	assert_ok(store_commit(&tx));
	r = sync_empty(&f);
	assert_status(&r, "149");
	f.phone.version = "12.1";
	r = sync_empty(&f);
	assert_status(&r, "13");
	assert_int_equal(sync_with(&f, inbox, key, "").body.n, 0);
	assert_int_equal(sync_empty(&f).body.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_request_is_the_former_one_again),
		cmocka_unit_test(an_empty_request_has_the_key_that_the_phone_sent),
		cmocka_unit_test(what_is_kept_survives_a_restart),
		cmocka_unit_test(without_a_former_request_the_whole_is_asked_for),
		cmocka_unit_test(a_request_with_edits_ends_what_was_kept),
		cmocka_unit_test(a_partial_names_what_is_new),
		cmocka_unit_test(a_partial_with_nothing_else_is_malformed),
		cmocka_unit_test(an_empty_request_waits_as_the_former_did),
		cmocka_unit_test(a_damaged_former_request_is_said_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
