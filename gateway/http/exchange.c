/* A request's way: from libmicrohttpd to a worker, home with an answer or a hold, and its end. */
#include <gateway/http/http_priv.h>

#include <base/fault.h>
#include <base/log.h>
#include <base/mem.h>

#include <assert.h>
#include <stdlib.h>

enum { UNPARK_RETRY_MS = 10 }; /* the pool's queue is full; its owner works it off meanwhile */

static void home(struct task *t);

struct http_exchange *exchange_new(struct http_conn *c)
{
	struct http_exchange *ex = mem_alloc(sizeof(*ex));

	ex->lane = c->lane;
	ex->server = c->lane->server;
	ex->conn = c;
	ex->r.id = atomic_fetch_add(&ex->server->next_id, 1) + 1;
	ex->home.run = home;
	ex->body = BUF_INIT(ex->server->args.max_body);
	ex->log = BUF_INIT(HTTP_MAX_LOG_BYTES);
	ex->began_ms = loop_now_ms(ex->lane->loop);
	list_init(&ex->node);
	http_response_init(&ex->answer, 0, 0);
	return ex;
}

void http_drop_body(struct http_request *r)
{
	struct http_exchange *ex = container_of(r, struct http_exchange, r);

	atomic_fetch_sub(&ex->server->bodies_n, ex->counted);
	ex->counted = 0;
	buf_release(&ex->body);
	r->body = STR_EMPTY;
}

void exchange_finish(struct http_exchange *ex, bool written)
{
	fault_point("http.written");
	if (ex->r.on_finish)
		ex->r.on_finish(&ex->r, written);
	list_remove(&ex->node);
	if (ex->kept)
		ex->lane->suspended--;
	atomic_fetch_sub(&ex->server->bodies_n, ex->counted);
	http_response_release(&ex->answer);
	http_response_release(&ex->begun_head);
	http_hold_unref(&ex->hold);
	buf_release(&ex->body);
	buf_release(&ex->log);
	free(ex->block);
	free(ex);
}

bool exchange_count_body(struct http_exchange *ex, size_t n)
{
	size_t max = ex->server->args.max_bodies, before = atomic_fetch_add(&ex->server->bodies_n, n);

	ex->counted += n;
	return before <= max && n <= max - before;
}

void http_log_field(struct http_request *r, const char *name, struct str value)
{
	struct http_exchange *ex = container_of(r, struct http_exchange, r);

	buf_fmt(&ex->log, "%s=%s ", name, log_quote(value).text);
}

void http_log_user(struct http_request *r, int64_t account, struct str address)
{
	container_of(r, struct http_exchange, r)->account = account;
	http_log_field(r, "user", address);
}

static void count(struct http_server *s, int status)
{
	atomic_fetch_add(&s->answered, 1);
	if (status == 0 || status >= 500)
		atomic_fetch_add(&s->failed, 1);
	else if (status >= 400)
		atomic_fetch_add(&s->refused, 1);
}

/* Fields that did not fit are left out: a log line is no place to fail. */
static void log_exchange(const struct http_exchange *ex, int status, uint64_t bytes)
{
	count(ex->server, status);
	log_info("request", "id=%llu peer=%s method=%s path=%s " STR_FMT "status=%d bytes=%llu ms=%lld",
		 (unsigned long long)ex->r.id, log_quote(ex->r.peer).text, method_name(ex->r.method),
		 log_quote(ex->r.path).text, STR_ARG(buf_view(&ex->log)), status, (unsigned long long)bytes,
		 (long long)(loop_now_ms(ex->lane->loop) - ex->began_ms));
}

static void take_answer(struct http_exchange *ex, struct http_response *resp)
{
	http_response_release(&ex->answer);
	ex->answer = *resp;
	http_response_init(resp, 0, 0);
	response_prepare(ex);
	fault_point("http.answer");
	log_exchange(ex, ex->answer.status, response_size(&ex->answer));
}

void exchange_home(struct http_exchange *ex)
{
	ex->r.arena = NULL;
	loop_post(ex->lane->loop, &ex->home);
}

void http_respond(struct http_request *r, struct http_response *resp)
{
	struct http_exchange *ex = container_of(r, struct http_exchange, r);

	take_answer(ex, resp);
	exchange_home(ex);
}

void http_respond_status(struct http_request *r, int status)
{
	struct http_exchange *ex = container_of(r, struct http_exchange, r);
	struct http_response resp;

	if (status) {
		response_for_status(&resp, status);
		http_respond(r, &resp);
		return;
	}
	ex->silent = true;
	log_exchange(ex, 0, 0);
	exchange_home(ex);
}

void exchange_answer_early(struct http_exchange *ex, int status)
{
	struct http_response resp;

	response_for_status(&resp, status);
	if (status == 405)
		route_put_allow(ex->route, &resp);
	take_answer(ex, &resp);
	ex->phase = EXCHANGE_ANSWERED;
}

void exchange_refused(struct http_exchange *ex, int status)
{
	log_exchange(ex, status, 0);
}

static void let_in(struct http_exchange *ex)
{
	ex->admitted = false;
	ex->phase = EXCHANGE_ADMITTED;
}

/* What follows on the stream is the body, and must not be taken for a request: libmicrohttpd has no say in this answer. */
static void send_away(struct http_exchange *ex)
{
	ex->phase = EXCHANGE_ANSWERED;
	ex->conn->parking = ex->conn->give_up = true;
	engine_resume(ex->conn);
}

static void home(struct task *t)
{
	struct http_exchange *ex = container_of(t, struct http_exchange, home);

	if (ex->unparked) {
		ex->unparked = false;
		ex->lane->unparking--;
		lane_unpark(ex->lane);
	}
	if (ex->account && ex->conn->stream)
		stream_serves(ex->conn->stream, "http", ex->account);
	if (ex->hold)
		hold_begin(ex);
	else if (ex->admitted)
		let_in(ex);
	else if (ex->unread)
		send_away(ex);
	else
		ex->phase = EXCHANGE_ANSWERED;
	conn_kick(ex->conn);
}

/*
 * RFC 9110 section 8.4.1; the ceilings hold for what comes out. Meanwhile it is there twice, which is bounded by the
 * number of workers.
 */
static int unpack_body(struct http_exchange *ex)
{
	static const int statuses[ERR_MAX_] = { [ERR_INVALID] = 400, [ERR_LIMIT] = 413, [ERR_BUSY] = 503 };
	struct buf plain = BUF_INIT(ex->body.max);
	enum err e;

	if (!http_header(&ex->r, "Content-Encoding").p || ex->body.n == 0)
		return 0;
	e = gzip_unpack(buf_view(&ex->body), &plain);
	if (!e && !exchange_count_body(ex, plain.n))
		e = ERR_BUSY;
	if (e) {
		buf_release(&plain);
		return statuses[e];
	}
	buf_release(&ex->body);
	ex->body = plain;
	return 0;
}

/* A held request keeps its body: no more of it than there is. */
static void trim_body(struct http_exchange *ex)
{
	if (ex->body.n && ex->body.cap > ex->body.n) {
		ex->body.p = mem_resize(ex->body.p, ex->body.n);
		ex->body.cap = ex->body.n;
	}
	ex->r.body = buf_view(&ex->body);
}

static void run(struct job *job, struct worker *w)
{
	struct http_exchange *ex = container_of(job, struct http_exchange, job);
	int status = unpack_body(ex);

	if (status) {
		http_respond_status(&ex->r, status);
		return;
	}
	trim_body(ex);
	buf_clear(&ex->log); /* what the doorman named is named again by the handler */
	ex->r.arena = w->arena;
	ex->route->handler(&ex->r, w, ex->route->ctx);
}

static void run_doorman(struct job *job, struct worker *w)
{
	struct http_exchange *ex = container_of(job, struct http_exchange, job);

	ex->r.arena = w->arena;
	ex->route->doorman(&ex->r, w, ex->route->ctx);
}

bool exchange_to_doorman(struct http_exchange *ex)
{
	ex->job.run = run_doorman;
	ex->unread = true;
	ex->phase = EXCHANGE_AT_DOOR;
	return !ex->lane->stopping && pool_submit(ex->server->args.pool, &ex->job);
}

void http_admit(struct http_request *r)
{
	struct http_exchange *ex = container_of(r, struct http_exchange, r);

	ex->admitted = true;
	exchange_home(ex);
}

void exchange_submit(struct http_exchange *ex)
{
	ex->job.run = run;
	ex->phase = EXCHANGE_WORKING;
	if (ex->lane->stopping || !pool_submit(ex->server->args.pool, &ex->job))
		exchange_answer_early(ex, 503);
}

static void run_woken(struct job *job, struct worker *w)
{
	exchange_run_woken(container_of(job, struct http_exchange, job), w);
}

/* Many may be woken at once: the workers get a few at a time, so that requests that come in have a place too. */
void lane_unpark(struct http_lane *lane)
{
	while (lane->unparking < HTTP_MAX_UNPARKS && !list_empty(&lane->woken)) {
		struct http_exchange *ex = list_entry(lane->woken.next, struct http_exchange, node);

		ex->job.run = run_woken;
		ex->phase = EXCHANGE_WORKING;
		ex->unparked = true;
		list_remove(&ex->node);
		if (!pool_submit(lane->server->args.pool, &ex->job)) {
			ex->phase = EXCHANGE_WOKEN;
			ex->unparked = false;
			list_prepend(&lane->woken, &ex->node);
			timer_set(lane->loop, &lane->retry, loop_now_ms(lane->loop) + UNPARK_RETRY_MS);
			return;
		}
		lane->unparking++;
	}
}
