/* Dates. */
#include <gateway/content/header.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void dates_are_read_as_senders_write_them(void **unused)
{
	static const struct {
		struct str in;
		int64_t seconds;
	} cases[] = {
		{ STR_INIT("Thu, 01 Jan 1970 00:00:00 +0000"), 0 },
		{ STR_INIT(" Mon, 2 Feb 2026 08:15:29 +0100\r\n"), 1770016529 },
		{ STR_INIT("2 Feb 2026 08:15:29 +0100"), 1770016529 },
		{ STR_INIT("Mon, 2 Feb 2026 08:15 +0100"), 1770016500 },
		{ STR_INIT("Mon,2 Feb 2026 08:15:29+0100"), 1770016529 },
		{ STR_INIT("Mon, 2\r\n Feb 2026\r\n\t08:15:29 +0100 (CET (winter))"), 1770016529 },
		{ STR_INIT("Mon, 02 February 2026 07:15:29 GMT"), 1770016529 },
		{ STR_INIT("Mon, 02 Feb 2026 07:15:29 GMT+0000"), 1770016529 },
		{ STR_INIT("Mon, 02 Feb 2026 08:15:29 CET"), 1770016529 },
		{ STR_INIT("Mon, 02 Feb 2026 02:15:29 EST"), 1770016529 },
		{ STR_INIT("Mon, 02 Feb 2026 07:15:29 Z"), 1770016529 },
		{ STR_INIT("Mon, 02 Feb 2026 07:15:29 XYZ"), 1770016529 },
		{ STR_INIT("Mon, 02 Feb 2026 07:15:29"), 1770016529 },
		{ STR_INIT("Mon, 02 Feb 2026 07:15:29 +9999"), 1770016529 },
		{ STR_INIT("Mon, 02 Feb 2026 08:15:29 +01:00"), 1770016529 },
		{ STR_INIT("Mon, 02-Feb-2026 07:15:29 -0000"), 1770016529 },
		{ STR_INIT("Mon Feb  2 07:15:29 2026"), 1770016529 },
		{ STR_INIT("Mon Feb  2 08:15:29 CET 2026"), 1770016529 },
		{ STR_INIT("Mon, 02 Feb 26 07:15:29 +0000"), 1770016529 },
		{ STR_INIT("Mon, 02 Feb 126 07:15:29 +0000"), 1770016529 },
		{ STR_INIT("Sat, 02 Feb 85 00:00:00 +0000"), 476150400 },
		{ STR_INIT("02 Feb 2026"), 1769990400 },
		{ STR_INIT("2 Feb 2026 7:15:29 AM"), 1770016529 },
		{ STR_INIT("2 Feb 2026 7:15:29 PM"), 1770059729 },
		{ STR_INIT("2 Feb 2026 12:00:00 AM"), 1769990400 },
		{ STR_INIT("29 Feb 2024 12:00:00 +0000"), 1709208000 },
		{ STR_INIT("31 Dec 2016 23:59:60 +0000"), 1483228800 },
		{ STR_INIT("31 Dec 1969 23:59:59 +0000"), -1 },
		{ STR_INIT("1 Jan 1900 00:00:00 +0000"), -2208988800 },
		{ STR_INIT("31 Dec 9999 23:59:59 +0000"), 253402300799 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t ms = 1;

		if (header_date(cases[i].in, &ms) != ERR_OK || ms != cases[i].seconds * 1000)
			fail_msg(STR_FMT ": %lld", STR_ARG(cases[i].in), (long long)ms);
	}
}

static void what_is_no_date_is_invalid(void **unused)
{
	static const struct str cases[] = {
		STR_INIT(""),
		STR_INIT("yesterday"),
		STR_INIT("Mon, 32 Jan 2026 00:00:00 +0000"),
		STR_INIT("29 Feb 2026 00:00:00 +0000"),
		STR_INIT("0 Jan 2026 00:00:00 +0000"),
		STR_INIT("1 Jan 2026 24:00:00 +0000"),
		STR_INIT("1 Jan 2026 00:60:00 +0000"),
		STR_INIT("1 Jan 2026 00:00:61 +0000"),
		STR_INIT("1 Jan 1899 00:00:00 +0000"),
		STR_INIT("1 Jan 99999 00:00:00 +0000"),
		STR_INIT("1 2026 00:00:00"),
		STR_INIT("Jan 2026"),
		STR_INIT("1 Jan"),
		STR_INIT("(1 Jan 2026"),
		STR_INIT("\0\0\0"),
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t ms = 77;

		if (header_date(cases[i], &ms) != ERR_INVALID || ms != 77)
			fail_msg(STR_FMT ": %lld", STR_ARG(cases[i]), (long long)ms);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_read_as_senders_write_them),
		cmocka_unit_test(what_is_no_date_is_invalid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
