/* A stream's turn, its end, and what its session may ask of it. */
#include <gateway/net/stream_priv.h>

#include <base/mem.h>

#include <assert.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	STREAM_COPY_MAX =
		4 * 1024, /* a buffer up to this is copied into the last chunk, a larger one becomes its own */
	STREAM_CHUNK_MAX = 16 * 1024, /* appends go to the last chunk up to this; one TLS record */
};

static void kick(struct stream *s)
{
	loop_defer(s->loop, &s->turn);
}

void stream_end(struct stream *s, enum stream_end why)
{
	if (s->ended)
		return;
	s->ended = true;
	s->why = why;
	kick(s);
}

static int64_t timeout_now(const struct stream *s)
{
	if (s->ended)
		return 0;
	if (s->lingering)
		return STREAM_LINGER_MS;
	if (s->proxied)
		return NET_PROXY_TIMEOUT_MS;
	if (s->handshaking)
		return NET_HANDSHAKE_TIMEOUT_MS;
	return s->pending || (!s->paused && !s->has_job) ? s->timeout_ms : 0;
}

void stream_touch(struct stream *s)
{
	int64_t ms = timeout_now(s);

	if (ms > 0)
		timer_set(s->loop, &s->timer, loop_now_ms(s->loop) + ms);
	else
		timer_clear(s->loop, &s->timer);
}

static void timer_fired(struct timer *t)
{
	struct stream *s = container_of(t, struct stream, timer);

	if (s->lingering)
		stream_end(s, STREAM_END_CLOSED);
	else if (s->handshaking || s->pending || !s->events || !s->events->timeout)
		stream_end(s, STREAM_END_TIMEOUT);
	else
		s->timeout_due = true;
	kick(s);
}

static void socket_ready(struct watch *w, uint32_t events)
{
	(void)events;
	kick(container_of(w, struct stream, watch));
}

/* Whether the session may be told things that it can keep off by a pause. */
static bool listens(const struct stream *s)
{
	return s->events && !s->ended && !s->has_job && !s->paused && !s->closing;
}

static void tell_input(struct stream *s)
{
	if (!s->input_due || !(listens(s) && !s->throttled))
		return;
	s->input_due = false;
	if (s->in.n)
		s->events->input(s);
}

static void tell_eof(struct stream *s)
{
	if (!s->eof_due || !(listens(s) && !s->throttled))
		return;
	s->eof_due = false;
	if (s->events->eof)
		s->events->eof(s);
	else
		stream_end(s, STREAM_END_PEER);
}

static void tell_drained(struct stream *s)
{
	if (!s->drained_due || !(s->events && !s->ended && !s->has_job))
		return;
	s->drained_due = false;
	if (s->pending == 0 && s->events->drained)
		s->events->drained(s);
}

static void tell_secured(struct stream *s)
{
	if (!s->secured_due || !(!s->ended && !s->has_job))
		return;
	s->secured_due = false;
	if (s->from)
		listener_opens(s->from, s);
	else if (s->events && s->events->secured)
		s->events->secured(s);
	stream_touch(s);
}

static void tell_timeout(struct stream *s)
{
	if (!s->timeout_due || !(listens(s)))
		return;
	s->timeout_due = false;
	s->events->timeout(s);
}

static void tell_closed(struct stream *s)
{
	const struct stream_events *events = s->events;

	s->events = NULL;
	if (events)
		events->closed(s, s->why);
}

static void stream_free(struct stream *s)
{
	timer_clear(s->loop, &s->timer);
	deferred_cancel(&s->turn);
	watch_remove(&s->watch);
	tls_session_free(&s->tls);
	close(s->fd);
	buf_release(&s->in);
	stream_drop_output(s);
	net_stream_died(s);
	free(s);
}

/* All is written and the session wants to go: it goes now, the socket when the peer has read it. */
static void begin_linger(struct stream *s)
{
	s->why = STREAM_END_CLOSED;
	tell_closed(s);
	if (s->tls)
		tls_say_goodbye(s->tls);
	if (s->eof || shutdown(s->fd, SHUT_WR)) {
		s->ended = true;
		return;
	}
	tls_session_free(&s->tls);
	buf_release(&s->in);
	s->lingering = true;
	s->linger_left = STREAM_LINGER_BYTES;
	stream_touch(s);
}

static uint32_t interest(const struct stream *s)
{
	uint32_t events = s->want_out ? EPOLLOUT : 0;

	if (s->lingering || s->proxied || (s->handshaking && !s->want_out) || (!s->handshaking && stream_may_read(s)))
		events |= EPOLLIN | EPOLLRDHUP;
	return events;
}

static void begin_tls(struct stream *s)
{
	s->tls = tls_session_new(s->starttls, s->fd);
	s->starttls = NULL;
	if (!s->tls) {
		stream_end(s, STREAM_END_ABORTED);
		return;
	}
	s->handshaking = true;
	stream_touch(s);
	kick(s);
}

static void run_session(struct stream *s)
{
	if (s->pending)
		stream_flush(s);
	if (stream_may_read(s))
		stream_read(s);
	tell_secured(s);
	tell_input(s);
	tell_eof(s);
	tell_drained(s);
	tell_timeout(s);
	/* What the session has just written. */
	if (s->pending && !s->ended)
		stream_flush(s);
	if (s->drained_due && s->events && !s->has_job)
		kick(s);
	if (s->starttls && !s->pending && !s->ended)
		begin_tls(s);
	if (s->closing && !s->pending && !s->ended && !s->has_job) {
		if (s->lost)
			stream_end(s, STREAM_END_PEER);
		else
			begin_linger(s);
	}
}

static void turn(struct deferred *d)
{
	struct stream *s = container_of(d, struct stream, turn);

	if (s->ended)
		(void)0;
	else if (s->lingering)
		stream_linger(s);
	else if (s->proxied)
		stream_read_proxy(s);
	else if (s->handshaking)
		stream_handshake(s);
	else
		run_session(s);

	if (s->ended && !s->has_job) {
		tell_closed(s);
		stream_free(s);
	} else if (watch_set(&s->watch, s->ended ? 0 : interest(s))) {
		stream_end(s, STREAM_END_ABORTED);
	}
}

void stream_begin(struct stream *s)
{
	s->starttls = listener_tls(s->from);
	if (s->starttls)
		begin_tls(s);
	else
		s->secured_due = true;
	kick(s);
}

void stream_new(struct net *n, struct loop *l, struct listener *from, int fd, const struct net_addr *peer)
{
	struct stream *s = mem_alloc(sizeof(*s));

	s->net = n;
	s->loop = l;
	s->id = net_next_id(n);
	s->since_ms = loop_now_ms(l);
	s->protocol = "";
	s->from = from;
	s->fd = fd;
	s->in = BUF_INIT(STREAM_INPUT_MAX_DEFAULT);
	s->timer.fire = timer_fired;
	list_init(&s->out);
	deferred_init(&s->turn, turn);
	watch_init(&s->watch, l, fd, socket_ready);
	net_addr_host(peer, s->peer);
	net_stream_born(n, s);
	s->proxied = listener_proxies(from, peer);
	if (s->proxied)
		stream_touch(s);
	else
		stream_begin(s);
	kick(s);
}

void stream_starttls(struct stream *s, struct net_tls *tls)
{
	assert(!s->tls && !s->starttls);
	buf_release(&s->in);
	s->input_due = false;
	s->starttls = tls;
	kick(s);
}

void stream_attach(struct stream *s, const struct stream_events *events, void *session)
{
	s->events = events;
	s->session = session;
	kick(s);
}

void *stream_session(const struct stream *s)
{
	return s->session;
}

void stream_serves(struct stream *s, const char *protocol, int64_t account)
{
	s->protocol = protocol;
	s->account = account;
}

struct str stream_input(const struct stream *s)
{
	return buf_view(&s->in);
}

void stream_consume(struct stream *s, size_t n)
{
	buf_consume(&s->in, n);
	if (s->in.n == 0)
		buf_release(&s->in);
	kick(s);
}

void stream_set_input_max(struct stream *s, size_t bytes)
{
	s->in.max = bytes > s->in.n ? bytes : s->in.n;
	kick(s);
}

bool stream_input_full(const struct stream *s)
{
	return s->in.n >= s->in.max;
}

bool stream_eof(const struct stream *s)
{
	return s->eof;
}

static void queued(struct stream *s, size_t n)
{
	s->pending += n;
	if (s->pending > STREAM_WRITE_HIGH)
		s->throttled = true;
	if (s->pending == n)
		stream_touch(s);
	kick(s);
}

static struct chunk *chunk_new(struct stream *s)
{
	struct chunk *c = mem_alloc(sizeof(*c));

	c->bytes = BUF_INIT(SIZE_MAX);
	list_append(&s->out, &c->node);
	return c;
}

/* What is written now goes nowhere. */
static bool is_mute(const struct stream *s)
{
	return s->closing || s->ended || s->lost;
}

void stream_write(struct stream *s, struct str bytes)
{
	struct chunk *c;

	if (bytes.n == 0 || is_mute(s))
		return;
	c = list_empty(&s->out) ? chunk_new(s) : list_entry(s->out.prev, struct chunk, node);
	if (c->bytes.n > STREAM_CHUNK_MAX)
		c = chunk_new(s);
	buf_str(&c->bytes, bytes);
	queued(s, bytes.n);
}

void stream_write_apart(struct stream *s, struct str bytes)
{
	if (bytes.n == 0 || is_mute(s))
		return;
	buf_str(&chunk_new(s)->bytes, bytes);
	queued(s, bytes.n);
}

void stream_write_buf(struct stream *s, struct buf *b)
{
	if (buf_status(b))
		stream_abort(s);
	if (b->n <= STREAM_COPY_MAX || is_mute(s)) {
		stream_write(s, buf_view(b));
		buf_release(b);
		return;
	}
	queued(s, b->n);
	chunk_new(s)->bytes = *b;
	*b = BUF_INIT(b->max);
}

size_t stream_pending(const struct stream *s)
{
	return s->pending;
}

void stream_pause(struct stream *s)
{
	s->paused = true;
	stream_touch(s);
	kick(s);
}

void stream_resume(struct stream *s)
{
	s->paused = false;
	s->input_due = true;
	stream_touch(s);
	kick(s);
}

void stream_set_timeout(struct stream *s, int64_t ms)
{
	s->timeout_ms = ms;
	s->timeout_due = false;
	stream_touch(s);
}

void stream_close(struct stream *s)
{
	s->closing = true;
	stream_touch(s);
	kick(s);
}

void stream_abort(struct stream *s)
{
	stream_end(s, STREAM_END_ABORTED);
}

bool stream_peer_is_own(const struct stream *s)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	if (!str_eq(stream_peer(s), S("unix")) || getsockopt(s->fd, SOL_SOCKET, SO_PEERCRED, &peer, &n))
		return false;
	return peer.uid == 0 || peer.uid == geteuid();
}

struct str stream_peer(const struct stream *s)
{
	return str_of(s->peer);
}

size_t stream_tls_binding(const struct stream *s, enum tls_binding kind, unsigned char ret[TLS_BINDING_MAX_BYTES])
{
	return s->tls && !s->handshaking ? tls_binding(s->tls, kind, ret) : 0;
}

bool stream_is_tls(const struct stream *s)
{
	return s->tls;
}

struct loop *stream_loop(const struct stream *s)
{
	return s->loop;
}

static void job_home(struct task *t)
{
	struct stream_job *j = container_of(t, struct stream_job, home);
	struct stream *s = j->stream;

	s->has_job = false;
	s->input_due = true;
	if (s->ended && s->why == STREAM_END_ABORTED)
		buf_release(&s->in); /* nothing of what was pipelined is begun */
	j->done(j);
	stream_touch(s);
	kick(s);
}

static void job_run(struct job *job, struct worker *w)
{
	struct stream_job *j = container_of(job, struct stream_job, job);

	j->run(j, w);
	loop_post(j->stream->loop, &j->home);
}

bool stream_submit(struct stream *s, struct pool *p, struct stream_job *j)
{
	assert(!s->has_job);
	j->stream = s;
	j->job.run = job_run;
	j->home.run = job_home;
	s->has_job = true;
	if (!pool_submit(p, &j->job)) {
		s->has_job = false;
		return false;
	}
	stream_touch(s);
	kick(s);
	return true;
}
