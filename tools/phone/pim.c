/* Properties by class: a table each, and what of it makes the line for people. */
#include "pim.h"

#include "fault.h"

/* Lines */

static enum err add_line(struct doc *d, struct pim *pim, struct pim_line line)
{
	struct pim_line *to = arena_new(d->arena, struct pim_line);

	if (!to)
		return fault(d->why, "the response has more properties than the phone's memory takes");
	*to = line;
	if (pim->last)
		pim->last->next = to;
	else
		pim->lines = to;
	pim->last = to;
	return ERR_OK;
}

/* The element's text, under its own name. */
static enum err note(struct doc *d, void *into)
{
	struct pim_line line = { .name = wbxml_tag_name(d->r.tag) };

	TRY(doc_text(d, &line.value));
	return add_line(d, into, line);
}

/* The digits' places, not their values. */
static enum err note_shaped(struct doc *d, void *into, struct str shape)
{
	struct pim *pim = into;
	struct str s;

	TRY(note(d, into));
	s = pim->last->value;
	for (size_t i = 0; s.n == shape.n && i < s.n; i++)
		if (shape.p[i] == '0' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != shape.p[i])
			s.n = 0;
	return s.n == shape.n ? ERR_OK
			      : fault(d->why, STR_FMT " \"" STR_FMT "\" is not of the form " STR_FMT,
				      STR_ARG(pim->last->name), STR_ARG(pim->last->value), STR_ARG(shape));
}

/* MS-ASDTYPE 2.3 and 2.7.2: calendars have the compact form. */
static enum err note_compact(struct doc *d, void *into)
{
	return note_shaped(d, into, S("00000000T000000Z"));
}

static enum err note_time(struct doc *d, void *into)
{
	return note_shaped(d, into, S("0000-00-00T00:00:00.000Z"));
}

/* Codes: MS-ASCAL 2.2.2.11, 2.2.2.38, 2.2.2.5; a value without a word is none. */
static const char *const busy_words[] = { "free", "tentative", "busy", "out of office", "elsewhere" };
static const char *const response_words[] = {
	"none", "organizer", "tentative", "accepted", "declined", "not answered"
};
static const char *const attendee_words[] = { "unknown", NULL, "tentative", "accepted", "declined", "not answered" };
static const char *const yes_words[] = { "no", "yes" };

static enum err read_word(struct doc *d, const char *const *words, size_t n, struct str *ret)
{
	struct str name = wbxml_tag_name(d->r.tag);
	uint32_t code;

	TRY(doc_u32(d, &code));
	if (code >= n || !words[code])
		return fault(d->why, STR_FMT " %u is none", STR_ARG(name), code);
	*ret = str_of(words[code]);
	return ERR_OK;
}

static enum err note_word(struct doc *d, void *into, const char *const *words, size_t n)
{
	struct pim_line line = { .name = wbxml_tag_name(d->r.tag) };

	TRY(read_word(d, words, n, &line.value));
	return add_line(d, into, line);
}

static enum err note_busy(struct doc *d, void *into)
{
	return note_word(d, into, busy_words, countof(busy_words));
}

static enum err note_response(struct doc *d, void *into)
{
	return note_word(d, into, response_words, countof(response_words));
}

static enum err note_yes(struct doc *d, void *into)
{
	return note_word(d, into, yes_words, countof(yes_words));
}

/* Calendar */

#define LINE(name) offsetof(struct pim_line, name)

static enum err read_attendee_status(struct doc *d, void *into)
{
	return read_word(d, attendee_words, countof(attendee_words), into);
}

static enum err note_attendee(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_CALENDAR_EMAIL, DOC_REQUIRED, doc_text, LINE(value) },
		{ TAG_CALENDAR_NAME, DOC_REQUIRED, doc_ignore, 0 },
		{ TAG_CALENDAR_ATTENDEESTATUS, 0, read_attendee_status, LINE(more) },
		{ TAG_CALENDAR_ATTENDEETYPE, 0, doc_ignore, 0 },
		{ TAG_MEETINGRESPONSE_PROPOSEDSTARTTIME, 0, doc_ignore, 0 },
		{ TAG_MEETINGRESPONSE_PROPOSEDENDTIME, 0, doc_ignore, 0 },
	};
	struct pim_line line = { .name = wbxml_tag_name(d->r.tag) };

	TRY(doc_children(d, rules, countof(rules), &line));
	return add_line(d, into, line);
}

static enum err note_attendees(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = { { TAG_CALENDAR_ATTENDEE, DOC_MANY, note_attendee, 0 } };

	return doc_children(d, rules, countof(rules), into);
}

/* From 16.0 on a place has parts (MS-ASAIRS 2.2.2.27): the phone shows its name. */
static enum err note_location(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_AIRSYNCBASE_DISPLAYNAME, 0, doc_text, LINE(value) },
		{ TAG_AIRSYNCBASE_ANNOTATION, 0, doc_ignore, 0 },
		{ TAG_AIRSYNCBASE_STREET, 0, doc_ignore, 0 },
		{ TAG_AIRSYNCBASE_CITY, 0, doc_ignore, 0 },
		{ TAG_AIRSYNCBASE_STATE, 0, doc_ignore, 0 },
		{ TAG_AIRSYNCBASE_COUNTRY, 0, doc_ignore, 0 },
		{ TAG_AIRSYNCBASE_POSTALCODE, 0, doc_ignore, 0 },
		{ TAG_AIRSYNCBASE_LATITUDE, 0, doc_ignore, 0 },
		{ TAG_AIRSYNCBASE_LONGITUDE, 0, doc_ignore, 0 },
		{ TAG_AIRSYNCBASE_ACCURACY, 0, doc_ignore, 0 },
		{ TAG_AIRSYNCBASE_ALTITUDE, 0, doc_ignore, 0 },
		{ TAG_AIRSYNCBASE_ALTITUDEACCURACY, 0, doc_ignore, 0 },
		{ TAG_AIRSYNCBASE_LOCATIONURI, 0, doc_ignore, 0 },
	};
	struct pim_line line = { .name = wbxml_tag_name(d->r.tag) };

	TRY(doc_children(d, rules, countof(rules), &line));
	return add_line(d, into, line);
}

#define BODY_RULES                                                          \
	{ TAG_AIRSYNCBASE_BODY, 0, body_read, offsetof(struct pim, body) }, \
	{                                                                   \
		TAG_AIRSYNCBASE_NATIVEBODYTYPE, 0, doc_ignore, 0            \
	}

static const struct doc_rule calendar_rules[] = {
	{ TAG_CALENDAR_TIMEZONE, 0, doc_ignore, 0 },
	{ TAG_CALENDAR_ALLDAYEVENT, 0, note_yes, 0 },
	{ TAG_CALENDAR_STARTTIME, 0, note_compact, 0 },
	{ TAG_CALENDAR_ENDTIME, 0, note_compact, 0 },
	{ TAG_CALENDAR_DTSTAMP, 0, doc_ignore, 0 },
	{ TAG_CALENDAR_SUBJECT, 0, note, 0 },
	{ TAG_CALENDAR_LOCATION, 0, note, 0 },
	{ TAG_AIRSYNCBASE_LOCATION, 0, note_location, 0 },
	{ TAG_CALENDAR_UID, 0, note, 0 },
	{ TAG_CALENDAR_CLIENTUID, 0, doc_ignore, 0 },
	{ TAG_CALENDAR_ORGANIZERNAME, 0, note, 0 },
	{ TAG_CALENDAR_ORGANIZEREMAIL, 0, note, 0 },
	{ TAG_CALENDAR_ATTENDEES, 0, note_attendees, 0 },
	{ TAG_CALENDAR_BUSYSTATUS, 0, note_busy, 0 },
	{ TAG_CALENDAR_MEETINGSTATUS, 0, note, 0 },
	{ TAG_CALENDAR_RESPONSETYPE, 0, note_response, 0 },
	{ TAG_CALENDAR_RESPONSEREQUESTED, 0, doc_ignore, 0 },
	{ TAG_CALENDAR_APPOINTMENTREPLYTIME, 0, doc_ignore, 0 },
	{ TAG_CALENDAR_DISALLOWNEWTIMEPROPOSAL, 0, doc_ignore, 0 },
	{ TAG_CALENDAR_SENSITIVITY, 0, doc_ignore, 0 },
	{ TAG_CALENDAR_REMINDER, 0, note, 0 },
	{ TAG_CALENDAR_CATEGORIES, 0, doc_ignore, 0 },
	{ TAG_CALENDAR_RECURRENCE, 0, doc_ignore, 0 },
	{ TAG_CALENDAR_EXCEPTIONS, 0, doc_ignore, 0 },
	{ TAG_CALENDAR_ONLINEMEETINGCONFLINK, 0, doc_ignore, 0 },
	{ TAG_CALENDAR_ONLINEMEETINGEXTERNALLINK, 0, doc_ignore, 0 },
	{ TAG_AIRSYNCBASE_ATTACHMENTS, 0, doc_ignore, 0 },
	BODY_RULES,
};

/* Contacts */

#define SHOWN(tag)                             \
	{                                      \
		TAG_CONTACTS_##tag, 0, note, 0 \
	}
#define SHOWN2(tag)                             \
	{                                       \
		TAG_CONTACTS2_##tag, 0, note, 0 \
	}
#define PLACE(of)                                                                                                \
	SHOWN(of##ADDRESSSTREET), SHOWN(of##ADDRESSCITY), SHOWN(of##ADDRESSSTATE), SHOWN(of##ADDRESSPOSTALCODE), \
		SHOWN(of##ADDRESSCOUNTRY)

static const struct doc_rule contact_rules[] = {
	SHOWN(FILEAS),
	SHOWN(TITLE),
	SHOWN(FIRSTNAME),
	SHOWN(MIDDLENAME),
	SHOWN(LASTNAME),
	SHOWN(SUFFIX),
	SHOWN(YOMIFIRSTNAME),
	SHOWN(YOMILASTNAME),
	SHOWN(YOMICOMPANYNAME),
	SHOWN2(NICKNAME),
	SHOWN(ALIAS),
	SHOWN(EMAIL1ADDRESS),
	SHOWN(EMAIL2ADDRESS),
	SHOWN(EMAIL3ADDRESS),
	SHOWN2(IMADDRESS),
	SHOWN2(IMADDRESS2),
	SHOWN2(IMADDRESS3),
	SHOWN(MOBILEPHONENUMBER),
	SHOWN(BUSINESSPHONENUMBER),
	SHOWN(BUSINESS2PHONENUMBER),
	SHOWN(BUSINESSFAXNUMBER),
	SHOWN(HOMEPHONENUMBER),
	SHOWN(HOME2PHONENUMBER),
	SHOWN(HOMEFAXNUMBER),
	SHOWN(CARPHONENUMBER),
	SHOWN(PAGERNUMBER),
	SHOWN(RADIOPHONENUMBER),
	SHOWN(ASSISTANTPHONENUMBER),
	SHOWN2(COMPANYMAINPHONE),
	SHOWN2(MMS),
	SHOWN(COMPANYNAME),
	SHOWN(DEPARTMENT),
	SHOWN(JOBTITLE),
	SHOWN(OFFICELOCATION),
	SHOWN(ASSISTANTNAME),
	SHOWN2(MANAGERNAME),
	SHOWN2(ACCOUNTNAME),
	SHOWN2(CUSTOMERID),
	SHOWN2(GOVERNMENTID),
	SHOWN(SPOUSE),
	SHOWN(WEBPAGE),
	PLACE(BUSINESS),
	PLACE(HOME),
	PLACE(OTHER),
	{ TAG_CONTACTS_BIRTHDAY, 0, note_time, 0 },
	{ TAG_CONTACTS_ANNIVERSARY, 0, note_time, 0 },
	{ TAG_CONTACTS_CATEGORIES, 0, doc_ignore, 0 },
	{ TAG_CONTACTS_CHILDREN, 0, doc_ignore, 0 },
	{ TAG_CONTACTS_PICTURE, 0, doc_ignore, 0 },
	{ TAG_CONTACTS_WEIGHTEDRANK, 0, doc_ignore, 0 },
	BODY_RULES,
};
_Static_assert(countof(contact_rules) <= DOC_MAX_RULES, "a bit a rule");

/* Tasks and notes */

static const struct doc_rule task_rules[] = {
	{ TAG_TASKS_SUBJECT, 0, note, 0 },
	{ TAG_TASKS_STARTDATE, 0, note_time, 0 },
	{ TAG_TASKS_UTCSTARTDATE, 0, note_time, 0 },
	{ TAG_TASKS_DUEDATE, 0, note_time, 0 },
	{ TAG_TASKS_UTCDUEDATE, 0, note_time, 0 },
	{ TAG_TASKS_COMPLETE, 0, note_yes, 0 },
	{ TAG_TASKS_DATECOMPLETED, 0, note_time, 0 },
	{ TAG_TASKS_IMPORTANCE, 0, note, 0 },
	{ TAG_TASKS_REMINDERSET, 0, note_yes, 0 },
	{ TAG_TASKS_REMINDERTIME, 0, note_time, 0 },
	{ TAG_TASKS_SENSITIVITY, 0, doc_ignore, 0 },
	{ TAG_TASKS_CATEGORIES, 0, doc_ignore, 0 },
	{ TAG_TASKS_RECURRENCE, 0, doc_ignore, 0 },
	{ TAG_TASKS_ORDINALDATE, 0, doc_ignore, 0 },
	{ TAG_TASKS_SUBORDINALDATE, 0, doc_ignore, 0 },
	BODY_RULES,
};

static const struct doc_rule note_rules[] = {
	{ TAG_NOTES_SUBJECT, 0, note, 0 },
	{ TAG_NOTES_LASTMODIFIEDDATE, 0, note, 0 },
	{ TAG_NOTES_MESSAGECLASS, 0, note, 0 },
	{ TAG_NOTES_CATEGORIES, 0, doc_ignore, 0 },
	BODY_RULES,
};

enum { SUMMARY_LINES = 6 };

static const struct {
	const struct doc_rule *rules;
	size_t n;
	const char *summary[SUMMARY_LINES]; /* names of lines, in the order in which they are shown */
} classes[CLASS_MAX_] = {
	[CLASS_CALENDAR] = { calendar_rules,
			     countof(calendar_rules),
			     { "StartTime", "EndTime", "Subject", "BusyStatus", "OrganizerEmail", "Attendee" } },
	[CLASS_CONTACTS] = { contact_rules,
			     countof(contact_rules),
			     { "FileAs", "Email1Address", "MobilePhoneNumber" } },
	[CLASS_TASKS] = { task_rules, countof(task_rules), { "DueDate", "Subject", "Complete" } },
	[CLASS_NOTES] = { note_rules, countof(note_rules), { "LastModifiedDate", "Subject" } },
};

enum err pim_read(struct doc *d, enum item_class class, struct pim *ret)
{
	return doc_children(d, classes[class].rules, classes[class].n, ret);
}

/* A value with a line end in it stays one line. */
static void put_value(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_char(out, s.p[i] == '\n' || s.p[i] == '\r' ? ' ' : s.p[i]);
}

void pim_put_text(struct buf *out, const struct pim *pim)
{
	for (const struct pim_line *line = pim->lines; line; line = line->next) {
		buf_fmt(out, STR_FMT ": ", STR_ARG(line->name));
		put_value(out, line->value);
		if (line->more.n)
			buf_fmt(out, " (" STR_FMT ")", STR_ARG(line->more));
		buf_char(out, '\n');
	}
	buf_char(out, '\n');
	buf_str(out, pim->body.data);
}

/* Every line of that name. */
static void put_named(struct buf *out, struct str text, struct str name)
{
	struct str line, head;

	while (str_cut(&text, '\n', &line) && line.n) {
		struct str value = line;

		if (!str_cut(&value, ':', &head) || !str_eq(head, name))
			continue;
		if (out->n)
			buf_cstr(out, "  ");
		buf_str(out, str_trim(value));
	}
}

void pim_put_summary(struct buf *out, enum item_class class, struct str text)
{
	for (size_t i = 0; i < SUMMARY_LINES && classes[class].summary[i]; i++)
		put_named(out, text, str_of(classes[class].summary[i]));
}
