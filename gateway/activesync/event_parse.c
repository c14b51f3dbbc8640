/* Elements of the Calendar class from phones. */
#include <gateway/activesync/event_parse.h>

#include <base/utf8.h>
#include <gateway/activesync/time_text.h>
#include <gateway/content/html_text.h>

enum { PLAIN = 1, HTML = 2 };

struct parse {
	const struct item_write *asked;
	struct wbxml_reader *r;
	struct event_said *said;
	bool in_exception;
};

/* ---- values ---- */

/* Without what no text of a calendar can have: it would differ from what is stored whenever it is said. */
static enum err take_words(struct parse *p, struct str *to)
{
	CLEANUP(buf_release) struct buf safe = BUF_INIT(2 * EVENT_MAX_BODY_BYTES);

	TRY(wbxml_text(p->r, to));
	if (utf8_is_xml(*to))
		return ERR_OK;
	utf8_put_xml_safe(&safe, *to);
	TRY(buf_status(&safe));
	return arena_str(p->asked->arena, buf_view(&safe), to);
}

/* Of what no address has, nothing is left. */
static enum err take_address(struct parse *p, struct str *to)
{
	CLEANUP(buf_release) struct buf bare = BUF_INIT(EVENT_MAX_TEXT_BYTES);

	TRY(take_words(p, to));
	for (size_t i = 0; i < to->n; i++)
		if ((unsigned char)to->p[i] > ' ' && to->p[i] != 0x7f)
			buf_char(&bare, to->p[i]);
	TRY(buf_status(&bare));
	return arena_str(p->asked->arena, buf_view(&bare), to);
}

static enum err take_text(struct parse *p, struct str *to, unsigned field)
{
	TRY(take_words(p, to));
	p->said->what |= field;
	return to->n > EVENT_MAX_TEXT_BYTES ? ERR_LIMIT : ERR_OK;
}

/* 1601-01-01, before which no zone can say when it is. */
static const int64_t first_ms = -11644473600000;

static enum err take_time(struct parse *p, int64_t *to, bool *has)
{
	struct str text;

	TRY(wbxml_text(p->r, &text));
	if (text.n == 0)
		return ERR_OK;
	*has = true;
	TRY(time_text_parse(text, to));
	*to -= *to % 1000;
	return *to < first_ms ? ERR_INVALID : ERR_OK;
}

static enum err take_zone(struct parse *p)
{
	struct str text;

	TRY(wbxml_text(p->r, &text));
	/* A zone that can't be read is as none: some phones send blobs with garbage. */
	p->said->has_zone = !zone_blob_read(text, &p->said->zone, p->said->label);
	return ERR_OK;
}

static enum err take_number(struct parse *p, uint64_t max, unsigned field, uint64_t *ret)
{
	p->said->what |= field;
	return wbxml_u64(p->r, 0, max, ret);
}

static enum err take_busy(struct parse *p)
{
	uint64_t n;

	TRY(take_number(p, CAL_ELSEWHERE, CAL_FIELD_BUSY, &n));
	p->said->to.busy = (enum cal_busy)n;
	return ERR_OK;
}

static enum err take_class(struct parse *p)
{
	uint64_t n;

	TRY(take_number(p, CAL_CONFIDENTIAL, CAL_FIELD_CLASS, &n));
	p->said->to.sensitivity = (enum cal_class)n;
	return ERR_OK;
}

/* An empty one is none. */
static enum err take_reminder(struct parse *p)
{
	struct str text;
	uint64_t minutes;

	TRY(wbxml_text(p->r, &text));
	p->said->what |= CAL_FIELD_REMINDER;
	p->said->to.has_reminder = text.n > 0;
	if (text.n == 0)
		return ERR_OK;
	TRY(str_to_u64(text, EVENT_MAX_REMINDER_MINUTES, &minutes));
	p->said->to.reminder_s = (int64_t)minutes * 60;
	return ERR_OK;
}

static enum err take_meeting_status(struct parse *p)
{
	uint64_t n;

	TRY(take_number(p, 15, CAL_FIELD_CANCELLED, &n));
	p->said->to.cancelled = n & 4;
	return ERR_OK;
}

static enum err take_bool(struct parse *p, bool *to, unsigned field)
{
	p->said->what |= field;
	return wbxml_bool(p->r, to);
}

static enum err take_all_day(struct parse *p)
{
	p->said->has_all_day = true;
	return wbxml_bool(p->r, &p->said->all_day);
}

static enum err take_categories(struct parse *p)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	struct cal_event *to = &p->said->to;
	enum err bad = ERR_OK;

	p->said->what |= CAL_FIELD_CATEGORIES;
	to->categories = arena_array(p->asked->arena, CAL_CATEGORIES_MAX, sizeof(*to->categories));
	if (!to->categories)
		return ERR_BUSY;
	while (wbxml_child(p->r, &scope, &bad)) {
		if (p->r->tag != TAG_CALENDAR_CATEGORY)
			return ERR_INVALID;
		if (to->categories_n == CAL_CATEGORIES_MAX)
			return ERR_LIMIT;
		TRY(wbxml_text(p->r, &to->categories[to->categories_n]));
		to->categories_n += to->categories[to->categories_n].n > 0;
	}
	return bad;
}

static enum err take_attendee_field(struct parse *p, struct cal_attendee *a)
{
	uint64_t n;

	switch ((unsigned)p->r->tag) {
	case TAG_CALENDAR_EMAIL:
		return take_address(p, &a->address);
	case TAG_CALENDAR_NAME:
		return take_words(p, &a->name);
	case TAG_CALENDAR_ATTENDEETYPE:
		TRY(wbxml_u64(p->r, CAL_REQUIRED, CAL_RESOURCE, &n)); /* R123 */
		a->role = (enum cal_role)n;
		return ERR_OK;
	case TAG_CALENDAR_ATTENDEESTATUS:
		TRY(wbxml_u64(p->r, 0, CAL_ANSWER_NONE, &n));
		a->answer = n == CAL_ANSWER_ORGANIZER ? CAL_ANSWER_UNKNOWN : (enum cal_answer)n;
		return ERR_OK;
	default:
		return wbxml_skip(p->r);
	}
}

static enum err take_attendees(struct parse *p)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	struct cal_event *to = &p->said->to;
	enum err bad = ERR_OK;

	p->said->what |= CAL_FIELD_ATTENDEES;
	to->attendees = arena_array(p->asked->arena, EVENT_MAX_ATTENDEES, sizeof(*to->attendees));
	if (!to->attendees)
		return ERR_BUSY;
	while (wbxml_child(p->r, &scope, &bad)) {
		struct cal_attendee *a = &to->attendees[to->attendees_n];
		struct wbxml_scope in = wbxml_enter(p->r);

		if (p->r->tag != TAG_CALENDAR_ATTENDEE)
			return ERR_INVALID;
		if (to->attendees_n == EVENT_MAX_ATTENDEES)
			return ERR_LIMIT;
		a->role = CAL_REQUIRED;
		while (wbxml_child(p->r, &in, &bad))
			TRY(take_attendee_field(p, a));
		TRY(bad);
		to->attendees_n += a->address.n > 0;
	}
	return bad;
}

/* A number, which stands as it is in the stored line. */
static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("0123456789+-.eE", s.p[i]))
			return false;
	return s.n > 0 && s.n < 40;
}

static enum err take_place(struct parse *p)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	struct cal_event *to = &p->said->to;
	enum err bad = ERR_OK;

	p->said->what |= CAL_FIELD_LOCATION;
	while (wbxml_child(p->r, &scope, &bad)) {
		struct str *text = NULL;

		for (size_t i = 0; i < countof(event_place_fields); i++)
			if (p->r->tag == event_place_fields[i].tag)
				text = (struct str *)(void *)((char *)to + event_place_fields[i].at);
		TRY(text ? take_text(p, text, CAL_FIELD_LOCATION) : wbxml_skip(p->r));
	}
	if (!is_number(to->place.latitude) || !is_number(to->place.longitude))
		to->place.latitude = to->place.longitude = STR_EMPTY;
	return bad;
}

/* Lines end in LF here. */
static enum err keep_lines(struct parse *p, struct str text, struct str *ret)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(EVENT_MAX_BODY_BYTES);
	struct str line;

	while (str_cut(&text, '\r', &line))
		buf_str(&b, line);
	TRY(buf_status(&b));
	return arena_str(p->asked->arena, buf_view(&b), ret);
}

static enum err take_flat_body(struct parse *p)
{
	struct str text;

	TRY(wbxml_text(p->r, &text));
	p->said->what |= CAL_FIELD_BODY;
	return keep_lines(p, text, &p->said->to.description);
}

/* MS-ASAIRS: without Data the body stays. R1400, R1401: text or HTML. */
static enum err take_body(struct parse *p)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	struct cal_event *to = &p->said->to;
	struct str data = STR_EMPTY;
	uint64_t type = PLAIN;
	enum err bad = ERR_OK;
	bool has = false;

	while (wbxml_child(p->r, &scope, &bad))
		if (p->r->tag == TAG_AIRSYNCBASE_TYPE) {
			TRY(wbxml_u64(p->r, PLAIN, 4, &type));
		} else if (p->r->tag == TAG_AIRSYNCBASE_DATA) {
			has = true;
			TRY(wbxml_text(p->r, &data));
		} else {
			TRY(wbxml_skip(p->r));
		}
	TRY(bad);
	if (!has)
		return ERR_OK;
	if (type != PLAIN && type != HTML)
		return data.n ? ERR_UNSUPPORTED : ERR_OK;
	p->said->what |= CAL_FIELD_BODY;
	if (type == PLAIN)
		return keep_lines(p, data, &to->description);
	TRY(keep_lines(p, data, &to->html));
	TRY(html_text_of(p->asked->arena, data, EVENT_MAX_BODY_BYTES, &data));
	return keep_lines(p, data, &to->description);
}

/* Before 16.0 events have none (MS-ASCAL R2107). */
static enum err take_attachments(struct parse *p)
{
	if (p->asked->version < EAS_16_0)
		return wbxml_skip(p->r);
	p->said->what |= CAL_FIELD_ATTACHMENTS;
	return eas_attachments_parse(p->asked->arena, p->r, &p->said->files);
}

static enum err take_rule(struct parse *p)
{
	p->said->what |= CAL_FIELD_RULE;
	TRY(event_parse_recurrence(p->r, &p->said->to.recurrence, &p->said->until_ms));
	p->said->has_rule_until = p->said->until_ms != INT64_MIN;
	return ERR_OK;
}

static enum err take_exceptions(struct parse *p);

static enum err take_field(struct parse *p)
{
	struct event_said *s = p->said;

	switch ((unsigned)p->r->tag) {
	case TAG_CALENDAR_TIMEZONE:
		return take_zone(p);
	case TAG_CALENDAR_ALLDAYEVENT:
		return take_all_day(p);
	case TAG_CALENDAR_STARTTIME:
		return take_time(p, &s->start_ms, &s->has_start);
	case TAG_CALENDAR_ENDTIME:
		return take_time(p, &s->end_ms, &s->has_end);
	case TAG_CALENDAR_SUBJECT:
		s->has_subject = true;
		return take_text(p, &s->to.summary, CAL_FIELD_SUMMARY);
	case TAG_CALENDAR_LOCATION:
		return take_text(p, &s->to.location, CAL_FIELD_LOCATION);
	case TAG_AIRSYNCBASE_LOCATION:
		return take_place(p);
	case TAG_CALENDAR_UID:
		return take_text(p, &s->to.uid, CAL_FIELD_UID);
	case TAG_CALENDAR_CLIENTUID:
		return take_text(p, &s->to.client_uid, CAL_FIELD_CLIENT_UID);
	case TAG_CALENDAR_ORGANIZERNAME:
		return take_text(p, &s->to.organizer_name, CAL_FIELD_ORGANIZER);
	case TAG_CALENDAR_ORGANIZEREMAIL:
		s->what |= CAL_FIELD_ORGANIZER;
		return take_address(p, &s->to.organizer);
	case TAG_CALENDAR_BUSYSTATUS:
		return take_busy(p);
	case TAG_CALENDAR_SENSITIVITY:
		return take_class(p);
	case TAG_CALENDAR_REMINDER:
		return take_reminder(p);
	case TAG_CALENDAR_MEETINGSTATUS:
		return take_meeting_status(p);
	case TAG_CALENDAR_ATTENDEES:
		return take_attendees(p);
	case TAG_CALENDAR_CATEGORIES:
		return take_categories(p);
	case TAG_CALENDAR_BODY:
		return take_flat_body(p);
	case TAG_AIRSYNCBASE_BODY:
		return take_body(p);
	case TAG_AIRSYNCBASE_ATTACHMENTS:
		return take_attachments(p);
	case TAG_CALENDAR_RESPONSEREQUESTED:
		return take_bool(p, &s->to.response_requested, CAL_FIELD_RSVP);
	case TAG_CALENDAR_DISALLOWNEWTIMEPROPOSAL:
		return take_bool(p, &s->to.no_counter, CAL_FIELD_NO_COUNTER);
	case TAG_CALENDAR_RECURRENCE:
		return p->in_exception ? ERR_INVALID : take_rule(p);
	case TAG_CALENDAR_EXCEPTIONS:
		return p->in_exception ? ERR_INVALID : take_exceptions(p);
	case TAG_CALENDAR_DELETED:
		return wbxml_bool(p->r, &s->deleted);
	default: /* DtStamp is the server's; so are answers and links */
		return wbxml_skip(p->r);
	}
}

static enum err take_exception(struct parse *p, struct event_said *exception)
{
	struct parse in = { .asked = p->asked, .r = p->r, .said = exception, .in_exception = true };
	struct wbxml_scope scope = wbxml_enter(p->r);
	enum err bad = ERR_OK;
	bool has = false;

	while (wbxml_child(p->r, &scope, &bad))
		TRY(p->r->tag == TAG_CALENDAR_EXCEPTIONSTARTTIME || p->r->tag == TAG_AIRSYNCBASE_INSTANCEID
			    ? take_time(&in, &exception->instance_ms, &has)
			    : take_field(&in));
	TRY(bad);
	return has ? ERR_OK : ERR_INVALID; /* R26711 */
}

static enum err take_exceptions(struct parse *p)
{
	struct wbxml_scope scope = wbxml_enter(p->r);
	struct event_said *s = p->said;
	enum err bad = ERR_OK;

	s->has_exceptions = true;
	while (wbxml_child(p->r, &scope, &bad)) {
		if (p->r->tag != TAG_CALENDAR_EXCEPTION)
			return ERR_INVALID;
		if (s->exceptions_n == EVENT_MAX_EXCEPTIONS)
			return ERR_LIMIT;
		if (!s->exceptions)
			s->exceptions = arena_array(p->asked->arena, EVENT_MAX_EXCEPTIONS, sizeof(*s->exceptions));
		if (!s->exceptions)
			return ERR_BUSY;
		TRY(take_exception(p, &s->exceptions[s->exceptions_n++]));
	}
	return bad;
}

enum err event_parse(const struct item_write *asked, struct event_said *ret)
{
	struct wbxml_reader r = asked->data;
	struct parse p = { .asked = asked, .r = &r, .said = ret };
	struct wbxml_scope scope = wbxml_enter(&r);
	enum err bad = ERR_OK;

	while (wbxml_child(&r, &scope, &bad)) {
		if (!wbxml_tag_in((enum wbxml_tag)r.tag, asked->version)) {
			TRY(wbxml_skip(&r));
			continue;
		}
		TRY(take_field(&p));
	}
	return bad;
}
