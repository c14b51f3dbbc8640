/* Command lines of LMTP and submission, and their paths. */
#include <gateway/smtp/command.h>
#include <gateway/smtp/limits.h>
#include <gateway/smtp/path.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void lines_are_the_commands_they_say(void **unused)
{
	static const struct {
		const char *line;
		enum err err;
		struct smtp_command command;
	} cases[] = {
		{ "LHLO client.test", ERR_OK, { .verb = SMTP_LHLO, .name = STR_INIT("client.test") } },
		{ "lhlo [192.0.2.1]", ERR_OK, { .verb = SMTP_LHLO, .name = STR_INIT("[192.0.2.1]") } },
		{ "LHLO [IPv6:2001:db8::1]  ", ERR_OK, { .verb = SMTP_LHLO, .name = STR_INIT("[IPv6:2001:db8::1]") } },
		{ "LHLO", ERR_INVALID, { .verb = SMTP_LHLO } },
		{ "LHLO two words", ERR_INVALID, { .verb = SMTP_LHLO } },
		{ "LHLO a(comment)", ERR_INVALID, { .verb = SMTP_LHLO } },
		{ "LHLO a\rb", ERR_INVALID, { .verb = SMTP_LHLO } },
		{ "LHLO \xff", ERR_INVALID, { .verb = SMTP_LHLO } },
		{ "MAIL FROM:<>", ERR_OK, { .verb = SMTP_MAIL } },
		{ "mail from:<bob@example.test>", ERR_OK, { .verb = SMTP_MAIL, .path = STR_INIT("bob@example.test") } },
		{ "MAIL FROM: <bob@example.test>",
		  ERR_OK,
		  { .verb = SMTP_MAIL, .path = STR_INIT("bob@example.test") } },
		{ "MAIL FROM:<a@b> SIZE=1000", ERR_OK, { .verb = SMTP_MAIL, .path = STR_INIT("a@b"), .size = 1000 } },
		{ "MAIL FROM:<a@b> size=7 body=8bitmime smtputf8",
		  ERR_OK,
		  { .verb = SMTP_MAIL, .path = STR_INIT("a@b"), .size = 7, .utf8 = true } },
		{ "MAIL FROM:<a@b>  BODY=7BIT", ERR_OK, { .verb = SMTP_MAIL, .path = STR_INIT("a@b") } },
		/* RFC 1870 section 3: up to 20 digits. */
		{ "MAIL FROM:<> SIZE=99999999999999999999", ERR_OK, { .verb = SMTP_MAIL, .size = UINT64_MAX } },
		{ "MAIL FROM:<> SIZE", ERR_INVALID, { .verb = SMTP_MAIL } },
		{ "MAIL FROM:<> SIZE=", ERR_INVALID, { .verb = SMTP_MAIL } },
		{ "MAIL FROM:<> SIZE=-1", ERR_INVALID, { .verb = SMTP_MAIL } },
		{ "MAIL FROM:<> BODY=BINARYMIME", ERR_DENIED, { .verb = SMTP_MAIL } },
		{ "MAIL FROM:<> SMTPUTF8=yes", ERR_DENIED, { .verb = SMTP_MAIL } },
		{ "MAIL FROM:<> RET=HDRS", ERR_DENIED, { .verb = SMTP_MAIL } },
		{ "MAIL FROM:<a@b>SIZE=1", ERR_INVALID, { .verb = SMTP_MAIL } },
		{ "MAIL FROM:a@b", ERR_INVALID, { .verb = SMTP_MAIL } },
		{ "MAIL TO:<a@b>", ERR_INVALID, { .verb = SMTP_MAIL } },
		{ "MAIL", ERR_INVALID, { .verb = SMTP_MAIL } },
		{ "RCPT TO:<ann@example.test>", ERR_OK, { .verb = SMTP_RCPT, .path = STR_INIT("ann@example.test") } },
		{ "RCPT TO:<@one.test,@two.test:ann@b>", ERR_OK, { .verb = SMTP_RCPT, .path = STR_INIT("ann@b") } },
		{ "RCPT TO:<>", ERR_INVALID, { .verb = SMTP_RCPT } },
		{ "RCPT TO:<a@-b..c>", ERR_INVALID, { .verb = SMTP_RCPT } },
		{ "RCPT TO:<a@>", ERR_INVALID, { .verb = SMTP_RCPT } },
		{ "RCPT TO:<Postmaster>", ERR_OK, { .verb = SMTP_RCPT, .path = STR_INIT("Postmaster") } },
		{ "MAIL FROM:<a@-b..c>", ERR_OK, { .verb = SMTP_MAIL, .path = STR_INIT("a@-b..c") } },
		{ "RCPT TO:<a@b> NOTIFY=NEVER", ERR_DENIED, { .verb = SMTP_RCPT } },
		{ "RCPT TO:<a@b", ERR_INVALID, { .verb = SMTP_RCPT } },
		{ "DATA", ERR_OK, { .verb = SMTP_DATA } },
		{ "data  ", ERR_OK, { .verb = SMTP_DATA } },
		{ "DATA now", ERR_INVALID, { .verb = SMTP_DATA } },
		{ "BDAT 10", ERR_OK, { .verb = SMTP_BDAT, .size = 10 } },
		{ "BDAT 0 last", ERR_OK, { .verb = SMTP_BDAT, .last = true } },
		{ "BDAT 9223372036854775807", ERR_OK, { .verb = SMTP_BDAT, .size = INT64_MAX } },
		{ "BDAT 9223372036854775808", ERR_INVALID, { .verb = SMTP_BDAT } },
		{ "BDAT", ERR_INVALID, { .verb = SMTP_BDAT } },
		{ "BDAT LAST", ERR_INVALID, { .verb = SMTP_BDAT } },
		{ "BDAT 1 FIRST", ERR_INVALID, { .verb = SMTP_BDAT } },
		{ "BDAT 1 LAST LAST", ERR_INVALID, { .verb = SMTP_BDAT } },
		{ "RSET", ERR_OK, { .verb = SMTP_RSET } },
		{ "RSET all", ERR_INVALID, { .verb = SMTP_RSET } },
		{ "NOOP whatever this is", ERR_OK, { .verb = SMTP_NOOP } },
		{ "NOOP \x01", ERR_INVALID, { .verb = SMTP_NOOP } },
		{ "QUIT", ERR_OK, { .verb = SMTP_QUIT } },
		{ "VRFY ann", ERR_OK, { .verb = SMTP_VRFY } },
		{ "HELO client.test", ERR_OK, { .verb = SMTP_HELO, .name = STR_INIT("client.test") } },
		{ "EHLO client.test", ERR_OK, { .verb = SMTP_EHLO, .name = STR_INIT("client.test") } },
		{ "AUTH PLAIN", ERR_UNSUPPORTED, { .verb = SMTP_LHLO } },
		{ "STARTTLS", ERR_UNSUPPORTED, { .verb = SMTP_LHLO } },
		{ "", ERR_UNSUPPORTED, { .verb = SMTP_LHLO } },
		{ "LHL client.test", ERR_UNSUPPORTED, { .verb = SMTP_LHLO } },
		{ "GET / HTTP/1.1", ERR_UNSUPPORTED, { .verb = SMTP_LHLO } },
	};
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct smtp_command *wanted = &cases[i].command;
		struct smtp_command c;
		enum err e = smtp_parse(str_of(cases[i].line), SMTP_LMTP, &c);

		if (e != cases[i].err || c.verb != wanted->verb)
			fail_msg("%s: %s, verb %d", cases[i].line, err_text(e), (int)c.verb);
		if (!e && (!str_eq(c.name, wanted->name) || !str_eq(c.path, wanted->path) || c.size != wanted->size ||
			   c.last != wanted->last || c.utf8 != wanted->utf8))
			fail_msg("%s: name '" STR_FMT "' path '" STR_FMT "' size %llu", cases[i].line, STR_ARG(c.name),
				 STR_ARG(c.path), (unsigned long long)c.size);
	}
}

static void a_NUL_in_a_line_is_malformed(void **unused)
{
	struct smtp_command c;

	(void)unused;
	assert_int_equal(smtp_parse(S("MAIL FROM:<a\0b@c>"), SMTP_LMTP, &c), ERR_INVALID);
	assert_int_equal(smtp_parse(S("NOOP \0"), SMTP_LMTP, &c), ERR_INVALID);
	assert_int_equal(smtp_parse(S("NO\0OP"), SMTP_LMTP, &c), ERR_UNSUPPORTED);
}

static void paths_are_cut_at_the_bracket_that_ends_them(void **unused)
{
	static const struct {
		const char *args;
		enum err err;
		const char *path, *rest;
	} cases[] = {
		{ "<>", ERR_OK, "", "" },
		{ "<a@b> X=<y>", ERR_OK, "a@b", " X=<y>" },
		{ "<\"a b\"@c>", ERR_OK, "\"a b\"@c", "" },
		{ "<\"a>b\"@c> x", ERR_OK, "\"a>b\"@c", " x" },
		{ "<\"a\\\"b\"@c>", ERR_OK, "\"a\\\"b\"@c", "" },
		{ "<\"\"@c>", ERR_OK, "\"\"@c", "" },
		{ "<jörg@grüße.test>", ERR_OK, "jörg@grüße.test", "" },
		{ "<@a:b@c>", ERR_OK, "b@c", "" },
		{ "<@a:\"b>\"@c>", ERR_OK, "\"b>\"@c", "" },
		{ "<\"a@c>", ERR_INVALID, NULL, NULL },
		{ "<\"a\\\">", ERR_INVALID, NULL, NULL },
		{ "<a\"b\"@c>", ERR_INVALID, NULL, NULL },
		{ "<a b@c>", ERR_INVALID, NULL, NULL },
		{ "<a<b@c>", ERR_INVALID, NULL, NULL },
		{ "<a\tb@c>", ERR_INVALID, NULL, NULL },
		{ "<\"a\x01\"@c>", ERR_INVALID, NULL, NULL },
		{ "<\x80@c>", ERR_INVALID, NULL, NULL },
		{ "<@a>", ERR_INVALID, NULL, NULL },
		{ "<@a b:c@d>", ERR_INVALID, NULL, NULL },
		{ "a@b>", ERR_INVALID, NULL, NULL },
		{ "", ERR_INVALID, NULL, NULL },
		{ "<", ERR_INVALID, NULL, NULL },
	};
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct str args = str_of(cases[i].args), path = STR_EMPTY;
		enum err e = smtp_path_cut(&args, &path);

		if (e != cases[i].err)
			fail_msg("%s: %s", cases[i].args, err_text(e));
		if (!e && (!str_eq(path, str_of(cases[i].path)) || !str_eq(args, str_of(cases[i].rest))))
			fail_msg("%s: '" STR_FMT "', then '" STR_FMT "'", cases[i].args, STR_ARG(path), STR_ARG(args));
	}
}

static void a_path_ends_at_its_limit(void **unused)
{
	(void)unused;
	for (size_t n = SMTP_MAX_PATH; n <= SMTP_MAX_PATH + 1; n++) {
		char text[SMTP_MAX_PATH + 3];
		struct str args = str_from(text, n + 2), path;

		memset(text, 'a', sizeof(text));
		text[0] = '<';
		text[n + 1] = '>';
		assert_int_equal(smtp_path_cut(&args, &path), n > SMTP_MAX_PATH ? ERR_INVALID : ERR_OK);
	}
}

static void a_name_ends_at_its_limit(void **unused)
{
	(void)unused;
	for (size_t n = SMTP_MAX_NAME; n <= SMTP_MAX_NAME + 1; n++) {
		char line[sizeof("LHLO ") + SMTP_MAX_NAME + 1] = "LHLO ";
		struct smtp_command c;

		memset(line + 5, 'a', n);
		assert_int_equal(smtp_parse(str_from(line, 5 + n), SMTP_LMTP, &c),
				 n > SMTP_MAX_NAME ? ERR_INVALID : ERR_OK);
	}
}

#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"

/* RFC 5321 4.1.2, 4.1.3; RFC 6531 3.3. */
static void a_domain_is_labels_or_an_address_in_brackets(void **unused)
{
	static const struct {
		const char *path;
		bool is;
	} cases[] = {
		{ "a@b", true },
		{ "a@b.c", true },
		{ "a@B-1.c2.3d", true },
		{ "a@1.2", true },
		{ "\"a@b\"@c", true },
		{ "a@grüße.test", true },
		{ "a@my_host.test", true },
		{ "a@" LABEL_63 ".test", true },
		{ "a@[192.0.2.1]", true },
		{ "a@[IPv6:2001:db8::1]", true },
		{ "a@[ipv6:::ffff:192.0.2.1]", true },
		{ "a@" LABEL_63 "4.test", false },
		{ "a@-b..c", false },
		{ "a@b..c", false },
		{ "a@.b", false },
		{ "a@b.", false },
		{ "a@", false },
		{ "a", false },
		{ "@b", false },
		{ "", false },
		{ "a@-b", false },
		{ "a@b-.c", false },
		{ "a@b!c", false },
		{ "a@b@c", false },
		{ "a@b[1]", false },
		{ "a@[]", false },
		{ "a@[", false },
		{ "a@[192.0.2.256]", false },
		{ "a@[192.0.2.1", false },
		{ "a@[2001:db8::1]", false },
		{ "a@[IPv6:2001:db8::1::]", false },
		{ "a@[IPv6:]", false },
		{ "a@[x-tag:text]", false },
		{ "a@[1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111]", false },
	};
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		if (smtp_path_has_domain(str_of(cases[i].path)) != cases[i].is)
			fail_msg("%s", cases[i].path);
}

/* RFC 3461 4.2, 4.4. */
static void parameters_of_DSN_end_at_their_limits(void **unused)
{
	static const struct {
		const char *head;
		size_t before, most; /* octets of the value that stand in the head; all of them */
	} cases[] = {
		{ "MAIL FROM:<a@b> ENVID=", 0, SMTP_MAX_ENVID },
		{ "RCPT TO:<a@b> ORCPT=rfc822;", sizeof("rfc822;") - 1, SMTP_MAX_ORCPT },
	};
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		for (size_t past = 0; past <= 1; past++) {
			struct buf line = BUF_INIT(SMTP_MAX_LINE);
			struct smtp_command c;

			buf_cstr(&line, cases[i].head);
			for (size_t n = cases[i].before; n < cases[i].most + past; n++)
				buf_char(&line, 'x');
			assert_int_equal(smtp_parse(buf_view(&line), SMTP_SUBMISSION, &c), past ? ERR_INVALID : ERR_OK);
			buf_release(&line);
		}
}

/* RFC 5321 4.1.2: quoting that is not needed means nothing. */
static void addresses_are_unquoted(void **unused)
{
	static const struct {
		const char *path;
		enum err err;
		const char *address;
	} cases[] = {
		{ "ann@example.test", ERR_OK, "ann@example.test" },
		{ "\"ann\"@example.test", ERR_OK, "ann@example.test" },
		{ "\"a\\nn\"@example.test", ERR_OK, "ann@example.test" },
		{ "\"a nn\"@example.test", ERR_OK, "a nn@example.test" },
		{ "\"\"@example.test", ERR_OK, "@example.test" },
		{ "ann", ERR_INVALID, NULL },
		{ "\"ann@example.test\"", ERR_INVALID, NULL },
		{ "\"ann@example.test\"@", ERR_INVALID, NULL },
		{ "\"ann@example.test\"@evil.test", ERR_INVALID, NULL },
		{ "ann@example.test@evil.test", ERR_INVALID, NULL },
		{ "\"ann\"x@example.test", ERR_INVALID, NULL },
	};
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf out = BUF_INIT(SMTP_MAX_PATH);
		enum err e = smtp_path_address(str_of(cases[i].path), &out);

		if (e != cases[i].err || (!e && !str_eq(buf_view(&out), str_of(cases[i].address))))
			fail_msg("%s: %s, '" STR_FMT "'", cases[i].path, err_text(e), STR_ARG(buf_view(&out)));
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_the_commands_they_say),
		cmocka_unit_test(a_NUL_in_a_line_is_malformed),
		cmocka_unit_test(paths_are_cut_at_the_bracket_that_ends_them),
		cmocka_unit_test(a_path_ends_at_its_limit),
		cmocka_unit_test(a_name_ends_at_its_limit),
		cmocka_unit_test(a_domain_is_labels_or_an_address_in_brackets),
		cmocka_unit_test(parameters_of_DSN_end_at_their_limits),
		cmocka_unit_test(addresses_are_unquoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
