/*
 * The body of what is no mail: a text of the item, as plain text or as HTML (MS-ASAIRS 2.2.2.9), up to 12.0 as an element of the
 * class itself. Where somebody wrote HTML it is kept beside the plain text that follows from it. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_ITEM_BODY_H
#define GATEWAY_ACTIVESYNC_ITEM_BODY_H

#include <gateway/activesync/item_view.h>

/* The elements of 2.5's own form. */
struct item_body_flat {
	enum wbxml_tag body, size, truncated; /* size 0: there is none */
};

enum { ITEM_BODY_MAX_BYTES = 4 * 1024 * 1024 };

struct item_body {
	struct str text;
	struct str html; /* empty: nobody wrote any */
};

/* An item has a body with every answer that has the item (MS-ASAIRS R105, R386), though it may be empty. */
enum err item_body_put(struct wbxml_writer *w, const struct item_view *v, const struct item_body_flat *flat,
		       const struct item_body *body) MUST_CHECK;
/*
 * Reads airsyncbase:Body, whose START was just read. *ret_has: it says what the body is to be; else it is to stay. Of HTML the
 * plain text is what follows from it. ERR_INVALID: no body. ERR_UNSUPPORTED: of a type that can't be read. ERR_LIMIT.
 */
enum err item_body_parse(struct wbxml_reader *r, struct arena *a, struct item_body *ret, bool *ret_has) MUST_CHECK;

/* ---- of those that make their texts themselves (events) ---- */

/* Which form the phone is told: of those that it asked for the one that was written, else plain text. */
enum body_type item_body_type(const struct item_view *v, bool has_html);
/* What of it is told. */
struct str item_body_cut(const struct item_view *v, enum body_type type, struct str whole);
/* airsyncbase:Body with what item_body_cut() left. */
void item_body_put_base(struct wbxml_writer *w, const struct item_view *v, enum body_type type, struct str whole,
			struct str given);

#endif
