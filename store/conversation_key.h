/*
 * The second filter key of mails (rule 11): the newest key of their conversation's mails in the same folder, so that a whole
 * conversation is inside of a filter as long as any of its mails is. Kept for folders that a device syncs so, from then
 * on; elsewhere nothing is looked at but the folder's row. A mail that comes or goes moves the keys of its conversation's
 * others there, no more; what is in no conversation is one by itself.
 *
 * For the units of items. Write transactions.
 */
#ifndef STORE_CONVERSATION_KEY_H
#define STORE_CONVERSATION_KEY_H

#include <store/conversation.h>

/* Reads each item of the folder once, where its keys are not kept yet. ERR_NOT_FOUND: no such folder. */
enum err conversation_keys_begin(struct store_tx *tx, int64_t folder) MUST_CHECK;
/* Any transaction. */
enum err conversation_keys_kept(struct store_tx *tx, int64_t folder, bool *ret) MUST_CHECK;

/* The item was made or came from another folder, or its key or its conversation is another one. */
enum err conversation_key_came(struct store_tx *tx, int64_t item) MUST_CHECK;

/* What an item that is about to go leaves behind: asked before, settled after it. A value. */
struct conversation_left {
	int64_t folder; /* 0: nothing to settle */
	unsigned char id[CONVERSATION_SIZE];
};
enum err conversation_key_leaves(struct store_tx *tx, int64_t item, struct conversation_left *ret) MUST_CHECK;
enum err conversation_key_left(struct store_tx *tx, const struct conversation_left *left) MUST_CHECK;

#endif
