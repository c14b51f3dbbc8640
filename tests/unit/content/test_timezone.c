/* Time zones as rules. */
#include <gateway/content/timezone.h>

#include <base/base64.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

static void posix_rules_are_read(void **unused)
{
	static const struct {
		struct str text;
		enum err err;
		struct zone_rules rules;
	} cases[] = {
		{ STR_INIT("UTC0"), ERR_OK, { 0 } },
		{ STR_INIT("CET-1CEST,M3.5.0,M10.5.0/3"), ERR_OK, { 60, 120, { 10, 5, 0, 180 }, { 3, 5, 0, 120 } } },
		{ STR_INIT("PST8PDT,M3.2.0,M11.1.0"), ERR_OK, { -480, -420, { 11, 1, 0, 120 }, { 3, 2, 0, 120 } } },
		{ STR_INIT("<+0545>-5:45"), ERR_OK, { 345, 345, { 0 }, { 0 } } },
		{ STR_INIT("IST-2IDT,M3.4.4/26,M10.5.0"), ERR_OK, { 120, 180, { 10, 5, 0, 120 }, { 3, 4, 4, 1560 } } },
		{ STR_INIT("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
		  ERR_OK,
		  { -120, -60, { 10, 5, 0, 0 }, { 3, 5, 0, -60 } } },
		{ STR_INIT("CET-1CEST,J60,M10.5.0"), ERR_UNSUPPORTED, { 0 } },
		{ STR_INIT("CET-1CEST,M13.5.0,M10.5.0"), ERR_INVALID, { 0 } },
		{ STR_INIT("CET-1CEST"), ERR_INVALID, { 0 } },
		{ STR_INIT("CET-99"), ERR_INVALID, { 0 } },
		{ STR_INIT(""), ERR_INVALID, { 0 } },
		{ STR_INIT("<"), ERR_INVALID, { 0 } },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct zone_rules z = { 0 };

		if (zone_of_posix(cases[i].text, &z) != cases[i].err)
			fail_msg(STR_FMT, STR_ARG(cases[i].text));
		assert_memory_equal(&z, &cases[i].rules, sizeof(z));
	}
}

static void names_never_leave_the_folder_of_zones(void **unused)
{
	static const struct str bad[] = { STR_INIT(""), STR_INIT("../../etc/passwd"), STR_INIT("/etc/localtime"),
					  STR_INIT("Nowhere/Land"), STR_INIT("tzdata.zi\n") };
	struct zone_rules z;

	(void)unused;
	for (size_t i = 0; i < countof(bad); i++)
		assert_int_equal(zone_by_name(bad[i], &z), ERR_NOT_FOUND);
	assert_int_equal(zone_by_name(S("Europe/Berlin"), &z), ERR_OK);
	assert_int_equal(z.offset, 60);
}

/* The C library as judge: each half hour of a year, in zones of both hemispheres. */
static void local_times_become_utc_as_the_c_library_says(void **unused)
{
	static const char *const names[] = { "Europe/Berlin",  "America/Los_Angeles", "Australia/Sydney",
					     "Asia/Kathmandu", "America/Santiago",    "Asia/Jerusalem",
					     "Africa/Cairo",   "America/Nuuk",        "Asia/Gaza" };

	(void)unused;
	for (size_t i = 0; i < countof(names); i++) {
		struct zone_rules z;
		int64_t day = days_of_date(2026, 1, 1);

		assert_int_equal(zone_by_name(str_of(names[i]), &z), ERR_OK);
		assert_int_equal(setenv("TZ", names[i], 1), 0);
		tzset();
		for (int64_t s = day * 86400 + 900; s < (day + 365) * 86400; s += 1800) {
			time_t t = (time_t)s;
			struct tm tm;
			int64_t got;

			localtime_r(&t, &tm);
			got = zone_to_utc(&z, (struct local_time){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
								   tm.tm_hour, tm.tm_min, tm.tm_sec });
			/* An hour that comes twice is the first one. */
			if (got != s * 1000 && got != (s - 3600) * 1000)
				fail_msg("%s %lld", names[i], (long long)s);
		}
	}
}

/* Each second hour of each year, of zones that have changed their minds; but for years with more than two changes. */
static void a_zone_is_what_it_was_in_a_year_that_has_gone(void **unused)
{
	static const char *const zones[] = { "America/New_York", "Europe/Berlin",     "Europe/Istanbul",
					     "Europe/Moscow",    "America/Sao_Paulo", "Australia/Sydney",
					     "Asia/Jerusalem",   "Asia/Tokyo",        "America/Caracas",
					     "Europe/Volgograd", "Asia/Pyongyang" };
	size_t wrong = 0;

	(void)unused;
	for (size_t i = 0; i < countof(zones); i++) {
		setenv("TZ", zones[i], 1);
		tzset();
		for (int year = 1997; year < 2037; year++) {
			struct zone_rules z;

			assert_int_equal(zone_by_name_of(str_of(zones[i]), year, &z), ERR_OK);
			for (int64_t t = days_of_date(year, 1, 2) * 86400; t < days_of_date(year, 12, 30) * 86400;
			     t += 7200) {
				struct local_time got = zone_from_utc(&z, t * 1000);
				time_t at = (time_t)t;
				struct tm want;

				localtime_r(&at, &want);
				if (got.day != want.tm_mday || got.hour != want.tm_hour || got.minute != want.tm_min) {
					print_message("%s %d-%d-%d\n", zones[i], year, want.tm_mon + 1, want.tm_mday);
					wrong++;
					break;
				}
			}
		}
	}
	assert_int_equal(wrong, 0);
}

/* What a phone is told, in 172 octets, and reads from them: the same in each second hour of the year that it is told for. */
static void what_is_told_of_a_year_holds_in_it(void **unused)
{
	static const char *const zones[] = {
		"Asia/Jerusalem", "America/Santiago", "Africa/Cairo",      "Asia/Gaza",
		"Asia/Amman",     "America/Asuncion", "America/Sao_Paulo", "Europe/Berlin",
		"Asia/Tehran",    "America/Godthab",  "Asia/Beirut",       "America/Havana"
	};

	(void)unused;
	for (size_t i = 0; i < countof(zones); i++)
		for (int year = 1997; year < 2037; year++) {
			CLEANUP(buf_release) struct buf blob = BUF_INIT(1000);
			char label[ZONE_LABEL_MAX];
			struct zone_rules z, told, read;

			assert_int_equal(zone_by_name_of(str_of(zones[i]), year, &z), ERR_OK);
			told = zone_of_year(&z, year);
			zone_blob_put(&blob, &told);
			assert_int_equal(zone_blob_read(buf_view(&blob), &read, label), ERR_OK);
			for (int64_t t = days_of_date(year, 1, 2) * 86400; t < days_of_date(year, 12, 30) * 86400;
			     t += 7200) {
				struct local_time is = zone_from_utc(&z, t * 1000),
						  was = zone_from_utc(&read, t * 1000);

				if (is.day != was.day || is.hour != was.hour || is.minute != was.minute)
					fail_msg("%s %04d-%02d-%02d", zones[i], year, is.month, is.day);
			}
		}
}

static void dates_are_counted_as_the_calendar_does(void **unused)
{
	(void)unused;
	assert_int_equal(days_of_date(1970, 1, 1), 0);
	assert_int_equal(days_of_date(2000, 2, 29), 11016);
	assert_int_equal(days_of_date(2000, 13, 1), days_of_date(2001, 1, 1));
	assert_int_equal(days_of_date(1601, 1, 1), -134774);
	assert_int_equal(days_of_date(2026, 0, 1), days_of_date(2025, 12, 1));
}

/*
 * MS-ASDTYPE_R104, R107, R110, R111, R112, R114, R117, R118, R119, R120, R121: each field at its place. The example that every client
 * knows, Pacific time.
 */
static void the_blob_has_its_172_octets(void **unused)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(1000), blob = BUF_INIT(1000);
	struct zone_rules z;
	static const unsigned char names[64];
	const unsigned char *p;

	(void)unused;
	assert_int_equal(zone_of_posix(S("PST8PDT,M3.2.0,M11.1.0"), &z), ERR_OK);
	zone_blob_put(&text, &z);
	assert_int_equal(base64_decode(&blob, buf_view(&text)), ERR_OK);
	assert_int_equal(blob.n, 172);
	p = (const unsigned char *)blob.p;
	assert_int_equal(p[0] | p[1] << 8, 480);
	assert_memory_equal(p + 4, names, sizeof(names));
	assert_memory_equal(p + 88, names, sizeof(names));
	assert_int_equal(p[84] | p[85] | p[86] | p[87], 0); /* MS-ASDTYPE_R113: StandardBias */
	assert_int_equal(p[68 + 2], 11);                    /* StandardDate: month, day of week, week, hour */
	assert_int_equal(p[68 + 4], 0);
	assert_int_equal(p[68 + 6], 1);
	assert_int_equal(p[68 + 8], 2);
	assert_int_equal(p[152 + 2], 3);
	assert_int_equal(p[152 + 6], 2);
	assert_int_equal((int)(p[168] | (unsigned)p[169] << 8 | (unsigned)p[170] << 16 | (unsigned)p[171] << 24), -60);
}

/* What Windows has for Santiago: the first Saturday at 23:59:59.999. */
static void midnight_at_the_end_of_a_day_is_of_that_day(void **unused)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(1000), blob = BUF_INIT(1000);
	static const unsigned char date[16] = { 0, 0, 9, 0, 6, 0, 1, 0, 23, 0, 59, 0, 59, 0, 999 & 0xff, 999 >> 8 };
	char label[ZONE_LABEL_MAX];
	struct zone_rules z, back;

	(void)unused;
	assert_int_equal(zone_of_posix(S("<-04>4<-03>,M9.1.6/24,M4.1.6/24"), &z), ERR_OK);
	zone_blob_put(&text, &z);
	assert_int_equal(base64_decode(&blob, buf_view(&text)), ERR_OK);
	assert_memory_equal(blob.p + 152, date, sizeof(date));
	assert_int_equal(zone_blob_read(buf_view(&text), &back, label), ERR_OK);
	assert_memory_equal(&back, &z, sizeof(z));
	assert_int_equal(zone_change_day(&z.to_daylight, 2024), 8); /* a month that begins on a Sunday */
}

/* MS-ASDTYPE_R109, MS-ASDTYPE_R116: what is not used of the names is zero; and back, with a name of the same rules. */
static void a_blob_is_read_and_its_zone_found_by_rules(void **unused)
{
	static const char *const names[] = { "Europe/Berlin",    "America/New_York", "America/Los_Angeles",
					     "Asia/Kolkata",     "Australia/Sydney", "Etc/UTC",
					     "America/Santiago", "Asia/Jerusalem",   "America/St_Johns",
					     "Pacific/Auckland", "Asia/Tokyo",       "Africa/Cairo",
					     "Asia/Kathmandu",   "Europe/London",    "America/Sao_Paulo",
					     "Europe/Athens" };

	(void)unused;
	for (size_t i = 0; i < countof(names); i++) {
		CLEANUP(buf_release) struct buf blob = BUF_INIT(1000);
		struct zone_rules rules, back, named;
		char label[ZONE_LABEL_MAX];
		struct str name;

		assert_int_equal(zone_by_name(str_of(names[i]), &rules), ERR_OK);
		zone_blob_put(&blob, &rules);
		assert_int_equal(zone_blob_read(buf_view(&blob), &back, label), ERR_OK);
		assert_true(zone_eq(&rules, &back));
		assert_string_equal(label, "");
		name = zone_name_of(&back, STR_EMPTY, STR_EMPTY);
		if (zone_by_name(name, &named) || !zone_eq(&named, &rules))
			fail_msg("%s became " STR_FMT, names[i], STR_ARG(name));
		assert_true(str_eq(zone_name_of(&back, str_of(names[i]), STR_EMPTY), str_of(names[i])));
	}
}

/* A name that lies is not believed; among zones of the same rules it decides. */
static void a_name_decides_among_zones_of_the_same_rules(void **unused)
{
	struct zone_rules berlin;

	(void)unused;
	assert_int_equal(zone_by_name(S("Europe/Berlin"), &berlin), ERR_OK);
	assert_true(
		str_eq(zone_name_of(&berlin, S("America/New_York"), S("Eastern Standard Time")), S("Europe/Berlin")));
	assert_true(str_eq(zone_name_of(&berlin, S("Europe/Vienna"), S("Romance Standard Time")), S("Europe/Vienna")));
	assert_true(str_eq(zone_name_of(&berlin, STR_EMPTY, S("Romance Standard Time")), S("Europe/Paris")));
	assert_true(str_eq(zone_name_of(&berlin, STR_EMPTY, S("Europe/Rome")), S("Europe/Rome")));
	berlin.to_daylight.month = 4;
	assert_int_equal(zone_name_of(&berlin, STR_EMPTY, S("W. Europe Standard Time")).n, 0);
}

/* "Friday before the last Sunday" is none of its weeks: phones take the fourth or the last Friday, as it is this year. */
static void a_zone_that_cannot_be_told_is_found_by_its_days_of_a_year(void **unused)
{
	static const struct {
		const char *what;
		int year, week;
		bool found;
	} cases[] = {
		{ "the fourth, as it is mostly told", 2024, 4, true }, /* a week off in that year */
		{ "March begins with a Friday: the 29th is the last", 2024, 5, true },
		{ "the 28th is the last and the fourth", 2025, 5, true },
		{ "the 27th too", 2026, 5, true },
		{ "the 24th is not the last", 2023, 5, false },
		{ "the third", 2026, 3, false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct zone_rules jerusalem, told;
		struct str name;

		assert_int_equal(zone_by_name(S("Asia/Jerusalem"), &jerusalem), ERR_OK);
		told = jerusalem;
		told.to_daylight =
			(struct zone_change){ .month = 3, .week = cases[i].week, .weekday = 5, .minutes = 120 };
		name = zone_name_in_year(&told, cases[i].year);
		if (str_eq(name, S("Asia/Jerusalem")) != cases[i].found ||
		    zone_is_meant(&told, &jerusalem, cases[i].year) != cases[i].found)
			fail_msg("%s: \"" STR_FMT "\"", cases[i].what, STR_ARG(name));
	}
}

/* What a rule can name is by that rule alone: in many years the fourth Sunday is the last. */
static void a_zone_that_can_be_told_is_not_guessed(void **unused)
{
	struct zone_rules berlin, told;

	(void)unused;
	assert_int_equal(zone_by_name(S("Europe/Berlin"), &berlin), ERR_OK);
	told = berlin;
	told.to_daylight.week = 4;
	assert_int_equal(zone_change_day(&told.to_daylight, 2023), 26);
	assert_int_equal(zone_change_day(&berlin.to_daylight, 2023), 26);
	assert_false(zone_is_meant(&told, &berlin, 2023));
	assert_int_equal(zone_name_in_year(&told, 2023).n, 0);
}

static void what_is_no_blob_is_refused(void **unused)
{
	static const char *const texts[] = { "", "AAAA", "not base64!" };
	struct zone_rules z;
	char label[ZONE_LABEL_MAX];

	(void)unused;
	for (size_t i = 0; i < countof(texts); i++)
		assert_int_equal(zone_blob_read(str_of(texts[i]), &z, label), ERR_INVALID);
}

static void moments_become_local_times_and_moments_again(void **unused)
{
	static const char *const names[] = { "Europe/Berlin", "Australia/Sydney", "America/St_Johns", "Etc/UTC" };

	(void)unused;
	for (size_t i = 0; i < countof(names); i++) {
		struct zone_rules z;
		unsigned twice = 0;

		assert_int_equal(zone_by_name(str_of(names[i]), &z), ERR_OK);
		for (int64_t ms = INT64_C(1767225600000); ms < INT64_C(1798761600000); ms += 15 * 60000) {
			int64_t back = zone_to_utc(&z, zone_from_utc(&z, ms));

			twice += back != ms;
			assert_true(back == ms || back == ms - 3600000);
		}
		assert_int_equal(twice, z.to_daylight.month ? 4 : 0); /* the hour that comes twice */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(posix_rules_are_read),
		cmocka_unit_test(midnight_at_the_end_of_a_day_is_of_that_day),
		cmocka_unit_test(names_never_leave_the_folder_of_zones),
		cmocka_unit_test(local_times_become_utc_as_the_c_library_says),
		cmocka_unit_test(a_zone_is_what_it_was_in_a_year_that_has_gone),
		cmocka_unit_test(what_is_told_of_a_year_holds_in_it),
		cmocka_unit_test(dates_are_counted_as_the_calendar_does),
		cmocka_unit_test(the_blob_has_its_172_octets),
		cmocka_unit_test(a_blob_is_read_and_its_zone_found_by_rules),
		cmocka_unit_test(a_name_decides_among_zones_of_the_same_rules),
		cmocka_unit_test(a_zone_that_cannot_be_told_is_found_by_its_days_of_a_year),
		cmocka_unit_test(a_zone_that_can_be_told_is_not_guessed),
		cmocka_unit_test(what_is_no_blob_is_refused),
		cmocka_unit_test(moments_become_local_times_and_moments_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
