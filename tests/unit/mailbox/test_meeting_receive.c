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

#define OFF_ON(day, sequence) EVENT("plan", BY_BOB "RECURRENCE-ID:202607" day "T100000Z\r\nSEQUENCE:" sequence "\r\n")
#define TO(day, answer) \
	EVENT("plan", "RECURRENCE-ID:202607" day "T100000Z\r\nATTENDEE;PARTSTAT=" answer ":mailto:bob@x.test\r\n")

/* They are written together, and it is as if they had come one by one. */
static void what_is_said_of_several_instances_holds_for_each(void **unused)
{
	static const struct case_of cases[] = {
		{ "three are called off",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "CANCEL", OFF_ON("17", "1") OFF_ON("19", "1") OFF_ON("21", "1") } },
		  "plan 10: 16/10 18/10 20/10" },
		{ "one of them twice",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "CANCEL", OFF_ON("17", "1") OFF_ON("19", "1") OFF_ON("17", "2") } },
		  "plan 10: 16/10 18/10 20/10 21/10" },
		{ "one is moved twice",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "REQUEST",
		      EVENT("plan", BY_BOB SECOND("12") "SEQUENCE:1\r\n")
			      EVENT("plan", BY_BOB THIRD("13") "SEQUENCE:1\r\n")
				      EVENT("plan", BY_BOB SECOND("14") "SEQUENCE:2\r\n") } },
		  "plan 10: 16/10 19/10 20/10 21/10 17/14 18/13" },
		{ "and the former word of it comes last",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "REQUEST",
		      EVENT("plan", BY_BOB SECOND("14") "SEQUENCE:2\r\n")
			      EVENT("plan", BY_BOB THIRD("13") "SEQUENCE:1\r\n")
				      EVENT("plan", BY_BOB SECOND("12") "SEQUENCE:1\r\n") } },
		  "plan 10: 16/10 19/10 20/10 21/10 17/14 18/13" },
		{ "one is moved, and all that follow",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "REQUEST",
		      EVENT("plan", BY_BOB SECOND("12") "SEQUENCE:1\r\n") EVENT(
			      "plan", BY_BOB "RECURRENCE-ID;RANGE=THISANDFUTURE:20260720T100000Z\r\nSEQUENCE:2\r\n"
					     "DTSTART:20260720T150000Z\r\n") } },
		  "plan 10: 16/10 18/10 19/10 17/12 20/15 21/15" },
		{ "one is called off, and then the series ends",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "CANCEL",
		      OFF_ON("17", "1")
			      EVENT("plan",
				    BY_BOB "RECURRENCE-ID;RANGE=THISANDFUTURE:20260720T100000Z\r\nSEQUENCE:2\r\n") } },
		  "plan 10: 16/10 18/10 19/10" },
		{ "one is answered twice, and one once",
		  OWN_DAILY,
		  { { FROM_BOB, "REPLY", TO("18", "ACCEPTED") TO("19", "TENTATIVE") TO("18", "DECLINED") } },
		  "plan 10: 16/10 18/10 19/10 18- 19?" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

/* Read once and written once: else there would be no room for what is read of it. */
static void many_instances_of_a_large_series_are_called_off(void **unused)
{
	CLEANUP(buf_release) struct buf series = BUF_INIT(2 << 20), off = BUF_INIT(1 << 20);
	struct letter mails[] = { { FROM_BOB, "REQUEST", NULL }, { FROM_BOB, "CANCEL", NULL } };

	(void)unused;
	SCENE(c);
	buf_cstr(&series, "BEGIN:VEVENT\r\nUID:plan\r\n" BY_BOB AT("10") "RRULE:FREQ=DAILY\r\nEND:VEVENT\r\n");
	for (int i = 0; i < 700; i++)
		buf_fmt(&series,
			"BEGIN:VEVENT\r\nUID:plan\r\n" BY_BOB
			"RECURRENCE-ID:20%02d%02d%02dT100000Z\r\nDTSTART:20270101T000000Z\r\n"
			"DESCRIPTION:%01000d\r\nEND:VEVENT\r\n",
			27 + i / 336, 1 + i / 28 % 12, 1 + i % 28, i);
	for (int i = 17; i < 17 + MEETING_EVENTS_MAX - 1; i++)
		buf_fmt(&off,
			"BEGIN:VEVENT\r\nUID:plan\r\n" BY_BOB
			"SEQUENCE:1\r\nRECURRENCE-ID:2026%02d%02dT100000Z\r\nEND:VEVENT\r\n",
			7 + i / 31, 1 + i % 31);
	buf_char(&series, '\0');
	buf_char(&off, '\0');
	assert_ok(buf_status(&series));
	assert_ok(buf_status(&off));
	mails[0].events = series.p;
	mails[1].events = off.p;
	for (size_t i = 0; i < countof(mails); i++)
		receive(&c, &mails[i]);
	assert_string_equal(calendar_of(&c), "plan 10: 16/10 17/10");
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

static void put_separate(struct buf *b, int i)
{
	buf_fmt(b, "BEGIN:VEVENT\r\nUID:p%d\r\n" BY_BOB AT("10") "END:VEVENT\r\n", i);
}

static void put_instance(struct buf *b, int i)
{
	buf_fmt(b,
		"BEGIN:VEVENT\r\nUID:p\r\n" BY_BOB "RECURRENCE-ID:202607%02dT%02d0000Z\r\n" AT("10") "END:VEVENT\r\n",
		1 + i / 24, i % 24);
}

/* A series with instances is one event; one from which on all is said costs more. */
static void put_rest(struct buf *b, int i)
{
	if (i == 0)
		buf_cstr(b, "BEGIN:VEVENT\r\nUID:p\r\nDTSTAMP:20260701T000000Z\r\n" BY_BOB AT(
				    "10") "RRULE:FREQ=DAILY;COUNT=20\r\nEND:VEVENT\r\n");
	else
		buf_fmt(b,
			"BEGIN:VEVENT\r\nUID:p\r\nDTSTAMP:20260701T000000Z\r\n" BY_BOB
			"RECURRENCE-ID;RANGE=THISANDFUTURE:202607%02dT100000Z\r\n"
			"DTSTART:202607%02dT120000Z\r\nEND:VEVENT\r\n",
			16 + i, 16 + i);
}

/* It decides whether a delegate gets the mail in his owner's stead. */
static void a_mail_is_taken_that_was_looked_at_to_its_end(void **unused)
{
	static const struct {
		const char *what;
		void (*put)(struct buf *b, int i);
		int n;
		bool taken;
	} cases[] = {
		{ "events", put_separate, MEETING_EVENTS_MAX, true },
		{ "one event more", put_separate, MEETING_EVENTS_MAX + 1, false },
		{ "instances", put_instance, MEETING_EVENTS_MAX, true },
		{ "one instance more", put_instance, MEETING_EVENTS_MAX + 1, false },
		{ "a series that changes its time again and again", put_rest, 6, true },
		{ "once more than that", put_rest, 7, false },
	};

	(void)unused;
	SCENE(c);
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf mail = BUF_INIT(1 << 20);
		CLEANUP(intake_free) struct intake *in = NULL;

		buf_cstr(&mail, FROM_BOB "Content-Type: text/calendar; method=REQUEST\r\n\r\n"
					 "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n");
		for (int k = 0; k < cases[i].n; k++)
			cases[i].put(&mail, k);
		buf_cstr(&mail, "END:VCALENDAR\r\n");
		assert_ok(buf_status(&mail));
		in = mail_take(&c.s, buf_view(&mail), SIZE_MAX);
		if (meeting_consider(in, c.s.store, c.ann.mailbox) != cases[i].taken)
			fail_msg("%s: %s", cases[i].what, cases[i].taken ? "not taken" : "taken");
		clear(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_of_a_mail_is_taken),
		cmocka_unit_test(what_is_said_of_several_instances_holds_for_each),
		cmocka_unit_test(many_instances_of_a_large_series_are_called_off),
		cmocka_unit_test(what_one_mail_does_is_bounded),
		cmocka_unit_test(a_mail_is_taken_that_was_looked_at_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
