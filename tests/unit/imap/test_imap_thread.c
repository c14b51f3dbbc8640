/* THREAD: what becomes of mails that answer each other. */
#include <gateway/imap/thread.h>

#include <gateway/imap/limits.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

static uint32_t as_uid(void *ctx, uint32_t uid)
{
	(void)ctx;
	return uid;
}

struct mail {
	const char *id, *references, *subject;
	int64_t date_ms; /* 0: it has none, and came at 5000 */
};

static void put_mail(const struct mail *mail, uint32_t uid, struct buf *out)
{
	const struct item item = { .uid = uid, .received_ms = 5000 };
	const struct mail_summary s = { .message_id = str_of(mail->id ? mail->id : ""),
					.references = str_of(mail->references ? mail->references : ""),
					.subject = str_of(mail->subject),
					.date_ms = mail->date_ms,
					.flags = mail->date_ms ? MAIL_HAS_DATE : 0 };

	imap_thread_put(&item, &s, true, out);
}

static void check_within(uint64_t steps, const char *what, enum imap_threading how, const struct mail *mails, size_t n,
			 const char *want)
{
	struct buf facts = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);

	for (size_t i = 0; i < n; i++)
		put_mail(&mails[i], (uint32_t)i + 1, &facts);
	assert_int_equal(imap_thread_answer(how, buf_view(&facts), steps, as_uid, NULL, &out), ERR_OK);
	if (!str_eq(buf_view(&out), str_of(want)))
		fail_msg("%s: " STR_FMT " instead of %s", what, STR_ARG(buf_view(&out)), want);
	buf_release(&facts);
	buf_release(&out);
}

static void check(const char *what, enum imap_threading how, const struct mail *mails, size_t n, const char *want)
{
	check_within(IMAP_MAX_THREAD_STEPS, what, how, mails, n, want);
}

/* RFC 5256 section 3. */
static void threads_by_references(void **unused)
{
	static const struct {
		const char *what;
		struct mail mails[6];
		size_t n;
		const char *want;
	} cases[] = {
		{ "nobody", { { 0 } }, 0, "" },
		{ "one", { { "<a>", NULL, "x", 1 } }, 1, " (1)" },
		{ "an answer", { { "<a>", NULL, "x", 1 }, { "<b>", "<a>", "y", 2 } }, 2, " (1 2)" },
		{ "an answer that came first", { { "<b>", "<a>", "y", 2 }, { "<a>", NULL, "x", 1 } }, 2, " (2 1)" },
		{ "two answers, by their dates",
		  { { "<a>", NULL, "x", 1 }, { "<b>", "<a>", "y", 3 }, { "<c>", "<a>", "y", 2 } },
		  3,
		  " (1 (3)(2))" },
		{ "an answer of an answer, and one more",
		  { { "<a>", NULL, "x", 1 },
		    { "<b>", "<a>", "x", 2 },
		    { "<c>", "<a> <b>", "x", 3 },
		    { "<d>", "<a>", "x", 4 } },
		  4,
		  " (1 (2 3)(4))" },
		{ "who is asked is not there: two answers stay together",
		  { { "<b>", "<a>", "x", 1 }, { "<c>", "<a>", "y", 2 } },
		  2,
		  " ((1)(2))" },
		{ "one answer to who is not there stands alone", { { "<b>", "<a>", "x", 1 } }, 1, " (1)" },
		{ "who is not there within a thread is passed over",
		  { { "<a>", NULL, "x", 1 }, { "<c>", "<a> <b>", "x", 3 } },
		  2,
		  " (1 2)" },
		{ "a ring is cut", { { "<a>", "<b>", "x", 1 }, { "<b>", "<a>", "x", 2 } }, 2, " (2 1)" },
		{ "who answers himself", { { "<a>", "<a>", "x", 1 } }, 1, " (1)" },
		{ "an id that two have is the first one's",
		  { { "<a>", NULL, "x", 1 }, { "<a>", NULL, "y", 2 }, { "<b>", "<a>", "z", 3 } },
		  3,
		  " (1 3)(2)" },
		{ "an answer that names nobody goes by its subject",
		  { { "<a>", NULL, "boat trip", 1 }, { NULL, NULL, "RE: Boat Trip", 2 } },
		  2,
		  " (1 2)" },
		{ "equal subjects that are no answers stand side by side",
		  { { "<a>", NULL, "boat", 1 }, { "<b>", NULL, "boat", 2 } },
		  2,
		  " ((1)(2))" },
		{ "subjects that are empty say nothing",
		  { { "<a>", NULL, "", 1 }, { "<b>", NULL, "Re:", 2 } },
		  2,
		  " (1)(2)" },
		{ "threads by the dates of their first mails",
		  { { "<a>", NULL, "x", 9 }, { "<b>", "<a>", "y", 1 }, { "<c>", NULL, "z", 5 } },
		  3,
		  " (3)(1 2)" },
		{ "without a date: when it came",
		  { { "<a>", NULL, "x", 0 }, { "<b>", NULL, "y", 4999 } },
		  2,
		  " (2)(1)" },
		{ "by number where dates are equal",
		  { { "<a>", NULL, "x", 7 }, { "<b>", NULL, "y", 7 } },
		  2,
		  " (1)(2)" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		check(cases[i].what, IMAP_THREAD_REFERENCES, cases[i].mails, cases[i].n, cases[i].want);
}

static void threads_by_subject(void **unused)
{
	static const struct mail mails[] = {
		{ "<a>", NULL, "one", 5 },       { "<b>", "<a>", "two", 2 },    { "<c>", NULL, "Re: One", 3 },
		{ "<d>", NULL, "TWO (fwd)", 4 }, { "<e>", NULL, "[l] two", 6 }, { "<f>", NULL, "three", 1 },
	};

	(void)unused;
	check("all", IMAP_THREAD_ORDEREDSUBJECT, mails, countof(mails), " (6)(2 (4)(5))(3 1)");
}

static double seconds_of(enum err *ret, struct str facts, struct buf *out)
{
	clock_t begun = clock();

	*ret = imap_thread_answer(IMAP_THREAD_REFERENCES, facts, IMAP_MAX_THREAD_STEPS, as_uid, NULL, out);
	return (double)(clock() - begun) / CLOCKS_PER_SEC;
}

enum { DEEP = 100000 };

/*
 * CVE-2026-40014: chains as deep as there are mails, from the first and from the last, and mails that join them wherever that
 * takes long to tell.
 */
static void deep_threads_cost_a_step_a_mail(void **unused)
{
	(void)unused;
	for (int way = 0; way < 3; way++) {
		struct buf facts = BUF_INIT(64 * 1024 * 1024), out = BUF_INIT(64 * 1024 * 1024);
		enum err e;

		for (int i = 0; i < DEEP; i++) {
			char own[32], other[32];
			int n = way == 1 ? DEEP - i : i;
			struct mail mail = { own, other, "x", i + 1 };

			/* The third way: what has an answer already becomes one itself, of the deepest there is. */
			snprintf(own, sizeof(own), "<%d>", way == 2 && i % 2 ? -n - 1 : n);
			snprintf(other, sizeof(other), "<%d>", way == 2 && i % 2 == 0 ? -n - 2 : n - 1);
			put_mail(&mail, (uint32_t)i + 1, &facts);
		}
		assert_true(seconds_of(&e, buf_view(&facts), &out) < 20);
		assert_int_equal(e, ERR_OK);
		assert_true(out.n > DEEP);
		buf_release(&facts);
		buf_release(&out);
	}
}

/* Who has an answer already and becomes one takes a step for each mail above. */
static void as_many_steps_as_are_allowed_and_one_more(void **unused)
{
	static const struct mail mails[] = {
		{ "<d>", "<c>", "w", 4 }, { "<c>", "<a> <b>", "x", 3 }, { "<b>", NULL, "y", 2 }, { "<a>", NULL, "z", 1 }
	};

	(void)unused;
	check_within(2, "enough", IMAP_THREAD_REFERENCES, mails, countof(mails), " (4)(3 2 1)");
	check_within(1, "one too few", IMAP_THREAD_REFERENCES, mails, countof(mails), " (4)(3)(2 1)");
}

static void as_many_as_the_limit_and_one_more(void **unused)
{
	struct buf facts = BUF_INIT(1024 * 1024 * 1024), out = BUF_INIT(1024 * 1024 * 1024);
	enum err e;

	(void)unused;
	for (uint32_t i = 0; i < IMAP_MAX_THREAD_NODES; i++)
		put_mail(&(struct mail){ NULL, NULL, "", 1 }, i + 1, &facts);
	seconds_of(&e, buf_view(&facts), &out);
	assert_int_equal(e, ERR_OK);
	buf_clear(&out);
	put_mail(&(struct mail){ NULL, NULL, "", 1 }, 1, &facts);
	seconds_of(&e, buf_view(&facts), &out);
	assert_int_equal(e, ERR_LIMIT);
	buf_release(&facts);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_by_references),
		cmocka_unit_test(threads_by_subject),
		cmocka_unit_test(deep_threads_cost_a_step_a_mail),
		cmocka_unit_test(as_many_steps_as_are_allowed_and_one_more),
		cmocka_unit_test(as_many_as_the_limit_and_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
