/* Meeting requests, told to those with whom a calendar is shared. */
#include <tests/unit/mailbox/mail.h>

#include <gateway/mailbox/conversation.h>
#include <gateway/mailbox/meeting.h>
#include <gateway/mailbox/message.h>
#include <gateway/mailbox/substitute.h>
#include <gateway/mailbox/event.h>
#include <gateway/mailbox/event_text.h>
#include <store/account.h>
#include <store/quota.h>

#define REQUEST(method)                                                                                  \
	"From: Olga <olga@elsewhere.test>\r\nTo: ann@example.test\r\nCc: carl@elsewhere.test\r\n"        \
	"Subject: Plan\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <plan@elsewhere.test>\r\n" \
	"Importance: high\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=" method           \
	"; charset=utf-8\r\n\r\n"                                                                        \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:" method "\r\nBEGIN:VEVENT\r\n"            \
	"UID:plan@elsewhere.test\r\nDTSTAMP:20260302T100000Z\r\nDTSTART:20260310T090000Z\r\n"            \
	"DTEND:20260310T100000Z\r\nSUMMARY:Plan\r\nLOCATION:Room 5\r\nSEQUENCE:0\r\n"                    \
	"ORGANIZER;CN=Olga:mailto:olga@elsewhere.test\r\nATTENDEE;RSVP=TRUE:mailto:ann@example.test\r\n" \
	"END:VEVENT\r\nEND:VCALENDAR\r\n"

struct fixture {
	struct server s;
	struct server_account ann, bob;
};

static void fixture_open(struct fixture *f)
{
	*f = (struct fixture){ 0 };
	server_open(&f->s);
	f->ann = server_add_account(&f->s, "ann@example.test", "secret");
	f->bob = server_add_account(&f->s, "bob@example.test", "secret");
}

static void fixture_close(struct fixture *f)
{
	server_close(&f->s);
	server_remove(&f->s);
}

#define FIXTURE(f)                                       \
	CLEANUP(fixture_close) struct fixture f = { 0 }; \
	fixture_open(&f)

static enum err set_share(struct store_tx *tx, int64_t owner, int64_t guest, bool meetings)
{
	return share_set(
		tx,
		&(struct share){ .owner = owner, .guest = guest, .folder = 7, .calendar = true, .meetings = meetings });
}

static void share(struct fixture *f, int64_t owner, int64_t guest, bool meetings)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(f->s.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(set_share(tx, owner, guest, meetings), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static uint64_t mails_in(struct fixture *f, int64_t mailbox, enum folder_role role)
{
	struct arena arena = ARENA_INIT(1 << 16);
	struct folder folder;
	struct store_tx *tx;
	int64_t inbox;

	assert_int_equal(store_begin(f->s.store, mailbox, STORE_READ, &tx), ERR_OK);
	assert_int_equal(folder_by_role(tx, role, &inbox), ERR_OK);
	assert_int_equal(folder_get(&arena, tx, inbox, &folder), ERR_OK);
	store_tx_end(&tx);
	arena_release(&arena);
	return folder.total;
}

static uint64_t mails_of(struct fixture *f, int64_t mailbox)
{
	return mails_in(f, mailbox, FOLDER_INBOX);
}

static void share_as(struct fixture *f, int64_t guest, enum share_meetings meetings, bool edits)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(f->s.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(share_set(tx, &(struct share){ .owner = f->ann.mailbox,
							.guest = guest,
							.folder = 7,
							.calendar = true,
							.edits = edits,
							.meetings = meetings }),
			 ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

/* The octets of the Inbox's last mail. */
static struct str newest(struct fixture *f, struct arena *a, int64_t mailbox, struct mail_summary *ret)
{
	CLEANUP(message_close) struct message m = { 0 };
	struct store_tx *tx;
	struct item item;
	char *octets = arena_alloc(a, 1 << 16);
	size_t got;

	assert_int_equal(store_begin(f->s.store, mailbox, STORE_READ, &tx), ERR_OK);
	item = mail_newest(a, tx);
	assert_int_equal(message_open(a, tx, &item, &m), ERR_OK);
	*ret = m.summary;
	assert_int_equal(m.source.read(m.source.ctx, 0, octets, 1 << 16, &got), ERR_OK);
	message_close(&m);
	store_tx_end(&tx);
	return str_from(octets, got);
}

/* MS-ASCMD_R5604, MS-ASCMD_R5605, MS-ASCMD_R5606, MS-ASCMD_R5607, MS-ASCMD_R5611, MS-ASCMD_R5613, MS-ASCMD_R5614,
 * MS-ASCMD_R5622, MS-ASCMD_R5623 */
static void a_delegate_is_told_of_a_request(void **unused)
{
	static const char *const parts[] = { "From: Olga <olga@elsewhere.test>\r\n",
					     "To: bob@example.test\r\n",
					     "Subject: Meeting request for ann@example.test: Plan\r\n",
					     "Date: Mon, 2 Mar 2026 10:00:00",
					     "Importance: high\r\n",
					     "Auto-Submitted: auto-generated\r\n",
					     "What: Plan\r\n",
					     "Begin: 2026-03-10 09:00 UTC\r\n",
					     "End: 2026-03-10 10:00 UTC\r\n",
					     "Where: Room 5\r\n",
					     "Organizer: Olga\r\n" };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 22);
	struct mail_summary summary;
	struct str octets;
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST")));
	assert_int_equal(mails_of(&f, f.ann.mailbox), 1);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 1);
	octets = newest(&f, &a, f.bob.mailbox, &summary);
	for (size_t i = 0; i < countof(parts); i++)
		if (str_find(octets, str_of(parts[i])) == octets.n)
			fail_msg("no %s in " STR_FMT, parts[i], STR_ARG(octets));
	assert_true(str_find(octets, S("\r\nCc:")) == octets.n);
	assert_true(str_eq(summary.message_class, S("IPM.Note")));
	assert_false(summary.flags & MAIL_MEETING);
}

/* MS-ASCMD_R5704, MS-ASCMD_R5833 */
static void the_request_stays_as_it_came(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 22);
	struct mail_summary summary;
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST")));
	assert_true(str_eq(newest(&f, &a, f.ann.mailbox, &summary), S(REQUEST("REQUEST"))));
	assert_true(summary.flags & MAIL_MEETING);
}

/* Killed before the request was there, the mail is handed over again: the delegate hears of it once. */
static void a_mail_that_comes_again_is_told_once(void **unused)
{
	CLEANUP(intake_free) struct intake *in = NULL;
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	assert_int_equal(intake_new(f.s.dir.path, 1 << 20, &in), ERR_OK);
	assert_int_equal(intake_put(in, S(REQUEST("REQUEST"))), ERR_OK);
	assert_int_equal(intake_finish(in), ERR_OK);
	assert_false(substitute_consider(in, f.s.store, f.ann.mailbox, SERVER_NOW_MS, true));
	assert_int_equal(mails_of(&f, f.ann.mailbox), 0);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 1);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST")));
	assert_int_equal(mails_of(&f, f.ann.mailbox), 1);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 1);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("CANCEL"))); /* another mail */
	assert_int_equal(mails_of(&f, f.bob.mailbox), 2);
}

/* Whatever their headers say: nobody keeps a request from a delegate by one that looks like it. */
static void two_mails_that_look_alike_are_two(void **unused)
{
	CLEANUP(buf_release) struct buf other = BUF_INIT(1 << 16);
	struct str mail = S(REQUEST("REQUEST")), end = S("END:VEVENT");
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	buf_str(&other, str_slice(mail, 0, str_find(mail, end)));
	buf_cstr(&other, "ATTENDEE;RSVP=TRUE:mailto:eve@elsewhere.test\r\n");
	buf_str(&other, str_slice(mail, str_find(mail, end), mail.n));
	assert_int_equal(buf_status(&other), ERR_OK);
	mail_deliver(&f.s, f.ann.mailbox, buf_view(&other));
	assert_int_equal(mails_of(&f, f.bob.mailbox), 1);
	mail_deliver(&f.s, f.ann.mailbox, mail);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 2);
}

static struct item newest_item(struct fixture *f, struct arena *a, int64_t mailbox)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	assert_int_equal(store_begin(f->s.store, mailbox, STORE_READ, &tx), ERR_OK);
	return mail_newest(a, tx);
}

/* The octets are asked for wherever they have gone: a conversation that is always moved, or what was answered and put away. */
static void one_that_was_moved_comes_once(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 22);
	struct store_tx *tx;
	struct item item;
	int64_t deleted;
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST")));
	item = newest_item(&f, &a, f.bob.mailbox);
	assert_int_equal(store_begin(f.s.store, f.bob.mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(folder_by_role(tx, FOLDER_DELETED, &deleted), ERR_OK);
	assert_int_equal(conversation_move_always(&a, tx, item.conversation, deleted, STORE_NOBODY), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 0);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST")));
	assert_int_equal(mails_of(&f, f.bob.mailbox), 0);
	assert_int_equal(mails_in(&f, f.bob.mailbox, FOLDER_DELETED), 1);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("CANCEL"))); /* of the conversation */
	assert_int_equal(mails_in(&f, f.bob.mailbox, FOLDER_DELETED), 2);
}

/* Nor does the time at which it came make another one of it. */
static void one_without_a_date_comes_once(void **unused)
{
	CLEANUP(intake_free) struct intake *in = NULL;
	CLEANUP(buf_release) struct buf undated = BUF_INIT(1 << 16);
	struct str mail = S(REQUEST("REQUEST")), date = S("Date: Mon, 2 Mar 2026 10:00:00 +0000\r\n");
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	buf_str(&undated, str_slice(mail, 0, str_find(mail, date)));
	buf_str(&undated, str_slice(mail, str_find(mail, date) + date.n, mail.n));
	in = mail_take(&f.s, buf_view(&undated), SIZE_MAX);
	for (int64_t i = 0; i < 3; i++)
		assert_false(substitute_consider(in, f.s.store, f.ann.mailbox, SERVER_NOW_MS + i * 60000, true));
	assert_int_equal(mails_of(&f, f.bob.mailbox), 1);
}

/* A request of the conversation as ann has it, with more fields in its header. */
static void assert_same_conversation(const char *fields)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 22);
	CLEANUP(buf_release) struct buf mail = BUF_INIT(1 << 16);
	struct mail_summary his, hers;
	struct item bobs, anns;
	FIXTURE(f);

	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	buf_fmt(&mail, "%s%s", fields, REQUEST("REQUEST"));
	mail_deliver(&f.s, f.ann.mailbox, buf_view(&mail));
	bobs = newest_item(&f, &a, f.bob.mailbox);
	anns = newest_item(&f, &a, f.ann.mailbox);
	if (!str_eq(bobs.conversation, anns.conversation) || !str_eq(bobs.conversation_index, anns.conversation_index))
		fail_msg("%s: another conversation", fields);
	(void)newest(&f, &a, f.bob.mailbox, &his);
	(void)newest(&f, &a, f.ann.mailbox, &hers);
	assert_true(str_eq(his.thread_topic, hers.thread_topic));
	assert_true(str_eq(his.thread_topic, S("Plan")));
	assert_int_equal(his.native_body, hers.native_body);
}

/* MS-ASCMD_R5610, MS-ASCMD_R5618, MS-ASCMD_R5619, MS-ASCMD_R5620 */
static void a_substitute_is_in_the_requests_conversation(void **unused)
{
	static const char *const fields[] = {
		"",
		"In-Reply-To: <before@elsewhere.test>\r\n",
		"References: <one@else.test> <two@else.test>\r\nIn-Reply-To: <two@else.test>\r\n",
		"Thread-Index: AQHZAbCdEfGhIjKlMnOpQrStUvWxYw==\r\nThread-Topic: Plan\r\n",
		"Thread-Index: AQHZAbCdEfGhIjKlMnOpQrStUvWxYwABAgME\r\n",
		"Thread-Index: no\xffne\r\n",
	};

	(void)unused;
	for (size_t i = 0; i < countof(fields); i++)
		assert_same_conversation(fields[i]);
}

/* MS-ASCMD_R5618 */
static void a_substitute_of_html_is_html(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 22);
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
	const struct mail_summary request = { .from = S("olga@elsewhere.test"),
					      .subject = S("Plan"),
					      .native_body = 2 };
	struct cal_event event = { .method = CAL_REQUEST, .summary = S("<b>Plan</b>") };
	const struct substitute what = { .owner = S("Ann"),
					 .delegate = S("bob@example.test"),
					 .request = &request,
					 .event = &event,
					 .sent_ms = SERVER_NOW_MS };

	(void)unused;
	assert_int_equal(substitute_write(&a, &out, &what), ERR_OK);
	assert_true(str_find(buf_view(&out), S("Content-Type: text/html")) < out.n);
	assert_true(str_find(buf_view(&out), S("&lt;b&gt;Plan")) < out.n);
	assert_true(str_find(buf_view(&out), S("What: <b>Plan</b>")) < out.n);
}

/* Killed behind the delegate's copy, the mail is handed over again; behind the answer to the MTA, it is not. */
static void what_is_left_to_a_delegate_comes_to_him_once(void **unused)
{
	CLEANUP(intake_free) struct intake *in = NULL;
	FIXTURE(f);

	(void)unused;
	share_as(&f, f.bob.mailbox, SHARE_MEETINGS_DELEGATES, true);
	in = mail_take(&f.s, S(REQUEST("REQUEST")), SIZE_MAX);
	assert_true(meeting_consider(in, f.s.store, f.ann.mailbox));
	assert_true(substitute_consider(in, f.s.store, f.ann.mailbox, SERVER_NOW_MS, true));
	assert_int_equal(mails_of(&f, f.bob.mailbox), 1);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST")));
	assert_int_equal(mails_of(&f, f.ann.mailbox), 0);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 1);
}

/* ---- who gets it ---- */

static uint64_t events_of(struct fixture *f, int64_t mailbox)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 16);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder folder;
	int64_t calendar;

	assert_int_equal(store_begin(f->s.store, mailbox, STORE_READ, &tx), ERR_OK);
	assert_int_equal(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &calendar), ERR_OK);
	assert_int_equal(folder_get(&a, tx, calendar, &folder), ERR_OK);
	return folder.total;
}

static void disable(struct fixture *f)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(f->s.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(account_set_enabled(tx, f->bob.mailbox, false), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static void fill(struct fixture *f)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(f->s.store, f->bob.mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(quota_set(tx, &(struct quota){ .bytes = 10 }), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

/* Carl has no share; another one shall be told, too. */
static void tell_carl(struct fixture *f)
{
	share_as(f, server_add_account(&f->s, "carl@example.test", "secret").mailbox, SHARE_MEETINGS_BOTH, true);
}

#define PRIVATE "CLASS:PRIVATE\r\n"
#define FOREIGN \
	"Subject: Plan\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n"

/* A request that nobody could answer in the owner's place is the owner's. */
static void an_owner_chooses_who_gets_requests(void **unused)
{
	static const struct {
		const char *name;
		enum share_meetings meetings;
		bool edits;
		void (*first)(struct fixture *f);
		const char *mail;
		uint64_t owner, guest, events; /* what each has then */
		enum mail_request is;          /* the owner's */
	} cases[] = {
		{ "both", SHARE_MEETINGS_BOTH, true, NULL, REQUEST("REQUEST"), 1, 1, 1, MAIL_REQUEST_FIRST },
		{ "a copy", SHARE_MEETINGS_COPY, true, NULL, REQUEST("REQUEST"), 1, 1, 1, MAIL_REQUEST_COPY },
		{ "the delegate alone", SHARE_MEETINGS_DELEGATES, true, NULL, REQUEST("REQUEST"), 0, 1, 1, 0 },
		{ "one delegate alone, and one who is told", SHARE_MEETINGS_DELEGATES, true, tell_carl,
		  REQUEST("REQUEST"), 0, 1, 1, 0 },
		{ "who may not answer", SHARE_MEETINGS_DELEGATES, false, NULL, REQUEST("REQUEST"), 1, 1, 1,
		  MAIL_REQUEST_FIRST },
		{ "who may not answer, a copy", SHARE_MEETINGS_COPY, false, NULL, REQUEST("REQUEST"), 1, 1, 1,
		  MAIL_REQUEST_FIRST },
		{ "who may not log in", SHARE_MEETINGS_DELEGATES, true, disable, REQUEST("REQUEST"), 1, 1, 1,
		  MAIL_REQUEST_FIRST },
		{ "whose mailbox is full", SHARE_MEETINGS_DELEGATES, true, fill, REQUEST("REQUEST"), 1, 0, 1,
		  MAIL_REQUEST_FIRST },
		{ "an answer", SHARE_MEETINGS_DELEGATES, true, NULL, REQUEST("REPLY"), 1, 0, 0, 0 },
		{ "what was called off and is not in the calendar", SHARE_MEETINGS_DELEGATES, true, NULL,
		  REQUEST("CANCEL"), 1, 1, 0, 0 },
		{ "a mail that is none", SHARE_MEETINGS_DELEGATES, true, NULL, "Subject: hi\r\n\r\nhi\r\n", 1, 0, 0,
		  0 },
		{ "a calendar that can't be read", SHARE_MEETINGS_DELEGATES, true, NULL, FOREIGN, 1, 0, 0, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 22);
		struct mail_summary summary;
		FIXTURE(f);

		share_as(&f, f.bob.mailbox, cases[i].meetings, cases[i].edits);
		if (cases[i].first)
			cases[i].first(&f);
		mail_deliver(&f.s, f.ann.mailbox, str_of(cases[i].mail));
		if (mails_of(&f, f.ann.mailbox) != cases[i].owner || mails_of(&f, f.bob.mailbox) != cases[i].guest ||
		    events_of(&f, f.ann.mailbox) != cases[i].events)
			fail_msg("%s", cases[i].name);
		if (!cases[i].owner)
			continue;
		(void)newest(&f, &a, f.ann.mailbox, &summary);
		if (mail_request(&summary) != cases[i].is)
			fail_msg("%s is %d", cases[i].name, (int)mail_request(&summary));
	}
}

/* What comes behind it goes the same way; what is private, and what is another's to say, does not. */
static void a_delegate_gets_what_comes_later(void **unused)
{
	const char *const request = REQUEST("REQUEST"), *rest = strstr(request, "END:VEVENT");
	CLEANUP(buf_release) struct buf private = BUF_INIT(1 << 16), foreign = BUF_INIT(1 << 16);
	FIXTURE(f);

	(void)unused;
	share_as(&f, f.bob.mailbox, SHARE_MEETINGS_DELEGATES, true);
	mail_deliver(&f.s, f.ann.mailbox, str_of(request));
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("CANCEL")));
	assert_int_equal(mails_of(&f, f.ann.mailbox), 0);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 2);
	buf_fmt(&foreign, "From: Eve <eve@elsewhere.test>%s", strstr(request, "\r\nTo:"));
	mail_deliver(&f.s, f.ann.mailbox, buf_view(&foreign)); /* not Olga's, who called it */
	assert_int_equal(mails_of(&f, f.ann.mailbox), 1);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 3);
	buf_str(&private, str_from(request, (size_t)(rest - request)));
	buf_fmt(&private, PRIVATE "%s", rest);
	mail_deliver(&f.s, f.ann.mailbox, buf_view(&private));
	assert_int_equal(mails_of(&f, f.ann.mailbox), 2);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 3);
}

static void nobody_else_is_told_of_anything_else(void **unused)
{
	FIXTURE(f);

	(void)unused;
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST"))); /* not shared */
	share(&f, f.ann.mailbox, f.bob.mailbox, false);           /* not asked for */
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST")));
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REPLY")));
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("COUNTER")));
	mail_deliver(&f.s, f.ann.mailbox, S("From: olga@elsewhere.test\r\n\r\ntext\r\n"));
	assert_int_equal(mails_of(&f, f.bob.mailbox), 0);
}

static void a_delegate_is_told_that_it_is_off(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 22);
	struct mail_summary summary;
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("CANCEL")));
	(void)newest(&f, &a, f.bob.mailbox, &summary);
	assert_true(str_eq(summary.subject, S("Meeting called off for ann@example.test: Plan")));
	assert_false(summary.flags & MAIL_MEETING);
}

/* As he sees nothing of it in the calendar: what its organizer calls private, and what its owner does. */
static void of_what_is_private_a_delegate_is_told_nothing(void **unused)
{
	static const char hidden[] = "CLASS:PRIVATE\r\nEND:VEVENT";
	const char *const request = REQUEST("REQUEST"), *rest = strstr(request, "END:VEVENT");
	CLEANUP(buf_release) struct buf private = BUF_INIT(1 << 16);
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	buf_str(&private, str_from(request, (size_t)(rest - request)));
	buf_fmt(&private, "%s%s", hidden, rest + strlen("END:VEVENT"));
	mail_deliver(&f.s, f.ann.mailbox, buf_view(&private));
	assert_int_equal(mails_of(&f, f.ann.mailbox), 1);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 0);
	/* In the calendar it is private by now, and these do not say so. */
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST")));
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("CANCEL")));
	assert_int_equal(mails_of(&f, f.ann.mailbox), 3);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 0);
}

/* A mail may tell of several: one that is private hides them all. */
static void of_several_none_may_be_private(void **unused)
{
	const char *const request = REQUEST("REQUEST"), *begin = strstr(request, "BEGIN:VEVENT"),
			  *end = strstr(request, "END:VCALENDAR");
	static const char other[] = "BEGIN:VEVENT\r\nUID:other@elsewhere.test\r\nDTSTAMP:20260302T100000Z\r\n"
				    "DTSTART:20260311T090000Z\r\nORGANIZER:mailto:olga@elsewhere.test\r\n"
				    "ATTENDEE;RSVP=TRUE:mailto:ann@example.test\r\n%sEND:VEVENT\r\n";
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	for (size_t both = 0; both < 2; both++) {
		CLEANUP(buf_release) struct buf mail = BUF_INIT(1 << 16);

		buf_put(&mail, request, (size_t)((both ? end : begin) - request));
		buf_fmt(&mail, other, both ? "" : "CLASS:PRIVATE\r\n");
		buf_cstr(&mail, end);
		mail_deliver(&f.s, f.ann.mailbox, buf_view(&mail));
		assert_int_equal(mails_of(&f, f.ann.mailbox), both + 1);
		assert_int_equal(mails_of(&f, f.bob.mailbox), 0);
	}
}

/* EVENT_TEXT_DESCRIPTION_MAX, and one more. */
static void a_long_description_is_left_out(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 22);
	CLEANUP(buf_release) struct buf text = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	const struct mail_summary request = { .from = S("olga@elsewhere.test"), .subject = S("Plan") };
	struct cal_event event = { .method = CAL_REQUEST };
	const struct substitute what = { .owner = S("Ann"),
					 .delegate = S("bob@example.test"),
					 .request = &request,
					 .event = &event,
					 .sent_ms = SERVER_NOW_MS };

	(void)unused;
	for (size_t i = 0; i <= EVENT_TEXT_DESCRIPTION_MAX; i++)
		buf_char(&text, i % 70 ? 'x' : '\n');
	event.description = str_slice(buf_view(&text), 0, EVENT_TEXT_DESCRIPTION_MAX);
	assert_int_equal(substitute_write(&a, &out, &what), ERR_OK);
	assert_true(out.n > EVENT_TEXT_DESCRIPTION_MAX);
	buf_clear(&out);
	event.description = buf_view(&text);
	assert_int_equal(substitute_write(&a, &out, &what), ERR_OK);
	assert_true(out.n < 1024);
}

static void two_who_share_with_each_other_make_no_loop(void **unused)
{
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	share(&f, f.bob.mailbox, f.ann.mailbox, true);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST")));
	assert_int_equal(mails_of(&f, f.ann.mailbox), 1);
	assert_int_equal(mails_of(&f, f.bob.mailbox), 1);
}

static void what_is_taken_back_ends_at_once(void **unused)
{
	struct share taken = { .folder = 7, .calendar = true };
	struct store_tx *tx;
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	assert_int_equal(store_begin(f.s.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	taken.owner = f.ann.mailbox;
	taken.guest = f.bob.mailbox;
	assert_int_equal(share_unset(tx, &taken), ERR_OK);
	assert_int_equal(share_unset(tx, &taken), ERR_NOT_FOUND);
	assert_int_equal(store_commit(&tx), ERR_OK);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST")));
	assert_int_equal(mails_of(&f, f.bob.mailbox), 0);
}

/* The owner has his request, whatever became of the mail to the other. */
static void an_account_that_has_gone_is_no_guest(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 16);
	struct store_tx *tx;
	struct share *shares;
	size_t n;
	FIXTURE(f);

	(void)unused;
	share(&f, f.ann.mailbox, f.bob.mailbox, true);
	assert_int_equal(account_remove(f.s.store, f.bob.mailbox), ERR_OK);
	mail_deliver(&f.s, f.ann.mailbox, S(REQUEST("REQUEST")));
	assert_int_equal(mails_of(&f, f.ann.mailbox), 1);
	assert_int_equal(store_begin(f.s.store, STORE_DIRECTORY, STORE_READ, &tx), ERR_OK);
	assert_int_equal(share_list(&a, tx, f.ann.mailbox, &shares, &n), ERR_OK);
	assert_int_equal(n, 0);
	store_tx_end(&tx);
}

/* A guest that is said again is the same one. */
static void guests_are_bounded(void **unused)
{
	struct store_tx *tx;
	FIXTURE(f);

	(void)unused;
	assert_int_equal(store_begin(f.s.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(set_share(tx, f.ann.mailbox, f.ann.mailbox, true), ERR_INVALID);
	for (int64_t i = 0; i < SHARES_MAX; i++)
		assert_int_equal(set_share(tx, f.ann.mailbox, 1000 + i, false), ERR_OK);
	assert_int_equal(set_share(tx, f.ann.mailbox, 1000, true), ERR_OK);
	assert_int_equal(set_share(tx, f.ann.mailbox, f.bob.mailbox, true), ERR_LIMIT);
	store_tx_end(&tx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delegate_is_told_of_a_request),
		cmocka_unit_test(the_request_stays_as_it_came),
		cmocka_unit_test(a_mail_that_comes_again_is_told_once),
		cmocka_unit_test(one_that_was_moved_comes_once),
		cmocka_unit_test(one_without_a_date_comes_once),
		cmocka_unit_test(a_substitute_is_in_the_requests_conversation),
		cmocka_unit_test(a_substitute_of_html_is_html),
		cmocka_unit_test(of_several_none_may_be_private),
		cmocka_unit_test(two_mails_that_look_alike_are_two),
		cmocka_unit_test(what_is_left_to_a_delegate_comes_to_him_once),
		cmocka_unit_test(an_owner_chooses_who_gets_requests),
		cmocka_unit_test(a_delegate_gets_what_comes_later),
		cmocka_unit_test(nobody_else_is_told_of_anything_else),
		cmocka_unit_test(a_delegate_is_told_that_it_is_off),
		cmocka_unit_test(of_what_is_private_a_delegate_is_told_nothing),
		cmocka_unit_test(a_long_description_is_left_out),
		cmocka_unit_test(two_who_share_with_each_other_make_no_loop),
		cmocka_unit_test(what_is_taken_back_ends_at_once),
		cmocka_unit_test(an_account_that_has_gone_is_no_guest),
		cmocka_unit_test(guests_are_bounded),
	};

	return cmocka_run_group_tests_name("substitute", tests, NULL, NULL);
}
