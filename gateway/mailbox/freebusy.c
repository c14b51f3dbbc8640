/* Free and busy times. */
#include <gateway/mailbox/freebusy.h>

#include <gateway/mailbox/event.h>
#include <store/folder.h>

#include <stdlib.h>
#include <string.h>

enum {
	DAY_MS = 24 * 60 * 60 * 1000,
	MINUTE_MS = 60 * 1000,
	PLAN_ARENA_MAX = 64 * 1024 * 1024,
	UNPLANNED_MAX = 20000, /* events of a mailbox whose plan is not kept */
};

struct reading {
	struct store_tx *tx;
	const struct busy_window *window;
	struct arena scratch; /* of one event */
	int64_t item;
	struct buf found; /* struct busy_interval, one behind the other */
	bool cut;
	struct buf unplanned; /* int64_t: items without a kept plan, or that may wait for an answer */
};

/* Whole days begin when they do in the zone of the one who looks. */
static void place(const struct busy_window *w, const struct cal_occurrence *o, struct busy_interval *ret)
{
	const struct zone_rules utc = { 0 };

	ret->start_ms = o->start_ms;
	ret->end_ms = o->end_ms;
	if (!o->is_date)
		return;
	ret->start_ms = zone_to_utc(&w->zone, zone_from_utc(&utc, o->start_ms));
	ret->end_ms = zone_to_utc(&w->zone, zone_from_utc(&utc, o->end_ms));
}

static bool take(void *ctx, const struct cal_occurrence *o)
{
	struct reading *r = ctx;
	struct busy_interval i = { .busy = o->busy, .item = r->item, .instance_ms = o->instance_ms };

	place(r->window, o, &i);
	if (o->busy == CAL_FREE || i.start_ms >= r->window->to_ms || i.end_ms <= r->window->from_ms)
		return true;
	if (r->found.n == FREEBUSY_MAX * sizeof(i)) {
		r->cut = true;
		return false;
	}
	buf_put(&r->found, &i, sizeof(i));
	return !r->found.err;
}

/* A day more on each side, for whole days. */
static void walk(struct reading *r, int64_t item, const struct cal_plan *plan)
{
	r->item = item;
	cal_plan_walk(plan, r->window->from_ms - DAY_MS, r->window->to_ms + DAY_MS, take, r);
}

/* What somebody asks for, and nobody has answered yet, is tentative; or free, whatever he says of single instances. */
static bool may_wait(const struct reading *r, int64_t item, const struct cal_plan *plan)
{
	bool waits = plan->busy == CAL_TENTATIVE;

	for (size_t i = 0; i < plan->others_n; i++)
		waits |= plan->others[i].busy == CAL_TENTATIVE || plan->busy == CAL_FREE;
	return waits && r->window->asking && item != r->window->asking;
}

static enum err each_item(void *ctx, int64_t id, const struct item_summary *s)
{
	struct reading *r = ctx;
	struct cal_plan plan;

	arena_reset(&r->scratch);
	if (s->parser_version == CAL_PLAN_VERSION && !cal_plan_get(&r->scratch, s->summary, &plan) &&
	    !may_wait(r, id, &plan))
		walk(r, id, &plan);
	else
		buf_put(&r->unplanned, &id, sizeof(id));
	return ERR_OK;
}

static enum err waits(struct reading *r, int64_t id, const struct cal_plan *plan, bool *ret)
{
	struct cal_series series;
	struct str octets;
	struct item item;

	*ret = false;
	if (!may_wait(r, id, plan))
		return ERR_OK;
	TRY(item_find(&r->scratch, r->tx, id, &item));
	TRY(entry_read(&r->scratch, r->tx, &item, &octets));
	TRY(cal_series_read(&r->scratch, octets, &series));
	*ret = series.event.answer == CAL_ANSWER_NONE;
	return ERR_OK;
}

static enum err read_unplanned(struct reading *r)
{
	for (size_t i = 0; i < r->unplanned.n / sizeof(int64_t); i++) {
		struct cal_plan plan;
		bool waiting;
		int64_t id;
		enum err e;

		memcpy(&id, r->unplanned.p + i * sizeof(id), sizeof(id));
		arena_reset(&r->scratch);
		e = event_plan(&r->scratch, r->tx, id, &plan);
		if (!e)
			e = waits(r, id, &plan, &waiting);
		if (e == ERR_INVALID || e == ERR_LIMIT || e == ERR_CORRUPT)
			continue;
		TRY(e);
		if (!waiting)
			walk(r, id, &plan);
	}
	return ERR_OK;
}

static int compare(const void *x, const void *y)
{
	const struct busy_interval *a = x, *b = y;

	if (a->start_ms != b->start_ms)
		return a->start_ms < b->start_ms ? -1 : 1;
	return a->end_ms < b->end_ms ? -1 : a->end_ms > b->end_ms;
}

static enum err read_calendar(struct reading *r, int64_t folder)
{
	TRY(item_summary_walk(r->tx, folder, r->window->from_ms - DAY_MS, each_item, r));
	TRY(buf_status(&r->unplanned));
	TRY(read_unplanned(r));
	buf_clear(&r->unplanned);
	return buf_status(&r->found);
}

static enum err read_calendars(struct arena *a, struct reading *r)
{
	struct folder *list;
	size_t n;

	TRY(folder_list(a, r->tx, &list, &n));
	for (size_t i = 0; i < n; i++)
		if (list[i].class == FOLDER_CALENDAR && !list[i].mount_mailbox)
			TRY(read_calendar(r, list[i].id));
	return ERR_OK;
}

static enum err read_default(struct reading *r)
{
	int64_t folder;
	enum err e = folder_by_role(r->tx, FOLDER_DEFAULT_CALENDAR, &folder);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	return read_calendar(r, folder);
}

static enum err keep(struct arena *a, struct reading *r, struct busy_list *ret)
{
	struct busy_list list = { .n = r->found.n / sizeof(*list.list), .cut = r->cut };

	list.list = arena_array(a, list.n + 1, sizeof(*list.list));
	if (!list.list)
		return ERR_LIMIT;
	if (list.n) {
		memcpy(list.list, r->found.p, r->found.n);
		qsort(list.list, list.n, sizeof(*list.list), compare);
	}
	*ret = list;
	return ERR_OK;
}

enum err freebusy_read(struct arena *a, struct store_tx *tx, const struct busy_window *window, struct busy_list *ret)
{
	struct reading r = { .tx = tx,
			     .window = window,
			     .scratch = ARENA_INIT(PLAN_ARENA_MAX),
			     .found = BUF_INIT(FREEBUSY_MAX * sizeof(struct busy_interval)),
			     .unplanned = BUF_INIT(UNPLANNED_MAX * sizeof(int64_t)) };
	enum err e;

	if (window->to_ms < window->from_ms)
		return ERR_INVALID;
	if (window->to_ms - window->from_ms > (int64_t)FREEBUSY_DAYS_MAX * DAY_MS)
		return ERR_LIMIT;
	e = window->all_calendars ? read_calendars(a, &r) : read_default(&r);
	if (!e)
		e = keep(a, &r, ret);
	arena_release(&r.scratch);
	buf_release(&r.found);
	buf_release(&r.unplanned);
	return e;
}

static int weight(enum cal_busy busy)
{
	static const int weights[] = {
		[CAL_FREE] = 0, [CAL_ELSEWHERE] = 0, [CAL_TENTATIVE] = 1, [CAL_BUSY] = 2, [CAL_OUT] = 3
	};

	return weights[busy];
}

/* The busy times are in the order of their starts: of each kind only the latest end so far counts. */
void freebusy_merge(const struct busy_list *busy, const struct busy_window *window, unsigned minutes, struct buf *out)
{
	const int64_t slot = (int64_t)minutes * MINUTE_MS;
	int64_t until[CAL_ELSEWHERE + 1];
	size_t at = 0;

	for (size_t kind = 0; kind < countof(until); kind++)
		until[kind] = INT64_MIN;
	for (int64_t from = window->from_ms; from < window->to_ms && slot > 0; from += slot) {
		int64_t to = from + slot < window->to_ms ? from + slot : window->to_ms;
		enum cal_busy most = CAL_FREE;

		for (; at < busy->n && busy->list[at].start_ms < to; at++) {
			const struct busy_interval *b = &busy->list[at];

			until[b->busy] = b->end_ms > until[b->busy] ? b->end_ms : until[b->busy];
		}
		for (unsigned kind = 0; kind < countof(until); kind++)
			if (until[kind] > from && weight((enum cal_busy)kind) > weight(most))
				most = (enum cal_busy)kind;
		buf_char(out, (char)('0' + most));
	}
}

void freebusy_unknown(const struct busy_window *window, unsigned minutes, struct buf *out)
{
	const int64_t slot = (int64_t)minutes * MINUTE_MS;

	for (int64_t from = window->from_ms; from < window->to_ms && slot > 0; from += slot)
		buf_char(out, '4');
}

void freebusy_join(struct buf *into, struct str digits)
{
	static const char order[] = "04123";

	if (into->n == 0) {
		buf_str(into, digits);
		return;
	}
	for (size_t i = 0; i < digits.n && i < into->n; i++)
		if (strchr(order, digits.p[i]) > strchr(order, into->p[i]))
			into->p[i] = digits.p[i];
}
