/* Ways into a maildrop, and what is said before TLS. */
#include <gateway/pop3/limits.h>
#include <tests/unit/pop3/fixture.h>

#include <base/base64.h>

#include <poll.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct pop3_fixture f;

static int setup(void **unused)
{
	(void)unused;
	pop3_fixture_start(&f);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	pop3_fixture_stop(&f);
	return 0;
}

#define IN "+OK 0 messages, 0 octets\r\n"
#define BEFORE                                                                                                     \
	"+OK capabilities follow\r\nTOP\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nEXPIRE NEVER\r\n" \
	"UTF8 USER\r\nLANG\r\n"

static void say_base64(struct client *c, const char *before, struct str raw)
{
	struct buf line = BUF_INIT(32 * 1024);

	buf_cstr(&line, before);
	base64_put(&line, raw);
	buf_cstr(&line, "\r\n");
	client_send(c, buf_view(&line));
	buf_release(&line);
}

static void every_mechanism_leads_in(void **unused)
{
	struct client c = pop3_fixture_client(&f);

	(void)unused;
	say_base64(&c, "AUTH PLAIN ", S("\0ann\0secret"));
	pop3_expect(&c, IN);
	client_send(&c, S("QUIT\r\n"));
	pop3_expect(&c, "+OK bye\r\n");
	client_close(&c);
	c = pop3_fixture_client(&f);
	pop3_tell(&c, "AUTH PLAIN\r\n", "+ \r\n");
	say_base64(&c, "", S("\0ann\0secret"));
	pop3_expect(&c, IN);
	pop3_tell(&c, "QUIT\r\n", "+OK bye\r\n");
	client_close(&c);
	c = pop3_fixture_client(&f);
	pop3_tell(&c, "auth login\r\n", "+ VXNlcm5hbWU6\r\n");
	say_base64(&c, "", S("ann@example.test"));
	pop3_expect(&c, "+ UGFzc3dvcmQ6\r\n");
	say_base64(&c, "", S("secret"));
	pop3_expect(&c, IN);
	client_close(&c);
}

static void an_exchange_can_be_left_and_another_begun(void **unused)
{
	static const struct {
		const char *line, *answer;
	} dialogue[] = {
		{ "AUTH PLAIN\r\n", "+ \r\n" },
		{ "*\r\n", "-ERR cancelled\r\n" },
		{ "AUTH PLAIN =\r\n", "-ERR malformed credentials\r\n" },
		{ "AUTH PLAIN !\r\n", "-ERR malformed credentials\r\n" },
		{ "AUTH PLAIN\r\n", "+ \r\n" },
		{ "not\tbase64\r\n", "-ERR malformed credentials\r\n" },
		{ "AUTH CRAM-MD5\r\n", "-ERR no such mechanism here; STLS may help\r\n" },
		{ "AUTH\r\n", "+OK mechanisms follow\r\nSCRAM-SHA-256\r\nPLAIN\r\nLOGIN\r\n.\r\n" },
		{ "PASS secret\r\n", "-ERR USER first\r\n" },
		{ "USER ann\r\nPASS secret\r\n", "+OK\r\n" IN },
	};
	struct client c = pop3_fixture_client(&f);

	(void)unused;
	for (size_t i = 0; i < countof(dialogue); i++)
		pop3_tell(&c, dialogue[i].line, dialogue[i].answer);
	client_close(&c);
}

/* RFC 4954 section 4: 12288 octets of base64. */
static void a_response_has_a_limit(void **unused)
{
	static char line[SASL_MAX_BASE64_BYTES + 8];
	struct client c = pop3_fixture_client(&f);

	(void)unused;
	pop3_tell(&c, "AUTH PLAIN\r\n", "+ \r\n");
	memset(line, 'A', SASL_MAX_BASE64_BYTES);
	client_send(&c, str_from(line, SASL_MAX_BASE64_BYTES));
	pop3_tell(&c, "\r\n", "-ERR malformed credentials\r\n");
	pop3_tell(&c, "AUTH PLAIN\r\n", "+ \r\n");
	client_send(&c, str_from(line, SASL_MAX_BASE64_BYTES));
	pop3_tell(&c, "A\r\n", "-ERR line too long\r\n");
	client_read_eof(&c);
	client_close(&c);
}

static void wait_for_timer(struct client *c, int64_t ms, const char *answer)
{
	/* The timer is set once a worker has looked: time goes by until the answer is there. */
	while (c->in.n == 0 && !poll(&(struct pollfd){ .fd = c->fd, .events = POLLIN }, 1, 1))
		pop3_fixture_advance(&f, ms);
	pop3_expect(c, answer);
}

static void a_refusal_comes_late_and_five_end_the_session(void **unused)
{
	struct client c = pop3_fixture_client(&f);

	(void)unused;
	for (unsigned i = 0; i < POP3_MAX_FAILED_LOGINS; i++) {
		pop3_tell(&c, "USER ann\r\n", "+OK\r\n");
		client_send(&c, S("PASS wrong\r\n"));
		wait_for_timer(&c, LOGIN_REFUSE_MS / 2, "-ERR [AUTH] login failed\r\n");
	}
	client_read_eof(&c);
	client_close(&c);
}

static void nothing_secret_is_taken_before_TLS(void **unused)
{
	struct client c;

	(void)unused;
	f.pop3.login.plain_ok = false;
	c = pop3_fixture_client(&f);
	pop3_tell(&c, "CAPA\r\n", BEFORE "STLS\r\n.\r\n");
	pop3_tell(&c, "USER ann\r\n", "-ERR STLS first\r\n");
	pop3_tell(&c, "AUTH PLAIN AGFubgBzZWNyZXQ=\r\n", "-ERR no such mechanism here; STLS may help\r\n");
	pop3_tell(&c, "AUTH\r\n", "+OK mechanisms follow\r\n.\r\n");
	/* What came in clear behind it is gone (RFC 2595 section 4). */
	pop3_tell(&c, "STLS\r\nUSER mallory\r\nCAPA\r\n", "+OK begin\r\n");
	client_start_tls(&c, NULL, NULL);
	pop3_tell(&c, "CAPA\r\n", BEFORE "USER\r\nSASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\r\n.\r\n");
	pop3_tell(&c, "PASS secret\r\n", "-ERR USER first\r\n");
	pop3_tell(&c, "STLS\r\n", "-ERR not here\r\n");
	pop3_tell(&c, "USER ann\r\nPASS secret\r\n", "+OK\r\n" IN);
	pop3_tell(&c, "CAPA\r\n",
		  BEFORE "USER\r\nSASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\r\nIMPLEMENTATION roost\r\n.\r\n");
	client_close(&c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_mechanism_leads_in),
		TEST(an_exchange_can_be_left_and_another_begun),
		TEST(a_response_has_a_limit),
		TEST(a_refusal_comes_late_and_five_end_the_session),
		TEST(nothing_secret_is_taken_before_TLS),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
