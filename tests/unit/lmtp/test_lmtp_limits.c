/* LMTP's limits, each at it and one past it; its timeouts; and what sessions hear when the server is busy or stops. */
#include <tests/unit/lmtp/fixture.h>

#include <gateway/net/net.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { MAX_MESSAGE = 100000 };

static void start(struct lmtp_fixture *f)
{
	lmtp_fixture_start(f, "127.0.0.1:0", MAX_MESSAGE);
}

static void begin_for_ann(struct client *c)
{
	lmtp_say(c, "MAIL FROM:<joe@far.test>\r\nRCPT TO:<ann@example.test>\r\n", "250 2.1.0 ok\r\n250 2.1.5 ok\r\n");
}

/* NOOP with as many bytes, its CRLF counted. */
static void send_line(struct client *c, size_t n)
{
	char line[SMTP_MAX_LINE + 1] = "NOOP ";

	memset(line + 5, 'x', sizeof(line) - 5);
	memcpy(line + n - 2, "\r\n", 2);
	client_send(c, str_from(line, n));
}

static void a_line_ends_at_its_limit(void **unused)
{
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	start(&f);
	c = lmtp_fixture_client(&f);
	send_line(&c, SMTP_MAX_LINE);
	lmtp_expect(&c, "250 2.0.0 ok\r\n");
	send_line(&c, SMTP_MAX_LINE + 1);
	lmtp_expect(&c, "500 5.5.2 line too long\r\n");
	client_read_eof(&c);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void a_line_without_an_end_is_not_waited_for(void **unused)
{
	char line[SMTP_MAX_LINE];
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	memset(line, 'x', sizeof(line));
	start(&f);
	c = lmtp_fixture_client(&f);
	client_send(&c, str_from(line, sizeof(line)));
	lmtp_expect(&c, "500 5.5.2 line too long\r\n");
	client_read_eof(&c);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

/* RFC 5321 4.5.3.1.10: those that were accepted stand. */
static void the_recipient_past_the_limit_is_told_to_come_again(void **unused)
{
	struct buf said = BUF_INIT(1 << 20), answers = BUF_INIT(1 << 20);
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	for (size_t i = 0; i < LMTP_MAX_RECIPIENTS; i++) {
		buf_fmt(&said, "RCPT TO:<ann+%zu@example.test>\r\n", i);
		buf_cstr(&answers, "250 2.1.5 ok\r\n");
	}
	buf_cstr(&said, "RCPT TO:<ann@example.test>\r\nDATA\r\nText\r\n.\r\n");
	buf_cstr(&answers, "452 4.5.3 too many recipients\r\n354 go ahead\r\n");
	for (size_t i = 0; i < LMTP_MAX_RECIPIENTS; i++)
		buf_cstr(&answers, "250 2.0.0 delivered\r\n");
	buf_char(&answers, '\0');
	start(&f);
	c = lmtp_fixture_client(&f);
	lmtp_say(&c, "MAIL FROM:<>\r\n", "250 2.1.0 ok\r\n");
	client_send(&c, buf_view(&said));
	lmtp_expect(&c, answers.p);
	assert_int_equal(lmtp_inbox_n(&f, &f.ann), 1);
	client_close(&c);
	buf_release(&said);
	buf_release(&answers);
	lmtp_fixture_stop(&f);
}

/* n octets with CRLF line ends, sent with bare LFs where `bare`. */
static void put_text(struct buf *b, size_t n, bool bare)
{
	size_t made = 0;

	while (n - made > 100) {
		buf_fmt(b, "%s%s", "123456789012345678901234567890123456789012345678", bare ? "\n" : "\r\n");
		made += 50;
	}
	buf_fmt(b, "%.*s\r\n", (int)(n - made - 2),
		"1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890");
}

static void send_message(struct client *c, size_t n, bool bare, bool chunked)
{
	struct buf text = BUF_INIT(MAX_MESSAGE + 100), command = BUF_INIT(100);

	put_text(&text, n, bare);
	begin_for_ann(c);
	if (chunked) {
		buf_fmt(&command, "BDAT %zu LAST\r\n", text.n);
		client_send(c, buf_view(&command));
		client_send(c, buf_view(&text));
	} else {
		lmtp_say(c, "DATA\r\n", "354 go ahead\r\n");
		client_send(c, buf_view(&text));
		client_send(c, S(".\r\n"));
	}
	buf_release(&text);
	buf_release(&command);
}

/* Counted as it is stored: with CRLF line ends, without the trace header that is ours. */
static void a_message_ends_at_its_limit(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(4 << 20);
	struct lmtp_fixture f;
	size_t delivered = 0;
	struct client c;

	(void)unused;
	start(&f);
	c = lmtp_fixture_client(&f);
	for (unsigned i = 0; i < 4; i++) {
		bool bare = i & 1, chunked = i & 2;

		send_message(&c, MAX_MESSAGE, bare, chunked);
		lmtp_expect(&c, "250 2.0.0 delivered\r\n");
		assert_int_equal(lmtp_inbox_text(&f, &a, &f.ann, delivered++).n, MAX_MESSAGE);
		send_message(&c, MAX_MESSAGE + 1, bare, chunked);
		lmtp_expect(&c, "552 5.3.4 message too large\r\n");
		assert_int_equal(lmtp_inbox_n(&f, &f.ann), delivered);
	}
	client_close(&c);
	lmtp_fixture_stop(&f);
}

/* However long it is: it is read without being kept, then the session goes on. */
static void a_message_far_past_the_limit_is_read_and_refused(void **unused)
{
	char line[1000];
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	memset(line, 'x', sizeof(line));
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	start(&f);
	c = lmtp_fixture_client(&f);
	begin_for_ann(&c);
	lmtp_say(&c, "DATA\r\n", "354 go ahead\r\n");
	for (size_t n = 0; n < 20u * MAX_MESSAGE; n += sizeof(line))
		client_send(&c, str_from(line, sizeof(line)));
	lmtp_say(&c, ".\r\nNOOP\r\n", "552 5.3.4 message too large\r\n250 2.0.0 ok\r\n");
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void chunks_after_one_too_many_are_refused_too(void **unused)
{
	struct buf text = BUF_INIT(MAX_MESSAGE + 1), command = BUF_INIT(100);
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	put_text(&text, MAX_MESSAGE + 1, false);
	buf_fmt(&command, "BDAT %zu\r\n", text.n);
	start(&f);
	c = lmtp_fixture_client(&f);
	begin_for_ann(&c);
	client_send(&c, buf_view(&command));
	client_send(&c, buf_view(&text));
	lmtp_expect(&c, "552 5.3.4 message too large\r\n");
	lmtp_say(&c, "BDAT 1\r\nx", "552 5.3.4 message too large\r\n");
	lmtp_say(&c, "BDAT 1 LAST\r\nx", "552 5.3.4 message too large\r\n");
	assert_int_equal(lmtp_inbox_n(&f, &f.ann), 0);
	client_close(&c);
	buf_release(&text);
	buf_release(&command);
	lmtp_fixture_stop(&f);
}

static void bad_commands_end_the_session_at_their_limit(void **unused)
{
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	start(&f);
	c = lmtp_fixture_client(&f);
	for (unsigned i = 1; i < LMTP_MAX_BAD_COMMANDS; i++)
		lmtp_say(&c, "HELP\r\n", "500 5.5.1 unknown command\r\n");
	lmtp_say(&c, "NOOP\r\n", "250 2.0.0 ok\r\n");
	lmtp_say(&c, "HELP\r\nNOOP\r\n", "500 5.5.1 unknown command\r\n421 4.7.0 too many errors\r\n");
	client_read_eof(&c);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void silence_ends_a_session(void **unused)
{
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	start(&f);
	c = lmtp_fixture_client(&f);
	lmtp_fixture_advance(&f, LMTP_TIMEOUT_MS - 1);
	lmtp_say(&c, "NOOP\r\n", "250 2.0.0 ok\r\n");
	lmtp_fixture_advance(&f, LMTP_TIMEOUT_MS);
	lmtp_expect(&c, "421 4.4.2 timeout\r\n");
	client_read_eof(&c);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void silence_in_a_message_delivers_nothing(void **unused)
{
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	start(&f);
	c = lmtp_fixture_client(&f);
	begin_for_ann(&c);
	lmtp_say(&c, "DATA\r\nhalf a mess", "354 go ahead\r\n");
	lmtp_fixture_advance(&f, LMTP_TIMEOUT_MS);
	lmtp_expect(&c, "421 4.4.2 timeout\r\n");
	client_read_eof(&c);
	client_close(&c);
	assert_int_equal(lmtp_inbox_n(&f, &f.ann), 0);
	lmtp_fixture_stop(&f);
}

static void without_a_worker_each_is_told_to_come_again(void **unused)
{
	struct lmtp_fixture f;
	struct client in_text, in_chunks, idle;

	(void)unused;
	start(&f);
	in_text = lmtp_fixture_client(&f);
	in_chunks = lmtp_fixture_client(&f);
	idle = lmtp_fixture_client(&f);
	begin_for_ann(&in_text);
	lmtp_say(&in_text, "RCPT TO:<bob@example.test>\r\nDATA\r\n", "250 2.1.5 ok\r\n354 go ahead\r\n");
	begin_for_ann(&in_chunks);
	lmtp_say(&in_chunks, "BDAT 1\r\nx", "250 2.0.0 chunk ok\r\n");
	pool_drain(f.pool); /* as when the queue is full: nothing is taken any more */
	lmtp_say(&in_text, "Text\r\n.\r\nNOOP\r\n",
		 "451 4.3.2 busy, try again\r\n451 4.3.2 busy, try again\r\n250 2.0.0 ok\r\n");
	lmtp_say(&in_chunks, "BDAT 1\r\ny", "451 4.3.2 busy, try again\r\n");
	lmtp_say(&in_chunks, "BDAT 0 LAST\r\nNOOP\r\n", "451 4.3.2 busy, try again\r\n250 2.0.0 ok\r\n");
	lmtp_say(&idle, "MAIL FROM:<>\r\nRCPT TO:<ann@example.test>\r\nDATA\r\n",
		 "250 2.1.0 ok\r\n451 4.3.2 busy, try again\r\n503 5.5.1 bad sequence of commands\r\n");
	assert_int_equal(lmtp_inbox_n(&f, &f.ann), 0);
	client_close(&in_text);
	client_close(&in_chunks);
	client_close(&idle);
	lmtp_fixture_stop(&f);
}

/* A message that was delivered and not answered would come again. */
static void a_server_that_stops_answers_what_it_has_delivered(void **unused)
{
	struct lmtp_fixture f;
	struct client c;
	bool answered;

	(void)unused;
	start(&f);
	c = lmtp_fixture_client(&f);
	begin_for_ann(&c);
	lmtp_say(&c, "DATA\r\n", "354 go ahead\r\n");
	client_send(&c, S("Text\r\n.\r\n"));
	listener_close(&f.listener);
	pool_drain(f.pool);
	net_stop(&f.net);
	answered = client_read_until(&c, S("delivered\r\n"));
	assert_int_equal(lmtp_inbox_n(&f, &f.ann), answered);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_ends_at_its_limit),
		cmocka_unit_test(a_line_without_an_end_is_not_waited_for),
		cmocka_unit_test(the_recipient_past_the_limit_is_told_to_come_again),
		cmocka_unit_test(a_message_ends_at_its_limit),
		cmocka_unit_test(a_message_far_past_the_limit_is_read_and_refused),
		cmocka_unit_test(chunks_after_one_too_many_are_refused_too),
		cmocka_unit_test(bad_commands_end_the_session_at_their_limit),
		cmocka_unit_test(silence_ends_a_session),
		cmocka_unit_test(silence_in_a_message_delivers_nothing),
		cmocka_unit_test(without_a_worker_each_is_told_to_come_again),
		cmocka_unit_test(a_server_that_stops_answers_what_it_has_delivered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
