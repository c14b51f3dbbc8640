/* A table of the tests' own in a mailbox: (writer, n), unique. */
#ifndef TESTS_UNIT_STORE_NOTES_H
#define TESTS_UNIT_STORE_NOTES_H

#include "fixture.h"

extern const struct sql_def notes_count;
extern const struct sql_def notes_head; /* the mailbox's last change number */

void notes_make(struct fixture *f, int64_t mailbox);
enum err notes_write(struct store_tx *tx, int64_t writer, int64_t n) MUST_CHECK;
/* With a change number and a publication for folder 1; a transaction of its own. */
enum err notes_commit(struct store *s, int64_t mailbox, int64_t writer, int64_t n) MUST_CHECK;
bool notes_has(struct fixture *f, int64_t mailbox, int64_t writer, int64_t n);

#endif
