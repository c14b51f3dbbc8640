/* The smarthost: up, down, refusing, hanging up. Nothing is lost; nothing goes twice but where RFC 1047 leaves no choice. */
#include "scene.h"
#include "smtp_server.h"

#include <store/paths.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define TEXT "Subject: hello\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@x>\r\n"
#define MAIL "To: carol@elsewhere.test\r\n" TEXT "\r\nhi\r\n.dot\r\n..\r\n"

enum { HOUR_MS = 60 * 60 * 1000, WAIT_MS = 20000, NO_GREETING_MS = 200 };

struct world {
	struct scene c;
	struct smtp_server smtp;
	struct relay_config config;
};

static void world_close(struct world *w)
{
	scene_close(&w->c);
	smtp_server_release(&w->smtp);
}

static void world_open(struct world *w)
{
	w->smtp.hang_up_in_text = -1;
	smtp_server_start(&w->smtp);
	w->config = (struct relay_config){ .host = "127.0.0.1",
					   .port = w->smtp.port,
					   .tls = RELAY_PLAIN,
					   .hostname = "mail.example.test",
					   .wait_ms = WAIT_MS };
	scene_open(&w->c);
	w->c.relay = &w->config;
	scene_start(&w->c);
}
#define WORLD(w)                                     \
	CLEANUP(world_close) struct world w = { 0 }; \
	world_open(&w)

static size_t reports(struct world *w)
{
	struct item *items;

	return scene_items(&w->c, w->c.ann.mailbox, FOLDER_INBOX, &items);
}

static void a_message_goes_to_the_smarthost_as_it_is(void **unused)
{
	WORLD(w);

	(void)unused;
	int64_t id = scene_send(&w.c, MAIL);
	scene_run(&w.c);
	smtp_server_stop(&w.smtp);
	assert_int_equal(w.smtp.messages_n, 1);
	assert_true(str_eq(buf_view(&w.smtp.messages[0]), S("Received: by mail.example.test with HTTP id q1;\r\n"
							    "\tThu, 01 Jan 2026 00:00:00 +0000\r\n"
							    "To: carol@elsewhere.test\r\n" TEXT
							    "From: ann@example.test\r\n\r\nhi\r\n.dot\r\n..\r\n")));
	assert_has(buf_view(&w.smtp.heard), "\nMAIL FROM:<ann@example.test>\nRCPT TO:<carol@elsewhere.test>\nDATA\n");
	struct queue_entry e = scene_entry(&w.c, id);
	assert_int_equal(e.recipients[0].state, QUEUE_RELAYED);
	assert_true(str_eq(e.recipients[0].reply, S("250 2.6.0 queued")));
	assert_int_equal(reports(&w), 0);
}

static void what_the_smarthost_offers_is_used(void **unused)
{
	WORLD(w);
	const struct queue_recipient to[] = {
		{ .address = S("carol@elsewhere.test"),
		  .orcpt = S("rfc822;c@x"),
		  .notify = QUEUE_NOTIFY_SUCCESS | QUEUE_NOTIFY_DELAY },
		{ .address = S("dave@elsewhere.test"), .notify = QUEUE_NOTIFY_NEVER },
	};
	struct send_args args = {
		.recipients = to, .recipients_n = 2, .envid = S("QQ"), .ret = QUEUE_RET_HEADERS, .flags = QUEUE_UTF8
	};

	(void)unused;
	w.smtp.extensions = "250-SIZE 5000\r\n250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n";
	(void)scene_send_with(&w.c, "To: x\r\n\r\nj\xc3\xb6rg\r\n", args);
	scene_run(&w.c);
	smtp_server_stop(&w.smtp);
	assert_has(buf_view(&w.smtp.heard), "\nMAIL FROM:<ann@example.test> SIZE=");
	assert_has(buf_view(&w.smtp.heard), " BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ\n"
					    "RCPT TO:<carol@elsewhere.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c@x\n"
					    "RCPT TO:<dave@elsewhere.test> NOTIFY=NEVER\n");
	assert_int_equal(reports(&w), 0); /* the success is the smarthost's to report */
}

static void a_success_that_nobody_else_will_report_is_reported_as_relayed(void **unused)
{
	WORLD(w);
	const struct queue_recipient to = { .address = S("carol@elsewhere.test"), .notify = QUEUE_NOTIFY_SUCCESS };

	(void)unused;
	(void)scene_send_with(&w.c, MAIL, (struct send_args){ .recipients = &to, .recipients_n = 1 });
	scene_run(&w.c);
	assert_has(scene_text(&w.c, w.c.ann.mailbox, FOLDER_INBOX, 0), "Action: relayed\r\n");
}

static void what_the_smarthost_cannot_take_fails_at_once(void **unused)
{
	static const struct {
		const char *what, *extensions, *status;
		unsigned flags;
	} cases[] = {
		{ "no SMTPUTF8", NULL, "5.6.7", QUEUE_UTF8 },
		{ "too large", "250-SIZE 100\r\n", "5.3.4", 0 },
	};
	WORLD(w);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		smtp_server_stop(&w.smtp);
		w.smtp.extensions = cases[i].extensions;
		smtp_server_start(&w.smtp);
		int64_t id = scene_send_with(&w.c, MAIL, (struct send_args){ .flags = cases[i].flags });
		scene_run(&w.c);
		struct queue_entry e = scene_entry(&w.c, id);
		if (e.recipients[0].state != QUEUE_FAILED || !str_eq(e.recipients[0].status, str_of(cases[i].status)))
			fail_msg("%s", cases[i].what);
		assert_int_equal(reports(&w), i + 1);
	}
}

/* The promise: down for an hour, then everything arrives once. */
static void a_smarthost_that_is_down_for_an_hour_loses_nothing(void **unused)
{
	WORLD(w);
	enum { MAILS = 5 };

	(void)unused;
	smtp_server_stop(&w.smtp);
	for (unsigned i = 0; i < MAILS; i++)
		(void)scene_send(&w.c, MAIL);
	for (int64_t t = 0; t < HOUR_MS; t += 60 * 1000) {
		scene_run(&w.c);
		scene_advance(&w.c, 60 * 1000);
	}
	assert_int_equal(scene_open_entries(&w.c), MAILS);
	assert_int_equal(reports(&w), 0);
	smtp_server_start(&w.smtp);
	scene_advance(&w.c, HOUR_MS);
	scene_run(&w.c);
	scene_run(&w.c);
	smtp_server_stop(&w.smtp);
	assert_int_equal(w.smtp.messages_n, MAILS);
	assert_int_equal(scene_open_entries(&w.c), 0);
	assert_int_equal(reports(&w), 0);
}

/* One refusal each; then the server is well again. */
static void each_answer_means_what_rfc_5321_says(void **unused)
{
	static const struct {
		const char *what, *command, *reply;
		enum queue_state state;
		const char *status;
	} cases[] = {
		{ "no greeting", "CONNECT", NULL, QUEUE_PENDING, "4.4.1" },
		{ "busy", "CONNECT", "421 4.3.2 later\r\n", QUEUE_PENDING, "4.4.1" },
		{ "nonsense", "CONNECT", "hello\r\n", QUEUE_PENDING, "4.4.1" },
		{ "sender, not now", "MAIL", "451 4.7.1 later\r\n", QUEUE_PENDING, "4.7.1" },
		{ "sender, never", "MAIL", "550 5.7.1 no\r\n", QUEUE_FAILED, "5.7.1" },
		{ "sender, hangs up", "MAIL", NULL, QUEUE_PENDING, "4.4.2" },
		{ "sender, nonsense", "MAIL", "what?\r\n", QUEUE_PENDING, "4.4.2" },
		{ "login is missing", "MAIL", "530 5.7.0 log in\r\n", QUEUE_PENDING, "4.0.0" },
		{ "recipient, not now", "RCPT", "450 4.2.1 greylisted\r\n", QUEUE_PENDING, "4.2.1" },
		{ "recipient, never", "RCPT", "550-5.1.1 no\r\n550 5.1.1 such user\r\n", QUEUE_FAILED, "5.1.1" },
		{ "recipient, no status", "RCPT", "550 no\r\n", QUEUE_FAILED, "5.0.0" },
		{ "too many recipients", "RCPT", "552 5.5.3 too many\r\n", QUEUE_PENDING, "4.0.0" },
		{ "recipient, hangs up", "RCPT", NULL, QUEUE_PENDING, "4.4.2" },
		{ "text, not now", "DATA", "451 4.3.0 later\r\n", QUEUE_PENDING, "4.3.0" },
		{ "text, never", "DATA", "554 5.6.0 no\r\n", QUEUE_FAILED, "5.6.0" },
		{ "text, an answer that is none", "DATA", "250 2.0.0 ok\r\n", QUEUE_PENDING, "2.0.0" },
		{ "text, hangs up", "DATA", NULL, QUEUE_PENDING, "4.4.2" },
		{ "dot, not now", ".", "452 4.3.1 full\r\n", QUEUE_PENDING, "4.3.1" },
		{ "dot, never", ".", "554 5.7.1 spam\r\n", QUEUE_FAILED, "5.7.1" },
		{ "dot, hangs up", ".", NULL, QUEUE_PENDING, "4.4.2" },
	};
	WORLD(w);
	size_t failed = 0;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		smtp_server_stop(&w.smtp);
		w.smtp.rules[0] = (struct smtp_rule){ cases[i].command, cases[i].reply, 1 };
		size_t before = w.smtp.messages_n;
		smtp_server_start(&w.smtp);
		int64_t id = scene_send(&w.c, MAIL);
		/* Behind a greeting that is none, libcurl waits for another. */
		w.config.wait_ms = str_eq(str_of(cases[i].command), S("CONNECT")) ? NO_GREETING_MS : WAIT_MS;
		scene_run(&w.c);
		w.config.wait_ms = WAIT_MS;
		struct queue_entry e = scene_entry(&w.c, id);
		if (e.recipients[0].state != cases[i].state || !str_eq(e.recipients[0].status, str_of(cases[i].status)))
			fail_msg("%s: state %d, " STR_FMT " (" STR_FMT ")", cases[i].what, e.recipients[0].state,
				 STR_ARG(e.recipients[0].status), STR_ARG(e.recipients[0].reply));
		failed += cases[i].state == QUEUE_FAILED;
		assert_int_equal(reports(&w), failed);
		scene_advance(&w.c, HOUR_MS);
		scene_run(&w.c);
		assert_int_equal(scene_open_entries(&w.c), 0);
		smtp_server_stop(&w.smtp);
		if (w.smtp.messages_n - before != (cases[i].state == QUEUE_PENDING))
			fail_msg("%s: %zu arrived", cases[i].what, w.smtp.messages_n - before);
	}
}

/* Cut at places all over the message: none of them leaves half of it, and it comes whole, once. */
static void a_line_that_breaks_amid_the_message_costs_nothing(void **unused)
{
	WORLD(w);

	(void)unused;
	for (long at = 1; at < 200; at += 29) {
		smtp_server_stop(&w.smtp);
		w.smtp.hang_up_in_text = at;
		size_t before = w.smtp.messages_n;
		smtp_server_start(&w.smtp);
		int64_t id = scene_send(&w.c, MAIL);
		scene_run(&w.c);
		assert_int_equal(scene_entry(&w.c, id).recipients[0].state, QUEUE_PENDING);
		scene_advance(&w.c, HOUR_MS);
		scene_run(&w.c);
		smtp_server_stop(&w.smtp);
		assert_int_equal(w.smtp.messages_n - before, 1);
	}
}

/* RFC 1047: the one place where a message goes twice, and why it must. */
static void an_answer_to_the_last_dot_that_is_lost_sends_it_again(void **unused)
{
	WORLD(w);

	(void)unused;
	w.smtp.hang_up_after_dot = true;
	int64_t id = scene_send(&w.c, MAIL);
	scene_run(&w.c);
	assert_int_equal(scene_entry(&w.c, id).recipients[0].state, QUEUE_PENDING);
	scene_advance(&w.c, HOUR_MS);
	scene_run(&w.c);
	smtp_server_stop(&w.smtp);
	assert_int_equal(w.smtp.messages_n, 2);
	assert_true(str_eq(buf_view(&w.smtp.messages[0]), buf_view(&w.smtp.messages[1])));
}

static void recipients_are_refused_one_by_one(void **unused)
{
	WORLD(w);
	struct item *items;

	(void)unused;
	w.smtp.rules[0] = (struct smtp_rule){ "RCPT TO:<no@", "550 5.1.1 no such user\r\n", 0 };
	w.smtp.rules[1] = (struct smtp_rule){ "RCPT TO:<later@", "450 4.2.0 later\r\n", 1 };
	int64_t id =
		scene_send(&w.c, "To: yes@x.test, no@x.test, later@x.test, bob@example.test\r\n" TEXT "\r\nhi\r\n");
	scene_run(&w.c);
	struct queue_entry e = scene_entry(&w.c, id);
	assert_int_equal(e.recipients[0].state, QUEUE_RELAYED);
	assert_int_equal(e.recipients[1].state, QUEUE_FAILED);
	assert_int_equal(e.recipients[2].state, QUEUE_PENDING);
	assert_int_equal(e.recipients[3].state, QUEUE_DELIVERED);
	scene_advance(&w.c, HOUR_MS);
	scene_run(&w.c);
	smtp_server_stop(&w.smtp);
	assert_int_equal(w.smtp.messages_n, 2);
	assert_int_equal(scene_open_entries(&w.c), 0);
	assert_int_equal(scene_items(&w.c, w.c.bob.mailbox, FOLDER_INBOX, &items), 1);
	assert_int_equal(reports(&w), 1);
}

/* The disk has no room for the report: what went does not go again, and the sender hears of the rest later. */
static void a_report_that_cannot_be_written_doubles_nothing(void **unused)
{
	WORLD(w);
	CLEANUP(buf_release) struct buf mail = BUF_INIT(1 << 20);
	CLEANUP(path_free) char *tmp = path_join(w.c.s.dir.path, "queue/tmp");
	CLEANUP(path_free) char *away = path_join(w.c.s.dir.path, "queue/away");

	(void)unused;
	w.smtp.rules[0] = (struct smtp_rule){ "RCPT TO:<no@", "550 5.1.1 no such user\r\n", 0 };
	buf_cstr(&mail, "To: yes@x.test, no@x.test\r\n" TEXT "\r\n");
	while (mail.n < 300 * 1024)
		buf_cstr(&mail, "a line of a message that comes back in a file of its own\r\n");
	buf_char(&mail, '\0');
	int64_t id = scene_send(&w.c, mail.p);
	assert_int_equal(rename(tmp, away), 0);
	int blocked = creat(tmp, 0600);
	assert_true(blocked >= 0);
	close(blocked);
	scene_run(&w.c);
	struct queue_entry e = scene_entry(&w.c, id);
	assert_int_equal(e.recipients[0].state, QUEUE_RELAYED);
	assert_int_equal(e.recipients[1].state, QUEUE_PENDING);
	assert_int_equal(reports(&w), 0);
	assert_int_equal(unlink(tmp), 0);
	assert_int_equal(rename(away, tmp), 0);
	scene_advance(&w.c, HOUR_MS);
	scene_run(&w.c);
	smtp_server_stop(&w.smtp);
	assert_int_equal(scene_entry(&w.c, id).recipients[1].state, QUEUE_FAILED);
	assert_int_equal(reports(&w), 1);
	assert_int_equal(w.smtp.messages_n, 1);
}

static void a_message_that_cannot_go_comes_back_when_its_time_is_up(void **unused)
{
	WORLD(w);

	(void)unused;
	smtp_server_stop(&w.smtp);
	int64_t id = scene_send(&w.c, MAIL);
	for (int64_t t = 0; t <= SEND_EXPIRES_MS_DEFAULT + HOUR_MS; t += HOUR_MS / 2) {
		scene_run(&w.c);
		scene_advance(&w.c, HOUR_MS / 2);
		if (t < OUTBOUND_TELL_DELAY_MS)
			assert_int_equal(reports(&w), 0);
		else if (t < SEND_EXPIRES_MS_DEFAULT - 2 * HOUR_MS && t > OUTBOUND_TELL_DELAY_MS + 2 * HOUR_MS)
			assert_int_equal(reports(&w), 1);
	}
	assert_int_equal(scene_entry(&w.c, id).recipients[0].state, QUEUE_FAILED);
	assert_int_equal(reports(&w), 2);
	assert_has(scene_text(&w.c, w.c.ann.mailbox, FOLDER_INBOX, 0), "Action: delayed\r\n");
	assert_has(scene_text(&w.c, w.c.ann.mailbox, FOLDER_INBOX, 0), "Will-Retry-Until: Tue, 06 Jan 2026");
	assert_has(scene_text(&w.c, w.c.ann.mailbox, FOLDER_INBOX, 1), "Action: failed\r\nStatus: 4.4.7\r\n");
	assert_int_equal(scene_open_entries(&w.c), 0);
}

static void a_server_that_says_nothing_is_left(void **unused)
{
	WORLD(w);

	(void)unused;
	w.config.wait_ms = 600;
	smtp_server_stop(&w.smtp);
	w.smtp.rules[0] = (struct smtp_rule){ "MAIL", "", 1 };
	smtp_server_start(&w.smtp);
	int64_t id = scene_send(&w.c, MAIL);
	scene_run(&w.c);
	assert_int_equal(scene_entry(&w.c, id).recipients[0].state, QUEUE_PENDING);
}

static void a_login_that_fails_keeps_the_message(void **unused)
{
	WORLD(w);

	(void)unused;
	smtp_server_stop(&w.smtp);
	w.config.user = "ann";
	w.config.password = "secret";
	w.smtp.extensions = "250-AUTH PLAIN\r\n";
	w.smtp.rules[0] = (struct smtp_rule){ "AUTH", "535 5.7.8 no\r\n", 1 };
	w.smtp.rules[1] = (struct smtp_rule){ "AUTH", "235 2.7.0 yes\r\n", 0 };
	smtp_server_start(&w.smtp);
	int64_t id = scene_send(&w.c, MAIL);
	scene_run(&w.c);
	assert_int_equal(scene_entry(&w.c, id).recipients[0].state, QUEUE_PENDING);
	scene_advance(&w.c, HOUR_MS);
	scene_run(&w.c);
	smtp_server_stop(&w.smtp);
	assert_int_equal(w.smtp.messages_n, 1);
	assert_has(buf_view(&w.smtp.heard), "AUTH PLAIN");
}

static void a_server_without_tls_gets_neither_password_nor_mail(void **unused)
{
	WORLD(w);

	(void)unused;
	w.config.tls = RELAY_STARTTLS;
	w.config.user = "ann";
	w.config.password = "secret";
	int64_t id = scene_send(&w.c, MAIL);
	scene_run(&w.c);
	smtp_server_stop(&w.smtp);
	assert_int_equal(scene_entry(&w.c, id).recipients[0].state, QUEUE_PENDING);
	assert_lacks(buf_view(&w.smtp.heard), "AUTH");
	assert_lacks(buf_view(&w.smtp.heard), "MAIL");
}

static int init(void **unused)
{
	(void)unused;
	return relay_init() == ERR_OK ? 0 : 1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_goes_to_the_smarthost_as_it_is),
		cmocka_unit_test(what_the_smarthost_offers_is_used),
		cmocka_unit_test(a_success_that_nobody_else_will_report_is_reported_as_relayed),
		cmocka_unit_test(what_the_smarthost_cannot_take_fails_at_once),
		cmocka_unit_test(a_smarthost_that_is_down_for_an_hour_loses_nothing),
		cmocka_unit_test(each_answer_means_what_rfc_5321_says),
		cmocka_unit_test(a_line_that_breaks_amid_the_message_costs_nothing),
		cmocka_unit_test(an_answer_to_the_last_dot_that_is_lost_sends_it_again),
		cmocka_unit_test(recipients_are_refused_one_by_one),
		cmocka_unit_test(a_report_that_cannot_be_written_doubles_nothing),
		cmocka_unit_test(a_message_that_cannot_go_comes_back_when_its_time_is_up),
		cmocka_unit_test(a_server_that_says_nothing_is_left),
		cmocka_unit_test(a_login_that_fails_keeps_the_message),
		cmocka_unit_test(a_server_without_tls_gets_neither_password_nor_mail),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
