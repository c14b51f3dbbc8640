/*
 * airsyncbase:Body of what is sent for the phone (SendResponse of MeetingResponse, SmartForward): Type and Data alone
 * (MS-ASAIRS_R1331, R1332). Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_PLAIN_BODY_H
#define GATEWAY_ACTIVESYNC_PLAIN_BODY_H

#include <base/arena.h>
#include <wbxml/wbxml.h>

/* In front of its children. As plain text, in the arena or borrowed. ERR_LIMIT: its Data is longer than `max` octets. */
enum err plain_body_parse(struct wbxml_reader *r, struct arena *a, size_t max, struct str *ret) MUST_CHECK;

#endif
