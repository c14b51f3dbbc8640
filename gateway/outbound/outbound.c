/* The threads of the queue: who takes which entry, and when to look. */
#include <gateway/outbound/outbound.h>

#include <base/log.h>
#include <base/mem.h>
#include <gateway/mailbox/outbox.h>
#include <gateway/net/pool.h>
#include <gateway/outbound/attempt.h>

#include <pthread.h>
#include <stdlib.h>

enum { ARENA_BYTES = 32 * 1024 * 1024 };

struct taker {
	struct job job;
	struct outbound *outbound;
	bool busy;     /* in the pool, or at work */
	int64_t entry; /* at work on it; 0: none */
};

struct outbound {
	struct outbound_args args;
	struct pool *pool;
	pthread_mutex_t lock; /* of what follows; held for moments, never over the store */
	struct taker takers[OUTBOUND_THREADS];
	uint64_t woken;  /* so many times */
	struct job look; /* through the outboxes of the mailboxes */
	bool looking, left;
	int64_t look_ms; /* not before; monotonic */
	atomic_bool stopping;
};

int64_t outbound_retry_after_ms(unsigned attempts)
{
	int64_t ms = OUTBOUND_RETRY_FIRST_MS;

	for (unsigned i = 1; i < attempts && ms < OUTBOUND_RETRY_MAX_MS; i++)
		ms *= 2;
	return ms < OUTBOUND_RETRY_MAX_MS ? ms : OUTBOUND_RETRY_MAX_MS;
}

/* ---- taking ---- */

static enum err list_due(struct outbound *o, int64_t *ids, size_t limit, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(o->args.service->store, STORE_DIRECTORY, STORE_READ, &tx));
	return queue_due(tx, clock_wall_ms(o->args.service->clock), ids, limit, ret_n);
}

static bool is_taken(const struct outbound *o, int64_t id)
{
	for (size_t i = 0; i < countof(o->takers); i++)
		if (o->takers[i].entry == id)
			return true;
	return false;
}

/* With the lock held: the first that nobody is at. */
static bool take_free(struct taker *t, const int64_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (is_taken(t->outbound, ids[i]))
			continue;
		t->entry = ids[i];
		return true;
	}
	return false;
}

/* With the lock held: one more thread looks, if one is at rest. */
static void send_one(struct outbound *o)
{
	for (size_t i = 0; !o->stopping && o->pool && i < countof(o->takers); i++) {
		if (o->takers[i].busy)
			continue;
		o->takers[i].busy = pool_submit(o->pool, &o->takers[i].job);
		return;
	}
}

/*
 * False: the taker is at rest. What was committed before a wake is found: either by this look, or, where the wake came
 * after it began, by the next one, since the count has changed.
 */
static bool take_next(struct taker *t)
{
	struct outbound *o = t->outbound;
	int64_t ids[OUTBOUND_THREADS + 1];
	uint64_t woken;
	size_t n;

	for (;;) {
		pthread_mutex_lock(&o->lock);
		t->entry = 0;
		woken = o->woken;
		pthread_mutex_unlock(&o->lock);
		enum err e = list_due(o, ids, countof(ids), &n);
		if (e) {
			log_error("outbound", "error=%s", log_quote(str_of(err_text(e))).text);
			n = 0;
		}
		pthread_mutex_lock(&o->lock);
		bool taken = !o->stopping && take_free(t, ids, n);
		bool again = !taken && !o->stopping && woken != o->woken;
		t->busy = taken || again;
		if (taken && n > 1)
			send_one(o);
		pthread_mutex_unlock(&o->lock);
		if (!again)
			return taken;
	}
}

static enum err postpone(struct outbound *o, int64_t entry)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t now = clock_wall_ms(o->args.service->clock);

	TRY(store_begin(o->args.service->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(queue_postpone(tx, entry, now + OUTBOUND_RETRY_FIRST_MS));
	return store_commit(&tx);
}

/* An entry that cannot be handled steps behind the others. An error: the directory refuses that, too. */
static enum err handle(struct outbound *o, int64_t entry, struct arena *a)
{
	const struct attempt_args args = { o->args.service, o->args.relay, &o->stopping, entry };

	arena_reset(a);
	enum err e = attempt_run(a, &args);
	if (!e)
		return ERR_OK;
	log_error("outbound", "entry=%lld error=%s", (long long)entry, log_quote(str_of(err_text(e))).text);
	return postpone(o, entry);
}

static void rest(struct taker *t)
{
	pthread_mutex_lock(&t->outbound->lock);
	t->entry = 0;
	t->busy = false;
	pthread_mutex_unlock(&t->outbound->lock);
}

static void run(struct job *job, struct worker *w)
{
	struct taker *t = container_of(job, struct taker, job);

	while (take_next(t)) {
		if (handle(t->outbound, t->entry, w->arena) != ERR_OK) {
			rest(t);
			return;
		}
	}
}

/* ---- outboxes ---- */

static bool is_stopping(void *ctx)
{
	const struct outbound *o = ctx;

	return o->stopping;
}

static void look(struct job *job, struct worker *w)
{
	struct outbound *o = container_of(job, struct outbound, look);
	enum err e = outbox_move_all(o->args.service, is_stopping, o);

	(void)w;
	if (e)
		log_error("outbox", "error=%s", log_quote(str_of(err_text(e))).text);
	pthread_mutex_lock(&o->lock);
	o->looking = false;
	o->left |= e != ERR_OK;
	pthread_mutex_unlock(&o->lock);
}

/* With the lock held. */
static void look_if_left(struct outbound *o)
{
	int64_t now = clock_mono_ms(o->args.service->clock);

	if (!o->left || o->looking || o->stopping || !o->pool || now < o->look_ms)
		return;
	o->look_ms = now + OUTBOUND_LOOK_MS;
	o->looking = pool_submit(o->pool, &o->look);
	o->left = !o->looking;
}

void outbound_left(void *outbound)
{
	struct outbound *o = outbound;

	pthread_mutex_lock(&o->lock);
	o->left = true;
	pthread_mutex_unlock(&o->lock);
}

/* ---- life ---- */

struct outbound *outbound_new(const struct outbound_args *args)
{
	struct outbound *o = mem_alloc(sizeof(*o));

	o->args = *args;
	pthread_mutex_init(&o->lock, NULL);
	o->look.run = look;
	o->left = true; /* a crash may have cut between a mailbox and the queue */
	for (size_t i = 0; i < countof(o->takers); i++) {
		o->takers[i].outbound = o;
		o->takers[i].job.run = run;
	}
	return o;
}

enum err outbound_start(struct outbound *o)
{
	TRY(pool_start(OUTBOUND_THREADS + 1, OUTBOUND_THREADS + 1, &o->pool));
	outbound_wake(o);
	return ERR_OK;
}

void outbound_wake(void *outbound)
{
	struct outbound *o = outbound;

	pthread_mutex_lock(&o->lock);
	o->woken++;
	send_one(o);
	look_if_left(o);
	pthread_mutex_unlock(&o->lock);
}

void outbound_stop(struct outbound *o)
{
	pthread_mutex_lock(&o->lock);
	o->stopping = true;
	pthread_mutex_unlock(&o->lock);
	if (o->pool)
		pool_stop(&o->pool);
}

void outbound_free(struct outbound **op)
{
	struct outbound *o = *op;

	if (!o)
		return;
	outbound_stop(o);
	pthread_mutex_destroy(&o->lock);
	free(o);
	*op = NULL;
}

enum err outbound_run(struct outbound *o)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	int64_t id;
	size_t n;

	TRY(outbox_move_all(o->args.service, NULL, NULL));
	for (;;) {
		TRY(list_due(o, &id, 1, &n));
		if (n == 0)
			return ERR_OK;
		TRY(handle(o, id, &a));
	}
}
