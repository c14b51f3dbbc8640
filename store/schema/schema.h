/*
 * Numbered migrations of the three kinds of database. Each is one .sql file, schema/<kind>/NNNN_name.sql, applied once
 * in a transaction and noted in the table `migration`. A file that has been released is never changed again.
 */
#ifndef STORE_SCHEMA_SCHEMA_H
#define STORE_SCHEMA_SCHEMA_H

#include <store/sql/sql.h>

struct schema_migration {
	const char *name;
	const char *text; /* statements, NUL-terminated */
};

struct schema {
	const char *kind;
	const struct schema_migration *migrations;
	size_t count; /* the version that this program knows */
};

extern const struct schema schema_directory;
extern const struct schema schema_mailbox;
extern const struct schema schema_search;

/*
 * Brings the database to the version of this program; nothing is written where it is there already. Other processes
 * may do the same at the same time.
 * ERR_UNSUPPORTED: the database is of a newer program (logged with both versions); it is left as it is.
 */
enum err schema_apply(struct sql_db *db, const struct schema *schema, int64_t now_ms) MUST_CHECK;

#endif
