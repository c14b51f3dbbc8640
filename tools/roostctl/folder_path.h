/* Folders by path: "Inbox", "Projects/2026". A '/' parts the levels; INBOX in any case is the Inbox. */
#ifndef ROOSTCTL_FOLDER_PATH_H
#define ROOSTCTL_FOLDER_PATH_H

#include <base/buf.h>
#include <store/folder.h>

enum { FOLDER_PATH_MAX = FOLDER_DEPTH_MAX * (FOLDER_NAME_MAX + 1) }; /* bytes */

/* What people call a class. */
extern const char *const folder_class_names[FOLDER_CLASS_MAX_];

/* The folder of that path; NULL: the Inbox. ERR_NOT_FOUND. */
enum err folder_path_find(struct store_tx *tx, const char *path, int64_t *ret_id) MUST_CHECK;
/* The same, of that class: folders of several classes may have one name. */
enum err folder_path_find_class(struct store_tx *tx, const char *path, enum folder_class class,
				int64_t *ret_id) MUST_CHECK;
/*
 * The child of that name, made as a mail folder where it is missing. At the top level the usual names of other
 * servers ("Sent", "Trash", "Spam", …) are the mailbox's own folders of that role. Write transaction.
 * ERR_UNSUPPORTED: there is a folder of that name, but not of mail. Else as folder_create().
 */
enum err folder_path_step(struct store_tx *tx, int64_t parent, struct str name, int64_t *ret_id) MUST_CHECK;
/* ERR_UNSUPPORTED: it is not a folder of mail. */
enum err folder_path_is_mail(struct store_tx *tx, int64_t id) MUST_CHECK;
/* The path of folders[i] in a listing of all. */
void folder_path_put(struct buf *b, const struct folder *folders, size_t n, size_t i);

#endif
