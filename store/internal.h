/* What the units of store/ share of the store itself. Nobody else includes it. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include <base/list.h>
#include <base/table.h>
#include <store/paths.h>
#include <store/store.h>

#include <pthread.h>
#include <stdatomic.h>

struct store {
	struct store_config config;
	char *state_dir;
	_Atomic uint64_t flushes;

	pthread_mutex_t lock;    /* of all below and of every struct database; held for moments, never over I/O */
	struct table *databases; /* id -> struct database; those in use or with idle handles */
	struct list idle;        /* handles that nobody uses, the longest unused first */
	unsigned handles;        /* open ones, idle or in use */
	pthread_cond_t opened;   /* some database has nobody left who opens it */
};

/*
 * Databases are numbered: the directory, then the mailboxes; below them each mailbox's search index (store/search.h),
 * which is made where it is missing.
 */
static inline bool database_is_index(int64_t id)
{
	return id < STORE_DIRECTORY;
}
static inline int64_t database_index_of(int64_t mailbox)
{
	return -mailbox;
}

static inline void store_flushed(struct store *s)
{
	atomic_fetch_add_explicit(&s->flushes, 1, memory_order_relaxed);
}

#endif
