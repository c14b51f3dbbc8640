/* The worker pool: every job runs once, the queue has an end, stopping runs what is queued. */
#include <gateway/net/pool.h>

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <cmocka.h>

enum { JOBS = 200 };

/* A job that waits until the gate opens. */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t opened;
	bool open;
	_Atomic unsigned entered, left, not_workers;
};

struct gated_job {
	struct job job;
	struct gate *gate;
};

static void pass_gate(struct job *job, struct worker *w)
{
	struct gate *g = container_of(job, struct gated_job, job)->gate;

	if (!pool_is_worker() || !arena_alloc(w->arena, 16))
		atomic_fetch_add(&g->not_workers, 1);
	atomic_fetch_add(&g->entered, 1);
	pthread_mutex_lock(&g->lock);
	while (!g->open)
		pthread_cond_wait(&g->opened, &g->lock);
	pthread_mutex_unlock(&g->lock);
	atomic_fetch_add(&g->left, 1);
}

static void gate_init(struct gate *g, bool open)
{
	*g = (struct gate){ .open = open };
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->opened, NULL);
}

static void gate_open(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->open = true;
	pthread_cond_broadcast(&g->opened);
	pthread_mutex_unlock(&g->lock);
}

static void every_job_runs_once_on_a_worker(void **unused)
{
	static struct gated_job jobs[JOBS];
	struct pool *p = NULL;
	struct gate g;

	(void)unused;
	gate_init(&g, true);
	assert_int_equal(pool_start(4, JOBS, &p), ERR_OK);
	for (size_t i = 0; i < JOBS; i++) {
		jobs[i] = (struct gated_job){ { NULL, pass_gate }, &g };
		assert_true(pool_submit(p, &jobs[i].job));
	}
	pool_stop(&p);
	assert_null(p);
	assert_int_equal(g.left, JOBS);
	assert_int_equal(g.not_workers, 0);
	assert_false(pool_is_worker());
}

static void a_full_queue_refuses_and_takes_nothing(void **unused)
{
	enum { QUEUE = 3 };
	struct gated_job jobs[QUEUE + 2];
	struct pool *p = NULL;
	struct gate g;

	(void)unused;
	gate_init(&g, false);
	assert_int_equal(pool_start(1, QUEUE, &p), ERR_OK);
	for (size_t i = 0; i < countof(jobs); i++)
		jobs[i] = (struct gated_job){ { NULL, pass_gate }, &g };
	assert_true(pool_submit(p, &jobs[0].job));
	while (!atomic_load(&g.entered))
		sched_yield();
	for (size_t i = 1; i <= QUEUE; i++)
		assert_true(pool_submit(p, &jobs[i].job));
	assert_false(pool_submit(p, &jobs[QUEUE + 1].job));
	gate_open(&g);
	pool_stop(&p);
	assert_int_equal(g.left, QUEUE + 1);
}

static void the_number_of_threads_has_limits(void **unused)
{
	static const struct {
		const char *what;
		unsigned threads;
		enum err err;
	} cases[] = {
		{ "none", 0, ERR_INVALID },
		{ "one", 1, ERR_OK },
		{ "the most", POOL_MAX_THREADS, ERR_OK },
		{ "one past the most", POOL_MAX_THREADS + 1, ERR_INVALID },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct pool *p = NULL;
		enum err e = pool_start(cases[i].threads, 1, &p);

		if (e != cases[i].err)
			fail_msg("%s: %s", cases[i].what, err_text(e));
		pool_stop(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_runs_once_on_a_worker),
		cmocka_unit_test(a_full_queue_refuses_and_takes_nothing),
		cmocka_unit_test(the_number_of_threads_has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
