/* Changes to a stored calendar, line by line (calendar_lines.h). */
#include <gateway/content/calendar_attach.h>
#include <gateway/content/calendar_expand.h>
#include <gateway/content/calendar_internal.h>
#include <gateway/content/calendar_writing.h>

#include <stdlib.h>

enum { LINE_MAX_BYTES = 2 * CAL_BODY_MAX + 4096, ZONE_BYTES_MAX = 4096, DAY_MS = 24 * 60 * 60 * 1000 };

#define STAMP_LAST_MS INT64_C(253402300798000) /* the last second but one that has a year of four digits */

/* ---- lines ---- */

static enum err add_buf(struct writing *w, struct ical_part *part, struct buf *line)
{
	TRY(buf_status(line));
	return ical_add(w->arena, part, buf_view(line));
}

static enum err set_line(struct writing *w, struct ical_part *part, struct str name, struct str head, struct str text)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(LINE_MAX_BYTES);

	ical_remove(part, name);
	if (text.n == 0)
		return ERR_OK;
	buf_str(&line, head);
	buf_char(&line, ':');
	ical_text_put(&line, text);
	return add_buf(w, part, &line);
}

static enum err set_text(struct writing *w, struct ical_part *part, struct str name, struct str text)
{
	return set_line(w, part, name, name, text);
}

static enum err set_number(struct writing *w, struct ical_part *part, struct str name, int64_t n)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(32);

	buf_i64(&text, n);
	return set_text(w, part, name, buf_view(&text));
}

/* ---- times ---- */

static void put_local(struct buf *b, const struct local_time *t, bool is_date)
{
	buf_fmt(b, "%04d%02d%02d", t->year, t->month, t->day);
	if (!is_date)
		buf_fmt(b, "T%02d%02d%02d", t->hour, t->minute, t->second);
}

static void put_time(struct buf *b, struct str name, const struct cal_time *t)
{
	buf_str(b, name);
	if (t->is_date)
		buf_cstr(b, ";VALUE=DATE:");
	else if (t->tzid.n) {
		buf_cstr(b, ";TZID=");
		ical_quoted_put(b, t->tzid);
		buf_char(b, ':');
	} else {
		buf_char(b, ':');
	}
	put_local(b, &t->local, t->is_date);
	if (!t->is_date && !t->tzid.n)
		buf_char(b, 'Z');
}

static enum err set_time(struct writing *w, struct ical_part *part, struct str name, const struct cal_time *t)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(2 * CAL_TEXT_MAX);

	ical_remove(part, name);
	put_time(&line, name, t);
	return add_buf(w, part, &line);
}

/* The moment in the form that another time has. */
static struct cal_time time_like(const struct cal_time *form, int64_t utc_ms)
{
	struct cal_time t = *form;

	t.utc_ms = utc_ms;
	t.local = zone_from_utc(&t.zone, utc_ms);
	return t;
}

static enum err need_zone(struct writing *w, const struct cal_time *t)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(ZONE_BYTES_MAX + CAL_TEXT_MAX);
	struct ical_part *wrapper;
	struct ical_entry *e;
	struct str copy;

	if (t->is_date || t->tzid.n == 0 || ical_has_zone(w->arena, w->calendar, t->tzid))
		return ERR_OK;
	buf_cstr(&text, "BEGIN:VCALENDAR\r\n");
	cal_zone_put(&text, t->tzid, &t->zone);
	buf_cstr(&text, "END:VCALENDAR\r\n");
	TRY(buf_status(&text));
	TRY(arena_str(w->arena, buf_view(&text), &copy));
	TRY(ical_parse(w->arena, copy, &wrapper, NULL));
	e = wrapper->first; /* before what uses it */
	for (struct ical_entry **at = &w->calendar->first;; at = &(*at)->next)
		if (!*at || (*at)->part) {
			e->next = *at;
			*at = e;
			break;
		}
	if (!e->next)
		w->calendar->last = e;
	return ERR_OK;
}

static enum err put_times(struct writing *w, struct ical_part *part, const struct cal_event *e)
{
	TRY(cal_drop_params(w->arena, part, S("ATTENDEE"), &(const struct str)STR_INIT(CAL_PROPOSED),
			    1)); /* of the other time */
	ical_remove(part, S("DURATION"));
	TRY(need_zone(w, &e->start));
	TRY(need_zone(w, &e->end));
	TRY(set_time(w, part, S("DTSTART"), &e->start));
	return set_time(w, part, S("DTEND"), &e->end);
}

/* ---- the other values ---- */

static enum err put_uid(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	return set_text(w, part, S("UID"), to->uid);
}

static enum err put_summary(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	return set_text(w, part, S("SUMMARY"), to->summary);
}

static enum err put_location(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	const struct cal_place *p = &to->place;

	for (size_t i = 0; i < cal_x_texts_n; i++)
		if (cal_x_texts[i].of_place)
			TRY(set_text(w, part, cal_x_texts[i].name,
				     *(const struct str *)(const void *)((const char *)to + cal_x_texts[i].at)));
	ical_remove(part, S("GEO"));
	if (p->latitude.n && p->longitude.n) {
		CLEANUP(buf_release) struct buf line = BUF_INIT(2 * CAL_TEXT_MAX);

		buf_fmt(&line, "GEO:" STR_FMT ";" STR_FMT, STR_ARG(p->latitude), STR_ARG(p->longitude));
		TRY(add_buf(w, part, &line));
	}
	return set_text(w, part, S("LOCATION"), to->location);
}

static enum err put_body(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	TRY(set_text(w, part, S("DESCRIPTION"), to->description));
	return set_line(w, part, S("X-ALT-DESC"), S("X-ALT-DESC;FMTTYPE=text/html"), to->html);
}

/* A line each: libical takes several on one for one, if there is a backslash among them. */
static enum err put_categories(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	ical_remove(part, S("CATEGORIES"));
	for (size_t i = 0; i < to->categories_n; i++) {
		CLEANUP(buf_release) struct buf line = BUF_INIT(LINE_MAX_BYTES);

		buf_cstr(&line, "CATEGORIES:");
		ical_text_put(&line, to->categories[i]);
		TRY(add_buf(w, part, &line));
	}
	return ERR_OK;
}

static const struct cal_attachment *find_attachment(const struct cal_event *e, struct str id)
{
	for (size_t i = 0; i < e->attachments_n; i++)
		if (str_eq(e->attachments[i].id, id))
			return &e->attachments[i];
	return NULL;
}

/* Lines of those that stay, and of what is elsewhere, stay as they are. */
static enum err put_attachments(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	bool *done = arena_array(w->arena, to->attachments_n + 1, sizeof(*done));
	struct ical_entry *e = ical_line_find(part->first, S("ATTACH")), *next;

	if (!done)
		return ERR_LIMIT;
	for (; e; e = next) {
		const struct cal_attachment *stays;
		struct cal_attachment is;
		struct str line, value;
		enum cal_attach_kind kind;

		next = ical_line_find(e->next, S("ATTACH"));
		TRY(ical_unfold(w->arena, e->raw, &line));
		TRY(cal_attach_read(w->arena, line, &kind, &is, &value));
		if (kind != CAL_ATTACH_STORED)
			continue;
		stays = find_attachment(to, is.id);
		if (stays)
			done[stays - to->attachments] = true;
		else
			ical_remove_entry(part, e);
	}
	for (size_t i = 0; i < to->attachments_n; i++) {
		CLEANUP(buf_release) struct buf line = BUF_INIT(CAL_TEXT_MAX);

		if (done[i])
			continue;
		cal_attach_put(&line, &to->attachments[i]);
		TRY(add_buf(w, part, &line));
	}
	return ERR_OK;
}

static enum err put_rule(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(1024);

	ical_remove(part, S("RRULE"));
	ical_remove(part, S("RDATE"));
	ical_remove(part, S("EXRULE"));
	if (to->recurrence.frequency == CAL_NEVER)
		return ERR_OK;
	cal_rule_put(&line, &to->recurrence, &to->start);
	return add_buf(w, part, &line);
}

static enum err put_sequence(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	return set_number(w, part, S("SEQUENCE"), to->sequence);
}

static enum err put_busy(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	static const struct str words[] = { STR_INIT("FREE"), STR_INIT("TENTATIVE"), STR_INIT("BUSY"), STR_INIT("OOF"),
					    STR_INIT("WORKINGELSEWHERE") };

	TRY(set_text(w, part, S("TRANSP"), to->busy == CAL_FREE ? S("TRANSPARENT") : S("OPAQUE")));
	return set_text(w, part, S("X-MICROSOFT-CDO-BUSYSTATUS"), words[to->busy]);
}

static enum err put_class(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	static const struct str words[] = { STR_INIT("PUBLIC"), STR_INIT("PRIVATE"), STR_INIT("PRIVATE"),
					    STR_INIT("CONFIDENTIAL") };

	TRY(set_text(w, part, S("X-ROOST-PERSONAL"), to->sensitivity == CAL_PERSONAL ? S("TRUE") : STR_EMPTY));
	return set_text(w, part, S("CLASS"), words[to->sensitivity]);
}

static enum err put_reminder(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(64);
	struct ical_entry *alarm = ical_part_find(part->first, S("VALARM"));
	struct ical_part *made;

	if (!to->has_reminder) {
		for (; alarm; alarm = ical_part_find(part->first, S("VALARM")))
			ical_remove_entry(part, alarm);
		return ERR_OK;
	}
	if (!alarm) {
		TRY(ical_new(w->arena, S("VALARM"), &made));
		TRY(ical_add(w->arena, made, S("ACTION:DISPLAY")));
		TRY(ical_add(w->arena, made, S("DESCRIPTION:Reminder")));
		TRY(ical_add_part(w->arena, part, made));
		alarm = part->last;
	}
	ical_remove(alarm->part, S("TRIGGER"));
	buf_fmt(&line, "TRIGGER:-PT%lldM", (long long)(to->reminder_s / 60));
	return add_buf(w, alarm->part, &line);
}

static enum err put_no_counter(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	return set_text(w, part, S("X-MICROSOFT-DISALLOW-COUNTER"), to->no_counter ? S("TRUE") : STR_EMPTY);
}

static enum err put_cancelled(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	return set_text(w, part, S("STATUS"), to->cancelled ? S("CANCELLED") : STR_EMPTY);
}

static enum err put_answer(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(64);

	ical_remove(part, S("X-ROOST-ANSWER"));
	if (to->answer == CAL_ANSWER_UNKNOWN)
		return ERR_OK;
	buf_fmt(&line, "X-ROOST-ANSWER:%d\\;%lld", (int)to->answer, (long long)to->answered_ms);
	return add_buf(w, part, &line);
}

static enum err put_client_uid(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	return set_text(w, part, S("X-ROOST-CLIENTUID"), to->client_uid);
}

static enum err put_sender(struct writing *w, struct ical_part *part, const struct cal_event *to)
{
	return set_text(w, part, S("X-ROOST-SENDER"), to->sender);
}

static const struct {
	unsigned field;
	enum err (*put)(struct writing *w, struct ical_part *part, const struct cal_event *to);
} fields[] = {
	{ CAL_FIELD_UID, put_uid },
	{ CAL_FIELD_TIMES, put_times },
	{ CAL_FIELD_RULE, put_rule },
	{ CAL_FIELD_SUMMARY, put_summary },
	{ CAL_FIELD_LOCATION, put_location },
	{ CAL_FIELD_BODY, put_body },
	{ CAL_FIELD_ORGANIZER, cal_put_organizer },
	{ CAL_FIELD_ATTENDEES, cal_put_attendees },
	{ CAL_FIELD_RSVP, cal_put_rsvp },
	{ CAL_FIELD_ANSWERS, cal_put_answers },
	{ CAL_FIELD_CATEGORIES, put_categories },
	{ CAL_FIELD_SEQUENCE, put_sequence },
	{ CAL_FIELD_BUSY, put_busy },
	{ CAL_FIELD_CLASS, put_class },
	{ CAL_FIELD_REMINDER, put_reminder },
	{ CAL_FIELD_NO_COUNTER, put_no_counter },
	{ CAL_FIELD_CANCELLED, put_cancelled },
	{ CAL_FIELD_ANSWER, put_answer },
	{ CAL_FIELD_CLIENT_UID, put_client_uid },
	{ CAL_FIELD_SENDER, put_sender },
	{ CAL_FIELD_ATTACHMENTS, put_attachments },
};

static enum err stamp(struct writing *w, struct ical_part *part)
{
	const struct cal_time utc = { .given = true };
	const struct cal_time now = time_like(&utc, w->now_ms), at = time_like(&utc, w->stamp_ms);

	if (!w->keeps_stamp || !ical_line_find(part->first, S("DTSTAMP")))
		TRY(set_time(w, part, S("DTSTAMP"), &at));
	return set_time(w, part, S("LAST-MODIFIED"), &now);
}

static enum err apply(struct writing *w, struct ical_part *part, const struct cal_change *c)
{
	for (size_t i = 0; i < countof(fields); i++)
		if (c->what & fields[i].field)
			TRY(fields[i].put(w, part, &c->to));
	return c->what ? stamp(w, part) : ERR_OK;
}

/* ---- instances ---- */

/* The moment of a line such as RECURRENCE-ID, one of EXDATE's values; false: it is none. */
static bool moment_of(struct writing *w, struct str line, int64_t *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(line.n + 1);
	icalproperty *p;
	struct cal_time t = { 0 };

	buf_str(&text, line);
	buf_char(&text, '\0');
	if (buf_status(&text))
		return false;
	p = icalproperty_new_from_string(text.p);
	if (!p)
		return false;
	if (icalproperty_isa(p) == ICAL_RECURRENCEID_PROPERTY && icalproperty_get_value(p))
		t = cal_time_read(w->arena, w->parsed, p, icalproperty_get_recurrenceid(p), w->year);
	else if (icalproperty_isa(p) == ICAL_EXDATE_PROPERTY && icalproperty_get_value(p))
		t = cal_time_read(w->arena, w->parsed, p, icalproperty_get_exdate(p), w->year);
	else if (icalproperty_isa(p) == ICAL_RDATE_PROPERTY && icalproperty_get_value(p))
		t = cal_time_read(w->arena, w->parsed, p, cal_date_of(p), w->year);
	icalproperty_free(p);
	*ret = t.utc_ms;
	return t.given;
}

static enum err note_exception(struct writing *w, struct ical_entry *e, int64_t ms)
{
	if (w->exceptions_n == w->exceptions_room) {
		size_t room = w->exceptions_room ? 2 * w->exceptions_room : 64;
		struct writing_exception *more = arena_array(w->arena, room, sizeof(*more));

		if (!more)
			return ERR_LIMIT;
		if (w->exceptions_n)
			memcpy(more, w->exceptions, w->exceptions_n * sizeof(*more));
		w->exceptions = more;
		w->exceptions_room = room;
	}
	w->exceptions[w->exceptions_n++] = (struct writing_exception){ ms, e };
	return ERR_OK;
}

/* Read once, however many of them are named. */
static enum err note_exceptions(struct writing *w)
{
	for (struct ical_entry *e = ical_part_find(w->calendar->first, S("VEVENT")); e;
	     e = ical_part_find(e->next, S("VEVENT"))) {
		struct ical_entry *id = ical_line_find(e->part->first, S("RECURRENCE-ID"));
		struct str line;
		int64_t ms;

		if (e->part != w->master && id && !ical_unfold(w->arena, id->raw, &line) && moment_of(w, line, &ms))
			TRY(note_exception(w, e, ms));
	}
	return ERR_OK;
}

static struct writing_exception *find_exception(struct writing *w, int64_t instance_ms)
{
	for (size_t i = 0; i < w->exceptions_n; i++)
		if (w->exceptions[i].entry && w->exceptions[i].ms == instance_ms)
			return &w->exceptions[i];
	return NULL;
}

static void drop_exception(struct writing *w, struct writing_exception *x)
{
	ical_remove_entry(w->calendar, x->entry);
	x->entry = NULL;
}

/* Which instances of many: those of a list in order, or from a moment on. */
struct picked {
	const int64_t *list;
	size_t n;
	int64_t from_ms; /* without a list */
};

static int compare_ms(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return a < b ? -1 : a > b;
}

static bool is_picked(const struct picked *p, int64_t ms)
{
	return p->list ? bsearch(&ms, p->list, p->n, sizeof(ms), compare_ms) != NULL : ms >= p->from_ms;
}

/* The values of an EXDATE or RDATE line that are not picked; *ret_n: how many. */
static enum err without_instances(struct writing *w, struct str line, const struct picked *p, struct buf *out,
				  size_t *ret_n)
{
	struct str head = str_slice(line, 0, cal_line_head(line)), rest = ical_value(line), value;

	buf_str(out, head);
	while (str_cut(&rest, ',', &value)) {
		CLEANUP(buf_release) struct buf one = BUF_INIT(line.n + 2);
		int64_t ms;

		buf_fmt(&one, STR_FMT ":" STR_FMT, STR_ARG(head), STR_ARG(value));
		TRY(buf_status(&one));
		if (moment_of(w, buf_view(&one), &ms) && is_picked(p, ms))
			continue;
		buf_char(out, *ret_n ? ',' : ':');
		buf_str(out, value);
		++*ret_n;
	}
	return buf_status(out);
}

/* Takes instances out of EXDATE or RDATE, whose lines may have several. */
static enum err take_dates(struct writing *w, struct str name, const struct picked *p)
{
	struct ical_entry *e = ical_line_find(w->master->first, name), *next;

	for (; e; e = next) {
		struct str line;
		size_t n = 0;
		CLEANUP(buf_release) struct buf rest = BUF_INIT(CAL_BYTES_MAX);

		next = ical_line_find(e->next, name);
		TRY(ical_unfold(w->arena, e->raw, &line));
		TRY(without_instances(w, line, p, &rest, &n));
		if (rest.n == line.n)
			continue;
		if (n == 0)
			ical_remove_entry(w->master, e);
		else
			TRY(ical_set(w->arena, e, buf_view(&rest)));
	}
	return ERR_OK;
}

/* The instance as the series had it, or its exception. */
static enum err note_declined(struct writing *w, const struct cal_change *c)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(200);
	int64_t start = c->instance_ms, end = start + w->duration_ms;

	for (size_t i = 0; i < w->series.exceptions_n; i++)
		if (w->series.exceptions[i].recurrence_id.utc_ms == c->instance_ms) {
			start = w->series.exceptions[i].start.utc_ms;
			end = w->series.exceptions[i].end.utc_ms;
		}
	buf_fmt(&line, CAL_DECLINED ":%lld %lld %lld %lld", (long long)c->instance_ms, (long long)start, (long long)end,
		(long long)c->to.answered_ms);
	return add_buf(w, w->master, &line);
}

static enum err delete_instance(struct writing *w, const struct cal_change *c)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(2 * CAL_TEXT_MAX);
	const struct cal_time t = time_like(&w->start, c->instance_ms);
	struct writing_exception *x = find_exception(w, c->instance_ms);

	if (x)
		drop_exception(w, x);
	if (c->what & CAL_FIELD_ANSWER)
		TRY(note_declined(w, c));
	put_time(&line, S("EXDATE"), &t);
	TRY(add_buf(w, w->master, &line));
	return stamp(w, w->master);
}

/* More would be kept and not looked at. */
static bool has_room(const struct writing *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->exceptions_n; i++)
		n += w->exceptions[i].entry != NULL;
	return n < CAL_INSTANCES_MAX;
}

/* What the series says holds for the instance, but for what makes it one. */
static enum err make_exception(struct writing *w, int64_t instance_ms, struct ical_part **ret)
{
	static const struct str of_series[] = { STR_INIT("RRULE"),          STR_INIT("RDATE"),
						STR_INIT("EXDATE"),         STR_INIT("EXRULE"),
						STR_INIT("DURATION"),       STR_INIT("X-ROOST-CLIENTUID"),
						STR_INIT("X-ROOST-SENDER"), STR_INIT(CAL_DECLINED) };
	struct cal_event times = { .start = time_like(&w->start, instance_ms),
				   .end = time_like(&w->start, instance_ms + w->duration_ms) };
	struct ical_part *part;

	if (!has_room(w))
		return ERR_LIMIT;
	TRY(ical_copy(w->arena, w->master, &part));
	for (size_t i = 0; i < countof(of_series); i++)
		ical_remove(part, of_series[i]);
	/* What they have said, they have said of the series. */
	TRY(cal_drop_params(w->arena, part, S("ATTENDEE"), &(const struct str)STR_INIT(CAL_ANSWERED), 1));
	TRY(set_time(w, part, S("RECURRENCE-ID"), &times.start));
	TRY(put_times(w, part, &times));
	TRY(ical_add_part(w->arena, w->calendar, part));
	*ret = part;
	return note_exception(w, w->calendar->last, instance_ms);
}

static bool is_deleted(const struct writing *w, int64_t instance_ms)
{
	return w->series.deleted_n == CAL_DATES_MAX || cal_series_deletes(&w->series, instance_ms);
}

static bool is_named(const struct cal_edit *edit, int64_t instance_ms)
{
	for (size_t i = 0; i < edit->instances_n; i++)
		if (edit->instances[i].instance_ms == instance_ms)
			return true;
	return false;
}

/* What is said of an instance that the owner has declined goes before that. */
static enum err drop_declined(struct writing *w, const struct cal_edit *edit)
{
	struct ical_entry *e = ical_line_find(w->master->first, S(CAL_DECLINED)), *next;

	for (; e; e = next) {
		struct str line, rest, number;
		int64_t ms;

		next = ical_line_find(e->next, S(CAL_DECLINED));
		TRY(ical_unfold(w->arena, e->raw, &line));
		rest = ical_value(line);
		if (!str_cut(&rest, ' ', &number) || str_to_i64(number, &ms) || is_named(edit, ms))
			ical_remove_entry(w->master, e);
	}
	return ERR_OK;
}

/* What is said of a deleted instance brings it back: all of them in one look at the dates. */
static enum err restore(struct writing *w, const struct cal_edit *edit)
{
	int64_t *list = arena_array(w->arena, edit->instances_n + 1, sizeof(*list));
	struct picked p = { .list = list };

	if (!list)
		return ERR_LIMIT;
	TRY(drop_declined(w, edit));
	for (size_t i = 0; i < edit->instances_n; i++)
		if (is_deleted(w, edit->instances[i].instance_ms))
			list[p.n++] = edit->instances[i].instance_ms;
	if (p.n == 0)
		return ERR_OK;
	qsort(list, p.n, sizeof(*list), compare_ms);
	TRY(take_dates(w, S("EXDATE"), &p));
	return stamp(w, w->master);
}

static enum err change_instance(struct writing *w, const struct cal_change *c)
{
	struct writing_exception *x = find_exception(w, c->instance_ms);
	struct ical_part *part = x ? x->entry->part : NULL;

	if (c->deleted)
		return delete_instance(w, c);
	if (!part)
		TRY(make_exception(w, c->instance_ms, &part));
	return apply(w, part, c);
}

static void drop_others(struct writing *w, const struct cal_edit *edit)
{
	for (size_t i = 0; i < w->exceptions_n; i++)
		if (!is_named(edit, w->exceptions[i].ms))
			drop_exception(w, &w->exceptions[i]);
	ical_remove(w->master, S("EXDATE"));
	ical_remove(w->master, S(CAL_DECLINED));
	w->series.deleted_n = 0;
}

/* ---- an end ---- */

/* The rule, whose last instance begins at last_ms. */
static enum err bound_rule(struct writing *w, struct ical_entry *e, int64_t last_ms)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(LINE_MAX_BYTES);
	const struct cal_time utc = { .is_date = w->start.is_date }, last = time_like(&utc, last_ms);
	struct str line, rest, part;

	TRY(ical_unfold(w->arena, e->raw, &line));
	buf_str(&out, str_slice(line, 0, cal_line_head(line) + 1));
	for (rest = ical_value(line); str_cut(&rest, ';', &part);)
		if (!str_istarts(part, S("COUNT=")) && !str_istarts(part, S("UNTIL=")))
			buf_fmt(&out, STR_FMT ";", STR_ARG(part));
	buf_cstr(&out, "UNTIL=");
	put_local(&out, &last.local, last.is_date);
	if (!last.is_date)
		buf_char(&out, 'Z');
	TRY(buf_status(&out));
	return ical_set(w->arena, e, buf_view(&out));
}

/* When the rule alone would begin for the last time. */
static enum err last_of_rule(struct writing *w, int64_t *ret)
{
	struct cal_series rule = w->series;
	struct cal_plan plan;

	rule.exceptions_n = rule.deleted_n = rule.dates_n = 0;
	TRY(cal_plan_make(w->arena, &rule, &plan));
	*ret = plan.last_ms == CAL_ENDLESS ? CAL_ENDLESS : plan.last_ms - plan.duration_ms;
	return ERR_OK;
}

static enum err end_series(struct writing *w, int64_t end_ms)
{
	int64_t last_ms;

	if (!w->parsed || end_ms <= w->start.utc_ms) /* it would have nothing left */
		return ERR_INVALID;
	TRY(last_of_rule(w, &last_ms));
	for (struct ical_entry *e = ical_line_find(w->master->first, S("RRULE")); e && last_ms >= end_ms;
	     e = ical_line_find(e->next, S("RRULE")))
		TRY(bound_rule(w, e, end_ms - (w->start.is_date ? DAY_MS : 1000)));
	TRY(take_dates(w, S("RDATE"), &(struct picked){ .from_ms = end_ms }));
	for (size_t i = 0; i < w->exceptions_n; i++)
		if (w->exceptions[i].entry && w->exceptions[i].ms >= end_ms)
			drop_exception(w, &w->exceptions[i]);
	return ERR_OK;
}

/* ---- the calendar ---- */

static enum err new_calendar(struct writing *w)
{
	TRY(ical_new(w->arena, S("VCALENDAR"), &w->calendar));
	TRY(ical_add(w->arena, w->calendar, S("VERSION:2.0")));
	TRY(ical_add(w->arena, w->calendar, S(CAL_PRODUCT)));
	TRY(ical_new(w->arena, S("VEVENT"), &w->master));
	return ical_add_part(w->arena, w->calendar, w->master);
}

static struct ical_part *find_master(struct ical_part *calendar)
{
	struct ical_entry *first = ical_part_find(calendar->first, S("VEVENT"));

	for (struct ical_entry *e = first; e; e = ical_part_find(e->next, S("VEVENT")))
		if (!ical_line_find(e->part->first, S("RECURRENCE-ID")))
			return e->part;
	return first ? first->part : NULL;
}

/* The zone's rules by which instances are named: those that the series will have. */
static int year_of_rule(const struct cal_event *e)
{
	if (e->recurrence.frequency == CAL_NEVER || (e->recurrence.count && !e->recurrence.has_until))
		return 0;
	return e->recurrence.has_until ? zone_from_utc(&e->start.zone, e->recurrence.until_ms).year : CAL_YEAR_LATEST;
}

static enum err load(struct writing *w, struct str text, icalcomponent **root)
{
	const struct cal_event *e = &w->series.event;

	TRY(cal_parse(w->arena, text, root, &w->parsed));
	TRY(cal_series_of(w->arena, w->parsed, &w->series));
	TRY(ical_parse(w->arena, text, &w->calendar, NULL));
	w->master = find_master(w->calendar);
	if (!w->master)
		return ERR_INVALID;
	w->start = e->start;
	w->duration_ms = e->end.utc_ms - e->start.utc_ms;
	w->year = e->recurrence.odd ? CAL_YEAR_LATEST : year_of_rule(e);
	return note_exceptions(w);
}

/* Two changes within a second are told apart as well. */
static int64_t next_stamp(const struct cal_series *s, const struct cal_edit *edit)
{
	int64_t newest = cal_series_stamp(s);

	if (edit->answers || newest < edit->now_ms - edit->now_ms % 1000 || newest >= STAMP_LAST_MS)
		return edit->now_ms;
	return newest + 1000;
}

enum err cal_write(struct arena *a, struct str text, const struct cal_edit *edit, struct buf *out)
{
	CLEANUP(cal_component_free) icalcomponent *root = NULL;
	struct writing w = { .arena = a, .now_ms = edit->now_ms, .keeps_stamp = edit->keeps_stamp };
	const struct cal_change *c = &edit->series;

	TRY(text.n ? load(&w, text, &root) : new_calendar(&w));
	w.stamp_ms = next_stamp(&w.series, edit);
	TRY(apply(&w, w.master, c));
	if (edit->whole)
		drop_others(&w, edit);
	if (c->what & CAL_FIELD_TIMES) {
		w.start = c->to.start;
		w.duration_ms = c->to.end.utc_ms - c->to.start.utc_ms;
	}
	TRY(restore(&w, edit));
	for (size_t i = 0; i < edit->instances_n; i++)
		TRY(change_instance(&w, &edit->instances[i]));
	if (edit->ends)
		TRY(end_series(&w, edit->end_ms));
	ical_put(out, w.calendar);
	return buf_status(out);
}
