/* The parameters of a Ping: as the phone sends them, and as they are kept for the requests that leave them out. Pure. */
#ifndef GATEWAY_ACTIVESYNC_PING_REQUEST_H
#define GATEWAY_ACTIVESYNC_PING_REQUEST_H

#include <base/buf.h>
#include <gateway/activesync/limits.h>
#include <wbxml/wbxml.h>

enum { EAS_PING_RI = -1 }; /* in the place of a folder's number: "RI", the recipient cache */

struct eas_ping {
	bool has_heartbeat, has_folders;
	unsigned heartbeat_s;
	size_t n;
	int64_t folders[EAS_MAX_PING_FOLDERS];
};

/*
 * The children of the root. ERR_INVALID: bad WBXML, or another shape. ERR_LIMIT: more than EAS_MAX_PING_FOLDERS. An Id
 * that is none of ours is left out, as a folder that was never synced.
 */
enum err eas_ping_parse(struct wbxml_reader *r, const struct wbxml_scope *root, struct eas_ping *ret) MUST_CHECK;

/* Takes from `former` what p leaves out. */
void eas_ping_complete(struct eas_ping *p, const struct eas_ping *former);
bool eas_ping_is_complete(const struct eas_ping *p);
bool eas_ping_equal(const struct eas_ping *a, const struct eas_ping *b);

/* "480 5 7": the heartbeat, then the folders. */
void eas_ping_remember(struct buf *out, const struct eas_ping *p);
enum err eas_ping_recall(struct str text, struct eas_ping *ret) MUST_CHECK;

#endif
