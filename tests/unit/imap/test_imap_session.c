/* When an IMAP session ends by itself. One worker and one loop: what is asked later is answered later. */
#include <gateway/imap/imap.h>
#include <gateway/imap/limits.h>
#include <gateway/net/net.h>
#include <tests/support/client.h>
#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { THREADS = 1, QUEUE_MAX = 64, CONNECTIONS_MAX = 8 };

static struct {
	struct server server; /* store and accounts; it does not listen */
	struct clock_fake clock;
	struct net *net;
	struct pool *pool;
	struct listener *listener;
	struct imap_server *imap;
} f;

static int setup(void **unused)
{
	struct buf why = BUF_INIT(1024);

	(void)unused;
	server_open(&f.server);
	server_add_account(&f.server, "ann@example.test", "secret");
	clock_fake_init(&f.clock, SERVER_NOW_MS);
	assert_int_equal(net_start(&(struct net_args){ &f.clock.clock, 1, CONNECTIONS_MAX }, &f.net), ERR_OK);
	assert_int_equal(pool_start(THREADS, QUEUE_MAX, &f.pool), ERR_OK);
	f.imap = imap_server_new(&(struct imap_args){
		.store = f.server.store,
		.push = f.server.push,
		.auth = f.server.auth,
		.pool = f.pool,
		.clock = &f.clock.clock,
		.hostname = "imap.example.test",
		.state_dir = f.server.dir.path,
		.max_message = 1 << 20,
		.plain_login = true,
	});
	assert_int_equal(listener_open(f.net,
				       &(struct listener_args){ .address = "127.0.0.1:0",
								.open = imap_open,
								.ctx = f.imap,
								.refusal = IMAP_REFUSAL },
				       &f.listener, &why),
			 ERR_OK);
	buf_release(&why);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	listener_close(&f.listener);
	pool_drain(f.pool);
	net_stop(&f.net);
	pool_stop(&f.pool);
	imap_server_free(&f.imap);
	server_close(&f.server);
	server_remove(&f.server);
	return 0;
}

/* The text comes, whatever comes before it. */
static void hears(struct client *c, struct str text)
{
	if (!client_read_until(c, text))
		fail_msg("expected: " STR_FMT "\ngot: " STR_FMT, STR_ARG(text), STR_ARG(buf_view(&c->in)));
	client_consume(c, c->in.n);
}

static struct client greeted(void)
{
	struct client c = client_connect(listener_port(f.listener));

	hears(&c, S("ready\r\n"));
	return c;
}

static struct client ann(void)
{
	struct client c = greeted();

	client_send(&c, S("a LOGIN ann secret\r\n"));
	hears(&c, S("a OK"));
	return c;
}

/* What others have asked for until now is done. */
static void all_is_done(void)
{
	struct client c = ann();

	client_send(&c, S("a STATUS INBOX (MESSAGES)\r\n"));
	hears(&c, S("a OK"));
	client_close(&c);
}

static void nothing(void *arg)
{
	(void)arg;
}

static void advance(int64_t ms)
{
	/* What the client has heard is then over for the server too. */
	loop_call(net_loop(f.net, 0), nothing, NULL);
	clock_fake_advance(&f.clock, ms);
	loop_kick(net_loop(f.net, 0));
}

static void still_answers(struct client *c)
{
	client_send(c, S("b NOOP\r\n"));
	hears(c, S("b OK"));
}

#define SILENT S("* BYE you have been silent for too long\r\n")

static void silence_before_login_ends_a_session_soon(void **unused)
{
	struct client c = greeted();

	(void)unused;
	advance(IMAP_LOGIN_TIMEOUT_MS - 1);
	still_answers(&c);
	advance(IMAP_LOGIN_TIMEOUT_MS);
	hears(&c, SILENT);
	client_read_eof(&c);
	client_close(&c);
}

/* RFC 9051 section 5.4: at least thirty minutes. */
static void silence_after_login_ends_a_session_in_half_an_hour(void **unused)
{
	struct client c = ann();

	(void)unused;
	assert_true(IMAP_TIMEOUT_MS >= 30 * 60 * 1000);
	advance(IMAP_TIMEOUT_MS - 1);
	still_answers(&c);
	advance(IMAP_TIMEOUT_MS);
	hears(&c, SILENT);
	client_read_eof(&c);
	client_close(&c);
}

static void who_idles_is_reminded_and_let_go_in_half_an_hour(void **unused)
{
	struct client c = ann();

	(void)unused;
	client_send(&c, S("c SELECT INBOX\r\n"));
	hears(&c, S("c OK"));
	client_send(&c, S("d IDLE\r\n"));
	hears(&c, S("+ idling\r\n"));
	all_is_done();
	for (int64_t ms = IMAP_IDLE_REMIND_MS; ms < IMAP_TIMEOUT_MS; ms += IMAP_IDLE_REMIND_MS) {
		advance(IMAP_IDLE_REMIND_MS);
		hears(&c, S("* OK still here\r\n"));
	}
	advance(IMAP_IDLE_REMIND_MS);
	hears(&c, SILENT);
	client_read_eof(&c);
	client_close(&c);
}

static void who_waits_for_notifications_is_let_go_too(void **unused)
{
	struct client c = ann();

	(void)unused;
	client_send(&c, S("c NOTIFY SET (personal (MailboxName))\r\n"));
	hears(&c, S("c OK"));
	all_is_done();
	advance(IMAP_TIMEOUT_MS);
	hears(&c, SILENT);
	client_read_eof(&c);
	client_close(&c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(silence_before_login_ends_a_session_soon),
		TEST(silence_after_login_ends_a_session_in_half_an_hour),
		TEST(who_idles_is_reminded_and_let_go_in_half_an_hour),
		TEST(who_waits_for_notifications_is_let_go_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
