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

/* ---- before 16.0, where phones write their answers themselves ---- */

static const char *const olds[] = { "2.5", "12.0", "12.1", "14.0", "14.1" };

static const struct {
	const char *response, *partstat, *word;
	size_t events;
} answers_[] = { { "1", "ACCEPTED", "Accepted", 1 },
		 { "2", "TENTATIVE", "Tentative", 1 },
		 { "3", "DECLINED", "Declined", 0 } };

/* What a phone sends behind its answer: of whom it takes for its user. */
static struct str reply_mail(struct shared *s, const char *partstat, const char *more)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(8192);
	struct str ret;

	buf_fmt(&b,
		"From: ann@example.test\r\nTo: carl@x.test\r\n%sSubject: Answer: Plan\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
		"He is glad to.\r\n--b\r\nContent-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\n"
		"VERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:plan\r\nDTSTAMP:20260105T100000Z\r\n"
		"DTSTART:20260115T090000Z\r\nDTEND:20260115T100000Z\r\nSUMMARY:Plan\r\n"
		"ORGANIZER:mailto:carl@x.test\r\nATTENDEE;PARTSTAT=%s:mailto:ann@example.test\r\nEND:VEVENT\r\n"
		"END:VCALENDAR\r\n--b--\r\n",
		more, partstat);
	assert_ok(arena_str(&s->f.arena, buf_view(&b), &ret));
	return ret;
}

/* Page 21 (ComposeMail): 45 SendMail, 51 ClientId, 50 Mime. */
static void send_mail(struct shared *s, struct str mail)
{
	const bool old = str_of(s->f.phone.version).p[1] != '4';
	struct eas_reply r;

	if (old) {
		s->f.phone.content_type = "message/rfc822";
		r = eas_phone_ask(&s->f.phone, "SendMail", mail);
		s->f.phone.content_type = NULL;
	} else {
		CLEANUP(buf_release) struct buf hex = BUF_INIT(65536);

		for (size_t i = 0; i < mail.n; i++)
			buf_fmt(&hex, "%02X ", (unsigned char)mail.p[i]);
		buf_char(&hex, 0);
		assert_ok(buf_status(&hex));
		r = eas_phone_ask(&s->f.phone, "SendMail",
				  doc(&s->f, HEAD "00 15 45 51 03 'c%llu' 00 01 50 03 %s 00 01 01",
				      (unsigned long long)mail.n, hex.p));
	}
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0);
}

/* MeetingResponse as it was before SendResponse. */
static void respond(struct shared *s, const char *response, int64_t folder, int64_t item)
{
	struct eas_reply r = eas_phone_ask(&s->f.phone, "MeetingResponse",
					   doc(&s->f,
					       HEAD "00 08 47 49 4C 03 '%s' 00 01 46 03 '%lld' 00 01 48 03 "
						    "'%lld:%lld' 00 01 01 01",
					       response, (long long)folder, (long long)folder, (long long)item));

	assert_element(&r, "Status", "1");
}

/* Without the ends of lines of iCalendar that go on. */
static struct str unfolded(struct shared *s, struct str text)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 20);
	struct str ret;

	for (size_t i = 0; i < text.n; i++)
		if (str_starts(str_slice(text, i, text.n), S("\r\n ")))
			i += 2;
		else
			buf_char(&b, text.p[i]);
	assert_ok(arena_str(&s->f.arena, buf_view(&b), &ret));
	return ret;
}

static void assert_told(struct shared *s, const char *partstat, size_t times)
{
	struct str out;
	size_t n;

	out = unfolded(s, queued(&s->f, &n));
	assert_int_equal(n, times);
	if (n && !(says(out, "From: bob@example.test\r\nSender: ann@example.test\r\nTo: carl@x.test\r\n") &&
		   says(out, "METHOD:REPLY") && says(out, partstat) &&
		   says(out, "SENT-BY=\"mailto:ann@example.test\";") && says(out, ":mailto:bob@example.test\r\n")))
		fail_msg(STR_FMT, STR_ARG(out));
}

/* A substitute has no calendar that a phone could answer with: the server does, and what a phone writes all the same says it again to nobody. */
static void a_substitutes_answer_is_told_once_before_16_0(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(olds) * countof(answers_); i++) {
		SHARED(s);
		const size_t is = i % countof(answers_);
		int64_t inbox = fixture_role(&s.f, FOLDER_INBOX), mail;

		(void)leave_to_ann(&s, i % 2 ? SHARE_MEETINGS_DELEGATES : SHARE_MEETINGS_BOTH);
		mail = only_item(&s.f, inbox);
		s.f.phone.version = olds[i / countof(answers_)];
		fixture_learn_hierarchy(&s.f);
		for (size_t again = 0; again < 2; again++) {
			respond(&s, answers_[is].response, inbox, mail);
			assert_told(&s, answers_[is].partstat, 1);
			assert_int_equal(events_of(&s, s.bob.mailbox, s.calendar), answers_[is].events);
		}
		send_mail(&s, reply_mail(&s, answers_[is].partstat, ""));
		assert_told(&s, answers_[is].partstat, 1);
	}
}

/* Of an event in the owner's calendar the phone writes the answer itself; it goes out as his, once, with its words. */
static void a_phones_own_answer_goes_out_for_the_owner(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(olds) * countof(answers_); i++) {
		SHARED(s);
		const size_t is = i % countof(answers_);
		int64_t mount = leave_to_ann(&s, SHARE_MEETINGS_NONE), event = only_event(&s);
		struct str out;
		size_t n;

		s.f.phone.version = olds[i / countof(answers_)];
		fixture_learn_hierarchy(&s.f);
		if (str_of(s.f.phone.version).p[1] == '4') { /* an event can be answered from 14.0 on */
			respond(&s, answers_[is].response, mount, event);
			assert_told(&s, answers_[is].partstat, 0);
		}
		for (size_t again = 0; again < 2; again++) {
			send_mail(&s, reply_mail(&s, answers_[is].partstat, again ? "X-Again: 1\r\n" : ""));
			assert_told(&s, answers_[is].partstat, 1);
			assert_int_equal(events_of(&s, s.bob.mailbox, s.calendar), answers_[is].events);
		}
		out = queued(&s.f, &n);
		assert_true(says(out, "He is glad to."));
		assert_true(says(out, answers_[is].word));
		if (answers_[is].events)
			assert_true(says(event_octets(&s, event), answers_[is].partstat));
	}
}

/* Who may only look, who is asked himself, and what is private or said to others too: it goes as it was written. */
static void a_phones_own_answer_to_another_meeting_is_a_mail(void **state)
{
	static const struct {
		const char *what, *more;
		void (*before)(struct shared *);
	} cases[] = {
		{ "a reader", "", may_only_look },
		{ "not shared any more", "", is_taken_back },
		{ "private", "", is_private_since },
		{ "to others too", "Cc: eve@x.test\r\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		SHARED(s);
		struct str out;
		size_t n;

		(void)leave_to_ann(&s, SHARE_MEETINGS_BOTH);
		if (cases[i].before)
			cases[i].before(&s);
		s.f.phone.version = "14.1";
		send_mail(&s, reply_mail(&s, "ACCEPTED", cases[i].more));
		out = queued(&s.f, &n);
		if (n != 1 || !says(out, "From: ann@example.test") || says(out, "SENT-BY"))
			fail_msg("%s: %zu " STR_FMT, cases[i].what, n, STR_ARG(out));
		assert_false(says(event_octets(&s, only_event(&s)), "PARTSTAT=ACCEPTED"));
	}
}

/* Her own invitation she answers herself, also where somebody who was asked as well lets her edit his calendar. */
static void who_is_asked_herself_answers_for_herself(void **state)
{
	SHARED(s);
	struct str out;
	size_t n;

	(void)state;
	(void)leave_to_ann(&s, SHARE_MEETINGS_NONE);
	deliver_octets(&s.f, s.f.ann.mailbox, S(ASKED("ATTENDEE;RSVP=TRUE:mailto:ann@example.test\r\n")));
	s.f.phone.version = "14.1";
	send_mail(&s, reply_mail(&s, "ACCEPTED", ""));
	out = queued(&s.f, &n);
	assert_int_equal(n, 1);
	assert_true(says(out, "PARTSTAT=ACCEPTED:mailto:ann@example.test") && !says(out, "SENT-BY"));
	assert_false(says(event_octets(&s, only_event(&s)), "PARTSTAT=ACCEPTED"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_answered_from_the_delegates_inbox),
		cmocka_unit_test(a_repeat_sends_nothing_twice),
		cmocka_unit_test(who_may_not_answer_hears_so_and_nothing_is_sent),
		cmocka_unit_test(a_mail_that_looks_like_one_is_none),
		cmocka_unit_test(the_owners_request_says_who_answers_it),
		cmocka_unit_test(a_substitutes_answer_is_told_once_before_16_0),
		cmocka_unit_test(a_phones_own_answer_goes_out_for_the_owner),
		cmocka_unit_test(a_phones_own_answer_to_another_meeting_is_a_mail),
		cmocka_unit_test(who_is_asked_herself_answers_for_herself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
