/*
 * When the owner of an account works. Said of the account, else of its domain, else Monday to Friday from 8 to 17. Rows of the
 * directory: all functions but those of text need a transaction of STORE_DIRECTORY (a write transaction where they change
 * something).
 */
#ifndef STORE_WORKING_HOURS_H
#define STORE_WORKING_HOURS_H

#include <base/buf.h>
#include <store/store.h>

enum { WORKING_ZONE_MAX = 64, WORKING_DAY_MINUTES = 24 * 60 };

struct working_hours {
	unsigned days;                   /* bit 0: Sunday; never 0 */
	int begins, ends;                /* minutes of the day; begins < ends <= WORKING_DAY_MINUTES */
	char zone[WORKING_ZONE_MAX + 1]; /* a name of zoneinfo; empty: that of whoever asks */
};

/* Days as "mon-fri" or "sun,tue-thu", in any case. ERR_INVALID. */
enum err working_days_parse(struct str text, unsigned *ret) MUST_CHECK;
/* "8:00-17:30". ERR_INVALID: not so, or nothing lies between. */
enum err working_times_parse(struct str text, int *ret_begins, int *ret_ends) MUST_CHECK;
/* "mon-fri 08:00-17:30 Europe/Berlin" */
void working_hours_put(struct buf *b, const struct working_hours *h);

/* What holds for an account. */
enum err working_hours_of(struct store_tx *tx, int64_t account, struct str domain,
			  struct working_hours *ret) MUST_CHECK;

/* What is said of an account, or of a domain (account 0; its case makes no difference); ERR_NOT_FOUND: nothing. */
enum err working_hours_get(struct store_tx *tx, int64_t account, struct str domain,
			   struct working_hours *ret) MUST_CHECK;
enum err working_hours_set(struct store_tx *tx, int64_t account, struct str domain,
			   const struct working_hours *h) MUST_CHECK;
enum err working_hours_unset(struct store_tx *tx, int64_t account, struct str domain) MUST_CHECK;

#endif
