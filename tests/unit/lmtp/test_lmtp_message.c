/* What becomes of a message: its octets, its trace, and an answer of its own for each recipient. */
#include <tests/unit/lmtp/fixture.h>

#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/message.h>
#include <gateway/net/net.h>
#include <store/folder.h>
#include <store/mailbox.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { MAX_MESSAGE = 4 * 1024 * 1024 };

static void start(struct lmtp_fixture *f)
{
	lmtp_fixture_start(f, "127.0.0.1:0", MAX_MESSAGE);
}

static void begin_for_ann(struct client *c)
{
	lmtp_say(c, "MAIL FROM:<joe@far.test> BODY=8BITMIME\r\nRCPT TO:<ann@example.test>\r\n",
		 "250 2.1.0 ok\r\n250 2.1.5 ok\r\n");
}

static void the_octets_come_back_as_they_were_but_for_bare_LFs(void **unused)
{
	static const struct {
		const char *what;
		struct str sent, kept;
	} cases[] = {
		{ "plain", STR_INIT("A: b\r\n\r\nText\r\n"), STR_INIT("A: b\r\n\r\nText\r\n") },
		{ "eight bits", STR_INIT("\r\n\xff\xc3\xb6\x80\r\n"), STR_INIT("\r\n\xff\xc3\xb6\x80\r\n") },
		{ "NUL", STR_INIT("A: \0\r\n\r\n\0\r\n"), STR_INIT("A: \0\r\n\r\n\0\r\n") },
		{ "dots", STR_INIT("\r\n..\r\n..x\r\n.y\r\n"), STR_INIT("\r\n.\r\n.x\r\ny\r\n") },
		{ "bare LF", STR_INIT("A: b\n\nText\n\r\n"), STR_INIT("A: b\r\n\r\nText\r\n\r\n") },
		{ "bare CR", STR_INIT("A: b\r\rText\r\n"), STR_INIT("A: b\r\rText\r\n") },
		{ "LF . LF", STR_INIT("a\n.\nb\r\n"), STR_INIT("a\r\n.\r\nb\r\n") },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	start(&f);
	c = lmtp_fixture_client(&f);
	for (size_t i = 0; i < countof(cases); i++) {
		struct str kept;

		begin_for_ann(&c);
		lmtp_say(&c, "DATA\r\n", "354 go ahead\r\n");
		client_send(&c, cases[i].sent);
		lmtp_say(&c, ".\r\n", "250 2.0.0 delivered\r\n");
		kept = lmtp_inbox_text(&f, &a, &f.ann, i);
		if (!str_eq(kept, cases[i].kept))
			fail_msg("%s: '" STR_FMT "'", cases[i].what, STR_ARG(kept));
	}
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void a_chunk_is_taken_as_it_is(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	start(&f);
	c = lmtp_fixture_client(&f);
	begin_for_ann(&c);
	lmtp_say(&c, "BDAT 9\r\nA: b\r\n\r\n.BDAT 7 LAST\r\n\r\n.\r\nxy",
		 "250 2.0.0 chunk ok\r\n250 2.0.0 delivered\r\n");
	assert_true(str_eq(lmtp_inbox_text(&f, &a, &f.ann, 0), S("A: b\r\n\r\n.\r\n.\r\nxy")));
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void expect_octets(struct str got, const char *wanted)
{
	if (!str_eq(got, str_of(wanted)))
		fail_msg("'" STR_FMT "'", STR_ARG(got));
}

/* RFC 5321 4.4, RFC 3848, RFC 6531 4.3 */
static void the_trace_says_who_when_and_how(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	start(&f);
	c = lmtp_fixture_client(&f);
	lmtp_say(&c, "MAIL FROM:<\"Joe D.\"@far.test>\r\nRCPT TO:<ann@example.test>\r\nBDAT 4 LAST\r\nA:b\n",
		 "250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.0.0 delivered\r\n");
	expect_octets(lmtp_inbox_octets(&f, &a, &f.ann, 0), "Return-Path: <\"Joe D.\"@far.test>\r\n"
							    "Received: from client.test (127.0.0.1)\r\n"
							    "\tby mx.example.test with LMTP id 19b76daa8000000;\r\n"
							    "\tThu, 01 Jan 2026 00:00:00 +0000\r\n"
							    "A:b\r\n");
	lmtp_say(&c, "MAIL FROM:<> SMTPUTF8\r\nRCPT TO:<jörg@example.test>\r\nBDAT 5 LAST\r\nA:b\r\n",
		 "250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.0.0 delivered\r\n");
	expect_octets(lmtp_inbox_octets(&f, &a, &f.joerg, 0),
		      "Return-Path: <>\r\n"
		      "Received: from client.test (127.0.0.1)\r\n"
		      "\tby mx.example.test with UTF8LMTP id 19b76daa8000001;\r\n"
		      "\tThu, 01 Jan 2026 00:00:00 +0000\r\n"
		      "A:b\r\n");
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void a_message_that_is_spooled_comes_back_too(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(16 << 20);
	struct buf text = BUF_INIT(MAX_MESSAGE);
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	while (text.n < 3 * INTAKE_MEMORY_MAX)
		buf_fmt(&text, "line at %zu %.*s\r\n", text.n, (int)(text.n % 200),
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxx");
	start(&f);
	c = lmtp_fixture_client(&f);
	begin_for_ann(&c);
	lmtp_say(&c, "DATA\r\n", "354 go ahead\r\n");
	client_send(&c, buf_view(&text));
	lmtp_say(&c, ".\r\n", "250 2.0.0 delivered\r\n");
	assert_true(str_eq(lmtp_inbox_text(&f, &a, &f.ann, 0), buf_view(&text)));
	client_close(&c);
	buf_release(&text);
	lmtp_fixture_stop(&f);
}

static void a_mail_is_new_unread_and_dated_by_its_arrival(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	struct lmtp_fixture f;
	struct client c;
	struct store_tx *tx;
	struct message m;
	struct item item;
	int64_t inbox;

	(void)unused;
	start(&f);
	c = lmtp_fixture_client(&f);
	begin_for_ann(&c);
	lmtp_say(&c, "DATA\r\nSubject: Hello\r\nFrom: Joe <joe@far.test>\r\n\r\nText\r\n.\r\n",
		 "354 go ahead\r\n250 2.0.0 delivered\r\n");
	assert_int_equal(store_begin(f.server.store, f.ann.mailbox, STORE_READ, &tx), ERR_OK);
	assert_int_equal(folder_by_role(tx, FOLDER_INBOX, &inbox), ERR_OK);
	assert_int_equal(item_by_uid(&a, tx, inbox, 1, &item), ERR_OK);
	assert_int_equal(item.flags, 0);
	assert_int_equal(item.received_ms, SERVER_NOW_MS);
	assert_int_equal(item.key, SERVER_NOW_MS);
	assert_int_equal(message_open(&a, tx, &item, &m), ERR_OK);
	assert_true(str_eq(m.summary.subject, S("Hello")));
	message_close(&m);
	store_tx_end(&tx);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void each_recipient_gets_an_answer_of_its_own(void **unused)
{
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	start(&f);
	c = lmtp_fixture_client(&f);
	lmtp_say(&c, "MAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nRCPT TO:<ann@example.test>\r\n",
		 "250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.1.5 ok\r\n");
	/* Bob's mailbox is lost; his account is there, so the mail is to come again. */
	assert_int_equal(store_mailbox_remove(f.server.store, f.bob.mailbox), ERR_OK);
	lmtp_say(&c, "DATA\r\nText\r\n.\r\n", "354 go ahead\r\n451 4.3.0 storage error\r\n250 2.0.0 delivered\r\n");
	assert_int_equal(lmtp_inbox_n(&f, &f.ann), 1);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void without_a_spool_only_small_messages_are_taken(void **unused)
{
	struct buf text = BUF_INIT(MAX_MESSAGE);
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	while (text.n < 2 * INTAKE_MEMORY_MAX)
		buf_cstr(&text, "a line of text\r\n");
	start(&f);
	f.lmtp.state_dir = "/nonexistent";
	c = lmtp_fixture_client(&f);
	lmtp_say(&c, "MAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n",
		 "250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.1.5 ok\r\n354 go ahead\r\n");
	client_send(&c, buf_view(&text));
	lmtp_say(&c, ".\r\n", "451 4.3.0 storage error\r\n451 4.3.0 storage error\r\n");
	begin_for_ann(&c);
	lmtp_say(&c, "DATA\r\nText\r\n.\r\n", "354 go ahead\r\n250 2.0.0 delivered\r\n");
	assert_int_equal(lmtp_inbox_n(&f, &f.ann), 1);
	assert_int_equal(lmtp_inbox_n(&f, &f.bob), 0);
	client_close(&c);
	buf_release(&text);
	lmtp_fixture_stop(&f);
}

/* The session must not be taken for free while a worker has it. */
static void clients_that_go_away_leave_whole_messages_or_none(void **unused)
{
	static const char said[] =
		"LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<ann@example.test>\r\nRCPT TO:<bob@example.test>\r\n"
		"DATA\r\nSubject: x\r\n\r\nText\r\n.\r\nBDAT 3\r\nQUIT\r\n";
	struct lmtp_fixture f;
	size_t ann, bob;

	(void)unused;
	start(&f);
	for (size_t n = 0; n < sizeof(said); n++) {
		struct client c = client_connect(f.port);

		client_send(&c, str_from(said, n));
		client_close(&c);
	}
	/* Whoever is still there is cut off. */
	listener_close(&f.listener);
	pool_drain(f.pool);
	ann = lmtp_inbox_n(&f, &f.ann);
	bob = lmtp_inbox_n(&f, &f.bob);
	assert_int_equal(ann, bob);
	lmtp_fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_octets_come_back_as_they_were_but_for_bare_LFs),
		cmocka_unit_test(a_chunk_is_taken_as_it_is),
		cmocka_unit_test(the_trace_says_who_when_and_how),
		cmocka_unit_test(a_message_that_is_spooled_comes_back_too),
		cmocka_unit_test(a_mail_is_new_unread_and_dated_by_its_arrival),
		cmocka_unit_test(each_recipient_gets_an_answer_of_its_own),
		cmocka_unit_test(without_a_spool_only_small_messages_are_taken),
		cmocka_unit_test(clients_that_go_away_leave_whole_messages_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
