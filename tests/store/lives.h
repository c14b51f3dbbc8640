/*
 * Random lives over a real store: what the property tests share. One mailbox serves all lives of a run; each life has
 * folders and device numbers of its own, so that a life costs no database.
 */
#ifndef TESTS_STORE_LIVES_H
#define TESTS_STORE_LIVES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <store/feed.h>
#include <store/folder.h>
#include <store/mailbox.h>
#include <tests/support/tmpdir.h>
#include <tests/store/rnd.h>

#define assert_ok(expr) assert_string_equal(err_text(expr), err_text(ERR_OK))
#define assert_err(expr, expected) assert_string_equal(err_text(expr), err_text(expected))

enum { LIVES_MAILBOX = 1 };
#define LIVES_NOW_MS INT64_C(1700000000000)

struct lives {
	struct tmpdir dir;
	struct clock_fake clock;
	struct store *store;
	unsigned long n, first; /* --lives N --first SEED */
	unsigned folders;       /* made so far */
	bool trace;             /* --trace: every step on stdout */
};

/* Reads the arguments (what is missing keeps its default) and opens the store with one mailbox. */
void lives_open(struct lives *l, int argc, char **argv, unsigned long lives_by_default);
void lives_close(struct lives *l); /* for CLEANUP */

struct store_tx *lives_begin(struct lives *l, enum store_mode mode);
void lives_commit(struct store_tx **txp);
int64_t lives_folder(struct lives *l); /* makes one */
void lives_folder_end(struct lives *l, int64_t folder);

/* Adds a mail without octets: `content` stands for them. */
struct lives_item {
	int64_t folder, key, content, tag;
	unsigned flags;
	struct str conversation;
	struct author by;
};
struct item lives_add(struct store_tx *tx, const struct lives_item *item);

#endif
