/*
 * Which key was written out whole to a device, for each folder, since the process started: Ping compares with the
 * newest generation issued only if its response left us (sync-engine rule 8); else with the confirmed one. Memory only
 * and bounded: what is forgotten is merely answered from the confirmed generation. Any thread; does not block.
 */
#ifndef GATEWAY_ACTIVESYNC_ISSUED_H
#define GATEWAY_ACTIVESYNC_ISSUED_H

#include <base/str.h>

enum { EAS_ISSUED_MAX = 65536 }; /* folders of devices remembered; 16 bytes each */

struct eas_issued;

struct eas_issued *eas_issued_new(void);
void eas_issued_free(struct eas_issued **ip);

/* From the Sync response's finish(written = true); key: the collection's new one, at most EAS_MAX_SYNC_KEY_BYTES. */
void eas_issued_note(struct eas_issued *issued, int64_t mailbox, int64_t device, int64_t folder, struct str key);
bool eas_issued_is(struct eas_issued *issued, int64_t mailbox, int64_t device, int64_t folder, struct str key);
/*
 * A request, by its number in the order in which they came, is about to work on the folder's line. False: a later one of
 * the device has, and what this one says is not the phone's word any more. Forgets as the above: then it is true.
 */
bool eas_issued_arrive(struct eas_issued *issued, int64_t mailbox, int64_t device, int64_t folder, uint64_t request);

#endif
