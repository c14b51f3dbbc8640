/*
 * When an event takes place. A stored event's occurrences are found from a compact form (struct cal_plan) that is made once,
 * when it is stored: a window of a series that has run for years costs what is in the window. Bounded against rules of
 * strangers. Any thread.
 */
#ifndef CONTENT_CALENDAR_EXPAND_H
#define CONTENT_CALENDAR_EXPAND_H

#include <gateway/content/calendar.h>

enum {
	CAL_EXPAND_MAX = 10000, /* occurrences that are looked at in one walk; a longer COUNT is without end */
	CAL_PLAN_VERSION = 2,   /* of the octets of cal_plan_put() */
	CAL_PLAN_MAX = 64 * 1024,
};

#define CAL_ENDLESS INT64_MAX

struct cal_occurrence {
	int64_t start_ms, end_ms; /* UTC */
	int64_t instance_ms;      /* when it would begin by the rule: what names it */
	enum cal_busy busy;
	bool is_date; /* whole days: its times are those of UTC, and mean whatever zone it is looked at from */
};

struct cal_plan {
	struct cal_time start;
	int64_t duration_ms;
	enum cal_busy busy;
	bool cancelled;
	struct str rule; /* empty: none; without COUNT: it was counted out */
	int64_t last_ms; /* the last occurrence ends, exceptions included; CAL_ENDLESS */
	int64_t first_ms;
	int64_t *skipped; /* instances that are not by the rule: deleted, or in `others` */
	size_t skipped_n;
	struct cal_occurrence *others; /* exceptions, and dates beside the rule */
	size_t others_n;
};

/* ERR_INVALID: it has no start. Arena memory. */
enum err cal_plan_make(struct arena *a, const struct cal_series *series, struct cal_plan *ret) MUST_CHECK;
void cal_plan_put(struct buf *b, const struct cal_plan *plan);
/* ERR_CORRUPT: octets that cal_plan_put() did not make. Texts borrow. */
enum err cal_plan_get(struct arena *a, struct str octets, struct cal_plan *ret) MUST_CHECK;

/*
 * What of it touches [from, to), by start but for exceptions, which come last. each() returns false to end the walk.
 * Cancelled events have none.
 */
void cal_plan_walk(const struct cal_plan *plan, int64_t from_ms, int64_t to_ms,
		   bool (*each)(void *ctx, const struct cal_occurrence *o), void *ctx);

/* Has the rule, or a date beside it, that instance? */
bool cal_plan_has(const struct cal_plan *plan, int64_t instance_ms);
/* ERR_NOT_FOUND: the series has no such instance, or has it no more. */
enum err cal_instance_check(struct arena *a, const struct cal_series *series, int64_t instance_ms) MUST_CHECK;

#endif
