/* Two set-associative tables of fixed size: failures, and who is known, whom strangers cannot push out. */
#include <gateway/auth/throttle.h>

#include <base/buf.h>
#include <base/mem.h>
#include <base/table.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

enum { WAYS = 8, SETS = THROTTLE_ENTRIES / WAYS, V6_NETWORK_BYTES = 8, KEY_MAX_BYTES = 1024 };

struct entry {
	uint64_t key;    /* a seeded hash; 0 free */
	int64_t last_ms; /* monotonic: the last failure, or the last login */
	unsigned failures;
};

struct table_of {
	struct entry at[SETS][WAYS];
};

struct auth_throttle {
	const struct clock *clock;
	pthread_mutex_t lock;
	struct table_of failures, known;
};

/* DEVICE: an account and a device of it; never waited for by itself. */
enum kind { PAIR, ACCOUNT, NETWORK, DEVICE };
static const unsigned allowance[] = {
	[PAIR] = THROTTLE_FREE_PAIR,
	[DEVICE] = THROTTLE_FREE_PAIR,
	[ACCOUNT] = THROTTLE_FREE_ACCOUNT,
	[NETWORK] = THROTTLE_FREE_NETWORK,
};

struct auth_throttle *auth_throttle_new(const struct clock *clock)
{
	struct auth_throttle *t = mem_alloc(sizeof(*t));

	t->clock = clock;
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void auth_throttle_free(struct auth_throttle **tp)
{
	if (!*tp)
		return;
	pthread_mutex_destroy(&(*tp)->lock);
	free(*tp);
	*tp = NULL;
}

/* An IPv6 host has a /64 to itself, and changes within it as it likes. */
static void put_network(struct buf *b, struct str peer)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char ip[sizeof(struct in6_addr)];

	if (peer.n > 0 && peer.n < sizeof(text)) {
		memcpy(text, peer.p, peer.n);
		text[peer.n] = '\0';
		if (inet_pton(AF_INET6, text, ip) == 1) {
			buf_put(b, ip, V6_NETWORK_BYTES);
			return;
		}
	}
	buf_str(b, peer);
}

static uint64_t key_of(enum kind kind, struct str account, struct str peer)
{
	struct buf b = BUF_INIT(KEY_MAX_BYTES);
	uint64_t key;

	buf_u64(&b, kind);
	if (kind != NETWORK) {
		buf_u64(&b, account.n);
		buf_char(&b, ':');
		buf_str(&b, account);
	}
	buf_char(&b, '@');
	if (kind != ACCOUNT)
		put_network(&b, peer);
	key = table_hash(buf_view(&b));
	buf_release(&b);
	return key ? key : 1;
}

static struct entry *find(struct table_of *t, uint64_t key)
{
	struct entry *set = t->at[key % SETS];

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].key == key)
			return &set[i];
	return NULL;
}

/* Its own entry, or the one of the set that was touched longest ago. */
static struct entry *take(struct table_of *t, uint64_t key)
{
	struct entry *set = t->at[key % SETS], *e = find(t, key);

	if (e)
		return e;
	e = &set[0];
	for (size_t i = 1; i < WAYS; i++)
		if (set[i].last_ms < e->last_ms || (set[i].key == 0 && e->key != 0))
			e = &set[i];
	*e = (struct entry){ .key = key };
	return e;
}

static unsigned remembered(const struct entry *e, int64_t now)
{
	int64_t forgotten = (now - e->last_ms) / THROTTLE_FORGET_MS;

	return forgotten >= (int64_t)e->failures ? 0 : e->failures - (unsigned)forgotten;
}

static int64_t wait_of(struct auth_throttle *t, enum kind kind, uint64_t key, int64_t now)
{
	const struct entry *e = find(&t->failures, key);
	unsigned failures = e ? remembered(e, now) : 0;
	int64_t delay, since;

	if (failures < allowance[kind])
		return 0;
	delay = THROTTLE_FIRST_MS << (failures - allowance[kind]);
	delay = delay > THROTTLE_MAX_MS ? THROTTLE_MAX_MS : delay;
	since = now - e->last_ms;
	return since >= delay ? 0 : delay - since;
}

static bool is_known(struct auth_throttle *t, uint64_t key, int64_t now)
{
	const struct entry *e = find(&t->known, key);

	return e && now - e->last_ms < THROTTLE_KNOWN_MS;
}

/* Somebody who fails by its name is not it. */
static bool is_known_device(struct auth_throttle *t, struct str account, struct str device, int64_t now)
{
	uint64_t key = key_of(DEVICE, account, device);

	return device.n && is_known(t, key, now) && wait_of(t, DEVICE, key, now) == 0;
}

int64_t auth_throttle_wait_ms(struct auth_throttle *t, struct str account, struct str peer, struct str device)
{
	static const enum kind of_strangers[] = { ACCOUNT, NETWORK };
	int64_t now = clock_mono_ms(t->clock), longest;
	uint64_t pair = key_of(PAIR, account, peer);
	bool known;

	pthread_mutex_lock(&t->lock);
	longest = wait_of(t, PAIR, pair, now);
	known = is_known(t, pair, now) || is_known_device(t, account, device, now);
	for (size_t i = 0; i < countof(of_strangers) && !known; i++) {
		int64_t wait = wait_of(t, of_strangers[i], key_of(of_strangers[i], account, peer), now);

		longest = wait > longest ? wait : longest;
	}
	pthread_mutex_unlock(&t->lock);
	return longest;
}

static void count(struct auth_throttle *t, enum kind kind, uint64_t key, int64_t now)
{
	struct entry *e = take(&t->failures, key);
	unsigned most = allowance[kind] + THROTTLE_MAX_OVER, failures = remembered(e, now) + 1;

	e->failures = failures > most ? most : failures;
	e->last_ms = now;
}

static void count_good(struct auth_throttle *t, uint64_t key, int64_t now)
{
	struct entry *failed = find(&t->failures, key);

	if (failed)
		*failed = (struct entry){ 0 };
	take(&t->known, key)->last_ms = now;
}

void auth_throttle_note(struct auth_throttle *t, struct str account, struct str peer, struct str device, bool good)
{
	int64_t now = clock_mono_ms(t->clock);
	uint64_t pair = key_of(PAIR, account, peer), named = key_of(DEVICE, account, device);

	pthread_mutex_lock(&t->lock);
	if (good) {
		count_good(t, pair, now);
		if (device.n)
			count_good(t, named, now);
	} else {
		count(t, PAIR, pair, now);
		count(t, ACCOUNT, key_of(ACCOUNT, account, peer), now);
		count(t, NETWORK, key_of(NETWORK, account, peer), now);
		if (device.n)
			count(t, DEVICE, named, now);
	}
	pthread_mutex_unlock(&t->lock);
}
