/*
 * Sync lines: what the server keeps of one device's sync of one folder. Two generations of state, so that a lost
 * response can be given again: the confirmed one, and the uncommitted one whose key the device has not shown yet; and
 * beside them a fresh one, issued by key 0. Of the uncommitted generation also the results of the device's commands.
 * Former ones are answers that were taken for lost because the device asked again; they are kept until it shows which
 * it got: a request that it gave up may be read behind the one that it made instead, whose answer it has.
 * FOLDER_ROOT's line is that of the hierarchy (store/hierarchy.h). `device` is the partnership's number, which is never
 * given again: what an earlier partnership left is foreign by itself (rule 13).
 *
 * A Sync request runs in at most three transactions:
 *   A  write; where the request has commands, or sync_line_must_write() says so after a look in B. sync_line_load,
 *      sync_line_present, sync_commands_begin, the commands that are not answered yet, sync_commands_end, (with
 *      commands: sync_line_issue, so that their results have a key,) sync_line_store
 *   B  read. (Without A: sync_line_load, sync_line_present.) Pages the feed from *sync_line_state()
 *   C  write; with entries or commands sync_line_issue with the advanced state and options (A's key stays); without,
 *      only if sync_line_advance() finds it due. Then sync_line_store: ERR_STALE if another request of the device has
 *      moved the line since it was loaded
 * Nothing to say and no commands: no write, and the answer carries the key that the request carried. The line stays in
 * the request's memory from A or B to C.
 */
#ifndef STORE_SYNC_H
#define STORE_SYNC_H

#include <store/feed.h>

enum {
	SYNC_KEY_MAX = 64,      /* MS-ASCMD 2.2.3.181.4 */
	SYNC_OPTIONS_MAX = 256, /* bytes, of a generation */
	SYNC_RESULTS_MAX = 200, /* commands of a request */
	SYNC_ORPHANS_MAX = 200, /* unrepeated Adds that are remembered; the oldest go */
	SYNC_NAME_MAX = 256,    /* bytes of a ClientId or ServerId */
	SYNC_HASH_SIZE = 32,
	SYNC_FORMERS = 7,       /* answers to one key that are remembered beside the last one; the oldest go */
	SYNC_CACHE_MAX = 65536, /* bytes of a cached request */
	SYNC_TOUCH_S = 86400,   /* a line in use is written at least this often, so that housekeeping knows it alive */
};

/* Stored. The formers begin with the newest. */
enum sync_slot {
	SYNC_CONFIRMED,
	SYNC_UNCOMMITTED,
	SYNC_FRESH,
	SYNC_FORMER,
	SYNC_SLOT_MAX_ = SYNC_FORMER + SYNC_FORMERS
};

struct sync_generation {
	bool used; /* false: there is none in this slot */
	char key[SYNC_KEY_MAX + 1];
	struct feed_state state;
	unsigned char options[SYNC_OPTIONS_MAX]; /* the caller's, opaque */
	size_t options_n;
};

enum sync_presented {
	SYNC_NOT_PRESENTED,
	SYNC_FOREIGN,  /* unknown key: status 3 for this collection */
	SYNC_CURRENT,  /* the confirmed key, nothing uncommitted: the last answer had no new key */
	SYNC_CONFIRMS, /* the uncommitted generation arrived; it is the confirmed one now */
	SYNC_REPEATS,  /* the last response was lost, it seems; the uncommitted generation is a former one */
	SYNC_RETURNS,  /* it was a former response that arrived: that is confirmed, and the last one dropped */
	SYNC_BEGINS,   /* the key that key 0 gave; the old line has ended */
};

/* A value. */
struct sync_line {
	int64_t mailbox, device, folder;
	struct sync_generation slot[SYNC_SLOT_MAX_];
	int64_t version; /* of the stored line; 0: there is none */
	int64_t seen_ms; /* when it was last written */
	enum sync_presented presented;
	unsigned stored;  /* mask of slots that have a row */
	int returned;     /* SYNC_RETURNS: which former one */
	bool had_formers; /* there were some when it was loaded */
	bool untold;      /* a refusal of the lost answer is not asked for again: see sync_commands_begin() */
	bool issued;      /* this request has drawn its new key */
	bool begun;       /* sync_commands_begin() has looked after the stored results */
	size_t results_n; /* stored with the uncommitted generation */
};

/* A device without a line of this folder gets an empty one (no slot used). */
enum err sync_line_load(struct store_tx *tx, int64_t device, int64_t folder, struct sync_line *ret) MUST_CHECK;
/* What the key means; moves the generations in memory alone. Not for "0". */
enum sync_presented sync_line_present(struct sync_line *line, struct str key);
/* Several answers to the confirmed key are out, and which of them the device has is not known. */
bool sync_line_is_torn(const struct sync_line *line);
/*
 * The key was "0": a fresh generation beside the old line, under the same key until that is used. st: for items
 * feed_state_fresh() of the folder's head; for the hierarchy, whose first answer carries folders, what hierarchy_read()
 * left. One that was begun within SYNC_TOUCH_S and not shown stays where it stands. *ret_key lives as long as the line. Write; stores.
 */
enum err sync_line_restart(struct store_tx *tx, struct sync_line *line, const struct feed_state *st, struct str options,
			   struct str *ret_key) MUST_CHECK;

/* The generation that the device has shown to hold; NULL before one was presented. */
const struct sync_generation *sync_line_confirmed(const struct sync_line *line);
/* Where the page begins: of the generation issued by this request, else of the confirmed one. */
const struct feed_state *sync_line_state(const struct sync_line *line);
/*
 * Whether phase A is needed even without commands: what is uncommitted must be taken back, the old line ended, or what
 * is kept of answers forgotten that the device has now. sync_line_store() asserts that it was done.
 */
bool sync_line_must_write(const struct sync_line *line);
/* The uncommitted generation; draws its key at the first call of a request. ERR_LIMIT: options too long. */
enum err sync_line_issue(struct sync_line *line, const struct feed_state *st, struct str options) MUST_CHECK;
/*
 * Without entries and commands: the confirmed generation moves past what is invisible to the device, under its key,
 * with the options of this request. *ret_due: that must be stored, because the options are others than before or `low`
 * has fallen, or the line was not written for SYNC_TOUCH_S; else it need not be. ERR_LIMIT: options too long.
 */
enum err sync_line_advance(struct sync_line *line, const struct feed_state *st, struct str options, int64_t now_ms,
			   bool *ret_due) MUST_CHECK;
/* ERR_STALE: the stored line is not the one that was loaded. Write. */
enum err sync_line_store(struct store_tx *tx, struct sync_line *line) MUST_CHECK;
/* The key to answer with: the issued one, else the one presented. */
struct str sync_line_key(const struct sync_line *line);

/* ---- the client's commands (rule 5); of the hierarchy too: FolderCreate, FolderUpdate, FolderDelete ---- */

/* Stored: append only. */
enum sync_command_kind { SYNC_ADD = 1, SYNC_CHANGE, SYNC_DELETE };

struct sync_command {
	enum sync_command_kind kind;
	struct str name;                    /* Add: ClientId; else ServerId */
	unsigned char hash[SYNC_HASH_SIZE]; /* SHA-256 of the decoded command */
};

/* Fills in the hash of a command as the caller decoded it, in one encoding whatever the client's was. */
void sync_command_hash(struct sync_command *command, struct str decoded);

struct sync_result {
	bool answered;        /* by the stored result of the same command in the request that this one repeats */
	int status;           /* the protocol's number, 1 for done */
	int64_t folder, item; /* what the command made or named; 0: nothing of ours. Of a folder: its parent and id */
	uint64_t created;     /* Add: the item's created_change */
};

/*
 * After sync_line_present(), in a write transaction: finds what this request repeats, sets results[0..n), and takes
 * back what it does not: marks are cleared and rows stamped anew, so that the truth goes to the device; unrepeated Adds
 * are remembered. The caller applies every command whose result is not answered and fills its result. line->untold: it had
 * a Change or Delete refused of which the store knows no more; the caller who took nothing back in the item itself
 * (item_refuse) has to begin anew.
 * ERR_LIMIT: more than SYNC_RESULTS_MAX commands or a name above SYNC_NAME_MAX.
 */
enum err sync_commands_begin(struct store_tx *tx, struct sync_line *line, const struct sync_command *commands, size_t n,
			     struct sync_result *results) MUST_CHECK;
/*
 * Before an Add is applied: the item that it would take the place of, since it is an earlier Add again whose answer was lost
 * (sync_add_settle). ERR_NOT_FOUND: none, or one that has gone or was moved away.
 */
enum err sync_add_former(struct arena *a, struct store_tx *tx, const struct sync_line *line,
			 const struct sync_command *command, struct item *ret) MUST_CHECK;
/*
 * After item_add() of an Add that was not answered: where it is an earlier Add again, whose answer was lost, the item
 * that one made goes, and what others have edited on it moves to the new one.
 */
enum err sync_add_settle(struct store_tx *tx, struct sync_line *line, const struct sync_command *command,
			 const struct item *made) MUST_CHECK;
/*
 * Such an Add is refused this time: what it made before goes, and is forgotten. ERR_NOT_FOUND: it made nothing. ERR_EXISTS: others have
 * deleted that or moved it away, and it stays so.
 */
enum err sync_add_withdraw(struct store_tx *tx, const struct sync_line *line,
			   const struct sync_command *command) MUST_CHECK;
/* Keeps the results of the uncommitted generation. */
enum err sync_commands_end(struct store_tx *tx, struct sync_line *line, const struct sync_command *commands, size_t n,
			   const struct sync_result *results) MUST_CHECK;
/* The author of this request's changes: the device, and what it had seen. */
struct author sync_line_author(const struct sync_line *line);

/* ---- what else is kept for a device ---- */

enum sync_cache { SYNC_CACHE_PING = 1, SYNC_CACHE_REQUEST }; /* stored: append only */
/* A request as the caller serialised it, for requests that leave out what they said before. ERR_LIMIT: too long. */
enum err sync_cache_put(struct store_tx *tx, int64_t device, enum sync_cache which, struct str data) MUST_CHECK;
/* ERR_NOT_FOUND: none. */
enum err sync_cache_get(struct arena *a, struct store_tx *tx, int64_t device, enum sync_cache which,
			struct str *ret) MUST_CHECK;

/* Drops everything kept for a device (removed, or re-enrolled). */
enum err sync_forget(struct store_tx *tx, int64_t device) MUST_CHECK;
/* The same for every device that has something in this mailbox, guests' devices included. */
enum err sync_forget_all(struct store_tx *tx) MUST_CHECK;

enum {
	SYNC_KEEP_DAYS = 30, /* expunged and rekeyed rows stay at least so long */
	SYNC_LINE_DAYS = 90, /* and until every line written within so many days has passed them */
};
/* Rule 15: removes up to `limit` rows that no line needs; *ret_more: there are others. For housekeeping. */
enum err sync_purge(struct store_tx *tx, unsigned limit, bool *ret_more) MUST_CHECK;

#endif
