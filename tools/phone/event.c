#include "event.h"

#include "fault.h"

enum { BUSY = 2, NO_MEETING = 0, MEETING = 1, REQUIRED = 1 }; /* MS-ASCAL 2.2.2.11, 2.2.2.29, 2.2.2.6 */

static bool is_time(struct str s)
{
	static const char shape[] = "00000000T000000Z";

	if (s.n != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (shape[i] == '0' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != shape[i])
			return false;
	return true;
}

enum err event_check(const struct event *e, enum eas_version v, struct buf *why)
{
	if (!is_time(e->start) || !is_time(e->end) || str_cmp(e->end, e->start) < 0)
		return fault(why, "\"" STR_FMT "\" to \"" STR_FMT "\": not two times in order, as 20300716T100000Z",
			     STR_ARG(e->start), STR_ARG(e->end));
	if (e->attendees_n && v < EAS_16_0)
		return fault(why, "before 16.0 the phone would have to mail the invitations, which this one does not");
	return ERR_OK;
}

static void put_attendees(struct wbxml_writer *w, const struct event *e)
{
	if (e->attendees_n == 0)
		return;
	wbxml_open(w, TAG_CALENDAR_ATTENDEES);
	for (size_t i = 0; i < e->attendees_n; i++) {
		wbxml_open(w, TAG_CALENDAR_ATTENDEE);
		wbxml_put_text(w, TAG_CALENDAR_EMAIL, e->attendees[i]);
		wbxml_put_text(w, TAG_CALENDAR_NAME, e->attendees[i]);
		wbxml_put_u64(w, TAG_CALENDAR_ATTENDEETYPE, REQUIRED);
		wbxml_close(w, TAG_CALENDAR_ATTENDEE);
	}
	wbxml_close(w, TAG_CALENDAR_ATTENDEES);
}

void event_put(struct wbxml_writer *w, enum eas_version v, const struct event *e, struct str id)
{
	wbxml_put_bool(w, TAG_CALENDAR_ALLDAYEVENT, false);
	wbxml_put_text(w, TAG_CALENDAR_STARTTIME, e->start);
	wbxml_put_text(w, TAG_CALENDAR_ENDTIME, e->end);
	wbxml_put_text(w, TAG_CALENDAR_SUBJECT, e->subject);
	if (v < EAS_16_0)
		wbxml_put_text(w, TAG_CALENDAR_UID, id);
	wbxml_put_u64(w, TAG_CALENDAR_BUSYSTATUS, BUSY);
	wbxml_put_u64(w, TAG_CALENDAR_MEETINGSTATUS, e->attendees_n ? MEETING : NO_MEETING);
	put_attendees(w, e);
}

void event_put_text(struct buf *out, const struct event *e)
{
	buf_fmt(out, "StartTime: " STR_FMT "\nEndTime: " STR_FMT "\nSubject: " STR_FMT "\nBusyStatus: busy\n",
		STR_ARG(e->start), STR_ARG(e->end), STR_ARG(e->subject));
	for (size_t i = 0; i < e->attendees_n; i++)
		buf_fmt(out, "Attendee: " STR_FMT "\n", STR_ARG(e->attendees[i]));
	buf_char(out, '\n');
}
