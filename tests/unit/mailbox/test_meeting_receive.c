/* What mails about meetings do to a calendar, and whose mails they have to be (RFC 6047 section 2.2.3). */
#include <tests/unit/mailbox/mail.h>

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/meeting.h>
#include <store/account.h>
#include <store/blob.h>
#include <store/outbox.h>

#define assert_ok(expr) assert_string_equal(err_text(expr), err_text(ERR_OK))

struct scene {
	struct server s;
	struct server_account ann, carl;
	struct arena a;
};

static void scene_open(struct scene *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	c->a = ARENA_INIT(256 << 20);
	server_open(&c->s);
	c->ann = server_add_account(&c->s, "ann@example.test", "secret");
	c->carl = server_add_account(&c->s, "carl@example.test", "secret");
	assert_ok(store_begin(c->s.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_address_add(tx, c->carl.id, S("c.alt@example.test")));
	assert_ok(store_commit(&tx));
}

static void scene_close(struct scene *c)
{
	arena_release(&c->a);
	server_close(&c->s);
	server_remove(&c->s);
}
#define SCENE(c)                                     \
	CLEANUP(scene_close) struct scene c = { 0 }; \
	scene_open(&c)

/* ---- mails ---- */

#define EVENT(uid, lines) "BEGIN:VEVENT\r\nUID:" uid "\r\nDTSTAMP:20260701T000000Z\r\n" lines "END:VEVENT\r\n"
#define AT(hour) "DTSTART:20260716T" hour "0000Z\r\nDTEND:20260716T" hour "3000Z\r\n"
#define ANN "ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:ann@example.test\r\n"
#define BY_BOB "ORGANIZER:mailto:bob@x.test\r\n" ANN
#define FROM_BOB "From: Bob <bob@x.test>\r\n"
#define FROM_EVE "From: Eve <eve@evil.test>\r\n"

struct letter {
	const char *header, *method, *events;
};

static void receive(struct scene *c, const struct letter *l)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4 << 20);

	buf_fmt(&b,
		"%sTo: ann@example.test\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/calendar; method=%s; charset=utf-8\r\n\r\n"
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:%s\r\n%sEND:VCALENDAR\r\n",
		l->header, l->method, l->method, l->events);
	assert_ok(buf_status(&b));
	mail_deliver(&c->s, c->ann.mailbox, buf_view(&b));
}

/* ---- the calendar ---- */

struct told {
	struct scene *c;
	struct store_tx *tx;
	struct buf *out;
};

static void tell_event(struct told *t, const struct cal_event *e)
{
	static const char *const answers[] = { "", "", "?", "+", "-", "" };

	buf_fmt(t->out, "%02d", e->start.local.hour);
	if (e->cancelled)
		buf_cstr(t->out, " off");
	if (e->sensitivity != CAL_NORMAL)
		buf_cstr(t->out, " private");
	for (size_t i = 0; i < e->attendees_n; i++)
		buf_cstr(t->out, answers[e->attendees[i].answer]);
	buf_cstr(t->out, e->answer == CAL_ANSWER_ACCEPTED ? " yes" : "");
}

static bool tell_day(void *ctx, const struct cal_occurrence *o)
{
	const struct zone_rules utc = { 0 };
	struct local_time t = zone_from_utc(&utc, o->start_ms);

	buf_fmt(ctx, " %02d/%02d", t.day, t.hour);
	return true;
}

static enum err tell(void *ctx, int64_t id, const struct item_summary *unused)
{
	struct told *t = ctx;
	struct cal_series s;
	struct cal_plan plan;
	struct str octets;
	struct item item;

	(void)unused;
	assert_ok(item_find(&t->c->a, t->tx, id, &item));
	assert_ok(entry_read(&t->c->a, t->tx, &item, &octets));
	assert_ok(cal_series_read(&t->c->a, octets, &s));
	buf_fmt(t->out, "%s" STR_FMT " ", t->out->n ? "; " : "", STR_ARG(s.event.uid));
	tell_event(t, &s.event);
	if (!s.rule.n)
		return ERR_OK;
	assert_ok(cal_plan_make(&t->c->a, &s, &plan));
	buf_cstr(t->out, ":");
	cal_plan_walk(&plan, s.event.start.utc_ms, s.event.start.utc_ms + INT64_C(8) * 86400000, tell_day, t->out);
	for (size_t i = 0; i < s.exceptions_n; i++)
		if (s.exceptions[i].answer == CAL_ANSWER_ACCEPTED && s.event.answer != CAL_ANSWER_ACCEPTED)
			buf_fmt(t->out, " yes %02d", s.exceptions[i].start.local.day);
	return ERR_OK;
}

/* "plan 10": at ten; "plan 10 off", "plan 10 private", "plan 10+": one has accepted; of a series the days and hours of a week. */
static const char *calendar_of(struct scene *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 20);
	struct told t = { .c = c, .out = &b };
	int64_t folder;
	const char *ret;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_READ, &tx));
	t.tx = tx;
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	assert_ok(item_summary_walk(tx, folder, INT64_MIN, tell, &t));
	assert_ok(arena_cstr(&c->a, buf_view(&b), &ret));
	return ret;
}

/* Into the calendar, as its owner would have put it there. */
static void add_own(struct scene *c, const char *text)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct event_new event = { .octets = str_of(text) };
	struct item item;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &event.folder));
	assert_ok(event_add(&c->a, tx, &event, &item));
	assert_ok(store_commit(&tx));
}

static enum err note_item(void *ctx, int64_t id, const struct item_summary *unused)
{
	(void)unused;
	buf_put(ctx, &id, sizeof(id));
	return ERR_OK;
}

static void clear(struct scene *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf ids = BUF_INIT(4096);
	const struct author nobody = { .device = STORE_NOBODY };
	int64_t folder, id;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	assert_ok(item_summary_walk(tx, folder, INT64_MIN, note_item, &ids));
	for (size_t i = 0; i < ids.n; i += sizeof(id)) {
		memcpy(&id, ids.p + i, sizeof(id));
		assert_ok(item_expunge(tx, folder, id, &nobody));
	}
	assert_ok(store_commit(&tx));
}

/* What Ann says to it, or to the instance that begins then by the series. */
static void respond(struct scene *c, enum cal_answer answer, const char *instance)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct meeting_answer a = { .answer = answer, .instance_ms = INT64_MIN, .now_ms = SERVER_NOW_MS, .send = true };
	struct send_author ann;
	struct item event;
	int64_t folder;
	bool kept;

	assert_ok(send_author_load(&c->a, c->s.store, c->ann.id, &ann));
	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	assert_ok(event_by_uid(&c->a, tx, folder, S("plan"), &event));
	if (instance)
		assert_ok(str_to_i64(str_of(instance), &a.instance_ms));
	assert_ok(meeting_respond(&c->a, tx, &ann, event.id, &a, &kept));
	assert_ok(store_commit(&tx));
}

struct case_of {
	const char *what;
	const char *own; /* is in the calendar before */
	struct letter mails[4];
	const char *calendar;
};

static void check_cases(const struct case_of *cases, size_t n)
{
	SCENE(c);
	for (size_t i = 0; i < n; i++) {
		if (cases[i].own)
			add_own(&c, cases[i].own);
		for (size_t k = 0; k < countof(cases[i].mails) && cases[i].mails[k].header; k++)
			receive(&c, &cases[i].mails[k]);
		if (strcmp(calendar_of(&c), cases[i].calendar) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].what, calendar_of(&c), cases[i].calendar);
		clear(&c);
	}
}

/* ---- whose mails they are ---- */

#define INVITED                                                     \
	{                                                           \
		FROM_BOB, "REQUEST", EVENT("plan", BY_BOB AT("10")) \
	}
#define LATER EVENT("plan", BY_BOB AT("12") "SEQUENCE:1\r\n")
#define OFF EVENT("plan", BY_BOB AT("10") "SEQUENCE:1\r\nSTATUS:CANCELLED\r\n")
/* As iCloud sends them: the organizer is an address of its own. */
#define APPLE(user) "From: " user " <noreply@email.apple.com>\r\nReply-To: " user "@icloud.test\r\n"
#define BY_ICLOUD "ORGANIZER;CN=Bob;EMAIL=bob@icloud.test:mailto:2_GEZDGMBT@imip.me.com\r\n" ANN
/* As Google sends them: of a calendar that is nobody's address. */
#define GOOGLE FROM_BOB "Sender: Google Calendar <calendar-notification@google.com>\r\nReply-To: bob@x.test\r\n"
#define BY_GROUP "ORGANIZER;CN=Team:mailto:c_1234@group.calendar.google.com\r\n" ANN
#define BY_SECRETARY "ORGANIZER;SENT-BY=\"mailto:sam@x.test\":mailto:bob@x.test\r\n" ANN

static void only_the_organizer_changes_a_meeting(void **unused)
{
	static const struct case_of cases[] = {
		{ "the organizer changes it", NULL, { INVITED, { FROM_BOB, "REQUEST", LATER } }, "plan 12" },
		{ "the organizer calls it off", NULL, { INVITED, { FROM_BOB, "CANCEL", OFF } }, "plan 10 off" },
		{ "a stranger changes it", NULL, { INVITED, { FROM_EVE, "REQUEST", LATER } }, "plan 10" },
		{ "a stranger calls it off", NULL, { INVITED, { FROM_EVE, "CANCEL", OFF } }, "plan 10" },
		{ "a stranger writes the organizer's address into Sender",
		  NULL,
		  { INVITED, { FROM_EVE "Sender: bob@x.test\r\n", "CANCEL", OFF } },
		  "plan 10" },
		{ "and into Reply-To",
		  NULL,
		  { INVITED, { FROM_EVE "Reply-To: bob@x.test\r\n", "CANCEL", OFF } },
		  "plan 10" },
		{ "and beside his own in From",
		  NULL,
		  { INVITED, { "From: eve@evil.test, bob@x.test\r\n", "CANCEL", OFF } },
		  "plan 10" },
		{ "a stranger says that he sends for the organizer",
		  NULL,
		  { INVITED,
		    { FROM_EVE, "CANCEL",
		      EVENT("plan", "ORGANIZER;SENT-BY=\"mailto:eve@evil.test\":mailto:bob@x.test\r\n" ANN AT(
					    "10") "SEQUENCE:1\r\n") } },
		  "plan 10" },
		{ "nobody's mail", NULL, { INVITED, { "", "CANCEL", OFF } }, "plan 10" },
		{ "in other letters", NULL, { INVITED, { "From: BOB@X.TEST\r\n", "CANCEL", OFF } }, "plan 10 off" },
		{ "one sends for the organizer, as the invitation said",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_SECRETARY AT("10")) },
		    { "From: sam@x.test\r\n", "CANCEL", EVENT("plan", BY_SECRETARY AT("10") "SEQUENCE:1\r\n") } },
		  "plan 10 off" },
		{ "on behalf of, as Outlook writes it",
		  NULL,
		  { INVITED, { FROM_BOB "Sender: sam@x.test\r\n", "CANCEL", OFF } },
		  "plan 10 off" },
		{ "who sent the invitation goes on to do so: Google",
		  NULL,
		  { { GOOGLE, "REQUEST", EVENT("plan", BY_GROUP AT("10")) },
		    { GOOGLE, "REQUEST", EVENT("plan", BY_GROUP AT("12") "SEQUENCE:1\r\n") } },
		  "plan 12" },
		{ "but nobody else",
		  NULL,
		  { { GOOGLE, "REQUEST", EVENT("plan", BY_GROUP AT("10")) },
		    { FROM_EVE, "CANCEL", EVENT("plan", BY_GROUP AT("12") "SEQUENCE:1\r\n") } },
		  "plan 10" },
		{ "iCloud, for the same user",
		  NULL,
		  { { APPLE("bob"), "REQUEST", EVENT("plan", BY_ICLOUD AT("10")) },
		    { APPLE("bob"), "CANCEL", EVENT("plan", BY_ICLOUD AT("10") "SEQUENCE:1\r\n") } },
		  "plan 10 off" },
		{ "iCloud, for another one",
		  NULL,
		  { { APPLE("bob"), "REQUEST", EVENT("plan", BY_ICLOUD AT("10")) },
		    { APPLE("eve"), "CANCEL", EVENT("plan", BY_ICLOUD AT("10") "SEQUENCE:1\r\n") } },
		  "plan 10" },
		{ "the user writes himself what iCloud had sent",
		  NULL,
		  { { APPLE("bob"), "REQUEST", EVENT("plan", BY_ICLOUD AT("10")) },
		    { "From: bob@icloud.test\r\n", "CANCEL", EVENT("plan", BY_ICLOUD AT("10") "SEQUENCE:1\r\n") } },
		  "plan 10 off" },
		{ "a stranger says in his mail who has sent it",
		  NULL,
		  { { FROM_EVE, "REQUEST", EVENT("plan", BY_BOB AT("10") "X-ROOST-SENDER:mallory@evil.test\r\n") },
		    { "From: mallory@evil.test\r\n", "CANCEL", OFF } },
		  "plan 10" },
		{ "what was forwarded is its organizer's from his first mail on",
		  NULL,
		  { { "From: dora@x.test\r\n", "REQUEST", EVENT("plan", BY_BOB AT("10")) },
		    { FROM_BOB, "REQUEST", LATER },
		    { "From: dora@x.test\r\n", "CANCEL", EVENT("plan", BY_BOB AT("12") "SEQUENCE:2\r\n") } },
		  "plan 12" },
		{ "nor does who has forwarded it, or knew its UID first, keep it as it is",
		  NULL,
		  { { FROM_EVE, "REQUEST",
		      "BEGIN:VEVENT\r\nUID:plan\r\nDTSTAMP:99991231T235959Z\r\nSEQUENCE:2147483647\r\n" BY_BOB AT(
			      "10") "END:VEVENT\r\n" },
		    INVITED,
		    { FROM_BOB, "REQUEST", LATER },
		    INVITED },
		  "plan 12" },
		{ "who sends for the organizer, by his word, is followed in their order",
		  NULL,
		  { { "From: sam@x.test\r\n", "REQUEST", EVENT("plan", BY_SECRETARY AT("12") "SEQUENCE:1\r\n") },
		    { FROM_BOB, "REQUEST", EVENT("plan", BY_SECRETARY AT("10")) } },
		  "plan 12" },
		{ "an organizer of ours, by another of his addresses",
		  NULL,
		  { { "From: carl@example.test\r\n", "REQUEST",
		      EVENT("plan", "ORGANIZER:mailto:c.alt@example.test\r\n" ANN AT("10")) },
		    { "From: c.alt@example.test\r\n", "CANCEL",
		      EVENT("plan", "ORGANIZER:mailto:c.alt@example.test\r\n" ANN AT("10") "SEQUENCE:1\r\n") } },
		  "plan 10 off" },
		{ "the owner's appointment, which has no organizer",
		  "BEGIN:VCALENDAR\r\n" EVENT("plan", AT("10")) "END:VCALENDAR\r\n",
		  { { FROM_EVE, "CANCEL", EVENT("plan", AT("10") "SEQUENCE:1\r\n") },
		    { FROM_EVE, "REQUEST", EVENT("plan", AT("12") "SEQUENCE:1\r\n") } },
		  "plan 10" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

#define OWN                                 \
	"BEGIN:VCALENDAR\r\n" EVENT("plan", \
				    "ORGANIZER:mailto:ann@example.test\r\n" AT("10") BOB CARL) "END:VCALENDAR\r\n"
#define BOB "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@x.test\r\n"
#define CARL "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:c.alt@example.test\r\n"
#define SAYS(answer, who) EVENT("plan", AT("10") "ATTENDEE;PARTSTAT=" answer ":mailto:" who "\r\n")

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

#define WITH_A_GAP "RRULE:FREQ=DAILY;COUNT=4\r\nEXDATE:20260717T100000Z\r\n"
#define OWN_DAILY                                                                            \
	"BEGIN:VCALENDAR\r\n" EVENT("plan", "ORGANIZER:mailto:ann@example.test\r\n" AT("10") \
						    BOB WITH_A_GAP) "END:VCALENDAR\r\n"
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
		  "plan 10: 16/10 19/10 18/10" }, /* which is an exception now */
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

/* ---- this and all that follow ---- */

#define DAILY EVENT("plan", BY_BOB AT("10") "RRULE:FREQ=DAILY;COUNT=6\r\n")
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

/* ---- answers to single instances ---- */

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

/* ---- several in one mail ---- */

#define SECOND(hour) "RECURRENCE-ID:20260717T100000Z\r\nDTSTART:20260717T" hour "0000Z\r\n"
#define THIRD(hour) "RECURRENCE-ID:20260718T100000Z\r\nDTSTART:20260718T" hour "0000Z\r\n"

static void each_event_of_a_mail_is_taken(void **unused)
{
	static const struct case_of cases[] = {
		{ "two meetings",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB AT("10")) EVENT("tea", BY_BOB AT("16")) } },
		  "plan 10; tea 16" },
		{ "both are called off",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB AT("10")) EVENT("tea", BY_BOB AT("16")) },
		    { FROM_BOB, "CANCEL",
		      EVENT("plan", BY_BOB AT("10") "SEQUENCE:1\r\n")
			      EVENT("tea", BY_BOB AT("16") "SEQUENCE:1\r\n") } },
		  "plan 10 off; tea 16 off" },
		{ "a series with an instance of it",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY EVENT("plan", BY_BOB SECOND("12")) } },
		  "plan 10: 16/10 18/10 19/10 20/10 21/10 17/12" },
		{ "two instances of a series that is known",
		  NULL,
		  { { FROM_BOB, "REQUEST", DAILY },
		    { FROM_BOB, "REQUEST",
		      EVENT("plan", BY_BOB SECOND("12") "SEQUENCE:1\r\n")
			      EVENT("plan", BY_BOB THIRD("13") "SEQUENCE:1\r\n") } },
		  "plan 10: 16/10 19/10 20/10 21/10 17/12 18/13" },
		{ "two instances of a series that is not",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB SECOND("12")) EVENT("plan", BY_BOB THIRD("13")) } },
		  "plan 12; plan 13" },
		{ "in two mails, and one is called off",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB SECOND("12")) },
		    { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB THIRD("13")) },
		    { FROM_BOB, "CANCEL", EVENT("plan", BY_BOB THIRD("13") "SEQUENCE:1\r\n") } },
		  "plan 12; plan 13 off" },
		{ "and all of it",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB SECOND("12")) EVENT("plan", BY_BOB THIRD("13")) },
		    { FROM_BOB, "CANCEL", EVENT("plan", BY_BOB AT("10") "SEQUENCE:1\r\n") } },
		  "plan 12 off; plan 13 off" },
		{ "the series comes later, and has them",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB SECOND("12")) EVENT("plan", BY_BOB THIRD("13")) },
		    { FROM_BOB, "REQUEST", DAILY EVENT("plan", BY_BOB SECOND("12")) } },
		  "plan 10: 16/10 18/10 19/10 20/10 21/10 17/12" },
		{ "a stranger's series takes none of them",
		  NULL,
		  { { FROM_BOB, "REQUEST", EVENT("plan", BY_BOB SECOND("12")) },
		    { FROM_EVE, "REQUEST", EVENT("plan", BY_BOB AT("10")) },
		    { FROM_EVE, "REQUEST", EVENT("plan", "ORGANIZER:mailto:eve@evil.test\r\n" ANN AT("11")) } },
		  "plan 10; plan 12" },
		{ "an answer to the series and one of its instances",
		  "BEGIN:VCALENDAR\r\n" EVENT("plan",
					      "ORGANIZER:mailto:ann@example.test\r\n" AT("10") BOB) "END:VCALENDAR\r\n",
		  { { FROM_BOB, "REPLY", SAYS("TENTATIVE", "bob@x.test") SAYS("ACCEPTED", "bob@x.test") } },
		  "plan 10+" },
	};

	(void)unused;
	check_cases(cases, countof(cases));
}

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

/* MEETING_EVENTS_MAX, and one more. */
static void what_one_mail_does_is_bounded(void **unused)
{
	CLEANUP(buf_release) struct buf many = BUF_INIT(1 << 20);
	struct letter mail = { FROM_BOB, "REQUEST", NULL };
	size_t n = 0;

	(void)unused;
	SCENE(c);
	for (int i = 0; i <= MEETING_EVENTS_MAX; i++)
		buf_fmt(&many, "BEGIN:VEVENT\r\nUID:p%d\r\n" BY_BOB AT("10") "END:VEVENT\r\n", i);
	buf_char(&many, '\0');
	assert_ok(buf_status(&many));
	mail.events = many.p;
	receive(&c, &mail);
	for (const char *at = calendar_of(&c); *at; at++)
		n += *at == ';';
	assert_int_equal(n + 1, MEETING_EVENTS_MAX);
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
		cmocka_unit_test(only_the_organizer_changes_a_meeting),
		cmocka_unit_test(only_an_attendee_answers_for_himself),
		cmocka_unit_test(an_answer_brings_no_instance),
		cmocka_unit_test(what_follows_is_called_off),
		cmocka_unit_test(what_follows_is_moved),
		cmocka_unit_test(an_instance_stays_as_it_was_answered),
		cmocka_unit_test(who_changes_his_mind_is_heard),
		cmocka_unit_test(each_event_of_a_mail_is_taken),
		cmocka_unit_test(what_is_private_stays_so),
		cmocka_unit_test(nobody_says_what_the_owner_has_said),
		cmocka_unit_test(what_one_mail_does_is_bounded),
		cmocka_unit_test(what_follows_counts_as_many),
		cmocka_unit_test(all_that_follow_are_moved_or_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
