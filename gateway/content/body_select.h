/* Which parts are the text of a message and which are its attachments. For the renderer and the list of attachments. */
#ifndef CONTENT_BODY_SELECT_H
#define CONTENT_BODY_SELECT_H

#include <gateway/content/body.h>

enum body_role {
	ROLE_NONE,       /* a container, a part of a message inside, an alternative that is not chosen */
	ROLE_TEXT,       /* to be shown as text */
	ROLE_HTML,       /* to be shown as HTML */
	ROLE_ATTACHMENT, /* to be listed */
	ROLE_RELATED,    /* to be listed as belonging into the HTML */
	ROLE_MAX_
};

/*
 * One role for each part below `root` (a message), in arena memory, for somebody who wants `type`. Attachments are
 * the same for each type. NULL where the arena is full.
 */
unsigned char *body_roles(struct arena *a, const struct mime_structure *m, size_t root, enum body_type type) MUST_CHECK;

/* ".png" for an attachment of that type without a name. */
struct str body_extension(struct str type);

/* One past the last part inside of `root`. */
size_t body_parts_end(const struct mime_structure *m, size_t root);

#endif
