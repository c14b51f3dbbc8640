/*
 * A submission server in the test's own process, over a real store and real sockets: ann@example.test (also
 * ann.lee@example.test) and bob@example.test have "secret". In clear a password may be said, as behind a proxy, unless
 * the test says otherwise. Nothing leaves the queue. Failures fail the running test.
 */
#ifndef TESTS_UNIT_SUBMISSION_FIXTURE_H
#define TESTS_UNIT_SUBMISSION_FIXTURE_H

#include <gateway/submission/submission.h>
#include <tests/support/client.h>
#include <tests/support/server.h>

enum { SUBMISSION_FIXTURE_MAX_BYTES = 200000 };

struct submission_fixture {
	struct server server; /* store and accounts; it does not listen */
	struct clock_fake net_clock;
	struct net *net;
	struct pool *pool;
	struct net_tls *tls;
	struct listener *listener;
	struct send_service send;
	struct submission_server submission;
	unsigned port;
	struct server_account ann, bob;
};

void submission_fixture_start(struct submission_fixture *f);
void submission_fixture_stop(struct submission_fixture *f);

/* A connection that has been greeted and has said EHLO. */
struct client submission_fixture_client(struct submission_fixture *f);
/* The same, logged in as ann. */
struct client submission_fixture_ann(struct submission_fixture *f);
/* The next bytes are these. */
void submission_expect(struct client *c, const char *text);
void submission_tell(struct client *c, const char *text, const char *answer);
/* The answer to a message that was taken. */
void submission_expect_queued(struct client *c);
/* The answer to EHLO, all of its lines, in the arena. */
struct str submission_ehlo(struct client *c, struct arena *a);
/* The network's time goes by. */
void submission_fixture_advance(struct submission_fixture *f, int64_t ms);

/* Entries of the queue, by number, in the arena. */
struct queue_entry *submission_queue(struct submission_fixture *f, struct arena *a, size_t *ret_n);
/* The octets that an entry will be sent with. */
struct str submission_octets(struct submission_fixture *f, struct arena *a, const struct queue_entry *e);

#endif
