/* What the tests of events by their requirements share: calendars as text, and how a phone is told of them. */
#ifndef TESTS_UNIT_ACTIVESYNC_CALENDAR_FIXTURE_H
#define TESTS_UNIT_ACTIVESYNC_CALENDAR_FIXTURE_H

#include "class_fixture.h"

#define ANSWERED_MS "1784113200000" /* 2026-07-15T11:00:00Z */
#define MEETING(uid, lines)                                                                                      \
	"BEGIN:VEVENT\r\nUID:" uid "\r\nDTSTAMP:20260701T000000Z\r\nDTSTART:20260716T080000Z\r\n"                \
	"DTEND:20260716T090000Z\r\nORGANIZER;CN=Bob:mailto:bob@example.org\r\nSUMMARY:Eggs\r\nLOCATION:Coop\r\n" \
	"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ann@example.test\r\n" lines "END:VEVENT\r\n"
#define EXCEPTION                                                                                  \
	"BEGIN:VEVENT\r\nUID:m2\r\nRECURRENCE-ID:20260717T080000Z\r\nDTSTAMP:20260701T000000Z\r\n" \
	"DTSTART:20260717T080000Z\r\nDTEND:20260717T090000Z\r\nORGANIZER;CN=Bob:mailto:bob@example.org\r\n"
#define CALENDAR(events) "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t\r\n" events "END:VCALENDAR\r\n"

/* A first Sync of the calendar by a phone of that version. */
struct eas_reply shown(struct fixture *f, const char *version);
size_t count_in(struct str xml, const char *part);
/* The Exception of the answer, which has one. */
struct str exception_of(const struct eas_reply *r);

#endif
