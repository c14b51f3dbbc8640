/*
 * Exchange Web Services (MS-OXWS*), SOAP at /EWS/Exchange.asmx: what clients of Exchange ask beside mail. The first stage:
 * out of office, names, ids, time zones, the distinguished folders.
 *
 *	service.c     the route: login, envelope, which operation
 *	schema.h      types as tables: XML to structs and back; types_*.c have the rows
 *	op_*.c        an operation each: a struct in, a struct out
 */
#ifndef GATEWAY_EWS_EWS_H
#define GATEWAY_EWS_EWS_H

#include <base/clock.h>
#include <gateway/http/http.h>

struct auth;
struct store;
struct ews;

#define EWS_HTTP_PATH "/EWS/Exchange.asmx"

enum {
	EWS_MAX_BODY = 1024 * 1024, /* bytes of a request; HTTP 413 above */
	EWS_MAX_ANSWER = 48 * 1024 * 1024,
	EWS_MAX_MESSAGES = 1000, /* things that one request asks about */
	EWS_ROUTES = 1,
};

struct ews_args {
	struct store *store;
	struct auth *auth;
	const struct clock *clock;
	uint64_t max_message; /* bytes of a message that may be sent, as clients are told */
};

/* All of it is borrowed. */
struct ews *ews_new(const struct ews_args *args);
void ews_free(struct ews **ep);
void ews_routes(struct ews *e, struct http_route ret[EWS_ROUTES]);

#endif
