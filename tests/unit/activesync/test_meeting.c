/* Invitations by mail as MeetingRequest, in each version. */
#include "sync_fixture.h"

#include <gateway/activesync/email_meeting.h>

#include <base/base64.h>

#define MAIL(method, event)                                                                                        \
	"From: Bob <bob@example.org>\r\nTo: ann@example.test\r\nSubject: Lunch\r\nMIME-Version: 1.0\r\n"           \
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nLunch?\r\n" \
	"--b\r\nContent-Type: text/calendar; charset=utf-8; method=" method "\r\n\r\n"                             \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:" method "\r\nBEGIN:VEVENT\r\nUID:u1@example.org\r\n"            \
	"DTSTAMP:20260101T000000Z\r\nORGANIZER;CN=Bob:mailto:bob@example.org\r\nATTENDEE;RSVP=TRUE:mailto:ann@"    \
	"example.test\r\n"                                                                                         \
	"LOCATION:Room 1\r\n" event "END:VEVENT\r\nEND:VCALENDAR\r\n\r\n--b--\r\n"

#define AT_NOON "DTSTART;TZID=Europe/Berlin:20260715T130000\r\nDTEND;TZID=Europe/Berlin:20260715T140000\r\n"

static struct eas_reply first_mail(struct fixture *f, const char *version)
{
	int64_t inbox = fixture_role(f, FOLDER_INBOX);

	f->phone.version = version;
	return sync_with(f, inbox, first_key(f, inbox), "");
}

static void assert_text(struct eas_reply *r, const char *element, const char *want)
{
	struct str got = eas_reply_text(r, element, 0);

	if (!str_eq(got, str_of(want)))
		fail_msg("%s is " STR_FMT ", not %s", element, STR_ARG(got), want);
}

/* MS-ASEMAIL_R546, MS-ASEMAIL_R896, MS-ASEMAIL_R897, MS-ASEMAIL_R908, MS-ASEMAIL_R911, MS-ASEMAIL_R1305 */
/* MS-ASCMD_R5068, MS-ASCMD_R5828; MS-ASEMAIL_R16 */
static void a_request_says_what_it_asks_to(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox,
		       S(MAIL("REQUEST", AT_NOON "BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n")));
	r = first_mail(&f, "16.1");
	assert_text(&r, "email:MessageClass", "IPM.Schedule.Meeting.Request");
	assert_text(&r, "email:ContentClass", "urn:content-classes:calendarmessage");
	assert_text(&r, "email:AllDayEvent", "0");
	assert_text(&r, "email:StartTime", "2026-07-15T11:00:00.000Z");
	assert_text(&r, "email:EndTime", "2026-07-15T12:00:00.000Z");
	assert_text(&r, "email:DtStamp", "2026-01-01T00:00:00.000Z");
	assert_text(&r, "email:InstanceType", "0");
	assert_text(&r, "airsyncbase:DisplayName", "Room 1");
	assert_text(&r, "email:Reminder", "900");
	assert_text(&r, "email:ResponseRequested", "1");
	assert_text(&r, "email:BusyStatus", "2");
	assert_text(&r, "email2:MeetingMessageType", "1");
	assert_text(&r, "calendar:UID", "u1@example.org");
	assert_int_equal(eas_reply_text(&r, "email:TimeZone", 0).n, 232);
	assert_int_equal(eas_reply_count(&r, "email:GlobalObjId"), 0);
}

/*
 * Each version has the elements that it knows: the code pages' columns, MS-ASEMAIL 2.2.2.37 and .46 to .48; MS-ASWBXML_R821 (Location),
 * MS-ASWBXML_R822 (UID for GlobalObjId), MS-ASEMAIL_R291, MS-ASEMAIL_R508.
 */
static void a_version_has_its_own_elements(void **unused)
{
	static const struct {
		const char *version;
		int global, location, proposal, type;
	} cases[] = {
		{ "2.5", 1, 1, 0, 0 },  { "12.0", 1, 1, 0, 0 }, { "12.1", 1, 1, 0, 0 }, { "14.0", 1, 1, 1, 0 },
		{ "14.1", 1, 1, 1, 1 }, { "16.0", 0, 0, 1, 1 }, { "16.1", 0, 0, 1, 1 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		struct eas_reply r;

		deliver_octets(&f, f.ann.mailbox, S(MAIL("REQUEST", AT_NOON "RRULE:FREQ=MONTHLY;BYDAY=3WE\r\n")));
		r = first_mail(&f, cases[i].version);
		assert_int_equal(eas_reply_count(&r, "email:MeetingRequest"), 1);
		assert_int_equal(eas_reply_count(&r, "email:GlobalObjId"), cases[i].global);
		assert_int_equal(eas_reply_count(&r, "calendar:UID"), !cases[i].global);
		assert_int_equal(eas_reply_count(&r, "email:Location"), cases[i].location);
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Location"), !cases[i].location);
		assert_int_equal(eas_reply_count(&r, "email:DisallowNewTimeProposal"), cases[i].proposal);
		assert_int_equal(eas_reply_count(&r, "email2:CalendarType"), cases[i].proposal);
		assert_int_equal(eas_reply_count(&r, "email2:IsLeapMonth"), cases[i].proposal);
		assert_int_equal(eas_reply_count(&r, "email2:MeetingMessageType"), cases[i].type);
	}
}

/* MS-ASEMAIL_R653, R880, R912, R369, R375, R620, R873: by Type the elements that it needs. */
static void a_series_has_its_rule(void **unused)
{
	static const struct {
		const char *rule, *type, *element, *value;
	} cases[] = {
		{ MAIL("REQUEST", AT_NOON "RRULE:FREQ=DAILY;COUNT=4\r\n"), "0", "email:Occurrences", "4" },
		{ MAIL("REQUEST", AT_NOON "RRULE:FREQ=WEEKLY\r\n"), "1", "email:DayOfWeek", "8" },
		{ MAIL("REQUEST", AT_NOON "RRULE:FREQ=MONTHLY\r\n"), "2", "email:DayOfMonth", "15" },
		{ MAIL("REQUEST", AT_NOON "RRULE:FREQ=MONTHLY;BYDAY=-1FR\r\n"), "3", "email:WeekOfMonth", "5" },
		{ MAIL("REQUEST", AT_NOON "RRULE:FREQ=YEARLY\r\n"), "5", "email:MonthOfYear", "7" },
		{ MAIL("REQUEST", AT_NOON "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\n"), "6", "email:DayOfWeek", "16" },
		{ MAIL("REQUEST", AT_NOON "RRULE:FREQ=WEEKLY;UNTIL=20261231T100000Z\r\n"), "1", "email:Until",
		  "20261230T120000Z" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		struct eas_reply r;

		deliver_octets(&f, f.ann.mailbox, str_of(cases[i].rule));
		r = first_mail(&f, "16.1");
		assert_text(&r, "email:InstanceType", "1");
		assert_text(&r, "email:Type", cases[i].type);
		assert_text(&r, "email:Interval", "1");
		assert_text(&r, cases[i].element, cases[i].value);
	}
}

/* MS-ASEMAIL_R935, MS-ASEMAIL_R936: RecurrenceId for an exception alone. What is called off is no update. */
static void exceptions_and_cancellations_say_so(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox,
		       S(MAIL("CANCEL", AT_NOON "RECURRENCE-ID:20260715T110000Z\r\nSEQUENCE:3\r\n")));
	r = first_mail(&f, "14.1");
	assert_text(&r, "email:MessageClass", "IPM.Schedule.Meeting.Canceled");
	assert_text(&r, "email:InstanceType", "3");
	assert_text(&r, "email:RecurrenceId", "2026-07-15T11:00:00.000Z");
	assert_text(&r, "email2:MeetingMessageType", "0");
	deliver_octets(&f, f.ann.mailbox, S(MAIL("CANCEL", AT_NOON "SEQUENCE:3\r\n")));
	r = first_mail(&f, "14.1"); /* both, the newer one first */
	assert_text(&r, "email:InstanceType", "0");
	assert_int_equal(eas_reply_count(&r, "email:InstanceType"), 2);
	assert_int_equal(eas_reply_count(&r, "email:RecurrenceId"), 1);
}

#define ASKED(method, who, event)                                                                                \
	"From: Bob <bob@example.org>\r\nTo: ann@example.test\r\nSubject: Lunch\r\nContent-Type: text/calendar; " \
	"method=" method "\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:" method "\r\nBEGIN:VEVENT\r\n"       \
	"UID:u1\r\nORGANIZER:mailto:bob@example.org\r\nATTENDEE;" who ":mailto:ann@example.test\r\n"             \
	"DTEND:20260715T140000Z\r\n" event "END:VEVENT\r\nEND:VCALENDAR\r\n"
#define REQUEST(event) ASKED("REQUEST", "RSVP=TRUE", event)
#define AT(stamp, hour, sequence) \
	"DTSTAMP:2026010" stamp "T000000Z\r\nDTSTART:20260715T" hour "0000Z\r\nSEQUENCE:" sequence "\r\n"

/* In the calendar, as a phone would. */
static void accept_event(struct fixture *f)
{
	long long calendar = fixture_role(f, FOLDER_DEFAULT_CALENDAR);
	struct eas_reply r = eas_phone_ask(
		&f->phone, "MeetingResponse",
		doc(f, HEAD "00 08 47 49 4C 03 '1' 00 01 46 03 '%lld' 00 01 48 03 '%lld:%lld' 00 01 01 01", calendar,
		    calendar, (long long)only_item(f, calendar)));

	assert_text(&r, "Status", "1");
}

/*
 * MS-ASEMAIL_R528, MS-ASEMAIL_R532, MS-ASEMAIL_R533, MS-ASEMAIL_R534, MS-ASEMAIL_R535, MS-ASEMAIL_R536, MS-ASEMAIL_R537,
 * MS-ASEMAIL_R539, MS-ASEMAIL_R1070
 */
static void what_kind_a_request_is_goes_by_the_calendar(void **unused)
{
	static const struct {
		const char *name, *mails[3], *types[3]; /* as they came */
		bool answered;                          /* behind the first */
	} cases[] = {
		{ "the first one, by whatever sequence", { REQUEST(AT("1", "13", "2")) }, { "1" }, false },
		{ "the same again", { REQUEST(AT("1", "13", "0")), REQUEST(AT("1", "13", "0")) }, { "1", "1" }, true },
		{ "another time", { REQUEST(AT("1", "13", "0")), REQUEST(AT("2", "12", "1")) }, { "4", "2" }, true },
		{ "another place, of what is answered",
		  { REQUEST(AT("1", "13", "0")), REQUEST(AT("2", "13", "0") "LOCATION:Bar\r\n") },
		  { "4", "3" },
		  true },
		{ "another place, of what is to be answered still",
		  { REQUEST(AT("1", "13", "0")), REQUEST(AT("2", "13", "0") "LOCATION:Bar\r\n") },
		  { "4", "2" },
		  false },
		{ "another attendee",
		  { REQUEST(AT("1", "13", "0")), REQUEST(AT("2", "13", "0") "ATTENDEE:mailto:carl@x.test\r\n") },
		  { "4", "0" },
		  true },
		{ "an older one that comes late",
		  { REQUEST(AT("2", "12", "1")), REQUEST(AT("1", "13", "0")) },
		  { "1", "4" },
		  false },
		{ "called off",
		  { REQUEST(AT("1", "13", "0")), ASKED("CANCEL", "RSVP=TRUE", AT("1", "13", "0")) },
		  { "4", "0" },
		  false },
		{ "an instance of a series that has moved",
		  { REQUEST(AT("1", "13", "0") "RRULE:FREQ=DAILY\r\n"),
		    REQUEST(AT("2", "12", "0") "RECURRENCE-ID:20260715T130000Z\r\n"),
		    REQUEST(AT("3", "12", "1") "RECURRENCE-ID:20260715T130000Z\r\nSUMMARY:New\r\n") },
		  { "1", "4", "2" },
		  true },
		{ "a series of which an instance has another text",
		  { REQUEST(AT("1", "13", "0") "RRULE:FREQ=DAILY\r\n"),
		    REQUEST(AT("2", "13",
			       "0") "RRULE:FREQ=DAILY\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
				    "ORGANIZER:mailto:bob@example.org\r\nRECURRENCE-ID:20260716T130000Z\r\n"
				    "DTSTART:20260716T130000Z\r\nDTEND:20260716T140000Z\r\nDTSTAMP:20260102T000000Z\r\n"
				    "SUMMARY:New\r\n"),
		    REQUEST(AT("3", "13", "0") "RRULE:FREQ=DAILY\r\nEXDATE:20260717T130000Z\r\n") },
		  { "4", "4", "3" },
		  true },
		{ "handed on to somebody else",
		  { ASKED("REQUEST", "PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:eve@x.test\"", AT("1", "13", "0")) },
		  { "6" },
		  false },
		{ "his own, which he is not asked by",
		  { "From: ann@example.test\r\nTo: ann@example.test\r\nContent-Type: text/calendar; "
		    "method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
		    "ORGANIZER:mailto:ann@example.test\r\n" AT("1", "13", "0") "END:VEVENT\r\nEND:VCALENDAR\r\n" },
		  { "0" },
		  false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		struct eas_reply r;
		unsigned n = 0;

		for (; n < countof(cases[i].mails) && cases[i].mails[n]; n++) {
			deliver_octets(&f, f.ann.mailbox, str_of(cases[i].mails[n]));
			if (n == 0 && cases[i].answered)
				accept_event(&f);
		}
		r = first_mail(&f, "16.1");
		assert_int_equal(eas_reply_count(&r, "email2:MeetingMessageType"), n);
		for (unsigned k = 0; k < n; k++) { /* the newest is told first */
			struct str type = eas_reply_text(&r, "email2:MeetingMessageType", n - 1 - k);

			if (!str_eq(type, str_of(cases[i].types[k])))
				fail_msg("%s: %u is " STR_FMT, cases[i].name, k, STR_ARG(type));
		}
	}
}

/* A calendar that can't be read is a mail with an attachment, and its folder goes on. */
static void a_broken_invitation_is_a_mail(void **unused)
{
	static const struct str mails[] = {
		STR_INIT("Content-Type: text/calendar; method=REQUEST\r\n\r\nno calendar\r\n"),
		STR_INIT("Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"),
		STR_INIT("Content-Type: text/calendar; method=REQUEST\r\n\r\n"),
	};
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (size_t i = 0; i < countof(mails); i++)
		deliver_octets(&f, f.ann.mailbox, mails[i]);
	r = first_mail(&f, "16.1");
	assert_int_equal(eas_reply_count(&r, "Add"), 3);
	assert_int_equal(eas_reply_count(&r, "email:MeetingRequest"), 0);
}

/* MS-ASEMAIL_R121, R20000, R20016, R20018, R20019: both forms, and the day of an instance. */
static void a_global_object_id_has_its_form(void **unused)
{
	static const char exchange[] = "040000008200E00074C5B7101A82E00800000000"
				       "0011223344556677000000000000000004000000AABBCCDD";
	struct cal_time none = { 0 }, instance = { .given = true, .local = { 2026, 7, 15, 0, 0, 0 } };
	CLEANUP(buf_release) struct buf id = BUF_INIT(1000);

	(void)unused;
	email_global_object_id(&id, S("u1"), &none);
	assert_int_equal(id.n, 40 + 8 + 4 + 2 + 1);
	assert_memory_equal(id.p, "\x04\x00\x00\x00\x82\x00\xE0\x00\x74\xC5\xB7\x10\x1A\x82\xE0\x08\x00\x00\x00\x00",
			    20);
	assert_memory_equal(id.p + 36, "\x0f\x00\x00\x00vCal-Uid\x01\x00\x00\x00u1\x00", 19);
	buf_clear(&id);
	email_global_object_id(&id, str_of(exchange), &instance);
	assert_int_equal(id.n, 44);
	assert_memory_equal(id.p + 16, "\x07\xEA\x07\x0F\x00\x11", 6);
	assert_memory_equal(id.p + 40, "\xAA\xBB\xCC\xDD", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_says_what_it_asks_to),
		cmocka_unit_test(a_version_has_its_own_elements),
		cmocka_unit_test(a_series_has_its_rule),
		cmocka_unit_test(exceptions_and_cancellations_say_so),
		cmocka_unit_test(what_kind_a_request_is_goes_by_the_calendar),
		cmocka_unit_test(a_broken_invitation_is_a_mail),
		cmocka_unit_test(a_global_object_id_has_its_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
