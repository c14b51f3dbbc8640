/*
 * The guard against loops: a phone that gets an answer whole and asks for it again, over and over, cannot take something
 * in it. The pages become one item long until that item is found; it is then shown as one that cannot be read, and if the
 * phone does not take that either, left out, so that it does not keep the rest of its folder from the phone.
 *
 * Here is the count alone: in memory, bounded; what is forgotten begins anew. Thread-safe.
 */
#ifndef GATEWAY_ACTIVESYNC_LOOP_GUARD_H
#define GATEWAY_ACTIVESYNC_LOOP_GUARD_H

#include <base/str.h>

enum {
	EAS_LOOP_ALONE = 4,       /* times that one answer was asked for again: from here on, one item a page */
	EAS_LOOP_PLACEHOLDER = 8, /* it is that item */
	EAS_LOOP_SKIP = 12,       /* whatever is shown of it */
	EAS_LOOP_SLOTS = 4096,    /* folders of devices remembered */
};

struct eas_loops;
struct eas_loops *eas_loops_new(void);
void eas_loops_free(struct eas_loops **lp);

struct eas_loop_look {
	int64_t mailbox, device, folder;
	struct str key; /* as it was shown */
	bool lost;      /* the answer to it did not reach the phone, as it says */
	bool written;   /* that answer left us whole */
};
/* One request's collection. How often its answer has left us whole and was asked for again, in a row; *ret_window: entries of a page at most, 0: any. */
unsigned eas_loops_look(struct eas_loops *l, const struct eas_loop_look *look, unsigned *ret_window);

#endif
