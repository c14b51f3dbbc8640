/* What is connected, and ending it. */
#include <gateway/net/net.h>

#include <base/mem.h>
#include <tests/support/client.h>
#include <tests/support/elsewhere.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { CONNECTIONS_MAX = 16, ANN = 5, BOB = 6 };

/* A session: a line "PROTOCOL ACCOUNT" says whom it serves; "job" gives it to a worker until released. */
struct scene {
	struct net *net;
	struct pool *pool;
	struct listener *listener;
	struct buf lines; /* of what is connected, one a session */
	atomic_int opened, working;
	pthread_mutex_t gate; /* held: a worker stays at its job */
	struct elsewhere elsewhere;
};

struct session {
	struct scene *scene;
	struct stream_job job;
	char what[32];
};

static void at_the_gate(struct stream_job *j, struct worker *w)
{
	struct session *se = container_of(j, struct session, job);

	(void)w;
	atomic_fetch_add(&se->scene->working, 1);
	pthread_mutex_lock(&se->scene->gate);
	pthread_mutex_unlock(&se->scene->gate);
}

static void home(struct stream_job *j)
{
	stream_write(j->stream, S("home\n"));
}

static void on_input(struct stream *s)
{
	struct session *se = stream_session(s);
	struct str line = stream_input(s);

	if (str_starts(line, S("job"))) {
		stream_consume(s, line.n);
		se->job = (struct stream_job){ .run = at_the_gate, .done = home };
		if (!expect_elsewhere(&se->scene->elsewhere, stream_submit(s, se->scene->pool, &se->job)))
			stream_abort(s);
		return;
	}
	stream_serves(s, str_starts(line, S("ann")) ? "imap" : "pop3", str_starts(line, S("ann")) ? ANN : BOB);
	memcpy(se->what, line.p, line.n - 1);
	stream_consume(s, line.n);
	stream_write(s, S("known\n"));
}

static struct str describe(const struct stream *s)
{
	const struct session *se = stream_session(s);

	return str_of(se->what);
}

static void on_closed(struct stream *s, enum stream_end why)
{
	(void)why;
	free(stream_session(s));
}

static void open_session(struct stream *s, void *ctx)
{
	static const struct stream_events events = { .input = on_input, .describe = describe, .closed = on_closed };
	struct session *se = mem_alloc(sizeof(*se));

	se->scene = ctx;
	stream_attach(s, &events, se);
	atomic_fetch_add(&se->scene->opened, 1);
}

static int set_up(void **state)
{
	static struct scene sc;
	struct buf why = BUF_INIT(1024);

	sc = (struct scene){ .lines = BUF_INIT(64 * 1024) };
	pthread_mutex_init(&sc.gate, NULL);
	assert_int_equal(pool_start(2, 8, &sc.pool), ERR_OK);
	assert_int_equal(net_start(&(struct net_args){ clock_real(), 2, CONNECTIONS_MAX }, &sc.net), ERR_OK);
	assert_int_equal(
		listener_open(sc.net,
			      &(struct listener_args){ .address = "127.0.0.1:0", .open = open_session, .ctx = &sc },
			      &sc.listener, &why),
		ERR_OK);
	*state = &sc;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *sc = *state;

	listener_close(&sc->listener);
	pool_drain(sc->pool);
	net_stop(&sc->net);
	pool_stop(&sc->pool);
	pthread_mutex_destroy(&sc->gate);
	buf_release(&sc->lines);
	judge_elsewhere(&sc->elsewhere);
	return 0;
}

static struct client connected(struct scene *sc, struct str says)
{
	struct client c = client_connect(listener_port(sc->listener));

	client_send(&c, says);
	assert_true(client_read_until(&c, S("known\n")));
	client_consume(&c, c.in.n);
	return c;
}

static void put_line(void *ctx, const struct net_session *s)
{
	struct scene *sc = ctx;

	expect_elsewhere(&sc->elsewhere, s->id > 0 && s->age_ms >= 0 && !s->tls && str_eq(s->peer, S("127.0.0.1")));
	buf_fmt(&sc->lines, "%s %lld %s[" STR_FMT "]\n", s->protocol, (long long)s->account, s->busy ? "busy " : "",
		STR_ARG(s->what));
}

static bool lists(struct scene *sc, const char *line, size_t n)
{
	struct str rest, each;
	size_t found = 0;

	buf_clear(&sc->lines);
	net_sessions(sc->net, put_line, sc);
	rest = buf_view(&sc->lines);
	while (str_cut(&rest, '\n', &each))
		found += str_eq(each, str_of(line));
	return found == n;
}

static void every_connection_is_listed_with_whom_it_serves(void **state)
{
	struct scene *sc = *state;
	struct client ann = connected(sc, S("ann idle\n")), ann2 = connected(sc, S("ann fetch\n")),
		      bob = connected(sc, S("bob retr\n"));

	assert_true(lists(sc, "imap 5 [ann idle]", 1));
	assert_true(lists(sc, "imap 5 [ann fetch]", 1));
	assert_true(lists(sc, "pop3 6 [bob retr]", 1));
	client_close(&ann);
	client_close(&ann2);
	client_close(&bob);
}

static bool is_working(void *arg)
{
	return atomic_load(&((struct scene *)arg)->working) > 0;
}

static void what_a_worker_has_is_not_asked(void **state)
{
	struct scene *sc = *state;
	struct client ann = connected(sc, S("ann idle\n"));

	pthread_mutex_lock(&sc->gate);
	client_send(&ann, S("job\n"));
	client_await(is_working, sc, "a worker has it");
	assert_true(lists(sc, "imap 5 busy []", 1));
	pthread_mutex_unlock(&sc->gate);
	assert_true(client_read_until(&ann, S("home\n")));
	client_close(&ann);
}

static void an_account_s_sessions_end_and_others_stay(void **state)
{
	struct scene *sc = *state;
	struct client ann = connected(sc, S("ann idle\n")), bob = connected(sc, S("bob retr\n"));

	assert_int_equal(net_end_sessions(sc->net, &(struct net_ending){ .account = ANN, .except = "imap" }), 0);
	assert_int_equal(net_end_sessions(sc->net, &(struct net_ending){ .account = ANN, .except = "pop3" }), 1);
	client_read_eof(&ann);
	assert_true(lists(sc, "pop3 6 [bob retr]", 1));
	assert_int_equal(net_end_sessions(sc->net, &(struct net_ending){ .account = 99 }), 0);
	client_close(&ann);
	client_close(&bob);
}

static void one_that_a_worker_has_ends_when_it_comes_home(void **state)
{
	struct scene *sc = *state;
	struct client ann = connected(sc, S("ann idle\n"));

	pthread_mutex_lock(&sc->gate);
	client_send(&ann, S("job\n"));
	client_await(is_working, sc, "a worker has it");
	assert_int_equal(net_end_sessions(sc->net, &(struct net_ending){ .account = ANN }), 1);
	assert_int_equal(net_end_sessions(sc->net, &(struct net_ending){ .account = ANN }), 0);
	pthread_mutex_unlock(&sc->gate);
	client_read_eof(&ann);
	client_close(&ann);
}

static void take_id(void *ctx, const struct net_session *s)
{
	*(uint64_t *)ctx = s->id;
}

static void a_session_ends_by_its_number(void **state)
{
	struct scene *sc = *state;
	struct client ann = connected(sc, S("ann idle\n"));
	uint64_t id = 0;

	net_sessions(sc->net, take_id, &id);
	assert_int_equal(net_end_sessions(sc->net, &(struct net_ending){ .id = id + 1 }), 0);
	assert_int_equal(net_end_sessions(sc->net, &(struct net_ending){ .id = id }), 1);
	client_read_eof(&ann);
	client_close(&ann);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_connection_is_listed_with_whom_it_serves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_a_worker_has_is_not_asked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_account_s_sessions_end_and_others_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_a_worker_has_ends_when_it_comes_home, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_session_ends_by_its_number, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
