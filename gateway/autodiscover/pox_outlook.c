/*
 * POX in Outlook's schema: IMAP, POP3 and submission, for Outlook, Thunderbird and eM Client. Blocks of Exchange's own
 * protocols (EXCH, EXPR) are for libraries alone, which use them to find EWS: Outlook takes one for MAPI and then works with
 * nothing else; Thunderbird, Evolution and macOS take it for mail by EWS, which is not there. Nobody is told of web mail
 * (WEB), of MAPI (mapiHttp), nor of ActiveSync, which Outlook uses with Microsoft's own servers alone. No library
 * needs EXHTTP.
 */
#include <gateway/autodiscover/documents.h>
#include <gateway/autodiscover/pox.h>

#define OUTLOOK_NS "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"

static const struct {
	enum discovery_service service;
	const char *type;
} protocols[] = {
	{ DISCOVERY_IMAP, "IMAP" },
	{ DISCOVERY_POP3, "POP3" },
	{ DISCOVERY_SUBMISSION, "SMTP" },
};

/* Whose User-Agent begins so finds EWS by it and looks for nothing else. Who calls himself so gets what he asked for. */
static const struct str libraries[] = {
	STR_INIT("exchangelib/"), STR_INIT("ExchangeServicesClient/"), /* Microsoft's EWS Managed API */
};

enum pox_reader pox_reader_of(struct str user_agent)
{
	for (size_t i = 0; i < countof(libraries); i++)
		if (str_istarts(user_agent, libraries[i]))
			return POX_EWS_LIBRARY;
	return POX_MAIL_CLIENT;
}

static void put_user(struct xml_writer *w, const struct discovery_user *user)
{
	char id[37];

	xml_open(w, "User");
	xml_element(w, "DisplayName", user->name.n ? user->name : user->address);
	xml_element(w, "AutoDiscoverSMTPAddress", user->address);
	discovery_uuid(discovery_domain(user->address), id);
	xml_element(w, "DeploymentId", str_of(id));
	xml_close(w);
}

static void put_port(struct xml_writer *w, unsigned port)
{
	struct buf text = BUF_INIT(16);

	buf_u64(&text, port);
	xml_element(w, "Port", buf_view(&text));
	buf_release(&text);
}

static void put_protocol(struct xml_writer *w, const char *type, const struct discovery_endpoint *at,
			 enum discovery_security security, const struct discovery_user *user)
{
	xml_open(w, "Protocol");
	xml_element(w, "Type", str_of(type));
	xml_element(w, "Server", str_of(at->host));
	put_port(w, at->port);
	xml_element(w, "DomainRequired", S("off"));
	xml_element(w, "LoginName", user->address);
	xml_element(w, "SPA", S("off")); /* its default is on: NTLM */
	/* Encryption, which overrides SSL, is Outlook's, and TLS its word for STARTTLS. Thunderbird takes "off" for cleartext. */
	xml_element(w, "SSL", S("on"));
	xml_element(w, "Encryption", security == DISCOVERY_TLS ? S("SSL") : S("TLS"));
	xml_element(w, "AuthRequired", S("on"));
	if (str_eq(str_of(type), S("SMTP"))) {
		xml_element(w, "UsePOPAuth", S("on"));
		xml_element(w, "SMTPLast", S("off"));
	}
	xml_close(w);
}

static void put_url(struct xml_writer *w, const char *name, const struct discovery *d)
{
	struct buf url = BUF_INIT(1024);

	buf_fmt(&url, "%s/EWS/Exchange.asmx", d->base_url);
	xml_element(w, name, buf_view(&url));
	buf_release(&url);
}

/* MS-OXDSCLI 2.2.4: what is reached from within (EXCH) and from without (EXPR), which is the same here. */
static void put_exchange(struct xml_writer *w, const struct discovery *d, struct str type)
{
	xml_open(w, "Protocol");
	xml_element(w, "Type", type);
	xml_element(w, "Server", str_of(d->host));
	xml_element(w, "ServerVersion", S("7383807B")); /* 14.3.123.0, as SOAP's CasVersion says */
	xml_element(w, "SSL", S("On"));
	xml_element(w, "AuthPackage", S("basic"));
	put_url(w, "ASUrl", d);
	put_url(w, "EwsUrl", d);
	put_url(w, "OOFUrl", d);
	xml_close(w);
}

static void put_mail(struct xml_writer *w, const struct discovery *d, const struct discovery_user *user)
{
	for (size_t i = 0; i < countof(protocols); i++) {
		enum discovery_security security;
		const struct discovery_endpoint *at = discovery_best(d, protocols[i].service, &security);

		if (at)
			put_protocol(w, protocols[i].type, at, security, user);
	}
}

void pox_outlook(struct buf *out, const struct discovery *d, const struct discovery_user *user, enum pox_reader reader)
{
	struct xml_writer w;

	pox_begin(&w, out, OUTLOOK_NS);
	put_user(&w, user);
	xml_open(&w, "Account");
	xml_element(&w, "AccountType", S("email"));
	xml_element(&w, "Action", S("settings"));
	xml_element(&w, "MicrosoftOnline", S("False"));
	xml_element(&w, "ConsumerMailbox", S("False"));
	if (reader == POX_EWS_LIBRARY) {
		put_exchange(&w, d, S("EXCH"));
		put_exchange(&w, d, S("EXPR"));
	}
	put_mail(&w, d, user);
	xml_end(&w);
}

/* MS-OXDSCLI 2.2.4.1.1.2: the action, and where to. exchangelib looks for RedirectURL, which no document has. */
void pox_outlook_redirect(struct buf *out, const struct discovery_redirect *to, enum pox_reader reader)
{
	struct buf url = BUF_INIT(1024);
	struct xml_writer w;

	pox_begin(&w, out, OUTLOOK_NS);
	xml_open(&w, "Account");
	xml_element(&w, "AccountType", S("email"));
	xml_element(&w, "Action", to->url.n ? S("redirectUrl") : S("redirectAddr"));
	if (to->url.n > 0) {
		buf_fmt(&url, STR_FMT "/autodiscover/autodiscover.xml", STR_ARG(to->url));
		xml_element(&w, "RedirectUrl", buf_view(&url));
		if (reader == POX_EWS_LIBRARY)
			xml_element(&w, "RedirectURL", buf_view(&url));
	} else {
		xml_element(&w, "RedirectAddr", to->address);
	}
	xml_end(&w);
	buf_release(&url);
}
