/* Where things lie under state_dir, and folders that are on disk when the call returns. Any thread. */
#ifndef STORE_PATHS_H
#define STORE_PATHS_H

#include <base/str.h>

struct store;

/*
 * state_dir/directory.db               accounts, devices, the queue of outgoing messages
 * state_dir/queue/ab/…                 bodies of large messages in the queue
 * state_dir/mailbox/ID/mailbox.db      all that belongs to one mailbox lies in its folder
 * state_dir/mailbox/ID/search.db       its search index, which can be thrown away
 * state_dir/mailbox/ID/blobs/ab/…      bodies of messages; blobs/tmp/ while they are written
 */
char *path_directory_db(const struct store *s);
char *path_mailboxes(const struct store *s);
char *path_mailbox(const struct store *s, int64_t mailbox);
char *path_database(const struct store *s,
		    int64_t mailbox); /* STORE_DIRECTORY: the directory's; an index (store/internal.h) */
char *path_blobs(const struct store *s, int64_t mailbox);
char *path_join(const char *folder, const char *name);
void path_free(char **path); /* for CLEANUP */

/* Made (0700) with what is missing above it; each new name is flushed. */
enum err path_make_folder(const char *path) MUST_CHECK;
/* Is there a folder for it to lie in? A state_dir that is mistyped must not begin an empty server somewhere. */
bool path_has_parent(const char *path);
/* fsync of a folder: the names in it are on disk. */
enum err path_flush_folder(const char *path) MUST_CHECK;
/* Removes a folder and all in it; one that is not there is fine. */
enum err path_remove_tree(const char *path) MUST_CHECK;

/* The error that errno stands for. */
enum err path_errno(int number);

#endif
