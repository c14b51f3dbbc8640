/*
 * The registry: watches by (mailbox, folder), by owner and by deadline. Whatever ends a watch does the same three
 * steps: mark it under the lock (mark), take it out of every index under the lock (detach_marked), fire it without the
 * lock (fire_marked). Marking first and detaching after keeps the lists still while they are walked.
 */
#include "registry.h"

#include <base/mem.h>

#include <assert.h>
#include <stdlib.h>

static_assert(sizeof(struct push_watch) <= PUSH_WATCH_BYTES, "the figure in push.h");
static_assert(sizeof(struct topic_link) <= PUSH_FOLDER_BYTES, "the figure in push.h");
static_assert(sizeof(struct topic) <= PUSH_TOPIC_BYTES, "the figure in push.h");
static_assert(2 * PUSH_MAX_FOLDERS + 2 <= UINT16_MAX, "links_n holds it");

static void unref(struct push_watch *w)
{
	if (atomic_fetch_sub(&w->refs, 1) == 1)
		free(w);
}

static struct push_watch *owner_find(const struct push *p, uint64_t owner)
{
	struct hash_node *node = hash_first(&p->owners, hash_of(owner, 0));

	for (; node; node = hash_next(node)) {
		struct push_watch *w = container_of(node, struct push_watch, by_owner);

		if (w->owner == owner)
			return w;
	}
	return NULL;
}

static void detach(struct push *p, struct push_watch *w)
{
	w->waiting = false;
	wheel_remove(&p->wheel, &w->timer);
	if (w->owner)
		hash_remove(&p->owners, &w->by_owner);
	topic_unsubscribe(&p->topics, w);
	atomic_fetch_sub(&p->count, 1);
}

static void mark(struct push_watch *w, enum push_reason reason, struct push_watch **marked)
{
	if (!w->waiting)
		return;
	w->waiting = false;
	w->reason = (uint8_t)reason;
	w->next_marked = *marked;
	*marked = w;
}

static void detach_marked(struct push *p, struct push_watch *marked)
{
	for (struct push_watch *w = marked; w; w = w->next_marked)
		detach(p, w);
}

static void fire_marked(struct push_watch *marked)
{
	for (struct push_watch *w = marked, *next; w; w = next) {
		next = w->next_marked;
		w->fire(w->ctx, (enum push_reason)w->reason);
		unref(w);
	}
}

/* Calls mark for every watch that one of the functions below selects; the wheel knows them all. */
static void mark_where(struct push *p, bool (*wanted)(const struct push_watch *w, int64_t id), int64_t id,
		       enum push_reason reason, struct push_watch **marked)
{
	for (unsigned level = 0; level < WHEEL_LEVELS; level++)
		for (unsigned slot = 0; slot < WHEEL_SLOTS; slot++)
			list_for_each (it, &p->wheel.slots[level][slot]) {
				struct push_watch *w = list_entry(it, struct push_watch, timer.link);

				if (wanted(w, id))
					mark(w, reason, marked);
			}
}

static bool of_device(const struct push_watch *w, int64_t id)
{
	return id && w->device == id;
}

static bool of_account(const struct push_watch *w, int64_t id)
{
	return id && w->account == id;
}

static bool of_anybody(const struct push_watch *w, int64_t id)
{
	(void)w, (void)id;
	return true;
}

static void end_where(struct push *p, bool (*wanted)(const struct push_watch *w, int64_t id), int64_t id,
		      enum push_reason reason)
{
	struct push_watch *marked = NULL;

	pthread_mutex_lock(&p->lock);
	if (reason == PUSH_SHUTDOWN)
		p->shutdown = true;
	mark_where(p, wanted, id, reason, &marked);
	detach_marked(p, marked);
	pthread_mutex_unlock(&p->lock);
	fire_marked(marked);
}

void push_end_device(struct push *p, int64_t device)
{
	atomic_fetch_add(&p->acts, 1);
	end_where(p, of_device, device, PUSH_ENDED);
}

void push_end_account(struct push *p, int64_t account)
{
	atomic_fetch_add(&p->acts, 1);
	end_where(p, of_account, account, PUSH_ENDED);
}

uint64_t push_acts(const struct push *p)
{
	return atomic_load(&p->acts);
}

void push_shutdown(struct push *p)
{
	end_where(p, of_anybody, 0, PUSH_SHUTDOWN);
}

void push_end_owner(struct push *p, uint64_t owner)
{
	struct push_watch *marked = NULL, *w;

	pthread_mutex_lock(&p->lock);
	w = owner ? owner_find(p, owner) : NULL;
	if (w)
		mark(w, PUSH_ENDED, &marked);
	detach_marked(p, marked);
	pthread_mutex_unlock(&p->lock);
	fire_marked(marked);
}

static void mark_watchers(struct push *p, const struct push_change *c, struct push_watch **marked)
{
	struct topic *t = topic_find(&p->topics, c->mailbox, c->folder);

	if (!t)
		return;
	list_for_each (it, &t->links) {
		struct push_watch *w = list_entry(it, struct topic_link, at)->watch;

		if (c->author <= 0 || c->author != w->device)
			mark(w, PUSH_CHANGE, marked);
	}
}

void push_publish(struct push *p, const struct push_change *changes, size_t n)
{
	struct push_watch *marked = NULL;

	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < n; i++)
		mark_watchers(p, &changes[i], &marked);
	detach_marked(p, marked);
	pthread_mutex_unlock(&p->lock);
	fire_marked(marked);
}

int64_t push_advance(struct push *p)
{
	struct push_watch *marked = NULL;
	struct list due;
	uint64_t tick;
	int64_t rest = -1;

	list_init(&due);
	pthread_mutex_lock(&p->lock);
	wheel_advance(&p->wheel, push_now_tick(p), &due);
	list_for_each (it, &due)
		mark(list_entry(it, struct push_watch, timer.link), PUSH_DEADLINE, &marked);
	detach_marked(p, marked);
	if (wheel_next(&p->wheel, &tick))
		rest = push_ms_to(p, tick);
	pthread_mutex_unlock(&p->lock);
	fire_marked(marked);
	return rest;
}

/* A deadline between two ticks is met at the later one. */
static uint64_t tick_not_before(int64_t deadline_ms)
{
	return deadline_ms <= 0 ? 0 : ((uint64_t)deadline_ms + PUSH_TICK_MS - 1) / PUSH_TICK_MS;
}

/* All of them, chained as marked ones are; none is marked. */
static struct push_watch *chain_all(struct push *p, uint64_t *ret_n)
{
	struct push_watch *chain = NULL;

	*ret_n = 0;
	for (unsigned level = 0; level < WHEEL_LEVELS; level++)
		for (unsigned slot = 0; slot < WHEEL_SLOTS; slot++)
			list_for_each (it, &p->wheel.slots[level][slot]) {
				struct push_watch *w = list_entry(it, struct push_watch, timer.link);

				w->next_marked = chain;
				chain = w;
				++*ret_n;
			}
	return chain;
}

void push_hasten(struct push *p, int64_t within_ms)
{
	uint64_t ticks = tick_not_before(within_ms), first, n, i = 0;

	atomic_fetch_add(&p->acts, 1);
	pthread_mutex_lock(&p->lock);
	first = push_now_tick(p) + 1;
	for (struct push_watch *w = chain_all(p, &n); w; w = w->next_marked, i++) {
		uint64_t tick = first + i * ticks / n;

		if (tick >= w->timer.tick)
			continue;
		wheel_remove(&p->wheel, &w->timer);
		w->timer.tick = tick;
		wheel_add(&p->wheel, &w->timer);
		push_thread_hurry(p, tick);
	}
	pthread_mutex_unlock(&p->lock);
}

static struct push_watch *watch_new(const struct push_watch_args *a)
{
	size_t links_n = a->folders_n + a->hierarchy + 1 + 2 * a->elsewhere_n; /* and each mailbox as a whole */
	struct push_watch *w = mem_alloc(sizeof(*w) + links_n * sizeof(w->links[0]));

	w->timer.tick = tick_not_before(a->deadline_ms);
	w->owner = a->owner;
	w->account = a->account;
	w->device = a->device;
	w->fire = a->fire;
	w->ctx = a->ctx;
	atomic_init(&w->refs, 2);
	return w;
}

static void attach(struct push *p, struct push_watch *w, const struct push_watch_args *a)
{
	w->waiting = true;
	wheel_add(&p->wheel, &w->timer);
	if (w->owner)
		hash_add(&p->owners, &w->by_owner, hash_of(w->owner, 0));
	for (size_t i = 0; i < a->folders_n; i++)
		topic_subscribe(&p->topics, w, a->mailbox, a->folders[i]);
	if (a->hierarchy)
		topic_subscribe(&p->topics, w, a->mailbox, 0);
	topic_subscribe(&p->topics, w, a->mailbox, PUSH_ANY_FOLDER);
	for (size_t i = 0; i < a->elsewhere_n; i++) {
		topic_subscribe(&p->topics, w, a->elsewhere[i].mailbox, a->elsewhere[i].folder);
		topic_subscribe(&p->topics, w, a->elsewhere[i].mailbox, PUSH_ANY_FOLDER);
	}
	atomic_fetch_add(&p->count, 1);
}

enum err push_watch(struct push *p, const struct push_watch_args *a, struct push_watch **ret)
{
	struct push_watch *marked = NULL, *older, *w;

	if (a->folders_n > PUSH_MAX_FOLDERS || a->elsewhere_n > PUSH_MAX_FOLDERS - a->folders_n)
		return ERR_LIMIT;
	w = watch_new(a);
	*ret = w;

	pthread_mutex_lock(&p->lock);
	older = w->owner ? owner_find(p, w->owner) : NULL;
	if (older)
		mark(older, PUSH_SUPERSEDED, &marked);
	detach_marked(p, marked);
	attach(p, w, a);
	if (p->shutdown) {
		mark(w, PUSH_SHUTDOWN, &marked);
		detach(p, w);
	}
	push_thread_hurry(p, w->timer.tick);
	pthread_mutex_unlock(&p->lock);
	fire_marked(marked);
	return ERR_OK;
}

bool push_drop(struct push *p, struct push_watch **wp)
{
	struct push_watch *w = *wp;
	bool waited;

	if (!w)
		return true;
	*wp = NULL;
	pthread_mutex_lock(&p->lock);
	waited = w->waiting;
	if (waited)
		detach(p, w);
	pthread_mutex_unlock(&p->lock);
	if (waited)
		free(w);
	else
		unref(w);
	return waited;
}

size_t push_count(const struct push *p)
{
	return atomic_load(&p->count);
}

struct push *push_new(const struct clock *clock)
{
	struct push *p = mem_alloc(sizeof(*p));
	pthread_condattr_t attr;

	p->clock = clock;
	p->rests_until = UINT64_MAX;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->rested, &attr);
	pthread_condattr_destroy(&attr);
	hash_init(&p->topics);
	hash_init(&p->owners);
	wheel_init(&p->wheel, push_now_tick(p));
	return p;
}

void push_free(struct push **pp)
{
	struct push *p = *pp;

	if (!p)
		return;
	*pp = NULL;
	assert(push_count(p) == 0 && !p->running);
	hash_release(&p->topics);
	hash_release(&p->owners);
	pthread_cond_destroy(&p->rested);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
