/* What programs note of a mail in its header within an mbox: Status, X-Status, X-Mozilla-Status. Pure. */
#ifndef ROOSTCTL_MBOX_STATUS_H
#define ROOSTCTL_MBOX_STATUS_H

#include <base/str.h>

struct mbox_status {
	unsigned flags; /* enum item_flag */
	bool gone;      /* deleted or moved away by Thunderbird, and only not yet compacted away */
};

struct mbox_status mbox_status_read(struct str header);

#endif
