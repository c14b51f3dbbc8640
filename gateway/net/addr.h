/* Addresses as the configuration writes them: "127.0.0.1:8443", "[::1]:8443", "unix:/path". Any thread. */
#ifndef GATEWAY_NET_ADDR_H
#define GATEWAY_NET_ADDR_H

#include <base/str.h>

#include <sys/socket.h>

struct net_addr {
	struct sockaddr_storage sa;
	socklen_t len;
};

/* Numeric hosts only; ERR_INVALID for anything else, ERR_LIMIT for a unix path that does not fit. */
enum err net_addr_parse(const char *text, struct net_addr *ret) MUST_CHECK;

enum { NET_HOST_MAX = 64 };
/* The host alone: "192.0.2.1" (a mapped IPv4 address too), "2001:db8::1", "unix". */
void net_addr_host(const struct net_addr *a, char ret[NET_HOST_MAX]);

#endif
