/*
 * What threads that are not the main one expect. cmocka's assertions belong to the main thread: where another one fails, the
 * program ends in the middle of what it does (main_thread.c sees to it that none is even tried there). Such a thread keeps the
 * first thing that did not hold, and the main thread judges.
 *
 *	static void handler(…, void *ctx)	// on a worker, or on a loop
 *		expect_elsewhere(&f->elsewhere, body.n == 0);
 *	…
 *	judge_elsewhere(&f->elsewhere);		// on the main thread: fails the running test, and says what and where
 */
#ifndef TESTS_SUPPORT_ELSEWHERE_H
#define TESTS_SUPPORT_ELSEWHERE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Zeroed: all has held. */
struct elsewhere {
	_Atomic(const char *) wrong; /* a literal: place and condition */
};

#define ELSEWHERE_TEXT_(line) #line
#define ELSEWHERE_LINE_(line) ELSEWHERE_TEXT_(line)
/* The condition, as bool: the thread may turn back where it does not hold. */
#define expect_elsewhere(e, condition) \
	elsewhere_expect_((e), (condition), __FILE__ ":" ELSEWHERE_LINE_(__LINE__) ": " #condition)

static inline bool elsewhere_expect_(struct elsewhere *e, bool holds, const char *what)
{
	const char *none = NULL;

	if (!holds)
		atomic_compare_exchange_strong(&e->wrong, &none, what);
	return holds;
}

static inline void judge_elsewhere(struct elsewhere *e)
{
	const char *wrong = atomic_load(&e->wrong);

	if (wrong)
		fail_msg("%s", wrong);
}

#endif
