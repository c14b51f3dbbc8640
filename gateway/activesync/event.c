/* Events as ApplicationData. */
#include <gateway/activesync/event.h>

#include <base/log.h>
#include <base/utf8.h>
#include <gateway/activesync/event_body.h>
#include <gateway/activesync/item_body.h>
#include <gateway/activesync/limits.h>
#include <gateway/mailbox/entry.h>

struct showing {
	const struct item_view *view;
	const struct cal_series *series;
	const struct cal_event *event; /* that of the series, or an exception */
	const struct cal_event *above; /* of an exception the series' event; else NULL */
	const struct item *item;       /* NULL: of a placeholder */
};

/* ---- who ---- */

static bool is_meeting(const struct cal_event *e)
{
	return e->attendees_n > 0 || (e->organizer.n > 0 && e->answer != CAL_ANSWER_UNKNOWN);
}

/* Somebody else's: what has been answered, or is to be, or names another organizer. */
static bool is_received(const struct showing *s)
{
	const struct cal_event *e = s->above ? s->above : s->event;

	if (e->answer != CAL_ANSWER_UNKNOWN)
		return e->answer != CAL_ANSWER_ORGANIZER;
	return e->organizer.n && s->view->owner.n && !str_ieq(e->organizer, s->view->owner);
}

static enum cal_answer own_answer(const struct showing *s)
{
	const struct cal_event *e = s->event;

	if (e->answer != CAL_ANSWER_UNKNOWN)
		return e->answer;
	for (size_t i = 0; i < e->attendees_n; i++)
		if (s->view->owner.n && str_ieq(e->attendees[i].address, s->view->owner) &&
		    e->attendees[i].answer != CAL_ANSWER_UNKNOWN)
			return e->attendees[i].answer;
	return CAL_ANSWER_NONE;
}

/* ---- the body ---- */

static void put_flat(struct wbxml_writer *w, const struct showing *s, struct str whole, struct str given)
{
	if (whole.n == 0 && !s->above)
		return;
	wbxml_put_text(w, TAG_CALENDAR_BODY, given);
	if (given.n < whole.n)
		wbxml_put_bool(w, TAG_CALENDAR_BODYTRUNCATED, true);
}

static enum err put_body(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	CLEANUP(buf_release) struct buf whole = BUF_INIT(EAS_MAX_TEXT_BODY_BYTES);
	const enum body_type type = item_body_type(s->view, s->event->html.n > 0);
	const struct event_body body = { s->series, s->event, s->above != NULL };
	struct str given;

	if (s->view->no_body)
		return ERR_OK;
	TRY(type == BODY_HTML ? event_body_html(&body, &whole) : event_body_plain(s->view->arena, &body, &whole));
	TRY(buf_status(&whole));
	given = item_body_cut(s->view, type, buf_view(&whole));
	if (tag == TAG_CALENDAR_BODY)
		put_flat(w, s, buf_view(&whole), given);
	else
		item_body_put_base(w, s->view, type, buf_view(&whole), given);
	return ERR_OK;
}

/* ---- the properties ---- */

/* Of an exception that it is so is said, where the series has it (MS-ASCAL R539). */
static void put_absence(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (s->above)
		wbxml_empty(w, tag);
}

typedef enum err put_fn(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s);

/* MS-ASCAL R2006, R2007: days have no zone from 16.0 on. Before, they are told as those of UTC. */
static enum err put_zone(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	CLEANUP(buf_release) struct buf blob = BUF_INIT(256);
	const struct cal_recurrence *r = &s->event->recurrence;
	struct zone_rules zone = s->event->start.zone;

	if (s->event->start.is_date && s->view->version >= EAS_16_0)
		return ERR_OK;
	/* What lies in one year is told by that one's days. */
	if ((r->frequency == CAL_NEVER && !r->odd) ||
	    (r->has_until && zone_from_utc(&zone, r->until_ms).year == s->event->start.local.year))
		zone = zone_of_year(&zone, s->event->start.local.year);
	zone_blob_put(&blob, &zone);
	TRY(buf_status(&blob));
	wbxml_put_text(w, tag, buf_view(&blob));
	return ERR_OK;
}

static enum err put_all_day(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	wbxml_put_u64(w, tag, s->event->start.is_date);
	return ERR_OK;
}

static enum err put_start(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	event_put_time(w, tag, s->event->start.utc_ms);
	return ERR_OK;
}

static enum err put_end(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	event_put_time(w, tag, s->event->end.utc_ms);
	return ERR_OK;
}

static enum err put_stamp(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	event_put_time(w, tag, s->event->stamp.given ? s->event->stamp.utc_ms : s->event->start.utc_ms);
	return ERR_OK;
}

static enum err put_subject(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (s->event->summary.n || s->above)
		wbxml_put_text(w, tag, s->event->summary);
	return ERR_OK;
}

static enum err put_uid(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	wbxml_put_text(w, tag, utf8_prefix(s->event->uid, EVENT_MAX_UID_CHARS));
	return ERR_OK;
}

static enum err put_flat_location(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (s->event->location.n || s->above)
		wbxml_put_text(w, tag, s->event->location);
	return ERR_OK;
}

const struct event_place_field event_place_fields[EVENT_PLACE_FIELDS] = {
	{ TAG_AIRSYNCBASE_DISPLAYNAME, offsetof(struct cal_event, location) },
	{ TAG_AIRSYNCBASE_ANNOTATION, offsetof(struct cal_event, place.annotation) },
	{ TAG_AIRSYNCBASE_STREET, offsetof(struct cal_event, place.street) },
	{ TAG_AIRSYNCBASE_CITY, offsetof(struct cal_event, place.city) },
	{ TAG_AIRSYNCBASE_STATE, offsetof(struct cal_event, place.state) },
	{ TAG_AIRSYNCBASE_COUNTRY, offsetof(struct cal_event, place.country) },
	{ TAG_AIRSYNCBASE_POSTALCODE, offsetof(struct cal_event, place.postal_code) },
	{ TAG_AIRSYNCBASE_LATITUDE, offsetof(struct cal_event, place.latitude) },
	{ TAG_AIRSYNCBASE_LONGITUDE, offsetof(struct cal_event, place.longitude) },
	{ TAG_AIRSYNCBASE_ACCURACY, offsetof(struct cal_event, place.accuracy) },
	{ TAG_AIRSYNCBASE_ALTITUDE, offsetof(struct cal_event, place.altitude) },
	{ TAG_AIRSYNCBASE_ALTITUDEACCURACY, offsetof(struct cal_event, place.altitude_accuracy) },
	{ TAG_AIRSYNCBASE_LOCATIONURI, offsetof(struct cal_event, place.uri) },
};

static enum err put_location(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	bool any = s->above;

	for (size_t i = 0; i < countof(event_place_fields); i++)
		any |= ((const struct str *)(const void *)((const char *)s->event + event_place_fields[i].at))->n > 0;
	if (!any)
		return ERR_OK;
	wbxml_open(w, tag);
	for (size_t i = 0; i < countof(event_place_fields); i++) {
		struct str text =
			*(const struct str *)(const void *)((const char *)s->event + event_place_fields[i].at);

		if (text.n)
			wbxml_put_text(w, event_place_fields[i].tag, text);
	}
	wbxml_close(w, tag);
	return ERR_OK;
}

static enum err put_organizer_name(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	const struct cal_event *e = s->event;

	if (e->organizer.n)
		wbxml_put_text(w, tag, e->organizer_name.n ? e->organizer_name : e->organizer);
	return ERR_OK;
}

static enum err put_organizer(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (s->event->organizer.n)
		wbxml_put_text(w, tag, s->event->organizer);
	return ERR_OK;
}

/* R2235, R2043, R2044: working elsewhere is new in 16.0; who does can be reached. */
static enum err put_busy(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	bool known = s->event->busy != CAL_ELSEWHERE || s->view->version >= EAS_16_0;

	wbxml_put_u64(w, tag, known ? s->event->busy : CAL_FREE);
	return ERR_OK;
}

static enum err put_sensitivity(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	wbxml_put_u64(w, tag, s->event->sensitivity);
	return ERR_OK;
}

static enum err put_reminder(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (s->event->has_reminder)
		wbxml_put_i64(w, tag, s->event->reminder_s / 60);
	else if (s->above && s->view->version >= EAS_14_1) /* R2185: before, none can't be said */
		wbxml_empty(w, tag);
	return ERR_OK;
}

/* R31812 to R31814: bits for a meeting, for one of somebody else, for one that is called off. */
static enum err put_meeting_status(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	unsigned meeting = is_meeting(s->above ? s->above : s->event);

	wbxml_put_u64(w, tag, meeting ? 1u | (is_received(s) ? 2u : 0) | (s->event->cancelled ? 4u : 0) : 0);
	return ERR_OK;
}

static void put_attendee(struct wbxml_writer *w, const struct showing *s, const struct cal_attendee *a)
{
	wbxml_open(w, TAG_CALENDAR_ATTENDEE);
	wbxml_put_text(w, TAG_CALENDAR_EMAIL, a->address);
	wbxml_put_text(w, TAG_CALENDAR_NAME, a->name.n ? a->name : a->address);
	if (wbxml_tag_in(TAG_CALENDAR_ATTENDEESTATUS, s->view->version))
		wbxml_put_u64(w, TAG_CALENDAR_ATTENDEESTATUS, a->answer);
	if (wbxml_tag_in(TAG_CALENDAR_ATTENDEETYPE, s->view->version))
		wbxml_put_u64(w, TAG_CALENDAR_ATTENDEETYPE, a->role);
	if (a->proposes && wbxml_tag_in(TAG_MEETINGRESPONSE_PROPOSEDSTARTTIME, s->view->version)) {
		event_put_time(w, TAG_MEETINGRESPONSE_PROPOSEDSTARTTIME, a->proposed_start_ms);
		event_put_time(w, TAG_MEETINGRESPONSE_PROPOSEDENDTIME, a->proposed_end_ms);
	}
	wbxml_close(w, TAG_CALENDAR_ATTENDEE);
}

static enum err put_attendees(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (s->event->attendees_n == 0) {
		put_absence(w, tag, s);
		return ERR_OK;
	}
	wbxml_open(w, tag);
	for (size_t i = 0; i < s->event->attendees_n; i++)
		put_attendee(w, s, &s->event->attendees[i]);
	wbxml_close(w, tag);
	return ERR_OK;
}

static enum err put_categories(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (s->event->categories_n == 0) {
		put_absence(w, tag, s);
		return ERR_OK;
	}
	wbxml_open(w, tag);
	for (size_t i = 0; i < s->event->categories_n; i++)
		wbxml_put_text(w, TAG_CALENDAR_CATEGORY, s->event->categories[i]);
	wbxml_close(w, tag);
	return ERR_OK;
}

static enum err put_rule(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	(void)tag;
	if (s->event->recurrence.frequency != CAL_NEVER)
		event_put_recurrence(w, &s->event->recurrence, s->view->version);
	return ERR_OK;
}

static enum err put_flag_meeting(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (is_meeting(s->event))
		wbxml_put_bool(w, tag, s->event->response_requested);
	return ERR_OK;
}

static enum err put_answered(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (s->event->answered_ms && s->event->answer >= CAL_ANSWER_TENTATIVE)
		event_put_time(w, tag, s->event->answered_ms);
	return ERR_OK;
}

static enum err put_response_type(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (is_meeting(s->above ? s->above : s->event))
		wbxml_put_u64(w, tag, is_received(s) ? own_answer(s) : CAL_ANSWER_ORGANIZER);
	return ERR_OK;
}

static enum err put_no_counter(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (is_meeting(s->event))
		wbxml_put_bool(w, tag, s->event->no_counter);
	return ERR_OK;
}

static enum err put_native(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	wbxml_put_u64(w, tag, s->event->html.n ? BODY_HTML : BODY_PLAIN);
	return ERR_OK;
}

static enum err put_conference(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (s->event->conference.n || s->above)
		wbxml_put_text(w, tag, s->event->conference);
	return ERR_OK;
}

static enum err put_link(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	if (s->event->external_link.n || s->above)
		wbxml_put_text(w, tag, s->event->external_link);
	return ERR_OK;
}

/* R2107: from 16.0 on. An exception that has none of the series' says so. */
static enum err put_attachments(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	const struct cal_event *e = s->event;
	struct item item;

	if (s->view->version < EAS_16_0 || !s->item || (e->attachments_n == 0 && !s->above))
		return ERR_OK;
	item = *s->item;
	if (s->view->mount)
		item.folder = s->view->mount;
	wbxml_open(w, tag);
	for (size_t i = 0; i < e->attachments_n; i++)
		TRY(event_put_attachment(w, &item, &e->attachments[i], STR_EMPTY));
	wbxml_close(w, tag);
	return ERR_OK;
}

static enum err put_exceptions(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s);

/* `field`: in an exception only where that differs from the series; 0: never in one. */
static const struct property {
	enum wbxml_tag tag;
	put_fn *put;
	unsigned field;
	enum eas_version in_exception; /* from then on */
} properties[] = {
	{ TAG_CALENDAR_TIMEZONE, put_zone, 0, EAS_2_5 },
	{ TAG_CALENDAR_ALLDAYEVENT, put_all_day, CAL_FIELD_TIMES, EAS_2_5 },
	{ TAG_CALENDAR_STARTTIME, put_start, CAL_FIELD_TIMES, EAS_2_5 },
	{ TAG_CALENDAR_ENDTIME, put_end, CAL_FIELD_TIMES, EAS_2_5 },
	{ TAG_CALENDAR_DTSTAMP, put_stamp, 0, EAS_2_5 },
	{ TAG_CALENDAR_SUBJECT, put_subject, CAL_FIELD_SUMMARY, EAS_2_5 },
	{ TAG_CALENDAR_UID, put_uid, 0, EAS_2_5 },
	{ TAG_CALENDAR_LOCATION, put_flat_location, CAL_FIELD_LOCATION, EAS_2_5 },
	{ TAG_AIRSYNCBASE_LOCATION, put_location, CAL_FIELD_LOCATION, EAS_2_5 },
	{ TAG_CALENDAR_ORGANIZERNAME, put_organizer_name, 0, EAS_2_5 },
	{ TAG_CALENDAR_ORGANIZEREMAIL, put_organizer, 0, EAS_2_5 },
	{ TAG_CALENDAR_BUSYSTATUS, put_busy, CAL_FIELD_BUSY, EAS_2_5 },
	{ TAG_CALENDAR_SENSITIVITY, put_sensitivity, CAL_FIELD_CLASS, EAS_2_5 },
	{ TAG_CALENDAR_REMINDER, put_reminder, CAL_FIELD_REMINDER, EAS_2_5 },
	{ TAG_CALENDAR_MEETINGSTATUS, put_meeting_status, CAL_FIELD_CANCELLED, EAS_2_5 },
	{ TAG_CALENDAR_ATTENDEES, put_attendees, CAL_FIELD_ATTENDEES, EAS_14_0 },
	{ TAG_CALENDAR_CATEGORIES, put_categories, CAL_FIELD_CATEGORIES, EAS_2_5 },
	{ TAG_CALENDAR_RECURRENCE, put_rule, 0, EAS_2_5 },
	{ TAG_CALENDAR_EXCEPTIONS, put_exceptions, 0, EAS_2_5 },
	{ TAG_AIRSYNCBASE_ATTACHMENTS, put_attachments, CAL_FIELD_ATTACHMENTS, EAS_16_0 },
	{ TAG_CALENDAR_BODY, put_body, CAL_FIELD_BODY, EAS_2_5 },
	{ TAG_AIRSYNCBASE_BODY, put_body, CAL_FIELD_BODY, EAS_2_5 },
	{ TAG_AIRSYNCBASE_NATIVEBODYTYPE, put_native, 0, EAS_2_5 },
	{ TAG_CALENDAR_RESPONSEREQUESTED, put_flag_meeting, 0, EAS_2_5 },
	{ TAG_CALENDAR_APPOINTMENTREPLYTIME, put_answered, CAL_FIELD_ANSWER, EAS_14_0 },
	{ TAG_CALENDAR_RESPONSETYPE, put_response_type, CAL_FIELD_ANSWER, EAS_14_0 },
	{ TAG_CALENDAR_DISALLOWNEWTIMEPROPOSAL, put_no_counter, 0, EAS_2_5 },
	{ TAG_CALENDAR_ONLINEMEETINGCONFLINK, put_conference, CAL_FIELD_LINKS, EAS_14_0 },
	{ TAG_CALENDAR_ONLINEMEETINGEXTERNALLINK, put_link, CAL_FIELD_LINKS, EAS_14_0 },
};

/* ---- exceptions ---- */

static void put_instance(struct wbxml_writer *w, const struct showing *s, int64_t ms)
{
	bool has_id = wbxml_tag_in(TAG_AIRSYNCBASE_INSTANCEID, s->view->version);

	event_put_time(w, has_id ? TAG_AIRSYNCBASE_INSTANCEID : TAG_CALENDAR_EXCEPTIONSTARTTIME, ms);
}

/*
 * What the exception says otherwise than the series; its times always. MS-ASCAL R539, R543: what it has not, and the series has, is
 * an empty element.
 */
static enum err put_exception(struct wbxml_writer *w, const struct showing *s, const struct cal_event *exception)
{
	struct showing x = {
		.view = s->view, .series = s->series, .event = exception, .above = s->event, .item = s->item
	};
	struct cal_change differs = { .what = UINT32_MAX, .to = *exception };

	cal_change_reduce(&differs, s->event);
	differs.what |= CAL_FIELD_TIMES;
	wbxml_open(w, TAG_CALENDAR_EXCEPTION);
	put_instance(w, s, exception->recurrence_id.utc_ms);
	for (size_t i = 0; i < countof(properties); i++) {
		const struct property *p = &properties[i];

		if (wbxml_tag_in(p->tag, s->view->version) && s->view->version >= p->in_exception &&
		    p->field & differs.what)
			TRY(p->put(w, p->tag, &x));
	}
	wbxml_close(w, TAG_CALENDAR_EXCEPTION);
	return ERR_OK;
}

static enum err put_exceptions(struct wbxml_writer *w, enum wbxml_tag tag, const struct showing *s)
{
	const struct cal_series *series = s->series;
	size_t n = 0;

	if (s->event->recurrence.frequency == CAL_NEVER || series->exceptions_n + series->deleted_n == 0)
		return ERR_OK;
	wbxml_open(w, tag);
	for (size_t i = 0; i < series->exceptions_n && n < EVENT_MAX_EXCEPTIONS; i++, n++)
		TRY(put_exception(w, s, &series->exceptions[i]));
	for (size_t i = 0; i < series->deleted_n && n < EVENT_MAX_EXCEPTIONS; i++, n++) {
		wbxml_open(w, TAG_CALENDAR_EXCEPTION);
		wbxml_put_u64(w, TAG_CALENDAR_DELETED, 1);
		put_instance(w, s, series->deleted[i].utc_ms);
		wbxml_close(w, TAG_CALENDAR_EXCEPTION);
	}
	wbxml_close(w, tag);
	return ERR_OK;
}

/* ---- the whole ---- */

static enum err put_properties(struct wbxml_writer *w, const struct item_view *v, const struct item *item,
			       const struct cal_series *series)
{
	const struct showing s = { .view = v, .series = series, .event = &series->event, .item = item };

	wbxml_open(w, v->container);
	for (size_t i = 0; i < countof(properties); i++)
		if (wbxml_tag_in(properties[i].tag, v->version))
			TRY(properties[i].put(w, properties[i].tag, &s));
	wbxml_close(w, v->container);
	return buf_status(w->out);
}

enum err event_put_placeholder(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	int64_t start = item->key == ITEM_KEY_ALWAYS ? item->received_ms : item->key;
	const struct cal_series unreadable = {
		.event = { .summary = S(EVENT_UNREADABLE),
			   .busy = CAL_FREE,
			   .start = { .given = true, .utc_ms = start },
			   .end = { .given = true, .utc_ms = start } },
	};

	return put_properties(w, v, NULL, &unreadable);
}

/* Of what is private somebody else is told when it is, and no more. */
static struct cal_event veiled(const struct cal_event *e)
{
	struct cal_event v = { .uid = e->uid,
			       .summary = S(EVENT_PRIVATE),
			       .start = e->start,
			       .end = e->end,
			       .recurrence_id = e->recurrence_id,
			       .stamp = e->stamp,
			       .recurrence = e->recurrence,
			       .busy = e->busy,
			       .sensitivity = e->sensitivity,
			       .cancelled = e->cancelled };

	if (v.sensitivity == CAL_NORMAL)
		v.sensitivity = CAL_PRIVATE;
	return v;
}

static void veil(struct cal_series *series)
{
	series->event = veiled(&series->event);
	for (size_t i = 0; i < series->exceptions_n; i++)
		series->exceptions[i] = veiled(&series->exceptions[i]);
}

/* What can't be read may be private. */
bool event_is_private(struct arena *a, struct str octets)
{
	struct cal_series series;

	return cal_series_read(a, octets, &series) || cal_series_is_private(&series);
}

static enum err read_item(const struct item_view *v, const struct item *item, struct cal_series *ret)
{
	struct str octets;

	TRY(entry_read(v->arena, v->tx, item, &octets));
	TRY(cal_series_read(v->arena, octets, ret));
	if (v->guest && cal_series_is_private(ret))
		veil(ret);
	return ret->event.start.given ? ERR_OK : ERR_INVALID;
}

enum err event_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	struct cal_series series;
	enum err e = read_item(v, item, &series);

	if (!e)
		return put_properties(w, v, item, &series);
	if (e != ERR_CORRUPT && e != ERR_NOT_FOUND && e != ERR_LIMIT && e != ERR_INVALID)
		return e;
	log_error("unreadable_item", "mailbox=%lld item=%lld error=%s", (long long)store_tx_mailbox(v->tx),
		  (long long)item->id, log_quote(str_of(err_text(e))).text);
	return event_put_placeholder(w, v, item);
}
