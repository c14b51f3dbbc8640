/* Reading iCalendar by libical. */
#include <gateway/content/calendar_internal.h>

#include <base/utf8.h>

#include <gateway/content/calendar_attach.h>
#include <gateway/content/calendar_lines.h>
#include <gateway/content/header_words.h>

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

enum { ALARMS_MAX = 20 };
#define PROPOSED_MAX_MS INT64_C(253402300800000) /* the year 10000 */

static size_t count_of(icalcomponent *c, icalproperty_kind kind, size_t max)
{
	size_t n = (size_t)icalcomponent_count_properties(c, kind);

	return n < max ? n : max;
}

/* ---- texts ---- */

static enum err keep_text(struct cal_reading *r, const char *value, size_t max, struct str *ret)
{
	struct str s = utf8_prefix(str_of(value), max);
	CLEANUP(buf_release) struct buf text = BUF_INIT(3 * s.n + 1);

	header_plain_put(&text, s);
	TRY(buf_status(&text));
	return arena_str(r->arena, str_trim(buf_view(&text)), ret);
}

static enum err take_summary(struct cal_reading *r, icalproperty *p)
{
	return keep_text(r, icalproperty_get_summary(p), CAL_TEXT_MAX, &r->event->summary);
}

static enum err take_location(struct cal_reading *r, icalproperty *p)
{
	return keep_text(r, icalproperty_get_location(p), CAL_TEXT_MAX, &r->event->location);
}

static enum err take_uid(struct cal_reading *r, icalproperty *p)
{
	const char *uid = icalproperty_get_uid(p);

	return str_of(uid).n > CAL_UID_MAX ? ERR_OK : keep_text(r, uid, CAL_UID_MAX, &r->event->uid);
}

static enum err keep_mailto(struct cal_reading *r, const char *value, struct str *ret)
{
	struct str address;

	TRY(keep_text(r, value, CAL_UID_MAX, &address));
	*ret = str_istarts(address, S("mailto:")) ? str_slice(address, 7, address.n) : address;
	return ERR_OK;
}

static enum err keep_address(struct cal_reading *r, icalproperty *p, const char *value, struct str *ret_name,
			     struct str *ret)
{
	icalparameter *name = icalproperty_get_first_parameter(p, ICAL_CN_PARAMETER);

	if (name)
		TRY(keep_text(r, icalparameter_get_cn(name), CAL_TEXT_MAX, ret_name));
	return keep_mailto(r, value, ret);
}

static enum err take_organizer(struct cal_reading *r, icalproperty *p)
{
	icalparameter *email = icalproperty_get_first_parameter(p, ICAL_EMAIL_PARAMETER);
	icalparameter *by = icalproperty_get_first_parameter(p, ICAL_SENTBY_PARAMETER);

	if (email)
		TRY(keep_mailto(r, icalparameter_get_email(email), &r->event->organizer_email));
	if (by)
		TRY(keep_mailto(r, icalparameter_get_sentby(by), &r->event->organizer_sent_by));
	return keep_address(r, p, icalproperty_get_organizer(p), &r->event->organizer_name, &r->event->organizer);
}

static int partstat_of(icalproperty *p)
{
	icalparameter *status = icalproperty_get_first_parameter(p, ICAL_PARTSTAT_PARAMETER);

	return status ? (int)icalparameter_get_partstat(status) : ICAL_PARTSTAT_NONE;
}

static enum cal_answer answer_of(icalproperty *p)
{
	switch (partstat_of(p)) {
	case ICAL_PARTSTAT_ACCEPTED:
		return CAL_ANSWER_ACCEPTED;
	case ICAL_PARTSTAT_TENTATIVE:
		return CAL_ANSWER_TENTATIVE;
	case ICAL_PARTSTAT_DECLINED:
		return CAL_ANSWER_DECLINED;
	case ICAL_PARTSTAT_NEEDSACTION:
		return CAL_ANSWER_NONE;
	default:
		return CAL_ANSWER_UNKNOWN;
	}
}

static enum cal_role role_of(icalproperty *p)
{
	icalparameter *type = icalproperty_get_first_parameter(p, ICAL_CUTYPE_PARAMETER);
	icalparameter *role = icalproperty_get_first_parameter(p, ICAL_ROLE_PARAMETER);
	int cutype = type ? (int)icalparameter_get_cutype(type) : ICAL_CUTYPE_NONE;

	if (cutype == ICAL_CUTYPE_RESOURCE || cutype == ICAL_CUTYPE_ROOM)
		return CAL_RESOURCE;
	switch (role ? (int)icalparameter_get_role(role) : ICAL_ROLE_NONE) {
	case ICAL_ROLE_OPTPARTICIPANT:
	case ICAL_ROLE_NONPARTICIPANT:
		return CAL_OPTIONAL;
	default:
		return CAL_REQUIRED;
	}
}

/* "1784275200000-1784278800000" */
static void read_proposal(struct str value, struct cal_attendee *a)
{
	struct str start;

	a->proposes = str_cut(&value, '-', &start) && !str_to_i64(start, &a->proposed_start_ms) &&
		      !str_to_i64(value, &a->proposed_end_ms) && a->proposed_start_ms >= 0 &&
		      a->proposed_end_ms >= a->proposed_start_ms && a->proposed_end_ms < PROPOSED_MAX_MS;
}

/* "2-1784275200000-3": sequence, stamp, answer */
static void read_said(struct str value, struct cal_said *ret)
{
	struct str sequence, stamp;
	uint64_t n, answer;

	ret->given = str_cut(&value, '-', &sequence) && str_cut(&value, '-', &stamp) &&
		     !str_to_u64(sequence, INT_MAX, &n) && !str_to_i64(stamp, &ret->stamp_ms) && ret->stamp_ms >= 0 &&
		     !str_to_u64(value, CAL_ANSWER_NONE, &answer);
	if (!ret->given)
		return;
	ret->sequence = (int)n;
	ret->answer = (enum cal_answer)answer;
}

static void read_own_parameters(icalproperty *p, struct cal_attendee *a)
{
	for (icalparameter *x = icalproperty_get_first_parameter(p, ICAL_X_PARAMETER); x;
	     x = icalproperty_get_next_parameter(p, ICAL_X_PARAMETER)) {
		const struct str name = str_of(icalparameter_get_xname(x)), value = str_of(icalparameter_get_xvalue(x));

		if (str_ieq(name, S(CAL_PROPOSED)))
			read_proposal(value, a);
		else if (str_ieq(name, S(CAL_ANSWERED)))
			read_said(value, &a->said);
	}
}

/* The first of several. */
static enum err read_delegation(struct cal_reading *r, icalproperty *p, struct cal_attendee *a)
{
	icalparameter *to = icalproperty_get_first_parameter(p, ICAL_DELEGATEDTO_PARAMETER);
	icalparameter *from = icalproperty_get_first_parameter(p, ICAL_DELEGATEDFROM_PARAMETER);

	if (to)
		TRY(keep_mailto(r, icalparameter_get_delegatedto(to), &a->delegated_to));
	if (from)
		TRY(keep_mailto(r, icalparameter_get_delegatedfrom(from), &a->delegated_from));
	a->delegated_to = str_slice(a->delegated_to, 0, str_index(a->delegated_to, '"'));
	a->delegated_from = str_slice(a->delegated_from, 0, str_index(a->delegated_from, '"'));
	return ERR_OK;
}

static enum err take_attendee(struct cal_reading *r, icalproperty *p)
{
	icalparameter *rsvp = icalproperty_get_first_parameter(p, ICAL_RSVP_PARAMETER);
	struct cal_event *e = r->event;
	const size_t max = r->everybody ? CAL_PEOPLE_MAX : CAL_ATTENDEES_MAX;
	struct cal_attendee attendee = { .role = role_of(p),
					 .answer = answer_of(p),
					 .delegated = partstat_of(p) == ICAL_PARTSTAT_DELEGATED };

	read_own_parameters(p, &attendee);
	TRY(read_delegation(r, p, &attendee));
	attendee.rsvp = rsvp && icalparameter_get_rsvp(rsvp) == ICAL_RSVP_TRUE;
	e->response_requested |= attendee.rsvp;
	if (e->attendees_n == max)
		return r->everybody ? ERR_LIMIT : ERR_OK;
	if (!e->attendees)
		e->attendees = arena_array(r->arena, count_of(r->component, ICAL_ATTENDEE_PROPERTY, max),
					   sizeof(*e->attendees));
	if (!e->attendees)
		return ERR_LIMIT;
	TRY(keep_address(r, p, icalproperty_get_attendee(p), &attendee.name, &attendee.address));
	if (attendee.address.n)
		e->attendees[e->attendees_n++] = attendee;
	return ERR_OK;
}

/* A text of lines. */
static enum err keep_lines(struct cal_reading *r, const char *value, struct str *ret)
{
	struct str s = utf8_prefix(str_of(value), CAL_BODY_MAX), line;
	CLEANUP(buf_release) struct buf text = BUF_INIT(3 * s.n + 1);

	while (str_cut(&s, '\r', &line))
		utf8_put_xml_safe(&text, line);
	TRY(buf_status(&text));
	return arena_str(r->arena, buf_view(&text), ret);
}

static enum err take_description(struct cal_reading *r, icalproperty *p)
{
	return keep_lines(r, icalproperty_get_description(p), &r->event->description);
}

static enum err take_categories(struct cal_reading *r, icalproperty *p)
{
	struct cal_event *e = r->event;

	if (e->categories_n == CAL_CATEGORIES_MAX)
		return ERR_OK;
	if (!e->categories)
		e->categories =
			arena_array(r->arena, count_of(r->component, ICAL_CATEGORIES_PROPERTY, CAL_CATEGORIES_MAX),
				    sizeof(*e->categories));
	if (!e->categories)
		return ERR_LIMIT;
	TRY(keep_text(r, icalproperty_get_categories(p), CAL_TEXT_MAX, &e->categories[e->categories_n]));
	e->categories_n += e->categories[e->categories_n].n > 0;
	return ERR_OK;
}

/* ---- times ---- */

struct local_time cal_local_of(struct icaltimetype t)
{
	return (struct local_time){ t.year, t.month, t.day, t.hour, t.minute, t.second };
}

bool cal_time_is_sane(struct icaltimetype t)
{
	return t.year >= 1601 && t.year <= 9999 && t.month >= 1 && t.month <= 12 && t.day >= 1 && t.day <= 31 &&
	       t.hour >= 0 && t.hour <= 23 && t.minute >= 0 && t.minute <= 59 && t.second >= 0 && t.second <= 60;
}

/* A time without a zone is one of the calendar's, if that names one. */
static struct str zone_of_calendar(icalcomponent *calendar)
{
	for (icalproperty *p = icalcomponent_get_first_property(calendar, ICAL_X_PROPERTY); p;
	     p = icalcomponent_get_next_property(calendar, ICAL_X_PROPERTY))
		if (str_ieq(str_of(icalproperty_get_x_name(p)), S("X-WR-TIMEZONE")))
			return str_of(icalproperty_get_x(p));
	return STR_EMPTY;
}

struct cal_time cal_time_read(struct arena *a, icalcomponent *calendar, icalproperty *p, struct icaltimetype t,
			      int year)
{
	icalparameter *zone = icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER);
	struct cal_time ret = { .given = cal_time_is_sane(t), .is_date = t.is_date, .local = cal_local_of(t) };
	struct str tzid = zone ? str_of(icalparameter_get_tzid(zone)) : zone_of_calendar(calendar);

	if (t.is_date)
		ret.local.hour = ret.local.minute = ret.local.second = 0;
	else if (tzid.n && !icaltime_is_utc(t) && cal_zone_find(calendar, tzid, year ? year : t.year, &ret.zone) &&
		 arena_str(a, tzid, &ret.tzid))
		ret.given = false;
	if (ret.given)
		ret.utc_ms = zone_to_utc(&ret.zone, ret.local);
	return ret;
}

static struct cal_time time_of(struct cal_reading *r, icalproperty *p, struct icaltimetype t)
{
	return cal_time_read(r->arena, r->calendar, p, t, r->year);
}

int cal_zone_year(icalcomponent *event)
{
	icalproperty *p = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
	struct icalrecurrencetype rule;

	if (!p || !icalproperty_get_value(p))
		return 0;
	rule = icalproperty_get_rrule(p);
	if (icaltime_is_null_time(rule.until) && !rule.count)
		return CAL_YEAR_LATEST;
	return icaltime_is_null_time(rule.until) ? 0 : rule.until.year;
}

static enum err take_start(struct cal_reading *r, icalproperty *p)
{
	r->event->start = time_of(r, p, icalproperty_get_dtstart(p));
	return ERR_OK;
}

static enum err take_end(struct cal_reading *r, icalproperty *p)
{
	r->event->end = time_of(r, p, icalproperty_get_dtend(p));
	return ERR_OK;
}

static enum err take_stamp(struct cal_reading *r, icalproperty *p)
{
	r->event->stamp = time_of(r, p, icalproperty_get_dtstamp(p));
	return ERR_OK;
}

static enum err take_recurrence_id(struct cal_reading *r, icalproperty *p)
{
	icalparameter *range = icalproperty_get_first_parameter(p, ICAL_RANGE_PARAMETER);

	r->event->recurrence_id = time_of(r, p, icalproperty_get_recurrenceid(p));
	r->event->this_and_future = range && icalparameter_get_range(range) == ICAL_RANGE_THISANDFUTURE;
	return ERR_OK;
}

int64_t cal_seconds_of(struct icaldurationtype d)
{
	int64_t s = (((int64_t)d.weeks * 7 + d.days) * 24 + d.hours) * 3600 + (int64_t)d.minutes * 60 + d.seconds;

	return d.is_neg ? -s : s;
}

static enum err take_duration(struct cal_reading *r, icalproperty *p)
{
	r->duration_s = cal_seconds_of(icalproperty_get_duration(p));
	r->has_duration = true;
	return ERR_OK;
}

/* ---- the rule ---- */

static enum err take_rule(struct cal_reading *r, icalproperty *p)
{
	struct icalrecurrencetype rule = icalproperty_get_rrule(p);
	icalparameter *type = NULL;

	if (r->has_rule++) {
		r->event->recurrence = (struct cal_recurrence){ .odd = true, .interval = 1 };
		return ERR_OK;
	}
	cal_rule_read(&rule, &r->event->start, &r->event->recurrence);
	for (type = icalproperty_get_first_parameter(p, ICAL_X_PARAMETER); type;
	     type = icalproperty_get_next_parameter(p, ICAL_X_PARAMETER)) {
		uint64_t n;

		if (str_ieq(str_of(icalparameter_get_xname(type)), S("X-ROOST-CALENDAR")) &&
		    !str_to_u64(str_of(icalparameter_get_xvalue(type)), 20, &n) && !r->event->recurrence.odd)
			r->event->recurrence.calendar_type = (int)n;
	}
	return ERR_OK;
}

/* Dates beside a rule, or instead of one. */
static enum err take_date(struct cal_reading *r, icalproperty *p)
{
	(void)p;
	r->event->recurrence = (struct cal_recurrence){ .odd = true, .interval = 1 };
	return ERR_OK;
}

/* ---- the others ---- */

static enum err take_class(struct cal_reading *r, icalproperty *p)
{
	switch ((int)icalproperty_get_class(p)) {
	case ICAL_CLASS_PRIVATE:
		if (r->event->sensitivity != CAL_PERSONAL)
			r->event->sensitivity = CAL_PRIVATE;
		break;
	case ICAL_CLASS_CONFIDENTIAL:
		r->event->sensitivity = CAL_CONFIDENTIAL;
		break;
	default:
		break;
	}
	return ERR_OK;
}

static void set_busy(struct cal_reading *r, enum cal_busy busy, enum cal_busy_source source)
{
	if (source < r->busy_source)
		return;
	r->event->busy = busy;
	r->busy_source = source;
}

static enum err take_transparency(struct cal_reading *r, icalproperty *p)
{
	if (icalproperty_get_transp(p) == ICAL_TRANSP_TRANSPARENT)
		set_busy(r, CAL_FREE, BUSY_TRANSPARENCY);
	return ERR_OK;
}

static enum err take_status(struct cal_reading *r, icalproperty *p)
{
	int status = (int)icalproperty_get_status(p);

	r->event->cancelled = status == ICAL_STATUS_CANCELLED;
	if (status == ICAL_STATUS_TENTATIVE && r->is_stored)
		set_busy(r, CAL_TENTATIVE, BUSY_STATUS);
	return ERR_OK;
}

static enum err take_conference(struct cal_reading *r, icalproperty *p)
{
	struct str uri = str_of(icalproperty_get_conference(p));

	return keep_text(r, uri.p, CAL_UID_MAX,
			 str_istarts(uri, S("http")) ? &r->event->external_link : &r->event->conference);
}

static enum err take_geo(struct cal_reading *r, icalproperty *p)
{
	struct icalgeotype geo = icalproperty_get_geo(p);
	CLEANUP(buf_release) struct buf text = BUF_INIT(100);
	size_t n;

	if (geo.lat < -90 || geo.lat > 90 || geo.lon < -180 || geo.lon > 180)
		return ERR_OK;
	buf_fmt(&text, "%.10g", geo.lat);
	n = text.n;
	buf_fmt(&text, "%.10g", geo.lon);
	TRY(buf_status(&text));
	TRY(arena_str(r->arena, str_slice(buf_view(&text), 0, n), &r->event->place.latitude));
	return arena_str(r->arena, str_slice(buf_view(&text), n, text.n), &r->event->place.longitude);
}

static enum err take_sequence(struct cal_reading *r, icalproperty *p)
{
	r->event->sequence = icalproperty_get_sequence(p);
	return ERR_OK;
}

static void take_busy(struct cal_reading *r, struct str value, bool intended)
{
	static const struct {
		struct str word;
		enum cal_busy busy;
	} words[] = {
		{ STR_INIT("FREE"), CAL_FREE },
		{ STR_INIT("TENTATIVE"), CAL_TENTATIVE },
		{ STR_INIT("BUSY"), CAL_BUSY },
		{ STR_INIT("OOF"), CAL_OUT },
		{ STR_INIT("WORKINGELSEWHERE"), CAL_ELSEWHERE },
	};

	for (size_t i = 0; i < countof(words); i++)
		if (str_ieq(value, words[i].word))
			set_busy(r, words[i].busy, intended != r->is_stored ? BUSY_FIRST : BUSY_OTHER);
}

/* Values that iCalendar has no property for, and those of others that have become customary. */
#define PLACE(name, field)                                                    \
	{                                                                     \
		STR_INIT(name), offsetof(struct cal_event, place.field), true \
	}
#define OTHER(name, field)                                               \
	{                                                                \
		STR_INIT(name), offsetof(struct cal_event, field), false \
	}
const struct cal_x_text cal_x_texts[] = {
	PLACE("X-ROOST-PLACE-ANNOTATION", annotation),
	PLACE("X-ROOST-PLACE-STREET", street),
	PLACE("X-ROOST-PLACE-CITY", city),
	PLACE("X-ROOST-PLACE-STATE", state),
	PLACE("X-ROOST-PLACE-COUNTRY", country),
	PLACE("X-ROOST-PLACE-POSTALCODE", postal_code),
	PLACE("X-ROOST-PLACE-ACCURACY", accuracy),
	PLACE("X-ROOST-PLACE-ALTITUDE", altitude),
	PLACE("X-ROOST-PLACE-ALTITUDEACCURACY", altitude_accuracy),
	PLACE("X-ROOST-PLACE-URI", uri),
	OTHER("X-ROOST-CLIENTUID", client_uid),
	OTHER("X-ROOST-SENDER", sender),
	OTHER("X-GOOGLE-CONFERENCE", external_link),
	OTHER("X-MICROSOFT-SKYPETEAMSMEETINGURL", external_link),
	OTHER("X-MICROSOFT-CONFERENCETELURI", conference),
};
const size_t cal_x_texts_n = countof(cal_x_texts);

static enum err take_attachment(struct cal_reading *r, icalproperty *p)
{
	struct cal_event *e = r->event;
	char *text = icalproperty_as_ical_string_r(p);
	struct str line, value;
	enum cal_attach_kind kind;
	struct cal_attachment found;
	enum err err = ERR_OK;

	if (!text)
		return ERR_OK;
	if (!e->attachments)
		e->attachments = arena_array(r->arena, CAL_ATTACHMENTS_MAX, sizeof(*e->attachments));
	if (!e->attachments)
		err = ERR_LIMIT;
	else if (e->attachments_n < CAL_ATTACHMENTS_MAX)
		err = ical_unfold(r->arena, str_trim(str_of(text)), &line);
	if (!err && e->attachments_n < CAL_ATTACHMENTS_MAX)
		err = cal_attach_read(r->arena, line, &kind, &found, &value);
	if (!err && e->attachments_n < CAL_ATTACHMENTS_MAX && kind == CAL_ATTACH_STORED)
		e->attachments[e->attachments_n++] = found;
	icalmemory_free_buffer(text);
	return err;
}

/* X-ROOST-ANSWER:3;1784113200000 */
static void take_answer(struct cal_event *e, struct str value)
{
	struct str answer;
	uint64_t n;
	int64_t ms;

	if (!str_cut(&value, ';', &answer) || str_to_u64(answer, CAL_ANSWER_NONE, &n))
		return;
	e->answer = (enum cal_answer)n;
	if (!str_to_i64(value, &ms))
		e->answered_ms = ms;
}

static enum err take_x(struct cal_reading *r, icalproperty *p)
{
	struct str name = str_of(icalproperty_get_x_name(p)), value = str_of(icalproperty_get_x(p));

	if (str_ieq(name, S("X-MICROSOFT-CDO-INTENDEDSTATUS")))
		take_busy(r, value, true);
	else if (str_ieq(name, S("X-MICROSOFT-CDO-BUSYSTATUS")))
		take_busy(r, value, false);
	else if (str_ieq(name, S("X-MICROSOFT-DISALLOW-COUNTER")))
		r->event->no_counter = str_ieq(value, S("TRUE"));
	else if (str_ieq(name, S("X-ALT-DESC")))
		return keep_lines(r, value.p, &r->event->html);
	else if (str_ieq(name, S("X-ROOST-PERSONAL")))
		r->event->sensitivity = CAL_PERSONAL;
	else if (str_ieq(name, S("X-ROOST-ANSWER")))
		take_answer(r->event, value);
	for (size_t i = 0; i < countof(cal_x_texts); i++)
		if (str_ieq(name, cal_x_texts[i].name))
			return keep_text(r, value.p, CAL_TEXT_MAX,
					 (struct str *)(void *)((char *)r->event + cal_x_texts[i].at));
	return ERR_OK;
}

static const struct {
	icalproperty_kind kind;
	enum err (*take)(struct cal_reading *r, icalproperty *p);
} properties[] = {
	{ ICAL_UID_PROPERTY, take_uid },
	{ ICAL_SUMMARY_PROPERTY, take_summary },
	{ ICAL_LOCATION_PROPERTY, take_location },
	{ ICAL_ORGANIZER_PROPERTY, take_organizer },
	{ ICAL_ATTENDEE_PROPERTY, take_attendee },
	{ ICAL_DESCRIPTION_PROPERTY, take_description },
	{ ICAL_CATEGORIES_PROPERTY, take_categories },
	{ ICAL_GEO_PROPERTY, take_geo },
	{ ICAL_CONFERENCE_PROPERTY, take_conference },
	{ ICAL_ATTACH_PROPERTY, take_attachment },
	{ ICAL_DTSTART_PROPERTY, take_start },
	{ ICAL_DTEND_PROPERTY, take_end },
	{ ICAL_DURATION_PROPERTY, take_duration },
	{ ICAL_DTSTAMP_PROPERTY, take_stamp },
	{ ICAL_RECURRENCEID_PROPERTY, take_recurrence_id },
	{ ICAL_RRULE_PROPERTY, take_rule },
	{ ICAL_RDATE_PROPERTY, take_date },
	{ ICAL_EXRULE_PROPERTY, take_date },
	{ ICAL_TRANSP_PROPERTY, take_transparency },
	{ ICAL_STATUS_PROPERTY, take_status },
	{ ICAL_SEQUENCE_PROPERTY, take_sequence },
	{ ICAL_X_PROPERTY, take_x },
	{ ICAL_CLASS_PROPERTY, take_class }, /* X-ROOST-PERSONAL tells two apart */
};

static enum err read_properties(struct cal_reading *r, icalcomponent *event)
{
	for (size_t i = 0; i < countof(properties); i++)
		for (icalproperty *p = icalcomponent_get_first_property(event, properties[i].kind); p;
		     p = icalcomponent_get_next_property(event, properties[i].kind))
			if (icalproperty_get_value(p)) /* one that could not be read has none */
				TRY(properties[i].take(r, p));
	return ERR_OK;
}

/* The first alarm that is so long before the start; those at a time of their own, or after it, can't be said. */
static void read_reminder(struct cal_reading *r, icalcomponent *event)
{
	int n = 0;

	for (icalcomponent *alarm = icalcomponent_get_first_component(event, ICAL_VALARM_COMPONENT);
	     alarm && n < ALARMS_MAX; alarm = icalcomponent_get_next_component(event, ICAL_VALARM_COMPONENT), n++) {
		icalproperty *p = icalcomponent_get_first_property(alarm, ICAL_TRIGGER_PROPERTY);
		struct icaltriggertype trigger;

		if (!p || !icalproperty_get_value(p))
			continue;
		trigger = icalproperty_get_trigger(p);
		if (!icaltime_is_null_time(trigger.time) || cal_seconds_of(trigger.duration) > 0)
			continue;
		r->event->has_reminder = true;
		r->event->reminder_s = -cal_seconds_of(trigger.duration);
		return;
	}
}

/* RFC 5545 section 3.6.1: without an end a day lasts a day, and a time a moment. A negative duration is none. */
static void complete_end(struct cal_reading *r)
{
	struct cal_event *e = r->event;
	int64_t last = e->start.is_date ? INT64_C(86400000) : 0;

	if (!e->start.given)
		return;
	if (e->end.given && e->end.utc_ms >= e->start.utc_ms)
		return;
	if (r->has_duration && r->duration_s >= 0 && r->duration_s < (int64_t)CAL_DURATION_DAYS_MAX * 86400)
		last = r->duration_s * 1000;
	e->end = e->start;
	e->end.utc_ms += last;
	e->end.local = zone_from_utc(&e->end.zone, e->end.utc_ms);
}

/* ---- the calendar ---- */

static enum cal_method method_of(icalcomponent *calendar)
{
	icalproperty *p = icalcomponent_get_first_property(calendar, ICAL_METHOD_PROPERTY);

	switch (p && icalproperty_get_value(p) ? (int)icalproperty_get_method(p) : ICAL_METHOD_NONE) {
	case ICAL_METHOD_REQUEST:
		return CAL_REQUEST;
	case ICAL_METHOD_CANCEL:
		return CAL_CANCEL;
	case ICAL_METHOD_REPLY:
		return CAL_REPLY;
	case ICAL_METHOD_COUNTER:
		return CAL_COUNTER;
	default:
		return CAL_OTHER;
	}
}

icalcomponent *cal_choose_event(icalcomponent *calendar, size_t *ret_n)
{
	icalcomponent *chosen = NULL, *first = NULL;

	*ret_n = 0;
	for (icalcomponent *e = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
	     e && *ret_n < CAL_EVENTS_MAX; e = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
		++*ret_n;
		if (!first)
			first = e;
		if (!chosen && !icalcomponent_get_first_property(e, ICAL_RECURRENCEID_PROPERTY))
			chosen = e;
	}
	return chosen ? chosen : first;
}

enum err cal_read_event(struct cal_reading *r, icalcomponent *event)
{
	r->component = event;
	r->event->busy = CAL_BUSY; /* MS-ASEMAIL R270 */
	r->event->method = method_of(r->calendar);
	TRY(read_properties(r, event));
	if (r->is_stored && !r->event->start.given) /* what is in a calendar has a time (RFC 5545 section 3.6.1) */
		r->event->start = r->event->stamp;
	read_reminder(r, event);
	complete_end(r);
	return ERR_OK;
}

/* Several calendars one behind the other are put into one root by the parser. */
static icalcomponent *first_calendar(icalcomponent *root)
{
	if (!root || icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT)
		return root;
	return icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT);
}

static void prepare_library(void)
{
	icalerror_set_errors_are_fatal(0);
}

void cal_component_free(icalcomponent **cp)
{
	if (*cp)
		icalcomponent_free(*cp);
	*cp = NULL;
}

static enum err drop_contents(void *ctx, struct str *line)
{
	bool *any = ctx;

	if (line->n <= CAL_TEXT_MAX)
		return ERR_OK;
	*line = STR_EMPTY;
	*any = true;
	return ERR_OK;
}

/* Contents of attachments that stand in a calendar do not count in its size, nor does libical copy them. */
static enum err without_contents(struct arena *a, struct str text, struct str *ret)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(4 * CAL_BYTES_MAX);
	bool any = false;

	if (text.n > CAL_WHOLE_MAX)
		return ERR_LIMIT;
	TRY(cal_attach_walk(a, text, drop_contents, &any, &out));
	if (!any)
		return ERR_LIMIT;
	return arena_str(a, buf_view(&out), ret);
}

enum err cal_parse(struct arena *a, struct str text, icalcomponent **ret_root, icalcomponent **ret)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	CLEANUP(cal_component_free) icalcomponent *root = NULL;
	const char *copy;

	if (text.n > CAL_BYTES_MAX)
		TRY(without_contents(a, text, &text));
	if (text.n > CAL_BYTES_MAX)
		return ERR_LIMIT;
	TRY(arena_cstr(a, text, &copy));
	pthread_once(&once, prepare_library);
	root = icalparser_parse_string(copy);
	*ret = first_calendar(root);
	if (!*ret)
		return ERR_INVALID;
	*ret_root = root;
	root = NULL;
	return ERR_OK;
}

enum err cal_event_read(struct arena *a, struct str text, struct cal_event *ret, size_t *ret_n)
{
	CLEANUP(cal_component_free) icalcomponent *root = NULL;
	struct cal_event event = { 0 };
	struct cal_reading r = { .arena = a, .event = &event };
	icalcomponent *chosen;

	TRY(cal_parse(a, text, &root, &r.calendar));
	chosen = cal_choose_event(r.calendar, ret_n);
	if (!chosen)
		return ERR_INVALID;
	r.year = cal_zone_year(chosen);
	TRY(cal_read_event(&r, chosen));
	*ret = event;
	return ERR_OK;
}
