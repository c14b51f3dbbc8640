/* A store in a folder of its own, with a clock that stands still and the publications written down. */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <store/mailbox.h>
#include <store/sql/sql.h>
#include <store/store.h>
#include <tests/support/tmpdir.h>

enum { FIXTURE_PUBLISHED_MAX = 4096 };
#define FIXTURE_NOW_MS INT64_C(1700000000000)

struct fixture {
	struct tmpdir dir;
	struct clock_fake clock;
	struct store *store;
	pthread_mutex_t lock; /* of what was published */
	struct store_change published[FIXTURE_PUBLISHED_MAX];
	size_t published_n;
	unsigned announced; /* calls of before_write */
};

#define assert_ok(expr) assert_string_equal(err_text(expr), err_text(ERR_OK))
#define assert_err(expr, expected) assert_string_equal(err_text(expr), err_text(expected))

void fixture_open(struct fixture *f, unsigned max_handles);
void fixture_reopen(struct fixture *f);
void fixture_release(struct fixture *f); /* for CLEANUP */
#define FIXTURE(name)                                         \
	CLEANUP(fixture_release) struct fixture name = { 0 }; \
	fixture_open(&name, 16)

/* One row of the mailbox, by a statement of the test's own; 0 where there is none. */
int64_t fixture_number(struct fixture *f, int64_t mailbox, const struct sql_def *def);

#endif
