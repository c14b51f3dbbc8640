/* Invitations by mail, their answers, and what goes out (test_meeting_forward.c: what is forwarded). */
#include "meeting_fixture.h"

#include <gateway/activesync/limits.h>
#include <gateway/mailbox/event.h>
#include <gateway/mailbox/meeting.h>

/* Page 08 (MeetingResponse): 46 CollectionId, 47 MeetingResponse, 48 RequestId, 49 Request, 4C UserResponse, 4E InstanceId, 12
 * SendResponse (52 with content), 50 ProposedStartTime, 51 ProposedEndTime. */

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
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
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
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
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
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN "RECURRENCE-ID:20260716T100000Z\r\n"));
	move_event(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR), calendar_item(&f), work);
	receive(&f, MAIL_AT("20260702T000000Z", "REQUEST", BY_BOB EVENT_AT_TEN "RRULE:FREQ=DAILY;COUNT=5\r\n"));
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
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
	event = calendar_item(&f);
	move_event(&f, calendar, event, work);
	mail = only_item(&f, inbox);
	r = answer(&f, "1", inbox, mail, "12 ");
	assert_true(str_eq(eas_reply_text(&r, "CalendarId", 0),
			   str_of(commands(&f, "%lld:%lld", (long long)work, (long long)event))));
	receive(&f, MAIL_AT("20260702T000000Z", "REQUEST", BY_BOB EVENT_AT_NOON "SEQUENCE:1\r\n"));
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
		receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
		r = answer(&f, "2", inbox, only_item(&f, inbox), "");
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
		assert_int_equal(stored(&f).event.answer, CAL_ANSWER_TENTATIVE);
		(void)queued(&f, &n);
		assert_int_equal(n, 0);
	}
}

/* MS-ASCMD_R5072, MS-ASCMD_R837 */
static void a_declined_meeting_leaves_the_calendar(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
	/* From the calendar, as iOS does. */
	r = answer(&f, "3", fixture_role(&f, FOLDER_DEFAULT_CALENDAR), calendar_item(&f), "12 ");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_int_equal(eas_reply_count(&r, "CalendarId"), 0);
	assert_int_equal(calendar_item(&f), 0);
	out = queued(&f, &n);
	assert_true(n == 1 && str_find(out, S("PARTSTAT=DECLINED")) < out.n);
}

/* The request that is answered again, since the answer was lost, makes the event anew, and tells nobody. */
static void who_has_declined_is_heard_once_until_he_comes_back(void **unused)
{
	static const struct {
		const char *response;
		bool again;  /* another request comes before */
		size_t told; /* in all, behind it */
	} steps[] = {
		{ "2", false, 1 }, { "3", false, 2 }, { "3", false, 2 }, { "1", false, 3 }, { "3", false, 4 },
		{ "3", false, 4 }, { "3", false, 4 }, { "3", true, 5 },  { "3", false, 5 },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), mail;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
	mail = only_item(&f, inbox);
	for (size_t i = 0; i < countof(steps); i++) {
		struct eas_reply r;

		if (steps[i].again) {
			receive(&f, MAIL_AT("20260702T000000Z", "REQUEST", BY_BOB EVENT_AT_NOON));
			mail = only_item(&f, inbox);
		}
		r = answer(&f, steps[i].response, inbox, mail, "12 ");
		assert_status_(&r, "1", steps[i].response);
		assert_int_equal(eas_reply_count(&r, "CalendarId"), *steps[i].response != '3');
		assert_int_equal(calendar_item(&f) != 0, *steps[i].response != '3');
		(void)queued(&f, &n);
		assert_int_equal(n, steps[i].told);
	}
}

/* One instance of a series that he was not invited to is not another one of it. */
static void each_instance_that_came_alone_is_declined_by_itself(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN "RECURRENCE-ID:20260716T100000Z\r\n"));
	r = answer(&f, "3", inbox, only_item(&f, inbox), "12 ");
	assert_status_(&r, "1", "the first");
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN "RECURRENCE-ID:20260717T100000Z\r\n"));
	r = answer(&f, "3", inbox, only_item(&f, inbox), "12 ");
	assert_status_(&r, "1", "the second");
	(void)queued(&f, &n);
	assert_int_equal(n, 2);
}

static void another_time_is_proposed(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
	r = answer(&f, "2", inbox, only_item(&f, inbox),
		   "52 " T("50", "20260717T080000Z") T("51", "20260717T090000Z") "01 ");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	out = queued(&f, &n);
	assert_true(n == 1 && str_find(out, S("METHOD:COUNTER")) < out.n &&
		    str_find(out, S("20260717T080000Z")) < out.n &&
		    str_find(out, S("X-MS-OLK-ORIGINALSTART:20260716T100000Z")) < out.n);
	assert_int_equal(stored(&f).event.start.local.day, 16);
}

/* MS-ASCMD_R3191, MS-ASCMD_R3195. */
static void one_instance_is_answered_alone(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), mail;
	struct eas_reply r;
	struct cal_series s;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN "RRULE:FREQ=WEEKLY;COUNT=5\r\n"));
	mail = only_item(&f, inbox);
	r = answer(&f, "1", inbox, mail, T("4E", "soon"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("104")));
	r = answer(&f, "1", inbox, mail, T("4E", "20260723T100000Z") "12 ");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "InstanceId", 0), S("2026-07-23T10:00:00.000Z"))); /* MS-ASCMD_R6708 */
	s = stored(&f);
	assert_int_equal(s.event.answer, CAL_ANSWER_NONE);
	assert_int_equal(s.exceptions_n, 1);
	assert_int_equal(s.exceptions[0].answer, CAL_ANSWER_ACCEPTED);
}

/* MS-ASCMD_R3196, by the mail and by the event. */
static void an_instance_of_what_does_not_recur_is_status_146(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), calendar = fixture_role(&f, FOLDER_DEFAULT_CALENDAR), mail;
	struct eas_reply r;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
	mail = only_item(&f, inbox);
	for (int i = 0; i < 2; i++) {
		r = answer(&f, "1", i ? calendar : inbox, i ? calendar_item(&f) : mail,
			   T("4E", "2026-07-16T10:00:00.000Z") "12 ");
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("146")));
		assert_true(str_eq(eas_reply_text(&r, "InstanceId", 0), S("2026-07-16T10:00:00.000Z")));
	}
	assert_int_equal(only_item(&f, inbox), mail);
	(void)queued(&f, &n);
	assert_int_equal(n, 0);
	assert_int_equal(stored(&f).event.answer, CAL_ANSWER_NONE);
}

/* One that the series never had makes no exception; one that was declined is answered otherwise. */
static void an_instance_that_never_was_is_not_answered(void **unused)
{
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR), event;
	struct eas_reply r;
	size_t n;

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN "RRULE:FREQ=WEEKLY;COUNT=5\r\n"));
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

/* MS-ASCMD_R5650: a hundred, and one more; in 12.1 an HTTP status. */
static void a_request_has_a_hundred_answers_at_most(void **unused)
{
	static const struct {
		const char *version;
		unsigned answers;
		int http;
		const char *status;
		unsigned results;
	} cases[] = { { "16.1", EAS_MAX_MEETING_RESPONSES, 200, "2", EAS_MAX_MEETING_RESPONSES },
		      { "16.1", EAS_MAX_MEETING_RESPONSES + 1, 200, "103", 1 },
		      { "14.0", EAS_MAX_MEETING_RESPONSES + 1, 200, "103", 1 },
		      { "12.1", EAS_MAX_MEETING_RESPONSES + 1, 400, NULL, 0 } };
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 16);
		struct eas_reply r;

		buf_cstr(&b, HEAD "00 08 47 ");
		for (unsigned n = 0; n < cases[i].answers; n++)
			buf_cstr(&b, "49 " T("4C", "1") T("46", "1") T("48", "1:99") "01 ");
		buf_cstr(&b, "01");
		buf_char(&b, '\0');
		f.phone.version = cases[i].version;
		r = eas_phone_ask(&f.phone, "MeetingResponse", doc(&f, "%s", b.p));
		assert_int_equal(r.status, cases[i].http);
		if (cases[i].status)
			assert_true(str_eq(eas_reply_text(&r, "Status", 0), str_of(cases[i].status)));
		assert_int_equal(eas_reply_count(&r, "Result"), cases[i].results);
	}
}

/* A new time is to be answered anew; an old mail that comes late changes nothing. */
static void updates_and_cancellations_follow(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
	(void)answer(&f, "1", inbox, only_item(&f, inbox), "");
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_NOON "SEQUENCE:2\r\n"));
	assert_int_equal(stored(&f).event.answer, CAL_ANSWER_NONE);
	assert_int_equal(stored(&f).event.start.local.hour, 12);
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN "SEQUENCE:1\r\n"));
	assert_int_equal(stored(&f).event.start.local.hour, 12);
	receive(&f, MAIL("CANCEL", "ORGANIZER:mailto:eve@x.test\r\n" EVENT_AT_NOON "SEQUENCE:9\r\n"));
	assert_false(stored(&f).event.cancelled);
	receive(&f, MAIL("CANCEL", BY_BOB EVENT_AT_NOON "SEQUENCE:3\r\n"));
	assert_true(stored(&f).event.cancelled);
	assert_int_equal(stored(&f).event.busy, CAL_FREE);
}

/* RFC 5546 section 2.1.5: of one SEQUENCE the later stamp counts, and an answer between them is no stamp. */
static void an_update_of_the_same_sequence_is_taken_by_its_stamp(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
	(void)answer(&f, "1", inbox, only_item(&f, inbox), "");
	receive(&f, MAIL_AT("20260702T000000Z", "REQUEST", BY_BOB EVENT_AT_TEN "LOCATION:Hall\r\n"));
	assert_true(str_eq(stored(&f).event.location, S("Hall")));
	assert_int_equal(stored(&f).event.answer, CAL_ANSWER_ACCEPTED);
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN "LOCATION:Cellar\r\n"));
	assert_true(str_eq(stored(&f).event.location, S("Hall")));
}

static void a_cancellation_for_others_is_not_the_owners(void **unused)
{
	FIXTURE(f);

	(void)unused;
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
	receive(&f, MAIL("CANCEL", "ORGANIZER:mailto:bob@x.test\r\nATTENDEE:mailto:eve@x.test\r\n" EVENT_AT_TEN
				   "SEQUENCE:1\r\n"));
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
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN "RECURRENCE-ID:20260716T100000Z\r\n"));
	r = answer(&f, "1", inbox, only_item(&f, inbox), "12 ");
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_int_equal(stored(&f).event.answer, CAL_ANSWER_ACCEPTED);
	out = queued(&f, &n);
	assert_true(n == 1 && str_find(out, S("RECURRENCE-ID:20260716T100000Z")) < out.n);
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_NOON "RECURRENCE-ID:20260716T100000Z\r\nSEQUENCE:1\r\n"));
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
	receive(&f, MAIL("REPLY", EVENT_AT_TEN
			 "ORGANIZER:mailto:ann@example.test\r\nATTENDEE;PARTSTAT=DECLINED:mailto:bob@x.test\r\n"));
	assert_int_equal(stored(&f).event.attendees[0].answer, CAL_ANSWER_DECLINED);
	receive(&f, MAIL("REPLY", EVENT_AT_TEN "SEQUENCE:-1\r\nORGANIZER:mailto:ann@example.test\r\n"
					       "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@x.test\r\n"));
	assert_int_equal(stored(&f).event.attendees[0].answer, CAL_ANSWER_DECLINED); /* to a former time */
	receive(&f, MAIL("REPLY", EVENT_AT_TEN
			 "ORGANIZER:mailto:ann@example.test\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:eve@x.test\r\n"));
	assert_int_equal(stored(&f).event.attendees_n, 1);
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
	add_event(&f, BY_ANN EVENT_AT_TEN);
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

	add_event(&f, BY_ANN EVENT_AT_TEN);
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
	add_event(&f, BY_ANN EVENT_AT_TEN);
	receive(&f, MAIL("COUNTER", BOB_AND PROPOSED));
	assert_int_equal(stored(&f).event.start.local.hour, 10);
	assert_int_equal(stored(&f).event.attendees[0].answer, CAL_ANSWER_TENTATIVE);
	assert_true(stored(&f).event.attendees[0].proposes);
	for (size_t i = 0; i < countof(cases); i++) {
		f.phone.version = cases[i].version;
		r = sync_with(&f, inbox, first_key(&f, inbox), "");
		assert_int_equal(eas_reply_count(&r, "email:MeetingRequest"), cases[i].told);
		assert_int_equal(eas_reply_count(&r, "meetingresponse:ProposedStartTime"), cases[i].told);
		assert_int_equal(eas_reply_count(&r, "meetingresponse:ProposedEndTime"), cases[i].told);
		r = sync_with(&f, calendar, first_key(&f, calendar), "");
		assert_int_equal(eas_reply_count(&r, "meetingresponse:ProposedStartTime"), cases[i].told);
		assert_int_equal(eas_reply_count(&r, "meetingresponse:ProposedEndTime"), cases[i].told);
	}
	receive(&f, MAIL("REPLY", BOB_AND EVENT_AT_TEN)); /* he can come after all */
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
	add_event(&f, BY_ANN EVENT_AT_TEN);
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
		cmocka_unit_test(who_has_declined_is_heard_once_until_he_comes_back),
		cmocka_unit_test(each_instance_that_came_alone_is_declined_by_itself),
		cmocka_unit_test(another_time_is_proposed),
		cmocka_unit_test(one_instance_is_answered_alone),
		cmocka_unit_test(an_instance_of_what_does_not_recur_is_status_146),
		cmocka_unit_test(an_instance_that_never_was_is_not_answered),
		cmocka_unit_test(what_is_no_invitation_is_refused),
		cmocka_unit_test(a_request_has_a_hundred_answers_at_most),
		cmocka_unit_test(updates_and_cancellations_follow),
		cmocka_unit_test(an_update_of_the_same_sequence_is_taken_by_its_stamp),
		cmocka_unit_test(a_cancellation_for_others_is_not_the_owners),
		cmocka_unit_test(one_instance_of_an_unknown_series_is_answered),
		cmocka_unit_test(answers_of_attendees_are_noted),
		cmocka_unit_test(a_folder_that_is_cleared_calls_nothing_off),
		cmocka_unit_test(a_proposal_is_shown_to_the_organizer),
		cmocka_unit_test(a_proposal_ends_with_another_time),
	};

	return cmocka_run_group_tests(tests, false, NULL);
}
