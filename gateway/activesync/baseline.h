/*
 * What a hold compares with (sync-engine rule 8): the generation that is known to be the phone's. Known by its response
 * having been written out whole, or by the phone showing its key; forgotten with the process.
 */
#ifndef GATEWAY_ACTIVESYNC_BASELINE_H
#define GATEWAY_ACTIVESYNC_BASELINE_H

#include <gateway/activesync/command.h>
#include <store/sync.h>

/*
 * sync_line_present(), and remembers what the key proves. *forgotten becomes true where that was not known: then the
 * line is to be stored even if nothing else asks for it. The memory may lose it again at any time, and a phone whose
 * folders push each other out would be woken for ever.
 */
enum sync_presented eas_line_present(const struct eas_request *rq, struct sync_line *line, struct str key,
				     bool *forgotten);
/*
 * Called with the line loaded, before anything of it is changed. False: a later request of the phone has been at it. One
 * that was held, or waited for a worker, while the phone hung up and asked again would take its key for a sign that the
 * later one's answer was lost, and so make a stranger of the key that the phone has.
 */
bool eas_line_is_newest(const struct eas_request *rq, const struct sync_line *line) MUST_CHECK;
/* Stores what the key proves and nothing else, for a command that writes nothing itself. No transaction may be open. */
enum err eas_line_confirm(const struct eas_request *rq, int64_t mailbox, int64_t folder, struct str key) MUST_CHECK;

/*
 * What the phone may hold, of a line just loaded: one state, or where this process knows nothing of the line (it has
 * begun since, or the memory was needed) or several answers to one key are out, each that an answer gave. There is news
 * where any of them finds some. None: the device has not synced this folder.
 */
struct eas_baseline {
	const struct sync_generation *is[SYNC_SLOT_MAX_];
	size_t n;
};
void eas_baseline(const struct eas_request *rq, const struct sync_line *line, struct eas_baseline *ret);

#endif
