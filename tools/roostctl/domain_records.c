/* roostctl domain records: what a domain's zone has to say so that clients find this server, as lines of a zone file. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/runs.h>

#include <gateway/autodiscover/documents.h>
#include <gateway/discovery/discovery.h>

#include <stdio.h>

enum { TTL_S = 3600, HTTPS_PORT = 443, URL_MAX_PORT = 65535 };

struct zone {
	const char *domain;
	const struct discovery *d;
	struct str web_host; /* of the base URL */
	unsigned web_port;
};

/* "https://HOST[:PORT]" taken apart. */
static void read_url(struct zone *z)
{
	struct str url = str_of(z->d->base_url), host = str_slice(url, str_find(url, S("//")) + 2, url.n);
	size_t colon = str_index(host, ':');
	uint64_t port = HTTPS_PORT;

	if (colon < host.n && str_to_u64(str_slice(host, colon + 1, host.n), URL_MAX_PORT, &port))
		port = HTTPS_PORT;
	z->web_host = str_slice(host, 0, colon);
	z->web_port = (unsigned)port;
}

static void put_alias(const struct zone *z, const char *label)
{
	printf("%s.%s.\t%d\tIN\tCNAME\t" STR_FMT ".\n", label, z->domain, TTL_S, STR_ARG(z->web_host));
}

/* host NULL: what is not offered says so (RFC 2782: a target of "."). */
static void put_service(const struct zone *z, const char *service, struct str host, unsigned port)
{
	if (host.n > 0)
		printf("%s._tcp.%s.\t%d\tIN\tSRV\t0 1 %u " STR_FMT ".\n", service, z->domain, TTL_S, port,
		       STR_ARG(host));
	else
		printf("%s._tcp.%s.\t%d\tIN\tSRV\t0 0 0 .\n", service, z->domain, TTL_S);
}

static void put_mail_services(const struct zone *z)
{
	static const struct {
		const char *service;
		enum discovery_service which;
		enum discovery_security security;
	} services[] = {
		{ "_imaps", DISCOVERY_IMAP, DISCOVERY_TLS },
		{ "_imap", DISCOVERY_IMAP, DISCOVERY_STARTTLS },
		{ "_pop3s", DISCOVERY_POP3, DISCOVERY_TLS },
		{ "_pop3", DISCOVERY_POP3, DISCOVERY_STARTTLS },
		{ "_submissions", DISCOVERY_SUBMISSION, DISCOVERY_TLS },
		{ "_submission", DISCOVERY_SUBMISSION, DISCOVERY_STARTTLS },
	};

	for (size_t i = 0; i < countof(services); i++) {
		const struct discovery_endpoint *at = &z->d->endpoint[services[i].which][services[i].security];

		put_service(z, services[i].service, str_of(at->host), at->port);
	}
}

static enum err put_digest(const struct zone *z)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(PACC_DIGEST_MAX);

	TRY(pacc_digest(&text, z->d));
	printf("_ua-auto-config.%s.\t%d\tIN\tTXT\t\"v=UAAC1; a=sha256; d=" STR_FMT "\"\n", z->domain, TTL_S,
	       STR_ARG(buf_view(&text)));
	return ERR_OK;
}

static bool is_domain(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = ascii_lower(name.p[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_')
			return false;
	}
	return name.n > 0 && name.n <= ACCOUNT_DOMAIN_MAX && name.p[name.n - 1] != '.';
}

enum status domain_run_records(struct ctl *c, const struct args *args)
{
	struct zone z = { .domain = args->word[0] };
	struct discovery d;
	enum err e;

	if (!is_domain(str_of(z.domain))) {
		ctl_say("%s: not a domain (in its ASCII form, without a dot at the end)", z.domain);
		return STATUS_MISUSED;
	}
	e = discovery_of(&c->config, &d);
	if (e)
		return ctl_fail(e, "%s", z.domain);
	z.d = &d;
	read_url(&z);
	printf("; %s: how clients find %s. The MX is that of the server that hands mail on by LMTP.\n", z.domain,
	       d.host);
	put_alias(&z, "autodiscover");
	put_alias(&z, "autoconfig");
	put_alias(&z, "ua-auto-config");
	put_service(&z, "_autodiscover", z.web_host, z.web_port);
	put_mail_services(&z);
	put_service(&z, "_caldavs", STR_EMPTY, 0);
	put_service(&z, "_carddavs", STR_EMPTY, 0);
	e = put_digest(&z);
	return e ? ctl_fail(e, "%s", z.domain) : ctl_flush();
}
