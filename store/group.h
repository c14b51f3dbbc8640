/*
 * The writers of one database: they wait in line in memory, one works at a time, and those that came one behind the
 * other may share a commit (group commit). The open transaction is passed on to the next in line, who works in a
 * savepoint of his own; the last in line, or the one at a bound, commits for all. Whoever passed it on waits until it
 * is on disk: nobody is told of a commit that could still be lost. A failed commit fails all of the group, a failed
 * member only himself. Any thread.
 */
#ifndef STORE_GROUP_H
#define STORE_GROUP_H

#include <store/handles.h>

enum {
	GROUP_MAX_WRITERS = 64,
	GROUP_MAX_AGE_MS = 20, /* since BEGIN; so long at most the first of a group waits for others to begin */
};

/* What a transaction, or a group of them, has to publish. Owned by whoever holds it. */
struct changes {
	struct store_change *p;
	size_t n, cap;
};
void changes_add(struct changes *c, const struct store_change *change);
void changes_release(struct changes *c);

/* Waits in line; with ERR_OK the thread has the slot, and *ret a connection with an open write transaction. */
enum err group_enter(struct store *s, struct database *d, struct sql_db **ret) MUST_CHECK;
/* Keeps what was written since group_enter(), returns when it is on disk and published; gives the slot on. */
enum err group_commit(struct store *s, struct database *d, const struct changes *changes) MUST_CHECK;
/* Undoes what was written since group_enter(); gives the slot on. */
void group_undo(struct store *s, struct database *d);

#endif
