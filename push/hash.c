/* The hash of push/: grows by doubling, never shrinks. */
#include "hash.h"

#include <base/mem.h>

#include <stdlib.h>

enum { HASH_FIRST_BUCKETS = 64 };

void hash_init(struct hash *h)
{
	*h = (struct hash){ mem_array(HASH_FIRST_BUCKETS, sizeof(struct hash_node *)), 0, HASH_FIRST_BUCKETS - 1 };
}

void hash_release(struct hash *h)
{
	free(h->buckets);
	*h = (struct hash){ 0 };
}

static void link_node(struct hash *h, struct hash_node *node)
{
	struct hash_node **bucket = &h->buckets[node->hash & h->mask];

	node->next = *bucket;
	*bucket = node;
}

static void grow(struct hash *h)
{
	struct hash bigger = { NULL, h->n, h->mask * 2 + 1 };

	bigger.buckets = mem_array(bigger.mask + 1, sizeof(struct hash_node *));
	for (size_t i = 0; i <= h->mask; i++)
		for (struct hash_node *node = h->buckets[i], *next; node; node = next) {
			next = node->next;
			link_node(&bigger, node);
		}
	free(h->buckets);
	*h = bigger;
}

void hash_add(struct hash *h, struct hash_node *node, uint64_t hash)
{
	if (h->n > h->mask)
		grow(h);
	node->hash = hash;
	link_node(h, node);
	h->n++;
}

void hash_remove(struct hash *h, struct hash_node *node)
{
	struct hash_node **at = &h->buckets[node->hash & h->mask];

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	h->n--;
}

static struct hash_node *same_hash(struct hash_node *node, uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct hash_node *hash_first(const struct hash *h, uint64_t hash)
{
	return same_hash(h->buckets[hash & h->mask], hash);
}

struct hash_node *hash_next(const struct hash_node *node)
{
	return same_hash(node->next, node->hash);
}

/* The finalizer of SplitMix64: every bit of the input reaches every bit of the result. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t hash_of(uint64_t a, uint64_t b)
{
	return mix(mix(a + UINT64_C(0x9e3779b97f4a7c15)) + b);
}
