/* Meeting requests that an owner leaves to a delegate: what each sees of them, and an answer from the delegate's own Inbox. */
#include "meeting_fixture.h"
#include "shared_fixture.h"

#include <store/account.h>
#include <store/check.h>
#include <store/share.h>

#define ASKED(more)                                                                                               \
	"From: Carl <carl@x.test>\r\nTo: bob@example.test\r\nSubject: Plan\r\nDate: Mon, 5 Jan 2026 10:00:00 "    \
	"+0000\r\n"                                                                                               \
	"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n" \
	"BEGIN:VEVENT\r\nUID:plan\r\nDTSTAMP:20260105T000000Z\r\nDTSTART:20260115T090000Z\r\n"                    \
	"DTEND:20260115T100000Z\r\nSUMMARY:Plan\r\nORGANIZER:mailto:carl@x.test\r\n"                              \
	"ATTENDEE;RSVP=TRUE:mailto:bob@example.test\r\n" more "END:VEVENT\r\nEND:VCALENDAR\r\n"

static void set_meetings(struct shared *s, enum share_meetings meetings, bool edits)
{
	const struct share share = { .owner = s->bob.id,
				     .guest = s->f.ann.id,
				     .folder = s->calendar,
				     .calendar = true,
				     .edits = edits,
				     .meetings = meetings };
	struct store_tx *tx;

	assert_ok(store_begin(s->f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(share_set(tx, &share));
	assert_ok(store_commit(&tx));
}

/* Ann's phone knows the mount, which is returned, and has bob's request in her Inbox. */
static int64_t leave_to_ann(struct shared *s, enum share_meetings meetings)
{
	int64_t mount = share_calendar(s, true);

	set_meetings(s, meetings, true);
	deliver_octets(&s->f, s->bob.mailbox, S(ASKED("")));
	return mount;
}

static int64_t only_event(struct shared *s)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item *items;
	size_t n;

	assert_ok(store_begin(s->f.server.store, s->bob.mailbox, STORE_READ, &tx));
	assert_ok(item_list(&s->f.arena, tx, s->calendar, 0, 10, &items, &n));
	assert_int_equal(n, 1);
	return items[0].id;
}

/* What lies beside a substitute is counted, comes along and goes with it. */
static void assert_sound(struct shared *s, bool gone)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct author nobody = { .device = STORE_NOBODY };
	int64_t deleted = fixture_role(&s->f, FOLDER_DELETED);
	int64_t mail = only_item(&s->f, deleted);
	bool sound;

	assert_ok(store_begin(s->f.server.store, s->f.ann.mailbox, STORE_WRITE, &tx));
	if (gone)
		assert_ok(item_expunge(tx, deleted, mail, &nobody));
	assert_ok(store_check_counts(tx, &sound));
	assert_true(sound);
	assert_ok(store_commit(&tx));
}

/* RFC 5546 section 2.2.1, RFC 5545 section 3.2.18, RFC 5322 section 3.6.2; MS-ASCMD_R5614, MS-ASCMD_R5617, MS-ASCMD_R5088, MS-ASCMD_R5089 */
static void a_request_is_answered_from_the_delegates_inbox(void **state)
{
	SHARED(s);
	int64_t mount = leave_to_ann(&s, SHARE_MEETINGS_DELEGATES), inbox = fixture_role(&s.f, FOLDER_INBOX),
		mail = only_item(&s.f, inbox);
	struct eas_reply r;
	struct str out;
	size_t n;

	(void)state;
	r = sync_with(&s.f, inbox, first_key(&s.f, inbox), "");
	assert_element(&r, "email:MessageClass", "IPM.Note");
	assert_element(&r, "email:ContentClass", "urn:content-classes:message");
	assert_int_equal(eas_reply_count(&r, "email:MeetingRequest"), 0);
	assert_true(says(xml_of(&r), "who leaves the answer to you"));
	r = answer(&s, "1", inbox, mail);
	assert_element(&r, "Status", "1");
	assert_element(&r, "CalendarId", name_of(&s, mount, only_event(&s)));
	assert_true(says(event_octets(&s, only_event(&s)), "PARTSTAT=ACCEPTED"));
	out = queued(&s.f, &n);
	assert_int_equal(n, 1);
	assert_true(says(out, "From: bob@example.test\r\nSender: ann@example.test\r\nTo: carl@x.test\r\n"));
	assert_true(says(out, "SENT-BY=\"mailto:ann@example.test\";") && says(out, "METHOD:REPLY"));
	assert_int_equal(events_of(&s, s.f.ann.mailbox, inbox), 0);
	assert_int_equal(only_item(&s.f, fixture_role(&s.f, FOLDER_DELETED)), mail);
	assert_int_equal(events_of(&s, s.f.ann.mailbox, fixture_role(&s.f, FOLDER_DEFAULT_CALENDAR)), 0);
	assert_sound(&s, false);
	assert_sound(&s, true);
}

/* Whose answer was lost asks again. The mail is where the first answer put it; what was declined is in no calendar any more. */
static void a_repeat_sends_nothing_twice(void **state)
{
	static const struct {
		const char *response;
		size_t events;
	} cases[] = { { "1", 1 }, { "2", 1 }, { "3", 0 } };

	(void)state;
	for (size_t i = 0; i < 2 * countof(cases); i++) {
		SHARED(s);
		const bool alone = i % 2;
		int64_t inbox = fixture_role(&s.f, FOLDER_INBOX), mail;
		struct eas_reply r;
		size_t n;

		(void)leave_to_ann(&s, alone ? SHARE_MEETINGS_DELEGATES : SHARE_MEETINGS_BOTH);
		mail = only_item(&s.f, inbox);
		for (size_t again = 0; again < 2; again++) {
			r = answer(&s, cases[i / 2].response, inbox, mail);
			assert_element(&r, "Status", "1");
			(void)queued(&s.f, &n);
			assert_int_equal(n, 1);
			assert_int_equal(events_of(&s, s.bob.mailbox, s.calendar), cases[i / 2].events);
		}
		/* Another mind is heard. */
		r = answer(&s, cases[(i / 2 + 1) % countof(cases)].response, inbox, mail);
		assert_element(&r, "Status", "1");
		(void)queued(&s.f, &n);
		assert_int_equal(n, 2);
	}
}

static void may_only_look(struct shared *s)
{
	set_meetings(s, SHARE_MEETINGS_BOTH, false);
}

static void is_taken_back(struct shared *s)
{
	change_share(s, s->calendar, false, false);
}

static void owner_is_disabled(struct shared *s)
{
	struct store_tx *tx;

	assert_ok(store_begin(s->f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_set_enabled(tx, s->bob.id, false));
	assert_ok(store_commit(&tx));
}

/* By a later request, of which she hears nothing. */
static void is_private_since(struct shared *s)
{
	deliver_octets(&s->f, s->bob.mailbox, S(ASKED("SEQUENCE:1\r\nCLASS:PRIVATE\r\n")));
}

static void is_called_off(struct shared *s)
{
	deliver_octets(&s->f, s->bob.mailbox, S(ASKED("SEQUENCE:1\r\nSTATUS:CANCELLED\r\n")));
}

static void who_may_not_answer_hears_so_and_nothing_is_sent(void **state)
{
	static void (*const befores[])(struct shared *) = { may_only_look, is_taken_back, owner_is_disabled,
							    is_private_since, is_called_off };

	(void)state;
	for (size_t i = 0; i < countof(befores); i++) {
		SHARED(s);
		int64_t inbox = fixture_role(&s.f, FOLDER_INBOX), mail;
		struct eas_reply r;
		size_t n;

		(void)leave_to_ann(&s, SHARE_MEETINGS_DELEGATES);
		mail = item_of(&s.f, inbox, only_item(&s.f, inbox)).id;
		befores[i](&s);
		r = answer(&s, "1", inbox, mail);
		assert_element(&r, "Status", "2");
		assert_int_equal(item_of(&s.f, inbox, mail).id, mail);
		assert_false(says(event_octets(&s, only_event(&s)), "ACCEPTED"));
		(void)queued(&s.f, &n);
		assert_int_equal(n, 0);
	}
}

/* Nobody else can make a mail a substitute: it is what lies beside it, which no mail brings. */
static void a_mail_that_looks_like_one_is_none(void **state)
{
	SHARED(s);
	int64_t inbox = fixture_role(&s.f, FOLDER_INBOX);
	struct eas_reply r;
	size_t n;

	(void)state;
	(void)share_calendar(&s, true);
	set_meetings(&s, SHARE_MEETINGS_DELEGATES, true);
	deliver_octets(&s.f, s.f.ann.mailbox,
		       S("From: carl@x.test\r\nTo: ann@example.test\r\n"
			 "Subject: Meeting request for bob@example.test: Plan\r\n\r\nhi\r\n"));
	r = answer(&s, "1", inbox, only_item(&s.f, inbox));
	assert_element(&r, "Status", "2");
	(void)queued(&s.f, &n);
	assert_int_equal(n, 0);
}

/* MS-ASEMAIL_R538, MS-ASEMAIL_R1492, MS-ASCMD_R7570, MS-ASCMD_R5600: 5 is the owner's; his delegates have substitutes, and no 6. */
static void the_owners_request_says_who_answers_it(void **state)
{
	static const struct {
		enum share_meetings meetings;
		const char *type; /* NULL: he has none */
	} cases[] = { { SHARE_MEETINGS_BOTH, "1" }, { SHARE_MEETINGS_COPY, "5" }, { SHARE_MEETINGS_DELEGATES, NULL } };

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		SHARED(s);
		int64_t inbox = fixture_role(&s.f, FOLDER_INBOX);
		struct eas_reply r;

		(void)leave_to_ann(&s, cases[i].meetings);
		r = sync_with(&s.f, inbox, first_key(&s.f, inbox), "");
		assert_int_equal(eas_reply_count(&r, "email2:MeetingMessageType"), 0);
		assert_int_equal(eas_reply_count(&r, "Add"), 1);
		s.f.phone.login = "bob@example.test";
		s.f.phone.device_id = "BOBSPHONE";
		fixture_learn_hierarchy(&s.f);
		inbox = role_of(&s.f, s.bob.mailbox, FOLDER_INBOX);
		r = sync_with(&s.f, inbox, first_key(&s.f, inbox), "");
		assert_int_equal(eas_reply_count(&r, "Add"), cases[i].type ? 1 : 0);
		if (cases[i].type)
			assert_element(&r, "email2:MeetingMessageType", cases[i].type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_answered_from_the_delegates_inbox),
		cmocka_unit_test(a_repeat_sends_nothing_twice),
		cmocka_unit_test(who_may_not_answer_hears_so_and_nothing_is_sent),
		cmocka_unit_test(a_mail_that_looks_like_one_is_none),
		cmocka_unit_test(the_owners_request_says_who_answers_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
