/* The airsyncbase:Body element of a mail (MS-ASAIRS 2.2.2.9): which form a phone gets, and how much. Worker threads. */
#ifndef GATEWAY_ACTIVESYNC_EMAIL_BODY_H
#define GATEWAY_ACTIVESYNC_EMAIL_BODY_H

#include <gateway/activesync/email.h>
#include <gateway/mailbox/message.h>

/* Large MIME becomes an insert, which takes the message's blob. */
enum err email_body_put(struct wbxml_writer *w, const struct email_view *v, struct message *m) MUST_CHECK;

#endif
