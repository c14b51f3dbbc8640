/* The Body of an item of any class (MS-ASAIRS 2.2.2.9). Pure. */
#ifndef PHONE_BODY_H
#define PHONE_BODY_H

#include "doc.h"

struct item_body {
	bool present, truncated, has_data;
	uint32_t type, estimated_bytes, part; /* part 0: none */
	struct str data, preview;
};

/* Into a struct item_body. */
doc_read body_read;

#endif
