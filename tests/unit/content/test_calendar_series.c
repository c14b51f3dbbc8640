/* Events with their exceptions: read, changed by name, taken apart, expanded. */
#include <gateway/content/calendar_expand.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <tests/support/shared.h>

#include <dirent.h>
#include <stdio.h>

enum { ARENA_MAX = 256 * 1024 * 1024, TEXT_MAX = 4 * 1024 * 1024, OCCURRENCES_MAX = 4000 };
#define DAY INT64_C(86400000)
#define JULY_15 INT64_C(1784073600000) /* 2026-07-15T00:00:00Z, a Wednesday */

#define SERIES                                                                                                    \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nX-OWN:a\\, b\r\n"                                \
	"BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n"                           \
	"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"   \
	"BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"                 \
	"TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"                             \
	"BEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Mine:20260715T130000\r\n"             \
	"DTEND;TZID=Mine:20260715T140000\r\nRRULE:FREQ=WEEKLY;COUNT=10\r\nSUMMARY;LANGUAGE=en:Lunch\r\n"          \
	"STRANGE-THING;X-P=\"a;b\":kept\\nas it "                                                                 \
	"is\r\nATTENDEE;X-NUM-GUESTS=2;PARTSTAT=NEEDS-ACTION;CN=Bob:mailto:bob@x.test\r\n"                        \
	"ATTENDEE;CN=Eve:mailto:eve@x.test\r\nEXDATE;TZID=Mine:20260722T130000,20260729T130000\r\n"               \
	"BEGIN:VALARM\r\nACTION:DISPLAY\r\nX-A:1\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\n"               \
	"BEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID;TZID=Mine:20260805T130000\r\n"       \
	"DTSTART;TZID=Mine:20260806T150000\r\nDTEND;TZID=Mine:20260806T160000\r\nSUMMARY:Moved\r\nX-EX:1\r\nEND:" \
	"VEVENT\r\n"                                                                                              \
	"END:VCALENDAR\r\n"

static struct str write_text(struct arena *a, struct str text, const struct cal_edit *edit)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);
	struct str ret;

	assert_int_equal(cal_write(a, text, edit, &out), ERR_OK);
	assert_int_equal(arena_str(a, buf_view(&out), &ret), ERR_OK);
	return ret;
}

static struct cal_series read_series(struct arena *a, struct str text)
{
	struct cal_series s;

	assert_int_equal(cal_series_read(a, text, &s), ERR_OK);
	return s;
}

static bool has(struct str text, const char *needle)
{
	return str_find(text, str_of(needle)) < text.n;
}

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
	assert_true(has(text, "X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n") && has(text, "TRANSP:OPAQUE\r\n"));
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
	assert_true(has(text, "X-NUM-GUESTS=2") && !has(text, "eve@"));
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
	assert_true(has(text, "X-EX:1"));
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

/* ---- rules ---- */

struct found {
	int64_t start[OCCURRENCES_MAX];
	size_t n;
};

static bool note(void *ctx, const struct cal_occurrence *o)
{
	struct found *f = ctx;

	if (f->n < OCCURRENCES_MAX)
		f->start[f->n++] = o->start_ms;
	return true;
}

static void expand(struct arena *a, const struct cal_series *s, int64_t from, int64_t to, struct found *ret)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(CAL_PLAN_MAX);
	struct cal_plan made, plan;

	ret->n = 0;
	assert_int_equal(cal_plan_make(a, s, &made), ERR_OK);
	cal_plan_put(&octets, &made);
	assert_int_equal(cal_plan_get(a, buf_view(&octets), &plan), ERR_OK);
	cal_plan_walk(&plan, from, to, note, ret);
}

/* By the elements of ActiveSync and back: the same instants over ten years. */
static void same_after_elements(struct arena *a, const struct cal_series *s, const char *what)
{
	static struct found before, after;
	struct cal_edit edit = { .series = { .what = CAL_FIELD_UID | CAL_FIELD_TIMES | CAL_FIELD_RULE,
					     .to = s->event } };
	const int64_t from = s->event.start.utc_ms, to = from + 3653 * DAY;
	struct cal_series again;

	if (s->event.recurrence.odd || !s->event.start.given || s->event.cancelled)
		return;
	again = read_series(a, write_text(a, STR_EMPTY, &edit));
	again.deleted = s->deleted;
	again.deleted_n = s->deleted_n;
	again.exceptions = s->exceptions;
	again.exceptions_n = s->exceptions_n;
	expand(a, s, from, to, &before);
	expand(a, &again, from, to, &after);
	if (before.n != after.n || memcmp(before.start, after.start, before.n * sizeof(int64_t)) != 0)
		fail_msg("%s: %zu instants, then %zu (" STR_FMT ", " STR_FMT ")", what, before.n, after.n,
			 STR_ARG(s->rule), STR_ARG(again.rule));
}

/*
 * MS-ASCAL_R3892311, MS-ASCAL_R3892312 (type 0), MS-ASCAL_R3893714, MS-ASCAL_R3893715, MS-ASCAL_R3893716 (sets of days),
 * MS-ASCAL_R389162 (neither count nor end).
 */
static void rules_expand_the_same_after_the_elements_of_activesync(void **unused)
{
	static const char *const rules[] = {
		"FREQ=DAILY",
		"FREQ=DAILY;INTERVAL=3;COUNT=40",
		"FREQ=DAILY;UNTIL=20270301T000000Z",
		"FREQ=DAILY;UNTIL=20270301",
		"FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
		"FREQ=WEEKLY",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO",
		"FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20270301T105959Z",
		"FREQ=MONTHLY",
		"FREQ=MONTHLY;BYMONTHDAY=31",
		"FREQ=MONTHLY;BYMONTHDAY=-1;INTERVAL=2",
		"FREQ=MONTHLY;BYDAY=3WE",
		"FREQ=MONTHLY;BYDAY=-1FR",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
		"FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=2",
		"FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=3",
		"FREQ=YEARLY",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
		"FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=5",
		"FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;INTERVAL=2",
		"RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=8;SKIP=FORWARD",
	};

	(void)unused;
	for (size_t i = 0; i < countof(rules); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(buf_release) struct buf text = BUF_INIT(4096);
		struct cal_series s;

		buf_fmt(&text,
			"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID=Europe/Berlin:20260715T130000\r\n"
			"DTEND;TZID=Europe/Berlin:20260715T140000\r\nRRULE:%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
			rules[i]);
		s = read_series(&a, buf_view(&text));
		if (s.event.recurrence.odd)
			fail_msg("%s can be said", rules[i]);
		same_after_elements(&a, &s, rules[i]);
	}
}

/* Rules that ActiveSync has no elements for are not said to be others. */
static void other_rules_are_odd(void **unused)
{
	static const char *const rules[] = {
		"FREQ=HOURLY",
		"FREQ=DAILY;INTERVAL=2;BYDAY=MO",
		"FREQ=DAILY;BYMONTH=3",
		"FREQ=MONTHLY;BYDAY=MO",
		"FREQ=MONTHLY;BYDAY=5MO",
		"FREQ=MONTHLY;BYDAY=1MO,1WE",
		"FREQ=MONTHLY;BYDAY=-2FR",
		"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
		"FREQ=MONTHLY;BYMONTHDAY=1,15",
		"FREQ=MONTHLY;BYMONTH=1,2,3",
		"FREQ=YEARLY;BYDAY=1MO",
		"FREQ=YEARLY;BYMONTHDAY=1",
		"FREQ=YEARLY;BYWEEKNO=20",
		"FREQ=YEARLY;BYYEARDAY=100",
		"RSCALE=ETHIOPIC;FREQ=MONTHLY;BYMONTH=13",
	};

	(void)unused;
	for (size_t i = 0; i < countof(rules); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(buf_release) struct buf text = BUF_INIT(4096);

		buf_fmt(&text,
			"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:20260715T130000Z\r\nRRULE:%s\r\n"
			"END:VEVENT\r\nEND:VCALENDAR\r\n",
			rules[i]);
		if (!read_series(&a, buf_view(&text)).event.recurrence.odd)
			fail_msg("%s is another rule", rules[i]);
	}
}

static struct cal_series series_of_rule(struct arena *a, const char *rule)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(4096);

	buf_fmt(&text,
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:20000101T100000Z\r\nDURATION:PT1H\r\nRRULE:%s\r\n"
		"END:VEVENT\r\nEND:VCALENDAR\r\n",
		rule);
	return read_series(a, buf_view(&text));
}

/* A window far from the first day costs what is in it, with COUNT too. */
static void a_window_is_found_without_the_years_before(void **unused)
{
	static struct found f;
	static const struct {
		const char *rule;
		size_t n;
	} cases[] = {
		{ "FREQ=DAILY", 42 },
		{ "FREQ=DAILY;COUNT=9999", 42 },
		{ "FREQ=DAILY;COUNT=9702", 10 }, /* the 9693rd is on 2026-07-15 */
		{ "FREQ=DAILY;UNTIL=20260724T100000Z", 10 },
		{ "FREQ=DAILY;COUNT=9000", 0 },
		{ "FREQ=WEEKLY;BYDAY=MO", 6 },
		{ "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 0 },
		{ "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", 0 },
		{ "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=300", 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		struct cal_series s = series_of_rule(&a, cases[i].rule);

		expand(&a, &s, JULY_15, JULY_15 + 42 * DAY, &f);
		if (f.n != cases[i].n)
			fail_msg("%s: %zu", cases[i].rule, f.n);
	}
}

/* Rules that never come true, or not in a life: an iterator looks for them for seconds, or for ever. */
static void hostile_rules_end(void **unused)
{
	static const char *const rules[] = {
		"FREQ=MONTHLY;BYDAY=53MO",
		"FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
		"FREQ=YEARLY;BYSETPOS=366;BYDAY=MO",
		"FREQ=YEARLY;BYSETPOS=-366;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=10000",
		"FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU;BYMONTH=7",
		"FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=29;COUNT=10000",
		"FREQ=YEARLY;INTERVAL=32767;COUNT=1000000000",
		"FREQ=DAILY;INTERVAL=364;BYDAY=TU",
		"FREQ=WEEKLY;INTERVAL=30000",
		"RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=12L;BYMONTHDAY=30",
		"RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=12L;BYMONTHDAY=30;SKIP=FORWARD",
		"RSCALE=CHINESE;FREQ=DAILY;COUNT=10000",
		"RSCALE=HEBREW;FREQ=MONTHLY;BYMONTHDAY=30;SKIP=FORWARD;COUNT=10000",
		"FREQ=SECONDLY;COUNT=1000000000",
	};
	static struct found f;

	(void)unused;
	for (size_t i = 0; i < countof(rules); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		struct cal_series s = series_of_rule(&a, rules[i]);

		expand(&a, &s, JULY_15, JULY_15 + 42 * DAY, &f);
		expand(&a, &s, JULY_15 + 500 * 365 * DAY, JULY_15 + 501 * 365 * DAY, &f);
	}
}

/* Parts of rules, by the days on which python3-dateutil finds their occurrences. */
static void each_part_of_a_rule_chooses_its_days(void **unused)
{
	static const struct {
		const char *rule;
		int from_day; /* days from 2026-07-15, a Wednesday */
		int at[6];    /* the next ones, in days from there; 0: no more of interest */
	} cases[] = {
		{ "FREQ=DAILY;INTERVAL=10;BYDAY=WE", 1, { 70, 140 } },
		{ "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", 1, { 11, 12, 25, 26 } },
		{ "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO", 1, { 4, 12, 18, 26 } },
		{ "FREQ=MONTHLY;BYMONTHDAY=-1", 1, { 16, 47, 77 } },
		{ "FREQ=MONTHLY;BYDAY=-1FR", 1, { 16, 44, 72 } },
		{ "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 1, { 16, 47, 77 } },
		{ "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", 1, { 121, 394 } },
		{ "FREQ=YEARLY;BYYEARDAY=-1", 1, { 169, 534 } },
		{ "FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR", 1, { 170 } },
		{ "FREQ=YEARLY;BYDAY=-1MO", 1, { 166, 530 } },
		{ "FREQ=YEARLY;BYMONTH=9;BYDAY=1MO", 1, { 54, 418 } },
		{ "FREQ=YEARLY;BYMONTH=1,3", 1, { 184, 243, 549 } },
	};
	static struct found f;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(buf_release) struct buf text = BUF_INIT(4096);
		struct cal_series s;

		buf_fmt(&text,
			"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:20260715T100000Z\r\n"
			"DURATION:PT1H\r\nRRULE:%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
			cases[i].rule);
		s = read_series(&a, buf_view(&text));
		expand(&a, &s, JULY_15 + cases[i].from_day * DAY, JULY_15 + 600 * DAY, &f);
		for (size_t k = 0; k < countof(cases[i].at) && cases[i].at[k]; k++)
			if (k >= f.n || f.start[k] != JULY_15 + cases[i].at[k] * DAY + 10 * 3600000)
				fail_msg("%s: the %zu-th is %lld days on", cases[i].rule, k,
					 k < f.n ? (long long)((f.start[k] - JULY_15) / DAY) : -1LL);
	}
}

/* At the limit a COUNT is counted out; one past it the series has no end. */
static void a_count_is_followed_up_to_a_limit(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct cal_series s = series_of_rule(&a, "FREQ=DAILY;COUNT=10000");
	struct cal_plan plan;

	(void)unused;
	assert_int_equal(cal_plan_make(&a, &s, &plan), ERR_OK);
	assert_int_equal(plan.last_ms, s.event.start.utc_ms + 9999 * DAY + 3600000);
	s = series_of_rule(&a, "FREQ=DAILY;COUNT=10001");
	assert_int_equal(cal_plan_make(&a, &s, &plan), ERR_OK);
	assert_int_equal(plan.last_ms, CAL_ENDLESS);
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
	assert_true(!has(buf_view(&out), "VALARM") && has(buf_view(&out), "RRULE"));
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

/* The calendars of others: every event with a time is read, and its rule expands the same after the elements. */
static void calendars_of_others_survive(void **unused)
{
	CLEANUP(buf_release) struct buf folder = BUF_INIT(4096);
	const char *shared = shared_dir_or_skip();
	struct dirent *d;
	DIR *dir;

	(void)unused;
	buf_fmt(&folder, "%s/corpus/calendar%c", shared, '\0');
	dir = opendir(folder.p);
	assert_non_null(dir);
	while ((d = readdir(dir))) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(buf_release) struct buf path = BUF_INIT(4096), text = BUF_INIT(TEXT_MAX);
		struct str *list;
		size_t n, got;
		FILE *f;

		if (!str_ends(str_of(d->d_name), S(".ics")))
			continue;
		buf_fmt(&path, "%s/%s%c", folder.p, d->d_name, '\0');
		f = fopen(path.p, "rb");
		assert_non_null(f);
		while ((got = fread(buf_reserve(&text, 65536), 1, 65536, f)) > 0)
			buf_added(&text, got);
		fclose(f);
		if (cal_split(&a, buf_view(&text), S("VEVENT"), &list, &n))
			continue;
		for (size_t i = 0; i < n; i++) {
			struct cal_series s = read_series(&a, list[i]);

			same_after_elements(&a, &s, d->d_name);
			if (s.event.start.given)
				assert_true(
					str_eq(write_text(&a, list[i], &(struct cal_edit){ .now_ms = 1 }), list[i]));
		}
	}
	closedir(dir);
}

/* ---- limits ---- */

/* A daily series in a zone of its own, of which the first n instances are deleted. */
static struct cal_series with_deleted(struct arena *a, int n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(TEXT_MAX);
	const struct zone_rules utc = { 0 };

	buf_cstr(&b, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID=Europe/Berlin:20000101T100000\r\n"
		     "RRULE:FREQ=DAILY\r\n");
	for (int i = 0; i < n; i++) {
		struct local_time t = zone_from_utc(&utc, (days_of_date(2000, 1, 1) + i) * DAY);

		buf_fmt(&b, "EXDATE;TZID=Europe/Berlin:%04d%02d%02dT100000\r\n", t.year, t.month, t.day);
	}
	buf_cstr(&b, "END:VEVENT\r\nEND:VCALENDAR\r\n");
	assert_int_equal(buf_status(&b), ERR_OK);
	return read_series(a, buf_view(&b));
}

static void deleted_instances_stay_deleted_up_to_their_limit(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	static struct found f;

	(void)unused;
	for (int more = 0; more < 2; more++) {
		struct cal_series s = with_deleted(&a, CAL_DATES_MAX + more);

		assert_int_equal(s.deleted_n, CAL_DATES_MAX);
		assert_true(cal_series_deletes(&s, s.event.start.utc_ms));
		assert_false(cal_series_deletes(&s, s.event.start.utc_ms + 1));
		/* Past it the last one, of 27 years of every day, is there again. */
		expand(&a, &s, (days_of_date(2000, 1, 1) + CAL_DATES_MAX - 5) * DAY,
		       (days_of_date(2000, 1, 1) + CAL_DATES_MAX + 2) * DAY, &f);
		assert_int_equal(f.n, 2);
	}
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_series_is_read_with_its_exceptions),
		cmocka_unit_test(a_change_touches_what_it_names_alone),
		cmocka_unit_test(nothing_named_changes_nothing),
		cmocka_unit_test(what_an_event_says_already_is_no_change),
		cmocka_unit_test(attendees_keep_what_their_lines_say),
		cmocka_unit_test(instances_are_changed_deleted_and_restored),
		cmocka_unit_test(texts_come_back_as_they_were),
		cmocka_unit_test(rules_expand_the_same_after_the_elements_of_activesync),
		cmocka_unit_test(other_rules_are_odd),
		cmocka_unit_test(a_window_is_found_without_the_years_before),
		cmocka_unit_test(hostile_rules_end),
		cmocka_unit_test(each_part_of_a_rule_chooses_its_days),
		cmocka_unit_test(a_count_is_followed_up_to_a_limit),
		cmocka_unit_test(a_reply_has_the_one_who_answers_alone),
		cmocka_unit_test(one_instance_is_called_off_alone),
		cmocka_unit_test(a_file_is_taken_apart_by_uid),
		cmocka_unit_test(the_zones_of_a_file_go_with_what_names_them),
		cmocka_unit_test(a_zone_of_dates_is_taken_by_its_name),
		cmocka_unit_test(dates_beside_a_rule_may_have_a_length_of_their_own),
		cmocka_unit_test(calendars_of_others_survive),
		cmocka_unit_test(deleted_instances_stay_deleted_up_to_their_limit),
		cmocka_unit_test(attendees_that_nobody_looks_at_stay),
		cmocka_unit_test(who_takes_no_part_has_no_answer),
		cmocka_unit_test(a_zone_that_changes_on_another_day_is_written_and_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
