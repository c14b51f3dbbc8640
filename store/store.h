/*
 * The store: mailboxes, their change feed, devices, sync state, accounts. The only code that speaks SQL. One database
 * a mailbox and one directory database, under state_dir. It knows no protocol, no push and no socket; what others must
 * hear of is published after commit through a callback.
 *
 * Threads: any worker may call; a transaction belongs to the thread that began it. I/O threads never call.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <base/arena.h>
#include <base/clock.h>

struct store;
struct store_tx;
struct sql_db;

/* Author of a change that no device made. Devices are numbered from 1 (store/device.h). */
enum { STORE_NOBODY = 0, STORE_SEVERAL = -1 };

enum { STORE_DIRECTORY = 0 }; /* the "mailbox" of the directory database */

/* What a commit changed: one entry a folder (folder 0: the folder hierarchy). */
struct store_change {
	int64_t mailbox;
	int64_t folder;
	uint64_t change; /* new head of that folder, or of the hierarchy */
	int64_t author;  /* STORE_NOBODY, a device, or STORE_SEVERAL */
};

struct store_config {
	const char *state_dir;     /* made (0700) where it is missing; ERR_NOT_FOUND: what it lies in is missing too */
	const struct clock *clock; /* outlives the store */
	unsigned max_handles;      /* open connections kept, at least 2; up to 3 descriptors each */
	/*
	 * After the commit is on disk, before store_commit() returns; on the committing thread, possibly for other
	 * threads' transactions too. Must not block or call the store. May be NULL.
	 */
	void (*publish)(void *ctx, const struct store_change *changes, size_t n);
	/* Before a write transaction of this mailbox begins (another process announces itself). May be NULL. */
	void (*before_write)(void *ctx, int64_t mailbox);
	void *ctx;
};

/* ERR_CORRUPT: the directory is damaged, or it is not there while mailboxes are. */
enum err store_open(const struct store_config *config, struct store **ret) MUST_CHECK;
void store_close(struct store **sp); /* no transaction may be open */

enum store_mode { STORE_READ, STORE_WRITE };

/*
 * Begins a transaction on a mailbox's database, or the directory's (STORE_DIRECTORY).
 * STORE_READ: a snapshot. STORE_WRITE: waits in line behind this process's other writers of that database, holds its
 * write lock; may share its commit with the writers that wait behind it (group commit).
 * ERR_NOT_FOUND: no such mailbox. ERR_CORRUPT: that database is damaged (others go on). ERR_BUSY: another process
 * held the lock for too long.
 */
enum err store_begin(struct store *s, int64_t mailbox, enum store_mode mode, struct store_tx **ret) MUST_CHECK;
/*
 * Commits, publishes, and frees the handle in every case. ERR_OK means on disk (synchronous=FULL). A read transaction
 * just ends. A transaction in which a statement failed rolls back and gives that error.
 */
enum err store_commit(struct store_tx **txp) MUST_CHECK;
/* Rolls back and frees, unless committed; NULL-safe. For CLEANUP(store_tx_end). */
void store_tx_end(struct store_tx **txp);

/*
 * One step of a write transaction that can be undone by itself: what was written, the change number, and what was noted for
 * publication. It is kept or undone before the next one begins, and before the commit (asserted). What a failed statement
 * has ended goes on behind store_step_undo(), unless that fails, too: then the whole transaction is lost. Files of bodies
 * that were attached in a step that is undone are left to the sweeper.
 */
enum err store_step_begin(struct store_tx *tx) MUST_CHECK;
enum err store_step_keep(struct store_tx *tx) MUST_CHECK;
enum err store_step_undo(struct store_tx *tx) MUST_CHECK;

/*
 * The change number of this write transaction: taken (and the mailbox's counter row updated) at the first call, the
 * same at each further one.
 */
enum err store_change_number(struct store_tx *tx, uint64_t *ret) MUST_CHECK;
/* Notes for publication that a folder (0: hierarchy) got this transaction's change number, by an author. */
void store_touched(struct store_tx *tx, int64_t folder, int64_t author);

/* The mailbox's last committed change number, as of this transaction. */
enum err store_head(struct store_tx *tx, uint64_t *ret) MUST_CHECK;

int64_t store_tx_mailbox(const struct store_tx *tx);
const struct clock *store_tx_clock(const struct store_tx *tx);
struct store *store_tx_store(const struct store_tx *tx);
const char *store_state_dir(const struct store *s);
const struct clock *store_clock(const struct store *s);
struct sql_db *store_tx_db(struct store_tx *tx); /* for the nouns of store/ alone */

/* Flushes (fdatasync/fsync/commit) asked of the system since the store opened; for benches. */
uint64_t store_flushes(const struct store *s);
/*
 * Rows that statements whose name begins with prefix have returned, on the connections that are open and at rest; for
 * tests, which let all work end before they ask.
 */
uint64_t store_rows_stepped(struct store *s, const char *prefix);

#endif
