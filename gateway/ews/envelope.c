/* Envelopes. */
#include <gateway/ews/envelope.h>

#define SOAP_NS "http://schemas.xmlsoap.org/soap/envelope/"
#define TYPES_NS "http://schemas.microsoft.com/exchange/services/2006/types"
#define MESSAGES_NS "http://schemas.microsoft.com/exchange/services/2006/messages"
#define ERRORS_NS "http://schemas.microsoft.com/exchange/services/2006/errors"
#define INSTANCE_NS "http://www.w3.org/2001/XMLSchema-instance"

enum { VERSION_MAX = 32 };

enum err ews_envelope_read(struct arena *a, struct str body, struct ews_envelope *ret)
{
	const struct xml_node *in, *header, *version, *zone;
	struct xml_node *root;

	TRY(xml_read(a, body, &root));
	in = xml_child(root, "Body");
	if (!str_eq(root->name, S("Envelope")) || !str_eq(root->ns, S(SOAP_NS)) || !in || !in->child || in->child->next)
		return ERR_INVALID;
	header = xml_child(root, "Header");
	version = xml_child(header, "RequestServerVersion");
	zone = xml_child(xml_child(header, "TimeZoneContext"), "TimeZoneDefinition");
	*ret = (struct ews_envelope){ in->child, version ? xml_attribute(version, "Version") : STR_EMPTY,
				      zone ? xml_attribute(zone, "Id") : STR_EMPTY };
	return ERR_OK;
}

/* Exchange2007_SP1, Exchange2010, Exchange2016 …, and those to come. */
bool ews_version_is_known(struct str version)
{
	struct str rest = str_slice(version, sizeof("Exchange20") - 1, version.n);

	if (!str_starts(version, S("Exchange20")) || rest.n < 2 || version.n > VERSION_MAX)
		return false;
	for (size_t i = 0; i < rest.n; i++) {
		char c = ascii_lower(rest.p[i]);

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && c != '_' && c != '.')
			return false;
	}
	return true;
}

/* Clients learn from it what they may ask: what Exchange 2010 could. */
static void put_version(struct xml_writer *w)
{
	static const struct {
		const char *name, *value;
	} parts[] = {
		{ "MajorVersion", "14" },    { "MinorVersion", "3" },           { "MajorBuildNumber", "123" },
		{ "MinorBuildNumber", "4" }, { "Version", "Exchange2010_SP2" },
	};

	xml_open(w, "s:Header");
	xml_open(w, "h:ServerVersionInfo");
	for (size_t i = 0; i < countof(parts); i++)
		xml_put_attribute(w, parts[i].name, str_of(parts[i].value));
	xml_put_attribute(w, "xmlns:h", S(TYPES_NS));
	xml_close(w);
	xml_close(w);
}

void ews_envelope_begin(struct xml_writer *w, struct buf *out)
{
	static const struct {
		const char *name, *ns;
	} spaces[] = {
		{ "xmlns:s", SOAP_NS },
		{ "xmlns:xsi", INSTANCE_NS },
		{ "xmlns:m", MESSAGES_NS },
		{ "xmlns:t", TYPES_NS },
	};

	xml_begin(w, out);
	xml_open(w, "s:Envelope");
	for (size_t i = 0; i < countof(spaces); i++)
		xml_put_attribute(w, spaces[i].name, str_of(spaces[i].ns));
	put_version(w);
	xml_open(w, "s:Body");
}

static void put_back_off(struct xml_writer *w, unsigned ms)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(16);

	buf_u64(&text, ms);
	xml_open(w, "t:MessageXml");
	xml_open(w, "t:Value");
	xml_put_attribute(w, "Name", S("BackOffMilliseconds"));
	xml_put_text(w, buf_view(&text));
	xml_close(w);
	xml_close(w);
}

void ews_envelope_fault(struct buf *out, const struct ews_fault *fault)
{
	CLEANUP(buf_release) struct buf code = BUF_INIT(128);
	struct xml_writer w;

	buf_fmt(&code, "a:" STR_FMT, STR_ARG(fault->code));
	ews_envelope_begin(&w, out);
	xml_open(&w, "s:Fault");
	xml_open(&w, "faultcode");
	xml_put_attribute(&w, "xmlns:a", S(TYPES_NS));
	xml_put_text(&w, buf_view(&code));
	xml_close(&w);
	xml_open(&w, "faultstring");
	xml_put_attribute(&w, "xml:lang", S("en-US"));
	xml_put_text(&w, fault->text);
	xml_close(&w);
	xml_open(&w, "detail");
	xml_open(&w, "e:ResponseCode");
	xml_put_attribute(&w, "xmlns:e", S(ERRORS_NS));
	xml_put_text(&w, fault->code);
	xml_close(&w);
	xml_open(&w, "e:Message");
	xml_put_attribute(&w, "xmlns:e", S(ERRORS_NS));
	xml_put_text(&w, fault->text);
	xml_close(&w);
	if (fault->back_off_ms > 0)
		put_back_off(&w, fault->back_off_ms);
	xml_end(&w);
}
