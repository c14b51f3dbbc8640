/* ResolveRecipients: when people are busy, in digits of half an hour, and of whom that is told. */
#include "sync_fixture.h"

#include <gateway/activesync/resolve_availability.h>
#include <gateway/mailbox/event.h>
#include <store/account.h>
#include <store/share.h>
#include <store/visibility.h>
#include <store/working_hours.h>

#define NOON "2026-07-15T12:00:00.000Z"
#define ONE "2026-07-15T13:00:00.000Z"

/* Page 0A: 45 ResolveRecipients, 4F Options, 50 To, 56 Availability, 57 StartTime, 58 EndTime. Empty end: without EndTime. */
static struct eas_reply ask(struct fixture *f, const char *to, const char *start, const char *end)
{
	char *last = *end ? commands(f, "58 03 '%s' 00 01", end) : "";

	return eas_phone_ask(
		&f->phone, "ResolveRecipients",
		doc(f, HEAD "00 0A 45 50 03 '%s' 00 01 4F 56 57 03 '%s' 00 01 %s 01 01 01", to, start, last));
}

/* The status of the answer to the name, that of the availability, and the digits: "1 1 02", "2", "1 163". */
static void assert_said(struct fixture *f, const char *to, const char *start, const char *end, const char *want)
{
	struct eas_reply r = ask(f, to, start, end);
	CLEANUP(buf_release) struct buf said = BUF_INIT(4096);

	for (unsigned i = 1; i < eas_reply_count(&r, "Status"); i++)
		buf_fmt(&said, "%s" STR_FMT, i > 1 ? " " : "", STR_ARG(eas_reply_text(&r, "Status", i)));
	if (eas_reply_count(&r, "MergedFreeBusy"))
		buf_fmt(&said, " " STR_FMT, STR_ARG(eas_reply_text(&r, "MergedFreeBusy", 0)));
	if (!str_eq(buf_view(&said), str_of(want)))
		fail_msg("%s, %s to %s: " STR_FMT " instead of %s; " STR_FMT, to, start, end, STR_ARG(buf_view(&said)),
			 want, STR_ARG(r.xml));
}

/* Into that calendar; empty: the default one. */
static void add_event_to(struct fixture *f, int64_t mailbox, const char *calendar, const char *lines)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT(10000);
	const struct folder_new other = {
		.parent = FOLDER_ROOT, .name = str_of(calendar), .class = FOLDER_CALENDAR, .by.device = STORE_NOBODY
	};
	struct event_new event = { .now_ms = SERVER_NOW_MS };
	struct item item;

	buf_fmt(&text, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\n%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", lines);
	event.octets = buf_view(&text);
	assert_ok(store_begin(f->server.store, mailbox, STORE_WRITE, &tx));
	if (*calendar)
		assert_ok(folder_create(tx, &other, &event.folder));
	else
		assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &event.folder));
	assert_ok(event_add(&f->arena, tx, &event, &item));
	assert_ok(store_commit(&tx));
}

static void add_event(struct fixture *f, int64_t mailbox, const char *lines)
{
	add_event_to(f, mailbox, "", lines);
}

static struct server_account add_busy(struct fixture *f, const char *address)
{
	struct server_account account = server_add_account(&f->server, address, "secret");

	add_event(f, account.mailbox, "DTSTART:20260715T123000Z\r\nDTEND:20260715T130000Z");
	return account;
}

/*
 * MS-ASCMD_R3319, MS-ASCMD_R3320, MS-ASCMD_R3321, MS-ASCMD_R3322, MS-ASCMD_R3323, MS-ASCMD_R3324, MS-ASCMD_R3326,
 * MS-ASCMD_R3327, MS-ASCMD_R3328, MS-ASCMD_R4291, MS-ASCMD_R3339
 */
static void a_digit_tells_how_busy_half_an_hour_is(void **unused)
{
	static const struct {
		const char *lines, *digits;
	} rows[] = {
		{ "DTSTART:20260715T120000Z\r\nDTEND:20260715T123000Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", "1 1 00" },
		{ "DTSTART:20260715T120000Z\r\nDTEND:20260715T123000Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
		  "1 1 00" },
		{ "DTSTART:20260715T122500Z\r\nDTEND:20260715T130000Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",
		  "1 1 11" },
		{ "DTSTART:20260701T122500Z\r\nDTEND:20260701T123000Z\r\nRRULE:FREQ=WEEKLY", "1 1 21" },
		{ "DTSTART:20260715T125900Z\r\nDTEND:20260715T140000Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF", "1 1 23" },
	};
	FIXTURE(f);

	(void)unused;
	assert_said(&f, "ann@example.test", NOON, ONE, "1 1 00");
	for (size_t i = 0; i < countof(rows); i++) {
		add_event(&f, f.ann.mailbox, rows[i].lines);
		assert_said(&f, "ann@example.test", NOON, ONE, rows[i].digits);
	}
}

/*
 * The example of the document: away from 12:00 to 12:05. MS-ASCMD_R3329, MS-ASCMD_R3330, MS-ASCMD_R3331, MS-ASCMD_R3332,
 * MS-ASCMD_R3333, MS-ASCMD_R3334, MS-ASCMD_R3335, MS-ASCMD_R3336
 */
static void digits_are_counted_from_the_start(void **unused)
{
	static const struct {
		const char *start, *end, *said;
	} rows[] = {
		{ NOON, ONE, "1 1 30" },
		{ "2026-07-15T12:04:59.000Z", ONE, "1 1 30" },
		{ "2026-07-15T12:04:59.999Z", ONE, "1 1 30" },
		{ "2026-07-15T12:05:00.000Z", ONE, "1 1 00" },
		{ ONE, "2026-07-15T13:30:00.000Z", "1 1 0" },
		{ "2026-07-15T12:59:59.000Z", "2026-07-15T13:30:00.000Z", "1 1 00" },
		{ ONE, "2026-07-15T13:30:01.000Z", "1 1 00" },
		{ ONE, "2026-07-15T13:30:00.001Z", "1 1 00" },
		{ "2026-07-15T11:30:00.000Z", "2026-07-15T12:00:00.000Z", "1 1 0" },
		{ "2026-07-15T11:30:00.000Z", "2026-07-15T12:00:00.001Z", "1 1 03" },
	};
	FIXTURE(f);

	(void)unused;
	add_event(&f, f.ann.mailbox,
		  "DTSTART:20260715T120000Z\r\nDTEND:20260715T120500Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF");
	for (size_t i = 0; i < countof(rows); i++)
		assert_said(&f, "ann@example.test", rows[i].start, rows[i].end, rows[i].said);
}

/* MS-ASCMD_R2265, MS-ASCMD_R5175, MS-ASCMD_R3317: seven days where no end is said, forty-two at most. */
static void a_span_has_its_length(void **unused)
{
	static const struct {
		const char *end;
		size_t digits;
	} rows[] = { { "", AVAILABILITY_DEFAULT_DAYS * 48 },
		     { "2026-08-26T12:00:00.000Z", AVAILABILITY_MAX_DAYS * 48 } };
	FIXTURE(f);

	(void)unused;
	add_event(&f, f.ann.mailbox, "DTSTART:20260715T120000Z\r\nDTEND:20260715T123000Z\r\nRRULE:FREQ=DAILY");
	for (size_t i = 0; i < countof(rows); i++) {
		struct eas_reply r = ask(&f, "ann@example.test", NOON, rows[i].end);
		struct str digits = eas_reply_text(&r, "MergedFreeBusy", 0);

		assert_int_equal(digits.n, rows[i].digits);
		for (size_t at = 0; at < digits.n; at++)
			assert_int_equal(digits.p[at], at % 48 ? '0' : '2');
	}
}

/* MS-ASCMD_R2264, MS-ASCMD_R3986, MS-ASCMD_R4269, MS-ASCMD_R4270 */
static void a_span_that_is_none_is_refused(void **unused)
{
	static const struct {
		const char *start, *end;
	} rows[] = {
		{ "", ONE },
		{ "2026-02-31T12:00:00.000Z", "2026-03-04T12:00:00.000Z" },
		{ NOON, "2026-07-15T24:00:00.000Z" },
		{ NOON, "2026-07-15T12:29:59.999Z" },
		{ ONE, NOON },
		{ NOON, "2026-08-26T12:00:00.001Z" },
		{ "0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z" },
	};
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (size_t i = 0; i < countof(rows); i++) {
		r = ask(&f, "ann@example.test", rows[i].start, rows[i].end);
		if (!str_eq(eas_reply_text(&r, "Status", 0), S("5")) || eas_reply_count(&r, "Response"))
			fail_msg("%s to %s: " STR_FMT, rows[i].start, rows[i].end, STR_ARG(r.xml));
	}
	/* No StartTime at all, and an element that has no place there. */
	r = eas_phone_ask(&f.phone, "ResolveRecipients", doc(&f, HEAD "00 0A 45 50 03 'ann' 00 01 4F 16 01 01"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("5")));
	r = eas_phone_ask(
		&f.phone, "ResolveRecipients",
		doc(&f, HEAD "00 0A 45 50 03 'ann' 00 01 4F 56 57 03 '" NOON "' 00 01 50 03 'x' 00 01 01 01 01"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("5")));
}

static void set(struct fixture *f, int64_t account, enum visibility v, bool shared, bool enabled)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(visibility_set(tx, account, STR_EMPTY, v));
	if (shared)
		assert_ok(share_set(
			tx, &(struct share){ .owner = account, .guest = f->ann.id, .folder = 7, .calendar = true }));
	assert_ok(account_set_enabled(tx, account, enabled));
	assert_ok(store_commit(&tx));
}

/* What holds for EWS holds here. MS-ASCMD_R4290, MS-ASCMD_R4298, MS-ASCMD_R3338 */
static void who_may_not_see_is_told_nothing(void **unused)
{
	static const struct {
		const char *address;
		enum visibility sees;
		bool shared, enabled;
		const char *said;
	} rows[] = {
		{ "times@example.test", VISIBILITY_TIMES, false, true, "1 1 02" },
		{ "details@example.test", VISIBILITY_DETAILS, false, true, "1 1 02" },
		{ "none@example.test", VISIBILITY_NONE, false, true, "1 163" },
		{ "none-but-shared@example.test", VISIBILITY_NONE, true, true, "1 1 02" },
		{ "gone@example.test", VISIBILITY_TIMES, false, false, "4" },
		{ "details@other.test", VISIBILITY_DETAILS, false, true, "4" },
		{ "shared@other.test", VISIBILITY_TIMES, true, true, "1 1 02" },
		{ "shared-and-gone@other.test", VISIBILITY_TIMES, true, false, "4" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(rows); i++) {
		set(&f, add_busy(&f, rows[i].address).id, rows[i].sees, rows[i].shared, rows[i].enabled);
		assert_said(&f, rows[i].address, NOON, ONE, rows[i].said);
	}
	assert_said(&f, "nobody@example.test", NOON, ONE, "4");
}

/* MS-ASCMD_R4617, MS-ASCMD_R4618, MS-ASCMD_R4623, MS-ASCMD_R4624: by name, by any address, but not of several. */
/* A person's other calendars have what does not keep him. */
static void what_is_no_person_is_busy_by_all_its_calendars(void **unused)
{
	static const struct {
		const char *address;
		enum account_kind kind;
		const char *said;
	} rows[] = {
		{ "person@example.test", ACCOUNT_PERSON, "1 1 00" },
		{ "room@example.test", ACCOUNT_ROOM, "1 1 02" },
		{ "projector@example.test", ACCOUNT_EQUIPMENT, "1 1 02" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(rows); i++) {
		const struct account_new account = { .address = str_of(rows[i].address), .kind = rows[i].kind };
		struct store_tx *tx;
		int64_t id;

		assert_ok(store_begin(f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
		assert_ok(account_add(tx, &account, &id));
		assert_ok(store_commit(&tx));
		add_event_to(&f, id, "Others", "DTSTART:20260715T123000Z\r\nDTEND:20260715T130000Z");
		assert_said(&f, rows[i].address, NOON, ONE, rows[i].said);
	}
}

static void availability_is_of_one_alone(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct server_account anna = add_busy(&f, "anna@example.test");
	struct eas_reply r;

	(void)unused;
	assert_ok(store_begin(f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_address_add(tx, anna.id, S("second@elsewhere.test")));
	assert_ok(account_address_add(tx, anna.id, S("sales@example.test")));
	assert_ok(store_commit(&tx));
	assert_said(&f, "ann", NOON, ONE, "2");
	assert_said(&f, "anna", NOON, ONE, "1 1 02");
	assert_said(&f, "ANNA@Example.Test", NOON, ONE, "1 1 02");
	assert_said(&f, "sales@example.test", NOON, ONE, "1 1 02");
	r = ask(&f, "second@elsewhere.test", NOON, ONE);
	assert_true(str_eq(eas_reply_text(&r, "EmailAddress", 0), S("anna@example.test")));
}

/* Without a zone of his own who asks means days of UTC. */
static void whole_days_are_those_of_who_asks(void **unused)
{
	struct working_hours hours = { 0x3e, 8 * 60, 17 * 60, "Europe/Berlin" };
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	(void)unused;
	add_event(&f, f.ann.mailbox, "DTSTART;VALUE=DATE:20260715");
	assert_said(&f, "ann@example.test", "2026-07-14T21:30:00.000Z", "2026-07-15T00:30:00.000Z", "1 1 000002");
	assert_ok(store_begin(f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(working_hours_set(tx, f.ann.id, STR_EMPTY, &hours));
	assert_ok(store_commit(&tx));
	assert_said(&f, "ann@example.test", "2026-07-14T21:30:00.000Z", "2026-07-15T00:30:00.000Z", "1 1 022222");
	assert_said(&f, "ann@example.test", "2026-07-15T21:30:00.000Z", "2026-07-15T22:30:00.000Z", "1 1 20");
}

/* More busy times than are read: some half hours would seem free, so none is told. The others have theirs. */
static void too_many_events_are_no_free_time(void **unused)
{
	FIXTURE(f);
	struct server_account bob = server_add_account(&f.server, "bob@example.test", "secret");

	(void)unused;
	for (int i = 0; i < FREEBUSY_MAX / AVAILABILITY_MAX_DAYS + 1; i++)
		add_event(&f, bob.mailbox, "DTSTART:20260701T090000Z\r\nDURATION:PT1M\r\nRRULE:FREQ=DAILY");
	assert_said(&f, "bob@example.test", NOON, "2026-08-26T12:00:00.000Z", "1 163");
	assert_said(&f, "bob@example.test", NOON, ONE, "1 1 00");
}

/* MS-ASCMD_R819: each of a hundred, in their order, and whoever is named twice has it twice. */
static void each_of_a_hundred_has_his_own(void **unused)
{
	FIXTURE(f);
	CLEANUP(buf_release) struct buf list = BUF_INIT(65536);
	struct eas_reply r;

	(void)unused;
	(void)add_busy(&f, "bob@example.test");
	for (int i = 0; i < 100; i++)
		buf_fmt(&list, "50 03 '%s@example.test' 00 01 ", i % 2 ? "bob" : "ann");
	buf_char(&list, '\0');
	r = eas_phone_ask(
		&f.phone, "ResolveRecipients",
		doc(&f, HEAD "00 0A 45 %s 4F 56 57 03 '" NOON "' 00 01 58 03 '" ONE "' 00 01 01 01 01", list.p));
	assert_int_equal(eas_reply_count(&r, "MergedFreeBusy"), 100);
	for (unsigned i = 0; i < 100; i++)
		assert_true(str_eq(eas_reply_text(&r, "MergedFreeBusy", i), i % 2 ? S("02") : S("00")));
}

/*
 * MS-ASCMD_R6193, MS-ASCMD_R6194, MS-ASCMD_R6195, MS-ASCMD_R6196, MS-ASCMD_R6196100701, MS-ASCMD_R6794, MS-ASCMD_R6795,
 * MS-ASCMD_R6796, MS-ASCMD_R6797, MS-ASCMD_R6797101601, MS-ASCMD_R7511, MS-ASCMD_R7512, MS-ASCMD_R6085
 */
static void versions_from_14_0_on_have_it(void **unused)
{
	static const struct {
		const char *version, *status;
	} rows[] = {
		{ "2.5", "5" },  { "12.0", "5" }, { "12.1", "5" }, { "14.0", "1" },
		{ "14.1", "1" }, { "16.0", "1" }, { "16.1", "1" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(rows); i++) {
		struct eas_reply r;

		f.phone.version = rows[i].version;
		r = ask(&f, "ann@example.test", NOON, ONE);
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), str_of(rows[i].status)));
		assert_int_equal(eas_reply_count(&r, "MergedFreeBusy"), rows[i].status[0] == '1');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digit_tells_how_busy_half_an_hour_is),
		cmocka_unit_test(digits_are_counted_from_the_start),
		cmocka_unit_test(a_span_has_its_length),
		cmocka_unit_test(a_span_that_is_none_is_refused),
		cmocka_unit_test(who_may_not_see_is_told_nothing),
		cmocka_unit_test(what_is_no_person_is_busy_by_all_its_calendars),
		cmocka_unit_test(availability_is_of_one_alone),
		cmocka_unit_test(whole_days_are_those_of_who_asks),
		cmocka_unit_test(too_many_events_are_no_free_time),
		cmocka_unit_test(each_of_a_hundred_has_his_own),
		cmocka_unit_test(versions_from_14_0_on_have_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
