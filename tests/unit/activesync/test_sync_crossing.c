/*
 * Requests of one phone that cross: it hung up and asked again, and what it asked before is only now worked on. The phone
 * goes by the answer that it got.
 */
#include "sync_fixture.h"

#include <store/sync.h>

/* The same phone on a connection of its own. */
static struct eas_phone on_its_way(struct fixture *f)
{
	struct eas_phone late = eas_phone_new(f->server.port);

	late.device_id = f->phone.device_id;
	return late;
}

static void an_older_sync_does_not_take_back_the_newer_ones_key(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	CLEANUP(eas_phone_release) struct eas_phone late = on_its_way(&f);
	struct eas_reply r;
	struct str body;
	const char *key, *newer;
	size_t adds;

	(void)unused;
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	deliver_n(&f, 1);
	body = sync_doc(&f, inbox, key, "", "");
	eas_phone_begin_late(&late, "Sync", body);
	r = sync_with(&f, inbox, key, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	newer = key_of(&f, &r);
	r = eas_phone_end_late(&late, body);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("16"))); /* MS-ASCMD 2.2.3.177.17: retry */
	assert_int_equal(eas_reply_count(&r, "Add"), 0);
	r = sync_with(&f, inbox, newer, "");
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0); /* the key is good, and nothing is new */
}

static void an_older_foldersync_does_not_take_back_the_newer_ones_key(void **unused)
{
	FIXTURE(f);
	CLEANUP(eas_phone_release) struct eas_phone late = on_its_way(&f);
	struct eas_reply r;
	struct str body;
	const char *key, *newer;

	(void)unused;
	r = fixture_foldersync(&f, "0");
	key = key_of(&f, &r);
	r = fixture_foldersync(&f, key);
	fixture_add_folder(&f, "New", FOLDER_MAIL, FOLDER_ROOT);
	body = doc(&f, HEAD "00 07 56 52 03 '%s' 00 01 01", key);
	eas_phone_begin_late(&late, "FolderSync", body);
	r = fixture_foldersync(&f, key);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	newer = key_of(&f, &r);
	(void)eas_phone_end_late(&late, body);
	r = fixture_foldersync(&f, newer);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "Count", 0), S("0")));
}

/* ---- the one that was given up is read behind the one whose answer the phone has ---- */

/* On a connection of its own; what it is answered with nobody reads. */
static void arrive_late(struct fixture *f, const char *command, struct str body)
{
	CLEANUP(eas_phone_release) struct eas_phone given_up = on_its_way(f);

	assert_int_equal(eas_phone_ask(&given_up, command, body).status, 200);
}

/* Also several of them, each with an answer of its own. */
static void the_answer_that_the_phone_got_counts_whatever_is_read_behind_it(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key, *got;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	deliver(&f, f.ann.mailbox, "first");
	r = sync_with(&f, inbox, key, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	got = key_of(&f, &r);
	for (int i = 0; i < SYNC_FORMERS; i++) {
		deliver(&f, f.ann.mailbox, "more");
		arrive_late(&f, "Sync", sync_doc(&f, inbox, key, "", ""));
	}
	sync_all(&f, inbox, got, &adds); /* in small pages: the same request came again and again (loop_guard.h) */
	assert_int_equal(adds, SYNC_FORMERS);
}

/* What was not worth a page of its own has no key: the confirmed one goes on. */
static void of_answers_without_a_key_none_is_kept(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *key;
	size_t adds;

	(void)unused;
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	for (int i = 0; i < 2 * SYNC_FORMERS; i++)
		arrive_late(&f, "Sync", sync_doc(&f, inbox, key, "", ""));
	deliver_n(&f, 1);
	r = sync_with(&f, inbox, key, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
}

/* 56 Commands, 47 Add, 4C ClientId, 5D ApplicationData; page 02: 54 Subject. */
static struct str with_draft(struct fixture *f, int64_t folder, const char *key, const char *client,
			     const char *subject)
{
	return sync_doc(f, folder, key,
			commands(f, "56 47 4C 03 '%s' 00 01 5D 00 02 54 03 '%s' 00 01 01 01 00 00 01", client, subject),
			"");
}

static void remove_only(struct fixture *f, int64_t folder)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t id = only_item(f, folder);

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(item_expunge(tx, folder, id, &AUTHOR_NOBODY));
	assert_ok(store_commit(&tx));
}

static void assert_one_draft(struct fixture *f, int64_t folder, const char *key)
{
	struct eas_reply r = sync_with(f, folder, key, "");

	if (r.body.n) { /* told what it knows, at most; never of a draft that it has as of a new one */
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
		assert_int_equal(eas_reply_count(&r, "Add"), 0);
	}
	assert_int_not_equal(only_item(f, folder), 0);
}

/* Rule 5: what is added by the request whose answer arrived is the phone's, and is there once. */
static void an_added_item_is_neither_doubled_nor_told(void **unused)
{
	static const struct {
		const char *what, *client, *subject; /* of the Add in the request that was given up; NULL: none */
	} cases[] = {
		{ "the same Add", "c1", "A" },
		{ "the Add under another ClientId", "c2", "A" },
		{ "no Add", NULL, NULL },
	};
	FIXTURE(f);
	int64_t drafts = fixture_role(&f, FOLDER_DRAFTS);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *key, *got;
		struct eas_reply r;
		size_t adds;

		print_message("%s\n", cases[i].what);
		key = sync_all(&f, drafts, first_key(&f, drafts), &adds);
		r = eas_phone_ask(&f.phone, "Sync", with_draft(&f, drafts, key, "c1", "A"));
		assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
		got = key_of(&f, &r);
		arrive_late(&f, "Sync",
			    cases[i].client ? with_draft(&f, drafts, key, cases[i].client, cases[i].subject)
					    : sync_doc(&f, drafts, key, "", ""));
		if (i != 1) { /* else the draft is another one now, and the phone is told so */
			assert_one_draft(&f, drafts, got);
		} else {
			r = sync_with(&f, drafts, got, "");
			assert_int_equal(eas_reply_count(&r, "Add"), eas_reply_count(&r, "Delete"));
			assert_int_not_equal(only_item(&f, drafts), 0);
		}
		remove_only(&f, drafts);
	}
}

/* Both answers were written out, so nobody knows which of them the phone goes by. */
static void a_ping_tells_of_what_only_the_lost_answer_told(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *key, *got;
	struct str ping;
	size_t adds;

	(void)unused;
	fixture_learn_hierarchy(&f);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	deliver_n(&f, 1);
	r = sync_with(&f, inbox, key, "");
	got = key_of(&f, &r);
	deliver(&f, f.ann.mailbox, "in between");
	arrive_late(&f, "Sync", sync_doc(&f, inbox, key, "", ""));
	/* Page 0D: 45 Ping, 48 HeartbeatInterval, 49 Folders, 4A Folder, 4B Id, 4C Class */
	ping = doc(&f, HEAD "00 0D 45 48 03 '480' 00 01 49 4A 4B 03 '%lld' 00 01 4C 03 'Email' 00 01 01 01 01",
		   (long long)inbox);
	r = eas_phone_ask(&f.phone, "Ping", ping);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("2")));
	r = sync_with(&f, inbox, got, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	sync_with(&f, inbox, key_of(&f, &r), "");
	eas_phone_send(&f.phone, "Ping", ping); /* now it is known, and the Ping waits */
	server_await_held(&f.server, 1);
}

static void the_hierarchy_goes_by_the_answer_that_the_phone_got(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;
	struct str body;
	const char *key, *got;

	(void)unused;
	r = fixture_foldersync(&f, "0");
	key = key_of(&f, &r);
	r = fixture_foldersync(&f, key);
	/* Page 07: 53 FolderCreate, 49 ParentId, 47 DisplayName, 4A Type */
	r = eas_phone_ask(
		&f.phone, "FolderCreate",
		doc(&f, HEAD "00 07 53 52 03 '%s' 00 01 49 03 '0' 00 01 47 03 'New' 00 01 4A 03 '12' 00 01 01", key));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	got = key_of(&f, &r);
	body = doc(&f, HEAD "00 07 56 52 03 '%s' 00 01 01", key);
	arrive_late(&f, "FolderSync", body);
	r = fixture_foldersync(&f, got);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_int_equal(eas_reply_count(&r, "Add"), 0); /* it made it */
	r = fixture_foldersync(&f, key_of(&f, &r));
	assert_true(str_eq(eas_reply_text(&r, "Count", 0), S("0")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_that_the_phone_got_counts_whatever_is_read_behind_it),
		cmocka_unit_test(of_answers_without_a_key_none_is_kept),
		cmocka_unit_test(an_added_item_is_neither_doubled_nor_told),
		cmocka_unit_test(a_ping_tells_of_what_only_the_lost_answer_told),
		cmocka_unit_test(the_hierarchy_goes_by_the_answer_that_the_phone_got),
		cmocka_unit_test(an_older_sync_does_not_take_back_the_newer_ones_key),
		cmocka_unit_test(an_older_foldersync_does_not_take_back_the_newer_ones_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
