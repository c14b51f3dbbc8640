/* Answers of who is away: to people who wrote to him, once in a period, and to nobody else (RFC 3834). */
#include "scene.h"

#include <gateway/mailbox/autoreply.h>
#include <gateway/mailbox/entry.h>
#include <store/oof.h>
#include <store/sql/sql.h>

#include <stdio.h>

#define TO_BOB "From: ann@example.test\r\nTo: bob@example.test\r\nSubject: lunch\r\nMessage-ID: <1@x>\r\n"

static void set_oof(struct scene *c, const struct oof *oof)
{
	struct store_tx *tx;

	assert_ok(store_begin(c->s.store, c->bob.mailbox, STORE_WRITE, &tx));
	assert_ok(oof_set(tx, oof));
	assert_ok(store_commit(&tx));
}

static struct oof away(void)
{
	return (struct oof){ .state = OOF_ON,
			     .message = { [OOF_INTERNAL] = { true, false, STR_INIT("I am away, colleague.") },
					  [OOF_EXTERNAL_KNOWN] = { true, false, STR_INIT("known") },
					  [OOF_EXTERNAL_UNKNOWN] = {
						  true, true, STR_INIT("<p>I am <b>away</b>, stranger.</p>") } } };
}

static size_t answers(struct scene *c)
{
	struct item *items;

	scene_run(c);
	return scene_items(c, c->ann.mailbox, FOLDER_INBOX, &items);
}

static void a_colleague_is_answered_once_in_a_period(void **unused)
{
	SCENE(c);
	struct oof oof = away();

	(void)unused;
	(void)scene_send(&c, TO_BOB "\r\nhi\r\n");
	assert_int_equal(answers(&c), 0);
	set_oof(&c, &oof);
	(void)scene_send(&c, TO_BOB "\r\nhi\r\n");
	assert_int_equal(answers(&c), 1);
	struct str text = scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 0);
	assert_has(text, "Return-Path: <>\r\n");
	assert_has(text, "\r\nTo: <ann@example.test>\r\nSubject: Automatic reply: lunch\r\nIn-Reply-To: <1@x>\r\n"
			 "References: <1@x>\r\nAuto-Submitted: auto-replied\r\n");
	assert_has(text, "\r\nFrom: bob@example.test\r\n");
	assert_has(text, "I am away, colleague.");
	(void)scene_send(&c, TO_BOB "\r\nhi\r\n");
	assert_int_equal(answers(&c), 1);
	set_oof(&c, &oof); /* the same again is no new period */
	(void)scene_send(&c, TO_BOB "\r\nhi\r\n");
	assert_int_equal(answers(&c), 1);
	oof.message[OOF_INTERNAL].reply = S("Still away.");
	set_oof(&c, &oof);
	(void)scene_send(&c, TO_BOB "\r\nhi\r\n");
	assert_int_equal(answers(&c), 2);
	assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 1), "Still away.");
}

static void times_bound_the_absence(void **unused)
{
	SCENE(c);
	struct oof oof = away();

	(void)unused;
	oof.state = OOF_TIMED;
	oof.start_ms = SERVER_NOW_MS + 1000;
	oof.end_ms = SERVER_NOW_MS + 2000;
	set_oof(&c, &oof);
	(void)scene_send(&c, TO_BOB "\r\nhi\r\n");
	assert_int_equal(answers(&c), 0);
	scene_advance(&c, 1000);
	(void)scene_send(&c, TO_BOB "\r\nhi\r\n");
	assert_int_equal(answers(&c), 1);
	scene_advance(&c, 1000);
	oof.message[OOF_INTERNAL].reply = S("x");
	set_oof(&c, &oof);
	(void)scene_send(&c, TO_BOB "\r\nhi\r\n");
	assert_int_equal(answers(&c), 1);
}

/* RFC 3834 2, by what a message says of itself. */
static void nobody_is_answered_who_is_no_person(void **unused)
{
	static const struct {
		const char *what, *sender, *text;
		bool answered;
	} cases[] = {
		{ "a person", "eve@x.test", TO_BOB "\r\n", true },
		{ "in Cc", "eve2@x.test", "To: x@y.test\r\nCc: Bob <BOB+x@example.test>\r\n\r\n", true },
		{ "in neither", "eve3@x.test", "To: x@y.test\r\n\r\n", false },
		{ "a bounce", "", TO_BOB "\r\n", false },
		{ "himself", "bob@example.test", TO_BOB "\r\n", false },
		{ "auto-submitted", "a@x.test", "Auto-Submitted: auto-generated\r\n" TO_BOB "\r\n", false },
		{ "not auto-submitted", "b@x.test", "Auto-Submitted: no\r\n" TO_BOB "\r\n", true },
		{ "a list", "c@x.test", "List-Id: <l.x.test>\r\n" TO_BOB "\r\n", false },
		{ "bulk", "d@x.test", "Precedence: bulk\r\n" TO_BOB "\r\n", false },
		{ "a report", "e@x.test",
		  "Content-Type: multipart/report; boundary=b\r\n" TO_BOB "\r\n--b\r\n\r\nx\r\n--b--\r\n", false },
		{ "a list's owner", "owner-list@x.test", TO_BOB "\r\n", false },
		{ "a list's request address", "list-request@x.test", TO_BOB "\r\n", false },
		{ "the mail system", "MAILER-DAEMON@x.test", TO_BOB "\r\n", false },
		{ "who wants no answer", "no-reply@x.test", TO_BOB "\r\n", false },
	};
	SCENE(c);
	struct oof oof = away();
	size_t queued = 0;

	(void)unused;
	set_oof(&c, &oof);
	for (size_t i = 0; i < countof(cases); i++) {
		struct intake *in;

		assert_ok(intake_new(c.s.dir.path, INTAKE_MAX_BYTES_DEFAULT, &in));
		assert_ok(intake_put(in, str_of(cases[i].text)));
		assert_ok(intake_finish(in));
		autoreply_consider(&c.service, c.bob.id, str_of(cases[i].sender), in);
		intake_free(&in);
		queued += cases[i].answered;
		if (scene_open_entries(&c) != queued)
			fail_msg("%s: %zu in the queue, not %zu", cases[i].what, scene_open_entries(&c), queued);
	}
}

/* MS-ASCMD_R3514, MS-ASCMD_R3516, MS-ASCMD_R794 */
static void strangers_are_told_what_is_for_strangers(void **unused)
{
	SCENE(c);
	struct oof oof = away();
	struct intake *in;

	(void)unused;
	for (int i = 0; i < 2; i++) {
		set_oof(&c, &oof);
		assert_ok(intake_new(c.s.dir.path, INTAKE_MAX_BYTES_DEFAULT, &in));
		assert_ok(intake_put(in, S(TO_BOB "\r\n")));
		assert_ok(intake_finish(in));
		autoreply_consider(&c.service, c.bob.id, S("eve@x.test"), in);
		intake_free(&in);
		assert_int_equal(scene_open_entries(&c), 1);
		oof.message[OOF_EXTERNAL_UNKNOWN].enabled = false; /* then not at all */
	}
	struct queue_entry e = scene_entry(&c, 1);
	assert_int_equal(e.kind, QUEUE_AUTOREPLY);
	assert_int_equal(e.sender.n, 0);
	assert_true(str_eq(e.recipients[0].address, S("eve@x.test")));
}

static void add_card(struct scene *c, enum folder_role role, const char *email)
{
	char text[256];
	struct store_tx *tx;
	struct item made;
	int64_t folder;

	(void)snprintf(text, sizeof(text), "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Eve\r\nEMAIL:%s\r\nEND:VCARD\r\n", email);
	assert_ok(store_begin(c->s.store, c->bob.mailbox, STORE_WRITE, &tx));
	assert_ok(folder_by_role(tx, role, &folder));
	assert_ok(entry_add(
		tx,
		&(struct entry){
			.folder = folder, .octets = str_of(text), .now_ms = SERVER_NOW_MS, .by = AUTHOR_NOBODY },
		&made));
	assert_ok(store_commit(&tx));
}

/* MS-ASCMD_R3514: the audience of his contacts. */
static void contacts_are_told_what_is_for_contacts(void **unused)
{
	static const struct {
		const char *sender;
		bool known;
	} cases[] = {
		{ "eve@x.test", true },     { "EVE@X.test", true },
		{ "adam@x.test", true },    { "steve@x.test", false }, /* the text of a card has that in it */
		{ "cached@x.test", false }, { "nobody@x.test", false },
	};
	SCENE(c);
	struct oof oof = away();
	size_t queued = 0;

	(void)unused;
	add_card(&c, FOLDER_DEFAULT_CONTACTS, "eve@x.test");
	add_card(&c, FOLDER_DEFAULT_CONTACTS, "Adam <adam@x.test>");
	add_card(&c, FOLDER_DEFAULT_CONTACTS, "mysteve@x.test");
	add_card(&c, FOLDER_RECIPIENT_CACHE, "cached@x.test");
	oof.message[OOF_EXTERNAL_UNKNOWN].enabled = false;
	for (size_t i = 0; i < countof(cases); i++) {
		struct intake *in;

		oof.message[OOF_EXTERNAL_KNOWN].reply = str_of(cases[i].sender); /* a new period each */
		set_oof(&c, &oof);
		assert_ok(intake_new(c.s.dir.path, INTAKE_MAX_BYTES_DEFAULT, &in));
		assert_ok(intake_put(in, S(TO_BOB "\r\n")));
		assert_ok(intake_finish(in));
		autoreply_consider(&c.service, c.bob.id, str_of(cases[i].sender), in);
		intake_free(&in);
		queued += cases[i].known;
		if (scene_open_entries(&c) != queued)
			fail_msg("%s: %zu in the queue, not %zu", cases[i].sender, scene_open_entries(&c), queued);
	}
}

/* Killed between the queue and the mailbox: the name keeps it from going twice. */
static void an_answer_that_was_queued_and_not_noted_goes_once(void **unused)
{
	SCENE(c);
	struct oof oof = away();
	static const struct sql_def forget = { "test_forget", "DELETE FROM oof_told" };

	(void)unused;
	set_oof(&c, &oof);
	(void)scene_send(&c, TO_BOB "\r\nhi\r\n");
	assert_int_equal(answers(&c), 1);
	struct store_tx *tx;
	struct sql_stmt *st;
	assert_ok(store_begin(c.s.store, c.bob.mailbox, STORE_WRITE, &tx));
	assert_ok(sql_use(store_tx_db(tx), &forget, &st));
	assert_ok(sql_run(st));
	assert_ok(store_commit(&tx));
	(void)scene_send(&c, TO_BOB "\r\nhi\r\n");
	assert_int_equal(answers(&c), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_colleague_is_answered_once_in_a_period),
		cmocka_unit_test(times_bound_the_absence),
		cmocka_unit_test(nobody_is_answered_who_is_no_person),
		cmocka_unit_test(strangers_are_told_what_is_for_strangers),
		cmocka_unit_test(contacts_are_told_what_is_for_contacts),
		cmocka_unit_test(an_answer_that_was_queued_and_not_noted_goes_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
