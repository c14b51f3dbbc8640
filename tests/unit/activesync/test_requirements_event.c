/* Requirements of MS-ASCAL on the values of an event, its rule and its exceptions, in each version. */
#include "calendar_fixture.h"

#include <gateway/content/calendar.h>

static struct str uid_of(struct fixture *f, const char *server_id)
{
	struct cal_series s;

	assert_ok(cal_series_read(&f->arena, octets_of(f, server_id), &s));
	return s.event.uid;
}

/* ---- values ---- */

#define TIMES "<Calendar:StartTime>20260716T080000Z</><Calendar:EndTime>20260716T090000Z</><Calendar:Subject>x</>"
#define RULE(type, more) TIMES "<Calendar:Recurrence><Calendar:Type>" type "</>" more "</>"
#define DAY_OF_WEEK "<Calendar:DayOfWeek>16</>"
#define DAY_OF_MONTH "<Calendar:DayOfMonth>16</>"
#define MONTH "<Calendar:MonthOfYear>7</>"
#define WEEK "<Calendar:WeekOfMonth>3</>"
#define CALENDAR_TYPE(n) "<Calendar:CalendarType>" n "</>"
#define TWO_CALENDARS CALENDAR_TYPE("0") CALENDAR_TYPE("0")
#define ATTENDEE(more) "<Calendar:Attendee><Calendar:Email>bob@example.org</><Calendar:Name>Bob</>" more "</>"

/* What says too much or what there is not: Status 6, and nothing is kept. */
static void values_out_of_range_are_status_6(void **unused)
{
	static const char *const cases[] = {
		/* MS-ASCAL_R53912 */
		RULE("2", DAY_OF_MONTH TWO_CALENDARS), RULE("3", DAY_OF_WEEK WEEK TWO_CALENDARS),
		RULE("5", DAY_OF_MONTH MONTH TWO_CALENDARS), RULE("6", DAY_OF_WEEK WEEK MONTH TWO_CALENDARS),
		/* MS-ASCAL_R53913, MS-ASCAL_R152, MS-ASCAL_R156, MS-ASCAL_R160, MS-ASCAL_R164, MS-ASCAL_R167, MS-ASCAL_R170, MS-ASCAL_R174, MS-ASCAL_R146 */
		RULE("2", DAY_OF_MONTH CALENDAR_TYPE("13")), RULE("2", DAY_OF_MONTH CALENDAR_TYPE("16")),
		RULE("2", DAY_OF_MONTH CALENDAR_TYPE("17")), RULE("2", DAY_OF_MONTH CALENDAR_TYPE("18")),
		RULE("2", DAY_OF_MONTH CALENDAR_TYPE("19")), RULE("2", DAY_OF_MONTH CALENDAR_TYPE("21")),
		RULE("2", DAY_OF_MONTH CALENDAR_TYPE("22")), RULE("2", DAY_OF_MONTH CALENDAR_TYPE("23")),
		RULE("2", DAY_OF_MONTH CALENDAR_TYPE("24")),
		RULE("1", DAY_OF_WEEK "<Calendar:FirstDayOfWeek>7</>"), /* MS-ASCAL_R53914, MS-ASCAL_R277 */
		/* MS-ASCAL_R53916 */
		RULE("0", DAY_OF_MONTH), RULE("1", DAY_OF_WEEK DAY_OF_MONTH), RULE("3", DAY_OF_WEEK WEEK DAY_OF_MONTH),
		RULE("6", DAY_OF_WEEK WEEK MONTH DAY_OF_MONTH),
		/* MS-ASCAL_R53917 */
		RULE("2", DAY_OF_MONTH DAY_OF_WEEK), RULE("5", DAY_OF_MONTH MONTH DAY_OF_WEEK),
		/* MS-ASCAL_R53918 */
		RULE("0", MONTH), RULE("1", DAY_OF_WEEK MONTH), RULE("2", DAY_OF_MONTH MONTH),
		RULE("3", DAY_OF_WEEK WEEK MONTH),
		/* MS-ASCAL_R53919 */
		RULE("0", WEEK), RULE("1", DAY_OF_WEEK WEEK), RULE("2", DAY_OF_MONTH WEEK),
		RULE("5", DAY_OF_MONTH MONTH WEEK),
		/* MS-ASCAL_R3893713, MS-ASCAL_R3893717, MS-ASCAL_R38948, MS-ASCAL_R38950 */
		RULE("3", DAY_OF_WEEK), RULE("3", WEEK), RULE("6", DAY_OF_WEEK MONTH), RULE("6", DAY_OF_WEEK WEEK),
		RULE("1", "<Calendar:DayOfWeek>128</>"),                 /* MS-ASCAL_R200, MS-ASCAL_R20011 */
		RULE("0", "<Calendar:Interval>1000</>"),                 /* MS-ASCAL_R28311 */
		RULE("0", "<Calendar:Occurrences>1000</>"),              /* MS-ASCAL_R345 */
		RULE("2", DAY_OF_MONTH "<Calendar:IsLeapMonth>2</>"),    /* MS-ASCAL_R292 */
		TIMES "<Calendar:Recurrence><Calendar:Interval>1</></>", /* MS-ASCAL_R374 */
		TIMES "<Calendar:AllDayEvent>2</>",                      /* MS-ASCAL_R565 */
		TIMES "<Calendar:BusyStatus>-1</>",    /* MS-ASCAL_R2235001, MS-ASCAL_R2043001, MS-ASCAL_R2044001 */
		TIMES "<Calendar:MeetingStatus>16</>", /* MS-ASCAL_R309 */
		TIMES "<Calendar:Attendees>" ATTENDEE("<Calendar:AttendeeStatus>6</>") "</>", /* MS-ASCAL_R118 */
	};
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
	const char *key;

	(void)unused;
	f.phone.version = "14.1";
	key = first_key(&f, folder);
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = sync_command(&f, folder, &key, add_item(&f, commands(&f, "c%zu", i), cases[i]));

		if (!str_eq(eas_reply_text(&r, "Status", 1), S("6")))
			fail_msg("%s: " STR_FMT, cases[i], STR_ARG(r.xml));
	}
	assert_int_equal(only_item(&f, folder), 0);
}

/* MS-ASCAL_R2063, MS-ASCAL_R2064, MS-ASCAL_R2065, MS-ASCAL_R2066, MS-ASCAL_R2066001: one ClientUid is one event from 16.0 on. */
static void a_client_uid_says_something_from_16_0_on(void **unused)
{
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);

	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		char *xml = commands(&f, TIMES "<Calendar:ClientUid>client-%d</>", (int)v);
		const char *key, *first, *second;
		struct str uids[2];

		f.phone.version = eas_version_text(v).p;
		key = first_key(&f, folder);
		first = added_item(&f, folder, &key, "c1", xml);
		uids[0] = uid_of(&f, first);
		second = added_item(&f, folder, &key, "c2", xml);
		uids[1] = uid_of(&f, second);
		assert_int_equal(str_eq(uids[0], uids[1]), v >= EAS_16_0);
	}
}

/* What is added by a phone of one version, as another phone of it is told; it is deleted again. */
static struct eas_reply told_of(struct fixture *f, enum eas_version v, const char *xml)
{
	int64_t folder = fixture_role(f, FOLDER_DEFAULT_CALENDAR);
	const char *key, *id;
	struct eas_reply r;

	f->phone.version = eas_version_text(v).p;
	f->phone.device_id = "PHONE";
	key = first_key(f, folder);
	id = added_item(f, folder, &key, "c1", xml);
	f->phone.device_id = "ANOTHER";
	r = shown(f, f->phone.version);
	f->phone.device_id = "PHONE";
	sync_command(f, folder, &key, delete_item(f, id));
	return r;
}

static void assert_told(const struct eas_reply *r, const char *elements)
{
	struct str rest = str_of(elements), part;

	while (str_cut(&rest, ' ', &part)) {
		CLEANUP(buf_release) struct buf wanted = BUF_INIT(200);

		buf_fmt(&wanted, "<calendar:" STR_FMT "<", STR_ARG(part));
		if (str_find(r->xml, buf_view(&wanted)) == r->xml.n)
			fail_msg("no " STR_FMT " in " STR_FMT, STR_ARG(part), STR_ARG(r->xml));
	}
}

/*
 * MS-ASCAL_R537, MS-ASCAL_R38916, MS-ASCAL_R389161, MS-ASCAL_R38929, MS-ASCAL_R38935, MS-ASCAL_R38941, MS-ASCAL_R38943,
 * MS-ASCAL_R454, MS-ASCAL_R455, MS-ASCAL_R456, MS-ASCAL_R457, MS-ASCAL_R458, MS-ASCAL_R459, MS-ASCAL_R45011: each Type with its
 * elements in every version.
 */
static void each_type_of_recurrence_is_told_in_every_version(void **unused)
{
	static const struct {
		const char *rule, *told;
		enum eas_version from;
		const char *untold;
	} cases[] = {
		{ RULE("0", "<Calendar:Interval>2</><Calendar:Occurrences>5</>"), "Type>0 Interval>2 Occurrences>5",
		  EAS_2_5, NULL },
		{ RULE("1", "<Calendar:Until>20260901T080000Z</>" DAY_OF_WEEK),
		  "Type>1 DayOfWeek>16 Until>20260901T080000Z", EAS_2_5, NULL },
		/* MS-ASTASK_R18; MS-ASCAL_R53911, MS-ASCAL_R5391111, MS-ASCAL_R341, MS-ASCAL_R467 */
		{ RULE("0", "<Calendar:Occurrences>5</><Calendar:Until>20260901T080000Z</>"), "Type>0 Occurrences>5",
		  EAS_2_5, NULL },
		{ RULE("2", DAY_OF_MONTH), "Type>2 DayOfMonth>16", EAS_2_5, NULL },
		{ RULE("3", DAY_OF_WEEK WEEK), "Type>3 DayOfWeek>16 WeekOfMonth>3", EAS_2_5, NULL },
		{ RULE("3", DAY_OF_WEEK "<Calendar:WeekOfMonth>5</>"), "WeekOfMonth>5", EAS_2_5,
		  NULL }, /* MS-ASCAL_R477 */
		{ RULE("5", DAY_OF_MONTH MONTH), "Type>5 DayOfMonth>16 MonthOfYear>7", EAS_2_5, NULL },
		{ RULE("6", DAY_OF_WEEK WEEK MONTH), "Type>6 DayOfWeek>16 WeekOfMonth>3 MonthOfYear>7", EAS_2_5, NULL },
		/* MS-ASCAL_R290, MS-ASCAL_R608: of Gregorian months none is a leap month. */
		{ RULE("5", DAY_OF_MONTH MONTH CALENDAR_TYPE("0") "<Calendar:IsLeapMonth>1</>"), "MonthOfYear>7",
		  EAS_14_0, "IsLeapMonth>1" },
		{ RULE("5", DAY_OF_MONTH MONTH CALENDAR_TYPE("15") "<Calendar:IsLeapMonth>0</>"), "CalendarType>15",
		  EAS_14_0, "IsLeapMonth>1" },
		/* MS-ASCAL_R293 */
		{ RULE("5", DAY_OF_MONTH MONTH CALENDAR_TYPE("15")), "CalendarType>15", EAS_14_0, "IsLeapMonth>1" },
		/* MS-ASCAL_R609 */
		{ RULE("5", DAY_OF_MONTH MONTH CALENDAR_TYPE("15") "<Calendar:IsLeapMonth>1</>"),
		  "CalendarType>15 IsLeapMonth>1", EAS_14_0, NULL },
	};
	FIXTURE(f);

	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++)
		for (size_t i = 0; i < countof(cases); i++) {
			struct eas_reply r;

			if (v < cases[i].from)
				continue;
			r = told_of(&f, v, cases[i].rule);
			assert_told(&r, cases[i].told);
			assert_true(!cases[i].untold || !holds(&r, cases[i].untold));
			assert_int_equal(eas_reply_count(&r, "calendar:Type"), 1);
			/* MS-ASCAL_R478111, MS-ASCAL_R478112 */
			assert_int_equal(eas_reply_count(&r, "calendar:WeekOfMonth"),
					 holds(&r, "<calendar:Type>3<") || holds(&r, "<calendar:Type>6<"));
			assert_true(eas_reply_count(&r, "calendar:Until") +
					    eas_reply_count(&r, "calendar:Occurrences") <=
				    1);
			/* MS-ASCAL_R52523: without one of the phone's it is the server's. */
			if (v >= EAS_14_1 && str_eq(eas_reply_text(&r, "calendar:Type", 0), S("1")))
				assert_int_equal(eas_reply_count(&r, "calendar:FirstDayOfWeek"), 1);
		}
}

/*
 * MS-ASCAL_R13811, MS-ASCAL_R13813, MS-ASCAL_R13814, MS-ASCAL_R2038001, MS-ASCAL_R610, MS-ASCAL_R611, MS-ASCAL_R612,
 * MS-ASCAL_R613, MS-ASCAL_R568, MS-ASCAL_R569, MS-ASCAL_R570, MS-ASCAL_R571, MS-ASCAL_R572, MS-ASCAL_R573, MS-ASCAL_R574,
 * MS-ASCAL_R575, MS-ASCAL_R100, MS-ASCAL_R101, MS-ASCAL_R182: each value comes back as it was sent.
 */
static void each_value_comes_back(void **unused)
{
#define FROM_BOB "<Calendar:OrganizerEmail>bob@example.org</>"
#define PERSON(status, type)                                                           \
	TIMES "<Calendar:Attendees>" ATTENDEE("<Calendar:AttendeeStatus>" status "</>" \
					      "<Calendar:AttendeeType>" type "</>") "</>"
	static const struct {
		const char *sent, *told;
		enum eas_version in;
	} cases[] = {
		{ TIMES "<Calendar:BusyStatus>0</>", "BusyStatus>0", EAS_14_1 },
		{ TIMES "<Calendar:BusyStatus>2</>", "BusyStatus>2", EAS_14_1 },
		{ TIMES "<Calendar:BusyStatus>3</>", "BusyStatus>3", EAS_14_1 },
		{ TIMES "<Calendar:BusyStatus>4</>", "BusyStatus>4", EAS_16_1 },
		{ TIMES "<Calendar:Sensitivity>0</>", "Sensitivity>0", EAS_14_1 },
		{ TIMES "<Calendar:Sensitivity>1</>", "Sensitivity>1", EAS_14_1 },
		{ TIMES "<Calendar:Sensitivity>2</>", "Sensitivity>2", EAS_14_1 },
		{ TIMES "<Calendar:Sensitivity>3</>", "Sensitivity>3", EAS_14_1 },
		{ PERSON("0", "1"), "Email>bob@example.org Name>Bob AttendeeStatus>0 AttendeeType>1", EAS_14_1 },
		{ PERSON("2", "2"), "AttendeeStatus>2 AttendeeType>2", EAS_14_1 },
		{ PERSON("3", "3"), "AttendeeStatus>3 AttendeeType>3", EAS_14_1 },
		{ PERSON("4", "1"), "AttendeeStatus>4", EAS_12_0 },
		{ PERSON("5", "1"), "AttendeeStatus>5 DisallowNewTimeProposal>0", EAS_14_1 }, /* MS-ASCAL_R214 */
		{ TIMES "<Calendar:Categories><Calendar:Category>Farm</></>", "Category>Farm", EAS_14_1 },
		/* MS-ASCAL_R315, MS-ASCAL_R316, MS-ASCAL_R317, MS-ASCAL_R318: 8 says no more. */
		{ PERSON("0", "1") "<Calendar:MeetingStatus>9</>", "MeetingStatus>1", EAS_14_1 },
		{ PERSON("0", "1") FROM_BOB "<Calendar:MeetingStatus>11</>", "MeetingStatus>3", EAS_14_1 },
		{ PERSON("0", "1") "<Calendar:MeetingStatus>13</>", "MeetingStatus>5", EAS_14_1 },
		{ PERSON("0", "1") FROM_BOB "<Calendar:MeetingStatus>15</>", "MeetingStatus>7", EAS_14_1 },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = told_of(&f, cases[i].in, cases[i].sent);

		assert_told(&r, cases[i].told);
	}
}

/* MS-ASCAL_R2235, MS-ASCAL_R2043, MS-ASCAL_R2044: who works elsewhere is free to phones that don't know of it. */
static void working_elsewhere_is_told_from_16_0_on(void **unused)
{
	FIXTURE(f);

	(void)unused;
	put_octets(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR),
		   CALENDAR(MEETING("w1", "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE\r\n")));
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		struct eas_reply r = shown(&f, eas_version_text(v).p);

		assert_element(&r, "BusyStatus", v < EAS_16_0 ? "0" : "4");
	}
}

/* MS-ASCAL_R310, MS-ASCAL_R311, MS-ASCAL_R312, MS-ASCAL_R313, MS-ASCAL_R314 */
static void a_meeting_says_whose_it_is_and_whether_it_is(void **unused)
{
#define EVENT(organizer, lines)                                                                      \
	CALENDAR("BEGIN:VEVENT\r\nUID:s\r\nDTSTAMP:20260701T000000Z\r\nDTSTART:20260716T080000Z\r\n" \
		 "DTEND:20260716T090000Z\r\n" organizer lines "END:VEVENT\r\n")
#define OWN "ORGANIZER:mailto:ann@example.test\r\nATTENDEE:mailto:bob@example.org\r\n"
#define OTHERS "ORGANIZER:mailto:bob@example.org\r\nATTENDEE:mailto:ann@example.test\r\n"
	static const struct {
		const char *octets, *status;
	} cases[] = {
		{ EVENT("", ""), "0" },
		{ EVENT(OWN, ""), "1" },
		{ EVENT(OTHERS, ""), "3" },
		{ EVENT(OWN, "STATUS:CANCELLED\r\n"), "5" },
		{ EVENT(OTHERS, "STATUS:CANCELLED\r\n"), "7" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		struct eas_reply r;

		put_octets(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR), cases[i].octets);
		r = shown(&f, "16.1");
		assert_element(&r, "MeetingStatus", cases[i].status);
		/* MS-ASCAL_R52522: nobody has answered. */
		assert_int_equal(eas_reply_count(&r, "calendar:AppointmentReplyTime"), 0);
	}
}

/*
 * All that a place has (MS-ASAIRS 2.2.2.28), from 16.0 on; MS-ASCAL_R2134, MS-ASCAL_R2134001, MS-ASCAL_R2135,
 * MS-ASCAL_R2135001, MS-ASWBXML_R824: as Location of AirSyncBase alone.
 */
static void a_place_comes_back_with_all_its_parts(void **unused)
{
	static const char *const parts[][2] = {
		{ "DisplayName", "Coop" },
		{ "Annotation", "behind the barn" },
		{ "Street", "Main St 1" },
		{ "City", "Lyon" },
		{ "State", "Rhone" },
		{ "Country", "France" },
		{ "PostalCode", "69001" },
		{ "Latitude", "45.75" },
		{ "Longitude", "4.85" },
		{ "Accuracy", "12" },
		{ "Altitude", "173" },
		{ "AltitudeAccuracy", "3" },
		{ "LocationUri", "https://example.org/coop" },
	};
	FIXTURE(f);
	CLEANUP(buf_release) struct buf xml = BUF_INIT(4096);
	const char *text;

	(void)unused;
	buf_cstr(&xml, TIMES "<AirSyncBase:Location>");
	for (size_t i = 0; i < countof(parts); i++)
		buf_fmt(&xml, "<AirSyncBase:%s>%s</>", parts[i][0], parts[i][1]);
	buf_cstr(&xml, "</>");
	assert_ok(arena_cstr(&f.arena, buf_view(&xml), &text));
	for (enum eas_version v = EAS_16_0; v < EAS_VERSION_MAX_; v++) {
		struct eas_reply r = told_of(&f, v, text);

		for (size_t i = 0; i < countof(parts); i++)
			assert_element(&r, parts[i][0], parts[i][1]);
		assert_int_equal(eas_reply_count(&r, "calendar:Location"), 0);
	}
}

/* ---- exceptions ---- */

#define LINKS "X-MICROSOFT-CONFERENCETELURI:sip:bob\r\nX-GOOGLE-CONFERENCE:https://meet.example.org/eggs\r\n"

/*
 * MS-ASCAL_R82, MS-ASCAL_R135, MS-ASCAL_R238, MS-ASCAL_R298, MS-ASCAL_R306, MS-ASCAL_R394, MS-ASCAL_R425, MS-ASCAL_R436, MS-ASCAL_R442: what an
 * exception does not say is as in the series, here one of which nothing but the reminder is said. MS-ASCAL_R210: another is
 * deleted.
 */
static void what_an_exception_does_not_say_is_as_in_the_series(void **unused)
{
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
	const struct cal_event *x;
	struct cal_series s;
	const char *key, *id;

	(void)unused;
	f.phone.version = "14.1";
	key = first_key(&f, folder);
	id = added_item(&f, folder, &key, "c1",
			RULE("0", "<Calendar:Occurrences>9</>") "<Calendar:Location>Coop</><Calendar:BusyStatus>3</>"
								"<Calendar:Sensitivity>2</><Calendar:MeetingStatus>5</"
								"><Calendar:Reminder>15</"
								"><Calendar:Exceptions><Calendar:Exception>"
								"<Calendar:ExceptionStartTime>20260717T080000Z</"
								"><Calendar:Reminder>30</></>"
								"<Calendar:Exception><Calendar:ExceptionStartTime>"
								"20260718T080000Z</><Calendar:Subject>y</></>"
								"<Calendar:Exception><Calendar:ExceptionStartTime>"
								"20260719T080000Z</><Calendar:Deleted>1</></></>");
	assert_ok(cal_series_read(&f.arena, octets_of(&f, id), &s));
	assert_int_equal(s.exceptions_n, 2);
	assert_int_equal(s.deleted_n, 1);
	x = &s.exceptions[0];
	assert_int_equal(x->reminder_s, 30 * 60);
	assert_true(str_eq(x->summary, S("x")) && str_eq(x->location, S("Coop")));
	assert_int_equal(x->busy, CAL_OUT);
	assert_true(x->cancelled);
	assert_int_equal(x->sensitivity, CAL_PRIVATE);
	assert_int_equal(x->start.utc_ms - s.event.start.utc_ms, INT64_C(24) * 3600 * 1000);
	assert_int_equal(x->end.utc_ms - x->start.utc_ms, 3600 * 1000);
	assert_false(x->start.is_date);
	assert_true(str_eq(s.exceptions[1].summary, S("y")));
	assert_int_equal(s.exceptions[1].reminder_s, 15 * 60);
}

/*
 * MS-ASCAL_R2202, MS-ASCAL_R2097, MS-ASCAL_R2114, MS-ASCAL_R2180: another time or rule of the series takes its exceptions away;
 * saying the same times again does not.
 */
static void another_time_of_a_series_ends_its_exceptions(void **unused)
{
	static const struct {
		const char *change;
		bool ends;
	} cases[] = {
		{ "<Calendar:StartTime>20260716T080000Z</><Calendar:EndTime>20260716T090000Z</>", false },
		{ "<Calendar:Subject>z</>", false },
		{ "<Calendar:StartTime>20260716T073000Z</><Calendar:EndTime>20260716T090000Z</>", true },
		{ "<Calendar:EndTime>20260716T100000Z</>", true },
		{ "<Calendar:Recurrence><Calendar:Type>0</><Calendar:Interval>2</></>", true },
	};
	static const char *const versions[] = { "16.0", "16.1" };

	(void)unused;
	for (size_t i = 0; i < countof(cases) * countof(versions); i++) {
		FIXTURE(f);
		int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
		struct cal_series s;
		const char *key, *id;

		f.phone.version = versions[i % 2];
		key = first_key(&f, folder);
		id = added_item(&f, folder, &key, "c1", RULE("0", "<Calendar:Occurrences>9</>"));
		sync_command(&f, folder, &key,
			     commands(&f, "56 48 4D 03 '%s' 00 01 %s 5D %s 01 01 01", id,
				      elements(&f, "<AirSyncBase:InstanceId>20260717T080000Z</>"),
				      elements(&f, "<Calendar:Subject>y</>")));
		sync_command(&f, folder, &key,
			     commands(&f, "56 49 4D 03 '%s' 00 01 %s 01 01", id,
				      elements(&f, "<AirSyncBase:InstanceId>20260718T080000Z</>")));
		sync_command(&f, folder, &key, change_item(&f, id, cases[i / 2].change));
		assert_ok(cal_series_read(&f.arena, octets_of(&f, id), &s));
		if (s.exceptions_n != !cases[i / 2].ends || s.deleted_n != !cases[i / 2].ends)
			fail_msg("%s in %s: %zu, %zu", cases[i / 2].change, f.phone.version, s.exceptions_n,
				 s.deleted_n);
	}
}

/*
 * MS-ASCAL_R2185: that an exception has no reminder can't be said before 14.1; MS-ASCAL_R2023: its attendees can't before 14.0.
 * MS-ASCAL_R2106, MS-ASCAL_R264, MS-ASCAL_R2098, MS-ASCAL_R246: which one it is, by the element of the version. MS-ASCAL_R525221,
 * MS-ASCAL_R52522111: none of it has been answered. MS-ASCAL_R3951111: no reminder is an empty element.
 */
static void an_exception_is_told_as_its_version_can(void **unused)
{
	FIXTURE(f);

	(void)unused;
	put_octets(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR),
		   CALENDAR(MEETING("m2", "RRULE:FREQ=DAILY;COUNT=3\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\n"
					  "TRIGGER:-PT15M\r\nEND:VALARM\r\n") EXCEPTION
			    "SUMMARY:Eggs\r\nATTENDEE:mailto:zoe@example.net\r\nEND:VEVENT\r\n"));
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		struct eas_reply r = shown(&f, eas_version_text(v).p);
		struct str exception = exception_of(&r);

		assert_int_equal(count_in(exception, "<calendar:Reminder/>"), v >= EAS_14_1);
		assert_int_equal(count_in(exception, "AppointmentReplyTime"), 0);
		assert_int_equal(count_in(exception, "<calendar:Attendees>"), v >= EAS_14_0);
		assert_int_equal(count_in(exception, "<calendar:ExceptionStartTime>20260717T080000Z<"), v < EAS_16_0);
		assert_int_equal(count_in(exception, "<airsyncbase:InstanceId>20260717T080000Z<"), v >= EAS_16_0);
	}
}

/* What is there in some versions alone, of a series with an exception and a deleted instance, in each. */
static void a_series_is_told_in_every_version(void **unused)
{
	static const struct {
		const char *element;
		enum eas_version from;
		size_t n;
	} cases[] = {
		{ "calendar:Deleted", EAS_2_5, 1 },
		{ "calendar:Exception", EAS_2_5, 2 },
		{ "calendar:AppointmentReplyTime", EAS_14_0, 1 },
		{ "calendar:DisallowNewTimeProposal", EAS_14_0, 1 },
		{ "calendar:ResponseRequested", EAS_14_0, 1 },
		{ "calendar:ResponseType", EAS_14_0, 1 },
		{ "calendar:OnlineMeetingConfLink", EAS_14_1, 1 },
		{ "calendar:OnlineMeetingExternalLink", EAS_14_1, 1 },
	};
	FIXTURE(f);

	(void)unused;
	put_octets(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR),
		   CALENDAR(MEETING("m2", "RRULE:FREQ=DAILY;COUNT=9\r\nEXDATE:20260718T080000Z\r\n"
					  "X-ROOST-ANSWER:3\\;" ANSWERED_MS "\r\n" LINKS) EXCEPTION
			    "SUMMARY:Other\r\nX-ROOST-ANSWER:3\\;" ANSWERED_MS "\r\n" LINKS "END:VEVENT\r\n"));
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		struct eas_reply r = shown(&f, eas_version_text(v).p);

		for (size_t i = 0; i < countof(cases); i++)
			if (eas_reply_count(&r, cases[i].element) != (v < cases[i].from ? 0 : cases[i].n))
				fail_msg("%s in %s: " STR_FMT, cases[i].element, f.phone.version, STR_ARG(r.xml));
	}
}

/* MS-ASCAL_R463, MS-ASCAL_R187: of a UID 300 characters are told, and of categories 300. */
static void what_is_longest_is_told_in_part(void **unused)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(1 << 16);
	FIXTURE(f);
	struct eas_reply r;
	const char *octets;

	(void)unused;
	buf_cstr(&text, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260716T080000Z\r\nUID:");
	for (size_t i = 0; i < 400; i++)
		buf_char(&text, 'u');
	for (size_t i = 0; i < 400; i++)
		buf_fmt(&text, "\r\nCATEGORIES:c%zu", i);
	buf_cstr(&text, "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
	assert_ok(arena_cstr(&f.arena, buf_view(&text), &octets));
	put_octets(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR), octets);
	r = shown(&f, "16.1");
	assert_int_equal(eas_reply_text(&r, "calendar:UID", 0).n, 300);
	assert_int_equal(eas_reply_count(&r, "calendar:Category"), 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_out_of_range_are_status_6),
		cmocka_unit_test(a_client_uid_says_something_from_16_0_on),
		cmocka_unit_test(a_series_is_told_in_every_version),
		cmocka_unit_test(what_is_longest_is_told_in_part),
		cmocka_unit_test(each_type_of_recurrence_is_told_in_every_version),
		cmocka_unit_test(each_value_comes_back),
		cmocka_unit_test(working_elsewhere_is_told_from_16_0_on),
		cmocka_unit_test(a_meeting_says_whose_it_is_and_whether_it_is),
		cmocka_unit_test(a_place_comes_back_with_all_its_parts),
		cmocka_unit_test(what_an_exception_does_not_say_is_as_in_the_series),
		cmocka_unit_test(another_time_of_a_series_ends_its_exceptions),
		cmocka_unit_test(an_exception_is_told_as_its_version_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
