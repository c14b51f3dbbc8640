/* IMAP in the test's own process. */
#include <tests/unit/imap/fixture.h>

#include <gateway/mailbox/intake.h>

enum { QUEUE_MAX = 64, CONNECTIONS_MAX = 64, MESSAGE_MAX_BYTES = 1 << 20 };

struct imap_fixture imap_fixture;

int imap_setup(void **unused)
{
	struct imap_fixture *f = &imap_fixture;
	struct buf why = BUF_INIT(1024);

	(void)unused;
	server_open(&f->server);
	f->account = server_add_account(&f->server, "ann@example.test", "secret");
	clock_fake_init(&f->clock, SERVER_NOW_MS);
	assert_int_equal(net_start(&(struct net_args){ &f->clock.clock, 1, CONNECTIONS_MAX }, &f->net), ERR_OK);
	assert_int_equal(pool_start(IMAP_FIXTURE_THREADS, QUEUE_MAX, &f->pool), ERR_OK);
	f->imap = imap_server_new(&(struct imap_args){
		.store = f->server.store,
		.push = f->server.push,
		.auth = f->server.auth,
		.pool = f->pool,
		.clock = &f->clock.clock,
		.hostname = "imap.example.test",
		.state_dir = f->server.dir.path,
		.max_message = MESSAGE_MAX_BYTES,
		.plain_login = true,
	});
	assert_int_equal(listener_open(f->net,
				       &(struct listener_args){ .address = "127.0.0.1:0",
								.open = imap_open,
								.ctx = f->imap,
								.refusal = IMAP_REFUSAL },
				       &f->listener, &why),
			 ERR_OK);
	buf_release(&why);
	return 0;
}

int imap_teardown(void **unused)
{
	struct imap_fixture *f = &imap_fixture;

	(void)unused;
	listener_close(&f->listener);
	pool_drain(f->pool);
	net_stop(&f->net);
	pool_stop(&f->pool);
	imap_server_free(&f->imap);
	server_close(&f->server);
	server_remove(&f->server);
	return 0;
}

void hears(struct client *c, struct str text)
{
	if (!client_read_until(c, text))
		fail_msg("expected: " STR_FMT "\ngot: " STR_FMT, STR_ARG(text), STR_ARG(buf_view(&c->in)));
	client_consume(c, c->in.n);
}

struct client greeted(void)
{
	struct client c = client_connect(listener_port(imap_fixture.listener));

	hears(&c, S("ready\r\n"));
	return c;
}

struct client ann(void)
{
	struct client c = greeted();

	client_send(&c, S("a LOGIN ann secret\r\n"));
	hears(&c, S("a OK"));
	return c;
}

void all_is_done(void)
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

void advance(int64_t ms)
{
	struct loop *loop = net_loop(imap_fixture.net, 0);

	loop_call(loop, nothing, NULL);
	clock_fake_advance(&imap_fixture.clock, ms);
	loop_kick(loop);
}

void deliver(struct str octets)
{
	struct imap_fixture *f = &imap_fixture;
	CLEANUP(intake_free) struct intake *in = NULL;

	assert_int_equal(intake_new(f->server.dir.path, MESSAGE_MAX_BYTES, &in), ERR_OK);
	assert_int_equal(intake_put(in, octets), ERR_OK);
	assert_int_equal(intake_finish(in), ERR_OK);
	assert_int_equal(intake_deliver(in, f->server.store, f->account.mailbox, SERVER_NOW_MS), ERR_OK);
}
