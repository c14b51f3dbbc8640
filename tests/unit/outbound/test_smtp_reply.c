/* Replies of servers, whole and byte by byte. */
#include <gateway/outbound/smtp_reply.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct {
	const char *what;
	struct str bytes;
	enum smtp_parsed parsed;
	unsigned code;
	size_t used;
	struct str status, line;
} cases[] = {
	{ "one line", STR_INIT("250 ok\r\n"), SMTP_DONE, 250, 8, STR_INIT(""), STR_INIT("250 ok") },
	{ "a bare code", STR_INIT("250\r\n"), SMTP_DONE, 250, 5, STR_INIT(""), STR_INIT("250") },
	{ "a bare LF", STR_INIT("250 ok\n"), SMTP_DONE, 250, 7, STR_INIT(""), STR_INIT("250 ok") },
	{ "several lines", STR_INIT("550-5.1.1 no\r\n550 5.1.1 such user\r\n"), SMTP_DONE, 550, 35, STR_INIT("5.1.1"),
	  STR_INIT("550 5.1.1 no 5.1.1 such user") },
	{ "what follows stays", STR_INIT("421 4.3.2 bye\r\n250 x\r\n"), SMTP_DONE, 421, 15, STR_INIT("4.3.2"),
	  STR_INIT("421 4.3.2 bye") },
	{ "a status of another class", STR_INIT("550 2.0.0 ok\r\n"), SMTP_DONE, 550, 14, STR_INIT(""),
	  STR_INIT("550 2.0.0 ok") },
	{ "a status that is none", STR_INIT("550 5.1 x\r\n"), SMTP_DONE, 550, 11, STR_INIT(""), STR_INIT("550 5.1 x") },
	{ "an address is no status", STR_INIT("550 5.6.7.8 x\r\n"), SMTP_DONE, 550, 15, STR_INIT(""),
	  STR_INIT("550 5.6.7.8 x") },
	{ "controls", STR_INIT("550 a\tb\x01\xff\r\n"), SMTP_DONE, 550, 11, STR_INIT(""), STR_INIT("550 a?b??") },
	{ "not yet", STR_INIT("250-ok\r\n250"), SMTP_NEED_MORE, 0, 0, STR_INIT(""), STR_INIT("") },
	{ "nothing", STR_INIT(""), SMTP_NEED_MORE, 0, 0, STR_INIT(""), STR_INIT("") },
	{ "no code", STR_INIT("hello\r\n"), SMTP_BAD, 0, 0, STR_INIT(""), STR_INIT("") },
	{ "a code too low", STR_INIT("150 x\r\n"), SMTP_BAD, 0, 0, STR_INIT(""), STR_INIT("") },
	{ "a code too high", STR_INIT("650 x\r\n"), SMTP_BAD, 0, 0, STR_INIT(""), STR_INIT("") },
	{ "two codes", STR_INIT("250-x\r\n550 y\r\n"), SMTP_BAD, 0, 0, STR_INIT(""), STR_INIT("") },
	{ "a bad separator", STR_INIT("250x\r\n"), SMTP_BAD, 0, 0, STR_INIT(""), STR_INIT("") },
};

static void replies_are_read(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf line = BUF_INIT(1000);
		struct smtp_reply r = { 0 };

		if (smtp_reply_parse(cases[i].bytes, &r) != cases[i].parsed)
			fail_msg("%s", cases[i].what);
		if (cases[i].parsed != SMTP_DONE)
			continue;
		smtp_reply_put(&line, &r);
		if (r.code != cases[i].code || r.used != cases[i].used ||
		    !str_eq(smtp_reply_status(&r), cases[i].status) || !str_eq(buf_view(&line), cases[i].line))
			fail_msg("%s: %u, %zu, '" STR_FMT "'", cases[i].what, r.code, r.used, STR_ARG(buf_view(&line)));
		buf_release(&line);
	}
}

static void bytes_alone_come_to_the_same(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		for (size_t n = 0; n <= cases[i].bytes.n; n++) {
			struct smtp_reply r = { 0 };
			enum smtp_parsed p = smtp_reply_parse(str_slice(cases[i].bytes, 0, n), &r);

			if (p == SMTP_NEED_MORE)
				continue;
			if (p != cases[i].parsed || (p == SMTP_DONE && r.used != n))
				fail_msg("%s at %zu", cases[i].what, n);
			break;
		}
	}
}

static void a_reply_ends_at_its_limit(void **unused)
{
	struct buf b = BUF_INIT(1 << 20);
	struct smtp_reply r;

	(void)unused;
	while (b.n < SMTP_MAX_REPLY - 8)
		buf_cstr(&b, "250-xx\r\n");
	buf_cstr(&b, "250 xx\r\n");
	assert_int_equal(b.n, SMTP_MAX_REPLY);
	assert_int_equal(smtp_reply_parse(buf_view(&b), &r), SMTP_DONE);
	buf_truncate(&b, b.n - 2);
	buf_cstr(&b, "x\r\n");
	assert_int_equal(smtp_reply_parse(buf_view(&b), &r), SMTP_BAD);
	buf_clear(&b);
	while (b.n < SMTP_MAX_REPLY)
		buf_char(&b, '2');
	assert_int_equal(smtp_reply_parse(buf_view(&b), &r), SMTP_NEED_MORE);
	buf_char(&b, '2');
	assert_int_equal(smtp_reply_parse(buf_view(&b), &r), SMTP_BAD);
	buf_release(&b);
}

static void extensions_are_known_by_their_words(void **unused)
{
	struct smtp_reply r;
	struct smtp_extensions e;

	(void)unused;
	assert_int_equal(smtp_reply_parse(S("250-DSN greets you\r\n250-8bitmime\r\n250-SIZE 1000\r\n250-XDSN\r\n"
					    "250 SMTPUTF8\r\n"),
					  &r),
			 SMTP_DONE);
	e = smtp_extensions_of(&r);
	assert_int_equal(e.have, SMTP_8BITMIME | SMTP_SIZE | SMTP_UTF8);
	assert_int_equal(e.max_size, 1000);
	assert_int_equal(smtp_reply_parse(S("250-x\r\n250-DSN\r\n250 SIZE\r\n"), &r), SMTP_DONE);
	e = smtp_extensions_of(&r);
	assert_int_equal(e.have, SMTP_DSN | SMTP_SIZE);
	assert_int_equal(e.max_size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_read),
		cmocka_unit_test(bytes_alone_come_to_the_same),
		cmocka_unit_test(a_reply_ends_at_its_limit),
		cmocka_unit_test(extensions_are_known_by_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
