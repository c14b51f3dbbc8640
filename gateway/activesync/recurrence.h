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

/* CAL_NEVER counts as daily. */
enum recurrence_type recurrence_type_of(const struct cal_recurrence *r);
/* `type` is one of the above. On days of the week, a daily one is weekly (MS-ASCAL R3892312). */
enum cal_frequency recurrence_frequency(uint64_t type, uint64_t weekdays);

#endif
