/*
 * Events from phones. What the phone names is put over what the event is, what it leaves out goes or stays by the rules of
 * ghosting, and of the result only what differs from the stored event is written (cal_change_reduce).
 */
#include <gateway/activesync/event_body.h>

#include <base/utf8.h>
#include <gateway/activesync/attachment_ref.h>
#include <gateway/activesync/time_text.h>
#include <gateway/content/calendar_attach.h>
#include <gateway/mailbox/event.h>
#include <store/queue.h>

enum {
	HALF_HOUR_MS = 30 * 60 * 1000,
	DAY_MS = 24 * 60 * 60 * 1000,
	ALL_FIELDS = (1 << 18) - 1,
};

/* ---- times ---- */

/* MS-ASCAL 3.2.4.4: what a new event leaves out. */
static enum err complete_times(struct event_said *s, int64_t now_ms)
{
	int64_t rounded = (now_ms + HALF_HOUR_MS - 1) / HALF_HOUR_MS * HALF_HOUR_MS;

	if (s->has_start && s->has_end)
		return ERR_OK;
	if (!s->has_start && !s->has_end) { /* R52514 */
		s->start_ms = rounded;
		s->end_ms = rounded + HALF_HOUR_MS;
	} else if (!s->has_start) { /* R52515, R52516, R5251611 */
		if (s->end_ms <= now_ms || rounded > s->end_ms)
			return ERR_INVALID;
		s->start_ms = rounded;
	} else { /* R52517, R52518 */
		if (s->start_ms > now_ms)
			return ERR_INVALID;
		s->end_ms = rounded + HALF_HOUR_MS;
	}
	s->has_start = s->has_end = true;
	return ERR_OK;
}

/* A name for rules that zoneinfo has not. */
static enum err custom_name(struct arena *a, const struct zone_rules *z, struct str *ret)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(200);

	buf_fmt(&b, "Zone %d %d %d-%d-%d-%d %d-%d-%d-%d", z->offset, z->daylight, z->to_daylight.month,
		z->to_daylight.week, z->to_daylight.weekday, z->to_daylight.minutes, z->to_standard.month,
		z->to_standard.week, z->to_standard.weekday, z->to_standard.minutes);
	TRY(buf_status(&b));
	return arena_str(a, buf_view(&b), ret);
}

/* The zone of an event: the one it has, if the phone says none or the same rules. */
static enum err choose_zone(struct arena *a, const struct event_said *s, const struct cal_time *now, int64_t now_ms,
			    struct cal_time *ret)
{
	const struct zone_rules utc = { 0 };
	const int years[] = { now->local.year, zone_from_utc(&s->zone, s->start_ms).year,
			      zone_from_utc(&s->zone, now_ms).year };
	bool same = !s->has_zone;

	for (size_t i = 0; i < countof(years) && now->given && !now->is_date; i++)
		same |= zone_is_meant(&s->zone, &now->zone, years[i]);
	if (same) {
		ret->zone = now->is_date ? utc : now->zone;
		ret->tzid = now->is_date ? STR_EMPTY : now->tzid;
		return ERR_OK;
	}
	ret->zone = s->zone;
	if (zone_eq(&s->zone, &utc))
		return ERR_OK;
	TRY(arena_str(a, zone_name_of(&s->zone, STR_EMPTY, str_of(s->label)), &ret->tzid));
	for (size_t i = 1; i < countof(years) && ret->tzid.n == 0; i++)
		TRY(arena_str(a, zone_name_in_year(&s->zone, years[i]), &ret->tzid));
	if (ret->tzid.n == 0)
		return custom_name(a, &s->zone, &ret->tzid);
	return zone_by_name(ret->tzid, &ret->zone); /* which knows of changes at 26:00 */
}

static void set_moment(struct cal_time *t, int64_t ms)
{
	t->given = true;
	t->utc_ms = ms;
	t->local = zone_from_utc(&t->zone, ms);
}

/*
 * The day on which a moment is in that zone. Phones say midnight; one that has taken another offset for it, of the other
 * half of the year say, is near to it.
 */
static int64_t day_of(const struct zone_rules *zone, int64_t ms)
{
	struct local_time t = zone_from_utc(zone, ms + INT64_C(2) * 3600 * 1000);

	return days_of_date(t.year, t.month, t.day) * DAY_MS;
}

static void set_days(const struct item_write *asked, const struct event_said *s, struct cal_event *e,
		     const struct zone_rules *zone)
{
	const struct zone_rules utc = { 0 };
	const struct zone_rules *in = asked->version >= EAS_16_0 ? &utc : zone; /* R2005 */
	int64_t from = day_of(in, s->start_ms), to = day_of(in, s->end_ms);

	e->start = e->end = (struct cal_time){ .is_date = true };
	set_moment(&e->start, from);
	set_moment(&e->end, to > from ? to : from + DAY_MS);
}

/* `now`: the event's present times; given or not. */
static enum err make_times(const struct item_write *asked, struct event_said *s, const struct cal_event *now,
			   struct cal_event *to)
{
	struct cal_time zone = { 0 };
	bool all_day = s->has_all_day ? s->all_day : now->start.given && now->start.is_date;

	if (!s->has_start && !s->has_end && !s->has_all_day && !s->has_zone && now->start.given)
		return ERR_OK;
	if (!s->has_start)
		s->start_ms = now->start.utc_ms;
	if (!s->has_end)
		s->end_ms = s->has_start ? s->start_ms + now->end.utc_ms - now->start.utc_ms : now->end.utc_ms;
	if (s->end_ms < s->start_ms)
		return ERR_INVALID;
	TRY(choose_zone(asked->arena, s, &now->start, asked->now_ms, &zone));
	s->what |= CAL_FIELD_TIMES;
	if (all_day) {
		/* What is not said anew is a day already. */
		set_days(asked, s, to, s->has_start || s->has_end ? &zone.zone : &(struct zone_rules){ 0 });
		return ERR_OK;
	}
	to->start = to->end = zone;
	set_moment(&to->start, s->start_ms);
	set_moment(&to->end, s->end_ms);
	return ERR_OK;
}

/* Phones say the last day, at some time of it; midnight UTC is that day wherever it is said. */
static void make_until(const struct event_said *s, struct cal_event *to)
{
	const struct zone_rules utc = { 0 };
	struct local_time t;

	if (!s->has_rule_until)
		return;
	t = zone_from_utc(s->until_ms % DAY_MS ? &to->start.zone : &utc, s->until_ms);
	t.hour = 23;
	t.minute = t.second = 59;
	to->recurrence.has_until = true;
	to->recurrence.until_ms = cal_until(&to->start, t);
}

/* What a rule leaves to the start. */
static void complete_rule(struct cal_event *to)
{
	struct cal_recurrence *r = &to->recurrence;
	const struct local_time *t = &to->start.local;
	int64_t days = days_of_date(t->year, t->month, t->day);

	if (r->frequency == CAL_WEEKLY && !r->weekdays)
		r->weekdays = 1u << (((days + 4) % 7 + 7) % 7);
	if ((r->frequency == CAL_MONTHLY || r->frequency == CAL_YEARLY) && !r->week && !r->day_of_month)
		r->day_of_month = t->day;
	if (r->frequency == CAL_YEARLY && !r->month)
		r->month = t->month;
}

/* ---- over what is there ---- */

static const struct {
	unsigned field;
	size_t at, n;
} values[] = {
#define VALUE(field, from, to)                                                                 \
	{                                                                                      \
		field, offsetof(struct cal_event, from),                                       \
			offsetof(struct cal_event, to) + sizeof(((struct cal_event *)0)->to) - \
				offsetof(struct cal_event, from)                               \
	}
	VALUE(CAL_FIELD_UID, uid, uid),
	VALUE(CAL_FIELD_SUMMARY, summary, summary),
	VALUE(CAL_FIELD_LOCATION, location, place),
	VALUE(CAL_FIELD_BODY, description, html),
	VALUE(CAL_FIELD_ORGANIZER, organizer_name, organizer),
	VALUE(CAL_FIELD_ATTENDEES, attendees, attendees_n),
	VALUE(CAL_FIELD_CATEGORIES, categories, categories_n),
	VALUE(CAL_FIELD_RULE, recurrence, recurrence),
	VALUE(CAL_FIELD_BUSY, busy, busy),
	VALUE(CAL_FIELD_CLASS, sensitivity, sensitivity),
	VALUE(CAL_FIELD_REMINDER, has_reminder, reminder_s),
	VALUE(CAL_FIELD_NO_COUNTER, no_counter, no_counter),
	VALUE(CAL_FIELD_CANCELLED, cancelled, cancelled),
	VALUE(CAL_FIELD_CLIENT_UID, client_uid, client_uid),
	VALUE(CAL_FIELD_RSVP, response_requested, response_requested),
#undef VALUE
};

static void put_over(struct cal_event *to, const struct cal_event *from, unsigned what)
{
	for (size_t i = 0; i < countof(values); i++)
		if (what & values[i].field)
			memcpy((char *)to + values[i].at, (const char *)from + values[i].at, values[i].n);
}

/* Who did not organize it has not said so. */
static bool is_organizers(const struct item_write *asked, const struct cal_event *now)
{
	return now->answer < CAL_ANSWER_TENTATIVE && (!now->organizer.n || str_ieq(now->organizer, asked->owner));
}

/* What a whole Change leaves out, and is not ghosted, is not there any more (MS-ASCMD R5911, R5912). */
static unsigned left_out(const struct item_write *asked, const struct event_said *s, const struct cal_event *now)
{
	static const struct {
		enum wbxml_tag tag;
		unsigned field;
		bool of_organizer;
	} optional[] = {
		{ TAG_CALENDAR_LOCATION, CAL_FIELD_LOCATION, false },
		{ TAG_CALENDAR_REMINDER, CAL_FIELD_REMINDER, false },
		{ TAG_CALENDAR_CATEGORIES, CAL_FIELD_CATEGORIES, false },
		{ TAG_CALENDAR_RECURRENCE, CAL_FIELD_RULE, false },
		{ TAG_CALENDAR_ATTENDEES, CAL_FIELD_ATTENDEES, false },
		{ TAG_CALENDAR_DISALLOWNEWTIMEPROPOSAL, CAL_FIELD_NO_COUNTER, true }, /* MS-ASCAL R217, R214 */
		{ TAG_CALENDAR_RESPONSEREQUESTED, CAL_FIELD_RSVP, true },             /* R399 */
	};
	unsigned ret = 0;

	if (asked->version >= EAS_16_0 || !s->has_start || !s->has_subject) /* R2232; a part of an event */
		return 0;
	for (size_t i = 0; i < countof(optional); i++)
		if (!(s->what & optional[i].field) && wbxml_tag_in(optional[i].tag, asked->version) &&
		    !(optional[i].of_organizer && !is_organizers(asked, now)) &&
		    !(asked->supported && eas_supported_ghosts(asked->supported, optional[i].tag)))
			ret |= optional[i].field;
	/* What the phone was not shown it can't have left out. */
	return now->recurrence.odd ? ret & ~(unsigned)CAL_FIELD_RULE : ret;
}

/* Phones before 12.0 know no status, those from 16.0 on must not send one: what is known stays. */
static void keep_answers(const struct item_write *asked, const struct cal_event *now, struct cal_event *to)
{
	bool says = wbxml_tag_in(TAG_CALENDAR_ATTENDEESTATUS, asked->version) && asked->version < EAS_16_0;

	for (size_t i = 0; i < to->attendees_n; i++)
		for (size_t k = 0; k < now->attendees_n; k++) {
			struct cal_attendee *a = &to->attendees[i];

			if (!str_ieq(a->address, now->attendees[k].address))
				continue;
			if (!says || a->answer == CAL_ANSWER_UNKNOWN)
				a->answer = now->attendees[k].answer;
			a->rsvp = now->attendees[k].rsvp;
			if (asked->version < EAS_12_0)
				a->role = now->attendees[k].role;
		}
}

/* One ClientUid of one owner is one event, whenever it is added (MS-ASCAL R2062). */
static enum err derive_uid(const struct item_write *asked, struct str client_uid, struct buf *b)
{
	const struct str parts[] = { asked->owner, client_uid };
	struct queue_name hash;

	TRY(queue_name_derive("event-uid", parts, countof(parts), &hash));
	for (size_t i = 0; i < QUEUE_NAME_SIZE; i++)
		buf_fmt(b, "%02x", hash.octets[i]);
	return ERR_OK;
}

static enum err make_uid(const struct item_write *asked, struct str client_uid, struct str *ret)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(100);

	if (client_uid.n)
		TRY(derive_uid(asked, client_uid, &b));
	else
		buf_fmt(&b, "%016llx-%llx", (unsigned long long)asked->unique, (unsigned long long)asked->now_ms);
	buf_cstr(&b, "@roost");
	TRY(buf_status(&b));
	return arena_str(asked->arena, buf_view(&b), ret);
}

/* 16.0 on the one who writes is the organizer (R2169, R2175), before it is who the phone says. */
static void make_organizer(const struct item_write *asked, struct event_said *s, struct cal_change *c)
{
	bool named = s->what & CAL_FIELD_ORGANIZER && s->to.organizer.n;

	if (asked->version >= EAS_16_0)
		named = false;
	if (!named && asked->before.n == 0 && c->to.attendees_n) {
		c->to.organizer = asked->owner;
		c->to.organizer_name = STR_EMPTY;
		c->what |= CAL_FIELD_ORGANIZER;
	} else if (!named) {
		c->what &= ~(unsigned)CAL_FIELD_ORGANIZER;
	}
}

/* ---- attachments ---- */

static uint64_t size_of(const struct cal_event *e)
{
	uint64_t n = 0;

	for (size_t i = 0; i < e->attachments_n; i++)
		n += e->attachments[i].size;
	return n;
}

/* FileReferences that the phone takes away. What is not there is gone already. */
static enum err take_away(const struct eas_attachments_said *said, struct cal_event *to)
{
	for (size_t i = 0; i < said->deleted_n; i++) {
		struct str name;
		int64_t item;
		size_t n = 0;

		TRY(attachment_ref_parse(said->deleted[i], &item, &name) ? ERR_INVALID : ERR_OK);
		if (!attachment_ref_is_stored(&name))
			return ERR_INVALID;
		for (size_t k = 0; k < to->attachments_n; k++)
			if (!str_eq(to->attachments[k].id, name))
				to->attachments[n++] = to->attachments[k];
		to->attachments_n = n;
	}
	return ERR_OK;
}

static bool has_attachment(const struct cal_event *e, struct str id)
{
	for (size_t i = 0; i < e->attachments_n; i++)
		if (str_eq(e->attachments[i].id, id))
			return true;
	return false;
}

/* What is there already, by its name and contents, is not there twice: an Add whose answer was lost comes again. */
static enum err add_file(const struct item_write *asked, const struct compose_part *part, struct cal_event *to,
			 struct item_written *ret)
{
	struct cal_attachment is = { .name = utf8_prefix(part->name, CAL_ATTACH_NAME_MAX),
				     .content_type = cal_attach_type(part->content_type),
				     .content_id = part->content_id,
				     .is_inline = part->is_inline,
				     .size = part->bytes.n };

	TRY(event_part_id(asked->arena, part->name, part->bytes, &is.id));
	if (has_attachment(to, is.id))
		return ERR_OK;
	if (to->attachments_n >= EVENT_MAX_ATTACHMENTS || part->bytes.n > EVENT_ATTACHED_MAX ||
	    size_of(to) > EVENT_ATTACHED_MAX - part->bytes.n)
		return ERR_LIMIT;
	to->attachments[to->attachments_n++] = is;
	ret->parts[ret->parts_n++] =
		(struct entry_part){ .name = is.id, .content_type = is.content_type, .octets = part->bytes };
	return ERR_OK;
}

/* `to` has those that the event has. */
static enum err change_files(const struct item_write *asked, const struct event_said *s, struct cal_event *to,
			     struct item_written *ret)
{
	struct cal_attachment *list =
		arena_array(asked->arena, to->attachments_n + s->files.added_n + 1, sizeof(*list));
	struct entry_part *parts = arena_array(asked->arena, ret->parts_n + s->files.added_n + 1, sizeof(*parts));

	if (!list || !parts)
		return ERR_BUSY;
	if (to->attachments_n)
		memcpy(list, to->attachments, to->attachments_n * sizeof(*list));
	if (ret->parts_n)
		memcpy(parts, ret->parts, ret->parts_n * sizeof(*parts));
	to->attachments = list;
	ret->parts = parts;
	TRY(take_away(&s->files, to));
	for (size_t i = 0; i < s->files.added_n; i++)
		TRY(add_file(asked, &s->files.added[i].part, to, ret));
	return ERR_OK;
}

static enum err make_series(const struct item_write *asked, struct event_said *s, const struct cal_series *series,
			    struct cal_change *c, struct item_written *ret)
{
	const struct cal_event empty = { .busy = CAL_BUSY, .recurrence = { .interval = 1 } }, *now = &series->event;
	unsigned gone = asked->before.n ? left_out(asked, s, now) : 0;

	if (asked->before.n)
		TRY(event_body_said(asked->arena, &(struct event_body){ series, now, false }, s));
	if (asked->before.n == 0)
		TRY(complete_times(s, asked->now_ms));
	c->to = *now;
	TRY(make_times(asked, s, now, &c->to));
	put_over(&c->to, &s->to, s->what);
	put_over(&c->to, &empty, gone);
	TRY(change_files(asked, s, &c->to, ret));
	c->what = s->what | gone;
	if (s->what & CAL_FIELD_RULE) {
		make_until(s, &c->to);
		complete_rule(&c->to);
	}
	if (c->what & CAL_FIELD_ATTENDEES)
		keep_answers(asked, now, &c->to);
	make_organizer(asked, s, c);
	if (asked->before.n) {
		c->what &= ~(unsigned)CAL_FIELD_UID;
		return ERR_OK;
	}
	c->what |= CAL_FIELD_UID | CAL_FIELD_TIMES | CAL_FIELD_BUSY;
	if (!c->to.uid.n && !c->to.client_uid.n)
		c->to.uid = asked->uid;
	return c->to.uid.n ? ERR_OK : make_uid(asked, c->to.client_uid, &c->to.uid);
}

/* ---- exceptions ---- */

/* An instance of whole days is named by its midnight, where the phone has it. */
static int64_t instance_of(const struct item_write *asked, const struct event_said *whole,
			   const struct cal_event *series, int64_t ms)
{
	const struct zone_rules utc = { 0 };

	if (!series->start.is_date)
		return ms;
	return day_of(asked->version >= EAS_16_0 || !whole->has_zone ? &utc : &whole->zone, ms);
}

static const struct cal_event *find_exception(const struct cal_series *now, int64_t instance_ms)
{
	for (size_t i = 0; i < now->exceptions_n; i++)
		if (now->exceptions[i].recurrence_id.utc_ms == instance_ms)
			return &now->exceptions[i];
	return NULL;
}

/* The instance as the series has it. */
static struct cal_event plain_instance(const struct cal_event *series, int64_t instance_ms)
{
	struct cal_event e = *series;
	int64_t shift = instance_ms - series->start.utc_ms;

	e.recurrence = (struct cal_recurrence){ .interval = 1 };
	set_moment(&e.start, series->start.utc_ms + shift);
	set_moment(&e.end, series->end.utc_ms + shift);
	return e;
}

/*
 * `over`: what the phone's words are put over, the series (up to 14.1, where an exception is said as a whole) or the
 * exception as it is.
 */
static enum err make_instance(const struct item_write *asked, struct event_said *s, const struct cal_event *over,
			      const struct cal_event *stored, struct cal_change *c, struct item_written *ret)
{
	TRY(event_body_said(asked->arena, &(struct event_body){ .event = stored, .is_exception = true }, s));
	c->to = *over;
	c->what = ALL_FIELDS & ~(unsigned)(CAL_FIELD_UID | CAL_FIELD_RULE | CAL_FIELD_ORGANIZER | CAL_FIELD_CLIENT_UID |
					   CAL_FIELD_SEQUENCE | CAL_FIELD_ANSWER);
	TRY(make_times(asked, s, over, &c->to));
	put_over(&c->to, &s->to, s->what & ~(unsigned)CAL_FIELD_RULE);
	c->what |= s->what & CAL_FIELD_ATTACHMENTS; /* which phones before 16.0 can't mean */
	TRY(change_files(asked, s, &c->to, ret));
	if (s->what & CAL_FIELD_ATTENDEES)
		keep_answers(asked, over, &c->to);
	cal_change_reduce(c, stored);
	return ERR_OK;
}

/* What is said of an instance twice holds as it is said last. */
static struct cal_change *change_of(struct cal_change *list, size_t *n, int64_t instance_ms)
{
	size_t i = 0;

	while (i < *n && list[i].instance_ms != instance_ms)
		i++;
	if (i == *n)
		++*n;
	list[i] = (struct cal_change){ .instance_ms = instance_ms };
	return &list[i];
}

static enum err make_exceptions(const struct item_write *asked, struct event_said *s, const struct cal_series *now,
				const struct cal_event *series, struct cal_edit *edit, struct item_written *ret)
{
	struct cal_change *list = arena_array(asked->arena, s->exceptions_n + 1, sizeof(*list));

	if (!list)
		return ERR_BUSY;
	for (size_t i = 0; i < s->exceptions_n; i++) {
		struct event_said *x = &s->exceptions[i];
		const int64_t ms = instance_of(asked, s, series, x->instance_ms);
		const struct cal_event *stored = find_exception(now, ms), plain = plain_instance(series, ms);
		struct cal_change *c = change_of(list, &edit->instances_n, ms);

		c->deleted = x->deleted;
		if (s->has_zone && !x->has_zone) {
			x->has_zone = true;
			x->zone = s->zone;
		}
		if (!x->deleted)
			TRY(make_instance(asked, x, &plain, stored ? stored : &plain, c, ret));
	}
	edit->instances = list;
	return ERR_OK;
}

/* ---- revisions ---- */

static bool takes_part(const struct cal_event *e, struct str address)
{
	for (size_t i = 0; i < e->attendees_n; i++)
		if (str_ieq(e->attendees[i].address, address))
			return true;
	return false;
}

static bool is_removed(const struct cal_event *from, const struct cal_event *to)
{
	for (size_t i = 0; i < from->attendees_n; i++)
		if (!takes_part(to, from->attendees[i].address))
			return true;
	return false;
}

/* Another time is to be answered anew; before 16.0 the phone says who has answered what. */
static void forget_answers(const struct item_write *asked, struct cal_change *c)
{
	if (asked->version < EAS_16_0 || !(c->what & (CAL_FIELD_TIMES | CAL_FIELD_RULE)) || !c->to.attendees_n)
		return;
	for (size_t i = 0; i < c->to.attendees_n; i++)
		c->to.attendees[i].answer = CAL_ANSWER_NONE;
	c->what |= CAL_FIELD_ATTENDEES;
}

/* RFC 5546 section 2.1.4: by what a SEQUENCE grows. */
static bool is_revision(const struct cal_change *c, const struct cal_event *was)
{
	return c->what & (CAL_FIELD_TIMES | CAL_FIELD_RULE | CAL_FIELD_CANCELLED) ||
	       (c->what & CAL_FIELD_ATTENDEES && is_removed(was, &c->to));
}

static void revise(const struct item_write *asked, const struct cal_event *was, int sequence, struct cal_change *c)
{
	if (!c->to.attendees_n && !was->attendees_n)
		return;
	forget_answers(asked, c);
	if (!is_revision(c, was))
		return;
	c->to.sequence = sequence;
	c->what |= CAL_FIELD_SEQUENCE;
}

/* The next one, of the series and all its exceptions. */
static int next_sequence(const struct cal_series *s)
{
	int n = s->event.sequence;

	for (size_t i = 0; i < s->exceptions_n; i++)
		if (s->exceptions[i].sequence > n)
			n = s->exceptions[i].sequence;
	return n < INT32_MAX ? n + 1 : n;
}

/* ---- who is taken off the series ---- */

static bool is_named(const struct cal_change *list, size_t n, int64_t instance_ms)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].instance_ms == instance_ms)
			return true;
	return false;
}

/* Those of an exception but those who were in the series and are not any more. */
static enum err keep_people(struct arena *a, const struct cal_event *was, const struct cal_event *is,
			    const struct cal_event *exception, struct cal_change *c)
{
	c->to.attendees = arena_array(a, exception->attendees_n + 1, sizeof(*c->to.attendees));
	if (!c->to.attendees)
		return ERR_BUSY;
	for (size_t i = 0; i < exception->attendees_n; i++) {
		struct str address = exception->attendees[i].address;

		if (!takes_part(was, address) || takes_part(is, address))
			c->to.attendees[c->to.attendees_n++] = exception->attendees[i];
	}
	if (c->to.attendees_n < exception->attendees_n)
		c->what = CAL_FIELD_ATTENDEES | CAL_FIELD_SEQUENCE;
	return ERR_OK;
}

/* He does not come to its exceptions either, but to those of which the phone says so now. */
static enum err take_off_exceptions(const struct item_write *asked, const struct cal_series *now, struct cal_edit *edit)
{
	const struct cal_change *series = &edit->series;
	struct cal_change *list;

	if (!(series->what & CAL_FIELD_ATTENDEES) || edit->whole || !is_removed(&now->event, &series->to))
		return ERR_OK;
	list = arena_array(asked->arena, edit->instances_n + now->exceptions_n + 1, sizeof(*list));
	if (!list)
		return ERR_BUSY;
	if (edit->instances_n)
		memcpy(list, edit->instances, edit->instances_n * sizeof(*list));
	edit->instances = list;
	for (size_t i = 0, said = edit->instances_n; i < now->exceptions_n; i++) {
		const struct cal_event *x = &now->exceptions[i];
		struct cal_change *c = &list[edit->instances_n];

		*c = (struct cal_change){ .instance_ms = x->recurrence_id.utc_ms };
		c->to.sequence = next_sequence(now);
		TRY(keep_people(asked->arena, &now->event, &series->to, x, c));
		edit->instances_n += c->what && !is_named(list, said, c->instance_ms);
	}
	return ERR_OK;
}

/* ---- one instance ---- */

static bool is_deleted(const struct cal_series *s, int64_t instance_ms)
{
	for (size_t i = 0; i < s->deleted_n; i++)
		if (s->deleted[i].utc_ms == instance_ms)
			return true;
	return false;
}

/* 16.0 on: InstanceId beside the ServerId. */
static enum err write_instance(const struct item_write *asked, const struct cal_series *now, struct event_said *s,
			       struct cal_edit *edit, struct item_written *ret)
{
	struct cal_change *c = arena_new(asked->arena, struct cal_change);
	struct cal_event plain;
	const struct cal_event *stored;
	int64_t ms;

	if (!c)
		return ERR_BUSY;
	TRY(time_text_parse(asked->instance, &ms));
	if (now->event.recurrence.frequency == CAL_NEVER && !now->event.recurrence.odd)
		return ERR_NOT_FOUND;
	c->instance_ms = instance_of(asked, s, &now->event, ms - ms % 1000);
	c->deleted = asked->deletes;
	plain = plain_instance(&now->event, c->instance_ms);
	stored = find_exception(now, c->instance_ms);
	if (!stored)
		stored = &plain;
	if (!c->deleted)
		TRY(make_instance(asked, s, stored, stored, c, ret));
	edit->instances = c;
	edit->instances_n = 1;
	if (!c->deleted) {
		revise(asked, stored, next_sequence(now), c);
	} else if (now->event.attendees_n && !is_deleted(now, c->instance_ms)) { /* EXDATE is the series' */
		edit->series.what = CAL_FIELD_SEQUENCE;
		edit->series.to.sequence = next_sequence(now);
	}
	return ERR_OK;
}

/* ---- the whole ---- */

static bool changes(const struct cal_edit *edit, const struct cal_series *now)
{
	if (edit->series.what)
		return true;
	if (edit->whole && edit->instances_n != now->exceptions_n + now->deleted_n)
		return true;
	for (size_t i = 0; i < edit->instances_n; i++) {
		const struct cal_change *c = &edit->instances[i];

		if (c->deleted != is_deleted(now, c->instance_ms) ||
		    (!c->deleted && (c->what || !find_exception(now, c->instance_ms))))
			return true;
	}
	return false;
}

/* What a phone adds has to have room beside all that the event and its instances have. */
static enum err check_room(const struct item_write *asked, const struct cal_series *series)
{
	struct cal_event all = { 0 };

	TRY(cal_series_attachments(asked->arena, series, &all.attachments, &all.attachments_n));
	return all.attachments_n > EVENT_MAX_ATTACHMENTS || size_of(&all) > EVENT_ATTACHED_MAX ? ERR_LIMIT : ERR_OK;
}

static enum err finish(const struct item_write *asked, struct item_written *ret)
{
	struct cal_series series;
	struct cal_plan plan;

	TRY(buf_status(&ret->octets));
	TRY(cal_series_read(asked->arena, buf_view(&ret->octets), &series));
	if (ret->parts_n)
		TRY(check_room(asked, &series));
	TRY(cal_plan_make(asked->arena, &series, &plan));
	ret->key = event_key(&plan);
	return ERR_OK;
}

static enum err write_series(const struct item_write *asked, const struct cal_series *now, struct event_said *s,
			     struct cal_edit *edit, struct item_written *ret)
{
	struct cal_change *c = &edit->series;
	bool rule_gone, is_moved;

	TRY(make_series(asked, s, now, c, ret));
	if (asked->before.n)
		cal_change_reduce(c, &now->event);
	is_moved = c->what & (CAL_FIELD_TIMES | CAL_FIELD_RULE);
	rule_gone = c->to.recurrence.frequency == CAL_NEVER && !c->to.recurrence.odd;
	if (s->has_exceptions && !rule_gone)
		TRY(make_exceptions(asked, s, now, &c->to, edit, ret));
	edit->whole =
		is_moved || rule_gone; /* exceptions of other instances; else those that are left out stay (R542) */
	if (!asked->before.n)
		return ERR_OK;
	revise(asked, &now->event, next_sequence(now), c);
	return take_off_exceptions(asked, now, edit);
}

enum err event_write(const struct item_write *asked, struct item_written *ret)
{
	struct cal_edit edit = { .now_ms = asked->now_ms };
	struct cal_series now = { .event = { .busy = CAL_BUSY, .recurrence = { .interval = 1 } } };
	struct event_said said = { .until_ms = INT64_MIN };

	if (!asked->deletes)
		TRY(event_parse(asked, &said));
	if (asked->before.n)
		TRY(cal_series_read(asked->arena, asked->before, &now));
	edit.keeps_stamp = now.event.answer >= CAL_ANSWER_TENTATIVE; /* somebody else's */
	if (asked->instance.n)
		TRY(write_instance(asked, &now, &said, &edit, ret));
	else
		TRY(write_series(asked, &now, &said, &edit, ret));
	if (asked->before.n && !changes(&edit, &now))
		buf_str(&ret->octets, asked->before);
	else
		TRY(cal_write(asked->arena, asked->before, &edit, &ret->octets));
	/* The UID that the server made, and values that it set, are told. */
	ret->normalised = asked->before.n == 0 && !(said.what & CAL_FIELD_UID);
	return finish(asked, ret);
}
