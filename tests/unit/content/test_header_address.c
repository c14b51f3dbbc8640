/* Address lists. */
#include <gateway/content/header.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ARENA_MAX = 64 * 1024 * 1024 };

static void as_text(struct buf *b, struct str raw)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct header_address *list;
	size_t n;

	assert_int_equal(header_addresses(&a, raw, &list, &n), ERR_OK);
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, "%s" STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT, i ? " # " : "", STR_ARG(list[i].name),
			STR_ARG(list[i].local), STR_ARG(list[i].domain), STR_ARG(list[i].group));
}

static void lists_are_read_as_senders_write_them(void **unused)
{
	static const struct {
		const char *what;
		struct str in, out;
	} cases[] = {
		{ "nothing", STR_INIT(" \r\n"), STR_INIT("") },
		{ "bare address", STR_INIT("ann@example.test"), STR_INIT("|ann|example.test|") },
		{ "name", STR_INIT("Ann Example <ann@example.test>"), STR_INIT("Ann Example|ann|example.test|") },
		{ "quoted name", STR_INIT("\"Ex, \\\"Ann\\\"\" <a@b>"), STR_INIT("Ex, \"Ann\"|a|b|") },
		{ "two", STR_INIT("a@b,\r\n C <c@d>"), STR_INIT("|a|b| # C|c|d|") },
		{ "empty entries", STR_INIT(",a@b,, ,c@d,"), STR_INIT("|a|b| # |c|d|") },
		{ "encoded name", STR_INIT("=?utf-8?Q?=C3=A9?= <a@b>"), STR_INIT("\xC3\xA9|a|b|") },
		{ "encoded comma", STR_INIT("=?utf-8?Q?x,y?= <a@b>"), STR_INIT("x,y|a|b|") },
		{ "encoded inside of quotes", STR_INIT("\"=?utf-8?Q?=C3=A9?=\" <a@b>"), STR_INIT("\xC3\xA9|a|b|") },
		{ "comment as name", STR_INIT("a@b (Ann (the) Great)"), STR_INIT("Ann (the) Great|a|b|") },
		{ "comment beside a name", STR_INIT("Ann (x) <a@b>"), STR_INIT("Ann|a|b|") },
		{ "group", STR_INIT("Team: a@b, C <c@d>; e@f"), STR_INIT("|a|b|Team # C|c|d|Team # |e|f|") },
		{ "empty group", STR_INIT("undisclosed-recipients:;"), STR_INIT("|||undisclosed-recipients") },
		{ "open group", STR_INIT("Team: a@b"), STR_INIT("|a|b|Team") },
		{ "route", STR_INIT("<@x,@y:a@b>"), STR_INIT("|a|b|") },
		{ "quoted local part", STR_INIT("\"a b\"@c"), STR_INIT("|a b|c|") },
		{ "quoted local part in brackets", STR_INIT("<\"a@x\"@c>"), STR_INIT("|a@x|c|") },
		{ "blanks around dots", STR_INIT("ann . e @ example . test"), STR_INIT("|ann.e|example.test|") },
		{ "name without brackets", STR_INIT("Ann Example ann@b"), STR_INIT("Ann Example|ann|b|") },
		{ "word alone", STR_INIT("MAILER-DAEMON"), STR_INIT("|MAILER-DAEMON||") },
		{ "words alone", STR_INIT("Mail System"), STR_INIT("Mail System|||") },
		{ "empty brackets", STR_INIT("Ann <>"), STR_INIT("Ann|||") },
		{ "open bracket", STR_INIT("Ann <a@b, C <c@d>"), STR_INIT("Ann|a|b| # C|c|d|") },
		{ "semicolons", STR_INIT("a@b; c@d;"), STR_INIT("|a|b| # |c|d|") },
		{ "dots in a name", STR_INIT("J. R. Smith <a@b>"), STR_INIT("J. R. Smith|a|b|") },
		{ "open quote", STR_INIT("\"Ann <a@b>"), STR_INIT("Ann|a|b|") },
		{ "open comment", STR_INIT("a@b (Ann"), STR_INIT("Ann|a|b|") },
		{ "literal domain", STR_INIT("a@[192.0.2.1]"), STR_INIT("|a|[192.0.2.1]|") },
		{ "raw UTF-8", STR_INIT("\xC3\xA9@\xC3\xA9.test"), STR_INIT("|\xC3\xA9|\xC3\xA9.test|") },
		{ "two in brackets, and no comma", STR_INIT("B <b@c> <a@b>"), STR_INIT("B|b|c| # |a|b|") },
		{ "line ends in a name", STR_INIT("=?utf-8?Q?a=0D=0ABcc:_x@y?= <a@b>"), STR_INIT("a  Bcc: x@y|a|b|") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(1000);

		as_text(&out, cases[i].in);
		if (!str_eq(buf_view(&out), cases[i].out))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&out)));
	}
}

static void what_others_may_read_as_another_address_is_known(void **unused)
{
	static const struct {
		struct str in;
		bool loose;
	} cases[] = {
		{ STR_INIT("ann@b"), false },
		{ STR_INIT("Ann Example <ann@b>"), false },
		{ STR_INIT("\"boss@c\" <ann@b>"), false },
		{ STR_INIT("boss@c <ann@b>"), false }, /* a name, as some programs write it */
		{ STR_INIT("ann@b (Ann)"), false },
		{ STR_INIT("<ann@b> (Ann)"), false },
		{ STR_INIT("ann . e @ b"), false },
		{ STR_INIT("boss@c ann@b"), true },
		{ STR_INIT("Ann ann@b"), true },
		{ STR_INIT("<ann@b> boss@c"), true },
		{ STR_INIT("<ann@b> \"boss@c\""), true },
		{ STR_INIT("<ann@b> =?utf-8?Q?boss=40c?="), true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		struct header_address *list;
		size_t n;

		assert_int_equal(header_addresses(&a, cases[i].in, &list, &n), ERR_OK);
		assert_int_equal(n, 1);
		if (list[0].loose != cases[i].loose)
			fail_msg(STR_FMT, STR_ARG(cases[i].in));
	}
}

static void an_address_is_written_so_that_it_reads_back(void **unused)
{
	static const struct {
		struct header_address addr;
		const char *text;
	} cases[] = {
		{ { .local = STR_INIT("a"), .domain = STR_INIT("b") }, "a@b" },
		{ { .name = STR_INIT("A"), .local = STR_INIT("a"), .domain = STR_INIT("b") }, "\"A\" <a@b>" },
		{ { .name = STR_INIT("\"x\\"), .local = STR_INIT("a"), .domain = STR_INIT("b") },
		  "\"\\\"x\\\\\" <a@b>" },
		{ { .name = STR_INIT("A"), .local = STR_INIT("a b"), .domain = STR_INIT("c") }, "\"A\" <\"a b\"@c>" },
		{ { .local = STR_INIT("root") }, "root" },
		{ { .name = STR_INIT("A B") }, "\"A B\"" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(100);
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		struct header_address *list;
		size_t n;

		header_address_put(&out, &cases[i].addr);
		if (!str_eq(buf_view(&out), str_of(cases[i].text)))
			fail_msg("%s: " STR_FMT, cases[i].text, STR_ARG(buf_view(&out)));
		if (cases[i].addr.domain.n == 0)
			continue;
		assert_int_equal(header_addresses(&a, buf_view(&out), &list, &n), ERR_OK);
		assert_int_equal(n, 1);
		assert_true(str_eq(list[0].name, cases[i].addr.name));
		assert_true(str_eq(list[0].local, cases[i].addr.local));
	}
}

static void addresses_past_the_limit_are_not_read(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(buf_release) struct buf in = BUF_INIT(1000000);
		struct header_address *list;
		size_t n;

		for (size_t i = 0; i < HEADER_ADDRESSES_MAX + extra; i++)
			buf_cstr(&in, "a@b,");
		assert_int_equal(header_addresses(&a, buf_view(&in), &list, &n), ERR_OK);
		assert_int_equal(n, HEADER_ADDRESSES_MAX);
	}
}

static void hostile_lists_cost_linear_time(void **unused)
{
	static const char *const repeated[] = { "(", "\"", "<", "a@b,", "=?", "a:", "(a)", "<@a:", "\\", ":", ";" };

	(void)unused;
	for (size_t i = 0; i < countof(repeated); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
		CLEANUP(buf_release) struct buf in = BUF_INIT(8000000);
		struct header_address *list;
		size_t n;

		for (size_t k = 0; k < 1000000; k++)
			buf_cstr(&in, repeated[i]);
		assert_int_equal(header_addresses(&a, buf_view(&in), &list, &n), ERR_OK);
		assert_true(n <= HEADER_ADDRESSES_MAX);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_as_senders_write_them),
		cmocka_unit_test(what_others_may_read_as_another_address_is_known),
		cmocka_unit_test(an_address_is_written_so_that_it_reads_back),
		cmocka_unit_test(addresses_past_the_limit_are_not_read),
		cmocka_unit_test(hostile_lists_cost_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
