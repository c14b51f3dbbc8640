/* When people work. */
#include <store/working_hours.h>

#include <store/address.h>
#include <store/sql/sql.h>

#include <assert.h>

enum hours_stmt { HOURS_GET, HOURS_SET, HOURS_DROP, HOURS_STMT_MAX_ };
static const struct sql_def hours_sql[] = {
	[HOURS_GET] = { "working_hours_get", "SELECT days, begins, ends, zone FROM working_hours WHERE account_id = $1 "
					     "AND domain = lower($2)" },
	[HOURS_SET] = { "working_hours_set",
			"INSERT OR REPLACE INTO working_hours (account_id, domain, days, begins, ends, zone)"
			" VALUES ($1, lower($2), $3, $4, $5, $6)" },
	[HOURS_DROP] = { "working_hours_drop",
			 "DELETE FROM working_hours WHERE account_id = $1 AND domain = lower($2)" },
};
static_assert(countof(hours_sql) == HOURS_STMT_MAX_, "one text per statement");

enum { WEEK = 7, MONDAY_TO_FRIDAY = 0x3e, USUAL_BEGIN = 8 * 60, USUAL_END = 17 * 60 };

static const char *const day_names[WEEK] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

/* ---- text ---- */

static enum err parse_day(struct str text, unsigned *ret)
{
	for (unsigned i = 0; i < WEEK; i++) {
		if (!str_ieq(text, str_of(day_names[i])))
			continue;
		*ret = i;
		return ERR_OK;
	}
	return ERR_INVALID;
}

enum err working_days_parse(struct str text, unsigned *ret)
{
	unsigned days = 0, first, last;
	struct str part, day;

	while (str_cut(&text, ',', &part)) {
		(void)str_cut(&part, '-', &day);
		TRY(parse_day(day, &first));
		last = first;
		if (part.p)
			TRY(parse_day(part, &last));
		for (unsigned i = first;; i = (i + 1) % WEEK) {
			days |= 1u << i;
			if (i == last)
				break;
		}
	}
	if (days == 0)
		return ERR_INVALID;
	*ret = days;
	return ERR_OK;
}

static enum err parse_time(struct str text, int *ret)
{
	uint64_t hour, minute;
	struct str head;

	if (!str_cut(&text, ':', &head) || str_to_u64(head, 24, &hour) || text.n != 2 ||
	    str_to_u64(text, 59, &minute) || hour * 60 + minute > WORKING_DAY_MINUTES)
		return ERR_INVALID;
	*ret = (int)(hour * 60 + minute);
	return ERR_OK;
}

enum err working_times_parse(struct str text, int *ret_begins, int *ret_ends)
{
	int begins, ends;
	struct str head;

	if (!str_cut(&text, '-', &head))
		return ERR_INVALID;
	TRY(parse_time(head, &begins));
	TRY(parse_time(text, &ends));
	if (begins >= ends)
		return ERR_INVALID;
	*ret_begins = begins;
	*ret_ends = ends;
	return ERR_OK;
}

/* From Monday on; days in a row as first and last. */
static void put_days(struct buf *b, unsigned days)
{
	const char *between = "";

	for (unsigned i = 1; i <= WEEK; i++) {
		unsigned last = i;

		if (!(days >> i % WEEK & 1))
			continue;
		while (last < WEEK && days >> (last + 1) % WEEK & 1)
			last++;
		buf_fmt(b, "%s%s", between, day_names[i % WEEK]);
		if (last > i)
			buf_fmt(b, "-%s", day_names[last % WEEK]);
		between = ",";
		i = last;
	}
}

void working_hours_put(struct buf *b, const struct working_hours *h)
{
	put_days(b, h->days);
	buf_fmt(b, " %02d:%02d-%02d:%02d", h->begins / 60, h->begins % 60, h->ends / 60, h->ends % 60);
	if (h->zone[0])
		buf_fmt(b, " %s", h->zone);
}

/* ---- rows ---- */

static enum err use(struct store_tx *tx, enum hours_stmt which, int64_t account, struct str domain,
		    struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	TRY(sql_use(store_tx_db(tx), &hours_sql[which], ret));
	sql_bind_i64(*ret, 1, account);
	sql_bind_text(*ret, 2, account ? S("") : domain);
	return ERR_OK;
}

static bool is_sane(const struct working_hours *h)
{
	return h->days > 0 && h->days < 1u << WEEK && h->begins >= 0 && h->begins < h->ends &&
	       h->ends <= WORKING_DAY_MINUTES;
}

enum err working_hours_get(struct store_tx *tx, int64_t account, struct str domain, struct working_hours *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct working_hours h = { 0 };
	struct str zone;

	TRY(use(tx, HOURS_GET, account, domain, &st));
	TRY(sql_one(st));
	h.days = (unsigned)sql_i64(st, 0);
	h.begins = (int)sql_i64(st, 1);
	h.ends = (int)sql_i64(st, 2);
	zone = sql_str(st, 3);
	if (!is_sane(&h) || zone.n > WORKING_ZONE_MAX)
		return ERR_CORRUPT;
	if (zone.n)
		memcpy(h.zone, zone.p, zone.n);
	*ret = h;
	return ERR_OK;
}

enum err working_hours_of(struct store_tx *tx, int64_t account, struct str domain, struct working_hours *ret)
{
	enum err e = working_hours_get(tx, account, STR_EMPTY, ret);

	if (e == ERR_NOT_FOUND)
		e = working_hours_get(tx, 0, domain, ret);
	if (e != ERR_NOT_FOUND)
		return e;
	*ret = (struct working_hours){ .days = MONDAY_TO_FRIDAY, .begins = USUAL_BEGIN, .ends = USUAL_END };
	return ERR_OK;
}

enum err working_hours_set(struct store_tx *tx, int64_t account, struct str domain, const struct working_hours *h)
{
	struct sql_stmt *st;

	assert(is_sane(h));
	TRY(use(tx, HOURS_SET, account, domain, &st));
	sql_bind_i64(st, 3, h->days);
	sql_bind_i64(st, 4, h->begins);
	sql_bind_i64(st, 5, h->ends);
	sql_bind_text(st, 6, str_of(h->zone));
	TRY(sql_run(st));
	return account_changed(tx);
}

enum err working_hours_unset(struct store_tx *tx, int64_t account, struct str domain)
{
	struct sql_stmt *st;

	TRY(use(tx, HOURS_DROP, account, domain, &st));
	TRY(sql_run(st));
	return account_changed(tx);
}
