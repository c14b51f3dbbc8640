/*
 * SOAP Autodiscover (MS-OXWSADISC): GetUserSettings and GetDomainSettings, tables of settings over the facts. Readers:
 * exchangelib, clients made with Microsoft's EWS library.
 */
#ifndef GATEWAY_AUTODISCOVER_SOAP_H
#define GATEWAY_AUTODISCOVER_SOAP_H

#include <gateway/autodiscover/documents.h>

enum {
	SOAP_MAX_USERS = 100, /* MS-OXWSADISC: more is InvalidRequest */
	SOAP_MAX_SETTINGS = 100,
};

/* What a request is about. */
enum soap_operation { SOAP_GET_USER_SETTINGS, SOAP_GET_DOMAIN_SETTINGS };
struct soap_request {
	enum soap_operation operation;
	struct str *subjects; /* addresses, or domains */
	size_t subjects_n;
	struct str *settings;
	size_t settings_n;
};

/* ERR_INVALID: malformed; ERR_UNSUPPORTED: another operation; ERR_LIMIT: more than the bounds above. */
enum err soap_request_read(struct arena *a, struct str body, struct soap_request *ret) MUST_CHECK;

/* What was found of each subject: in their order; known[i] false: no such user or domain. */
struct soap_found {
	const struct discovery_user *users; /* of GetUserSettings */
	const bool *known;
	struct discovery_redirect redirect; /* of the users that are known; both empty: none */
};
void soap_answer(struct buf *out, const struct discovery *d, const struct soap_request *request,
		 const struct soap_found *found);
/* A fault, for a request that can't be read. */
void soap_fault(struct buf *out, enum err e);

#endif
