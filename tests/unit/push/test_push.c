/* The registry in one thread, with a fake clock. */
#include <push/push.h>

#include <base/mem.h>

#include <stdlib.h>
#include <time.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

enum { MAILBOX = 7, INBOX = 11, SENT = 12, MINUTE_MS = 60 * 1000 };

struct bench {
	struct clock_fake clock;
	struct push *push;
};

/* What a watch was told; -1 before. */
struct seen {
	int reason, times;
};

static const int64_t inbox_and_sent[] = { INBOX, SENT };

static void on_fire(void *ctx, enum push_reason reason)
{
	struct seen *s = ctx;

	s->reason = (int)reason;
	s->times++;
}

static int setup(void **state)
{
	struct bench *b = mem_alloc(sizeof(*b));

	clock_fake_init(&b->clock, 1700000000000);
	b->push = push_new(&b->clock.clock);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	push_free(&b->push);
	free(b);
	return 0;
}

static struct push_watch_args args_of(struct bench *b, struct seen *seen)
{
	*seen = (struct seen){ -1, 0 };
	return (struct push_watch_args){ .mailbox = MAILBOX,
					 .account = 3,
					 .device = 5,
					 .folders = inbox_and_sent,
					 .folders_n = countof(inbox_and_sent),
					 .deadline_ms = clock_mono_ms(&b->clock.clock) + 59 * MINUTE_MS,
					 .fire = on_fire,
					 .ctx = seen };
}

static struct push_watch *watch(struct bench *b, const struct push_watch_args *a)
{
	struct push_watch *w = NULL;

	assert_int_equal(push_watch(b->push, a, &w), ERR_OK);
	assert_non_null(w);
	return w;
}

static void publish(struct bench *b, int64_t mailbox, int64_t folder, int64_t author)
{
	push_publish(b->push, &(struct push_change){ mailbox, folder, 1, author }, 1);
}

static void a_watch_fires_for_what_it_watches_and_nothing_else(void **state)
{
	static const struct {
		const char *what;
		struct push_change changes[2];
		size_t n;
		bool hierarchy;
		bool fires;
	} cases[] = {
		{ "nothing", { { 0 } }, 0, false, false },
		{ "a folder of it", { { MAILBOX, SENT, 9, 0 } }, 1, false, true },
		{ "another folder", { { MAILBOX, 13, 9, 0 } }, 1, false, false },
		{ "the folder's number in another mailbox", { { 8, INBOX, 9, 0 } }, 1, false, false },
		{ "the hierarchy, not watched", { { MAILBOX, 0, 9, 0 } }, 1, false, false },
		{ "the hierarchy, watched", { { MAILBOX, 0, 9, 0 } }, 1, true, true },
		{ "the mailbox as a whole", { { MAILBOX, PUSH_ANY_FOLDER, 9, -1 } }, 1, false, true },
		{ "another mailbox as a whole", { { 8, PUSH_ANY_FOLDER, 9, -1 } }, 1, false, false },
		{ "another mailbox's hierarchy", { { 8, 0, 9, 0 } }, 1, true, false },
		{ "the device's own change", { { MAILBOX, INBOX, 9, 5 } }, 1, false, false },
		{ "the device's own change of the hierarchy", { { MAILBOX, 0, 9, 5 } }, 1, true, false },
		{ "another device's change", { { MAILBOX, INBOX, 9, 6 } }, 1, false, true },
		{ "several authors", { { MAILBOX, INBOX, 9, -1 } }, 1, false, true },
		{ "two folders, both its own", { { MAILBOX, INBOX, 9, 5 }, { MAILBOX, SENT, 9, 5 } }, 2, false, false },
		{ "two folders, one not", { { MAILBOX, INBOX, 9, 5 }, { MAILBOX, SENT, 9, 0 } }, 2, false, true },
		{ "both folders", { { MAILBOX, INBOX, 9, 0 }, { MAILBOX, SENT, 9, 0 } }, 2, false, true },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		struct seen seen;
		struct push_watch_args a = args_of(b, &seen);
		struct push_watch *w;

		a.hierarchy = cases[i].hierarchy;
		w = watch(b, &a);
		push_publish(b->push, cases[i].changes, cases[i].n);
		if (seen.times != cases[i].fires || (cases[i].fires && seen.reason != PUSH_CHANGE))
			fail_msg("%s: fired %d times, reason %d", cases[i].what, seen.times, seen.reason);
		if (push_drop(b->push, &w) == cases[i].fires)
			fail_msg("%s: push_drop told the wrong thing", cases[i].what);
		assert_null(w);
	}
}

static void a_watch_without_a_device_is_fired_by_author_nobody(void **state)
{
	struct bench *b = *state;
	struct seen seen;
	struct push_watch_args a = args_of(b, &seen);
	struct push_watch *w;

	a.device = 0;
	w = watch(b, &a);
	publish(b, MAILBOX, INBOX, 0);
	assert_int_equal(seen.times, 1);
	assert_false(push_drop(b->push, &w));
}

static void a_fired_watch_is_out_of_the_registry(void **state)
{
	struct bench *b = *state;
	struct seen seen;
	struct push_watch_args a = args_of(b, &seen);
	struct push_watch *w = watch(b, &a);

	assert_int_equal(push_count(b->push), 1);
	publish(b, MAILBOX, INBOX, 0);
	assert_int_equal(push_count(b->push), 0);
	publish(b, MAILBOX, SENT, 0);
	clock_fake_advance(&b->clock, 60 * MINUTE_MS);
	assert_int_equal(push_advance(b->push), -1);
	assert_int_equal(seen.times, 1);
	assert_false(push_drop(b->push, &w));
}

static void a_heartbeat_of_59_minutes_ends_on_time_and_costs_few_looks(void **state)
{
	struct bench *b = *state;
	struct seen seen;
	struct push_watch_args a = args_of(b, &seen);
	struct push_watch *w = watch(b, &a);
	unsigned looks = 0;

	for (int64_t rest; (rest = push_advance(b->push)) >= 0; looks++) {
		assert_int_equal(seen.times, 0);
		clock_fake_advance(&b->clock, rest);
	}
	assert_int_equal(seen.reason, PUSH_DEADLINE);
	assert_int_equal(seen.times, 1);
	assert_int_equal(clock_mono_ms(&b->clock.clock), 59 * MINUTE_MS);
	assert_in_range(looks, 1, 4);
	assert_false(push_drop(b->push, &w));
}

static void a_deadline_is_met_within_a_tick_and_never_early(void **state)
{
	static const struct {
		const char *what;
		int64_t deadline_ms, quiet_ms, fired_ms;
	} cases[] = {
		{ "on a tick", 500, 499, 500 },         { "one past a tick", 501, 599, 600 },
		{ "one before a tick", 599, 599, 600 }, { "now", 0, 99, 100 },
		{ "in the past", -500, 99, 100 },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		struct seen seen;
		struct push_watch_args a = args_of(b, &seen);
		int64_t start = clock_mono_ms(&b->clock.clock);
		struct push_watch *w;

		a.deadline_ms = start + cases[i].deadline_ms;
		w = watch(b, &a);
		clock_fake_advance(&b->clock, cases[i].quiet_ms);
		push_advance(b->push);
		if (seen.times != 0)
			fail_msg("%s: early", cases[i].what);
		clock_fake_advance(&b->clock, cases[i].fired_ms - cases[i].quiet_ms);
		push_advance(b->push);
		if (seen.times != 1 || seen.reason != PUSH_DEADLINE)
			fail_msg("%s: fired %d times, reason %d", cases[i].what, seen.times, seen.reason);
		assert_false(push_drop(b->push, &w));
	}
}

static void a_newer_watch_of_the_owner_supersedes(void **state)
{
	struct bench *b = *state;
	struct seen first, second, other;
	struct push_watch_args a = args_of(b, &first), c = args_of(b, &second), d = args_of(b, &other);
	struct push_watch *w[3];

	a.owner = c.owner = 77;
	d.owner = 78;
	w[0] = watch(b, &a);
	w[2] = watch(b, &d);
	w[1] = watch(b, &c);
	assert_int_equal(first.reason, PUSH_SUPERSEDED);
	assert_int_equal(second.times + other.times, 0);
	assert_int_equal(push_count(b->push), 2);
	assert_false(push_drop(b->push, &w[0]));
	assert_true(push_drop(b->push, &w[1]));
	assert_true(push_drop(b->push, &w[2]));
}

static void watches_without_an_owner_live_beside_each_other(void **state)
{
	struct bench *b = *state;
	struct seen first, second;
	struct push_watch_args a = args_of(b, &first), c = args_of(b, &second);
	struct push_watch *w[2];

	w[0] = watch(b, &a);
	w[1] = watch(b, &c);
	push_end_owner(b->push, 0);
	assert_int_equal(push_count(b->push), 2);
	assert_true(push_drop(b->push, &w[0]));
	assert_true(push_drop(b->push, &w[1]));
}

static void administrative_acts_end_the_watches_they_name(void **state)
{
	struct bench *b = *state;
	struct seen seen[4];
	struct push_watch *w[4];

	for (int i = 0; i < 4; i++) {
		struct push_watch_args a = args_of(b, &seen[i]);

		a.owner = 100 + (uint64_t)i;
		a.device = i == 3 ? 0 : 10 + i;
		a.account = i < 3 ? 20 : 21;
		w[i] = watch(b, &a);
	}
	push_end_owner(b->push, 100);
	assert_int_equal(seen[0].reason, PUSH_ENDED);
	assert_int_equal(push_count(b->push), 3);
	push_end_device(b->push, 0);
	assert_int_equal(push_count(b->push), 3);
	push_end_device(b->push, 11);
	assert_int_equal(seen[1].reason, PUSH_ENDED);
	assert_int_equal(push_count(b->push), 2);
	push_end_account(b->push, 20);
	assert_int_equal(seen[2].reason, PUSH_ENDED);
	assert_int_equal(seen[3].times, 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(push_drop(b->push, &w[i]), i == 3);
}

static void shutdown_fires_all_and_later_ones_at_once(void **state)
{
	struct bench *b = *state;
	struct seen before, after;
	struct push_watch_args a = args_of(b, &before), c = args_of(b, &after);
	struct push_watch *w[2];

	w[0] = watch(b, &a);
	push_shutdown(b->push);
	assert_int_equal(before.reason, PUSH_SHUTDOWN);
	w[1] = watch(b, &c);
	assert_int_equal(after.reason, PUSH_SHUTDOWN);
	assert_int_equal(before.times + after.times, 2);
	assert_int_equal(push_count(b->push), 0);
	assert_false(push_drop(b->push, &w[0]));
	assert_false(push_drop(b->push, &w[1]));
}

static void as_many_folders_as_allowed_are_watched_and_one_more_is_refused(void **state)
{
	static int64_t folders[PUSH_MAX_FOLDERS + 1];
	struct bench *b = *state;
	struct seen seen;
	struct push_watch_args a = args_of(b, &seen);
	struct push_watch *w = NULL;

	for (size_t i = 0; i < countof(folders); i++)
		folders[i] = (int64_t)i + 1;
	a.folders = folders;
	a.folders_n = PUSH_MAX_FOLDERS + 1;
	a.hierarchy = true;
	assert_int_equal(push_watch(b->push, &a, &w), ERR_LIMIT);
	assert_null(w);
	a.folders_n = PUSH_MAX_FOLDERS;
	w = watch(b, &a);
	publish(b, MAILBOX, PUSH_MAX_FOLDERS, 0);
	assert_int_equal(seen.times, 1);
	assert_false(push_drop(b->push, &w));
}

static void a_folder_named_twice_is_one(void **state)
{
	static const int64_t folders[] = { INBOX, INBOX, SENT, INBOX, 0 };
	struct bench *b = *state;
	struct seen seen;
	struct push_watch_args a = args_of(b, &seen);
	struct push_watch *w;

	a.folders = folders;
	a.folders_n = countof(folders);
	a.hierarchy = true;
	w = watch(b, &a);
	publish(b, MAILBOX, INBOX, 0);
	assert_int_equal(seen.times, 1);
	assert_false(push_drop(b->push, &w));
}

static void drop_accepts_nothing(void **state)
{
	struct bench *b = *state;
	struct push_watch *none = NULL;

	assert_true(push_drop(b->push, &none));
}

/* A fire that drops its own watch and registers the next, as a protocol does that holds again. */
struct again {
	struct bench *bench;
	struct push_watch *watch;
	int times;
};

static void fire_again(void *ctx, enum push_reason reason)
{
	struct again *g = ctx;
	struct seen unused;
	struct push_watch_args a = args_of(g->bench, &unused);

	g->times++;
	assert_false(push_drop(g->bench->push, &g->watch));
	if (reason == PUSH_SHUTDOWN)
		return;
	a.fire = fire_again;
	a.ctx = g;
	assert_int_equal(push_watch(g->bench->push, &a, &g->watch), ERR_OK);
}

static void a_fire_may_drop_its_watch_and_register_the_next(void **state)
{
	struct bench *b = *state;
	struct again g = { b, NULL, 0 };
	struct seen unused;
	struct push_watch_args a = args_of(b, &unused);

	a.fire = fire_again;
	a.ctx = &g;
	g.watch = watch(b, &a);
	publish(b, MAILBOX, INBOX, 0);
	assert_int_equal(g.times, 1);
	assert_int_equal(push_count(b->push), 1);
	push_shutdown(b->push);
	assert_int_equal(g.times, 2);
}

static void ten_thousand_watches_of_one_folder_all_fire_once(void **state)
{
	enum { HERD = 10000 };
	struct bench *b = *state;
	struct seen *seen = mem_array(HERD, sizeof(*seen));
	struct push_watch **w = mem_array(HERD, sizeof(struct push_watch *));

	for (int i = 0; i < HERD; i++) {
		struct push_watch_args a = args_of(b, &seen[i]);
		int64_t folders[] = { 1000000 + i, 77, 2000000 + i };

		a.owner = 1 + (uint64_t)i;
		a.device = 1 + i;
		a.folders = folders;
		a.folders_n = countof(folders);
		w[i] = watch(b, &a);
	}
	publish(b, MAILBOX, 77, 42); /* of the one device 42 */
	assert_int_equal(push_count(b->push), 1);
	for (int i = 0; i < HERD; i++) {
		bool own = i == 41;

		assert_int_equal(seen[i].times, own ? 0 : 1);
		assert_int_equal(push_drop(b->push, &w[i]), own);
	}
	free(seen);
	free(w);
}

/* Who was let in before an act and registers behind it sees that there was one. */
static void administrative_acts_are_counted(void **state)
{
	struct bench *b = *state;
	uint64_t before = push_acts(b->push);

	push_end_owner(b->push, 4711);
	push_publish(b->push, &(struct push_change){ .mailbox = MAILBOX, .folder = INBOX, .change = 1 }, 1);
	assert_int_equal(push_acts(b->push), before);
	push_end_device(b->push, 4711);
	push_end_account(b->push, 4711);
	push_hasten(b->push, MINUTE_MS);
	assert_int_equal(push_acts(b->push), before + 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Hastened watches end one after the other, all within the time, and none that would have ended sooner anyway. */
static void hastened_watches_are_spread_over_the_time(void **state)
{
	enum { WATCHES = 100, WITHIN_MS = 10 * 1000, SOON_MS = 300 };
	struct bench *b = *state;
	struct seen seen[WATCHES], soon;
	struct push_watch *w[WATCHES], *early;
	struct push_watch_args a = args_of(b, &soon);
	int most = 0, before = 0;

	a.deadline_ms = clock_mono_ms(&b->clock.clock) + SOON_MS;
	early = watch(b, &a);
	for (int i = 0; i < WATCHES; i++) {
		a = args_of(b, &seen[i]);
		a.device = 100 + i;
		w[i] = watch(b, &a);
	}
	push_hasten(b->push, WITHIN_MS);
	for (int ms = 0; ms < WITHIN_MS + 2 * PUSH_TICK_MS; ms += PUSH_TICK_MS) {
		int fired = 0;

		clock_fake_advance(&b->clock, PUSH_TICK_MS);
		push_advance(b->push);
		for (int i = 0; i < WATCHES; i++)
			fired += seen[i].times;
		most = fired - before > most ? fired - before : most;
		before = fired;
		if (ms >= SOON_MS)
			assert_int_equal(soon.times, 1);
	}
	assert_int_equal(before, WATCHES);
	assert_true(most <= 2);
	for (int i = 0; i < WATCHES; i++) {
		assert_int_equal(seen[i].reason, PUSH_DEADLINE);
		assert_false(push_drop(b->push, &w[i]));
	}
	assert_false(push_drop(b->push, &early));
	push_hasten(b->push, WITHIN_MS); /* nobody waits */
	assert_int_equal(push_count(b->push), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_watch_fires_for_what_it_watches_and_nothing_else),
		TEST(a_watch_without_a_device_is_fired_by_author_nobody),
		TEST(a_fired_watch_is_out_of_the_registry),
		TEST(a_heartbeat_of_59_minutes_ends_on_time_and_costs_few_looks),
		TEST(a_deadline_is_met_within_a_tick_and_never_early),
		TEST(a_newer_watch_of_the_owner_supersedes),
		TEST(watches_without_an_owner_live_beside_each_other),
		TEST(administrative_acts_end_the_watches_they_name),
		TEST(hastened_watches_are_spread_over_the_time),
		TEST(shutdown_fires_all_and_later_ones_at_once),
		TEST(as_many_folders_as_allowed_are_watched_and_one_more_is_refused),
		TEST(a_folder_named_twice_is_one),
		TEST(drop_accepts_nothing),
		TEST(a_fire_may_drop_its_watch_and_register_the_next),
		TEST(ten_thousand_watches_of_one_folder_all_fire_once),
		TEST(administrative_acts_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
