/*
 * What a hold compares with (sync-engine rule 8): the newest generation that is known to have reached the phone. Known
 * by its response having been written out whole, or by the phone showing its key; forgotten with the process.
 */
#ifndef GATEWAY_ACTIVESYNC_BASELINE_H
#define GATEWAY_ACTIVESYNC_BASELINE_H

#include <gateway/activesync/command.h>
#include <store/sync.h>

/* sync_line_present(), and remembers what the key proves. */
enum sync_presented eas_line_present(const struct eas_request *rq, struct sync_line *line, struct str key);

/* Of a line just loaded. NULL: the device has not synced this folder. */
const struct feed_state *eas_baseline(const struct eas_request *rq, const struct sync_line *line);

#endif
