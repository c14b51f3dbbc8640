/* This instance and all that follow (RFC 5545 section 3.2.13). */
#include <tests/unit/mailbox/meeting_scene.h>

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/meeting.h>

#define FROM_DAY(day) "RECURRENCE-ID;RANGE=THISANDFUTURE:202607" day "T100000Z\r\n"

/* RFC 5545 section 3.2.13, RFC 5546 section 3.2.5 */
static void what_follows_is_called_off(void **unused)
{
	static const struct case_of cases[] = {
		{ "from the third on",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "CANCEL", EVENT("plan", BY_BOB AT("10") FROM_DAY("18") "SEQUENCE:1\r\n") } },
		  "plan 10: 16/10 17/10" },
		{ "from the first on is all of it",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "CANCEL", EVENT("plan", BY_BOB AT("10") FROM_DAY("16") "SEQUENCE:1\r\n") } },
		  "plan 10 off:" },
		{ "behind the last one it ends when it did",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "CANCEL", EVENT("plan", BY_BOB AT("10") FROM_DAY("30") "SEQUENCE:1\r\n") } },
		  "plan 10: 16/10 17/10 18/10 19/10 20/10 21/10" },
		{ "with what was moved or stands beside the rule",
		  NULL,
		  { { FROM_BOB, "REQUEST",
		      EVENT("plan", BY_BOB AT("10") "RRULE:FREQ=DAILY;UNTIL=20260801T000000Z\r\n"
						    "RDATE:20260717T150000Z,20260719T150000Z\r\n")
			      EVENT("plan", BY_BOB "RECURRENCE-ID:20260717T100000Z\r\nDTSTART:20260717T120000Z\r\n")
				      EVENT("plan",
					    BY_BOB "RECURRENCE-ID:20260720T100000Z\r\nDTSTART:20260720T120000Z\r\n") },
		    { FROM_BOB, "CANCEL", EVENT("plan", BY_BOB AT("10") FROM_DAY("19") "SEQUENCE:1\r\n") } },
		  "plan 10: 16/10 18/10 17/12 17/15" },
		{ "whole days",
		  NULL,
		  { { FROM_BOB, "REQUEST",
		      EVENT("plan", BY_BOB "DTSTART;VALUE=DATE:20260716\r\nRRULE:FREQ=DAILY\r\n") },
		    { FROM_BOB, "CANCEL",
		      EVENT("plan", BY_BOB "DTSTART;VALUE=DATE:20260718\r\nSEQUENCE:1\r\n"
					   "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20260718\r\n") } },
		  "plan 00: 16/00 17/00" },
		{ "a stranger's",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_EVE, "CANCEL", EVENT("plan", BY_BOB AT("10") FROM_DAY("17") "SEQUENCE:1\r\n") } },
		  "plan 10: 16/10 17/10 18/10 19/10 20/10 21/10" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

#define FROM_18TH                                                                 \
	DAILY EVENT("plan", BY_BOB FROM_DAY("18") "DTSTART:20260718T150000Z\r\n") \
		EVENT("plan", BY_BOB "RECURRENCE-ID:20260720T100000Z\r\nDTSTART:20260720T120000Z\r\n")

/* RFC 5545 section 3.2.13: each from there on, so many days later and at that hour; called by the names that they had. */
static void what_follows_is_moved(void **unused)
{
	static const struct case_of cases[] = {
		{ "from the third on, to the afternoon",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "REQUEST",
		      EVENT("plan", BY_BOB FROM_DAY("18") "SEQUENCE:1\r\nDTSTART:20260718T150000Z\r\n") } },
		  "plan 10: 16/10 17/10 18/15 19/15 20/15 21/15" },
		{ "and one of them goes",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "REQUEST",
		      EVENT("plan", BY_BOB FROM_DAY("19") "SEQUENCE:1\r\nDTSTART:20260720T090000Z\r\n") },
		    { FROM_BOB, "CANCEL", EVENT("plan", BY_BOB "SEQUENCE:2\r\nRECURRENCE-ID:20260720T100000Z\r\n") } },
		  "plan 10: 16/10 17/10 18/10 20/09 22/09" },
		{ "told with the series, but for one of them; and the same once more",
		  NULL,
		  { { FROM_BOB, "REQUEST", FROM_18TH }, { FROM_BOB, "REQUEST", FROM_18TH } },
		  "plan 10: 16/10 17/10 18/15 20/12 19/15 21/15" },
		{ "told with the series, of which neither has a stamp",
		  NULL,
		  { { FROM_BOB, "REQUEST",
		      "BEGIN:VEVENT\r\nUID:plan\r\n" BY_BOB AT(
			      "10") "RRULE:FREQ=DAILY;COUNT=4\r\nEND:VEVENT\r\n"
				    "BEGIN:VEVENT\r\nUID:plan\r\n" BY_BOB FROM_DAY(
					    "18") "DTSTART:20260718T150000Z\r\nEND:VEVENT\r\n" } },
		  "plan 10: 16/10 17/10 18/15 19/15" },
		{ "a stranger's",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_EVE, "REQUEST",
		      EVENT("plan", BY_BOB FROM_DAY("18") "SEQUENCE:1\r\nDTSTART:20260718T150000Z\r\n") } },
		  "plan 10: 16/10 17/10 18/10 19/10 20/10 21/10" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

#define MOVED(hour) EVENT("plan", BY_BOB FROM_DAY("17") "SEQUENCE:" hour "\r\nDTSTART:20260717T" hour "0000Z\r\n")

/* MEETING_FOLLOWING_COST: five times all that follow, and not a sixth time. */
static void what_follows_counts_as_many(void **unused)
{
	static const struct case_of cases[] = {
		{ "five times",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "REQUEST", MOVED("11") MOVED("12") MOVED("13") MOVED("14") MOVED("15") } },
		  "plan 10: 16/10 17/15 18/15 19/15 20/15 21/15" },
		{ "once more",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "REQUEST", MOVED("11") MOVED("12") MOVED("13") MOVED("14") MOVED("15") MOVED("16") } },
		  "plan 10: 16/10 17/15 18/15 19/15 20/15 21/15" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

struct hours {
	unsigned ten, three;
};

static bool count_hour(void *ctx, const struct cal_occurrence *o)
{
	const struct zone_rules utc = { 0 };
	struct hours *h = ctx;

	h->ten += zone_from_utc(&utc, o->start_ms).hour == 10;
	h->three += zone_from_utc(&utc, o->start_ms).hour == 15;
	return true;
}

/* How many instances of the plan begin at ten, and at three. */
static struct hours hours_of(struct scene *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct hours h = { 0 };
	struct cal_plan plan;
	struct item item;
	int64_t folder;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_READ, &tx));
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	assert_ok(event_by_uid(&c->a, tx, folder, S("plan"), &item));
	assert_ok(event_plan(&c->a, tx, item.id, &plan));
	cal_plan_walk(&plan, 0, INT64_MAX, count_hour, &h);
	return h;
}

/* MEETING_FOLLOWING_MAX, and one more; a large event has room for fewer. What can't be told rightly is not told. */
static void all_that_follow_are_moved_or_end(void **unused)
{
	static const struct {
		const char *what, *rule;
		size_t text; /* octets of its description */
		unsigned min, max;
	} cases[] = {
		{ "all", "COUNT=1002", 0, MEETING_FOLLOWING_MAX, MEETING_FOLLOWING_MAX },
		{ "one more", "COUNT=1003", 0, MEETING_FOLLOWING_MAX, MEETING_FOLLOWING_MAX },
		{ "without end", "INTERVAL=1", 0, MEETING_FOLLOWING_MAX, MEETING_FOLLOWING_MAX },
		{ "a large one", "INTERVAL=1", 10000, 50, 100 },
	};

	(void)unused;
	SCENE(c);
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 16);
		struct letter mail = { FROM_BOB, "REQUEST", NULL };
		struct hours h;

		buf_fmt(&b, "BEGIN:VEVENT\r\nUID:plan\r\n" BY_BOB AT("10") "RRULE:FREQ=DAILY;%s\r\nDESCRIPTION:",
			cases[i].rule);
		for (size_t k = 0; k < cases[i].text; k++)
			buf_char(&b, 'x');
		buf_cstr(&b, "\r\nEND:VEVENT\r\n");
		assert_ok(arena_cstr(&c.a, buf_view(&b), &mail.events));
		receive(&c, &mail);
		mail.events = EVENT("plan", BY_BOB FROM_DAY("18") "SEQUENCE:1\r\nDTSTART:20260718T150000Z\r\n");
		receive(&c, &mail);
		h = hours_of(&c);
		if (h.ten != 2 || h.three < cases[i].min || h.three > cases[i].max)
			fail_msg("%s: %u at ten, %u at three", cases[i].what, h.ten, h.three);
		clear(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_follows_is_called_off),
		cmocka_unit_test(what_follows_is_moved),
		cmocka_unit_test(what_follows_counts_as_many),
		cmocka_unit_test(all_that_follow_are_moved_or_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
