/*
 * Items: mails, and later events, contacts, tasks and notes. An item keeps its id for life, also across moves; its
 * UID is IMAP's alone and new in each folder. EAS names an item by (folder, id). The blob holds the octets; the
 * summary (what lists and envelopes need) is a row of its own, so that a flag touches a hundred bytes.
 *
 * UIDs and change numbers are given in the transaction that makes the row visible. Every change stamps the item with
 * the transaction's change number, raises its folder's head and is published.
 *
 * All functions need an open transaction of the mailbox, a write transaction where they change something. `struct str`
 * results live in the arena that is passed. Items of deleted folders are not found.
 */
#ifndef STORE_ITEM_H
#define STORE_ITEM_H

#include <store/author.h>

enum {
	ITEM_KEYWORDS_MAX = 4096, /* bytes */
	ITEM_FOLLOWUP_MAX = 4096,
	ITEM_SUMMARY_MAX = 65536,
	ITEM_STRUCTURE_MAX = 1024 * 1024,
	ITEM_SHA256_SIZE = 32,
};

/* Filter keys (struct item, key) with a meaning of their own. */
#define ITEM_KEY_ALWAYS INT64_MAX /* never outside a filter: contacts, notes, endless events, open tasks */

/* Stored: append only. */
enum item_flag {
	ITEM_SEEN = 1u << 0,
	ITEM_ANSWERED = 1u << 1,
	ITEM_FLAGGED = 1u << 2,
	ITEM_FORWARDED = 1u << 3,
	ITEM_DRAFT = 1u << 4,
	ITEM_DELETED = 1u << 5, /* IMAP's \Deleted, until EXPUNGE */
	ITEM_FLAGS_ALL = (1u << 6) - 1,
	/* What the item is, given with it and never changed: a text message (SMS) in a folder of mails. */
	ITEM_TEXT = 1u << 6,
};

/* What phones are told of an item whose octets stay, each by itself. Stored: a column each. */
enum item_mark {
	ITEM_MARK_READ,     /* ITEM_SEEN */
	ITEM_MARK_FLAG,     /* ITEM_FLAGGED, the follow-up */
	ITEM_MARK_KEYWORDS, /* categories */
	ITEM_MARK_VERB,
	ITEM_MARK_MAX_
};

struct item {
	int64_t id, folder;
	uint32_t uid;
	int64_t key;         /* what filters compare: ms UTC; a mail's received time */
	int64_t received_ms; /* IMAP's INTERNALDATE, EAS's DateReceived */
	int64_t saved_ms;    /* when it came into this folder: SAVEDATE */
	int64_t blob;        /* store/blob.h; 0: it has no octets */
	uint64_t size;       /* octets of the blob */
	unsigned flags;
	struct str keywords; /* UTF-8, each ended by '\n' */
	struct str followup; /* the EAS Flag as the gateway serialised it; opaque here */
	int verb;            /* EAS LastVerbExecuted; 0: none */
	int64_t verb_ms;
	uint64_t created, modified,
		content; /* change numbers; content: the last one that a change could conflict with */
	int64_t created_by, modified_by, content_by, moved_by;
	uint64_t marked[ITEM_MARK_MAX_]; /* change numbers: when each mark changed last, or has to be told again */
	struct str conversation;         /* store/conversation.h: 16 octets; empty: in none yet */
	struct str conversation_index;   /* MS-ASCON 2.2.2.4 */
};

struct item_new {
	int64_t folder;
	int64_t blob;
	uint64_t size;
	int64_t key, received_ms;
	unsigned flags;
	struct str keywords, followup;
	struct str conversation, conversation_index; /* as those of struct item; empty: none yet */
	struct author by; /* a device only for a Sync Add of its own; not for copies (Sent, Deleted Items) */
};
/* ERR_NOT_FOUND: no such folder. ERR_LIMIT: keywords or follow-up too long, or the folder's UIDs are used up. */
enum err item_add(struct store_tx *tx, const struct item_new *item, struct item *ret) MUST_CHECK; /* ret: no strings */

/* The item where it is now, if that is this folder. */
enum err item_get(struct arena *a, struct store_tx *tx, int64_t folder, int64_t id, struct item *ret) MUST_CHECK;
/* By id alone (LongId). */
enum err item_find(struct arena *a, struct store_tx *tx, int64_t id, struct item *ret) MUST_CHECK;
enum err item_by_uid(struct arena *a, struct store_tx *tx, int64_t folder, uint32_t uid, struct item *ret) MUST_CHECK;
/* Up to `limit` items with a uid above `after_uid`, by uid. */
enum err item_list(struct arena *a, struct store_tx *tx, int64_t folder, uint32_t after_uid, size_t limit,
		   struct item **ret, size_t *ret_n) MUST_CHECK;
/* The filter key of the n-th item of a folder, from 0 on, the highest first. ERR_NOT_FOUND: it has no more than n. */
enum err item_key_at(struct store_tx *tx, int64_t folder, uint64_t n, int64_t *ret) MUST_CHECK;
/* How many items of this folder have these octets: the importer adds its n-th occurrence only if there are fewer. */
enum err item_count_octets(struct store_tx *tx, int64_t folder, const unsigned char sha256[ITEM_SHA256_SIZE],
			   uint64_t *ret) MUST_CHECK;

enum item_edit_part {
	ITEM_EDIT_FLAGS = 1u << 0,
	ITEM_EDIT_KEYWORDS = 1u << 1,
	ITEM_EDIT_FOLLOWUP = 1u << 2,
	ITEM_EDIT_VERB = 1u << 3,
	ITEM_EDIT_KEY = 1u << 4,     /* the filter key alone */
	ITEM_EDIT_CONTENT = 1u << 5, /* blob and size: a new uid, and the old one is expunged for IMAP alone */
};
struct item_edit {
	unsigned what; /* parts below that count */
	unsigned set, clear;
	struct str keywords, followup;
	int verb;
	int64_t verb_ms;
	int64_t key;
	int64_t blob;
	uint64_t size;
};
/*
 * An edit that would change nothing writes nothing, unless by->normalised: the device must hear that it was overruled.
 * ERR_NOT_FOUND: not in that folder.
 */
enum err item_update(struct store_tx *tx, int64_t folder, int64_t id, const struct item_edit *edit,
		     const struct author *by) MUST_CHECK;

/* Has anything changed since `change` that phones can see? IMAP has flags of its own. */
static inline bool item_shows_news(const struct item *item, uint64_t change)
{
	for (int mark = 0; mark < ITEM_MARK_MAX_; mark++)
		if (item->marked[mark] > change)
			return true;
	return item->content > change;
}

/* Rule 10: has somebody else changed the content since the device looked? Flags and categories never conflict. */
static inline bool item_conflicts(const struct item *item, const struct author *by)
{
	return item->content > by->seen && item->content_by != by->device;
}
/* A Change of a device is refused: stamps the item, so that the server's version does come to every device. */
enum err item_refuse(struct store_tx *tx, int64_t folder, int64_t id) MUST_CHECK;

enum err item_expunge(struct store_tx *tx, int64_t folder, int64_t id, const struct author *by) MUST_CHECK;

struct item_move {
	int64_t from, id, to;
	/* MoveItems has no sync key: this device is told of both ends, whatever it may know. Else STORE_NOBODY. */
	int64_t mover;
	/* A Sync Delete that moves to Deleted Items: this device is not told of the source. Else STORE_NOBODY. */
	int64_t deleter;
};
enum item_moved { ITEM_MOVED, ITEM_MOVED_BEFORE };
/*
 * The item keeps its id and gets a uid of the target. ITEM_MOVED_BEFORE: it is not there any more, because it was moved
 * to that very folder: a repeat after a lost answer. The target is then made anew for all feeds.
 * ERR_INVALID: from and to are the same. ERR_NOT_FOUND: no such item (EAS MoveItems status 1), or no such target.
 */
enum err item_move(struct store_tx *tx, const struct item_move *move, enum item_moved *ret) MUST_CHECK;

/* What the content layer computed of the item's octets, opaque here. ERR_NOT_FOUND: none stored. */
struct item_summary {
	int parser_version;
	struct str summary;   /* envelope and list columns */
	struct str structure; /* parts and their offsets */
	bool named;           /* the structure is a name instead, by which item_by_name() finds the item */
};
enum err item_summary_put(struct store_tx *tx, int64_t id, const struct item_summary *s) MUST_CHECK;
enum err item_summary_get(struct arena *a, struct store_tx *tx, int64_t id, struct item_summary *ret) MUST_CHECK;

/* The item of that folder with that name, the newest of several; ERR_NOT_FOUND. *ret has its strings in the arena. */
enum err item_by_name(struct arena *a, struct store_tx *tx, int64_t folder, struct str name,
		      struct item *ret) MUST_CHECK;

/*
 * Walks the items of a folder whose filter key is `from_key` or higher, by it, each with its summary (parser_version 0:
 * it has none). Strings are borrowed until the next call. An error of each() ends the walk and is returned.
 */
enum err item_summary_walk(struct store_tx *tx, int64_t folder, int64_t from_key,
			   enum err (*each)(void *ctx, int64_t id, const struct item_summary *s), void *ctx) MUST_CHECK;

#endif
