/* GetUserAvailability at its limits and against hostile zones and windows: the operation itself, without a connection. */
#include <gateway/ews/envelope.h>
#include <gateway/ews/operation.h>
#include <gateway/ews/types_availability.h>

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/freebusy.h>
#include <store/account.h>
#include <store/folder.h>
#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { TEXT_MAX = 1 << 20, ARENA_MAX = 64 << 20 };

#define ANN "ann@example.test"
#define NO_ZONE                                                                                                     \
	"<t:Bias>0</t:Bias>"                                                                                        \
	"<t:StandardTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month>" \
	"<t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime>"                                                        \
	"<t:DaylightTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month>" \
	"<t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime>"
#define ZONE(bias, standard, daylight)                                                                    \
	"<t:Bias>" bias "</t:Bias><t:StandardTime>" standard "</t:StandardTime><t:DaylightTime>" daylight \
	"</t:DaylightTime>"
#define DAY(bias, time, order, month, weekday)                                                                \
	"<t:Bias>" bias "</t:Bias><t:Time>" time "</t:Time><t:DayOrder>" order "</t:DayOrder><t:Month>" month \
	"</t:Month><t:DayOfWeek>" weekday "</t:DayOfWeek>"
#define OCTOBER DAY("0", "03:00:00", "5", "10", "Sunday")
#define MARCH DAY("-60", "02:00:00", "5", "3", "Sunday")

struct question {
	const char *zone, *from, *to, *minutes, *view, *address;
	size_t people; /* 0: one */
};

struct said {
	enum err e;
	const char *refused; /* the fault's code; NULL: none */
	bool schema;         /* the request is not one of the schema */
	struct str text;     /* the answer as it is written */
};

struct scene {
	struct server server;
	struct ews *ews;
	struct auth_identity who;
	struct arena arena;
};

/* Into that calendar; empty: the default one. */
static void add_event_to(struct server *s, int64_t mailbox, const char *calendar, const char *lines)
{
	const struct folder_new other = {
		.parent = FOLDER_ROOT, .name = str_of(calendar), .class = FOLDER_CALENDAR, .by.device = STORE_NOBODY
	};
	struct arena a = ARENA_INIT(4 << 20);
	struct buf b = BUF_INIT(TEXT_MAX);
	struct event_new row = { .now_ms = SERVER_NOW_MS };
	struct store_tx *tx;
	struct item item;

	buf_fmt(&b,
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nDTSTAMP:20260101T000000Z\r\n%s"
		"END:VEVENT\r\nEND:VCALENDAR\r\n",
		lines);
	row.octets = buf_view(&b);
	assert_int_equal(store_begin(s->store, mailbox, STORE_WRITE, &tx), ERR_OK);
	if (*calendar)
		assert_int_equal(folder_create(tx, &other, &row.folder), ERR_OK);
	else
		assert_int_equal(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &row.folder), ERR_OK);
	assert_int_equal(event_add(&a, tx, &row, &item), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	buf_release(&b);
	arena_release(&a);
}

static void add_event(struct server *s, int64_t mailbox, const char *lines)
{
	add_event_to(s, mailbox, "", lines);
}

static int set_up(void **state)
{
	static struct scene sc;
	struct server_account ann;

	sc = (struct scene){ .arena = ARENA_INIT(ARENA_MAX) };
	server_open(&sc.server);
	ann = server_add_account(&sc.server, ANN, "secret");
	sc.who = (struct auth_identity){ .account = ann.id, .mailbox = ann.mailbox, .address = S(ANN) };
	add_event(&sc.server, ann.mailbox,
		  "UID:a\r\nDTSTART:20260301T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n"
		  "SUMMARY:A <b> & \"c\" \303\244\r\nLOCATION:Here\r\n");
	sc.ews = ews_new(&(struct ews_args){ sc.server.store, sc.server.auth, &sc.server.clock.clock, 1024 });
	*state = &sc;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *sc = *state;

	ews_free(&sc->ews);
	server_close(&sc->server);
	server_remove(&sc->server);
	arena_release(&sc->arena);
	return 0;
}

static const char * or (const char *given, const char *otherwise)
{
	return given ? given : otherwise;
}

static void put_request(struct buf *b, const struct question *q)
{
	buf_fmt(b,
		"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:t='t'><s:Body>"
		"<GetUserAvailabilityRequest><t:TimeZone>%s</t:TimeZone><MailboxDataArray>",
		or (q->zone, NO_ZONE));
	for (size_t i = 0; i < (q->people ? q->people : 1); i++)
		buf_fmt(b,
			"<t:MailboxData><t:Email><t:Address>%s</t:Address></t:Email>"
			"<t:AttendeeType>Required</t:AttendeeType></t:MailboxData>",
			or (q->address, ANN));
	buf_fmt(b,
		"</MailboxDataArray><t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>%s</t:StartTime>"
		"<t:EndTime>%s</t:EndTime></t:TimeWindow>"
		"<t:MergedFreeBusyIntervalInMinutes>%s</t:MergedFreeBusyIntervalInMinutes>"
		"<t:RequestedView>%s</t:RequestedView></t:FreeBusyViewOptions></GetUserAvailabilityRequest>"
		"</s:Body></s:Envelope>",
		or (q->from, "2026-03-02T00:00:00"), or (q->to, "2026-03-03T00:00:00"), or (q->minutes, "30"),
		or (q->view, "DetailedMerged"));
	assert_int_equal(buf_status(b), ERR_OK);
}

static struct str written(struct scene *sc, const struct ews_operation *op, const void *answer)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(EWS_MAX_ANSWER);
	struct xml_writer w;
	struct str text;

	xml_begin(&w, &out);
	ews_write(&w, op->answer, op->answer_type, answer);
	assert_int_equal(arena_str(&sc->arena, buf_view(&out), &text), ERR_OK);
	return text;
}

static struct said ask(struct scene *sc, const struct question *q)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(TEXT_MAX);
	struct ews_call call = { .ews = sc->ews, .arena = &sc->arena, .who = &sc->who };
	const struct ews_operation *op = ews_operation_find(S("GetUserAvailabilityRequest"));
	struct ews_envelope envelope;
	struct said said = { 0 };
	struct str why;
	void *request, *answer = ews_new_struct(&sc->arena, op->answer_type);

	put_request(&body, q);
	assert_int_equal(ews_envelope_read(&sc->arena, buf_view(&body), &envelope), ERR_OK);
	said.e = ews_read(&sc->arena, envelope.operation, op->request_type, &request, &why);
	said.schema = said.e != ERR_OK;
	if (said.e)
		return said;
	said.e = op->run(&call, request, answer);
	said.refused = call.refused.code;
	if (!said.e)
		said.text = written(sc, op, answer);
	return said;
}

static bool has(struct str text, const char *what)
{
	return str_find(text, str_of(what)) < text.n;
}

/* ---- limits: at them and one past them ---- */

static void each_limit_holds_at_it_and_one_past_it(void **state)
{
	static const struct {
		struct question q;
		const char *refused; /* NULL: answered */
	} cases[] = {
		{ { .to = "2026-04-13T00:00:00" }, NULL }, /* 42 days */
		{ { .to = "2026-04-13T00:00:01" }, "ErrorTimeIntervalTooBig" },
		{ { .to = "2026-05-03T00:00:00" }, "ErrorTimeIntervalTooBig" },
		{ { .to = "9999-12-31T23:59:59" }, "ErrorTimeIntervalTooBig" },
		{ { .to = "2026-03-02T00:00:01" }, NULL },
		{ { .to = "2026-03-02T00:00:00" }, "ErrorInvalidTimeInterval" },
		{ { .to = "2026-03-01T00:00:00" }, "ErrorInvalidTimeInterval" },
		{ { .to = "0001-01-01T00:00:00" }, "ErrorInvalidTimeInterval" },
		{ { .from = "9999-12-31T00:00:00", .to = "9999-12-31T23:59:59" }, NULL },
		{ { .from = "0001-01-01T00:00:00", .to = "0001-01-02T00:00:00" }, NULL },
		{ { .minutes = "4" }, "ErrorInvalidMergedFreeBusyInterval" },
		{ { .minutes = "5" }, NULL },
		{ { .minutes = "1440" }, NULL },
		{ { .minutes = "1441" }, "ErrorInvalidMergedFreeBusyInterval" },
		{ { .minutes = "0" }, "ErrorInvalidMergedFreeBusyInterval" },
		{ { .minutes = "-30" }, "ErrorInvalidMergedFreeBusyInterval" },
		{ { .minutes = "2147483647" }, "ErrorInvalidMergedFreeBusyInterval" },
		{ { .view = "None" }, "ErrorInvalidFreeBusyViewType" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		const struct said said = ask(*state, &cases[i].q);

		if (cases[i].refused && !said.refused)
			fail_msg("%s to %s is not refused", or (cases[i].q.minutes, "?"), or (cases[i].q.to, "?"));
		assert_int_equal(said.e, cases[i].refused ? ERR_INVALID : ERR_OK);
		if (cases[i].refused)
			assert_string_equal(said.refused, cases[i].refused);
	}
}

static void a_hundred_are_asked_about_and_not_one_more(void **state)
{
	assert_int_equal(ask(*state, &(struct question){ .people = EWS_MAX_MAILBOXES }).e, ERR_OK);
	assert_int_equal(ask(*state, &(struct question){ .people = EWS_MAX_MAILBOXES + 1 }).e, ERR_LIMIT);
}

static size_t count_details(struct str text)
{
	static const char begin[] = "<t:CalendarEventDetails>", end[] = "</t:CalendarEventDetails>";
	size_t all = 0;

	while (has(text, begin)) {
		text = str_slice(text, str_find(text, str_of(begin)), text.n);
		all += str_find(text, str_of(end)) + sizeof(end) - 1;
		text = str_slice(text, str_find(text, str_of(end)), text.n);
	}
	return all;
}

static void details_are_told_as_long_as_they_fit(void **state)
{
	const struct question week = { .to = "2026-03-09T00:00:00" };
	struct scene *sc = *state;
	const size_t usual = sc->ews->max_details;
	size_t fits = usual, cut = 0;
	struct said said = ask(sc, &week);

	assert_int_equal(usual, EWS_MAX_DETAILS);
	while (fits - cut > 1) { /* where the limit is that they reach */
		sc->ews->max_details = cut + (fits - cut) / 2;
		if (has(ask(sc, &week).text, "DetailedMerged"))
			fits = sc->ews->max_details;
		else
			cut = sc->ews->max_details;
	}
	assert_in_range(count_details(said.text), 7 * 100, fits); /* no less was counted than is written */
	sc->ews->max_details = fits;
	assert_int_equal(count_details(ask(sc, &week).text), count_details(said.text));
	sc->ews->max_details = cut;
	said = ask(sc, &week);
	assert_int_equal(said.e, ERR_OK);
	assert_true(has(said.text, "<t:FreeBusyViewType>FreeBusyMerged<"));
	assert_int_equal(count_details(said.text), 0);
	assert_true(has(said.text, "2026-03-08T09:00:00"));
	sc->ews->max_details = usual;
}

/* Whom there is room for no more is shown without; who comes after him and fits is told of. */
static void details_are_left_out_of_a_mailbox_as_a_whole(void **state)
{
	const struct question one = { 0 }, three = { .people = 3 };
	struct scene *sc = *state;
	struct said said = ask(sc, &one);
	size_t of_one = count_details(said.text);

	sc->ews->max_details = 3 * of_one; /* what is counted is more than what is written, but less than twice */
	said = ask(sc, &three);
	assert_int_equal(said.e, ERR_OK);
	assert_true(has(said.text, ">DetailedMerged<") && has(said.text, ">FreeBusyMerged<"));
	sc->ews->max_details = EWS_MAX_DETAILS;
}

/* ---- zones ---- */

static void hostile_zones_are_refused_or_do_no_harm(void **state)
{
	static const struct {
		const char *zone;
		const char *refused; /* NULL: answered; "": not of the schema */
	} cases[] = {
		{ ZONE("-60", OCTOBER, MARCH), NULL },
		{ ZONE("1440", OCTOBER, MARCH), NULL },
		{ ZONE("-1440", OCTOBER, MARCH), NULL },
		{ ZONE("1441", OCTOBER, MARCH), "" },
		{ ZONE("2147483648", OCTOBER, MARCH), "" },
		{ ZONE("99999999999999999999", OCTOBER, MARCH), "" },
		{ ZONE("x", OCTOBER, MARCH), "" },
		{ ZONE("-60", DAY("1440", "03:00:00", "5", "10", "Sunday"), MARCH), NULL },
		{ ZONE("-60", DAY("0", "24:00:00", "5", "10", "Sunday"), MARCH), "ErrorTimeZone" },
		{ ZONE("-60", DAY("0", "03:60:00", "5", "10", "Sunday"), MARCH), "ErrorTimeZone" },
		{ ZONE("-60", DAY("0", "-3:00:00", "5", "10", "Sunday"), MARCH), "ErrorTimeZone" },
		{ ZONE("-60", DAY("0", "", "5", "10", "Sunday"), MARCH), "ErrorTimeZone" },
		{ ZONE("-60", DAY("0", "03:00:00", "6", "10", "Sunday"), MARCH), "ErrorTimeZone" },
		{ ZONE("-60", DAY("0", "03:00:00", "0", "10", "Sunday"), MARCH), "ErrorTimeZone" },
		{ ZONE("-60", DAY("0", "03:00:00", "31", "2", "Sunday"), MARCH), "ErrorTimeZone" },
		{ ZONE("-60", DAY("0", "03:00:00", "5", "13", "Sunday"), MARCH), "" },
		{ ZONE("-60", DAY("0", "03:00:00", "5", "-1", "Sunday"), MARCH), "" },
		{ ZONE("-60", DAY("0", "03:00:00", "5", "10", "Someday"), MARCH), "" },
		{ ZONE("-60", OCTOBER, OCTOBER), NULL },
		{ ZONE("-60", OCTOBER, ""), "" },
		{ "", "" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		const struct said said = ask(*state, &(struct question){ .zone = cases[i].zone });
		const char *refused = cases[i].refused;

		if (said.schema != (refused && !*refused) || (refused && !said.schema && !said.refused))
			fail_msg("case %zu: %s", i, or (said.refused, "answered"));
		if (!refused)
			assert_int_equal(said.e, ERR_OK);
		else if (*refused)
			assert_string_equal(said.refused, refused);
	}
}

/* A person's other calendars have what does not keep him. */
static void what_is_no_person_is_busy_by_all_its_calendars(void **state)
{
	static const struct {
		const char *address;
		enum account_kind kind;
		const char *digits;
	} cases[] = {
		{ "person@example.test", ACCOUNT_PERSON, ">00<" },
		{ "room@example.test", ACCOUNT_ROOM, ">02<" },
		{ "projector@example.test", ACCOUNT_EQUIPMENT, ">02<" },
	};
	struct scene *sc = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		const struct question hour = { .from = "2026-03-02T12:00:00",
					       .to = "2026-03-02T13:00:00",
					       .address = cases[i].address };
		const struct account_new account = { .address = str_of(cases[i].address), .kind = cases[i].kind };
		struct store_tx *tx;
		struct said said;
		int64_t id;

		assert_int_equal(store_begin(sc->server.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
		assert_int_equal(account_add(tx, &account, &id), ERR_OK);
		assert_int_equal(store_commit(&tx), ERR_OK);
		add_event_to(&sc->server, id, "Others", "UID:o\r\nDTSTART:20260302T123000Z\r\nDURATION:PT30M\r\n");
		said = ask(sc, &hour);
		assert_int_equal(said.e, ERR_OK);
		if (!has(said.text, cases[i].digits))
			fail_msg("%s: " STR_FMT, cases[i].address, STR_ARG(said.text));
	}
}

/* More busy times than are read: some would seem free, so none is told. A window that has fewer has them. The last test: it fills her calendar. */
static void a_crowded_calendar_is_no_free_time(void **state)
{
	const struct question weeks = { .to = "2026-04-12T00:00:00" },
			      hour = { .from = "2026-03-02T10:00:00", .to = "2026-03-02T11:00:00" };
	struct scene *sc = *state;
	struct said said;

	for (int i = 0; i < FREEBUSY_MAX / 41; i++)
		add_event(&sc->server, sc->who.mailbox,
			  "DTSTART:20260301T120000Z\r\nDURATION:PT1M\r\nRRULE:FREQ=DAILY\r\n");
	said = ask(sc, &weeks);
	assert_int_equal(said.e, ERR_OK);
	assert_true(has(said.text, "ErrorResultSetTooBig"));
	assert_false(has(said.text, "MergedFreeBusy>"));
	said = ask(sc, &hour);
	assert_false(has(said.text, "ErrorResultSetTooBig"));
	assert_true(has(said.text, "MergedFreeBusy>00<"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_limit_holds_at_it_and_one_past_it),
		cmocka_unit_test(a_hundred_are_asked_about_and_not_one_more),
		cmocka_unit_test(details_are_told_as_long_as_they_fit),
		cmocka_unit_test(details_are_left_out_of_a_mailbox_as_a_whole),
		cmocka_unit_test(hostile_zones_are_refused_or_do_no_harm),
		cmocka_unit_test(what_is_no_person_is_busy_by_all_its_calendars),
		cmocka_unit_test(a_crowded_calendar_is_no_free_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
