/* The phone's copy of a folder, on disk and through Sync responses. */
#include <tools/phone/apply.h>
#include <tools/phone/fault.h>
#include <tools/phone/files.h>
#include <tools/phone/state.h>

#include <base/mem.h>

#include <tests/support/tmpdir.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

struct bench {
	struct tmpdir tmp;
	int dir;
	struct mailbox m;
	struct buf why;
	struct arena arena;
};

static void open_mailbox(struct bench *b)
{
	if (mailbox_open(&b->m, b->dir, S("5"), &b->why))
		fail_msg("%.*s", (int)b->why.n, b->why.p);
}

static int setup(void **state)
{
	struct bench *b = mem_alloc(sizeof(*b));

	b->tmp = tmpdir_make();
	b->why = BUF_INIT(FAULT_MAX_TEXT);
	b->arena = ARENA_INIT(1024 * 1024);
	b->dir = files_open_dir(AT_FDCWD, b->tmp.path, &b->why);
	*state = b;
	if (b->dir >= 0)
		open_mailbox(b);
	return b->dir < 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	mailbox_close(&b->m);
	close(b->dir);
	tmpdir_remove(&b->tmp);
	buf_release(&b->why);
	arena_release(&b->arena);
	free(b);
	return 0;
}

static void reopen(struct bench *b)
{
	mailbox_close(&b->m);
	open_mailbox(b);
}

static void add(struct bench *b, const char *id, const char *text)
{
	assert_int_equal(mailbox_add(&b->m, str_of(id), ".eml", str_of(text), false, &b->why), ERR_OK);
}

static void assert_file(struct bench *b, const char *name, const char *text)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(1024 * 1024);

	assert_int_equal(files_read(b->m.dir, name, &bytes, &b->why), ERR_OK);
	assert_true(str_eq(buf_view(&bytes), str_of(text)));
}

static void what_was_committed_is_there_again(void **state)
{
	struct bench *b = *state;
	const struct message *msg;

	add(b, "5:1", "one");
	add(b, "5:2", "two");
	mailbox_set_read(&b->m, mailbox_find(&b->m, S("5:1")), true);
	mailbox_set_flag(&b->m, mailbox_find(&b->m, S("5:1")), 2);
	mailbox_remove(&b->m, mailbox_find(&b->m, S("5:2")));
	assert_int_equal(mailbox_commit(&b->m, S("{key} 1"), &b->why), ERR_OK);
	reopen(b);
	assert_true(str_eq(buf_view(&b->m.key), S("{key} 1")));
	assert_int_equal(table_count(b->m.messages), 1);
	msg = mailbox_find(&b->m, S("5:1"));
	assert_non_null(msg);
	assert_true(msg->read);
	assert_int_equal(msg->flag, 2);
	assert_string_equal(msg->file, "5:1.eml");
	assert_file(b, "5:1.eml", "one");
	assert_file(b, "5:2.eml", "");
}

static void what_was_not_committed_is_forgotten(void **state)
{
	struct bench *b = *state;

	add(b, "5:1", "one");
	assert_int_equal(mailbox_commit(&b->m, S("1"), &b->why), ERR_OK);
	assert_int_equal(files_append(b->m.dir, "index", S("- 5:1\n+ 5:9 x.eml 0\n"), &b->why), ERR_OK);
	reopen(b);
	assert_non_null(mailbox_find(&b->m, S("5:1")));
	assert_null(mailbox_find(&b->m, S("5:9")));
	assert_int_equal(mailbox_commit(&b->m, S("2"), &b->why), ERR_OK);
	reopen(b);
	assert_int_equal(table_count(b->m.messages), 1);
	assert_true(str_eq(buf_view(&b->m.key), S("2")));
}

static void a_message_that_goes_and_comes_back_keeps_its_file(void **state)
{
	struct bench *b = *state;

	add(b, "5:1", "one");
	assert_int_equal(mailbox_commit(&b->m, S("1"), &b->why), ERR_OK);
	mailbox_remove(&b->m, mailbox_find(&b->m, S("5:1")));
	add(b, "5:1", "again");
	assert_int_equal(mailbox_commit(&b->m, S("2"), &b->why), ERR_OK);
	assert_file(b, "5:1.eml", "again");
}

static void a_damaged_index_is_not_taken(void **state)
{
	struct bench *b = *state;

	assert_int_equal(files_append(b->m.dir, "index", S("r 5:1 1\nk 1\n"), &b->why), ERR_OK);
	mailbox_close(&b->m);
	assert_int_equal(mailbox_open(&b->m, b->dir, S("5"), &b->why), ERR_CORRUPT);
}

static void a_reset_begins_with_key_0(void **state)
{
	struct bench *b = *state;

	add(b, "5:1", "one");
	assert_int_equal(mailbox_commit(&b->m, S("1"), &b->why), ERR_OK);
	assert_int_equal(mailbox_reset(&b->m, &b->why), ERR_OK);
	assert_file(b, "5:1.eml", "");
	reopen(b);
	assert_true(str_eq(buf_view(&b->m.key), S("0")));
	assert_int_equal(table_count(b->m.messages), 0);
}

/* Responses: what is in order, and what the phone must refuse. The phone has 5:1 under key 7. */
static void responses_are_applied_or_refused(void **state)
{
	static const struct sync_command mark = { .act = SYNC_READ, .server_id = STR_INIT("5:1") };
	static const struct {
		const char *what, *refused; /* NULL: applied */
		const char *asked_key, *key;
		bool more;
		struct sync_item command; /* no server_id: none */
		bool marks;               /* the phone marks 5:1 as read */
		uint32_t answered;        /* its status; 0: silence */
		size_t messages;          /* after */
	} cases[] = {
		{ .what = "nothing", .asked_key = "7", .key = "7", .messages = 1 },
		{ .what = "key 0", .asked_key = "0", .key = "8", .messages = 1 },
		{ .what = "key 0 for an answer", .refused = "no SyncKey", .asked_key = "7", .key = "0" },
		{ .what = "the same key with a command",
		  .refused = "did not change",
		  .asked_key = "7",
		  .key = "7",
		  .command = { .kind = SYNC_GONE, .server_id = STR_INIT("5:1") } },
		{ .what = "the same key with more",
		  .refused = "MoreAvailable",
		  .asked_key = "7",
		  .key = "7",
		  .more = true },
		{ .what = "content for key 0",
		  .refused = "SyncKey 0 has content",
		  .asked_key = "0",
		  .key = "8",
		  .command = { .kind = SYNC_GONE, .server_id = STR_INIT("5:1") } },
		{ .what = "an Add",
		  .asked_key = "7",
		  .key = "8",
		  .messages = 2,
		  .command = { .kind = SYNC_ADD,
			       .server_id = STR_INIT("5:2"),
			       .mail.body = { .present = true, .type = 4, .has_data = true } } },
		{ .what = "an Add of what is there",
		  .refused = "which the phone has",
		  .asked_key = "7",
		  .key = "8",
		  .command = { .kind = SYNC_ADD,
			       .server_id = STR_INIT("5:1"),
			       .mail.body = { .present = true, .type = 4, .has_data = true } } },
		{ .what = "an Add without a body",
		  .refused = "has no Body",
		  .asked_key = "7",
		  .key = "8",
		  .command = { .kind = SYNC_ADD, .server_id = STR_INIT("5:2") } },
		{ .what = "a body of another type",
		  .refused = "type 1, asked for was 4",
		  .asked_key = "7",
		  .key = "8",
		  .command = { .kind = SYNC_ADD,
			       .server_id = STR_INIT("5:2"),
			       .mail.body = { .present = true, .type = 1 } } },
		{ .what = "a body cut unasked",
		  .refused = "truncated, unasked",
		  .asked_key = "7",
		  .key = "8",
		  .command = { .kind = SYNC_ADD,
			       .server_id = STR_INIT("5:2"),
			       .mail.body = { .present = true, .type = 4, .has_data = true, .truncated = true } } },
		{ .what = "a Change",
		  .asked_key = "7",
		  .key = "8",
		  .messages = 1,
		  .command = { .kind = SYNC_CHANGE,
			       .server_id = STR_INIT("5:1"),
			       .mail = { .has_read = true, .read = true } } },
		{ .what = "a Change of what is not there",
		  .refused = "which the phone has not",
		  .asked_key = "7",
		  .key = "8",
		  .command = { .kind = SYNC_CHANGE, .server_id = STR_INIT("5:3") } },
		{ .what = "a Delete",
		  .asked_key = "7",
		  .key = "8",
		  .messages = 0,
		  .command = { .kind = SYNC_GONE, .server_id = STR_INIT("5:1") } },
		{ .what = "a Delete of what is not there",
		  .asked_key = "7",
		  .key = "8",
		  .messages = 1,
		  .command = { .kind = SYNC_GONE, .server_id = STR_INIT("5:3") } },
		{ .what = "a SoftDelete",
		  .asked_key = "7",
		  .key = "8",
		  .messages = 0,
		  .command = { .kind = SYNC_SOFT_DELETE, .server_id = STR_INIT("5:1") } },
		{ .what = "a SoftDelete of what is not there",
		  .refused = "which the phone has not",
		  .asked_key = "7",
		  .key = "8",
		  .command = { .kind = SYNC_SOFT_DELETE, .server_id = STR_INIT("5:3") } },
		{ .what = "a command of ours, taken", .asked_key = "7", .key = "8", .marks = true, .messages = 1 },
		{ .what = "a command of ours, refused",
		  .refused = "refuses the command on 5:1: status 8",
		  .asked_key = "7",
		  .key = "8",
		  .marks = true,
		  .answered = 8 },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		struct sync_options options = { .body = BODY_MIME, .window = 1 };
		struct sync_item command = cases[i].command, answer = { .kind = SYNC_CHANGE,
									.status = cases[i].answered,
									.server_id = mark.server_id };
		struct sync_collection asked = {
			.id = S("5"), .key = str_of(cases[i].asked_key), .commands = &mark, .commands_n = cases[i].marks
		};
		struct sync_collection_reply reply = {
			.status = 1, .more = cases[i].more, .id = S("5"), .key = str_of(cases[i].key)
		};
		struct apply_counts counts = { 0 };
		const struct message *msg;
		enum err e;

		assert_int_equal(mailbox_reset(&b->m, &b->why), ERR_OK);
		add(b, "5:1", "one");
		assert_int_equal(mailbox_commit(&b->m, S("7"), &b->why), ERR_OK);
		if (command.server_id.n)
			reply.commands = (struct sync_list){ .first = &command, .n = 1 };
		if (cases[i].answered)
			reply.responses = (struct sync_list){ .first = &answer, .n = 1 };
		buf_clear(&b->why);
		e = apply_collection(&b->m, &(struct apply_args){ &asked, &options, &reply, NULL }, &counts, &b->why);
		if ((e != ERR_OK) != (cases[i].refused != NULL) ||
		    (cases[i].refused && str_find(buf_view(&b->why), str_of(cases[i].refused)) == b->why.n))
			fail_msg("%s: \"%.*s\"", cases[i].what, (int)b->why.n, b->why.p ? b->why.p : "");
		if (!e && table_count(b->m.messages) != cases[i].messages)
			fail_msg("%s: %zu messages", cases[i].what, table_count(b->m.messages));
		msg = mailbox_find(&b->m, S("5:1"));
		if (!e && msg && msg->read != (cases[i].marks || command.mail.has_read))
			fail_msg("%s: read or not", cases[i].what);
		reopen(b);
		if (e && !cases[i].answered &&
		    (table_count(b->m.messages) != 1 || !str_eq(buf_view(&b->m.key), S("7"))))
			fail_msg("%s: a refused response was saved", cases[i].what);
	}
}

/* The server does not tell the phone of its own event: it is there by the answer, and must have one. */
static void an_event_of_ours_has_the_id_of_the_answer(void **state)
{
	static const struct event event = { STR_INIT("20300716T100000Z"), STR_INIT("20300716T110000Z"),
					    STR_INIT("Lunch"), NULL, 0 };
	static const struct sync_command add = { .act = SYNC_ADD_EVENT, .server_id = STR_INIT("c1"), .event = &event };
	static const struct {
		const char *answers, *refused; /* the ClientId; NULL: applied */
		uint32_t status;
	} cases[] = { { "c1", NULL, 1 }, { "c2", "is not answered", 1 }, { "c1", "status 6", 6 } };
	struct bench *b = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		struct sync_item answer = { .kind = SYNC_ADD,
					    .class = CLASS_CALENDAR,
					    .status = cases[i].status,
					    .server_id = S("5:7"),
					    .client_id = str_of(cases[i].answers) };
		const struct sync_collection asked = {
			.id = S("5"), .key = S("7"), .class = CLASS_CALENDAR, .commands = &add, .commands_n = 1
		};
		const struct sync_collection_reply reply = {
			.status = 1, .id = S("5"), .key = S("8"), .responses = { .first = &answer, .n = 1 }
		};
		const struct sync_options options = { .window = 1 };
		struct apply_counts counts = { 0 };
		enum err e;

		assert_int_equal(mailbox_reset(&b->m, &b->why), ERR_OK);
		buf_clear(&b->why);
		e = apply_collection(&b->m, &(struct apply_args){ &asked, &options, &reply, NULL }, &counts, &b->why);
		assert_int_equal(e != ERR_OK, cases[i].refused != NULL);
		assert_true(!e || str_find(buf_view(&b->why), str_of(cases[i].refused)) < b->why.n);
		assert_int_equal(table_count(b->m.messages), e ? 0 : 1);
		if (!e)
			assert_file(b, "5:7.txt",
				    "StartTime: 20300716T100000Z\nEndTime: 20300716T110000Z\nSubject: Lunch\n"
				    "BusyStatus: busy\n\n");
	}
}

static void as_many_commands_as_the_window_are_taken_and_one_more_is_not(void **state)
{
	struct bench *b = *state;
	struct sync_item items[3] = { { .next = &items[1], .kind = SYNC_GONE, .server_id = STR_INIT("1") },
				      { .next = &items[2], .kind = SYNC_GONE, .server_id = STR_INIT("2") },
				      { .kind = SYNC_GONE, .server_id = STR_INIT("3") } };
	struct sync_collection_reply reply = {
		.status = 1, .id = STR_INIT("5"), .key = STR_INIT("8"), .commands = { .first = items, .n = 3 }
	};
	const struct sync_collection asked = { .id = STR_INIT("5"), .key = STR_INIT("7") };
	struct sync_options options = { .window = 3 };
	struct apply_counts counts = { 0 };

	assert_int_equal(
		apply_collection(&b->m, &(struct apply_args){ &asked, &options, &reply, NULL }, &counts, &b->why),
		ERR_OK);
	options.window = 2;
	assert_int_equal(
		apply_collection(&b->m, &(struct apply_args){ &asked, &options, &reply, NULL }, &counts, &b->why),
		ERR_INVALID);
}

static void the_phones_state_is_there_again(void **state)
{
	struct bench *b = *state;
	const struct folder *f;
	struct state s;

	assert_int_equal(state_open(&s, b->tmp.path, &b->why), ERR_OK);
	assert_true(str_eq(buf_view(&s.hierarchy_key), S("0")));
	s.policy_key = 4294967295;
	buf_clear(&s.hierarchy_key);
	buf_cstr(&s.hierarchy_key, "a b");
	state_add_folder(&s, S("2"), S("0"), 2, S("In box\n\xc3\xa4"));
	state_add_folder(&s, S("3"), S("2"), 12, S(""));
	assert_int_equal(state_save(&s, &b->why), ERR_OK);
	state_close(&s);
	assert_int_equal(state_open(&s, b->tmp.path, &b->why), ERR_OK);
	assert_int_equal(s.policy_key, 4294967295);
	assert_true(str_eq(buf_view(&s.hierarchy_key), S("a b")));
	f = state_folder_named(&s, S("IN BOX\n\xc3\xa4"));
	assert_non_null(f);
	assert_string_equal(f->id, "2");
	f = state_folder_named(&s, S("3"));
	assert_non_null(f);
	assert_string_equal(f->parent, "2");
	assert_int_equal(f->type, 12);
	state_close(&s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_committed_is_there_again),
		TEST(what_was_not_committed_is_forgotten),
		TEST(a_message_that_goes_and_comes_back_keeps_its_file),
		TEST(a_damaged_index_is_not_taken),
		TEST(a_reset_begins_with_key_0),
		TEST(responses_are_applied_or_refused),
		TEST(an_event_of_ours_has_the_id_of_the_answer),
		TEST(as_many_commands_as_the_window_are_taken_and_one_more_is_not),
		TEST(the_phones_state_is_there_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
