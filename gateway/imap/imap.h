/*
 * IMAP (RFC 9051, and RFC 3501 for those who do not know it yet): the mailboxes of desktop clients, over the same rows as
 * the phones'. docs/imap.md says what is spoken.
 *
 * A session is a struct on its loop. A command is parsed there, and runs as a job on a worker; a long answer is made in
 * slices, each a job of its own, while the stream takes them. At rest there is no arena, no transaction and no list of
 * mails: a folder, a change number and a count (view.h).
 */
#ifndef GATEWAY_IMAP_IMAP_H
#define GATEWAY_IMAP_IMAP_H

#include <base/clock.h>
#include <gateway/imap/limits.h>
#include <gateway/net/stream.h>

struct auth;
struct imap_server;
struct push;
struct store;

struct imap_args {
	struct store *store;
	struct push *push;
	struct auth *auth;
	struct pool *pool;
	const struct clock *clock;
	const char *hostname;  /* in the greeting */
	const char *state_dir; /* of the spool */
	uint64_t max_message;  /* bytes of an APPEND */
	struct net_tls *tls;   /* for STARTTLS; NULL: not offered */
	bool plain_login;      /* passwords in clear, for tests and for proxies that end TLS before us */
	bool literal_minus;    /* LITERAL- in the place of LITERAL+ */
};

/* Strings are borrowed. */
struct imap_server *imap_server_new(const struct imap_args *args);
/* No session may be left. */
void imap_server_free(struct imap_server **sp);

/* For listener_args: open, with ctx = a struct imap_server. */
void imap_open(struct stream *s, void *server);
#define IMAP_REFUSAL S("* BYE too many connections\r\n")

#endif
