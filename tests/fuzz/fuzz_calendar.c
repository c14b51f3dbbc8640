/* iCalendar and zone rules of strangers: whatever they say, the values that come out are ones that can be written. */
#include <gateway/content/calendar.h>

#include <base/utf8.h>

#include <assert.h>

enum { ARENA_MAX = 32 * 1024 * 1024, DAY_MINUTES = 24 * 60 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_change(const struct zone_change *c)
{
	assert(c->month >= 0 && c->month <= 12);
	if (c->month)
		assert(c->week >= 1 && c->week <= 5 && c->weekday >= 0 && c->weekday <= 6 && c->minutes >= 0 &&
		       c->minutes < DAY_MINUTES);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_MAX);
	struct zone_rules zone;
	struct cal_event e;
	size_t n;

	if (!zone_of_posix(str_from(data, size), &zone))
		check_zone(&zone);
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
