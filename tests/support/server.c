/* The tests' server. */
#include <tests/support/server.h>

#include <base/mem.h>
#include <gateway/auth/auth.h>
#include <push/push.h>
#include <store/account.h>
#include <store/folder.h>
#include <tests/support/client.h>

#include <crypt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { HANDLES = 16, THREADS = 2, QUEUE_MAX = 256, CONNECTIONS_MAX = 256, PUBLISH_MAX = 64 };

static void publish(void *ctx, const struct store_change *changes, size_t n)
{
	struct push_change out[PUBLISH_MAX];
	struct server *s = ctx;

	while (n > 0) {
		size_t part = n < PUBLISH_MAX ? n : PUBLISH_MAX;

		for (size_t i = 0; i < part; i++)
			out[i] = (struct push_change){ .mailbox = changes[i].mailbox,
						       .folder = changes[i].folder,
						       .change = changes[i].change,
						       .author = changes[i].author };
		push_publish(s->push, out, part);
		changes += part;
		n -= part;
	}
}

static void before_write(void *ctx, int64_t mailbox)
{
	struct server *s = ctx;
	server_write_hook *hook = s->before_write;

	if (hook)
		hook(s->before_write_ctx, mailbox);
}

void server_open(struct server *s)
{
	struct store_config config = {
		.max_handles = HANDLES, .publish = publish, .before_write = before_write, .ctx = s
	};

	if (!s->dir.path[0]) {
		s->dir = tmpdir_make();
		clock_fake_init(&s->clock, SERVER_NOW_MS);
	}
	config.state_dir = s->dir.path;
	config.clock = &s->clock.clock;
	s->push = push_new(&s->clock.clock);
	assert_int_equal(store_open(&config, &s->store), ERR_OK);
	s->auth = auth_new(s->store, &s->clock.clock, "example.test");
}

void server_listen(struct server *s, const struct http_route *routes, size_t routes_n)
{
	const struct net_args net = { .clock = clock_real(), .loops = 1, .max_connections = CONNECTIONS_MAX };
	struct listener_args listener = { .address = "127.0.0.1:0", .open = http_server_open, .refusal = HTTP_REFUSAL };
	struct buf why = BUF_INIT(1024);

	assert_int_equal(net_start(&net, &s->net), ERR_OK);
	assert_int_equal(pool_start(THREADS, QUEUE_MAX, &s->pool), ERR_OK);
	assert_int_equal(http_server_start(
				 &(struct http_server_args){
					 .net = s->net, .pool = s->pool, .routes = routes, .routes_n = routes_n },
				 &s->http),
			 ERR_OK);
	listener.ctx = s->http;
	if (listener_open(s->net, &listener, &s->listener, &why) != ERR_OK)
		fail_msg("listen: " STR_FMT, STR_ARG(buf_view(&why)));
	buf_release(&why);
	s->port = listener_port(s->listener);
}

void server_unlisten(struct server *s)
{
	if (!s->http)
		return;
	listener_close(&s->listener);
	assert_true(http_server_drain(s->http, CLIENT_DEADLINE_MS));
	pool_drain(s->pool);
	http_server_stop(&s->http);
	net_stop(&s->net);
	pool_stop(&s->pool);
}

void server_close(struct server *s)
{
	auth_free(&s->auth);
	store_close(&s->store);
	push_free(&s->push);
}

void server_remove(struct server *s)
{
	tmpdir_remove(&s->dir);
}

void server_advance(struct server *s, int64_t ms)
{
	clock_fake_advance(&s->clock, ms);
	push_advance(s->push);
}

struct held_wanted {
	struct server *s;
	size_t n;
};

static bool are_held(void *arg)
{
	const struct held_wanted *wanted = arg;

	return http_server_counts(wanted->s->http).held == wanted->n;
}

void server_await_held(struct server *s, size_t n)
{
	client_await(are_held, &(struct held_wanted){ s, n }, "requests are held");
}

/* One that the server accepts and that costs next to nothing, since tests log in all the time. */
static struct str cheap_hash(const char *password, struct crypt_data *data)
{
	const char *hash = crypt_r(password, "$5$rounds=1000$roost$", data);

	assert_non_null(hash);
	return str_of(hash);
}

static struct server_account add_row(struct server *s, const char *address, const char *password)
{
	struct crypt_data *hashing = mem_alloc(sizeof(*hashing));
	struct arena arena = ARENA_INIT(1 << 16);
	struct account_new row = { .address = str_of(address) };
	struct server_account made;
	struct account account;
	struct store_tx *tx;

	row.password = cheap_hash(password, hashing);
	assert_int_equal(store_begin(s->store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(account_add(tx, &row, &made.id), ERR_OK);
	assert_int_equal(account_get(&arena, tx, made.id, &account), ERR_OK);
	made.mailbox = account.mailbox;
	assert_int_equal(store_commit(&tx), ERR_OK);
	arena_release(&arena);
	free(hashing);
	return made;
}

struct server_account server_add_account(struct server *s, const char *address, const char *password)
{
	struct server_account made = add_row(s, address, password);
	struct store_tx *tx;

	assert_int_equal(store_begin(s->store, made.mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(folder_make_defaults(tx), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	return made;
}
