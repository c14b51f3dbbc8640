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
		{ STR_INIT("IST-2IDT,M3.4.4/26,M10.5.0"), ERR_OK, { 120, 180, { 10, 5, 0, 120 }, { 3, 4, 5, 120 } } },
		{ STR_INIT("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
		  ERR_OK,
		  { -120, -60, { 10, 5, 0, 0 }, { 3, 5, 6, 1380 } } },
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
	static const char *const names[] = { "Europe/Berlin", "America/Los_Angeles", "Australia/Sydney",
					     "Asia/Kathmandu", "America/Santiago" };

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

static void dates_are_counted_as_the_calendar_does(void **unused)
{
	(void)unused;
	assert_int_equal(days_of_date(1970, 1, 1), 0);
	assert_int_equal(days_of_date(2000, 2, 29), 11016);
	assert_int_equal(days_of_date(2000, 13, 1), days_of_date(2001, 1, 1));
	assert_int_equal(days_of_date(1601, 1, 1), -134774);
	assert_int_equal(days_of_date(2026, 0, 1), days_of_date(2025, 12, 1));
}

/* MS-ASDTYPE 2.7.4: the example that every client knows, Pacific time. */
static void the_blob_has_its_172_octets(void **unused)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(1000), blob = BUF_INIT(1000);
	struct zone_rules z;
	const unsigned char *p;

	(void)unused;
	assert_int_equal(zone_of_posix(S("PST8PDT,M3.2.0,M11.1.0"), &z), ERR_OK);
	zone_blob_put(&text, &z);
	assert_int_equal(base64_decode(&blob, buf_view(&text)), ERR_OK);
	assert_int_equal(blob.n, 172);
	p = (const unsigned char *)blob.p;
	assert_int_equal(p[0] | p[1] << 8, 480);
	assert_int_equal(p[68 + 2], 11); /* StandardDate: month, day of week, week, hour */
	assert_int_equal(p[68 + 4], 0);
	assert_int_equal(p[68 + 6], 1);
	assert_int_equal(p[68 + 8], 2);
	assert_int_equal(p[152 + 2], 3);
	assert_int_equal(p[152 + 6], 2);
	assert_int_equal((int)(p[168] | (unsigned)p[169] << 8 | (unsigned)p[170] << 16 | (unsigned)p[171] << 24), -60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(posix_rules_are_read),
		cmocka_unit_test(names_never_leave_the_folder_of_zones),
		cmocka_unit_test(local_times_become_utc_as_the_c_library_says),
		cmocka_unit_test(dates_are_counted_as_the_calendar_does),
		cmocka_unit_test(the_blob_has_its_172_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
