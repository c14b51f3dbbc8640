/* Housekeeping as a job. */
#include <gateway/housekeeping.h>

#include <base/log.h>
#include <base/mem.h>
#include <gateway/auth/auth.h>
#include <gateway/mailbox/sweep.h>
#include <gateway/net/pool.h>

#include <stdatomic.h>
#include <stdlib.h>

struct housekeeping {
	struct store *store;
	struct pool *pool;
	const struct clock *clock;
	struct auth *auth;
	int64_t next_ms, log_next_ms; /* monotonic */
	struct job job, log_job;
	_Atomic bool running, stopping, log_running;
};

struct housekeeping *housekeeping_new(struct store *s, struct pool *p, struct auth *auth, const struct clock *clock)
{
	struct housekeeping *h = mem_alloc(sizeof(*h));

	h->store = s;
	h->pool = p;
	h->auth = auth;
	h->clock = clock;
	h->next_ms = clock_mono_ms(clock) + HOUSEKEEPING_FIRST_MS;
	return h;
}

void housekeeping_free(struct housekeeping **hp)
{
	free(*hp);
	*hp = NULL;
}

static bool is_stopping(void *ctx)
{
	struct housekeeping *h = ctx;

	return atomic_load(&h->stopping);
}

static void run(struct job *job, struct worker *w)
{
	struct housekeeping *h = container_of(job, struct housekeeping, job);
	struct sweep_counts counts;
	enum err e = sweep_all(h->store, is_stopping, h, &counts);

	(void)w;
	if (e)
		log_error("housekeeping", "mailboxes=%zu error=%s", counts.mailboxes,
			  log_quote(str_of(err_text(e))).text);
	else
		log_info("housekeeping", "mailboxes=%zu files=%zu damaged=%zu busy=%zu", counts.mailboxes, counts.files,
			 counts.damaged, counts.busy);
	atomic_store(&h->running, false);
}

static void write_log(struct job *job, struct worker *w)
{
	struct housekeeping *h = container_of(job, struct housekeeping, log_job);
	enum err e = auth_log_flush(h->auth);

	(void)w;
	if (e)
		log_error("auth_log", "error=%s", log_quote(str_of(err_text(e))).text);
	atomic_store(&h->log_running, false);
}

static void tick_log(struct housekeeping *h, int64_t now)
{
	if (now < h->log_next_ms || atomic_exchange(&h->log_running, true))
		return;
	h->log_next_ms = now + HOUSEKEEPING_LOG_MS;
	h->log_job.run = write_log;
	if (!pool_submit(h->pool, &h->log_job))
		atomic_store(&h->log_running, false);
}

void housekeeping_tick(struct housekeeping *h)
{
	int64_t now = clock_mono_ms(h->clock);

	tick_log(h, now);
	if (now < h->next_ms || atomic_exchange(&h->running, true))
		return;
	h->next_ms = now + HOUSEKEEPING_EVERY_MS;
	h->job.run = run;
	if (!pool_submit(h->pool, &h->job)) {
		/* Busy with requests: those come first. */
		h->next_ms = now + HOUSEKEEPING_FIRST_MS;
		atomic_store(&h->running, false);
	}
}

void housekeeping_stop(struct housekeeping *h)
{
	atomic_store(&h->stopping, true);
}
