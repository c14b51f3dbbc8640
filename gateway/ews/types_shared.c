/* Rows that several operations share, and those of out of office, configuration and names. */
#include <gateway/ews/rows.h>

/* clang-format off */
const char *const ews_class_names[] = { "Success", "Warning", "Error", NULL };
static const char *const oof_states[] = { "Disabled", "Enabled", "Scheduled", NULL };
static const char *const audiences[] = { "None", "Known", "All", NULL };
static const char *const configurations[] = { "MailTips", "UnifiedMessagingConfiguration", "ProtectionRules",
					      "PolicyNudges", NULL };

const struct ews_type ews_anything_type = { .size = sizeof(struct ews_anything), .open = true };
ROWS(ews_mailbox_of_oof, ews_mailbox,
	TEXT(ews_mailbox, Name), NEED_TEXT(ews_mailbox, Address), TEXT(ews_mailbox, RoutingType));
ROWS(ews_mailbox_type, ews_mailbox,
	TEXT(ews_mailbox, Name), TEXT(ews_mailbox, EmailAddress), TEXT(ews_mailbox, RoutingType),
	TEXT(ews_mailbox, MailboxType), ANYTHING("ItemId"));
STATIC_ROWS(response_message, ews_response_message, EWS_RESPONSE_ROWS(ews_response_message));

/* ---- out of office ---- */

STATIC_ROWS(reply, ews_reply, TEXT(ews_reply, Message));
STATIC_ROWS(duration, ews_duration, NEED_TIME(ews_duration, StartTime), NEED_TIME(ews_duration, EndTime));
STATIC_ROWS(oof_settings, ews_oof_settings,
	NEED_ENUM(ews_oof_settings, OofState, oof_states),
	NEED_ENUM(ews_oof_settings, ExternalAudience, audiences),
	STRUCT(ews_oof_settings, Duration, &duration),
	STRUCT(ews_oof_settings, InternalReply, &reply),
	STRUCT(ews_oof_settings, ExternalReply, &reply));
ROWS(ews_get_oof_type, ews_get_oof, NEED_STRUCT(ews_get_oof, Mailbox, &ews_mailbox_of_oof));
ROWS(ews_get_oof_answer_type, ews_get_oof_answer,
	M_STRUCT(ews_get_oof_answer, ResponseMessage, &response_message),
	STRUCT(ews_get_oof_answer, OofSettings, &oof_settings),
	M_TEXT(ews_get_oof_answer, AllowExternalOof));
ROWS(ews_set_oof_type, ews_set_oof,
	NEED_STRUCT(ews_set_oof, Mailbox, &ews_mailbox_of_oof),
	NEED_STRUCT(ews_set_oof, UserOofSettings, &oof_settings));
ROWS(ews_set_oof_answer_type, ews_set_oof_answer,
	M_STRUCT(ews_set_oof_answer, ResponseMessage, &response_message));

/* ---- what the server can do ---- */

STATIC_ROWS(configuration_name, ews_configuration_name,
	CONTENT_ENUM(ews_configuration_name, name, configurations));
STATIC_ROWS(configuration_names, ews_configuration_names,
	NEED_M_LIST(ews_configuration_names, ConfigurationName, &configuration_name));
ROWS(ews_get_configuration_type, ews_get_configuration,
	ANYTHING("ActingAs"),
	NEED_M_STRUCT(ews_get_configuration, RequestedConfiguration, &configuration_names),
	ANYTHING("ConfigurationRequestDetails"));
STATIC_ROWS(smtp_domain, ews_smtp_domain,
	A_TEXT(ews_smtp_domain, Name), A_BOOL(ews_smtp_domain, IncludeSubdomains));
STATIC_ROWS(smtp_domains, ews_smtp_domains, LIST(ews_smtp_domains, Domain, &smtp_domain));
STATIC_ROWS(mail_tips, ews_mail_tips,
	BOOL(ews_mail_tips, MailTipsEnabled), INT(ews_mail_tips, MaxRecipientsPerGetMailTipsRequest, 0, INT_MAX),
	INT(ews_mail_tips, MaxMessageSize, 0, INT_MAX), INT(ews_mail_tips, LargeAudienceThreshold, 0, INT_MAX),
	BOOL(ews_mail_tips, ShowExternalRecipientCount),
	STRUCT(ews_mail_tips, InternalDomains, &smtp_domains));
STATIC_ROWS(unified_messaging, ews_unified_messaging,
	BOOL(ews_unified_messaging, UmEnabled), TEXT(ews_unified_messaging, PlayOnPhoneDialString),
	BOOL(ews_unified_messaging, PlayOnPhoneEnabled));
STATIC_ROWS(protection_rules, ews_protection_rules,
	A_INT(ews_protection_rules, RefreshInterval, 1, INT_MAX),
	STRUCT(ews_protection_rules, Rules, &ews_anything_type),
	STRUCT(ews_protection_rules, InternalDomains, &smtp_domains));
STATIC_ROWS(configuration_message, ews_configuration_message,
	EWS_RESPONSE_ROWS(ews_configuration_message),
	M_STRUCT(ews_configuration_message, MailTipsConfiguration, &mail_tips),
	M_STRUCT(ews_configuration_message, UnifiedMessagingConfiguration, &unified_messaging),
	M_STRUCT(ews_configuration_message, ProtectionRulesConfiguration, &protection_rules));
STATIC_ROWS(configuration_messages, ews_configuration_messages,
	M_LIST(ews_configuration_messages, ServiceConfigurationResponseMessageType, &configuration_message));
ROWS(ews_get_configuration_answer_type, ews_get_configuration_answer,
	EWS_RESPONSE_ROWS(ews_get_configuration_answer),
	M_STRUCT(ews_get_configuration_answer, ResponseMessages, &configuration_messages));

/* ---- names ---- */

ROWS(ews_resolve_names_type, ews_resolve_names,
	NEED_A_BOOL(ews_resolve_names, ReturnFullContactData),
	ANYTHING("ParentFolderIds"),
	NEED_M_TEXT(ews_resolve_names, UnresolvedEntry));
STATIC_ROWS(contact_entry, ews_contact_entry,
	A_TEXT(ews_contact_entry, Key), CONTENT(ews_contact_entry, value));
STATIC_ROWS(contact_entries, ews_contact_entries, LIST(ews_contact_entries, Entry, &contact_entry));
STATIC_ROWS(contact, ews_contact,
	TEXT(ews_contact, DisplayName), TEXT(ews_contact, GivenName), TEXT(ews_contact, CompanyName),
	STRUCT(ews_contact, EmailAddresses, &contact_entries),
	STRUCT(ews_contact, PhoneNumbers, &contact_entries), TEXT(ews_contact, ContactSource),
	TEXT(ews_contact, Department), TEXT(ews_contact, JobTitle), TEXT(ews_contact, OfficeLocation),
	TEXT(ews_contact, Surname));
STATIC_ROWS(resolution, ews_resolution,
	STRUCT(ews_resolution, Mailbox, &ews_mailbox_type), STRUCT(ews_resolution, Contact, &contact));
STATIC_ROWS(resolution_set, ews_resolution_set,
	A_INT(ews_resolution_set, TotalItemsInView, 0, INT_MAX), A_BOOL(ews_resolution_set, IncludesLastItemInRange),
	LIST(ews_resolution_set, Resolution, &resolution));
STATIC_ROWS(resolve_names_message, ews_resolve_names_message,
	EWS_RESPONSE_ROWS(ews_resolve_names_message),
	M_STRUCT(ews_resolve_names_message, ResolutionSet, &resolution_set));
STATIC_ROWS(resolve_names_messages, ews_resolve_names_messages,
	M_LIST(ews_resolve_names_messages, ResolveNamesResponseMessage, &resolve_names_message));
ROWS(ews_resolve_names_answer_type, ews_resolve_names_answer,
	M_STRUCT(ews_resolve_names_answer, ResponseMessages, &resolve_names_messages));

ROWS(ews_expand_dl_type, ews_expand_dl, NEED_M_STRUCT(ews_expand_dl, Mailbox, &ews_mailbox_type));
STATIC_ROWS(dl_expansion, ews_dl_expansion,
	A_INT(ews_dl_expansion, TotalItemsInView, 0, INT_MAX), A_BOOL(ews_dl_expansion, IncludesLastItemInRange),
	LIST(ews_dl_expansion, Mailbox, &ews_mailbox_type));
STATIC_ROWS(expand_dl_message, ews_expand_dl_message,
	EWS_RESPONSE_ROWS(ews_expand_dl_message),
	M_STRUCT(ews_expand_dl_message, DLExpansion, &dl_expansion));
STATIC_ROWS(expand_dl_messages, ews_expand_dl_messages,
	M_LIST(ews_expand_dl_messages, ExpandDLResponseMessage, &expand_dl_message));
ROWS(ews_expand_dl_answer_type, ews_expand_dl_answer,
	M_STRUCT(ews_expand_dl_answer, ResponseMessages, &expand_dl_messages));
/* clang-format on */
