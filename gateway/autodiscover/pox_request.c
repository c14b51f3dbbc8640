/* Requests of POX Autodiscover (MS-OXDSCLI 2.2.2; MS-ASCMD 2.2.1.1): clients mix the namespaces, so names alone count. */
#include <gateway/autodiscover/documents.h>

#include <gateway/xml/xml_read.h>

/* What AcceptableResponseSchema asks for; compared without case, as clients write it. */
static const struct {
	struct str name;
	enum pox_schema schema;
} schemas[] = {
	{ STR_INIT("http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"), POX_OUTLOOK },
	{ STR_INIT("http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"),
	  POX_MOBILESYNC },
};

static int find_schema(struct str name, enum pox_schema *ret)
{
	for (size_t i = 0; i < countof(schemas); i++) {
		if (!str_ieq(name, schemas[i].name))
			continue;
		*ret = schemas[i].schema;
		return 0;
	}
	return POX_NO_PROVIDER;
}

int pox_request_read(struct arena *a, struct str body, struct pox_request *ret)
{
	const struct xml_node *request;
	struct xml_node *root;
	struct str schema;

	if (body.n > AUTODISCOVER_MAX_BODY || xml_read(a, body, &root) || !str_eq(root->name, S("Autodiscover")))
		return POX_MALFORMED;
	request = xml_child(root, "Request");
	if (!request || xml_next(request, "Request")) /* MS-ASCMD_R3799: one */
		return POX_MALFORMED;
	ret->address = xml_child_text(request, "EMailAddress");
	schema = xml_child_text(request, "AcceptableResponseSchema");
	if (schema.n == 0)
		return POX_MALFORMED;
	if (ret->address.n == 0) /* Outlook may name a mailbox by its LegacyDN, which nothing here has */
		return xml_child(request, "LegacyDN") ? POX_NO_SUCH_ADDRESS : POX_MALFORMED;
	return find_schema(schema, &ret->schema);
}
