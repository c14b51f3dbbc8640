/* A series of events as text, and reading and writing such texts. What is returned lives in the arena. */
#ifndef TESTS_UNIT_CONTENT_CALENDAR_SUPPORT_H
#define TESTS_UNIT_CONTENT_CALENDAR_SUPPORT_H

#include <gateway/content/calendar.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

enum { ARENA_MAX = 256 * 1024 * 1024, TEXT_MAX = 4 * 1024 * 1024 };
#define DAY INT64_C(86400000)
#define JULY_15 INT64_C(1784073600000) /* 2026-07-15T00:00:00Z, a Wednesday */

#define SERIES                                                                                                    \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nX-OWN:a\\, b\r\n"                                \
	"BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n"                           \
	"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"   \
	"BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"                 \
	"TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"                             \
	"BEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Mine:20260715T130000\r\n"             \
	"DTEND;TZID=Mine:20260715T140000\r\nRRULE:FREQ=WEEKLY;COUNT=10\r\nSUMMARY;LANGUAGE=en:Lunch\r\n"          \
	"STRANGE-THING;X-P=\"a;b\":kept\\nas it "                                                                 \
	"is\r\nATTENDEE;X-NUM-GUESTS=2;PARTSTAT=NEEDS-ACTION;CN=Bob:mailto:bob@x.test\r\n"                        \
	"ATTENDEE;CN=Eve:mailto:eve@x.test\r\nEXDATE;TZID=Mine:20260722T130000,20260729T130000\r\n"               \
	"BEGIN:VALARM\r\nACTION:DISPLAY\r\nX-A:1\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\n"               \
	"BEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID;TZID=Mine:20260805T130000\r\n"       \
	"DTSTART;TZID=Mine:20260806T150000\r\nDTEND;TZID=Mine:20260806T160000\r\nSUMMARY:Moved\r\nX-EX:1\r\nEND:" \
	"VEVENT\r\n"                                                                                              \
	"END:VCALENDAR\r\n"

/* The text with that change; the running test fails where it cannot be. */
struct str write_text(struct arena *a, struct str text, const struct cal_edit *edit);
struct cal_series read_series(struct arena *a, struct str text);
bool text_has(struct str text, const char *needle);

#endif
