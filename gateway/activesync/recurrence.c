#include <gateway/activesync/recurrence.h>

enum recurrence_type recurrence_type_of(const struct cal_recurrence *r)
{
	switch (r->frequency) {
	case CAL_WEEKLY:
		return RECURRENCE_WEEKLY;
	case CAL_MONTHLY:
		return r->week ? RECURRENCE_MONTHLY_NTH : RECURRENCE_MONTHLY;
	case CAL_YEARLY:
		return r->week ? RECURRENCE_YEARLY_NTH : RECURRENCE_YEARLY;
	case CAL_DAILY:
	case CAL_NEVER:
		break;
	}
	return RECURRENCE_DAILY;
}

enum cal_frequency recurrence_frequency(uint64_t type, uint64_t weekdays)
{
	static const enum cal_frequency frequencies[] = {
		[RECURRENCE_DAILY] = CAL_DAILY,     [RECURRENCE_WEEKLY] = CAL_WEEKLY,
		[RECURRENCE_MONTHLY] = CAL_MONTHLY, [RECURRENCE_MONTHLY_NTH] = CAL_MONTHLY,
		[RECURRENCE_YEARLY] = CAL_YEARLY,   [RECURRENCE_YEARLY_NTH] = CAL_YEARLY,
	};

	return type == RECURRENCE_DAILY && weekdays ? CAL_WEEKLY : frequencies[type];
}
