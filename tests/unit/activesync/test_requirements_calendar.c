/* Requirements of MS-ASCAL that a meeting with an exception shows, and what of it phones may leave out of a Change. */
#include "calendar_fixture.h"

#include <gateway/activesync/event.h>

#define SERIES                                                                                                         \
	CALENDAR(MEETING(                                                                                              \
		"m1",                                                                                                  \
		"RRULE:FREQ=WEEKLY;COUNT=9\r\nDESCRIPTION:all\r\nCLASS:PRIVATE\r\nCATEGORIES:Farm\r\n"                 \
		"X-ROOST-ANSWER:3\\;" ANSWERED_MS "\r\n"                                                               \
		"X-MICROSOFT-CONFERENCETELURI:sip:bob@example.org\\;gruu\\;opaque=app:conf\r\n"                        \
		"X-GOOGLE-CONFERENCE:https://meet.example.org/eggs\r\n"                                                \
		"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n") "BEGIN:"        \
												       "VEVENT\r\nUID" \
												       ":m1\r\nRECURR" \
												       "ENCE-ID:"      \
												       "20260723T0800" \
												       "00Z\r\nDTSTAM" \
												       "P:"            \
												       "20260702T0000" \
												       "00Z\r\n"       \
												       "DTSTART:"      \
												       "20260723T1000" \
												       "00Z\r\nDTEND:" \
												       "20260723T1100" \
												       "00Z\r\nORGANI" \
												       "ZER;CN=Bob:"   \
												       "mailto:bob@"   \
												       "example."      \
												       "org\r\n"       \
												       "SUMMARY:More " \
												       "eggs\r\nLOCAT" \
												       "ION:"          \
												       "Barn\r\nATTEN" \
												       "DEE;PARTSTAT=" \
												       "DECLINED:"     \
												       "mailto:ann@"   \
												       "example."      \
												       "test\r\n"      \
												       "ATTENDEE:"     \
												       "mailto:zoe@"   \
												       "example."      \
												       "net\r\nDESCRI" \
												       "PTION:this "   \
												       "one\r\nCLASS:" \
												       "CONFIDENTIAL"  \
												       "\r\n"          \
												       "CATEGORIES:"   \
												       "Barn\r\nTRANS" \
												       "P:"            \
												       "TRANSPARENT\r" \
												       "\nX-ROOST-"    \
												       "ANSWER:"       \
												       "4\\"           \
												       ";" ANSWERED_MS \
												       "\r\n"          \
												       "BEGIN:"        \
												       "VALARM\r\nACT" \
												       "ION:"          \
												       "DISPLAY\r\nDE" \
												       "SCRIPTION:"    \
												       "x\r\nTRIGGER:" \
												       "-PT30M\r\nEND" \
												       ":VALARM\r\nEN" \
												       "D:VEVENT\r\n")

/*
 * Of the exception: MS-ASCAL_R10711, MS-ASCAL_R12711, MS-ASCAL_R13411, MS-ASCAL_R18011, MS-ASCAL_R26711, MS-ASCAL_R39311,
 * MS-ASCAL_R42411, MS-ASCAL_R567, MS-ASCAL_R89011, MS-ASCAL_R402, MS-ASCAL_R40211, MS-ASCAL_R40511 (one each);
 * MS-ASCAL_R34812, MS-ASCAL_R35512 (one at most); MS-ASCAL_R24311. Of the whole: MS-ASCAL_R566,
 * MS-ASCAL_R88011, MS-ASCAL_R91, MS-ASCAL_R215, MS-ASCAL_R405, MS-ASCAL_R40111, MS-ASCAL_R538.
 */
static void an_exception_has_each_element_once(void **unused)
{
	static const char *const once[] = { "<calendar:Attendees>",
					    "<airsyncbase:Body>",
					    "<calendar:BusyStatus>",
					    "<calendar:Categories>",
					    "<calendar:Reminder>",
					    "<calendar:Sensitivity>",
					    "<calendar:AppointmentReplyTime>20260715T110000Z<",
					    "<calendar:ResponseType>4<",
					    "<calendar:ExceptionStartTime>" };
	static const char *const at_most[] = { "<calendar:DtStamp>", "<calendar:OnlineMeetingConfLink",
					       "<calendar:OnlineMeetingExternalLink" };
	FIXTURE(f);
	struct eas_reply r;
	struct str exception;

	(void)unused;
	put_octets(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR), SERIES);
	r = shown(&f, "14.1");
	exception = exception_of(&r);
	for (size_t i = 0; i < countof(once); i++)
		if (count_in(exception, once[i]) != 1)
			fail_msg("%s in " STR_FMT, once[i], STR_ARG(exception));
	for (size_t i = 0; i < countof(at_most); i++)
		assert_true(count_in(exception, at_most[i]) <= 1);
	assert_int_equal(count_in(r.xml, "<calendar:ResponseType>3<"), 1);
	assert_int_equal(count_in(r.xml, "<calendar:ResponseType>"), 2);
	assert_int_equal(count_in(r.xml, "<calendar:AppointmentReplyTime>"), 2);
	assert_int_equal(count_in(r.xml, "<calendar:DisallowNewTimeProposal>0<"), 1);
	assert_int_equal(count_in(r.xml, "<ApplicationData>"), 1);
}

/*
 * MS-ASCAL_R34611, MS-ASCAL_R35111, MS-ASCAL_R35411, MS-ASCAL_R358, MS-ASCAL_R359
 */
static void a_meeting_has_its_links(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	put_octets(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR), SERIES);
	r = shown(&f, "14.1");
	assert_element(&r, "OnlineMeetingConfLink", "sip:bob@example.org;gruu;opaque=app:conf");
	assert_element(&r, "OnlineMeetingExternalLink", "https://meet.example.org/eggs");
}

/*
 * MS-ASCAL_R539, MS-ASCAL_R543, MS-ASCAL_R34813, MS-ASCAL_R351, MS-ASCAL_R35513, MS-ASCAL_R35811: what an exception has not of
 * its series is an empty element, what it has is its own; what it has as the series is left out.
 */
static void what_an_exception_lacks_is_an_empty_element(void **unused)
{
	static const struct {
		const char *of_exception, *has[6];
	} cases[] = {
		{ "",
		  { "<calendar:Location/>", "<calendar:Categories/>", "<calendar:Reminder/>", "<calendar:Attendees/>",
		    "<calendar:OnlineMeetingConfLink/>", "<calendar:OnlineMeetingExternalLink/>" } },
		{ "LOCATION:There\r\nX-GOOGLE-CONFERENCE:https://meet.example.org/single\r\n",
		  { "<calendar:Location>There<", "<calendar:OnlineMeetingExternalLink>https://meet.example.org/single<",
		    "<calendar:Attendees/>", "<calendar:OnlineMeetingConfLink/>" } },
		{ "X-MICROSOFT-CONFERENCETELURI:sip:single\r\n", { "<calendar:OnlineMeetingConfLink>sip:single<" } },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		CLEANUP(buf_release) struct buf text = BUF_INIT(1 << 16);
		struct eas_reply r;
		struct str exception;
		const char *octets;

		buf_fmt(&text,
			"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" MEETING(
				"m2", "RRULE:FREQ=DAILY;COUNT=3\r\nDESCRIPTION:Text\r\nCATEGORIES:Farm\r\n"
				      "X-MICROSOFT-CONFERENCETELURI:sip:all\r\nX-GOOGLE-CONFERENCE:https://"
				      "meet.example.org/all\r\n"
				      "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n") EXCEPTION
			"%sEND:VEVENT\r\nEND:VCALENDAR\r\n",
			cases[i].of_exception);
		assert_ok(arena_cstr(&f.arena, buf_view(&text), &octets));
		(void)put_octets(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR), octets);
		r = shown(&f, "14.1");
		exception = str_slice(r.xml, str_find(r.xml, S("<calendar:Exception>")), r.xml.n);
		for (size_t k = 0; k < countof(cases[i].has) && cases[i].has[k]; k++)
			if (str_find(exception, str_of(cases[i].has[k])) == exception.n)
				fail_msg("no %s in " STR_FMT, cases[i].has[k], STR_ARG(exception));
	}
}

/* MS-ASCAL_R407, MS-ASCAL_R412, MS-ASCAL_R416, MS-ASCAL_R418, MS-ASCAL_R403 */
static void the_own_answer_is_told(void **unused)
{
	static const struct {
		const char *octets, *type;
	} rows[] = {
		{ CALENDAR(MEETING("a2", "X-ROOST-ANSWER:2\\;" ANSWERED_MS "\r\n")), "2" },
		{ CALENDAR(MEETING("a3", "X-ROOST-ANSWER:3\\;" ANSWERED_MS "\r\n")), "3" },
		{ CALENDAR(MEETING("a4", "X-ROOST-ANSWER:4\\;" ANSWERED_MS "\r\n")), "4" },
		{ CALENDAR(MEETING("a5", "")), "5" },
		/* An exception without an answer of its own. */
		{ CALENDAR(MEETING("a6", "RRULE:FREQ=DAILY;COUNT=3\r\nX-ROOST-ANSWER:2\\;" ANSWERED_MS "\r\n") MEETING(
			  "a6", "RECURRENCE-ID:20260717T080000Z\r\nX-ROOST-ANSWER:2\\;" ANSWERED_MS "\r\n")),
		  "2" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(rows); i++) {
		FIXTURE(f);
		struct eas_reply r;

		put_octets(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR), rows[i].octets);
		r = shown(&f, "14.1");
		assert_int_equal(eas_reply_count(&r, "calendar:ResponseType"), 1);
		assert_element(&r, "ResponseType", rows[i].type);
	}
}

/* MS-ASCAL_R2007 */
static void a_whole_day_has_no_zone_from_16_0_on(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	put_octets(&f, fixture_role(&f, FOLDER_DEFAULT_CALENDAR),
		   CALENDAR("BEGIN:VEVENT\r\nUID:d1\r\nDTSTAMP:20260701T000000Z\r\nDTSTART;VALUE=DATE:20260716\r\n"
			    "SUMMARY:Day\r\nEND:VEVENT\r\n"));
	r = shown(&f, "16.1");
	assert_element(&r, "AllDayEvent", "1");
	assert_int_equal(eas_reply_count(&r, "calendar:Timezone") + eas_reply_count(&r, "calendar:TimeZone"), 0);
}

/*
 * MS-ASCAL_R548, MS-ASCAL_R96, MS-ASCAL_R352, MS-ASCAL_R360, MS-ASCAL_R419, MS-ASCAL_R111, MS-ASCAL_R128, MS-ASCAL_R319,
 * MS-ASCAL_R365, MS-ASCAL_R370: what Supported does not list stays where a Change
 * leaves it out. MS-ASCAL_R54111: exceptions do though they are listed.
 */
static void what_is_ghosted_stays(void **unused)
{
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
	struct eas_reply r;
	const char *key, *id;

	(void)unused;
	put_octets(&f, folder, SERIES);
	f.phone.version = "14.1";
	/* Supported: Subject, Categories, Exceptions. */
	r = sync_with(&f, folder, "0", "60 00 04 26 0E 14 01 00 00");
	key = key_of(&f, &r);
	r = sync_with(&f, folder, key, "53 03 '1' 00 01");
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &id));
	key = key_of(&f, &r);
	sync_command(&f, folder, &key,
		     change_item(&f, id,
				 "<Calendar:StartTime>20260716T080000Z</>"
				 "<Calendar:EndTime>20260716T090000Z</>"
				 "<Calendar:Subject>Fewer</>"));
	f.phone.device_id = "ANOTHER";
	r = shown(&f, "14.1");
	assert_element(&r, "Subject", "Fewer");
	assert_element(&r, "Location", "Coop");
	assert_int_equal(count_in(r.xml, "<calendar:Email>ann@example.test<"), 2); /* the series and the exception */
	assert_true(holds(&r, ">all<"));
	assert_element(&r, "OrganizerEmail", "bob@example.org");
	assert_element(&r, "OrganizerName", "Bob");
	assert_element(&r, "MeetingStatus", "3");
	assert_element(&r, "ResponseType", "3");
	assert_element(&r, "AppointmentReplyTime", "20260715T110000Z");
	assert_element(&r, "OnlineMeetingExternalLink", "https://meet.example.org/eggs");
	assert_int_equal(eas_reply_count(&r, "calendar:OnlineMeetingConfLink"), 1);
	assert_false(holds(&r, "<calendar:Category>Farm<"));
	assert_true(exception_of(&r).n > 0);
	assert_element(&r, "Subject", "More eggs");
}

#define PLAIN                                                                                                 \
	CALENDAR("BEGIN:VEVENT\r\nUID:p1\r\nDTSTAMP:20260701T000000Z\r\nDTSTART:20260716T080000Z\r\n"         \
		 "DTEND:20260716T090000Z\r\nSUMMARY:Eggs\r\nRRULE:FREQ=WEEKLY;COUNT=9\r\nCATEGORIES:Farm\r\n" \
		 "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"        \
		 "END:VEVENT\r\n")
#define CARD "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c1\r\nN:Hen;Ann;;;\r\nFN:Ann Hen\r\nTITLE:Layer\r\nEND:VCARD\r\n"

/* An item that a phone is told, and of which it then sends a Change that leaves things out. */
static const struct omitting {
	enum folder_role role;
	const char *octets, *change, *listed; /* Supported with what the first element is, and another */
	const char *elements[3];              /* which the Change leaves out */
	bool ghosts_from_16;                  /* whatever Supported says */
} omitting[] = {
	{ FOLDER_DEFAULT_CALENDAR,
	  PLAIN,
	  "<Calendar:StartTime>20260716T080000Z</><Calendar:EndTime>20260716T090000Z</><Calendar:Subject>Fewer</>",
	  "<Calendar:Categories/><Calendar:Subject/>",
	  { "calendar:Category", "calendar:Reminder", "calendar:Recurrence" },
	  true },
	{ FOLDER_DEFAULT_CONTACTS,
	  CARD,
	  "<Contacts:FirstName>Eve</>",
	  "<Contacts:JobTitle/><Contacts:FirstName/>",
	  { "contacts:JobTitle", "contacts:LastName" },
	  false },
};

enum { SUPPORTED_ABSENT, SUPPORTED_EMPTY, SUPPORTED_LISTED, SUPPORTED_MAX_ };

static const char *supported_of(struct fixture *f, const struct omitting *o, int how)
{
	return how == SUPPORTED_ABSENT  ? ""
	       : how == SUPPORTED_EMPTY ? "20"
					: commands(f, "60 %s 01", elements(f, o->listed));
}

static bool stays(const struct omitting *o, enum eas_version v, int how, size_t element)
{
	return (o->ghosts_from_16 && v >= EAS_16_0) || how == SUPPORTED_EMPTY ||
	       (how == SUPPORTED_LISTED && element > 0);
}

static void check_omitted(struct fixture *f, const struct omitting *o, enum eas_version v, int how)
{
	int64_t folder = fixture_role(f, o->role);
	struct eas_reply r;
	const char *key, *id;

	f->phone.version = eas_version_text(v).p;
	f->phone.device_id = "PHONE";
	put_octets(f, folder, o->octets);
	r = sync_with(f, folder, "0", supported_of(f, o, how));
	r = sync_with(f, folder, key_of(f, &r), "53 03 '1' 00 01");
	assert_ok(arena_cstr(&f->arena, eas_reply_text(&r, "ServerId", 0), &id));
	key = key_of(f, &r);
	for (size_t i = 0; i < countof(o->elements) && o->elements[i]; i++)
		assert_int_equal(eas_reply_count(&r, o->elements[i]), 1);
	sync_command(f, folder, &key, change_item(f, id, o->change));
	f->phone.device_id = "ANOTHER";
	r = sync_with(f, folder, first_key(f, folder), "53 03 '1' 00 01");
	for (size_t i = 0; i < countof(o->elements); i++)
		if (o->elements[i] && eas_reply_count(&r, o->elements[i]) != stays(o, v, how, i))
			fail_msg("%s in %s, Supported %d: " STR_FMT, o->elements[i], f->phone.version, how,
				 STR_ARG(r.xml));
	f->phone.device_id = "PHONE";
	sync_command(f, folder, &key, delete_item(f, id));
}

/*
 * MS-ASCMD_R5906, MS-ASCMD_R5907, MS-ASCMD_R5908, MS-ASCMD_R5909, MS-ASCMD_R5911, MS-ASCMD_R5912 in every version; MS-ASCMD_R7309
 * and MS-ASCAL_R2231: from 16.0 on an event keeps all that is left out, a contact still goes by Supported.
 */
static void what_a_change_leaves_out_goes_by_supported_and_version(void **unused)
{
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(omitting); i++)
		for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++)
			for (int how = 0; how < SUPPORTED_MAX_; how++)
				check_omitted(&f, &omitting[i], v, how);
}

#define ASKED(organizer)                                                                              \
	CALENDAR("BEGIN:VEVENT\r\nUID:m1\r\nDTSTAMP:20260701T000000Z\r\nDTSTART:20260716T080000Z\r\n" \
		 "DTEND:20260716T090000Z\r\nSUMMARY:Eggs\r\nORGANIZER:mailto:" organizer              \
		 "\r\nATTENDEE;RSVP=TRUE:mailto:bob@x.test\r\nX-MICROSOFT-DISALLOW-COUNTER:TRUE\r\nEND:VEVENT\r\n")

/*
 * MS-ASCAL_R217, MS-ASCAL_R214, MS-ASCAL_R399: whether answers are wanted, and other times may be proposed, goes where it is left out and
 * not ghosted; of another one's meeting that is his to say.
 */
static void what_is_wanted_of_attendees_can_be_ghosted(void **unused)
{
	static const struct {
		const char *octets, *supported, *no_proposals, *answers;
	} cases[] = {
		{ ASKED("ann@example.test"), "", "0", "0" },
		{ ASKED("ann@example.test"), "20", "1", "1" },
		{ ASKED("ann@example.test"), "60 00 04 33 00 00 01", "0", "1" },
		{ ASKED("ann@example.test"), "60 00 04 34 00 00 01", "1", "0" },
		{ ASKED("carl@x.test"), "", "1", "1" },
	};
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);

	(void)unused;
	f.phone.version = "14.1";
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;
		const char *key, *id;

		f.phone.device_id = "PHONE";
		put_octets(&f, folder, cases[i].octets);
		r = sync_with(&f, folder, "0", cases[i].supported);
		r = sync_with(&f, folder, key_of(&f, &r), "53 03 '1' 00 01");
		assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &id));
		key = key_of(&f, &r);
		sync_command(&f, folder, &key,
			     change_item(&f, id,
					 "<Calendar:StartTime>20260716T080000Z</><Calendar:EndTime>20260716T090000Z</>"
					 "<Calendar:Subject>Fewer</>"
					 "<Calendar:Attendees><Calendar:Attendee><Calendar:Email>bob@x.test</>"
					 "<Calendar:Name>Bob</></></>"));
		f.phone.device_id = "ANOTHER";
		r = shown(&f, "14.1");
		assert_element(&r, "DisallowNewTimeProposal", cases[i].no_proposals);
		assert_element(&r, "ResponseRequested", cases[i].answers);
		f.phone.device_id = "PHONE";
		sync_command(&f, folder, &key, delete_item(&f, id));
	}
}

#define RICH(more)                                                                                    \
	CALENDAR("BEGIN:VEVENT\r\nUID:h1\r\nDTSTAMP:20260701T000000Z\r\nDTSTART:20260716T080000Z\r\n" \
		 "DTEND:20260716T090000Z\r\nSUMMARY:Eggs\r\n" more                                    \
		 "X-ALT-DESC;FMTTYPE=text/html:<p><b>Ten</b></p><p>white</p>\r\nEND:VEVENT\r\n")
#define ODD "RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15\r\n"

/* The body as the phone was told it (of line ends the reply shows the CRs), with more at its end. */
static const char *told_body(struct fixture *f, const struct eas_reply *r, const char *more)
{
	const bool flat = eas_reply_count(r, "calendar:Body") > 0;
	struct str rest = eas_reply_text(r, flat ? "calendar:Body" : "airsyncbase:Data", 0);
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 16);
	const char *ret;

	buf_cstr(&b, flat ? "<Calendar:Body>" : "<AirSyncBase:Body><AirSyncBase:Type>1</><AirSyncBase:Data>");
	for (size_t n; rest.n; rest = str_slice(rest, n + strlen("&#13;"), rest.n)) {
		n = str_find(rest, S("&#13;"));
		buf_str(&b, str_slice(rest, 0, n));
		buf_cstr(&b, n < rest.n ? "\n" : "");
	}
	buf_fmt(&b, "%s%s", more, flat ? "</>" : "</></>");
	assert_ok(arena_cstr(&f->arena, buf_view(&b), &ret));
	return ret;
}

/* A phone that knows no HTML sends the text that it was told with a change of something else. */
static void text_that_was_told_leaves_the_html(void **unused)
{
	static const struct {
		const char *what, *octets, *more;
		bool stays;
	} cases[] = {
		{ "the same", RICH("DESCRIPTION:Ten\\nwhite\r\n"), "", true },
		{ "without a text of its own", RICH(""), "", true },
		{ "blanks at its end", RICH("DESCRIPTION:Ten\\nwhite\\n\r\n"), " \n ", true },
		{ "another text", RICH("DESCRIPTION:Ten\\nwhite\r\n"), " eggs", false },
		{ "behind words of ours", RICH(ODD "DESCRIPTION:Ten\r\n"), "", true },
		{ "another one behind them", RICH(ODD "DESCRIPTION:Ten\r\n"), " eggs", false },
	};
	static const char *const versions[] = { "2.5", "14.1", "16.1" };
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);

	(void)unused;
	for (size_t i = 0; i < countof(cases) * countof(versions); i++) {
		const char *what = cases[i / countof(versions)].what, *key, *id;
		const bool stays = cases[i / countof(versions)].stays;
		CLEANUP(buf_release) struct buf change = BUF_INIT(1 << 16);
		struct eas_reply r;
		struct str octets;

		f.phone.version = versions[i % countof(versions)];
		put_octets(&f, folder, cases[i / countof(versions)].octets);
		r = sync_with(&f, folder, first_key(&f, folder), "53 03 '1' 00 01");
		assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &id));
		key = key_of(&f, &r);
		buf_fmt(&change,
			"<Calendar:StartTime>20260716T080000Z</><Calendar:EndTime>20260716T090000Z</>"
			"<Calendar:Subject>Fewer</>%s%c",
			told_body(&f, &r, cases[i / countof(versions)].more), 0);
		assert_ok(buf_status(&change));
		sync_command(&f, folder, &key, change_item(&f, id, change.p));
		octets = octets_of(&f, id);
		if (str_find(octets, S("SUMMARY:Fewer")) == octets.n ||
		    (str_find(octets, S("X-ALT-DESC")) < octets.n) != stays ||
		    (str_find(octets, S("white eggs")) < octets.n || str_find(octets, S("Ten eggs")) < octets.n) ==
			    stays ||
		    str_find(octets, S("This event repeats")) < octets.n)
			fail_msg("%s, %s: " STR_FMT, what, f.phone.version, STR_ARG(octets));
		sync_command(&f, folder, &key, delete_item(&f, id));
	}
}

/* The zone that a phone was told with it, a form of that year's rules, leaves the event's when it says it again. */
static void a_zone_that_was_told_for_a_year_is_the_events(void **unused)
{
	static const char octets[] = CALENDAR("BEGIN:VEVENT\r\nUID:z1\r\nDTSTAMP:20190101T000000Z\r\nSUMMARY:Eggs\r\n"
					      "DTSTART;TZID=Asia/Jerusalem:20190325T100000\r\nEND:VEVENT\r\n");
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
	CLEANUP(buf_release) struct buf change = BUF_INIT(4096);
	const char *key, *id;
	struct zone_rules told;
	char label[ZONE_LABEL_MAX];
	struct cal_series s;
	struct eas_reply r;

	(void)unused;
	put_octets(&f, folder, octets);
	f.phone.version = "14.1";
	r = sync_with(&f, folder, first_key(&f, folder), "53 03 '1' 00 01");
	assert_element(&r, "StartTime", "20190325T080000Z");
	assert_ok(zone_blob_read(eas_reply_text(&r, "calendar:Timezone", 0), &told, label));
	assert_int_equal(zone_from_utc(&told, INT64_C(1553500800000)).hour, 10); /* on a phone, too */
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &id));
	key = key_of(&f, &r);
	buf_fmt(&change,
		"<Calendar:Timezone>" STR_FMT "</><Calendar:StartTime>20190325T090000Z</>"
		"<Calendar:EndTime>20190325T100000Z</><Calendar:Subject>Fewer</>%c",
		STR_ARG(eas_reply_text(&r, "calendar:Timezone", 0)), 0);
	assert_ok(buf_status(&change));
	sync_command(&f, folder, &key, change_item(&f, id, change.p));
	assert_ok(cal_series_read(&f.arena, octets_of(&f, id), &s));
	assert_true(str_eq(s.event.start.tzid, S("Asia/Jerusalem")));
	assert_int_equal(s.event.start.local.hour, 11);
}

/* Summer began on the 29th of March in 2024, a week behind the Friday that the rule for all years has. */
static void a_series_that_ends_in_its_first_year_is_told_that_years_days(void **unused)
{
	static const struct {
		const char *rule;
		int hour; /* on a phone, on the 25th */
	} cases[] = {
		{ "RRULE:FREQ=WEEKLY;UNTIL=20240601T000000Z", 10 },
		{ "RRULE:FREQ=WEEKLY;UNTIL=20250101T075959Z", 10 }, /* before ten in Jerusalem */
		{ "RRULE:FREQ=WEEKLY;UNTIL=20250101T080000Z", 11 },
		{ "RRULE:FREQ=WEEKLY", 11 },
	};
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);

	(void)unused;
	f.phone.version = "14.1";
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf octets = BUF_INIT(4096);
		struct zone_rules told;
		char label[ZONE_LABEL_MAX];
		const char *key, *id;
		struct eas_reply r;

		buf_fmt(&octets,
			CALENDAR("BEGIN:VEVENT\r\nUID:z%zu\r\nDTSTAMP:20240101T000000Z\r\nSUMMARY:Eggs\r\n"
				 "DTSTART;TZID=Asia/Jerusalem:20240318T100000\r\n%s\r\nEND:VEVENT\r\n") "%c",
			i, cases[i].rule, 0);
		assert_ok(buf_status(&octets));
		put_octets(&f, folder, octets.p);
		r = sync_with(&f, folder, first_key(&f, folder), "53 03 '1' 00 01");
		assert_ok(zone_blob_read(eas_reply_text(&r, "calendar:Timezone", 0), &told, label));
		if (zone_from_utc(&told, INT64_C(1711353600000)).hour != cases[i].hour)
			fail_msg("%s: %d", cases[i].rule, zone_from_utc(&told, INT64_C(1711353600000)).hour);
		assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &id));
		key = key_of(&f, &r);
		sync_command(&f, folder, &key, delete_item(&f, id));
	}
}

/*
 * A series of a phone's in Jerusalem, which says its zone as that is in 2024, when the Friday before the last Sunday of March is the
 * fifth: at its hour in that week of the next years.
 */
static void a_series_of_a_zone_that_cannot_be_told_has_its_name(void **unused)
{
	const struct zone_rules told = { .offset = 120,
					 .daylight = 180,
					 .to_daylight = { .month = 3, .week = 5, .weekday = 5, .minutes = 120 },
					 .to_standard = { .month = 10, .week = 5, .weekday = 0, .minutes = 120 } };
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
	CLEANUP(buf_release) struct buf blob = BUF_INIT(256), xml = BUF_INIT(4096);
	const char *key, *id;
	struct cal_series s;
	struct eas_reply r;

	(void)unused;
	f.phone.version = "14.1";
	key = first_key(&f, folder);
	zone_blob_put(&blob, &told);
	buf_fmt(&xml,
		"<Calendar:Timezone>" STR_FMT "</><Calendar:Subject>Eggs</><Calendar:StartTime>20240318T080000Z</>"
		"<Calendar:EndTime>20240318T090000Z</><Calendar:Recurrence><Calendar:Type>1</><Calendar:Interval>1</>"
		"<Calendar:DayOfWeek>2</></>%c",
		STR_ARG(buf_view(&blob)), 0);
	assert_ok(buf_status(&xml));
	r = sync_command(&f, folder, &key, add_item(&f, "c1", xml.p));
	assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &id));
	assert_ok(cal_series_read(&f.arena, octets_of(&f, id), &s));
	assert_true(str_eq(s.event.start.tzid, S("Asia/Jerusalem")));
	assert_int_equal(s.event.start.local.hour, 10);
}

/* A meeting of Ann's with so many. */
static const char *crowd(struct fixture *f, unsigned n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 20);
	const char *ret;

	buf_cstr(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:crowd\r\nDTSTAMP:20260101T000000Z\r\n"
		     "DTSTART:20260716T080000Z\r\nSUMMARY:Eggs\r\nORGANIZER:mailto:ann@example.test\r\n");
	for (unsigned i = 0; i < n; i++)
		buf_fmt(&b, "ATTENDEE:mailto:p%u@x.test\r\n", i);
	buf_cstr(&b, "END:VEVENT\r\nEND:VCALENDAR\r\n");
	assert_ok(arena_cstr(&f->arena, buf_view(&b), &ret));
	return ret;
}

/* CAL_PEOPLE_MAX, and one more: what the server could not tell all of is refused, before it is done. */
static void what_not_all_would_hear_of_is_refused(void **unused)
{
	static const struct {
		unsigned people;
		const char *summary;
	} cases[] = { { CAL_PEOPLE_MAX, "SUMMARY:Fewer" }, { CAL_PEOPLE_MAX + 1, "SUMMARY:Eggs" } };
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);

	(void)unused;
	f.phone.version = "16.1";
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;
		const char *key, *id;
		struct str octets;

		put_octets(&f, folder, crowd(&f, cases[i].people));
		r = sync_with(&f, folder, first_key(&f, folder), "53 03 '1' 00 01");
		assert_ok(arena_cstr(&f.arena, eas_reply_text(&r, "ServerId", 0), &id));
		key = key_of(&f, &r);
		r = sync_command(&f, folder, &key, change_item(&f, id, "<Calendar:Subject>Fewer</>"));
		if (i)
			assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
		octets = octets_of(&f, id);
		assert_true(str_find(octets, str_of(cases[i].summary)) < octets.n);
		sync_command(&f, folder, &key, delete_item(&f, id));
		assert_int_equal(only_item(&f, folder) != 0, i == 1);
	}
}

/* EVENT_MAX_ATTENDEES of a phone's document, and one more. */
static void a_phone_invites_so_many(void **unused)
{
	FIXTURE(f);
	int64_t folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR);
	const char *key = first_key(&f, folder);

	(void)unused;
	for (unsigned more = 0; more < 2; more++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 20);
		struct eas_reply r;

		buf_cstr(&b, "<Calendar:StartTime>20260716T080000Z</><Calendar:EndTime>20260716T090000Z</"
			     "><Calendar:Attendees>");
		for (unsigned i = 0; i < EVENT_MAX_ATTENDEES + more; i++)
			buf_fmt(&b, "<Calendar:Attendee><Calendar:Email>p%u@x.test</><Calendar:Name>P</></>", i);
		buf_fmt(&b, "</>%c", 0);
		assert_ok(buf_status(&b));
		r = sync_command(&f, folder, &key, add_item(&f, more ? "c2" : "c1", b.p));
		assert_true(str_eq(eas_reply_text(&r, "Status", 1), more ? S("6") : S("1")));
		assert_int_not_equal(only_item(&f, folder), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exception_has_each_element_once),
		cmocka_unit_test(a_meeting_has_its_links),
		cmocka_unit_test(what_an_exception_lacks_is_an_empty_element),
		cmocka_unit_test(the_own_answer_is_told),
		cmocka_unit_test(a_whole_day_has_no_zone_from_16_0_on),
		cmocka_unit_test(what_is_ghosted_stays),
		cmocka_unit_test(what_a_change_leaves_out_goes_by_supported_and_version),
		cmocka_unit_test(what_is_wanted_of_attendees_can_be_ghosted),
		cmocka_unit_test(text_that_was_told_leaves_the_html),
		cmocka_unit_test(a_zone_that_was_told_for_a_year_is_the_events),
		cmocka_unit_test(a_series_that_ends_in_its_first_year_is_told_that_years_days),
		cmocka_unit_test(a_series_of_a_zone_that_cannot_be_told_has_its_name),
		cmocka_unit_test(what_not_all_would_hear_of_is_refused),
		cmocka_unit_test(a_phone_invites_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
