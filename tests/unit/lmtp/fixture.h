/*
 * An LMTP server in the test's own process, over a real store and real sockets: ann@example.test, Bob@Example.Test and
 * jörg@example.test have mailboxes. The network's clock stands still too. Failures fail the running test.
 */
#ifndef TESTS_UNIT_LMTP_FIXTURE_H
#define TESTS_UNIT_LMTP_FIXTURE_H

#include <gateway/lmtp/lmtp.h>
#include <gateway/mailbox/send.h>
#include <tests/support/client.h>
#include <tests/support/server.h>

struct lmtp_fixture {
	struct server server; /* store and accounts; it does not listen */
	struct clock_fake net_clock;
	struct net *net;
	struct pool *pool;
	struct listener *listener;
	struct lmtp_server lmtp;
	struct send_service sender;
	unsigned port;
	struct server_account ann, bob, joerg;
};

/* address: of the listener. */
void lmtp_fixture_start(struct lmtp_fixture *f, const char *address, uint64_t max_message);
void lmtp_fixture_stop(struct lmtp_fixture *f);

/* A connection that has been greeted, and has said LHLO. */
struct client lmtp_fixture_client(struct lmtp_fixture *f);
/* The next bytes are these. */
void lmtp_expect(struct client *c, const char *text);
void lmtp_say(struct client *c, const char *text, const char *answer);
/* The network's time goes by. */
void lmtp_fixture_advance(struct lmtp_fixture *f, int64_t ms);

/* Messages in the account's Inbox. */
size_t lmtp_inbox_n(struct lmtp_fixture *f, const struct server_account *account);
/* Octets of the n-th one, in the arena. */
struct str lmtp_inbox_octets(struct lmtp_fixture *f, struct arena *a, const struct server_account *account, size_t n);
/* The same without the trace header that delivery put in front, which must be there. */
struct str lmtp_inbox_text(struct lmtp_fixture *f, struct arena *a, const struct server_account *account, size_t n);

#endif
