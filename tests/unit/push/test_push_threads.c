/* The promises between threads: exactly one of fire and a true push_drop(), and a push thread that is never late. */
#include <push/push.h>

#include <base/mem.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

enum { ROUNDS = 20000, FOLDER = 4, GUARD_MS = 120000 };

/* ctx of a watch: freed by whichever of fire and drop it is that has it, so that a sanitizer sees both or neither. */
struct token {
	_Atomic unsigned *ended;
};

static void token_end(struct token *t)
{
	atomic_fetch_add(t->ended, 1);
	free(t);
}

static void fire_token(void *ctx, enum push_reason reason)
{
	(void)reason;
	token_end(ctx);
}

struct race {
	struct push *push;
	_Atomic unsigned ended;
	_Atomic _Bool over;
};

static void *publish_until_over(void *arg)
{
	struct race *r = arg;
	const struct push_change c = { 1, FOLDER, 1, 0 };

	while (!atomic_load(&r->over))
		push_publish(r->push, &c, 1);
	return NULL;
}

/* Registers and drops as fast as it can; `owner` is shared by two threads, so that they supersede each other too. */
static void *watch_and_drop(void *arg)
{
	struct race *r = arg;
	const int64_t folder = FOLDER;

	for (int i = 0; i < ROUNDS; i++) {
		struct token *t = mem_alloc(sizeof(*t));
		struct push_watch *w;

		t->ended = &r->ended;
		if (push_watch(r->push,
			       &(struct push_watch_args){ .mailbox = 1,
							  .owner = 9,
							  .folders = &folder,
							  .folders_n = 1,
							  .deadline_ms = clock_mono_ms(clock_real()) + i % 3,
							  .fire = fire_token,
							  .ctx = t },
			       &w))
			abort();
		if (push_drop(r->push, &w))
			token_end(t);
	}
	return NULL;
}

static void each_watch_is_either_fired_or_dropped(void **unused)
{
	struct race r = { .push = push_new(clock_real()) };
	pthread_t publisher, watchers[2];

	(void)unused;
	assert_int_equal(push_start(r.push), ERR_OK);
	assert_int_equal(pthread_create(&publisher, NULL, publish_until_over, &r), 0);
	for (size_t i = 0; i < countof(watchers); i++)
		assert_int_equal(pthread_create(&watchers[i], NULL, watch_and_drop, &r), 0);
	for (size_t i = 0; i < countof(watchers); i++)
		pthread_join(watchers[i], NULL);
	atomic_store(&r.over, true);
	pthread_join(publisher, NULL);
	push_stop(r.push);
	assert_int_equal(r.ended, ROUNDS * countof(watchers));
	assert_int_equal(push_count(r.push), 0);
	push_free(&r.push);
}

struct bell {
	sem_t rung;
	int64_t at_ms;
};

static void ring(void *ctx, enum push_reason reason)
{
	struct bell *b = ctx;

	if (reason != PUSH_DEADLINE)
		abort();
	b->at_ms = clock_mono_ms(clock_real());
	sem_post(&b->rung);
}

/* A rest that is set for a far deadline must be cut short by a nearer one, or the test's guard ends it. */
static void the_push_thread_meets_a_nearer_deadline_that_comes_while_it_rests(void **unused)
{
	struct push *p = push_new(clock_real());
	int64_t start = clock_mono_ms(clock_real());
	struct bell far, near;
	struct push_watch *w[2];
	struct timespec guard;

	(void)unused;
	sem_init(&far.rung, 0, 0);
	sem_init(&near.rung, 0, 0);
	assert_int_equal(push_start(p), ERR_OK);
	assert_int_equal(
		push_watch(p, &(struct push_watch_args){ .deadline_ms = start + 3600000, .fire = ring, .ctx = &far },
			   &w[0]),
		ERR_OK);
	assert_int_equal(push_watch(p,
				    &(struct push_watch_args){ .deadline_ms = start + 150, .fire = ring, .ctx = &near },
				    &w[1]),
			 ERR_OK);
	clock_gettime(CLOCK_REALTIME, &guard);
	guard.tv_sec += GUARD_MS / 1000;
	assert_int_equal(sem_timedwait(&near.rung, &guard), 0);
	assert_true(near.at_ms >= start + 150);
	push_stop(p);
	push_stop(p);
	assert_true(push_drop(p, &w[0]));
	assert_false(push_drop(p, &w[1]));
	push_free(&p);
	sem_destroy(&far.rung);
	sem_destroy(&near.rung);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_watch_is_either_fired_or_dropped),
		cmocka_unit_test(the_push_thread_meets_a_nearer_deadline_that_comes_while_it_rests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
