/*
 * What is known of clients that need something else than the rest: one table of quirks, by DeviceType and User-Agent.
 * Handlers ask for the quirk, never for the client. Pure; any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_PROFILE_H
#define GATEWAY_ACTIVESYNC_PROFILE_H

#include <base/str.h>

struct eas_profile {
	const char *name; /* in the log; "" of the default */
	/* Longest hold of a Sync, however long the client asks to wait: it gives up itself before that. 0: as asked. */
	unsigned sync_hold_s;
	/* A Sync that waits is begun to be answered, and kept alive, before it takes the silence for a failure. */
	bool sync_keep_alive;
	/* Where a Sync response is cut. 0: EAS_MAX_PAGE_BYTES. */
	size_t page_bytes;
	/* Status 12 of one collection is passed over: it is said of the whole Sync. */
	bool gone_is_global;
	/* A folder that goes with the one above it is not told of by itself: to delete it twice fails. */
	bool deletes_top_only;
	/* An empty ServerId stands in requests that have none. */
	bool empty_server_id;
	/* An empty Picture in a contact's Change says nothing of the picture: it stands in every Change. */
	bool empty_picture;
};

/* Never NULL: the first row that fits, else the default. What is absent (.p NULL) fits no pattern. */
const struct eas_profile *eas_profile_of(struct str device_type, struct str user_agent);

#endif
