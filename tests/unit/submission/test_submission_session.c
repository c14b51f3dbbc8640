/* Sessions of submission: what is said when, before and after a login. */
#include <tests/unit/submission/fixture.h>

#include <gateway/smtp/limits.h>

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct submission_fixture f;

static int setup(void **unused)
{
	(void)unused;
	submission_fixture_start(&f);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	submission_fixture_stop(&f);
	return 0;
}

#define FIRST                                                                                                    \
	"250-smtp.example.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-DSN\r\n" \
	"250-ENHANCEDSTATUSCODES\r\n"
#define LAST "250 SIZE 200000\r\n"

static void extensions_are_offered_by_the_channel(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 16);
	struct client c;

	(void)unused;
	f.submission.login.plain_ok = false;
	c = submission_fixture_client(&f);
	assert_true(str_eq(submission_ehlo(&c, &a), S(FIRST "250-STARTTLS\r\n" LAST)));
	submission_tell(&c, "AUTH PLAIN AGFubgBzZWNyZXQ=\r\n", "538 5.7.11 STARTTLS first\r\n");
	submission_tell(&c, "MAIL FROM:<ann@example.test>\r\n", "530 5.7.0 log in first\r\n");
	/* What came in clear behind it is gone (RFC 3207 section 4.2). */
	submission_tell(&c, "STARTTLS\r\nMAIL FROM:<mallory@example.test>\r\nQUIT\r\n", "220 2.0.0 begin\r\n");
	client_start_tls(&c, NULL, NULL);
	submission_tell(&c, "AUTH PLAIN AGFubgBzZWNyZXQ=\r\n", "503 5.5.1 bad sequence of commands\r\n");
	assert_true(str_eq(submission_ehlo(&c, &a),
			   S(FIRST "250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\r\n" LAST)));
	submission_tell(&c, "STARTTLS\r\n", "502 5.5.1 not here\r\n");
	submission_tell(&c, "AUTH PLAIN AGFubgBzZWNyZXQ=\r\n", "235 2.7.0 welcome\r\n");
	assert_true(str_eq(submission_ehlo(&c, &a), S(FIRST LAST)));
	submission_tell(&c, "AUTH PLAIN AGFubgBzZWNyZXQ=\r\n", "503 5.5.1 already logged in\r\n");
	client_close(&c);
	/* Where a login in clear is taken, TLS comes before it or not at all. */
	f.submission.login.plain_ok = true;
	c = submission_fixture_ann(&f);
	assert_true(str_eq(submission_ehlo(&c, &a), S(FIRST LAST)));
	submission_tell(&c, "STARTTLS\r\n", "503 5.5.1 already logged in\r\n");
	client_close(&c);
}

static void ways_to_log_in_and_not_to(void **unused)
{
	static const struct {
		const char *line, *answer;
	} dialogue[] = {
		{ "AUTH PLAIN\r\n", "334 \r\n" },
		{ "*\r\n", "501 5.7.0 cancelled\r\n" },
		{ "AUTH PLAIN !\r\n", "501 5.5.2 malformed credentials\r\n" },
		{ "AUTH\r\n", "501 5.5.4 malformed arguments\r\n" },
		{ "AUTH CRAM-MD5\r\n", "504 5.5.4 no such mechanism\r\n" },
		{ "AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n" },
		{ "YW5u\r\n", "334 UGFzc3dvcmQ6\r\n" },
		{ "c2VjcmV0\r\n", "235 2.7.0 welcome\r\n" },
		{ "MAIL FROM:<ann@example.test>\r\n", "250 2.1.0 ok\r\n" },
	};
	struct client c = submission_fixture_client(&f);

	(void)unused;
	for (size_t i = 0; i < countof(dialogue); i++)
		submission_tell(&c, dialogue[i].line, dialogue[i].answer);
	client_close(&c);
}

static void nothing_is_sent_without_a_login(void **unused)
{
	static const char *const lines[] = { "MAIL FROM:<ann@example.test>", "RCPT TO:<x@far.test>", "DATA",
					     "VRFY ann" };
	struct client c = submission_fixture_client(&f);

	(void)unused;
	for (size_t i = 0; i < countof(lines); i++) {
		client_send(&c, str_of(lines[i]));
		submission_tell(&c, "\r\n", "530 5.7.0 log in first\r\n");
	}
	submission_tell(&c, "BDAT 4 LAST\r\nQUIT", "530 5.7.0 log in first\r\n");
	client_read_eof(&c);
	client_close(&c);
}

static void commands_have_their_sequence(void **unused)
{
	struct client c = submission_fixture_ann(&f);

	(void)unused;
	submission_tell(&c, "RCPT TO:<x@far.test>\r\n", "503 5.5.1 bad sequence of commands\r\n");
	submission_tell(&c, "DATA\r\n", "503 5.5.1 bad sequence of commands\r\n");
	submission_tell(&c, "BDAT 4 LAST\r\nabcdNOOP\r\n", "503 5.5.1 bad sequence of commands\r\n250 2.0.0 ok\r\n");
	submission_tell(&c, "MAIL FROM:<ann@example.test>\r\n", "250 2.1.0 ok\r\n");
	submission_tell(&c, "MAIL FROM:<ann@example.test>\r\n", "503 5.5.1 bad sequence of commands\r\n");
	submission_tell(&c, "DATA\r\n", "503 5.5.1 bad sequence of commands\r\n");
	submission_tell(&c, "RSET\r\n", "250 2.0.0 ok\r\n");
	submission_tell(&c, "VRFY x\r\n", "252 2.0.0 send some mail, I'll try my best\r\n");
	submission_tell(&c, "EXPN staff\r\n", "502 5.5.1 lists are not told\r\n");
	submission_tell(&c, "HELP MAIL\r\n",
			"214 2.0.0 mail submission (RFC 6409): EHLO, STARTTLS, AUTH, then MAIL, RCPT, DATA\r\n");
	submission_tell(&c, "LHLO x\r\n", "500 5.5.1 unknown command\r\n");
	submission_tell(&c, "QUIT\r\n", "221 2.0.0 bye\r\n");
	client_read_eof(&c);
	client_close(&c);
	c = client_connect(f.port);
	submission_expect(&c, "220 smtp.example.test ESMTP roost\r\n");
	submission_tell(&c, "GET / HTTP/1.1\r\nEHLO x\r\n", "421 4.7.0 say EHLO\r\n");
	client_read_eof(&c);
	client_close(&c);
}

static void own_addresses_alone_are_senders(void **unused)
{
	static const struct {
		const char *line, *answer;
	} cases[] = {
		{ "MAIL FROM:<ann@example.test>", "250 2.1.0 ok\r\n" },
		{ "MAIL FROM:<ANN.lee@example.test>", "250 2.1.0 ok\r\n" },
		{ "MAIL FROM:<ann+list@example.test> BODY=8BITMIME", "250 2.1.0 ok\r\n" },
		{ "MAIL FROM:<\"ann\"@example.test>", "250 2.1.0 ok\r\n" },
		{ "MAIL FROM:<>", "250 2.1.0 ok\r\n" },
		{ "MAIL FROM:<ann@example.test> RET=HDRS ENVID=a+2Bb AUTH=<>", "250 2.1.0 ok\r\n" },
		{ "MAIL FROM:<bob@example.test>", "553 5.7.1 not an address of yours\r\n" },
		{ "MAIL FROM:<ann@example.test.evil.test>", "553 5.7.1 not an address of yours\r\n" },
		{ "MAIL FROM:<ann>", "553 5.7.1 not an address of yours\r\n" },
		{ "MAIL FROM:<j\xc3\xb6rg@example.test>", "553 5.6.7 this address needs SMTPUTF8\r\n" },
		{ "MAIL FROM:<ann@example.test> SIZE=200000", "250 2.1.0 ok\r\n" },
		{ "MAIL FROM:<ann@example.test> SIZE=200001", "552 5.3.4 message too large\r\n" },
		{ "MAIL FROM:<ann@example.test> RET=ALL", "501 5.5.4 malformed arguments\r\n" },
		{ "MAIL FROM:<ann@example.test> ENVID=a+2b", "501 5.5.4 malformed arguments\r\n" },
		{ "MAIL FROM:<ann@example.test> BODY=BINARYMIME", "555 5.5.4 unknown parameter\r\n" },
		{ "MAIL FROM:<ann@example.test> NOTIFY=NEVER", "555 5.5.4 unknown parameter\r\n" },
	};
	struct client c = submission_fixture_ann(&f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		client_send(&c, str_of(cases[i].line));
		submission_tell(&c, "\r\n", cases[i].answer);
		submission_tell(&c, "RSET\r\n", "250 2.0.0 ok\r\n");
	}
	client_close(&c);
}

static void recipients_have_their_parameters(void **unused)
{
	static const struct {
		const char *line, *answer;
	} cases[] = {
		{ "RCPT TO:<x@far.test>", "250 2.1.5 ok\r\n" },
		{ "RCPT TO:<x@far.test> NOTIFY=SUCCESS,delay ORCPT=rfc822;x+2Bx@far.test", "250 2.1.5 ok\r\n" },
		{ "RCPT TO:<x@far.test> NOTIFY=NEVER", "250 2.1.5 ok\r\n" },
		{ "RCPT TO:<x@far.test> NOTIFY=NEVER,DELAY", "501 5.5.4 malformed arguments\r\n" },
		{ "RCPT TO:<x@far.test> NOTIFY=", "501 5.5.4 malformed arguments\r\n" },
		{ "RCPT TO:<x@far.test> NOTIFY=SOMETIMES", "501 5.5.4 malformed arguments\r\n" },
		{ "RCPT TO:<x@far.test> ORCPT=x@far.test", "501 5.5.4 malformed arguments\r\n" },
		{ "RCPT TO:<x@far.test> ORCPT=rfc822;", "501 5.5.4 malformed arguments\r\n" },
		{ "RCPT TO:<x@far.test> SIZE=1", "555 5.5.4 unknown parameter\r\n" },
		{ "RCPT TO:<a@-b..c>", "501 5.5.4 malformed arguments\r\n" },
		{ "RCPT TO:<x@[192.0.2.1]>", "250 2.1.5 ok\r\n" },
		{ "RCPT TO:<postmaster>", "250 2.1.5 ok\r\n" },
		{ "RCPT TO:<x>", "553 5.1.3 not an address\r\n" },
		{ "RCPT TO:<>", "501 5.5.4 malformed arguments\r\n" },
		{ "RCPT TO:<j\xc3\xb6rg@far.test>", "553 5.6.7 this address needs SMTPUTF8\r\n" },
	};
	struct client c = submission_fixture_ann(&f);

	(void)unused;
	submission_tell(&c, "MAIL FROM:<ann@example.test>\r\n", "250 2.1.0 ok\r\n");
	for (size_t i = 0; i < countof(cases); i++) {
		client_send(&c, str_of(cases[i].line));
		submission_tell(&c, "\r\n", cases[i].answer);
	}
	client_close(&c);
}

static void lines_and_errors_have_limits(void **unused)
{
	static char line[SMTP_MAX_LINE + 2];
	struct client c = submission_fixture_client(&f);

	(void)unused;
	memset(line, 'x', sizeof(line));
	memcpy(line, "NOOP ", 5);
	memcpy(line + SMTP_MAX_LINE - 2, "\r\n", 3);
	submission_tell(&c, line, "250 2.0.0 ok\r\n");
	line[SMTP_MAX_LINE - 2] = 'x';
	memcpy(line + SMTP_MAX_LINE - 1, "\r\n", 3);
	submission_tell(&c, line, "500 5.5.2 line too long\r\n");
	client_read_eof(&c);
	client_close(&c);
	c = submission_fixture_client(&f);
	submission_tell(&c, "NOOP\n", "500 5.5.2 lines end in CRLF\r\n");
	client_read_eof(&c);
	client_close(&c);
	c = submission_fixture_client(&f);
	for (unsigned i = 1; i < SUBMISSION_MAX_BAD_COMMANDS; i++)
		submission_tell(&c, "what\r\n", "500 5.5.1 unknown command\r\n");
	submission_tell(&c, "what\r\n", "500 5.5.1 unknown command\r\n421 4.7.0 too many errors\r\n");
	client_read_eof(&c);
	client_close(&c);
}

static void a_refusal_comes_late_and_five_end_the_session(void **unused)
{
	struct client c = submission_fixture_client(&f);

	(void)unused;
	for (unsigned i = 1; i <= SUBMISSION_MAX_FAILED_LOGINS; i++) {
		client_send(&c, S("AUTH PLAIN AGFubgB3cm9uZw==\r\n"));
		/* The timer is set once a worker has looked: time goes by until the answer is there. */
		while (c.in.n == 0 && !poll(&(struct pollfd){ .fd = c.fd, .events = POLLIN }, 1, 1))
			submission_fixture_advance(&f, LOGIN_REFUSE_MS / 2);
		submission_expect(&c, i < SUBMISSION_MAX_FAILED_LOGINS ? "535 5.7.8 login failed\r\n"
								       : "421 4.7.0 too many failures\r\n");
	}
	client_read_eof(&c);
	client_close(&c);
}

static void silence_ends_a_session(void **unused)
{
	struct client c = submission_fixture_client(&f);

	(void)unused;
	submission_fixture_advance(&f, SUBMISSION_TIMEOUT_MS);
	submission_expect(&c, "421 4.4.2 timeout\r\n");
	client_read_eof(&c);
	client_close(&c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(extensions_are_offered_by_the_channel),
		TEST(ways_to_log_in_and_not_to),
		TEST(nothing_is_sent_without_a_login),
		TEST(commands_have_their_sequence),
		TEST(own_addresses_alone_are_senders),
		TEST(recipients_have_their_parameters),
		TEST(lines_and_errors_have_limits),
		TEST(silence_ends_a_session),
		TEST(a_refusal_comes_late_and_five_end_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
