/*
 * The Email class (MS-ASEMAIL, MS-ASAIRS): a mail of the store as ApplicationData. One table of properties; which of
 * them a protocol version knows is asked of the code pages. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_EMAIL_H
#define GATEWAY_ACTIVESYNC_EMAIL_H

#include <gateway/activesync/item_view.h>

/*
 * ApplicationData of a mail that the phone has not: every property, with the body as the options want it. One that
 * can't be read or is too odd to be shown is shown as that: it must not keep the others of its folder from the phone.
 */
enum err email_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;
/* The same of one that the phone cannot take: as one that can't be read. */
enum err email_put_placeholder(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;
/* ApplicationData of a mail whose octets the phone has: what has changed of it since v->told. */
enum err email_put_change(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;

/* An attachment that a phone added to a draft, by the name that the phone gave it. */
struct email_added {
	struct str client_id;
	bool is_inline;
};

/*
 * ApplicationData of a draft that the phone has just written, with what it can't know: what the server assigned, and of
 * the attachments it added, in their order, the references. Nothing where there is nothing of that.
 */
enum err email_put_assigned(struct wbxml_writer *w, const struct item_view *v, const struct item *item,
			    const struct email_added *added, size_t n) MUST_CHECK;

#endif
