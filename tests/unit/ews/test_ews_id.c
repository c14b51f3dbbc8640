/* Ids in their spellings. */
#include <gateway/ews/id.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void an_id_is_the_same_in_every_spelling(void **unused)
{
	const struct ews_id id = { 7, -1, INT64_C(0x7fffffffffffffff) };
	struct arena a = ARENA_INIT(64 * 1024);

	(void)unused;
	for (int f = EWS_LEGACY_ID; f <= EWS_OWA_ID; f++) {
		struct ews_id again;
		struct str text;

		assert_int_equal(ews_id_write(&a, &id, (enum ews_id_format)f, &text), ERR_OK);
		assert_int_equal(ews_id_read(text, (enum ews_id_format)f, &again), ERR_OK);
		assert_true(again.mailbox == id.mailbox && again.folder == id.folder && again.item == id.item);
	}
	arena_release(&a);
}

static void what_is_no_id_of_ours_is_refused(void **unused)
{
	static const struct {
		enum ews_id_format format;
		struct str text;
	} cases[] = {
		{ EWS_EWS_ID, STR_INIT("") },
		{ EWS_EWS_ID, STR_INIT("DUMMY") },
		{ EWS_EWS_ID, STR_INIT("AQAAAAAAAAAB") },
		{ EWS_EWS_ID, STR_INIT("AgAAAAAAAAABAAAAAAAAAAEAAAAAAAAAAA==") },
		{ EWS_EWS_ID, STR_INIT("AQAAAAAAAAABAAAAAAAAAAEAAAAAAAAAAAAA") },
		{ EWS_HEX_ENTRY_ID, STR_INIT("01ZZ") },
		{ EWS_HEX_ENTRY_ID, STR_INIT("0") },
		{ EWS_OWA_ID, STR_INIT("AQ%") },
		{ EWS_OWA_ID, STR_INIT("AQ%3") },
		{ EWS_OWA_ID, STR_INIT("AQ%zz") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct ews_id id;

		if (ews_id_read(cases[i].text, cases[i].format, &id) != ERR_INVALID)
			fail_msg(STR_FMT ": taken", STR_ARG(cases[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_the_same_in_every_spelling),
		cmocka_unit_test(what_is_no_id_of_ours_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
