/* The frame of POX answers. */
#ifndef GATEWAY_AUTODISCOVER_POX_H
#define GATEWAY_AUTODISCOVER_POX_H

#include <gateway/xml/xml_write.h>

#define POX_NS "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"

/* Opens Autodiscover and its Response; response_ns NULL: of the outer namespace. */
void pox_begin(struct xml_writer *w, struct buf *out, const char *response_ns);

#endif
