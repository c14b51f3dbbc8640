/* Invitations by mail, their answers, and what goes out. */
#include "sync_fixture.h"

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/meeting.h>
#include <store/blob.h>

/* Page 08 (MeetingResponse): 46 CollectionId, 47 MeetingResponse, 48 RequestId, 49 Request, 4C UserResponse, 4E InstanceId, 12
 * SendResponse (52 with content), 50 ProposedStartTime, 51 ProposedEndTime. */
#define T(token, text) token " 03 '" text "' 00 01 "

#define MAIL(method, lines) MAIL_AT("20260701T000000Z", method, lines)
#define MAIL_AT(stamp, method, lines)                                                                           \
	"From: bob@x.test\r\nTo: ann@example.test\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n"                    \
	"Content-Type: text/calendar; method=" method "; charset=utf-8\r\n\r\n"                                 \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:" method "\r\nBEGIN:VEVENT\r\nUID:plan-1\r\nSUMMARY:Plan\r\n" \
	"DTSTAMP:" stamp "\r\n" lines "END:VEVENT\r\nEND:VCALENDAR\r\n"
#define BY_BOB \
	"ORGANIZER;CN=Bob:mailto:bob@x.test\r\nATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:ann@example.test\r\n"
#define BY_ANN "ORGANIZER:mailto:ann@example.test\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@x.test\r\n"
#define AT_TEN "DTSTART:20260716T100000Z\r\nDTEND:20260716T110000Z\r\nX-MICROSOFT-CDO-INTENDEDSTATUS:OOF\r\n"
#define AT_NOON "DTSTART:20260716T120000Z\r\nDTEND:20260716T130000Z\r\n"

static int64_t calendar_item(struct fixture *f)
{
	return only_item(f, fixture_role(f, FOLDER_DEFAULT_CALENDAR));
}

static struct str stored_octets(struct fixture *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str octets;
	struct item item;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(item_find(&f->arena, tx, calendar_item(f), &item));
	assert_ok(entry_read(&f->arena, tx, &item, &octets));
	return octets;
}

static struct cal_series stored(struct fixture *f)
{
	struct cal_series s;

	assert_ok(cal_series_read(&f->arena, stored_octets(f), &s));
	return s;
}

static void receive(struct fixture *f, const char *mail)
{
	deliver_octets(f, f->ann.mailbox, str_of(mail));
}

/* The messages that are queued, one behind the other. */
static struct str queued(struct fixture *f, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf all = BUF_INIT(1 << 20);
	struct str ret;

	*ret_n = 0;
	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx));
	for (int64_t id = 1; id < 20; id++) {
		CLEANUP(store_blob_close) struct store_blob *blob = NULL;
		struct queue_entry entry;
		char octets[16384];
		size_t got;

		if (queue_get(&f->arena, tx, id, &entry))
			continue;
		++*ret_n;
		assert_ok(store_blob_open(tx, entry.blob, &blob));
		assert_ok(store_blob_read(blob, 0, octets, sizeof(octets), &got));
		buf_put(&all, octets, got);
	}
	assert_ok(arena_str(&f->arena, buf_view(&all), &ret));
	return ret;
}

static struct eas_reply answer(struct fixture *f, const char *response, int64_t folder, int64_t item, const char *more)
{
	return eas_phone_ask(
		&f->phone, "MeetingResponse",
		doc(f, HEAD "00 08 47 49 4C 03 '%s' 00 01 46 03 '%lld' 00 01 48 03 '%lld:%lld' 00 01 %s 01 01",
		    response, (long long)folder, (long long)folder, (long long)item, more));
}

/* MS-ASCMD_R4175: an invitation makes a tentative event beside the mail; once, however often it comes. */
static void an_invitation_makes_a_tentative_event(void **unused)
{
	FIXTURE(f);
	struct cal_series s;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN));
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN));
	s = stored(&f);
	assert_int_equal(s.event.busy, CAL_TENTATIVE);
	assert_int_equal(s.event.answer, CAL_ANSWER_NONE);
	assert_int_equal(s.event.method, CAL_OTHER);
}

/* MS-ASCMD_R6062, MS-ASCMD_R830, MS-ASCMD_R2467, MS-ASCAL_R414: accepted: busy as the organizer means it, and he is told once. */
static void an_accepted_meeting_is_told_to_its_organizer_once(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), mail;
	struct cal_series s;
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN));
	mail = only_item(&f, inbox);
	for (int i = 0; i < 2; i++) { /* the second: its answer was lost */
		r = answer(&f, "1", inbox, mail, "12 ");
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
		assert_int_equal(eas_reply_count(&r, "CalendarId"), 1);
	}
	s = stored(&f);
	assert_int_equal(s.event.answer, CAL_ANSWER_ACCEPTED);
	assert_int_equal(s.event.busy, CAL_OUT);
	assert_int_equal(s.event.attendees[0].answer, CAL_ANSWER_ACCEPTED);
	assert_int_equal(only_item(&f, inbox), 0);
	out = queued(&f, &n);
	assert_int_equal(n, 1);
	assert_true(str_find(out, S("METHOD:REPLY")) < out.n && str_find(out, S("PARTSTAT=ACCEPTED")) < out.n &&
		    str_find(out, S("Subject: Accepted: Plan")) < out.n && str_find(out, S("To: bob@x.test")) < out.n);
}

/* MS-ASCMD_R268: before 16.0, and without SendResponse, the phone sends it itself. */
static void move_event(struct fixture *f, int64_t from, int64_t id, int64_t to)
{
	const struct item_move move = { .from = from, .id = id, .to = to };
	enum item_moved moved;
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(item_move(tx, &move, &moved));
	assert_ok(store_commit(&tx));
}

/* An instance that came alone goes when its series comes, wherever it is. */
static void an_instance_is_found_in_any_calendar(void **unused)
{
	FIXTURE(f);
	int64_t work = fixture_add_folder(&f, "Work", FOLDER_CALENDAR, FOLDER_ROOT);

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN "RECURRENCE-ID:20260716T100000Z\r\n"));
	move_event(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR), calendar_item(&f), work);
	receive(&f, MAIL_AT("20260702T000000Z", "REQUEST", BY_BOB AT_TEN "RRULE:FREQ=DAILY;COUNT=5\r\n"));
	assert_int_not_equal(calendar_item(&f), 0);
	assert_int_equal(only_item(&f, work), 0);
}

/* Updates and answers find an event where its owner has put it, and nothing is there twice. */
static void a_meeting_is_found_in_any_calendar(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), calendar = fixture_role(&f, FOLDER_DEFAULT_CALENDAR), mail;
	int64_t work = fixture_add_folder(&f, "Work", FOLDER_CALENDAR, FOLDER_ROOT);
	int64_t event;
	struct eas_reply r;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN));
	event = calendar_item(&f);
	move_event(&f, calendar, event, work);
	mail = only_item(&f, inbox);
	r = answer(&f, "1", inbox, mail, "12 ");
	assert_true(str_eq(eas_reply_text(&r, "CalendarId", 0),
			   str_of(commands(&f, "%lld:%lld", (long long)work, (long long)event))));
	receive(&f, MAIL_AT("20260702T000000Z", "REQUEST", BY_BOB AT_NOON "SEQUENCE:1\r\n"));
	assert_int_equal(calendar_item(&f), 0);
	assert_int_equal(only_item(&f, work), event);
	(void)queued(&f, &n);
	assert_int_equal(n, 1);
}

static void nothing_is_sent_unless_it_is_asked_for(void **unused)
{
	static const char *const versions[] = { "14.1", "16.1" };

	(void)unused;
	for (size_t i = 0; i < countof(versions); i++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		struct eas_reply r;
		size_t n;

		f.phone.version = versions[i];
		receive(&f, MAIL("REQUEST", BY_BOB AT_TEN));
		r = answer(&f, "2", inbox, only_item(&f, inbox), "");
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
		assert_int_equal(stored(&f).event.answer, CAL_ANSWER_TENTATIVE);
		(void)queued(&f, &n);
		assert_int_equal(n, 0);
	}
}

static void a_declined_meeting_leaves_the_calendar(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN));
	/* From the calendar, as iOS does. */
	r = answer(&f, "3", fixture_role(&f, FOLDER_DEFAULT_CALENDAR), calendar_item(&f), "12 ");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_int_equal(eas_reply_count(&r, "CalendarId"), 0);
	assert_int_equal(calendar_item(&f), 0);
	out = queued(&f, &n);
	assert_true(n == 1 && str_find(out, S("PARTSTAT=DECLINED")) < out.n);
}

static void another_time_is_proposed(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN));
	r = answer(&f, "2", inbox, only_item(&f, inbox),
		   "52 " T("50", "20260717T080000Z") T("51", "20260717T090000Z") "01 ");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	out = queued(&f, &n);
	assert_true(n == 1 && str_find(out, S("METHOD:COUNTER")) < out.n &&
		    str_find(out, S("20260717T080000Z")) < out.n &&
		    str_find(out, S("X-MS-OLK-ORIGINALSTART:20260716T100000Z")) < out.n);
	assert_int_equal(stored(&f).event.start.local.day, 16);
}

/* MS-ASCMD_R3191, MS-ASCMD_R3195, MS-ASCMD_R3196. */
static void one_instance_is_answered_alone(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), mail;
	struct eas_reply r;
	struct cal_series s;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN "RRULE:FREQ=WEEKLY;COUNT=5\r\n"));
	mail = only_item(&f, inbox);
	r = answer(&f, "1", inbox, mail, T("4E", "soon"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("104")));
	r = answer(&f, "1", inbox, mail, T("4E", "2026-07-23T10:00:00.000Z") "12 ");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	s = stored(&f);
	assert_int_equal(s.event.answer, CAL_ANSWER_NONE);
	assert_int_equal(s.exceptions_n, 1);
	assert_int_equal(s.exceptions[0].answer, CAL_ANSWER_ACCEPTED);
}

/* One that the series never had makes no exception; one that was declined is answered otherwise. */
static void an_instance_that_never_was_is_not_answered(void **unused)
{
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR), event;
	struct eas_reply r;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN "RRULE:FREQ=WEEKLY;COUNT=5\r\n"));
	event = calendar_item(&f);
	for (int i = 0; i < 2; i++) {
		r = answer(&f, i ? "1" : "3", folder, event, T("4E", "2026-07-24T10:00:00.000Z") "12 ");
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("2")));
	}
	r = answer(&f, "1", folder, event, T("4E", "2026-08-20T10:00:00.000Z") "12 "); /* past the last one */
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("2")));
	(void)queued(&f, &n);
	assert_int_equal(n, 0);
	assert_int_equal(stored(&f).exceptions_n + stored(&f).deleted_n, 0);

	for (int i = 0; i < 2; i++) { /* the second: its answer was lost */
		r = answer(&f, "3", folder, event, T("4E", "2026-07-23T10:00:00.000Z") "12 ");
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
		assert_int_equal(stored(&f).deleted_n, 1);
	}
	r = answer(&f, "1", folder, event, T("4E", "2026-07-23T10:00:00.000Z") "12 ");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_int_equal(stored(&f).deleted_n, 0);
	assert_int_equal(stored(&f).exceptions_n, 1);
	(void)queued(&f, &n);
	assert_int_equal(n, 2);
}

static void what_is_no_invitation_is_refused(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), mail;
	struct eas_reply r;

	(void)unused;
	deliver(&f, f.ann.mailbox, "a mail");
	mail = only_item(&f, inbox);
	r = answer(&f, "1", inbox, mail, "");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("2")));
	r = answer(&f, "1", inbox, 999, "");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("2")));
	assert_int_equal(only_item(&f, inbox), mail);
}

/* A new time is to be answered anew; an old mail that comes late changes nothing. */
static void updates_and_cancellations_follow(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN));
	(void)answer(&f, "1", inbox, only_item(&f, inbox), "");
	receive(&f, MAIL("REQUEST", BY_BOB AT_NOON "SEQUENCE:2\r\n"));
	assert_int_equal(stored(&f).event.answer, CAL_ANSWER_NONE);
	assert_int_equal(stored(&f).event.start.local.hour, 12);
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN "SEQUENCE:1\r\n"));
	assert_int_equal(stored(&f).event.start.local.hour, 12);
	receive(&f, MAIL("CANCEL", "ORGANIZER:mailto:eve@x.test\r\n" AT_NOON "SEQUENCE:9\r\n"));
	assert_false(stored(&f).event.cancelled);
	receive(&f, MAIL("CANCEL", BY_BOB AT_NOON "SEQUENCE:3\r\n"));
	assert_true(stored(&f).event.cancelled);
	assert_int_equal(stored(&f).event.busy, CAL_FREE);
}

/* RFC 5546 section 2.1.5: of one SEQUENCE the later stamp counts, and an answer between them is no stamp. */
static void an_update_of_the_same_sequence_is_taken_by_its_stamp(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN));
	(void)answer(&f, "1", inbox, only_item(&f, inbox), "");
	receive(&f, MAIL_AT("20260702T000000Z", "REQUEST", BY_BOB AT_TEN "LOCATION:Hall\r\n"));
	assert_true(str_eq(stored(&f).event.location, S("Hall")));
	assert_int_equal(stored(&f).event.answer, CAL_ANSWER_ACCEPTED);
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN "LOCATION:Cellar\r\n"));
	assert_true(str_eq(stored(&f).event.location, S("Hall")));
}

static void a_cancellation_for_others_is_not_the_owners(void **unused)
{
	FIXTURE(f);

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN));
	receive(&f, MAIL("CANCEL",
			 "ORGANIZER:mailto:bob@x.test\r\nATTENDEE:mailto:eve@x.test\r\n" AT_TEN "SEQUENCE:1\r\n"));
	assert_false(stored(&f).event.cancelled);
}

/* Who is invited to one instance of a series can answer, and is asked anew when it moves. */
static void one_instance_of_an_unknown_series_is_answered(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN "RECURRENCE-ID:20260716T100000Z\r\n"));
	r = answer(&f, "1", inbox, only_item(&f, inbox), "12 ");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_int_equal(stored(&f).event.answer, CAL_ANSWER_ACCEPTED);
	out = queued(&f, &n);
	assert_true(n == 1 && str_find(out, S("RECURRENCE-ID:20260716T100000Z")) < out.n);
	receive(&f, MAIL("REQUEST", BY_BOB AT_NOON "RECURRENCE-ID:20260716T100000Z\r\nSEQUENCE:1\r\n"));
	assert_int_equal(stored(&f).event.answer, CAL_ANSWER_NONE);
	assert_int_equal(stored(&f).event.start.local.hour, 12);
}

static void answers_of_attendees_are_noted(void **unused)
{
	static const char text[] =
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:plan-1\r\nDTSTART:20260716T100000Z\r\n" BY_ANN
		"END:VEVENT\r\nEND:VCALENDAR\r\n";
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item item;

	(void)unused;
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
	assert_ok(event_add(&f.arena, tx, &(struct event_new){ .folder = folder, .octets = str_of(text) }, &item));
	assert_ok(store_commit(&tx));
	receive(&f, MAIL("REPLY", AT_TEN
			 "ORGANIZER:mailto:ann@example.test\r\nATTENDEE;PARTSTAT=DECLINED:mailto:bob@x.test\r\n"));
	assert_int_equal(stored(&f).event.attendees[0].answer, CAL_ANSWER_DECLINED);
	receive(&f, MAIL("REPLY", AT_TEN "SEQUENCE:-1\r\nORGANIZER:mailto:ann@example.test\r\n"
					 "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@x.test\r\n"));
	assert_int_equal(stored(&f).event.attendees[0].answer, CAL_ANSWER_DECLINED); /* to a former time */
	receive(&f, MAIL("REPLY", AT_TEN
			 "ORGANIZER:mailto:ann@example.test\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:eve@x.test\r\n"));
	assert_int_equal(stored(&f).event.attendees_n, 1);
}

/* ---- SmartForward of an event ---- */

/* Page 21 (ComposeMail): 46 SmartForward, 4B Source, 4C FolderId, 4D ItemId, 4F InstanceId, 51 ClientId, 55 Forwardees, 56 Forwardee,
 * 57 Name, 58 Email; page 17 (AirSyncBase): 4A Body, 46 Type, 4B Data. */
#define TO_EVE "55 56 58 03 'eve@x.test' 00 01 57 03 'Eve' 00 01 01 01 "
#define SAYS "00 11 4A 46 03 '1' 00 01 4B 03 'Do come' 00 01 01 00 15 "

static struct eas_reply forward(struct fixture *f, const char *client_id, int64_t folder, int64_t item,
				const char *instance, const char *more)
{
	return eas_phone_ask(
		&f->phone, "SmartForward",
		doc(f, HEAD "00 15 46 51 03 '%s' 00 01 4B 4C 03 '%lld' 00 01 4D 03 '%lld:%lld' 00 01 %s 01 %s 01",
		    client_id, (long long)folder, (long long)folder, (long long)item, instance, more));
}

static struct eas_reply forward_event(struct fixture *f, const char *client_id, const char *instance, const char *more)
{
	return forward(f, client_id, fixture_role(f, FOLDER_DEFAULT_CALENDAR), calendar_item(f), instance, more);
}

/* Into the calendar, as a phone would have added it. */
static void add_event(struct fixture *f, const char *lines)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT(1 << 16);
	int64_t folder = fixture_role(f, FOLDER_DEFAULT_CALENDAR);
	struct item item;

	buf_fmt(&text,
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:plan-1\r\nSUMMARY:Plan\r\n"
		"DTSTAMP:20260701T000000Z\r\n%sEND:VEVENT\r\nEND:VCALENDAR\r\n",
		lines);
	assert_ok(buf_status(&text));
	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(event_add(&f->arena, tx, &(struct event_new){ .folder = folder, .octets = buf_view(&text) }, &item));
	assert_ok(store_commit(&tx));
}

static void assert_status_(struct eas_reply *r, const char *status, const char *what)
{
	if (!r->xml.p || !str_eq(eas_reply_text(r, "Status", 0), str_of(status)))
		fail_msg("%s: not %s", what, status);
}

/* However its lines are folded and broken: blanks do not count. */
static bool says(struct str text, const char *part)
{
	CLEANUP(buf_release) struct buf squeezed = BUF_INIT(1 << 20);
	CLEANUP(buf_release) struct buf wanted = BUF_INIT(1 << 10);

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '=' && i + 1 < text.n && text.p[i + 1] == '\r')
			i += 2;
		else if (text.p[i] > ' ')
			buf_char(&squeezed, text.p[i]);
	for (; *part; part++)
		if (*part > ' ')
			buf_char(&wanted, *part);
	assert_ok(buf_status(&squeezed));
	assert_ok(buf_status(&wanted));
	return str_find(buf_view(&squeezed), buf_view(&wanted)) < squeezed.n;
}

/*
 * MS-ASCMD_R537, MS-ASCMD_R6105, MS-ASCMD_R539, MS-ASCMD_R6620, MS-ASCMD_R6650, MS-ASCMD_R568, MS-ASCMD_R6629,
 * MS-ASCMD_R6659, MS-ASAIRS_R1332: an invitation of the organizer's, once under a ClientId.
 */
static void a_meeting_is_forwarded_once(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN "DESCRIPTION:Bring cake\r\n"));
	r = forward_event(&f, "f1", "", TO_EVE SAYS);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0);
	out = queued(&f, &n);
	assert_int_equal(n, 1);
	assert_true(says(out, "METHOD:REQUEST") && says(out, "ORGANIZER;CN=Bob:mailto:bob@x.test"));
	assert_true(says(out, "To: eve@x.test") && says(out, "From: ") && says(out, "Subject: FW: Plan"));
	assert_true(says(out, "mailto:eve@x.test") && says(out, "mailto:ann@example.test"));
	assert_true(says(out, "Do come\r\n\r\nBring cake"));
	assert_false(says(out, "X-ROOST"));
	assert_int_equal(stored(&f).event.attendees_n, 1); /* it is Bob's to say who takes part */
	r = forward_event(&f, "f1", "", TO_EVE SAYS);      /* MS-ASCMD_R953 */
	assert_status_(&r, "118", "again");
	(void)queued(&f, &n);
	assert_int_equal(n, 1);
}

static void who_gets_an_event_of_the_owners_takes_part_in_it(void **unused)
{
	FIXTURE(f);
	struct cal_series s;
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)unused;
	add_event(&f, BY_ANN AT_TEN);
	r = forward_event(&f, "f1", "", TO_EVE);
	assert_int_equal(r.body.n, 0);
	s = stored(&f);
	assert_int_equal(s.event.attendees_n, 2);
	assert_true(str_eq(s.event.attendees[1].address, S("eve@x.test")) &&
		    str_eq(s.event.attendees[1].name, S("Eve")) && s.event.attendees[1].answer == CAL_ANSWER_NONE);
	out = queued(&f, &n);
	assert_true(n == 1 && says(out, "To: eve@x.test") && says(out, "mailto:bob@x.test"));
	/* Who is in already is invited again, and is in once. */
	r = forward_event(&f, "f2", "", TO_EVE);
	assert_int_equal(r.body.n, 0);
	assert_int_equal(stored(&f).event.attendees_n, 2);
}

/* MS-ASCMD_R6105: an appointment becomes a meeting of the owner's. */
static void an_appointment_is_forwarded(void **unused)
{
	FIXTURE(f);
	struct cal_series s;
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)unused;
	add_event(&f, AT_TEN);
	r = forward_event(&f, "f1", "", TO_EVE);
	assert_int_equal(r.body.n, 0);
	s = stored(&f);
	assert_int_equal(s.event.attendees_n, 1);
	assert_true(str_eq(s.event.organizer, S("ann@example.test")));
	out = queued(&f, &n);
	assert_true(n == 1 && says(out, "ORGANIZER"));
}

/* MS-ASCMD_R538, MS-ASCMD_R541, MS-ASCMD_R4930 */
static void one_instance_is_forwarded_alone(void **unused)
{
	FIXTURE(f);
	struct cal_series s;
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)unused;
	add_event(&f, BY_ANN AT_TEN "RRULE:FREQ=WEEKLY;COUNT=5\r\nEXDATE:20260730T100000Z\r\n");
	r = forward_event(&f, "f1", T("4F", "soon"), TO_EVE);
	assert_status_(&r, "104", "no time");
	r = forward_event(&f, "f1", T("4F", "2026-07-24T10:00:00.000Z"), TO_EVE);
	assert_status_(&r, "150", "no instance");
	r = forward_event(&f, "f1", T("4F", "2026-07-30T10:00:00.000Z"), TO_EVE);
	assert_status_(&r, "150", "a deleted one");
	r = forward_event(&f, "f1", T("4F", "2026-07-23T10:00:00.000Z"), TO_EVE);
	assert_int_equal(r.body.n, 0);
	out = queued(&f, &n);
	assert_true(n == 1 && says(out, "RECURRENCE-ID:20260723T100000Z") && !says(out, "RRULE"));
	s = stored(&f);
	assert_int_equal(s.event.attendees_n, 1);
	assert_int_equal(s.exceptions_n, 1);
	assert_int_equal(s.exceptions[0].attendees_n, 2);
	assert_int_equal(s.deleted_n, 1);
}

/* MS-ASCMD_R7176, MS-ASCMD_R7177, MS-ASCMD_R7467, MS-ASCMD_R7468, MS-ASCMD_R7470, MS-ASCMD_R6625 */
static void what_cannot_be_forwarded_says_why(void **unused)
{
	static const struct {
		const char *what, *more, *status;
	} cases[] = {
		{ "no address", "55 56 58 03 'eve' 00 01 01 01", "179" },
		{ "a line of its own", "55 56 58 03 'eve@x.test' 0D 0A 'Bcc:m' 00 01 01 01", "179" },
		{ "two in one", "55 56 58 03 'eve@x.test,a@x.test' 00 01 01 01", "179" },
		{ "no Email", "55 56 57 03 'Eve' 00 01 01 01", "179" },
		{ "nobody", "55 01", "179" },
		{ "a Body alone", SAYS, "179" },
		{ "SaveInSentItems", TO_EVE "08", "178" },
		{ "ReplaceMime", TO_EVE "09", "178" },
		{ "a Body and SaveInSentItems", SAYS "08", "178" },
		{ "twice", TO_EVE TO_EVE, "103" },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB AT_TEN));
	for (size_t i = 0; i < countof(cases); i++) {
		r = forward_event(&f, "f1", "", cases[i].more);
		assert_status_(&r, cases[i].status, cases[i].what);
	}
	r = forward(&f, "f1", inbox, only_item(&f, inbox), "", TO_EVE);
	assert_status_(&r, "179", "a mail");
	r = forward(&f, "f1", fixture_role(&f, FOLDER_DEFAULT_CALENDAR), 999, "", TO_EVE);
	assert_status_(&r, "150", "nothing");
	r = forward_event(&f, "", "", TO_EVE);
	assert_status_(&r, "103", "no ClientId");
	f.phone.version = "14.1"; /* MS-ASCMD_R6658 */
	r = forward_event(&f, "f1", "", TO_EVE);
	assert_status_(&r, "103", "14.1");
	(void)queued(&f, &n);
	assert_int_equal(n, 0);
}

/* EAS_MAX_FORWARDEES, and one more; MEETING_BODY_MAX, and one more. */
static void what_is_forwarded_is_bounded(void **unused)
{
	static const struct {
		const char *what;
		int people;
		size_t body;
		const char *status; /* NULL: it is sent */
	} cases[] = {
		{ "as many as may be", EAS_MAX_FORWARDEES, 10, NULL },
		{ "one more", EAS_MAX_FORWARDEES + 1, 10, "179" },
		{ "as long as may be", 1, MEETING_BODY_MAX, NULL },
		{ "one octet more", 1, MEETING_BODY_MAX + 1, "179" },
	};
	FIXTURE(f);

	(void)unused;
	add_event(&f, BY_ANN AT_TEN);
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf more = BUF_INIT(1 << 20);
		const char *text;
		struct eas_reply r;

		buf_cstr(&more, "55 ");
		for (int k = 0; k < cases[i].people; k++)
			buf_fmt(&more, "56 58 03 'p%d@x.test' 00 01 01 ", k);
		buf_cstr(&more, "01 00 11 4A 46 03 '1' 00 01 4B 03 '");
		for (size_t k = 0; k < cases[i].body; k++)
			buf_char(&more, 'x');
		buf_cstr(&more, "' 00 01 01 00 15 ");
		assert_ok(arena_cstr(&f.arena, buf_view(&more), &text));
		r = forward_event(&f, cases[i].what, "", text);
		if (cases[i].status)
			assert_status_(&r, cases[i].status, cases[i].what);
		else if (r.status != 200 || r.body.n)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
	assert_int_equal(stored(&f).event.attendees_n, 1 + EAS_MAX_FORWARDEES);
}

/* CAL_ATTENDEES_MAX of an event, and one more. */
static void an_event_has_room_for_so_many(void **unused)
{
	CLEANUP(buf_release) struct buf lines = BUF_INIT(1 << 20);
	const char *text;
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	buf_cstr(&lines, "ORGANIZER:mailto:ann@example.test\r\n" AT_TEN);
	for (int i = 1; i < CAL_ATTENDEES_MAX; i++)
		buf_fmt(&lines, "ATTENDEE:mailto:a%d@x.test\r\n", i);
	assert_ok(arena_cstr(&f.arena, buf_view(&lines), &text));
	add_event(&f, text);
	r = forward_event(&f, "f1", "", TO_EVE);
	assert_int_equal(r.body.n, 0);
	assert_int_equal(stored(&f).event.attendees_n, CAL_ATTENDEES_MAX);
	r = forward_event(&f, "f2", "", "55 56 58 03 'dan@x.test' 00 01 01 01 ");
	assert_status_(&r, "115", "one more");
	assert_int_equal(stored(&f).event.attendees_n, CAL_ATTENDEES_MAX);
}

/* ---- what takes a meeting away without a word ---- */

/* Page 05: MoveItems; page 14: 52 EmptyFolderContents; page 07: 54 FolderDelete. */
static void a_folder_that_is_cleared_calls_nothing_off(void **unused)
{
	FIXTURE(f);
	int64_t calendar = fixture_role(&f, FOLDER_DEFAULT_CALENDAR), item;
	int64_t other = fixture_add_folder(&f, "Other", FOLDER_CALENDAR, 0);
	struct eas_reply r;
	size_t n;

	(void)unused;
	add_event(&f, BY_ANN AT_TEN);
	item = calendar_item(&f);
	fixture_learn_hierarchy(&f);
	r = eas_phone_ask(&f.phone, "MoveItems",
			  doc(&f,
			      HEAD "00 05 45 46 47 03 '%lld:%lld' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01 01",
			      (long long)calendar, (long long)item, (long long)calendar,
			      (long long)fixture_role(&f, FOLDER_DELETED)));
	assert_status_(&r, "2", "into a folder of mails");
	r = eas_phone_ask(&f.phone, "MoveItems",
			  doc(&f,
			      HEAD "00 05 45 46 47 03 '%lld:%lld' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01 01",
			      (long long)calendar, (long long)item, (long long)calendar, (long long)other));
	assert_status_(&r, "3", "into another calendar");
	assert_int_equal(only_item(&f, other), item);
	r = eas_phone_ask(&f.phone, "ItemOperations",
			  doc(&f, HEAD "00 14 45 52 00 00 52 03 '%lld' 00 01 00 14 01 01", (long long)other));
	assert_status_(&r, "1", "emptied");
	assert_int_equal(only_item(&f, other), 0);

	add_event(&f, BY_ANN AT_TEN);
	item = calendar_item(&f);
	r = eas_phone_ask(&f.phone, "MoveItems",
			  doc(&f,
			      HEAD "00 05 45 46 47 03 '%lld:%lld' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01 01",
			      (long long)calendar, (long long)item, (long long)calendar, (long long)other));
	assert_status_(&r, "3", "into another calendar");
	r = fixture_foldersync(&f, "0");
	r = eas_phone_ask(
		&f.phone, "FolderDelete",
		doc(&f, HEAD "00 07 54 52 03 '%s' 00 01 48 03 '%lld' 00 01 01", key_of(&f, &r), (long long)other));
	assert_status_(&r, "1", "the folder goes");
	(void)queued(&f, &n);
	assert_int_equal(n, 0);
}

/* ---- another time ---- */

#define PROPOSED "DTSTART:20260717T080000Z\r\nDTEND:20260717T090000Z\r\n"
#define BOB_AND "ORGANIZER:mailto:ann@example.test\r\nATTENDEE;PARTSTAT=TENTATIVE:mailto:bob@x.test\r\n"

/*
 * MS-ASCMD_R69901704, MS-ASCMD_R69901725, MS-ASCMD_R69901710, MS-ASCMD_R69901714, MS-ASCMD_R69901731, MS-ASCMD_R69901735: the
 * organizer's phone has the proposal with the mail and with him who made it, until another time is chosen.
 */
static void a_proposal_is_shown_to_the_organizer(void **unused)
{
	static const struct {
		const char *version;
		size_t told;
	} cases[] = { { "16.1", 1 }, { "16.0", 0 }, { "14.1", 0 } };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), calendar = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
	struct eas_reply r;

	(void)unused;
	add_event(&f, BY_ANN AT_TEN);
	receive(&f, MAIL("COUNTER", BOB_AND PROPOSED));
	assert_int_equal(stored(&f).event.start.local.hour, 10);
	assert_int_equal(stored(&f).event.attendees[0].answer, CAL_ANSWER_TENTATIVE);
	assert_true(stored(&f).event.attendees[0].proposes);
	for (size_t i = 0; i < countof(cases); i++) {
		f.phone.version = cases[i].version;
		r = sync_with(&f, inbox, first_key(&f, inbox), "");
		assert_int_equal(eas_reply_count(&r, "email:MeetingRequest"), cases[i].told);
		assert_int_equal(eas_reply_count(&r, "meetingresponse:ProposedStartTime"), cases[i].told);
		r = sync_with(&f, calendar, first_key(&f, calendar), "");
		assert_int_equal(eas_reply_count(&r, "meetingresponse:ProposedEndTime"), cases[i].told);
	}
	receive(&f, MAIL("REPLY", BOB_AND AT_TEN)); /* he can come after all */
	assert_false(stored(&f).event.attendees[0].proposes);
}

/* RFC 5546 section 3.2.7: a stranger proposes nothing. The time that is chosen ends the proposal, and nobody else hears of it. */
static void a_proposal_ends_with_another_time(void **unused)
{
	CLEANUP(buf_release) struct buf moved = BUF_INIT(1 << 16), message = BUF_INIT(1 << 16);
	struct cal_edit edit = { .series = { .what = CAL_FIELD_TIMES } };
	const struct cal_message request = { .method = CAL_REQUEST, .instance_ms = INT64_MIN };
	struct str octets;
	FIXTURE(f);

	(void)unused;
	add_event(&f, BY_ANN AT_TEN);
	receive(&f, "From: eve@x.test\r\nTo: ann@example.test\r\nContent-Type: text/calendar; method=COUNTER\r\n\r\n"
		    "BEGIN:VCALENDAR\r\nMETHOD:COUNTER\r\nBEGIN:VEVENT\r\nUID:plan-1\r\n" BOB_AND PROPOSED
		    "END:VEVENT\r\nEND:VCALENDAR\r\n");
	assert_false(stored(&f).event.attendees[0].proposes);
	receive(&f, MAIL("COUNTER", BOB_AND PROPOSED));
	octets = stored_octets(&f);
	assert_true(str_find(octets, S("X-ROOST-PROPOSED")) < octets.n);
	assert_ok(cal_message_write(&f.arena, octets, &request, &message));
	assert_true(str_find(buf_view(&message), S("X-ROOST")) == message.n);
	edit.series.to.start = edit.series.to.end = stored(&f).event.start;
	assert_ok(cal_write(&f.arena, octets, &edit, &moved));
	assert_true(str_find(buf_view(&moved), S("X-ROOST-PROPOSED")) == moved.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_invitation_makes_a_tentative_event),
		cmocka_unit_test(an_accepted_meeting_is_told_to_its_organizer_once),
		cmocka_unit_test(a_meeting_is_found_in_any_calendar),
		cmocka_unit_test(an_instance_is_found_in_any_calendar),
		cmocka_unit_test(nothing_is_sent_unless_it_is_asked_for),
		cmocka_unit_test(a_declined_meeting_leaves_the_calendar),
		cmocka_unit_test(another_time_is_proposed),
		cmocka_unit_test(one_instance_is_answered_alone),
		cmocka_unit_test(an_instance_that_never_was_is_not_answered),
		cmocka_unit_test(what_is_no_invitation_is_refused),
		cmocka_unit_test(updates_and_cancellations_follow),
		cmocka_unit_test(an_update_of_the_same_sequence_is_taken_by_its_stamp),
		cmocka_unit_test(a_cancellation_for_others_is_not_the_owners),
		cmocka_unit_test(one_instance_of_an_unknown_series_is_answered),
		cmocka_unit_test(answers_of_attendees_are_noted),
		cmocka_unit_test(a_meeting_is_forwarded_once),
		cmocka_unit_test(who_gets_an_event_of_the_owners_takes_part_in_it),
		cmocka_unit_test(an_appointment_is_forwarded),
		cmocka_unit_test(one_instance_is_forwarded_alone),
		cmocka_unit_test(what_cannot_be_forwarded_says_why),
		cmocka_unit_test(what_is_forwarded_is_bounded),
		cmocka_unit_test(an_event_has_room_for_so_many),
		cmocka_unit_test(a_folder_that_is_cleared_calls_nothing_off),
		cmocka_unit_test(a_proposal_is_shown_to_the_organizer),
		cmocka_unit_test(a_proposal_ends_with_another_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
