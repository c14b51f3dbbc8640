/* The rules of series: expanded, said as elements and read again, and where they end. */
#include "calendar_support.h"

#include <gateway/content/calendar_expand.h>
#include <tests/support/shared.h>

#include <dirent.h>
#include <stdio.h>

enum { OCCURRENCES_MAX = 4000 };

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_expand_the_same_after_the_elements_of_activesync),
		cmocka_unit_test(other_rules_are_odd),
		cmocka_unit_test(a_window_is_found_without_the_years_before),
		cmocka_unit_test(hostile_rules_end),
		cmocka_unit_test(each_part_of_a_rule_chooses_its_days),
		cmocka_unit_test(a_count_is_followed_up_to_a_limit),
		cmocka_unit_test(calendars_of_others_survive),
		cmocka_unit_test(deleted_instances_stay_deleted_up_to_their_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
