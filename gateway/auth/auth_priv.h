/* Inside of auth: its state, and what an exchange asks of the accounts. Blocking. */
#ifndef GATEWAY_AUTH_AUTH_PRIV_H
#define GATEWAY_AUTH_AUTH_PRIV_H

#include <gateway/auth/auth.h>
#include <gateway/auth/kdf_line.h>
#include <gateway/auth/cache.h>
#include <gateway/auth/throttle.h>
#include <store/account.h>
#include <store/app_password.h>
#include <store/auth_log.h>
#include <store/login_mode.h>

#include <pthread.h>
#include <stdatomic.h>

struct scram_keys;

struct auth {
	struct store *store;
	const struct clock *clock;
	char *default_domain; /* NULL: none */
	struct auth_cache *cache;
	struct auth_throttle *throttle;
	_Atomic uint64_t kdf_runs;
	pthread_mutex_t lock;
	struct kdf_line kdf_line;
	struct table *attempts; /* not in the store yet: their kind -> struct noted; under the lock */
	uint64_t attempts_lost;
};

/* Who is behind an attempt. */
struct auth_found {
	struct account account;  /* without rows where there is none, so that both take the same way */
	struct str name;         /* what it is counted under, by which an account and nobody's address look alike */
	enum login_mode mode;    /* of the service */
	struct app_password app; /* the password is that one; id 0: it is none of them */
};
enum err auth_find(struct auth *a, struct arena *arena, const struct auth_attempt *attempt,
		   struct auth_found *ret) MUST_CHECK;
/* May it be the account's own password at all? */
static inline bool auth_takes_own(const struct auth_found *f)
{
	return f->account.enabled && f->mode == LOGIN_ON;
}

static inline struct auth_identity auth_identity_of(const struct auth_found *f, enum service service)
{
	return (struct auth_identity){ .account = f->account.id,
				       .mailbox = f->account.mailbox,
				       .address = f->account.address,
				       .grant = { service, f->account.password_version, f->app.id } };
}

/* For auth_log_flush(). Any thread. */
void auth_log_note(struct auth *a, const struct auth_attempt *attempt, const struct auth_found *found,
		   enum auth_log_result result);
void auth_log_free(struct auth *a);

/* Whose keys were given, and for which of its passwords; account 0: they were made up. */
struct auth_scram_owner {
	int64_t account;
	uint64_t password_version;
};

/* The keys of attempt->login. *ret_wait_ms as of auth_password(). */
enum err auth_scram_keys(struct auth *a, struct arena *arena, const struct auth_attempt *attempt,
			 struct scram_keys *ret, struct auth_scram_owner *ret_owner, int64_t *ret_wait_ms) MUST_CHECK;
/* The client has proved that it knows the password behind those keys. Or else proved is false, and so is what comes of it. */
enum err auth_scram_conclude(struct auth *a, struct arena *arena, const struct auth_attempt *attempt,
			     const struct auth_scram_owner *owner, bool proved, struct auth_identity *ret) MUST_CHECK;
/* A password has been found right: keeps keys for SCRAM where the account has none yet. */
void auth_scram_learn(struct auth *a, const struct account *account, struct str password);

#endif
