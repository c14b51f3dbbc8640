/*
 * A server in the test's own process: a real store in a folder of its own, push, workers, the front end and HTTP on a
 * loopback port that the kernel chooses. The clock of the store, of push and of the protocols stands still until
 * server_advance(); the network has the real one. Failures fail the running cmocka test.
 *
 *	struct server s = { 0 };
 *	server_open(&s);			// store, push, auth
 *	… make what the routes need …
 *	server_listen(&s, routes, n);		// answers on s.port from here on
 *	… clients …
 *	server_unlisten(&s);			// all requests have ended
 *	… free what the routes needed …
 *	server_close(&s);			// server_open() again is a restart: the folder stays
 *	server_remove(&s);
 */
#ifndef TESTS_SUPPORT_SERVER_H
#define TESTS_SUPPORT_SERVER_H

#include <base/clock.h>
#include <gateway/http/server.h>
#include <tests/support/tmpdir.h>

struct auth;
struct push;
struct store;

#define SERVER_NOW_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

/* On the thread that is about to write to a mailbox or to the directory, before it has its turn: it may be kept there. */
typedef void server_write_hook(void *ctx, int64_t mailbox);

struct server {
	struct tmpdir dir;
	struct clock_fake clock;
	struct store *store;
	struct push *push; /* hears what the store commits; without a thread: see server_advance() */
	struct auth *auth; /* default domain example.test */
	struct net *net;
	struct pool *pool;
	struct http_server *http;
	struct listener *listener;
	unsigned port;
	_Atomic(server_write_hook *) before_write; /* NULL: none */
	void *before_write_ctx;
};

void server_open(struct server *s);
/* routes are borrowed until server_unlisten(). */
void server_listen(struct server *s, const struct http_route *routes, size_t routes_n);
void server_unlisten(struct server *s);
void server_close(struct server *s);
void server_remove(struct server *s);

/* Time goes by, and what is due fires. */
void server_advance(struct server *s, int64_t ms);
/* Spins until n requests are held. */
void server_await_held(struct server *s, size_t n);

struct server_account {
	int64_t id, mailbox;
};
/* With the default folders. */
struct server_account server_add_account(struct server *s, const char *address, const char *password);

#endif
