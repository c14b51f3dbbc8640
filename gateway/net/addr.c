/* Reading and showing socket addresses. */
#include <gateway/net/addr.h>

#include <arpa/inet.h>
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

void net_addr_host(const struct net_addr *a, char ret[NET_HOST_MAX])
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&a->sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->sa;
	const char *said = NULL;

	if (a->sa.ss_family == AF_INET)
		said = inet_ntop(AF_INET, &in->sin_addr, ret, NET_HOST_MAX);
	else if (a->sa.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		said = inet_ntop(AF_INET, &in6->sin6_addr.s6_addr[12], ret, NET_HOST_MAX);
	else if (a->sa.ss_family == AF_INET6)
		said = inet_ntop(AF_INET6, &in6->sin6_addr, ret, NET_HOST_MAX);
	if (!said)
		memcpy(ret, "unix", sizeof("unix"));
}
