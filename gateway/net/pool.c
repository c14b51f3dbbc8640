/* The worker pool: a bounded queue under one mutex, and threads that take from it. */
#include <gateway/net/pool.h>

#include <base/mem.h>

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct job *head, **tail;
	size_t queue_max;
	_Atomic size_t queued;
	_Atomic uint64_t begun;
	bool stopping;
	unsigned threads;
	pthread_t thread[POOL_MAX_THREADS];
	unsigned started; /* gives each thread its index */
};

static _Thread_local bool is_worker;

bool pool_is_worker(void)
{
	return is_worker;
}

/* The next job; NULL once the pool is stopping and the queue is empty. */
static struct job *pool_take(struct pool *p)
{
	struct job *job;

	pthread_mutex_lock(&p->lock);
	while (!p->head && !p->stopping)
		pthread_cond_wait(&p->filled, &p->lock);
	job = p->head;
	if (job) {
		p->head = job->next;
		if (!p->head)
			p->tail = &p->head;
		p->queued--;
		p->begun++;
	}
	pthread_mutex_unlock(&p->lock);
	return job;
}

size_t pool_waiting(const struct pool *p)
{
	return p->queued;
}

uint64_t pool_done(const struct pool *p)
{
	return p->begun;
}

static unsigned pool_next_index(struct pool *p)
{
	unsigned index;

	pthread_mutex_lock(&p->lock);
	index = p->started++;
	pthread_mutex_unlock(&p->lock);
	return index;
}

static void *worker_main(void *arg)
{
	struct pool *p = arg;
	struct arena arena = ARENA_INIT(POOL_ARENA_MAX_BYTES);
	struct worker w = { .arena = &arena, .index = pool_next_index(p) };
	struct job *job;

	is_worker = true;
	while ((job = pool_take(p))) {
		job->run(job, &w);
		arena_reset(&arena);
	}
	arena_release(&arena);
	return NULL;
}

enum err pool_start(unsigned threads, size_t queue_max, struct pool **ret)
{
	struct pool *p;

	if (threads == 0 || threads > POOL_MAX_THREADS)
		return ERR_INVALID;
	p = mem_alloc(sizeof(*p));
	p->tail = &p->head;
	p->queue_max = queue_max;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->filled, NULL);
	for (; p->threads < threads; p->threads++)
		if (pthread_create(&p->thread[p->threads], NULL, worker_main, p)) {
			pool_stop(&p);
			return ERR_IO;
		}
	*ret = p;
	return ERR_OK;
}

bool pool_submit(struct pool *p, struct job *job)
{
	bool taken;

	assert(job->run);
	pthread_mutex_lock(&p->lock);
	taken = !p->stopping && p->queued < p->queue_max;
	if (taken) {
		job->next = NULL;
		*p->tail = job;
		p->tail = &job->next;
		p->queued++;
	}
	pthread_mutex_unlock(&p->lock);
	/* Who is woken under the lock would wait for it at once, and sleep again. */
	if (taken)
		pthread_cond_signal(&p->filled);
	return taken;
}

void pool_drain(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->filled);
	pthread_mutex_unlock(&p->lock);
	for (; p->threads; p->threads--)
		pthread_join(p->thread[p->threads - 1], NULL);
}

void pool_stop(struct pool **pp)
{
	struct pool *p = *pp;

	if (!p)
		return;
	pool_drain(p);
	pthread_cond_destroy(&p->filled);
	pthread_mutex_destroy(&p->lock);
	free(p);
	*pp = NULL;
}
