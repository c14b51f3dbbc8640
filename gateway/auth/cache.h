/*
 * Verdicts on credentials, kept for minutes. What is kept is an HMAC of the credential under a secret of this process,
 * so that neither the memory nor a core holds passwords. The password's version is part of it: a changed password or a
 * disabled account makes the former verdicts unreachable. Any thread.
 */
#ifndef GATEWAY_AUTH_CACHE_H
#define GATEWAY_AUTH_CACHE_H

#include <base/clock.h>
#include <base/buf.h>

enum { AUTH_CACHE_KEY_BYTES = 32 }; /* HMAC-SHA-256 */

enum auth_verdict { AUTH_UNKNOWN, AUTH_GOOD, AUTH_BAD };

struct auth_cache;
struct auth_cache_key {
	unsigned char mac[AUTH_CACHE_KEY_BYTES];
};

struct auth_cache *auth_cache_new(const struct clock *clock);
void auth_cache_free(struct auth_cache **cp);

/* login counts where there is no account (account 0). */
struct auth_cache_key auth_cache_key(const struct auth_cache *c, int64_t account, uint64_t version, struct str login,
				     struct str password);
enum auth_verdict auth_cache_get(struct auth_cache *c, const struct auth_cache_key *key);
/* Good ones for AUTH_KEEP_GOOD_MS, bad ones for AUTH_KEEP_BAD_MS; the oldest of a full set goes. */
void auth_cache_put(struct auth_cache *c, const struct auth_cache_key *key, enum auth_verdict verdict);

#endif
