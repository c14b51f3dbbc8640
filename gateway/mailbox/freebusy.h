/*
 * When somebody is busy: the occurrences of the events in his calendar (the folder that every mailbox has) that touch a
 * window. A person's other calendars do not count: they have what does not keep him (birthdays, matches, another one's hours). Of a room
 * all of its own count: wherever somebody has put a meeting, it takes place there, and its updates are followed. What is free is not told, cancelled events and deleted instances neither. The cost is bounded by what ends after
 * the window begins, however long a series has run.
 *
 * Needs an open transaction of the mailbox; reads alone. Times are ms UTC.
 */
#ifndef GATEWAY_MAILBOX_FREEBUSY_H
#define GATEWAY_MAILBOX_FREEBUSY_H

#include <gateway/content/calendar.h>
#include <store/store.h>

enum {
	FREEBUSY_MAX = 10000, /* intervals of a window */
	FREEBUSY_DAYS_MAX = 62,
};

struct busy_interval {
	int64_t start_ms, end_ms; /* as the event has them: they may reach out of the window */
	enum cal_busy busy;       /* never CAL_FREE */
	int64_t item;             /* the event; several intervals may have one */
	int64_t instance_ms;      /* which instance of a series: when it would begin by the rule */
};

struct busy_list {
	struct busy_interval *list; /* by start, then end; they may overlap. Arena memory */
	size_t n;
	bool cut; /* there are more than FREEBUSY_MAX */
};

struct busy_window {
	int64_t from_ms, to_ms; /* half open; at most FREEBUSY_DAYS_MAX days */
	struct zone_rules zone; /* in which whole days, which have no zone of their own, are meant */
	bool all_calendars;     /* as of a room */
	int64_t asking;         /* not 0: of what waits for the owner's answer that event alone counts */
};

/* ERR_INVALID: the window ends before it begins. ERR_LIMIT: it is too long. A mailbox without a calendar is free. */
enum err freebusy_read(struct arena *a, struct store_tx *tx, const struct busy_window *window,
		       struct busy_list *ret) MUST_CHECK;

/*
 * Slots of so many minutes from window->from_ms on, the last one may be cut: appends a digit each, the number of enum
 * cal_busy of what weighs most in it (out before busy before tentative before free). Who works elsewhere is free: 4 means
 * "no data" (MergedFreeBusy of MS-ASCMD 2.2.3.107 and of MS-OXWAVLS).
 */
void freebusy_merge(const struct busy_list *busy, const struct busy_window *window, unsigned minutes, struct buf *out);

/* The same of somebody of whom nothing may be told: 4 in each slot. */
void freebusy_unknown(const struct busy_window *window, unsigned minutes, struct buf *out);

/*
 * The digits of several as of one: of each slot the gravest, where 4 (nothing is known of him) is graver than 0 and no more. An
 * empty `into` takes them as they are; else they are as many.
 */
void freebusy_join(struct buf *into, struct str digits);

#endif
