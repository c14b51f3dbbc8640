/*
 * Type of a Recurrence (MS-ASCAL 2.2.2.45, MS-ASTASK 2.2.2.27): what events and tasks have alike. Pure; any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_RECURRENCE_H
#define GATEWAY_ACTIVESYNC_RECURRENCE_H

#include <gateway/content/calendar.h>

enum recurrence_type {
	RECURRENCE_DAILY,
	RECURRENCE_WEEKLY,
	RECURRENCE_MONTHLY,
	RECURRENCE_MONTHLY_NTH,
	RECURRENCE_YEARLY = 5, /* 4 is none */
	RECURRENCE_YEARLY_NTH,
};

enum {
	RECURRENCE_INTERVAL_MAX = 999,
	RECURRENCE_OCCURRENCES_MAX = 999,
	RECURRENCE_DAYS_MAX = 127, /* of DayOfWeek: a bit a day */
};

/* Elements that not every type has. */
enum recurrence_part {
	RECURRENCE_WEEKDAYS = 1,
	RECURRENCE_DAY = 2,
	RECURRENCE_WEEK = 4,
	RECURRENCE_MONTH = 8,
	RECURRENCE_CALENDAR = 16,
};

/* CAL_NEVER counts as daily. */
enum recurrence_type recurrence_type_of(const struct cal_recurrence *r);
/* `type` is one of the above. On days of the week, a daily one is weekly (MS-ASCAL R3892312). */
enum cal_frequency recurrence_frequency(uint64_t type, uint64_t weekdays);
/*
 * The type is one, and has no parts (enum recurrence_part) that it must not have (MS-ASCAL R53916 to R53919, MS-ASTASK R81, R132,
 * R320, R532, R533).
 */
bool recurrence_allows(uint64_t type, unsigned parts);
/* A CalendarType that may be said (MS-ASCAL R53913, MS-ASTASK R84). */
bool recurrence_is_calendar(uint64_t calendar_type);

#endif
