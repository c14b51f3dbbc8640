/* The server's lanes: start, new streams, drain, stop. */
#include <gateway/http/http_priv.h>

#include <base/mem.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static void retry_unpark(struct timer *t)
{
	lane_unpark(container_of(t, struct http_lane, retry));
}

static void lane_init(struct http_lane *lane, struct http_server *s, struct loop *loop)
{
	lane->server = s;
	lane->loop = loop;
	lane->retry.fire = retry_unpark;
	list_init(&lane->conns);
	list_init(&lane->line);
	list_init(&lane->woken);
}

struct starting {
	struct http_lane *lane;
	enum err err;
};

static void lane_start(void *arg)
{
	struct starting *st = arg;

	st->err = engine_start(st->lane);
}

static void lane_stop(void *arg)
{
	struct http_lane *lane = arg;

	timer_clear(lane->loop, &lane->retry);
	engine_stop(lane);
}

static void server_free(struct http_server *s)
{
	for (unsigned i = 0; i < s->lanes; i++)
		loop_call(s->lane[i].loop, lane_stop, &s->lane[i]);
	pthread_cond_destroy(&s->gone);
	pthread_mutex_destroy(&s->lock);
	free(s->lane);
	free(s);
}

static void init_condition(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

enum err http_server_start(const struct http_server_args *a, struct http_server **ret)
{
	struct http_server *s = mem_alloc(sizeof(*s));

	s->args = *a;
	if (!s->args.max_body)
		s->args.max_body = HTTP_MAX_BODY_DEFAULT;
	if (!s->args.max_bodies)
		s->args.max_bodies = HTTP_BODIES_A_SERVER * s->args.max_body;
	if (!s->args.max_active)
		s->args.max_active = HTTP_MAX_ACTIVE_DEFAULT;
	if (!s->args.max_suspended)
		s->args.max_suspended = s->args.max_active / HTTP_SUSPENDED_PART;
	pthread_mutex_init(&s->lock, NULL);
	init_condition(&s->gone);
	s->lane = mem_array(net_loops(a->net), sizeof(s->lane[0]));
	for (; s->lanes < net_loops(a->net); s->lanes++) {
		struct starting st = { &s->lane[s->lanes], ERR_OK };

		lane_init(st.lane, s, net_loop(a->net, s->lanes));
		loop_call(st.lane->loop, lane_start, &st);
		if (st.err) {
			s->lanes++;
			server_free(s);
			return st.err;
		}
	}
	*ret = s;
	return ERR_OK;
}

void http_server_open(struct stream *s, void *server)
{
	struct http_server *srv = server;

	for (unsigned i = 0; i < srv->lanes; i++)
		if (srv->lane[i].loop == stream_loop(s)) {
			conn_new(&srv->lane[i], s);
			return;
		}
	assert(0 && "a stream of another front end");
}

static void lane_drain(void *arg)
{
	struct http_lane *lane = arg;

	lane->stopping = true;
	list_for_each_safe (it, &lane->conns)
		conn_wind_up(list_entry(it, struct http_conn, node));
	list_for_each_safe (it, &lane->line)
		conn_wind_up(list_entry(it, struct http_conn, node));
}

static bool wait_until_empty(struct http_server *s, int64_t timeout_ms)
{
	struct timespec until;
	bool empty;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(timeout_ms / 1000);
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&s->lock);
	while (s->connections && pthread_cond_timedwait(&s->gone, &s->lock, &until) != ETIMEDOUT)
		;
	empty = !s->connections;
	pthread_mutex_unlock(&s->lock);
	return empty;
}

bool http_server_drain(struct http_server *s, int64_t timeout_ms)
{
	for (unsigned i = 0; i < s->lanes; i++)
		loop_call(s->lane[i].loop, lane_drain, &s->lane[i]);
	return wait_until_empty(s, timeout_ms);
}

static void cut_all(struct list *conns)
{
	list_for_each (it, conns) {
		struct http_conn *c = list_entry(it, struct http_conn, node);

		if (c->stream)
			stream_abort(c->stream);
	}
}

static void lane_cut(void *arg)
{
	struct http_lane *lane = arg;

	cut_all(&lane->conns);
	cut_all(&lane->line);
}

struct taking {
	struct http_lane *lane;
	struct http_exchange *ex;
};

static void take_woken(void *arg)
{
	struct taking *t = arg;

	t->ex = NULL;
	if (list_empty(&t->lane->woken))
		return;
	t->ex = list_entry(t->lane->woken.next, struct http_exchange, node);
	list_remove(&t->ex->node);
	t->ex->phase = EXCHANGE_WORKING;
}

/* on_wake runs once for every hold: where no worker is left to do it, here. */
static void run_left(struct http_lane *lane)
{
	struct arena arena = ARENA_INIT(POOL_ARENA_MAX_BYTES);
	struct worker w = { .arena = &arena };
	struct taking t = { .lane = lane };

	for (;;) {
		loop_call(lane->loop, take_woken, &t);
		if (!t.ex)
			break;
		exchange_run_woken(t.ex, &w);
		arena_reset(&arena);
	}
	arena_release(&arena);
}

void http_server_stop(struct http_server **sp)
{
	enum { CUT_STEP_MS = 50 };
	struct http_server *s = *sp;

	if (!s)
		return;
	for (unsigned i = 0; i < s->lanes; i++)
		loop_call(s->lane[i].loop, lane_drain, &s->lane[i]);
	do {
		for (unsigned i = 0; i < s->lanes; i++) {
			loop_call(s->lane[i].loop, lane_cut, &s->lane[i]);
			run_left(&s->lane[i]);
		}
	} while (!wait_until_empty(s, CUT_STEP_MS));
	server_free(s);
	*sp = NULL;
}

struct http_counts http_server_counts(const struct http_server *s)
{
	struct http_server *mine = (struct http_server *)(uintptr_t)s; /* only to lock */
	struct http_counts counts = { .active = atomic_load(&mine->active),
				      .held = atomic_load(&mine->held),
				      .answered = atomic_load(&mine->answered),
				      .refused = atomic_load(&mine->refused),
				      .failed = atomic_load(&mine->failed) };

	pthread_mutex_lock(&mine->lock);
	counts.connections = mine->connections;
	pthread_mutex_unlock(&mine->lock);
	return counts;
}

void http_healthz(struct http_request *r, struct worker *w, void *unused)
{
	(void)w;
	(void)unused;
	http_respond_status(r, 200);
}
