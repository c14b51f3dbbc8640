/* A server with the routes that the HTTP tests use, and what can be seen of it from outside. */
#ifndef TESTS_UNIT_HTTP_FIXTURE_H
#define TESTS_UNIT_HTTP_FIXTURE_H

#include <gateway/http/server.h>
#include <gateway/net/tls.h>
#include <tests/support/client.h>
#include <tests/support/elsewhere.h>
#include <tests/support/tmpdir.h>

#include <stdatomic.h>

enum {
	FIXTURE_MAX_BODY = 100 * 1000,
	FIXTURE_SMALL_BODY = 100,
	FIXTURE_BIG_BYTES = 4 * 1024 * 1024,
	FIXTURE_QUEUE = 4,
	FIXTURE_HOLDS = 2048
};

/*
 * /echo    the body back, with some of the request in headers
 * /door    the same, behind a doorman: who says "Authorization: ann" comes in, "mute" is cut off, others are told 401
 * /big     FIXTURE_BIG_BYTES bytes that do not pack
 * /text    bytes that pack well, as text/plain
 * /slow    waits in the worker until fixture_open_gate()
 * /hold    holds; on waking answers with the reason and the body
 * /light   holds without its body
 * /early   holds, woken by itself before http_hold()
 * /cancel  begins a hold, wakes it, cancels it, answers
 * /again   holds twice
 * /beat    holds, and is kept alive each second; on waking answers "BEGUN event BODY" (or without BEGUN for the body "x")
 * /beats   the same, held twice
 */
struct fixture {
	struct clock_fake clock;
	struct net *net;
	struct pool *pool;
	struct net_tls *tls;
	struct http_server *server;
	struct listener *plain, *secure;
	unsigned port, tls_port;
	struct tmpdir dir;
	char cert[96], key[96];

	pthread_mutex_t lock; /* guards the gate and the list of holds */
	pthread_cond_t opened;
	bool open;
	struct http_hold *holds[FIXTURE_HOLDS]; /* referenced, in the order of their beginning */
	size_t holds_n;
	struct elsewhere elsewhere; /* judged by fixture_stop() */
	_Atomic unsigned wakes[HTTP_WAKE_SHUTDOWN + 1];
	_Atomic unsigned begun, held, written, unwritten, in_slow, at_door;
};

struct fixture_args {
	unsigned loops, workers;
	size_t max_active, max_suspended, max_bodies;
	const struct net_ranges *trusted;
};

void fixture_start(struct fixture *f, struct fixture_args a);
void fixture_stop(struct fixture *f);
void fixture_open_gate(struct fixture *f);
/* Wakes the i-th hold that has begun. */
void fixture_wake(struct fixture *f, size_t i);
void fixture_await_held(struct fixture *f, size_t n);      /* parked: nothing is active */
void fixture_await_suspended(struct fixture *f, size_t n); /* held in libmicrohttpd */
void fixture_await_begun(struct fixture *f, size_t n);     /* handlers have come to http_hold() n times */
void fixture_await_ended(struct fixture *f, unsigned n);   /* finished, one way or the other */
void fixture_await_finished(struct fixture *f, unsigned written, unsigned unwritten);
void fixture_await_connections(struct fixture *f, size_t n);
void fixture_advance(struct fixture *f, int64_t ms);
void fixture_tick_until_ended(struct fixture *f, unsigned n); /* the same while time runs */
struct client fixture_client(struct fixture *f, bool tls);

/* Reads the next answer and checks it; body NULL: any. Consumes it. */
void expect_answer(struct client *c, int status, const char *body);

#endif
