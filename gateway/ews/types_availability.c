/* Rows of GetUserAvailability. */
#include <gateway/ews/rows.h>
#include <gateway/ews/types_availability.h>

/* clang-format off */
static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
				    NULL };
static const char *const attendees[] = { "Organizer", "Required", "Optional", "Room", "Resource", NULL };
static const char *const views[] = { "None", "MergedOnly", "FreeBusy", "FreeBusyMerged", "Detailed", "DetailedMerged",
				     NULL };
static const char *const qualities[] = { "Excellent", "Good", "Fair", "Poor", NULL };
/* By enum cal_busy; the schema of 2010 knows nobody who works elsewhere. */
static const char *const busy_types[] = { "Free", "Tentative", "Busy", "OOF", "Free", "NoData", NULL };

STATIC_ROWS(zone_day, ews_zone_day,
	NEED_INT(ews_zone_day, Bias, -1440, 1440), NEED_TEXT(ews_zone_day, Time),
	NEED_INT(ews_zone_day, DayOrder, 0, 31), NEED_INT(ews_zone_day, Month, 0, 12),
	NEED_ENUM(ews_zone_day, DayOfWeek, days), TEXT(ews_zone_day, Year));
STATIC_ROWS(simple_zone, ews_simple_zone,
	NEED_INT(ews_simple_zone, Bias, -1440, 1440), NEED_STRUCT(ews_simple_zone, StandardTime, &zone_day),
	NEED_STRUCT(ews_simple_zone, DaylightTime, &zone_day));
STATIC_ROWS(mailbox_data, ews_mailbox_data,
	NEED_STRUCT(ews_mailbox_data, Email, &ews_mailbox_of_oof),
	NEED_ENUM(ews_mailbox_data, AttendeeType, attendees), BOOL(ews_mailbox_data, ExcludeConflicts));
STATIC_ROWS(mailbox_array, ews_mailbox_array, LIST(ews_mailbox_array, MailboxData, &mailbox_data));
STATIC_ROWS(window, ews_window, NEED_TIME(ews_window, StartTime), NEED_TIME(ews_window, EndTime));
STATIC_ROWS(view_options, ews_view_options,
	NEED_STRUCT(ews_view_options, TimeWindow, &window),
	INT(ews_view_options, MergedFreeBusyIntervalInMinutes, INT_MIN + 1, INT_MAX),
	ENUM(ews_view_options, RequestedView, views));
STATIC_ROWS(suggestion_options, ews_suggestion_options,
	INT(ews_suggestion_options, GoodThreshold, 1, 49), INT(ews_suggestion_options, MaximumResultsByDay, 0, 48),
	INT(ews_suggestion_options, MaximumNonWorkHourResultsByDay, 0, 48),
	INT(ews_suggestion_options, MeetingDurationInMinutes, 30, 1440),
	ENUM(ews_suggestion_options, MinimumSuggestionQuality, qualities),
	NEED_STRUCT(ews_suggestion_options, DetailedSuggestionsWindow, &window),
	ANYTHING("CurrentMeetingTime"), ANYTHING("GlobalObjectId"));
ROWS(ews_get_availability_type, ews_get_availability,
	STRUCT(ews_get_availability, TimeZone, &simple_zone),
	NEED_M_STRUCT(ews_get_availability, MailboxDataArray, &mailbox_array),
	STRUCT(ews_get_availability, FreeBusyViewOptions, &view_options),
	STRUCT(ews_get_availability, SuggestionsViewOptions, &suggestion_options));

STATIC_ROWS(event_details, ews_event_details,
	TEXT(ews_event_details, ID), TEXT(ews_event_details, Subject), TEXT(ews_event_details, Location),
	BOOL(ews_event_details, IsMeeting), BOOL(ews_event_details, IsRecurring), BOOL(ews_event_details, IsException),
	BOOL(ews_event_details, IsReminderSet), BOOL(ews_event_details, IsPrivate));
STATIC_ROWS(event, ews_event,
	TIME(ews_event, StartTime), TIME(ews_event, EndTime), ENUM(ews_event, BusyType, busy_types),
	STRUCT(ews_event, CalendarEventDetails, &event_details));
STATIC_ROWS(event_array, ews_event_array, LIST(ews_event_array, CalendarEvent, &event));
STATIC_ROWS(working_period, ews_working_period,
	TEXT(ews_working_period, DayOfWeek), INT(ews_working_period, StartTimeInMinutes, 0, 1440),
	INT(ews_working_period, EndTimeInMinutes, 0, 1440));
STATIC_ROWS(working_periods, ews_working_periods, LIST(ews_working_periods, WorkingPeriod, &working_period));
STATIC_ROWS(working_hours, ews_working_hours,
	STRUCT(ews_working_hours, TimeZone, &simple_zone),
	STRUCT(ews_working_hours, WorkingPeriodArray, &working_periods));
STATIC_ROWS(busy_view, ews_busy_view,
	ENUM(ews_busy_view, FreeBusyViewType, views), TEXT(ews_busy_view, MergedFreeBusy),
	STRUCT(ews_busy_view, CalendarEventArray, &event_array),
	STRUCT(ews_busy_view, WorkingHours, &working_hours));
STATIC_ROWS(response_message, ews_response_message, EWS_RESPONSE_ROWS(ews_response_message));
STATIC_ROWS(busy_response, ews_busy_response,
	M_STRUCT(ews_busy_response, ResponseMessage, &response_message),
	M_STRUCT(ews_busy_response, FreeBusyView, &busy_view));
STATIC_ROWS(busy_array, ews_busy_array, M_LIST(ews_busy_array, FreeBusyResponse, &busy_response));
STATIC_ROWS(known, ews_conflict, ENUM(ews_conflict, BusyType, busy_types));
static const struct ews_type unknown = { .size = sizeof(struct ews_conflict) };
STATIC_ROWS(group_conflict, ews_group_conflict,
	INT(ews_group_conflict, NumberOfMembers, 0, EWS_MAX_GROUP_PEOPLE),
	INT(ews_group_conflict, NumberOfMembersAvailable, 0, EWS_MAX_GROUP_PEOPLE),
	INT(ews_group_conflict, NumberOfMembersWithConflict, 0, EWS_MAX_GROUP_PEOPLE),
	INT(ews_group_conflict, NumberOfMembersWithNoData, 0, EWS_MAX_GROUP_PEOPLE));
static const struct ews_field conflict_rows[] = {
	EITHER("IndividualAttendeeConflictData", &known), EITHER("UnknownAttendeeConflictData", &unknown),
	EITHER("TooBigGroupAttendeeConflictData", &unknown), EITHER("GroupAttendeeConflictData", &group_conflict),
};
static const struct ews_type conflict_kinds = EWS_TYPE(ews_conflict, conflict_rows);
STATIC_ROWS(conflicts, ews_conflicts, CHOICES(ews_conflicts, choices, &conflict_kinds));
STATIC_ROWS(suggestion, ews_suggestion,
	TIME(ews_suggestion, MeetingTime), BOOL(ews_suggestion, IsWorkTime),
	ENUM(ews_suggestion, SuggestionQuality, qualities),
	STRUCT(ews_suggestion, AttendeeConflictDataArray, &conflicts));
STATIC_ROWS(suggestions, ews_suggestions, LIST(ews_suggestions, Suggestion, &suggestion));
STATIC_ROWS(suggestion_day, ews_suggestion_day,
	TIME(ews_suggestion_day, Date), ENUM(ews_suggestion_day, DayQuality, qualities),
	STRUCT(ews_suggestion_day, SuggestionArray, &suggestions));
STATIC_ROWS(suggestion_days, ews_suggestion_days,
	LIST(ews_suggestion_days, SuggestionDayResult, &suggestion_day));
STATIC_ROWS(suggestions_response, ews_suggestions_response,
	M_STRUCT(ews_suggestions_response, ResponseMessage, &response_message),
	M_STRUCT(ews_suggestions_response, SuggestionDayResultArray, &suggestion_days));
ROWS(ews_get_availability_answer_type, ews_get_availability_answer,
	M_STRUCT(ews_get_availability_answer, FreeBusyResponseArray, &busy_array),
	M_STRUCT(ews_get_availability_answer, SuggestionsResponse, &suggestions_response));
/* clang-format on */
