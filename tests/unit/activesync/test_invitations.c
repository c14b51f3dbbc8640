/*
 * Meetings of the calendars that people have: Outlook and Exchange, the Exchange of old (CDO), Google, iCloud. Each one's mails
 * are made as it makes them, with its own parts, time zones, names and X- lines.
 */
#include "meeting_fixture.h"

#include <base/base64.h>
#include <gateway/mailbox/event.h>
#include <tests/support/hex.h>

enum { BASE64_LINE = 76 };

/* ---- the mails ---- */

enum shape {
	SHAPE_ENCODED, /* Exchange: the calendar is one of three forms, in Base64 */
	SHAPE_TWICE,   /* Google: the same again behind it, as a file */
	SHAPE_PLAIN,   /* iCloud: two forms */
};

struct program {
	const char *name, *header; /* its mails' first fields */
	enum shape shape;
	const char *head;      /* of its calendars: who made it, and the zone */
	const char *people;    /* of each event, with its UID */
	const char *uid;       /* that it has there */
	const char *organizer; /* the same: to whom answers go */
	const char *tzid;      /* parameter of its times; they are Berlin's in each */
	const char *rule;
	const char *days;   /* DayOfWeek of the rule */
	const char *others; /* lines behind all that */
};

#define BERLIN                                                                                    \
	"BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n" \
	"RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"                  \
	"BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n" \
	"RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
/* Its class and, where it is of an instance, the day; what is its own. */
#define EXCHANGE_CLASS "040000008200E00074C5B7101A82E008"
#define EXCHANGE_REST "10B0D5C7A1E4DC01000000000000000010000000A1B2C3D4E5F60718293A4B5C6D7E8F90"
#define EXCHANGE_UID EXCHANGE_CLASS "00000000" EXCHANGE_REST
#define GOOGLE_UID "7kukuqrfedlm2f9t0vr42qunqh@google.com"
#define APPLE_UID "6F1A2B3C-4D5E-6789-ABCD-EF0123456789"
#define OLD_ZONE "GMT +0100 (Standard) / GMT +0200 (Daylight)"

enum { OUTLOOK, CDO, GOOGLE, APPLE };
static const struct program programs[] = {
	[OUTLOOK] = { .name = "Outlook",
		      .header = "From: Bob <bob@x.test>\r\nThread-Topic: Plan\r\nContent-Language: "
				"en-US\r\nX-MS-Has-Attach:\r\n",
		      .shape = SHAPE_ENCODED,
		      .head = "PRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\n"
			      "BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\n" BERLIN,
		      .people = "ORGANIZER;CN=Bob:mailto:bob@x.test\r\n"
				"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=Ann:mailto:ann@"
				"exam\r\n ple.test\r\n"
				"ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=carl@x.test\r\n "
				":mailto:carl@x.test\r\n"
				"UID:040000008200E00074C5B7101A82E0080000000010B0D5C7A1E4DC01000000000000000\r\n"
				" 010000000A1B2C3D4E5F60718293A4B5C6D7E8F90\r\n",
		      .uid = EXCHANGE_UID,
		      .organizer = "bob@x.test",
		      .tzid = "TZID=W. Europe Standard Time",
		      .rule = "RRULE:FREQ=WEEKLY;UNTIL=20260806T100000Z;INTERVAL=1;BYDAY=TH;WKST=MO\r\n",
		      .days = "16",
		      .others = "SUMMARY;LANGUAGE=en-US:Plan\r\nLOCATION;LANGUAGE=en-US:Room 1\r\n"
				"DESCRIPTION;LANGUAGE=en-US:To be planned\\n\\n\r\n"
				"CLASS:PUBLIC\r\nPRIORITY:5\r\nTRANSP:OPAQUE\r\nSTATUS:CONFIRMED\r\n"
				"X-MICROSOFT-CDO-APPT-SEQUENCE:0\r\nX-MICROSOFT-CDO-OWNERAPPTID:2121435618\r\n"
				"X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\r\nX-MICROSOFT-CDO-INTENDEDSTATUS:BUSY\r\n"
				"X-MICROSOFT-CDO-ALLDAYEVENT:FALSE\r\nX-MICROSOFT-CDO-IMPORTANCE:1\r\nX-MICROSOFT-CDO-"
				"INSTTYPE:1\r\n"
				"X-MICROSOFT-ONLINEMEETINGINFORMATION:{\"OnlineMeetingChannelId\":null\\,"
				"\"OnlineMeetingPr\r\n ovider\":0}\r\n"
				"X-MICROSOFT-DONOTFORWARDMEETING:FALSE\r\nX-MICROSOFT-DISALLOW-COUNTER:FALSE\r\n"
				"X-MICROSOFT-LOCATIONS:[{\"DisplayName\":\"Room 1\"\\,\"LocationAnnotation\":\"\"}]\r\n"
				"BEGIN:VALARM\r\nDESCRIPTION:REMINDER\r\nTRIGGER;RELATED=START:-PT15M\r\nACTION:"
				"DISPLAY\r\nEND:VALARM\r\n" },
	[CDO] = { .name = "the Exchange of old",
		  .header = "From: Bob <bob@x.test>\r\nContent-class: urn:content-classes:calendarmessage\r\n",
		  .shape = SHAPE_ENCODED,
		  .head = "PRODID:Microsoft CDO for Microsoft Exchange\r\nVERSION:2.0\r\n"
			  "BEGIN:VTIMEZONE\r\nTZID:" OLD_ZONE "\r\nX-MICROSOFT-CDO-TZID:4\r\n" BERLIN,
		  .people = "ORGANIZER;CN=\"Bob\":MAILTO:bob@x.test\r\n"
			    "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"Ann\":MAILTO:ann@e\r\n "
			    "xample.test\r\n"
			    "UID:040000008200E00074C5B7101A82E0080000000010B0D5C7A1E4DC01000000000000000\r\n"
			    "\t010000000A1B2C3D4E5F60718293A4B5C6D7E8F90\r\n",
		  .uid = EXCHANGE_UID,
		  .organizer = "bob@x.test",
		  .tzid = "TZID=\"" OLD_ZONE "\"",
		  .rule = "RRULE:FREQ=WEEKLY;COUNT=6;INTERVAL=1;BYDAY=TH, FR;WKST=SU\r\n",
		  .days = "48",
		  .others = "SUMMARY:Plan\r\nLOCATION:Room 1\r\nDESCRIPTION:To be "
			    "planned\\N\r\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY\r\n"
			    "X-MICROSOFT-CDO-INSTTYPE:1\r\nX-MICROSOFT-CDO-REPLYTIME:16010101T000000Z\r\n"
			    "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY\r\nX-MICROSOFT-CDO-ALLDAYEVENT:FALSE\r\n" },
	[GOOGLE] = { .name = "Google",
		     .header = "From: Bob <bob@x.test>\r\nReply-To: Bob <bob@x.test>\r\n"
			       "Sender: Google Calendar <calendar-notification@google.com>\r\n",
		     .shape = SHAPE_TWICE,
		     .head = "PRODID:-//Google Inc//Google Calendar "
			     "70.9054//EN\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\n"
			     "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nX-LIC-LOCATION:Europe/Berlin\r\n" BERLIN,
		     .people = "ORGANIZER;CN=Bob:mailto:bob@x.test\r\nUID:" GOOGLE_UID "\r\n"
			       "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=\r\n"
			       " TRUE;CN=ann@example.test;X-NUM-GUESTS=0:mailto:ann@example.test\r\n"
			       "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=TRUE\r\n"
			       " ;CN=Bob;X-NUM-GUESTS=0:mailto:bob@x.test\r\n",
		     .uid = GOOGLE_UID,
		     .organizer = "bob@x.test",
		     .tzid = "TZID=Europe/Berlin",
		     .rule = "RRULE:FREQ=WEEKLY;WKST=MO;COUNT=4;BYDAY=TH\r\n",
		     .days = "16",
		     .others = "X-GOOGLE-CONFERENCE:https://meet.google.com/"
			       "abc-defg-hij\r\nX-MICROSOFT-CDO-OWNERAPPTID:1047423528\r\n"
			       "CREATED:20251219T090000Z\r\nLAST-MODIFIED:20251219T090000Z\r\nSUMMARY:Plan\r\nLOCATION:"
			       "Room 1\r\n"
			       "DESCRIPTION:-::~:~::~:~:~\\nJoin: https://meet.google.com/abc-defg-hij\\n-::~:~::-\r\n"
			       "STATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\n" },
	[APPLE] = { .name = "iCloud",
		    .header = "From: Bob <noreply@email.apple.com>\r\nReply-To: Bob <bob@icloud.test>\r\n",
		    .shape = SHAPE_PLAIN,
		    .head = "CALSCALE:GREGORIAN\r\nPRODID:-//Apple Inc.//macOS 14.5//EN\r\nVERSION:2.0\r\n"
			    "X-APPLE-CALENDAR-COLOR:#1BADF8\r\n"
			    "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nX-LIC-LOCATION:Europe/Berlin\r\n" BERLIN,
		    .people = "ORGANIZER;CN=Bob;EMAIL=bob@icloud.test;SCHEDULE-STATUS=1.1:mailto:2_GEZDGMBT@imip\r\n "
			      ".me.com\r\n"
			      "UID:" APPLE_UID "\r\n"
			      "ATTENDEE;CN=Ann;CUTYPE=INDIVIDUAL;EMAIL=ann@example.test;PARTSTAT=NEEDS-ACTION;\r\n"
			      " ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:ann@example.test\r\n"
			      "ATTENDEE;CN=Bob;CUTYPE=INDIVIDUAL;EMAIL=bob@icloud.test;PARTSTAT=ACCEPTED;ROLE=\r\n"
			      " CHAIR:mailto:2_GEZDGMBT@imip.me.com\r\n",
		    .uid = APPLE_UID,
		    .organizer = "2_GEZDGMBT@imip.me.com",
		    .tzid = "TZID=Europe/Berlin",
		    .rule = "RRULE:FREQ=WEEKLY;COUNT=4\r\n",
		    .days = "16",
		    .others = "SUMMARY:Plan\r\nLOCATION:Room 1\\n1 Main Street\r\nTRANSP:OPAQUE\r\n"
			      "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC\r\nX-APPLE-EWS-BUSYSTATUS:BUSY\r\n"
			      "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS=\"1 Main Street\";X-APPLE-RADIUS\r\n"
			      " =70.5;X-TITLE=\"Room 1\":geo:52.520008,13.404954\r\n"
			      "BEGIN:VALARM\r\nX-WR-ALARMUID:0A1B2C3D\r\nTRIGGER:-PT30M\r\nACTION:"
			      "DISPLAY\r\nDESCRIPTION:Reminder\r\n"
			      "X-APPLE-DEFAULT-ALARM:TRUE\r\nEND:VALARM\r\n" },
};

struct letter {
	const char *method;
	int sequence, hour; /* of Berlin */
	int day;            /* of July 2026; of the first one, or the one that is meant alone */
	bool alone;         /* that instance of the series, which was at noon */
	bool off;
};

static void put_calendar(struct buf *b, const struct program *p, const struct letter *l)
{
	buf_fmt(b, "BEGIN:VCALENDAR\r\nMETHOD:%s\r\n%sBEGIN:VEVENT\r\n%s", l->method, p->head, p->people);
	buf_fmt(b, "DTSTART;%s:202607%02dT%02d0000\r\nDTEND;%s:202607%02dT%02d3000\r\n", p->tzid, l->day, l->hour,
		p->tzid, l->day, l->hour);
	if (l->alone)
		buf_fmt(b, "RECURRENCE-ID;%s:202607%02dT130000\r\n", p->tzid, l->day);
	else
		buf_cstr(b, p->rule);
	buf_fmt(b, "SEQUENCE:%d\r\nDTSTAMP:202512%02dT120000Z\r\n", l->sequence, 20 + l->sequence);
	buf_fmt(b, "%s%sEND:VEVENT\r\nEND:VCALENDAR\r\n", l->off ? "STATUS:CANCELLED\r\n" : "", p->others);
}

static void put_encoded(struct buf *b, struct str text)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(1 << 16);

	base64_put(&line, text);
	for (size_t i = 0; i < line.n; i += BASE64_LINE) {
		buf_str(b, str_slice(buf_view(&line), i, i + BASE64_LINE < line.n ? i + BASE64_LINE : line.n));
		buf_cstr(b, "\r\n");
	}
}

static void put_mail(struct buf *b, const struct program *p, const char *method, struct str calendar)
{
	buf_fmt(b, "%sTo: Ann <ann@example.test>\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n", p->header);
	if (p->shape == SHAPE_TWICE)
		buf_cstr(b, "Content-Type: multipart/mixed; boundary=\"m\"\r\n\r\n--m\r\n");
	buf_cstr(b, "Content-Type: multipart/alternative; boundary=\"a\"\r\n\r\n"
		    "--a\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\n\r\nTo be planned\r\n"
		    "--a\r\nContent-Type: text/html; charset=\"UTF-8\"\r\n\r\n<p>To be planned</p>\r\n");
	buf_fmt(b, "--a\r\nContent-Type: text/calendar; charset=\"UTF-8\"; method=%s\r\n", method);
	buf_fmt(b, "Content-Transfer-Encoding: %s\r\n\r\n", p->shape == SHAPE_ENCODED ? "base64" : "8bit");
	if (p->shape == SHAPE_ENCODED)
		put_encoded(b, calendar);
	else
		buf_str(b, calendar);
	buf_cstr(b, "--a--\r\n");
	if (p->shape != SHAPE_TWICE)
		return;
	buf_cstr(b, "--m\r\nContent-Type: application/ics; name=\"invite.ics\"\r\n"
		    "Content-Disposition: attachment; filename=\"invite.ics\"\r\nContent-Transfer-Encoding: "
		    "base64\r\n\r\n");
	put_encoded(b, calendar);
	buf_cstr(b, "--m--\r\n");
}

static void comes_as(struct fixture *f, const struct program *p, const char *method, struct str calendar)
{
	CLEANUP(buf_release) struct buf mail = BUF_INIT(1 << 18);

	put_mail(&mail, p, method, calendar);
	assert_ok(buf_status(&mail));
	deliver_octets(f, f->ann.mailbox, buf_view(&mail));
}

static void comes(struct fixture *f, const struct program *p, const struct letter *l)
{
	CLEANUP(buf_release) struct buf calendar = BUF_INIT(1 << 16);

	put_calendar(&calendar, p, l);
	comes_as(f, p, l->method, buf_view(&calendar));
}

/* ---- what the phone sees and says ---- */

struct visit {
	struct fixture *f;
	const struct program *program;
	const char *version;
	bool has_instances, sends; /* what the version lets a phone say */
	bool has_global, has_type; /* and shows it */
	int64_t inbox, calendar;
};

static void same(const struct visit *v, const char *what, struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		fail_msg("%s, %s: %s is " STR_FMT ", not %s", v->program->name, v->version, what, STR_ARG(got), want);
}

static void sees_uid(const struct visit *v, struct eas_reply *r, bool alone)
{
	CLEANUP(buf_release) struct buf id = BUF_INIT(1000);
	struct str uid = str_of(v->program->uid);

	if (!v->has_global) {
		same(v, "UID", eas_reply_text(r, "calendar:UID", 0), v->program->uid);
		return;
	}
	assert_ok(base64_decode(&id, eas_reply_text(r, "email:GlobalObjId", 0)));
	if (str_eq(uid, S(EXCHANGE_UID)))
		uid = hex(&v->f->arena, alone ? EXCHANGE_CLASS "07EA0717" EXCHANGE_REST : EXCHANGE_UID);
	assert_true(str_find(buf_view(&id), uid) < id.n);
}

/* The one mail of the Inbox. */
static void sees(const struct visit *v, const char *start, const char *instance_type, const char *message_type)
{
	struct eas_reply r = sync_with(v->f, v->inbox, first_key(v->f, v->inbox), "");

	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_int_equal(eas_reply_count(&r, "email:MeetingRequest"), 1);
	same(v, "MessageClass", eas_reply_text(&r, "email:MessageClass", 0), "IPM.Schedule.Meeting.Request");
	same(v, "StartTime", eas_reply_text(&r, "email:StartTime", 0), start);
	same(v, "InstanceType", eas_reply_text(&r, "email:InstanceType", 0), instance_type);
	same(v, "BusyStatus", eas_reply_text(&r, "email:BusyStatus", 0), "2");
	same(v, "ResponseRequested", eas_reply_text(&r, "email:ResponseRequested", 0), "1");
	if (*instance_type == '1')
		same(v, "DayOfWeek", eas_reply_text(&r, "email:DayOfWeek", 0), v->program->days);
	if (v->has_type)
		same(v, "MeetingMessageType", eas_reply_text(&r, "email2:MeetingMessageType", 0), message_type);
	sees_uid(v, &r, *instance_type == '3');
}

static const char *event_name(const struct visit *v)
{
	return commands(v->f, "%lld:%lld", (long long)v->calendar, (long long)calendar_item(v->f));
}

/* Page 08 (MeetingResponse): 46 CollectionId, 47 MeetingResponse, 48 RequestId, 49 Request, 4C UserResponse, 4E InstanceId, 12
 * SendResponse. */
static void says(const struct visit *v, const char *response, int64_t folder, const char *instance)
{
	const char *request = commands(v->f, "%lld:%lld", (long long)folder, (long long)only_item(v->f, folder));
	struct eas_reply r = eas_phone_ask(
		&v->f->phone, "MeetingResponse",
		doc(v->f, HEAD "00 08 47 49 4C 03 '%s' 00 01 46 03 '%lld' 00 01 48 03 '%lld:%lld' 00 01 %s %s 01 01",
		    response, (long long)folder, (long long)folder, (long long)only_item(v->f, folder), instance,
		    v->sends ? "12" : ""));

	same(v, "Status", eas_reply_text(&r, "Status", 0), "1");
	same(v, "RequestId", eas_reply_text(&r, "RequestId", 0), request);
	same(v, "CalendarId", eas_reply_text(&r, "CalendarId", 0), event_name(v));
}

static void has_event(const struct visit *v, const char *busy)
{
	struct eas_reply r = sync_with(v->f, v->calendar, first_key(v->f, v->calendar), "");

	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	same(v, "ServerId", eas_reply_text(&r, "ServerId", 0), event_name(v));
	same(v, "the event's BusyStatus", eas_reply_text(&r, "calendar:BusyStatus", 0), busy);
}

/* The calendar of the last message that waits to go out. */
static struct str last_reply(const struct visit *v, size_t n)
{
	size_t all, at, next = 0;
	struct str out = queued(v->f, &all);

	if (all != n)
		fail_msg("%s, %s: %zu messages, not %zu", v->program->name, v->version, all, n);
	do {
		at = next;
		next = at + 1 + str_find(str_slice(out, at + 1, out.n), S("BEGIN:VCALENDAR"));
	} while (next < out.n);
	return str_slice(out, at, out.n);
}

static size_t times_in(struct str text, struct str what)
{
	size_t n = 0;

	for (size_t at = str_find(text, what); at < text.n; n++) {
		text = str_slice(text, at + 1, text.n);
		at = str_find(text, what);
	}
	return n;
}

/* RFC 5546 section 3.2.3. Where the version has no SendResponse nothing goes out: the phone writes it itself. */
static void goes_out(const struct visit *v, size_t n, enum cal_answer answer, int sequence, bool alone)
{
	struct cal_event e;
	size_t events;

	if (!v->sends) {
		(void)queued(v->f, &n);
		assert_int_equal(n, 0);
		return;
	}
	assert_ok(cal_event_read(&v->f->arena, last_reply(v, n), &e, &events));
	assert_int_equal(events, 1);
	assert_int_equal(times_in(last_reply(v, n), S("PRODID:")), 1);
	assert_int_equal(times_in(last_reply(v, n), S("PRODID:-//roost//")), 1);
	assert_int_equal(times_in(last_reply(v, n), S("SCHEDULE-")), 0); /* RFC 6638 section 7 */
	assert_int_equal(times_in(last_reply(v, n), S("X-APPLE")), 0);
	assert_int_equal(times_in(last_reply(v, n), S("X-NUM-GUESTS")), 0);
	assert_int_equal(e.method, CAL_REPLY);
	same(v, "the reply's UID", e.uid, v->program->uid);
	same(v, "its ORGANIZER", e.organizer, v->program->organizer);
	assert_int_equal(e.attendees_n, 1);
	same(v, "its ATTENDEE", e.attendees[0].address, "ann@example.test");
	assert_int_equal(e.attendees[0].answer, answer);
	assert_int_equal(e.sequence, sequence);
	assert_true(e.stamp.utc_ms >= SERVER_NOW_MS && e.stamp.utc_ms < SERVER_NOW_MS + 60000);
	assert_int_equal(e.recurrence_id.given, alone);
	if (alone)
		assert_int_equal(e.recurrence_id.local.day, 23);
}

static void is_stored(const struct visit *v, enum cal_answer answer, int hour)
{
	struct cal_event e = stored(v->f).event;

	if (e.answer != answer || e.start.local.hour != hour || e.cancelled)
		fail_msg("%s, %s: the event is at %d, answered with %d", v->program->name, v->version,
			 e.start.local.hour, (int)e.answer);
	assert_int_equal(e.start.utc_ms, INT64_C(1784160000000) + (hour - 2) * INT64_C(3600000)); /* 16 July 2026 */
}

static void clear_inbox(const struct visit *v)
{
	const struct author nobody = { .device = STORE_NOBODY };
	struct store_tx *tx;

	assert_ok(store_begin(v->f->server.store, v->f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(item_expunge(tx, v->inbox, only_item(v->f, v->inbox), &nobody));
	assert_ok(store_commit(&tx));
}

/* ---- the life of a meeting ---- */

static void it_is_accepted(const struct visit *v)
{
	comes(v->f, v->program, &(struct letter){ .method = "REQUEST", .sequence = 0, .hour = 12, .day = 16 });
	sees(v, "2026-07-16T10:00:00.000Z", "1", "1");
	is_stored(v, CAL_ANSWER_NONE, 12);
	says(v, "1", v->inbox, "");
	is_stored(v, CAL_ANSWER_ACCEPTED, 12);
	goes_out(v, 1, CAL_ANSWER_ACCEPTED, 0, false);
	has_event(v, "2");
	assert_int_equal(stored(v->f).event.busy, CAL_BUSY);
}

static void it_is_moved(const struct visit *v)
{
	comes(v->f, v->program, &(struct letter){ .method = "REQUEST", .sequence = 1, .hour = 13, .day = 16 });
	sees(v, "2026-07-16T11:00:00.000Z", "1", "2");
	is_stored(v, CAL_ANSWER_NONE, 13);
	says(v, "2", v->inbox, "");
	is_stored(v, CAL_ANSWER_TENTATIVE, 13);
	goes_out(v, 2, CAL_ANSWER_TENTATIVE, 1, false);
	has_event(v, "1");
}

static void one_of_it_is_moved(const struct visit *v)
{
	struct cal_series s;

	comes(v->f, v->program,
	      &(struct letter){ .method = "REQUEST", .sequence = 2, .hour = 15, .day = 23, .alone = true });
	sees(v, "2026-07-23T13:00:00.000Z", "3", "2");
	s = stored(v->f);
	assert_int_equal(s.exceptions_n, 1);
	assert_int_equal(s.exceptions[0].start.local.hour, 15);
	assert_int_equal(s.exceptions[0].answer, CAL_ANSWER_NONE);
	is_stored(v, CAL_ANSWER_TENTATIVE, 13);
	if (v->has_instances) {
		says(v, "1", v->calendar, T("4E", "2026-07-23T11:00:00.000Z"));
		assert_int_equal(stored(v->f).exceptions[0].answer, CAL_ANSWER_ACCEPTED);
		goes_out(v, 3, CAL_ANSWER_ACCEPTED, 2, true);
	}
	clear_inbox(v);
}

static void it_is_called_off(const struct visit *v)
{
	struct eas_reply r;

	comes(v->f, v->program,
	      &(struct letter){ .method = "CANCEL", .sequence = 3, .hour = 13, .day = 16, .off = true });
	assert_true(stored(v->f).event.cancelled);
	r = sync_with(v->f, v->inbox, first_key(v->f, v->inbox), "");
	same(v, "MessageClass", eas_reply_text(&r, "email:MessageClass", 0), "IPM.Schedule.Meeting.Canceled");
	sees_uid(v, &r, false);
}

/*
 * MS-ASCMD 3.1.5.6, the sequence: MS-ASCMD_R5082, MS-ASCMD_R5085, MS-ASCMD_R5071, MS-ASCMD_R5790, MS-ASCMD_R5089, MS-ASCMD_R5094,
 * MS-ASCMD_R831, MS-ASCMD_R5678, MS-ASCMD_R834, MS-ASCMD_R3807
 */
static void a_meeting_of_each_program_is_answered_moved_and_called_off(void **unused)
{
	static const struct visit visits[] = {
		{ .version = "2.5", .has_global = true },
		{ .version = "14.1", .has_global = true, .has_type = true, .has_instances = true },
		{ .version = "16.1", .has_type = true, .has_instances = true, .sends = true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(programs) * countof(visits); i++) {
		FIXTURE(f);
		struct visit v = visits[i % countof(visits)];

		v.f = &f;
		v.program = &programs[i / countof(visits)];
		v.inbox = fixture_role(&f, FOLDER_INBOX);
		v.calendar = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
		f.phone.version = v.version;
		it_is_accepted(&v);
		it_is_moved(&v);
		one_of_it_is_moved(&v);
		it_is_called_off(&v);
	}
}

/* ---- their answers to a meeting of the owner's ---- */

/* plan-1 at ten, or at another time that they propose; theirs have no ORGANIZER where the program leaves it out. */
#define ANSWER(head, lines, hour)                                                                              \
	"BEGIN:VCALENDAR\r\n" head "VERSION:2.0\r\nBEGIN:VEVENT\r\nUID:plan-1\r\nDTSTAMP:20260702T080000Z\r\n" \
	"DTSTART:20260716T" hour "0000Z\r\nDTEND:20260716T" hour "3000Z\r\n" lines "END:VEVENT\r\nEND:VCALENDAR\r\n"
#define BY_ANN_TO(who) \
	"ORGANIZER:mailto:ann@example.test\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:" who "\r\n" EVENT_AT_TEN
#define OUTLOOK_LINES                                                                                              \
	"COMMENT;LANGUAGE=en-US:\\n\r\nCLASS:PUBLIC\r\nPRIORITY:5\r\nTRANSP:OPAQUE\r\nSTATUS:CONFIRMED\r\n"        \
	"SEQUENCE:0\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:0\r\nX-MICROSOFT-CDO-OWNERAPPTID:-1\r\n"                      \
	"X-MICROSOFT-CDO-BUSYSTATUS:BUSY\r\nX-MICROSOFT-CDO-INTENDEDSTATUS:BUSY\r\nX-MICROSOFT-CDO-INSTTYPE:0\r\n" \
	"X-MICROSOFT-DISALLOW-COUNTER:FALSE\r\n"
#define GOOGLE_BOB(answer)                                                                                             \
	"ORGANIZER;CN=Ann:mailto:ann@example.test\r\nATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=" answer \
	";CN=B\r\n ob;X-NUM-GUESTS=0;X-RESPONSE-COMMENT=\"See; you, then\":mailto:bob@x.test\r\nSEQUENCE:0\r\n"

static void the_answers_of_each_program_are_noted(void **unused)
{
	static const struct {
		int program;
		const char *method, *calendar, *class, *status; /* AttendeeStatus (MS-ASCAL 2.2.2.5) */
		bool proposes;
	} cases[] = {
		{ OUTLOOK, "REPLY",
		  ANSWER("METHOD:REPLY\r\nPRODID:Microsoft Exchange Server 2010\r\n",
			 "ATTENDEE;PARTSTAT=ACCEPTED;CN=Bob:mailto:bob@x.test\r\n"
			 "SUMMARY;LANGUAGE=en-US:Accepted: Plan\r\n" OUTLOOK_LINES,
			 "10"),
		  "IPM.Schedule.Meeting.Resp.Pos", "3", false },
		{ OUTLOOK, "COUNTER",
		  ANSWER("METHOD:COUNTER\r\nPRODID:Microsoft Exchange Server 2010\r\n",
			 "ATTENDEE;PARTSTAT=TENTATIVE;CN=Bob:mailto:bob@x.test\r\n"
			 "SUMMARY;LANGUAGE=en-US:New Time Proposed: Plan\r\nX-MS-OLK-ORIGINALSTART:20260716T100000Z\r\n"
			 "X-MS-OLK-ORIGINALEND:20260716T110000Z\r\n" OUTLOOK_LINES,
			 "14"),
		  "IPM.Schedule.Meeting.Resp.Tent", "2", true },
		{ CDO, "REPLY",
		  ANSWER("METHOD:REPLY\r\nPRODID:Microsoft CDO for Microsoft Exchange\r\n",
			 "ATTENDEE;PARTSTAT=DECLINED;CN=\"Bob\":MAILTO:bob@x.test\r\n"
			 "SUMMARY:Declined: Plan\r\nX-MICROSOFT-CDO-REPLYTIME:20260702T080000Z\r\n",
			 "10"),
		  "IPM.Schedule.Meeting.Resp.Neg", "4", false },
		{ GOOGLE, "REPLY",
		  ANSWER("PRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:REPLY\r\n",
			 GOOGLE_BOB("DECLINED") "SUMMARY:Plan\r\n", "10"),
		  "IPM.Schedule.Meeting.Resp.Neg", "4", false },
		{ GOOGLE, "COUNTER",
		  ANSWER("PRODID:-//Google Inc//Google Calendar "
			 "70.9054//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:COUNTER\r\n",
			 GOOGLE_BOB("TENTATIVE") "SUMMARY:Plan\r\n", "14"),
		  "IPM.Schedule.Meeting.Resp.Tent", "2", true },
		{ APPLE, "REPLY",
		  ANSWER("CALSCALE:GREGORIAN\r\nPRODID:-//Apple Inc.//macOS 14.5//EN\r\nMETHOD:REPLY\r\n",
			 "ATTENDEE;CN=Bob;CUTYPE=INDIVIDUAL;EMAIL=bob@icloud.test;PARTSTAT=TENTATIVE;ROLE\r\n"
			 " =REQ-PARTICIPANT:mailto:bob@icloud.test\r\nORGANIZER;CN=Ann:mailto:ann@example.test\r\n"
			 "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC\r\nREQUEST-STATUS:2.0;Success\r\nSUMMARY:Plan\r\n",
			 "10"),
		  "IPM.Schedule.Meeting.Resp.Tent", "2", false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX), calendar = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
		struct visit v = { .f = &f, .program = &programs[cases[i].program], .version = cases[i].method };
		struct eas_reply r;

		add_event(&f, cases[i].program == APPLE ? BY_ANN_TO("bob@icloud.test") : BY_ANN_TO("bob@x.test"));
		comes_as(&f, v.program, cases[i].method, str_of(cases[i].calendar));
		r = sync_with(&f, inbox, first_key(&f, inbox), "");
		same(&v, "MessageClass", eas_reply_text(&r, "email:MessageClass", 0), cases[i].class);
		r = sync_with(&f, calendar, first_key(&f, calendar), "");
		same(&v, "AttendeeStatus", eas_reply_text(&r, "calendar:AttendeeStatus", 0), cases[i].status);
		same(&v, "StartTime", eas_reply_text(&r, "calendar:StartTime", 0), "20260716T100000Z");
		if (cases[i].proposes)
			same(&v, "ProposedStartTime", eas_reply_text(&r, "meetingresponse:ProposedStartTime", 0),
			     "20260716T140000Z");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_meeting_of_each_program_is_answered_moved_and_called_off),
		cmocka_unit_test(the_answers_of_each_program_are_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
