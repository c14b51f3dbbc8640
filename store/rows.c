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

enum err rows_step(struct rows *r, struct sql_stmt *st, bool *more, void **to)
{
	TRY(sql_step(st, more));
	if (!*more)
		return ERR_OK;
	*to = rows_add(r);
	return *to ? ERR_OK : ERR_LIMIT;
}

static enum err read_text(struct arena *a, const struct sql_stmt *st, struct str *ret)
{
	return arena_str(a, sql_str(st, 0), ret);
}

ROWS_READER(read_texts, struct str, read_text)

enum err rows_texts(struct arena *a, struct sql_stmt *st, struct str **ret, size_t *ret_n)
{
	return read_texts(a, st, ret, ret_n);
}
