/*
 * Search: an index of a mailbox's texts, and queries over texts and items.
 *
 * The index is a database of its own beside the mailbox's. It is derived: it follows the mailbox's changes from where it
 * last stood, a delivery writes nothing of it, and where it is damaged or of another version it is thrown away and made
 * anew. Whoever searches first brings it to the mailbox's head (gateway/mailbox/search.h does, since texts come out of
 * MIME):
 *
 *	search_index_begin(store, mailbox, &index)           write, on the index
 *	store_begin(store, mailbox, STORE_READ, &tx)         what it is brought to
 *	while search_walk_next(…, &item) == ERR_OK: search_put(index, the texts of the item)
 *	search_walk_keep(…), store_commit(&index)
 *
 * As often as a chunk of bounded work is wanted. Texts are folded (gateway/content/fold.h), in the index as in queries:
 * what is found is any part of a text, without case and marks. Worker threads.
 */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include <store/folder.h>
#include <store/item.h>

/* Goes up when other texts are put in for some message: folding, fields, their bounds. */
enum { SEARCH_VERSION = 5 };

enum {
	SEARCH_FIELD_BYTES_MAX = 512 * 1024, /* of a field that are put in; what follows is not found */
	SEARCH_TEXT_MAX = 1024,              /* octets of a text that is looked for, folded */
	SEARCH_NODES_MAX = 256,              /* of a query */
	SEARCH_DEPTH_MAX = 32,
};

/* In the order of the index's columns. */
enum search_field {
	SEARCH_SUBJECT,
	SEARCH_FROM, /* From and Sender */
	SEARCH_TO,
	SEARCH_CC,
	SEARCH_BCC,
	SEARCH_BODY,
	SEARCH_NAMES, /* file names of attachments */
	SEARCH_FIELD_MAX_
};
#define SEARCH_FIELD(f) (1u << (f))
#define SEARCH_ANY ((1u << SEARCH_FIELD_MAX_) - 1)

/* ---- queries ---- */

enum search_kind {
	SEARCH_ALL, /* every item */
	SEARCH_AND, /* of its children; without any: every item */
	SEARCH_OR,  /* without any: none */
	SEARCH_NOT, /* of its one child */
	SEARCH_TEXT,
	SEARCH_RECEIVED,
	SEARCH_SIZE,
	SEARCH_FLAGS,
	SEARCH_KEYWORD,
	SEARCH_CLASS,
	SEARCH_FOLDERS,
	SEARCH_CONVERSATION,
	SEARCH_HIDDEN, /* an entry that is its owner's alone, as it was put in */
	SEARCH_KIND_MAX_
};

/* A tree of values that the caller owns; no more than SEARCH_NODES_MAX of them, SEARCH_DEPTH_MAX deep. */
struct search_node {
	enum search_kind kind;
	const struct search_node *children; /* AND, OR, NOT */
	size_t children_n;
	struct str text;         /* TEXT: folded, not empty; KEYWORD: without its '\n'; CONVERSATION: its id */
	unsigned fields;         /* TEXT: where to look, SEARCH_FIELD() of each, or SEARCH_ANY */
	int64_t from, to;        /* RECEIVED (ms UTC), SIZE (octets): from <= x < to */
	unsigned set, clear;     /* FLAGS: these are set and those are not (enum item_flag) */
	enum folder_class class; /* CLASS: of the item's folder */
	const int64_t *folders;  /* FOLDERS: in one of these; ascending */
	size_t folders_n;
};

enum search_order {
	SEARCH_NEWEST, /* by received, the latest first, then by id, the highest first */
	SEARCH_OLDEST, /* the same from the other end */
	SEARCH_BY_UID, /* by folder, then uid: IMAP's */
};

struct search_page {
	enum search_order order;
	size_t skip, limit; /* hits wanted: SIZE_MAX for all */
};

struct search_hit {
	int64_t item, folder, received_ms;
	uint32_t uid; /* with SEARCH_BY_UID alone, else 0 */
};

struct search_result {
	uint64_t total; /* of all that match */
	struct search_hit *hits;
	size_t n;
};

/*
 * Asks the index as it is, and the items as `tx` sees them (any transaction of the mailbox): what an item lost since the
 * index was brought to head is not found, what it got is found next time. Items of deleted folders are never found.
 * Arena memory. ERR_INVALID: not a tree as above. ERR_LIMIT: a text above SEARCH_TEXT_MAX, the tree too large, or the
 * arena full. ERR_CORRUPT: the index is damaged (search_index_discard()), or the mailbox.
 */
enum err search_run(struct arena *a, struct store_tx *tx, const struct search_node *query,
		    const struct search_page *page, struct search_result *ret) MUST_CHECK;

/* ---- the index ---- */

/*
 * A write transaction on the index, which is made where it is missing, and emptied where it has another SEARCH_VERSION.
 * Ended with store_commit() or store_tx_end(). ERR_CORRUPT: it is damaged. ERR_BUSY: it is being
 * made anew. ERR_NOT_FOUND: no such mailbox.
 */
enum err search_index_begin(struct store *s, int64_t mailbox, struct store_tx **ret) MUST_CHECK;
/* Removes a damaged index, so that the next begin makes a new one. ERR_BUSY: somebody is reading it. */
enum err search_index_discard(struct store *s, int64_t mailbox) MUST_CHECK;
/* Empties it, to be made anew. */
enum err search_index_clear(struct store_tx *index) MUST_CHECK;

/* Where the index stands in a folder. For search_index.c alone. */
struct search_position {
	int64_t folder;
	int64_t modified, item; /* the last one read */
	int64_t expunged;
};
/* One chunk: the folders of a mailbox from where the index stands to where `tx` does. A value. */
struct search_walk {
	struct arena *arena;
	struct store_tx *index, *tx;
	struct folder *folders; /* those with news */
	size_t folders_n, at;
	struct search_position position;
	bool open; /* position is of folders[at] */
};
/* Takes out what has gone. */
enum err search_walk_begin(struct arena *a, struct store_tx *index, struct store_tx *tx,
			   struct search_walk *ret) MUST_CHECK;
/* The next item whose texts are not in the index as they are; its strings are not set. ERR_NOT_FOUND: none is left. */
enum err search_walk_next(struct search_walk *w, struct item *ret) MUST_CHECK;
/* What was walked is done with. */
enum err search_walk_keep(struct search_walk *w) MUST_CHECK;

/*
 * texts: by enum search_field, folded; of a longer one SEARCH_FIELD_BYTES_MAX are put. hidden: for SEARCH_HIDDEN. Replaces what the
 * item had.
 */
enum err search_put(struct store_tx *index, const struct item *item, const struct str texts[SEARCH_FIELD_MAX_],
		    bool hidden) MUST_CHECK;

#endif
