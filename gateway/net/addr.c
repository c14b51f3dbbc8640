/* Reading and showing socket addresses. */
#include <gateway/net/addr.h>

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/un.h>

static enum err parse_unix(struct str path, struct net_addr *ret)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&ret->sa;

	if (path.n == 0)
		return ERR_INVALID;
	if (path.n >= sizeof(un->sun_path))
		return ERR_LIMIT;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path.p, path.n);
	ret->len = (socklen_t)sizeof(*un);
	return ERR_OK;
}

static enum err parse_v6(const char *host, in_port_t port, struct net_addr *ret)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ret->sa;

	if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
		return ERR_INVALID;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = port;
	ret->len = (socklen_t)sizeof(*in6);
	return ERR_OK;
}

static enum err parse_v4(const char *host, in_port_t port, struct net_addr *ret)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&ret->sa;

	if (inet_pton(AF_INET, host, &in->sin_addr) != 1)
		return ERR_INVALID;
	in->sin_family = AF_INET;
	in->sin_port = port;
	ret->len = (socklen_t)sizeof(*in);
	return ERR_OK;
}

enum err net_addr_parse(const char *text, struct net_addr *ret)
{
	static const struct str unix_prefix = { "unix:", 5 };
	const char *colon = strrchr(text, ':');
	char host[NET_HOST_MAX];
	struct net_addr a = { 0 };
	struct str h;
	uint64_t port;
	bool v6;

	if (str_starts(str_of(text), unix_prefix)) {
		TRY(parse_unix(str_of(text + unix_prefix.n), &a));
		*ret = a;
		return ERR_OK;
	}
	if (!colon || str_to_u64(str_of(colon + 1), UINT16_MAX, &port))
		return ERR_INVALID;
	h = str_from(text, (size_t)(colon - text));
	v6 = h.n >= 2 && h.p[0] == '[' && h.p[h.n - 1] == ']';
	if (v6)
		h = str_slice(h, 1, h.n - 1);
	if (h.n >= sizeof(host))
		return ERR_INVALID;
	memcpy(host, h.p, h.n);
	host[h.n] = '\0';
	TRY((v6 ? parse_v6 : parse_v4)(host, htons((uint16_t)port), &a));
	*ret = a;
	return ERR_OK;
}

struct net_ip net_ip_v4(const void *four_bytes)
{
	struct net_ip ip = { { [10] = 0xff, [11] = 0xff } };

	memcpy(ip.b + NET_IP_V4_AT, four_bytes, sizeof(struct in_addr));
	return ip;
}

enum err net_ip_parse(struct str text, struct net_ip *ret)
{
	char host[NET_HOST_MAX];
	struct in_addr v4;
	struct net_ip ip;

	if (text.n == 0 || text.n >= sizeof(host) || memchr(text.p, '\0', text.n))
		return ERR_INVALID;
	memcpy(host, text.p, text.n);
	host[text.n] = '\0';
	if (inet_pton(AF_INET, host, &v4) == 1)
		ip = net_ip_v4(&v4);
	else if (inet_pton(AF_INET6, host, ip.b) != 1)
		return ERR_INVALID;
	*ret = ip;
	return ERR_OK;
}

bool net_addr_ip(const struct net_addr *a, struct net_ip *ret)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&a->sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->sa;

	if (a->sa.ss_family == AF_INET)
		*ret = net_ip_v4(&in->sin_addr);
	else if (a->sa.ss_family == AF_INET6)
		memcpy(ret->b, &in6->sin6_addr, sizeof(ret->b));
	return a->sa.ss_family == AF_INET || a->sa.ss_family == AF_INET6;
}

static const char unix_host[] = "unix";

void net_ip_host(const struct net_ip *ip, char ret[NET_HOST_MAX])
{
	static const unsigned char mapped[NET_IP_V4_AT] = { [10] = 0xff, [11] = 0xff };
	bool v4 = !memcmp(ip->b, mapped, sizeof(mapped));
	const char *said = inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? ip->b + NET_IP_V4_AT : ip->b, ret, NET_HOST_MAX);

	assert(said); /* either family fits */
	(void)said;
}

void net_addr_host(const struct net_addr *a, char ret[NET_HOST_MAX])
{
	struct net_ip ip;

	if (net_addr_ip(a, &ip))
		net_ip_host(&ip, ret);
	else
		memcpy(ret, unix_host, sizeof(unix_host));
}
