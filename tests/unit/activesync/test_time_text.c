/* Times as text: the calendar, the milliseconds, and the years that can be said. */
#include <gateway/activesync/time_text.h>

#include <base/defs.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define SECONDS(s) ((s)*INT64_C(1000))

/* MS-ASDTYPE R15, R16, R17. */
static void a_time_is_written_in_utc_with_milliseconds(void **unused)
{
	static const struct {
		const char *what;
		int64_t ms;
		const char *text;
	} cases[] = {
		{ "1970", 0, "1970-01-01T00:00:00.000Z" },
		{ "a millisecond later", 1, "1970-01-01T00:00:00.001Z" },
		{ "the last of a second", 999, "1970-01-01T00:00:00.999Z" },
		{ "a second", 1000, "1970-01-01T00:00:01.000Z" },
		{ "a millisecond before 1970", -1, "1969-12-31T23:59:59.999Z" },
		{ "a second before it", -1000, "1969-12-31T23:59:59.000Z" },
		{ "a second and a millisecond before it", -1001, "1969-12-31T23:59:58.999Z" },
		{ "the document's example", SECONDS(977733300), "2000-12-25T08:35:00.000Z" },
		{ "past 32 bits of seconds", SECONDS(4294967296), "2106-02-07T06:28:16.000Z" },
		{ "leap day of 2024", SECONDS(1709164800), "2024-02-29T00:00:00.000Z" },
		{ "its last second", SECONDS(1709251199), "2024-02-29T23:59:59.000Z" },
		{ "the day after", SECONDS(1709251200), "2024-03-01T00:00:00.000Z" },
		{ "2000 is a leap year", SECONDS(951782400), "2000-02-29T00:00:00.000Z" },
		{ "2100 is none", SECONDS(4107542400), "2100-03-01T00:00:00.000Z" },
		{ "the day before", SECONDS(4107456000), "2100-02-28T00:00:00.000Z" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct time_text t = time_text(cases[i].ms);

		if (strcmp(t.text, cases[i].text) != 0)
			fail_msg("%s: %s, not %s", cases[i].what, t.text, cases[i].text);
	}
}

static void a_year_past_the_limits_becomes_the_nearest(void **unused)
{
	static const struct {
		const char *what;
		int64_t ms;
		const char *text;
	} cases[] = {
		{ "the first moment", -11644473600000, "1601-01-01T00:00:00.000Z" },
		{ "the one after", -11644473599999, "1601-01-01T00:00:00.001Z" },
		{ "the one before", -11644473600001, "1601-01-01T00:00:00.000Z" },
		{ "the smallest number", INT64_MIN, "1601-01-01T00:00:00.000Z" },
		{ "the last moment", 253402300799999, "9999-12-31T23:59:59.999Z" },
		{ "the one before it", 253402300799998, "9999-12-31T23:59:59.998Z" },
		{ "the one after it", 253402300800000, "9999-12-31T23:59:59.999Z" },
		{ "the largest number", INT64_MAX, "9999-12-31T23:59:59.999Z" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct time_text t = time_text(cases[i].ms);

		if (strcmp(t.text, cases[i].text) != 0)
			fail_msg("%s: %s, not %s", cases[i].what, t.text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_written_in_utc_with_milliseconds),
		cmocka_unit_test(a_year_past_the_limits_becomes_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
