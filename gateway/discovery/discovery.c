/* Facts for Autodiscover from the configuration. */
#include <gateway/discovery/discovery.h>

#include <gateway/net/addr.h>

#include <netinet/in.h>

enum { HTTPS_PORT = 443 };

/* The port of the first address that has one; 0: none. */
static unsigned port_of(const struct config_addresses *addresses)
{
	for (size_t i = 0; i < addresses->n; i++) {
		struct net_addr address;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;

		if (net_addr_parse(addresses->text[i], &address))
			continue;
		memcpy(&in4, &address.sa, sizeof(in4));
		memcpy(&in6, &address.sa, sizeof(in6));
		if (address.sa.ss_family == AF_INET)
			return ntohs(in4.sin_port);
		if (address.sa.ss_family == AF_INET6)
			return ntohs(in6.sin6_port);
	}
	return 0;
}

/* https://HOSTNAME; with the port where it is another than the usual one. Behind a proxy that ends TLS it is the usual one. */
static enum err default_url(struct config *c, const char **ret)
{
	CLEANUP(buf_release) struct buf url = BUF_INIT(512);
	unsigned port = port_of(&c->http.listen);

	buf_fmt(&url, "https://%s", c->server.hostname);
	if (port != 0 && port != HTTPS_PORT)
		buf_fmt(&url, ":%u", port);
	TRY(buf_status(&url));
	return arena_cstr(&c->arena, buf_view(&url), ret);
}

static void set_endpoint(const struct config *c, const struct config_endpoint *said,
			 const struct config_addresses *listeners, struct discovery_endpoint *ret)
{
	unsigned port = listeners ? port_of(listeners) : 0;

	if (said->off)
		return;
	if (said->host)
		*ret = (struct discovery_endpoint){ said->host, said->port };
	else if (port != 0)
		*ret = (struct discovery_endpoint){ c->server.hostname, port };
}

enum err discovery_of(struct config *c, struct discovery *ret)
{
	const struct {
		enum discovery_service service;
		enum discovery_security security;
		const struct config_endpoint *said;
		const struct config_addresses *listeners;
	} ways[] = {
		{ DISCOVERY_IMAP, DISCOVERY_TLS, &c->autodiscover.imap, &c->imap.listen_tls },
		{ DISCOVERY_IMAP, DISCOVERY_STARTTLS, &c->autodiscover.imap_starttls, &c->imap.listen },
		{ DISCOVERY_POP3, DISCOVERY_TLS, &c->autodiscover.pop3, &c->pop3.listen_tls },
		{ DISCOVERY_POP3, DISCOVERY_STARTTLS, &c->autodiscover.pop3_starttls, &c->pop3.listen },
		{ DISCOVERY_SUBMISSION, DISCOVERY_TLS, &c->autodiscover.submission, &c->submission.listen_tls },
		{ DISCOVERY_SUBMISSION, DISCOVERY_STARTTLS, &c->autodiscover.submission_starttls,
		  &c->submission.listen },
	};

	*ret = (struct discovery){ .host = c->server.hostname,
				   .base_url = c->autodiscover.url,
				   .provider = c->autodiscover.provider,
				   .profile_certificate = c->autodiscover.profile_certificate,
				   .profile_key = c->autodiscover.profile_key };
	if (!ret->base_url)
		TRY(default_url(c, &ret->base_url));
	if (!ret->provider)
		ret->provider = c->server.default_domain ? c->server.default_domain : c->server.hostname;
	for (size_t i = 0; i < countof(ways); i++)
		set_endpoint(c, ways[i].said, ways[i].listeners, &ret->endpoint[ways[i].service][ways[i].security]);
	return ERR_OK;
}
