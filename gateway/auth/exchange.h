/*
 * One client's login over SASL, against the accounts: drives a mechanism (sasl.h), and answers what it asks for. Blocking:
 * workers only, one at a time.
 */
#ifndef GATEWAY_AUTH_EXCHANGE_H
#define GATEWAY_AUTH_EXCHANGE_H

#include <gateway/auth/auth.h>
#include <gateway/auth/sasl.h>

struct auth_exchange;

/* NULL: that mechanism is unknown, or not for that channel. Any thread. peer is copied; auth outlives it. */
struct auth_exchange *auth_exchange_new(struct auth *a, struct str mechanism, const struct sasl_channel *channel,
					enum auth_service service, struct str peer);
void auth_exchange_free(struct auth_exchange **xp);

enum auth_step {
	AUTH_STEP_CHALLENGE, /* out: to the client, raw; it answers */
	AUTH_STEP_WAIT,      /* *ret_wait_ms from now: auth_exchange_resume() */
	AUTH_STEP_GOOD,      /* *ret is whom */
	AUTH_STEP_MALFORMED,
	AUTH_STEP_FAILED, /* *ret_error is why: as auth_password() */
};

struct auth_stepped {
	enum auth_step step;
	enum err error;
	int64_t wait_ms;
	struct auth_identity identity;
};

/* message.p NULL: the first call, without an initial response. */
struct auth_stepped auth_exchange_put(struct auth_exchange *x, struct arena *arena, struct str message,
				      struct buf *out);
struct auth_stepped auth_exchange_resume(struct auth_exchange *x, struct arena *arena, struct buf *out);

#endif
