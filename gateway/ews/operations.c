/* The table of operations, and what they share. */
#include <gateway/ews/operation.h>
#include <gateway/ews/types_availability.h>

#include <store/account.h>

static const struct ews_operation operations[] = {
	{ "ConvertId", "m:ConvertIdResponse", &ews_convert_id_type, &ews_convert_id_answer_type, ews_convert_id_run },
	{ "ExpandDL", "m:ExpandDLResponse", &ews_expand_dl_type, &ews_expand_dl_answer_type, ews_expand_dl_run },
	{ "FindFolder", "m:FindFolderResponse", &ews_find_folder_type, &ews_find_folder_answer_type,
	  ews_find_folder_run },
	{ "GetFolder", "m:GetFolderResponse", &ews_get_folder_type, &ews_get_folder_answer_type, ews_get_folder_run },
	{ "GetServerTimeZones", "m:GetServerTimeZonesResponse", &ews_get_zones_type, &ews_get_zones_answer_type,
	  ews_get_zones_run },
	{ "GetServiceConfiguration", "m:GetServiceConfigurationResponse", &ews_get_configuration_type,
	  &ews_get_configuration_answer_type, ews_get_configuration_run },
	{ "GetUserAvailabilityRequest", "m:GetUserAvailabilityResponse", &ews_get_availability_type,
	  &ews_get_availability_answer_type, ews_get_availability_run },
	{ "GetUserOofSettingsRequest", "m:GetUserOofSettingsResponse", &ews_get_oof_type, &ews_get_oof_answer_type,
	  ews_get_oof_run },
	{ "ResolveNames", "m:ResolveNamesResponse", &ews_resolve_names_type, &ews_resolve_names_answer_type,
	  ews_resolve_names_run },
	{ "SetUserOofSettingsRequest", "m:SetUserOofSettingsResponse", &ews_set_oof_type, &ews_set_oof_answer_type,
	  ews_set_oof_run },
};

const struct ews_operation *ews_operation_find(struct str request)
{
	for (size_t i = 0; i < countof(operations); i++)
		if (str_eq(request, str_of(operations[i].request)))
			return &operations[i];
	return NULL;
}

static void say(struct ews_response *r, enum ews_class class, const char *code, const char *text)
{
	r->ResponseClass = (int)class;
	r->ResponseCode = str_of(code);
	r->MessageText = str_of(text);
	r->DescriptiveLinkKey = class == EWS_SUCCESS ? EWS_ABSENT : 0;
}

void ews_succeed(struct ews_response *r)
{
	say(r, EWS_SUCCESS, "NoError", NULL);
}

void ews_fail(struct ews_response *r, const char *code, const char *text)
{
	say(r, EWS_ERROR, code, text);
}

void ews_warn(struct ews_response *r, const char *code, const char *text)
{
	say(r, EWS_WARNING, code, text);
}

enum err ews_messages(struct ews_call *c, const struct ews_type *answer_type, void *answer, size_t n, void *ret_items,
		      const struct ews_type **ret_type)
{
	const struct ews_type *messages = ews_type_of(answer_type, "ResponseMessages");
	const struct ews_field *list = &messages->fields[0];
	void *at = ews_make(c->arena, answer_type, answer, "ResponseMessages", 1);
	void *items = at && n <= EWS_MAX_MESSAGES ? ews_make(c->arena, messages, at, list->name, n) : NULL;

	if (!items)
		return ERR_LIMIT;
	*(void **)ret_items = items;
	*ret_type = list->type;
	return ERR_OK;
}

enum err ews_is_own(struct ews_call *c, struct str address, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str *own;
	size_t n;

	*ret = str_ieq(address, c->who->address);
	if (*ret)
		return ERR_OK;
	TRY(store_begin(c->ews->args.store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_addresses(c->arena, tx, c->who->account, &own, &n));
	for (size_t i = 0; i < n; i++)
		*ret |= str_ieq(address, own[i]);
	return ERR_OK;
}
