/* The command line. */
#include <tools/phone/fault.h>
#include <tools/phone/settings.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

enum { MAX_WORDS = 24 };

static enum err parse(const char *line, struct settings *s, struct buf *room, struct buf *why)
{
	char *argv[MAX_WORDS + 1] = { NULL };
	struct str rest = str_of(line), word;
	size_t starts[MAX_WORDS];
	int n = 0;

	buf_clear(room);
	while (str_cut(&rest, ' ', &word)) {
		starts[n++] = room->n;
		buf_str(room, word);
		buf_char(room, '\0');
	}
	for (int i = 0; i < n; i++)
		argv[i] = room->p + starts[i];
	return settings_parse(s, n, argv, why);
}

#define BASE "phone --url https://x:1 --user ann --password p "

static void options_stand_before_and_behind_the_command(void **unused)
{
	CLEANUP(buf_release) struct buf room = BUF_INIT(4096), why = BUF_INIT(FAULT_MAX_TEXT);
	struct settings s;

	(void)unused;
	assert_int_equal(parse(BASE
			       "--body html sync --truncate 0 --window 512 -v --version 12.1 --query base64 --cut half",
			       &s, &room, &why),
			 ERR_OK);
	assert_string_equal(s.command, "sync");
	assert_int_equal(s.args_n, 0);
	assert_int_equal(s.sync.body, BODY_HTML);
	assert_true(s.sync.truncates);
	assert_int_equal(s.sync.truncate_bytes, 0);
	assert_int_equal(s.sync.window, 512);
	assert_int_equal(s.identity.version, EAS_12_1);
	assert_true(s.identity.base64_query);
	assert_true(s.verbose);
	assert_int_equal(s.cut, CUT_HALF);
}

static void wrong_use_is_told(void **unused)
{
	static const struct {
		const char *line, *told;
	} cases[] = {
		{ "phone", "which command?" },
		{ "phone sync", "--url is missing" },
		{ "phone --url http://x --password p sync", "--user is missing" },
		{ "phone --url http://x --user u sync", "--password-file is missing" },
		{ "phone --url x sync", "--url x: not URL" },
		{ BASE "--window 0 sync", "from 1 to 512" },
		{ BASE "--window 513 sync", "from 1 to 512" },
		{ BASE "--filter 6 sync", "from 0 to 5" },
		{ BASE "--body rtf sync", "not none|plain|html|mime" },
		{ BASE "--version 12.0 sync", "--version 12.0: not V" },
		{ BASE "--device-id a,b sync", "letters and digits" },
		{ BASE "--nonsense sync", "no such option" },
		{ BASE "sync --window", "its value is missing" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf room = BUF_INIT(4096), why = BUF_INIT(FAULT_MAX_TEXT);
		struct settings s;

		if (parse(cases[i].line, &s, &room, &why) != ERR_INVALID ||
		    str_find(buf_view(&why), str_of(cases[i].told)) == why.n)
			fail_msg("%s: \"%.*s\"", cases[i].line, (int)why.n, why.p ? why.p : "");
	}
}

static void what_the_phone_has_is_shown_without_a_server(void **unused)
{
	CLEANUP(buf_release) struct buf room = BUF_INIT(4096), why = BUF_INIT(FAULT_MAX_TEXT);
	struct settings s;

	(void)unused;
	assert_int_equal(parse("phone --store x status", &s, &room, &why), ERR_OK);
	assert_int_equal(parse("phone --store x list", &s, &room, &why), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_before_and_behind_the_command),
		cmocka_unit_test(wrong_use_is_told),
		cmocka_unit_test(what_the_phone_has_is_shown_without_a_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
