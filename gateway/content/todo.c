/* Changes with which lines of an iCalendar object say what of a task or a note. */
#include <gateway/content/todo.h>

#include <gateway/content/calendar_internal.h>
#include <gateway/content/calendar_lines.h>
#include <gateway/content/html_text.h>

#include <base/utf8.h>

#include <stdlib.h>

enum { TEXT_MAX = CAL_BODY_MAX, DAY_MS = 86400000, CATEGORIES = CAL_CATEGORIES_MAX };

static const char *const kinds[] = { [TODO_TASK] = "VTODO", [TODO_NOTE] = "VJOURNAL" };

static const struct {
	const char *name, *params;
} texts[TODO_TEXT_MAX_] = {
	[TODO_SUMMARY] = { "SUMMARY", "" },
	[TODO_BODY] = { "DESCRIPTION", "" },
	[TODO_HTML] = { "X-ALT-DESC", ";FMTTYPE=text/html" },
	[TODO_SUB_ORDINAL] = { "X-ROOST-SUB-ORDINAL", "" },
	[TODO_MESSAGE_CLASS] = { "X-ROOST-MESSAGE-CLASS", "" },
};

enum form { FORM_LOCAL, FORM_UTC, FORM_ALARM };

static const struct time_line {
	const char *name;
	enum form form;
} times[TODO_TIME_MAX_] = {
	[TODO_START] = { "DTSTART", FORM_LOCAL },
	[TODO_UTC_START] = { "X-ROOST-UTC-START", FORM_UTC },
	[TODO_DUE] = { "DUE", FORM_LOCAL },
	[TODO_UTC_DUE] = { "X-ROOST-UTC-DUE", FORM_UTC },
	[TODO_COMPLETED] = { "COMPLETED", FORM_UTC },
	[TODO_REMINDER] = { "VALARM", FORM_ALARM },
	[TODO_ORDINAL] = { "X-ROOST-ORDINAL", FORM_UTC },
	[TODO_RECURRENCE] = { "X-ROOST-RECURRENCE-START", FORM_LOCAL },
	[TODO_MODIFIED] = { "LAST-MODIFIED", FORM_UTC },
};

/* ---- reading ---- */

struct line {
	struct str whole, value;
};

/* *ret is empty where there is none. */
static enum err get_line(struct arena *a, const struct ical_part *part, const char *name, struct line *ret)
{
	const struct ical_entry *e = ical_line_find(part->first, str_of(name));

	*ret = (struct line){ STR_EMPTY, STR_EMPTY };
	if (!e)
		return ERR_OK;
	TRY(ical_unfold(a, e->raw, &ret->whole));
	ret->value = ical_value(ret->whole);
	return ERR_OK;
}

static enum err get_text(struct arena *a, const struct ical_part *part, const char *name, struct str *ret)
{
	struct line line;

	TRY(get_line(a, part, name, &line));
	return ical_text_read(a, line.value, ret);
}

static bool digits(struct str s, size_t at, size_t n, int *ret)
{
	*ret = 0;
	for (size_t i = at; i < at + n; i++) {
		if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
			return false;
		*ret = *ret * 10 + (s.p[i] - '0');
	}
	return true;
}

/* 20261122, 20261122T083000, 20261122T083000Z. */
static bool parse_local(struct str s, struct local_time *t)
{
	*t = (struct local_time){ 0 };
	if (!digits(s, 0, 4, &t->year) || !digits(s, 4, 2, &t->month) || !digits(s, 6, 2, &t->day))
		return false;
	if (s.n > 8 && (s.p[8] != 'T' || !digits(s, 9, 2, &t->hour) || !digits(s, 11, 2, &t->minute) ||
			!digits(s, 13, 2, &t->second)))
		return false;
	return t->year >= 1601 && t->year <= CAL_YEAR_LATEST && t->month >= 1 && t->month <= 12 && t->day >= 1 &&
	       t->day <= 31 && t->hour <= 23 && t->minute <= 59 && t->second <= 60;
}

static int64_t ms_of(struct local_time t)
{
	const struct zone_rules utc = { 0 };

	return zone_to_utc(&utc, t);
}

/* The moment that a line of a local time means, by its zone; one that floats is taken for UTC. */
static int64_t moment_of(const struct line *line, struct local_time t)
{
	size_t at = str_ifind(line->whole, S(";TZID=")), end;
	struct zone_rules zone = { 0 };
	struct str name;

	if (at == line->whole.n)
		return ms_of(t);
	name = str_slice(line->whole, at + 6, line->whole.n);
	for (end = 0; end < name.n && name.p[end] != ';' && name.p[end] != ':'; end++)
		;
	name = str_slice(name, 0, end);
	if (name.n >= 2 && name.p[0] == '"')
		name = str_slice(name, 1, name.n - 1);
	if (zone_by_name(name, &zone))
		zone = (struct zone_rules){ 0 };
	return zone_to_utc(&zone, t);
}

/* When an alarm goes off: at a time, or so long before what it belongs to. */
static enum err read_alarm(struct arena *a, const struct ical_part *part, struct todo *ret)
{
	const struct ical_entry *alarm = ical_part_find(part->first, S("VALARM"));
	struct icaldurationtype duration;
	struct local_time t;
	struct line line;
	const char *text;
	int64_t from;

	if (!alarm)
		return ERR_OK;
	TRY(get_line(a, alarm->part, "TRIGGER", &line));
	if (parse_local(line.value, &t)) {
		ret->time[TODO_REMINDER] = ms_of(t);
		return ERR_OK;
	}
	from = str_ifind(line.whole, S("RELATED=END")) < line.whole.n ? ret->time[TODO_UTC_DUE]
								      : ret->time[TODO_UTC_START];
	if (from == TODO_NEVER)
		from = ret->time[TODO_UTC_DUE];
	if (from == TODO_NEVER || arena_cstr(a, line.value, &text))
		return ERR_OK;
	duration = icaldurationtype_from_string(text ? text : "");
	if (!icaldurationtype_is_bad_duration(duration))
		ret->time[TODO_REMINDER] = from + (int64_t)icaldurationtype_as_int(duration) * 1000;
	return ERR_OK;
}

/* RFC 5545 section 3.8.7.2: what is no message was last revised when it was stamped. */
static enum err complete_modified(struct arena *a, const struct ical_part *part, struct todo *ret)
{
	static const char *const others[] = { "DTSTAMP", "CREATED" };

	for (size_t i = 0; i < countof(others) && ret->time[TODO_MODIFIED] == TODO_NEVER; i++) {
		struct local_time t;
		struct line line;

		TRY(get_line(a, part, others[i], &line));
		if (parse_local(line.value, &t))
			ret->time[TODO_MODIFIED] = ms_of(t);
	}
	return ERR_OK;
}

static enum err read_times(struct arena *a, const struct ical_part *part, struct todo *ret)
{
	static const enum todo_time utc_of[TODO_TIME_MAX_] = {
		[TODO_START] = TODO_UTC_START, [TODO_DUE] = TODO_UTC_DUE
	};

	for (size_t i = 0; i < TODO_TIME_MAX_; i++)
		ret->time[i] = TODO_NEVER;
	for (size_t i = 0; i < TODO_TIME_MAX_; i++) {
		struct local_time t;
		struct line line;

		if (times[i].form == FORM_ALARM)
			continue;
		TRY(get_line(a, part, times[i].name, &line));
		if (!parse_local(line.value, &t))
			continue;
		ret->time[i] = ms_of(t);
		if (utc_of[i])
			ret->time[utc_of[i]] = moment_of(&line, t);
	}
	TRY(complete_modified(a, part, ret));
	if (ret->time[TODO_RECURRENCE] == TODO_NEVER)
		ret->time[TODO_RECURRENCE] =
			ret->time[TODO_START] != TODO_NEVER ? ret->time[TODO_START] : ret->time[TODO_DUE];
	return read_alarm(a, part, ret);
}

/* A day: the rules of tasks know no time of day. */
static struct cal_time day_of(int64_t ms)
{
	const struct zone_rules utc = { 0 };
	struct cal_time t = { .given = ms != TODO_NEVER, .is_date = true };

	if (!t.given)
		return t;
	t.local = zone_from_utc(&utc, ms);
	t.local.hour = t.local.minute = t.local.second = 0;
	t.utc_ms = ms_of(t.local);
	return t;
}

static enum err read_rule(struct arena *a, const struct ical_part *part, struct todo *ret)
{
	const struct cal_time start = day_of(ret->time[TODO_RECURRENCE]);
	struct icalrecurrencetype rule;
	struct line line;
	const char *text;

	ret->recurrence = (struct cal_recurrence){ .interval = 1 };
	TRY(get_line(a, part, "RRULE", &line));
	if (line.value.n == 0)
		return ERR_OK;
	if (arena_cstr(a, line.value, &text))
		return ERR_OK;
	rule = icalrecurrencetype_from_string(text);
	if (rule.freq == ICAL_NO_RECURRENCE)
		ret->recurrence.odd = true;
	else
		cal_rule_read(&rule, &start, &ret->recurrence);
	free(rule.rscale);
	return ERR_OK;
}

static enum err read_categories(struct arena *a, const struct ical_part *part, struct todo *ret)
{
	struct ical_entry *e = part->first;

	ret->categories = arena_array(a, CATEGORIES, sizeof(*ret->categories));
	if (!ret->categories)
		return ERR_LIMIT;
	while ((e = ical_line_find(e, S("CATEGORIES"))) != NULL) {
		struct str line, value;

		TRY(ical_unfold(a, e->raw, &line));
		value = ical_value(line);
		while (value.n && ret->categories_n < CATEGORIES) {
			size_t i = 0;

			while (i < value.n && value.p[i] != ',')
				i += value.p[i] == '\\' ? 2 : 1;
			TRY(ical_text_read(a, str_slice(value, 0, i), &ret->categories[ret->categories_n]));
			ret->categories_n += ret->categories[ret->categories_n].n > 0;
			value = str_slice(value, i + 1, value.n);
		}
		e = e->next;
	}
	return ERR_OK;
}

static enum err has_flag(struct arena *a, const struct ical_part *part, const char *name, bool *ret)
{
	struct line line;

	TRY(get_line(a, part, name, &line));
	*ret = str_eq(line.value, S("1"));
	return ERR_OK;
}

static const struct {
	struct str name;
	unsigned sensitivity;
} classes[] = {
	{ STR_INIT("PUBLIC"), CAL_NORMAL },
	{ STR_INIT("X-PERSONAL"), CAL_PERSONAL },
	{ STR_INIT("PRIVATE"), CAL_PRIVATE },
	{ STR_INIT("CONFIDENTIAL"), CAL_CONFIDENTIAL },
};

/* One that is none of the three stands beside a PRIORITY of 5: another, of some other program, counts more. */
static enum err read_odd_importance(struct arena *a, const struct ical_part *part, unsigned *ret)
{
	struct line line;
	uint64_t n;

	TRY(get_line(a, part, "X-ROOST-IMPORTANCE", &line));
	if (*ret == 1 && !str_to_u64(line.value, UINT8_MAX, &n) && n > 2)
		*ret = (unsigned)n;
	return ERR_OK;
}

static enum err read_state(struct arena *a, const struct ical_part *part, struct todo *ret)
{
	struct line line;
	int priority = 0;

	TRY(get_line(a, part, "STATUS", &line));
	ret->completed = str_ieq(line.value, S("COMPLETED"));
	ret->completed |= line.value.n == 0 && ret->time[TODO_COMPLETED] != TODO_NEVER;
	if (ret->completed && ret->time[TODO_COMPLETED] == TODO_NEVER)
		ret->time[TODO_COMPLETED] = ret->time[TODO_MODIFIED] == TODO_NEVER ? 0 : ret->time[TODO_MODIFIED];
	if (!ret->completed)
		ret->time[TODO_COMPLETED] = TODO_NEVER;
	TRY(get_line(a, part, "PRIORITY", &line));
	/* RFC 5545 3.8.1.9: 1 to 4 high, 5 the middle, 6 to 9 low. */
	ret->importance = !digits(line.value, 0, 1, &priority) || priority == 0 || priority == 5 ? 1
			  : priority < 5                                                         ? 2
												 : 0;
	TRY(read_odd_importance(a, part, &ret->importance));
	TRY(get_line(a, part, "CLASS", &line));
	for (size_t i = 0; i < countof(classes); i++)
		if (str_ieq(line.value, classes[i].name))
			ret->sensitivity = classes[i].sensitivity;
	TRY(has_flag(a, part, "X-ROOST-REGENERATE", &ret->regenerate));
	return has_flag(a, part, "X-ROOST-DEAD-OCCUR", &ret->dead);
}

/* Where there is HTML alone. */
static enum err derive_body(struct arena *a, struct todo *ret)
{
	const struct str html = utf8_prefix(ret->text[TODO_HTML], TEXT_MAX);

	if (ret->text[TODO_BODY].n || html.n == 0)
		return ERR_OK;
	return html_text_of(a, html, (size_t)TEXT_MAX * HTML_TEXT_GROWTH, &ret->text[TODO_BODY]);
}

static enum err read_part(struct arena *a, const struct ical_part *part, struct todo *ret)
{
	*ret = (struct todo){ 0 };
	for (size_t i = 0; i < TODO_TEXT_MAX_; i++)
		TRY(get_text(a, part, texts[i].name, &ret->text[i]));
	TRY(derive_body(a, ret));
	TRY(read_times(a, part, ret));
	TRY(read_state(a, part, ret));
	TRY(read_rule(a, part, ret));
	return read_categories(a, part, ret);
}

enum err todo_read(struct arena *a, struct str text, enum todo_kind kind, struct todo *ret)
{
	struct ical_part *calendar;
	struct ical_entry *e;

	TRY(ical_parse(a, text, &calendar, NULL));
	e = ical_part_find(calendar->first, str_of(kinds[kind]));
	return e ? read_part(a, e->part, ret) : ERR_INVALID;
}

int64_t todo_key(const struct todo *t)
{
	return t->completed ? t->time[TODO_COMPLETED] : INT64_MAX;
}

/* ---- writing ---- */

struct writing {
	struct arena *a;
	struct ical_part *part;
	struct todo before;
};

static enum err set_line(struct writing *w, const char *name, const struct buf *line)
{
	struct ical_entry *e = ical_line_find(w->part->first, str_of(name));
	struct str text;

	TRY(buf_status(line));
	TRY(arena_str(w->a, buf_view(line), &text));
	return e ? ical_set(w->a, e, text) : ical_add(w->a, w->part, text);
}

static enum err set_value(struct writing *w, const char *name, struct str value)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(256);

	if (value.n == 0) {
		ical_remove(w->part, str_of(name));
		return ERR_OK;
	}
	buf_fmt(&line, "%s:" STR_FMT, name, STR_ARG(value));
	return set_line(w, name, &line);
}

static enum err set_text(struct writing *w, enum todo_text which, struct str to)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(2 * TEXT_MAX + 64);

	if (str_eq(to, w->before.text[which]))
		return ERR_OK;
	if (to.n == 0)
		return set_value(w, texts[which].name, to);
	buf_fmt(&line, "%s%s:", texts[which].name, texts[which].params);
	ical_text_put(&line, to);
	return set_line(w, texts[which].name, &line);
}

static struct str without_last_ends(struct str s)
{
	while (s.n && (s.p[s.n - 1] == '\r' || s.p[s.n - 1] == '\n'))
		s.n--;
	return s;
}

/* But for the form of line ends, and for the last ones. */
static bool same_lines(struct str a, struct str b)
{
	size_t i = 0, k = 0;

	a = without_last_ends(a);
	b = without_last_ends(b);
	for (;; i++, k++) {
		while (i < a.n && a.p[i] == '\r')
			i++;
		while (k < b.n && b.p[k] == '\r')
			k++;
		if (i == a.n || k == b.n)
			return i == a.n && k == b.n;
		if (a.p[i] != b.p[k])
			return false;
	}
}

/* A phone that knows no HTML sends the plain text again with whatever it changes: that takes no HTML away. */
static enum err set_body(struct writing *w, const struct todo_edit *edit)
{
	const struct str *to = edit->to.text;

	if (!edit->has_text[TODO_HTML] && same_lines(to[TODO_BODY], w->before.text[TODO_BODY]))
		return ERR_OK;
	TRY(set_text(w, TODO_BODY, to[TODO_BODY]));
	return set_text(w, TODO_HTML, edit->has_text[TODO_HTML] ? to[TODO_HTML] : STR_EMPTY);
}

static void put_time(struct buf *out, const char *name, int64_t ms, enum form form)
{
	const struct zone_rules utc = { 0 };
	struct local_time t = zone_from_utc(&utc, ms);
	bool day = form == FORM_LOCAL && t.hour == 0 && t.minute == 0 && t.second == 0;

	buf_cstr(out, name);
	if (day)
		buf_cstr(out, ";VALUE=DATE");
	buf_fmt(out, ":%04d%02d%02d", t.year, t.month, t.day);
	if (!day)
		buf_fmt(out, "T%02d%02d%02d%s", t.hour, t.minute, t.second, form == FORM_UTC ? "Z" : "");
}

static enum err set_alarm(struct writing *w, int64_t to)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(128);
	struct ical_entry *e, *trigger;
	struct ical_part *alarm;
	struct str text;

	if (to == TODO_NEVER) {
		while ((e = ical_part_find(w->part->first, S("VALARM"))) != NULL)
			ical_remove_entry(w->part, e);
		return ERR_OK;
	}
	put_time(&line, "TRIGGER;VALUE=DATE-TIME", to, FORM_UTC);
	TRY(buf_status(&line));
	TRY(arena_str(w->a, buf_view(&line), &text));
	e = ical_part_find(w->part->first, S("VALARM"));
	if (e) {
		trigger = ical_line_find(e->part->first, S("TRIGGER"));
		return trigger ? ical_set(w->a, trigger, text) : ical_add(w->a, e->part, text);
	}
	TRY(ical_new(w->a, S("VALARM"), &alarm));
	TRY(ical_add(w->a, alarm, S("ACTION:DISPLAY")));
	TRY(ical_add(w->a, alarm, S("DESCRIPTION:Reminder")));
	TRY(ical_add(w->a, alarm, text));
	return ical_add_part(w->a, w->part, alarm);
}

static enum err set_time(struct writing *w, enum todo_time which, int64_t to)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(128);

	if (to == w->before.time[which])
		return ERR_OK;
	if (times[which].form == FORM_ALARM)
		return set_alarm(w, to);
	if (to == TODO_NEVER)
		return set_value(w, times[which].name, STR_EMPTY);
	put_time(&line, times[which].name, to, times[which].form);
	return set_line(w, times[which].name, &line);
}

static bool same_categories(const struct todo *a, const struct todo *b)
{
	bool same = a->categories_n == b->categories_n;

	for (size_t i = 0; same && i < a->categories_n; i++)
		same = str_eq(a->categories[i], b->categories[i]);
	return same;
}

static enum err set_categories(struct writing *w, const struct todo *to)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(TEXT_MAX);
	struct str text;

	if (same_categories(&w->before, to))
		return ERR_OK;
	ical_remove(w->part, S("CATEGORIES"));
	if (to->categories_n == 0)
		return ERR_OK;
	buf_cstr(&line, "CATEGORIES:");
	for (size_t i = 0; i < to->categories_n; i++) {
		if (i)
			buf_char(&line, ',');
		ical_text_put(&line, to->categories[i]);
	}
	TRY(buf_status(&line));
	TRY(arena_str(w->a, buf_view(&line), &text));
	return ical_add(w->a, w->part, text);
}

static enum err set_completed(struct writing *w, bool to)
{
	if (to == w->before.completed)
		return ERR_OK;
	TRY(set_value(w, "STATUS", to ? S("COMPLETED") : S("NEEDS-ACTION")));
	TRY(set_value(w, "PERCENT-COMPLETE", to ? S("100") : STR_EMPTY));
	return to ? ERR_OK : set_value(w, "COMPLETED", STR_EMPTY);
}

static enum err set_rule(struct writing *w, const struct todo *to)
{
	const struct cal_time start = day_of(to->time[TODO_RECURRENCE]);
	CLEANUP(buf_release) struct buf line = BUF_INIT(1024);

	TRY(set_value(w, "X-ROOST-REGENERATE", to->regenerate ? S("1") : STR_EMPTY));
	TRY(set_value(w, "X-ROOST-DEAD-OCCUR", to->dead ? S("1") : STR_EMPTY));
	if (to->recurrence.frequency == CAL_NEVER) {
		if (w->before.recurrence.odd) /* what no phone was shown, none takes away */
			return ERR_OK;
		ical_remove(w->part, S("RRULE"));
		return set_value(w, times[TODO_RECURRENCE].name, STR_EMPTY);
	}
	cal_rule_put(&line, &to->recurrence, &start);
	TRY(set_line(w, "RRULE", &line));
	buf_clear(&line);
	put_time(&line, times[TODO_RECURRENCE].name, to->time[TODO_RECURRENCE], FORM_LOCAL);
	TRY(set_line(w, times[TODO_RECURRENCE].name, &line));
	if (ical_line_find(w->part->first, S("DTSTART")))
		return ERR_OK;
	buf_clear(&line); /* RFC 5545 3.6.2: a rule begins somewhere */
	put_time(&line, "DTSTART", to->time[TODO_RECURRENCE], FORM_LOCAL);
	return set_line(w, "DTSTART", &line);
}

static enum err set_importance(struct writing *w, unsigned to)
{
	static const char *const priorities[] = { "9", "5", "1" };
	CLEANUP(buf_release) struct buf odd = BUF_INIT(8);

	if (to >= countof(priorities))
		buf_fmt(&odd, "%u", to);
	TRY(set_value(w, "X-ROOST-IMPORTANCE", buf_view(&odd)));
	return set_value(w, "PRIORITY", str_of(priorities[to < countof(priorities) ? to : 1]));
}

static enum err apply(struct writing *w, const struct todo_edit *edit)
{
	const struct todo *to = &edit->to;

	if (edit->has_text[TODO_BODY])
		TRY(set_body(w, edit));
	for (size_t i = 0; i < TODO_TEXT_MAX_; i++)
		if (edit->has_text[i] && i != TODO_BODY && i != TODO_HTML)
			TRY(set_text(w, (enum todo_text)i, to->text[i]));
	if (edit->has_completed)
		TRY(set_completed(w, to->completed));
	for (size_t i = 0; i < TODO_TIME_MAX_; i++)
		if (edit->has_time[i])
			TRY(set_time(w, (enum todo_time)i, to->time[i]));
	if (edit->has_categories)
		TRY(set_categories(w, to));
	if (edit->has_importance && to->importance != w->before.importance)
		TRY(set_importance(w, to->importance));
	if (edit->has_sensitivity && to->sensitivity != w->before.sensitivity)
		TRY(set_value(w, "CLASS", classes[to->sensitivity].name));
	return edit->has_recurrence ? set_rule(w, to) : ERR_OK;
}

static enum err make_new(struct writing *w, enum todo_kind kind, int64_t now_ms, uint64_t unique,
			 struct ical_part **ret)
{
	CLEANUP(buf_release) struct buf uid = BUF_INIT(128);
	struct str text;

	TRY(ical_new(w->a, S("VCALENDAR"), ret));
	TRY(ical_add(w->a, *ret, S("VERSION:2.0")));
	TRY(ical_add(w->a, *ret, S(CAL_PRODUCT)));
	TRY(ical_new(w->a, str_of(kinds[kind]), &w->part));
	TRY(ical_add_part(w->a, *ret, w->part));
	buf_fmt(&uid, "UID:%016llx%012llx@roost", (unsigned long long)unique, (unsigned long long)now_ms);
	TRY(buf_status(&uid));
	TRY(arena_str(w->a, buf_view(&uid), &text));
	TRY(ical_add(w->a, w->part, text));
	w->before = (struct todo){ .importance = 1, .recurrence.interval = 1 };
	for (size_t i = 0; i < TODO_TIME_MAX_; i++)
		w->before.time[i] = TODO_NEVER;
	return ERR_OK;
}

static enum err stamp(struct writing *w, int64_t now_ms)
{
	static const char *const names[] = { "DTSTAMP", "LAST-MODIFIED" };

	for (size_t i = 0; i < countof(names); i++) {
		CLEANUP(buf_release) struct buf line = BUF_INIT(64);

		put_time(&line, names[i], now_ms, FORM_UTC);
		TRY(set_line(w, names[i], &line));
	}
	return ERR_OK;
}

enum err todo_write(struct arena *a, struct str text, enum todo_kind kind, const struct todo_edit *edit, int64_t now_ms,
		    uint64_t unique, struct buf *out)
{
	CLEANUP(buf_release) struct buf was = BUF_INIT(CAL_BYTES_MAX * 4), is = BUF_INIT(CAL_BYTES_MAX * 4);
	struct writing w = { .a = a };
	struct ical_part *calendar;
	struct ical_entry *e;

	if (text.n == 0) {
		TRY(make_new(&w, kind, now_ms, unique, &calendar));
	} else {
		TRY(ical_parse(a, text, &calendar, NULL));
		e = ical_part_find(calendar->first, str_of(kinds[kind]));
		if (!e)
			return ERR_INVALID;
		w.part = e->part;
		TRY(read_part(a, w.part, &w.before));
	}
	if (text.n)
		ical_put(&was, calendar);
	TRY(apply(&w, edit));
	ical_put(&is, calendar);
	TRY(buf_status(&was));
	TRY(buf_status(&is));
	if (str_eq(buf_view(&was), buf_view(&is))) { /* what is sent again as it is, is not written again */
		buf_str(out, text);
		return buf_status(out);
	}
	TRY(stamp(&w, now_ms));
	ical_put(out, calendar);
	return buf_status(out);
}
