/*
 * Autodiscover: where a client finds what this server offers, in every form that clients ask in. Each form is a pure
 * function of facts to a document; service.c has the routes and who may ask.
 *
 *	POX, Outlook and mobilesync schemas   pox_*.c       MS-OXDSCLI; MS-ASCMD Autodiscover
 *	SOAP                                  soap*.c       MS-OXWSADISC
 *	v2, JSON                              v2.c          as clients of Exchange 2016 ask
 *	autoconfig                            autoconfig.c  draft-ietf-mailmaint-autoconfig (Thunderbird and others)
 *	PACC                                  pacc.c        draft-ietf-mailmaint-pacc
 *	configuration profiles                profile.c     Apple's device management
 *
 * What needs no login answers from the domain alone: the same for an address that exists and one that does not.
 */
#ifndef GATEWAY_AUTODISCOVER_AUTODISCOVER_H
#define GATEWAY_AUTODISCOVER_AUTODISCOVER_H

#include <base/clock.h>
#include <gateway/http/http.h>

struct auth;
struct store;

enum {
	AUTODISCOVER_MAX_BODY =
		64 * 1024, /* bytes of a request, HTTP 413 above; those of real clients have less than 2 KB */
	AUTODISCOVER_MAX_DOCUMENT = 256 * 1024,
	AUTODISCOVER_ROUTES = 8,
};

enum discovery_service { DISCOVERY_IMAP, DISCOVERY_POP3, DISCOVERY_SUBMISSION, DISCOVERY_SERVICE_MAX_ };
enum discovery_security { DISCOVERY_TLS, DISCOVERY_STARTTLS, DISCOVERY_SECURITY_MAX_ }; /* the better one first */

struct discovery_endpoint {
	const char *host; /* NULL: not offered */
	unsigned port;
};

/* What the server offers, as clients reach it. Borrowed strings that outlive the server. */
struct discovery {
	const char *host;     /* what clients connect to */
	const char *base_url; /* of the web services, without a '/' at the end: "https://mail.example.test" */
	const char *provider; /* for people */
	struct discovery_endpoint endpoint[DISCOVERY_SERVICE_MAX_][DISCOVERY_SECURITY_MAX_];
	const char *profile_certificate, *profile_key; /* PEM files that sign configuration profiles; NULL: unsigned */
};

struct autodiscover_args {
	struct store *store;
	struct auth *auth;
	const struct clock *clock;
	struct discovery facts;
};

/* All of it is borrowed but the facts, which are copied. */
struct autodiscover *autodiscover_new(const struct autodiscover_args *args);
void autodiscover_free(struct autodiscover **ap);
void autodiscover_routes(struct autodiscover *a, struct http_route ret[AUTODISCOVER_ROUTES]);

#endif
