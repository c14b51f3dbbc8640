/* What the configuration says of where clients find this server. */
#ifndef GATEWAY_DISCOVERY_DISCOVERY_H
#define GATEWAY_DISCOVERY_DISCOVERY_H

#include <gateway/autodiscover/autodiscover.h>
#include <gateway/config/config.h>

/*
 * The facts of Autodiscover: [autodiscover] where it says something, else the server's name and the ports of its listeners.
 * Strings are the configuration's, or made in its arena. ERR_LIMIT: they do not fit.
 */
enum err discovery_of(struct config *c, struct discovery *ret) MUST_CHECK;

#endif
