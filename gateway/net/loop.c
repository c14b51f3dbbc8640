/* The I/O loop's thread: events, then posted tasks, then timers, then deferred work, and again. */
#include <gateway/net/loop.h>

#include <base/mem.h>
#include <gateway/net/timers.h>

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { LOOP_EVENTS_A_TURN = 256 };

struct loop {
	const struct clock *clock;
	pthread_t thread;
	int epoll, event;
	struct watch event_watch;
	struct timers timers;
	struct list deferred;
	bool stopping; /* set by a task */
	char *scratch;

	pthread_mutex_t lock; /* guards what follows; nothing else is locked while it is held */
	struct task *head, **tail;
};

static _Thread_local const struct loop *current_loop;

bool loop_is_current(const struct loop *l)
{
	return current_loop == l;
}

int64_t loop_now_ms(const struct loop *l)
{
	return clock_mono_ms(l->clock);
}

const struct clock *loop_clock(const struct loop *l)
{
	return l->clock;
}

char *loop_scratch(struct loop *l)
{
	return l->scratch;
}

void loop_kick(struct loop *l)
{
	uint64_t one = 1;

	/* Fails only where the counter is full, and then the loop is about to wake anyway. */
	if (write(l->event, &one, sizeof(one)) < 0)
		assert(errno == EAGAIN);
}

void loop_post(struct loop *l, struct task *t)
{
	bool was_empty;

	t->next = NULL;
	pthread_mutex_lock(&l->lock);
	was_empty = !l->head;
	*l->tail = t;
	l->tail = &t->next;
	/* Kicked under the lock: once the loop can see the task it may end, and with it the event descriptor. */
	if (was_empty)
		loop_kick(l);
	pthread_mutex_unlock(&l->lock);
}

struct call {
	struct task task;
	void (*fn)(void *arg);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t done_cond;
	bool done;
};

static void call_run(struct task *t)
{
	struct call *c = container_of(t, struct call, task);

	c->fn(c->arg);
	pthread_mutex_lock(&c->lock);
	c->done = true;
	pthread_cond_signal(&c->done_cond);
	pthread_mutex_unlock(&c->lock);
}

void loop_call(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct call c = { .task.run = call_run, .fn = fn, .arg = arg };

	assert(!current_loop);
	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.done_cond, NULL);
	loop_post(l, &c.task);
	pthread_mutex_lock(&c.lock);
	while (!c.done)
		pthread_cond_wait(&c.done_cond, &c.lock);
	pthread_mutex_unlock(&c.lock);
	pthread_cond_destroy(&c.done_cond);
	pthread_mutex_destroy(&c.lock);
}

void watch_init(struct watch *w, struct loop *l, int fd, void (*ready)(struct watch *w, uint32_t events))
{
	*w = (struct watch){ .loop = l, .fd = fd, .ready = ready };
}

enum err watch_set(struct watch *w, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };
	int op = !events ? EPOLL_CTL_DEL : w->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (events == w->events)
		return ERR_OK;
	if (epoll_ctl(w->loop->epoll, op, w->fd, &ev))
		return ERR_IO;
	w->events = events;
	return ERR_OK;
}

void watch_remove(struct watch *w)
{
	int rc = w->events ? epoll_ctl(w->loop->epoll, EPOLL_CTL_DEL, w->fd, NULL) : 0;

	assert(!rc); /* else the descriptor was closed before */
	w->events = 0;
}

void timer_set(struct loop *l, struct timer *t, int64_t at_ms)
{
	timers_set(&l->timers, t, at_ms);
}

void timer_clear(struct loop *l, struct timer *t)
{
	timers_clear(&l->timers, t);
}

void deferred_init(struct deferred *d, void (*run)(struct deferred *d))
{
	list_init(&d->node);
	d->run = run;
}

void loop_defer(struct loop *l, struct deferred *d)
{
	if (list_empty(&d->node))
		list_append(&l->deferred, &d->node);
}

void deferred_cancel(struct deferred *d)
{
	list_remove(&d->node);
}

static void event_ready(struct watch *w, uint32_t events)
{
	uint64_t count;

	(void)events;
	if (read(w->fd, &count, sizeof(count)) < 0)
		assert(errno == EAGAIN || errno == EINTR);
}

static int wait_ms(const struct loop *l)
{
	const struct timer *first = timers_first(&l->timers);
	int64_t left;

	if (!list_empty(&l->deferred))
		return 0;
	if (!first)
		return -1;
	left = first->at_ms - loop_now_ms(l);
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static void run_events(struct loop *l)
{
	struct epoll_event events[LOOP_EVENTS_A_TURN];
	int n = epoll_wait(l->epoll, events, LOOP_EVENTS_A_TURN, wait_ms(l));

	for (int i = 0; i < n; i++) {
		struct watch *w = events[i].data.ptr;

		if (w->events) /* else removed by a former event of this turn */
			w->ready(w, events[i].events);
	}
}

static void run_posted(struct loop *l)
{
	struct task *t;

	pthread_mutex_lock(&l->lock);
	t = l->head;
	l->head = NULL;
	l->tail = &l->head;
	pthread_mutex_unlock(&l->lock);
	while (t) {
		struct task *next = t->next;

		t->run(t);
		t = next;
	}
}

static void run_timers(struct loop *l)
{
	int64_t now = loop_now_ms(l);
	struct timer *t;

	while ((t = timers_first(&l->timers)) && t->at_ms <= now) {
		timers_clear(&l->timers, t);
		t->fire(t);
	}
}

/* What defers itself again has its next turn after the events that wait. */
static void run_deferred(struct loop *l)
{
	struct list now;

	list_init(&now);
	if (list_empty(&l->deferred))
		return;
	list_append(&l->deferred, &now);
	list_remove(&l->deferred);
	while (!list_empty(&now)) {
		struct deferred *d = list_entry(now.next, struct deferred, node);

		list_remove(&d->node);
		d->run(d);
	}
}

static void *loop_main(void *arg)
{
	struct loop *l = arg;

	current_loop = l;
	while (!l->stopping) {
		run_events(l);
		run_posted(l);
		run_timers(l);
		run_deferred(l);
	}
	return NULL;
}

static void loop_free(struct loop *l)
{
	assert(l->timers.n == 0);
	timers_release(&l->timers);
	pthread_mutex_destroy(&l->lock);
	if (l->event >= 0)
		close(l->event);
	if (l->epoll >= 0)
		close(l->epoll);
	free(l->scratch);
	free(l);
}

enum err loop_start(const struct clock *clock, struct loop **ret)
{
	struct loop *l = mem_alloc(sizeof(*l));

	l->clock = clock;
	l->scratch = mem_alloc(LOOP_SCRATCH_BYTES);
	l->tail = &l->head;
	list_init(&l->deferred);
	pthread_mutex_init(&l->lock, NULL);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epoll < 0 || l->event < 0)
		goto fail;
	watch_init(&l->event_watch, l, l->event, event_ready);
	if (watch_set(&l->event_watch, EPOLLIN) || pthread_create(&l->thread, NULL, loop_main, l))
		goto fail;
	*ret = l;
	return ERR_OK;
fail:
	loop_free(l);
	return ERR_IO;
}

static void stop_run(void *arg)
{
	struct loop *l = arg;

	l->stopping = true;
}

void loop_stop(struct loop **lp)
{
	struct loop *l = *lp;

	if (!l)
		return;
	loop_call(l, stop_run, l);
	pthread_join(l->thread, NULL);
	loop_free(l);
	*lp = NULL;
}
