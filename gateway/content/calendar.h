/*
 * Events of a calendar as plain values, as iCalendar (RFC 5545) and invitations by mail (RFC 5546) say them; read by
 * libical (calendar_ical.c) and written by it (calendar_write.c). Octets of strangers: their size and the rules that
 * are taken from them are bounded; what expands a recurrence is calendar_expand.h. Texts are UTF-8 that XML can carry.
 * Any thread.
 */
#ifndef CONTENT_CALENDAR_H
#define CONTENT_CALENDAR_H

#include <base/arena.h>

#include <gateway/content/timezone.h>

enum {
	CAL_BYTES_MAX = 1024 * 1024,      /* of a calendar without contents of attachments; a longer one is not read */
	CAL_WHOLE_MAX = 32 * 1024 * 1024, /* of one with them */
	CAL_TEXT_MAX = 32 * 1024,         /* octets of a text, cut there (MS-ASEMAIL R527) */
	CAL_BODY_MAX = 512 * 1024,        /* octets of a description, cut there */
	CAL_UID_MAX = 1024,               /* octets; a longer one is none */
	CAL_ATTENDEES_MAX = 500,  /* the others are kept in the stored form, but not looked at (phones have no more) */
	CAL_PEOPLE_MAX = 5000,    /* attendees that messages go to (cal_series_read_people) */
	CAL_CATEGORIES_MAX = 300, /* MS-ASCAL R187 */
	CAL_INSTANCES_MAX = 3000, /* exceptions of a series */
	CAL_EVENTS_MAX = CAL_INSTANCES_MAX + 1, /* of one calendar that are looked at: a series and those */
	CAL_DATES_MAX = 10000,                  /* instances of it that were deleted, and such beside the rule */
	CAL_ATTACHMENTS_MAX = 100,              /* of an event, beside addresses */
};

/* What an invitation is about (RFC 5546 section 1.4). */
enum cal_method { CAL_OTHER, CAL_REQUEST, CAL_CANCEL, CAL_REPLY, CAL_COUNTER };

/* Numbers of MS-ASEMAIL 2.2.2.14 (BusyStatus) and 2.2.2.71 (Sensitivity). */
enum cal_busy { CAL_FREE, CAL_TENTATIVE, CAL_BUSY, CAL_OUT, CAL_ELSEWHERE };
enum cal_class { CAL_NORMAL, CAL_PERSONAL, CAL_PRIVATE, CAL_CONFIDENTIAL };

struct cal_time {
	bool given;
	bool is_date; /* a day, in whatever zone it is looked at */
	struct local_time local;
	struct zone_rules zone; /* that local is in; UTC for a time that names none and for a day */
	struct str tzid;        /* its name; empty: UTC, or none */
	int64_t utc_ms;
};

enum cal_frequency { CAL_NEVER, CAL_DAILY, CAL_WEEKLY, CAL_MONTHLY, CAL_YEARLY };

/* The rules that ActiveSync can say; another one is CAL_NEVER with `odd`. */
struct cal_recurrence {
	enum cal_frequency frequency;
	bool odd;     /* it recurs by a rule, or on dates, that can't be said so */
	int interval; /* 1 or more */
	int count;    /* 0: not given */
	bool has_until;
	int64_t until_ms; /* when the last instance begins that may be, at the time of day at which the series begins */
	unsigned weekdays; /* bit 0: Sunday; 0: not given */
	int week;          /* of the month: 1 to 4, 5 the last; 0: by the day of the month */
	int day_of_month;  /* 0: not given */
	int month;         /* 0: not given */
	int first_weekday; /* 0: Sunday */
	int calendar_type; /* MS-ASCAL 2.2.2.10 */
	bool leap_month;
};

/* MS-ASCAL 2.2.2.6 and 2.2.2.5. */
enum cal_role { CAL_REQUIRED = 1, CAL_OPTIONAL, CAL_RESOURCE };
enum cal_answer {
	CAL_ANSWER_UNKNOWN = 0,
	CAL_ANSWER_ORGANIZER = 1, /* of ResponseType alone */
	CAL_ANSWER_TENTATIVE = 2,
	CAL_ANSWER_ACCEPTED = 3,
	CAL_ANSWER_DECLINED = 4,
	CAL_ANSWER_NONE = 5,
};

/*
 * Which answer of an attendee's is the one that holds: to which revision of the event, and when he gave it (RFC 5546 section 2.1.5).
 * The organizer may have noted another answer since; what comes late is told by this.
 */
struct cal_said {
	bool given;
	int sequence;
	int64_t stamp_ms;
	enum cal_answer answer;
};

struct cal_attendee {
	struct str name, address; /* the address without "mailto:" */
	enum cal_role role;
	enum cal_answer answer;
	bool rsvp;
	bool delegated;                          /* to somebody else (PARTSTAT) */
	struct str delegated_to, delegated_from; /* such addresses, or empty */
	struct cal_said said;
	bool proposes; /* another time, in ms UTC */
	int64_t proposed_start_ms, proposed_end_ms;
};

/* One whose contents lie beside the calendar (calendar_attach.h). */
struct cal_attachment {
	struct str id;                             /* of name and contents */
	struct str name, content_type, content_id; /* the last one of the phone's, or empty */
	uint64_t size;                             /* octets */
	bool is_inline;                            /* belongs into the HTML */
};

/* What a place has beside its name (MS-ASAIRS 2.2.2.27). */
struct cal_place {
	struct str annotation, street, city, state, country, postal_code, latitude, longitude, accuracy, altitude,
		altitude_accuracy, uri;
};

struct cal_event {
	enum cal_method method;
	struct str uid, summary, location;
	struct cal_place place;
	struct str description;               /* plain text, lines end in LF */
	struct str html;                      /* the same in HTML; empty: there is none */
	struct str organizer_name, organizer; /* the address without "mailto:" */
	struct str organizer_email;           /* his parameters EMAIL and SENT-BY, such */
	struct str organizer_sent_by;
	struct cal_attendee *attendees;
	size_t attendees_n;
	struct str *categories;
	size_t categories_n;
	struct cal_attachment *attachments;
	size_t attachments_n;
	struct cal_time start, end, recurrence_id, stamp;
	bool this_and_future; /* recurrence_id means all instances from there on (RFC 5545 section 3.2.13) */
	struct cal_recurrence recurrence;
	int sequence;
	enum cal_busy busy; /* as the organizer intends it */
	enum cal_class sensitivity;
	bool has_reminder;
	int64_t reminder_s; /* before the start */
	bool response_requested;
	bool no_counter; /* no other time may be proposed */
	bool cancelled;
	enum cal_answer answer;               /* the owner's own, where roost knows it; else CAL_ANSWER_UNKNOWN */
	int64_t answered_ms;                  /* 0: never */
	struct str conference, external_link; /* of an online meeting */
	struct str client_uid;                /* MS-ASCAL 2.2.2.13 */
	struct str sender;                    /* whose mail it came by; empty: by none */
};

/*
 * The event of a calendar: of several that are one series, the series. *ret_n: how many events there are. ERR_INVALID:
 * no calendar, or no event in it. ERR_LIMIT: too large. Arena memory.
 */
enum err cal_event_read(struct arena *a, struct str text, struct cal_event *ret, size_t *ret_n) MUST_CHECK;

/* An instance of a series by RDATE, which may say how long it is. */
struct cal_date {
	struct cal_time start;
	int64_t duration_ms; /* -1: as long as the series' others */
};

/* An instance of somebody else's series that the owner has declined: when it was to be, and when he said so. */
struct cal_declined {
	int64_t instance_ms, start_ms, end_ms, answered_ms;
};

/* An event with all that is said of single instances of it. */
struct cal_series {
	struct cal_event event;
	bool orphan;                  /* there is no event but that of an instance, which `event` then is */
	struct cal_event *exceptions; /* by recurrence_id, which names the instance */
	size_t exceptions_n;
	struct cal_time *deleted; /* instances that are not, in order */
	size_t deleted_n;
	struct str rule;        /* as it stands there; empty: none */
	struct cal_date *dates; /* instances beside those of the rule; the first one of the series is not among them */
	size_t dates_n;
	struct cal_declined *declined; /* of the deleted ones those that the owner himself will not come to */
	size_t declined_n;
};
/* When was the newest of its events stamped? INT64_MIN: none is. */
int64_t cal_series_stamp(const struct cal_series *s);
/* NULL: the owner has not declined it by itself. */
const struct cal_declined *cal_series_declined(const struct cal_series *s, int64_t instance_ms);
/* Was that instance deleted? */
bool cal_series_deletes(const struct cal_series *s, int64_t instance_ms);
/* Is it, or an instance of it, for its owner's eyes alone? */
bool cal_series_is_private(const struct cal_series *s);
/* The first event's series; errors as above. */
enum err cal_series_read(struct arena *a, struct str text, struct cal_series *ret) MUST_CHECK;

/* The same with up to CAL_PEOPLE_MAX attendees of each event. ERR_LIMIT: one has more. */
enum err cal_series_read_people(struct arena *a, struct str text, struct cal_series *ret) MUST_CHECK;

/* The last moment not after `until`, of the zone of the start, at the time of day of the start: what until_ms is. */
int64_t cal_until(const struct cal_time *start, struct local_time until);

/* Which values of an event a change names. */
enum cal_field {
	CAL_FIELD_UID = 1u << 0,
	CAL_FIELD_SUMMARY = 1u << 1,
	CAL_FIELD_LOCATION = 1u << 2, /* with the place */
	CAL_FIELD_BODY = 1u << 3,     /* description and html */
	CAL_FIELD_ORGANIZER = 1u << 4,
	CAL_FIELD_ATTENDEES = 1u << 5,
	CAL_FIELD_CATEGORIES = 1u << 6,
	CAL_FIELD_TIMES = 1u << 7, /* start and end */
	CAL_FIELD_RULE = 1u << 8,
	CAL_FIELD_SEQUENCE = 1u << 9,
	CAL_FIELD_BUSY = 1u << 10,
	CAL_FIELD_CLASS = 1u << 11,
	CAL_FIELD_REMINDER = 1u << 12,
	CAL_FIELD_NO_COUNTER = 1u << 13,
	CAL_FIELD_CANCELLED = 1u << 14,
	CAL_FIELD_ANSWER = 1u << 15, /* with answered_ms */
	CAL_FIELD_CLIENT_UID = 1u << 16,
	CAL_FIELD_RSVP = 1u << 17, /* of all attendees, by response_requested */
	CAL_FIELD_SENDER = 1u << 18,
	CAL_FIELD_ANSWERS = 1u << 19, /* of the attendees that are named, who are no others than before */
	CAL_FIELD_ATTACHMENTS = 1u << 20,
	CAL_FIELD_LINKS = 1u << 21, /* of an online meeting: told, and never changed here */
};

struct cal_change {
	unsigned what; /* enum cal_field */
	struct cal_event to;
	int64_t instance_ms; /* which instance: when it would have begun. Of a change of the series without meaning */
	bool deleted;        /* there is to be no such instance; with CAL_FIELD_ANSWER: its owner has declined it */
};

/* Is what one says of himself what is noted of him, with the time he proposes and whom he sends? Without a note it is no news by it. */
bool cal_answer_same(const struct cal_attendee *noted, const struct cal_attendee *says);

/* Takes out of a change what an event says already. */
void cal_change_reduce(struct cal_change *change, const struct cal_event *event);

struct cal_edit {
	struct cal_change series;
	const struct cal_change *instances;
	size_t instances_n;
	bool whole; /* what `instances` does not name is no exception any more */
	bool ends;  /* the series ends before the instance that begins, or would have begun, at end_ms */
	int64_t end_ms;
	/*
	 * For the stamp, by which an organizer's messages are put in order (RFC 5546 section 2.1.5): what is changed gets this
	 * one, or a second more than the newest that the event has.
	 */
	int64_t now_ms;
	bool keeps_stamp; /* which is another one's */
	bool answers;     /* an answer to another one's event: its stamp is compared with those of answers alone */
};
/*
 * A stored calendar with changes, or a new one where `text` is empty: appended to `out`. What the changes do not name stays:
 * other properties, parameters, components, and attendees behind the first CAL_ATTENDEES_MAX. ERR_INVALID, ERR_LIMIT: see
 * above, and more than CAL_INSTANCES_MAX exceptions, of which one would be new. ERR_NOT_FOUND: no such instance, or none whose
 * answer would change.
 */
enum err cal_write(struct arena *a, struct str text, const struct cal_edit *edit, struct buf *out) MUST_CHECK;

/* A message about an event (RFC 5546), whole, with its zones. */
struct cal_message {
	enum cal_method method;
	struct str attendee; /* CAL_REPLY, CAL_COUNTER: who answers, alone in it */
	struct str sent_by;  /* the address of who answers for him (RFC 5545 section 3.2.18); empty: he himself */
	enum cal_answer answer;
	int64_t instance_ms;              /* INT64_MIN: of all instances */
	const struct cal_change *counter; /* CAL_COUNTER: the times that are proposed */
	const struct str *removed; /* CAL_CANCEL: for these attendees alone, who are named alone; NULL: it is off */
	size_t removed_n;
	int sequence;     /* CAL_CANCEL: of the message */
	int64_t stamp_ms; /* CAL_CANCEL: of the change that it tells; 0: now */
	int64_t now_ms;
};
/* Errors as cal_write(). */
enum err cal_message_write(struct arena *a, struct str text, const struct cal_message *m, struct buf *out) MUST_CHECK;
/*
 * A message of somebody else's without the lines and parameters by which we note what was said (X-ROOST-ANSWER and others): nobody
 * says that in another one's place; nor with what his calendar says to its own server (RFC 6638 section 7). ERR_INVALID: no
 * calendar. Arena memory.
 */
enum err cal_message_clean(struct arena *a, struct str text, struct str *ret) MUST_CHECK;

/*
 * The components of a kind (VEVENT, VTODO) of a file, each as a calendar of its own: what has one UID belongs together, and
 * the zones come along. Lines are carried over as they are. ERR_INVALID: no calendar. Arena memory.
 */
enum err cal_split(struct arena *a, struct str text, struct str kind, struct str **ret, size_t *ret_n) MUST_CHECK;
/* The same, each component by itself. */
enum err cal_split_each(struct arena *a, struct str text, struct str kind, struct str **ret, size_t *ret_n) MUST_CHECK;

#endif
