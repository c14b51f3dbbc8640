/* One item that a phone cannot take does not keep the rest of its folder from it. */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>
#include <gateway/activesync/loop_guard.h>
#include <store/held_back.h>
#include <store/sync.h>

/* ---- the count ---- */

static unsigned look(struct eas_loops *l, const char *key, bool again, unsigned *window)
{
	return eas_loops_look(
		l,
		&(struct eas_loop_look){
			.mailbox = 1, .device = 2, .folder = 3, .key = str_of(key), .lost = again, .written = true },
		window);
}

static void an_answer_that_comes_again_is_counted(void **unused)
{
	struct eas_loops *l = eas_loops_new();
	unsigned window;

	(void)unused;
	assert_int_equal(look(l, "a", false, &window), 0);
	for (unsigned i = 1; i < EAS_LOOP_ALONE; i++) {
		assert_int_equal(look(l, "a", true, &window), i);
		assert_int_equal(window, 0);
	}
	assert_int_equal(look(l, "a", true, &window), EAS_LOOP_ALONE);
	assert_int_equal(window, 1);
	assert_int_equal(look(l, "b", true, &window), 1); /* another answer */
	assert_int_equal(window, 1);
	eas_loops_free(&l);
}

static void pages_grow_again_behind_what_was_found(void **unused)
{
	static const char *const keys[] = { "b", "c", "d", "e", "f", "g", "h", "i", "j", "k" };
	struct eas_loops *l = eas_loops_new();
	unsigned window, wanted = 2;

	(void)unused;
	for (unsigned i = 0; i < EAS_LOOP_ALONE; i++)
		look(l, "a", true, &window);
	for (size_t i = 0; i < countof(keys); i++, wanted *= 2) {
		assert_int_equal(look(l, keys[i], false, &window), 0);
		assert_int_equal(window, wanted > 512 ? 0 : wanted);
		assert_int_equal(look(l, keys[i], false, &window), 0); /* the same key without a loss: nothing new */
	}
	eas_loops_free(&l);
}

/* ---- in a Sync ---- */

/* Asks with the same key until the answer has that many Adds; as a phone does that fails at what it gets. */
static struct eas_reply ask_until(struct fixture *f, int64_t folder, const char *key, const char *text)
{
	struct eas_reply r;

	for (unsigned i = 0; i < 100; i++) {
		r = sync_with(f, folder, key, "");
		assert_int_equal(r.status, 200);
		if (r.body.n == 0 || str_find(r.xml, str_of(text)) < r.xml.n)
			return r;
	}
	fail_msg("never %s: " STR_FMT, text, STR_ARG(r.xml));
	return r;
}

static size_t held(struct fixture *f, struct held_back **ret)
{
	int64_t device = fixture_device(f);
	struct store_tx *tx;
	size_t n;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(held_back_list(&f->arena, tx, device, ret, &n));
	assert_ok(store_commit(&tx));
	return n;
}

#define UNREADABLE "(this message can't be read on the server)"

static void the_item_is_shown_as_one_that_cannot_be_read(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *first = first_key(&f, inbox), *key;
	struct held_back *list;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	deliver_n(&f, 5);
	r = sync_with(&f, inbox, first, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 5);
	for (unsigned i = 1; i < EAS_LOOP_ALONE; i++)
		r = sync_with(&f, inbox, first, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 5); /* a few losses are a bad line */
	r = ask_until(&f, inbox, first, "<MoreAvailable/>");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_int_equal(held(&f, &list), 0);
	r = ask_until(&f, inbox, first, UNREADABLE);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_int_equal(held(&f, &list), 1);
	assert_int_equal(list[0].level, HELD_BACK_PLACEHOLDER);
	key = key_of(&f, &r);
	r = sync_with(&f, inbox, key, ""); /* it was taken: the others as they are, in growing pages */
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	assert_true(str_find(r.xml, S(UNREADABLE)) == r.xml.n);
	sync_all(&f, inbox, key_of(&f, &r), &adds);
	assert_int_equal(adds, 2);
	/* When the phone begins anew it is known. */
	r = sync_with(&f, inbox, first_key(&f, inbox), "");
	assert_int_equal(eas_reply_count(&r, "Add"), 5);
	assert_true(str_find(r.xml, S(UNREADABLE)) < r.xml.n);
	/* Another phone gets it whole. */
	f.phone.device_id = "another";
	r = sync_with(&f, inbox, first_key(&f, inbox), "");
	assert_int_equal(eas_reply_count(&r, "Add"), 5);
	assert_true(str_find(r.xml, S(UNREADABLE)) == r.xml.n);
}

static void what_is_not_taken_even_so_is_left_out(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *first, *key;
	struct held_back *list;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	deliver(&f, f.ann.mailbox, "the-bad-one");
	fixture_learn_hierarchy(&f);
	first = first_key(&f, inbox);
	r = ask_until(&f, inbox, first, "<nothing/>"); /* until the answer is empty: the folder has come to its end */
	assert_int_equal(r.body.n, 0);
	assert_int_equal(held(&f, &list), 1);
	assert_int_equal(list[0].level, HELD_BACK_SKIPPED);
	assert_int_equal(list[0].item, 1);
	deliver(&f, f.ann.mailbox, "good");
	key = sync_all(&f, inbox, first, &adds);
	assert_int_equal(adds, 1);
	/* It is nothing to wake for, and stays away when the phone begins anew. Page 00: 64 Wait. */
	fixture_read_item(&f, inbox, 1);
	eas_phone_send(&f.phone, "Sync", sync_doc(&f, inbox, key, "", "64 03 '10' 00 01"));
	server_await_held(&f.server, 1);
	server_advance(&f.server, 600 * 1000);
	assert_int_equal(eas_phone_receive(&f.phone).body.n, 0);
	sync_all(&f, inbox, first_key(&f, inbox), &adds);
	assert_int_equal(adds, 1);
}

/* An answer that did not leave whole is a bad line, however often. */
static void answers_that_were_cut_off_are_no_loop(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *first = first_key(&f, inbox);
	struct eas_reply r;

	(void)unused;
	deliver_n(&f, 3);
	sync_with(&f, inbox, first, "");
	fixture_restart(&f); /* what the former process wrote is not known to this one */
	r = sync_with(&f, inbox, first, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 3);
	for (unsigned i = 0; i < EAS_LOOP_SKIP; i++) {
		fixture_restart(&f);
		r = sync_with(&f, inbox, first, "");
		assert_int_equal(eas_reply_count(&r, "Add"), 3);
	}
}

static void a_removed_device_leaves_nothing_behind(void **unused)
{
	FIXTURE(f);
	struct held_back *list;
	struct store_tx *tx;
	int64_t device;
	size_t n;

	(void)unused;
	fixture_learn_hierarchy(&f);
	device = fixture_device(&f);
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
	for (int64_t i = 1; i <= HELD_BACK_MAX + 1; i++)
		assert_ok(held_back_put(tx, device, i, HELD_BACK_PLACEHOLDER));
	assert_ok(held_back_list(&f.arena, tx, device, &list, &n));
	assert_int_equal(n, HELD_BACK_MAX);
	assert_int_equal(list[0].item, 2);
	assert_ok(sync_forget(tx, device));
	assert_ok(held_back_list(&f.arena, tx, device, &list, &n));
	assert_int_equal(n, 0);
	assert_ok(store_commit(&tx));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_comes_again_is_counted),
		cmocka_unit_test(pages_grow_again_behind_what_was_found),
		cmocka_unit_test(the_item_is_shown_as_one_that_cannot_be_read),
		cmocka_unit_test(what_is_not_taken_even_so_is_left_out),
		cmocka_unit_test(answers_that_were_cut_off_are_no_loop),
		cmocka_unit_test(a_removed_device_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
