/*
 * Mail in by LMTP (RFC 2033): sessions of an MTA that hands over mail for our accounts and gets an answer for each
 * recipient. It never relays: who is not an account's address is refused at RCPT; ann+tag is ann. An account that may
 * not log in gets its mail all the same. Accepted (250) means committed to that recipient's mailbox and on disk;
 * of a group, to the queue (gateway/mailbox/group_mail.h).
 */
#ifndef GATEWAY_LMTP_LMTP_H
#define GATEWAY_LMTP_LMTP_H

#include <base/clock.h>
#include <gateway/lmtp/limits.h>
#include <gateway/net/stream.h>
#include <gateway/smtp/limits.h>

struct send_service;
struct store;

/* Outlives the listener's streams. */
struct lmtp_server {
	struct store *store;
	const struct send_service *sender; /* for answers of who is away */
	struct pool *pool;
	const struct clock *clock;
	const char *hostname;  /* in the greeting and in Received */
	const char *state_dir; /* of the spool */
	uint64_t max_message;  /* bytes, with CRLF line ends and without the trace header that we add */
	_Atomic uint64_t transactions;
};

/* For listener_args: open, with ctx = a struct lmtp_server. */
void lmtp_open(struct stream *s, void *server);
#define LMTP_REFUSAL S("421 4.3.2 too many connections\r\n")

#endif
