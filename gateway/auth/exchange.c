/* Mechanisms and accounts. */
#include <gateway/auth/exchange.h>

#include <base/mem.h>
#include <gateway/auth/auth_priv.h>
#include <gateway/auth/scram.h>

#include <stdlib.h>

struct auth_exchange {
	struct auth *auth;
	struct sasl *sasl;
	enum auth_service service;
	char *peer;
	bool begun;
	enum sasl_result due; /* what is to be done once the client has waited */

	struct auth_scram_owner owner; /* SCRAM: who it would be */
};

struct auth_exchange *auth_exchange_new(struct auth *a, struct str mechanism, const struct sasl_channel *channel,
					enum auth_service service, struct str peer)
{
	struct sasl *sasl = sasl_new(mechanism, channel);
	struct auth_exchange *x;

	if (!sasl)
		return NULL;
	x = mem_alloc(sizeof(*x));
	*x = (struct auth_exchange){ .auth = a, .sasl = sasl, .service = service, .peer = mem_cstr_n(peer.p, peer.n) };
	return x;
}

void auth_exchange_free(struct auth_exchange **xp)
{
	if (!*xp)
		return;
	sasl_free(&(*xp)->sasl);
	free((*xp)->peer);
	free(*xp);
	*xp = NULL;
}

static struct auth_stepped failed(enum err e)
{
	return (struct auth_stepped){ .step = AUTH_STEP_FAILED, .error = e };
}

/* Nobody acts as somebody else yet. */
static bool acts_as_itself(struct auth_exchange *x)
{
	struct str as = sasl_authorize(x->sasl);

	return as.n == 0 || str_ieq(as, sasl_login(x->sasl));
}

static struct auth_attempt attempt_of(const struct auth_exchange *x, bool waited)
{
	return (struct auth_attempt){ .service = x->service,
				      .login = sasl_login(x->sasl),
				      .password = sasl_password(x->sasl),
				      .peer = str_of(x->peer),
				      .waited = waited };
}

static struct auth_stepped wait_for(struct auth_exchange *x, enum sasl_result due, int64_t wait_ms)
{
	x->due = due;
	return (struct auth_stepped){ .step = AUTH_STEP_WAIT, .wait_ms = wait_ms };
}

static struct auth_stepped check_password(struct auth_exchange *x, struct arena *arena, bool waited)
{
	struct auth_attempt attempt = attempt_of(x, waited);
	struct auth_stepped good = { .step = AUTH_STEP_GOOD };
	int64_t wait_ms = 0;
	enum err e = acts_as_itself(x) ? auth_password(x->auth, arena, &attempt, &good.identity, &wait_ms) : ERR_DENIED;

	if (wait_ms)
		return wait_for(x, SASL_PASSWORD, wait_ms);
	return e ? failed(e) : good;
}

static struct auth_stepped step(struct auth_exchange *x, struct arena *arena, enum sasl_result result, bool waited,
				struct buf *out);

static struct auth_stepped give_keys(struct auth_exchange *x, struct arena *arena, bool waited, struct buf *out)
{
	struct auth_attempt attempt = attempt_of(x, waited);
	struct scram_keys keys;
	int64_t wait_ms = 0;
	enum err e = auth_scram_keys(x->auth, arena, &attempt, &keys, &x->owner, &wait_ms);

	if (wait_ms)
		return wait_for(x, SASL_KEYS, wait_ms);
	return e ? failed(e) : step(x, arena, sasl_keys(x->sasl, &keys, out), waited, out);
}

/* What the account's owner alone can have proved, or what anybody could have failed to. */
static struct auth_stepped conclude(struct auth_exchange *x, struct arena *arena, bool proved)
{
	struct auth_attempt attempt = attempt_of(x, true);
	struct auth_stepped good = { .step = AUTH_STEP_GOOD };
	enum err e =
		auth_scram_conclude(x->auth, arena, &attempt, &x->owner, proved && acts_as_itself(x), &good.identity);

	return e ? failed(e) : good;
}

static struct auth_stepped step(struct auth_exchange *x, struct arena *arena, enum sasl_result result, bool waited,
				struct buf *out)
{
	switch (result) {
	case SASL_CHALLENGE:
		return (struct auth_stepped){ .step = AUTH_STEP_CHALLENGE };
	case SASL_PASSWORD:
		return check_password(x, arena, waited);
	case SASL_KEYS:
		return give_keys(x, arena, waited, out);
	case SASL_PROVED:
	case SASL_REFUSED:
		return conclude(x, arena, result == SASL_PROVED);
	case SASL_MALFORMED:
		break;
	}
	return (struct auth_stepped){ .step = AUTH_STEP_MALFORMED };
}

struct auth_stepped auth_exchange_put(struct auth_exchange *x, struct arena *arena, struct str message, struct buf *out)
{
	enum sasl_result result = x->begun ? sasl_put(x->sasl, message, out) : sasl_begin(x->sasl, message, out);

	x->begun = true;
	return step(x, arena, result, false, out);
}

struct auth_stepped auth_exchange_resume(struct auth_exchange *x, struct arena *arena, struct buf *out)
{
	return step(x, arena, x->due, true, out);
}
