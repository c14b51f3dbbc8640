/*
 * Chained hash of nodes that live inside other structs, private to push/: no allocation per entry, no copy of keys.
 * The caller compares keys. Hashes are of ids that the store gave out, which no peer chooses, so they need no seed.
 */
#ifndef PUSH_HASH_H
#define PUSH_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_node {
	struct hash_node *next;
	uint64_t hash;
};

struct hash {
	struct hash_node **buckets; /* mask + 1 of them */
	size_t n, mask;
};

void hash_init(struct hash *h);
void hash_release(struct hash *h); /* nodes are the caller's */
void hash_add(struct hash *h, struct hash_node *node, uint64_t hash);
void hash_remove(struct hash *h, struct hash_node *node); /* it is in h */
/* First node of the chain that holds this hash, others of that hash follow by hash_next(); NULL at the end. */
struct hash_node *hash_first(const struct hash *h, uint64_t hash);
struct hash_node *hash_next(const struct hash_node *node);

uint64_t hash_of(uint64_t a, uint64_t b);

#endif
