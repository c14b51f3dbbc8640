/* Common statuses, and what 12.1 knew instead. */
#include <gateway/activesync/status.h>

#include <base/defs.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void a_common_status_was_an_http_status_before_14_0(void **unused)
{
	static const struct {
		const char *source;
		unsigned status;
		int http;
	} cases[] = {
		{ "MS-ASCMD_R7546", 101, 400 }, { "our choice", 102, 400 },     { "MS-ASCMD_R7547", 103, 400 },
		{ "our choice", 108, 400 },     { "our choice", 109, 400 },     { "MS-ASCMD_R7550", 110, 500 },
		{ "MS-ASCMD_R7551", 111, 503 }, { "MS-ASCMD_R7553", 113, 507 }, { "MS-ASCMD_R7555", 126, 403 },
		{ "our choice", 129, 403 },     { "MS-ASCMD_R7556", 132, 403 }, { "MS-ASCMD_R7558", 137, 501 },
		{ "MS-ASCMD_R7559", 138, 400 }, { "our choice", 177, 403 },     { "our choice, the rest", 150, 500 },
		{ "MS-ASCMD_R7548", 106, 400 }, { "our choice", 107, 400 },     { "our choice", 115, 413 },
		{ "our choice", 116, 400 },     { "our choice", 119, 400 },     { "our choice", 105, 400 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		if (eas_status_http(cases[i].status) != cases[i].http)
			fail_msg("%s: %u is %d", cases[i].source, cases[i].status, eas_status_http(cases[i].status));
}

static void every_error_has_a_status(void **unused)
{
	(void)unused;
	assert_int_equal(eas_status_of_err(ERR_OK), EAS_STATUS_OK);
	for (unsigned e = ERR_OK + 1; e < ERR_MAX_; e++)
		assert_in_range(eas_status_of_err((enum err)e), EAS_STATUS_COMMON_MIN, EAS_STATUS_COMMON_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_common_status_was_an_http_status_before_14_0),
		cmocka_unit_test(every_error_has_a_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
