/* The front end's loops, and which streams they have. */
#include <gateway/net/net_priv.h>

#include <base/mem.h>

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

struct net {
	size_t max_connections;
	_Atomic size_t connections;
	unsigned loops;
	_Atomic unsigned turn;    /* the next stream's loop */
	_Atomic uint64_t last_id; /* of a stream */
	struct {
		struct loop *loop;
		struct list streams; /* its thread's */
	} at[NET_MAX_LOOPS];
};

enum err net_start(const struct net_args *a, struct net **ret)
{
	struct net *n;

	if (a->loops == 0 || a->loops > NET_MAX_LOOPS)
		return ERR_INVALID;
	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
	n = mem_alloc(sizeof(*n));
	n->max_connections = a->max_connections;
	for (; n->loops < a->loops; n->loops++) {
		list_init(&n->at[n->loops].streams);
		if (loop_start(a->clock, &n->at[n->loops].loop)) {
			net_stop(&n);
			return ERR_IO;
		}
	}
	*ret = n;
	return ERR_OK;
}

static void end_streams(struct list *streams, const struct listener *from)
{
	list_for_each (it, streams) {
		struct stream *s = list_entry(it, struct stream, node);

		if (!from || s->from == from)
			stream_end(s, STREAM_END_ABORTED);
	}
}

/* What a worker's last job has just answered still goes out: its peer would do the same again. */
static void end_all(void *arg)
{
	struct list *streams = arg;

	list_for_each (it, streams) {
		struct stream *s = list_entry(it, struct stream, node);

		if (s->pending && !s->handshaking && !s->ended)
			stream_flush(s);
	}
	end_streams(streams, NULL);
}

struct closing {
	struct list *streams;
	const struct listener *from;
};

static void end_unopened(void *arg)
{
	struct closing *c = arg;

	list_for_each (it, c->streams) {
		struct stream *s = list_entry(it, struct stream, node);

		if (s->from == c->from)
			stream_end(s, STREAM_END_ABORTED);
	}
}

void net_forget_listener(struct net *n, const struct listener *ls)
{
	for (unsigned i = 0; i < n->loops; i++) {
		struct closing c = { &n->at[i].streams, ls };

		loop_call(n->at[i].loop, end_unopened, &c);
	}
}

void net_stop(struct net **np)
{
	struct net *n = *np;

	if (!n)
		return;
	for (unsigned i = 0; i < n->loops; i++) {
		loop_call(n->at[i].loop, end_all, &n->at[i].streams);
		loop_stop(&n->at[i].loop);
		assert(list_empty(&n->at[i].streams));
	}
	free(n);
	*np = NULL;
}

unsigned net_loops(const struct net *n)
{
	return n->loops;
}

struct loop *net_loop(const struct net *n, unsigned i)
{
	assert(i < n->loops);
	return n->at[i].loop;
}

size_t net_connections(const struct net *n)
{
	return atomic_load(&n->connections);
}

struct loop *net_next_loop(struct net *n)
{
	return n->at[atomic_fetch_add(&n->turn, 1) % n->loops].loop;
}

uint64_t net_next_id(struct net *n)
{
	return atomic_fetch_add(&n->last_id, 1) + 1;
}

struct looking {
	struct list *streams;
	void (*each)(void *ctx, const struct net_session *session);
	void *ctx;
	const struct net_ending *which;
	size_t ended;
};

static struct net_session look_at(const struct stream *s)
{
	struct net_session session = { .id = s->id,
				       .age_ms = loop_now_ms(s->loop) - s->since_ms,
				       .peer = stream_peer(s),
				       .tls = stream_is_tls(s),
				       .protocol = s->protocol,
				       .account = s->account,
				       .busy = s->has_job };

	if (s->events->describe && !s->has_job)
		session.what = s->events->describe(s);
	return session;
}

/* One without events is still at its handshake, or its session is gone. */
static void show_streams(void *arg)
{
	struct looking *l = arg;

	list_for_each (it, l->streams) {
		struct stream *s = list_entry(it, struct stream, node);

		if (s->events && !s->ended) {
			const struct net_session session = look_at(s);

			l->each(l->ctx, &session);
		}
	}
}

static bool is_meant(const struct stream *s, const struct net_ending *which)
{
	if (!s->events || s->ended)
		return false;
	if (s->id == which->id)
		return true;
	return which->account && s->account == which->account &&
	       !(which->except && strcmp(s->protocol, which->except) == 0);
}

static void end_matching(void *arg)
{
	struct looking *l = arg;

	list_for_each (it, l->streams) {
		struct stream *s = list_entry(it, struct stream, node);

		if (!is_meant(s, l->which))
			continue;
		stream_abort(s);
		l->ended++;
	}
}

static void look(struct net *n, void (*fn)(void *arg), struct looking *l)
{
	for (unsigned i = 0; i < n->loops; i++) {
		l->streams = &n->at[i].streams;
		loop_call(n->at[i].loop, fn, l);
	}
}

void net_sessions(struct net *n, void (*each)(void *ctx, const struct net_session *session), void *ctx)
{
	look(n, show_streams, &(struct looking){ .each = each, .ctx = ctx });
}

size_t net_end_sessions(struct net *n, const struct net_ending *which)
{
	struct looking l = { .which = which };

	look(n, end_matching, &l);
	return l.ended;
}

bool net_take_place(struct net *n)
{
	if (atomic_fetch_add(&n->connections, 1) < n->max_connections)
		return true;
	net_give_place(n);
	return false;
}

void net_give_place(struct net *n)
{
	atomic_fetch_sub(&n->connections, 1);
}

void net_stream_born(struct net *n, struct stream *s)
{
	for (unsigned i = 0; i < n->loops; i++)
		if (n->at[i].loop == s->loop)
			list_append(&n->at[i].streams, &s->node);
}

void net_stream_died(struct stream *s)
{
	list_remove(&s->node);
	net_give_place(s->net);
}

size_t net_raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return 0;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur <= NET_RESERVED_FDS)
		return 0;
	return limit.rlim_cur - NET_RESERVED_FDS;
}
