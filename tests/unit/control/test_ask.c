/* Questions to the running server, over a real socket. */
#include <gateway/control/announce_server.h>
#include <gateway/net/net.h>
#include <tests/support/client.h>
#include <tests/support/elsewhere.h>
#include <tests/support/tmpdir.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { ANSWER_MAX = 1024 * 1024 };

static void questions_are_a_verb_and_its_number(void **unused)
{
	static const struct {
		struct str line;
		enum err e;
		enum ask_verb verb;
		int64_t id, minutes;
	} cases[] = {
		{ STR_INIT("trace 7 60"), ERR_OK, ASK_TRACE, 7, 60 },
		{ STR_INIT("trace-bodies 7 1"), ERR_OK, ASK_TRACE_BODIES, 7, 1 },
		{ STR_INIT("trace-show 7"), ERR_OK, ASK_TRACE_SHOW, 7, 0 },
		{ STR_INIT("trace-off 7"), ERR_OK, ASK_TRACE_OFF, 7, 0 },
		{ STR_INIT("trace 7"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("trace 7 0"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("trace 7 60 1"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("trace 7 "), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("trace  7 60"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("stats"), ERR_OK, ASK_STATS, 0, 0 },
		{ STR_INIT("sessions"), ERR_OK, ASK_SESSIONS, 0, 0 },
		{ STR_INIT("end-session 7"), ERR_OK, ASK_END_SESSION, 7, 0 },
		{ STR_INIT("end-account 9223372036854775807"), ERR_OK, ASK_END_ACCOUNT, INT64_MAX, 0 },
		{ STR_INIT("reload"), ERR_OK, ASK_RELOAD, 0, 0 },
		{ STR_INIT("drain"), ERR_OK, ASK_DRAIN, 0, 0 },
		{ STR_INIT("end-session 9223372036854775808"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("end-session"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("end-session "), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("end-session 0"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("end-session -1"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("end-session 1 2"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("stats 1"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("Stats"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT("stat"), ERR_INVALID, 0, 0, 0 },
		{ STR_INIT(""), ERR_INVALID, 0, 0, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct ask ask = { 0 };
		enum err e = ask_parse(cases[i].line, &ask);

		if (e != cases[i].e ||
		    (!e && (ask.verb != cases[i].verb || ask.id != cases[i].id || ask.minutes != cases[i].minutes)))
			fail_msg("\"" STR_FMT "\": %s, %d, %lld", STR_ARG(cases[i].line), err_text(e), ask.verb,
				 (long long)ask.id);
	}
}

struct scene {
	struct tmpdir dir;
	struct net *net;
	struct pool *pool;
	struct listener *listener;
	struct announce_server server;
	size_t answer_n; /* of ASK_SESSIONS: bytes a line */
	struct elsewhere elsewhere;
};

/* In pieces: a sanitizer looks at each call, and the one who asks waits no longer than ASK_TIMEOUT_MS. */
static void put_long_word(struct buf *out, size_t n)
{
	static const char piece[64 * 1024] = { 'x' };

	for (; n > 0; n -= n < sizeof(piece) ? n : sizeof(piece))
		buf_put(out, piece, n < sizeof(piece) ? n : sizeof(piece));
}

static bool answer(void *ctx, const struct ask *ask, struct buf *out, const char **why)
{
	struct scene *sc = ctx;

	expect_elsewhere(&sc->elsewhere, pool_is_worker());
	if (ask->verb == ASK_RELOAD) {
		*why = "there is no TLS";
		return false;
	}
	if (ask->verb == ASK_SESSIONS)
		put_long_word(out, sc->answer_n);
	buf_fmt(out, "{\"verb\":\"%s\",\"id\":%lld}\n", ask_name(ask->verb), (long long)ask->id);
	return true;
}

static void nothing(void *ctx, int64_t id)
{
	(void)ctx;
	(void)id;
}

static int set_up(void **state)
{
	static struct scene sc;
	struct buf address = BUF_INIT(200), why = BUF_INIT(1024);

	sc = (struct scene){ .dir = tmpdir_make() };
	buf_fmt(&address, "unix:%s/%s%c", sc.dir.path, ANNOUNCE_SOCKET_NAME, '\0');
	assert_int_equal(pool_start(2, 8, &sc.pool), ERR_OK);
	assert_int_equal(net_start(&(struct net_args){ clock_real(), 1, 16 }, &sc.net), ERR_OK);
	sc.server = (struct announce_server){ .mailbox_changed = nothing,
					      .account_changed = nothing,
					      .device_changed = nothing,
					      .ask = answer,
					      .pool = sc.pool,
					      .ctx = &sc };
	assert_int_equal(listener_open(sc.net,
				       &(struct listener_args){
					       .address = address.p, .open = announce_server_open, .ctx = &sc.server },
				       &sc.listener, &why),
			 ERR_OK);
	buf_release(&address);
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
	tmpdir_remove(&sc->dir);
	judge_elsewhere(&sc->elsewhere);
	return 0;
}

static void a_question_gets_its_lines(void **state)
{
	struct scene *sc = *state;
	struct buf out = BUF_INIT(ANSWER_MAX);

	assert_int_equal(ask_server(sc->dir.path, &(struct ask){ .verb = ASK_STATS }, &out), ERR_OK);
	assert_true(str_eq(buf_view(&out), S("{\"verb\":\"stats\",\"id\":0}\n")));
	buf_clear(&out);
	assert_int_equal(ask_server(sc->dir.path, &(struct ask){ .verb = ASK_END_SESSION, .id = 42 }, &out), ERR_OK);
	assert_true(str_eq(buf_view(&out), S("{\"verb\":\"end-session\",\"id\":42}\n")));
	buf_release(&out);
}

static void a_long_answer_comes_whole(void **state)
{
	struct scene *sc = *state;
	struct buf out = BUF_INIT(ANSWER_MAX);

	sc->answer_n = ANSWER_MAX / 2;
	assert_int_equal(ask_server(sc->dir.path, &(struct ask){ .verb = ASK_SESSIONS }, &out), ERR_OK);
	assert_true(out.n > ANSWER_MAX / 2 && str_ends(buf_view(&out), S("\"sessions\",\"id\":0}\n")));
	buf_release(&out);
}

static void an_answer_past_the_ceiling_is_an_error(void **state)
{
	struct scene *sc = *state;
	struct buf out = BUF_INIT(ANSWER_MAX);

	sc->answer_n = ASK_ANSWER_MAX + 1;
	assert_int_equal(ask_server(sc->dir.path, &(struct ask){ .verb = ASK_SESSIONS }, &out), ERR_DENIED);
	assert_true(str_eq(buf_view(&out), S("the answer is too long")));
	buf_release(&out);
}

static void a_refusal_says_why(void **state)
{
	struct scene *sc = *state;
	struct buf out = BUF_INIT(ANSWER_MAX);

	assert_int_equal(ask_server(sc->dir.path, &(struct ask){ .verb = ASK_RELOAD }, &out), ERR_DENIED);
	assert_true(str_eq(buf_view(&out), S("there is no TLS")));
	buf_release(&out);
}

static void nobody_there_is_told_apart(void **state)
{
	struct tmpdir empty = tmpdir_make();
	struct buf out = BUF_INIT(ANSWER_MAX);

	(void)state;
	assert_int_equal(ask_server(empty.path, &(struct ask){ .verb = ASK_STATS }, &out), ERR_NOT_FOUND);
	buf_release(&out);
	tmpdir_remove(&empty);
}

static struct client dial(const struct scene *sc)
{
	struct buf path = BUF_INIT(200);
	struct client c;

	buf_fmt(&path, "%s/%s%c", sc->dir.path, ANNOUNCE_SOCKET_NAME, '\0');
	c = client_connect_unix(path.p);
	buf_release(&path);
	return c;
}

static void questions_and_announcements_share_a_connection(void **state)
{
	const struct scene *sc = *state;
	struct client c = dial(sc);

	client_send(&c, S("begin 1\nstats\ncommitted 1\nend-session 3\n"));
	assert_true(client_read_until(&c, S("\"id\":3}\nok\n")));
	assert_true(str_eq(buf_view(&c.in), S("ok\n{\"verb\":\"stats\",\"id\":0}\nok\nok\n"
					      "{\"verb\":\"end-session\",\"id\":3}\nok\n")));
	client_close(&c);
}

static void what_is_no_question_closes_the_connection(void **state)
{
	static const struct str cases[] = { STR_INIT("sessions 1\n"), STR_INIT("kick\n"), STR_INIT("\n"),
					    STR_INIT("end-session \xff\n") };
	const struct scene *sc = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		struct client c = dial(sc);

		client_send(&c, cases[i]);
		assert_true(client_read_until(&c, S("error malformed\n")));
		client_consume(&c, c.in.n);
		client_read_eof(&c);
		client_close(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_are_a_verb_and_its_number),
		cmocka_unit_test_setup_teardown(a_question_gets_its_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_long_answer_comes_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_answer_past_the_ceiling_is_an_error, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_refusal_says_why, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_there_is_told_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(questions_and_announcements_share_a_connection, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_question_closes_the_connection, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
