/*
 * Rows of command results: of the uncommitted generation, of orphaned Adds, and the Adds of former generations, whose
 * marks come back with them. For sync_commands.c alone.
 */
#ifndef STORE_SYNC_RESULTS_H
#define STORE_SYNC_RESULTS_H

#include <store/sync.h>

enum { SYNC_DONE = 1 }; /* the status of a command that was carried out */

struct sync_stored {
	enum sync_command_kind kind;
	char name[SYNC_NAME_MAX + 1];
	unsigned char hash[SYNC_HASH_SIZE];
	struct sync_result result;
	bool taken; /* repeated */
};

/* Up to max rows of the uncommitted generation, in the order of their commands. */
enum err sync_results_read(struct store_tx *tx, const struct sync_line *line, struct sync_stored *ret, size_t max,
			   size_t *ret_n) MUST_CHECK;
enum err sync_results_drop(struct store_tx *tx, const struct sync_line *line) MUST_CHECK;
enum err sync_result_put(struct store_tx *tx, const struct sync_line *line, size_t position,
			 const struct sync_command *command, const struct sync_result *result) MUST_CHECK;

/* Those of the uncommitted generation become those of the newest former one: its Adds. */
enum err sync_results_shelve(struct store_tx *tx, const struct sync_line *line) MUST_CHECK;
/* Up to max Adds of former generation number i. */
enum err sync_results_shelved(struct store_tx *tx, const struct sync_line *line, int i, struct sync_stored *ret,
			      size_t max, size_t *ret_n) MUST_CHECK;
/* Of all former ones. */
enum err sync_results_forget(struct store_tx *tx, const struct sync_line *line) MUST_CHECK;

/* No orphan is what made this item. */
enum err sync_orphan_drop(struct store_tx *tx, const struct sync_line *line, int64_t item) MUST_CHECK;
/* Remembers an Add; beyond SYNC_ORPHANS_MAX the oldest goes. */
enum err sync_orphan_put(struct store_tx *tx, const struct sync_line *line, const struct sync_stored *s) MUST_CHECK;
/* The orphan that an Add stands for, by (ClientId, hash), else hash, else ClientId. ERR_NOT_FOUND: none. */
struct sync_orphan {
	int64_t folder, item;
	bool named; /* by the ClientId */
};
enum err sync_orphan_find(struct store_tx *tx, const struct sync_line *line, const struct sync_command *command,
			  struct sync_orphan *ret) MUST_CHECK;

#endif
