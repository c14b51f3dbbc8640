/* Views: the same numbers whether they are kept, advanced or derived anew. */
#include <tests/unit/store/mailbox_fixture.h>

#include <gateway/imap/view.h>
#include <store/folder.h>

#include <stdlib.h>

static struct view_key key_now(struct mailbox *m)
{
	struct folder f;

	assert_ok(folder_get(&m->a, m->tx, m->inbox, &f));
	return (struct view_key){ MAILBOX, m->inbox, f.head, f.uid_next };
}

/* Every number there and back, and what lies between. */
static void check_view(const struct view *v, const uint32_t *uids, uint32_t n)
{
	uint32_t seq = 0;

	assert_int_equal(v->n, n);
	for (uint32_t uid = 1; uid < v->key.uid_next + 3; uid++) {
		bool there = seq < n && uids[seq] == uid;

		assert_int_equal(view_seq_from(v, uid), seq + 1);
		assert_int_equal(view_seq(v, uid), there ? seq + 1 : 0);
		if (there)
			assert_int_equal(view_uid(v, ++seq), uid);
	}
	assert_int_equal(view_uid(v, 0), 0);
	assert_int_equal(view_uid(v, n + 1), 0);
}

static void a_view_stays_what_it_was(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	static const uint32_t before[] = { 1, 2, 3, 4, 5, 6 }, after[] = { 1, 3, 4, 7 }, gone[] = { 2, 5, 6 };
	const struct author nobody = AUTHOR_NOBODY;
	struct view_cache *none = view_cache_new(0), *some = view_cache_new(1 << 20);
	struct item items[6];
	struct view_key old, new;
	struct view *v, *w;

	for (size_t i = 0; i < 6; i++)
		items[i] = mailbox_add(&m, m.inbox);
	mailbox_next(&m);
	old = key_now(&m);
	assert_ok(view_open(some, m.tx, &old, &v));
	check_view(v, before, 6);
	for (size_t i = 0; i < 3; i++)
		assert_ok(item_expunge(m.tx, m.inbox, items[gone[i] - 1].id, &nobody));
	(void)mailbox_add(&m, m.inbox);
	mailbox_next(&m);
	new = key_now(&m);
	assert_ok(view_advance(some, m.tx, v, &new, gone, 3, &w));
	check_view(w, after, 4);
	view_close(some, &w);
	view_close(some, &v);

	/* Derived anew, with nothing kept. */
	assert_ok(view_open(none, m.tx, &old, &v));
	check_view(v, before, 6);
	assert_ok(view_open(none, m.tx, &new, &w));
	check_view(w, after, 4);
	view_close(none, &v);
	view_close(none, &w);
	view_cache_free(&none);
	view_cache_free(&some);
}

/* Nothing has ever gone: no row is read. Then something goes, and the rows tell. */
static void a_view_of_what_was_there_before_others_came(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	static const uint32_t before[] = { 1, 2 }, after[] = { 1, 2, 3 };
	const struct author nobody = AUTHOR_NOBODY;
	struct view_cache *none = view_cache_new(0);
	struct view_key empty = key_now(&m), old, new;
	struct item third;
	struct view *v;

	(void)mailbox_add(&m, m.inbox);
	(void)mailbox_add(&m, m.inbox);
	mailbox_next(&m);
	old = key_now(&m);
	third = mailbox_add(&m, m.inbox);
	mailbox_next(&m);
	new = key_now(&m);
	for (int whole = 1; whole >= 0; whole--) {
		assert_ok(view_open(none, m.tx, &empty, &v));
		check_view(v, before, 0);
		view_close(none, &v);
		assert_ok(view_open(none, m.tx, &old, &v));
		check_view(v, before, 2);
		view_close(none, &v);
		assert_ok(view_open(none, m.tx, &new, &v));
		check_view(v, after, 3);
		view_close(none, &v);
		if (whole)
			assert_ok(item_expunge(m.tx, m.inbox, third.id, &nobody));
	}
	view_cache_free(&none);
}

struct gaps {
	uint32_t at[16];
	size_t n;
};

static void note(void *ctx, uint32_t lo, uint32_t hi)
{
	struct gaps *g = ctx;

	g->at[g->n++] = lo;
	g->at[g->n++] = hi;
}

static void gaps_are_what_is_not_there(void **unused)
{
	struct view_run runs[] = { { 3, 1 }, { 8, 3 }, { UINT32_MAX, 4 } };
	const struct view v = { .n = 3, .runs_n = 2, .runs = runs }; /* 3, 4, 8 */
	static const uint32_t wanted[] = { 1, 2, 5, 7, 9, 12 };
	struct gaps g = { 0 };

	(void)unused;
	view_gaps(&v, 1, 12, note, &g);
	assert_int_equal(g.n, 6);
	assert_memory_equal(g.at, wanted, sizeof(wanted));
	g.n = 0;
	view_gaps(&v, 3, 4, note, &g);
	assert_int_equal(g.n, 0);
	view_gaps(&v, 1, 0, note, &g);
	assert_int_equal(g.n, 0);
	view_gaps(&v, 5, 6, note, &g);
	assert_int_equal(g.n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_view_stays_what_it_was),
		cmocka_unit_test(gaps_are_what_is_not_there),
		cmocka_unit_test(a_view_of_what_was_there_before_others_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
