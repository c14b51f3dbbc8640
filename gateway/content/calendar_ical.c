/* Reading iCalendar: the only unit that knows libical, with calendar_zone.c. */
#include <gateway/content/calendar.h>

#include <base/utf8.h>

#include <gateway/content/header_words.h>
#include <gateway/content/calendar_zone.h>

#include <pthread.h>

struct reading {
	struct arena *arena;
	icalcomponent *calendar;
	struct cal_event *event;
	int64_t duration_s;
	bool has_duration;
	bool has_intended; /* the organizer's own busy status goes before others */
};

/* ---- texts ---- */

static enum err keep_text(struct reading *r, const char *value, size_t max, struct str *ret)
{
	struct str s = utf8_prefix(str_of(value), max);
	CLEANUP(buf_release) struct buf text = BUF_INIT(3 * s.n + 1);

	header_plain_put(&text, s);
	TRY(buf_status(&text));
	return arena_str(r->arena, str_trim(buf_view(&text)), ret);
}

static enum err take_summary(struct reading *r, icalproperty *p)
{
	return keep_text(r, icalproperty_get_summary(p), CAL_TEXT_MAX, &r->event->summary);
}

static enum err take_location(struct reading *r, icalproperty *p)
{
	return keep_text(r, icalproperty_get_location(p), CAL_TEXT_MAX, &r->event->location);
}

static enum err take_uid(struct reading *r, icalproperty *p)
{
	const char *uid = icalproperty_get_uid(p);

	return str_of(uid).n > CAL_UID_MAX ? ERR_OK : keep_text(r, uid, CAL_UID_MAX, &r->event->uid);
}

static enum err take_organizer(struct reading *r, icalproperty *p)
{
	icalparameter *name = icalproperty_get_first_parameter(p, ICAL_CN_PARAMETER);
	struct str address;

	if (name)
		TRY(keep_text(r, icalparameter_get_cn(name), CAL_TEXT_MAX, &r->event->organizer_name));
	TRY(keep_text(r, icalproperty_get_organizer(p), CAL_UID_MAX, &address));
	if (str_istarts(address, S("mailto:")))
		address = str_slice(address, 7, address.n);
	r->event->organizer = address;
	return ERR_OK;
}

static enum err take_attendee(struct reading *r, icalproperty *p)
{
	icalparameter *rsvp = icalproperty_get_first_parameter(p, ICAL_RSVP_PARAMETER);

	if (rsvp && icalparameter_get_rsvp(rsvp) == ICAL_RSVP_TRUE)
		r->event->response_requested = true;
	return ERR_OK;
}

/* ---- times ---- */

static struct local_time local_of(struct icaltimetype t)
{
	return (struct local_time){ t.year, t.month, t.day, t.hour, t.minute, t.second };
}

static bool is_sane(struct icaltimetype t)
{
	return t.year >= 1601 && t.year <= 9999 && t.month >= 1 && t.month <= 12 && t.day >= 1 && t.day <= 31 &&
	       t.hour >= 0 && t.hour <= 23 && t.minute >= 0 && t.minute <= 59 && t.second >= 0 && t.second <= 60;
}

static struct cal_time time_of(struct reading *r, icalproperty *p, struct icaltimetype t)
{
	icalparameter *zone = icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER);
	struct cal_time ret = { .given = is_sane(t), .is_date = t.is_date, .local = local_of(t) };

	if (t.is_date)
		ret.local.hour = ret.local.minute = ret.local.second = 0;
	else if (zone && !icaltime_is_utc(t))
		cal_zone_find(r->calendar, str_of(icalparameter_get_tzid(zone)), &ret.zone);
	if (ret.given)
		ret.utc_ms = zone_to_utc(&ret.zone, ret.local);
	return ret;
}

static enum err take_start(struct reading *r, icalproperty *p)
{
	r->event->start = time_of(r, p, icalproperty_get_dtstart(p));
	return ERR_OK;
}

static enum err take_end(struct reading *r, icalproperty *p)
{
	r->event->end = time_of(r, p, icalproperty_get_dtend(p));
	return ERR_OK;
}

static enum err take_stamp(struct reading *r, icalproperty *p)
{
	r->event->stamp = time_of(r, p, icalproperty_get_dtstamp(p));
	return ERR_OK;
}

static enum err take_recurrence_id(struct reading *r, icalproperty *p)
{
	r->event->recurrence_id = time_of(r, p, icalproperty_get_recurrenceid(p));
	return ERR_OK;
}

static int64_t seconds_of(struct icaldurationtype d)
{
	int64_t s = (((int64_t)d.weeks * 7 + d.days) * 24 + d.hours) * 3600 + (int64_t)d.minutes * 60 + d.seconds;

	return d.is_neg ? -s : s;
}

static enum err take_duration(struct reading *r, icalproperty *p)
{
	r->duration_s = seconds_of(icalproperty_get_duration(p));
	r->has_duration = true;
	return ERR_OK;
}

/* ---- the rule ---- */

static enum cal_frequency frequency_of(icalrecurrencetype_frequency f)
{
	switch ((int)f) {
	case ICAL_DAILY_RECURRENCE:
		return CAL_DAILY;
	case ICAL_WEEKLY_RECURRENCE:
		return CAL_WEEKLY;
	case ICAL_MONTHLY_RECURRENCE:
		return CAL_MONTHLY;
	case ICAL_YEARLY_RECURRENCE:
		return CAL_YEARLY;
	default:
		return CAL_NEVER;
	}
}

/* -1 is the last one; positions further from the end can't be said. */
static int week_of(int position)
{
	return position == -1 ? 5 : position >= 1 && position <= 5 ? position : 0;
}

static void take_weekdays(const struct icalrecurrencetype *rule, struct cal_recurrence *ret)
{
	for (size_t i = 0; i < ICAL_BY_DAY_SIZE && rule->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
		int position = icalrecurrencetype_day_position(rule->by_day[i]);
		int day = (int)icalrecurrencetype_day_day_of_week(rule->by_day[i]);

		if (day < 1 || day > 7)
			continue;
		ret->weekdays |= 1u << (day - 1);
		if (position) {
			ret->odd |= week_of(position) == 0 || (ret->week && ret->week != week_of(position));
			ret->week = week_of(position);
		}
	}
	if (rule->by_set_pos[0] != ICAL_RECURRENCE_ARRAY_MAX) {
		ret->week = week_of(rule->by_set_pos[0]);
		ret->odd |= ret->week == 0 || rule->by_set_pos[1] != ICAL_RECURRENCE_ARRAY_MAX;
	}
}

static void take_days(const struct icalrecurrencetype *rule, struct cal_recurrence *ret)
{
	int day = rule->by_month_day[0], month = rule->by_month[0];

	if (month != ICAL_RECURRENCE_ARRAY_MAX) {
		ret->month = month >= 1 && month <= 12 ? month : 0;
		ret->odd |= ret->month == 0 || rule->by_month[1] != ICAL_RECURRENCE_ARRAY_MAX;
	}
	if (day == ICAL_RECURRENCE_ARRAY_MAX)
		return;
	ret->odd |= rule->by_month_day[1] != ICAL_RECURRENCE_ARRAY_MAX || day == 0 || day < -1 || day > 31;
	if (day == -1) { /* the last day of the month: of any weekday the last */
		ret->weekdays = 127;
		ret->week = 5;
	} else {
		ret->day_of_month = day;
	}
}

/* What is set of what a rule of ours has no word for. */
static bool is_odd(const struct icalrecurrencetype *rule)
{
	return rule->by_second[0] != ICAL_RECURRENCE_ARRAY_MAX || rule->by_minute[0] != ICAL_RECURRENCE_ARRAY_MAX ||
	       rule->by_hour[0] != ICAL_RECURRENCE_ARRAY_MAX || rule->by_year_day[0] != ICAL_RECURRENCE_ARRAY_MAX ||
	       rule->by_week_no[0] != ICAL_RECURRENCE_ARRAY_MAX;
}

static enum err take_rule(struct reading *r, icalproperty *p)
{
	struct icalrecurrencetype rule = icalproperty_get_rrule(p);
	struct cal_recurrence ret = { .frequency = frequency_of(rule.freq),
				      .odd = is_odd(&rule),
				      .interval = rule.interval >= 1 ? rule.interval : 1,
				      .count = rule.count > 0 ? rule.count : 0 };

	take_weekdays(&rule, &ret);
	take_days(&rule, &ret);
	ret.first_weekday = rule.week_start >= ICAL_SUNDAY_WEEKDAY && rule.week_start <= ICAL_SATURDAY_WEEKDAY
				    ? (int)rule.week_start - 1
				    : 1;
	if (!icaltime_is_null_time(rule.until) && is_sane(rule.until)) {
		struct zone_rules utc = { 0 };

		ret.has_until = true;
		ret.until_ms = zone_to_utc(&utc, local_of(rule.until));
	}
	ret.odd |= ret.frequency == CAL_NEVER;
	if (ret.odd)
		ret.frequency = CAL_NEVER;
	r->event->recurrence = ret;
	return ERR_OK;
}

/* What a rule leaves to the start of the series. */
static void complete_rule(struct cal_event *e)
{
	struct cal_recurrence *rule = &e->recurrence;
	const struct local_time *t = &e->start.local;
	int64_t days = days_of_date(t->year, t->month, t->day);

	if (rule->frequency == CAL_NEVER || !e->start.given)
		return;
	if (rule->frequency == CAL_WEEKLY && !rule->weekdays)
		rule->weekdays = 1u << (((days + 4) % 7 + 7) % 7);
	if (rule->frequency == CAL_WEEKLY || rule->frequency == CAL_DAILY)
		return;
	if (rule->weekdays && !rule->week) /* every Monday of a month can't be said */
		rule->odd = true;
	if (!rule->week && !rule->day_of_month)
		rule->day_of_month = t->day;
	if (rule->frequency == CAL_YEARLY && !rule->month)
		rule->month = t->month;
	if (rule->odd)
		rule->frequency = CAL_NEVER;
}

/* ---- the others ---- */

static enum err take_class(struct reading *r, icalproperty *p)
{
	switch ((int)icalproperty_get_class(p)) {
	case ICAL_CLASS_PRIVATE:
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

static enum err take_transparency(struct reading *r, icalproperty *p)
{
	if (icalproperty_get_transp(p) == ICAL_TRANSP_TRANSPARENT && !r->has_intended)
		r->event->busy = CAL_FREE;
	return ERR_OK;
}

static enum err take_sequence(struct reading *r, icalproperty *p)
{
	r->event->sequence = icalproperty_get_sequence(p);
	return ERR_OK;
}

static void take_busy(struct reading *r, struct str value, bool intended)
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

	if (r->has_intended && !intended)
		return;
	for (size_t i = 0; i < countof(words); i++)
		if (str_ieq(value, words[i].word)) {
			r->event->busy = words[i].busy;
			r->has_intended = true;
		}
}

static enum err take_x(struct reading *r, icalproperty *p)
{
	struct str name = str_of(icalproperty_get_x_name(p)), value = str_of(icalproperty_get_x(p));

	if (str_ieq(name, S("X-MICROSOFT-CDO-INTENDEDSTATUS")))
		take_busy(r, value, true);
	else if (str_ieq(name, S("X-MICROSOFT-CDO-BUSYSTATUS")))
		take_busy(r, value, false);
	else if (str_ieq(name, S("X-MICROSOFT-DISALLOW-COUNTER")))
		r->event->no_counter = str_ieq(value, S("TRUE"));
	return ERR_OK;
}

static const struct {
	icalproperty_kind kind;
	enum err (*take)(struct reading *r, icalproperty *p);
} properties[] = {
	{ ICAL_UID_PROPERTY, take_uid },
	{ ICAL_SUMMARY_PROPERTY, take_summary },
	{ ICAL_LOCATION_PROPERTY, take_location },
	{ ICAL_ORGANIZER_PROPERTY, take_organizer },
	{ ICAL_ATTENDEE_PROPERTY, take_attendee },
	{ ICAL_DTSTART_PROPERTY, take_start },
	{ ICAL_DTEND_PROPERTY, take_end },
	{ ICAL_DURATION_PROPERTY, take_duration },
	{ ICAL_DTSTAMP_PROPERTY, take_stamp },
	{ ICAL_RECURRENCEID_PROPERTY, take_recurrence_id },
	{ ICAL_RRULE_PROPERTY, take_rule },
	{ ICAL_CLASS_PROPERTY, take_class },
	{ ICAL_TRANSP_PROPERTY, take_transparency },
	{ ICAL_SEQUENCE_PROPERTY, take_sequence },
	{ ICAL_X_PROPERTY, take_x },
};

static enum err read_properties(struct reading *r, icalcomponent *event)
{
	for (size_t i = 0; i < countof(properties); i++)
		for (icalproperty *p = icalcomponent_get_first_property(event, properties[i].kind); p;
		     p = icalcomponent_get_next_property(event, properties[i].kind))
			if (icalproperty_get_value(p)) /* one that could not be read has none */
				TRY(properties[i].take(r, p));
	return ERR_OK;
}

static void read_reminder(struct reading *r, icalcomponent *event)
{
	icalcomponent *alarm = icalcomponent_get_first_component(event, ICAL_VALARM_COMPONENT);
	icalproperty *p = alarm ? icalcomponent_get_first_property(alarm, ICAL_TRIGGER_PROPERTY) : NULL;
	struct icaltriggertype trigger;

	if (!p || !icalproperty_get_value(p))
		return;
	trigger = icalproperty_get_trigger(p);
	if (!icaltime_is_null_time(trigger.time) || seconds_of(trigger.duration) > 0)
		return;
	r->event->has_reminder = true;
	r->event->reminder_s = -seconds_of(trigger.duration);
}

/* RFC 5545 section 3.6.1: without an end a day lasts a day, and a time a moment. */
static void complete_end(struct reading *r)
{
	struct cal_event *e = r->event;

	if (e->end.given || !e->start.given)
		return;
	e->end = e->start;
	e->end.utc_ms += r->has_duration ? r->duration_s * 1000 : e->start.is_date ? INT64_C(86400000) : 0;
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

/* The first that is no exception of a series, else the first. */
static icalcomponent *choose_event(icalcomponent *calendar, size_t *ret_n)
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

static enum err read_calendar(struct reading *r, size_t *ret_n)
{
	icalcomponent *event = choose_event(r->calendar, ret_n);

	if (!event)
		return ERR_INVALID;
	r->event->busy = CAL_BUSY; /* MS-ASEMAIL R270 */
	r->event->method = method_of(r->calendar);
	TRY(read_properties(r, event));
	read_reminder(r, event);
	complete_end(r);
	complete_rule(r->event);
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

enum err cal_event_read(struct arena *a, struct str text, struct cal_event *ret, size_t *ret_n)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct cal_event event = { 0 };
	struct reading r = { .arena = a, .event = &event };
	const char *copy;
	icalcomponent *root;
	enum err e = ERR_INVALID;

	if (text.n > CAL_BYTES_MAX)
		return ERR_LIMIT;
	TRY(arena_cstr(a, text, &copy));
	pthread_once(&once, prepare_library);
	root = icalparser_parse_string(copy);
	r.calendar = first_calendar(root);
	if (r.calendar)
		e = read_calendar(&r, ret_n);
	if (root)
		icalcomponent_free(root);
	if (!e)
		*ret = event;
	return e;
}
