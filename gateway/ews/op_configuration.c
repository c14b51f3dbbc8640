/*
 * GetServiceConfiguration (MS-OXWCONFIG): what there is not says so. PolicyNudges is of the schema of 2013; answers here are
 * of 2010's, which has no element for it.
 */
#include <gateway/ews/operation.h>

#include <store/account.h>

enum { LARGE_AUDIENCE = 25, TIPS_RECIPIENTS = 50, RULES_REFRESH_HOURS = 24 };

static bool is_listed(const struct ews_smtp_domain *list, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(list[i].Name, name))
			return true;
	return false;
}

/* The domains in which who asks has an address: of others' he is not told. */
static enum err put_domains(struct ews_call *c, const struct ews_type *type, void *of)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct ews_smtp_domains *to = ews_make(c->arena, type, of, "InternalDomains", 1);
	struct ews_smtp_domain *list;
	struct str *addresses;
	size_t n;

	TRY(store_begin(c->ews->args.store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_addresses(c->arena, tx, c->who->account, &addresses, &n));
	list = to ? ews_make(c->arena, ews_type_of(type, "InternalDomains"), to, "Domain", n) : NULL;
	if (!list)
		return ERR_LIMIT;
	to->Domain.n = 0;
	for (size_t i = 0; i < n; i++) {
		struct str domain = account_domain(addresses[i]);

		if (!is_listed(list, to->Domain.n, domain))
			list[to->Domain.n++] = (struct ews_smtp_domain){ domain, false };
	}
	return ERR_OK;
}

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
	return put_domains(c, ews_type_of(type, "MailTipsConfiguration"), m->MailTipsConfiguration);
}

static enum err put_messaging(struct ews_call *c, const struct ews_type *type, struct ews_configuration_message *m)
{
	if (!ews_make(c->arena, type, m, "UnifiedMessagingConfiguration", 1))
		return ERR_LIMIT;
	*m->UnifiedMessagingConfiguration = (struct ews_unified_messaging){ false, S(""), false };
	return ERR_OK;
}

/* There are none. */
static enum err put_rules(struct ews_call *c, const struct ews_type *type, struct ews_configuration_message *m)
{
	const struct ews_type *rules = ews_type_of(type, "ProtectionRulesConfiguration");

	if (!ews_make(c->arena, type, m, "ProtectionRulesConfiguration", 1) ||
	    !ews_make(c->arena, rules, m->ProtectionRulesConfiguration, "Rules", 1))
		return ERR_LIMIT;
	m->ProtectionRulesConfiguration->RefreshInterval = RULES_REFRESH_HOURS;
	return put_domains(c, rules, m->ProtectionRulesConfiguration);
}

typedef enum err put_configuration(struct ews_call *c, const struct ews_type *type,
				   struct ews_configuration_message *m);

static put_configuration *const configurations[] = {
	[EWS_MAIL_TIPS] = put_tips,
	[EWS_UNIFIED_MESSAGING] = put_messaging,
	[EWS_PROTECTION_RULES] = put_rules,
	[EWS_POLICY_NUDGES] = NULL,
};

static enum err answer_one(struct ews_call *c, int asked, const struct ews_type *type,
			   struct ews_configuration_message *m)
{
	if (!configurations[asked]) {
		ews_fail(&m->response, "ErrorInvalidOperation", "This server has no such configuration.");
		return ERR_OK;
	}
	ews_succeed(&m->response);
	return configurations[asked](c, type, m);
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
