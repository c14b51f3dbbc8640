/* The POP3 server of tests. */
#include <tests/unit/pop3/fixture.h>

#include <gateway/mailbox/intake.h>
#include <gateway/net/net.h>
#include <gateway/net/tls.h>
#include <store/blob.h>
#include <store/folder.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { QUEUE_MAX = 64, CONNECTIONS_MAX = 32, LIST_MAX = 5000 };

static struct net_tls *make_tls(const char *dir)
{
	struct buf certificate = BUF_INIT(4096), key = BUF_INIT(4096), why = BUF_INIT(1024);
	struct net_tls *tls;

	buf_fmt(&certificate, "%s/cert.pem", dir);
	buf_char(&certificate, '\0');
	buf_fmt(&key, "%s/key.pem", dir);
	buf_char(&key, '\0');
	client_make_cert("pop.example.test", certificate.p, key.p);
	assert_int_equal(net_tls_new(&(struct net_tls_cert){ NULL, certificate.p, key.p }, 1, &tls, &why), ERR_OK);
	buf_release(&certificate);
	buf_release(&key);
	return tls;
}

void pop3_fixture_start(struct pop3_fixture *f)
{
	struct buf why = BUF_INIT(1024);

	*f = (struct pop3_fixture){ 0 };
	server_open(&f->server);
	f->ann = server_add_account(&f->server, "ann@example.test", "secret");
	f->bob = server_add_account(&f->server, "bob@example.test", "secret");
	clock_fake_init(&f->net_clock, SERVER_NOW_MS);
	assert_int_equal(net_start(&(struct net_args){ &f->net_clock.clock, 1, CONNECTIONS_MAX }, &f->net), ERR_OK);
	assert_int_equal(pool_start(POP3_FIXTURE_THREADS, QUEUE_MAX, &f->pool), ERR_OK);
	f->tls = make_tls(f->server.dir.path);
	f->pop3 = (struct pop3_server){
		.store = f->server.store,
		.hostname = "pop.example.test",
		.tls = f->tls,
		.login = { .auth = f->server.auth, .pool = f->pool, .service = AUTH_POP3, .plain_ok = true },
		.drops = pop3_drops_new(),
	};
	if (listener_open(
		    f->net,
		    &(struct listener_args){
			    .address = "127.0.0.1:0", .open = pop3_open, .ctx = &f->pop3, .refusal = POP3_REFUSAL },
		    &f->listener, &why) != ERR_OK)
		fail_msg("listen: " STR_FMT, STR_ARG(buf_view(&why)));
	buf_release(&why);
	f->port = listener_port(f->listener);
}

void pop3_fixture_stop(struct pop3_fixture *f)
{
	listener_close(&f->listener);
	pool_drain(f->pool);
	net_stop(&f->net);
	pool_stop(&f->pool);
	pop3_drops_free(&f->pop3.drops);
	net_tls_free(&f->tls);
	server_close(&f->server);
	server_remove(&f->server);
}

void pop3_expect(struct client *c, const char *text)
{
	struct str wanted = str_of(text), got;
	bool came = client_read(c, wanted.n);

	got = str_slice(buf_view(&c->in), 0, wanted.n);
	if (!came || !str_eq(got, wanted))
		fail_msg("expected: %s\ngot: " STR_FMT, text, STR_ARG(buf_view(&c->in)));
	client_consume(c, wanted.n);
}

void pop3_tell(struct client *c, const char *text, const char *answer)
{
	client_send(c, str_of(text));
	pop3_expect(c, answer);
}

struct client pop3_fixture_client(struct pop3_fixture *f)
{
	struct client c = client_connect(f->port);

	pop3_expect(&c, "+OK pop.example.test ready\r\n");
	return c;
}

/* False: another session has the maildrop, or has not ended yet. */
static bool log_in(struct client *c)
{
	client_send(c, S("USER ann\r\nPASS secret\r\n"));
	pop3_expect(c, "+OK\r\n");
	assert_true(client_read_until(c, S("\r\n")));
	if (str_starts(buf_view(&c->in), S("-ERR [IN-USE]")))
		return false;
	assert_true(str_starts(buf_view(&c->in), S("+OK ")));
	client_consume(c, c->in.n);
	return true;
}

struct client pop3_fixture_ann(struct pop3_fixture *f)
{
	struct client c = pop3_fixture_client(f);

	while (!log_in(&c)) {
		client_close(&c);
		c = pop3_fixture_client(f);
	}
	return c;
}

static void nothing(void *arg)
{
	(void)arg;
}

void pop3_fixture_advance(struct pop3_fixture *f, int64_t ms)
{
	/* What the client has heard is then over for the server too, and its timers run. */
	loop_call(net_loop(f->net, 0), nothing, NULL);
	clock_fake_advance(&f->net_clock, ms);
	loop_kick(net_loop(f->net, 0));
}

void pop3_deliver(struct pop3_fixture *f, struct str octets)
{
	CLEANUP(intake_free) struct intake *in = NULL;

	assert_int_equal(intake_new(f->server.dir.path, 64 << 20, &in), ERR_OK);
	assert_int_equal(intake_put(in, octets), ERR_OK);
	assert_int_equal(intake_finish(in), ERR_OK);
	assert_int_equal(intake_deliver(in, f->server.store, f->ann.mailbox, SERVER_NOW_MS), ERR_OK);
}

static size_t list(struct store_tx *tx, struct arena *a, int64_t *ret_inbox, struct item **ret)
{
	size_t n;

	assert_int_equal(folder_by_role(tx, FOLDER_INBOX, ret_inbox), ERR_OK);
	assert_int_equal(item_list(a, tx, *ret_inbox, 0, LIST_MAX, ret, &n), ERR_OK);
	return n;
}

void pop3_deliver_more(struct pop3_fixture *f, size_t n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(arena_release) struct arena a = ARENA_INIT(16 << 20);
	struct item *items, unused;
	struct item_new more;
	size_t listed;

	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx), ERR_OK);
	more = (struct item_new){ .by = AUTHOR_NOBODY };
	listed = list(tx, &a, &more.folder, &items);
	more.blob = items[listed - 1].blob;
	more.size = items[listed - 1].size;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(store_blob_ref(tx, more.blob), ERR_OK);
		assert_int_equal(item_add(tx, &more, &unused), ERR_OK);
	}
	assert_int_equal(store_commit(&tx), ERR_OK);
}

struct pop3_counts pop3_inbox(struct pop3_fixture *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(arena_release) struct arena a = ARENA_INIT(16 << 20);
	struct pop3_counts counts;
	struct item *items;
	int64_t inbox;

	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx), ERR_OK);
	counts = (struct pop3_counts){ .total = list(tx, &a, &inbox, &items) };
	for (size_t i = 0; i < counts.total; i++)
		counts.seen += (items[i].flags & ITEM_SEEN) != 0;
	return counts;
}

void pop3_expunge(struct pop3_fixture *f, size_t n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(arena_release) struct arena a = ARENA_INIT(16 << 20);
	const struct author by = AUTHOR_NOBODY;
	struct item *items;
	int64_t inbox;

	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_true(n < list(tx, &a, &inbox, &items));
	assert_int_equal(item_expunge(tx, inbox, items[n].id, &by), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

void pop3_rewrite(struct pop3_fixture *f, size_t n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(arena_release) struct arena a = ARENA_INIT(16 << 20);
	struct item_edit edit = { .what = ITEM_EDIT_CONTENT };
	const struct author by = AUTHOR_NOBODY;
	struct item *items;
	int64_t inbox;

	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_true(n < list(tx, &a, &inbox, &items));
	edit.blob = items[n].blob;
	edit.size = items[n].size;
	assert_int_equal(store_blob_ref(tx, edit.blob), ERR_OK);
	assert_int_equal(item_update(tx, inbox, items[n].id, &edit, &by), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}
