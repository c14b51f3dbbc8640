/* Recurrence (MS-ASCAL 2.2.2.37), out and in. */
#include <gateway/activesync/event.h>

#include <gateway/activesync/recurrence.h>
#include <gateway/activesync/time_text.h>

void event_put_time(struct wbxml_writer *w, enum wbxml_tag tag, int64_t ms)
{
	wbxml_put_text(w, tag, str_of(time_text_compact(ms).text));
}

static void put_days(struct wbxml_writer *w, const struct cal_recurrence *r, unsigned type)
{
	if ((type == RECURRENCE_DAILY || type == RECURRENCE_WEEKLY || r->week) && r->weekdays)
		wbxml_put_u64(w, TAG_CALENDAR_DAYOFWEEK, r->weekdays);
	if (type == RECURRENCE_MONTHLY || type == RECURRENCE_YEARLY)
		wbxml_put_i64(w, TAG_CALENDAR_DAYOFMONTH, r->day_of_month);
	if (r->week)
		wbxml_put_i64(w, TAG_CALENDAR_WEEKOFMONTH, r->week);
	if (r->frequency == CAL_YEARLY)
		wbxml_put_i64(w, TAG_CALENDAR_MONTHOFYEAR, r->month);
}

void event_put_recurrence(struct wbxml_writer *w, const struct cal_recurrence *r, enum eas_version version)
{
	const unsigned type = recurrence_type_of(r);

	wbxml_open(w, TAG_CALENDAR_RECURRENCE);
	wbxml_put_u64(w, TAG_CALENDAR_TYPE, type);
	if (r->has_until)
		event_put_time(w, TAG_CALENDAR_UNTIL, r->until_ms);
	else if (r->count)
		wbxml_put_i64(w, TAG_CALENDAR_OCCURRENCES, r->count);
	wbxml_put_i64(w, TAG_CALENDAR_INTERVAL, r->interval);
	put_days(w, r, type);
	if (type > RECURRENCE_WEEKLY && wbxml_tag_in(TAG_CALENDAR_CALENDARTYPE, version)) {
		wbxml_put_i64(w, TAG_CALENDAR_CALENDARTYPE, r->calendar_type);
		if (r->leap_month)
			wbxml_put_u64(w, TAG_CALENDAR_ISLEAPMONTH, 1);
	}
	if (type == RECURRENCE_WEEKLY && wbxml_tag_in(TAG_CALENDAR_FIRSTDAYOFWEEK, version))
		wbxml_put_i64(w, TAG_CALENDAR_FIRSTDAYOFWEEK, r->first_weekday);
	wbxml_close(w, TAG_CALENDAR_RECURRENCE);
}

/* ---- in ---- */

struct fields {
	uint64_t type, interval, occurrences, week, weekdays, day, month, first, calendar;
	bool has_type, has_calendar, leap;
	int64_t until;
};

static enum err parse_until(struct wbxml_reader *r, int64_t *ret)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	return text.n ? time_text_parse(text, ret) : ERR_OK;
}

static enum err parse_field(struct wbxml_reader *r, struct fields *f)
{
	switch ((unsigned)r->tag) {
	case TAG_CALENDAR_TYPE:
		f->has_type = true;
		return wbxml_u64(r, 0, RECURRENCE_YEARLY_NTH, &f->type);
	case TAG_CALENDAR_INTERVAL:
		return wbxml_u64(r, 0, RECURRENCE_INTERVAL_MAX, &f->interval);
	case TAG_CALENDAR_OCCURRENCES:
		return wbxml_u64(r, 0, RECURRENCE_OCCURRENCES_MAX, &f->occurrences);
	case TAG_CALENDAR_WEEKOFMONTH:
		return wbxml_u64(r, 1, 5, &f->week); /* R476 */
	case TAG_CALENDAR_DAYOFWEEK:
		return wbxml_u64(r, 0, RECURRENCE_DAYS_MAX, &f->weekdays); /* R201 */
	case TAG_CALENDAR_DAYOFMONTH:
		return wbxml_u64(r, 1, 31, &f->day); /* R193 */
	case TAG_CALENDAR_MONTHOFYEAR:
		return wbxml_u64(r, 1, 12, &f->month); /* R326 */
	case TAG_CALENDAR_FIRSTDAYOFWEEK:
		return wbxml_u64(r, 0, 6, &f->first); /* R277 */
	case TAG_CALENDAR_CALENDARTYPE:
		if (f->has_calendar) /* R53912 */
			return ERR_INVALID;
		f->has_calendar = true;
		return wbxml_u64(r, 0, 20, &f->calendar);
	case TAG_CALENDAR_ISLEAPMONTH:
		return wbxml_bool(r, &f->leap);
	case TAG_CALENDAR_UNTIL:
		return parse_until(r, &f->until);
	default: /* iOS says DeadOccur */
		return wbxml_skip(r);
	}
}

static bool has_what_it_needs(const struct fields *f)
{
	const unsigned parts = (f->weekdays ? RECURRENCE_WEEKDAYS : 0u) | (f->day ? RECURRENCE_DAY : 0u) |
			       (f->week ? RECURRENCE_WEEK : 0u) | (f->month ? RECURRENCE_MONTH : 0u);

	if (!f->has_type || !recurrence_allows(f->type, parts) || !recurrence_is_calendar(f->calendar))
		return false;
	switch (f->type) {
	case RECURRENCE_MONTHLY_NTH:
		return f->week && f->weekdays;
	case RECURRENCE_YEARLY_NTH:
		return f->week && f->weekdays && f->month;
	default: /* the day is else that of the start */
		return true;
	}
}

static void to_rule(const struct fields *f, struct cal_recurrence *r)
{
	bool nth = f->type == RECURRENCE_MONTHLY_NTH || f->type == RECURRENCE_YEARLY_NTH;

	*r = (struct cal_recurrence){ .frequency = recurrence_frequency(f->type, f->weekdays),
				      .interval = f->interval ? (int)f->interval : 1, /* R5 */
				      .count = (int)f->occurrences,
				      .first_weekday = (int)f->first,
				      .calendar_type = (int)f->calendar,
				      .leap_month = f->leap };
	if (f->type <= RECURRENCE_WEEKLY || nth)
		r->weekdays = (unsigned)f->weekdays;
	if (nth)
		r->week = (int)f->week;
	else if (f->type >= RECURRENCE_MONTHLY)
		r->day_of_month = (int)f->day;
	if (f->type >= RECURRENCE_YEARLY)
		r->month = (int)f->month;
}

enum err event_parse_recurrence(struct wbxml_reader *r, struct cal_recurrence *ret, int64_t *ret_until)
{
	struct wbxml_scope scope = wbxml_enter(r);
	struct fields f = { .until = INT64_MIN, .first = 1 };
	enum err bad = ERR_OK;
	bool empty = true;

	while (wbxml_child(r, &scope, &bad)) {
		empty = false;
		TRY(parse_field(r, &f));
	}
	TRY(bad);
	*ret_until = f.occurrences ? INT64_MIN : f.until; /* R53911 */
	*ret = (struct cal_recurrence){ .interval = 1 };
	if (empty)
		return ERR_OK;
	if (!has_what_it_needs(&f))
		return ERR_INVALID;
	to_rule(&f, ret);
	return ERR_OK;
}
