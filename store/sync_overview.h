/* What a device has of each folder, for people: a summary of its sync lines. */
#ifndef STORE_SYNC_OVERVIEW_H
#define STORE_SYNC_OVERVIEW_H

#include <store/store.h>

struct sync_overview {
	int64_t folder; /* FOLDER_ROOT: the hierarchy, which counts no items */
	struct str name;
	uint64_t items;  /* that the device holds, if its last answer reached it */
	uint64_t filter; /* FilterType that it asked for */
	bool behind;     /* there are later changes */
	int64_t written_ms;
};

/* By folder. Folders that are gone are left out. */
enum err sync_overview(struct arena *a, struct store_tx *tx, int64_t device, struct sync_overview **ret,
		       size_t *ret_n) MUST_CHECK;

#endif
