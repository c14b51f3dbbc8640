/*
 * The engine seam: everything the store asks of a database engine, and no more. sqlite.c and read_ahead.c alone know
 * the engine; the SQL text is in the dialect that SQLite and PostgreSQL share ($1…$n bound by number, ON CONFLICT,
 * RETURNING; times are integer milliseconds UTC; no SQL clock, no collations, no reliance on NULL order). A connection
 * belongs to one thread at a time.
 */
#ifndef STORE_SQL_SQL_H
#define STORE_SQL_SQL_H

#include <base/str.h>

struct sql_db;
struct sql_stmt;

/* A named statement; each noun keeps a static table of them, `static const struct sql_def`. */
struct sql_def {
	const char *name;
	const char *text;
};

enum { SQL_BUSY_TIMEOUT_MS = 5000 };

enum sql_open_flags {
	SQL_CREATE = 1u << 0, /* where it is missing; readable by its owner alone */
};

enum err sql_open(const char *path, unsigned flags, struct sql_db **ret) MUST_CHECK;
void sql_close(struct sql_db **dbp); /* finalises its statements; rolls back what is open */

/* Statements without parameters or rows, several separated by ';': schema, savepoints. */
enum err sql_exec(struct sql_db *db, const char *text) MUST_CHECK;
enum err sql_begin(struct sql_db *db, bool write) MUST_CHECK; /* write: takes the write lock at once */
enum err sql_commit(struct sql_db *db) MUST_CHECK;            /* on failure it has rolled back */
void sql_rollback(struct sql_db *db);                         /* harmless where nothing is open */
/* Are the pages and indexes of the database sound? Reads all of them. */
enum err sql_check(struct sql_db *db, bool *ret_sound) MUST_CHECK;
bool sql_in_transaction(const struct sql_db *db);

/* One part of a write transaction that can be undone by itself; they do not nest. */
enum err sql_savepoint(struct sql_db *db) MUST_CHECK;
enum err sql_savepoint_release(struct sql_db *db) MUST_CHECK;
enum err sql_savepoint_undo(struct sql_db *db) MUST_CHECK;
/* The same inside of such a part, or of a transaction without: they do not nest among themselves. */
enum err sql_step_begin(struct sql_db *db) MUST_CHECK;
enum err sql_step_keep(struct sql_db *db) MUST_CHECK;
enum err sql_step_undo(struct sql_db *db) MUST_CHECK;
/*
 * The first failure of a statement since sql_begin() or sql_savepoint(), of which sql_step_undo() clears one. A failed statement ends its transaction, as
 * it does on PostgreSQL: all further ones give the same error. So ask first, or ON CONFLICT, where failing is normal.
 */
enum err sql_tx_error(const struct sql_db *db);

/*
 * The prepared statement of def, made at its first use by this connection and kept (looked up by def's address), reset
 * and with cleared bindings. A statement that is still stepping is a bug (asserted): see sql_reset().
 */
enum err sql_use(struct sql_db *db, const struct sql_def *def, struct sql_stmt **ret) MUST_CHECK;

/* Bindings stay borrowed until the statement is reset. */
void sql_bind_i64(struct sql_stmt *st, int n, int64_t v);
void sql_bind_u64(struct sql_stmt *st, int n, uint64_t v);    /* asserts that it fits 63 bits */
void sql_bind_text(struct sql_stmt *st, int n, struct str v); /* UTF-8 without NUL (asserted at the callers' edge) */
void sql_bind_blob(struct sql_stmt *st, int n, struct str v); /* .p NULL: NULL */
void sql_bind_null(struct sql_stmt *st, int n);

enum sql_trees {
	SQL_TREES_INDEX = 1u << 0, /* indexes, and tables without row numbers */
	SQL_TREES_TABLE = 1u << 1, /* tables with row numbers */
};
/*
 * The statement is about to walk through most of what lies in such trees (enum sql_trees) between its first and its last row:
 * until it is reset, pages are asked of the disk before their turn comes.
 */
void sql_read_ahead(struct sql_stmt *st, unsigned trees);

/* ERR_OK with *row telling whether there is one. On error or without a row the statement is reset. */
enum err sql_step(struct sql_stmt *st, bool *row) MUST_CHECK;
/* For statements that return no row, or whose rows do not matter; reset afterwards. */
enum err sql_run(struct sql_stmt *st) MUST_CHECK;
/* One row or ERR_NOT_FOUND; the row stays readable until sql_reset(). */
enum err sql_one(struct sql_stmt *st) MUST_CHECK;
void sql_reset(struct sql_stmt *st);
/* For CLEANUP: resets on every way out. */
static inline void sql_done(struct sql_stmt **stp)
{
	if (*stp)
		sql_reset(*stp);
}

int64_t sql_i64(const struct sql_stmt *st, int column); /* from 0; NULL reads as 0 */
uint64_t sql_u64(const struct sql_stmt *st, int column);
struct str sql_str(const struct sql_stmt *st, int column); /* text or blob; borrowed until the next step or reset */
bool sql_is_null(const struct sql_stmt *st, int column);

int64_t sql_changes(const struct sql_db *db);     /* rows of the last INSERT, UPDATE, DELETE */
const char *sql_message(const struct sql_db *db); /* copied at the last failure; for the log */

/* Counts for tests and benches, since the connection was opened. */
struct sql_counts {
	uint64_t rows_stepped; /* rows returned by all statements */
	uint64_t commits;      /* write transactions that changed something */
};
struct sql_counts sql_counts(const struct sql_db *db);
/* Rows returned by statements whose name begins with prefix. */
uint64_t sql_rows_stepped(const struct sql_db *db, const char *prefix);

#endif
