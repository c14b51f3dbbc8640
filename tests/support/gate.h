/* Workers that stand still until the test lets them go, so that what is asked meanwhile waits in line. */
#ifndef TESTS_SUPPORT_GATE_H
#define TESTS_SUPPORT_GATE_H

#include <base/mem.h>
#include <gateway/net/pool.h>
#include <tests/support/client.h>

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { GATE_MAX_WORKERS = 4 };

struct gate;
struct gate_stand {
	struct job job;
	struct gate *gate;
};
struct gate {
	struct pool *pool;
	sem_t go;
	atomic_uint left; /* workers that stand no more, and touch it no more */
	struct gate_stand stands[GATE_MAX_WORKERS];
	unsigned workers;
	uint64_t begun; /* jobs, the gate's own among them */
};

static inline void gate_stand(struct job *job, struct worker *w)
{
	struct gate *g = container_of(job, struct gate_stand, job)->gate;

	(void)w;
	while (sem_wait(&g->go))
		;
	atomic_fetch_add(&g->left, 1);
}

static inline bool gate_all_stand(void *arg)
{
	const struct gate *g = arg;

	return pool_done(g->pool) >= g->begun;
}

/* All workers of a pool that is at rest; *g stays where it is until gate_open() has returned. */
static inline void gate_shut(struct gate *g, struct pool *pool, unsigned workers)
{
	assert_true(workers <= GATE_MAX_WORKERS);
	*g = (struct gate){ .pool = pool, .workers = workers, .begun = pool_done(pool) + workers };
	sem_init(&g->go, 0, 0);
	for (unsigned i = 0; i < workers; i++) {
		g->stands[i] = (struct gate_stand){ { .run = gate_stand }, g };
		assert_true(pool_submit(pool, &g->stands[i].job));
	}
	client_await(gate_all_stand, g, "the workers stand");
}

static inline bool gate_has_line(void *arg)
{
	const struct gate *g = arg;

	return pool_waiting(g->pool) > 0;
}

/* Something waits in line now. */
static inline void gate_await_line(struct gate *g)
{
	client_await(gate_has_line, g, "a job in line");
}

static inline bool gate_is_left(void *arg)
{
	struct gate *g = arg;

	return atomic_load(&g->left) == g->workers;
}

static inline void gate_open(struct gate *g)
{
	for (unsigned i = 0; i < g->workers; i++)
		sem_post(&g->go);
	client_await(gate_is_left, g, "the workers go on");
	sem_destroy(&g->go);
}

/* Jobs that were begun behind it. */
static inline uint64_t gate_passed(const struct gate *g)
{
	return pool_done(g->pool) - g->begun;
}

#endif
