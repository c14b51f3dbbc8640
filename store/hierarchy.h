/*
 * The feed of the folder hierarchy (FolderSync): the items' feed in small, over the rows of folders. Its sync line is
 * that of FOLDER_ROOT with the rules of every line; of its states w alone is used. The options of a generation hold the
 * caller's view (version class, limits): to find that the view is another is the caller's.
 */
#ifndef STORE_HIERARCHY_H
#define STORE_HIERARCHY_H

#include <store/folder.h>
#include <store/sync.h>

enum hierarchy_kind { HIERARCHY_ADD, HIERARCHY_UPDATE, HIERARCHY_DELETE };

struct hierarchy_entry {
	enum hierarchy_kind kind;
	struct folder folder;
};

/*
 * Everything to tell since *st, at once (a mailbox has at most FOLDER_MAX folders): Deletes first, then Adds and
 * Updates with parents before their children. *st moves to the head. feed_state_fresh(0) gives every live folder.
 */
enum err hierarchy_read(struct arena *a, struct store_tx *tx, int64_t device, struct feed_state *st,
			struct hierarchy_entry **ret, size_t *ret_n) MUST_CHECK;

#endif
