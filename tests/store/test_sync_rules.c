/* Rules 4-6, 8, 10, 13, 15: for each the sequence of events that breaks a server without it. */
#include "scene.h"

static struct item stored(struct scene *s, struct sid sid)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 16);
	struct store_tx *tx = lives_begin(&s->lives, STORE_READ);
	struct item item;

	assert_ok(item_get(&a, tx, s->w.folder[sid.f], sid.id, &item));
	lives_commit(&tx);
	return item; /* its strings are empty */
}

/* Rule 4: a device is not told what it did; every other one is. */
static void a_device_is_not_told_what_it_did_itself(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN), bob = client_new(&s, BOB);
	struct sid kept = make(&s, 0, 1), gone = make(&s, 0, 2);

	client_begin(&ann, 0);
	client_begin(&bob, 0);
	ASK(&ann, 0, add("c1", 7), change(kept, 8), removal(gone));
	struct sid added = s.x.responses[0].sid;
	ASSERT_PAGE_EMPTY(&s);
	take(&ann, 0);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE_EMPTY(&s);
	ASK_NOTHING(&bob, 0);
	ASSERT_PAGE(&s, { FEED_DELETE, gone }, { FEED_ADD, added }, { FEED_CHANGE, kept });
}

/* Rule 4: a change made upon one that the device had not seen yet: the other half has to reach it. */
static void a_change_upon_an_unseen_one_is_told(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid mail = make(&s, 0, 1);

	client_begin(&ann, 0);
	edit(&s, mail);
	ASK(&ann, 0, change_read(mail, 7));
	ASSERT_PAGE(&s, { FEED_CHANGE, mail });
}

/* Rule 5, MS-ASCMD_R5121: the response was lost, the same request comes again: same answers, done once. */
static void a_repeated_request_is_done_once(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid kept = make(&s, 0, 1), gone = make(&s, 0, 2);

	client_begin(&ann, 0);
	ASK(&ann, 0, add("c1", 7), change(kept, 8), removal(gone));
	struct sid added = s.x.responses[0].sid;
	uint64_t modified = stored(&s, kept).modified;
	char key[SYNC_KEY_MAX + 1];
	memcpy(key, s.x.new_key, sizeof(key));
	for (int i = 0; i < 2; i++) {
		ASK(&ann, 0, add("c1", 7), change(kept, 8), removal(gone));
		assert_true(sid_eq(s.x.responses[0].sid, added));
		assert_int_equal(s.x.responses[2].status, 1);
		assert_string_not_equal(s.x.new_key, key);
	}
	assert_int_equal(stored(&s, kept).modified, modified);
	assert_int_equal(count_items(&s, 0), 2);
}

/* Rule 5: the lost page is read again. */
static void a_lost_page_comes_again(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	client_begin(&ann, 0);
	struct sid mail = make(&s, 0, 1);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, mail });
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, mail });
}

/* Rule 5: the user undid a change whose answer was lost: what the server has now goes to the phone. */
static void a_change_that_is_not_repeated_comes_back(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid mail = make(&s, 0, 1);

	client_begin(&ann, 0);
	ASK(&ann, 0, change(mail, 8));
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_CHANGE, mail });
}

/* Rule 5: an undone Delete was carried out already, and its undoing is not: the phone has to drop the item. */
static void a_delete_that_is_not_repeated_comes_back(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid mail = make(&s, 0, 1);

	client_begin(&ann, 0);
	ASK(&ann, 0, removal(mail));
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_DELETE, mail });
}

/* Rule 5: an Add that is not repeated at once may be later: until then the phone shows what the store has. */
static void an_add_that_is_deferred_replaces_the_former_item(void **unused)
{
	(void)unused;
	static const struct {
		const char *what;
		const char *client_id;
		int64_t v;
	} cases[] = {
		{ "the same", "c1", 7 },
		{ "a new ClientId", "c9", 7 },
		{ "another content", "c1", 9 },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		SCENE(s);
		struct client ann = client_new(&s, ANN);

		print_message("%s\n", cases[i].what);
		client_begin(&ann, 0);
		ASK(&ann, 0, add("c1", 7));
		struct sid former = s.x.responses[0].sid;
		ASK_NOTHING(&ann, 0);
		ASSERT_PAGE(&s, { FEED_ADD, former });
		take(&ann, 0);
		ASK(&ann, 0, add(cases[i].client_id, cases[i].v));
		ASSERT_PAGE(&s, { FEED_DELETE, former });
		assert_false(sid_eq(s.x.responses[0].sid, former));
		assert_int_equal(count_items(&s, 0), 1);
		assert_int_equal(stored(&s, s.x.responses[0].sid).size, cases[i].v * 2);
	}
}

/* Rule 5: what somebody else wrote into the item in the meantime goes on in the new one. */
static void a_replaced_item_hands_on_what_others_wrote(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	client_begin(&ann, 0);
	ASK(&ann, 0, add("c1", 7));
	edit(&s, s.x.responses[0].sid);
	uint64_t written = stored(&s, s.x.responses[0].sid).size;
	ASK(&ann, 0, add("c1", 9));
	assert_int_equal(count_items(&s, 0), 1);
	assert_int_equal(stored(&s, s.x.responses[0].sid).size, written);
	ASSERT_PAGE(&s, { FEED_CHANGE, s.x.responses[0].sid });
}

/* Rule 5: the item of the lost Add was deleted by somebody: adding it again does not raise it from the dead. */
static void an_add_again_of_what_was_deleted_is_deleted(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	client_begin(&ann, 0);
	ASK(&ann, 0, add("c1", 7));
	struct sid former = s.x.responses[0].sid;
	expunge(&s, former);
	ASK(&ann, 0, add("c1", 8));
	ASSERT_PAGE(&s, { FEED_DELETE, former }, { FEED_DELETE, s.x.responses[0].sid });
	assert_int_equal(count_items(&s, 0), 0);
}

/* Rule 5: it was moved away and back: its ServerId comes in an Add, so the stored answer must not name it too. */
static void an_add_whose_item_was_moved_away_and_back_is_not_answered_with_it(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	client_begin(&ann, 0);
	ASK(&ann, 0, add("c1", 7));
	struct sid former = s.x.responses[0].sid;
	move(&s, move(&s, former, STORE_NOBODY), STORE_NOBODY);
	ASK(&ann, 0, add("c1", 7));
	assert_false(sid_eq(s.x.responses[0].sid, former));
	for (size_t i = 0; i < s.x.page_n; i++)
		assert_true(s.x.page[i].kind == FEED_DELETE);
	assert_int_equal(count_items(&s, 0), 1);
}

/* Rule 5: an answer that arrived is forgotten: the same content once more is a second item, as the user wants. */
static void a_confirmed_add_is_not_replaced_by_its_like(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	client_begin(&ann, 0);
	ASK(&ann, 0, add("c1", 7));
	take(&ann, 0);
	ASK_NOTHING(&ann, 0); /* shows that it arrived */
	take(&ann, 0);
	memcpy(ann.key[0], "0", 2);
	client_begin(&ann, 0);
	ASK(&ann, 0, add("c1", 7));
	assert_int_equal(count_items(&s, 0), 2);
}

/* Rule 5, MS-ASCMD_R4424: any other key is status 3. Rule 13: a new partnership knows no key of the former. */
static void any_other_key_is_foreign(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN), bob = client_new(&s, BOB);
	static const char *const keys[] = { "1", "", "x", "18446744073709551616" };

	client_begin(&ann, 0);
	for (size_t i = 0; i < countof(keys); i++) {
		memcpy(bob.key[0], keys[i], strlen(keys[i]) + 1);
		ASK_NOTHING(&bob, 0);
		assert_int_equal(s.x.status, 3);
	}
	memcpy(bob.key[0], ann.key[0], sizeof(bob.key[0]));
	ASK_NOTHING(&bob, 0);
	assert_int_equal(s.x.status, 3);
	char before[SYNC_KEY_MAX + 1];
	for (int i = 0; i < 2; i++) {
		memcpy(before, ann.key[0], sizeof(before));
		make(&s, 0, 1);
		ASK_NOTHING(&ann, 0);
		take(&ann, 0);
	}
	ASK_NOTHING(&ann, 0); /* confirms; nothing new */
	struct client late = ann;
	memcpy(late.key[0], before, sizeof(before));
	ASK_NOTHING(&late, 0); /* the last one before: its answer might have been lost */
	assert_int_equal(s.x.status, 1);
}

/* Rule 13: everything of a removed partnership goes. */
static void a_forgotten_device_has_no_line(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	client_begin(&ann, 0);
	struct store_tx *tx = lives_begin(&s.lives, STORE_WRITE);
	assert_ok(sync_forget(tx, ANN));
	lives_commit(&tx);
	ASK_NOTHING(&ann, 0);
	assert_int_equal(s.x.status, 3);
}

/* Rule 6: key 0, and again because the answer was lost: the same key; the old line works until the new key is used. */
static void beginning_again_keeps_the_old_line_until_the_new_key_is_used(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN), again = client_new(&s, ANN);
	struct sid mail = make(&s, 0, 1);
	char fresh[SYNC_KEY_MAX + 1];

	client_begin(&ann, 0);
	ASK_NOTHING(&again, 0);
	memcpy(fresh, s.x.new_key, sizeof(fresh));
	ASK_NOTHING(&again, 0);
	assert_string_equal(s.x.new_key, fresh);
	take(&again, 0);
	ASK_NOTHING(&ann, 0);
	assert_int_equal(s.x.status, 1);
	ASK_NOTHING(&again, 0);
	ASSERT_PAGE(&s, { FEED_ADD, mail });
	ASK_NOTHING(&ann, 0);
	assert_int_equal(s.x.status, 3);
}

/* Rule 6: the answer to an Add was lost and the phone begins again: it gets the item, and adds it once more. */
static void a_phone_that_begins_again_does_not_double_what_it_added(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	client_begin(&ann, 0);
	ASK(&ann, 0, add("c1", 7));
	struct sid former = s.x.responses[0].sid;
	client_begin(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, former });
	ASK(&ann, 0, add("c1", 7));
	ASSERT_PAGE(&s, { FEED_DELETE, former });
	assert_int_equal(count_items(&s, 0), 1);
}

/*
 * Rule 6: a request of the old line is read behind key 0, whose answer the phone has: what it added is the phone's own, but its
 * new line holds nothing yet, so that it is told of it.
 */
static void what_the_old_line_added_behind_key_0_is_told(void **unused)
{
	static const size_t windows[] = { 1, 10 };

	(void)unused;
	for (size_t i = 0; i < countof(windows); i++) {
		SCENE(s);
		struct client ann = client_new(&s, ANN), late;

		make(&s, 0, 90);
		client_begin(&ann, 0);
		late = ann;
		memcpy(ann.key[0], "0", 2);
		ASK_NOTHING(&ann, 0);
		take(&ann, 0);
		ann.window = windows[i];
		for (int n = 0; n < 2; n++) { /* the second one confirms the first */
			ASK(&late, 0, add(n ? "c2" : "c1", 7 + n));
			take(&late, 0);
		}
		size_t told = 0;
		for (int page = 0; page < 4; page++) {
			ASK_NOTHING(&ann, 0);
			take(&ann, 0);
			told += s.x.page_n;
		}
		assert_int_equal(told, 3);
		ann.goal = 60; /* nor is it taken away as what it never had */
		ann.filter = 1;
		ann.window = 10;
		ASK_NOTHING(&ann, 0);
		assert_int_equal(s.x.page_n, 2);
		assert_int_equal(s.x.page[0].kind, FEED_SOFTDELETE);
	}
}

/* Rules 6, 9: key 0 that is said once more, and read late, does not pass what the phone has moved there behind the first. */
static void a_repeated_key_0_stands_where_it_stood(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN), again;
	struct sid mail = make(&s, 1, 5), target;

	client_begin(&ann, 0);
	client_begin(&ann, 1);
	memcpy(ann.key[0], "0", 2);
	again = ann;
	ASK_NOTHING(&ann, 0);
	take(&ann, 0);
	target = move(&s, mail, ANN);
	ASK_NOTHING(&again, 0);
	assert_string_equal(s.x.new_key, ann.key[0]);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_DELETE, target }, { FEED_ADD, target });
	/* One that was left for days begins where things are now. */
	memcpy(again.key[0], "0", 2);
	ann = again;
	ASK_NOTHING(&ann, 0);
	take(&ann, 0);
	s.lives.clock.wall += 2 * SYNC_TOUCH_S * INT64_C(1000);
	expunge(&s, target);
	ASK_NOTHING(&again, 0);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE_EMPTY(&s);
}

/* Rule 10: only contents of others conflict; the refused phone gets the server's version. */
static void only_contents_of_others_conflict(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN), bob = client_new(&s, BOB);
	struct sid mail = make(&s, 0, 1);

	ann.server_wins = true;
	client_begin(&ann, 0);
	client_begin(&bob, 0);
	ASK(&bob, 0, change_read(mail, 3));
	ASK(&ann, 0, change(mail, 4));
	assert_int_equal(s.x.responses[0].status, 1); /* a flag does not conflict */
	ASK(&ann, 0, change(mail, 5));
	assert_int_equal(s.x.responses[0].status, 1); /* nor does its own content whose answer was lost */
	edit(&s, mail);
	ASK(&ann, 0, change(mail, 6));
	assert_int_equal(s.x.responses[0].status, 7);
	ASSERT_PAGE(&s, { FEED_CHANGE, mail });
}

/* Rule 10: refused for a version that the open round has told already: it is told once more, since the edit stands. */
static void a_refused_change_brings_the_servers_version_again(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid a = make(&s, 0, 1), b = make(&s, 0, 2);

	ann.server_wins = true;
	client_begin(&ann, 0);
	ASK_NOTHING(&ann, 0);
	edit(&s, a);
	edit(&s, b);
	ann.window = 1;
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_CHANGE, a });
	take(&ann, 0);
	ann.window = 20;
	ASK(&ann, 0, change(a, 9));
	assert_int_equal(s.x.responses[0].status, 7);
	ASSERT_PAGE(&s, { FEED_CHANGE, b }, { FEED_CHANGE, a });
}

/* Two requests of one device cross: the second to end finds the line moved and changes nothing. */
static void of_two_crossing_requests_the_later_is_stale(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sync_line one, two;

	client_begin(&ann, 0);
	struct store_tx *tx = lives_begin(&s.lives, STORE_READ);
	assert_ok(sync_line_load(tx, ANN, s.w.folder[0], &one));
	lives_commit(&tx);
	two = one;
	for (int i = 0; i < 2; i++) {
		struct sync_line *line = i ? &two : &one;

		sync_line_present(line, str_of(ann.key[0]));
		assert_ok(sync_line_issue(line, sync_line_state(line), STR_EMPTY));
		tx = lives_begin(&s.lives, STORE_WRITE);
		assert_err(sync_line_store(tx, line), i ? ERR_STALE : ERR_OK);
		if (i)
			store_tx_end(&tx);
		else
			lives_commit(&tx);
	}
}

/* Rule 15: rows of what is gone stay 30 days, and until the lines in use have passed them. */
static void what_is_gone_is_forgotten_when_nobody_needs_it(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN), bob = client_new(&s, BOB);
	static const struct {
		const char *what;
		int64_t days;  /* that pass before the purge */
		bool bob_sees; /* he syncs in time */
		int status;    /* of his sync afterwards */
	} cases[] = {
		{ "a day below the horizon", SYNC_KEEP_DAYS - 1, false, 1 },
		{ "a line behind that is in use", SYNC_KEEP_DAYS + 1, false, 1 },
		{ "a line that has passed", SYNC_KEEP_DAYS + 1, true, 1 },
		{ "a line behind that is not in use", SYNC_LINE_DAYS + 1, false, 3 },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct sid mail = make(&s, 0, 1);
		bool more;

		print_message("%s\n", cases[i].what);
		client_begin(&ann, 0);
		client_begin(&bob, 0);
		expunge(&s, mail);
		if (cases[i].bob_sees) {
			ASK_NOTHING(&bob, 0);
			take(&bob, 0);
			ASK_NOTHING(&bob, 0);
		}
		clock_fake_advance(&s.lives.clock, cases[i].days * 24 * 3600 * 1000 + 1);
		ASK_NOTHING(&ann, 0);
		take(&ann, 0);
		make(&s, 0, 1);
		ASK_NOTHING(&ann, 0); /* confirms the page before */
		take(&ann, 0);
		struct store_tx *tx = lives_begin(&s.lives, STORE_WRITE);
		assert_ok(sync_purge(tx, 100, &more));
		assert_false(more);
		lives_commit(&tx);
		ASK_NOTHING(&bob, 0);
		assert_int_equal(s.x.status, cases[i].status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_not_told_what_it_did_itself),
		cmocka_unit_test(a_change_upon_an_unseen_one_is_told),
		cmocka_unit_test(a_repeated_request_is_done_once),
		cmocka_unit_test(a_lost_page_comes_again),
		cmocka_unit_test(a_change_that_is_not_repeated_comes_back),
		cmocka_unit_test(a_delete_that_is_not_repeated_comes_back),
		cmocka_unit_test(an_add_that_is_deferred_replaces_the_former_item),
		cmocka_unit_test(a_replaced_item_hands_on_what_others_wrote),
		cmocka_unit_test(an_add_again_of_what_was_deleted_is_deleted),
		cmocka_unit_test(an_add_whose_item_was_moved_away_and_back_is_not_answered_with_it),
		cmocka_unit_test(a_confirmed_add_is_not_replaced_by_its_like),
		cmocka_unit_test(any_other_key_is_foreign),
		cmocka_unit_test(a_forgotten_device_has_no_line),
		cmocka_unit_test(beginning_again_keeps_the_old_line_until_the_new_key_is_used),
		cmocka_unit_test(a_phone_that_begins_again_does_not_double_what_it_added),
		cmocka_unit_test(what_the_old_line_added_behind_key_0_is_told),
		cmocka_unit_test(a_repeated_key_0_stands_where_it_stood),
		cmocka_unit_test(only_contents_of_others_conflict),
		cmocka_unit_test(a_refused_change_brings_the_servers_version_again),
		cmocka_unit_test(of_two_crossing_requests_the_later_is_stale),
		cmocka_unit_test(what_is_gone_is_forgotten_when_nobody_needs_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
