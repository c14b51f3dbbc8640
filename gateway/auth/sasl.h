/*
 * SASL (RFC 4422), the server's side: one exchange is a state machine of octets. It holds no socket, no store and no
 * clock: what it has to know of an account it asks its caller for. Base64 is the protocols' matter (gateway/session).
 *
 * Mechanisms are rows of a table (sasl.c): PLAIN (RFC 4616), LOGIN (draft-murchison-sasl-login), SCRAM-SHA-256 and
 * SCRAM-SHA-256-PLUS (RFC 7677; channel bindings of RFC 9266 and RFC 5929). None is offered on a channel that others
 * can read.
 */
#ifndef GATEWAY_AUTH_SASL_H
#define GATEWAY_AUTH_SASL_H

#include <base/buf.h>

struct sasl;
struct scram_keys;

enum {
	SASL_MAX_MESSAGE_BYTES = 8192, /* one message of a client */
	SASL_MAX_BASE64_BYTES = 12288, /* RFC 4954 section 4: the same in base64 */
	SASL_BINDING_MAX_BYTES = 64,
};

/* What the client may bind its proof to; n 0: this connection has none of that kind. */
struct sasl_binding {
	unsigned char p[SASL_BINDING_MAX_BYTES];
	size_t n;
};

struct sasl_channel {
	bool secure; /* nobody reads along: TLS, or what the administrator says is as good */
	struct sasl_binding exporter, end_point;
};

enum sasl_result {
	SASL_CHALLENGE, /* `out` is for the client, who answers */
	SASL_PASSWORD,  /* sasl_login() says to have sasl_password(): the exchange is over, check it */
	SASL_KEYS,      /* the keys of sasl_login() are wanted: go on with sasl_keys() */
	SASL_PROVED,    /* the client knows the password of sasl_login(); the exchange is over */
	SASL_REFUSED,   /* it does not, or its channel is not ours */
	SASL_MALFORMED, /* what came is no message of this mechanism; the exchange is over */
};

/* Appends prefix and name of each mechanism for that channel, the strongest first: " AUTH=" gives " AUTH=PLAIN …". */
void sasl_list(const struct sasl_channel *channel, const char *prefix, struct buf *out);

/* By name, without case. NULL: unknown, or not for that channel. The channel is copied. */
struct sasl *sasl_new(struct str mechanism, const struct sasl_channel *channel);
void sasl_free(struct sasl **sp); /* wipes what it was told */
/* The name as it is written; lives for ever. */
const char *sasl_name(const struct sasl *s);

/* Begins: initial has .p NULL where the client sent no initial response. Not called again. */
enum sasl_result sasl_begin(struct sasl *s, struct str initial, struct buf *out) MUST_CHECK;
/* The client's answer to the last challenge. */
enum sasl_result sasl_put(struct sasl *s, struct str answer, struct buf *out) MUST_CHECK;
/* Answers SASL_KEYS. Of an account that is not there too: made-up keys, so that the client sees no difference. */
enum sasl_result sasl_keys(struct sasl *s, const struct scram_keys *keys, struct buf *out) MUST_CHECK;

/* As long as the exchange. */
struct str sasl_login(const struct sasl *s);
struct str sasl_password(const struct sasl *s);
/* Whom the client wants to act as; empty: whom it logs in as. */
struct str sasl_authorize(const struct sasl *s);

/* For tests, before sasl_begin(): the server's part of SCRAM's nonce, else random. */
void sasl_set_nonce(struct sasl *s, struct str nonce);

#endif
