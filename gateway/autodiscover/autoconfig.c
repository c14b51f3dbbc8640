/*
 * autoconfig (draft-ietf-mailmaint-autoconfig; config-v1.1.xml). The first server of a kind is the preferred one; readers
 * pass over types that they do not know. Readers: Thunderbird, K-9, Evolution, KMail, FairEmail, Delta Chat.
 */
#include <gateway/autodiscover/documents.h>

#include <gateway/xml/xml_write.h>

static const struct {
	enum discovery_service service;
	const char *element, *type;
} servers[] = {
	{ DISCOVERY_IMAP, "incomingServer", "imap" },
	{ DISCOVERY_POP3, "incomingServer", "pop3" },
	{ DISCOVERY_SUBMISSION, "outgoingServer", "smtp" },
};

static const char *const socket_types[DISCOVERY_SECURITY_MAX_] = {
	[DISCOVERY_TLS] = "SSL",
	[DISCOVERY_STARTTLS] = "STARTTLS",
};

static void put_server(struct xml_writer *w, size_t i, const struct discovery_endpoint *at,
		       enum discovery_security security)
{
	struct buf port = BUF_INIT(16);

	buf_u64(&port, at->port);
	xml_open(w, servers[i].element);
	xml_put_attribute(w, "type", str_of(servers[i].type));
	xml_element(w, "hostname", str_of(at->host));
	xml_element(w, "port", buf_view(&port));
	xml_element(w, "socketType", str_of(socket_types[security]));
	xml_element(w, "authentication", S("password-cleartext"));
	xml_element(w, "username", S("%EMAILADDRESS%"));
	xml_close(w);
	buf_release(&port);
}

static void put_servers(struct xml_writer *w, const struct discovery *d, size_t i)
{
	for (int s = 0; s < DISCOVERY_SECURITY_MAX_; s++)
		if (d->endpoint[servers[i].service][s].host)
			put_server(w, i, &d->endpoint[servers[i].service][s], (enum discovery_security)s);
}

/* For clients that speak it: last among the incoming ones, so that those that do not find theirs first. */
static void put_activesync(struct xml_writer *w, const struct discovery *d)
{
	struct buf url = BUF_INIT(1024);

	buf_fmt(&url, "%s/Microsoft-Server-ActiveSync", d->base_url);
	xml_open(w, "incomingServer");
	xml_put_attribute(w, "type", S("activeSync"));
	xml_element(w, "url", buf_view(&url));
	xml_open(w, "authentication");
	xml_put_attribute(w, "system", S("http"));
	xml_put_text(w, S("Basic"));
	xml_close(w);
	xml_element(w, "username", S("%EMAILADDRESS%"));
	xml_close(w);
	buf_release(&url);
}

void autoconfig_document(struct buf *out, const struct discovery *d, struct str domain)
{
	struct xml_writer w;

	xml_begin(&w, out);
	xml_open(&w, "clientConfig");
	xml_put_attribute(&w, "version", S("1.1"));
	xml_open(&w, "emailProvider");
	xml_put_attribute(&w, "id", domain);
	xml_element(&w, "domain", domain);
	xml_element(&w, "displayName", str_of(d->provider));
	xml_element(&w, "displayShortName", str_of(d->provider));
	for (size_t i = 0; i < countof(servers); i++) {
		if (servers[i].service == DISCOVERY_SUBMISSION)
			put_activesync(&w, d);
		put_servers(&w, d, i);
	}
	xml_end(&w);
}
