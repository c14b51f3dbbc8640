/*
 * What a Sync response does to the phone's copy of a folder, with everything checked that a phone may rely on. Nothing
 * is saved before the whole collection has been found in order.
 */
#ifndef PHONE_APPLY_H
#define PHONE_APPLY_H

#include "mailbox.h"
#include "sync_reply.h"
#include "sync_request.h"

struct apply_counts {
	uint32_t added, changed, deleted, soft_deleted;
};

struct apply_args {
	const struct sync_collection *asked;
	const struct sync_options *options;
	const struct sync_collection_reply *reply;
	/* Called for each message that came; may be NULL. */
	void (*on_add)(const struct sync_item *item);
};

/* The collection's status is 1. ERR_INVALID with the reason in why: the server is wrong, nothing is saved. */
enum err apply_collection(struct mailbox *m, const struct apply_args *a, struct apply_counts *ret,
			  struct buf *why) MUST_CHECK;

#endif
