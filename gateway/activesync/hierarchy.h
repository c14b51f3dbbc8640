/*
 * The folder hierarchy as phones are shown it: FolderSync tells of it, Ping (7) and Sync (12) ask whether there is
 * something to tell. Worker threads, in a transaction of the mailbox.
 */
#ifndef GATEWAY_ACTIVESYNC_HIERARCHY_H
#define GATEWAY_ACTIVESYNC_HIERARCHY_H

#include <gateway/activesync/command.h>
#include <store/hierarchy.h>

/* Type of MS-ASCMD 2.2.3.186.3. */
unsigned eas_folder_type(const struct folder *f);
/* Folders of a class that the version does not know are not shown. */
bool eas_folder_shown(const struct folder *f, enum eas_version v);
/* Stands for what a version is shown; a device that changes it begins anew. */
struct str eas_hierarchy_view(enum eas_version v);
bool eas_hierarchy_same_view(const struct sync_generation *g, enum eas_version v);

/* hierarchy_read() of what the request's version is shown. */
enum err eas_hierarchy_read(struct eas_request *rq, struct store_tx *tx, struct feed_state *st,
			    struct hierarchy_entry **ret, size_t *ret_n) MUST_CHECK;
/* Is there a change of the hierarchy that the device has not been told of? True as well where it never asked. */
enum err eas_hierarchy_news(struct eas_request *rq, struct store_tx *tx, bool *ret) MUST_CHECK;

#endif
