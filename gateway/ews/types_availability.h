/* The structs of GetUserAvailability (MS-OXWAVLS). */
#ifndef GATEWAY_EWS_TYPES_AVAILABILITY_H
#define GATEWAY_EWS_TYPES_AVAILABILITY_H

#include <gateway/ews/types.h>

/* A day on which a zone changes its time. */
struct ews_zone_day {
	int Bias;
	struct str Time;
	int DayOrder, Month, DayOfWeek;
	struct str Year;
};
struct ews_simple_zone {
	int Bias;
	struct ews_zone_day *StandardTime, *DaylightTime;
};

enum ews_attendee { EWS_ORGANIZER, EWS_REQUIRED, EWS_OPTIONAL, EWS_ROOM, EWS_RESOURCE };
struct ews_mailbox_data {
	struct ews_mailbox *Email;
	int AttendeeType, ExcludeConflicts;
};
struct ews_mailbox_array {
	struct ews_list MailboxData;
};
struct ews_window {
	struct ews_time StartTime, EndTime;
};
enum ews_view { EWS_VIEW_NONE, EWS_VIEW_MERGED, EWS_VIEW_BUSY, EWS_VIEW_BUSY_MERGED, EWS_VIEW_DETAILED, EWS_VIEW_ALL };
struct ews_view_options {
	struct ews_window *TimeWindow;
	int MergedFreeBusyIntervalInMinutes, RequestedView;
};
enum ews_quality { EWS_EXCELLENT, EWS_GOOD, EWS_FAIR, EWS_POOR };
struct ews_suggestion_options {
	int GoodThreshold, MaximumResultsByDay, MaximumNonWorkHourResultsByDay, MeetingDurationInMinutes,
		MinimumSuggestionQuality;
	struct ews_window *DetailedSuggestionsWindow;
};
struct ews_get_availability {
	struct ews_simple_zone *TimeZone;
	struct ews_mailbox_array *MailboxDataArray;
	struct ews_view_options *FreeBusyViewOptions;
	struct ews_suggestion_options *SuggestionsViewOptions;
};

struct ews_event_details {
	struct str ID, Subject, Location;
	int IsMeeting, IsRecurring, IsException, IsReminderSet, IsPrivate;
};
struct ews_event {
	struct ews_time StartTime, EndTime;
	int BusyType;
	struct ews_event_details *CalendarEventDetails;
};
struct ews_event_array {
	struct ews_list CalendarEvent;
};
struct ews_working_period {
	struct str DayOfWeek;
	int StartTimeInMinutes, EndTimeInMinutes;
};
struct ews_working_periods {
	struct ews_list WorkingPeriod;
};
struct ews_working_hours {
	struct ews_simple_zone *TimeZone;
	struct ews_working_periods *WorkingPeriodArray;
};
struct ews_busy_view {
	int FreeBusyViewType;
	struct str MergedFreeBusy;
	struct ews_event_array *CalendarEventArray;
	struct ews_working_hours *WorkingHours;
};
struct ews_busy_response {
	struct ews_response_message *ResponseMessage;
	struct ews_busy_view *FreeBusyView;
};
struct ews_busy_array {
	struct ews_list FreeBusyResponse;
};
struct ews_conflict {
	int BusyType;
};
struct ews_group_conflict {
	int NumberOfMembers, NumberOfMembersAvailable, NumberOfMembersWithConflict, NumberOfMembersWithNoData;
};
/* The alternatives, in the order of their rows. */
enum ews_conflict_kind { EWS_CONFLICT_KNOWN, EWS_CONFLICT_UNKNOWN, EWS_CONFLICT_TOO_BIG, EWS_CONFLICT_GROUP };
struct ews_conflicts {
	struct ews_list choices;
};
struct ews_suggestion {
	struct ews_time MeetingTime;
	int IsWorkTime, SuggestionQuality;
	struct ews_conflicts *AttendeeConflictDataArray;
};
struct ews_suggestions {
	struct ews_list Suggestion;
};
struct ews_suggestion_day {
	struct ews_time Date;
	int DayQuality;
	struct ews_suggestions *SuggestionArray;
};
struct ews_suggestion_days {
	struct ews_list SuggestionDayResult;
};
struct ews_suggestions_response {
	struct ews_response_message *ResponseMessage;
	struct ews_suggestion_days *SuggestionDayResultArray;
};
struct ews_get_availability_answer {
	struct ews_busy_array *FreeBusyResponseArray;
	struct ews_suggestions_response *SuggestionsResponse;
};
extern const struct ews_type ews_get_availability_type, ews_get_availability_answer_type;

enum {
	EWS_MAX_MAILBOXES = 100,
	EWS_MAX_GROUP_PEOPLE = 100, /* of all groups of a request together */
	EWS_MAX_WINDOW_DAYS = 42,
	EWS_MAX_EVENTS = 1000, /* of a mailbox that are told one by one */
	/* Octets of subjects, places and the like in an answer; whose do not fit is shown without. With all else below EWS_MAX_ANSWER. */
	EWS_MAX_DETAILS = 24 * 1024 * 1024,
};

#endif
