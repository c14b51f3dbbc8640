/*
 * Folders of others among an account's own: what is shared with it (store/share.h) has a mount in its mailbox (store/folder.h). The
 * share is what counts: a mount without one shows nothing, and goes when mounts_settle() is next called. Worker threads;
 * no transaction of a mailbox or the directory need be open, and none that writes may be for mounts_settle().
 */
#ifndef GATEWAY_MAILBOX_MOUNT_H
#define GATEWAY_MAILBOX_MOUNT_H

#include <base/arena.h>
#include <store/account.h>
#include <store/folder.h>

/* The account, where its folders can be shown and its mails be read here. ERR_NOT_FOUND: disabled, removed, or on another server. */
enum err mount_account_find(struct arena *a, struct store_tx *tx, int64_t account, struct account *ret) MUST_CHECK;

struct mount_right {
	struct account owner; /* texts live in the arena */
	bool edits;           /* the guest may change what is in it */
};

/*
 * May the guest look into what the mount stands for? Asked anew at each request. ERR_NOT_FOUND: no, or not any more: nothing is
 * shared, or its owner is disabled, removed, or lives on another server.
 */
enum err mount_right_find(struct arena *a, struct store *s, int64_t guest, const struct folder *mount,
			  struct mount_right *ret) MUST_CHECK;
/*
 * Makes the mounts what the shares say, in transactions of its own; writes where something differs alone. For whoever changes a
 * share, behind its commit, and whoever shows the folders: so what a crash between the two has left is mended there.
 */
enum err mounts_settle(struct store *s, int64_t guest) MUST_CHECK;

#endif
