/* A list that grows in an arena while rows are read, for nouns that return all their rows at once. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <base/arena.h>

struct rows {
	struct arena *arena;
	size_t size; /* of a row */
	void *p;
	size_t n, cap;
};

struct rows rows_of(struct arena *a, size_t size);
/* Room for one more, zeroed. NULL: the arena is full (ERR_LIMIT). */
void *rows_add(struct rows *r) MUST_CHECK;

#endif
