/*
 * The MeetingRequest of a mail (MS-ASEMAIL 2.2.2.48): what its iCalendar says of a meeting that its reader is asked to, or
 * that is called off. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_EMAIL_MEETING_H
#define GATEWAY_ACTIVESYNC_EMAIL_MEETING_H

#include <gateway/activesync/item_view.h>
#include <gateway/content/calendar.h>
#include <gateway/mailbox/message.h>
#include <wbxml/wbxml.h>

/*
 * Nothing for a mail that is none, or whose calendar can't be read. The calendar of the mailbox is asked whether it is outdated.
 * Errors of the store pass through.
 */
enum err email_meeting_put(struct wbxml_writer *w, const struct item_view *view, const struct message *m) MUST_CHECK;

/* The octets of GlobalObjId (2.2.2.37) for the UID of an event; instance: of a series, with its day. */
void email_global_object_id(struct buf *b, struct str uid, const struct cal_time *instance);

#endif
