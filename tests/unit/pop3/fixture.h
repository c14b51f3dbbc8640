/*
 * A POP3 server in the test's own process, over a real store and real sockets: ann@example.test and bob@example.test
 * have "secret". In clear a password may be said, as behind a proxy, unless the test says otherwise; STLS is there. The
 * network's clock stands still too. Failures fail the running test.
 */
#ifndef TESTS_UNIT_POP3_FIXTURE_H
#define TESTS_UNIT_POP3_FIXTURE_H

#include <gateway/pop3/pop3.h>
#include <tests/support/client.h>
#include <tests/support/server.h>

enum { POP3_FIXTURE_THREADS = 2 };

struct pop3_fixture {
	struct server server; /* store and accounts; it does not listen */
	struct clock_fake net_clock;
	struct net *net;
	struct pool *pool;
	struct net_tls *tls;
	struct listener *listener;
	struct pop3_server pop3;
	unsigned port;
	struct server_account ann, bob;
};

void pop3_fixture_start(struct pop3_fixture *f);
void pop3_fixture_stop(struct pop3_fixture *f);

/* A connection that has been greeted. */
struct client pop3_fixture_client(struct pop3_fixture *f);
/* The same, logged in as ann, once a former session has ended. */
struct client pop3_fixture_ann(struct pop3_fixture *f);
/* The next bytes are these. */
void pop3_expect(struct client *c, const char *text);
void pop3_tell(struct client *c, const char *text, const char *answer);
/* The network's time goes by. */
void pop3_fixture_advance(struct pop3_fixture *f, int64_t ms);

/* A mail into ann's Inbox; its octets as they are. */
void pop3_deliver(struct pop3_fixture *f, struct str octets);
/* n more of the octets that her last message has, at one stroke. */
void pop3_deliver_more(struct pop3_fixture *f, size_t n);
/* What is in ann's Inbox, and how many of them are read. */
struct pop3_counts {
	size_t total, seen;
};
struct pop3_counts pop3_inbox(struct pop3_fixture *f);
/* Takes ann's n-th message away, as another client would. */
void pop3_expunge(struct pop3_fixture *f, size_t n);
/* Its octets are written again, as a phone does with a draft; it then comes last. */
void pop3_rewrite(struct pop3_fixture *f, size_t n);

#endif
