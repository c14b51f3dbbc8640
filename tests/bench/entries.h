/* Events and contacts to measure with: every one different, each the same at every run. */
#ifndef TESTS_BENCH_ENTRIES_H
#define TESTS_BENCH_ENTRIES_H

#include <base/buf.h>

struct store;

/* So many into a mailbox's calendar: one in five is a series, one in ten one with a changed and a deleted instance. */
enum err bench_calendar_fill(struct store *s, int64_t mailbox, uint64_t n) MUST_CHECK;
/* So many into its address book. */
enum err bench_contacts_fill(struct store *s, int64_t mailbox, uint64_t n) MUST_CHECK;
/* So many daily series since 2010, of an hour each. */
enum err bench_daily_fill(struct store *s, int64_t mailbox, uint64_t n) MUST_CHECK;

#endif
