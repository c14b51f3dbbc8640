/* Events in ann's calendar, invitations by mail, and what is queued about them (sync_fixture.h). */
#ifndef TESTS_UNIT_ACTIVESYNC_MEETING_FIXTURE_H
#define TESTS_UNIT_ACTIVESYNC_MEETING_FIXTURE_H

#include "sync_fixture.h"

#include <gateway/content/calendar.h>

/* An element that has a text, as hex of doc(). */
#define T(token, text) token " 03 '" text "' 00 01 "

/* A mail of bob's to ann with a calendar of that method: of the event plan-1, which has these lines. */
#define MAIL(method, lines) MAIL_AT("20260701T000000Z", method, lines)
#define MAIL_AT(stamp, method, lines)                                                                           \
	"From: bob@x.test\r\nTo: ann@example.test\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n"                    \
	"Content-Type: text/calendar; method=" method "; charset=utf-8\r\n\r\n"                                 \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:" method "\r\nBEGIN:VEVENT\r\nUID:plan-1\r\nSUMMARY:Plan\r\n" \
	"DTSTAMP:" stamp "\r\n" lines "END:VEVENT\r\nEND:VCALENDAR\r\n"
#define BY_BOB \
	"ORGANIZER;CN=Bob:mailto:bob@x.test\r\nATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:ann@example.test\r\n"
#define BY_ANN "ORGANIZER:mailto:ann@example.test\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@x.test\r\n"
#define EVENT_AT_TEN "DTSTART:20260716T100000Z\r\nDTEND:20260716T110000Z\r\nX-MICROSOFT-CDO-INTENDEDSTATUS:OOF\r\n"
#define EVENT_AT_NOON "DTSTART:20260716T120000Z\r\nDTEND:20260716T130000Z\r\n"

/* The one event of the calendar: its number, its octets, and what they say. */
int64_t calendar_item(struct fixture *f);
struct str stored_octets(struct fixture *f);
struct cal_series stored(struct fixture *f);
/* Puts an event of these lines into the calendar, as a phone would have added it. */
void add_event(struct fixture *f, const char *lines);

/* Delivered to ann. */
void receive(struct fixture *f, const char *mail);
/* The first messages of the queue, one behind the other, and how many they are. */
struct str queued(struct fixture *f, size_t *ret_n);

void assert_status_(struct eas_reply *r, const char *status, const char *what);

#endif
