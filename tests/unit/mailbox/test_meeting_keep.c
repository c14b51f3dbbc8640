/* What the owner has said of somebody else's meeting, and marked in it, behind its updates. */
#include <tests/unit/mailbox/meeting_scene.h>

#include <store/blob.h>
#include <store/outbox.h>

#define ON_17TH "1784282400000"
#define HALL EVENT("plan", BY_BOB AT("10") "RRULE:FREQ=DAILY;COUNT=6\r\nLOCATION:Hall\r\nSEQUENCE:1\r\n")
#define HALL_BUT(instances) HALL instances

/* What the owner has said of an instance holds until that instance changes. */
static void an_instance_stays_as_it_was_answered(void **unused)
{
	static const struct {
		const char *what;
		enum cal_answer all, one; /* to the series, and to its second instance */
		const char *update, *calendar;
	} cases[] = {
		{ "declined, and all are elsewhere", CAL_ANSWER_ACCEPTED, CAL_ANSWER_DECLINED, HALL,
		  "plan 10 yes: 16/10 18/10 19/10 20/10 21/10" },
		{ "declined, and another one is moved", CAL_ANSWER_ACCEPTED, CAL_ANSWER_DECLINED,
		  HALL_BUT(EVENT("plan", BY_BOB "SEQUENCE:1\r\nRECURRENCE-ID:20260718T100000Z\r\n"
						"DTSTART:20260718T130000Z\r\nDTEND:20260718T133000Z\r\n")),
		  "plan 10 yes: 16/10 19/10 20/10 21/10 18/13" },
		{ "declined, and that one is elsewhere", CAL_ANSWER_ACCEPTED, CAL_ANSWER_DECLINED,
		  HALL_BUT(EVENT("plan", BY_BOB "SEQUENCE:1\r\nRECURRENCE-ID:20260717T100000Z\r\nLOCATION:Roof\r\n"
						"DTSTART:20260717T100000Z\r\nDTEND:20260717T103000Z\r\n")),
		  "plan 10 yes: 16/10 18/10 19/10 20/10 21/10" },
		{ "declined, and elsewhere by itself", CAL_ANSWER_ACCEPTED, CAL_ANSWER_DECLINED,
		  EVENT("plan", BY_BOB "SEQUENCE:1\r\nRECURRENCE-ID:20260717T100000Z\r\nLOCATION:Roof\r\n"
				       "DTSTART:20260717T100000Z\r\nDTEND:20260717T103000Z\r\n"),
		  "plan 10+ yes: 16/10 18/10 19/10 20/10 21/10" },
		{ "declined, and that one is moved", CAL_ANSWER_ACCEPTED, CAL_ANSWER_DECLINED,
		  HALL_BUT(EVENT("plan", BY_BOB "SEQUENCE:1\r\nRECURRENCE-ID:20260717T100000Z\r\n"
						"DTSTART:20260717T130000Z\r\nDTEND:20260717T133000Z\r\n")),
		  "plan 10 yes: 16/10 18/10 19/10 20/10 21/10 17/13" },
		{ "declined, and moved by itself", CAL_ANSWER_ACCEPTED, CAL_ANSWER_DECLINED,
		  EVENT("plan", BY_BOB "SEQUENCE:1\r\nRECURRENCE-ID:20260717T100000Z\r\n"
				       "DTSTART:20260717T130000Z\r\nDTEND:20260717T133000Z\r\n"),
		  "plan 10+ yes: 16/10 18/10 19/10 20/10 21/10 17/13" },
		{ "declined, and all are at another time", CAL_ANSWER_ACCEPTED, CAL_ANSWER_DECLINED,
		  EVENT("plan", BY_BOB AT("11") "RRULE:FREQ=DAILY;COUNT=6\r\nSEQUENCE:1\r\n"),
		  "plan 11: 16/11 17/11 18/11 19/11 20/11 21/11" },
		{ "declined, and it is no more", CAL_ANSWER_ACCEPTED, CAL_ANSWER_DECLINED,
		  EVENT("plan",
			BY_BOB AT("10") "RRULE:FREQ=DAILY;COUNT=6\r\nEXDATE:20260717T100000Z\r\nSEQUENCE:1\r\n"),
		  "plan 10 yes: 16/10 18/10 19/10 20/10 21/10" },
		{ "accepted, and all are elsewhere", CAL_ANSWER_TENTATIVE, CAL_ANSWER_ACCEPTED, HALL,
		  "plan 10: 16/10 18/10 19/10 20/10 21/10 17/10 yes 17" },
		{ "accepted, and all are at another time", CAL_ANSWER_TENTATIVE, CAL_ANSWER_ACCEPTED,
		  EVENT("plan", BY_BOB AT("11") "RRULE:FREQ=DAILY;COUNT=6\r\nSEQUENCE:1\r\n"),
		  "plan 11: 16/11 17/11 18/11 19/11 20/11 21/11" },
	};

	(void)unused;
	SCENE(c);
	for (size_t i = 0; i < countof(cases); i++) {
		receive(&c, &(struct letter){ FROM_BOB, "REQUEST", DAILY });
		respond(&c, cases[i].all, NULL);
		respond(&c, cases[i].one, ON_17TH);
		receive(&c, &(struct letter){ FROM_BOB, "REQUEST", cases[i].update });
		if (strcmp(calendar_of(&c), cases[i].calendar) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].what, calendar_of(&c), cases[i].calendar);
		clear(&c);
	}
}

static const char *series_of(struct arena *a, unsigned exceptions, int sequence)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 20);
	const char *ret;

	buf_fmt(&b, "BEGIN:VEVENT\r\nUID:plan\r\n" BY_BOB AT("10") "RRULE:FREQ=DAILY\r\nSEQUENCE:%d\r\nEND:VEVENT\r\n",
		sequence);
	for (unsigned i = 0; i < exceptions; i++)
		buf_fmt(&b,
			"BEGIN:VEVENT\r\nUID:plan\r\n" BY_BOB "RECURRENCE-ID:20%02u%02u%02uT100000Z\r\nSEQUENCE:%d\r\n"
			"DTSTART:20%02u%02u%02uT100000Z\r\nDTEND:20%02u%02u%02uT103000Z\r\nLOCATION:Hall\r\nEND:"
			"VEVENT\r\n",
			27 + i / 336, 1 + i / 28 % 12, 1 + i % 28, sequence, 27 + i / 336, 1 + i / 28 % 12, 1 + i % 28,
			27 + i / 336, 1 + i / 28 % 12, 1 + i % 28);
	assert_ok(buf_status(&b));
	assert_ok(arena_cstr(a, buf_view(&b), &ret));
	return ret;
}

/* Phones are told of 256 exceptions (MS-ASCAL_R24311): what was said of the others holds as well. */
static void an_answer_holds_behind_what_phones_are_told(void **unused)
{
	static const struct {
		const char *what;
		unsigned exceptions;
		const char *instance; /* the last of them */
		const char *calendar;
	} cases[] = {
		{ "256", 256, "1822644000000", "plan 10: 16/10 17/10 18/10 19/10 20/10 21/10 22/10 23/10 yes 04" },
		{ "and one more", 257, "1822730400000",
		  "plan 10: 16/10 17/10 18/10 19/10 20/10 21/10 22/10 23/10 yes 05" },
	};

	(void)unused;
	SCENE(c);
	for (size_t i = 0; i < countof(cases); i++) {
		receive(&c, &(struct letter){ FROM_BOB, "REQUEST", series_of(&c.a, cases[i].exceptions, 0) });
		respond(&c, CAL_ANSWER_TENTATIVE, NULL);
		respond(&c, CAL_ANSWER_ACCEPTED, cases[i].instance);
		receive(&c, &(struct letter){ FROM_BOB, "REQUEST", series_of(&c.a, cases[i].exceptions, 1) });
		if (strcmp(calendar_of(&c), cases[i].calendar) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].what, calendar_of(&c), cases[i].calendar);
		clear(&c);
	}
}

/* RFC 5546 section 2.1.5: the organizer hears each of them, and knows which is the last, all within one second. */
static void who_changes_his_mind_is_heard(void **unused)
{
	static const enum cal_answer answers[] = { CAL_ANSWER_DECLINED, CAL_ANSWER_DECLINED, CAL_ANSWER_ACCEPTED,
						   CAL_ANSWER_DECLINED, CAL_ANSWER_ACCEPTED, CAL_ANSWER_ACCEPTED };
	static const char *const heard[] = { "DECLINED", "ACCEPTED", "DECLINED", "ACCEPTED" };
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct outbox_message m = { 0 };
	int64_t newest = 0;
	size_t n = 0;

	(void)unused;
	SCENE(c);
	receive(&c, &(struct letter){ FROM_BOB, "REQUEST", DAILY });
	for (size_t i = 0; i < countof(answers); i++) /* some of them twice: what was answered to the phone was lost */
		respond(&c, answers[i], ON_17TH);
	assert_ok(store_begin(c.s.store, c.ann.mailbox, STORE_READ, &tx));
	for (; !outbox_next(&c.a, tx, m.id, &m); n++) {
		CLEANUP(store_blob_close) struct store_blob *b = NULL;
		struct cal_event e;
		struct str text;
		char octets[8192];
		size_t got;

		assert_ok(store_blob_open(tx, m.blob, &b));
		assert_ok(store_blob_read(b, 0, octets, sizeof(octets), &got));
		text = str_from(octets, got);
		assert_ok(cal_event_read(&c.a, str_slice(text, str_find(text, S("BEGIN:VCALENDAR")), got), &e, &got));
		assert_true(n < countof(heard) && str_find(text, str_of(heard[n])) < text.n);
		assert_true(e.stamp.utc_ms > newest);
		newest = e.stamp.utc_ms;
	}
	store_tx_end(&tx);
	tx = NULL;
	assert_int_equal(n, countof(heard));
}

#define SECOND(hour) "RECURRENCE-ID:20260717T100000Z\r\nDTSTART:20260717T" hour "0000Z\r\n"
#define THIRD(hour) "RECURRENCE-ID:20260718T100000Z\r\nDTSTART:20260718T" hour "0000Z\r\n"

/* By the lines in which we note that: of the series, of an instance, folded. */
static void nobody_says_what_the_owner_has_said(void **unused)
{
	static const struct case_of cases[] = {
		{ "that he has accepted an instance",
		  NULL,
		  { { FROM_BOB, "REQUEST",
		      DAILY EVENT("plan", BY_BOB SECOND("12") "X-ROOST-ANSWER:3\\;1784113200000\r\n")
			      EVENT("plan", BY_BOB THIRD("13") "X-RO\r\n OST-ANSWER:3\\;1784113200000\r\n") } },
		  "plan 10: 16/10 19/10 20/10 21/10 17/12 18/13" },
		{ "that he has declined one, whose updates he does not see then",
		  NULL,
		  { { FROM_BOB, "REQUEST",
		      EVENT("plan", BY_BOB AT("10") "RRULE:FREQ=DAILY;COUNT=2\r\nEXDATE:20260717T100000Z\r\n"
						    "X-ROOST-DECLINED:" ON_17TH " " ON_17TH " 1784284200000 1\r\n") },
		    { FROM_BOB, "REQUEST",
		      EVENT("plan", BY_BOB "RECURRENCE-ID:20260717T100000Z\r\nSEQUENCE:1\r\nLOCATION:Roof\r\n"
					   "DTSTART:20260717T100000Z\r\nDTEND:20260717T103000Z\r\n") } },
		  "plan 10: 16/10 17/10" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

/* A mark outlives what the organizer writes next. */
static void what_is_private_stays_so(void **unused)
{
	static const struct case_of cases[] = {
		{ "by the owner",
		  "BEGIN:VCALENDAR\r\n" EVENT("plan", BY_BOB AT("10") "CLASS:PRIVATE\r\n") "END:VCALENDAR\r\n",
		  { { FROM_BOB, "REQUEST", LATER } },
		  "plan 12 private" },
		{ "by the organizer, from then on",
		  NULL,
		  { INVITED,
		    { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB AT("12") "SEQUENCE:1\r\nCLASS:CONFIDENTIAL\r\n") },
		    { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB AT("14") "SEQUENCE:2\r\nCLASS:PUBLIC\r\n") } },
		  "plan 14 private" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instance_stays_as_it_was_answered),
		cmocka_unit_test(an_answer_holds_behind_what_phones_are_told),
		cmocka_unit_test(who_changes_his_mind_is_heard),
		cmocka_unit_test(nobody_says_what_the_owner_has_said),
		cmocka_unit_test(what_is_private_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
