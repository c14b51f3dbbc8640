/*
 * A Sync request in the form in which it is kept, for a later one that leaves out what it said (MS-ASCMD 2.2.1.21.1,
 * 2.2.3.131), and for its own run after a hold. With the keys as the phone sent them (sync-engine rule 7): one that was
 * issued since may never have arrived. Without commands: what they did is done. Pure, any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_SYNC_KEPT_H
#define GATEWAY_ACTIVESYNC_SYNC_KEPT_H

#include <gateway/activesync/sync_request.h>

/* At most, of EAS_SYNC_MAX_COLLECTIONS with the longest ids and keys. */
enum { EAS_SYNC_KEPT_BYTES = 256 * 1024 };

void eas_sync_keep(struct buf *out, const struct eas_sync_request *q);
/* Texts borrow from `kept`, the rest is in the arena. ERR_CORRUPT: not what eas_sync_keep() wrote. ERR_BUSY: the arena is full. */
enum err eas_sync_recall(struct arena *a, struct str kept, struct eas_sync_request *ret) MUST_CHECK;
/*
 * What a request means that leaves things out: the former one with what this one says in its place. A collection that
 * it names replaces the former as a whole. ERR_LIMIT: more than EAS_SYNC_MAX_COLLECTIONS. ERR_BUSY: the arena is full.
 */
enum err eas_sync_merge(struct arena *a, const struct eas_sync_request *former, const struct eas_sync_request *q,
			struct eas_sync_request *ret) MUST_CHECK;

#endif
