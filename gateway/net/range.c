/* Networks by prefix; IPv4 is compared as mapped into IPv6, so that a host is the same by either kind of socket. */
#include <gateway/net/range.h>

enum { IP_BITS = 8 * NET_IP_BYTES, V4_AT_BIT = 8 * NET_IP_V4_AT };

static bool same_prefix(const struct net_ip *a, const struct net_ip *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return !memcmp(a->b, b->b, whole) && (rest == 0 || (a->b[whole] ^ b->b[whole]) >> (8 - rest) == 0);
}

static bool clear_behind(const struct net_ip *ip, unsigned bits)
{
	for (unsigned i = bits; i < IP_BITS; i++)
		if (ip->b[i / 8] & 0x80 >> i % 8)
			return false;
	return true;
}

/* What follows the '/', counted from the first bit of the 128. */
static enum err parse_bits(struct str text, bool v4, unsigned *ret)
{
	unsigned from = v4 ? V4_AT_BIT : 0;
	uint64_t bits;

	if (str_to_u64(text, IP_BITS - from, &bits))
		return ERR_INVALID;
	*ret = from + (unsigned)bits;
	return ERR_OK;
}

enum err net_ranges_add(struct net_ranges *r, struct str text)
{
	struct str rest = text, host;
	unsigned bits = IP_BITS;
	struct net_ip ip;

	if (str_eq(text, S("unix"))) {
		r->unix_peers = true;
		return ERR_OK;
	}
	str_cut(&rest, '/', &host);
	TRY(net_ip_parse(host, &ip));
	if (rest.p)
		TRY(parse_bits(rest, str_index(host, ':') == host.n, &bits));
	if (!clear_behind(&ip, bits))
		return ERR_INVALID;
	if (r->n == NET_MAX_RANGES)
		return ERR_LIMIT;
	r->at[r->n].ip = ip;
	r->at[r->n++].bits = bits;
	return ERR_OK;
}

bool net_ranges_have_ip(const struct net_ranges *r, const struct net_ip *ip)
{
	for (size_t i = 0; i < r->n; i++)
		if (same_prefix(&r->at[i].ip, ip, r->at[i].bits))
			return true;
	return false;
}

bool net_ranges_have(const struct net_ranges *r, const struct net_addr *peer)
{
	struct net_ip ip;

	return net_addr_ip(peer, &ip) ? net_ranges_have_ip(r, &ip) : r->unix_peers;
}
