/* When somebody is busy. */
#include <tests/unit/mailbox/mail.h>

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/freebusy.h>
#include <store/folder.h>

#define DAY INT64_C(86400000)
#define HOUR INT64_C(3600000)
#define JULY_15 INT64_C(1784073600000) /* 2026-07-15T00:00:00Z, a Wednesday */

static void add(struct one_mailbox *f, const char *lines)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT(10000);
	struct event_new event = { .now_ms = JULY_15 };
	struct item item;

	buf_fmt(&text, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\n%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", lines);
	event.octets = buf_view(&text);
	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &event.folder), ERR_OK);
	assert_int_equal(event_add(&f->arena, tx, &event, &item), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static enum err look(struct one_mailbox *f, const struct busy_window *w, struct busy_list *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx), ERR_OK);
	return freebusy_read(&f->arena, tx, w, ret);
}

static void what_touches_the_window_is_told_in_order(void **unused)
{
	const struct busy_window w = { .from_ms = JULY_15, .to_ms = JULY_15 + DAY };
	struct busy_list busy;
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	add(&f, "DTSTART:20260715T120000Z\r\nDTEND:20260715T130000Z");
	add(&f, "DTSTART:20000101T083000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF");
	add(&f, "DTSTART:20260714T230000Z\r\nDTEND:20260715T003000Z\r\nSTATUS:TENTATIVE");
	add(&f, "DTSTART:20260715T100000Z\r\nDTEND:20260715T110000Z\r\nTRANSP:TRANSPARENT");
	add(&f, "DTSTART:20260715T100000Z\r\nDTEND:20260715T110000Z\r\nSTATUS:CANCELLED");
	add(&f, "DTSTART:20260714T100000Z\r\nDTEND:20260715T000000Z");
	add(&f, "DTSTART:20260716T000000Z\r\nDTEND:20260716T010000Z");
	assert_int_equal(look(&f, &w, &busy), ERR_OK);
	assert_int_equal(busy.n, 3);
	assert_int_equal(busy.list[0].start_ms, JULY_15 - HOUR);
	assert_int_equal(busy.list[0].busy, CAL_TENTATIVE);
	assert_int_equal(busy.list[1].start_ms, JULY_15 + 8 * HOUR + HOUR / 2);
	assert_int_equal(busy.list[1].busy, CAL_OUT);
	assert_int_equal(busy.list[2].end_ms, JULY_15 + 13 * HOUR);
	assert_false(busy.cut);
	one_mailbox_stop(&f);
}

static void whole_days_are_those_of_who_looks(void **unused)
{
	struct busy_window w = { .from_ms = JULY_15,
				 .to_ms = JULY_15 + DAY,
				 .zone = { .offset = 120, .daylight = 120 } };
	struct busy_list busy;
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	add(&f, "DTSTART;VALUE=DATE:20260715");
	assert_int_equal(look(&f, &w, &busy), ERR_OK);
	assert_int_equal(busy.n, 1);
	assert_int_equal(busy.list[0].start_ms, JULY_15 - 2 * HOUR);
	assert_int_equal(busy.list[0].end_ms, JULY_15 + 22 * HOUR);
	one_mailbox_stop(&f);
}

static void slots_have_what_weighs_most(void **unused)
{
	const struct busy_window w = { .from_ms = JULY_15 + 8 * HOUR, .to_ms = JULY_15 + 11 * HOUR - HOUR / 4 };
	CLEANUP(buf_release) struct buf digits = BUF_INIT(100);
	struct busy_list busy;
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	add(&f, "DTSTART:20260715T083000Z\r\nDTEND:20260715T100000Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE");
	add(&f, "DTSTART:20260715T093000Z\r\nDTEND:20260715T094500Z");
	add(&f, "DTSTART:20260715T103000Z\r\nDTEND:20260715T113000Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE");
	assert_int_equal(look(&f, &w, &busy), ERR_OK);
	freebusy_merge(&busy, &w, 30, &digits);
	assert_true(str_eq(buf_view(&digits), S("011200")));
	one_mailbox_stop(&f);
}

static void a_window_has_a_longest_length(void **unused)
{
	struct busy_window w = { .from_ms = JULY_15, .to_ms = JULY_15 + FREEBUSY_DAYS_MAX * DAY };
	struct busy_list busy;
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	assert_int_equal(look(&f, &w, &busy), ERR_OK);
	assert_int_equal(busy.n, 0);
	w.to_ms++;
	assert_int_equal(look(&f, &w, &busy), ERR_LIMIT);
	w.to_ms = w.from_ms - 1;
	assert_int_equal(look(&f, &w, &busy), ERR_INVALID);
	one_mailbox_stop(&f);
}

/* The whole day each quarter of an hour, in two months: more than is told. */
static void intervals_are_told_up_to_a_limit(void **unused)
{
	struct busy_window w = { .from_ms = JULY_15, .to_ms = JULY_15 + FREEBUSY_DAYS_MAX * DAY };
	struct busy_list busy;
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	for (int i = 0; i < FREEBUSY_MAX / FREEBUSY_DAYS_MAX + 1; i++)
		add(&f, "DTSTART:20260101T100000Z\r\nDURATION:PT1M\r\nRRULE:FREQ=DAILY");
	assert_int_equal(look(&f, &w, &busy), ERR_OK);
	assert_int_equal(busy.n, FREEBUSY_MAX);
	assert_true(busy.cut);
	one_mailbox_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_touches_the_window_is_told_in_order),
		cmocka_unit_test(whole_days_are_those_of_who_looks),
		cmocka_unit_test(slots_have_what_weighs_most),
		cmocka_unit_test(a_window_has_a_longest_length),
		cmocka_unit_test(intervals_are_told_up_to_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
