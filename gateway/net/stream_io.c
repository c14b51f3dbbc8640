/* The socket's side of a stream: reading, writing and the handshake, plain or through TLS. */
#include <gateway/net/stream_priv.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

bool stream_may_read(const struct stream *s)
{
	return !s->paused && !s->has_job && !s->throttled && !s->starttls && !s->closing && !s->ended && !s->eof &&
	       s->in.n < s->in.max;
}

static enum tls_want outcome(ssize_t n)
{
	if (n > 0)
		return TLS_DONE;
	if (n == 0)
		return TLS_EOF;
	return errno == EAGAIN || errno == EINTR ? TLS_WANT_READ : TLS_FAILED;
}

static enum tls_want receive(struct stream *s, char *p, size_t room, size_t *ret_n)
{
	ssize_t n;

	if (s->tls)
		return tls_read(s->tls, p, room, ret_n);
	n = recv(s->fd, p, room, 0);
	*ret_n = n > 0 ? (size_t)n : 0;
	return outcome(n);
}

static enum tls_want transmit(struct stream *s, const char *p, size_t len, size_t *ret_n)
{
	ssize_t n;

	if (s->tls)
		return tls_write(s->tls, p, len, ret_n);
	n = send(s->fd, p, len, MSG_NOSIGNAL);
	*ret_n = n > 0 ? (size_t)n : 0;
	return n < 0 && outcome(n) == TLS_WANT_READ ? TLS_WANT_WRITE : outcome(n);
}

/* One piece a turn, so that a fast peer does not keep the others waiting. */
void stream_read(struct stream *s)
{
	char *scratch = loop_scratch(s->loop);
	size_t room = s->in.max - s->in.n, n = 0;
	enum tls_want want = receive(s, scratch, room < LOOP_SCRATCH_BYTES ? room : LOOP_SCRATCH_BYTES, &n);

	switch (want) {
	case TLS_DONE:
		buf_put(&s->in, scratch, n);
		s->input_due = true;
		stream_touch(s);
		if (s->tls) /* OpenSSL may hold more, of which the socket knows nothing */
			loop_defer(s->loop, &s->turn);
		break;
	case TLS_WANT_READ:
		break;
	case TLS_WANT_WRITE:
		s->want_out = true;
		break;
	case TLS_EOF:
		s->eof = s->eof_due = true;
		break;
	case TLS_FAILED: /* after all that had come */
		stream_lose_peer(s);
		s->eof = s->eof_due = true;
		break;
	}
}

static void chunk_free(struct chunk *c)
{
	list_remove(&c->node);
	buf_release(&c->bytes);
	free(c);
}

void stream_drop_output(struct stream *s)
{
	list_for_each_safe (it, &s->out)
		chunk_free(list_entry(it, struct chunk, node));
	s->pending = 0;
}

void stream_lose_peer(struct stream *s)
{
	if (!s->events || !s->events->reads_on) {
		stream_end(s, STREAM_END_PEER);
		return;
	}
	s->lost = true;
	s->throttled = s->want_out = false;
	stream_drop_output(s);
	s->drained_due = s->input_due = true;
	loop_defer(s->loop, &s->turn);
}

bool stream_is_heard(struct stream *s)
{
	struct pollfd p = { .fd = s->fd };

	if (!s->lost && !s->ended && poll(&p, 1, 0) == 1 && p.revents & (POLLERR | POLLHUP))
		stream_lose_peer(s);
	return !s->lost && !s->ended;
}

static void sent(struct stream *s, struct chunk *c, size_t n)
{
	c->sent += n;
	s->pending -= n;
	if (c->sent == c->bytes.n)
		chunk_free(c);
	if (s->pending == 0)
		s->drained_due = true;
	if (s->throttled && s->pending <= STREAM_WRITE_HIGH / 2) {
		s->throttled = false;
		s->input_due = true;
		loop_defer(s->loop, &s->turn);
	}
	stream_touch(s);
}

void stream_flush(struct stream *s)
{
	s->want_out = false;
	while (!list_empty(&s->out)) {
		struct chunk *c = list_entry(s->out.next, struct chunk, node);
		size_t n = 0;
		enum tls_want want = transmit(s, c->bytes.p + c->sent, c->bytes.n - c->sent, &n);

		if (want == TLS_DONE) {
			sent(s, c, n);
			continue;
		}
		s->want_out = want == TLS_WANT_WRITE;
		if (want == TLS_FAILED || want == TLS_EOF)
			stream_lose_peer(s);
		return;
	}
}

void stream_handshake(struct stream *s)
{
	enum tls_want want = tls_handshake(s->tls);

	s->want_out = want == TLS_WANT_WRITE;
	if (want == TLS_FAILED || want == TLS_EOF) {
		stream_end(s, STREAM_END_PEER);
	} else if (want == TLS_DONE) {
		s->handshaking = false;
		s->secured_due = true;
		loop_defer(s->loop, &s->turn);
	}
}

/*
 * Bytes that nobody reads make the kernel answer the peer with a reset, which may take our last words with it. So what
 * still comes is read away for a while.
 */
void stream_linger(struct stream *s)
{
	ssize_t n = recv(s->fd, loop_scratch(s->loop), LOOP_SCRATCH_BYTES, 0);

	if (n > 0 && (size_t)n < s->linger_left)
		s->linger_left -= (size_t)n;
	else if (outcome(n) != TLS_WANT_READ)
		stream_end(s, STREAM_END_CLOSED);
}
