/*
 * The body of what is no mail: a text of the item, as plain text or as HTML (MS-ASAIRS 2.2.2.9), up to 12.0 as an element of the
 * class itself. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_ITEM_BODY_H
#define GATEWAY_ACTIVESYNC_ITEM_BODY_H

#include <gateway/activesync/item_view.h>

/* The elements of 2.5's own form. */
struct item_body_flat {
	enum wbxml_tag body, size, truncated; /* size 0: there is none */
};

enum { ITEM_BODY_MAX_BYTES = 4 * 1024 * 1024 };

/* An item has a body with every answer that has the item (MS-ASAIRS R105, R386), though it may be empty. */
enum err item_body_put(struct wbxml_writer *w, const struct item_view *v, const struct item_body_flat *flat,
		       struct str text) MUST_CHECK;
/*
 * Reads airsyncbase:Body, whose START was just read, as plain text. *ret_has: it says what the body is to be; else it is to
 * stay. *ret_converted: it came as HTML. ERR_INVALID: no body, or of a type that can't be read. ERR_LIMIT.
 */
enum err item_body_parse(struct wbxml_reader *r, struct arena *a, struct str *ret, bool *ret_has,
			 bool *ret_converted) MUST_CHECK;

#endif
