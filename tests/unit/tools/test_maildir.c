/* Names in a Maildir. */
#include <tools/roostctl/maildir.h>

#include <store/item.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { NAME_BYTES = 4096 };

static void a_name_tells_flags_and_time(void **unused)
{
	static const struct {
		const char *name;
		unsigned flags;
		int64_t s;
	} cases[] = {
		{ "1514764800.M1P2.host", 0, 1514764800 },
		{ "1514764800.M1P2.host:2,", 0, 1514764800 },
		{ "1514764800.M1P2.host,S=12,W=13:2,S", ITEM_SEEN, 1514764800 },
		{ "1514764800.x:2,DFPRST", ITEM_FLAGS_ALL, 1514764800 },
		{ "1514764800.x:2,FRab", ITEM_FLAGGED | ITEM_ANSWERED, 1514764800 },
		{ "1514764800.x:1,S", 0, 1514764800 },
		{ "1514764800.x:2", 0, 1514764800 },
		{ "S", 0, 0 },
		{ "", 0, 0 },
		{ ":2,S", ITEM_SEEN, 0 },
		{ "631151999.x", 0, 0 },
		{ "631152000.x", 0, 631152000 },
		{ "4102444800.x", 0, 4102444800 },
		{ "4102444801.x", 0, 0 },
		{ "99999999999999999999999.x", 0, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct maildir_name n = maildir_name_parse(str_of(cases[i].name));

		if (n.flags != cases[i].flags || n.time_ms != cases[i].s * 1000)
			fail_msg("%s: flags %x, time %lld", cases[i].name, n.flags, (long long)n.time_ms);
	}
}

/* RFC 3501 section 5.1.3 gives the first two. */
static void a_folder_name_is_decoded(void **unused)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "~peter", "~peter" },     { "&U,BTFw-", "台北" },     { "Entw&APw-rfe", "Entwürfe" },
		{ "R&-D", "R&D" },          { "&-&-", "&&" },           { "a&2D3eAA-b", "a😀b" },
		{ "Entwürfe", "Entwürfe" }, { "AT&T", "AT&T" },         { "end&", "end&" },
		{ "&2D0-", "&2D0-" },       { "&3gA-", "&3gA-" },       { "&AP-", "&AP-" },
		{ "&!-", "&!-" },           { "\xff", "\xef\xbf\xbd" }, { "", "" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf b = BUF_INIT(NAME_BYTES);

		maildir_folder_decode(&b, str_of(cases[i].in));
		if (!str_eq(buf_view(&b), str_of(cases[i].out)))
			fail_msg("%s: " STR_FMT, cases[i].in, STR_ARG(buf_view(&b)));
		buf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_tells_flags_and_time),
		cmocka_unit_test(a_folder_name_is_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
