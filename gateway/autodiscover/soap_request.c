/* Requests of SOAP Autodiscover. */
#include <gateway/autodiscover/soap.h>

#include <gateway/xml/xml_read.h>

static const struct {
	const char *message;      /* the element in the body */
	const char *list, *entry; /* whom it is about */
	const char *name;         /* within an entry, where that is not its text */
	enum soap_operation operation;
} operations[] = {
	{ "GetUserSettingsRequestMessage", "Users", "User", "Mailbox", SOAP_GET_USER_SETTINGS },
	{ "GetDomainSettingsRequestMessage", "Domains", "Domain", NULL, SOAP_GET_DOMAIN_SETTINGS },
};

/* The texts of the list's entries. ERR_INVALID: there are none. */
static enum err read_list(struct arena *a, const struct xml_node *list, const char *entry, const char *name, size_t max,
			  struct str **ret, size_t *ret_n)
{
	size_t n = 0;

	*ret = arena_array(a, max, sizeof(**ret));
	if (!*ret)
		return ERR_LIMIT;
	for (const struct xml_node *e = xml_child(list, entry); e; e = xml_next(e, entry)) {
		if (n == max)
			return ERR_LIMIT;
		(*ret)[n++] = name ? xml_child_text(e, name) : e->text;
	}
	*ret_n = n;
	return n > 0 ? ERR_OK : ERR_INVALID;
}

enum err soap_request_read(struct arena *a, struct str body, struct soap_request *ret)
{
	const struct xml_node *in, *request;
	struct xml_node *root;

	if (body.n > AUTODISCOVER_MAX_BODY)
		return ERR_LIMIT;
	TRY(xml_read(a, body, &root));
	in = xml_child(root, "Body");
	if (!str_eq(root->name, S("Envelope")) || !in || !in->child)
		return ERR_INVALID;
	for (size_t i = 0; i < countof(operations); i++) {
		if (!str_eq(in->child->name, str_of(operations[i].message)))
			continue;
		ret->operation = operations[i].operation;
		request = xml_child(in->child, "Request");
		TRY(read_list(a, xml_child(request, operations[i].list), operations[i].entry, operations[i].name,
			      SOAP_MAX_USERS, &ret->subjects, &ret->subjects_n));
		return read_list(a, xml_child(request, "RequestedSettings"), "Setting", NULL, SOAP_MAX_SETTINGS,
				 &ret->settings, &ret->settings_n);
	}
	return ERR_UNSUPPORTED;
}
