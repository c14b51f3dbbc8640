/*
 * The Email class (MS-ASEMAIL, MS-ASAIRS): a mail of the store as ApplicationData. One table of properties; which of
 * them a protocol version knows is asked of the code pages. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_EMAIL_H
#define GATEWAY_ACTIVESYNC_EMAIL_H

#include <gateway/activesync/sync_options.h>
#include <store/item.h>

struct email_view {
	struct store_tx *tx;
	struct arena *arena;
	enum eas_version version;
	const struct eas_options *options;
};

/* ApplicationData of a mail that the phone has not: every property, with the body as the options want it. */
enum err email_put(struct wbxml_writer *w, const struct email_view *v, const struct item *item) MUST_CHECK;
/* ApplicationData of a mail whose octets the phone has: what can change of it. */
enum err email_put_change(struct wbxml_writer *w, const struct email_view *v, const struct item *item) MUST_CHECK;

#endif
