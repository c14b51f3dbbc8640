/*
 * The structs of requests and answers; their rows are in types_*.c. Names are the schema's. Requests are what ews_read()
 * made; answers are made by the operations, in the arena of their request.
 */
#ifndef GATEWAY_EWS_TYPES_H
#define GATEWAY_EWS_TYPES_H

#include <gateway/ews/schema.h>

/* ---- shared ---- */

struct ews_anything {
	char unused;
};
extern const struct ews_type ews_anything_type; /* what is in it is not looked at; written empty */

struct ews_mailbox {
	struct str Name, Address, EmailAddress, RoutingType, MailboxType;
};
extern const struct ews_type ews_mailbox_of_oof; /* EmailAddress by the name Address */
extern const struct ews_type ews_mailbox_type;

enum ews_class { EWS_SUCCESS, EWS_WARNING, EWS_ERROR };

/* What every response message begins with. */
struct ews_response {
	int ResponseClass;
	struct str MessageText, ResponseCode;
	int DescriptiveLinkKey;
};
extern const char *const ews_class_names[];
#define EWS_RESPONSE_ROWS(struct_name)                                                \
	{ .name = "ResponseClass",                                                    \
	  .kind = EWS_ENUM,                                                           \
	  .place = EWS_ATTRIBUTE,                                                     \
	  .names = ews_class_names,                                                   \
	  .at = offsetof(struct struct_name, response.ResponseClass) },               \
		{ .name = "MessageText",                                              \
		  .kind = EWS_TEXT,                                                   \
		  .place = EWS_MESSAGES,                                              \
		  .at = offsetof(struct struct_name, response.MessageText) },         \
		{ .name = "ResponseCode",                                             \
		  .kind = EWS_TEXT,                                                   \
		  .place = EWS_MESSAGES,                                              \
		  .at = offsetof(struct struct_name, response.ResponseCode) },        \
	{                                                                             \
		.name = "DescriptiveLinkKey", .kind = EWS_INT, .place = EWS_MESSAGES, \
		.at = offsetof(struct struct_name, response.DescriptiveLinkKey)       \
	}

struct ews_response_message {
	struct ews_response response;
};

/* ---- out of office (MS-OXWOOF) ---- */

struct ews_reply {
	struct str Message;
};
struct ews_duration {
	struct ews_time StartTime, EndTime;
};
enum ews_audience { EWS_AUDIENCE_NONE, EWS_AUDIENCE_KNOWN, EWS_AUDIENCE_ALL };
struct ews_oof_settings {
	int OofState, ExternalAudience;
	struct ews_duration *Duration;
	struct ews_reply *InternalReply, *ExternalReply;
};
struct ews_get_oof {
	struct ews_mailbox *Mailbox;
};
struct ews_get_oof_answer {
	struct ews_response_message *ResponseMessage;
	struct ews_oof_settings *OofSettings;
	struct str AllowExternalOof;
};
struct ews_set_oof {
	struct ews_mailbox *Mailbox;
	struct ews_oof_settings *UserOofSettings;
};
struct ews_set_oof_answer {
	struct ews_response_message *ResponseMessage;
};
extern const struct ews_type ews_get_oof_type, ews_get_oof_answer_type, ews_set_oof_type, ews_set_oof_answer_type;

/* ---- what the server can do (MS-OXWCONFIG) ---- */

enum ews_configuration { EWS_MAIL_TIPS, EWS_UNIFIED_MESSAGING, EWS_PROTECTION_RULES, EWS_POLICY_NUDGES };
struct ews_configuration_name {
	int name;
};
struct ews_configuration_names {
	struct ews_list ConfigurationName;
};
struct ews_get_configuration {
	struct ews_configuration_names *RequestedConfiguration;
};
struct ews_smtp_domain {
	struct str Name;
	int IncludeSubdomains;
};
struct ews_smtp_domains {
	struct ews_list Domain;
};
struct ews_mail_tips {
	int MailTipsEnabled, MaxRecipientsPerGetMailTipsRequest, MaxMessageSize, LargeAudienceThreshold,
		ShowExternalRecipientCount;
	struct ews_smtp_domains *InternalDomains;
};
struct ews_unified_messaging {
	int UmEnabled;
	struct str PlayOnPhoneDialString;
	int PlayOnPhoneEnabled;
};
struct ews_protection_rules {
	int RefreshInterval; /* hours */
	struct ews_anything *Rules;
	struct ews_smtp_domains *InternalDomains;
};
struct ews_configuration_message {
	struct ews_response response;
	struct ews_mail_tips *MailTipsConfiguration;
	struct ews_unified_messaging *UnifiedMessagingConfiguration;
	struct ews_protection_rules *ProtectionRulesConfiguration;
};
struct ews_configuration_messages {
	struct ews_list ServiceConfigurationResponseMessageType;
};
struct ews_get_configuration_answer {
	struct ews_response response;
	struct ews_configuration_messages *ResponseMessages;
};
extern const struct ews_type ews_get_configuration_type, ews_get_configuration_answer_type;

/* ---- names (MS-OXWSRSLNM, MS-OXWSEDL) ---- */

struct ews_resolve_names {
	int ReturnFullContactData;
	struct str UnresolvedEntry;
};
struct ews_contact_entry {
	struct str Key, value;
};
struct ews_contact_entries {
	struct ews_list Entry;
};
struct ews_contact {
	struct str DisplayName, GivenName, CompanyName;
	struct ews_contact_entries *EmailAddresses, *PhoneNumbers;
	struct str ContactSource, Department, JobTitle, OfficeLocation, Surname;
};
struct ews_resolution {
	struct ews_mailbox *Mailbox;
	struct ews_contact *Contact;
};
struct ews_resolution_set {
	int TotalItemsInView, IncludesLastItemInRange;
	struct ews_list Resolution;
};
struct ews_resolve_names_message {
	struct ews_response response;
	struct ews_resolution_set *ResolutionSet;
};
struct ews_resolve_names_messages {
	struct ews_list ResolveNamesResponseMessage;
};
struct ews_resolve_names_answer {
	struct ews_resolve_names_messages *ResponseMessages;
};
extern const struct ews_type ews_resolve_names_type, ews_resolve_names_answer_type;

struct ews_expand_dl {
	struct ews_mailbox *Mailbox;
};
struct ews_dl_expansion {
	int TotalItemsInView, IncludesLastItemInRange;
	struct ews_list Mailbox;
};
struct ews_expand_dl_message {
	struct ews_response response;
	struct ews_dl_expansion *DLExpansion;
};
struct ews_expand_dl_messages {
	struct ews_list ExpandDLResponseMessage;
};
struct ews_expand_dl_answer {
	struct ews_expand_dl_messages *ResponseMessages;
};
extern const struct ews_type ews_expand_dl_type, ews_expand_dl_answer_type;

/* ---- ids (MS-OXWSCVTID) ---- */

struct ews_alternate_id {
	int Format;
	struct str Id, Mailbox;
	int IsArchive;
};
struct ews_source_ids {
	struct ews_list choices;
};
struct ews_convert_id {
	int DestinationFormat;
	struct ews_source_ids *SourceIds;
};
struct ews_alternate_id_answer {
	struct str type; /* xsi:type */
	int Format;
	struct str Id, Mailbox;
};
struct ews_convert_id_message {
	struct ews_response response;
	struct ews_alternate_id_answer *AlternateId;
};
struct ews_convert_id_messages {
	struct ews_list ConvertIdResponseMessage;
};
struct ews_convert_id_answer {
	struct ews_convert_id_messages *ResponseMessages;
};
extern const struct ews_type ews_convert_id_type, ews_convert_id_answer_type;

/* ---- folders (MS-OXWSFOLD, MS-OXWSSRCH) ---- */

enum ews_shape { EWS_ID_ONLY, EWS_DEFAULT, EWS_ALL_PROPERTIES };
struct ews_folder_shape {
	int BaseShape;
	struct ews_anything *AdditionalProperties; /* which ones is not looked at */
};
struct ews_folder_id {
	struct str Id, ChangeKey;
};
struct ews_distinguished_id {
	int Id;
	struct ews_mailbox *Mailbox;
};
enum ews_folder_ref { EWS_REF_FOLDER, EWS_REF_DISTINGUISHED };
struct ews_folder_ids {
	struct ews_list choices; /* enum ews_folder_ref */
};
struct ews_get_folder {
	struct ews_folder_shape *FolderShape;
	struct ews_folder_ids *FolderIds;
};
struct ews_page {
	int MaxEntriesReturned, Offset, BasePoint;
};
enum ews_traversal { EWS_SHALLOW, EWS_DEEP, EWS_SOFT_DELETED };
struct ews_find_folder {
	int Traversal;
	struct ews_folder_shape *FolderShape;
	struct ews_page *IndexedPageFolderView;
	struct ews_anything *Restriction;
	struct ews_folder_ids *ParentFolderIds;
};

enum ews_folder_kind { EWS_FOLDER, EWS_CALENDAR_FOLDER, EWS_CONTACTS_FOLDER, EWS_TASKS_FOLDER };
struct ews_folder {
	struct ews_folder_id *FolderId, *ParentFolderId;
	struct str FolderClass, DisplayName;
	int TotalCount, ChildFolderCount, UnreadCount;
};
struct ews_folders {
	struct ews_list choices; /* enum ews_folder_kind, of struct ews_folder */
};
struct ews_folder_message {
	struct ews_response response;
	struct ews_folders *Folders;
};
struct ews_get_folder_messages {
	struct ews_list GetFolderResponseMessage;
};
struct ews_get_folder_answer {
	struct ews_get_folder_messages *ResponseMessages;
};
struct ews_root_folder {
	int IndexedPagingOffset, TotalItemsInView, IncludesLastItemInRange;
	struct ews_folders *Folders;
};
struct ews_find_folder_message {
	struct ews_response response;
	struct ews_root_folder *RootFolder;
};
struct ews_find_folder_messages {
	struct ews_list FindFolderResponseMessage;
};
struct ews_find_folder_answer {
	struct ews_find_folder_messages *ResponseMessages;
};
extern const struct ews_type ews_get_folder_type, ews_get_folder_answer_type, ews_find_folder_type,
	ews_find_folder_answer_type;
extern const char *const ews_distinguished_names[];

/* ---- time zones (MS-OXWSGTZ) ---- */

struct ews_zone_id {
	struct str id;
};
struct ews_zone_ids {
	struct ews_list Id;
};
struct ews_get_zones {
	int ReturnFullTimeZoneData;
	struct ews_zone_ids *Ids;
};
struct ews_period {
	struct str Bias, Name, Id;
};
struct ews_periods {
	struct ews_list Period;
};
struct ews_transition_to {
	struct str Kind, id;
};
struct ews_transition {
	struct ews_transition_to *To;
	struct str TimeOffset;
	int Month;
	struct str DayOfWeek;
	int Occurrence;
};
struct ews_transitions {
	struct str Id;
	struct ews_list choices;
};
struct ews_transitions_groups {
	struct ews_list TransitionsGroup;
};
struct ews_zone {
	struct str Id, Name;
	struct ews_periods *Periods;
	struct ews_transitions_groups *TransitionsGroups;
	struct ews_transitions *Transitions;
};
struct ews_zones {
	struct ews_list TimeZoneDefinition;
};
struct ews_zones_message {
	struct ews_response response;
	struct ews_zones *TimeZoneDefinitions;
};
struct ews_zones_messages {
	struct ews_list GetServerTimeZonesResponseMessage;
};
struct ews_get_zones_answer {
	struct ews_zones_messages *ResponseMessages;
};
extern const struct ews_type ews_get_zones_type, ews_get_zones_answer_type;

#endif
