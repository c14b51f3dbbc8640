/* An event is forwarded (SmartForward): who is told, who takes part then, and what cannot be. */
#include "meeting_fixture.h"

#include <gateway/activesync/limits.h>
#include <gateway/mailbox/meeting.h>

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
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN "DESCRIPTION:Bring cake\r\n"));
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

/* What a phone writes itself: 25 and 30 octets. */
#define MESSAGE "50 C3 19 'To: eve@x.test' 0D 0A 0D 0A 'Do come' 01 "
#define TO_NOBODY "50 C3 1E 'Subject: Plan' 0D 0A 0D 0A 'Do come, both' 01 "

/* MS-ASCMD_R537: phones that have no Forwardees name whom it is for in their message. */
static void an_event_is_forwarded_by_a_message(void **unused)
{
	static const char *const versions[] = { "14.0", "14.1", "16.1" };

	(void)unused;
	for (size_t i = 0; i < countof(versions); i++) {
		FIXTURE(f);
		struct eas_reply r;
		struct str out;
		size_t n;

		receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN "DESCRIPTION:Bring cake\r\n"));
		f.phone.version = versions[i];
		r = forward_event(&f, "f0", "", TO_NOBODY);
		assert_status_(&r, "116", versions[i]);
		for (int again = 0; again < 2; again++)
			r = forward_event(&f, "f1", "", MESSAGE);
		assert_status_(&r, "118", versions[i]);
		out = queued(&f, &n);
		assert_int_equal(n, 1);
		assert_true(says(out, "METHOD:REQUEST") && says(out, "ORGANIZER;CN=Bob:mailto:bob@x.test"));
		assert_true(says(out, "To: eve@x.test") && says(out, "Do come\r\n\r\nBring cake"));
		assert_int_equal(stored(&f).event.attendees_n, 1);
	}
}

/* Its calendar is no attachment, and goes on all the same. */
static void a_forwarded_invitation_stays_one(void **unused)
{
	static const char *const mails[] = {
		MAIL("REQUEST", BY_BOB EVENT_AT_TEN),
		"From: bob@x.test\r\nTo: ann@example.test\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee "
		"you\r\n"
		"--b\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n"
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:plan-1\r\nSUMMARY:Plan\r\n"
		"DTSTAMP:20260701T000000Z\r\n" BY_BOB EVENT_AT_TEN "END:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n",
	};

	(void)unused;
	for (size_t i = 0; i < countof(mails); i++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		struct eas_reply r;
		struct str out;
		size_t n;

		receive(&f, mails[i]);
		f.phone.version = "14.1";
		r = forward(&f, "f1", inbox, only_item(&f, inbox), "", MESSAGE);
		assert_int_equal(r.body.n, 0);
		out = queued(&f, &n);
		assert_int_equal(n, 1);
		assert_true(says(out, "Content-Type: text/calendar; method=REQUEST; charset=utf-8"));
		assert_true(says(out, "ORGANIZER;CN=Bob:mailto:bob@x.test") && says(out, "Do come"));
	}
}

static void who_gets_an_event_of_the_owners_takes_part_in_it(void **unused)
{
	FIXTURE(f);
	struct cal_series s;
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)unused;
	add_event(&f, BY_ANN EVENT_AT_TEN);
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
	add_event(&f, EVENT_AT_TEN);
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
	add_event(&f, BY_ANN EVENT_AT_TEN "RRULE:FREQ=WEEKLY;COUNT=5\r\nEXDATE:20260730T100000Z\r\n");
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
	receive(&f, MAIL("REQUEST", BY_BOB EVENT_AT_TEN));
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
	add_event(&f, BY_ANN EVENT_AT_TEN);
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
	buf_cstr(&lines, "ORGANIZER:mailto:ann@example.test\r\n" EVENT_AT_TEN);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_meeting_is_forwarded_once),
		cmocka_unit_test(an_event_is_forwarded_by_a_message),
		cmocka_unit_test(a_forwarded_invitation_stays_one),
		cmocka_unit_test(who_gets_an_event_of_the_owners_takes_part_in_it),
		cmocka_unit_test(an_appointment_is_forwarded),
		cmocka_unit_test(one_instance_is_forwarded_alone),
		cmocka_unit_test(what_cannot_be_forwarded_says_why),
		cmocka_unit_test(what_is_forwarded_is_bounded),
		cmocka_unit_test(an_event_has_room_for_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
