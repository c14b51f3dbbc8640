/* What attendees answer to the owner's meetings. */
#include <tests/unit/mailbox/meeting_scene.h>

static void only_an_attendee_answers_for_himself(void **unused)
{
	static const struct case_of cases[] = {
		{ "he does", OWN, { { FROM_BOB, "REPLY", SAYS("ACCEPTED", "bob@x.test") } }, "plan 10+" },
		{ "as Google sends it", OWN, { { GOOGLE, "REPLY", SAYS("TENTATIVE", "bob@x.test") } }, "plan 10?" },
		{ "a stranger does", OWN, { { FROM_EVE, "REPLY", SAYS("DECLINED", "bob@x.test") } }, "plan 10" },
		{ "another attendee does",
		  OWN,
		  { { "From: carl@example.test\r\n", "REPLY", SAYS("DECLINED", "bob@x.test") } },
		  "plan 10" },
		{ "invited by another of his addresses",
		  OWN,
		  { { "From: carl@example.test\r\n", "REPLY", SAYS("DECLINED", "c.alt@example.test") } },
		  "plan 10-" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

#define WITH_A_GAP "RRULE:FREQ=DAILY;COUNT=4\r\nEXDATE:20260717T100000Z\r\n"
#define OWN_DAILY                                                                            \
	"BEGIN:VCALENDAR\r\n" EVENT("plan", "ORGANIZER:mailto:ann@example.test\r\n" AT("10") \
						    BOB WITH_A_GAP) "END:VCALENDAR\r\n"
#define OF_INSTANCE(at)                                                                                 \
	EVENT("plan", "RECURRENCE-ID:202607" at "0000Z\r\nDTSTART:202607" at "0000Z\r\nDTEND:202607" at \
		      "3000Z\r\nSEQUENCE:9\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@x.test\r\n")

/* An answer that crossed the end of what it is to, or is to what never was, makes no instance of it. */
static void an_answer_brings_no_instance(void **unused)
{
	static const struct case_of cases[] = {
		{ "to one that is",
		  OWN_DAILY,
		  { { FROM_BOB, "REPLY", OF_INSTANCE("18T10") } },
		  "plan 10: 16/10 19/10 18/10" }, /* which is an exception now */
		{ "to one that was deleted",
		  OWN_DAILY,
		  { { FROM_BOB, "REPLY", OF_INSTANCE("17T10") } },
		  "plan 10: 16/10 18/10 19/10" },
		{ "to one that there never was",
		  OWN_DAILY,
		  { { FROM_BOB, "REPLY", OF_INSTANCE("18T12") } },
		  "plan 10: 16/10 18/10 19/10" },
		{ "to an instance of what does not recur",
		  OWN,
		  { { FROM_BOB, "REPLY", OF_INSTANCE("18T12") } },
		  "plan 10" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_an_attendee_answers_for_himself),
		cmocka_unit_test(an_answer_brings_no_instance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
