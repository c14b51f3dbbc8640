/* Messages handed over, and what of them is in the queue. */
#include <gateway/smtp/limits.h>
#include <tests/unit/submission/fixture.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct submission_fixture f;
static struct arena arena = { .max = 8 << 20 };

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
	arena_release(&arena);
	return 0;
}

#define HEADER "From: ann@example.test\r\nTo: x@far.test\r\nSubject: one\r\n"

static void begin(struct client *c)
{
	submission_tell(c, "MAIL FROM:<ann@example.test>\r\nRCPT TO:<x@far.test>\r\n",
			"250 2.1.0 ok\r\n250 2.1.5 ok\r\n");
}

static size_t queued(void)
{
	size_t n;

	(void)submission_queue(&f, &arena, &n);
	return n;
}

static void an_accepted_message_is_in_the_queue_with_its_envelope(void **unused)
{
	struct client c = submission_fixture_ann(&f);
	struct queue_entry *e;
	struct str octets;
	size_t n;

	(void)unused;
	submission_tell(&c, "MAIL FROM:<ann.lee@example.test> RET=HDRS ENVID=QQ314159\r\n", "250 2.1.0 ok\r\n");
	submission_tell(&c, "RCPT TO:<x@far.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;x@far.test\r\n",
			"250 2.1.5 ok\r\n");
	submission_tell(&c, "RCPT TO:<bob@example.test>\r\nDATA\r\n", "250 2.1.5 ok\r\n354 go ahead\r\n");
	client_send(&c, S(HEADER "Bcc: hidden@far.test\r\n\r\nText\r\n..dot\r\n.\r\n"));
	submission_expect_queued(&c);
	client_close(&c);
	e = submission_queue(&f, &arena, &n);
	assert_int_equal(n, 1);
	assert_int_equal(e->recipients_n, 2);
	assert_true(str_eq(e->recipients[0].address, S("x@far.test")));
	assert_int_equal(e->recipients[0].notify, QUEUE_NOTIFY_SUCCESS | QUEUE_NOTIFY_FAILURE);
	assert_true(str_eq(e->recipients[0].orcpt, S("rfc822;x@far.test")));
	assert_true(str_eq(e->recipients[1].address, S("bob@example.test")));
	assert_true(str_eq(e->sender, S("ann.lee@example.test")));
	assert_true(str_eq(e->envid, S("QQ314159")));
	assert_int_equal(e->ret, QUEUE_RET_HEADERS);
	assert_int_equal(e->flags & QUEUE_SAVE_SENT, 0); /* the copy is the client's */
	assert_true(str_eq(e->origin, S("from [127.0.0.1] with ESMTPA")));
	octets = submission_octets(&f, &arena, e);
	assert_true(str_find(octets, S("\r\n\r\nText\r\n.dot\r\n")) < octets.n);
	assert_true(str_find(octets, S("hidden")) == octets.n);
}

static void chunks_and_pipelines(void **unused)
{
	struct client c = submission_fixture_ann(&f);
	struct queue_entry *e;
	struct str octets;
	size_t n;

	(void)unused;
	/* RFC 3030: chunks may break anywhere. "From: ann@example.test\r\n" has 24 octets. */
	submission_tell(&c,
			"MAIL FROM:<ann@example.test>\r\nRCPT TO:<x@far.test>\r\n"
			"BDAT 10\r\nFrom: ann@BDAT 14\r\nexample.test\r\nBDAT 0\r\nBDAT 6 LAST\r\n\r\nhi\r\n",
			"250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.0.0 chunk ok\r\n250 2.0.0 chunk ok\r\n"
			"250 2.0.0 chunk ok\r\n");
	submission_expect_queued(&c);
	submission_tell(&c, "NOOP\r\n", "250 2.0.0 ok\r\n");
	client_close(&c);
	e = submission_queue(&f, &arena, &n);
	assert_int_equal(n, 1);
	octets = submission_octets(&f, &arena, e);
	assert_true(str_find(octets, S("From: ann@example.test\r\n")) < octets.n);
	assert_true(str_ends(octets, S("\r\n\r\nhi\r\n")));
}

/* CVE-2023-51764 and its kin: what two servers read differently is taken by neither. */
static void a_text_with_other_line_ends_is_refused(void **unused)
{
	static const char *const texts[] = {
		"a\nb",
		"a\rb",
		"a\r\r\nb",
		"a\n.\nMAIL FROM:<ann@example.test>",
		"a\r\n.\nMAIL FROM:<ann@example.test>",
		"a\n.\r\nMAIL FROM:<ann@example.test>",
		"a\r.\rMAIL FROM:<ann@example.test>",
		"a\r\n.\rMAIL FROM:<ann@example.test>",
		"a\r.\r\nMAIL FROM:<ann@example.test>",
		"a\n\n.\r\nMAIL FROM:<ann@example.test>",
	};
	struct client c = submission_fixture_ann(&f);

	(void)unused;
	for (size_t i = 0; i < countof(texts); i++) {
		begin(&c);
		submission_tell(&c, "DATA\r\n", "354 go ahead\r\n");
		client_send(&c, S(HEADER "\r\n"));
		client_send(&c, str_of(texts[i]));
		client_send(&c, S("\r\n.\r\n"));
		submission_expect(&c, "550 5.6.0 a CR or LF stands alone, or there is a NUL\r\n");
		submission_tell(&c, "NOOP\r\n", "250 2.0.0 ok\r\n"); /* one answer, and no command was found in it */
	}
	begin(&c);
	client_send(&c, S("BDAT 3 LAST\r\na\0b"));
	submission_expect(&c, "550 5.6.0 a CR or LF stands alone, or there is a NUL\r\n");
	begin(&c);
	submission_tell(&c, "BDAT 3 LAST\r\na\nb", "550 5.6.0 a CR or LF stands alone, or there is a NUL\r\n");
	client_close(&c);
	assert_int_equal(queued(), 0);
}

static void the_header_names_its_own_author(void **unused)
{
	static const struct {
		const char *header, *answer;
	} cases[] = {
		{ "From: bob@example.test\r\n", "550 5.7.1 From or Sender is not an address of yours\r\n" },
		{ "From: ann@example.test\r\nSender: bob@example.test\r\n",
		  "550 5.7.1 From or Sender is not an address of yours\r\n" },
		{ "From: ann@example.test, bob@example.test\r\n",
		  "550 5.7.1 From or Sender is not an address of yours\r\n" },
		{ "From: Bob <bob@example.test> <ann@example.test>\r\n",
		  "550 5.7.1 From or Sender is not an address of yours\r\n" },
		{ "From: bob@example.test ann@example.test\r\n",
		  "550 5.7.1 From or Sender is not an address of yours\r\n" },
		{ "From: <ann@example.test> bob@example.test\r\n",
		  "550 5.7.1 From or Sender is not an address of yours\r\n" },
		{ "From: ann@example.test\r\nFrom: ann@example.test\r\n", "550 5.6.0 From stands there twice\r\n" },
	};
	struct client c = submission_fixture_ann(&f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		begin(&c);
		submission_tell(&c, "DATA\r\n", "354 go ahead\r\n");
		client_send(&c, str_of(cases[i].header));
		client_send(&c, S("\r\nText\r\n.\r\n"));
		submission_expect(&c, cases[i].answer);
	}
	assert_int_equal(queued(), 0);
	begin(&c);
	submission_tell(&c, "DATA\r\n", "354 go ahead\r\n");
	client_send(&c, S("From: Ann Lee <ann.lee@example.test>\r\n\r\nText\r\n.\r\n"));
	submission_expect_queued(&c);
	client_close(&c);
	assert_int_equal(queued(), 1);
}

static void send_large(struct client *c, size_t n)
{
	struct buf text = BUF_INIT(1 << 20);

	buf_cstr(&text, "From: ann@example.test\r\n\r\n");
	while (n - text.n > 1000) {
		for (unsigned i = 0; i < 98; i++)
			buf_cstr(&text, "0123456789");
		buf_cstr(&text, "01234567\r\n");
	}
	while (text.n < n - 2)
		buf_char(&text, 'x');
	buf_cstr(&text, "\r\n");
	assert_int_equal(text.n, n);
	begin(c);
	submission_tell(c, "DATA\r\n", "354 go ahead\r\n");
	client_send(c, buf_view(&text));
	client_send(c, S(".\r\n"));
	buf_release(&text);
}

static void a_message_has_a_limit(void **unused)
{
	struct client c = submission_fixture_ann(&f);

	(void)unused;
	send_large(&c, SUBMISSION_FIXTURE_MAX_BYTES);
	submission_expect_queued(&c);
	send_large(&c, SUBMISSION_FIXTURE_MAX_BYTES + 1);
	submission_expect(&c, "552 5.3.4 message too large\r\n");
	client_close(&c);
	assert_int_equal(queued(), 1);
}

static void recipients_have_a_limit(void **unused)
{
	struct client c = submission_fixture_ann(&f);
	struct queue_entry *e;
	size_t n;

	(void)unused;
	submission_tell(&c, "MAIL FROM:<ann@example.test>\r\n", "250 2.1.0 ok\r\n");
	for (unsigned i = 0; i <= SUBMISSION_MAX_RECIPIENTS; i++) {
		struct buf line = BUF_INIT(256);

		buf_fmt(&line, "RCPT TO:<user%u@far.test>\r\n", i);
		client_send(&c, buf_view(&line));
		buf_release(&line);
		submission_expect(&c, i < SUBMISSION_MAX_RECIPIENTS ? "250 2.1.5 ok\r\n"
								    : "452 4.5.3 too many recipients\r\n");
	}
	submission_tell(&c, "DATA\r\n", "354 go ahead\r\n");
	client_send(&c, S(HEADER "\r\n.\r\n"));
	submission_expect_queued(&c);
	client_close(&c);
	e = submission_queue(&f, &arena, &n);
	assert_int_equal(n, 1);
	assert_int_equal(e->recipients_n, SUBMISSION_MAX_RECIPIENTS);
}

static void put_many(struct buf *b, const char *head, size_t n)
{
	buf_cstr(b, head);
	for (; n; n--)
		buf_char(b, 'x');
}

/* SUBMISSION_ARENA_BYTES: the longest of everything, as often as it may come, fits; no client gets to its end. */
static void the_most_that_may_be_said_of_recipients_is_kept(void **unused)
{
	struct client c = submission_fixture_ann(&f);
	struct buf line = BUF_INIT(SMTP_MAX_LINE), rcpt = BUF_INIT(SMTP_MAX_LINE);
	struct queue_entry *e;
	size_t n;

	(void)unused;
	put_many(&line, "MAIL FROM:<ann@example.test> ENVID=", SMTP_MAX_ENVID);
	buf_cstr(&line, "\r\n");
	client_send(&c, buf_view(&line));
	submission_expect(&c, "250 2.1.0 ok\r\n");
	put_many(&rcpt, "RCPT TO:<", SMTP_MAX_PATH - sizeof("@far.test") + 1);
	put_many(&rcpt, "@far.test> ORCPT=rfc822;", SMTP_MAX_ORCPT - sizeof("rfc822;") + 1);
	buf_cstr(&rcpt, "\r\n");
	for (unsigned i = 0; i < SUBMISSION_MAX_RECIPIENTS; i++) {
		client_send(&c, buf_view(&rcpt));
		submission_expect(&c, "250 2.1.5 ok\r\n");
	}
	submission_tell(&c, "DATA\r\n", "354 go ahead\r\n");
	client_send(&c, S(HEADER "\r\n.\r\n"));
	submission_expect_queued(&c);
	client_close(&c);
	e = submission_queue(&f, &arena, &n);
	assert_int_equal(n, 1);
	assert_int_equal(e->recipients_n, SUBMISSION_MAX_RECIPIENTS);
	buf_release(&line);
	buf_release(&rcpt);
}

static void what_was_cut_is_not_sent(void **unused)
{
	struct client c = submission_fixture_ann(&f), other;

	(void)unused;
	begin(&c);
	submission_tell(&c, "DATA\r\n", "354 go ahead\r\n");
	client_send(&c, S(HEADER "\r\nhalf of"));
	client_close(&c);
	other = submission_fixture_ann(&f);
	submission_tell(&other, "NOOP\r\n", "250 2.0.0 ok\r\n");
	client_close(&other);
	assert_int_equal(queued(), 0);
}

static void addresses_beyond_ASCII_go_with_SMTPUTF8(void **unused)
{
	struct client c = submission_fixture_ann(&f);
	struct queue_entry *e;
	size_t n;

	(void)unused;
	submission_tell(&c, "MAIL FROM:<ann@example.test> SMTPUTF8\r\n", "250 2.1.0 ok\r\n");
	submission_tell(&c, "RCPT TO:<j\xc3\xb6rg@gr\xc3\xbc\xc3\x9f.test>\r\nDATA\r\n",
			"250 2.1.5 ok\r\n354 go ahead\r\n");
	client_send(&c, S(HEADER "\r\nText\r\n.\r\n"));
	submission_expect_queued(&c);
	client_close(&c);
	e = submission_queue(&f, &arena, &n);
	assert_int_equal(n, 1);
	assert_true(e->flags & QUEUE_UTF8);
	assert_true(str_eq(e->recipients[0].address, S("j\xc3\xb6rg@gr\xc3\xbc\xc3\x9f.test")));
	assert_true(str_eq(e->origin, S("from [127.0.0.1] with UTF8SMTPA")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_accepted_message_is_in_the_queue_with_its_envelope),
		TEST(chunks_and_pipelines),
		TEST(a_text_with_other_line_ends_is_refused),
		TEST(the_header_names_its_own_author),
		TEST(a_message_has_a_limit),
		TEST(recipients_have_a_limit),
		TEST(the_most_that_may_be_said_of_recipients_is_kept),
		TEST(what_was_cut_is_not_sent),
		TEST(addresses_beyond_ASCII_go_with_SMTPUTF8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
