#include <store/rows.h>

enum { ROWS_FIRST = 16 };

struct rows rows_of(struct arena *a, size_t size)
{
	return (struct rows){ .arena = a, .size = size };
}

/* The former storage stays in the arena: less than what is used in the end. */
static bool grow(struct rows *r)
{
	size_t cap = r->cap ? 2 * r->cap : ROWS_FIRST;
	void *p = arena_array(r->arena, cap, r->size);

	if (!p)
		return false;
	if (r->n)
		memcpy(p, r->p, r->n * r->size);
	r->p = p;
	r->cap = cap;
	return true;
}

void *rows_add(struct rows *r)
{
	if (r->n == r->cap && !grow(r))
		return NULL;
	return (char *)r->p + r->n++ * r->size;
}
