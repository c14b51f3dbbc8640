/* Recurrence of tasks (MS-ASTASK 2.2.2.20), out and in. */
#include <gateway/activesync/todo.h>

#include <gateway/activesync/recurrence.h>
#include <gateway/activesync/time_text.h>

/* ---- out ---- */

static void put_days(struct wbxml_writer *w, const struct cal_recurrence *r, unsigned type)
{
	if (r->weekdays && type != RECURRENCE_MONTHLY && type != RECURRENCE_YEARLY)
		wbxml_put_u64(w, TAG_TASKS_DAYOFWEEK, r->weekdays);
	if (type == RECURRENCE_MONTHLY || type == RECURRENCE_YEARLY)
		wbxml_put_i64(w, TAG_TASKS_DAYOFMONTH, r->day_of_month);
	if (r->week)
		wbxml_put_i64(w, TAG_TASKS_WEEKOFMONTH, r->week);
	if (r->frequency == CAL_YEARLY)
		wbxml_put_i64(w, TAG_TASKS_MONTHOFYEAR, r->month);
}

void task_put_recurrence(struct wbxml_writer *w, const struct todo *t, enum eas_version version)
{
	const struct cal_recurrence *r = &t->recurrence;
	const unsigned type = recurrence_type_of(r);

	if (r->frequency == CAL_NEVER || t->time[TODO_RECURRENCE] == TODO_NEVER)
		return;
	wbxml_open(w, TAG_TASKS_RECURRENCE);
	wbxml_put_u64(w, TAG_TASKS_TYPE, type);
	wbxml_put_text(w, TAG_TASKS_START, str_of(time_text(t->time[TODO_RECURRENCE]).text));
	if (r->has_until)
		wbxml_put_text(w, TAG_TASKS_UNTIL, str_of(time_text(r->until_ms).text));
	else if (r->count)
		wbxml_put_i64(w, TAG_TASKS_OCCURRENCES, r->count);
	wbxml_put_i64(w, TAG_TASKS_INTERVAL, r->interval);
	put_days(w, r, type);
	if (t->regenerate)
		wbxml_put_bool(w, TAG_TASKS_REGENERATE, true);
	if (t->dead)
		wbxml_put_bool(w, TAG_TASKS_DEADOCCUR, true);
	if (type > RECURRENCE_WEEKLY && wbxml_tag_in(TAG_TASKS_CALENDARTYPE, version)) { /* R82, R8211 to R8213 */
		wbxml_put_i64(w, TAG_TASKS_CALENDARTYPE, r->calendar_type);
		if (r->leap_month)
			wbxml_put_u64(w, TAG_TASKS_ISLEAPMONTH, 1);
	}
	if (type == RECURRENCE_WEEKLY && wbxml_tag_in(TAG_TASKS_FIRSTDAYOFWEEK, version)) /* R167 */
		wbxml_put_i64(w, TAG_TASKS_FIRSTDAYOFWEEK, r->first_weekday);
	wbxml_close(w, TAG_TASKS_RECURRENCE);
}

/* ---- in ---- */

struct fields {
	uint64_t type, interval, occurrences, week, weekdays, day, month, first, calendar;
	bool has_type, has_calendar, leap, regenerate, dead;
	int64_t start, until;
};

static enum err parse_time(struct wbxml_reader *r, int64_t *ret)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	return text.n ? time_text_parse(text, ret) : ERR_OK;
}

static enum err parse_field(struct wbxml_reader *r, struct fields *f)
{
	switch ((unsigned)r->tag) {
	case TAG_TASKS_TYPE:
		f->has_type = true;
		return wbxml_u64(r, 0, RECURRENCE_YEARLY_NTH, &f->type);
	case TAG_TASKS_START:
		return parse_time(r, &f->start);
	case TAG_TASKS_UNTIL:
		return parse_time(r, &f->until);
	case TAG_TASKS_OCCURRENCES:
		return wbxml_u64(r, 0, RECURRENCE_OCCURRENCES_MAX, &f->occurrences);
	case TAG_TASKS_INTERVAL:
		return wbxml_u64(r, 0, RECURRENCE_INTERVAL_MAX, &f->interval);
	case TAG_TASKS_DAYOFWEEK:
		return wbxml_u64(r, 1, RECURRENCE_DAYS_MAX, &f->weekdays);
	case TAG_TASKS_DAYOFMONTH:
		return wbxml_u64(r, 1, 31, &f->day);
	case TAG_TASKS_WEEKOFMONTH:
		return wbxml_u64(r, 1, 5, &f->week);
	case TAG_TASKS_MONTHOFYEAR:
		return wbxml_u64(r, 1, 12, &f->month);
	case TAG_TASKS_FIRSTDAYOFWEEK: /* R171 */
		return wbxml_u64(r, 0, 6, &f->first);
	case TAG_TASKS_CALENDARTYPE:
		f->has_calendar = true;
		return wbxml_u64(r, 0, 20, &f->calendar);
	case TAG_TASKS_ISLEAPMONTH:
		return wbxml_bool(r, &f->leap);
	case TAG_TASKS_REGENERATE:
		return wbxml_bool(r, &f->regenerate);
	case TAG_TASKS_DEADOCCUR:
		return wbxml_bool(r, &f->dead);
	default:
		return ERR_INVALID;
	}
}

/* Which of the fields a type has (recurrence.h), and needs. */
static bool fits(const struct fields *f)
{
	enum { NTH = RECURRENCE_WEEKDAYS | RECURRENCE_WEEK };
	static const unsigned must[] = {
		[RECURRENCE_WEEKLY] = RECURRENCE_WEEKDAYS,
		[RECURRENCE_MONTHLY] = RECURRENCE_DAY,
		[RECURRENCE_MONTHLY_NTH] = NTH,
		[RECURRENCE_YEARLY] = RECURRENCE_DAY | RECURRENCE_MONTH,
		[RECURRENCE_YEARLY_NTH] = NTH | RECURRENCE_MONTH,
	};
	unsigned has = (f->weekdays ? RECURRENCE_WEEKDAYS : 0u) | (f->day ? RECURRENCE_DAY : 0u) |
		       (f->week ? RECURRENCE_WEEK : 0u) | (f->month ? RECURRENCE_MONTH : 0u) |
		       (f->has_calendar ? RECURRENCE_CALENDAR : 0u);

	return recurrence_allows(f->type, has) && !(must[f->type] & ~has) && recurrence_is_calendar(f->calendar);
}

static void to_rule(const struct fields *f, struct todo *to)
{
	to->regenerate = f->regenerate;
	to->dead = f->dead;
	to->time[TODO_RECURRENCE] = f->start - f->start % 1000;
	to->recurrence = (struct cal_recurrence){ .frequency = recurrence_frequency(f->type, f->weekdays),
						  .interval = f->interval ? (int)f->interval : 1,
						  .count = (int)f->occurrences,
						  /* R37013: Occurrences count more than Until */
						  .has_until = f->until != TODO_NEVER && !f->occurrences,
						  .until_ms = f->until,
						  .weekdays = (unsigned)f->weekdays,
						  .week = (int)f->week,
						  .day_of_month = (int)f->day,
						  .month = (int)f->month,
						  .first_weekday = (int)f->first,
						  .calendar_type = (int)f->calendar,
						  .leap_month = f->leap };
}

enum err task_parse_recurrence(struct wbxml_reader *r, enum eas_version version, struct todo_edit *edit)
{
	struct wbxml_scope scope = wbxml_enter(r);
	struct fields f = { .start = TODO_NEVER, .until = TODO_NEVER, .first = 1 };
	enum err bad = ERR_OK;
	bool empty = true;

	while (wbxml_child(r, &scope, &bad)) {
		empty = false;
		if (!wbxml_tag_in(r->tag, version))
			return ERR_INVALID;
		TRY(parse_field(r, &f));
	}
	TRY(bad);
	edit->has_recurrence = true;
	if (empty)
		return ERR_OK;
	/* R289, R37011: Type and Start are there. */
	if (!f.has_type || f.start == TODO_NEVER || !fits(&f))
		return ERR_INVALID;
	to_rule(&f, &edit->to);
	return ERR_OK;
}
