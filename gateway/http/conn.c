/* A connection between its stream and libmicrohttpd; the states are told in http_priv.h. */
#include <gateway/http/http_priv.h>

#include <base/log.h>
#include <base/mem.h>
#include <gateway/http/wire.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONN_PUMP_TURNS = 16 }; /* pieces of an answer moved in one turn */

static void rest(struct http_conn *c);

void conn_kick(struct http_conn *c)
{
	loop_defer(c->lane->loop, &c->turn);
}

bool conn_peer_gone(const struct http_conn *c)
{
	return !c->stream || stream_eof(c->stream);
}

bool conn_is_alone(const struct http_conn *c, const struct http_exchange *ex)
{
	return !c->unmeasured && c->forwarded == c->consumed + ex->head_n + ex->length;
}

static void ending(struct http_conn *c)
{
	c->state = CONN_ENDING;
	timer_clear(c->lane->loop, &c->deadline);
	if (!c->stream)
		return;
	stream_set_timeout(c->stream, HTTP_STALL_TIMEOUT_MS);
	stream_close(c->stream);
}

/* Says a bare status in its own words and ends. No exchange is under way. A HEAD gets no body (RFC 9110 section 9.3.2). */
static void say_and_end(struct http_conn *c, int status)
{
	struct http_response resp;

	response_for_status(&resp, status);
	http_response_header(&resp, "Content-Type", resp.content_type);
	if (c->stream)
		response_write(c->stream, c->is_head, &resp, false);
	http_response_release(&resp);
	ending(c);
}

static void log_refused(const struct http_conn *c, int status)
{
	if (c->stream)
		log_info("request", "peer=" STR_FMT " status=%d bytes=0", STR_ARG(stream_peer(c->stream)), status);
}

/* The same for what never became a request: its log line is written here. */
static void refuse_bytes(struct http_conn *c, int status)
{
	log_refused(c, status);
	say_and_end(c, status);
}

static void pair_drop(struct http_conn *c)
{
	if (c->pair.fd < 0)
		return;
	watch_remove(&c->pair);
	close(c->pair.fd);
	c->pair.fd = -1;
	c->pair_eof = c->pair_empty = true;
	loop_defer(c->lane->loop, &c->lane->engine_turn); /* libmicrohttpd sees the end */
}

static void pair_interest(struct http_conn *c, bool want_out)
{
	uint32_t events = want_out ? EPOLLOUT : 0;

	if (c->pair.fd < 0)
		return;
	if (!c->pair_eof && c->stream && stream_pending(c->stream) <= STREAM_WRITE_HIGH)
		events |= EPOLLIN;
	if (watch_set(&c->pair, events))
		stream_abort(c->stream);
}

static void pair_ready(struct watch *w, uint32_t events)
{
	(void)events;
	conn_kick(container_of(w, struct http_conn, pair));
}

/* Returns whether bytes are left that may go. */
static bool forward(struct http_conn *c)
{
	struct str in;
	ssize_t n;

	if (!c->stream || c->pair.fd < 0 || (c->ex && c->ex->phase != EXCHANGE_READING))
		return false;
	in = stream_input(c->stream);
	if (in.n > c->allowed - c->forwarded)
		in.n = (size_t)(c->allowed - c->forwarded);
	if (in.n) {
		if (c->forwarded == c->consumed &&
		    !c->unmeasured) /* libmicrohttpd may refuse it before it tells its method */
			c->is_head = str_starts(in, S("HEAD "));
		n = send(c->pair.fd, in.p, in.n, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN;
		c->forwarded += (size_t)n;
		stream_consume(c->stream, (size_t)n);
		if ((size_t)n < in.n)
			return true;
	}
	return false;
}

/* The peer has ended its side within a request: the rest of it never comes. */
static bool is_cut_short(const struct http_conn *c)
{
	return c->stream && c->pair.fd >= 0 && (!c->ex || c->ex->phase == EXCHANGE_READING) && stream_eof(c->stream) &&
	       stream_input(c->stream).n == 0 && c->forwarded < c->allowed;
}

/* Ends the engine's part of a request that is still being read. Status 0: there was none. */
static void cut_reading(struct http_conn *c, int status)
{
	if (c->ex && status)
		exchange_refused(c->ex, status);
	c->refuse = status;
	c->give_up = true;
	pair_drop(c);
}

/*
 * Is what comes of libmicrohttpd its own word, and no handler's answer? It is while it reads a request, and before that; behind a
 * chunked one too, whose answer has been taken when it was complete.
 */
static bool speaks_itself(const struct http_conn *c)
{
	return c->ex ? c->ex->phase == EXCHANGE_READING : !c->served || c->unmeasured;
}

/*
 * What libmicrohttpd says of bytes that it could make no request of. 0.9.75 writes the head of that twice, so the status
 * alone is taken from it.
 */
static int status_of_engine(struct str said)
{
	uint64_t status;

	if (!str_starts(said, S("HTTP/1.")) || str_to_u64(str_slice(said, 9, 12), 599, &status) || status < 400)
		return 400;
	return (int)status;
}

/* False: it is a refusal, and the connection says it. */
static bool pass_on(struct http_conn *c, struct str said)
{
	static const struct str go_on = STR_INIT("HTTP/1.1 100 Continue\r\n\r\n");
	bool itself = speaks_itself(c);
	size_t n = !itself ? said.n : c->ex && str_starts(said, go_on) ? go_on.n : 0;
	int status;

	if (c->stream)
		stream_write(c->stream, str_slice(said, 0, n));
	if (n == said.n)
		return true;
	status = status_of_engine(str_slice(said, n, said.n));
	if (!c->ex)
		log_refused(c, status);
	cut_reading(c, status);
	return false;
}

/* From libmicrohttpd to the stream, as much as the stream takes. */
static void pump(struct http_conn *c)
{
	char *scratch = loop_scratch(c->lane->loop);

	c->pair_empty = c->pair.fd < 0;
	for (int i = 0; i < CONN_PUMP_TURNS && c->pair.fd >= 0; i++) {
		ssize_t n;

		if (c->stream && stream_pending(c->stream) > STREAM_WRITE_HIGH)
			return;
		n = recv(c->pair.fd, scratch, LOOP_SCRATCH_BYTES, 0);
		if (n > 0 && pass_on(c, str_from(scratch, (size_t)n)))
			continue;
		if (n > 0)
			return;
		c->pair_empty = true;
		if (n == 0 || errno != EAGAIN)
			pair_drop(c);
		return;
	}
	conn_kick(c);
}

/* However much waits in the stream already: it is no more than a socket holds. */
void conn_take_answer(struct http_conn *c)
{
	char *scratch = loop_scratch(c->lane->loop);
	ssize_t n;

	while (c->pair.fd >= 0 && (n = recv(c->pair.fd, scratch, LOOP_SCRATCH_BYTES, 0)) > 0)
		if (c->stream)
			stream_write(c->stream, str_from(scratch, (size_t)n));
}

/* Parked: only the stream and the request are left. */
static void park(struct http_conn *c)
{
	c->parking = false;
	c->state = CONN_PARKED;
	if (!c->stream || c->ex->phase == EXCHANGE_ANSWERED)
		return;
	stream_set_timeout(c->stream, 0);
	stream_set_input_max(c->stream, HTTP_PARKED_INPUT_MAX);
	if (stream_input_full(c->stream))
		stream_abort(c->stream);
}

static void engine_gone(struct http_conn *c)
{
	timer_clear(c->lane->loop, &c->deadline);
	free(c->uri);
	c->uri = NULL;
	c->lane->fed--;
	atomic_fetch_sub(&c->lane->server->active, 1);
	c->allowed = c->forwarded = c->consumed = 0;
	if (c->parking)
		park(c);
	else if (c->refuse)
		say_and_end(c, c->refuse);
	else if (c->resting)
		rest(c);
	else
		ending(c);
	c->resting = c->give_up = c->served = c->unmeasured = false;
	c->refuse = 0;
	lane_next_in_line(c->lane);
}

/* Everything that was forwarded has been answered, and libmicrohttpd would wait for more. */
static bool nothing_left(const struct http_conn *c)
{
	return c->served && !c->ex && c->pair_empty && !c->unmeasured && c->forwarded == c->consumed;
}

static void fed_turn(struct http_conn *c)
{
	bool more = forward(c);

	if (is_cut_short(c)) {
		if (c->ex)
			cut_reading(c, 400); /* libmicrohttpd would wait for it until the stall timeout */
		else
			shutdown(c->pair.fd, SHUT_WR);
	}
	pump(c);
	if (c->suspended && (c->ex->phase == EXCHANGE_ANSWERED || c->ex->phase == EXCHANGE_ADMITTED)) {
		c->give_up = !c->stream || c->ex->silent;
		if (c->stream)
			stream_set_timeout(c->stream, HTTP_STALL_TIMEOUT_MS);
		engine_resume(c);
	}
	if (c->pair.fd < 0 && !c->mhd) {
		engine_gone(c);
		return;
	}
	if (c->pair.fd >= 0 && nothing_left(c)) {
		c->resting = true;
		pair_drop(c);
	}
	pair_interest(c, more);
}

/* The stream has the whole answer of what was parked, or will have no more of it. */
static void answered(struct http_conn *c, bool keep)
{
	list_append(&c->finishing, &c->ex->node);
	c->ex = NULL;
	if (keep)
		rest(c);
	else
		ending(c);
}

static void break_off(struct http_conn *c)
{
	c->ex->silent = true;
	answered(c, false);
	if (c->stream)
		stream_abort(c->stream);
}

static void parked_answer(struct http_conn *c)
{
	struct http_exchange *ex = c->ex;
	bool head_only = ex->r.method == HTTP_HEAD;

	if (ex->silent || !c->stream) {
		break_off(c);
		return;
	}
	c->keep = !ex->close && !ex->unread && !ex->lane->stopping && !conn_peer_gone(c);
	if (!ex->begun) {
		response_write(c->stream, head_only, &ex->answer, c->keep);
	} else if (!begun_answer(c->stream, ex)) {
		break_off(c);
		return;
	}
	if (!ex->answer.in_file || head_only) {
		answered(c, c->keep);
		return;
	}
	c->state = CONN_SENDING;
	c->sent = ex->begun ? ex->first.n : 0;
	stream_set_timeout(c->stream, HTTP_STALL_TIMEOUT_MS);
}

/*
 * As much of the file as the stream takes. It was written a moment ago, so that these reads are from memory: that a
 * loop waits for a disk here takes a client that is slower than the system's cache lasts.
 */
static void send_file(struct http_conn *c)
{
	const struct http_response *answer = &c->ex->answer;
	char *scratch = loop_scratch(c->lane->loop);

	while (c->stream && c->sent < answer->file_size && stream_pending(c->stream) <= STREAM_WRITE_HIGH) {
		uint64_t left = answer->file_size - c->sent;
		ssize_t n = pread(answer->fd, scratch, left < LOOP_SCRATCH_BYTES ? (size_t)left : LOOP_SCRATCH_BYTES,
				  (off_t)c->sent);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) { /* the length has been said: what is missing can only be told by breaking off */
			log_error("response_file", "id=%llu problem=\"can't be read\"",
				  (unsigned long long)c->ex->r.id);
			break_off(c);
			return;
		}
		stream_write(c->stream, str_from(scratch, (size_t)n));
		c->sent += (uint64_t)n;
	}
	if (!c->stream) {
		break_off(c);
	} else if (c->sent == answer->file_size) {
		if (c->ex->begun) {
			stream_write(c->stream, S("\r\n"));
			begun_end(c->stream);
		}
		answered(c, c->keep);
	}
}

/* Whose answers are in the kernel, or never will be. */
static void finish_answered(struct http_conn *c)
{
	if (c->stream && (stream_pending(c->stream) || (c->state == CONN_FED && !c->pair_empty)))
		return;
	list_for_each_safe (it, &c->finishing) {
		struct http_exchange *ex = list_entry(it, struct http_exchange, node);

		exchange_finish(ex, (c->stream || c->flushed) && !ex->silent);
	}
}

static void conn_free(struct http_conn *c)
{
	struct http_server *server = c->lane->server;

	timer_clear(c->lane->loop, &c->deadline);
	deferred_cancel(&c->turn);
	list_remove(&c->node);
	free(c->uri);
	free(c);
	pthread_mutex_lock(&server->lock);
	if (--server->connections == 0)
		pthread_cond_broadcast(&server->gone);
	pthread_mutex_unlock(&server->lock);
}

static void turn(struct deferred *d)
{
	struct http_conn *c = container_of(d, struct http_conn, turn);

	if (c->state == CONN_FED)
		fed_turn(c);
	if (c->state == CONN_PARKED && c->ex->phase == EXCHANGE_ANSWERED)
		parked_answer(c);
	if (c->state == CONN_SENDING)
		send_file(c);
	finish_answered(c);
	if (!c->stream && c->state != CONN_FED && c->state != CONN_PARKED)
		conn_free(c);
}

/* Bytes that belong to no request: RFC 9112 section 2.2 lets empty lines before one pass. */
static void skip_empty_lines(struct http_conn *c)
{
	struct str in = stream_input(c->stream);
	size_t n = 0;

	while (n < in.n && (in.p[n] == '\r' || in.p[n] == '\n'))
		n++;
	if (n)
		stream_consume(c->stream, n);
}

static void start(struct http_conn *c)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair)) {
		refuse_bytes(c, 503);
		return;
	}
	watch_init(&c->pair, c->lane->loop, pair[0], pair_ready);
	if (engine_add(c, pair[1])) {
		close(pair[0]);
		c->pair.fd = -1;
		refuse_bytes(c, 503);
		return;
	}
	c->pair_eof = c->pair_empty = false;
	c->state = CONN_FED;
	c->allowed = c->scanned;
	c->scanned = 0;
	c->lane->fed++;
	atomic_fetch_add(&c->lane->server->active, 1);
	conn_read_on(c);
	conn_kick(c);
}

void conn_read_on(struct http_conn *c)
{
	timer_set(c->lane->loop, &c->deadline, loop_now_ms(c->lane->loop) + HTTP_BODY_TIMEOUT_MS);
	stream_set_timeout(c->stream, HTTP_STALL_TIMEOUT_MS);
}

void conn_request_read(struct http_conn *c)
{
	timer_clear(c->lane->loop, &c->deadline);
	stream_set_timeout(c->stream, 0);
}

void lane_next_in_line(struct http_lane *lane)
{
	while (lane->fed < lane->server->args.max_active && !list_empty(&lane->line)) {
		struct http_conn *c = list_entry(lane->line.next, struct http_conn, node);

		list_remove(&c->node);
		list_append(&lane->conns, &c->node);
		start(c);
	}
}

static void rest_input(struct http_conn *c)
{
	struct loop *loop = c->lane->loop;
	size_t head;

	skip_empty_lines(c);
	if (stream_input(c->stream).n == 0)
		return;
	head = wire_head_length(stream_input(c->stream), &c->scanned);
	if (head) {
		c->scanned = head;
		c->state = CONN_LINE;
		list_remove(&c->node);
		list_append(&c->lane->line, &c->node);
		lane_next_in_line(c->lane);
	} else if (stream_input_full(c->stream)) {
		refuse_bytes(c, 431);
		return;
	}
	if ((c->state == CONN_REST || c->state == CONN_LINE) && !c->deadline.slot)
		timer_set(loop, &c->deadline, loop_now_ms(loop) + HTTP_HEAD_TIMEOUT_MS);
}

static void rest(struct http_conn *c)
{
	c->state = CONN_REST;
	c->scanned = 0;
	if (!c->stream)
		return;
	if (c->lane->stopping) {
		ending(c);
		return;
	}
	stream_set_input_max(c->stream, HTTP_MAX_HEADER_BYTES);
	stream_set_timeout(c->stream, HTTP_REST_TIMEOUT_MS);
	rest_input(c);
	/* Whoever ended its side after several requests still gets the answers to those that came whole. */
	if (c->state == CONN_REST && stream_eof(c->stream))
		ending(c);
}

static void too_late(struct timer *t)
{
	struct http_conn *c = container_of(t, struct http_conn, deadline);

	if (c->state == CONN_FED) {
		cut_reading(c, 408);
		return;
	}
	list_remove(&c->node);
	list_append(&c->lane->conns, &c->node);
	refuse_bytes(c, c->state == CONN_LINE ? 503 : 408);
}

static void on_input(struct stream *s)
{
	struct http_conn *c = stream_session(s);

	if (c->state == CONN_REST)
		rest_input(c);
	else if (c->state == CONN_FED)
		conn_kick(c);
	else if (c->state == CONN_PARKED && stream_input_full(s))
		stream_abort(s);
}

static void on_eof(struct stream *s)
{
	struct http_conn *c = stream_session(s);

	if (c->state == CONN_REST)
		ending(c);
	else if (c->ex)
		hold_fire(c->ex, HTTP_WAKE_GONE);
	conn_kick(c);
}

static void on_drained(struct stream *s)
{
	conn_kick(stream_session(s));
}

static void on_timeout(struct stream *s)
{
	struct http_conn *c = stream_session(s);

	if (c->state == CONN_REST)
		ending(c);
	else if (c->state == CONN_FED && (!c->ex || c->ex->phase == EXCHANGE_READING))
		cut_reading(c, c->ex || !c->served ? 408 : 0);
}

static void on_closed(struct stream *s, enum stream_end why)
{
	struct http_conn *c = stream_session(s);

	c->stream = NULL;
	c->flushed = why == STREAM_END_CLOSED;
	timer_clear(c->lane->loop, &c->deadline);
	if (c->state == CONN_LINE) {
		list_remove(&c->node);
		list_append(&c->lane->conns, &c->node);
		c->state = CONN_ENDING;
	}
	pair_drop(c);
	if (c->ex)
		hold_fire(c->ex, HTTP_WAKE_GONE);
	conn_kick(c);
}

/* A request that a worker has is the worker's. */
static struct str describe(const struct stream *s)
{
	const struct http_conn *c = stream_session(s);

	if (!c->ex)
		return STR_EMPTY;
	return c->ex->phase == EXCHANGE_HELD ? buf_view(&c->ex->log) : S("working");
}

static const struct stream_events conn_events = {
	.describe = describe,
	.input = on_input,
	.eof = on_eof,
	.drained = on_drained,
	.timeout = on_timeout,
	.closed = on_closed,
};

void conn_new(struct http_lane *lane, struct stream *s)
{
	struct http_conn *c = mem_alloc(sizeof(*c));

	c->lane = lane;
	c->stream = s;
	c->pair.fd = -1;
	c->deadline.fire = too_late;
	deferred_init(&c->turn, turn);
	list_init(&c->finishing);
	list_append(&lane->conns, &c->node);
	pthread_mutex_lock(&lane->server->lock);
	lane->server->connections++;
	pthread_mutex_unlock(&lane->server->lock);
	stream_attach(s, &conn_events, c);
	stream_serves(s, "http", 0);
	rest(c);
}

void conn_wind_up(struct http_conn *c)
{
	bool reading = c->state == CONN_FED && (!c->ex || c->ex->phase == EXCHANGE_READING);

	if (c->state == CONN_REST)
		ending(c);
	else if (c->state == CONN_LINE)
		too_late(&c->deadline);
	else if (reading)
		cut_reading(c, c->ex || !c->served ? 503 : 0);
	else if (c->ex)
		hold_fire(c->ex, HTTP_WAKE_SHUTDOWN);
}
