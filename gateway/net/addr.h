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

/* A host of either family in network order; IPv4 as ::ffff:192.0.2.1 (RFC 4291 section 2.5.5.2). */
enum { NET_IP_BYTES = 16, NET_IP_V4_AT = 12 };
struct net_ip {
	unsigned char b[NET_IP_BYTES];
};
enum err net_ip_parse(struct str text, struct net_ip *ret) MUST_CHECK; /* ERR_INVALID: "192.0.2.1", "2001:db8::1" */
struct net_ip net_ip_v4(const void *four_bytes);
bool net_addr_ip(const struct net_addr *a, struct net_ip *ret) MUST_CHECK; /* false: a unix socket */
void net_ip_host(const struct net_ip *ip, char ret[NET_HOST_MAX]);         /* as net_addr_host() shows it */

#endif
