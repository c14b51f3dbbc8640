/* Lines of announcements. */
#include <gateway/control/announce.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void lines_are_what_they_say(void **unused)
{
	static const struct {
		struct str line;
		enum err err;
		enum announce_verb verb;
		int64_t id;
	} cases[] = {
		{ STR_INIT("begin 1"), ERR_OK, ANNOUNCE_BEGIN, 1 },
		{ STR_INIT("committed 42"), ERR_OK, ANNOUNCE_COMMITTED, 42 },
		{ STR_INIT("account 7"), ERR_OK, ANNOUNCE_ACCOUNT, 7 },
		{ STR_INIT("device 8"), ERR_OK, ANNOUNCE_DEVICE, 8 },
		{ STR_INIT("policies 60"), ERR_OK, ANNOUNCE_POLICIES, 60 },
		{ STR_INIT("begin 9223372036854775807"), ERR_OK, ANNOUNCE_BEGIN, INT64_MAX },
		{ STR_INIT("begin 9223372036854775808"), ERR_LIMIT, 0, 0 },
		{ STR_INIT("begin -1"), ERR_INVALID, 0, 0 },
		{ STR_INIT("begin"), ERR_INVALID, 0, 0 },
		{ STR_INIT("begin "), ERR_INVALID, 0, 0 },
		{ STR_INIT("begin  1"), ERR_INVALID, 0, 0 },
		{ STR_INIT("begin 1 "), ERR_INVALID, 0, 0 },
		{ STR_INIT("begin 1\r"), ERR_INVALID, 0, 0 },
		{ STR_INIT("begin 1\0"), ERR_INVALID, 0, 0 },
		{ STR_INIT("BEGIN 1"), ERR_INVALID, 0, 0 },
		{ STR_INIT("commit 1"), ERR_INVALID, 0, 0 },
		{ STR_INIT(" begin 1"), ERR_INVALID, 0, 0 },
		{ STR_INIT(""), ERR_INVALID, 0, 0 },
	};
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		enum announce_verb verb = ANNOUNCE_BEGIN;
		int64_t id = 0;
		enum err e = announce_parse(cases[i].line, &verb, &id);

		if (e != cases[i].err || (!e && (verb != cases[i].verb || id != cases[i].id)))
			fail_msg("'" STR_FMT "': %s, verb %d, id %lld", STR_ARG(cases[i].line), err_text(e), (int)verb,
				 (long long)id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
