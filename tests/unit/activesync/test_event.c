/* Events from and to phones: every element, in every version; exceptions in both forms; what is left out. */
#include "meeting_fixture.h"

#include <gateway/mailbox/event.h>

/*
 * Page 00: 47 Add, 48 Change, 49 Delete, 4C ClientId, 4D ServerId, 56 Commands, 5D ApplicationData. Page 04 (Calendar): 45
 * Timezone, 46 AllDayEvent, 47 Attendees, 48 Attendee, 49 Email, 4A Name, 4B Body, 4D BusyStatus, 4E Categories, 4F Category,
 * 52 EndTime, 53 Exception, 54 Exceptions, 55 Deleted, 56 ExceptionStartTime, 57 Location, 58 MeetingStatus, 59
 * OrganizerEmail, 5A OrganizerName, 5B Recurrence, 5C Type, 5D Until, 5E Occurrences, 5F Interval, 60 DayOfWeek, 61
 * DayOfMonth, 62 WeekOfMonth, 63 MonthOfYear, 64 Reminder, 65 Sensitivity, 66 Subject, 67 StartTime, 68 UID, 69
 * AttendeeStatus, 6A AttendeeType, 77 CalendarType. Page 11 (AirSyncBase): 46 Type, 4A Body, 4B Data, 50 DisplayName, 60
 * Location, 62 Street, 6D InstanceId.
 */
#define CAL "00 04 "
#define START(text) T("67", text)
#define END(text) T("52", text)
#define SUBJECT(text) T("66", text)
#define AT_TEN START("20260716T080000Z") END("20260716T090000Z")
/* Europe/Berlin */
#define ZONE                                                                                                 \
	T("45", "xP///wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
		"AAAAoAAAAFAAMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
		"AAAAAAAAAAAAAAAAAAAAAAAAAAMAAAAFAAIAAAAAAAAAxP///w==")
#define WEEKLY "5B " T("5C", "1") T("5F", "1") T("60", "16") "01 "

static struct eas_reply send_commands(struct fixture *f, int64_t folder, const char *key, const char *list)
{
	return sync_with(f, folder, key, commands(f, "56 %s 01", list));
}

struct phone {
	int64_t folder;
	const char *key;
};

static struct phone begin(struct fixture *f, const char *version)
{
	struct phone p = { .folder = fixture_role(f, FOLDER_DEFAULT_CALENDAR) };

	f->phone.version = version;
	p.key = first_key(f, p.folder);
	p.key = sync_all(f, p.folder, p.key, &(size_t){ 0 });
	return p;
}

static struct eas_reply add(struct fixture *f, struct phone *p, const char *data)
{
	struct eas_reply r =
		send_commands(f, p->folder, p->key, commands(f, "47 4C 03 'c1' 00 01 5D %s 01 01 00 00", data));

	p->key = key_of(f, &r);
	return r;
}

static const char *server_id(struct fixture *f, const struct phone *p)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(100);
	const char *ret;

	buf_fmt(&b, "%lld:%lld", (long long)p->folder, (long long)only_item(f, p->folder));
	assert_ok(arena_cstr(&f->arena, buf_view(&b), &ret));
	return ret;
}

static struct eas_reply change(struct fixture *f, struct phone *p, const char *data)
{
	struct eas_reply r = send_commands(f, p->folder, p->key,
					   commands(f, "48 4D 03 '%s' 00 01 5D %s 01 01 00 00", server_id(f, p), data));

	p->key = key_of(f, &r);
	return r;
}

/* What another phone of that version sees. */
static struct eas_reply seen_by(struct fixture *f, const char *version)
{
	struct phone p = { .folder = fixture_role(f, FOLDER_DEFAULT_CALENDAR) };

	f->phone.version = version;
	f->phone.device_id = "ANOTHER";
	p.key = first_key(f, p.folder);
	f->phone.device_id = "ANOTHER";
	return sync_with(f, p.folder, p.key, "00 00");
}

static void assert_text(const struct eas_reply *r, const char *element, const char *text)
{
	if (!eas_reply_count(r, element))
		fail_msg("no %s in " STR_FMT, element, STR_ARG(r->xml));
	if (!str_eq(eas_reply_text(r, element, 0), str_of(text)))
		fail_msg("%s is " STR_FMT, element, STR_ARG(eas_reply_text(r, element, 0)));
}

static const char *const versions[] = { "2.5", "12.0", "12.1", "14.0", "14.1", "16.0", "16.1" };

/*
 * MS-ASCAL_R79, MS-ASCAL_R85, MS-ASCAL_R131, MS-ASCAL_R138, MS-ASCAL_R13812, MS-ASCAL_R428, MS-ASCAL_R434, MS-ASCAL_R46311,
 * MS-ASCAL_R2220, MS-ASCAL_R521: an event that a phone of each version adds is shown to another one of that version.
 */
static void an_event_is_added_and_shown_in_every_version(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(versions); i++) {
		FIXTURE(f);
		struct phone p = begin(&f, versions[i]);
		struct eas_reply r = add(&f, &p,
					 CAL ZONE T("46", "0") AT_TEN SUBJECT("Lunch") T("4D", "1") T("65", "2")
						 T("64", "15") "4E " T("4F", "red") T("4F", "blue") "01 ");

		assert_text(&r, "Status", "1");
		r = seen_by(&f, versions[i]);
		assert_text(&r, "calendar:Subject", "Lunch");
		assert_text(&r, "calendar:StartTime", "20260716T080000Z");
		assert_text(&r, "calendar:EndTime", "20260716T090000Z");
		assert_text(&r, "calendar:BusyStatus", "1");
		assert_text(&r, "calendar:Sensitivity", "2");
		assert_text(&r, "calendar:Reminder", "15");
		assert_text(&r, "calendar:AllDayEvent", "0");
		assert_text(&r, "calendar:MeetingStatus", "0");
		assert_int_equal(eas_reply_count(&r, "calendar:Category"), 2);
		assert_true(eas_reply_text(&r, "calendar:UID", 0).n > 10);
		assert_true(str_eq(stored(&f).event.start.tzid, S("Europe/Berlin")));
	}
}

/* MS-ASCAL_R2006, MS-ASCAL_R235, MS-ASCAL_R86, MS-ASCAL_R87: a day has a zone up to 14.1, and is the same day for all. */
static void a_whole_day_is_the_same_day_in_every_version(void **unused)
{
	static const struct {
		const char *version, *data;
	} cases[] = {
		{ "14.1", CAL ZONE T("46", "1") START("20260715T220000Z") END("20260716T220000Z") SUBJECT("Day") },
		{ "16.1", CAL T("46", "1") START("20260716T000000Z") END("20260717T000000Z") SUBJECT("Day") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		struct phone p = begin(&f, cases[i].version);
		struct eas_reply r = add(&f, &p, cases[i].data);

		assert_text(&r, "Status", "1");
		assert_true(stored(&f).event.start.is_date);
		r = seen_by(&f, "16.1");
		assert_text(&r, "calendar:StartTime", "20260716T000000Z");
		assert_text(&r, "calendar:EndTime", "20260717T000000Z");
		assert_text(&r, "calendar:AllDayEvent", "1");
		assert_int_equal(eas_reply_count(&r, "calendar:Timezone"), 0);
	}
}

static void assert_elements_of_type(const struct eas_reply *r)
{
	static const struct {
		bool day_of_month, day_of_week, week, month, calendar;
	} wanted[] = {
		{ false, false, false, false, false }, { false, true, false, false, false },
		{ true, false, false, false, true },   { false, true, true, false, true },
		{ false, false, false, false, false }, { true, false, false, true, true },
		{ false, true, true, true, true },
	};
	size_t type = (size_t)(eas_reply_text(r, "calendar:Type", 0).p[0] - '0');

	assert_int_equal(eas_reply_count(r, "calendar:DayOfMonth"), wanted[type].day_of_month);
	assert_int_equal(eas_reply_count(r, "calendar:DayOfWeek"), wanted[type].day_of_week);
	assert_int_equal(eas_reply_count(r, "calendar:WeekOfMonth"), wanted[type].week);
	assert_int_equal(eas_reply_count(r, "calendar:MonthOfYear"), wanted[type].month);
	assert_int_equal(eas_reply_count(r, "calendar:CalendarType"), wanted[type].calendar);
}

/*
 * Each type has its elements and no others. MS-ASCAL_R143, MS-ASCAL_R14311, MS-ASCAL_R14312, MS-ASCAL_R14313 (CalendarType),
 * MS-ASCAL_R19011, MS-ASCAL_R19012, MS-ASCAL_R19411, MS-ASCAL_R19412, MS-ASCAL_R19511, MS-ASCAL_R19512, MS-ASCAL_R19513,
 * MS-ASCAL_R19514 (DayOfMonth), MS-ASCAL_R20411, MS-ASCAL_R20412, MS-ASCAL_R20413, MS-ASCAL_R20414, MS-ASCAL_R204112,
 * MS-ASCAL_R204113, MS-ASCAL_R204114 (DayOfWeek), MS-ASCAL_R32311, MS-ASCAL_R32312, MS-ASCAL_R32711, MS-ASCAL_R32712,
 * MS-ASCAL_R32811, MS-ASCAL_R32812, MS-ASCAL_R32813, MS-ASCAL_R32814 (MonthOfYear), MS-ASCAL_R47311, MS-ASCAL_R47312,
 * MS-ASCAL_R478113, MS-ASCAL_R478114 (WeekOfMonth).
 */
static void recurrences_come_back_as_they_were_sent(void **unused)
{
	static const struct {
		const char *data;
		const char *elements[4], *values[4];
	} cases[] = {
		{ "5B " T("5C", "0") T("5F", "2") T("5E", "5") "01 ",
		  { "Type", "Interval", "Occurrences" },
		  { "0", "2", "5" } },
		{ "5B " T("5C", "0") T("5F", "1") T("60", "62") "01 ", { "Type", "DayOfWeek" }, { "1", "62" } },
		{ "5B " T("5C", "1") T("5F", "3") T("60", "18") "01 ",
		  { "Type", "Interval", "DayOfWeek" },
		  { "1", "3", "18" } },
		{ "5B " T("5C", "2") T("5F", "1") T("61", "16") "01 ", { "Type", "DayOfMonth" }, { "2", "16" } },
		{ "5B " T("5C", "3") T("5F", "1") T("60", "16") T("62", "5") "01 ",
		  { "Type", "DayOfWeek", "WeekOfMonth" },
		  { "3", "16", "5" } },
		{ "5B " T("5C", "3") T("5F", "1") T("60", "127") T("62", "5") "01 ",
		  { "Type", "DayOfWeek", "WeekOfMonth" },
		  { "3", "127", "5" } },
		{ "5B " T("5C", "5") T("5F", "1") T("61", "16") T("63", "7") "01 ",
		  { "Type", "DayOfMonth", "MonthOfYear" },
		  { "5", "16", "7" } },
		{ "5B " T("5C", "6") T("5F", "1") T("60", "62") T("62", "1") T("63", "7") "01 ",
		  { "Type", "DayOfWeek", "WeekOfMonth", "MonthOfYear" },
		  { "6", "62", "1", "7" } },
		{ "5B " T("5C", "1") T("5F", "0") T("60", "16") T("5D", "20260801T000000Z") "01 ",
		  { "Interval", "Until" },
		  { "1", "20260801T080000Z" } }, /* MS-ASCAL_R5; the last day, at the time of the event */
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		struct phone p = begin(&f, "14.1");
		struct eas_reply r = add(&f, &p, commands(&f, CAL ZONE AT_TEN SUBJECT("x") "%s", cases[i].data));

		assert_text(&r, "Status", "1");
		r = seen_by(&f, "14.1");
		for (size_t k = 0; k < 4 && cases[i].elements[k]; k++)
			assert_text(&r, commands(&f, "calendar:%s", cases[i].elements[k]), cases[i].values[k]);
		assert_elements_of_type(&r);
	}
}

/* MS-ASCAL_R148, MS-ASCAL_R201, MS-ASCAL_R476, MS-ASCAL_R326, MS-ASCAL_R193, MS-ASCAL_R453: Status 6. */
static void values_that_there_are_not_are_refused(void **unused)
{
	static const char *const data[] = {
		"5B " T("5C", "4") "01 ",
		"5B " T("5C", "1") T("60", "128") "01 ",
		"5B " T("5C", "3") T("60", "2") T("62", "6") "01 ",
		"5B " T("5C", "3") T("60", "2") "01 ",
		"5B " T("5C", "5") T("61", "32") T("63", "7") "01 ",
		"5B " T("5C", "2") T("61", "0") "01 ",
		"5B " T("5C", "5") T("61", "3") T("63", "13") "01 ",
		"5B " T("5C", "2") T("61", "3") T("77", "13") "01 ",
		T("4D", "5"),
		T("65", "4"),
		T("64", "soon"),
		"54 53 " SUBJECT("no instance") "01 01 ",
	};

	(void)unused;
	for (size_t i = 0; i < countof(data); i++) {
		FIXTURE(f);
		struct phone p = begin(&f, "14.1");
		struct eas_reply r = add(&f, &p, commands(&f, CAL AT_TEN "%s", data[i]));

		if (!str_eq(eas_reply_text(&r, "Status", 1), S("6")))
			fail_msg("%s: " STR_FMT, data[i], STR_ARG(r.xml));
		assert_int_equal(only_item(&f, p.folder), 0);
	}
}

/* MS-ASCAL_R52514, MS-ASCAL_R52515, MS-ASCAL_R52516, MS-ASCAL_R52517, MS-ASCAL_R52518. */
static void times_that_a_phone_leaves_out_are_made(void **unused)
{
	static const struct {
		int start, end; /* hours from now; 99: left out */
		bool refused;
		int got_start, got_end; /* minutes from the half hour that comes */
	} cases[] = {
		{ 99, 99, false, 0, 30 },    { 99, -1, true, 0, 0 }, { 99, 2, false, 0, 120 },
		{ -2, 99, false, -120, 30 }, { 2, 99, true, 0, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		struct phone p = begin(&f, "16.1");
		int64_t now = clock_wall_ms(&f.server.clock.clock), half = (now + 1799999) / 1800000 * 1800000;
		const struct zone_rules utc = { 0 };
		char *data = commands(&f, CAL SUBJECT("x"));
		struct eas_reply r;

		for (int k = 0; k < 2; k++) {
			int hours = k ? cases[i].end : cases[i].start;
			struct local_time t = zone_from_utc(&utc, half + hours * INT64_C(3600000));

			if (hours != 99)
				data = commands(&f, "%s %s 03 '%04d%02d%02dT%02d%02d00Z' 00 01", data, k ? "52" : "67",
						t.year, t.month, t.day, t.hour, t.minute);
		}
		r = add(&f, &p, data);
		if (cases[i].refused) {
			assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
			continue;
		}
		assert_int_equal(stored(&f).event.start.utc_ms, half + cases[i].got_start * 60000);
		assert_int_equal(stored(&f).event.end.utc_ms, half + cases[i].got_end * 60000);
	}
}

/* Up to 14.1: an exception is changed, another deleted; what a Change leaves out stays (MS-ASCAL_R542, MS-ASCAL_R541). */
static void exceptions_come_with_the_series_up_to_14_1(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "14.1");
	struct cal_series s;
	struct eas_reply r =
		add(&f, &p,
		    CAL ZONE AT_TEN SUBJECT("Weekly") T("57", "Room") WEEKLY "54 53 " T("56", "20260723T080000Z")
			    SUBJECT("Moved") START("20260724T080000Z") END("20260724T100000Z") "01 53 " T("55", "1")
				    T("56", "20260730T080000Z") "01 53 " T("56", "20260806T080000Z") "17 01 01 ");

	(void)unused;
	assert_text(&r, "Status", "1");
	s = stored(&f);
	assert_int_equal(s.exceptions_n, 2);
	assert_int_equal(s.deleted_n, 1);
	assert_true(str_eq(s.exceptions[0].summary, S("Moved")) && str_eq(s.exceptions[0].location, S("Room")));
	assert_int_equal(s.exceptions[1].location.n, 0); /* MS-ASCAL_R508 */
	r = seen_by(&f, "14.1");
	assert_int_equal(eas_reply_count(&r, "calendar:Exception"), 3);
	assert_text(&r, "calendar:ExceptionStartTime", "20260723T080000Z");
	assert_int_equal(eas_reply_count(&r, "calendar:Subject"), 2); /* of the series, and of the one that differs */
	assert_int_equal(eas_reply_count(&r, "calendar:Deleted"), 1);
	f.phone.device_id = "ApplDNQXTESTFFG5";
	f.phone.version = "14.1";
	r = change(&f, &p,
		   CAL ZONE AT_TEN SUBJECT("Weekly") T("57", "Room") WEEKLY "54 53 " T("55", "1")
			   T("56", "20260730T080000Z") "01 01 ");
	s = stored(&f);
	assert_int_equal(s.exceptions_n, 2);
	assert_int_equal(s.deleted_n, 1);
	r = change(&f, &p, CAL ZONE AT_TEN SUBJECT("Weekly") T("57", "Hall") WEEKLY); /* MS-ASCMD_R876: no Exceptions */
	s = stored(&f);
	assert_int_equal(s.exceptions_n, 2);
	assert_int_equal(s.deleted_n, 1);
	assert_true(str_eq(s.event.location, S("Hall")));
}

/* MS-ASCAL_R2113; from 16.0 on an instance is named beside the item, and unnamed properties stay. */
static void instances_are_named_from_16_0_on(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1");
	struct cal_series s;
	struct eas_reply r = add(&f, &p, CAL ZONE AT_TEN SUBJECT("Weekly") WEEKLY);

	(void)unused;
	assert_text(&r, "Status", "1");
	r = send_commands(&f, p.folder, p.key,
			  commands(&f,
				   "48 4D 03 '%s' 00 01 00 11 6D 03 '20260723T080000Z' 00 01 00 00 5D " CAL SUBJECT(
					   "Other") "01 01 00 00",
				   server_id(&f, &p)));
	p.key = key_of(&f, &r);
	s = stored(&f);
	assert_int_equal(s.exceptions_n, 1);
	assert_true(str_eq(s.exceptions[0].summary, S("Other")));
	assert_int_equal(s.exceptions[0].start.utc_ms, s.event.start.utc_ms + 7 * INT64_C(86400000));
	r = send_commands(
		&f, p.folder, p.key,
		commands(&f, "49 4D 03 '%s' 00 01 00 11 6D 03 '20260723T080000Z' 00 01 00 00 01", server_id(&f, &p)));
	p.key = key_of(&f, &r);
	s = stored(&f);
	assert_int_equal(s.exceptions_n, 0);
	assert_int_equal(s.deleted_n, 1);
	r = seen_by(&f, "16.1");
	assert_text(&r, "airsyncbase:InstanceId", "20260723T080000Z");
	assert_int_equal(eas_reply_count(&r, "calendar:ExceptionStartTime"), 0);
}

/* MS-ASCMD_R5911: what a whole change leaves out has gone; MS-ASCAL_R2232: from 16.0 on it stays. */
static void what_is_left_out_goes_or_stays(void **unused)
{
	static const struct {
		const char *version;
		bool stays;
	} cases[] = { { "14.1", false }, { "16.1", true } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		struct phone p = begin(&f, cases[i].version);
		struct eas_reply r = add(&f, &p, CAL ZONE AT_TEN SUBJECT("a") T("64", "15") WEEKLY);

		r = change(&f, &p, CAL ZONE AT_TEN SUBJECT("b"));
		(void)r;
		assert_true(str_eq(stored(&f).event.summary, S("b")));
		assert_int_equal(stored(&f).event.has_reminder, cases[i].stays);
		assert_int_equal(stored(&f).event.recurrence.frequency, cases[i].stays ? CAL_WEEKLY : CAL_NEVER);
	}
}

/* A rule that phones can't show is an event that says so, and outlives their changes. */
static void an_odd_rule_is_said_and_kept(void **unused)
{
	static const char text[] =
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:20260716T080000Z\r\nDURATION:PT1H\r\n"
		"SUMMARY:Odd\r\nX-MINE:1\r\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1,15\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
	FIXTURE(f);
	struct phone p = { .folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR) };
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct eas_reply r;
	struct item item;

	(void)unused;
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
	assert_ok(event_add(&f.arena, tx, &(struct event_new){ .folder = p.folder, .octets = str_of(text) }, &item));
	assert_ok(store_commit(&tx));
	assert_true(item.key == ITEM_KEY_ALWAYS);
	f.phone.version = "14.1";
	p.key = first_key(&f, p.folder);
	r = sync_with(&f, p.folder, p.key, "00 00");
	p.key = key_of(&f, &r);
	assert_int_equal(eas_reply_count(&r, "calendar:Recurrence"), 0);
	assert_true(str_find(eas_reply_text(&r, "airsyncbase:Data", 0), S("BYMONTHDAY=1,15")) < 1000);
	r = change(&f, &p, CAL AT_TEN SUBJECT("Odder"));
	assert_true(str_eq(stored(&f).rule, S("FREQ=MONTHLY;BYMONTHDAY=1,15")));
	assert_true(str_eq(stored(&f).event.summary, S("Odder")));
}

/* MS-ASCAL_R2169, MS-ASCAL_R2169001, MS-ASCAL_R2175, MS-ASCAL_R2175001, MS-ASCAL_R22811, MS-ASCAL_R33211, MS-ASCAL_R410, MS-ASCAL_R123, MS-ASCAL_R108: who writes is the organizer. */
static void attendees_have_their_types(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1");
	struct eas_reply r = add(&f, &p,
				 CAL ZONE AT_TEN SUBJECT("Meet") "47 48 " T("49", "bob@x.test") T("4A", "Bob")
					 T("6A", "2") "01 01 " T("58", "1"));

	(void)unused;
	assert_text(&r, "Status", "1");
	r = seen_by(&f, "16.1");
	assert_text(&r, "calendar:OrganizerEmail", "ann@example.test");
	assert_text(&r, "calendar:AttendeeType", "2");
	assert_text(&r, "calendar:MeetingStatus", "1");
	assert_text(&r, "calendar:ResponseType", "1");
	assert_text(&r, "calendar:Name", "Bob");
}

/* A place with its street from 16.0 on is a name before. */
static void places_have_parts_from_16_0_on(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1");
	struct eas_reply r =
		add(&f, &p, CAL ZONE AT_TEN SUBJECT("Meet") "00 11 60 " T("50", "Office") T("62", "Main St 1") "01 ");

	(void)unused;
	assert_text(&r, "Status", "1");
	r = seen_by(&f, "16.0");
	assert_text(&r, "airsyncbase:DisplayName", "Office");
	assert_text(&r, "airsyncbase:Street", "Main St 1");
	r = seen_by(&f, "14.1");
	assert_text(&r, "calendar:Location", "Office");
}

#define BOB "47 48 " T("49", "bob@x.test") T("4A", "Bob") "01 01 "

/* From 16.0 on the server invites, tells of changes that matter and of the end; each once, also where the phone asks again. */
static void attendees_are_told_by_the_server_from_16_0_on(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1");
	const char *key = p.key, *id;
	struct str out;
	size_t n;

	(void)unused;
	(void)add(&f, &p, CAL ZONE AT_TEN SUBJECT("Meet") BOB);
	p.key = key; /* the answer was lost */
	(void)add(&f, &p, CAL ZONE AT_TEN SUBJECT("Meet") BOB);
	out = queued(&f, &n);
	assert_int_equal(n, 1);
	assert_true(str_find(out, S("METHOD:REQUEST")) < out.n && str_find(out, S("To: bob@x.test")) < out.n);
	(void)change(&f, &p, CAL T("64", "30"));
	(void)queued(&f, &n);
	assert_int_equal(n, 1); /* a reminder is nobody else's concern */
	(void)change(&f, &p, CAL START("20260716T100000Z") END("20260716T110000Z"));
	out = queued(&f, &n);
	assert_int_equal(n, 2);
	assert_true(str_find(out, S("SEQUENCE:1")) < out.n);
	id = server_id(&f, &p);
	(void)send_commands(&f, p.folder, p.key, commands(&f, "49 4D 03 '%s' 00 01 01", id));
	out = queued(&f, &n);
	assert_int_equal(n, 3);
	assert_true(str_find(out, S("METHOD:CANCEL")) < out.n && str_find(out, S("Subject: Canceled: Meet")) < out.n);
}

#define BOB_AND_EVE "47 48 " T("49", "bob@x.test") T("4A", "Bob") "01 48 " T("49", "eve@x.test") T("4A", "Eve") "01 01 "
#define EVE "47 48 " T("49", "eve@x.test") T("4A", "Eve") "01 01 "

static struct eas_reply change_instance(struct fixture *f, struct phone *p, const char *data)
{
	struct eas_reply r = send_commands(
		f, p->folder, p->key,
		commands(f, "48 4D 03 '%s' 00 01 00 11 6D 03 '20260723T080000Z' 00 01 00 00 5D %s 01 01 00 00",
			 server_id(f, p), data));

	p->key = key_of(f, &r);
	return r;
}

/* Nor does he stay in exceptions that were made before, with which he would be asked to come again. */
static void who_is_taken_off_a_series_hears_of_that_once(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1");
	struct cal_series s;
	size_t n;

	(void)unused;
	(void)add(&f, &p, CAL ZONE AT_TEN SUBJECT("Meet") WEEKLY BOB_AND_EVE);
	(void)change_instance(&f, &p, CAL SUBJECT("Elsewhere"));
	(void)queued(&f, &n);
	assert_int_equal(n, 2);
	(void)change(&f, &p, CAL EVE);
	s = stored(&f);
	assert_int_equal(s.exceptions_n, 1);
	assert_int_equal(s.exceptions[0].attendees_n, 1);
	assert_true(str_eq(s.exceptions[0].attendees[0].address, S("eve@x.test")));
	assert_true(str_eq(s.exceptions[0].summary, S("Elsewhere")));
	(void)queued(&f, &n);
	assert_int_equal(n, 4); /* he is told, and she */
	(void)change(&f, &p, CAL SUBJECT("Meet again"));
	(void)queued(&f, &n);
	assert_int_equal(n, 5);
}

/* The phone's item is a new one; the one that it was told of goes, and nothing is there twice. */
static void assert_gone(struct fixture *f, const struct eas_reply *r, struct str id)
{
	int64_t folder = fixture_role(f, FOLDER_DEFAULT_CALENDAR);
	struct str deleted = str_of(commands(f, "<Delete><ServerId>" STR_FMT "</ServerId></Delete>", STR_ARG(id)));

	assert_true(str_eq(eas_reply_text(r, "Status", 1), S("1")));
	assert_false(str_eq(eas_reply_text(r, "ServerId", 0), id));
	assert_true(str_find(r->xml, deleted) < r->xml.n);
	assert_int_not_equal(only_item(f, folder), 0);
}

/* A phone that was told of an event, and adds one of that UID: what the first had and the Add does not say stays. */
static void an_event_that_the_phone_has_already_is_added_anew(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "14.1");
	struct eas_reply r = add(&f, &p, CAL ZONE AT_TEN SUBJECT("Meet") T("57", "Room 1") T("68", "uid-1"));
	struct str id = eas_reply_text(&r, "ServerId", 0);

	(void)unused;
	r = send_commands(&f, p.folder, p.key,
			  commands(&f, "47 4C 03 'c2' 00 01 5D %s 01 01 00 00",
				   CAL ZONE AT_TEN SUBJECT("Again") T("57", "Room 1") T("68", "uid-1")));
	assert_gone(&f, &r, id);
	assert_true(str_eq(stored(&f).event.summary, S("Again")));
}

/* RFC 5546 section 2.1.4: what says the same again is no revision, or answers would come to one that there is not any more. */
static void what_is_said_again_is_no_revision(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(versions); i++) {
		FIXTURE(f);
		struct phone p = begin(&f, versions[i]);

		(void)add(&f, &p, CAL ZONE AT_TEN SUBJECT("Meet") BOB T("59", "ann@example.test"));
		(void)change(&f, &p, CAL ZONE AT_TEN SUBJECT("Meet") BOB T("64", "30"));
		assert_int_equal(stored(&f).event.sequence, 0);
	}
}

/* What a phone says of people makes no lines of its own in the calendar, or in the mail that goes out. */
static void a_line_end_in_an_address_makes_no_line(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "14.1");
	struct cal_series s;

	(void)unused;
	(void)add(&f, &p,
		  CAL ZONE AT_TEN SUBJECT("Meet") "47 48 49 03 'bob@x.test' 0D 0A 'SUMMARY:Other' 00 01 " T(
			  "4A", "Bob") "01 01 "
				       "59 03 'ann@example.test' 0A 'RRULE:FREQ=DAILY' 00 01 ");
	s = stored(&f);
	assert_true(str_eq(s.event.summary, S("Meet")));
	assert_int_equal(s.event.recurrence.frequency, CAL_NEVER);
	assert_true(str_eq(s.event.attendees[0].address, S("bob@x.testSUMMARY:Other")));
}

/* One instance is deleted twice, by two phones say. */
static void an_instance_goes_once(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1");
	int sequence = 0;

	(void)unused;
	(void)add(&f, &p, CAL ZONE AT_TEN SUBJECT("Meet") WEEKLY BOB);
	for (int i = 0; i < 2; i++) {
		struct eas_reply r =
			send_commands(&f, p.folder, p.key,
				      commands(&f, "49 4D 03 '%s' 00 01 00 11 6D 03 '20260723T080000Z' 00 01 00 00 01",
					       server_id(&f, &p)));

		p.key = key_of(&f, &r);
		assert_int_equal(stored(&f).deleted_n, 1);
		if (i > 0)
			assert_int_equal(stored(&f).event.sequence, sequence);
		sequence = stored(&f).event.sequence;
	}
}

/*
 * An Add whose answer was lost, that is put off, and said again later, makes the event anew (sync-engine rule 5): it is the same
 * meeting to who was invited to it.
 */
static void an_event_that_is_added_again_is_the_same_meeting(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1");
	const char *key = p.key;
	struct str uid;
	struct eas_reply r;
	size_t n;

	(void)unused;
	(void)add(&f, &p, CAL ZONE AT_TEN SUBJECT("Meet") BOB);
	uid = stored(&f).event.uid;
	r = sync_with(&f, p.folder, key, "");
	p.key = key_of(&f, &r);
	r = add(&f, &p, CAL ZONE AT_TEN SUBJECT("Meet") BOB);
	assert_true(str_eq(eas_reply_text(&r, "calendar:UID", 0), uid));
	assert_int_not_equal(only_item(&f, p.folder), 0);
	(void)queued(&f, &n);
	assert_int_equal(n, 1);
}

/*
 * MS-ASCAL_R2223: the answer to an Add has the UID. MS-ASCAL_R2062: what is added again under its ClientUid, by another phone
 * say, is the item that is there, and its attendees are not invited twice.
 */
static void an_event_is_known_by_its_client_uid(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1"), other;
	struct eas_reply r = add(&f, &p, CAL T("7C", "client-1") ZONE AT_TEN SUBJECT("Meet") BOB);
	struct str uid = eas_reply_text(&r, "calendar:UID", 0), id = eas_reply_text(&r, "ServerId", 0);
	size_t n;

	(void)unused;
	assert_true(uid.n > 20 && str_eq(uid, stored(&f).event.uid));
	f.phone.device_id = "ANOTHER";
	other = begin(&f, "16.1");
	r = add(&f, &other, CAL T("7C", "client-1") ZONE AT_TEN SUBJECT("Meet") BOB);
	assert_true(str_eq(eas_reply_text(&r, "calendar:UID", 0), uid));
	assert_gone(&f, &r, id);
	(void)queued(&f, &n);
	assert_int_equal(n, 1);
	r = add(&f, &other, CAL T("7C", "client-2") ZONE AT_TEN SUBJECT("Meet"));
	assert_false(str_eq(eas_reply_text(&r, "ServerId", 0), id));
}

static void phones_before_16_0_tell_attendees_themselves(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "14.1");
	size_t n;

	(void)unused;
	(void)add(&f, &p, CAL ZONE AT_TEN SUBJECT("Meet") BOB T("59", "ann@example.test"));
	(void)queued(&f, &n);
	assert_int_equal(n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_added_and_shown_in_every_version),
		cmocka_unit_test(a_whole_day_is_the_same_day_in_every_version),
		cmocka_unit_test(recurrences_come_back_as_they_were_sent),
		cmocka_unit_test(values_that_there_are_not_are_refused),
		cmocka_unit_test(times_that_a_phone_leaves_out_are_made),
		cmocka_unit_test(exceptions_come_with_the_series_up_to_14_1),
		cmocka_unit_test(instances_are_named_from_16_0_on),
		cmocka_unit_test(what_is_left_out_goes_or_stays),
		cmocka_unit_test(an_odd_rule_is_said_and_kept),
		cmocka_unit_test(attendees_have_their_types),
		cmocka_unit_test(places_have_parts_from_16_0_on),
		cmocka_unit_test(attendees_are_told_by_the_server_from_16_0_on),
		cmocka_unit_test(who_is_taken_off_a_series_hears_of_that_once),
		cmocka_unit_test(an_event_is_known_by_its_client_uid),
		cmocka_unit_test(an_event_that_the_phone_has_already_is_added_anew),
		cmocka_unit_test(an_event_that_is_added_again_is_the_same_meeting),
		cmocka_unit_test(what_is_said_again_is_no_revision),
		cmocka_unit_test(an_instance_goes_once),
		cmocka_unit_test(a_line_end_in_an_address_makes_no_line),
		cmocka_unit_test(phones_before_16_0_tell_attendees_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
