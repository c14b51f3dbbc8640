/* What is to be told of attempts: counted in memory by their kind, written now and then. */
#include <gateway/auth/auth_priv.h>

#include <base/log.h>
#include <base/mem.h>
#include <base/table.h>

#include <stdlib.h>

enum { KINDS_MAX = 1024, KIND_MAX_BYTES = 4096 };

struct noted {
	struct auth_log_entry entry;
	char texts[];
};

static struct str keep(char **at, struct str s)
{
	struct str kept = { *at, s.n };

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return kept;
}

static struct str short_of(struct str s)
{
	return str_slice(s, 0, s.n < AUTH_LOG_TEXT_MAX ? s.n : AUTH_LOG_TEXT_MAX);
}

static void put_part(struct buf *kind, struct str part)
{
	buf_u64(kind, part.n);
	buf_char(kind, ':');
	buf_str(kind, part);
}

static void put_kind(struct buf *kind, const struct auth_log_entry *e)
{
	buf_fmt(kind, "%lld %d %d ", (long long)e->account, (int)e->service, (int)e->result);
	put_part(kind, e->login);
	put_part(kind, e->peer);
	put_part(kind, e->credential);
}

static struct noted *noted_new(const struct auth_log_entry *e)
{
	struct noted *n = mem_alloc(sizeof(*n) + e->login.n + e->peer.n + e->credential.n);
	char *at = n->texts;

	n->entry = *e;
	n->entry.login = keep(&at, e->login);
	n->entry.peer = keep(&at, e->peer);
	n->entry.credential = keep(&at, e->credential);
	return n;
}

static void count(struct auth *a, const struct auth_log_entry *e, struct str kind)
{
	struct noted *n = table_get(a->attempts, kind);

	if (n) {
		n->entry.attempts++;
		n->entry.last_ms = e->last_ms;
	} else if (table_count(a->attempts) < KINDS_MAX) {
		(void)table_set(a->attempts, kind, noted_new(e));
	} else {
		a->attempts_lost++;
	}
}

void auth_log_note(struct auth *a, const struct auth_attempt *attempt, const struct auth_found *found,
		   enum auth_log_result result)
{
	CLEANUP(buf_release) struct buf kind = BUF_INIT(KIND_MAX_BYTES);
	const int64_t now_ms = clock_wall_ms(a->clock);
	const struct auth_log_entry e = { .first_ms = now_ms,
					  .last_ms = now_ms,
					  .attempts = 1,
					  .account = found->account.id,
					  .login = short_of(attempt->login),
					  .service = (enum service)attempt->service,
					  .peer = short_of(attempt->peer),
					  .result = result,
					  .credential = found->app.id ? found->app.name : STR_EMPTY };

	put_kind(&kind, &e);
	pthread_mutex_lock(&a->lock);
	count(a, &e, buf_view(&kind));
	pthread_mutex_unlock(&a->lock);
}

static struct table *take_all(struct auth *a, uint64_t *ret_lost)
{
	struct table *taken = NULL;

	pthread_mutex_lock(&a->lock);
	if (table_count(a->attempts)) {
		taken = a->attempts;
		a->attempts = table_new();
	}
	*ret_lost = a->attempts_lost;
	a->attempts_lost = 0;
	pthread_mutex_unlock(&a->lock);
	return taken;
}

static void drop_all(struct table **tp)
{
	struct str kind;
	size_t at = 0;
	void *one;

	if (!*tp)
		return;
	while (table_next(*tp, &at, &kind, &one))
		free(table_remove(*tp, kind));
	table_free(tp);
}

static int by_time(const void *left, const void *right)
{
	const struct auth_log_entry *l = left, *r = right;

	return l->first_ms < r->first_ms ? -1 : l->first_ms > r->first_ms;
}

static enum err write_all(struct auth *a, const struct table *t)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	size_t n = 0, at = 0;
	struct auth_log_entry *all = mem_alloc(table_count(t) * sizeof(*all));
	struct str kind;
	void *one;
	enum err e;

	while (table_next(t, &at, &kind, &one))
		all[n++] = ((const struct noted *)one)->entry;
	qsort(all, n, sizeof(*all), by_time);
	e = store_begin(a->store, STORE_DIRECTORY, STORE_WRITE, &tx);
	if (!e)
		e = auth_log_add(tx, all, n);
	if (!e)
		e = store_commit(&tx);
	free(all);
	return e;
}

enum err auth_log_flush(struct auth *a)
{
	uint64_t lost;
	CLEANUP(drop_all) struct table *taken = take_all(a, &lost);

	if (lost)
		log_warn("auth_log", "not_kept=%llu", (unsigned long long)lost);
	return taken ? write_all(a, taken) : ERR_OK;
}

void auth_log_free(struct auth *a)
{
	drop_all(&a->attempts);
}
