/* What a mail of several events does to a calendar. */
#include <tests/unit/mailbox/meeting_scene.h>

#include <gateway/mailbox/meeting.h>

#define SECOND(hour) "RECURRENCE-ID:20260717T100000Z\r\nDTSTART:20260717T" hour "0000Z\r\n"
#define THIRD(hour) "RECURRENCE-ID:20260718T100000Z\r\nDTSTART:20260718T" hour "0000Z\r\n"

static void each_event_of_a_mail_is_taken(void **unused)
{
	static const struct case_of cases[] = {
		{ "two meetings",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB AT("10")) EVENT("tea", BY_BOB AT("16")) } },
		  "plan 10; tea 16" },
		{ "both are called off",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB AT("10")) EVENT("tea", BY_BOB AT("16")) },
		    { FROM_BOB, "CANCEL",
		      EVENT("plan", BY_BOB AT("10") "SEQUENCE:1\r\n")
			      EVENT("tea", BY_BOB AT("16") "SEQUENCE:1\r\n") } },
		  "plan 10 off; tea 16 off" },
		{ "a series with an instance of it",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY EVENT("plan", BY_BOB SECOND("12")) } },
		  "plan 10: 16/10 18/10 19/10 20/10 21/10 17/12" },
		{ "two instances of a series that is known",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "REQUEST",
		      EVENT("plan", BY_BOB SECOND("12") "SEQUENCE:1\r\n")
			      EVENT("plan", BY_BOB THIRD("13") "SEQUENCE:1\r\n") } },
		  "plan 10: 16/10 19/10 20/10 21/10 17/12 18/13" },
		{ "two instances of a series that is not",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB SECOND("12")) EVENT("plan", BY_BOB THIRD("13")) } },
		  "plan 12; plan 13" },
		{ "in two mails, and one is called off",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB SECOND("12")) },
		    { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB THIRD("13")) },
		    { FROM_BOB, "CANCEL", EVENT("plan", BY_BOB THIRD("13") "SEQUENCE:1\r\n") } },
		  "plan 12; plan 13 off" },
		{ "and all of it",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB SECOND("12")) EVENT("plan", BY_BOB THIRD("13")) },
		    { FROM_BOB, "CANCEL", EVENT("plan", BY_BOB AT("10") "SEQUENCE:1\r\n") } },
		  "plan 12 off; plan 13 off" },
		{ "the series comes later, and has them",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB SECOND("12")) EVENT("plan", BY_BOB THIRD("13")) },
		    { FROM_BOB, "REQUEST", DAILY EVENT("plan", BY_BOB SECOND("12")) } },
		  "plan 10: 16/10 18/10 19/10 20/10 21/10 17/12" },
		{ "a stranger's series takes none of them",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB SECOND("12")) },
		    { FROM_EVE, "REQUEST", EVENT("plan", BY_BOB AT("10")) },
		    { FROM_EVE, "REQUEST", EVENT("plan", "ORGANIZER:mailto:eve@evil.test\r\n" ANN AT("11")) } },
		  "plan 10; plan 12" },
		{ "an answer to the series and one of its instances",
		  "BEGIN:VCALENDAR\r\n" EVENT("plan",
					      "ORGANIZER:mailto:ann@example.test\r\n" AT("10") BOB) "END:VCALENDAR\r\n",
		  { { FROM_BOB, "REPLY", SAYS("TENTATIVE", "bob@x.test") SAYS("ACCEPTED", "bob@x.test") } },
		  "plan 10+" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

/* MEETING_EVENTS_MAX, and one more. */
static void what_one_mail_does_is_bounded(void **unused)
{
	CLEANUP(buf_release) struct buf many = BUF_INIT(1 << 20);
	struct letter mail = { FROM_BOB, "REQUEST", NULL };
	size_t n = 0;

	(void)unused;
	SCENE(c);
	for (int i = 0; i <= MEETING_EVENTS_MAX; i++)
		buf_fmt(&many, "BEGIN:VEVENT\r\nUID:p%d\r\n" BY_BOB AT("10") "END:VEVENT\r\n", i);
	buf_char(&many, '\0');
	assert_ok(buf_status(&many));
	mail.events = many.p;
	receive(&c, &mail);
	for (const char *at = calendar_of(&c); *at; at++)
		n += *at == ';';
	assert_int_equal(n + 1, MEETING_EVENTS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_of_a_mail_is_taken),
		cmocka_unit_test(what_one_mail_does_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
