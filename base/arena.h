/*
 * Memory of one job: allocations live until arena_reset() and are never freed one by one. Whatever returns arena
 * memory takes `struct arena *` first, so that the signature tells the lifetime. Not shared between threads.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <base/str.h>

struct arena_block;
struct arena {
	struct arena_block *head;
	size_t total, max; /* bytes asked from the system, and the ceiling of it */
	size_t block;      /* bytes asked for at a time; 0: as many as suit a job */
};

#define ARENA_INIT(max_bytes) ((struct arena){ NULL, 0, (max_bytes), 0 })
/* For a little that is kept for long, by many. */
#define ARENA_SMALL(max_bytes, block_bytes) ((struct arena){ NULL, 0, (max_bytes), (block_bytes) })

/* Zeroed, aligned for any type. NULL when `max` would be passed. */
void *arena_alloc(struct arena *a, size_t n) MUST_CHECK;
/* count * size with the overflow looked at; NULL when it would pass `max`. */
void *arena_array(struct arena *a, size_t count, size_t size) MUST_CHECK;
#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))

/* Copies; .p is NULL where the arena is full and s.n > 0 (ERR_LIMIT). */
enum err arena_str(struct arena *a, struct str s, struct str *ret) MUST_CHECK;
/* A NUL-terminated copy; ERR_INVALID where s holds a NUL. */
enum err arena_cstr(struct arena *a, struct str s, const char **ret) MUST_CHECK;

void arena_reset(struct arena *a);   /* every pointer from it dies; keeps one block for the next job */
void arena_release(struct arena *a); /* frees all */

#endif
