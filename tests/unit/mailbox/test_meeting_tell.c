/* Who is told what when an organizer's event changes, and that it goes out once, whatever is cut off. */
#include <tests/unit/mailbox/mail.h>

#include <base/table.h>
#include <gateway/mailbox/meeting.h>
#include <gateway/mailbox/outbox.h>
#include <store/account.h>
#include <store/outbox.h>

#define assert_ok(expr) assert_string_equal(err_text(expr), err_text(ERR_OK))

struct scene {
	struct server s;
	struct server_account ann;
	struct arena a;
	struct send_service service;
	struct send_author author;
	unsigned left;
};

static void note_left(void *ctx)
{
	((struct scene *)ctx)->left++;
}

static void scene_open(struct scene *c)
{
	c->a = ARENA_INIT(256 << 20);
	server_open(&c->s);
	c->ann = server_add_account(&c->s, "ann@example.test", "secret");
	c->service = (struct send_service){ .store = c->s.store,
					    .clock = &c->s.clock.clock,
					    .hostname = "mail.example.test",
					    .state_dir = c->s.dir.path,
					    .max_bytes = SEND_MAX_BYTES_DEFAULT,
					    .expires_ms = SEND_EXPIRES_MS_DEFAULT,
					    .left = note_left,
					    .ctx = c };
	assert_ok(send_author_load(&c->a, c->s.store, c->ann.id, &c->author));
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

#define CALENDAR(events) "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" events "END:VCALENDAR\r\n"
#define EVENT(lines)                                                                         \
	"BEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\nORGANIZER:mailto:ann@example" \
	".test\r\n" lines "END:VEVENT\r\n"
#define AT(hour) "DTSTART:20260716T" hour "0000Z\r\nDTEND:20260716T" hour "3000Z\r\nSUMMARY:Plan\r\n"
#define WITH(who) "ATTENDEE:mailto:" who "@x.test\r\n"
#define DAILY AT("10") "RRULE:FREQ=DAILY;COUNT=5\r\n"
#define SECOND \
	"RECURRENCE-ID:20260717T100000Z\r\nDTSTART:20260717T100000Z\r\nDTEND:20260717T103000Z\r\nSUMMARY:Plan\r\n"
#define SECOND_LATER \
	"RECURRENCE-ID:20260717T100000Z\r\nDTSTART:20260717T150000Z\r\nDTEND:20260717T153000Z\r\nSUMMARY:Plan\r\n"

static enum err tell(struct scene *c, const char *before, const char *after, bool commit)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct meeting_change change = { .before = str_of(before),
					       .after = str_of(after),
					       .now_ms = clock_wall_ms(&c->s.clock.clock) };
	bool posted = false;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(meeting_tell(&c->a, tx, &c->author, &change, &posted));
	return commit ? store_commit(&tx) : ERR_OK;
}

static struct str octets_of(struct scene *c, struct store_tx *tx, int64_t id)
{
	CLEANUP(store_blob_close) struct store_blob *b = NULL;
	size_t got, n;
	char *p;

	assert_ok(store_blob_open(tx, id, &b));
	n = (size_t)store_blob_size(b);
	p = arena_alloc(&c->a, n);
	assert_non_null(p);
	assert_ok(store_blob_read(b, 0, p, n, &got));
	return str_from(p, got);
}

static const char *word_in(struct str octets, const char *word)
{
	return str_find(octets, str_of(word)) < octets.n ? word : "";
}

/* "CANCEL bob@x.test; REQUEST eve@x.test": what is in the outbox, in order, with marks of what a message says. */
static const char *outbox(struct scene *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);
	struct outbox_message m = { 0 };
	const char *ret;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_READ, &tx));
	while (!outbox_next(&c->a, tx, m.id, &m)) {
		struct str octets = octets_of(c, tx, m.blob);

		buf_fmt(&b, "%s%s%s", b.n ? "; " : "", word_in(octets, "METHOD:REQUEST"),
			word_in(octets, "METHOD:CANCEL"));
		for (size_t i = 0; i < m.recipients_n; i++)
			buf_fmt(&b, " " STR_FMT, STR_ARG(m.recipients[i].address));
		buf_fmt(&b, "%s%s%s%s%s", *word_in(octets, "STATUS:CANCELLED") ? " off" : "",
			*word_in(octets, "RECURRENCE-ID") ? " instance" : "", *word_in(octets, "RRULE") ? " rule" : "",
			*word_in(octets, "mailto:bob") ? " Bob" : "", *word_in(octets, "mailto:eve") ? " Eve" : "");
	}
	assert_ok(arena_cstr(&c->a, buf_view(&b), &ret));
	return ret;
}

static void clear(struct scene *c)
{
	outbox_move(&c->service, c->ann.mailbox);
	assert_string_equal(outbox(c), "");
}

static void each_is_told_what_concerns_him(void **unused)
{
	static const struct {
		const char *what, *before, *after, *told;
	} cases[] = {
		{ "a new one", "", CALENDAR(EVENT(AT("10") WITH("bob") WITH("eve"))),
		  "METHOD:REQUEST bob@x.test eve@x.test Bob Eve" },
		{ "nobody is invited", "", CALENDAR(EVENT(AT("10"))), "" },
		{ "it goes", CALENDAR(EVENT(AT("10") WITH("bob"))), "", "METHOD:CANCEL bob@x.test off Bob" },
		{ "another time", CALENDAR(EVENT(AT("10") WITH("bob"))),
		  CALENDAR(EVENT("SEQUENCE:1\r\n" AT("12") WITH("bob"))), "METHOD:REQUEST bob@x.test Bob" },
		{ "what is the owner's alone", CALENDAR(EVENT(AT("10") WITH("bob"))),
		  CALENDAR(EVENT(AT("10") WITH("bob") "CATEGORIES:Red\r\nTRANSP:TRANSPARENT\r\n")), "" },
		{ "an answer", CALENDAR(EVENT(AT("10") WITH("bob"))),
		  CALENDAR(EVENT(AT("10") "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@x.test\r\n")), "" },
		{ "one is taken off: he alone is named, and it is not off; the others get an update",
		  CALENDAR(EVENT(AT("10") WITH("bob") WITH("eve"))),
		  CALENDAR(EVENT("SEQUENCE:1\r\n" AT("10") WITH("eve"))),
		  "METHOD:CANCEL bob@x.test Bob; METHOD:REQUEST eve@x.test Eve" },
		{ "the last one is taken off", CALENDAR(EVENT(AT("10") WITH("bob"))), CALENDAR(EVENT(AT("10"))),
		  "METHOD:CANCEL bob@x.test Bob" },
		{ "called off", CALENDAR(EVENT(AT("10") WITH("bob"))),
		  CALENDAR(EVENT(AT("10") WITH("bob") "STATUS:CANCELLED\r\n")), "METHOD:CANCEL bob@x.test off Bob" },
		{ "an instance goes", CALENDAR(EVENT(DAILY WITH("bob"))),
		  CALENDAR(EVENT(DAILY WITH("bob") "EXDATE:20260717T100000Z\r\n")),
		  "METHOD:CANCEL bob@x.test off instance Bob" },
		{ "an instance is moved", CALENDAR(EVENT(DAILY WITH("bob"))),
		  CALENDAR(EVENT(DAILY WITH("bob")) EVENT(SECOND_LATER WITH("bob"))),
		  "METHOD:REQUEST bob@x.test instance Bob" },
		{ "one more is at one instance: the series is not for her", CALENDAR(EVENT(DAILY WITH("bob"))),
		  CALENDAR(EVENT(DAILY WITH("bob")) EVENT(SECOND WITH("bob") WITH("eve"))),
		  "METHOD:REQUEST bob@x.test eve@x.test instance Bob Eve" },
		{ "one is taken off an instance", CALENDAR(EVENT(DAILY WITH("bob") WITH("eve"))),
		  CALENDAR(EVENT(DAILY WITH("bob") WITH("eve")) EVENT(SECOND WITH("eve"))),
		  "METHOD:CANCEL bob@x.test instance Bob; METHOD:REQUEST eve@x.test instance Eve" },
		{ "one is taken off the series and its exception: he hears of that once",
		  CALENDAR(EVENT(DAILY WITH("bob") WITH("eve")) EVENT(SECOND_LATER WITH("bob") WITH("eve"))),
		  CALENDAR(EVENT("SEQUENCE:1\r\n" DAILY WITH("eve")) EVENT("SEQUENCE:1\r\n" SECOND_LATER WITH("eve"))),
		  "METHOD:CANCEL bob@x.test rule Bob; METHOD:REQUEST eve@x.test instance rule Eve" },
		{ "and so where that instance is called off for all",
		  CALENDAR(EVENT(DAILY WITH("bob") WITH("eve")) EVENT(SECOND WITH("bob") WITH("eve"))),
		  CALENDAR(EVENT("SEQUENCE:1\r\n" DAILY WITH("eve"))
				   EVENT("SEQUENCE:1\r\nSTATUS:CANCELLED\r\n" SECOND WITH("eve"))),
		  "METHOD:CANCEL bob@x.test rule Bob; METHOD:REQUEST eve@x.test off instance rule Eve; "
		  "METHOD:CANCEL eve@x.test off instance Bob Eve" },
		{ "the series is told with its instances, and who is in one alone gets that",
		  CALENDAR(EVENT(DAILY WITH("bob")) EVENT(SECOND WITH("bob") WITH("eve"))),
		  CALENDAR(EVENT("LOCATION:Hall\r\n" DAILY WITH("bob")) EVENT(SECOND WITH("bob") WITH("eve"))),
		  "METHOD:REQUEST bob@x.test instance rule Bob Eve; METHOD:REQUEST eve@x.test instance Bob Eve" },
		{ "an exception is taken back", CALENDAR(EVENT(DAILY WITH("bob")) EVENT(SECOND_LATER WITH("bob"))),
		  CALENDAR(EVENT(DAILY WITH("bob"))), "METHOD:REQUEST bob@x.test rule Bob" },
		{ "somebody else's meeting",
		  CALENDAR("BEGIN:VEVENT\r\nUID:u\r\nORGANIZER:mailto:bob@x.test\r\n" AT("10")
				   WITH("eve") "END:VEVENT\r\n"),
		  "", "" },
		{ "what is over goes in silence",
		  CALENDAR(EVENT("DTSTART:20200101T100000Z\r\nDTEND:20200101T110000Z\r\n" WITH("bob"))), "", "" },
	};

	(void)unused;
	SCENE(c);
	for (size_t i = 0; i < countof(cases); i++) {
		assert_ok(tell(&c, cases[i].before, cases[i].after, true));
		if (strcmp(outbox(&c), cases[i].told) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].what, outbox(&c), cases[i].told);
		clear(&c);
	}
}

/* ---- which message is the newer one ---- */

struct newest {
	int sequence;
	int64_t stamp_ms;
};

/* RFC 5546 section 2.1.5, as a receiver does: of each person the last message is newer than those before. */
static void assert_newer(struct scene *c, const char *what, struct newest *bob, struct newest *eve)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct outbox_message m = { 0 };
	unsigned messages = 0;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_READ, &tx));
	for (; !outbox_next(&c->a, tx, m.id, &m); messages++) {
		struct str octets = octets_of(c, tx, m.blob);
		struct cal_event e;
		size_t n;

		octets = str_slice(octets, str_find(octets, S("BEGIN:VCALENDAR")), octets.n);
		assert_ok(cal_event_read(&c->a, octets, &e, &n));
		for (size_t i = 0; i < m.recipients_n; i++) {
			struct newest *to = str_eq(m.recipients[i].address, S("bob@x.test")) ? bob : eve;

			if (e.sequence < to->sequence || (e.sequence == to->sequence && e.stamp.utc_ms <= to->stamp_ms))
				fail_msg("%s: %d at %lld, behind %d at %lld", what, e.sequence,
					 (long long)e.stamp.utc_ms, to->sequence, (long long)to->stamp_ms);
			*to = (struct newest){ e.sequence, e.stamp.utc_ms };
		}
	}
	assert_true(messages > 0);
	store_tx_end(&tx);
	tx = NULL;
	clear(c);
}

/* The changes that phones make, all within one second. */
static void each_message_is_newer_than_the_one_before(void **unused)
{
	const int64_t second = 1784282400000, third = 1784368800000; /* the days behind the first */
	struct cal_attendee bob_alone[] = { { .address = S("bob@x.test"), .role = CAL_REQUIRED } };
	struct cal_attendee both[] = { bob_alone[0], { .address = S("eve@x.test"), .role = CAL_REQUIRED } };
	const struct {
		const char *what;
		struct cal_change series, instance; /* without instance_ms: none */
	} steps[] = {
		{ "a place", { .what = CAL_FIELD_LOCATION, .to = { .location = S("Hall") } }, { 0 } },
		{ "another one", { .what = CAL_FIELD_LOCATION, .to = { .location = S("Cellar") } }, { 0 } },
		{ "Eve is taken off",
		  { .what = CAL_FIELD_ATTENDEES | CAL_FIELD_SEQUENCE,
		    .to = { .attendees = bob_alone, .attendees_n = 1, .sequence = 1 } },
		  { 0 } },
		{ "and comes again",
		  { .what = CAL_FIELD_ATTENDEES, .to = { .attendees = both, .attendees_n = 2 } },
		  { 0 } },
		{ "an instance's place",
		  { 0 },
		  { .what = CAL_FIELD_LOCATION, .to = { .location = S("Roof") }, .instance_ms = second } },
		{ "once more",
		  { 0 },
		  { .what = CAL_FIELD_LOCATION, .to = { .location = S("Yard") }, .instance_ms = second } },
		{ "another instance's",
		  { 0 },
		  { .what = CAL_FIELD_LOCATION, .to = { .location = S("Yard") }, .instance_ms = third } },
		{ "of all again", { .what = CAL_FIELD_LOCATION, .to = { .location = S("Hall") } }, { 0 } },
		{ "an instance goes",
		  { .what = CAL_FIELD_SEQUENCE, .to = { .sequence = 2 } },
		  { .deleted = true, .instance_ms = second } },
		{ "and is there again", { 0 }, { .instance_ms = second } },
		{ "the title", { .what = CAL_FIELD_SUMMARY, .to = { .summary = S("Plans") } }, { 0 } },
	};
	struct newest bob = { -1, 0 }, eve = { -1, 0 };
	const char *text = CALENDAR(EVENT(DAILY WITH("bob") WITH("eve")));

	(void)unused;
	SCENE(c);
	assert_ok(tell(&c, "", text, true));
	assert_newer(&c, "the invitation", &bob, &eve);
	for (size_t i = 0; i < countof(steps); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
		const struct cal_edit edit = { .series = steps[i].series,
					       .instances = &steps[i].instance,
					       .instances_n = steps[i].instance.instance_ms != 0,
					       .now_ms = clock_wall_ms(&c.s.clock.clock) };
		const char *after;

		assert_ok(cal_write(&c.a, str_of(text), &edit, &out));
		assert_ok(arena_cstr(&c.a, buf_view(&out), &after));
		assert_ok(tell(&c, text, after, true));
		assert_newer(&c, steps[i].what, &bob, &eve);
		text = after;
	}
	assert_true(bob.stamp_ms < clock_wall_ms(&c.s.clock.clock) + 20 * 1000);
}

static const char *with_people(struct scene *c, unsigned n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 20);
	const char *ret;

	buf_cstr(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\n"
		     "ORGANIZER:mailto:ann@example.test\r\n" AT("10"));
	for (unsigned i = 0; i < n; i++)
		buf_fmt(&b, "ATTENDEE:mailto:p%u@x.test\r\n", i);
	buf_cstr(&b, "END:VEVENT\r\nEND:VCALENDAR\r\n");
	assert_ok(arena_cstr(&c->a, buf_view(&b), &ret));
	return ret;
}

/* How many hear of it, each of them once, in how many messages. */
static size_t told(struct scene *c, size_t *ret_messages)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(table_free) struct table *seen = table_new();
	CLEANUP(arena_release) struct arena a = ARENA_INIT(64 << 20);
	struct outbox_message m = { 0 };

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_READ, &tx));
	for (*ret_messages = 0; !outbox_next(&a, tx, m.id, &m); ++*ret_messages)
		for (size_t i = 0; i < m.recipients_n; i++)
			assert_null(table_set(seen, m.recipients[i].address, seen));
	return table_count(seen);
}

/* 500 to a message; CAL_PEOPLE_MAX in all, and one more, which the change is refused for. */
static void all_are_told_however_many(void **unused)
{
	static const struct {
		unsigned people;
		size_t messages;
	} cases[] = { { 500, 1 }, { 501, 2 }, { CAL_PEOPLE_MAX, 10 } };

	(void)unused;
	SCENE(c);
	for (size_t i = 0; i < countof(cases); i++) {
		const char *text = with_people(&c, cases[i].people);
		size_t messages;

		for (int goes = 0; goes < 2; goes++) {
			assert_ok(tell(&c, goes ? text : "", goes ? "" : text, true));
			assert_int_equal(told(&c, &messages), cases[i].people);
			assert_int_equal(messages, cases[i].messages);
			clear(&c);
		}
		assert_ok(meeting_may_tell(&c.a, &c.author, str_of(text)));
	}
	assert_string_equal(err_text(meeting_may_tell(&c.a, &c.author, str_of(with_people(&c, CAL_PEOPLE_MAX + 1)))),
			    err_text(ERR_LIMIT));
}

static size_t queued(struct scene *c, int64_t *ret_last)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct queue_entry *list;
	size_t n;

	assert_ok(store_begin(c->s.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(queue_list(&c->a, tx, 0, true, 100, &list, &n));
	*ret_last = n ? list[n - 1].id : 0;
	return n;
}

static void a_change_that_is_taken_back_tells_nobody(void **unused)
{
	int64_t last;

	(void)unused;
	SCENE(c);
	assert_ok(tell(&c, "", CALENDAR(EVENT(AT("10") WITH("bob"))), false));
	assert_string_equal(outbox(&c), "");
	clear(&c);
	assert_int_equal(queued(&c, &last), 0);
}

static uint64_t sent_items(struct scene *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder folder;
	int64_t id;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_READ, &tx));
	assert_ok(folder_by_role(tx, FOLDER_SENT, &id));
	assert_ok(folder_get(&c->a, tx, id, &folder));
	return folder.total;
}

/* Killed behind the commit: the start of the server finds it. Killed behind the queue's commit: it is there again, and not twice. */
static void what_is_moved_twice_is_sent_once(void **unused)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *w = NULL;
	struct outbox_message m;
	struct outbox_new again;
	struct str octets, to = S("bob@x.test");
	int64_t last;

	(void)unused;
	SCENE(c);
	assert_ok(tell(&c, "", CALENDAR(EVENT(AT("10") WITH("bob"))), true));
	assert_ok(store_begin(c.s.store, c.ann.mailbox, STORE_READ, &tx));
	assert_ok(outbox_next(&c.a, tx, 0, &m));
	octets = octets_of(&c, tx, m.blob);
	store_tx_end(&tx);
	tx = NULL;
	assert_ok(outbox_move_all(&c.service, NULL, NULL));
	assert_int_equal(queued(&c, &last), 1);
	assert_string_equal(outbox(&c), "");

	again = (struct outbox_new){ .name = m.name, .author = c.ann.id, .recipients = &to, .recipients_n = 1 };
	assert_ok(store_blob_writer_new(c.s.store, c.ann.mailbox, &w));
	assert_ok(store_blob_write(w, octets));
	assert_ok(store_blob_finish(w));
	assert_ok(store_begin(c.s.store, c.ann.mailbox, STORE_WRITE, &tx));
	assert_ok(outbox_add(tx, &again, w));
	assert_ok(store_commit(&tx));
	tx = NULL;
	clear(&c);
	assert_int_equal(queued(&c, &last), 1);
	assert_int_equal(c.left, 0);
	assert_int_equal(sent_items(&c), 1); /* the sender has a copy */
}

/* What can never go does not stop what is behind it. */
static void one_that_can_not_be_sent_stops_no_other(void **unused)
{
	int64_t last;

	(void)unused;
	SCENE(c);
	assert_ok(tell(&c, "", CALENDAR(EVENT(AT("10") WITH("bob"))), true));
	c.author.account = 999; /* an account that has gone */
	assert_ok(tell(&c, "", CALENDAR(EVENT(AT("11") WITH("bob"))), true));
	c.author.account = c.ann.id;
	assert_ok(tell(&c, "", CALENDAR(EVENT(AT("12") WITH("bob"))), true));
	clear(&c);
	assert_int_equal(queued(&c, &last), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_told_what_concerns_him),
		cmocka_unit_test(each_message_is_newer_than_the_one_before),
		cmocka_unit_test(all_are_told_however_many),
		cmocka_unit_test(a_change_that_is_taken_back_tells_nobody),
		cmocka_unit_test(what_is_moved_twice_is_sent_once),
		cmocka_unit_test(one_that_can_not_be_sent_stops_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
