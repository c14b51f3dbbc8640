/* Times as ActiveSync writes them (MS-ASDTYPE 2.3, dateTime): 2026-11-22T08:30:00.000Z. Pure, any thread. */
#ifndef GATEWAY_ACTIVESYNC_TIME_TEXT_H
#define GATEWAY_ACTIVESYNC_TIME_TEXT_H

#include <base/str.h>

#include <stdint.h>

enum { TIME_TEXT_BYTES = 40 };

struct time_text {
	char text[TIME_TEXT_BYTES];
};

/* Milliseconds since 1970 UTC; years outside 1601 to 9999 are brought to the nearest. */
struct time_text time_text(int64_t ms);
/* The compact form of whole seconds (MS-ASDTYPE 2.7.2): 20261122T083000Z. */
struct time_text time_text_compact(int64_t ms);

/*
 * A dateTime, or a compact one (MS-ASDTYPE 2.7.2: 20261122T083000Z), with or without milliseconds and Z: milliseconds
 * since 1970 UTC. ERR_INVALID: none.
 */
enum err time_text_parse(struct str text, int64_t *ret) MUST_CHECK;
/* A day as users write it, 2026-11-22 or 11/22/2026: when it begins, UTC. ERR_INVALID: none. */
enum err time_text_parse_day(struct str text, int64_t *ret) MUST_CHECK;

#endif
