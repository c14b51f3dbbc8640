/* A list that grows in an arena while rows are read, for nouns that return all their rows at once. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <base/arena.h>
#include <store/sql/sql.h>

struct rows {
	struct arena *arena;
	size_t size; /* of a row */
	void *p;
	size_t n, cap;
};

struct rows rows_of(struct arena *a, size_t size);
/* Room for one more, zeroed. NULL: the arena is full (ERR_LIMIT). */
void *rows_add(struct rows *r) MUST_CHECK;

/*
 * The same for the rows that a statement still has: steps it, and *more tells whether there was one, whose place *to
 * gets, zeroed. ERR_LIMIT: the arena is full.
 */
enum err rows_step(struct rows *r, struct sql_stmt *st, bool *more, void **to) MUST_CHECK;

/*
 * Defines name(), which reads all rows that a statement still has into an array of the arena. read() is given each with
 * zeroed room for it; where it fails, nothing is returned.
 */
#define ROWS_READER(name, type, read)                                                         \
	static enum err name(struct arena *a, struct sql_stmt *st, type **ret, size_t *ret_n) \
	{                                                                                     \
		struct rows rows = rows_of(a, sizeof(type));                                  \
		void *to;                                                                     \
		bool more;                                                                    \
                                                                                              \
		for (;;) {                                                                    \
			TRY(rows_step(&rows, st, &more, &to));                                \
			if (!more)                                                            \
				break;                                                        \
			TRY(read(a, st, (type *)to));                                         \
		}                                                                             \
		*ret = rows.p;                                                                \
		*ret_n = rows.n;                                                              \
		return ERR_OK;                                                                \
	}

/* Every row's first column. */
enum err rows_texts(struct arena *a, struct sql_stmt *st, struct str **ret, size_t *ret_n) MUST_CHECK;

#endif
