/*
 * Conversations: mails that answer each other, in whichever folders they are. A mail joins one when it comes in, and
 * stays in it. The same for every protocol. What the mails say of each other is read by gateway/mailbox/conversation.h; here it
 * is kept which conversation the mails seen so far are in.
 *
 * All functions need an open transaction of the mailbox, a write transaction where they change something.
 */
#ifndef STORE_CONVERSATION_H
#define STORE_CONVERSATION_H

#include <store/item.h>

enum {
	CONVERSATION_SIZE = 16,
	CONVERSATION_HEADER_SIZE = 5, /* of an index: the time of the first mail */
	CONVERSATION_LEVEL_SIZE = 5,  /* and one for each answer */
	CONVERSATION_LEVELS_MAX = 50, /* what answers one at the last level stays there */
	CONVERSATION_INDEX_MAX = CONVERSATION_HEADER_SIZE + CONVERSATION_LEVEL_SIZE * CONVERSATION_LEVELS_MAX,
	CONVERSATION_ANCESTORS_MAX = 20, /* that are looked for, the nearest first */
};

/* MS-ASCON 2.2.2.3.3 and 2.2.2.4. A value. */
struct conversation {
	unsigned char id[CONVERSATION_SIZE];
	unsigned char index[CONVERSATION_INDEX_MAX];
	size_t index_n;
};

/* What a mail says of itself. Texts are borrowed. */
struct conversation_facts {
	struct str own;                                   /* Message-ID; may be empty */
	struct str ancestors[CONVERSATION_ANCESTORS_MAX]; /* Message-IDs, the nearest first */
	size_t ancestors_n;
	struct str topic; /* folded */
	struct str root;  /* the first mail's Message-ID, or whatever tells this mail from all others; not empty */
	bool has_index;   /* it brings a conversation and an index of its own (Thread-Index) */
	struct conversation own_index;
	int64_t sent_ms;
};

/*
 * Which conversation the mail is in: that of the nearest ancestor that is known and has the same topic; else the one that it
 * brings; else one that follows from root and topic alone, so that an answer which comes before its question is in the
 * same. Notes it for those that answer it.
 */
enum err conversation_join(struct store_tx *tx, const struct conversation_facts *facts,
			   struct conversation *ret) MUST_CHECK;
/* An item that was added without one. No change of its own: whoever has seen the item was not told of any. */
enum err conversation_set(struct store_tx *tx, int64_t item, const struct conversation *c) MUST_CHECK;

/* Up to `limit` mails that are in none yet (of an older version), by id, above `after`. */
enum err conversation_missing(struct arena *a, struct store_tx *tx, int64_t after, size_t limit, struct item **ret,
			      size_t *ret_n) MUST_CHECK;

/* Its mails, in any live folder. Arena memory. */
enum err conversation_items(struct arena *a, struct store_tx *tx, struct str id, struct item **ret,
			    size_t *ret_n) MUST_CHECK;

/* Mails of it that come later go to that folder. */
enum err conversation_always_set(struct store_tx *tx, struct str id, int64_t folder) MUST_CHECK;
/* ERR_NOT_FOUND: nothing was set, or the folder has gone. */
enum err conversation_always(struct store_tx *tx, struct str id, int64_t *ret_folder) MUST_CHECK;

#endif
