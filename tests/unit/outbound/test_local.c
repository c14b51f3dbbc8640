/* What the queue does without a smarthost: mailboxes of ours, and reports of what can't be delivered. */
#include "scene.h"

#include <store/account.h>
#include <store/paths.h>
#include <store/share.h>

#include <stdio.h>

#define TEXT "Subject: hello\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@x>\r\n"

static void a_message_to_an_account_lies_in_its_inbox(void **unused)
{
	SCENE(c);
	struct item *items;
	int64_t id = scene_send(&c, "To: bob@example.test\r\nBcc: eve@example.test\r\n" TEXT "\r\nhi\r\n");

	(void)unused;
	scene_run(&c);
	assert_int_equal(scene_items(&c, c.bob.mailbox, FOLDER_INBOX, &items), 1);
	assert_int_equal(items[0].flags, 0);
	struct str text = scene_text(&c, c.bob.mailbox, FOLDER_INBOX, 0);
	assert_true(str_starts(text, S("Return-Path: <ann@example.test>\r\n"
				       "Received: by mail.example.test with HTTP id q1;\r\n"
				       "\tThu, 01 Jan 2026 00:00:00 +0000\r\nTo: bob@example.test\r\n")));
	assert_true(str_ends(text, S("\r\n\r\nhi\r\n")));
	assert_lacks(text, "eve@");
	struct queue_entry e = scene_entry(&c, id);
	assert_true(e.finished_ms > 0);
	assert_int_equal(e.blob, 0);
	assert_int_equal(e.recipients[0].state, QUEUE_DELIVERED);
	/* eve has no account: ann is told, and of her alone. */
	assert_int_equal(e.recipients[1].state, QUEUE_FAILED);
	assert_true(str_eq(e.recipients[1].status, S("5.1.1")));
	assert_int_equal(scene_items(&c, c.ann.mailbox, FOLDER_INBOX, &items), 1);
	text = scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 0);
	assert_has(text, "Return-Path: <>\r\n");
	assert_has(text, "Content-Type: multipart/report; report-type=delivery-status;");
	assert_has(text, "Auto-Submitted: auto-replied\r\n");
	assert_has(text, "Final-Recipient: rfc822;eve@example.test\r\nAction: failed\r\nStatus: 5.1.1\r\n");
	assert_lacks(text, "Final-Recipient: rfc822;bob@example.test");
	assert_has(text, "Content-Type: message/rfc822\r\n\r\nTo: bob@example.test\r\n");
	assert_int_equal(scene_open_entries(&c), 0);
}

static void two_addresses_of_one_account_get_one_copy(void **unused)
{
	SCENE(c);
	struct item *items;

	(void)unused;
	(void)scene_send(&c, "To: bob@example.test, bob+x@example.test, BOB@example.test\r\n\r\nhi\r\n");
	scene_run(&c);
	assert_int_equal(scene_items(&c, c.bob.mailbox, FOLDER_INBOX, &items), 1);
}

static void without_a_smarthost_other_domains_fail_at_once(void **unused)
{
	SCENE(c);
	int64_t id = scene_send(&c, "To: carol@elsewhere.test\r\n" TEXT "\r\nhi\r\n");

	(void)unused;
	scene_run(&c);
	assert_true(str_eq(scene_entry(&c, id).recipients[0].status, S("5.4.4")));
	assert_has(scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 0),
		   "Diagnostic-Code: x-roost; no smarthost is configured for mail to other servers\r\n");
}

/* Its octets are gone from the disk: the sender hears that it did not go, and the queue is done with it. */
static void a_message_that_is_damaged_comes_back_as_far_as_it_can_be_read(void **unused)
{
	SCENE(c);
	CLEANUP(buf_release) struct buf mail = BUF_INIT(1 << 20);
	CLEANUP(path_free) char *queue = path_join(c.s.dir.path, "queue");
	CLEANUP(path_free) char *away = path_join(c.s.dir.path, "away");

	(void)unused;
	buf_cstr(&mail, "To: carol@elsewhere.test\r\n" TEXT "\r\n");
	while (mail.n < 300 * 1024)
		buf_cstr(&mail, "a line of a message that is too large for the table\r\n");
	buf_char(&mail, '\0');
	int64_t id = scene_send(&c, mail.p);
	assert_int_equal(rename(queue, away), 0);
	scene_run(&c);
	assert_true(scene_entry(&c, id).finished_ms > 0);
	assert_int_equal(scene_open_entries(&c), 0);
	struct str text = scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 0);
	assert_has(text, "Final-Recipient: rfc822;carol@elsewhere.test\r\nAction: failed\r\n");
	assert_has(text, "could not be read\r\n");
}

/* RFC 3461. */
static void reports_are_as_the_sender_asked(void **unused)
{
	static const struct {
		const char *what, *to;
		unsigned notify;
		enum queue_ret ret;
		const char *has, *lacks; /* has NULL: no report */
	} cases[] = {
		{ "failure, nothing said", "x@example.test", 0, QUEUE_RET_NOT_SAID, "\r\n\r\nthe body", "Original-" },
		{ "failure never", "x@example.test", QUEUE_NOTIFY_NEVER, QUEUE_RET_NOT_SAID, NULL, NULL },
		{ "failure, told of success alone", "x@example.test", QUEUE_NOTIFY_SUCCESS, QUEUE_RET_NOT_SAID, NULL,
		  NULL },
		{ "failure, headers", "x@example.test", QUEUE_NOTIFY_FAILURE, QUEUE_RET_HEADERS,
		  "Content-Type: text/rfc822-headers\r\n\r\nTo: ", "the body" },
		{ "success, nothing said", "bob@example.test", 0, QUEUE_RET_NOT_SAID, NULL, NULL },
		{ "success", "bob@example.test", QUEUE_NOTIFY_SUCCESS, QUEUE_RET_FULL,
		  "Action: delivered\r\nStatus: 2.1.5\r\n", "the body" },
	};
	SCENE(c);
	size_t told = 0;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct queue_recipient to = { .address = str_of(cases[i].to),
						    .orcpt = S("rfc822;orig+2Bx@example.test"),
						    .notify = cases[i].notify };
		struct send_args args = {
			.recipients = &to, .recipients_n = 1, .envid = S("QQ314159"), .ret = cases[i].ret
		};
		struct item *items;

		(void)scene_send_with(&c, "To: list\r\n" TEXT "\r\nthe body\r\n", args);
		scene_run(&c);
		size_t n = scene_items(&c, c.ann.mailbox, FOLDER_INBOX, &items);
		if ((n > told) != (cases[i].has != NULL))
			fail_msg("%s: %zu reports", cases[i].what, n - told);
		told = n;
		if (!cases[i].has)
			continue;
		struct str text = scene_text(&c, c.ann.mailbox, FOLDER_INBOX, n - 1);
		assert_has(text, cases[i].has);
		assert_has(text, "Original-Envelope-Id: QQ314159\r\n");
		assert_has(text, "Original-Recipient: rfc822;orig+2Bx@example.test\r\n");
		if (i > 0)
			assert_lacks(text, cases[i].lacks);
	}
}

static void nobody_is_told_of_a_report_that_cannot_be_delivered(void **unused)
{
	SCENE(c);
	struct send_args args = { .sender = S("") };
	const struct queue_recipient to = { .address = S("x@example.test") };

	(void)unused;
	args.recipients = &to;
	args.recipients_n = 1;
	(void)scene_send_with(&c, "To: x\r\n\r\nx\r\n", args);
	scene_run(&c);
	struct item *items;
	assert_int_equal(scene_items(&c, c.ann.mailbox, FOLDER_INBOX, &items), 0);
	assert_int_equal(scene_open_entries(&c), 0);
}

/* RFC 6533. */
static void a_report_of_an_address_in_utf8_says_so(void **unused)
{
	SCENE(c);

	(void)unused;
	(void)scene_send(&c, "To: j\xc3\xb6rg@example.test\r\n\r\nx\r\n");
	scene_run(&c);
	struct str text = scene_text(&c, c.ann.mailbox, FOLDER_INBOX, 0);
	assert_has(text, "report-type=global-delivery-status");
	assert_has(text, "Final-Recipient: utf-8;j\xc3\xb6rg@example.test\r\n");
}

/* sync-engine rule 16: the mailbox has it, the directory has not heard; whoever comes next does not do it again. */
static void a_delivery_that_was_not_written_down_is_not_repeated(void **unused)
{
	SCENE(c);
	struct item *items;
	int64_t id = scene_send(&c, "To: bob@example.test, x@example.test\r\n\r\nhi\r\n");
	struct queue_entry e = scene_entry(&c, id);
	struct store_tx *tx;

	(void)unused;
	assert_ok(store_begin(c.s.store, c.bob.mailbox, STORE_WRITE, &tx));
	assert_ok(queue_step_note(tx, &e, QUEUE_STEP_DELIVERED));
	assert_ok(store_commit(&tx));
	scene_run(&c);
	assert_int_equal(scene_items(&c, c.bob.mailbox, FOLDER_INBOX, &items), 0);
	assert_int_equal(scene_entry(&c, id).recipients[0].state, QUEUE_DELIVERED);
}

/* A request that his delegate alone is to have. */
static void what_is_left_to_a_delegate_is_delivered_once(void **unused)
{
	SCENE(c);
	struct item *items;
	const struct share share = { .owner = c.bob.id,
				     .guest = c.ann.id,
				     .folder = 7,
				     .calendar = true,
				     .edits = true,
				     .meetings = SHARE_MEETINGS_DELEGATES };
	struct queue_entry e;
	struct store_tx *tx;
	int64_t id;
	bool known;

	(void)unused;
	assert_ok(store_begin(c.s.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(share_set(tx, &share));
	assert_ok(store_commit(&tx));
	id = scene_send(&c, "From: ann@example.test\r\nTo: bob@example.test\r\n" TEXT
			    "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n"
			    "BEGIN:VEVENT\r\nUID:u\r\nDTSTART:20260105T090000Z\r\nORGANIZER:mailto:ann@example.test\r\n"
			    "ATTENDEE:mailto:bob@example.test\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
	e = scene_entry(&c, id);
	scene_run(&c);
	assert_int_equal(scene_items(&c, c.bob.mailbox, FOLDER_INBOX, &items), 0);
	assert_int_equal(scene_items(&c, c.bob.mailbox, FOLDER_DEFAULT_CALENDAR, &items), 1);
	assert_int_equal(scene_items(&c, c.ann.mailbox, FOLDER_INBOX, &items), 1);
	assert_int_equal(scene_entry(&c, id).recipients[0].state, QUEUE_DELIVERED);
	assert_ok(store_begin(c.s.store, c.bob.mailbox, STORE_READ, &tx)); /* so that a repeat does nothing */
	assert_ok(queue_step_known(tx, &e, QUEUE_STEP_DELIVERED, &known));
	store_tx_end(&tx);
	assert_true(known);
}

static void the_threads_do_what_is_due(void **unused)
{
	SCENE(c);
	struct item *items;
	enum { MAILS = 40, PATIENCE_MS = 240000 };

	(void)unused;
	assert_ok(outbound_start(c.outbound));
	c.service.wake = outbound_wake;
	c.service.ctx = c.outbound;
	for (unsigned i = 0; i < MAILS; i++)
		(void)scene_send(&c, "To: bob@example.test\r\n\r\nhi\r\n");
	int64_t until_ms = clock_mono_ms(clock_real()) + PATIENCE_MS;
	while (scene_open_entries(&c) > 0) {
		arena_reset(&c.a);
		if (clock_mono_ms(clock_real()) > until_ms)
			fail_msg("%zu are still open", scene_open_entries(&c));
	}
	assert_int_equal(scene_items(&c, c.bob.mailbox, FOLDER_INBOX, &items), MAILS);
}

static void waits_grow_to_an_hour(void **unused)
{
	(void)unused;
	assert_int_equal(outbound_retry_after_ms(1), 60 * 1000);
	assert_int_equal(outbound_retry_after_ms(2), 120 * 1000);
	assert_int_equal(outbound_retry_after_ms(6), 32 * 60 * 1000);
	assert_int_equal(outbound_retry_after_ms(7), 60 * 60 * 1000);
	assert_int_equal(outbound_retry_after_ms(4000000000U), 60 * 60 * 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_to_an_account_lies_in_its_inbox),
		cmocka_unit_test(two_addresses_of_one_account_get_one_copy),
		cmocka_unit_test(without_a_smarthost_other_domains_fail_at_once),
		cmocka_unit_test(a_message_that_is_damaged_comes_back_as_far_as_it_can_be_read),
		cmocka_unit_test(reports_are_as_the_sender_asked),
		cmocka_unit_test(nobody_is_told_of_a_report_that_cannot_be_delivered),
		cmocka_unit_test(a_report_of_an_address_in_utf8_says_so),
		cmocka_unit_test(a_delivery_that_was_not_written_down_is_not_repeated),
		cmocka_unit_test(what_is_left_to_a_delegate_is_delivered_once),
		cmocka_unit_test(the_threads_do_what_is_due),
		cmocka_unit_test(waits_grow_to_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
