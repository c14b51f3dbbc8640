/* Rows of time zones. */
#include <gateway/ews/rows.h>

/* clang-format off */
STATIC_ROWS(zone_id, ews_zone_id, CONTENT(ews_zone_id, id));
STATIC_ROWS(zone_ids, ews_zone_ids, LIST(ews_zone_ids, Id, &zone_id));
ROWS(ews_get_zones_type, ews_get_zones,
	A_BOOL(ews_get_zones, ReturnFullTimeZoneData), M_STRUCT(ews_get_zones, Ids, &zone_ids));
STATIC_ROWS(period, ews_period, A_TEXT(ews_period, Bias), A_TEXT(ews_period, Name), A_TEXT(ews_period, Id));
STATIC_ROWS(periods, ews_periods, LIST(ews_periods, Period, &period));
STATIC_ROWS(to, ews_transition_to, A_TEXT(ews_transition_to, Kind), CONTENT(ews_transition_to, id));
STATIC_ROWS(transition, ews_transition, STRUCT(ews_transition, To, &to));
STATIC_ROWS(recurring, ews_transition,
	STRUCT(ews_transition, To, &to), TEXT(ews_transition, TimeOffset), INT(ews_transition, Month, 1, 12),
	TEXT(ews_transition, DayOfWeek), INT(ews_transition, Occurrence, -1, 5));
static const struct ews_field transition_kind_rows[] = {
	EITHER("Transition", &transition), EITHER("RecurringDayTransition", &recurring),
};
static const struct ews_type transition_kind = EWS_TYPE(ews_transition, transition_kind_rows);
STATIC_ROWS(transitions, ews_transitions,
	A_TEXT(ews_transitions, Id), CHOICES(ews_transitions, choices, &transition_kind));
STATIC_ROWS(groups, ews_transitions_groups, LIST(ews_transitions_groups, TransitionsGroup, &transitions));
STATIC_ROWS(zone, ews_zone,
	A_TEXT(ews_zone, Id), A_TEXT(ews_zone, Name), STRUCT(ews_zone, Periods, &periods),
	STRUCT(ews_zone, TransitionsGroups, &groups), STRUCT(ews_zone, Transitions, &transitions));
STATIC_ROWS(zones, ews_zones, LIST(ews_zones, TimeZoneDefinition, &zone));
STATIC_ROWS(zones_message, ews_zones_message,
	EWS_RESPONSE_ROWS(ews_zones_message), M_STRUCT(ews_zones_message, TimeZoneDefinitions, &zones));
STATIC_ROWS(zones_messages, ews_zones_messages,
	M_LIST(ews_zones_messages, GetServerTimeZonesResponseMessage, &zones_message));
ROWS(ews_get_zones_answer_type, ews_get_zones_answer,
	M_STRUCT(ews_get_zones_answer, ResponseMessages, &zones_messages));
/* clang-format on */
