/* Occurrences, day by day in local time (calendar_days.c). */
#include <gateway/content/calendar_expand.h>

#include <gateway/content/calendar_internal.h>

#include <stdlib.h>

enum {
	DAYS_MAX = 36600,           /* that a walk looks at; COUNT that is not reached in them is without end */
	CHOSEN_DAYS_MAX = 28 * 366, /* of a BYSETPOS of years, for each of which a year is looked through */
	SCALED_EXPAND_MAX = 300,    /* occurrences in months of other calendars; half a millisecond each */
	SCALED_YEAR_MIN = 1900,
	SCALED_YEAR_MAX = 2200,
	MINUTES_BIAS = 1 << 14, /* of a zone's change, which may be before its day */
};
#define DAY_MS INT64_C(86400000)
#define LAST_DAY INT64_C(2932896)          /* 9999-12-31 */
#define SKIPPED_FROM INT64_C(-12000000000) /* seconds; before 1601 */

/* ---- walking ---- */

static struct icaltimetype ical_time(const struct local_time *t, bool is_date)
{
	struct icaltimetype ret = icaltime_null_time();

	ret.year = t->year;
	ret.month = t->month;
	ret.day = t->day;
	ret.is_date = is_date;
	if (!is_date) {
		ret.hour = t->hour;
		ret.minute = t->minute;
		ret.second = t->second;
	}
	return ret;
}

static bool is_skipped(const struct cal_plan *plan, int64_t instance_ms)
{
	size_t from = 0, to = plan->skipped_n; /* in order */

	while (from < to) {
		size_t at = from + (to - from) / 2;

		if (plan->skipped[at] == instance_ms)
			return true;
		if (plan->skipped[at] < instance_ms)
			from = at + 1;
		else
			to = at;
	}
	return false;
}

static bool touches(int64_t start, int64_t end, int64_t from, int64_t to)
{
	return start < to && (end > from || (start == end && start >= from));
}

static struct cal_occurrence occurrence_at(const struct cal_plan *plan, int64_t start)
{
	return (struct cal_occurrence){ .start_ms = start,
					.end_ms = start + plan->duration_ms,
					.instance_ms = start,
					.busy = plan->busy,
					.is_date = plan->start.is_date };
}

struct walk {
	const struct cal_plan *plan;
	int64_t from, to;
	bool (*each)(void *ctx, const struct cal_occurrence *o);
	void *ctx;
	bool cut; /* the walk ended at a limit */
};

/* UNTIL of a rule with a zone is in UTC, but the iterator goes by local time: it is compared here. */
static bool read_rule(struct str text, const struct cal_time *start, struct icalrecurrencetype *ret, int64_t *ret_until)
{
	CLEANUP(buf_release) struct buf copy = BUF_INIT(CAL_TEXT_MAX + 1);
	struct local_time until;
	const struct zone_rules utc = { 0 };

	buf_str(&copy, text);
	buf_char(&copy, '\0');
	if (buf_status(&copy))
		return false;
	*ret = icalrecurrencetype_from_string(copy.p);
	*ret_until = INT64_MAX;
	if (!icaltime_is_null_time(ret->until) && cal_time_is_sane(ret->until)) {
		until = (struct local_time){ ret->until.year, ret->until.month,  ret->until.day,
					     ret->until.hour, ret->until.minute, ret->until.second };
		if (ret->until.is_date)
			until.hour = 23, until.minute = until.second = 59;
		*ret_until = zone_to_utc(icaltime_is_utc(ret->until) ? &utc : &start->zone, until);
		ret->until = icaltime_null_time();
	}
	return cal_rule_is_bounded(ret);
}

static void rule_release(struct icalrecurrencetype *rule)
{
	free(rule->rscale);
	rule->rscale = NULL;
}

/* A day before the window, at the time of day of the start: zones shift by less. */
static void skip_ahead(icalrecur_iterator *it, const struct walk *w, int64_t from)
{
	const struct cal_time *start = &w->plan->start;
	struct local_time t;

	if (from - DAY_MS <= start->utc_ms)
		return;
	t = zone_from_utc(&start->zone, from - DAY_MS);
	t.hour = start->local.hour;
	t.minute = start->local.minute;
	t.second = start->local.second;
	(void)icalrecur_iterator_set_start(it, ical_time(&t, start->is_date));
}

/* False: each() ended the walk. The first one is always there, also where the rule would not have it (RFC 5545 3.8.5.3). */
static bool tell(const struct walk *w, const struct cal_occurrence *o)
{
	return o->start_ms <= w->plan->start.utc_ms || !touches(o->start_ms, o->end_ms, w->from, w->to) ||
	       is_skipped(w->plan, o->instance_ms) || w->each(w->ctx, o);
}

/* The first day of the rule that is not before the window, give or take two: zones differ from UTC by about one. */
static int64_t first_day(const struct walk *w, const struct icalrecurrencetype *rule, int64_t start)
{
	int64_t step = rule->freq == ICAL_DAILY_RECURRENCE ? rule->interval : 1, from;

	if (rule->count || w->from < INT64_MIN / 8)
		return start;
	from = (w->from - w->plan->duration_ms) / DAY_MS - 2;
	return from > start ? start + (from - start) / step * step : start;
}

/* False: each() ended the walk. */
static bool walk_days(struct walk *w, const struct icalrecurrencetype *rule, int64_t until)
{
	const struct cal_time *start = &w->plan->start;
	const struct zone_rules utc = { 0 };
	const int64_t first = days_of_date(start->local.year, start->local.month, start->local.day);
	const int64_t step = rule->freq == ICAL_DAILY_RECURRENCE ? rule->interval : 1;
	const bool chosen = rule->freq == ICAL_YEARLY_RECURRENCE && rule->by_set_pos[0] != ICAL_RECURRENCE_ARRAY_MAX;
	const int days_max = chosen ? CHOSEN_DAYS_MAX : DAYS_MAX;
	int64_t day = first_day(w, rule, first);
	int found = 0;

	for (int n = 0; n < days_max && found < CAL_EXPAND_MAX; n++, day += step) {
		struct local_time t;
		struct cal_occurrence o;

		if (day > LAST_DAY || (rule->count && found == rule->count))
			return true;
		t = zone_from_utc(&utc, day * DAY_MS);
		t.hour = start->local.hour;
		t.minute = start->local.minute;
		t.second = start->local.second;
		o = occurrence_at(w->plan, zone_to_utc(&start->zone, t));
		if (o.start_ms >= w->to || o.start_ms > until)
			return true;
		if (!cal_rule_has_day(rule, first, day))
			continue;
		found++;
		if (!tell(w, &o))
			return false;
	}
	w->cut = !rule->count || found < rule->count;
	return true;
}

/* Months of other calendars are libical's and take it long; what it finds then is bounded to a life or two. */
static bool walk_scaled(struct walk *w, struct icalrecurrencetype *rule, int64_t until)
{
	const struct cal_time *start = &w->plan->start;
	icalrecur_iterator *it;
	bool on = true;

	if (start->local.year < SCALED_YEAR_MIN || start->local.year > SCALED_YEAR_MAX)
		return true;
	it = icalrecur_iterator_new(*rule, ical_time(&start->local, start->is_date));
	if (!it)
		return true;
	if (!rule->count && zone_from_utc(&start->zone, w->from).year <= SCALED_YEAR_MAX)
		skip_ahead(it, w, w->from - w->plan->duration_ms);
	for (int n = 0; on && n < SCALED_EXPAND_MAX; n++) {
		struct icaltimetype t = icalrecur_iterator_next(it);
		struct cal_occurrence o;

		if (icaltime_is_null_time(t) || !cal_time_is_sane(t) || t.year > SCALED_YEAR_MAX)
			break;
		o = occurrence_at(w->plan,
				  zone_to_utc(&start->zone, (struct local_time){ t.year, t.month, t.day, t.hour,
										 t.minute, t.second }));
		if (o.start_ms >= w->to || o.start_ms > until)
			break;
		on = tell(w, &o);
	}
	icalrecur_iterator_free(it);
	return on;
}

static bool walk_rule(struct walk *w, struct icalrecurrencetype *rule, int64_t until)
{
	return cal_rule_is_scaled(rule) ? walk_scaled(w, rule, until) : walk_days(w, rule, until);
}

void cal_plan_walk(const struct cal_plan *plan, int64_t from_ms, int64_t to_ms,
		   bool (*each)(void *ctx, const struct cal_occurrence *o), void *ctx)
{
	struct walk w = { .plan = plan, .from = from_ms, .to = to_ms, .each = each, .ctx = ctx };
	const struct cal_occurrence first = occurrence_at(plan, plan->start.utc_ms);
	struct icalrecurrencetype rule;
	int64_t until;
	bool on = true;

	if (plan->cancelled || plan->first_ms >= to_ms || plan->last_ms < from_ms)
		return;
	if (touches(first.start_ms, first.end_ms, from_ms, to_ms) && !is_skipped(plan, first.instance_ms))
		on = each(ctx, &first);
	if (on && plan->rule.n) {
		if (read_rule(plan->rule, &plan->start, &rule, &until))
			on = walk_rule(&w, &rule, until);
		rule_release(&rule);
	}
	for (size_t i = 0; on && i < plan->others_n; i++)
		if (touches(plan->others[i].start_ms, plan->others[i].end_ms, from_ms, to_ms))
			on = each(ctx, &plan->others[i]);
}

/* ---- making one ---- */

static int compare_ms(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return a < b ? -1 : a > b;
}

static enum err make_others(struct arena *a, const struct cal_series *s, struct cal_plan *p)
{
	p->skipped = arena_array(a, s->deleted_n + s->exceptions_n + 1, sizeof(*p->skipped));
	p->others = arena_array(a, s->exceptions_n + s->dates_n + 1, sizeof(*p->others));
	if (!p->skipped || !p->others)
		return ERR_LIMIT;
	for (size_t i = 0; i < s->deleted_n; i++)
		p->skipped[p->skipped_n++] = s->deleted[i].utc_ms;
	for (size_t i = 0; i < s->exceptions_n; i++) {
		const struct cal_event *e = &s->exceptions[i];

		p->skipped[p->skipped_n++] = e->recurrence_id.utc_ms;
		if (!e->cancelled)
			p->others[p->others_n++] = (struct cal_occurrence){ .start_ms = e->start.utc_ms,
									    .end_ms = e->end.utc_ms,
									    .instance_ms = e->recurrence_id.utc_ms,
									    .busy = e->busy,
									    .is_date = e->start.is_date };
	}
	qsort(p->skipped, p->skipped_n, sizeof(*p->skipped), compare_ms);
	for (size_t i = 0; i < s->dates_n; i++) {
		struct cal_occurrence o = occurrence_at(p, s->dates[i].start.utc_ms);

		if (s->dates[i].duration_ms >= 0)
			o.end_ms = o.start_ms + s->dates[i].duration_ms;
		if (!is_skipped(p, o.instance_ms) && o.start_ms != p->start.utc_ms)
			p->others[p->others_n++] = o;
	}
	return ERR_OK;
}

struct ends {
	int64_t last_start, last, first;
	size_t n;
};

static bool note_end(void *ctx, const struct cal_occurrence *o)
{
	struct ends *e = ctx;

	e->last = o->end_ms > e->last ? o->end_ms : e->last;
	e->first = o->start_ms < e->first ? o->start_ms : e->first;
	if (o->instance_ms == o->start_ms)
		e->last_start = o->start_ms > e->last_start ? o->start_ms : e->last_start;
	e->n++;
	return true;
}

/* With COUNT taken out and, where it was reached, UNTIL in its place, so that a walk may begin anywhere. */
static enum err bound_rule(struct arena *a, struct cal_plan *p, const struct icalrecurrencetype *rule,
			   int64_t last_start)
{
	struct icalrecurrencetype bounded = *rule;
	const struct zone_rules utc = { 0 };
	struct local_time t;
	char *text;
	enum err e;

	bounded.count = 0;
	bounded.until = icaltime_null_time();
	if (last_start < INT64_MAX) {
		t = zone_from_utc(p->start.is_date ? &p->start.zone : &utc, last_start);
		bounded.until = ical_time(&t, p->start.is_date);
		if (!p->start.is_date)
			bounded.until.zone = icaltimezone_get_utc_timezone();
	}
	text = icalrecurrencetype_as_string_r(&bounded);
	e = arena_str(a, str_of(text), &p->rule);
	free(text);
	return e;
}

/* A rule with an end is walked once to it. */
static enum err make_rule(struct arena *a, const struct cal_series *s, struct cal_plan *p, struct ends *ends)
{
	struct icalrecurrencetype rule;
	int64_t until;
	bool usable;
	enum err e = ERR_OK;
	/* Deleted instances count (RFC 5545 section 3.8.5.1), and what comes instead of one has its own time. */
	struct cal_plan bare = *p;

	if (s->rule.n == 0)
		return ERR_OK;
	usable = read_rule(s->rule, &p->start, &rule, &until);
	if (usable && rule.count > CAL_EXPAND_MAX)
		rule.count = 0;
	if (usable && (rule.count || until < INT64_MAX)) {
		struct walk w = {
			.plan = &bare, .from = INT64_MIN / 4, .to = INT64_MAX, .each = note_end, .ctx = ends
		};
		bool counted = rule.count > 0;

		bare.skipped_n = 0;
		bare.duration_ms = p->duration_ms;
		/* With UNTIL alone the end is near it; only the last stretch is walked. */
		if (!counted)
			w.from = until - INT64_C(400) * 8 * DAY_MS;
		(void)walk_rule(&w, &rule, until);
		ends->last_start = ends->n || counted ? ends->last_start : until;
		if (w.cut)
			ends->last = until == INT64_MAX ? CAL_ENDLESS : until + p->duration_ms;
		e = bound_rule(a, p, &rule, w.cut ? until : ends->last_start);
	} else if (usable) {
		ends->last = CAL_ENDLESS;
		e = bound_rule(a, p, &rule, INT64_MAX);
	}
	rule_release(&rule);
	return e;
}

enum err cal_plan_make(struct arena *a, const struct cal_series *s, struct cal_plan *ret)
{
	const struct cal_event *e = &s->event;
	struct cal_plan p = { .start = e->start,
			      .duration_ms = e->end.utc_ms - e->start.utc_ms,
			      .busy = e->busy,
			      .cancelled = e->cancelled };
	struct ends ends = { .last_start = e->start.utc_ms, .last = e->end.utc_ms, .first = e->start.utc_ms };

	if (!e->start.given)
		return ERR_INVALID;
	TRY(make_others(a, s, &p));
	TRY(make_rule(a, s, &p, &ends));
	for (size_t i = 0; i < p.others_n; i++)
		if (ends.last != CAL_ENDLESS)
			(void)note_end(&ends, &p.others[i]);
		else if (p.others[i].start_ms < ends.first)
			ends.first = p.others[i].start_ms;
	p.first_ms = ends.first;
	p.last_ms = ends.last;
	*ret = p;
	return ERR_OK;
}

/* ---- one instance ---- */

static bool is_that(void *ctx, const struct cal_occurrence *o)
{
	int64_t *wanted = ctx; /* cleared when it was seen */

	if (o->instance_ms == *wanted)
		*wanted = INT64_MIN;
	return *wanted != INT64_MIN;
}

bool cal_plan_has(const struct cal_plan *plan, int64_t instance_ms)
{
	int64_t wanted = instance_ms;

	cal_plan_walk(plan, wanted, wanted < INT64_MAX ? wanted + 1 : wanted, is_that, &wanted);
	return wanted == INT64_MIN;
}

enum err cal_instance_check(struct arena *a, const struct cal_series *s, int64_t instance_ms)
{
	struct cal_plan plan;

	for (size_t i = 0; i < s->exceptions_n; i++)
		if (s->exceptions[i].recurrence_id.utc_ms == instance_ms)
			return s->exceptions[i].cancelled ? ERR_NOT_FOUND : ERR_OK;
	TRY(cal_plan_make(a, s, &plan));
	return cal_plan_has(&plan, instance_ms) ? ERR_OK : ERR_NOT_FOUND;
}

/* ---- octets ---- */

static void put_i64(struct buf *b, int64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		buf_char(b, (char)((uint64_t)v >> (8 * i) & 0xff));
}

static void put_change(struct buf *b, const struct zone_change *c)
{
	put_i64(b, c->month | c->week << 8 | c->weekday << 16 | (int64_t)(c->minutes + MINUTES_BIAS) << 24);
}

static void put_zone(struct buf *b, const struct zone_rules *z)
{
	put_i64(b, z->offset);
	put_i64(b, z->daylight);
	put_change(b, &z->to_standard);
	put_change(b, &z->to_daylight);
}

/* Seven bits an octet, the lowest first. */
static void put_number(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_char(b, (char)((v & 0x7f) | 0x80));
	buf_char(b, (char)v);
}

/* They are in order: the seconds between them, three octets for a day. */
static void put_skipped(struct buf *b, const struct cal_plan *p)
{
	int64_t last = SKIPPED_FROM;

	for (size_t i = 0; i < p->skipped_n; i++) {
		put_number(b, (uint64_t)(p->skipped[i] / 1000 - last));
		last = p->skipped[i] / 1000;
	}
}

void cal_plan_put(struct buf *b, const struct cal_plan *p)
{
	put_i64(b, p->start.utc_ms);
	put_i64(b, p->duration_ms);
	put_i64(b, p->first_ms);
	put_i64(b, p->last_ms);
	put_i64(b, (int64_t)p->busy | p->cancelled << 8 | p->start.is_date << 9);
	put_zone(b, &p->start.zone);
	put_i64(b, (int64_t)p->rule.n);
	put_i64(b, (int64_t)p->skipped_n);
	put_i64(b, (int64_t)p->others_n);
	buf_str(b, p->rule);
	put_skipped(b, p);
	for (size_t i = 0; i < p->others_n; i++) {
		put_i64(b, p->others[i].start_ms);
		put_i64(b, p->others[i].end_ms);
		put_i64(b, p->others[i].instance_ms);
		put_i64(b, (int64_t)p->others[i].busy | p->others[i].is_date << 9);
	}
}

struct octets {
	struct str rest;
	bool bad;
};

static int64_t get_i64(struct octets *o)
{
	uint64_t v = 0;

	if (o->rest.n < 8) {
		o->bad = true;
		return 0;
	}
	for (unsigned i = 0; i < 8; i++)
		v |= (uint64_t)(unsigned char)o->rest.p[i] << (8 * i);
	o->rest = str_slice(o->rest, 8, o->rest.n);
	return (int64_t)v;
}

static struct zone_change get_change(struct octets *o)
{
	int64_t v = get_i64(o);
	struct zone_change c = { (int)(v & 0xff), (int)(v >> 8 & 0xff), (int)(v >> 16 & 0xff),
				 (int)(v >> 24 & 0xffff) - MINUTES_BIAS };

	o->bad |= c.month > 12 || c.week > 5 || c.weekday > 6;
	return c;
}

static size_t get_count(struct octets *o, size_t size)
{
	int64_t n = get_i64(o);

	if (n < 0 || (uint64_t)n > o->rest.n / size) {
		o->bad = true;
		return 0;
	}
	return (size_t)n;
}

static uint64_t get_number(struct octets *o)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 63; shift += 7) {
		unsigned char c;

		if (o->rest.n == 0)
			break;
		c = (unsigned char)o->rest.p[0];
		o->rest = str_slice(o->rest, 1, o->rest.n);
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return v;
	}
	o->bad = true;
	return 0;
}

static void get_skipped(struct octets *o, struct cal_plan *p)
{
	int64_t last = SKIPPED_FROM;

	for (size_t i = 0; i < p->skipped_n; i++) {
		uint64_t n = get_number(o);

		o->bad |= n > (uint64_t)(INT64_MAX / 1000 - last);
		if (o->bad)
			return;
		last += (int64_t)n;
		p->skipped[i] = last * 1000;
	}
}

static enum cal_busy busy_of(struct octets *o, int64_t flags)
{
	o->bad |= (flags & 0xff) > CAL_ELSEWHERE;
	return o->bad ? CAL_BUSY : (enum cal_busy)(flags & 0xff);
}

static void get_head(struct octets *o, struct cal_plan *p)
{
	int64_t flags;

	p->start.given = true;
	p->start.utc_ms = get_i64(o);
	p->duration_ms = get_i64(o);
	p->first_ms = get_i64(o);
	p->last_ms = get_i64(o);
	flags = get_i64(o);
	p->busy = busy_of(o, flags);
	p->cancelled = flags >> 8 & 1;
	p->start.is_date = flags >> 9 & 1;
	p->start.zone.offset = (int)get_i64(o);
	p->start.zone.daylight = (int)get_i64(o);
	p->start.zone.to_standard = get_change(o);
	p->start.zone.to_daylight = get_change(o);
	if (!o->bad)
		p->start.local = zone_from_utc(&p->start.zone, p->start.utc_ms);
}

enum err cal_plan_get(struct arena *a, struct str octets, struct cal_plan *ret)
{
	struct octets o = { .rest = octets };
	struct cal_plan p = { 0 };
	size_t rule_n;

	get_head(&o, &p);
	rule_n = get_count(&o, 1);
	p.skipped_n = get_count(&o, 1);
	p.others_n = get_count(&o, 4 * 8);
	if (o.bad || o.rest.n < rule_n)
		return ERR_CORRUPT;
	p.rule = str_slice(o.rest, 0, rule_n);
	o.rest = str_slice(o.rest, rule_n, o.rest.n);
	p.skipped = arena_array(a, p.skipped_n + 1, sizeof(*p.skipped));
	p.others = arena_array(a, p.others_n + 1, sizeof(*p.others));
	if (!p.skipped || !p.others)
		return ERR_LIMIT;
	get_skipped(&o, &p);
	if (o.bad || o.rest.n != 32 * p.others_n)
		return ERR_CORRUPT;
	for (size_t i = 0; i < p.others_n; i++) {
		int64_t flags;

		p.others[i].start_ms = get_i64(&o);
		p.others[i].end_ms = get_i64(&o);
		p.others[i].instance_ms = get_i64(&o);
		flags = get_i64(&o);
		p.others[i].busy = busy_of(&o, flags);
		p.others[i].is_date = flags >> 9 & 1;
	}
	*ret = p;
	return ERR_OK;
}
