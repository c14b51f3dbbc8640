/* The airsyncbase:Body element of a mail (MS-ASAIRS 2.2.2.9): which form a phone gets, and how much. Worker threads. */
#ifndef GATEWAY_ACTIVESYNC_EMAIL_BODY_H
#define GATEWAY_ACTIVESYNC_EMAIL_BODY_H

#include <gateway/activesync/email.h>
#include <gateway/mailbox/message.h>

#define EMAIL_UNREADABLE "(this message can't be read on the server)"

/* Large MIME becomes an insert, which takes the message's blob. */
enum err email_body_put(struct wbxml_writer *w, const struct item_view *v, struct message *m) MUST_CHECK;
/*
 * The airsyncbase:BodyPart (14.1 on, MS-ASAIRS 2.2.2.10), where the phone asks for one. Exchange leaves out of it what a mail
 * quotes; here it is the whole text.
 */
enum err email_body_part_put(struct wbxml_writer *w, const struct item_view *v, struct message *m) MUST_CHECK;
/* Of a mail whose octets can't be read: a line that says so, since phones want a Body with every Add (MS-ASAIRS R105). */
void email_body_put_unreadable(struct wbxml_writer *w, const struct item_view *v);

#endif
