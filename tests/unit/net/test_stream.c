/* Streams through real listeners: a line-based session that echoes, plain, TLS, STARTTLS, with jobs and limits. */
#include <gateway/net/addr.h>
#include <gateway/net/net.h>
#include <gateway/net/tls.h>

#include <base/mem.h>
#include <tests/support/client.h>
#include <tests/support/elsewhere.h>
#include <tests/support/gate.h>
#include <tests/support/tmpdir.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { WORKERS = 2, ACCOUNT = 7, TIMEOUT_MS = 5000, BULK_BYTES = 3 * 1024 * 1024 };

struct fixture {
	struct net *net;
	struct pool *pool;
	struct net_tls *tls;
	struct listener *listener;
	struct clock_fake clock;
	struct tmpdir dir;
	char cert[96], key[96], sock[96];
	bool reads_on;
	struct elsewhere elsewhere; /* judged by fixture_stop() */
	_Atomic unsigned sessions, closed[STREAM_END_ABORTED + 1];
};

struct echo {
	struct fixture *f;
	struct stream *s;
	struct stream_job job;
	char *line; /* the worker's meanwhile */
	bool busy;
};

static void job_upper(struct stream_job *j, struct worker *w)
{
	struct echo *e = container_of(j, struct echo, job);

	(void)w;
	for (char *p = e->line; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
}

static void job_done(struct stream_job *j)
{
	struct echo *e = container_of(j, struct echo, job);

	e->busy = false;
	stream_write(e->s, str_of(e->line));
	free(e->line);
	e->line = NULL;
}

static void say_bulk(struct echo *e)
{
	struct buf b = BUF_INIT(BULK_BYTES);

	memset(buf_reserve(&b, BULK_BYTES), 'b', BULK_BYTES);
	buf_added(&b, BULK_BYTES);
	stream_write_buf(e->s, &b);
}

static void start_job(struct echo *e, struct str line)
{
	e->line = mem_cstr_n(line.p, line.n);
	e->job = (struct stream_job){ .run = job_upper, .done = job_done };
	e->busy = stream_submit(e->s, e->f->pool, &e->job);
	if (!expect_elsewhere(&e->f->elsewhere, e->busy))
		stream_abort(e->s);
}

static void line_in(struct echo *e, struct str line)
{
	if (str_eq(line, S("quit\n"))) {
		stream_write(e->s, S("bye\n"));
		stream_close(e->s);
	} else if (str_eq(line, S("starttls\n"))) {
		stream_write(e->s, S("go ahead\n"));
		stream_starttls(e->s, e->f->tls);
	} else if (str_eq(line, S("bulk\n"))) {
		say_bulk(e);
	} else if (str_starts(line, S("job "))) {
		start_job(e, line);
	} else {
		stream_write(e->s, line);
	}
}

static void on_input(struct stream *s)
{
	struct echo *e = stream_session(s);

	while (!e->busy) {
		struct str in = stream_input(s);
		size_t end = str_index(in, '\n');
		char *line;

		if (end == in.n) {
			if (stream_input_full(s)) {
				stream_write(s, S("line too long\n"));
				stream_close(s);
			}
			return;
		}
		line = mem_cstr_n(in.p, end + 1);
		stream_consume(s, end + 1);
		line_in(e, str_of(line));
		free(line);
	}
}

static void on_secured(struct stream *s)
{
	stream_write(s, S("secured\n"));
}

static void on_closed(struct stream *s, enum stream_end why)
{
	struct echo *e = stream_session(s);

	atomic_fetch_add(&e->f->closed[why], 1);
	atomic_fetch_sub(&e->f->sessions, 1);
	free(e);
}

static const struct stream_events echo_events = { .input = on_input, .secured = on_secured, .closed = on_closed };

static const struct stream_events patient_events = {
	.input = on_input, .secured = on_secured, .reads_on = true, .closed = on_closed
};

static void on_open(struct stream *s, void *ctx)
{
	struct echo *e = mem_alloc(sizeof(*e));

	e->f = ctx;
	e->s = s;
	atomic_fetch_add(&e->f->sessions, 1);
	stream_attach(s, e->f->reads_on ? &patient_events : &echo_events, e);
	stream_serves(s, "echo", ACCOUNT);
	stream_set_timeout(s, TIMEOUT_MS);
	stream_write(s, S("hello\n"));
}

static void join(char *ret, size_t n, const char *head, const char *tail)
{
	struct buf b = BUF_INIT(n);

	buf_fmt(&b, "%s%s%c", head, tail, '\0');
	assert_int_equal(buf_status(&b), ERR_OK);
	memcpy(ret, b.p, b.n);
	buf_release(&b);
}

static void fixture_start(struct fixture *f, size_t max_connections)
{
	struct buf why = BUF_INIT(1024);
	struct net_tls_cert cert = { NULL, f->cert, f->key };

	*f = (struct fixture){ .dir = tmpdir_make() };
	join(f->cert, sizeof(f->cert), f->dir.path, "/cert.pem");
	join(f->key, sizeof(f->key), f->dir.path, "/key.pem");
	join(f->sock, sizeof(f->sock), f->dir.path, "/sock");
	client_make_cert("mail.example.test", f->cert, f->key);
	clock_fake_init(&f->clock, 0);
	assert_int_equal(net_start(&(struct net_args){ &f->clock.clock, 2, max_connections }, &f->net), ERR_OK);
	assert_int_equal(pool_start(WORKERS, 16, &f->pool), ERR_OK);
	assert_int_equal(net_tls_new(&cert, 1, &f->tls, &why), ERR_OK);
	buf_release(&why);
}

static unsigned listen_on(struct fixture *f, const char *address, struct net_tls *tls)
{
	struct listener_args a = { .address = address, .tls = tls, .open = on_open, .ctx = f, .refusal = S("busy\n") };
	struct buf why = BUF_INIT(1024);

	if (listener_open(f->net, &a, &f->listener, &why))
		fail_msg(STR_FMT, STR_ARG(buf_view(&why)));
	buf_release(&why);
	return listener_port(f->listener);
}

static void fixture_stop(struct fixture *f)
{
	listener_close(&f->listener);
	pool_drain(f->pool);
	net_stop(&f->net);
	pool_stop(&f->pool);
	judge_elsewhere(&f->elsewhere);
	net_tls_free(&f->tls);
	assert_int_equal(f->sessions, 0);
	unlink(f->cert);
	unlink(f->key);
	assert_int_equal(rmdir(f->dir.path), 0);
}

static void expect(struct client *c, const char *text)
{
	size_t n = strlen(text);

	if (!client_read(c, n) || memcmp(c->in.p, text, n))
		fail_msg("wanted %s, got " STR_FMT, text, STR_ARG(buf_view(&c->in)));
	client_consume(c, n);
}

static struct client greeted(struct fixture *f, unsigned port, bool tls)
{
	struct client c = port ? client_connect(port) : client_connect_unix(f->sock);

	if (tls)
		client_start_tls(&c, "mail.example.test", NULL);
	expect(&c, "hello\n");
	return c;
}

static void lines_are_echoed_over_each_kind_of_listener(void **unused)
{
	static const struct {
		const char *what, *address;
		bool tls;
	} cases[] = {
		{ "IPv4", "127.0.0.1:0", false },
		{ "TLS", "127.0.0.1:0", true },
		{ "unix", NULL, false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct fixture f;
		char address[128];
		struct client c;
		unsigned port;

		fixture_start(&f, 10);
		join(address, sizeof(address), "unix:", f.sock);
		port = listen_on(&f, cases[i].address ? cases[i].address : address, cases[i].tls ? f.tls : NULL);
		c = greeted(&f, port, cases[i].tls);
		client_send(&c, S("one\ntw"));
		expect(&c, "one\n");
		client_send(&c, S("o\njob abc\nthree\nquit\nnever\n"));
		expect(&c, "two\nJOB ABC\nthree\nbye\n");
		client_read_eof(&c);
		client_close(&c);
		fixture_stop(&f);
		assert_int_equal(f.closed[STREAM_END_CLOSED], 1);
	}
}

static void starttls_drops_what_came_in_clear(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, 10);
	c = greeted(&f, listen_on(&f, "127.0.0.1:0", NULL), false);
	client_send(&c, S("starttls\ninjected\n"));
	expect(&c, "go ahead\n");
	client_start_tls(&c, NULL, NULL);
	expect(&c, "secured\n");
	client_send(&c, S("safe\n"));
	expect(&c, "safe\n");
	client_close(&c);
	fixture_stop(&f);
}

static void output_above_the_mark_arrives_whole(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	for (int tls = 0; tls <= 1; tls++) {
		fixture_start(&f, 10);
		c = greeted(&f, listen_on(&f, "127.0.0.1:0", tls ? f.tls : NULL), tls);
		client_send(&c, S("bulk\nafter\nquit\n"));
		assert_true(client_read(&c, BULK_BYTES));
		client_consume(&c, BULK_BYTES);
		expect(&c, "after\nbye\n");
		client_read_eof(&c);
		client_close(&c);
		fixture_stop(&f);
	}
}

static void a_line_past_the_input_ceiling_is_seen_as_full(void **unused)
{
	static const struct {
		const char *what;
		size_t bytes;
		bool fits;
	} cases[] = {
		{ "the ceiling", STREAM_INPUT_MAX_DEFAULT, true },
		{ "one past it", STREAM_INPUT_MAX_DEFAULT + 1, false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf line = BUF_INIT(cases[i].bytes);
		struct fixture f;
		struct client c;

		fixture_start(&f, 10);
		c = greeted(&f, listen_on(&f, "127.0.0.1:0", NULL), false);
		memset(buf_reserve(&line, cases[i].bytes), 'x', cases[i].bytes);
		buf_added(&line, cases[i].bytes);
		line.p[line.n - 1] = '\n';
		client_send(&c, buf_view(&line));
		if (!client_read_until(&c, S("\n")))
			fail_msg("%s: nothing came", cases[i].what);
		assert_int_equal(str_eq(buf_view(&c.in), buf_view(&line)), cases[i].fits);
		buf_release(&line);
		client_close(&c);
		fixture_stop(&f);
	}
}

static void nothing(void *unused)
{
	(void)unused;
}

/* Each loop ends the turn it is in, so that its timers are set; then it sees the time. */
static void advance(struct fixture *f, int64_t ms)
{
	for (unsigned i = 0; i < net_loops(f->net); i++)
		loop_call(net_loop(f->net, i), nothing, NULL);
	clock_fake_advance(&f->clock, ms);
	for (unsigned i = 0; i < net_loops(f->net); i++)
		loop_kick(net_loop(f->net, i));
}

static void silence_ends_the_session_at_its_timeout(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, 10);
	c = greeted(&f, listen_on(&f, "127.0.0.1:0", NULL), false);
	advance(&f, TIMEOUT_MS - 1);
	client_send(&c, S("still here\n"));
	expect(&c, "still here\n");
	advance(&f, TIMEOUT_MS);
	client_read_eof(&c);
	client_close(&c);
	fixture_stop(&f);
	assert_int_equal(f.closed[STREAM_END_TIMEOUT], 1);
}

static void a_handshake_that_never_comes_is_given_up(void **unused)
{
	struct fixture f;
	struct client c, second;
	unsigned port;

	(void)unused;
	fixture_start(&f, 10);
	port = listen_on(&f, "127.0.0.1:0", f.tls);
	c = client_connect(port);
	second = greeted(&f, port, true); /* by then the first has arrived */
	client_close(&second);
	advance(&f, NET_HANDSHAKE_TIMEOUT_MS);
	client_read_eof(&c);
	client_close(&c);
	fixture_stop(&f);
}

static void a_connection_above_the_limit_is_refused_in_words(void **unused)
{
	struct fixture f;
	struct client c[3];
	unsigned port;

	(void)unused;
	fixture_start(&f, 2);
	port = listen_on(&f, "127.0.0.1:0", NULL);
	c[0] = greeted(&f, port, false);
	c[1] = greeted(&f, port, false);
	c[2] = client_connect(port);
	expect(&c[2], "busy\n");
	client_read_eof(&c[2]);
	client_send(&c[1], S("works\n"));
	expect(&c[1], "works\n");
	for (size_t i = 0; i < countof(c); i++)
		client_close(&c[i]);
	fixture_stop(&f);
}

static bool holds_one_session(void *arg)
{
	struct fixture *f = arg;

	return atomic_load(&f->sessions) == 1;
}

/* The lowest numbers are free again only after the limit is lifted: nothing can be accepted meanwhile. */
static void without_descriptors_the_first_in_line_is_refused_and_accepting_goes_on_later(void **unused)
{
	struct rlimit limit, tight;
	struct client c, later;
	struct fixture f;
	unsigned port;
	int top;

	(void)unused;
	fixture_start(&f, 10);
	port = listen_on(&f, "127.0.0.1:0", NULL);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	c = client_idle();
	later = client_idle();
	top = dup(later.fd);
	close(top);
	tight = (struct rlimit){ (rlim_t)top, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	client_dial(&c, port);
	expect(&c, "busy\n");
	client_dial(&later, port);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	advance(&f, NET_ACCEPT_PAUSE_MS);
	expect(&later, "hello\n");
	client_await(holds_one_session, &f, "the second is in");
	client_close(&c);
	client_close(&later);
	fixture_stop(&f);
}

static void a_stale_unix_socket_is_replaced_and_a_live_one_is_not(void **unused)
{
	struct listener_args a;
	struct listener *other = NULL;
	struct buf why = BUF_INIT(1024);
	struct fixture f;
	char address[128];
	struct net_addr stale;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)unused;
	fixture_start(&f, 10);
	join(address, sizeof(address), "unix:", f.sock);
	assert_int_equal(net_addr_parse(address, &stale), ERR_OK);
	assert_int_equal(bind(fd, (struct sockaddr *)&stale.sa, stale.len), 0);
	close(fd);
	listen_on(&f, address, NULL);
	a = (struct listener_args){ .address = address, .open = on_open, .ctx = &f };
	assert_int_equal(listener_open(f.net, &a, &other, &why), ERR_IO);
	assert_true(str_starts(buf_view(&why), str_of(address)));
	buf_release(&why);
	fixture_stop(&f);
}

static bool holds_no_session(void *arg)
{
	struct fixture *f = arg;

	return atomic_load(&f->sessions) == 0;
}

static void send_jobs(struct client *c, unsigned n)
{
	struct buf b = BUF_INIT(n * sizeof("job abc\n"));

	for (unsigned i = 0; i < n; i++)
		buf_cstr(&b, "job abc\n");
	client_send(c, buf_view(&b));
	buf_release(&b);
}

/* More than is read at once; the peer has gone before the first of it is done. */
static void what_a_peer_had_sent_before_it_went_is_read_to_its_end(void **unused)
{
	enum { ASKED = 3000 };
	static const struct {
		bool tls, reset;
	} cases[] = { { false, true }, { false, false }, { true, true }, { true, false } };

	(void)unused;
	_Static_assert(ASKED * sizeof("job abc") > STREAM_INPUT_MAX_DEFAULT, "not all is read before");
	for (size_t i = 0; i < countof(cases); i++) {
		struct fixture f;
		struct client c;
		struct gate gate;

		fixture_start(&f, 10);
		f.reads_on = true;
		c = greeted(&f, listen_on(&f, "127.0.0.1:0", cases[i].tls ? f.tls : NULL), cases[i].tls);
		gate_shut(&gate, f.pool, WORKERS);
		send_jobs(&c, ASKED);
		gate_await_line(&gate);
		if (cases[i].reset)
			client_reset(&c);
		else
			client_close(&c);
		gate_open(&gate);
		client_await(holds_no_session, &f, "the session has ended");
		assert_int_equal(gate_passed(&gate), ASKED);
		fixture_stop(&f);
		assert_int_equal(f.closed[STREAM_END_PEER], 1);
	}
}

/* Whoever ends a session ends what its peer has asked for beforehand, too. */
static void what_waits_behind_a_job_is_not_begun_once_the_session_is_ended(void **unused)
{
	struct fixture f;
	struct client c;
	struct gate gate;

	(void)unused;
	fixture_start(&f, 10);
	f.reads_on = true;
	c = greeted(&f, listen_on(&f, "127.0.0.1:0", NULL), false);
	gate_shut(&gate, f.pool, WORKERS);
	send_jobs(&c, 10);
	gate_await_line(&gate);
	assert_int_equal(net_end_sessions(f.net, &(struct net_ending){ .account = ACCOUNT }), 1);
	gate_open(&gate);
	client_await(holds_no_session, &f, "the session has ended");
	assert_int_equal(gate_passed(&gate), 1);
	client_close(&c);
	fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_echoed_over_each_kind_of_listener),
		cmocka_unit_test(starttls_drops_what_came_in_clear),
		cmocka_unit_test(output_above_the_mark_arrives_whole),
		cmocka_unit_test(a_line_past_the_input_ceiling_is_seen_as_full),
		cmocka_unit_test(what_a_peer_had_sent_before_it_went_is_read_to_its_end),
		cmocka_unit_test(what_waits_behind_a_job_is_not_begun_once_the_session_is_ended),
		cmocka_unit_test(silence_ends_the_session_at_its_timeout),
		cmocka_unit_test(a_handshake_that_never_comes_is_given_up),
		cmocka_unit_test(a_connection_above_the_limit_is_refused_in_words),
		cmocka_unit_test(without_descriptors_the_first_in_line_is_refused_and_accepting_goes_on_later),
		cmocka_unit_test(a_stale_unix_socket_is_replaced_and_a_live_one_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
