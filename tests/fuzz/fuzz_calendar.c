/* iCalendar and zone rules of strangers: whatever they say, the values that come out are ones that can be written. */
#include <gateway/content/calendar_expand.h>

#include <base/utf8.h>

#include <assert.h>

enum { ARENA_MAX = 32 * 1024 * 1024, DAY_MINUTES = 24 * 60 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_change(const struct zone_change *c)
{
	assert(c->month >= 0 && c->month <= 12);
	if (c->month)
		assert(c->week >= 1 && c->week <= 5 && c->weekday >= 0 && c->weekday <= 6 &&
		       c->minutes > -8 * DAY_MINUTES && c->minutes < 8 * DAY_MINUTES);
}

static void check_zone(const struct zone_rules *z)
{
	CLEANUP(buf_release) struct buf blob = BUF_INIT(1000);

	check_change(&z->to_standard);
	check_change(&z->to_daylight);
	zone_blob_put(&blob, z);
	assert(blob.n == 232);
}

static void check_time(const struct cal_time *t)
{
	if (!t->given)
		return;
	/* The years that FILETIME and four digits can say, give or take a zone. */
	assert(t->utc_ms > INT64_C(-11645000000000) - INT64_C(86400000) * 400 && t->utc_ms < INT64_C(253500000000000));
	check_zone(&t->zone);
}

static void check_rule(const struct cal_recurrence *r)
{
	assert(r->interval >= 1 || r->frequency == CAL_NEVER);
	assert(r->week >= 0 && r->week <= 5 && r->month >= 0 && r->month <= 12);
	assert(r->day_of_month >= 0 && r->day_of_month <= 31 && r->weekdays <= 127);
}

static bool count(void *ctx, const struct cal_occurrence *o)
{
	assert(o->end_ms >= o->start_ms);
	return ++*(size_t *)ctx < 100;
}

/* What a change does not name comes back; what it names is there. */
static void check_series(struct arena *a, struct str text)
{
	CLEANUP(buf_release)
	struct buf out = BUF_INIT(ARENA_MAX), again = BUF_INIT(ARENA_MAX), octets = BUF_INIT(ARENA_MAX);
	struct cal_edit edit = { .series = { .what = CAL_FIELD_SUMMARY | CAL_FIELD_BUSY,
					     .to = { .summary = S("x;y"), .busy = CAL_OUT } } };
	struct cal_series s, t;
	struct cal_plan plan, back;
	size_t n = 0;

	if (cal_series_read(a, text, &s) || cal_write(a, text, &edit, &out))
		return;
	if (cal_series_read(a, buf_view(&out), &t))
		return; /* too large now */
	assert(t.event.busy == CAL_OUT && t.exceptions_n == s.exceptions_n && t.deleted_n == s.deleted_n);
	if (cal_write(a, buf_view(&out), &(struct cal_edit){ 0 }, &again) == ERR_OK)
		assert(str_eq(buf_view(&out), buf_view(&again)));
	if (cal_plan_make(a, &s, &plan))
		return;
	cal_plan_put(&octets, &plan);
	assert(cal_plan_get(a, buf_view(&octets), &back) == ERR_OK);
	cal_plan_walk(&back, plan.first_ms, plan.first_ms + INT64_C(86400000) * 400, count, &n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct zone_rules zone;
	struct cal_event e;
	size_t n;

	if (!zone_of_posix(str_from(data, size), &zone))
		check_zone(&zone);
	check_series(&a, str_from(data, size));
	if (cal_event_read(&a, str_from(data, size), &e, &n))
		return 0;
	assert(n >= 1 && n <= CAL_EVENTS_MAX);
	assert(utf8_is_xml(e.uid) && utf8_is_xml(e.summary) && utf8_is_xml(e.location) && utf8_is_xml(e.organizer) &&
	       utf8_is_xml(e.organizer_name));
	assert(e.uid.n <= 3 * CAL_UID_MAX && e.summary.n <= 3 * CAL_TEXT_MAX);
	check_time(&e.start);
	check_time(&e.stamp);
	check_time(&e.recurrence_id);
	check_rule(&e.recurrence);
	return 0;
}
