/* Bob shares folders with Ann, whose phone asks; what is in his mailbox, and what goes out. Texts live in the fixture's arena. */
#ifndef TESTS_UNIT_ACTIVESYNC_SHARED_FIXTURE_H
#define TESTS_UNIT_ACTIVESYNC_SHARED_FIXTURE_H

#include "class_fixture.h"

#define EVENT_OF(uid, more)                                                                                       \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:" uid "\r\nDTSTAMP:20251201T000000Z\r\n"           \
	"DTSTART:20260105T090000Z\r\nDTEND:20260105T100000Z\r\nSUMMARY:" uid " lunch\r\nLOCATION:" uid " bar\r\n" \
	"DESCRIPTION:" uid " words\r\nATTENDEE:mailto:carl@x.test\r\nORGANIZER:mailto:bob@example.test\r\n" more  \
	"END:VEVENT\r\nEND:VCALENDAR\r\n"
#define INVITED(uid, more)                                                                                   \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:" uid "\r\nDTSTAMP:20251201T000000Z\r\n"      \
	"DTSTART:20260105T090000Z\r\nDTEND:20260105T100000Z\r\nSUMMARY:" uid "\r\nSTATUS:TENTATIVE\r\n" more \
	"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.test\r\nORGANIZER:mailto:carl@x.test\r\n"         \
	"END:VEVENT\r\nEND:VCALENDAR\r\n"

struct shared {
	struct fixture f;
	struct server_account bob; /* who shares with ann */
	int64_t calendar;          /* his */
};

void shared_open(struct shared *s);
void shared_close(struct shared *s);
#define SHARED(name)                                      \
	CLEANUP(shared_close) struct shared name = { 0 }; \
	shared_open(&name)

int64_t role_of(struct fixture *f, int64_t mailbox, enum folder_role role);

/* Of bob's folder; the mount is not told of it. */
void change_share(struct shared *s, int64_t folder, bool shares, bool edits);
void share_with(struct shared *s, int64_t folder, bool edits);
/* How many ann has, and which is the first. */
size_t mounts_of(struct shared *s, int64_t *ret_id);
/* Shares bob's calendar; ann's phone knows the mount, which is returned. */
int64_t share_calendar(struct shared *s, bool edits);

/* In bob's mailbox, by nobody. */
int64_t put_event(struct shared *s, const char *octets);
struct str event_octets(struct shared *s, int64_t id);
size_t events_of(struct shared *s, int64_t mailbox, int64_t folder);

/* The ServerId of an item. */
const char *name_of(struct shared *s, int64_t mount, int64_t item);
struct str xml_of(struct eas_reply *r);
bool says(struct str xml, const char *text);

/* MeetingResponse: 1 accepts, 3 declines; the server sends the answer. */
struct eas_reply answer(struct shared *s, const char *response, int64_t folder, int64_t item);

#endif
