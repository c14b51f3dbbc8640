/* Rules 1, 2, 8, 9: for each the sequence of events that breaks a server without it. */
#include "scene.h"

#include <store/sql/sql.h>

/* Rule 1: Deletes stand first, because what left and came back has the same ServerId. */
static void an_item_that_left_and_came_back_is_there_in_the_end(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid mail = make(&s, 0, 1);

	client_begin(&ann, 0);
	move(&s, move(&s, mail, STORE_NOBODY), STORE_NOBODY);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_DELETE, mail }, { FEED_ADD, mail });
}

/* Rule 1: a round keeps its end; what is modified while it lasts comes in the next one, never before its Add. */
static void what_changes_while_a_round_is_open_is_not_lost(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	client_begin(&ann, 0);
	struct sid a = make(&s, 0, 1), b = make(&s, 0, 2);
	ann.window = 1;
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, a });
	take(&ann, 0);
	edit(&s, a);
	edit(&s, b);
	struct sid c = make(&s, 0, 3);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, b }); /* as it is now */
	take(&ann, 0);
	ann.window = 20;
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, c }, { FEED_CHANGE, a }, { FEED_CHANGE, b });
}

/* Rule 1: an item that came and went between two looks is not worth a word. */
static void what_came_and_went_unseen_is_not_told(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	client_begin(&ann, 0);
	expunge(&s, make(&s, 0, 1));
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE_EMPTY(&s);
}

/* Rule 2: a first sync gives the newest first, in pages, and leaves out what the filter does. */
static void a_first_sync_gives_the_newest_first(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid middle = make(&s, 0, 50), old = make(&s, 0, 10), new = make(&s, 0, 90),
		   always = make(&s, 0, INT64_MAX);

	ann.filter = 3;
	ann.goal = 20;
	ann.window = 2;
	ASK_NOTHING(&ann, 0);
	take(&ann, 0);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, always }, { FEED_ADD, new });
	take(&ann, 0);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, middle });
	take(&ann, 0);
	ann.filter = 0;
	ann.goal = FEED_GOAL_ALL;
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, old });
}

/* Rule 2: a clock that steps back makes no item older; another filter does what it says. */
static void a_goal_only_rises_under_the_same_filter(void **unused)
{
	struct feed_state st = feed_state_fresh(7);

	(void)unused;
	feed_state_filter(&st, FEED_ITEMS, 3, 1000);
	feed_state_filter(&st, FEED_ITEMS, 3, 900);
	assert_int_equal(st.edge[FEED_ITEMS].goal, 1000);
	feed_state_filter(&st, FEED_ITEMS, 3, 1100);
	assert_int_equal(st.edge[FEED_ITEMS].goal, 1100);
	feed_state_filter(&st, FEED_ITEMS, 2, 1050);
	assert_int_equal(st.edge[FEED_ITEMS].goal, 1050);
}

/* Rule 2: else no mail would come until the time that it was thought to be. */
static void a_clock_that_is_put_right_lowers_the_goal(void **unused)
{
	struct feed_state st = feed_state_fresh(7);
	const int64_t year = 365 * FEED_STEP_MS;

	(void)unused;
	feed_state_filter(&st, FEED_ITEMS, 3, year);
	feed_state_filter(&st, FEED_ITEMS, 3, year - FEED_STEP_MS);
	assert_int_equal(st.edge[FEED_ITEMS].goal, year);
	feed_state_filter(&st, FEED_ITEMS, 3, year - FEED_STEP_MS - 1);
	assert_int_equal(st.edge[FEED_ITEMS].goal, year - FEED_STEP_MS - 1);
	feed_state_filter(&st, FEED_ITEMS, 4, FEED_GOAL_ALL);
	feed_state_filter(&st, FEED_ITEMS, 4, FEED_GOAL_ALL);
	assert_int_equal(st.edge[FEED_ITEMS].goal, FEED_GOAL_ALL);
}

/* Rule 2, MS-ASCMD 2.2.3.172: what leaves the filter is a SoftDelete; what ages out alone wakes nobody. */
static void ageing_takes_items_softly_and_wakes_nobody(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid old = make(&s, 0, 10);

	make(&s, 0, 50);
	ann.filter = 3;
	ann.goal = 5;
	client_begin(&ann, 0);
	assert_false(server_ping(&s.w, ANN, 0, 20, 3));
	ann.goal = 20;
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_SOFTDELETE, old });
}

/* Rule 2: a key that crosses the filter's edge is one entry: an Add or a SoftDelete, and no Change besides. */
static void an_item_that_crosses_the_filter_is_told_once(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid in = make(&s, 0, 50), out = make(&s, 0, 10), there_and_back = make(&s, 0, 60);

	ann.filter = 3;
	ann.goal = 20;
	client_begin(&ann, 0);
	rekey(&s, in, 11);
	rekey(&s, out, 51);
	rekey(&s, there_and_back, 12);
	rekey(&s, there_and_back, 61);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_SOFTDELETE, in }, { FEED_ADD, out });
}

/* Rules 1 and 2: inside is asked as of the round's end; a key that moves later belongs to the next round. */
static void a_key_that_moves_while_a_round_is_open_waits_for_the_next(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	ann.filter = 3;
	ann.goal = 20;
	client_begin(&ann, 0);
	struct sid first = make(&s, 0, 60), leaves = make(&s, 0, 50), comes = make(&s, 0, 10);
	ann.window = 1;
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, first });
	take(&ann, 0);
	rekey(&s, leaves, 11);
	rekey(&s, comes, 51);
	ann.window = 20;
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, leaves }, { FEED_SOFTDELETE, leaves }, { FEED_ADD, comes });
}

/* Rule 2: what a device added itself counts as inside; where the filter leaves it out, it has to be taken back. */
static void what_a_device_added_outside_its_filter_is_taken_from_it(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	ann.filter = 3;
	ann.goal = 80;
	client_begin(&ann, 0);
	ASK(&ann, 0, add("c1", 7)); /* its key is 50 */
	ASSERT_PAGE(&s, { FEED_SOFTDELETE, s.x.responses[0].sid });
}

/* Rule 2: what a device added before its first page it has, wherever the edge is on its way. */
static void what_a_device_added_before_its_first_page_is_not_told_to_it(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid old = make(&s, 0, 10), new = make(&s, 0, 90);

	ann.filter = 3;
	ann.goal = 20;
	ann.window = 1;
	ASK_NOTHING(&ann, 0);
	take(&ann, 0);
	ASK(&ann, 0, add("c1", 7)); /* its key is 50 */
	ASSERT_PAGE(&s, { FEED_ADD, new });
	take(&ann, 0);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE_EMPTY(&s);
	ann.filter = 0;
	ann.goal = FEED_GOAL_ALL;
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, old });
}

/* Rule 2: the same, where the filter has narrowed before the edge was there. */
static void what_a_device_added_goes_once_with_a_filter_that_narrowed(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid new = make(&s, 0, 90), mine;

	ann.window = 1;
	ASK_NOTHING(&ann, 0);
	take(&ann, 0);
	ASK(&ann, 0, add("c1", 7));
	ASSERT_PAGE(&s, { FEED_ADD, new });
	mine = s.x.responses[0].sid;
	take(&ann, 0);
	ann.filter = 3;
	ann.goal = 80;
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_SOFTDELETE, mine });
	take(&ann, 0);
	ann.filter = 0;
	ann.goal = FEED_GOAL_ALL;
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_ADD, mine });
}

/* Rule 8: nothing to say: the same key, nothing written, no row of an item read. */
static void a_sync_with_nothing_new_writes_and_reads_nothing(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);

	for (int i = 0; i < 5; i++)
		make(&s, 0, i);
	client_begin(&ann, 0);
	ASK_NOTHING(&ann, 0);
	struct store_tx *tx = lives_begin(&s.lives, STORE_READ);
	uint64_t rows = sql_rows_stepped(store_tx_db(tx), "feed_");
	lives_commit(&tx);
	uint64_t flushes = store_flushes(s.lives.store);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE_EMPTY(&s);
	assert_string_equal(s.x.new_key, ann.key[0]);
	assert_int_equal(store_flushes(s.lives.store), flushes);
	tx = lives_begin(&s.lives, STORE_READ);
	assert_int_equal(sql_rows_stepped(store_tx_db(tx), "feed_"), rows);
	assert_false(server_ping(&s.w, ANN, 0, FEED_GOAL_ALL, 0));
	lives_commit(&tx);
}

/* Rule 8: what is invisible to a device neither wakes it nor changes its key, but it does wake another one. */
static void a_device_is_not_woken_by_itself(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN), bob = client_new(&s, BOB);
	struct sid mail = make(&s, 0, 1);

	client_begin(&ann, 0);
	client_begin(&bob, 0);
	ASK(&ann, 0, change_read(mail, 7));
	ASSERT_PAGE_EMPTY(&s);
	take(&ann, 0);
	assert_false(server_ping(&s.w, ANN, 0, FEED_GOAL_ALL, 0));
	assert_true(server_ping(&s.w, BOB, 0, FEED_GOAL_ALL, 0));
}

/* Rule 9: the mover's phone may show the target already: Delete and Add of it, never parted; others get an Add. */
static void a_moved_item_is_a_delete_and_an_add_for_its_mover(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN), bob = client_new(&s, BOB);
	struct sid mail = make(&s, 0, 1);

	for (int f = 0; f < 2; f++) {
		client_begin(&ann, f);
		client_begin(&bob, f);
	}
	struct sid there = move(&s, mail, ANN);
	ASK_NOTHING(&ann, 0);
	ASSERT_PAGE(&s, { FEED_DELETE, mail }); /* MoveItems has no key: its answer may be lost */
	ann.window = 1;
	ASK_NOTHING(&ann, 1);
	ASSERT_PAGE(&s, { FEED_READD, there });
	ASK_NOTHING(&bob, 1);
	ASSERT_PAGE(&s, { FEED_ADD, there });
}

/* Rule 9: it has gone on before its mover's phone heard of it; that phone may show it all the same. */
static void what_was_moved_on_is_taken_from_its_mover(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN), bob = client_new(&s, BOB);
	struct sid mail = make(&s, 0, 1);

	client_begin(&ann, 1);
	client_begin(&bob, 1);
	struct sid there = move(&s, mail, ANN);
	move(&s, there, STORE_NOBODY);
	ASK_NOTHING(&ann, 1);
	ASSERT_PAGE(&s, { FEED_DELETE, there });
	ASK_NOTHING(&bob, 1);
	ASSERT_PAGE_EMPTY(&s);
}

/* Rule 9: a repeated MoveItems finds where the item went, and the target is told anew: it may be lost on the phone. */
static void a_repeated_move_tells_the_target_anew(void **unused)
{
	(void)unused;
	SCENE(s);
	struct client ann = client_new(&s, ANN);
	struct sid mail = make(&s, 0, 1);

	client_begin(&ann, 1);
	struct sid there = move(&s, mail, ANN);
	ASK_NOTHING(&ann, 1);
	take(&ann, 1);
	assert_true(sid_eq(move(&s, mail, ANN), there));
	ASK_NOTHING(&ann, 1);
	ASSERT_PAGE(&s, { FEED_DELETE, there }, { FEED_READD, there });
	take(&ann, 1);
	expunge(&s, there);
	ASK_NOTHING(&ann, 1);
	take(&ann, 1);
	move(&s, mail, ANN);
	ASK_NOTHING(&ann, 1);
	ASSERT_PAGE(&s, { FEED_DELETE, there });
}

/* Rule 9: no such item was ever moved there. */
static void a_move_of_what_is_not_there_is_refused(void **unused)
{
	(void)unused;
	SCENE(s);
	struct sid mail = make(&s, 0, 1), to;

	expunge(&s, mail);
	assert_int_equal(server_move(&s.w, ANN, mail, 1, &to), 1);
	assert_int_equal(server_move(&s.w, ANN, (struct sid){ 0, 999999 }, 1, &to), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_that_left_and_came_back_is_there_in_the_end),
		cmocka_unit_test(what_changes_while_a_round_is_open_is_not_lost),
		cmocka_unit_test(what_came_and_went_unseen_is_not_told),
		cmocka_unit_test(a_first_sync_gives_the_newest_first),
		cmocka_unit_test(a_clock_that_is_put_right_lowers_the_goal),
		cmocka_unit_test(a_goal_only_rises_under_the_same_filter),
		cmocka_unit_test(ageing_takes_items_softly_and_wakes_nobody),
		cmocka_unit_test(an_item_that_crosses_the_filter_is_told_once),
		cmocka_unit_test(a_key_that_moves_while_a_round_is_open_waits_for_the_next),
		cmocka_unit_test(what_a_device_added_outside_its_filter_is_taken_from_it),
		cmocka_unit_test(what_a_device_added_before_its_first_page_is_not_told_to_it),
		cmocka_unit_test(what_a_device_added_goes_once_with_a_filter_that_narrowed),
		cmocka_unit_test(a_sync_with_nothing_new_writes_and_reads_nothing),
		cmocka_unit_test(a_device_is_not_woken_by_itself),
		cmocka_unit_test(a_moved_item_is_a_delete_and_an_add_for_its_mover),
		cmocka_unit_test(what_was_moved_on_is_taken_from_its_mover),
		cmocka_unit_test(a_repeated_move_tells_the_target_anew),
		cmocka_unit_test(a_move_of_what_is_not_there_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
