/* GetServiceConfiguration (MS-OXWCONFIG): what there is not says so. */
#include <gateway/ews/operation.h>

enum { LARGE_AUDIENCE = 25, TIPS_RECIPIENTS = 50 };

static enum err put_tips(struct ews_call *c, const struct ews_type *type, struct ews_configuration_message *m)
{
	if (!ews_make(c->arena, type, m, "MailTipsConfiguration", 1))
		return ERR_LIMIT;
	*m->MailTipsConfiguration = (struct ews_mail_tips){
		.MailTipsEnabled = false,
		.MaxRecipientsPerGetMailTipsRequest = TIPS_RECIPIENTS,
		.MaxMessageSize = c->ews->args.max_message < INT_MAX ? (int)c->ews->args.max_message : INT_MAX,
		.LargeAudienceThreshold = LARGE_AUDIENCE,
		.ShowExternalRecipientCount = false,
	};
	return ERR_OK;
}

static enum err put_messaging(struct ews_call *c, const struct ews_type *type, struct ews_configuration_message *m)
{
	if (!ews_make(c->arena, type, m, "UnifiedMessagingConfiguration", 1))
		return ERR_LIMIT;
	*m->UnifiedMessagingConfiguration = (struct ews_unified_messaging){ false, S(""), false };
	return ERR_OK;
}

static enum err answer_one(struct ews_call *c, int asked, const struct ews_type *type,
			   struct ews_configuration_message *m)
{
	ews_succeed(&m->response);
	if (asked == EWS_MAIL_TIPS)
		return put_tips(c, type, m);
	if (asked == EWS_UNIFIED_MESSAGING)
		return put_messaging(c, type, m);
	ews_fail(&m->response, "ErrorInvalidOperation", "This server has no such configuration.");
	return ERR_OK;
}

enum err ews_get_configuration_run(struct ews_call *c, const void *request, void *answer)
{
	const struct ews_get_configuration *asked = request;
	const struct ews_list *names = &asked->RequestedConfiguration->ConfigurationName;
	const struct ews_configuration_name *name = names->items;
	struct ews_get_configuration_answer *a = answer;
	struct ews_configuration_message *messages;
	const struct ews_type *type;

	ews_succeed(&a->response);
	TRY(ews_messages(c, &ews_get_configuration_answer_type, a, names->n, &messages, &type));
	for (size_t i = 0; i < names->n; i++)
		TRY(answer_one(c, name[i].name, type, &messages[i]));
	return ERR_OK;
}
