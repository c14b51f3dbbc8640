/*
 * Mail out from programs on a desk (RFC 6409): a client logs in and hands over mail of its own, which goes into the queue
 * of gateway/mailbox/send.h. 250 means that it is on disk there. MAIL FROM and the header's From and Sender must be the
 * account's own addresses. The copy in a Sent folder is the client's, as clients do it.
 *
 * Extensions: PIPELINING, 8BITMIME, SMTPUTF8, CHUNKING, SIZE, DSN, ENHANCEDSTATUSCODES, STARTTLS, AUTH.
 */
#ifndef GATEWAY_SUBMISSION_SUBMISSION_H
#define GATEWAY_SUBMISSION_SUBMISSION_H

#include <gateway/mailbox/send.h>
#include <gateway/net/stream.h>
#include <gateway/session/login.h>
#include <gateway/submission/limits.h>

/* Outlives the listener's streams. */
struct submission_server {
	const struct send_service *send;
	const char *hostname; /* in the greeting */
	struct net_tls *tls;  /* for STARTTLS; NULL: not offered */
	struct login_service login;
};

/* For listener_args: open, with ctx = a struct submission_server. */
void submission_open(struct stream *s, void *server);
#define SUBMISSION_REFUSAL S("421 4.3.2 too many connections\r\n")

#endif
