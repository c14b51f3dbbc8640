/*
 * Ann's calendar, and letters about meetings that come to her: what a table of cases says of it in one line of text. Failures
 * fail the running cmocka test.
 */
#ifndef TESTS_UNIT_MAILBOX_MEETING_SCENE_H
#define TESTS_UNIT_MAILBOX_MEETING_SCENE_H

#include <tests/unit/mailbox/mail.h>

#include <gateway/content/calendar.h>

#define assert_ok(expr) assert_string_equal(err_text(expr), err_text(ERR_OK))

struct scene {
	struct server s;
	struct server_account ann, carl;
	struct arena a;
};

void scene_open(struct scene *c);
void scene_close(struct scene *c);
#define SCENE(c)                                     \
	CLEANUP(scene_close) struct scene c = { 0 }; \
	scene_open(&c)

/* ---- letters ---- */

#define EVENT(uid, lines) "BEGIN:VEVENT\r\nUID:" uid "\r\nDTSTAMP:20260701T000000Z\r\n" lines "END:VEVENT\r\n"
#define AT(hour) "DTSTART:20260716T" hour "0000Z\r\nDTEND:20260716T" hour "3000Z\r\n"
#define ANN "ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:ann@example.test\r\n"
#define BY_BOB "ORGANIZER:mailto:bob@x.test\r\n" ANN
#define FROM_BOB "From: Bob <bob@x.test>\r\n"
#define FROM_EVE "From: Eve <eve@evil.test>\r\n"
#define INVITED                                                     \
	{                                                           \
		FROM_BOB, "REQUEST", EVENT("plan", BY_BOB AT("10")) \
	}
#define LATER EVENT("plan", BY_BOB AT("12") "SEQUENCE:1\r\n")
/* As Google sends them: of a calendar that is nobody's address. */
#define GOOGLE FROM_BOB "Sender: Google Calendar <calendar-notification@google.com>\r\nReply-To: bob@x.test\r\n"
#define DAILY EVENT("plan", BY_BOB AT("10") "RRULE:FREQ=DAILY;COUNT=6\r\n")
/* A meeting of hers, and what is answered to it. */
#define BOB "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@x.test\r\n"
#define CARL "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:c.alt@example.test\r\n"
#define OWN                                 \
	"BEGIN:VCALENDAR\r\n" EVENT("plan", \
				    "ORGANIZER:mailto:ann@example.test\r\n" AT("10") BOB CARL) "END:VCALENDAR\r\n"
#define SAYS(answer, who) EVENT("plan", AT("10") "ATTENDEE;PARTSTAT=" answer ":mailto:" who "\r\n")
/* A series, whose second instance was deleted. */
#define WITH_A_GAP "RRULE:FREQ=DAILY;COUNT=4\r\nEXDATE:20260717T100000Z\r\n"
#define OWN_DAILY                                                                            \
	"BEGIN:VCALENDAR\r\n" EVENT("plan", "ORGANIZER:mailto:ann@example.test\r\n" AT("10") \
						    BOB WITH_A_GAP) "END:VCALENDAR\r\n"

struct letter {
	const char *header, *method, *events;
};

void receive(struct scene *c, const struct letter *l);

/* ---- the calendar ---- */

/* "plan 10": at ten; "plan 10 off", "plan 10 private", "plan 10+": one has accepted; of a series the days and hours of a week, and who has answered to which instance of her own. */
const char *calendar_of(struct scene *c);
/* Into the calendar, as its owner would have put it there. */
void add_own(struct scene *c, const char *text);
void clear(struct scene *c);
/* What Ann says to it, or to the instance that begins then by the series. */
void respond(struct scene *c, enum cal_answer answer, const char *instance);

struct case_of {
	const char *what;
	const char *own; /* is in the calendar before */
	struct letter mails[4];
	const char *calendar;
};

void check_cases(const struct case_of *cases, size_t n);

#endif
