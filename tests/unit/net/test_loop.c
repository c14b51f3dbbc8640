/* The loop: timers fire in order and not early, tasks run once and in order, deferred work once a turn. */
#include <gateway/net/loop.h>

#include <tests/support/client.h>
#include <tests/support/elsewhere.h>

#include <gateway/net/timers.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum { TIMERS = 500, TASKS = 1000, POSTERS = 4 };

static void timers_come_out_by_deadline_whatever_is_set_and_cleared(void **unused)
{
	static struct timer timers[TIMERS];
	struct timers ts = { 0 };
	struct timer *t;
	uint32_t x = 7;
	int64_t last = -1;
	size_t left = 0;

	(void)unused;
	for (size_t i = 0; i < 4 * TIMERS; i++) {
		x = x * 1664525u + 1013904223u;
		t = &timers[x % TIMERS];
		if (x & 1u << 30)
			timers_clear(&ts, t);
		else
			timers_set(&ts, t, (int64_t)(x >> 20));
	}
	for (size_t i = 0; i < TIMERS; i++)
		left += timers[i].slot != 0;
	for (; (t = timers_first(&ts)); left--) {
		assert_true(t->at_ms >= last);
		last = t->at_ms;
		timers_clear(&ts, t);
		assert_int_equal(t->slot, 0);
	}
	assert_int_equal(left, 0);
	timers_release(&ts);
}

struct alarm_clock {
	struct loop *loop;
	struct timer timer;
	_Atomic unsigned fired;
};

static void ring(struct timer *t)
{
	atomic_fetch_add(&container_of(t, struct alarm_clock, timer)->fired, 1);
}

static void set_alarm(void *arg)
{
	struct alarm_clock *a = arg;

	a->timer.fire = ring;
	timer_set(a->loop, &a->timer, 100);
}

static void nothing(void *unused)
{
	(void)unused;
}

static bool has_fired(void *arg)
{
	return atomic_load(&((struct alarm_clock *)arg)->fired) > 0;
}

static void a_timer_fires_once_and_not_a_millisecond_early(void **unused)
{
	struct clock_fake clock;
	struct alarm_clock a = { 0 };

	(void)unused;
	clock_fake_init(&clock, 0);
	clock.mono = 0;
	assert_int_equal(loop_start(&clock.clock, &a.loop), ERR_OK);
	loop_call(a.loop, set_alarm, &a);
	clock_fake_advance(&clock, 99);
	for (int i = 0; i < 3; i++)
		loop_call(a.loop, nothing, NULL);
	assert_int_equal(a.fired, 0);
	clock_fake_advance(&clock, 1);
	loop_kick(a.loop);
	client_await(has_fired, &a, "the alarm");
	clock_fake_advance(&clock, 1000);
	for (int i = 0; i < 3; i++)
		loop_call(a.loop, nothing, NULL);
	assert_int_equal(a.fired, 1);
	loop_stop(&a.loop);
}

struct numbered {
	struct task task;
	struct poster *poster;
	unsigned number;
};

struct poster {
	pthread_t thread;
	struct loop *loop;
	struct numbered tasks[TASKS];
	unsigned next; /* the loop's */
	bool disorder, elsewhere;
};

static void take_number(struct task *t)
{
	struct numbered *n = container_of(t, struct numbered, task);

	n->poster->disorder |= n->number != n->poster->next++;
	n->poster->elsewhere |= !loop_is_current(n->poster->loop);
}

static void *post_all(void *arg)
{
	struct poster *p = arg;

	for (unsigned i = 0; i < TASKS; i++) {
		p->tasks[i] = (struct numbered){ { NULL, take_number }, p, i };
		loop_post(p->loop, &p->tasks[i].task);
	}
	return NULL;
}

static void tasks_of_many_threads_run_once_and_in_order_on_the_loop(void **unused)
{
	static struct poster posters[POSTERS];
	struct loop *l = NULL;

	(void)unused;
	assert_int_equal(loop_start(clock_real(), &l), ERR_OK);
	for (size_t i = 0; i < POSTERS; i++) {
		posters[i].loop = l;
		assert_int_equal(pthread_create(&posters[i].thread, NULL, post_all, &posters[i]), 0);
	}
	for (size_t i = 0; i < POSTERS; i++)
		pthread_join(posters[i].thread, NULL);
	loop_stop(&l);
	for (size_t i = 0; i < POSTERS; i++) {
		assert_int_equal(posters[i].next, TASKS);
		assert_false(posters[i].disorder || posters[i].elsewhere);
	}
}

struct twice {
	struct loop *loop;
	struct deferred deferred;
	unsigned runs;
};

static void count_run(struct deferred *d)
{
	container_of(d, struct twice, deferred)->runs++;
}

static void defer_twice(void *arg)
{
	struct twice *t = arg;

	deferred_init(&t->deferred, count_run);
	loop_defer(t->loop, &t->deferred);
	loop_defer(t->loop, &t->deferred);
}

static void defer_and_cancel(void *arg)
{
	struct twice *t = arg;

	loop_defer(t->loop, &t->deferred);
	deferred_cancel(&t->deferred);
}

static void deferred_work_runs_once_a_turn_and_can_be_cancelled(void **unused)
{
	struct twice t = { 0 };

	(void)unused;
	assert_int_equal(loop_start(clock_real(), &t.loop), ERR_OK);
	loop_call(t.loop, defer_twice, &t);
	loop_call(t.loop, defer_and_cancel, &t);
	loop_call(t.loop, nothing, NULL);
	loop_stop(&t.loop);
	assert_int_equal(t.runs, 1);
}

/* Two descriptors become ready in one turn, and the first to be seen removes both. */
struct rival {
	struct watch watch;
	struct rival *other;
	unsigned seen;
};

static void first_wins(struct watch *w, uint32_t events)
{
	struct rival *r = container_of(w, struct rival, watch);

	(void)events;
	r->seen++;
	watch_remove(&r->watch);
	watch_remove(&r->other->watch);
}

struct rivals {
	struct loop *loop;
	struct rival a, b;
	int pair_a[2], pair_b[2];
	struct elsewhere elsewhere;
};

static void set_rivals(void *arg)
{
	struct rivals *r = arg;

	watch_init(&r->a.watch, r->loop, r->pair_a[0], first_wins);
	watch_init(&r->b.watch, r->loop, r->pair_b[0], first_wins);
	r->a.other = &r->b;
	r->b.other = &r->a;
	expect_elsewhere(&r->elsewhere, write(r->pair_a[1], "x", 1) + write(r->pair_b[1], "x", 1) == 2);
	expect_elsewhere(&r->elsewhere, watch_set(&r->a.watch, EPOLLIN) == ERR_OK);
	expect_elsewhere(&r->elsewhere, watch_set(&r->b.watch, EPOLLIN) == ERR_OK);
}

static void a_watch_removed_in_the_same_turn_is_not_called(void **unused)
{
	struct rivals r = { 0 };

	(void)unused;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, r.pair_a) + socketpair(AF_UNIX, SOCK_STREAM, 0, r.pair_b),
			 0);
	assert_int_equal(loop_start(clock_real(), &r.loop), ERR_OK);
	loop_call(r.loop, set_rivals, &r);
	for (int i = 0; i < 3; i++)
		loop_call(r.loop, nothing, NULL);
	loop_stop(&r.loop);
	judge_elsewhere(&r.elsewhere);
	assert_int_equal(r.a.seen + r.b.seen, 1);
	for (int i = 0; i < 2; i++) {
		close(r.pair_a[i]);
		close(r.pair_b[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_come_out_by_deadline_whatever_is_set_and_cleared),
		cmocka_unit_test(a_timer_fires_once_and_not_a_millisecond_early),
		cmocka_unit_test(tasks_of_many_threads_run_once_and_in_order_on_the_loop),
		cmocka_unit_test(deferred_work_runs_once_a_turn_and_can_be_cancelled),
		cmocka_unit_test(a_watch_removed_in_the_same_turn_is_not_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
