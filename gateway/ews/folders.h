/* The folders of the asking mailbox, as clients of Exchange see them: below a root that has the top of the mailbox. */
#ifndef GATEWAY_EWS_FOLDERS_H
#define GATEWAY_EWS_FOLDERS_H

#include <gateway/ews/operation.h>
#include <store/folder.h>

enum { EWS_FOLDER_TOP = FOLDER_ROOT, EWS_FOLDER_ROOT = -1 }; /* msgfolderroot, and root, which has it alone */

struct ews_leaf {
	const struct folder *folder;
	size_t children; /* directly below */
};

struct ews_tree {
	struct ews_call *call;
	struct folder *list; /* of the store, parents first */
	size_t n;
	struct ews_leaf *by_id; /* the same, by id */
	size_t top_children;
	int64_t by_role[FOLDER_ROLE_MAX_]; /* 0: none */
};

enum err ews_tree_read(struct ews_call *c, struct ews_tree *ret) MUST_CHECK;

/* What a reference means. A reason that is told in the message, or NULL with *ret. */
const struct ews_refusal *ews_tree_resolve(const struct ews_tree *t, const struct ews_choice *ref, int64_t *ret);
/* Does it name somebody else's mailbox? */
enum err ews_ref_is_own(struct ews_call *c, const struct ews_choice *ref, bool *ret) MUST_CHECK;

int64_t ews_tree_parent(const struct ews_tree *t, int64_t id);
/* The properties of a shape, as an alternative of EWS_CHOICES of `type` (Folders' type). */
enum err ews_tree_put(const struct ews_tree *t, int64_t id, int shape, const struct ews_type *type,
		      struct ews_choice *ret) MUST_CHECK;

#endif
