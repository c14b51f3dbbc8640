/* iCalendar into plain values. */
#include <gateway/content/calendar.h>
#include <gateway/content/calendar_quiet.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

enum { ARENA_MAX = 16 * 1024 * 1024 };

#define EVENT(lines)                                                                           \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u1\r\n" lines \
	"END:VEVENT\r\nEND:VCALENDAR\r\n"

static struct cal_event read_event(struct arena *a, const char *text)
{
	struct cal_event e;
	size_t n;

	assert_int_equal(cal_event_read(a, str_of(text), &e, &n), ERR_OK);
	return e;
}

static void an_invitation_is_read(void **unused)
{
	static const char text[] =
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n"
		"BEGIN:VTIMEZONE\r\nTZID:My Berlin\r\n"
		"BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"
		"TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
		"BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"
		"TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
		"BEGIN:VEVENT\r\nUID:abc@example.org\r\nSUMMARY:Lunch\\, at one\r\nLOCATION:Caf\xC3\xA9\r\n"
		"ORGANIZER;CN=\"Lee, Ann\":mailto:ann@example.org\r\nDTSTAMP:20260101T000000Z\r\n"
		"ATTENDEE;RSVP=TRUE:mailto:bob@example.org\r\n"
		"DTSTART;TZID=My Berlin:20260715T130000\r\nDURATION:PT1H30M\r\nSEQUENCE:2\r\nCLASS:PRIVATE\r\n"
		"X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\r\nX-MICROSOFT-CDO-INTENDEDSTATUS:OOF\r\n"
		"X-MICROSOFT-DISALLOW-COUNTER:TRUE\r\nTRANSP:TRANSPARENT\r\n"
		"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"
		"END:VEVENT\r\nEND:VCALENDAR\r\n";
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct cal_event e = read_event(&a, text);

	(void)unused;
	assert_int_equal(e.method, CAL_REQUEST);
	assert_true(str_eq(e.uid, S("abc@example.org")));
	assert_true(str_eq(e.summary, S("Lunch, at one")));
	assert_true(str_eq(e.location, S("Caf\xC3\xA9")));
	assert_true(str_eq(e.organizer, S("ann@example.org")));
	assert_true(str_eq(e.organizer_name, S("Lee, Ann")));
	assert_int_equal(e.start.utc_ms, 1784113200000); /* 11:00 UTC */
	assert_int_equal(e.end.utc_ms - e.start.utc_ms, 90 * 60 * 1000);
	assert_int_equal(e.start.zone.offset, 60);
	assert_int_equal(e.start.zone.to_daylight.month, 3);
	assert_int_equal(e.stamp.utc_ms, 1767225600000);
	assert_int_equal(e.sequence, 2);
	assert_int_equal(e.sensitivity, CAL_PRIVATE);
	assert_int_equal(e.busy, CAL_OUT);
	assert_true(e.no_counter && e.response_requested && e.has_reminder);
	assert_int_equal(e.reminder_s, 900);
	assert_int_equal(e.recurrence.frequency, CAL_NEVER);
}

static void rules_are_those_that_activesync_can_say(void **unused)
{
	static const struct {
		const char *rule;
		struct cal_recurrence want;
	} cases[] = {
		{ "FREQ=DAILY;INTERVAL=2;COUNT=5",
		  { .frequency = CAL_DAILY, .interval = 2, .count = 5, .first_weekday = 1 } },
		{ "FREQ=WEEKLY", { .frequency = CAL_WEEKLY, .interval = 1, .weekdays = 8, .first_weekday = 1 } },
		{ "FREQ=WEEKLY;BYDAY=MO,FR;WKST=SU",
		  { .frequency = CAL_WEEKLY, .interval = 1, .weekdays = 34, .first_weekday = 0 } },
		{ "FREQ=MONTHLY", { .frequency = CAL_MONTHLY, .interval = 1, .day_of_month = 15, .first_weekday = 1 } },
		{ "FREQ=MONTHLY;BYDAY=-1FR",
		  { .frequency = CAL_MONTHLY, .interval = 1, .weekdays = 32, .week = 5, .first_weekday = 1 } },
		{ "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
		  { .frequency = CAL_MONTHLY, .interval = 1, .weekdays = 62, .week = 1, .first_weekday = 1 } },
		{ "FREQ=MONTHLY;BYMONTHDAY=-1",
		  { .frequency = CAL_MONTHLY, .interval = 1, .weekdays = 127, .week = 5, .first_weekday = 1 } },
		{ "FREQ=YEARLY",
		  { .frequency = CAL_YEARLY, .interval = 1, .day_of_month = 15, .month = 7, .first_weekday = 1 } },
		{ "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
		  { .frequency = CAL_YEARLY,
		    .interval = 1,
		    .weekdays = 16,
		    .week = 4,
		    .month = 11,
		    .first_weekday = 1 } },
		{ "FREQ=WEEKLY;UNTIL=20261231T000000Z",
		  { .frequency = CAL_WEEKLY,
		    .interval = 1,
		    .weekdays = 8,
		    .has_until = true,
		    .until_ms = 1798635600000,
		    .first_weekday = 1 } },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(buf_release) struct buf text = BUF_INIT(4096);
		struct cal_event e;

		buf_fmt(&text, EVENT("DTSTART:20260715T130000Z\r\nRRULE:%s\r\n"), cases[i].rule);
		buf_char(&text, '\0');
		e = read_event(&a, text.p);
		if (memcmp(&e.recurrence, &cases[i].want, sizeof(e.recurrence)) != 0)
			fail_msg("%s", cases[i].rule);
	}
}

/* Some of them would keep an expansion busy for hours. */
static void other_rules_are_none(void **unused)
{
	static const char *const rules[] = { "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
					     "FREQ=HOURLY",
					     "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO",
					     "FREQ=MONTHLY;BYMONTHDAY=1,15",
					     "FREQ=MONTHLY;BYDAY=MO",
					     "FREQ=YEARLY;BYMONTH=1,7",
					     "FREQ=DAILY;BYHOUR=9,10",
					     "FREQ=MONTHLY;BYDAY=1MO,2TU" };

	(void)unused;
	for (size_t i = 0; i < countof(rules); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(buf_release) struct buf text = BUF_INIT(4096);
		struct cal_event e;

		buf_fmt(&text, EVENT("DTSTART:20260715T130000Z\r\nRRULE:%s\r\n"), rules[i]);
		buf_char(&text, '\0');
		e = read_event(&a, text.p);
		if (e.recurrence.frequency != CAL_NEVER)
			fail_msg("%s", rules[i]);
	}
}

static void days_and_zones_are_told_apart(void **unused)
{
	static const struct {
		const char *lines;
		bool is_date;
		int64_t start, length;
		int offset;
	} cases[] = {
		{ "DTSTART;VALUE=DATE:20260715\r\n", true, 1784073600000, 86400000, 0 },
		{ "DTSTART;VALUE=DATE:20260715\r\nDTEND;VALUE=DATE:20260718\r\n", true, 1784073600000, 3 * 86400000,
		  0 },
		{ "DTSTART:20260715T130000Z\r\n", false, 1784120400000, 0, 0 },
		{ "DTSTART:20260715T130000\r\n", false, 1784120400000, 0, 0 },
		{ "DTSTART;TZID=Europe/Berlin:20260715T130000\r\nDTEND;TZID=Europe/Berlin:20260715T140000\r\n", false,
		  1784113200000, 3600000, 60 },
		{ "DTSTART;TZID=Nowhere:20260715T130000\r\n", false, 1784120400000, 0, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(buf_release) struct buf text = BUF_INIT(4096);
		struct cal_event e;

		buf_fmt(&text, EVENT("%s"), cases[i].lines);
		buf_char(&text, '\0');
		e = read_event(&a, text.p);
		assert_true(e.start.given && e.end.given);
		assert_int_equal(e.start.is_date, cases[i].is_date);
		assert_int_equal(e.start.utc_ms, cases[i].start);
		assert_int_equal(e.end.utc_ms - e.start.utc_ms, cases[i].length);
		assert_int_equal(e.start.zone.offset, cases[i].offset);
	}
}

static void of_a_series_with_exceptions_the_series_is_taken(void **unused)
{
	static const char text[] =
		"BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\n"
		"BEGIN:VEVENT\r\nUID:s\r\nRECURRENCE-ID:20260716T130000Z\r\nSUMMARY:exception\r\nEND:VEVENT\r\n"
		"BEGIN:VEVENT\r\nUID:s\r\nSUMMARY:series\r\nDTSTART:20260715T130000Z\r\nEND:VEVENT\r\n"
		"END:VCALENDAR\r\n";
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct cal_event e;
	size_t n;

	(void)unused;
	assert_int_equal(cal_event_read(&a, str_of(text), &e, &n), ERR_OK);
	assert_int_equal(n, 2);
	assert_true(str_eq(e.summary, S("series")));
	assert_int_equal(e.method, CAL_CANCEL);
}

static void what_is_no_event_is_refused(void **unused)
{
	static const char *const texts[] = { "", "hello", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "BEGIN:VEVENT\r\n",
					     "BEGIN:VCARD\r\nEND:VCARD\r\n" };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	CLEANUP(buf_release) struct buf large = BUF_INIT(CAL_BYTES_MAX + 1);
	struct cal_event e;
	size_t n;

	(void)unused;
	for (size_t i = 0; i < countof(texts); i++)
		assert_int_equal(cal_event_read(&a, str_of(texts[i]), &e, &n), ERR_INVALID);
	buf_cstr(&large, EVENT(""));
	while (large.n < CAL_BYTES_MAX)
		buf_char(&large, '\n');
	assert_int_equal(cal_event_read(&a, buf_view(&large), &e, &n), ERR_OK);
	buf_char(&large, '\n');
	assert_int_equal(cal_event_read(&a, buf_view(&large), &e, &n), ERR_LIMIT);
}

/* What was written to descriptor 2 while each of them was read, and a line of ours. */
static size_t written_of(const char *const *texts, size_t n, char *p, size_t room)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	const int own = dup(STDERR_FILENO);
	FILE *to = tmpfile();
	struct cal_series s;
	unsigned readable = 0;

	assert_non_null(to);
	assert_true(own >= 0 && dup2(fileno(to), STDERR_FILENO) == STDERR_FILENO);
	for (size_t i = 0; i < n; i++)
		readable += cal_series_read(&a, str_of(texts[i]), &s) == ERR_OK;
	fprintf(stderr, "%s\n", "a line of ours: 1");
	dup2(own, STDERR_FILENO);
	close(own);
	assert_int_equal(readable, 4);
	rewind(to);
	n = fread(p, 1, room, to);
	fclose(to);
	return n;
}

enum { LONG_TEXT = 32 * 1024 }; /* of which stdio would make several writes */

/* An event with a line of that beginning and end, and very much between. */
static const char *with_long(char *room, const char *begin, const char *end)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(LONG_TEXT);

	buf_fmt(&b, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n%s", begin);
	for (unsigned i = 0; i < 2000; i++)
		buf_cstr(&b, "event=login ");
	buf_fmt(&b, "%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", end);
	buf_char(&b, '\0');
	assert_int_equal(buf_status(&b), ERR_OK);
	memcpy(room, b.p, b.n);
	return room;
}

/* The library's macros print what strangers write. */
static void what_strangers_write_is_not_printed(void **unused)
{
	char value[LONG_TEXT], kind[LONG_TEXT], name[LONG_TEXT], text[64 * 1024];
	const char *const texts[] = {
		"END:VEVENT\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
		"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nEND:VCALENDAR\r\nevent=login user=root\r\n",
		EVENT("DTSTART:20260716T100000Z\r\nATTACH;VALUE=X-LOG:event=login\r\nX-A;VALUE=X-B:event=login\r\n"),
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nBEGIN:VALARM\r\n",
		with_long(value, "ATTACH;VALUE=X-LOG:", ""),
		with_long(kind, "X-A;VALUE=", ":1"),
		with_long(name, "", ":1"),
	};
	size_t n = written_of(texts, countof(texts), text, sizeof(text));

	(void)unused;
	assert_true(str_find(str_from(text, n), S("libical")) < n); /* or this is no test */
	cal_quiet_library();
	n = written_of(texts, countof(texts), text, sizeof(text));
	assert_true(str_eq(str_from(text, n), S("a line of ours: 1\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_invitation_is_read),
		cmocka_unit_test(rules_are_those_that_activesync_can_say),
		cmocka_unit_test(other_rules_are_none),
		cmocka_unit_test(days_and_zones_are_told_apart),
		cmocka_unit_test(of_a_series_with_exceptions_the_series_is_taken),
		cmocka_unit_test(what_is_no_event_is_refused),
		cmocka_unit_test(what_strangers_write_is_not_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
