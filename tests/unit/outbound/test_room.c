/* Rooms answer invitations: accepted where they are free, declined where they are not, of whom the setting names. */
#include "scene.h"

#include <gateway/mailbox/freebusy.h>
#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/meeting.h>
#include <gateway/mailbox/room.h>
#include <store/mail_group.h>

#define INVITATION(uid, when) INVITATION_OF("ann@example.test", uid, when)
#define INVITATION_OF(organizer, uid, when)                                                               \
	"To: blue@example.test\r\nSubject: " uid "\r\nMIME-Version: 1.0\r\n"                              \
	"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n"                              \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:" uid "\r\n" \
	"DTSTAMP:20260101T000000Z\r\n" when "SUMMARY:" uid "\r\nORGANIZER:mailto:" organizer "\r\n"       \
	"ATTENDEE;RSVP=TRUE:mailto:blue@example.test\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
#define AT(from, to) "DTSTART:202601" from "00Z\r\nDTEND:202601" to "00Z\r\n"

static int64_t make_room(struct scene *c, enum account_answers answers)
{
	struct store_tx *tx;
	int64_t id;

	assert_ok(store_begin(c->s.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(
		account_add(tx, &(struct account_new){ .address = S("blue@example.test"), .kind = ACCOUNT_ROOM }, &id));
	assert_ok(account_set_answers(tx, id, answers));
	assert_ok(store_commit(&tx));
	return id;
}

static size_t answers(struct scene *c)
{
	struct item *items;

	scene_run(c);
	return scene_items(c, c->ann.mailbox, FOLDER_INBOX, &items);
}

static void assert_busy(struct scene *c, int64_t room, const char *digits)
{
	/* 2026-01-05, eight to eleven. */
	const struct busy_window window = { .from_ms = INT64_C(1767600000000),
					    .to_ms = INT64_C(1767610800000),
					    .all_calendars = true };
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf b = BUF_INIT(64);
	struct busy_list busy;

	assert_ok(store_begin(c->s.store, room, STORE_READ, &tx));
	assert_ok(freebusy_read(&c->a, tx, &window, &busy));
	freebusy_merge(&busy, &window, 30, &b);
	buf_char(&b, '\0');
	assert_string_equal(b.p, digits);
}

static void a_room_takes_who_comes_first(void **unused)
{
	static const struct {
		const char *mail, *answer;
	} cases[] = {
		{ INVITATION("first", AT("05T0900", "05T1000")), "PARTSTAT=ACCEPTED" },
		{ INVITATION("over", AT("05T0930", "05T1030")), "PARTSTAT=DECLINED" },
		{ INVITATION("behind", AT("05T1000", "05T1030")), "PARTSTAT=ACCEPTED" },
		{ INVITATION("weekly", AT("12T0930", "12T1030") "RRULE:FREQ=WEEKLY;COUNT=60\r\n"),
		  "PARTSTAT=ACCEPTED" },
		{ INVITATION("later", "DTSTART:20261207T100000Z\r\nDTEND:20261207T110000Z\r\n"), "PARTSTAT=DECLINED" },
		{ INVITATION("daily", AT("02T1015", "02T1020") "RRULE:FREQ=DAILY\r\n"), "PARTSTAT=DECLINED" },
		{ INVITATION("free", AT("05T0900", "05T1000") "TRANSP:TRANSPARENT\r\n"), "PARTSTAT=ACCEPTED" },
	};
	SCENE(c);
	int64_t room = make_room(&c, ACCOUNT_ANSWERS_ACCOUNTS);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		(void)scene_send(&c, cases[i].mail);
		assert_int_equal(answers(&c), i + 1);
		struct str text = scene_text(&c, c.ann.mailbox, FOLDER_INBOX, i);
		assert_has(text, cases[i].answer);
		assert_has(text, "METHOD:REPLY\r\n");
		assert_has(text, "From: blue@example.test\r\n");
	}
	assert_busy(&c, room, "002220");
}

/* ROOM_HORIZON_DAYS: 364 days after the first time is looked at, 371 are not. */
static void a_series_is_looked_at_for_a_year(void **unused)
{
	static const struct {
		const char *other, *answer;
	} cases[] = {
		{ INVITATION("o", "DTSTART:20270106T100000Z\r\nDTEND:20270106T110000Z\r\n"), "PARTSTAT=DECLINED" },
		{ INVITATION("o", "DTSTART:20270113T100000Z\r\nDTEND:20270113T110000Z\r\n"), "PARTSTAT=ACCEPTED" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		SCENE(c);

		(void)make_room(&c, ACCOUNT_ANSWERS_ACCOUNTS);
		(void)scene_send(&c, cases[i].other);
		(void)scene_send(&c, INVITATION("weekly", AT("07T1000", "07T1100") "RRULE:FREQ=WEEKLY\r\n"));
		assert_int_equal(answers(&c), 2);
		assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 1), cases[i].answer);
	}
}

/* Sent again, it is answered already; at another time it is a question again. */
static void a_meeting_that_moves_is_asked_anew(void **unused)
{
	SCENE(c);
	int64_t room = make_room(&c, ACCOUNT_ANSWERS_ACCOUNTS);

	(void)unused;
	(void)scene_send(&c, INVITATION("m", AT("05T0900", "05T1000")));
	assert_int_equal(answers(&c), 1);
	(void)scene_send(&c, INVITATION("m", AT("05T0900", "05T1000") "SEQUENCE:1\r\n"));
	assert_int_equal(answers(&c), 1);
	(void)scene_send(&c, INVITATION("m", AT("05T1000", "05T1030") "SEQUENCE:2\r\n"));
	assert_int_equal(answers(&c), 2);
	assert_busy(&c, room, "000020");
}

/* Somebody who looks after the room has put its meetings there. */
static void move_meetings(struct scene *c, int64_t room)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item_move move = { .mover = STORE_NOBODY, .deleter = STORE_NOBODY };
	enum item_moved moved;
	struct item *items;
	size_t n;

	assert_ok(store_begin(c->s.store, room, STORE_WRITE, &tx));
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &move.from));
	assert_ok(folder_create(tx,
				&(struct folder_new){ .parent = FOLDER_ROOT,
						      .name = S("Others"),
						      .class = FOLDER_CALENDAR,
						      .by.device = STORE_NOBODY },
				&move.to));
	assert_ok(item_list(&c->a, tx, move.from, 0, 100, &items, &n));
	for (size_t i = 0; i < n; i++) {
		move.id = items[i].id;
		assert_ok(item_move(tx, &move, &moved));
	}
	assert_ok(store_commit(&tx));
}

/* Nobody else gets a time that a meeting there has, and its update is answered. */
static void a_room_has_meetings_in_all_its_calendars(void **unused)
{
	static const struct {
		const char *mail, *answer;
	} cases[] = {
		{ INVITATION("over", AT("05T0930", "05T1030")), "PARTSTAT=DECLINED" },
		{ INVITATION("m", AT("05T0800", "05T0900") "SEQUENCE:1\r\n"), "PARTSTAT=ACCEPTED" },
		{ INVITATION("then", AT("05T0900", "05T1000")), "PARTSTAT=ACCEPTED" },
		{ INVITATION("m", AT("05T0830", "05T0930") "SEQUENCE:2\r\n"), "PARTSTAT=DECLINED" },
	};
	SCENE(c);
	int64_t room = make_room(&c, ACCOUNT_ANSWERS_ACCOUNTS);

	(void)unused;
	(void)scene_send(&c, INVITATION("m", AT("05T0900", "05T1000")));
	assert_int_equal(answers(&c), 1);
	move_meetings(&c, room);
	assert_busy(&c, room, "002200");
	for (size_t i = 0; i < countof(cases); i++) {
		(void)scene_send(&c, cases[i].mail);
		assert_int_equal(answers(&c), i + 2);
		assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, i + 1), cases[i].answer);
	}
	assert_busy(&c, room, "002200");
}

static void only_whom_the_setting_names_is_answered(void **unused)
{
	static const struct {
		enum account_answers setting;
		bool accounts, strangers;
	} cases[] = {
		{ ACCOUNT_ANSWERS_NOBODY, false, false },
		{ ACCOUNT_ANSWERS_ACCOUNTS, true, false },
		{ ACCOUNT_ANSWERS_ANYONE, true, true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		SCENE(c);
		int64_t room = make_room(&c, cases[i].setting);
		CLEANUP(intake_free) struct intake *in = NULL;

		assert_ok(intake_new(c.s.dir.path, INTAKE_MAX_BYTES_DEFAULT, &in));
		assert_ok(intake_put(in, S("From: ann@example.test\r\n" INVITATION("s", AT("06T0900", "06T1000")))));
		assert_ok(intake_finish(in));
		meeting_consider(in, c.s.store, room);
		room_consider(&c.service, room, 0, in);
		assert_int_equal(answers(&c), cases[i].strangers);
		(void)scene_send(&c, INVITATION("a", AT("05T0900", "05T1000")));
		assert_int_equal(answers(&c), (size_t)cases[i].strangers + cases[i].accounts);
		assert_busy(&c, room, cases[i].accounts ? "002200" : "001100");
	}
}

static void invite(struct scene *c, int64_t room, const char *text)
{
	CLEANUP(intake_free) struct intake *in = NULL;

	assert_ok(intake_new(c->s.dir.path, INTAKE_MAX_BYTES_DEFAULT, &in));
	assert_ok(intake_put(in, S("From: ann@example.test\r\n")));
	assert_ok(intake_put(in, str_of(text)));
	assert_ok(intake_finish(in));
	assert_ok(intake_deliver(in, c->s.store, room, SERVER_NOW_MS));
	meeting_consider(in, c->s.store, room);
	room_consider(&c->service, room, 0, in);
}

/* Else whoever can write to a room could keep it from those whom it answers, with one series for ever. */
static void what_nobody_has_answered_keeps_nobody_out(void **unused)
{
	SCENE(c);
	int64_t room = make_room(&c, ACCOUNT_ANSWERS_ACCOUNTS);

	(void)unused;
	invite(&c, room, INVITATION("stranger", AT("05T0900", "05T1000") "RRULE:FREQ=DAILY\r\n"));
	invite(&c, room, INVITATION("other", AT("05T0930", "05T1030")));
	assert_int_equal(answers(&c), 0);
	assert_busy(&c, room, "001110");
	(void)scene_send(&c, INVITATION("a", AT("05T0900", "05T1000") "RRULE:FREQ=DAILY;COUNT=90\r\n"));
	assert_int_equal(answers(&c), 1);
	assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 0), "PARTSTAT=ACCEPTED");
	(void)scene_send(&c, INVITATION("b", AT("05T0930", "05T1030")));
	assert_int_equal(answers(&c), 2);
	assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 1), "PARTSTAT=DECLINED");
}

static void what_nobody_has_answered_is_free_in_all_its_instances(void **unused)
{
	SCENE(c);
	int64_t room = make_room(&c, ACCOUNT_ANSWERS_ACCOUNTS);

	(void)unused;
	invite(&c, room,
	       INVITATION("stranger",
			  AT("05T0800", "05T0830") "RRULE:FREQ=DAILY;COUNT=3\r\nTRANSP:TRANSPARENT\r\n"
						   "ORGANIZER:mailto:ann@example.test\r\nEND:VEVENT\r\n"
						   "BEGIN:VEVENT\r\nUID:stranger\r\nX-ROOST-ANSWER:3\\;1\r\n"
						   "RECURRENCE-ID:20260106T080000Z\r\n" AT("05T0900", "05T1000")));
	assert_busy(&c, room, "002200");
	(void)scene_send(&c, INVITATION("a", AT("05T0900", "05T1000")));
	assert_int_equal(answers(&c), 1);
	assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 0), "PARTSTAT=ACCEPTED");
}

/* A stranger names it, and a room that answers anyone would write to a group of accounts, in his words. */
static void no_group_is_answered(void **unused)
{
	CLEANUP(buf_release) struct buf mail = BUF_INIT(1 << 20);
	SCENE(c);
	int64_t room = make_room(&c, ACCOUNT_ANSWERS_ANYONE), group;
	struct store_tx *tx;

	(void)unused;
	assert_ok(store_begin(c.s.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(mail_group_add(tx, S("all@example.test"), S(""), &group));
	assert_ok(mail_group_member_add(tx, group, S("ann@example.test")));
	assert_ok(store_commit(&tx));
	invite(&c, room, INVITATION_OF("All@Example.test", "x", AT("05T0900", "05T1000")));
	invite(&c, room, INVITATION("x", AT("05T0900", "05T1000"))); /* not what lies there */
	assert_int_equal(answers(&c), 0);
	buf_cstr(&mail,
		 "To: blue@example.test\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n"
		 "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n");
	for (int i = 0; i <= MEETING_EVENTS_MAX; i++) /* one that is told again and again is looked at once */
		buf_fmt(&mail,
			"BEGIN:VEVENT\r\nUID:%s\r\nORGANIZER:mailto:%s@example.test\r\n" AT("05T0900",
											    "05T1000") "END:VEVENT\r\n",
			i < MEETING_EVENTS_MAX ? "many" : "last", i < MEETING_EVENTS_MAX ? "ann" : "all");
	buf_cstr(&mail, "END:VCALENDAR\r\n");
	buf_char(&mail, '\0');
	assert_ok(buf_status(&mail));
	invite(&c, room, mail.p);
	assert_int_equal(answers(&c), 0);
	invite(&c, room, INVITATION("y", AT("05T0900", "05T1000")));
	assert_int_equal(answers(&c), 1);
}

/* More times than are looked at (FREEBUSY_MAX), by a stranger's mails of MEETING_EVENTS_MAX events. */
static void nobody_fills_a_room(void **unused)
{
	SCENE(c);
	int64_t room = make_room(&c, ACCOUNT_ANSWERS_ACCOUNTS);

	(void)unused;
	for (unsigned n = 0; n * FREEBUSY_DAYS_MAX <= FREEBUSY_MAX; n += MEETING_EVENTS_MAX) {
		CLEANUP(buf_release) struct buf mail = BUF_INIT(1 << 20);

		buf_cstr(&mail, "To: blue@example.test\r\nMIME-Version: 1.0\r\n"
				"Content-Type: text/calendar; method=REQUEST\r\n\r\n"
				"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n");
		for (unsigned i = 0; i < MEETING_EVENTS_MAX; i++)
			buf_fmt(&mail,
				"BEGIN:VEVENT\r\nUID:%u\r\nDTSTAMP:20260101T000000Z\r\n" AT(
					"05T1200", "05T1201") "RRULE:FREQ=DAILY\r\nORGANIZER:mailto:eve@evil."
							      "test\r\nEND:VEVENT\r\n",
				n + i);
		buf_cstr(&mail, "END:VCALENDAR\r\n");
		buf_char(&mail, '\0');
		invite(&c, room, mail.p);
	}
	(void)scene_send(&c, INVITATION("a", AT("05T0900", "05T1000") "RRULE:FREQ=WEEKLY;COUNT=60\r\n"));
	assert_int_equal(answers(&c), 1);
	assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 0), "PARTSTAT=ACCEPTED");
}

/* Both are in the calendar before either is answered: one has the room, and the other is told so. */
static void of_two_that_cross_one_is_taken(void **unused)
{
	static const char *const mails[] = { INVITATION("x", AT("05T0900", "05T1000")),
					     INVITATION("y", AT("05T0930", "05T1030")) };
	SCENE(c);
	int64_t room = make_room(&c, ACCOUNT_ANSWERS_ACCOUNTS);
	struct intake *in[countof(mails)];

	(void)unused;
	for (size_t i = 0; i < countof(mails); i++) {
		assert_ok(intake_new(c.s.dir.path, INTAKE_MAX_BYTES_DEFAULT, &in[i]));
		assert_ok(intake_put(in[i], S("From: ann@example.test\r\n")));
		assert_ok(intake_put(in[i], str_of(mails[i])));
		assert_ok(intake_finish(in[i]));
		meeting_consider(in[i], c.s.store, room);
	}
	for (size_t i = 0; i < countof(mails); i++) {
		room_consider(&c.service, room, c.ann.id, in[i]);
		intake_free(&in[i]);
		assert_int_equal(answers(&c), i + 1);
	}
	assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 0), "PARTSTAT=ACCEPTED");
	assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 1), "PARTSTAT=DECLINED");
	assert_busy(&c, room, "002200");
}

/* RFC 5546 section 3.2.2.1: one day of a series goes elsewhere. */
static void an_instance_that_moves_is_asked_for_by_itself(void **unused)
{
	static const struct {
		const char *mail, *answer;
	} cases[] = {
		{ INVITATION("daily", AT("04T0800", "04T0830") "RRULE:FREQ=DAILY;COUNT=5\r\n"), "PARTSTAT=ACCEPTED" },
		{ INVITATION("other", AT("05T0900", "05T1000")), "PARTSTAT=ACCEPTED" },
		{ INVITATION("daily", AT("05T1030", "05T1100") "SEQUENCE:1\r\nRECURRENCE-ID:20260105T080000Z\r\n"),
		  "PARTSTAT=ACCEPTED" },
		{ INVITATION("daily", AT("05T0930", "05T1000") "SEQUENCE:2\r\nRECURRENCE-ID:20260105T080000Z\r\n"),
		  "PARTSTAT=DECLINED" },
		{ INVITATION("guest", AT("05T0900", "05T0930") "RECURRENCE-ID:20260105T070000Z\r\n"),
		  "PARTSTAT=DECLINED" },
		{ INVITATION("guest", AT("05T1000", "05T1030") "RECURRENCE-ID:20260105T070000Z\r\n"),
		  "PARTSTAT=ACCEPTED" },
	};
	SCENE(c);
	int64_t room = make_room(&c, ACCOUNT_ANSWERS_ACCOUNTS);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		(void)scene_send(&c, cases[i].mail);
		assert_int_equal(answers(&c), i + 1);
		assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, i), cases[i].answer);
		if (i == 2)
			assert_busy(&c, room, "002202");
	}
	assert_busy(&c, room, "002220");
}

/* RFC 5546 section 3.2.2.2: the whole series comes again, and one day of it is elsewhere; the rest is answered already. */
static void an_update_is_asked_for_each_time_that_is_new(void **unused)
{
#define EXCEPTION(from, to) "RECURRENCE-ID:20260105T080000Z\r\n" AT(from, to)
#define DAILY(more, exception)                                                                     \
	INVITATION("daily", AT("04T0800", "04T0830") "RRULE:FREQ=DAILY;COUNT=5\r\n" more           \
						     "ORGANIZER:mailto:ann@example.test\r\n"       \
						     "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:daily\r\n" \
						     "DTSTAMP:20260101T000000Z\r\n" more exception)
	static const struct {
		const char *mail;
		size_t answers;
		const char *answer;
	} cases[] = {
		{ INVITATION("other", AT("05T0900", "05T1000")), 1, "PARTSTAT=ACCEPTED" },
		{ INVITATION("daily", AT("04T0800", "04T0830") "RRULE:FREQ=DAILY;COUNT=5\r\n"), 2,
		  "PARTSTAT=ACCEPTED" },
		{ DAILY("SEQUENCE:1\r\n", EXCEPTION("05T1030", "05T1100")), 3, "PARTSTAT=ACCEPTED" },
		{ DAILY("SEQUENCE:2\r\n", EXCEPTION("05T1030", "05T1100")), 3, "PARTSTAT=ACCEPTED" },
		{ DAILY("SEQUENCE:3\r\n", EXCEPTION("05T0930", "05T1000")), 4, "PARTSTAT=DECLINED" },
		{ DAILY("SEQUENCE:4\r\n", EXCEPTION("05T0930", "05T1000")), 4, "PARTSTAT=DECLINED" },
		{ DAILY("SEQUENCE:5\r\n", EXCEPTION("05T1000", "05T1030")), 5, "PARTSTAT=ACCEPTED" },
	};
	SCENE(c);
	int64_t room = make_room(&c, ACCOUNT_ANSWERS_ACCOUNTS);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		(void)scene_send(&c, cases[i].mail);
		if (answers(&c) != cases[i].answers)
			fail_msg("mail %zu: %zu answers", i, answers(&c));
		assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, cases[i].answers - 1), cases[i].answer);
		if (i > 1)
			assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, cases[i].answers - 1),
				   "RECURRENCE-ID:20260105T080000Z");
	}
	assert_busy(&c, room, "002220");
}

/* The first of a series goes to the day before, where somebody else is; all of it is asked for at once. */
static void what_was_moved_to_before_a_series_is_looked_at_too(void **unused)
{
	SCENE(c);

	(void)unused;
	(void)make_room(&c, ACCOUNT_ANSWERS_ACCOUNTS);
	(void)scene_send(&c, INVITATION("other", AT("03T0900", "03T1000")));
	(void)scene_send(&c, DAILY("", "RECURRENCE-ID:20260104T080000Z\r\n" AT("03T0930", "03T1000")));
	assert_int_equal(answers(&c), 2);
	assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 1), "PARTSTAT=DECLINED");
}

static void a_person_answers_himself(void **unused)
{
	SCENE(c);
	struct store_tx *tx;

	(void)unused;
	assert_ok(store_begin(c.s.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_err(account_set_answers(tx, c.bob.id, ACCOUNT_ANSWERS_ANYONE), ERR_DENIED);
	store_tx_end(&tx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_room_takes_who_comes_first),
		cmocka_unit_test(a_series_is_looked_at_for_a_year),
		cmocka_unit_test(a_meeting_that_moves_is_asked_anew),
		cmocka_unit_test(a_room_has_meetings_in_all_its_calendars),
		cmocka_unit_test(only_whom_the_setting_names_is_answered),
		cmocka_unit_test(what_nobody_has_answered_keeps_nobody_out),
		cmocka_unit_test(what_nobody_has_answered_is_free_in_all_its_instances),
		cmocka_unit_test(no_group_is_answered),
		cmocka_unit_test(nobody_fills_a_room),
		cmocka_unit_test(of_two_that_cross_one_is_taken),
		cmocka_unit_test(an_instance_that_moves_is_asked_for_by_itself),
		cmocka_unit_test(an_update_is_asked_for_each_time_that_is_new),
		cmocka_unit_test(what_was_moved_to_before_a_series_is_looked_at_too),
		cmocka_unit_test(a_person_answers_himself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
