/* Inside of SASL: an exchange, and what a mechanism is. */
#ifndef GATEWAY_AUTH_SASL_PRIV_H
#define GATEWAY_AUTH_SASL_PRIV_H

#include <gateway/auth/sasl.h>
#include <gateway/auth/scram.h>

struct sasl {
	const struct sasl_mechanism *mechanism;
	struct sasl_channel channel;
	bool plus_offered; /* SCRAM-SHA-256-PLUS is, on this channel */
	unsigned step;     /* messages of the client so far; each mechanism's own */
	struct buf login, password, authorize;

	/* SCRAM */
	struct buf nonce; /* the client's and ours behind it; before the first message ours alone */
	struct buf gs2;   /* the client's GS2 header, which it repeats */
	struct sasl_binding binding;
	struct buf said; /* client-first-bare "," server-first, of the AuthMessage */
	struct scram_keys keys;
};

typedef enum sasl_result sasl_fn(struct sasl *s, struct str message, struct buf *out);

struct sasl_mechanism {
	const char *name;
	bool plus;     /* needs a channel to bind to */
	bool asks;     /* begins with a challenge of its own; the others wait for the client's first message */
	sasl_fn *take; /* one message of the client */
};

sasl_fn sasl_plain_take, sasl_login_take, sasl_scram_take;
/* The challenge that LOGIN begins with. */
void sasl_login_ask(struct sasl *s, struct buf *out);

#endif
