/* Messages about events (RFC 5546), and files of many events taken apart: whole components, line by line. */
#include <gateway/content/calendar.h>
#include <gateway/content/calendar_writing.h>

#include <base/table.h>

enum {
	SPLIT_MAX = 100000,
	MESSAGE_LINE_MAX = 64 * 1024,
	HEADER_MAX = 4096, /* octets of what a file says of itself that are kept with each of its items */
};

/* ---- messages ---- */

/* What we alone say of a stored event, for its owner. */
static const struct str own_lines[] = {
	STR_INIT("X-ROOST-ANSWER"), STR_INIT("X-ROOST-CLIENTUID"), STR_INIT("X-ROOST-PERSONAL"),
	STR_INIT("X-ROOST-SENDER"), STR_INIT(CAL_DECLINED),
};
/* What else is the owner's own and not the others' concern. */
static const struct str private_lines[] = {
	STR_INIT("X-MICROSOFT-CDO-BUSYSTATUS"),
	STR_INIT("TRANSP"),
	STR_INIT("CATEGORIES"),
};
/* What a message says of its calendar, beside its maker and method: not its owner's name for it, nor its colour. */
static const struct str message_lines[] = { STR_INIT("VERSION"), STR_INIT("CALSCALE"), STR_INIT("X-WR-TIMEZONE") };
/* What a reply says of the event (RFC 5546 section 3.2.3), beside the attendee. */
static const struct str reply_lines[] = {
	STR_INIT("UID"),     STR_INIT("SEQUENCE"), STR_INIT("RECURRENCE-ID"), STR_INIT("ORGANIZER"),
	STR_INIT("DTSTART"), STR_INIT("DTEND"),    STR_INIT("DURATION"),      STR_INIT("RRULE"),
	STR_INIT("SUMMARY"), STR_INIT("LOCATION"), STR_INIT("DTSTAMP"),
};

/* Parameters of who takes part: what we note there, and what is between a calendar and its own server (RFC 6638 section 7). */
static const struct str private_params[] = {
	STR_INIT(CAL_PROPOSED),      STR_INIT(CAL_ANSWERED),          STR_INIT("SCHEDULE-AGENT"),
	STR_INIT("SCHEDULE-STATUS"), STR_INIT("SCHEDULE-FORCE-SEND"),
};

static const struct str methods[] = {
	[CAL_OTHER] = STR_INIT("PUBLISH"), [CAL_REQUEST] = STR_INIT("REQUEST"), [CAL_CANCEL] = STR_INIT("CANCEL"),
	[CAL_REPLY] = STR_INIT("REPLY"),   [CAL_COUNTER] = STR_INIT("COUNTER"),
};

static bool is_reply(const struct cal_message *m)
{
	return m->method == CAL_REPLY || m->method == CAL_COUNTER;
}

static bool is_in(const struct str *list, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(list[i], name))
			return true;
	return false;
}

/* Whose line it is; empty: it is no attendee's. */
static struct str attendee_of(struct arena *a, const struct ical_entry *e)
{
	struct str line, value;

	if (!str_ieq(e->name, S("ATTENDEE")) || ical_unfold(a, e->raw, &line))
		return STR_EMPTY;
	value = str_trim(ical_value(line));
	return str_istarts(value, S("mailto:")) ? str_slice(value, 7, value.n) : value;
}

/* Does the line of that attendee stand in the message? */
static bool is_named(const struct cal_message *m, struct str address)
{
	if (is_reply(m))
		return str_ieq(address, m->attendee);
	return !m->removed || is_in(m->removed, m->removed_n, address);
}

static enum err drop_params(struct arena *a, struct ical_part *event)
{
	TRY(cal_drop_params(a, event, S("ATTENDEE"), private_params, countof(private_params)));
	return cal_drop_params(a, event, S("ORGANIZER"), private_params, countof(private_params));
}

static enum err strip(struct arena *a, struct ical_part *event, const struct cal_message *m)
{
	struct ical_entry *next;

	for (struct ical_entry *e = event->first; e; e = next) {
		struct str attendee = attendee_of(a, e);
		bool goes;

		next = e->next;
		if (e->part)
			goes = true; /* alarms are each one's own */
		else if (attendee.n)
			goes = !is_named(m, attendee);
		else if (is_reply(m))
			goes = !is_in(reply_lines, countof(reply_lines), e->name);
		else
			goes = is_in(own_lines, countof(own_lines), e->name) ||
			       is_in(private_lines, countof(private_lines), e->name) ||
			       (m->method == CAL_CANCEL && str_ieq(e->name, S("ATTACH")));
		if (goes)
			ical_remove_entry(event, e);
	}
	if (is_reply(m)) /* what other programs have noted beside a value is the organizer's */
		TRY(cal_drop_params(a, event, STR_EMPTY, &(const struct str)STR_INIT("X-*"), 1));
	return drop_params(a, event);
}

static enum err add_moment(struct arena *a, struct ical_part *event, const char *name, int64_t ms)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(100);
	const struct zone_rules utc = { 0 };
	const struct local_time t = zone_from_utc(&utc, ms);

	buf_fmt(&line, "%s:%04d%02d%02dT%02d%02d%02dZ", name, t.year, t.month, t.day, t.hour, t.minute, t.second);
	TRY(buf_status(&line));
	return ical_add(a, event, buf_view(&line));
}

/* What Outlook shows a proposal beside (MS-OXCICAL): when it is as long as nobody has taken it. */
static enum err add_original(struct arena *a, struct ical_part *event, struct str text, int64_t instance_ms)
{
	struct cal_series s;
	int64_t begin, end;

	TRY(cal_series_read(a, text, &s));
	begin = s.event.start.utc_ms;
	end = s.event.end.utc_ms;
	if (instance_ms != INT64_MIN && !s.orphan) {
		end += instance_ms - begin;
		begin = instance_ms;
	}
	for (size_t i = 0; i < s.exceptions_n; i++)
		if (s.exceptions[i].recurrence_id.utc_ms == instance_ms) {
			begin = s.exceptions[i].start.utc_ms;
			end = s.exceptions[i].end.utc_ms;
		}
	TRY(add_moment(a, event, "X-MS-OLK-ORIGINALSTART", begin));
	return add_moment(a, event, "X-MS-OLK-ORIGINALEND", end);
}

/* Once, and never what would end the quotes. */
static enum err put_sent_by(struct arena *a, struct ical_part *event, struct str address)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(MESSAGE_LINE_MAX);
	struct ical_entry *e = ical_line_find(event->first, S("ATTENDEE"));
	struct str was;

	if (!e || !address.n || str_index(address, '"') < address.n)
		return ERR_OK;
	TRY(ical_unfold(a, e->raw, &was));
	if (ical_raw_has(e->raw, S(";SENT-BY=")))
		return ERR_OK;
	buf_str(&line, str_slice(was, 0, e->name.n));
	buf_fmt(&line, ";SENT-BY=\"mailto:" STR_FMT "\"", STR_ARG(address));
	buf_str(&line, str_slice(was, e->name.n, was.n));
	TRY(buf_status(&line));
	return ical_set(a, e, buf_view(&line));
}

/* An answer that the owner gave stands in his own line. */
static enum err prepare(struct arena *a, const struct cal_message *m, struct str text, struct buf *out)
{
	struct cal_change change = { 0 };
	struct cal_series series;
	struct cal_edit edit = { .now_ms = m->stamp_ms ? m->stamp_ms : m->now_ms, .answers = is_reply(m) };
	bool one = m->instance_ms != INT64_MIN;

	TRY(cal_series_read(a, text, &series));
	change.instance_ms = m->instance_ms;
	if (m->counter)
		change = *m->counter;
	if (m->method == CAL_CANCEL) {
		change.what |= CAL_FIELD_SEQUENCE;
		change.to.sequence = m->sequence;
	}
	if (m->method == CAL_CANCEL && !m->removed) { /* RFC 5546 section 3.2.5: not where it goes on without them */
		change.what |= CAL_FIELD_CANCELLED;
		change.to.cancelled = true;
	}
	if (is_reply(m)) {
		change.what |= CAL_FIELD_ATTENDEES;
		change.to.attendees = arena_new(a, struct cal_attendee);
		if (!change.to.attendees)
			return ERR_LIMIT;
		*change.to.attendees =
			(struct cal_attendee){ .address = m->attendee, .role = CAL_REQUIRED, .answer = m->answer };
		change.to.attendees_n = 1;
	}
	if (one && !series.orphan) {
		edit.instances = &change;
		edit.instances_n = 1;
	} else {
		edit.series = change;
	}
	if (!change.what) { /* the stamp alone */
		buf_str(out, text);
		return buf_status(out);
	}
	return cal_write(a, text, &edit, out);
}

/* Which components a message is about. */
struct meant {
	bool series;         /* the event and all exceptions, or all there is of a series that is not known whole */
	bool event;          /* without its exceptions */
	struct str instance; /* the value of its RECURRENCE-ID */
};

static enum err put_instance(struct arena *a, const struct cal_time *t, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(64);

	buf_fmt(&text, "%04d%02d%02d", t->local.year, t->local.month, t->local.day);
	if (!t->is_date)
		buf_fmt(&text, "T%02d%02d%02d", t->local.hour, t->local.minute, t->local.second);
	TRY(buf_status(&text));
	return arena_str(a, buf_view(&text), ret);
}

static enum err find_meant(struct arena *a, const struct cal_message *m, struct str whole, struct meant *ret)
{
	struct cal_series series;

	TRY(cal_series_read(a, whole, &series));
	*ret = (struct meant){ 0 };
	ret->series = series.orphan || (m->instance_ms == INT64_MIN && m->method == CAL_REQUEST);
	ret->event = m->instance_ms == INT64_MIN;
	if (ret->series || ret->event)
		return ERR_OK;
	for (size_t i = 0; i < series.exceptions_n; i++)
		if (series.exceptions[i].recurrence_id.utc_ms == m->instance_ms)
			return put_instance(a, &series.exceptions[i].recurrence_id, &ret->instance);
	return ERR_NOT_FOUND;
}

static bool is_meant(struct arena *a, const struct ical_part *event, const struct meant *meant)
{
	struct ical_entry *id = ical_line_find(event->first, S("RECURRENCE-ID"));
	struct str line;

	if (meant->series || (meant->event && !id))
		return true;
	return id && meant->instance.n && !ical_unfold(a, id->raw, &line) &&
	       str_starts(str_trim(ical_value(line)), meant->instance);
}

/* Ours: readers go by its maker's habits. */
static enum err put_header(struct arena *a, struct ical_part *calendar, enum cal_method method)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(MESSAGE_LINE_MAX);
	struct ical_entry *next;

	for (struct ical_entry *e = calendar->first; e; e = next) {
		next = e->next;
		if (!e->part && !is_in(message_lines, countof(message_lines), e->name))
			ical_remove_entry(calendar, e);
	}
	TRY(ical_add(a, calendar, S(CAL_PRODUCT)));
	buf_fmt(&line, "METHOD:" STR_FMT, STR_ARG(methods[method]));
	TRY(buf_status(&line));
	return ical_add(a, calendar, buf_view(&line));
}

enum err cal_message_write(struct arena *a, struct str text, const struct cal_message *m, struct buf *out)
{
	CLEANUP(buf_release) struct buf prepared = BUF_INIT(2 * CAL_BYTES_MAX);
	struct ical_part *calendar;
	struct ical_entry *next;
	struct meant meant;

	TRY(prepare(a, m, text, &prepared));
	TRY(find_meant(a, m, buf_view(&prepared), &meant));
	TRY(ical_parse(a, buf_view(&prepared), &calendar, NULL));
	TRY(put_header(a, calendar, m->method));
	for (struct ical_entry *e = calendar->first; e; e = next) {
		next = e->next;
		if (!e->part || str_ieq(e->name, S("VTIMEZONE")))
			continue;
		if (!str_ieq(e->name, S("VEVENT")) || !is_meant(a, e->part, &meant))
			ical_remove_entry(calendar, e);
		else {
			TRY(strip(a, e->part, m));
			if (is_reply(m))
				TRY(put_sent_by(a, e->part, m->sent_by));
			if (m->method == CAL_COUNTER)
				TRY(add_original(a, e->part, text, m->instance_ms));
		}
	}
	if (!ical_part_find(calendar->first, S("VEVENT")))
		return ERR_NOT_FOUND;
	ical_put(out, calendar);
	return buf_status(out);
}

/* ---- from others ---- */

static enum err drop_own(struct arena *a, struct ical_part *event)
{
	for (size_t i = 0; i < countof(own_lines); i++)
		ical_remove(event, own_lines[i]);
	return drop_params(a, event);
}

enum err cal_message_clean(struct arena *a, struct str text, struct str *ret)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(CAL_WHOLE_MAX);
	struct ical_part *calendar;

	TRY(ical_parse(a, text, &calendar, &text));
	for (enum err e = ERR_OK; !e; e = ical_parse(a, text, &calendar, &text)) {
		for (struct ical_entry *c = calendar->first; c; c = c->next)
			if (c->part)
				TRY(drop_own(a, c->part));
		ical_put(&out, calendar);
	}
	TRY(buf_status(&out));
	return arena_str(a, buf_view(&out), ret);
}

/* ---- files ---- */

struct group {
	struct ical_part *calendar;
	struct str uid;
};

struct split {
	struct arena *arena;
	struct str kind;
	struct table *by_uid; /* NULL: each is a group of its own */
	struct group **groups;
	size_t n, room;
};

static enum err uid_of(struct arena *a, const struct ical_part *event, struct str *ret)
{
	struct ical_entry *e = ical_line_find(event->first, S("UID"));
	struct str line;

	*ret = STR_EMPTY;
	if (!e)
		return ERR_OK;
	TRY(ical_unfold(a, e->raw, &line));
	*ret = str_trim(ical_value(line));
	return ERR_OK;
}

/* What has no UID gets one that the same octets get again, so that a second import adds nothing. */
static enum err give_uid(struct arena *a, struct ical_part *event, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(CAL_BYTES_MAX);
	CLEANUP(buf_release) struct buf line = BUF_INIT(100);
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	ical_put(&text, event);
	TRY(buf_status(&text));
	for (size_t i = 0; i < text.n; i++)
		hash = (hash ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001b3);
	buf_fmt(&line, "UID:%016llx@imported", (unsigned long long)hash);
	TRY(buf_status(&line));
	TRY(ical_add(a, event, buf_view(&line)));
	return arena_str(a, str_slice(buf_view(&line), 4, line.n), ret);
}

/* What it says of itself is each item's then; how it was sent is not (RFC 5545 section 3.7.2). */
static enum err add_header(struct split *s, const struct ical_part *from, struct ical_part *to)
{
	static const struct str needed[] = { STR_INIT("VERSION"), STR_INIT("PRODID"), STR_INIT("CALSCALE"),
					     STR_INIT("X-WR-TIMEZONE") };
	size_t left = HEADER_MAX;

	for (const struct ical_entry *e = from->first; e; e = e->next) {
		struct str line;

		if (e->part || str_ieq(e->name, S("METHOD")))
			continue;
		if (!is_in(needed, countof(needed), e->name)) {
			if (e->raw.n > left)
				continue;
			left -= e->raw.n;
		}
		TRY(ical_unfold(s->arena, e->raw, &line));
		TRY(ical_add(s->arena, to, line));
	}
	return ERR_OK;
}

static enum err new_group(struct split *s, const struct ical_part *calendar, struct str uid, struct group **ret)
{
	struct group *g = arena_new(s->arena, struct group);

	if (s->n == SPLIT_MAX || !g)
		return ERR_LIMIT;
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		struct group **more = arena_array(s->arena, room, sizeof(struct group *));

		if (!more)
			return ERR_LIMIT;
		if (s->n)
			memcpy(more, s->groups, s->n * sizeof(struct group *));
		s->groups = more;
		s->room = room;
	}
	g->uid = uid;
	TRY(ical_new(s->arena, S("VCALENDAR"), &g->calendar));
	TRY(add_header(s, calendar, g->calendar));
	s->groups[s->n++] = g;
	if (s->by_uid)
		(void)table_set(s->by_uid, uid, g);
	*ret = g;
	return ERR_OK;
}

static bool names_zone(const struct ical_part *part, struct str tzid)
{
	for (const struct ical_entry *e = part->first; e; e = e->next)
		if (e->part ? names_zone(e->part, tzid) : ical_raw_has(e->raw, tzid))
			return true;
	return false;
}

/* The zones alone: they are looked through for each event. */
static enum err zones_of(struct split *s, const struct ical_part *calendar, struct ical_part **ret)
{
	TRY(ical_new(s->arena, calendar->name, ret));
	for (struct ical_entry *e = ical_part_find(calendar->first, S("VTIMEZONE")); e;
	     e = ical_part_find(e->next, S("VTIMEZONE")))
		TRY(ical_add_part(s->arena, *ret, e->part));
	return ERR_OK;
}

static enum err add_zones(struct split *s, const struct ical_part *zones, const struct ical_part *event,
			  struct group *g)
{
	for (struct ical_entry *e = zones->first; e; e = e->next) {
		struct str name;

		TRY(ical_zone_name(s->arena, e->part, &name));
		if (name.n && names_zone(event, name) && !ical_has_zone(s->arena, g->calendar, name))
			TRY(ical_add_part(s->arena, g->calendar, e->part));
	}
	return ERR_OK;
}

static enum err split_one(struct split *s, const struct ical_part *calendar, const struct ical_part *zones,
			  struct ical_part *event)
{
	struct group *g;
	struct str uid;

	TRY(uid_of(s->arena, event, &uid));
	if (!uid.n)
		TRY(give_uid(s->arena, event, &uid));
	g = s->by_uid ? table_get(s->by_uid, uid) : NULL;
	if (!g)
		TRY(new_group(s, calendar, uid, &g));
	TRY(add_zones(s, zones, event, g));
	return ical_add_part(s->arena, g->calendar, event);
}

static enum err split_all(struct split *s, struct str text)
{
	bool any = false;
	struct ical_part *calendar, *zones;

	for (;; any = true) {
		enum err e = ical_parse(s->arena, text, &calendar, &text);

		if (e == ERR_INVALID && any)
			return ERR_OK;
		TRY(e);
		TRY(zones_of(s, calendar, &zones));
		for (struct ical_entry *c = ical_part_find(calendar->first, s->kind); c;
		     c = ical_part_find(c->next, s->kind))
			TRY(split_one(s, calendar, zones, c->part));
	}
}

static enum err split_into(struct split *s, struct str text, struct str **ret, size_t *ret_n)
{
	struct str *list;

	TRY(split_all(s, text));
	list = arena_array(s->arena, s->n + 1, sizeof(*list));
	if (!list)
		return ERR_LIMIT;
	for (size_t i = 0; i < s->n; i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(64 * CAL_BYTES_MAX);

		ical_put(&b, s->groups[i]->calendar);
		TRY(buf_status(&b));
		TRY(arena_str(s->arena, buf_view(&b), &list[i]));
	}
	*ret = list;
	*ret_n = s->n;
	return ERR_OK;
}

enum err cal_split(struct arena *a, struct str text, struct str kind, struct str **ret, size_t *ret_n)
{
	CLEANUP(table_free) struct table *by_uid = table_new();
	struct split s = { .arena = a, .kind = kind, .by_uid = by_uid };

	return split_into(&s, text, ret, ret_n);
}

enum err cal_split_each(struct arena *a, struct str text, struct str kind, struct str **ret, size_t *ret_n)
{
	struct split s = { .arena = a, .kind = kind };

	return split_into(&s, text, ret, ret_n);
}
