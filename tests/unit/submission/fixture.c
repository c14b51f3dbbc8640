/* The submission server of tests. */
#include <tests/unit/submission/fixture.h>

#include <gateway/net/net.h>
#include <gateway/net/tls.h>
#include <store/account.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { THREADS = 2, QUEUE_MAX = 64, CONNECTIONS_MAX = 32, LIST_MAX = 100 };

static struct net_tls *make_tls(const char *dir)
{
	struct buf certificate = BUF_INIT(4096), key = BUF_INIT(4096), why = BUF_INIT(1024);
	struct net_tls *tls;

	buf_fmt(&certificate, "%s/cert.pem", dir);
	buf_char(&certificate, '\0');
	buf_fmt(&key, "%s/key.pem", dir);
	buf_char(&key, '\0');
	client_make_cert("smtp.example.test", certificate.p, key.p);
	assert_int_equal(net_tls_new(&(struct net_tls_cert){ NULL, certificate.p, key.p }, 1, &tls, &why), ERR_OK);
	buf_release(&certificate);
	buf_release(&key);
	return tls;
}

static void add_address(struct submission_fixture *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	assert_int_equal(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(account_address_add(tx, f->ann.id, S("ann.lee@example.test")), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

void submission_fixture_start(struct submission_fixture *f)
{
	struct buf why = BUF_INIT(1024);

	*f = (struct submission_fixture){ 0 };
	server_open(&f->server);
	f->ann = server_add_account(&f->server, "ann@example.test", "secret");
	f->bob = server_add_account(&f->server, "bob@example.test", "secret");
	add_address(f);
	clock_fake_init(&f->net_clock, SERVER_NOW_MS);
	assert_int_equal(net_start(&(struct net_args){ &f->net_clock.clock, 1, CONNECTIONS_MAX }, &f->net), ERR_OK);
	assert_int_equal(pool_start(THREADS, QUEUE_MAX, &f->pool), ERR_OK);
	f->tls = make_tls(f->server.dir.path);
	f->send = (struct send_service){ .store = f->server.store,
					 .clock = &f->server.clock.clock,
					 .hostname = "smtp.example.test",
					 .state_dir = f->server.dir.path,
					 .max_bytes = SUBMISSION_FIXTURE_MAX_BYTES,
					 .expires_ms = SEND_EXPIRES_MS_DEFAULT };
	f->submission = (struct submission_server){
		.send = &f->send,
		.hostname = "smtp.example.test",
		.tls = f->tls,
		.login = { .auth = f->server.auth, .pool = f->pool, .service = AUTH_SUBMISSION, .plain_ok = true },
	};
	if (listener_open(f->net,
			  &(struct listener_args){ .address = "127.0.0.1:0",
						   .open = submission_open,
						   .ctx = &f->submission,
						   .refusal = SUBMISSION_REFUSAL },
			  &f->listener, &why) != ERR_OK)
		fail_msg("listen: " STR_FMT, STR_ARG(buf_view(&why)));
	buf_release(&why);
	f->port = listener_port(f->listener);
}

void submission_fixture_stop(struct submission_fixture *f)
{
	listener_close(&f->listener);
	pool_drain(f->pool);
	net_stop(&f->net);
	pool_stop(&f->pool);
	net_tls_free(&f->tls);
	server_close(&f->server);
	server_remove(&f->server);
}

void submission_expect(struct client *c, const char *text)
{
	struct str wanted = str_of(text), got;
	bool came = client_read(c, wanted.n);

	got = str_slice(buf_view(&c->in), 0, wanted.n);
	if (!came || !str_eq(got, wanted))
		fail_msg("expected: %s\ngot: " STR_FMT, text, STR_ARG(buf_view(&c->in)));
	client_consume(c, wanted.n);
}

void submission_tell(struct client *c, const char *text, const char *answer)
{
	client_send(c, str_of(text));
	submission_expect(c, answer);
}

void submission_expect_queued(struct client *c)
{
	submission_expect(c, "250 2.0.0 queued as ");
	assert_true(client_read_until(c, S("\r\n")));
	client_consume(c, str_find(buf_view(&c->in), S("\r\n")) + 2);
}

struct str submission_ehlo(struct client *c, struct arena *a)
{
	struct str all;

	client_send(c, S("EHLO client.test\r\n"));
	assert_true(client_read_until(c, S("\r\n250 SIZE ")));
	client_send(c, S("NOOP\r\n"));
	assert_true(client_read_until(c, S("250 2.0.0 ok\r\n")));
	assert_int_equal(arena_str(a, str_slice(buf_view(&c->in), 0, c->in.n - 14), &all), ERR_OK);
	client_consume(c, c->in.n);
	return all;
}

struct client submission_fixture_client(struct submission_fixture *f)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 16);
	struct client c = client_connect(f->port);

	submission_expect(&c, "220 smtp.example.test ESMTP roost\r\n");
	submission_ehlo(&c, &a);
	return c;
}

struct client submission_fixture_ann(struct submission_fixture *f)
{
	struct client c = submission_fixture_client(f);

	submission_tell(&c, "AUTH PLAIN AGFubgBzZWNyZXQ=\r\n", "235 2.7.0 welcome\r\n");
	return c;
}

static void nothing(void *arg)
{
	(void)arg;
}

void submission_fixture_advance(struct submission_fixture *f, int64_t ms)
{
	/* What the client has heard is then over for the server too, and its timers run. */
	loop_call(net_loop(f->net, 0), nothing, NULL);
	clock_fake_advance(&f->net_clock, ms);
	loop_kick(net_loop(f->net, 0));
}

struct queue_entry *submission_queue(struct submission_fixture *f, struct arena *a, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct queue_entry *entries;

	assert_int_equal(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx), ERR_OK);
	assert_int_equal(queue_list(a, tx, 0, true, LIST_MAX, &entries, ret_n), ERR_OK);
	for (size_t i = 0; i < *ret_n; i++)
		assert_int_equal(queue_get(a, tx, entries[i].id, &entries[i]), ERR_OK);
	return entries;
}

struct str submission_octets(struct submission_fixture *f, struct arena *a, const struct queue_entry *e)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	size_t got, size;
	char *octets;

	assert_int_equal(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx), ERR_OK);
	assert_int_equal(store_blob_open(tx, e->blob, &blob), ERR_OK);
	size = (size_t)store_blob_size(blob);
	octets = arena_alloc(a, size);
	assert_non_null(octets);
	assert_int_equal(store_blob_read(blob, 0, octets, size, &got), ERR_OK);
	return str_from(octets, got);
}
