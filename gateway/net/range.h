/* Sets of hosts, as trusted_proxies names them: single addresses, networks in CIDR form, unix sockets. Any thread. */
#ifndef GATEWAY_NET_RANGE_H
#define GATEWAY_NET_RANGE_H

#include <gateway/net/addr.h>

enum { NET_MAX_RANGES = 64 };

/* Zero-initialised, it has nobody. */
struct net_ranges {
	struct {
		struct net_ip ip;
		unsigned bits; /* of ip that count, from the first on */
	} at[NET_MAX_RANGES];
	size_t n;
	bool unix_peers; /* whoever comes by a unix socket */
};

/*
 * Adds "192.0.2.1", "192.0.2.0/24", "2001:db8::/32" or "unix". ERR_INVALID: none of these, or bits are set behind the
 * length (192.0.2.1/24 is a host or a network, and it is not told which); ERR_LIMIT: too many.
 */
enum err net_ranges_add(struct net_ranges *r, struct str text) MUST_CHECK;

bool net_ranges_have_ip(const struct net_ranges *r, const struct net_ip *ip);
bool net_ranges_have(const struct net_ranges *r, const struct net_addr *peer);

#endif
