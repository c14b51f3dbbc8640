/* Events with their exceptions: read, changed by name, taken apart (test_calendar_rules.c: expanded). */
#include "calendar_support.h"

#include <gateway/content/calendar_expand.h>
#include <gateway/content/calendar_join.h>

static void a_series_is_read_with_its_exceptions(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct cal_series s = read_series(&a, S(SERIES));

	(void)unused;
	assert_int_equal(s.event.start.utc_ms, JULY_15 + 11 * 3600000);
	assert_true(str_eq(s.event.start.tzid, S("Mine")));
	assert_int_equal(s.exceptions_n, 1);
	assert_int_equal(s.exceptions[0].recurrence_id.utc_ms, JULY_15 + 21 * DAY + 11 * 3600000);
	assert_int_equal(s.exceptions[0].start.utc_ms, JULY_15 + 22 * DAY + 13 * 3600000);
	assert_int_equal(s.deleted_n, 2);
	assert_int_equal(s.event.attendees_n, 2);
	assert_int_equal(s.event.attendees[0].answer, CAL_ANSWER_NONE);
	assert_int_equal(s.event.attendees[1].answer, CAL_ANSWER_UNKNOWN);
	assert_true(s.event.has_reminder && s.event.reminder_s == 900);
}

static void a_change_touches_what_it_names_alone(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct cal_edit edit = { .series = { .what = CAL_FIELD_BUSY, .to = { .busy = CAL_OUT } }, .now_ms = JULY_15 };
	struct str rest = S(SERIES), line, text = write_text(&a, S(SERIES), &edit);

	(void)unused;
	while (str_cut(&rest, '\n', &line))
		if (line.n > 1 && !str_starts(line, S("DTSTAMP")))
			assert_true(str_find(text, str_slice(line, 0, line.n - 1)) < text.n);
	assert_true(text_has(text, "X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n") && text_has(text, "TRANSP:OPAQUE\r\n"));
	assert_int_equal(read_series(&a, text).event.busy, CAL_OUT);
}

static void nothing_named_changes_nothing(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);

	(void)unused;
	assert_true(str_eq(write_text(&a, S(SERIES), &(struct cal_edit){ .now_ms = 1 }), S(SERIES)));
}

static void what_an_event_says_already_is_no_change(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct cal_series s = read_series(&a, S(SERIES));
	struct cal_change c = { .what = (1u << 18) - 1, .to = s.event };

	(void)unused;
	cal_change_reduce(&c, &s.event);
	assert_int_equal(c.what, 0);
	c.what = CAL_FIELD_SUMMARY | CAL_FIELD_BUSY;
	c.to.summary = S("other");
	cal_change_reduce(&c, &s.event);
	assert_int_equal(c.what, CAL_FIELD_SUMMARY);
}

/* Bob stays with the parameters that nobody understands, Eve goes, Ann comes. */
static void attendees_keep_what_their_lines_say(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct cal_attendee people[] = {
		{ .name = S("Bob"), .address = S("BOB@x.test"), .role = CAL_OPTIONAL, .answer = CAL_ANSWER_ACCEPTED },
		{ .name = S("Lee, \"Ann\""),
		  .address = S("ann@x.test"),
		  .role = CAL_RESOURCE,
		  .answer = CAL_ANSWER_NONE,
		  .rsvp = true },
	};
	struct cal_edit edit = { .series = { .what = CAL_FIELD_ATTENDEES,
					     .to = { .attendees = people, .attendees_n = 2 } } };
	struct str text = write_text(&a, S(SERIES), &edit);
	struct cal_series s = read_series(&a, text);

	(void)unused;
	assert_true(text_has(text, "X-NUM-GUESTS=2") && !text_has(text, "eve@"));
	assert_int_equal(s.event.attendees_n, 2);
	assert_int_equal(s.event.attendees[0].answer, CAL_ANSWER_ACCEPTED);
	assert_int_equal(s.event.attendees[0].role, CAL_OPTIONAL);
	assert_true(str_eq(s.event.attendees[1].name, S("Lee, 'Ann'")));
	assert_int_equal(s.event.attendees[1].role, CAL_RESOURCE);
	assert_true(s.event.attendees[1].rsvp);
}

static void instances_are_changed_deleted_and_restored(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	const int64_t first = JULY_15 + 11 * 3600000;
	struct cal_change changes[] = {
		{ .instance_ms = first + 7 * DAY, .what = CAL_FIELD_SUMMARY, .to = { .summary = S("Back") } },
		{ .instance_ms = first + 21 * DAY, .what = CAL_FIELD_BUSY, .to = { .busy = CAL_FREE } },
		{ .instance_ms = first + 28 * DAY, .deleted = true },
	};
	struct cal_edit edit = { .instances = changes, .instances_n = 3 };
	struct str text = write_text(&a, S(SERIES), &edit);
	struct cal_series s = read_series(&a, text);

	(void)unused;
	assert_int_equal(s.exceptions_n, 2);
	assert_int_equal(s.deleted_n, 2); /* the 29th of July, and the new one */
	assert_true(text_has(text, "X-EX:1"));
	for (size_t i = 0; i < 2; i++) {
		const struct cal_event *e = &s.exceptions[i];

		if (e->recurrence_id.utc_ms == first + 7 * DAY) {
			assert_true(str_eq(e->summary, S("Back")));
			assert_int_equal(e->start.utc_ms, first + 7 * DAY);
			assert_int_equal(e->end.utc_ms - e->start.utc_ms, 3600000);
			assert_int_equal(e->attendees_n, 2);
			assert_int_equal(e->recurrence.frequency, CAL_NEVER);
		} else {
			assert_true(str_eq(e->summary, S("Moved")));
			assert_int_equal(e->busy, CAL_FREE);
			assert_int_equal(e->start.utc_ms, JULY_15 + 22 * DAY + 13 * 3600000);
		}
	}
	/* As phones before 16.0 say it: these are all. */
	edit = (struct cal_edit){ .instances = &changes[2], .instances_n = 1, .whole = true };
	s = read_series(&a, write_text(&a, text, &edit));
	assert_int_equal(s.exceptions_n, 0);
	assert_int_equal(s.deleted_n, 1);
}

static void texts_come_back_as_they_were(void **unused)
{
	static const struct str texts[] = {
		STR_INIT("a,b;c\\d\nnext "
			 "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
			 "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3"
			 "\xA9"
			 "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9 end"),
		STR_INIT("<p style=\"x:1;y:2\">\xF0\x9F\x98\x80 a, b</p>"),
		STR_INIT("BEGIN:VALARM\nEND:VEVENT"),
	};

	(void)unused;
	for (size_t i = 0; i < countof(texts); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		struct cal_edit edit = {
			.series = { .what = CAL_FIELD_BODY | CAL_FIELD_UID | CAL_FIELD_TIMES | CAL_FIELD_CATEGORIES,
				    .to = { .uid = S("u"),
					    .start = { .given = true, .local = { 2026, 7, 15, 0, 0, 0 } },
					    .end = { .given = true, .local = { 2026, 7, 15, 1, 0, 0 } },
					    .description = texts[i],
					    .html = texts[i],
					    .categories = (struct str[]){ S("a,b"), S("c") },
					    .categories_n = 2 } }
		};
		struct cal_series s = read_series(&a, write_text(&a, STR_EMPTY, &edit));

		assert_true(str_eq(s.event.description, texts[i]));
		assert_true(str_eq(s.event.html, texts[i]));
		assert_int_equal(s.event.categories_n, 2);
		assert_true(str_eq(s.event.categories[0], S("a,b")));
	}
}

/* ---- messages and files ---- */

static void a_reply_has_the_one_who_answers_alone(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);
	struct cal_message m = { .method = CAL_REPLY,
				 .attendee = S("bob@x.test"),
				 .answer = CAL_ANSWER_ACCEPTED,
				 .instance_ms = INT64_MIN,
				 .now_ms = JULY_15 };
	struct cal_series s;

	(void)unused;
	assert_int_equal(cal_message_write(&a, S(SERIES), &m, &out), ERR_OK);
	s = read_series(&a, buf_view(&out));
	assert_int_equal(s.event.method, CAL_REPLY);
	assert_int_equal(s.event.attendees_n, 1);
	assert_int_equal(s.event.attendees[0].answer, CAL_ANSWER_ACCEPTED);
	assert_int_equal(s.exceptions_n, 0);
	assert_true(!text_has(buf_view(&out), "VALARM") && text_has(buf_view(&out), "RRULE"));
}

static void one_instance_is_called_off_alone(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);
	struct cal_message m = { .method = CAL_CANCEL, .instance_ms = JULY_15 + 11 * 3600000 + 35 * DAY };
	struct cal_series s;

	(void)unused;
	assert_int_equal(cal_message_write(&a, S(SERIES), &m, &out), ERR_OK);
	s = read_series(&a, buf_view(&out));
	assert_true(s.orphan && s.event.cancelled);
	assert_int_equal(s.event.recurrence_id.utc_ms, m.instance_ms);
}

/* As Exchange writes them: a name with commas, which has quotes in the one place and backslashes in the other, and a fold. */
static void the_zones_of_a_file_go_with_what_names_them(void **unused)
{
	static const char file[] =
		"BEGIN:VCALENDAR\r\n"
		"BEGIN:VTIMEZONE\r\nTZID:(UTC+07:00) Bangkok\\, Hanoi\\, Jakarta\r\nBEGIN:STANDARD\r\n"
		"DTSTART:16010101T000000\r\nTZOFFSETFROM:+0700\r\nTZOFFSETTO:+0700\r\nEND:STANDARD\r\n"
		"END:VTIMEZONE\r\n"
		"BEGIN:VTIMEZONE\r\nTZID: Ours\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
		"TZOFFSETFROM:-0300\r\nTZOFFSETTO:-0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
		"BEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=\"(UTC+07:00) Bangkok, Ha\r\n noi, Jakarta\":20260101"
		"T100000\r\nEND:VEVENT\r\n"
		"BEGIN:VEVENT\r\nUID:b\r\nDTSTART;TZID= Ours:20260101T100000\r\nEND:VEVENT\r\n"
		"BEGIN:VEVENT\r\nUID:c\r\nDTSTART:20260101T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
	static const int offsets[] = { 7 * 60, -3 * 60, 0 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct str *list;
	size_t n;

	(void)unused;
	assert_int_equal(cal_split(&a, str_of(file), S("VEVENT"), &list, &n), ERR_OK);
	assert_int_equal(n, countof(offsets));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(read_series(&a, list[i]).event.start.zone.offset, offsets[i]);
	assert_false(str_find(list[0], S("Ours")) < list[0].n);
	assert_false(str_find(list[2], S("VTIMEZONE")) < list[2].n);
}

/* As Evolution and others write it: the changes that the event needs, as dates. */
static void a_zone_of_dates_is_taken_by_its_name(void **unused)
{
	static const char text[] =
		"BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:America/Vancouver\n"
		"BEGIN:STANDARD\nDTSTART:20221106T020000\nTZOFFSETFROM:-0700\nTZOFFSETTO:-0800\nRDATE:20231105T020000\n"
		"END:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:20230312T020000\nTZOFFSETFROM:-0800\nTZOFFSETTO:-0700\n"
		"RDATE:20240310T020000\nEND:DAYLIGHT\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:a\n"
		"DTSTART;TZID=America/Vancouver:20230920T120000\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n";
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct cal_series s = read_series(&a, str_of(text));

	(void)unused;
	assert_int_equal(s.event.start.zone.offset, -8 * 60);
	assert_int_equal(s.event.start.zone.daylight, -7 * 60);
	assert_int_equal(s.event.start.zone.to_standard.month, 11);
}

static void dates_beside_a_rule_may_have_a_length_of_their_own(void **unused)
{
	static const char text[] =
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20260302T080000Z\nDURATION:PT1H\n"
		"RDATE;VALUE=PERIOD:20260316T080000Z/20260316T113000Z,20260317T080000Z/PT5H,"
		"20260318T080000Z/20260318T080000Z\nRDATE:20260319T080000Z\nEND:VEVENT\nEND:VCALENDAR\n";
	static const int64_t minutes[] = { 210, 300, -1, -1 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct cal_series s = read_series(&a, str_of(text));
	struct cal_plan plan;

	(void)unused;
	assert_int_equal(s.dates_n, countof(minutes));
	for (size_t i = 0; i < s.dates_n; i++)
		assert_int_equal(s.dates[i].duration_ms, minutes[i] < 0 ? -1 : minutes[i] * 60000);
	assert_int_equal(cal_plan_make(&a, &s, &plan), ERR_OK);
	assert_int_equal(plan.others_n, countof(minutes));
	for (size_t i = 0; i < plan.others_n; i++)
		assert_int_equal(plan.others[i].end_ms - plan.others[i].start_ms,
				 (minutes[i] < 0 ? 60 : minutes[i]) * 60000);
}

static void a_file_is_taken_apart_by_uid(void **unused)
{
	static const char file[] = " BEGIN:VCALENDAR\nX-WR-TIMEZONE:Europe/"
				   "Berlin\nBEGIN:VEVENT\nUID:a\nDTSTART:20260101T100000\nEND:VEVENT\n"
				   "BEGIN:VTODO\nUID:t\nEND:VTODO\nBEGIN:VEVENT\nDTSTART:20260101T100000Z\nEND:VEVENT\n"
				   "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20260102T100000\nDTSTART:20260102T110000\nEND:"
				   "VEVENT\nEND:VCALENDAR\n"
				   "BEGIN:VEVENT\nUID:b\nDTSTART;VALUE=DATE:20260101\nEND:VEVENT\n";
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct str *list;
	size_t n;

	(void)unused;
	assert_int_equal(cal_split(&a, str_of(file), S("VEVENT"), &list, &n), ERR_OK);
	assert_int_equal(n, 3);
	assert_int_equal(read_series(&a, list[0]).exceptions_n, 1);
	assert_int_equal(read_series(&a, list[0]).event.start.zone.offset, 60);
	assert_true(read_series(&a, list[1]).event.uid.n > 10);
	assert_true(read_series(&a, list[2]).event.start.is_date);
	assert_int_equal(cal_split(&a, S("nothing"), S("VEVENT"), &list, &n), ERR_INVALID);
}

/* But for how it was sent, and for what is too long to stand with each. */
static void what_a_file_says_of_itself_is_kept_with_each_item(void **unused)
{
	static const struct {
		const char *what, *line;
		size_t more; /* octets of its value behind the line */
		bool kept;
	} cases[] = {
		{ "the calendar's name", "X-WR-CALNAME:Ours\\, at home", 0, true },
		{ "a colour", "X-APPLE-CALENDAR-COLOR:#1BADF8", 0, true },
		{ "a property of IANA's", "REFRESH-INTERVAL;VALUE=DURATION:P1W", 0, true },
		{ "the method", "METHOD:PUBLISH", 0, false },
		{ "what fills the room", "X-LONG:", 4096 - 7, true },
		{ "what is longer", "X-LONG:", 4096 - 6, false },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(TEXT_MAX);
		struct str *list;
		size_t n;

		buf_fmt(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n%s", cases[i].line);
		for (size_t k = 0; k < cases[i].more; k++)
			buf_char(&b, 'x');
		buf_cstr(&b, "\r\nBEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:b\r\nEND:VEVENT\r\n"
			     "END:VCALENDAR\r\n");
		assert_int_equal(cal_split(&a, buf_view(&b), S("VEVENT"), &list, &n), ERR_OK);
		assert_int_equal(n, 2);
		for (size_t k = 0; k < n; k++)
			if ((str_find(list[k], str_of(cases[i].line)) < list[k].n) != cases[i].kept)
				fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(list[k]));
	}
}

#define OF(header, zone, uid) \
	"BEGIN:VCALENDAR\r\n" header zone "BEGIN:VEVENT\r\nUID:" uid "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
#define ZONE_OF(name, x) "BEGIN:VTIMEZONE\r\nTZID:" name "\r\n" x "END:VTIMEZONE\r\n"
#define PART(uid) "BEGIN:VEVENT\r\nUID:" uid "\r\nEND:VEVENT\r\n"

/* One VCALENDAR as long as nothing is lost by it. */
static void items_are_one_file(void **unused)
{
	static const struct {
		const char *what, *one, *other, *file;
	} cases[] = {
		{ "alike", OF("X-A:1\r\n", "", "a"), OF("X-A:1\r\n", "", "b"),
		  "BEGIN:VCALENDAR\r\nX-A:1\r\n" PART("a") PART("b") "END:VCALENDAR\r\n" },
		{ "of other calendars", OF("X-A:1\r\n", "", "a"), OF("X-A:2\r\n", "", "b"),
		  OF("X-A:1\r\n", "", "a") OF("X-A:2\r\n", "", "b") },
		{ "of one zone", OF("", ZONE_OF("z", ""), "a"), OF("", ZONE_OF("z", ""), "b"),
		  "BEGIN:VCALENDAR\r\n" ZONE_OF("z", "") PART("a") PART("b") "END:VCALENDAR\r\n" },
		{ "of two", OF("", ZONE_OF("y", ""), "a"), OF("", ZONE_OF("z", ""), "b"),
		  "BEGIN:VCALENDAR\r\n" ZONE_OF("y", "") PART("a") ZONE_OF("z", "") PART("b") "END:VCALENDAR\r\n" },
		{ "of two that are called alike", OF("", ZONE_OF("z", ""), "a"), OF("", ZONE_OF("z", "X:1\r\n"), "b"),
		  OF("", ZONE_OF("z", ""), "a") OF("", ZONE_OF("z", "X:1\r\n"), "b") },
		{ "one that is none", OF("", "", "a"), "what?\r\n", OF("", "", "a") "what?\r\n" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(cal_join_free) struct cal_join *j = cal_join_new();
		CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);

		assert_int_equal(cal_join_put(j, &a, str_of(cases[i].one), &out), ERR_OK);
		arena_reset(&a);
		assert_int_equal(cal_join_put(j, &a, str_of(cases[i].other), &out), ERR_OK);
		cal_join_end(j, &out);
		if (!str_eq(buf_view(&out), str_of(cases[i].file)))
			fail_msg("%s:\n" STR_FMT, cases[i].what, STR_ARG(buf_view(&out)));
	}
}

/* ---- limits ---- */

static struct str with_attendees(struct arena *a, int n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(TEXT_MAX);
	struct str ret;

	buf_cstr(&b, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:20260101T100000Z\r\n");
	for (int i = 0; i < n; i++)
		buf_fmt(&b, "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:a%d@x.test\r\n", i);
	buf_cstr(&b, "END:VEVENT\r\nEND:VCALENDAR\r\n");
	assert_int_equal(buf_status(&b), ERR_OK);
	assert_int_equal(arena_str(a, buf_view(&b), &ret), ERR_OK);
	return ret;
}

static size_t count_in(struct str text, struct str what)
{
	size_t n = 0;

	for (size_t at = str_find(text, what); at < text.n; at = str_find(text, what), n++)
		text = str_slice(text, at + what.n, text.n);
	return n;
}

static void attendees_that_nobody_looks_at_stay(void **unused)
{
	const struct {
		const char *what;
		int attendees, answers; /* who answers */
		size_t list, lines;     /* how many of those that are seen are left */
	} cases[] = {
		{ "at the limit", CAL_ATTENDEES_MAX, CAL_ATTENDEES_MAX - 1, CAL_ATTENDEES_MAX - 1,
		  CAL_ATTENDEES_MAX - 1 },
		{ "past it", CAL_ATTENDEES_MAX + 1, CAL_ATTENDEES_MAX, CAL_ATTENDEES_MAX - 1, CAL_ATTENDEES_MAX },
		{ "far past it", CAL_ATTENDEES_MAX + 100, CAL_ATTENDEES_MAX + 50, CAL_ATTENDEES_MAX,
		  CAL_ATTENDEES_MAX + 100 },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf address = BUF_INIT(64);
		struct str text = with_attendees(&a, cases[i].attendees), out;
		struct cal_event e = read_series(&a, text).event;
		struct cal_attendee who = { .answer = CAL_ANSWER_ACCEPTED };
		struct cal_edit edit = { .series = { .what = CAL_FIELD_ANSWERS } };

		buf_fmt(&address, "a%d@x.test", cases[i].answers);
		who.address = buf_view(&address);
		edit.series.to.attendees = &who;
		edit.series.to.attendees_n = 1;
		out = write_text(&a, text, &edit);
		assert_int_equal(count_in(out, S("ATTENDEE")), cases[i].attendees);
		assert_int_equal(count_in(out, S("PARTSTAT=ACCEPTED")), 1);
		edit.series.what = CAL_FIELD_ATTENDEES;
		edit.series.to.attendees = e.attendees;
		edit.series.to.attendees_n = cases[i].list;
		out = write_text(&a, text, &edit);
		if (count_in(out, S("ATTENDEE")) != cases[i].lines)
			fail_msg("%s", cases[i].what);
	}
}

static void who_takes_no_part_has_no_answer(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);
	struct cal_attendee who = { .address = S("b@x.test"), .answer = CAL_ANSWER_ACCEPTED };
	const struct cal_edit edit = { .series = { .what = CAL_FIELD_ANSWERS,
						   .to = { .attendees = &who, .attendees_n = 1 } } };

	(void)unused;
	assert_int_equal(cal_write(&a, with_attendees(&a, 3), &edit, &out), ERR_NOT_FOUND);
}

/* Zones that change at 24:00 or later of a day that is counted, and before it: the same rules, and the moments of zoneinfo. */
static void a_zone_that_changes_on_another_day_is_written_and_read(void **unused)
{
	static const char *const names[] = { "America/Santiago", "Asia/Jerusalem", "Africa/Cairo", "Asia/Gaza",
					     "America/Nuuk",     "Europe/Berlin",  "Asia/Beirut" };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);

	(void)unused;
	for (size_t i = 0; i < countof(names); i++) {
		struct cal_edit edit = { .series = { .what = CAL_FIELD_UID | CAL_FIELD_TIMES,
						     .to = { .uid = S("u") } } };
		struct cal_time *start = &edit.series.to.start;
		struct cal_series back;
		struct zone_rules zone;

		*start = (struct cal_time){ .given = true, .tzid = S("Own"), .local = { 2026, 7, 1, 10, 0, 0 } };
		assert_int_equal(zone_by_name(str_of(names[i]), &zone), ERR_OK);
		start->zone = zone;
		start->utc_ms = zone_to_utc(&zone, start->local);
		edit.series.to.end = *start;
		back = read_series(&a, write_text(&a, STR_EMPTY, &edit));
		if (memcmp(&back.event.start.zone, &zone, sizeof(zone)) != 0)
			fail_msg("%s: " STR_FMT, names[i], STR_ARG(write_text(&a, STR_EMPTY, &edit)));
	}
}

/* A daily series, whose first n instances are exceptions. */
static const char *with_exceptions(struct arena *a, int n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(CAL_BYTES_MAX);
	const struct zone_rules utc = { 0 };
	const char *ret;

	buf_cstr(&b, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:20000101T100000Z\r\nRRULE:FREQ=DAILY\r\n"
		     "END:VEVENT\r\n");
	for (int i = 0; i < n; i++) {
		struct local_time t = zone_from_utc(&utc, (days_of_date(2000, 1, 1) + i) * DAY);

		buf_fmt(&b, "BEGIN:VEVENT\r\nUID:u\r\nRECURRENCE-ID:%04d%02d%02dT100000Z\r\n", t.year, t.month, t.day);
		buf_fmt(&b, "DTSTART:%04d%02d%02dT110000Z\r\nEND:VEVENT\r\n", t.year, t.month, t.day);
	}
	buf_cstr(&b, "END:VCALENDAR\r\n");
	assert_int_equal(arena_cstr(a, buf_view(&b), &ret), ERR_OK);
	return ret;
}

/* CAL_INSTANCES_MAX: one more is refused, and never kept where nobody looks. Those that are there can be changed, and can go. */
static void a_series_has_so_many_exceptions(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(256 << 20);
	const int64_t first = days_of_date(2000, 1, 1) * DAY + 10 * 3600000;
	static const struct {
		int there, named; /* exceptions, and which instance is changed */
		bool deleted;
		enum err result;
		size_t n;
	} cases[] = {
		{ CAL_INSTANCES_MAX - 1, CAL_INSTANCES_MAX - 1, false, ERR_OK, CAL_INSTANCES_MAX },
		{ CAL_INSTANCES_MAX, CAL_INSTANCES_MAX, false, ERR_LIMIT, 0 },
		{ CAL_INSTANCES_MAX, 5, false, ERR_OK, CAL_INSTANCES_MAX },
		{ CAL_INSTANCES_MAX, 5, true, ERR_OK, CAL_INSTANCES_MAX - 1 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(2 * CAL_BYTES_MAX);
		const struct cal_change change = { .what = CAL_FIELD_LOCATION,
						   .to = { .location = S("Roof") },
						   .deleted = cases[i].deleted,
						   .instance_ms = first + cases[i].named * DAY };
		const struct cal_edit edit = { .instances = &change, .instances_n = 1, .now_ms = 1 };
		struct cal_series s;

		assert_int_equal(cal_write(&a, str_of(with_exceptions(&a, cases[i].there)), &edit, &out),
				 cases[i].result);
		if (cases[i].result)
			continue;
		assert_int_equal(cal_series_read(&a, buf_view(&out), &s), ERR_OK);
		assert_int_equal(s.exceptions_n, cases[i].n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_series_has_so_many_exceptions),
		cmocka_unit_test(a_series_is_read_with_its_exceptions),
		cmocka_unit_test(a_change_touches_what_it_names_alone),
		cmocka_unit_test(nothing_named_changes_nothing),
		cmocka_unit_test(what_an_event_says_already_is_no_change),
		cmocka_unit_test(attendees_keep_what_their_lines_say),
		cmocka_unit_test(instances_are_changed_deleted_and_restored),
		cmocka_unit_test(texts_come_back_as_they_were),
		cmocka_unit_test(a_reply_has_the_one_who_answers_alone),
		cmocka_unit_test(one_instance_is_called_off_alone),
		cmocka_unit_test(a_file_is_taken_apart_by_uid),
		cmocka_unit_test(what_a_file_says_of_itself_is_kept_with_each_item),
		cmocka_unit_test(items_are_one_file),
		cmocka_unit_test(the_zones_of_a_file_go_with_what_names_them),
		cmocka_unit_test(a_zone_of_dates_is_taken_by_its_name),
		cmocka_unit_test(dates_beside_a_rule_may_have_a_length_of_their_own),
		cmocka_unit_test(attendees_that_nobody_looks_at_stay),
		cmocka_unit_test(who_takes_no_part_has_no_answer),
		cmocka_unit_test(a_zone_that_changes_on_another_day_is_written_and_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
