/* Counting equal mails. */
#include <tools/roostctl/occurrences.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { HASH_SIZE = 32, MANY = 50000 };

static void equal_mails_of_a_folder_are_counted(void **unused)
{
	static const unsigned char a[HASH_SIZE] = { 1 }, b[HASH_SIZE] = { 2 };
	struct occurrences *o = occurrences_new();

	(void)unused;
	assert_int_equal(occurrences_add(o, 1, a), 1);
	assert_int_equal(occurrences_add(o, 1, a), 2);
	assert_int_equal(occurrences_add(o, 1, b), 1);
	assert_int_equal(occurrences_add(o, 2, a), 1);
	assert_int_equal(occurrences_add(o, 1, a), 3);
	occurrences_free(&o);
	assert_null(o);
}

static void many_are_told_apart(void **unused)
{
	struct occurrences *o = occurrences_new();
	unsigned char hash[HASH_SIZE] = { 0 };

	(void)unused;
	for (uint64_t round = 1; round <= 2; round++)
		for (uint64_t i = 0; i < MANY; i++) {
			memcpy(hash, &i, sizeof(i));
			assert_int_equal(occurrences_add(o, 7, hash), round);
		}
	occurrences_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_mails_of_a_folder_are_counted),
		cmocka_unit_test(many_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
