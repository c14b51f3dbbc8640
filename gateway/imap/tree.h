/*
 * The folders of a mailbox as a list of paths, as IMAP names them: the mail folders alone, INBOX by its own name. A value
 * of one job, in its arena.
 */
#ifndef GATEWAY_IMAP_TREE_H
#define GATEWAY_IMAP_TREE_H

#include <gateway/imap/session.h>
#include <store/folder.h>

struct imap_node {
	struct folder folder;
	struct str path;   /* UTF-8 */
	bool has_children; /* mail folders below it */
};
struct imap_tree {
	struct imap_node *nodes; /* by path, INBOX first */
	size_t n;
};

enum err imap_tree_read(struct arena *a, struct store_tx *tx, struct imap_tree *ret) MUST_CHECK;
/* NULL: no such path. INBOX in any case. */
const struct imap_node *imap_tree_find(const struct imap_tree *t, struct str path);

/*
 * A mailbox's name as the client wrote it, as a path of the tree: UTF-8, without a delimiter at its end, INBOX in upper
 * case. ERR_INVALID: it can't be a name.
 */
enum err imap_path_read(struct arena *a, const struct imap_session *se, struct str name, struct str *ret) MUST_CHECK;
/* The folder with the name that the client wrote. ERR_NOT_FOUND where it can't be one, too. */
enum err imap_find_folder(struct arena *a, struct store_tx *tx, const struct imap_session *se, struct str name,
			  struct folder *ret) MUST_CHECK;

#define IMAP_INBOX S("INBOX")

#endif
