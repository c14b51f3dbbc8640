/*
 * Mails to measure with: of 2 to 20 KB, plain, with an HTML alternative, with attachments, ASCII and not, every one
 * different and each the same at every run.
 */
#ifndef TESTS_BENCH_MAILS_H
#define TESTS_BENCH_MAILS_H

#include <base/buf.h>

struct store;

enum { BENCH_MAIL_MIN_BYTES = 2 * 1024, BENCH_MAIL_MAX_BYTES = 20 * 1024 };

/* Appends mail number n. */
void bench_mail_put(struct buf *out, uint64_t n);
/* Mails first to first + n - 1 into a mailbox's Inbox, a minute apart up to `newest_ms`; many a commit. */
enum err bench_mailbox_fill(struct store *s, const char *state_dir, int64_t mailbox, uint64_t first, uint64_t n,
			    int64_t newest_ms) MUST_CHECK;

#endif
