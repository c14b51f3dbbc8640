/* The HTTP tests' server. */
#include <tests/unit/http/fixture.h>

#include <base/mem.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

enum { FIXTURE_TURNS = 8 };

static void finished(struct http_request *r, bool written)
{
	struct fixture *f = r->owner;

	atomic_fetch_add(written ? &f->written : &f->unwritten, 1);
}

static void own(struct http_request *r, struct fixture *f)
{
	atomic_fetch_add(&f->begun, 1);
	r->owner = f;
	r->on_finish = finished;
}

static void answer(struct http_request *r, const char *type, struct str text)
{
	struct http_response resp;

	http_response_init(&resp, 200, FIXTURE_BIG_BYTES);
	resp.content_type = str_of(type);
	buf_str(&resp.body, text);
	http_respond(r, &resp);
}

static void echo(struct http_request *r, struct worker *w, void *ctx)
{
	struct http_response resp;
	struct str param = http_query_param(r, w->arena, "name");

	own(r, ctx);
	http_log_field(r, "user", S("ann"));
	http_response_init(&resp, 200, FIXTURE_MAX_BODY);
	resp.content_type = S("application/octet-stream");
	buf_str(&resp.body, r->body);
	http_response_header(&resp, "X-Path", r->path);
	http_response_header(&resp, "X-Query", r->query.p ? r->query : S("(none)"));
	http_response_header(&resp, "X-Param", param.p ? param : S("(none)"));
	http_response_header(&resp, "X-Auth", http_header(r, "authorization"));
	http_response_header(&resp, "X-Peer", r->peer);
	http_response_header(&resp, "X-Tls", r->tls ? S("yes") : S("no"));
	http_respond(r, &resp);
}

static void big(struct http_request *r, struct worker *w, void *ctx)
{
	struct buf b = BUF_INIT(FIXTURE_BIG_BYTES);
	uint32_t x = 1;

	(void)w;
	own(r, ctx);
	for (size_t i = 0; i < FIXTURE_BIG_BYTES; i++) {
		x = x * 1664525u + 1013904223u;
		buf_char(&b, (char)(x >> 24));
	}
	answer(r, "application/octet-stream", buf_view(&b));
	buf_release(&b);
}

static void text(struct http_request *r, struct worker *w, void *ctx)
{
	struct buf b = BUF_INIT(FIXTURE_BIG_BYTES);

	(void)w;
	own(r, ctx);
	for (int i = 0; i < 1000; i++)
		buf_cstr(&b, "all work and no play ");
	answer(r, "text/plain", buf_view(&b));
	buf_release(&b);
}

static void slow(struct http_request *r, struct worker *w, void *ctx)
{
	struct fixture *f = ctx;

	(void)w;
	own(r, f);
	atomic_fetch_add(&f->in_slow, 1);
	pthread_mutex_lock(&f->lock);
	while (!f->open)
		pthread_cond_wait(&f->opened, &f->lock);
	pthread_mutex_unlock(&f->lock);
	answer(r, "text/plain", S("slow"));
}

static void on_wake(struct http_request *r, struct worker *w, enum http_wake reason, void *ctx)
{
	static const struct str names[] = { { "event ", 6 }, { "gone ", 5 }, { "shutdown ", 9 } };
	struct fixture *f = ctx;
	struct buf b = BUF_INIT(FIXTURE_MAX_BODY + 16);

	(void)w;
	atomic_fetch_add(&f->wakes[reason], 1);
	if (reason == HTTP_WAKE_GONE) {
		http_respond_status(r, 0);
		return;
	}
	buf_str(&b, names[reason]);
	buf_str(&b, r->body);
	answer(r, "text/plain", buf_view(&b));
	buf_release(&b);
}

/* The test's reference to a hold. */
static void remember(struct fixture *f, struct http_hold *h)
{
	pthread_mutex_lock(&f->lock);
	if (expect_elsewhere(&f->elsewhere, f->holds_n < countof(f->holds)))
		f->holds[f->holds_n++] = http_hold_ref(h);
	pthread_mutex_unlock(&f->lock);
}

static void hold_with(struct http_request *r, struct fixture *f, http_wake_handler *handler)
{
	struct http_hold *h = http_hold_new(r, handler, f);

	remember(f, h);
	atomic_fetch_add(&f->held, 1);
	http_hold(&h);
}

static void hold(struct http_request *r, struct worker *w, void *ctx)
{
	(void)w;
	own(r, ctx);
	hold_with(r, ctx, on_wake);
}

static void light(struct http_request *r, struct worker *w, void *ctx)
{
	http_drop_body(r);
	hold(r, w, ctx);
}

static void early(struct http_request *r, struct worker *w, void *ctx)
{
	struct fixture *f = ctx;
	struct http_hold *h = http_hold_new(r, on_wake, f);

	(void)w;
	own(r, f);
	atomic_fetch_add(&f->held, 1);
	http_hold_wake(h);
	http_hold_wake(h);
	http_hold(&h);
}

static void cancel(struct http_request *r, struct worker *w, void *ctx)
{
	struct http_hold *h = http_hold_new(r, on_wake, ctx);

	(void)w;
	own(r, ctx);
	http_hold_wake(h);
	http_hold_cancel(&h);
	answer(r, "text/plain", S("cancelled"));
}

static void hold_once_more(struct http_request *r, struct worker *w, enum http_wake reason, void *ctx)
{
	struct fixture *f = ctx;

	if (reason != HTTP_WAKE_EVENT) {
		on_wake(r, w, reason, f);
		return;
	}
	atomic_fetch_add(&f->wakes[reason], 1);
	hold_with(r, f, on_wake);
}

static void again(struct http_request *r, struct worker *w, void *ctx)
{
	(void)w;
	own(r, ctx);
	hold_with(r, ctx, hold_once_more);
}

static void beat_woken(struct http_request *r, struct worker *w, enum http_wake reason, void *ctx)
{
	struct fixture *f = ctx;
	struct buf b = BUF_INIT(FIXTURE_MAX_BODY + 16);

	(void)w;
	atomic_fetch_add(&f->wakes[reason], 1);
	if (reason == HTTP_WAKE_GONE) {
		http_respond_status(r, 0);
		return;
	}
	buf_cstr(&b, str_eq(r->body, S("x")) ? "" : "BEGUN ");
	buf_cstr(&b, http_answer_begun(r) ? "early " : "late ");
	for (int i = 0; str_eq(r->body, S("long")) && i < 1000; i++)
		buf_cstr(&b, "text that packs well ");
	answer(r, "text/plain", buf_view(&b));
	buf_release(&b);
}

static void beat_with(struct http_request *r, struct fixture *f, http_wake_handler *handler)
{
	struct http_hold *h = http_hold_new(r, handler, f);
	struct http_response head;

	http_response_init(&head, 200, 0);
	head.content_type = S("text/plain");
	http_hold_keep_alive(
		h, &(struct http_keep_alive){ .every_ms = 1000, .head = &head, .first = S("BEGUN "), .beat = S(".") });
	remember(f, h);
	atomic_fetch_add(&f->held, 1);
	http_hold(&h);
}

static void beat(struct http_request *r, struct worker *w, void *ctx)
{
	(void)w;
	own(r, ctx);
	beat_with(r, ctx, beat_woken);
}

static void beat_once_more(struct http_request *r, struct worker *w, enum http_wake reason, void *ctx)
{
	if (reason != HTTP_WAKE_EVENT)
		beat_woken(r, w, reason, ctx);
	else
		beat_with(r, ctx, beat_woken);
}

static void beats(struct http_request *r, struct worker *w, void *ctx)
{
	(void)w;
	own(r, ctx);
	beat_with(r, ctx, beat_once_more);
}

static void doorman(struct http_request *r, struct worker *w, void *ctx)
{
	struct fixture *f = ctx;

	(void)w;
	atomic_fetch_add(&f->at_door, 1);
	expect_elsewhere(&f->elsewhere, r->body.n == 0);
	http_log_field(r, "user", S("ann"));
	if (str_eq(http_header(r, "Authorization"), S("ann")))
		http_admit(r);
	else
		http_respond_status(r, str_eq(http_header(r, "Authorization"), S("mute")) ? 0 : 401);
}

static struct http_route routes[] = {
	{ "/echo", 1u << HTTP_POST | 1u << HTTP_GET, echo, NULL, 0, NULL },
	{ "/door", 1u << HTTP_POST | 1u << HTTP_OPTIONS, echo, NULL, 0, doorman },
	{ "/small", 1u << HTTP_POST, echo, NULL, FIXTURE_SMALL_BODY, NULL },
	{ "/tree/", 1u << HTTP_GET, echo, NULL, 0, NULL },
	{ "/big", 1u << HTTP_GET, big, NULL, 0, NULL },
	{ "/text", 1u << HTTP_GET, text, NULL, 0, NULL },
	{ "/slow", 1u << HTTP_GET, slow, NULL, 0, NULL },
	{ "/hold", 1u << HTTP_POST | 1u << HTTP_HEAD, hold, NULL, 0, NULL },
	{ "/light", 1u << HTTP_POST, light, NULL, 0, NULL },
	{ "/early", 1u << HTTP_POST, early, NULL, 0, NULL },
	{ "/cancel", 1u << HTTP_POST, cancel, NULL, 0, NULL },
	{ "/again", 1u << HTTP_POST, again, NULL, 0, NULL },
	{ "/beat", 1u << HTTP_POST, beat, NULL, 0, NULL },
	{ "/beats", 1u << HTTP_POST, beats, NULL, 0, NULL },
	{ "/healthz", 1u << HTTP_GET, http_healthz, NULL, 0, NULL },
};

static void join(char *ret, size_t n, const char *head, const char *tail)
{
	struct buf b = BUF_INIT(n);

	buf_fmt(&b, "%s%s%c", head, tail, '\0');
	assert_int_equal(buf_status(&b), ERR_OK);
	memcpy(ret, b.p, b.n);
	buf_release(&b);
}

static struct listener *listen_on(struct fixture *f, struct net_tls *tls)
{
	struct listener_args a = { .address = "127.0.0.1:0",
				   .tls = tls,
				   .open = http_server_open,
				   .ctx = f->server,
				   .refusal = HTTP_REFUSAL };
	struct listener *ls = NULL;
	struct buf why = BUF_INIT(512);

	if (listener_open(f->net, &a, &ls, &why))
		fail_msg(STR_FMT, STR_ARG(buf_view(&why)));
	buf_release(&why);
	return ls;
}

void fixture_start(struct fixture *f, struct fixture_args a)
{
	struct http_server_args args = {
		.routes = routes,
		.routes_n = countof(routes),
		.trusted = a.trusted,
		.max_body = FIXTURE_MAX_BODY,
		.max_bodies = a.max_bodies,
		.max_active = a.max_active,
		.max_suspended = a.max_suspended,
	};
	struct net_tls_cert cert = { NULL, f->cert, f->key };
	struct buf why = BUF_INIT(512);

	*f = (struct fixture){ .dir = tmpdir_make() };
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->opened, NULL);
	join(f->cert, sizeof(f->cert), f->dir.path, "/cert.pem");
	join(f->key, sizeof(f->key), f->dir.path, "/key.pem");
	client_make_cert("mail.example.test", f->cert, f->key);
	clock_fake_init(&f->clock, 0);
	for (size_t i = 0; i < countof(routes); i++)
		routes[i].ctx = f;
	assert_int_equal(net_start(&(struct net_args){ &f->clock.clock, a.loops ? a.loops : 1, 1000 }, &f->net), 0);
	assert_int_equal(pool_start(a.workers ? a.workers : 2, FIXTURE_QUEUE, &f->pool), ERR_OK);
	if (net_tls_new(&cert, 1, &f->tls, &why))
		fail_msg(STR_FMT, STR_ARG(buf_view(&why)));
	buf_release(&why);
	args.net = f->net;
	args.pool = f->pool;
	assert_int_equal(http_server_start(&args, &f->server), ERR_OK);
	f->plain = listen_on(f, NULL);
	f->secure = listen_on(f, f->tls);
	f->port = listener_port(f->plain);
	f->tls_port = listener_port(f->secure);
}

void fixture_stop(struct fixture *f)
{
	fixture_open_gate(f);
	listener_close(&f->plain);
	listener_close(&f->secure);
	if (f->server)
		http_server_drain(f->server, CLIENT_DEADLINE_MS);
	pool_drain(f->pool);
	http_server_stop(&f->server);
	net_stop(&f->net);
	pool_stop(&f->pool);
	net_tls_free(&f->tls);
	for (size_t i = 0; i < f->holds_n; i++) {
		http_hold_wake(f->holds[i]); /* late, and harmless */
		http_hold_unref(&f->holds[i]);
	}
	pthread_cond_destroy(&f->opened);
	pthread_mutex_destroy(&f->lock);
	unlink(f->cert);
	unlink(f->key);
	assert_int_equal(rmdir(f->dir.path), 0);
	judge_elsewhere(&f->elsewhere);
}

void fixture_open_gate(struct fixture *f)
{
	pthread_mutex_lock(&f->lock);
	f->open = true;
	pthread_cond_broadcast(&f->opened);
	pthread_mutex_unlock(&f->lock);
}

void fixture_wake(struct fixture *f, size_t i)
{
	struct http_hold *h;

	pthread_mutex_lock(&f->lock);
	assert_true(i < f->holds_n);
	h = f->holds[i];
	pthread_mutex_unlock(&f->lock);
	http_hold_wake(h);
}

struct wanted {
	struct fixture *f;
	size_t a, b;
};

static bool is_held(void *arg)
{
	struct wanted *w = arg;

	return http_server_counts(w->f->server).held == w->a && http_server_counts(w->f->server).active == w->b;
}

static bool is_finished(void *arg)
{
	struct wanted *w = arg;

	return atomic_load(&w->f->written) == w->a && atomic_load(&w->f->unwritten) == w->b;
}

static bool has_begun(void *arg)
{
	struct wanted *w = arg;
	bool enough;

	pthread_mutex_lock(&w->f->lock);
	enough = w->f->holds_n >= w->a;
	pthread_mutex_unlock(&w->f->lock);
	return enough;
}

static bool has_ended(void *arg)
{
	struct wanted *w = arg;

	return atomic_load(&w->f->written) + atomic_load(&w->f->unwritten) >= w->a;
}

static bool has_connections(void *arg)
{
	struct wanted *w = arg;

	return http_server_counts(w->f->server).connections == w->a;
}

void fixture_await_held(struct fixture *f, size_t n)
{
	client_await(is_held, &(struct wanted){ f, n, 0 }, "requests parked");
}

void fixture_await_suspended(struct fixture *f, size_t n)
{
	client_await(is_held, &(struct wanted){ f, n, n }, "requests suspended");
}

void fixture_await_begun(struct fixture *f, size_t n)
{
	client_await(has_begun, &(struct wanted){ f, n, 0 }, "handlers to hold");
}

void fixture_await_ended(struct fixture *f, unsigned n)
{
	client_await(has_ended, &(struct wanted){ f, n, 0 }, "requests to end");
}

void fixture_await_finished(struct fixture *f, unsigned written, unsigned unwritten)
{
	client_await(is_finished, &(struct wanted){ f, written, unwritten }, "requests finished");
}

void fixture_await_connections(struct fixture *f, size_t n)
{
	client_await(has_connections, &(struct wanted){ f, n, 0 }, "connections");
}

static void nothing(void *unused)
{
	(void)unused;
}

void fixture_advance(struct fixture *f, int64_t ms)
{
	/* Each round is a turn of the loop at least: what a turn defers is done in the next. */
	for (unsigned i = 0; i < FIXTURE_TURNS * net_loops(f->net); i++)
		loop_call(net_loop(f->net, i / FIXTURE_TURNS), nothing, NULL);
	clock_fake_advance(&f->clock, ms);
	for (unsigned i = 0; i < net_loops(f->net); i++)
		loop_kick(net_loop(f->net, i));
}

static bool tick(void *arg)
{
	struct wanted *w = arg;

	fixture_advance(w->f, 1);
	return has_ended(arg);
}

void fixture_tick_until_ended(struct fixture *f, unsigned n)
{
	client_await(tick, &(struct wanted){ f, n, 0 }, "requests to end in time");
}

struct client fixture_client(struct fixture *f, bool tls)
{
	struct client c = client_connect(tls ? f->tls_port : f->port);

	if (tls)
		client_start_tls(&c, "mail.example.test", NULL);
	return c;
}

void expect_answer(struct client *c, int status, const char *body)
{
	struct answer a = client_answer(c);
	struct str got = str_from(c->in.p + a.body_at, a.body_n);

	if (a.status != status || (body && !str_eq(got, str_of(body))))
		fail_msg("wanted %d %s, got %d " STR_FMT, status, body ? body : "", a.status, STR_ARG(got));
	client_consume(c, a.total);
}
