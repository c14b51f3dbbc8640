/* Command lines of POP3. */
#include <gateway/pop3/command.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void lines_are_the_commands_they_say(void **unused)
{
	static const struct {
		const char *line;
		enum err err;
		struct pop3_command command;
	} cases[] = {
		{ "USER ann", ERR_OK, { .verb = POP3_USER, .text = STR_INIT("ann") } },
		{ "user ann lee", ERR_OK, { .verb = POP3_USER, .text = STR_INIT("ann lee") } },
		{ "USER j\xc3\xb6rg@x", ERR_OK, { .verb = POP3_USER, .text = STR_INIT("j\xc3\xb6rg@x") } },
		{ "USER", ERR_INVALID, { .verb = POP3_USER } },
		{ "USER \xff", ERR_INVALID, { .verb = POP3_USER } },
		{ "PASS a  b ", ERR_OK, { .verb = POP3_PASS, .text = STR_INIT("a  b ") } },
		{ "PASS", ERR_INVALID, { .verb = POP3_PASS } },
		{ "AUTH", ERR_OK, { .verb = POP3_AUTH } },
		{ "AUTH PLAIN", ERR_OK, { .verb = POP3_AUTH, .text = STR_INIT("PLAIN") } },
		{ "AUTH PLAIN =", ERR_OK, { .verb = POP3_AUTH, .text = STR_INIT("PLAIN"), .more = STR_INIT("=") } },
		{ "AUTH PLAIN a b", ERR_INVALID, { .verb = POP3_AUTH } },
		{ "RETR 1", ERR_OK, { .verb = POP3_RETR, .number = 1 } },
		{ "RETR 1  ", ERR_OK, { .verb = POP3_RETR, .number = 1 } },
		{ "RETR 99999999999999999999", ERR_OK, { .verb = POP3_RETR, .number = UINT32_MAX } },
		{ "RETR 0", ERR_INVALID, { .verb = POP3_RETR } },
		{ "RETR -1", ERR_INVALID, { .verb = POP3_RETR } },
		{ "RETR", ERR_INVALID, { .verb = POP3_RETR } },
		{ "RETR 1 2", ERR_INVALID, { .verb = POP3_RETR } },
		{ "DELE 7", ERR_OK, { .verb = POP3_DELE, .number = 7 } },
		{ "TOP 3 0", ERR_OK, { .verb = POP3_TOP, .number = 3 } },
		{ "TOP 3 10", ERR_OK, { .verb = POP3_TOP, .number = 3, .lines = 10 } },
		{ "TOP 3", ERR_INVALID, { .verb = POP3_TOP } },
		{ "LIST", ERR_OK, { .verb = POP3_LIST } },
		{ "LIST 2", ERR_OK, { .verb = POP3_LIST, .number = 2 } },
		{ "UIDL x", ERR_INVALID, { .verb = POP3_UIDL } },
		{ "UIDL ", ERR_OK, { .verb = POP3_UIDL } },
		{ "STAT", ERR_OK, { .verb = POP3_STAT } },
		{ "STAT now", ERR_INVALID, { .verb = POP3_STAT } },
		{ "LANG", ERR_OK, { .verb = POP3_LANG } },
		{ "LANG de", ERR_OK, { .verb = POP3_LANG, .text = STR_INIT("de") } },
		{ "STLS", ERR_OK, { .verb = POP3_STLS } },
		{ "UTF8", ERR_OK, { .verb = POP3_UTF8 } },
		{ "NOOP\x01", ERR_UNSUPPORTED, { .verb = POP3_AUTH } },
		{ "USER a\x01", ERR_INVALID, { .verb = POP3_USER } },
		{ "APOP ann 0123", ERR_UNSUPPORTED, { .verb = POP3_AUTH } },
		{ "", ERR_UNSUPPORTED, { .verb = POP3_AUTH } },
		{ "GET / HTTP/1.1", ERR_UNSUPPORTED, { .verb = POP3_AUTH } },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct pop3_command *wanted = &cases[i].command;
		struct pop3_command c;
		enum err e = pop3_parse(str_of(cases[i].line), &c);

		if (e != cases[i].err || c.verb != wanted->verb)
			fail_msg("%s: %s, verb %d", cases[i].line, err_text(e), (int)c.verb);
		if (!e &&
		    (!str_eq(c.text, wanted->text) || !str_eq(c.more, wanted->more) || c.number != wanted->number ||
		     c.lines != wanted->lines || (c.text.p == NULL) != (wanted->text.p == NULL)))
			fail_msg("%s", cases[i].line);
	}
}

static void a_NUL_in_a_line_is_malformed(void **unused)
{
	struct pop3_command c;

	(void)unused;
	assert_int_equal(pop3_parse(S("USER a\0b"), &c), ERR_INVALID);
	assert_int_equal(pop3_parse(S("PASS \0"), &c), ERR_INVALID);
	assert_int_equal(pop3_parse(S("NO\0OP"), &c), ERR_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_the_commands_they_say),
		cmocka_unit_test(a_NUL_in_a_line_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
