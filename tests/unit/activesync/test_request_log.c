/* The line that a request leaves in the log: who asked for what, and how it ended; never with what password. */
#include "fixture.h"

#include <tests/support/hex.h>

#include <unistd.h>

#define QUERY "User=ann&DeviceId=ApplDNQXTESTFFG5&DeviceType=iPhone"
#define PASSWORD "a wrong one, but nearly"

static struct fixture fixture;

static int start(void **unused)
{
	(void)unused;
	fixture_start(&fixture);
	return 0;
}

static int stop(void **unused)
{
	(void)unused;
	fixture_stop(&fixture);
	return 0;
}

struct asked {
	const char *what, *login, *password;
	const char *method, *target;
	const char *document;
	const char *want; /* stands in the line */
};

/* Asks with stderr in a file; returns what was written there meanwhile. */
static struct str line_of(const struct asked *a)
{
	FILE *log = tmpfile();
	int saved = dup(STDERR_FILENO);
	char text[4096];
	struct str line;
	size_t n;

	assert_non_null(log);
	assert_true(saved >= 0 && dup2(fileno(log), STDERR_FILENO) >= 0);
	eas_phone_release(&fixture.phone);
	fixture.phone = eas_phone_new(fixture.server.port);
	fixture.phone.login = a->login ? a->login : fixture.phone.login;
	fixture.phone.password = a->password ? a->password : fixture.phone.password;
	eas_phone_send_to(&fixture.phone, a->method, a->target,
			  a->document ? hex(&fixture.arena, a->document) : STR_EMPTY);
	(void)eas_phone_receive(&fixture.phone);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(log);
	n = fread(text, 1, sizeof(text), log);
	fclose(log);
	assert_ok(arena_str(&fixture.arena, str_from(text, n), &line));
	return line;
}

static void a_line_tells_who_asked_for_what_and_how_it_ended(void **unused)
{
	static const struct asked cases[] = {
		{ .what = "done",
		  .method = "POST",
		  .target = EAS_HTTP_PATH "?Cmd=FolderSync&" QUERY,
		  .document = "03 01 6A 00 00 07 56 52 03 '0' 00 01 01",
		  .want = "user=ann@example.test device=ApplDNQXTESTFFG5 cmd=FolderSync version=16.1 profile=ios "
			  "status=200" },
		{ .what = "refused by the command",
		  .method = "POST",
		  .target = EAS_HTTP_PATH "?Cmd=FolderSync&" QUERY,
		  .document = "03 01 6A 00 00 07 56 52 03 '77' 00 01 01",
		  .want = "cmd=FolderSync version=16.1 profile=ios eas=9 status=200" },
		{ .what = "refused by the dispatcher",
		  .method = "POST",
		  .target = EAS_HTTP_PATH "?Cmd=FolderSync&" QUERY,
		  .document = "03 01 6A 00 00 07 56",
		  .want = "cmd=FolderSync version=16.1 profile=ios eas=102 status=200" },
		{ .what = "refused for one collection",
		  .method = "POST",
		  .target = EAS_HTTP_PATH "?Cmd=Sync&" QUERY,
		  .document = "03 01 6A 00 45 5C 4F 4B 03 '0' 00 01 52 03 '99' 00 01 01 01 01",
		  .want = "cmd=Sync version=16.1 profile=ios collection=99 eas=12 status=200" },
		{ .what = "a command that is not there",
		  .method = "POST",
		  .target = EAS_HTTP_PATH "?Cmd=CreateCollection&" QUERY,
		  .want = "user=ann@example.test device=ApplDNQXTESTFFG5 cmd=CreateCollection status=501" },
		{ .what = "OPTIONS",
		  .method = "OPTIONS",
		  .target = EAS_HTTP_PATH,
		  .want = "user=ann@example.test status=200" },
		{ .what = "no login",
		  .password = PASSWORD,
		  .method = "OPTIONS",
		  .target = EAS_HTTP_PATH,
		  .want = "login=ann@example.test status=401" },
		{ .what = "a login that would forge a line",
		  .login = "eve\nuser=ann",
		  .password = PASSWORD,
		  .method = "OPTIONS",
		  .target = EAS_HTTP_PATH,
		  .want = "login=\"eve\\x0auser=ann\" status=401" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct str line = line_of(&cases[i]);

		if (str_find(line, str_of(cases[i].want)) == line.n)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(line));
		if (str_find(line, S(PASSWORD)) < line.n)
			fail_msg("%s: the password is in the log", cases[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_tells_who_asked_for_what_and_how_it_ended),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
