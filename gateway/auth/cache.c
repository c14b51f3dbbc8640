/* A set-associative table of fixed size: a key has one set, a full set drops what ends first. */
#include <gateway/auth/cache.h>

#include <base/mem.h>
#include <gateway/auth/auth.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>

enum { CACHE_WAYS = 8, CACHE_SETS = AUTH_CACHE_ENTRIES / CACHE_WAYS };

struct entry {
	struct auth_cache_key key;
	int64_t until_ms; /* monotonic */
	enum auth_verdict verdict;
};

struct auth_cache {
	const struct clock *clock;
	unsigned char secret[AUTH_CACHE_KEY_BYTES];
	pthread_mutex_t lock;
	struct entry entries[CACHE_SETS][CACHE_WAYS];
};

struct auth_cache *auth_cache_new(const struct clock *clock)
{
	struct auth_cache *c = mem_alloc(sizeof(*c));

	c->clock = clock;
	if (RAND_bytes(c->secret, sizeof(c->secret)) != 1)
		abort(); /* a server without randomness must not start */
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void auth_cache_free(struct auth_cache **cp)
{
	if (!*cp)
		return;
	pthread_mutex_destroy(&(*cp)->lock);
	OPENSSL_cleanse((*cp)->secret, sizeof((*cp)->secret));
	free(*cp);
	*cp = NULL;
}

/* Each part with its length before it, so that no two credentials make the same text. */
static void put_part(struct buf *text, struct str part)
{
	buf_u64(text, part.n);
	buf_char(text, ':');
	buf_str(text, part);
}

struct auth_cache_key auth_cache_key(const struct auth_cache *c, int64_t account, uint64_t version, struct str login,
				     struct str password)
{
	struct buf text = BUF_INIT(SIZE_MAX / 2);
	struct auth_cache_key key;
	unsigned n = sizeof(key.mac);

	buf_i64(&text, account);
	buf_char(&text, ' ');
	buf_u64(&text, version);
	buf_char(&text, ' ');
	put_part(&text, account ? STR_EMPTY : login);
	put_part(&text, password);
	if (!HMAC(EVP_sha256(), c->secret, sizeof(c->secret), (const unsigned char *)text.p, text.n, key.mac, &n))
		abort();
	OPENSSL_cleanse(text.p, text.n);
	buf_release(&text);
	return key;
}

static struct entry *set_of(struct auth_cache *c, const struct auth_cache_key *key)
{
	uint32_t n;

	memcpy(&n, key->mac, sizeof(n));
	return c->entries[n % CACHE_SETS];
}

static struct entry *find(struct entry *set, const struct auth_cache_key *key, int64_t now)
{
	for (size_t i = 0; i < CACHE_WAYS; i++)
		if (set[i].until_ms > now && !CRYPTO_memcmp(&set[i].key, key, sizeof(*key)))
			return &set[i];
	return NULL;
}

enum auth_verdict auth_cache_get(struct auth_cache *c, const struct auth_cache_key *key)
{
	int64_t now = clock_mono_ms(c->clock);
	struct entry *hit;
	enum auth_verdict verdict;

	pthread_mutex_lock(&c->lock);
	hit = find(set_of(c, key), key, now);
	verdict = hit ? hit->verdict : AUTH_UNKNOWN;
	pthread_mutex_unlock(&c->lock);
	return verdict;
}

void auth_cache_put(struct auth_cache *c, const struct auth_cache_key *key, enum auth_verdict verdict)
{
	int64_t now = clock_mono_ms(c->clock);
	struct entry *set = set_of(c, key), *slot;

	pthread_mutex_lock(&c->lock);
	slot = find(set, key, now);
	if (!slot) {
		slot = &set[0];
		for (size_t i = 1; i < CACHE_WAYS; i++)
			if (set[i].until_ms < slot->until_ms)
				slot = &set[i];
	}
	slot->key = *key;
	slot->verdict = verdict;
	slot->until_ms = now + (verdict == AUTH_GOOD ? AUTH_KEEP_GOOD_MS : AUTH_KEEP_BAD_MS);
	pthread_mutex_unlock(&c->lock);
}
