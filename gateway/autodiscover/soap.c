/* Answers of SOAP Autodiscover. */
#include <gateway/autodiscover/soap.h>

#include <gateway/xml/xml_write.h>

#define SOAP_NS "http://schemas.xmlsoap.org/soap/envelope/"
#define ADDRESSING_NS "http://www.w3.org/2005/08/addressing"
#define DISCOVER_NS "http://schemas.microsoft.com/exchange/2010/Autodiscover"
#define ACTION_BASE "http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/"

/* What a setting says of a user; of a domain there is none. */
typedef void setting_value(struct buf *out, const struct discovery *d, const struct discovery_user *user);

static void display_name(struct buf *out, const struct discovery *d, const struct discovery_user *user)
{
	(void)d;
	buf_str(out, user->name.n ? user->name : user->address);
}

static void address(struct buf *out, const struct discovery *d, const struct discovery_user *user)
{
	(void)d;
	buf_str(out, user->address);
}

/* Nothing here has one; clients want a name that stays the same. */
static void legacy_dn(struct buf *out, const struct discovery *d, const struct discovery_user *user)
{
	(void)d;
	buf_fmt(out, "/o=roost/ou=users/cn=" STR_FMT, STR_ARG(user->address));
}

static void deployment(struct buf *out, const struct discovery *d, const struct discovery_user *user)
{
	char uuid[37];

	(void)d;
	discovery_uuid(discovery_domain(user->address), uuid);
	buf_cstr(out, uuid);
}

static void host(struct buf *out, const struct discovery *d, const struct discovery_user *user)
{
	(void)user;
	buf_cstr(out, d->host);
}

/* The version of Exchange whose protocols these are. */
static void version(struct buf *out, const struct discovery *d, const struct discovery_user *user)
{
	(void)d;
	(void)user;
	buf_cstr(out, "14.03.0123.000");
}

static void ews_url(struct buf *out, const struct discovery *d, const struct discovery_user *user)
{
	(void)user;
	buf_fmt(out, "%s/EWS/Exchange.asmx", d->base_url);
}

/* The schemas of EWS's requests that are understood. */
static void ews_schemas(struct buf *out, const struct discovery *d, const struct discovery_user *user)
{
	(void)d;
	(void)user;
	buf_cstr(out, "Exchange2007, Exchange2007_SP1, Exchange2010, Exchange2010_SP1, Exchange2010_SP2");
}

enum { NO_SERVICE = -1 };
struct setting {
	const char *name;
	setting_value *value; /* NULL: the ways to `service` */
	int service;
};
static const struct setting user_settings[] = {
	{ "UserDisplayName", display_name, NO_SERVICE },
	{ "UserDN", legacy_dn, NO_SERVICE },
	{ "UserDeploymentId", deployment, NO_SERVICE },
	{ "AutoDiscoverSMTPAddress", address, NO_SERVICE },
	{ "MailboxDN", legacy_dn, NO_SERVICE },
	{ "CasVersion", version, NO_SERVICE },
	{ "ExternalMailboxServer", host, NO_SERVICE },
	{ "InternalEwsUrl", ews_url, NO_SERVICE },
	{ "ExternalEwsUrl", ews_url, NO_SERVICE },
	{ "EwsSupportedSchemas", ews_schemas, NO_SERVICE },
	{ "InternalImap4Connections", NULL, DISCOVERY_IMAP },
	{ "ExternalImap4Connections", NULL, DISCOVERY_IMAP },
	{ "InternalPop3Connections", NULL, DISCOVERY_POP3 },
	{ "ExternalPop3Connections", NULL, DISCOVERY_POP3 },
	{ "InternalSmtpConnections", NULL, DISCOVERY_SUBMISSION },
	{ "ExternalSmtpConnections", NULL, DISCOVERY_SUBMISSION },
};
static const struct setting domain_settings[] = {
	{ "ExternalEwsUrl", ews_url, NO_SERVICE },
	{ "ExternalEwsVersion", version, NO_SERVICE },
};

/* What an operation's answer is made of. */
static const struct form {
	const char *action, *message, *list, *entry, *errors, *settings, *setting, *string, *error, *unknown;
	bool redirect_last; /* behind the settings */
	const struct setting *known;
	size_t known_n;
} forms[] = {
	[SOAP_GET_USER_SETTINGS] = { ACTION_BASE "GetUserSettingsResponse", "GetUserSettingsResponseMessage",
				     "UserResponses", "UserResponse", "UserSettingErrors", "UserSettings",
				     "UserSetting", "StringSetting", "UserSettingError", "InvalidUser", false,
				     user_settings, countof(user_settings) },
	[SOAP_GET_DOMAIN_SETTINGS] = { ACTION_BASE "GetDomainSettingsResponse", "GetDomainSettingsResponseMessage",
				       "DomainResponses", "DomainResponse", "DomainSettingErrors", "DomainSettings",
				       "DomainSetting", "DomainStringSetting", "DomainSettingError", "InvalidDomain",
				       true, domain_settings, countof(domain_settings) },
};

static void put_connections(struct xml_writer *w, const struct discovery *d, int service)
{
	xml_open(w, "ProtocolConnections");
	for (int s = 0; s < DISCOVERY_SECURITY_MAX_; s++) {
		const struct discovery_endpoint *at = &d->endpoint[service][s];
		struct buf port = BUF_INIT(16);

		if (!at->host)
			continue;
		buf_u64(&port, at->port);
		xml_open(w, "ProtocolConnection");
		xml_element(w, "Hostname", str_of(at->host));
		xml_element(w, "Port", buf_view(&port));
		xml_element(w, "EncryptionMethod", s == DISCOVERY_TLS ? S("SSL") : S("TLS"));
		xml_close(w);
		buf_release(&port);
	}
	xml_close(w);
}

static void open_setting(struct xml_writer *w, const struct form *form, const char *type, const char *name)
{
	xml_open(w, form->setting);
	xml_put_attribute(w, "i:type", str_of(type));
	xml_element(w, "Name", str_of(name));
}

static void put_setting(struct xml_writer *w, const struct discovery *d, const struct form *form,
			const struct setting *setting, const struct discovery_user *user)
{
	struct buf text = BUF_INIT(4096);

	if (setting->value) {
		setting->value(&text, d, user);
		open_setting(w, form, form->string, setting->name);
		xml_element(w, "Value", buf_view(&text));
	} else {
		open_setting(w, form, "ProtocolConnectionCollectionSetting", setting->name);
		put_connections(w, d, setting->service);
	}
	xml_close(w);
	buf_release(&text);
}

static const struct setting *find_setting(const struct form *form, struct str name)
{
	for (size_t i = 0; i < form->known_n; i++)
		if (str_eq(name, str_of(form->known[i].name)))
			return &form->known[i];
	return NULL;
}

static bool has_setting(const struct discovery *d, const struct setting *setting)
{
	enum discovery_security unused;

	return setting && (setting->value || discovery_best(d, (enum discovery_service)setting->service, &unused));
}

static void put_setting_error(struct xml_writer *w, const struct form *form, struct str name)
{
	xml_open(w, form->error);
	xml_element(w, "ErrorCode", S("SettingIsNotAvailable"));
	xml_element(w, "ErrorMessage", S("The requested setting is not available."));
	xml_element(w, "SettingName", name);
	xml_close(w);
}

static void put_no_redirect(struct xml_writer *w)
{
	xml_open(w, "RedirectTarget");
	xml_put_attribute(w, "i:nil", S("true"));
	xml_close(w);
}

static void put_settings(struct xml_writer *w, const struct discovery *d, const struct soap_request *request,
			 const struct form *form, const struct discovery_user *user)
{
	xml_open(w, form->errors);
	for (size_t i = 0; i < request->settings_n; i++)
		if (!has_setting(d, find_setting(form, request->settings[i])))
			put_setting_error(w, form, request->settings[i]);
	xml_close(w);
	xml_open(w, form->settings);
	for (size_t i = 0; i < request->settings_n; i++) {
		const struct setting *setting = find_setting(form, request->settings[i]);

		if (has_setting(d, setting))
			put_setting(w, d, form, setting, user);
	}
	xml_close(w);
}

/* user: NULL for a domain. */
static void put_found(struct xml_writer *w, const struct discovery *d, const struct soap_request *request,
		      const struct form *form, const struct discovery_user *user)
{
	xml_element(w, "ErrorCode", S("NoError"));
	xml_element(w, "ErrorMessage", S("No error."));
	if (!form->redirect_last)
		put_no_redirect(w);
	put_settings(w, d, request, form, user);
	if (form->redirect_last)
		put_no_redirect(w);
}

static void put_unknown(struct xml_writer *w, const struct form *form)
{
	xml_element(w, "ErrorCode", str_of(form->unknown));
	xml_element(w, "ErrorMessage", S("It can't be found."));
	put_no_redirect(w);
}

static void put_redirect(struct xml_writer *w, const struct discovery_redirect *to)
{
	struct buf url = BUF_INIT(1024);

	buf_fmt(&url, STR_FMT "/autodiscover/autodiscover.svc", STR_ARG(to->url));
	xml_element(w, "ErrorCode", to->url.n ? S("RedirectUrl") : S("RedirectAddress"));
	xml_element(w, "ErrorMessage", S("The mailbox is elsewhere."));
	xml_element(w, "RedirectTarget", to->url.n ? buf_view(&url) : to->address);
	buf_release(&url);
}

static void begin(struct xml_writer *w, struct buf *out)
{
	xml_begin(w, out);
	xml_open(w, "s:Envelope");
	xml_put_attribute(w, "xmlns:s", S(SOAP_NS));
}

static void put_header(struct xml_writer *w, const char *action)
{
	static const struct {
		const char *name, *value;
	} version_parts[] = {
		{ "h:MajorVersion", "14" },    { "h:MinorVersion", "3" },           { "h:MajorBuildNumber", "123" },
		{ "h:MinorBuildNumber", "0" }, { "h:Version", "Exchange2010_SP2" },
	};

	xml_open(w, "s:Header");
	xml_open(w, "a:Action");
	xml_put_attribute(w, "xmlns:a", S(ADDRESSING_NS));
	xml_put_attribute(w, "s:mustUnderstand", S("1"));
	xml_put_text(w, str_of(action));
	xml_close(w);
	xml_open(w, "h:ServerVersionInfo");
	xml_put_attribute(w, "xmlns:h", S(DISCOVER_NS));
	for (size_t i = 0; i < countof(version_parts); i++)
		xml_element(w, version_parts[i].name, str_of(version_parts[i].value));
	xml_close(w);
	xml_close(w);
}

void soap_answer(struct buf *out, const struct discovery *d, const struct soap_request *request,
		 const struct soap_found *found)
{
	const struct form *form = &forms[request->operation];
	struct xml_writer w;

	begin(&w, out);
	put_header(&w, form->action);
	xml_open(&w, "s:Body");
	xml_open(&w, form->message);
	xml_put_attribute(&w, "xmlns", S(DISCOVER_NS));
	xml_open(&w, "Response");
	xml_put_attribute(&w, "xmlns:i", S("http://www.w3.org/2001/XMLSchema-instance"));
	xml_element(&w, "ErrorCode", S("NoError"));
	xml_element(&w, "ErrorMessage", STR_EMPTY);
	xml_open(&w, form->list);
	for (size_t i = 0; i < request->subjects_n; i++) {
		xml_open(&w, form->entry);
		if (found->known[i] && found->redirect.address.n + found->redirect.url.n > 0)
			put_redirect(&w, &found->redirect);
		else if (found->known[i])
			put_found(&w, d, request, form, found->users ? &found->users[i] : NULL);
		else
			put_unknown(&w, form);
		xml_close(&w);
	}
	xml_end(&w);
}

void soap_fault(struct buf *out, enum err e)
{
	struct xml_writer w;

	begin(&w, out);
	xml_open(&w, "s:Body");
	xml_open(&w, "s:Fault");
	xml_element(&w, "faultcode", e == ERR_BUSY ? S("s:Server") : S("s:Client"));
	xml_element(&w, "faultstring", str_of(err_text(e)));
	xml_end(&w);
}
