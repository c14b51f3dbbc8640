/* Meeting requests. */
#include <gateway/activesync/email_meeting.h>

#include <base/hex.h>
#include <base/base64.h>
#include <gateway/activesync/event.h>
#include <gateway/activesync/recurrence.h>
#include <gateway/activesync/time_text.h>
#include <gateway/content/body.h>
#include <gateway/content/charset.h>
#include <gateway/content/header.h>
#include <gateway/content/octet.h>
#include <gateway/content/summary_class.h>
#include <gateway/mailbox/meeting.h>

enum {
	OUTLOOK_ID_BYTES_MIN = 40, /* up to the length of the data */
	OBJECT_ID_MAX = 4096,
	REMINDER_MAX = UINT16_MAX, /* the element's type */
};

/* ---- GlobalObjId ---- */

static const char class_id[] = "\x04\x00\x00\x00\x82\x00\xE0\x00\x74\xC5\xB7\x10\x1A\x82\xE0\x08";
static const char class_id_hex[] = "040000008200E00074C5B7101A82E008";

enum { CLASS_ID_BYTES = sizeof(class_id) - 1 };

/* INSTDATE: year, most significant octet first, month, day; zero of what is no instance. */
static void put_instance(char to[4], const struct cal_time *instance)
{
	const struct local_time *t = &instance->local;

	memset(to, 0, 4);
	if (!instance->given)
		return;
	to[0] = (char)(t->year >> 8);
	to[1] = (char)(t->year & 0xff);
	to[2] = (char)t->month;
	to[3] = (char)t->day;
}

/* A UID that Exchange made is the id itself, in hexadecimal. */
static bool put_outlook_id(struct buf *b, struct str uid, const char instance[4])
{
	size_t begin = b->n;

	if (uid.n % 2 || uid.n < 2 * OUTLOOK_ID_BYTES_MIN || !str_istarts(uid, str_of(class_id_hex)))
		return false;
	for (size_t i = 0; i < uid.n; i += 2) {
		int octet = hex_pair(uid, i);

		if (octet < 0) {
			buf_truncate(b, begin);
			return false;
		}
		buf_char(b, (char)octet);
	}
	if (!b->err)
		memcpy(b->p + begin + CLASS_ID_BYTES, instance, 4);
	return true;
}

void email_global_object_id(struct buf *b, struct str uid, const struct cal_time *instance)
{
	static const char zero[16] = { 0 };
	const uint32_t n = (uint32_t)(8 + 4 + uid.n + 1);
	char date[4];

	put_instance(date, instance);
	if (put_outlook_id(b, uid, date))
		return;
	buf_put(b, class_id, CLASS_ID_BYTES);
	buf_put(b, date, sizeof(date));
	buf_put(b, zero, sizeof(zero)); /* NOW, and what is reserved */
	for (unsigned i = 0; i < 4; i++)
		buf_char(b, (char)(n >> (8 * i) & 0xff));
	buf_cstr(b, "vCal-Uid");
	buf_put(b, "\x01\x00\x00\x00", 4);
	buf_str(b, uid);
	buf_char(b, '\0');
}

/* ---- the recurrence ---- */

static void put_if(struct wbxml_writer *w, enum wbxml_tag tag, int v)
{
	if (v)
		wbxml_put_i64(w, tag, v);
}

static void put_recurrence(struct wbxml_writer *w, const struct cal_recurrence *r, enum eas_version version)
{
	const unsigned type = recurrence_type_of(r);

	wbxml_open(w, TAG_EMAIL_RECURRENCES);
	wbxml_open(w, TAG_EMAIL_RECURRENCE);
	wbxml_put_u64(w, TAG_EMAIL_TYPE, type);
	wbxml_put_i64(w, TAG_EMAIL_INTERVAL, r->interval);
	if (r->has_until)
		event_put_time(w, TAG_EMAIL_UNTIL, r->until_ms);
	put_if(w, TAG_EMAIL_OCCURRENCES, r->has_until ? 0 : r->count);
	if (type == 3 || type == 6)
		put_if(w, TAG_EMAIL_WEEKOFMONTH, r->week);
	if (type == 2 || type == 5)
		put_if(w, TAG_EMAIL_DAYOFMONTH, r->day_of_month);
	if (type != 2 && type != 5)
		put_if(w, TAG_EMAIL_DAYOFWEEK, (int)r->weekdays);
	if (type == 5 || type == 6)
		put_if(w, TAG_EMAIL_MONTHOFYEAR, r->month);
	if (wbxml_tag_in(TAG_EMAIL2_CALENDARTYPE, version)) { /* R291, R508 */
		wbxml_put_u64(w, TAG_EMAIL2_CALENDARTYPE, 0);
		wbxml_put_u64(w, TAG_EMAIL2_ISLEAPMONTH, 0);
	}
	if (type == 1 && wbxml_tag_in(TAG_EMAIL2_FIRSTDAYOFWEEK, version))
		wbxml_put_i64(w, TAG_EMAIL2_FIRSTDAYOFWEEK, r->first_weekday);
	wbxml_close(w, TAG_EMAIL_RECURRENCE);
	wbxml_close(w, TAG_EMAIL_RECURRENCES);
}

/* ---- the element ---- */

static void put_time(struct wbxml_writer *w, enum wbxml_tag tag, const struct cal_time *t)
{
	if (t->given)
		wbxml_put_text(w, tag, str_of(time_text(t->utc_ms).text));
}

static void put_location(struct wbxml_writer *w, struct str location, enum eas_version version)
{
	if (location.n == 0)
		return;
	if (wbxml_tag_in(TAG_EMAIL_LOCATION, version)) {
		wbxml_put_text(w, TAG_EMAIL_LOCATION, location);
		return;
	}
	wbxml_open(w, TAG_AIRSYNCBASE_LOCATION);
	wbxml_put_text(w, TAG_AIRSYNCBASE_DISPLAYNAME, location);
	wbxml_close(w, TAG_AIRSYNCBASE_LOCATION);
}

static enum err put_organizer(struct wbxml_writer *w, const struct cal_event *e)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * CAL_TEXT_MAX);
	struct header_address organizer = { .name = e->organizer_name };
	size_t at = str_index(e->organizer, '@');

	organizer.local = str_slice(e->organizer, 0, at);
	organizer.domain = str_slice(e->organizer, at + 1, e->organizer.n);
	header_address_put(&text, &organizer);
	TRY(buf_status(&text));
	if (text.n)
		wbxml_put_text(w, TAG_EMAIL_ORGANIZER, buf_view(&text));
	return ERR_OK;
}

/* InstanceType (2.2.2.39): a single one, a series, or an exception of one. */
static unsigned instance_type(const struct cal_event *e)
{
	return e->recurrence_id.given ? 3 : e->recurrence.frequency != CAL_NEVER ? 1 : 0;
}

enum message_type {                   /* 2.2.2.47 */
		    TYPE_UNSPECIFIED, /* and silent updates */
		    TYPE_FIRST,
		    TYPE_FULL,
		    TYPE_INFORMATIONAL,
		    TYPE_OUTDATED,
		    TYPE_DELEGATORS_COPY,
		    TYPE_DELEGATED,
};

/* What it was when it came; of an older mail, or one that came by no delivery, it is known by its sequence alone. */
static enum message_type type_at_delivery(const struct cal_event *e, enum mail_request is)
{
	static const enum message_type types[] = {
		[MAIL_REQUEST_FIRST] = TYPE_FIRST,
		[MAIL_REQUEST_FULL] = TYPE_FULL,
		[MAIL_REQUEST_INFORMATIONAL] = TYPE_INFORMATIONAL,
		[MAIL_REQUEST_SILENT] = TYPE_UNSPECIFIED,
		[MAIL_REQUEST_COPY] = TYPE_DELEGATORS_COPY,
		[MAIL_REQUEST_DELEGATED] = TYPE_DELEGATED,
	};

	if (is == MAIL_REQUEST_UNKNOWN || is >= countof(types))
		return e->sequence > 0 ? TYPE_FULL : TYPE_FIRST;
	return types[is];
}

/* What others answer stays that; all else may be overtaken. Nobody is asked by a request of his own, in Sent Items. */
static enum err find_type(const struct item_view *view, const struct message *m, const struct cal_event *e,
			  enum message_type *ret)
{
	bool outdated;

	*ret = TYPE_UNSPECIFIED;
	if (e->method != CAL_REQUEST || (view->owner.n && str_ieq(e->organizer, view->owner)))
		return ERR_OK;
	*ret = type_at_delivery(e, mail_request(&m->summary));
	if (*ret >= TYPE_DELEGATORS_COPY)
		return ERR_OK;
	TRY(meeting_is_outdated(view->arena, view->tx, e, &outdated));
	*ret = outdated ? TYPE_OUTDATED : *ret;
	return ERR_OK;
}

static enum err put_zone(struct wbxml_writer *w, const struct cal_event *e)
{
	CLEANUP(buf_release) struct buf blob = BUF_INIT(256);
	struct zone_rules zone = e->start.zone;

	if (e->recurrence.frequency == CAL_NEVER && !e->recurrence.odd)
		zone = zone_of_year(&zone, e->start.local.year);
	zone_blob_put(&blob, &zone);
	TRY(buf_status(&blob));
	wbxml_put_text(w, TAG_EMAIL_TIMEZONE, buf_view(&blob));
	return ERR_OK;
}

static enum err put_global_id(struct wbxml_writer *w, const struct cal_event *e)
{
	CLEANUP(buf_release) struct buf id = BUF_INIT(OBJECT_ID_MAX), text = BUF_INIT(2 * OBJECT_ID_MAX);

	email_global_object_id(&id, e->uid, &e->recurrence_id);
	TRY(buf_status(&id));
	base64_put(&text, buf_view(&id));
	TRY(buf_status(&text));
	wbxml_put_text(w, TAG_EMAIL_GLOBALOBJID, buf_view(&text));
	return ERR_OK;
}

/* The last ones, whose order changed with 16.0, when the UID took the place of GlobalObjId. */
static enum err put_identity(struct wbxml_writer *w, const struct cal_event *e, enum message_type type,
			     enum eas_version version)
{
	bool global = wbxml_tag_in(TAG_EMAIL_GLOBALOBJID, version);

	if (global)
		TRY(put_global_id(w, e));
	if (wbxml_tag_in(TAG_EMAIL_DISALLOWNEWTIMEPROPOSAL, version))
		wbxml_put_u64(w, TAG_EMAIL_DISALLOWNEWTIMEPROPOSAL, e->no_counter);
	if (wbxml_tag_in(TAG_EMAIL2_MEETINGMESSAGETYPE, version))
		wbxml_put_u64(w, TAG_EMAIL2_MEETINGMESSAGETYPE, type);
	if (!global)
		wbxml_put_text(w, TAG_CALENDAR_UID, e->uid);
	if (e->method == CAL_COUNTER) {
		event_put_time(w, TAG_MEETINGRESPONSE_PROPOSEDSTARTTIME, e->start.utc_ms);
		event_put_time(w, TAG_MEETINGRESPONSE_PROPOSEDENDTIME, e->end.utc_ms);
	}
	return ERR_OK;
}

static enum err put_event(struct wbxml_writer *w, const struct cal_event *e, enum message_type type,
			  enum eas_version version)
{
	wbxml_open(w, TAG_EMAIL_MEETINGREQUEST);
	wbxml_put_u64(w, TAG_EMAIL_ALLDAYEVENT, e->start.is_date);
	put_time(w, TAG_EMAIL_STARTTIME, &e->start);
	put_time(w, TAG_EMAIL_DTSTAMP, &e->stamp);
	put_time(w, TAG_EMAIL_ENDTIME, &e->end);
	wbxml_put_u64(w, TAG_EMAIL_INSTANCETYPE, instance_type(e));
	put_location(w, e->location, version);
	TRY(put_organizer(w, e));
	put_time(w, TAG_EMAIL_RECURRENCEID, &e->recurrence_id); /* R935, R936 */
	if (e->has_reminder && e->reminder_s <= REMINDER_MAX)
		wbxml_put_i64(w, TAG_EMAIL_REMINDER, e->reminder_s);
	wbxml_put_u64(w, TAG_EMAIL_RESPONSEREQUESTED, e->response_requested);
	if (e->recurrence.frequency != CAL_NEVER)
		put_recurrence(w, &e->recurrence, version);
	wbxml_put_u64(w, TAG_EMAIL_SENSITIVITY, e->sensitivity);
	wbxml_put_u64(w, TAG_EMAIL_BUSYSTATUS, e->busy);
	TRY(put_zone(w, e));
	TRY(put_identity(w, e, type, version));
	wbxml_close(w, TAG_EMAIL_MEETINGREQUEST);
	return ERR_OK;
}

static enum err read_event(struct arena *a, const struct message *m, struct cal_event *ret)
{
	struct str text;
	size_t n;

	TRY(message_calendar(a, &m->source, &m->structure, &text));
	return cal_event_read(a, text, ret, &n);
}

/* A proposal is one for who can say its times. */
static bool is_told(const struct cal_event *e, enum eas_version version)
{
	return e->method == CAL_REQUEST || e->method == CAL_CANCEL ||
	       (e->method == CAL_COUNTER && e->start.given &&
		wbxml_tag_in(TAG_MEETINGRESPONSE_PROPOSEDSTARTTIME, version));
}

enum err email_meeting_put(struct wbxml_writer *w, const struct item_view *view, const struct message *m)
{
	enum message_type type = TYPE_UNSPECIFIED;
	struct cal_event event;
	enum err e;

	if (!(m->summary.flags & MAIL_MEETING))
		return ERR_OK;
	e = read_event(view->arena, m, &event);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID || e == ERR_LIMIT || (!e && event.uid.n == 0))
		return ERR_OK; /* what can't be answered is shown as the mail it is */
	TRY(e);
	if (!is_told(&event, view->version))
		return ERR_OK;
	if (wbxml_tag_in(TAG_EMAIL2_MEETINGMESSAGETYPE, view->version))
		TRY(find_type(view, m, &event, &type));
	if (!event.stamp.given) {
		event.stamp.given = true;
		event.stamp.utc_ms = m->summary.date_ms;
	}
	return put_event(w, &event, type, view->version);
}
