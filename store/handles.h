/*
 * Connections to databases: opened when wanted, kept for the next who wants that database, the longest unused closed
 * first where there are more than max_handles. A connection belongs to one transaction (or one group of writers) at
 * a time; whoever rests holds none. Any thread.
 */
#ifndef STORE_HANDLES_H
#define STORE_HANDLES_H

#include <store/internal.h>

struct group;

/* One database that is in use. Guarded by the store's lock. */
struct database {
	int64_t id;
	unsigned users;      /* those between enter and leave */
	struct list handles; /* idle ones */
	bool gone;           /* its files are removed; nothing may begin any more */
	unsigned opening;    /* threads that open a connection, without the lock */
	unsigned epoch;      /* of its files; a handle of another one is closed when it is given back */

	bool writing;        /* the writer's slot is taken */
	struct list writers; /* struct writer, who wait for it in their order; see group.c */
	struct group *group; /* the open transaction that is passed on with the slot, or NULL */
};

struct handle {
	struct list in_store, in_database; /* while idle */
	struct database *database;
	unsigned epoch;
	struct sql_db *db;
};

struct database *database_enter(struct store *s, int64_t id);
void database_leave(struct store *s, struct database **dp);

/*
 * A connection of that database, with its schema brought up to this program's; an index is made where there is none.
 * ERR_NOT_FOUND: there is no such database. ERR_BUSY: an index that is about to be made anew. ERR_UNSUPPORTED: it is a newer program's.
 */
enum err handle_take(struct store *s, struct database *d, struct handle **ret) MUST_CHECK;
/* Gives it back; closes it where a transaction is stuck in it. */
void handle_give(struct store *s, struct handle **hp);

/*
 * Closes what is idle, waits for those who are opening a connection (they need the files by name) and lets nobody begin:
 * the files are about to go. The caller leaves once they are gone; he opens nothing himself meanwhile.
 */
void database_forget(struct store *s, struct database *d);
/* After that others may begin again, with new files. For indexes, which are made anew. */
void database_admit(struct store *s, struct database *d);
/* Its files went without us: what is open of them is closed, now or when it is given back. */
void database_renew(struct store *s, struct database *d);
/* Has nobody else entered it? Once it is forgotten nobody new can begin there. */
bool database_is_mine(struct store *s, const struct database *d);

/* Closes all; nothing is in use. */
void handles_close(struct store *s);

#endif
