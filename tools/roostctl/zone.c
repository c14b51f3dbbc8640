/* The records of a zone. */
#include <tools/roostctl/zone.h>

#include <gateway/autodiscover/documents.h>
#include <store/account.h>

enum { HTTPS_PORT = 443, PORT_MAX = 65535, RECORDS_MAX = 16, TEXT_MAX = 512 };

struct zone {
	struct arena *arena;
	struct str domain;
	const struct discovery *d;
	struct str web_host; /* of the base URL */
	unsigned web_port;
	struct zone_record *records;
	size_t n;
};

bool zone_is_domain(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = ascii_lower(name.p[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_')
			return false;
	}
	return name.n > 0 && name.n <= ACCOUNT_DOMAIN_MAX && name.p[name.n - 1] != '.';
}

/* "https://HOST[:PORT]" taken apart. */
static void read_url(struct zone *z)
{
	struct str url = str_of(z->d->base_url), host = str_slice(url, str_find(url, S("//")) + 2, url.n);
	size_t colon = str_index(host, ':');
	uint64_t port = HTTPS_PORT;

	if (colon < host.n && str_to_u64(str_slice(host, colon + 1, host.n), PORT_MAX, &port))
		port = HTTPS_PORT;
	z->web_host = str_slice(host, 0, colon);
	z->web_port = (unsigned)port;
}

/* label: with the dots that part it from the domain. */
static enum err add(struct zone *z, const char *label, enum zone_type type, struct str text, unsigned port)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(TEXT_MAX);
	struct zone_record *r = &z->records[z->n];

	buf_fmt(&name, "%s" STR_FMT, label, STR_ARG(z->domain));
	TRY(buf_status(&name));
	*r = (struct zone_record){ .type = type, .port = port };
	TRY(arena_str(z->arena, buf_view(&name), &r->name));
	TRY(arena_str(z->arena, text, &r->text));
	z->n++;
	return ERR_OK;
}

static enum err add_names(struct zone *z)
{
	static const char *const labels[] = { "autodiscover.", "autoconfig.", "ua-auto-config." };

	for (size_t i = 0; i < countof(labels); i++)
		TRY(add(z, labels[i], ZONE_CNAME, z->web_host, 0));
	return ERR_OK;
}

static enum err add_services(struct zone *z)
{
	static const struct {
		const char *label;
		enum discovery_service which;
		enum discovery_security security;
	} services[] = {
		{ "_imaps._tcp.", DISCOVERY_IMAP, DISCOVERY_TLS },
		{ "_imap._tcp.", DISCOVERY_IMAP, DISCOVERY_STARTTLS },
		{ "_pop3s._tcp.", DISCOVERY_POP3, DISCOVERY_TLS },
		{ "_pop3._tcp.", DISCOVERY_POP3, DISCOVERY_STARTTLS },
		{ "_submissions._tcp.", DISCOVERY_SUBMISSION, DISCOVERY_TLS },
		{ "_submission._tcp.", DISCOVERY_SUBMISSION, DISCOVERY_STARTTLS },
	};

	TRY(add(z, "_autodiscover._tcp.", ZONE_SRV, z->web_host, z->web_port));
	for (size_t i = 0; i < countof(services); i++) {
		const struct discovery_endpoint *at = &z->d->endpoint[services[i].which][services[i].security];

		TRY(add(z, services[i].label, ZONE_SRV, str_of(at->host), at->host ? at->port : 0));
	}
	TRY(add(z, "_caldavs._tcp.", ZONE_SRV, STR_EMPTY, 0));
	return add(z, "_carddavs._tcp.", ZONE_SRV, STR_EMPTY, 0);
}

static enum err add_digest(struct zone *z)
{
	CLEANUP(buf_release) struct buf digest = BUF_INIT(PACC_DIGEST_MAX), text = BUF_INIT(TEXT_MAX);

	TRY(pacc_digest(&digest, z->d));
	buf_fmt(&text, "v=UAAC1; a=sha256; d=" STR_FMT, STR_ARG(buf_view(&digest)));
	TRY(buf_status(&text));
	return add(z, "_ua-auto-config.", ZONE_TXT, buf_view(&text), 0);
}

enum err zone_of(struct arena *a, struct str domain, const struct discovery *d, struct zone_record **ret, size_t *ret_n)
{
	struct zone z = { .arena = a, .domain = domain, .d = d };

	z.records = arena_array(a, RECORDS_MAX, sizeof(*z.records));
	if (!z.records)
		return ERR_LIMIT;
	read_url(&z);
	TRY(add_names(&z));
	TRY(add_services(&z));
	TRY(add_digest(&z));
	*ret = z.records;
	*ret_n = z.n;
	return ERR_OK;
}
