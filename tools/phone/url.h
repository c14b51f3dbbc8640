/* The server's address: scheme://host[:port][/path]. Views into the text given. */
#ifndef PHONE_URL_H
#define PHONE_URL_H

#include <base/str.h>

struct url {
	bool tls;
	struct str host; /* without the brackets of an IPv6 address */
	uint16_t port;
	struct str path; /* "/Microsoft-Server-ActiveSync" where the text names none */
};

enum err url_parse(struct str text, struct url *ret) MUST_CHECK; /* ERR_INVALID */

#endif
