/* Autodiscover v2: which URL a protocol has, in JSON. Never who exists. Readers: Outlook 2016 and later, iOS, Outlook mobile. */
#include <gateway/autodiscover/documents.h>

#include <base/utf8.h>

#include <jansson.h>

#include <stdlib.h>

static const struct {
	const char *name, *path;
} protocols[] = {
	{ "ActiveSync", "/Microsoft-Server-ActiveSync" },
	{ "AutodiscoverV1", "/autodiscover/autodiscover.xml" },
	{ "Ews", "/EWS/Exchange.asmx" },
};

static void put_json(struct buf *out, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	if (!text)
		abort(); /* no memory: the strings are UTF-8 */
	buf_cstr(out, text);
	free(text);
	json_decref(object);
}

static int put_error(struct buf *out, const char *code, struct str message)
{
	put_json(out, json_pack("{s:s, s:s%}", "ErrorCode", code, "ErrorMessage", message.p, message.n));
	return 400;
}

static int invalid_protocol(struct buf *out, struct str protocol)
{
	struct buf message = BUF_INIT(AUTODISCOVER_MAX_DOCUMENT);
	int status;

	buf_cstr(&message, "The given protocol value '");
	utf8_put_xml_safe(&message, protocol);
	buf_cstr(&message, "' is invalid. Supported values are '");
	for (size_t i = 0; i < countof(protocols); i++)
		buf_fmt(&message, "%s%s", i ? "," : "", protocols[i].name);
	buf_cstr(&message, "'");
	status = put_error(out, "InvalidProtocol", buf_view(&message));
	buf_release(&message);
	return status;
}

static void put_url(struct buf *out, const struct discovery *d, size_t i)
{
	struct buf url = BUF_INIT(1024);

	buf_fmt(&url, "%s%s", d->base_url, protocols[i].path);
	put_json(out, json_pack("{s:s, s:s%}", "Protocol", protocols[i].name, "Url", url.p, url.n));
	buf_release(&url);
}

int v2_answer(struct buf *out, const struct discovery *d, struct str protocol)
{
	if (protocol.n == 0)
		return put_error(out, "MandatoryParameterMissing",
				 S("A valid value must be provided for the query parameter 'Protocol'."));
	for (size_t i = 0; i < countof(protocols); i++) {
		if (!str_ieq(protocol, str_of(protocols[i].name)))
			continue;
		put_url(out, d, i);
		return 200;
	}
	return invalid_protocol(out, protocol);
}
