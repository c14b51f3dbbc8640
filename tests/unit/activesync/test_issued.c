/* What is remembered of keys written out to devices. */
#include <gateway/activesync/issued.h>

#include <gateway/activesync/limits.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void only_the_last_key_of_a_folder_is_the_issued_one(void **unused)
{
	static char longest[EAS_MAX_SYNC_KEY_BYTES];
	struct eas_issued *issued = eas_issued_new();

	(void)unused;
	memset(longest, 'k', sizeof(longest));
	assert_false(eas_issued_is(issued, 1, 2, 3, S("a1")));
	eas_issued_note(issued, 1, 2, 3, S("a1"));
	assert_true(eas_issued_is(issued, 1, 2, 3, S("a1")));
	eas_issued_note(issued, 1, 2, 3, str_from(longest, sizeof(longest)));
	assert_true(eas_issued_is(issued, 1, 2, 3, str_from(longest, sizeof(longest))));
	assert_false(eas_issued_is(issued, 1, 2, 3, S("a1")));
	eas_issued_free(&issued);
	assert_null(issued);
}

static void folders_devices_and_mailboxes_are_told_apart(void **unused)
{
	static const int64_t others[][3] = { { 2, 2, 3 }, { 1, 1, 3 }, { 1, 2, 4 }, { 3, 2, 1 }, { 0, 0, 0 } };
	struct eas_issued *issued = eas_issued_new();

	(void)unused;
	eas_issued_note(issued, 1, 2, 3, S("key"));
	for (size_t i = 0; i < countof(others); i++)
		assert_false(eas_issued_is(issued, others[i][0], others[i][1], others[i][2], S("key")));
	eas_issued_free(&issued);
}

/* Memory does not grow; what is pushed out is forgotten, never mistaken. */
static void more_folders_than_fit_are_forgotten_not_mistaken(void **unused)
{
	struct eas_issued *issued = eas_issued_new();
	unsigned known = 0;

	(void)unused;
	for (int64_t folder = 1; folder <= 4 * EAS_ISSUED_MAX; folder++)
		eas_issued_note(issued, 1, 2, folder, S("new"));
	for (int64_t folder = 1; folder <= 4 * EAS_ISSUED_MAX; folder++) {
		assert_false(eas_issued_is(issued, 1, 2, folder, S("old")));
		known += eas_issued_is(issued, 1, 2, folder, S("new"));
	}
	assert_in_range(known, 1, EAS_ISSUED_MAX);
	eas_issued_free(&issued);
}

/* A line is the latest request's, by the order in which they came; others' lines have nothing to do with it. */
static void an_older_request_comes_too_late(void **unused)
{
	static const struct {
		int64_t folder;
		uint64_t request;
		bool may;
	} steps[] = { { 3, 7, true }, { 3, 7, true },  { 3, 6, false }, { 4, 6, true },
		      { 3, 9, true }, { 3, 7, false }, { 4, 6, true } };
	struct eas_issued *issued = eas_issued_new();

	(void)unused;
	for (size_t i = 0; i < countof(steps); i++)
		if (eas_issued_arrive(issued, 1, 2, steps[i].folder, steps[i].request) != steps[i].may)
			fail_msg("step %zu", i);
	eas_issued_free(&issued);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_older_request_comes_too_late),
		cmocka_unit_test(only_the_last_key_of_a_folder_is_the_issued_one),
		cmocka_unit_test(folders_devices_and_mailboxes_are_told_apart),
		cmocka_unit_test(more_folders_than_fit_are_forgotten_not_mistaken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
