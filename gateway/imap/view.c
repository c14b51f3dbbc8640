/* Views and their cache. */
#include <gateway/imap/view.h>

#include <base/mem.h>
#include <store/folder.h>

#include <pthread.h>
#include <stdlib.h>

enum { VIEW_MAX_BYTES = 256 * 1024 * 1024, GONE_MAX_BYTES = 64 * 1024 * 1024 };

struct view_cache {
	pthread_mutex_t lock;
	struct view *first, *last; /* unused longest: last. Only views that nobody else has are taken out */
	size_t bytes, max;
};

struct view_cache *view_cache_new(size_t max_bytes)
{
	struct view_cache *c = mem_alloc(sizeof(*c));

	pthread_mutex_init(&c->lock, NULL);
	c->max = max_bytes;
	return c;
}

static size_t bytes_of(const struct view *v)
{
	return sizeof(*v) + (v->runs_n + 1) * sizeof(*v->runs);
}

static void view_free(struct view *v)
{
	free(v->runs);
	free(v);
}

static void unlink_view(struct view_cache *c, struct view *v)
{
	*(v->prev ? &v->prev->next : &c->first) = v->next;
	*(v->next ? &v->next->prev : &c->last) = v->prev;
	c->bytes -= bytes_of(v);
}

static void link_first(struct view_cache *c, struct view *v)
{
	v->prev = NULL;
	v->next = c->first;
	*(c->first ? &c->first->prev : &c->last) = v;
	c->first = v;
	c->bytes += bytes_of(v);
}

/* Under the lock. */
static void shrink(struct view_cache *c)
{
	for (struct view *v = c->last, *prev; v && c->bytes > c->max; v = prev) {
		prev = v->prev;
		if (v->refs)
			continue;
		unlink_view(c, v);
		view_free(v);
	}
}

void view_cache_free(struct view_cache **cp)
{
	struct view_cache *c = *cp;

	if (!c)
		return;
	c->max = 0;
	shrink(c);
	pthread_mutex_destroy(&c->lock);
	free(c);
	*cp = NULL;
}

static bool same(const struct view_key *a, const struct view_key *b)
{
	return a->mailbox == b->mailbox && a->folder == b->folder && a->w == b->w && a->uid_next == b->uid_next;
}

static struct view *find(struct view_cache *c, const struct view_key *key)
{
	struct view *v;

	pthread_mutex_lock(&c->lock);
	for (v = c->first; v && !same(&v->key, key); v = v->next)
		;
	if (v) {
		unlink_view(c, v);
		link_first(c, v);
		v->refs++;
	}
	pthread_mutex_unlock(&c->lock);
	return v;
}

static struct view *keep(struct view_cache *c, struct view *v)
{
	pthread_mutex_lock(&c->lock);
	v->refs = 1;
	link_first(c, v);
	shrink(c);
	pthread_mutex_unlock(&c->lock);
	return v;
}

void view_close(struct view_cache *c, struct view **vp)
{
	if (!*vp)
		return;
	pthread_mutex_lock(&c->lock);
	(*vp)->refs--;
	shrink(c);
	pthread_mutex_unlock(&c->lock);
	*vp = NULL;
}

/* UIDs in ascending order to runs. */
struct maker {
	struct buf runs;
	uint32_t next_uid, n;
	/* what was expunged since, ascending, to be merged in */
	const uint32_t *gone;
	size_t gone_n, gone_at;
	uint32_t below;
};

static void put_uid(struct maker *m, uint32_t uid)
{
	struct view_run run = { uid, m->n + 1 };

	if (m->n == 0 || uid != m->next_uid)
		buf_put(&m->runs, &run, sizeof(run));
	m->next_uid = uid + 1;
	m->n++;
}

static void put_gone_below(struct maker *m, uint32_t uid)
{
	while (m->gone_at < m->gone_n && m->gone[m->gone_at] < uid)
		put_uid(m, m->gone[m->gone_at++]);
}

static enum err put_present(void *ctx, uint32_t uid)
{
	struct maker *m = ctx;

	if (uid >= m->below)
		return ERR_EXISTS; /* the rest is newer than the view: ends the walk */
	put_gone_below(m, uid);
	put_uid(m, uid);
	return buf_status(&m->runs);
}

static enum err put_number(void *ctx, uint32_t uid)
{
	struct buf *b = ctx;

	buf_put(b, &uid, sizeof(uid));
	return buf_status(b);
}

static int by_uid(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static enum err read_runs(struct store_tx *tx, const struct view_key *key, struct maker *m, struct buf *gone)
{
	enum err e;

	TRY(uid_list_gone(tx, key->folder, key->w, key->uid_next, put_number, gone));
	m->gone_n = gone->n / sizeof(uint32_t);
	if (m->gone_n)
		qsort(gone->p, m->gone_n, sizeof(uint32_t), by_uid);
	m->gone = (const uint32_t *)(const void *)gone->p;
	m->below = key->uid_next;
	e = uid_list(tx, key->folder, 1, put_present, m);
	if (e && e != ERR_EXISTS)
		return e;
	put_gone_below(m, UINT32_MAX);
	return buf_status(&m->runs);
}

/* The view of what the maker was given; its buffer goes. */
static struct view *made(struct maker *m, const struct view_key *key)
{
	struct view *v = mem_alloc(sizeof(*v));

	v->key = *key;
	v->n = m->n;
	v->runs_n = m->runs.n / sizeof(*v->runs);
	v->runs = mem_array(v->runs_n + 1, sizeof(*v->runs));
	if (m->runs.n)
		memcpy(v->runs, m->runs.p, m->runs.n);
	v->runs[v->runs_n] = (struct view_run){ UINT32_MAX, m->n + 1 };
	buf_release(&m->runs);
	return v;
}

/* From uid on, n of them. */
static void put_run(struct maker *m, uint32_t uid, uint32_t n)
{
	if (n == 0)
		return;
	put_uid(m, uid);
	m->next_uid = uid + n;
	m->n += n - 1;
}

/* A UID is given once: a folder that has as many mails as it has given UIDs has never lost one. */
static bool is_whole(const struct folder *f)
{
	return f->total == f->uid_next - 1;
}

static enum err make(struct store_tx *tx, const struct view_key *key, const struct folder *f, struct view **ret)
{
	struct maker m = { .runs = BUF_INIT(VIEW_MAX_BYTES) };
	struct buf gone = BUF_INIT(GONE_MAX_BYTES);
	enum err e;

	if (is_whole(f)) {
		put_run(&m, 1, key->uid_next - 1);
		e = buf_status(&m.runs);
	} else {
		e = read_runs(tx, key, &m, &gone);
	}
	buf_release(&gone);
	if (e)
		buf_release(&m.runs);
	else
		*ret = made(&m, key);
	return e;
}

enum err view_open(struct view_cache *c, struct store_tx *tx, const struct view_key *key, struct view **ret)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(64 * 1024);
	struct view *v = find(c, key);
	struct folder f;

	if (v) {
		*ret = v;
		return ERR_OK;
	}
	TRY(folder_get(&a, tx, key->folder, &f));
	if (f.purged > key->w)
		return ERR_STALE;
	TRY(make(tx, key, &f, &v));
	*ret = keep(c, v);
	return ERR_OK;
}

static uint32_t length(const struct view *v, size_t run)
{
	return v->runs[run + 1].seq - v->runs[run].seq;
}

static void put_old(struct maker *m, const struct view *old, const uint32_t *gone, size_t gone_n)
{
	size_t at = 0;

	for (size_t i = 0; i < old->runs_n; i++) {
		uint32_t uid = old->runs[i].uid, end = uid + length(old, i);

		for (; at < gone_n && gone[at] < end; at++) {
			if (gone[at] < uid)
				continue;
			put_run(m, uid, gone[at] - uid);
			uid = gone[at] + 1;
		}
		put_run(m, uid, end - uid);
	}
}

enum err view_advance(struct view_cache *c, struct store_tx *tx, const struct view *old, const struct view_key *key,
		      const uint32_t *gone, size_t gone_n, struct view **ret)
{
	struct maker m = { .runs = BUF_INIT(VIEW_MAX_BYTES), .below = key->uid_next };
	struct view *v = find(c, key);
	enum err e = ERR_OK;

	if (!v) {
		put_old(&m, old, gone, gone_n);
		e = key->uid_next > old->key.uid_next ? uid_list(tx, key->folder, old->key.uid_next, put_present, &m)
						      : buf_status(&m.runs);
		if (e)
			buf_release(&m.runs);
		else
			v = keep(c, made(&m, key));
	}
	if (!e)
		*ret = v;
	return e;
}

/* Index of the last run that begins at or before it; SIZE_MAX where it lies before all. */
static size_t run_by_uid(const struct view *v, uint32_t uid)
{
	size_t lo = 0, hi = v->runs_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->runs[mid].uid <= uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo - 1;
}

uint32_t view_uid(const struct view *v, uint32_t seq)
{
	size_t lo = 0, hi = v->runs_n;

	if (seq == 0 || seq > v->n)
		return 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->runs[mid].seq <= seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return v->runs[lo - 1].uid + (seq - v->runs[lo - 1].seq);
}

uint32_t view_seq(const struct view *v, uint32_t uid)
{
	size_t run = run_by_uid(v, uid);

	if (run == SIZE_MAX || uid - v->runs[run].uid >= length(v, run))
		return 0;
	return v->runs[run].seq + (uid - v->runs[run].uid);
}

uint32_t view_seq_from(const struct view *v, uint32_t uid)
{
	size_t run = run_by_uid(v, uid);

	if (run == SIZE_MAX)
		return 1;
	if (uid - v->runs[run].uid < length(v, run))
		return v->runs[run].seq + (uid - v->runs[run].uid);
	return v->runs[run + 1].seq;
}

void view_gaps(const struct view *v, uint32_t lo, uint32_t hi, view_gap *each, void *ctx)
{
	uint32_t seq = view_seq_from(v, lo), next = lo;

	for (; seq <= v->n && next <= hi; seq++) {
		uint32_t uid = view_uid(v, seq);

		if (uid > hi)
			break;
		if (uid > next)
			each(ctx, next, uid - 1);
		next = uid + 1;
	}
	if (hi && next <= hi)
		each(ctx, next, hi);
}
