/* Times as ActiveSync writes them (MS-ASDTYPE 2.3, dateTime): 2026-11-22T08:30:00.000Z. Pure, any thread. */
#ifndef GATEWAY_ACTIVESYNC_TIME_TEXT_H
#define GATEWAY_ACTIVESYNC_TIME_TEXT_H

#include <stdint.h>

enum { TIME_TEXT_BYTES = 40 };

struct time_text {
	char text[TIME_TEXT_BYTES];
};

/* Milliseconds since 1970 UTC; years outside 1601 to 9999 are brought to the nearest. */
struct time_text time_text(int64_t ms);

#endif
