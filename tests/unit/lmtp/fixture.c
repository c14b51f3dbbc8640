/* The LMTP server of tests. */
#include <tests/unit/lmtp/fixture.h>

#include <gateway/net/net.h>
#include <store/blob.h>
#include <store/folder.h>
#include <store/item.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { THREADS = 2, QUEUE_MAX = 64, CONNECTIONS_MAX = 32, LIST_MAX = 2000 };

void lmtp_fixture_start(struct lmtp_fixture *f, const char *address, uint64_t max_message)
{
	struct buf why = BUF_INIT(1024);

	*f = (struct lmtp_fixture){ 0 };
	server_open(&f->server);
	f->ann = server_add_account(&f->server, "ann@example.test", "secret");
	f->bob = server_add_account(&f->server, "Bob@Example.Test", "secret");
	f->joerg = server_add_account(&f->server, "jörg@example.test", "secret");
	clock_fake_init(&f->net_clock, SERVER_NOW_MS);
	assert_int_equal(net_start(&(struct net_args){ &f->net_clock.clock, 1, CONNECTIONS_MAX }, &f->net), ERR_OK);
	assert_int_equal(pool_start(THREADS, QUEUE_MAX, &f->pool), ERR_OK);
	f->sender = (struct send_service){ .store = f->server.store,
					   .clock = &f->server.clock.clock,
					   .hostname = "mx.example.test",
					   .state_dir = f->server.dir.path,
					   .max_bytes = SEND_MAX_BYTES_DEFAULT,
					   .expires_ms = SEND_EXPIRES_MS_DEFAULT };
	f->lmtp.store = f->server.store;
	f->lmtp.sender = &f->sender;
	f->lmtp.pool = f->pool;
	f->lmtp.clock = &f->server.clock.clock;
	f->lmtp.hostname = "mx.example.test";
	f->lmtp.state_dir = f->server.dir.path;
	f->lmtp.max_message = max_message;
	if (listener_open(f->net,
			  &(struct listener_args){
				  .address = address, .open = lmtp_open, .ctx = &f->lmtp, .refusal = LMTP_REFUSAL },
			  &f->listener, &why) != ERR_OK)
		fail_msg("listen: " STR_FMT, STR_ARG(buf_view(&why)));
	buf_release(&why);
	f->port = listener_port(f->listener);
}

void lmtp_fixture_stop(struct lmtp_fixture *f)
{
	listener_close(&f->listener);
	pool_drain(f->pool);
	net_stop(&f->net);
	pool_stop(&f->pool);
	server_close(&f->server);
	server_remove(&f->server);
}

void lmtp_expect(struct client *c, const char *text)
{
	struct str wanted = str_of(text), got;
	bool came = client_read(c, wanted.n);

	got = str_slice(buf_view(&c->in), 0, wanted.n);
	if (!came || !str_eq(got, wanted))
		fail_msg("expected: %s\ngot: " STR_FMT, text, STR_ARG(buf_view(&c->in)));
	client_consume(c, wanted.n);
}

void lmtp_say(struct client *c, const char *text, const char *answer)
{
	client_send(c, str_of(text));
	lmtp_expect(c, answer);
}

struct client lmtp_fixture_client(struct lmtp_fixture *f)
{
	struct client c = client_connect(f->port);

	lmtp_expect(&c, "220 mx.example.test LMTP roost\r\n");
	client_send(&c, S("LHLO client.test\r\n"));
	assert_true(client_read_until(&c, S("\r\n250 SIZE ")));
	client_consume(&c, str_find(buf_view(&c.in), S("\r\n250 SIZE ")) + 2);
	assert_true(client_read_until(&c, S("\r\n")));
	client_consume(&c, c.in.n);
	return c;
}

static void nothing(void *arg)
{
	(void)arg;
}

void lmtp_fixture_advance(struct lmtp_fixture *f, int64_t ms)
{
	/* What the client has heard is then over for the server too, and its timers run. */
	loop_call(net_loop(f->net, 0), nothing, NULL);
	clock_fake_advance(&f->net_clock, ms);
	loop_kick(net_loop(f->net, 0));
}

static size_t list(struct store_tx *tx, struct arena *a, struct item **ret)
{
	int64_t inbox;
	size_t n;

	assert_int_equal(folder_by_role(tx, FOLDER_INBOX, &inbox), ERR_OK);
	assert_int_equal(item_list(a, tx, inbox, 0, LIST_MAX, ret, &n), ERR_OK);
	return n;
}

size_t lmtp_inbox_n(struct lmtp_fixture *f, const struct server_account *account)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(arena_release) struct arena a = ARENA_INIT(16 << 20);
	struct item *items;

	assert_int_equal(store_begin(f->server.store, account->mailbox, STORE_READ, &tx), ERR_OK);
	return list(tx, &a, &items);
}

struct str lmtp_inbox_octets(struct lmtp_fixture *f, struct arena *a, const struct server_account *account, size_t n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	CLEANUP(arena_release) struct arena rows = ARENA_INIT(16 << 20);
	struct item *items;
	size_t got, size;
	char *octets;

	assert_int_equal(store_begin(f->server.store, account->mailbox, STORE_READ, &tx), ERR_OK);
	assert_true(n < list(tx, &rows, &items));
	assert_int_equal(store_blob_open(tx, items[n].blob, &blob), ERR_OK);
	size = (size_t)store_blob_size(blob);
	assert_int_equal(size, items[n].size);
	octets = arena_alloc(a, size);
	assert_non_null(octets);
	assert_int_equal(store_blob_read(blob, 0, octets, size, &got), ERR_OK);
	assert_int_equal(got, size);
	return str_from(octets, size);
}

struct str lmtp_inbox_text(struct lmtp_fixture *f, struct arena *a, const struct server_account *account, size_t n)
{
	struct str octets = lmtp_inbox_octets(f, a, account, n), end = S(" +0000\r\n");
	size_t at = str_find(octets, end);

	assert_true(str_starts(octets, S("Return-Path: <")));
	assert_true(at < octets.n);
	return str_slice(octets, at + end.n, octets.n);
}
