/*
 * One message to the smarthost: libcurl connects, checks certificates and logs in; the transaction (RFC 5321, with 8BITMIME,
 * SIZE, DSN and SMTPUTF8 where the server has them) is here. Blocking, with a bound on each wait; on threads of outbound's
 * own. Knows no store.
 */
#ifndef GATEWAY_OUTBOUND_RELAY_H
#define GATEWAY_OUTBOUND_RELAY_H

#include <gateway/content/source.h>
#include <store/queue.h>

struct relay_config {
	const char *host;
};

struct relay_message {
	struct str sender;
	const struct queue_recipient *recipients;
	size_t recipients_n;
	struct str trace; /* header fields in front of the source's octets */
	struct mail_source source;
	unsigned flags; /* enum queue_flag */
	struct str envid;
	enum queue_ret ret;
};

/* What came of a recipient. */
struct relay_result {
	enum queue_state state; /* QUEUE_PENDING: not now; QUEUE_RELAYED; QUEUE_FAILED */
	bool reports;           /* RELAYED: the server reports success by itself (DSN) */
	struct str status, reply;
};

#endif
