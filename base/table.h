/*
 * A hash table from a 64-bit number or a string to a pointer, with a random seed (SipHash-1-3) so that a peer cannot
 * choose collisions. The table owns copies of its keys, not its values. Not shared between threads.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <base/str.h>

struct table;

struct table *table_new(void);
void table_free(struct table **tp); /* values are the caller's */

size_t table_count(const struct table *t);
void *table_get(const struct table *t, struct str key);
/* Stores value (not NULL) under key and returns the former one, or NULL. */
void *table_set(struct table *t, struct str key, void *value);
/* Removes and returns the value, or NULL. */
void *table_remove(struct table *t, struct str key);

/* Walks in no order; the table is not changed meanwhile but by table_remove() of the current key. Start with at = 0. */
bool table_next(const struct table *t, size_t *at, struct str *ret_key, void **ret_value);

/* The key of a number: its eight bytes, borrowed from *n. */
static inline struct str table_key_u64(const uint64_t *n)
{
	return str_from(n, sizeof(*n));
}

/* The seeded hash itself, for tables of another shape. The seed is one for the process, from getrandom(2). */
uint64_t table_hash(struct str key);

#endif
