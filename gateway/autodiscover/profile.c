/*
 * Configuration profiles of Apple's devices (device management: com.apple.eas.account, com.apple.mail.managed). They
 * hold no password: the device asks for it. Identifiers stay the same for an address, so that a profile that is loaded
 * again replaces the former one.
 */
#include <gateway/autodiscover/documents.h>

#include <gateway/xml/xml_write.h>

#define DOCTYPE \
	"<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"

struct profile {
	struct xml_writer w;
	const struct discovery *d;
	struct str address;
};

static void put_string(struct profile *p, const char *key, struct str value)
{
	xml_element(&p->w, "key", str_of(key));
	xml_element(&p->w, "string", value);
}

static void put_number(struct profile *p, const char *key, unsigned number)
{
	struct buf text = BUF_INIT(16);

	buf_u64(&text, number);
	xml_element(&p->w, "key", str_of(key));
	xml_element(&p->w, "integer", buf_view(&text));
	buf_release(&text);
}

static void put_flag(struct profile *p, const char *key, bool value)
{
	xml_element(&p->w, "key", str_of(key));
	xml_element(&p->w, value ? "true" : "false", STR_EMPTY);
}

/* The keys that every payload has. `type` also parts the identifiers of the payloads of one address. */
static void put_payload(struct profile *p, const char *type)
{
	struct buf name = BUF_INIT(2048);
	char uuid[37];

	buf_fmt(&name, "%s.%s." STR_FMT, p->d->host, type, STR_ARG(p->address));
	discovery_uuid(buf_view(&name), uuid);
	put_string(p, "PayloadType", str_of(type));
	put_number(p, "PayloadVersion", 1);
	put_string(p, "PayloadIdentifier", buf_view(&name));
	put_string(p, "PayloadUUID", str_of(uuid));
	put_string(p, "PayloadDisplayName", str_of(p->d->provider));
	buf_release(&name);
}

static void put_activesync(struct profile *p)
{
	struct str url = str_of(p->d->base_url);
	struct str host = str_slice(url, str_find(url, S("//")) + 2, url.n);

	put_payload(p, "com.apple.eas.account");
	put_string(p, "EmailAddress", p->address);
	put_string(p, "Host", host);
	put_flag(p, "SSL", true);
	put_string(p, "UserName", p->address);
}

static void put_mail_server(struct profile *p, const char *prefix, enum discovery_service service)
{
	enum discovery_security security;
	const struct discovery_endpoint *at = discovery_best(p->d, service, &security);
	static const char *const keys[] = { "Authentication", "HostName", "Username" };
	const struct str values[] = { S("EmailAuthPassword"), str_of(at->host), p->address };
	struct buf key = BUF_INIT(64);

	for (size_t i = 0; i < countof(keys); i++) {
		buf_clear(&key);
		buf_fmt(&key, "%sMailServer%s%c", prefix, keys[i], '\0');
		put_string(p, key.p, values[i]);
	}
	buf_clear(&key);
	buf_fmt(&key, "%sMailServerPortNumber%c", prefix, '\0');
	put_number(p, key.p, at->port);
	buf_clear(&key);
	buf_fmt(&key, "%sMailServerUseSSL%c", prefix, '\0');
	put_flag(p, key.p, true); /* on another port than the one of TLS the device takes STARTTLS */
	buf_release(&key);
}

static void put_mail(struct profile *p)
{
	put_payload(p, "com.apple.mail.managed");
	put_string(p, "EmailAccountType", S("EmailTypeIMAP"));
	put_string(p, "EmailAddress", p->address);
	put_mail_server(p, "Incoming", DISCOVERY_IMAP);
	put_mail_server(p, "Outgoing", DISCOVERY_SUBMISSION);
	put_flag(p, "OutgoingPasswordSameAsIncomingPassword", true);
}

bool profile_offered(const struct discovery *d, enum profile_kind kind)
{
	enum discovery_security unused;

	return kind == PROFILE_ACTIVESYNC ||
	       (discovery_best(d, DISCOVERY_IMAP, &unused) && discovery_best(d, DISCOVERY_SUBMISSION, &unused));
}

void profile_document(struct buf *out, const struct discovery *d, enum profile_kind kind, struct str address)
{
	struct profile p = { .d = d, .address = address };

	xml_begin(&p.w, out);
	buf_cstr(out, DOCTYPE);
	xml_open(&p.w, "plist");
	xml_put_attribute(&p.w, "version", S("1.0"));
	xml_open(&p.w, "dict");
	put_payload(&p, "Configuration");
	xml_element(&p.w, "key", S("PayloadContent"));
	xml_open(&p.w, "array");
	xml_open(&p.w, "dict");
	if (kind == PROFILE_ACTIVESYNC)
		put_activesync(&p);
	else
		put_mail(&p);
	xml_end(&p.w);
}
