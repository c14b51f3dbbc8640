/* Changes with the commands and versions that are offered. */
#include <gateway/activesync/command.h>

const struct eas_command eas_commands[] = {
	{
		.name = "Find",
		.code = EAS_NO_CODE,
		.from = EAS_16_1,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_FIND,
		.root = TAG_FIND_FIND,
		.status = TAG_FIND_STATUS,
		.handler = eas_find,
	},
	{
		.name = "FolderCreate",
		.code = 10,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_FOLDER,
		.root = TAG_FOLDERHIERARCHY_FOLDERCREATE,
		.status = TAG_FOLDERHIERARCHY_STATUS,
		.handler = eas_foldercreate,
	},
	{
		.name = "FolderDelete",
		.code = 11,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_FOLDER,
		.root = TAG_FOLDERHIERARCHY_FOLDERDELETE,
		.status = TAG_FOLDERHIERARCHY_STATUS,
		.handler = eas_folderdelete,
	},
	{
		.name = "FolderSync",
		.code = 9,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_FOLDERSYNC,
		.root = TAG_FOLDERHIERARCHY_FOLDERSYNC,
		.status = TAG_FOLDERHIERARCHY_STATUS,
		.handler = eas_foldersync,
	},
	{
		.name = "FolderUpdate",
		.code = 12,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_FOLDER,
		.root = TAG_FOLDERHIERARCHY_FOLDERUPDATE,
		.status = TAG_FOLDERHIERARCHY_STATUS,
		.handler = eas_folderupdate,
	},
	{
		.name = "GetAttachment",
		.code = 4,
		.from = EAS_2_5,
		.to = EAS_12_1,
		.flags = EAS_EMPTY_BODY_OK | EAS_NO_DOCUMENT,
		.body_max = EAS_MAX_BODY_NONE,
		.handler = eas_get_attachment,
	},
	{
		.name = "GetHierarchy",
		.code = EAS_NO_CODE,
		.from = EAS_2_5,
		.to = EAS_12_1,
		.flags = EAS_EMPTY_BODY_OK | EAS_NO_DOCUMENT,
		.body_max = EAS_MAX_BODY_NONE,
		.handler = eas_get_hierarchy,
	},
	{
		.name = "GetItemEstimate",
		.code = 14,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_GETITEMESTIMATE,
		.root = TAG_GETITEMESTIMATE_GETITEMESTIMATE,
		.status = TAG_GETITEMESTIMATE_STATUS,
		.handler = eas_get_item_estimate,
	},
	{
		.name = "ItemOperations",
		.code = 19,
		.from = EAS_12_0,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_ITEMOPERATIONS,
		.root = TAG_ITEMOPERATIONS_ITEMOPERATIONS,
		.status = TAG_ITEMOPERATIONS_STATUS,
		.handler = eas_item_operations,
	},
	{
		.name = "MeetingResponse",
		.code = 15,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_MEETINGRESPONSE,
		.root = TAG_MEETINGRESPONSE_MEETINGRESPONSE,
		.status = TAG_MEETINGRESPONSE_STATUS,
		.within = TAG_MEETINGRESPONSE_RESULT, /* MS-ASCMD 2.2.3.167.8 */
		.handler = eas_meeting_response,
	},
	{
		.name = "MoveItems",
		.code = 13,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_MOVEITEMS,
		.root = TAG_MOVE_MOVEITEMS,
		.status = TAG_MOVE_STATUS,
		.handler = eas_move_items,
	},
	{
		.name = "Ping",
		.code = 18,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.flags = EAS_HOLDS | EAS_EMPTY_BODY_OK,
		.body_max = EAS_MAX_BODY_PING,
		.root = TAG_PING_PING,
		.status = TAG_PING_STATUS,
		.handler = eas_ping,
	},
	{
		.name = "Provision",
		.code = 20,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_PROVISION,
		.root = TAG_PROVISION_PROVISION,
		.status = TAG_PROVISION_STATUS,
		.handler = eas_provision,
	},
	{
		.name = "ResolveRecipients",
		.code = 21,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_RESOLVERECIPIENTS,
		.root = TAG_RESOLVERECIPIENTS_RESOLVERECIPIENTS,
		.status = TAG_RESOLVERECIPIENTS_STATUS,
		.handler = eas_resolve_recipients,
	},
	{
		.name = "Search",
		.code = 16,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_SEARCH,
		.root = TAG_SEARCH_SEARCH,
		.status = TAG_SEARCH_STATUS,
		.handler = eas_search,
	},
	{
		.name = "SendMail",
		.code = 1,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.flags = EAS_MIME_BEFORE_14,
		.body_max = EAS_MAX_BODY_SENDMAIL,
		.root = TAG_COMPOSEMAIL_SENDMAIL,
		.status = TAG_COMPOSEMAIL_STATUS,
		.handler = eas_send_mail,
	},
	{
		.name = "Settings",
		.code = 17,
		.from = EAS_12_0,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_SETTINGS,
		.root = TAG_SETTINGS_SETTINGS,
		.status = TAG_SETTINGS_STATUS,
		.handler = eas_settings,
	},
	{
		.name = "SmartForward",
		.code = 2,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.flags = EAS_MIME_BEFORE_14,
		.body_max = EAS_MAX_BODY_SENDMAIL,
		.root = TAG_COMPOSEMAIL_SMARTFORWARD,
		.status = TAG_COMPOSEMAIL_STATUS,
		.handler = eas_smart_forward,
	},
	{
		.name = "SmartReply",
		.code = 3,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.flags = EAS_MIME_BEFORE_14,
		.body_max = EAS_MAX_BODY_SENDMAIL,
		.root = TAG_COMPOSEMAIL_SMARTREPLY,
		.status = TAG_COMPOSEMAIL_STATUS,
		.handler = eas_smart_reply,
	},
	{
		.name = "Sync",
		.code = 0,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.flags = EAS_HOLDS | EAS_EMPTY_BODY_OK,
		.empty_from = EAS_12_1, /* before, a Sync says everything each time */
		.body_max = EAS_MAX_BODY_SYNC,
		.root = TAG_AIRSYNC_SYNC,
		.status = TAG_AIRSYNC_STATUS,
		.handler = eas_sync,
	},
	{
		.name = "ValidateCert",
		.code = 22,
		.from = EAS_2_5,
		.to = EAS_16_1,
		.body_max = EAS_MAX_BODY_VALIDATECERT,
		.root = TAG_VALIDATECERT_VALIDATECERT,
		.status = TAG_VALIDATECERT_STATUS,
		.handler = eas_validate_cert,
	},
};
const size_t eas_commands_n = countof(eas_commands);

const struct eas_command *eas_command_by_name(struct str name)
{
	for (size_t i = 0; i < eas_commands_n; i++)
		if (str_ieq(name, str_of(eas_commands[i].name)))
			return &eas_commands[i];
	return NULL;
}

const struct eas_command *eas_command_by_code(uint8_t code)
{
	for (size_t i = 0; i < eas_commands_n; i++)
		if (eas_commands[i].code == code && code != EAS_NO_CODE)
			return &eas_commands[i];
	return NULL;
}

enum { OFFER_MAX_BYTES = 1024 };

static void put_name(struct buf *list, struct str name)
{
	buf_cstr(list, list->n ? "," : "");
	buf_str(list, name);
}

void eas_offer(struct http_response *resp, struct eas_versions offered)
{
	CLEANUP(buf_release) struct buf list = BUF_INIT(OFFER_MAX_BYTES);

	for (unsigned v = offered.from; v <= offered.to; v++)
		put_name(&list, eas_version_text((enum eas_version)v));
	http_response_header(resp, "MS-ASProtocolVersions", buf_view(&list));
	buf_clear(&list);
	for (size_t i = 0; i < eas_commands_n; i++)
		if (eas_commands[i].from <= offered.to && eas_commands[i].to >= offered.from)
			put_name(&list, str_of(eas_commands[i].name));
	http_response_header(resp, "MS-ASProtocolCommands", buf_view(&list));
}
