/*
 * POP3 (RFC 1939): the Inbox for clients that fetch it away. A session has the maildrop to itself among POP3's, others
 * are told [IN-USE]; other protocols go on meanwhile, and a message that they take away is said to be gone. What DELE
 * marked goes at QUIT alone, and there what was fetched becomes read too.
 *
 * Capabilities: TOP, UIDL, USER, SASL, STLS (RFC 2595), PIPELINING and EXPIRE (RFC 2449), RESP-CODES, AUTH-RESP-CODE
 * (RFC 3206), UTF8 and LANG (RFC 6856). No APOP: it would need the password in clear on our side.
 */
#ifndef GATEWAY_POP3_POP3_H
#define GATEWAY_POP3_POP3_H

#include <base/clock.h>
#include <gateway/net/stream.h>
#include <gateway/pop3/limits.h>
#include <gateway/session/login.h>

struct store;
struct pop3_drops;

/* Outlives the listener's streams. */
struct pop3_server {
	struct store *store;
	const char *hostname; /* in the greeting */
	struct net_tls *tls;  /* for STLS; NULL: not offered */
	struct login_service login;
	struct pop3_drops *drops; /* maildrops that a session has: pop3_drops_new() */
};

/* Any thread. */
struct pop3_drops *pop3_drops_new(void);
void pop3_drops_free(struct pop3_drops **dp);

/* For listener_args: open, with ctx = a struct pop3_server. */
void pop3_open(struct stream *s, void *server);
#define POP3_REFUSAL S("-ERR [SYS/TEMP] too many connections\r\n")

#endif
