/* PROXY protocol: both versions begin with different bytes, so the first one decides. */
#include <gateway/net/proxy.h>

enum {
	V2_HEAD_BYTES = 16,
	V2_VERSION_AT = 12,
	V2_FAMILY_AT = 13,
	V2_LENGTH_AT = 14,
	V2_VERSION = 2,
	V2_LOCAL = 0,
	V2_PROXY = 1,
	TLV_HEAD_BYTES = 3,
};

static const struct str v1_begin = STR_INIT("PROXY ");
static const struct str v2_signature = STR_INIT("\r\n\r\n\0\r\nQUIT\n");

/* Does `in` begin as `begin` does, as far as both go? */
static bool agrees(struct str in, struct str begin)
{
	return str_starts(begin, in) || str_starts(in, begin);
}

/* Section 2.1: decimal, without leading zeros. */
static bool is_port(struct str text)
{
	uint64_t port;

	return (text.n == 1 || text.p[0] != '0') && !str_to_u64(text, UINT16_MAX, &port);
}

/* "192.0.2.1 192.0.2.2 12345 443": one blank between, all of one family. */
static bool read_v1_addresses(struct str rest, bool v6, struct net_ip *ret_source)
{
	struct str word[4];
	struct net_ip unused;

	for (size_t i = 0; i < countof(word); i++)
		if (!str_cut(&rest, ' ', &word[i]) || word[i].n == 0)
			return false;
	if (rest.p || !is_port(word[2]) || !is_port(word[3]))
		return false;
	for (size_t i = 0; i < 2; i++)
		if ((str_index(word[i], ':') < word[i].n) != v6)
			return false;
	return !net_ip_parse(word[0], ret_source) && !net_ip_parse(word[1], &unused);
}

static enum proxy_result read_v1_line(struct str line, struct proxy_header *h)
{
	struct str rest = str_slice(line, v1_begin.n, line.n), family;

	str_cut(&rest, ' ', &family);
	h->source = PROXY_IP;
	if (str_eq(family, S("TCP4")))
		return read_v1_addresses(rest, false, &h->ip) ? PROXY_DONE : PROXY_BAD;
	if (str_eq(family, S("TCP6")))
		return read_v1_addresses(rest, true, &h->ip) ? PROXY_DONE : PROXY_BAD;
	h->source = PROXY_SELF; /* what follows UNKNOWN is to be ignored */
	return str_eq(family, S("UNKNOWN")) ? PROXY_DONE : PROXY_BAD;
}

static enum proxy_result parse_v1(struct str in, struct proxy_header *h)
{
	size_t lf;

	in = str_slice(in, 0, PROXY_V1_MAX_BYTES);
	if (!agrees(in, v1_begin))
		return PROXY_BAD;
	lf = str_index(in, '\n');
	if (lf == in.n)
		return in.n < PROXY_V1_MAX_BYTES ? PROXY_NEED_MORE : PROXY_BAD;
	h->n = lf + 1;
	return in.p[lf - 1] == '\r' ? read_v1_line(str_slice(in, 0, lf - 1), h) : PROXY_BAD;
}

static unsigned octet(struct str s, size_t i)
{
	return (unsigned char)s.p[i];
}

static bool tlvs_fill(struct str rest)
{
	while (rest.n) {
		size_t n;

		if (rest.n < TLV_HEAD_BYTES)
			return false;
		n = TLV_HEAD_BYTES + (octet(rest, 1) << 8 | octet(rest, 2));
		if (n > rest.n)
			return false;
		rest = str_slice(rest, n, rest.n);
	}
	return true;
}

enum { V2_FAMILIES = 4, V2_TRANSPORTS = 3, V4_PAIR_BYTES = 2 * 4 + 2 * 2, V6_PAIR_BYTES = 2 * 16 + 2 * 2 };

/*
 * Section 2.2, by the two halves of one octet: unspecified, IPv4, IPv6, unix; unspecified, stream, datagram. Where
 * either is unspecified, addresses are to be ignored.
 */
static const struct v2_family {
	enum proxy_source source;
	size_t addresses_n; /* octets of both addresses and their ports */
} v2_families[V2_FAMILIES][V2_TRANSPORTS] = {
	[1] = { [1] = { PROXY_IP, V4_PAIR_BYTES }, [2] = { PROXY_IP, V4_PAIR_BYTES } },
	[2] = { [1] = { PROXY_IP, V6_PAIR_BYTES }, [2] = { PROXY_IP, V6_PAIR_BYTES } },
	[3] = { [1] = { PROXY_UNIX, 2 * 108 }, [2] = { PROXY_UNIX, 2 * 108 } },
};

static const struct v2_family *v2_family_find(unsigned code)
{
	unsigned family = code >> 4, transport = code & 0x0f;

	return family < V2_FAMILIES && transport < V2_TRANSPORTS ? &v2_families[family][transport] : NULL;
}

/* `body` is what the header's length counts: the addresses, then TLVs. */
static enum proxy_result read_v2_body(struct str body, const struct v2_family *family, struct proxy_header *h)
{
	if (body.n < family->addresses_n)
		return PROXY_BAD;
	h->source = family->source;
	if (h->source == PROXY_IP && family->addresses_n == V4_PAIR_BYTES)
		h->ip = net_ip_v4(body.p);
	else if (h->source == PROXY_IP)
		memcpy(h->ip.b, body.p, sizeof(h->ip.b));
	/* An unspecified family says nothing of what follows it. */
	return h->source == PROXY_SELF || tlvs_fill(str_slice(body, family->addresses_n, body.n)) ? PROXY_DONE
												  : PROXY_BAD;
}

static enum proxy_result parse_v2(struct str in, struct proxy_header *h)
{
	const struct v2_family *family;
	unsigned command;

	if (!agrees(in, v2_signature))
		return PROXY_BAD;
	if (in.n < V2_HEAD_BYTES)
		return PROXY_NEED_MORE;
	command = octet(in, V2_VERSION_AT) & 0x0f;
	family = v2_family_find(octet(in, V2_FAMILY_AT));
	h->n = V2_HEAD_BYTES + (octet(in, V2_LENGTH_AT) << 8 | octet(in, V2_LENGTH_AT + 1));
	if (octet(in, V2_VERSION_AT) >> 4 != V2_VERSION || command > V2_PROXY || h->n > PROXY_V2_MAX_BYTES)
		return PROXY_BAD;
	if (command == V2_PROXY && !family)
		return PROXY_BAD;
	if (in.n < h->n)
		return PROXY_NEED_MORE;
	h->source = PROXY_SELF; /* of LOCAL, whatever else it holds */
	return command == V2_LOCAL ? PROXY_DONE : read_v2_body(str_slice(in, V2_HEAD_BYTES, h->n), family, h);
}

enum proxy_result proxy_parse(struct str in, struct proxy_header *ret)
{
	struct proxy_header h = { 0 };
	enum proxy_result result;

	if (in.n == 0)
		return PROXY_NEED_MORE;
	result = in.p[0] == v1_begin.p[0] ? parse_v1(in, &h) : parse_v2(in, &h);
	if (result == PROXY_DONE)
		*ret = h;
	return result;
}
