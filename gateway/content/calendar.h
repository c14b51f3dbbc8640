/*
 * Events of a calendar as plain values, as iCalendar (RFC 5545) and invitations by mail (RFC 5546) say them; read by
 * libical (calendar_ical.c). Octets of strangers: their size and the rules that are taken from them are bounded, and no
 * recurrence is expanded here. Texts are UTF-8 that XML can carry. Any thread.
 */
#ifndef CONTENT_CALENDAR_H
#define CONTENT_CALENDAR_H

#include <base/arena.h>

#include <gateway/content/timezone.h>

enum {
	CAL_BYTES_MAX = 1024 * 1024, /* of a calendar; a longer one is not read */
	CAL_TEXT_MAX = 32 * 1024,    /* octets of a text, cut there (MS-ASEMAIL R527) */
	CAL_UID_MAX = 1024,          /* octets; a longer one is none */
	CAL_EVENTS_MAX = 1000,       /* of one calendar that are looked at */
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
	int64_t utc_ms;
};

enum cal_frequency { CAL_NEVER, CAL_DAILY, CAL_WEEKLY, CAL_MONTHLY, CAL_YEARLY };

/* The rules that ActiveSync can say; another one is CAL_NEVER with `odd`. */
struct cal_recurrence {
	enum cal_frequency frequency;
	bool odd;
	int interval; /* 1 or more */
	int count;    /* 0: not given */
	bool has_until;
	int64_t until_ms;
	unsigned weekdays; /* bit 0: Sunday; 0: not given */
	int week;          /* of the month: 1 to 4, 5 the last; 0: by the day of the month */
	int day_of_month;  /* 0: not given */
	int month;         /* 0: not given */
	int first_weekday; /* 0: Sunday */
};

struct cal_event {
	enum cal_method method;
	struct str uid, summary, location;
	struct str organizer_name, organizer; /* the address without "mailto:" */
	struct cal_time start, end, recurrence_id, stamp;
	struct cal_recurrence recurrence;
	int sequence;
	enum cal_busy busy; /* as the organizer intends it */
	enum cal_class sensitivity;
	bool has_reminder;
	int64_t reminder_s; /* before the start */
	bool response_requested;
	bool no_counter; /* no other time may be proposed */
};

/*
 * The event of a calendar: of several that are one series, the series. *ret_n: how many events there are. ERR_INVALID:
 * no calendar, or no event in it. ERR_LIMIT: too large. Arena memory.
 */
enum err cal_event_read(struct arena *a, struct str text, struct cal_event *ret, size_t *ret_n) MUST_CHECK;

#endif
