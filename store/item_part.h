/*
 * What lies beside an item's octets and belongs to it: attachments of an event, each a blob under a name that the octets
 * have; of a mail that tells a delegate of a meeting request, the request (mailbox/substitute.h). An item that goes takes its parts along; one that moves keeps them. Open transaction of the mailbox, a write
 * transaction where something changes.
 */
#ifndef STORE_ITEM_PART_H
#define STORE_ITEM_PART_H

#include <store/store.h>

#include <base/arena.h>

enum { ITEM_PART_NAME_MAX = 200, ITEM_PARTS_MAX = 1000 };

/* A name that the item has already changes nothing. ERR_LIMIT: too long, or one above ITEM_PARTS_MAX. */
enum err item_part_put(struct store_tx *tx, int64_t item, struct str name, struct str content_type,
		       int64_t blob) MUST_CHECK;
/* ERR_NOT_FOUND. *ret_type lives in the arena. */
enum err item_part_get(struct arena *a, struct store_tx *tx, int64_t item, struct str name, struct str *ret_type,
		       int64_t *ret_blob) MUST_CHECK;
/* Gives an item what another one has, too. */
enum err item_parts_copy(struct store_tx *tx, int64_t from, int64_t to) MUST_CHECK;
/* Drops those of other names. */
enum err item_parts_keep(struct store_tx *tx, int64_t item, const struct str *names, size_t n) MUST_CHECK;

#endif
