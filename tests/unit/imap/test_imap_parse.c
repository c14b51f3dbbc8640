/* Arguments of FETCH and SEARCH. */
#include <gateway/imap/commands.h>
#include <gateway/imap/fetch.h>
#include <gateway/imap/limits.h>
#include <gateway/imap/search.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static bool needs_are(const struct imap_fetch_args *f, const char *needs)
{
	return f->octets == !!strchr(needs, 'o') && f->opens == !!strchr(needs, 's') &&
	       f->shapes == !!strchr(needs, 'k') && f->decodes == !!strchr(needs, 'd');
}

static void fetches_are_read(void **unused)
{
	static const struct {
		const char *text;
		size_t n; /* items; 0: malformed */
		const char *label;
		const char *needs; /* o: octets, s: structure or summary, k: what is kept as a shape, d: decodes */
		bool sets_seen;
	} cases[] = {
		{ " 1 FLAGS", 1, "FLAGS", "", false },
		{ " 1 ALL", 4, "FLAGS", "k", false },
		{ " 1 FAST", 3, "FLAGS", "", false },
		{ " 1 full", 5, "FLAGS", "sk", false },
		{ " 1:* (UID FLAGS)", 2, "UID", "", false },
		{ " 1 BODY", 1, "BODY", "s", false },
		{ " 1 BODY[]", 1, "BODY[]", "o", true },
		{ " 1 BODY.PEEK[]<10.20>", 1, "BODY[]<10>", "o", false },
		{ " 1 body[1.2.header.fields (a \"b c\")]", 1, "BODY[1.2.header.fields (a \"b c\")]", "s", true },
		{ " 1 BODY[1.MIME]", 1, "BODY[1.MIME]", "s", true },
		{ " 1 BINARY.PEEK[1]", 1, "BINARY[1]", "sd", false },
		{ " 1 BINARY.SIZE[1]", 1, "BINARY.SIZE[1]", "sd", false },
		{ " 1 (BODY.PEEK[HEADER.FIELDS (Subject)] BODY.PEEK[1])", 2, "BODY[HEADER.FIELDS (Subject)]", "sk",
		  false },
		{ " 1 RFC822.HEADER", 1, "RFC822.HEADER", "s", false },
		{ " 1 RFC822", 1, "RFC822", "o", true },
		{ " 1 (PREVIEW (LAZY) UID)", 2, "PREVIEW", "s", false },
		{ " 1 FLAGS (CHANGEDSINCE 5 VANISHED)", 1, "FLAGS", "", false },
		{ " 1 FLAGS (PARTIAL -1:-100)", 1, "FLAGS", "", false },
		{ " $ FLAGS", 1, "FLAGS", "", false },
		{ " 1 BODY[MIME]", 0, "", "", false },
		{ " 1 BODY[0]", 0, "", "", false },
		{ " 1 BODY[1.]", 0, "", "", false },
		{ " 1 BODY[]<5>", 0, "", "", false },
		{ " 1 BODY[]<5.0>", 0, "", "", false },
		{ " 1 BODY[TEXT", 0, "", "", false },
		{ " 1 BODY[HEADER.FIELDS ()]", 0, "", "", false },
		{ " 1 ()", 0, "", "", false },
		{ " 1 (ALL)", 0, "", "", false },
		{ " 1 BOGUS", 0, "", "", false },
		{ " 1 FLAGS (PARTIAL 1:-5)", 0, "", "", false },
		{ " 1", 0, "", "", false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(1 << 20);
		struct imap_in in = imap_in_of(&a, str_of(cases[i].text));
		struct imap_fetch_args *f = in_fetch(&in);

		in_end(&in);
		if (in_ok(&in) != (cases[i].n > 0))
			fail_msg("%s: %s", cases[i].text, in.why ? in.why : "good");
		if (cases[i].n && (f->n != cases[i].n || !str_eq(f->items[0].label, str_of(cases[i].label)) ||
				   !needs_are(f, cases[i].needs) || f->sets_seen != cases[i].sets_seen))
			fail_msg("%s: %zu, " STR_FMT, cases[i].text, f->n, STR_ARG(f->items[0].label));
		arena_release(&a);
	}
}

static void searches_are_read(void **unused)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ " ALL", true },
		{ " UNSEEN FROM \"x\"", true },
		{ " (OR (FROM a TO b) NOT SEEN) 1:5,7", true },
		{ " CHARSET UTF-8 SUBJECT {3+}\r\na b", true },
		{ " RETURN () ALL", true },
		{ " RETURN (MIN MAX COUNT SAVE) UID 5:*", true },
		{ " RETURN (PARTIAL 1:100) ALL", true },
		{ " MODSEQ \"/flags/\\\\draft\" all 5", true },
		{ " MODSEQ 5", true },
		{ " SINCE 1-Feb-2026 BEFORE \"3-Feb-2026\"", true },
		{ " HEADER X-Y \"\"", true },
		{ " $ UNKEYWORD $Forwarded OLDER 60", true },
		{ " THREADID x EMAILID M5", true },
		{ "", false },
		{ " ", false },
		{ " ()", false },
		{ " OR ALL", false },
		{ " NOT", false },
		{ " (ALL", false },
		{ " ALL)", false },
		{ " RETURN (PARTIAL 1:5 ALL) ALL", false },
		{ " RETURN (BOGUS) ALL", false },
		{ " SINCE 1-Foo-2026", false },
		{ " FROM", false },
		{ " LARGER x", false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(1 << 20);
		struct imap_in in = imap_in_of(&a, str_of(cases[i].text));

		(void)in_search(&in);
		in_end(&in);
		if (in_ok(&in) != cases[i].good)
			fail_msg("%s: %s", cases[i].text, in.why ? in.why : "good");
		arena_release(&a);
	}
}

/* Depth of NOT, and number of keys, at their limit and one past it. */
static void searches_have_limits(void **unused)
{
	(void)unused;
	for (unsigned past = 0; past < 2; past++) {
		struct arena a = ARENA_INIT(4 << 20);
		struct buf b = BUF_INIT(1 << 20);
		struct imap_in in;

		for (unsigned i = 0; i < IMAP_MAX_NESTING + past; i++)
			buf_cstr(&b, " NOT");
		buf_cstr(&b, " ALL");
		in = imap_in_of(&a, buf_view(&b));
		(void)in_search(&in);
		assert_int_equal(in_ok(&in), !past);

		buf_clear(&b);
		for (unsigned i = 0; i < IMAP_MAX_SEARCH_KEYS - 1 + past; i++) /* and the one that holds them */
			buf_cstr(&b, " ALL");
		in = imap_in_of(&a, buf_view(&b));
		(void)in_search(&in);
		assert_int_equal(in_ok(&in), !past);
		buf_release(&b);
		arena_release(&a);
	}
}

static void fetches_have_a_limit(void **unused)
{
	(void)unused;
	for (unsigned past = 0; past < 2; past++) {
		struct arena a = ARENA_INIT(4 << 20);
		struct buf b = BUF_INIT(1 << 20);
		struct imap_in in;

		buf_cstr(&b, " 1 (FLAGS");
		for (unsigned i = 1; i < IMAP_MAX_FETCH_ITEMS + past; i++)
			buf_cstr(&b, " FLAGS");
		buf_char(&b, ')');
		in = imap_in_of(&a, buf_view(&b));
		(void)in_fetch(&in);
		assert_int_equal(in_ok(&in), !past);
		buf_release(&b);
		arena_release(&a);
	}
}

/* Is the command behind its name well formed? */
static bool is_good(imap_parse_fn *parse, struct str text)
{
	struct imap_command c = { .arena = ARENA_INIT(IMAP_ARENA_BYTES) };
	struct imap_in in = imap_in_of(&c.arena, text);
	bool good;

	parse(&in, &c);
	in_end(&in);
	good = in_ok(&in);
	arena_release(&c.arena);
	return good;
}

static void notifications_and_quotas_are_read(void **unused)
{
#define TEXT(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}
	static const struct {
		imap_parse_fn *parse;
		struct str text;
		bool good;
	} cases[] = {
		{ imap_notify_parse, TEXT(" NONE"), true },
		{ imap_notify_parse, TEXT(" SET STATUS (selected NONE)"), true },
		{ imap_notify_parse, TEXT(" set (SELECTED (messagenew (UID BODY.PEEK[]) messageexpunge))"), true },
		{ imap_notify_parse, TEXT(" SET (mailboxes {1+}\r\na (MailboxName)) (inboxes NONE)"), true },
		{ imap_notify_parse, TEXT(" SET (subtree (\"a b\" c) (MailboxName Bogus))"),
		  true }, /* it gets BADEVENT */
		{ imap_notify_parse, TEXT(""), false },
		{ imap_notify_parse, TEXT(" "), false },
		{ imap_notify_parse, TEXT(" NONE NONE"), false },
		{ imap_notify_parse, TEXT(" SET"), false },
		{ imap_notify_parse, TEXT(" SET STATUS"), false },
		{ imap_notify_parse, TEXT(" SET ()"), false },
		{ imap_notify_parse, TEXT(" SET (selected)"), false },
		{ imap_notify_parse, TEXT(" SET (selected ())"), false },
		{ imap_notify_parse, TEXT(" SET (selected NONE"), false },
		{ imap_notify_parse, TEXT(" SET (selected NONE))"), false },
		{ imap_notify_parse, TEXT(" SET (selected NONE) "), false },
		{ imap_notify_parse, TEXT(" SET (selected NONE)(personal NONE)"), false },
		{ imap_notify_parse, TEXT(" SET (selected (MessageNew () MessageExpunge))"), false },
		{ imap_notify_parse, TEXT(" SET (selected (MessageNew (UID MessageExpunge))"), false },
		{ imap_notify_parse, TEXT(" SET (selected (MessageNew (BODY[HEADER.FIELDS (a] MessageExpunge))"),
		  false },
		{ imap_notify_parse, TEXT(" SET (selected (MessageNew  MessageExpunge))"), false },
		{ imap_notify_parse, TEXT(" SET (mailboxes (MailboxName))"), false },
		{ imap_notify_parse, TEXT(" SET (mailboxes () (MailboxName))"), false },
		{ imap_notify_parse, TEXT(" SET (mailboxes \"a (MailboxName))"), false },
		{ imap_notify_parse, TEXT(" SET (mailboxes \"a\0b\" (MailboxName))"), false },
		{ imap_notify_parse, TEXT(" SET (mailboxes {9999999999+}\r\na (MailboxName))"), false },
		{ imap_notify_parse, TEXT(" SET ((((((((((((((((((((((((((((((((((((((("), false },
		{ imap_quota_parse, TEXT(" \"\""), true },
		{ imap_quota_parse, TEXT(" {0+}\r\n"), true },
		{ imap_quota_parse, TEXT(""), false },
		{ imap_quota_parse, TEXT(" "), false },
		{ imap_quota_parse, TEXT(" \"a\0b\""), false },
		{ imap_quota_parse, TEXT(" a b"), false },
		{ imap_set_quota_parse, TEXT(" \"\" ()"), true },
		{ imap_set_quota_parse, TEXT(" \"\" (STORAGE 512 MESSAGE 9223372036854775807)"), true },
		{ imap_set_quota_parse, TEXT(" \"\""), false },
		{ imap_set_quota_parse, TEXT(" \"\" (STORAGE)"), false },
		{ imap_set_quota_parse, TEXT(" \"\" (STORAGE -1)"), false },
		{ imap_set_quota_parse, TEXT(" \"\" (STORAGE 99999999999999999999999)"), false },
		{ imap_set_quota_parse, TEXT(" \"\" (STORAGE 1"), false },
		{ imap_set_quota_parse, TEXT(" \"\" ((STORAGE 1))"), false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		if (is_good(cases[i].parse, cases[i].text) != cases[i].good)
			fail_msg(STR_FMT ": %s", STR_ARG(cases[i].text), cases[i].good ? "refused" : "taken");
}

/* However many groups and names there are, they cost no more than the arena that a command has. */
static void a_long_notify_is_bounded(void **unused)
{
	static const char *const pieces[] = { " (personal NONE)", " (mailboxes (a b c d e f g h) NONE)",
					      " (subtree x (MessageNew MessageExpunge FlagChange))" };

	(void)unused;
	for (size_t i = 0; i < countof(pieces); i++) {
		struct imap_command c = { .arena = ARENA_INIT(IMAP_ARENA_BYTES) };
		struct buf b = BUF_INIT(1 << 20);
		struct imap_in in;

		buf_cstr(&b, " SET");
		while (b.n < 60000)
			buf_cstr(&b, pieces[i]);
		in = imap_in_of(&c.arena, buf_view(&b));
		imap_notify_parse(&in, &c);
		assert_true(in_ok(&in)); /* and is refused by its numbers (tests/wire/imap_notify.py) */
		assert_true(c.arena.total < 512 * 1024);
		buf_release(&b);
		arena_release(&c.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fetches_are_read),
		cmocka_unit_test(searches_are_read),
		cmocka_unit_test(searches_have_limits),
		cmocka_unit_test(fetches_have_a_limit),
		cmocka_unit_test(notifications_and_quotas_are_read),
		cmocka_unit_test(a_long_notify_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
