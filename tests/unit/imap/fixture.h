/*
 * IMAP in the test's own process: a real store, one worker and one loop, so that what is asked later is answered later, and a
 * clock that stands still until advance(). Ann, whose password is "secret", has a mailbox. One a process.
 */
#ifndef TESTS_UNIT_IMAP_FIXTURE_H
#define TESTS_UNIT_IMAP_FIXTURE_H

#include <gateway/imap/imap.h>
#include <gateway/imap/limits.h>
#include <gateway/net/net.h>
#include <tests/support/client.h>
#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { IMAP_FIXTURE_THREADS = 1 };

struct imap_fixture {
	struct server server; /* store and accounts; it does not listen */
	struct server_account account;
	struct clock_fake clock;
	struct net *net;
	struct pool *pool;
	struct listener *listener;
	struct imap_server *imap;
};
extern struct imap_fixture imap_fixture;

int imap_setup(void **unused);
int imap_teardown(void **unused);

/* The text comes, whatever comes before it; both are forgotten. */
void hears(struct client *c, struct str text);
struct client greeted(void);
/* Logged in. */
struct client ann(void);
/* What others have asked for until now is done. */
void all_is_done(void);
/* Time goes by; what the client has heard is over for the server too. */
void advance(int64_t ms);
/* A mail for ann's Inbox, on disk, of which whoever waits has been told. */
void deliver(struct str octets);

#endif
