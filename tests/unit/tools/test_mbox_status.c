/* Flags in the header of a mail within an mbox. */
#include <tools/roostctl/mbox_status.h>

#include <store/item.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void what_other_programs_note_becomes_flags(void **unused)
{
	static const struct {
		const char *header;
		unsigned flags;
		bool gone;
	} cases[] = {
		{ "Subject: R\nStatus: RO\n", ITEM_SEEN, false },
		{ "Status: O\n", 0, false },
		{ "status: RO\nX-Status: AF\n", ITEM_SEEN | ITEM_ANSWERED | ITEM_FLAGGED, false },
		{ "X-Status: DT\r\n", ITEM_DELETED | ITEM_DRAFT, false },
		{ "X-Mozilla-Status: 0001\n", ITEM_SEEN, false },
		{ "X-Mozilla-Status: 1006\n", ITEM_FORWARDED | ITEM_ANSWERED | ITEM_FLAGGED, false },
		{ "X-Mozilla-Status: 0009\n", ITEM_SEEN, true },
		{ "X-Mozilla-Status: what\n", 0, false },
		{ "X-Mozilla-Status2: 00000001\n", 0, false },
		{ "", 0, false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct mbox_status status = mbox_status_read(str_of(cases[i].header));

		if (status.flags != cases[i].flags || status.gone != cases[i].gone)
			fail_msg("%s: flags %x, gone %d", cases[i].header, status.flags, status.gone);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_other_programs_note_becomes_flags) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
