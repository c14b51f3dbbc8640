/*
 * Open addressing with linear probing over pointers to entries. A removed entry leaves a mark, so that a walk may
 * remove what it stands on; marks go when the slots are laid out anew.
 */
#include <base/table.h>

#include <base/mem.h>
#include <base/siphash.h>

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

enum { TABLE_FIRST = 16 };

struct entry {
	uint64_t hash;
	void *value;
	size_t key_n;
	char key[];
};

struct table {
	struct entry **slots;
	size_t slots_n; /* a power of two; 0 before the first key */
	size_t live;    /* entries */
	size_t used;    /* entries and marks */
};

static struct entry removed; /* the mark; only its address counts */

static uint64_t seed[2];
static pthread_once_t seed_once = PTHREAD_ONCE_INIT;

static void seed_draw(void)
{
	/* 16 bytes come whole or, where the kernel has no such call, not at all. */
	if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		abort();
}

uint64_t table_hash(struct str key)
{
	pthread_once(&seed_once, seed_draw);
	return siphash13(seed, key);
}

static struct str entry_key(const struct entry *e)
{
	return str_from(e->key, e->key_n);
}

static bool is_entry(const struct entry *e)
{
	return e && e != &removed;
}

struct table *table_new(void)
{
	return mem_alloc(sizeof(struct table));
}

void table_free(struct table **tp)
{
	struct table *t = *tp;

	*tp = NULL;
	if (!t)
		return;
	for (size_t i = 0; i < t->slots_n; i++)
		if (is_entry(t->slots[i]))
			free(t->slots[i]);
	free(t->slots);
	free(t);
}

size_t table_count(const struct table *t)
{
	return t->live;
}

/* The slot of the key, or NULL. */
static struct entry **find(const struct table *t, struct str key, uint64_t hash)
{
	if (t->slots_n == 0)
		return NULL;
	/* Ends: at least a quarter of the slots is free. */
	for (size_t i = hash & (t->slots_n - 1);; i = (i + 1) & (t->slots_n - 1)) {
		struct entry *e = t->slots[i];

		if (!e)
			return NULL;
		if (e != &removed && e->hash == hash && str_eq(entry_key(e), key))
			return &t->slots[i];
	}
}

static void place(struct table *t, struct entry *e)
{
	size_t i = e->hash & (t->slots_n - 1);

	while (t->slots[i])
		i = (i + 1) & (t->slots_n - 1);
	t->slots[i] = e;
}

/* Room for one more entry: lays the slots out anew, at most half full, where fewer than a quarter would be free. */
static void make_room(struct table *t)
{
	struct entry **old = t->slots;
	size_t old_n = t->slots_n;

	if (t->used + 1 <= old_n / 4 * 3)
		return;
	t->slots_n = TABLE_FIRST;
	while (t->slots_n / 2 < t->live + 1)
		t->slots_n *= 2;
	t->slots = mem_array(t->slots_n, sizeof(struct entry *));
	t->used = t->live;
	for (size_t i = 0; i < old_n; i++)
		if (is_entry(old[i]))
			place(t, old[i]);
	free(old);
}

void *table_get(const struct table *t, struct str key)
{
	struct entry **slot = find(t, key, table_hash(key));

	return slot ? (*slot)->value : NULL;
}

void *table_set(struct table *t, struct str key, void *value)
{
	uint64_t hash = table_hash(key);
	struct entry **slot = find(t, key, hash), *e;

	assert(value);
	if (slot) {
		void *former = (*slot)->value;

		(*slot)->value = value;
		return former;
	}
	make_room(t);
	e = mem_alloc(sizeof(*e) + key.n);
	e->hash = hash;
	e->value = value;
	e->key_n = key.n;
	if (key.n)
		memcpy(e->key, key.p, key.n);
	place(t, e);
	t->live++;
	t->used++;
	return NULL;
}

void *table_remove(struct table *t, struct str key)
{
	struct entry **slot = find(t, key, table_hash(key));
	void *value;

	if (!slot)
		return NULL;
	value = (*slot)->value;
	free(*slot);
	*slot = &removed;
	t->live--;
	return value;
}

bool table_next(const struct table *t, size_t *at, struct str *ret_key, void **ret_value)
{
	while (*at < t->slots_n) {
		const struct entry *e = t->slots[(*at)++];

		if (!is_entry(e))
			continue;
		*ret_key = entry_key(e);
		*ret_value = e->value;
		return true;
	}
	return false;
}
