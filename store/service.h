/* What an account can be logged in to. The numbers are kept in the directory: a new one goes to the end. */
#ifndef STORE_SERVICE_H
#define STORE_SERVICE_H

#include <base/buf.h>

enum service {
	SERVICE_ACTIVESYNC,
	SERVICE_IMAP,
	SERVICE_POP3,
	SERVICE_SMTP, /* submission */
	SERVICE_AUTODISCOVER,
	SERVICE_EWS,
	SERVICE_MAX_
};

enum { SERVICES_ALL = (1u << SERVICE_MAX_) - 1, SERVICES_TEXT_MAX = 128 };

const char *service_name(enum service service);
/* Without case; "eas" is "activesync". ERR_NOT_FOUND. */
enum err service_parse(struct str name, enum service *ret) MUST_CHECK;

/*
 * A set of them, a bit each: "imap,smtp", or "all". What opens ActiveSync or EWS opens Autodiscover too, by which their clients begin.
 * ERR_NOT_FOUND: *ret_wrong is the name that is none.
 */
enum err services_parse(struct str list, unsigned *ret, struct str *ret_wrong) MUST_CHECK;
void services_put(struct buf *b, unsigned services);

#endif
