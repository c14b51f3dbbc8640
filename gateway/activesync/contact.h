/*
 * The Contacts class (MS-ASCNTC): a contact of the store, a vCard, as ApplicationData, and the other way. One table of
 * properties; which of them a protocol version knows is asked of the code pages. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_CONTACT_H
#define GATEWAY_ACTIVESYNC_CONTACT_H

#include <gateway/activesync/item_class.h>

enum {
	CONTACT_MAX_PICTURE_BYTES = 48 * 1024, /* of base64 (MS-ASCNTC R381, R384) */
	CONTACT_MAX_TEXT_BYTES = 32 * 1024,
	CONTACT_MAX_CATEGORIES = 300, /* MS-ASCNTC 2.2.2.18 */
};

#define CONTACT_UNREADABLE "[This contact can't be read]"

enum err contact_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;
enum err contact_put_placeholder(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;
enum err contact_write(const struct item_write *asked, struct item_written *ret) MUST_CHECK;

#endif
