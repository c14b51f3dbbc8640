/* What attendees answer to the owner's meetings. */
#include <tests/unit/mailbox/meeting_scene.h>

#include <gateway/mailbox/event.h>

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
		  "plan 10: 16/10 19/10 18/10 18+" }, /* which is an exception now */
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

/* RFC 5546 section 3.2.8: the time that was proposed is not taken, so that all stays as it is. */
static void a_proposal_that_is_declined_changes_nothing(void **unused)
{
	static const struct case_of cases[] = {
		{ "by the organizer",
		  NULL,
		  { INVITED, { FROM_BOB, "DECLINECOUNTER", EVENT("plan", BY_BOB AT("15") "COMMENT:No\r\n") } },
		  "plan 10" },
		{ "of what is not known",
		  NULL,
		  { { FROM_BOB, "DECLINECOUNTER", EVENT("plan", BY_BOB AT("15")) } },
		  "" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

/* ---- which of several holds ---- */

#define T(hour) "DTSTAMP:20251201T" hour "0000Z\r\n"
#define BOB_SAYS(answer, more) \
	"BEGIN:VEVENT\r\nUID:plan\r\n" more "ATTENDEE;PARTSTAT=" answer ":mailto:bob@x.test\r\nEND:VEVENT\r\n"
#define REPLY(answer, more)                               \
	{                                                 \
		FROM_BOB, "REPLY", BOB_SAYS(answer, more) \
	}
#define ON(day) "RECURRENCE-ID:202607" day "T100000Z\r\n"
#define OWN_SECOND(lines)            \
	"BEGIN:VCALENDAR\r\n" EVENT( \
		"plan", "ORGANIZER:mailto:ann@example.test\r\n" AT("10") "SEQUENCE:2\r\n" lines) "END:VCALENDAR\r\n"
#define BOB_SAID(note) "ATTENDEE;PARTSTAT=ACCEPTED;X-ROOST-ANSWERED=" note ":mailto:bob@x.test\r\n"

/* RFC 5546 section 2.1.5: by SEQUENCE, then by DTSTAMP, in whichever order they come. */
static void the_answer_that_was_given_last_holds(void **unused)
{
	static const struct case_of cases[] = {
		{ "in order", OWN, { REPLY("ACCEPTED", T("10")), REPLY("DECLINED", T("11")) }, "plan 10-" },
		{ "the former comes late",
		  OWN,
		  { REPLY("DECLINED", T("11")), REPLY("ACCEPTED", T("10")) },
		  "plan 10-" },
		{ "the second of three comes late",
		  OWN,
		  { REPLY("ACCEPTED", T("10")), REPLY("ACCEPTED", T("12")), REPLY("DECLINED", T("11")) },
		  "plan 10+" },
		{ "the first comes again",
		  OWN,
		  { REPLY("TENTATIVE", T("10")), REPLY("DECLINED", T("11")), REPLY("TENTATIVE", T("10")) },
		  "plan 10-" },
		{ "two of one second", OWN, { REPLY("ACCEPTED", T("10")), REPLY("DECLINED", T("10")) }, "plan 10-" },
		{ "without a stamp they count as they come",
		  OWN,
		  { REPLY("ACCEPTED", T("11")), REPLY("DECLINED", "") },
		  "plan 10-" },
		{ "and what is older than the last stamp is late still",
		  OWN,
		  { REPLY("ACCEPTED", T("11")), REPLY("DECLINED", ""), REPLY("TENTATIVE", T("10")) },
		  "plan 10-" },
		{ "of a clock that is years ahead they count as they come",
		  OWN,
		  { REPLY("ACCEPTED", "DTSTAMP:20310101T000000Z\r\n"),
		    REPLY("DECLINED", "DTSTAMP:20300101T000000Z\r\n") },
		  "plan 10-" },
		{ "and keep nobody from being heard",
		  OWN,
		  { REPLY("ACCEPTED", "DTSTAMP:99991231T235959Z\r\n"),
		    REPLY("DECLINED", "DTSTAMP:20260101T000001Z\r\n") },
		  "plan 10-" },
		{ "an answer to the former revision",
		  OWN_SECOND(BOB),
		  { REPLY("ACCEPTED", T("10") "SEQUENCE:2\r\n"), REPLY("DECLINED", T("11") "SEQUENCE:1\r\n") },
		  "plan 10+" },
		{ "to the new revision, by a clock that was put back",
		  OWN_SECOND(BOB_SAID("1-1764590400000-3")), /* at noon */
		  { REPLY("DECLINED", T("10") "SEQUENCE:2\r\n") },
		  "plan 10-" },
		{ "a proposal that comes late",
		  OWN,
		  { REPLY("DECLINED", T("11")), { FROM_BOB, "COUNTER", BOB_SAYS("TENTATIVE", T("10") AT("15")) } },
		  "plan 10-" },
		{ "a stamp that is none counts as it comes",
		  OWN,
		  { REPLY("ACCEPTED", T("11")), REPLY("DECLINED", "DTSTAMP:00000101T000000Z\r\n"),
		    REPLY("TENTATIVE", "DTSTAMP:yesterday\r\n") },
		  "plan 10?" },
		{ "a stamp without a zone, a day, and one before all time",
		  OWN,
		  { REPLY("ACCEPTED", "DTSTAMP:20251201T100000\r\n"),
		    REPLY("DECLINED", "DTSTAMP;VALUE=DATE:20251202\r\n"),
		    REPLY("TENTATIVE", "DTSTAMP:16010101T000000Z\r\n") },
		  "plan 10-" },
		{ "an attendee's own note of a year to come",
		  OWN,
		  { REPLY("ACCEPTED;X-ROOST-ANSWERED=0-253402300799000-3", T("10")), REPLY("DECLINED", T("11")) },
		  "plan 10-" },
		{ "notes beyond all numbers",
		  OWN_SECOND(BOB_SAID("99999999999999999999-1784275200000-3")),
		  { REPLY("DECLINED", T("10") "SEQUENCE:2\r\n") },
		  "plan 10-" },
		{ "and of no answer",
		  OWN_SECOND(BOB_SAID("2-99999999999999999999-3") BOB_SAID("2-1784275200000-6")),
		  { REPLY("DECLINED", T("10") "SEQUENCE:2\r\n") },
		  "plan 10--" },
		{ "a note that says nothing keeps nobody from being heard",
		  OWN_SECOND(BOB_SAID("2--1-3")),
		  { REPLY("DECLINED", T("10") "SEQUENCE:2\r\n") },
		  "plan 10-" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

static void each_instance_has_its_last_answer(void **unused)
{
	static const struct case_of cases[] = {
		{ "the former comes late",
		  OWN_DAILY,
		  { REPLY("DECLINED", ON("18") T("11")), REPLY("ACCEPTED", ON("18") T("10")) },
		  "plan 10: 16/10 19/10 18/10 18-" },
		{ "one instance says nothing of another one",
		  OWN_DAILY,
		  { REPLY("DECLINED", ON("18") T("11")), REPLY("ACCEPTED", ON("19") T("10")) },
		  "plan 10: 16/10 18/10 19/10 18- 19+" },
		{ "an answer to all, and a former one to an instance, in order",
		  OWN_DAILY,
		  { REPLY("DECLINED", ON("18") T("10")), REPLY("ACCEPTED", T("11")) },
		  "plan 10+: 16/10 19/10 18/10 18-" },
		{ "and the other way about",
		  OWN_DAILY,
		  { REPLY("ACCEPTED", T("11")), REPLY("DECLINED", ON("18") T("10")) },
		  "plan 10+: 16/10 19/10 18/10 18-" },
		{ "to one that was deleted",
		  OWN_DAILY,
		  { REPLY("ACCEPTED", T("10")), REPLY("DECLINED", ON("17") T("11")) },
		  "plan 10+: 16/10 18/10 19/10" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

#define OWN_EXCEPTION(lines)                                                                                 \
	"BEGIN:VCALENDAR\r\n" EVENT("plan", "ORGANIZER:mailto:ann@example.test\r\n" AT("10") BOB WITH_A_GAP) \
		EVENT("plan", "ORGANIZER:mailto:ann@example.test\r\n" ON("18") lines) "END:VCALENDAR\r\n"
#define HALF_AN_HOUR(at) "DTSTART:202607" at "0000Z\r\nDTEND:202607" at "3000Z\r\n"
#define NEW_PLACE OWN_EXCEPTION(HALF_AN_HOUR("18T10") "SEQUENCE:1\r\nLOCATION:There\r\n" BOB)
#define NEW_TIME OWN_EXCEPTION(HALF_AN_HOUR("18T15") "SEQUENCE:1\r\n" BOB)

/* RFC 5546 section 3.2.3: without a RECURRENCE-ID it is said of each instance. */
static void an_answer_to_a_series_is_one_to_its_exceptions(void **unused)
{
	static const struct case_of cases[] = {
		{ "that have another place",
		  NEW_PLACE,
		  { REPLY("ACCEPTED", T("10")) },
		  "plan 10+: 16/10 19/10 18/10 18+" },
		{ "each time",
		  NEW_PLACE,
		  { REPLY("ACCEPTED", T("10")), REPLY("DECLINED", T("11")) },
		  "plan 10-: 16/10 19/10 18/10 18-" },
		{ "and not late",
		  NEW_PLACE,
		  { REPLY("DECLINED", T("11")), REPLY("ACCEPTED", T("10")) },
		  "plan 10-: 16/10 19/10 18/10 18-" },
		{ "not to another time than it is given to",
		  NEW_TIME,
		  { REPLY("ACCEPTED", T("10")) },
		  "plan 10+: 16/10 19/10 18/15 18" },
		{ "nor as long",
		  OWN_EXCEPTION("DTSTART:20260718T100000Z\r\nDTEND:20260718T120000Z\r\nSEQUENCE:1\r\n" BOB),
		  { REPLY("ACCEPTED", T("10")) },
		  "plan 10+: 16/10 19/10 18/10 18" },
		{ "to another time that he knew of",
		  NEW_TIME,
		  { REPLY("ACCEPTED", T("10") "SEQUENCE:1\r\n") },
		  "plan 10+: 16/10 19/10 18/15 18+" },
		{ "of which he is none",
		  OWN_EXCEPTION(HALF_AN_HOUR("18T10") CARL),
		  { REPLY("ACCEPTED", T("10")) },
		  "plan 10+: 16/10 19/10 18/10 18" },
		{ "a time that is proposed is not",
		  NEW_PLACE,
		  { { FROM_BOB, "COUNTER", BOB_SAYS("TENTATIVE", T("10") AT("15")) } },
		  "plan 10?: 16/10 19/10 18/10 18" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

/* In whichever order they come. */
static void of_answers_to_all_and_to_one_the_newer_holds(void **unused)
{
	static const struct case_of cases[] = {
		{ "he comes to one, and then to none",
		  OWN_DAILY,
		  { REPLY("ACCEPTED", ON("18") T("10")), REPLY("DECLINED", T("11")) },
		  "plan 10-: 16/10 19/10 18/10 18-" },
		{ "the other way about",
		  OWN_DAILY,
		  { REPLY("DECLINED", T("11")), REPLY("ACCEPTED", ON("18") T("10")) },
		  "plan 10-: 16/10 18/10 19/10" },
		{ "to none, and then to one after all",
		  OWN_DAILY,
		  { REPLY("DECLINED", T("10")), REPLY("ACCEPTED", ON("18") T("11")) },
		  "plan 10-: 16/10 19/10 18/10 18+" },
		{ "the other way about",
		  OWN_DAILY,
		  { REPLY("ACCEPTED", ON("18") T("11")), REPLY("DECLINED", T("10")) },
		  "plan 10-: 16/10 19/10 18/10 18+" },
		{ "of one second that to the instance",
		  OWN_DAILY,
		  { REPLY("DECLINED", T("10")), REPLY("ACCEPTED", ON("18") T("10")) },
		  "plan 10-: 16/10 19/10 18/10 18+" },
		{ "the other way about",
		  OWN_DAILY,
		  { REPLY("ACCEPTED", ON("18") T("10")), REPLY("DECLINED", T("10")) },
		  "plan 10-: 16/10 19/10 18/10 18+" },
		{ "without a stamp as they come",
		  OWN_DAILY,
		  { REPLY("ACCEPTED", ON("18") T("10")), REPLY("TENTATIVE", "") },
		  "plan 10?: 16/10 19/10 18/10 18?" },
		{ "one that he has declined he has declined",
		  OWN_DAILY,
		  { REPLY("DECLINED", ON("18") T("10")), REPLY("DECLINED", T("11")), REPLY("ACCEPTED", T("12")) },
		  "plan 10+: 16/10 19/10 18/10 18-" },
		{ "until he says so",
		  OWN_DAILY,
		  { REPLY("DECLINED", ON("18") T("10")), REPLY("ACCEPTED", T("12")),
		    REPLY("ACCEPTED", ON("18") T("11")) },
		  "plan 10+: 16/10 19/10 18/10 18+" },
		{ "what he has said to another time is no answer",
		  OWN_EXCEPTION(HALF_AN_HOUR("18T10") "SEQUENCE:2\r\n" BOB_SAID("1-1764590400000-4")),
		  { REPLY("TENTATIVE", T("10")) },
		  "plan 10?: 16/10 19/10 18/10 18?" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

#define EVE_SAYS                                                                                   \
	"BEGIN:VEVENT\r\nUID:plan\r\n" T("11") "ATTENDEE;PARTSTAT=DELEGATED:mailto:bob@x.test\r\n" \
					       "ATTENDEE;PARTSTAT=ACCEPTED:mailto:eve@evil.test\r\nEND:VEVENT\r\n"
#define TO_EVE REPLY("DELEGATED;DELEGATED-TO=\"mailto:eve@evil.test\"", T("10"))

/* RFC 5546 section 2.1.3, 3.2.3: who was invited says who comes for him; nobody invites himself. */
static void who_was_sent_takes_part(void **unused)
{
	static const struct case_of cases[] = {
		{ "he says whom he sends", OWN, { TO_EVE }, "plan 10>" },
		{ "who answers", OWN, { TO_EVE, { FROM_EVE, "REPLY", EVE_SAYS } }, "plan 10>+" },
		{ "and answers again",
		  OWN,
		  { TO_EVE,
		    { FROM_EVE, "REPLY", EVE_SAYS },
		    { FROM_EVE, "REPLY",
		      "BEGIN:VEVENT\r\nUID:plan\r\n" T(
			      "12") "ATTENDEE;PARTSTAT=DECLINED:mailto:eve@evil.test\r\nEND:VEVENT\r\n" },
		    { FROM_EVE, "REPLY", EVE_SAYS } },
		  "plan 10>-" },
		{ "he comes himself after all", OWN, { TO_EVE, REPLY("ACCEPTED", T("11")) }, "plan 10+" },
		{ "whom nobody has sent", OWN, { { FROM_EVE, "REPLY", EVE_SAYS } }, "plan 10" },
		{ "and says that somebody has",
		  OWN,
		  { { FROM_EVE, "REPLY",
		      "BEGIN:VEVENT\r\nUID:plan\r\n" T(
			      "10") "ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:eve@evil.test\""
				    ":mailto:bob@x.test\r\nEND:VEVENT\r\n" },
		    { FROM_EVE, "REPLY", EVE_SAYS } },
		  "plan 10" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

/* As a phone does before 16.0. */
static void note_by_hand(struct scene *c, enum cal_answer answer)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 16);
	struct cal_edit edit = { .series.what = CAL_FIELD_ATTENDEES, .now_ms = SERVER_NOW_MS };
	const struct author nobody = { .device = STORE_NOBODY };
	struct cal_event e;
	struct str octets;
	struct item item;
	int64_t folder;
	size_t n;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	assert_ok(event_by_uid(&c->a, tx, folder, S("plan"), &item));
	assert_ok(entry_read(&c->a, tx, &item, &octets));
	assert_ok(cal_event_read(&c->a, octets, &e, &n));
	edit.series.to = e;
	edit.series.to.attendees[0].answer = answer;
	assert_ok(cal_write(&c->a, octets, &edit, &out));
	assert_ok(event_edit(&c->a, tx, &item, buf_view(&out), &nobody));
	assert_ok(store_commit(&tx));
}

/* What he has said since goes before it, and what comes late or again does not. */
static void what_the_organizer_notes_holds_until_the_next_answer(void **unused)
{
	static const struct {
		const char *what;
		struct letter mail;
		const char *calendar;
	} cases[] = {
		{ "the same once more", REPLY("ACCEPTED", T("11")), "plan 10?" },
		{ "a late one", REPLY("DECLINED", T("10")), "plan 10?" },
		{ "a new one", REPLY("ACCEPTED", T("12")), "plan 10+" },
	};

	(void)unused;
	SCENE(c);
	for (size_t i = 0; i < countof(cases); i++) {
		add_own(&c, OWN);
		receive(&c, &(struct letter)REPLY("ACCEPTED", T("11")));
		note_by_hand(&c, CAL_ANSWER_TENTATIVE);
		receive(&c, &cases[i].mail);
		if (strcmp(calendar_of(&c), cases[i].calendar) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].what, calendar_of(&c), cases[i].calendar);
		clear(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_an_attendee_answers_for_himself),
		cmocka_unit_test(an_answer_brings_no_instance),
		cmocka_unit_test(a_proposal_that_is_declined_changes_nothing),
		cmocka_unit_test(the_answer_that_was_given_last_holds),
		cmocka_unit_test(each_instance_has_its_last_answer),
		cmocka_unit_test(an_answer_to_a_series_is_one_to_its_exceptions),
		cmocka_unit_test(of_answers_to_all_and_to_one_the_newer_holds),
		cmocka_unit_test(who_was_sent_takes_part),
		cmocka_unit_test(what_the_organizer_notes_holds_until_the_next_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
