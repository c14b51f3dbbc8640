/* The push thread: rests until the wheel has work, or until it is hurried or stopped. */
#include "registry.h"

#include <time.h>

enum { MS_PER_S = 1000, NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

static struct timespec real_in(int64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / MS_PER_S;
	t.tv_nsec += ms % MS_PER_S * NS_PER_MS;
	if (t.tv_nsec >= NS_PER_S) {
		t.tv_nsec -= NS_PER_S;
		t.tv_sec++;
	}
	return t;
}

void push_thread_hurry(struct push *p, uint64_t tick)
{
	if (p->running && tick < p->rests_until)
		pthread_cond_signal(&p->rested);
}

/* One rest, which may end early. False when it is time to end. The lock is taken and left. */
static bool rest(struct push *p)
{
	bool go_on;

	pthread_mutex_lock(&p->lock);
	if (!p->stop && !wheel_next(&p->wheel, &p->rests_until)) {
		pthread_cond_wait(&p->rested, &p->lock);
	} else if (!p->stop) {
		struct timespec until = real_in(push_ms_to(p, p->rests_until));

		pthread_cond_timedwait(&p->rested, &p->lock, &until);
	}
	p->rests_until = UINT64_MAX;
	go_on = !p->stop;
	pthread_mutex_unlock(&p->lock);
	return go_on;
}

static void *run(void *arg)
{
	struct push *p = arg;

	do
		push_advance(p);
	while (rest(p));
	return NULL;
}

enum err push_start(struct push *p)
{
	bool started;

	pthread_mutex_lock(&p->lock); /* held, so that the thread's first rest finds `running` set */
	p->stop = false;
	p->running = started = pthread_create(&p->thread, NULL, run, p) == 0;
	pthread_mutex_unlock(&p->lock);
	return started ? ERR_OK : ERR_IO;
}

void push_stop(struct push *p)
{
	pthread_mutex_lock(&p->lock);
	if (!p->running) {
		pthread_mutex_unlock(&p->lock);
		return;
	}
	p->running = false;
	p->stop = true;
	pthread_cond_signal(&p->rested);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
}
