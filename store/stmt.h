/*
 * Statements of a mailbox: every one has the mailbox as $1 and mostly whole numbers behind it. Those of the directory
 * have their numbers from $1 on. For the nouns of store/ alone.
 */
#ifndef STORE_STMT_H
#define STORE_STMT_H

#include <store/sql/sql.h>
#include <store/store.h>

#include <assert.h>

/* The numbers of $2 and up; in the directory of $1 and up. */
struct stmt_args {
	size_t n;
	const int64_t *v;
};
#define ARGS(...) ((struct stmt_args){ countof(((const int64_t[]){ __VA_ARGS__ })), (const int64_t[]){ __VA_ARGS__ } })

#define NO_ARGS ((struct stmt_args){ 0 })

/* A change number or count as SQL takes it; the counter row keeps them within 63 bits. */
static inline int64_t num(uint64_t v)
{
	return (int64_t)v;
}

/* Ready to bind more or to step; the caller resets it: CLEANUP(sql_done). */
enum err stmt_open(struct store_tx *tx, const struct sql_def *def, struct stmt_args args,
		   struct sql_stmt **ret) MUST_CHECK;
enum err stmt_run(struct store_tx *tx, const struct sql_def *def, struct stmt_args args) MUST_CHECK;
/* The first column of the only row; ERR_NOT_FOUND. */
enum err stmt_number(struct store_tx *tx, const struct sql_def *def, struct stmt_args args, int64_t *ret) MUST_CHECK;

/* The same three of the directory; tx is one of it (asserted). */
enum err directory_open(struct store_tx *tx, const struct sql_def *def, struct stmt_args args,
			struct sql_stmt **ret) MUST_CHECK;
enum err directory_run(struct store_tx *tx, const struct sql_def *def, struct stmt_args args) MUST_CHECK;
enum err directory_number(struct store_tx *tx, const struct sql_def *def, struct stmt_args args,
			  int64_t *ret) MUST_CHECK;

#endif
