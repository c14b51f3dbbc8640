/* Inside of auth: its state, and what an exchange asks of the accounts. Blocking. */
#ifndef GATEWAY_AUTH_AUTH_PRIV_H
#define GATEWAY_AUTH_AUTH_PRIV_H

#include <gateway/auth/auth.h>
#include <gateway/auth/cache.h>
#include <gateway/auth/throttle.h>
#include <store/account.h>

#include <pthread.h>
#include <stdatomic.h>

struct scram_keys;

struct auth {
	struct store *store;
	char *default_domain; /* NULL: none */
	struct auth_cache *cache;
	struct auth_throttle *throttle;
	_Atomic uint64_t kdf_runs;
	pthread_mutex_t lock;
	pthread_cond_t kdf_done;
	unsigned kdf_running, kdf_waiting;
};

/*
 * The account behind a login; one without rows where there is none, so that both take the same way. *ret_name: what it is
 * counted under, by which an account and nobody's address look alike.
 */
enum err auth_find_account(struct auth *a, struct arena *arena, struct str login, struct account *ret,
			   struct str *ret_name) MUST_CHECK;

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
