/*
 * Bodies and attachments as 2.5 has them: elements of the Email namespace itself, which AirSyncBase replaced in 12.0.
 * Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_EMAIL_FLAT_H
#define GATEWAY_ACTIVESYNC_EMAIL_FLAT_H

#include <gateway/activesync/email.h>

struct message;

/* BodyTruncated, BodySize and Body; or MIMETruncated, MIMESize and MIMEData. message NULL: it cannot be read. */
enum err email_flat_body_put(struct wbxml_writer *w, const struct item_view *v, struct message *message) MUST_CHECK;
/* Attachments, where there are any. */
enum err email_flat_attachments_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item,
				    struct message *message) MUST_CHECK;

#endif
