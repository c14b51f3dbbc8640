#include <gateway/activesync/recurrence.h>

enum { GREGORIAN_TYPES = 12 };

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

bool recurrence_allows(uint64_t type, unsigned parts)
{
	static const struct {
		bool known;
		unsigned may;
	} types[] = {
		[RECURRENCE_DAILY] = { true, RECURRENCE_WEEKDAYS },
		[RECURRENCE_WEEKLY] = { true, RECURRENCE_WEEKDAYS },
		[RECURRENCE_MONTHLY] = { true, RECURRENCE_DAY | RECURRENCE_CALENDAR },
		[RECURRENCE_MONTHLY_NTH] = { true, RECURRENCE_WEEKDAYS | RECURRENCE_WEEK | RECURRENCE_CALENDAR },
		[RECURRENCE_YEARLY] = { true, RECURRENCE_DAY | RECURRENCE_MONTH | RECURRENCE_CALENDAR },
		[RECURRENCE_YEARLY_NTH] = { true, RECURRENCE_WEEKDAYS | RECURRENCE_WEEK | RECURRENCE_MONTH |
							  RECURRENCE_CALENDAR },
	};

	return type < countof(types) && types[type].known && !(parts & ~types[type].may);
}

bool recurrence_is_calendar(uint64_t calendar_type)
{
	return calendar_type <= GREGORIAN_TYPES || calendar_type == 14 || calendar_type == 15 || calendar_type == 20;
}
