/* The server's address. */
#include "url.h"

enum { PORT_HTTP = 80, PORT_HTTPS = 443 };

static const struct str default_path = STR_INIT("/Microsoft-Server-ActiveSync");

static enum err parse_port(struct str text, struct url *u)
{
	uint64_t port;

	if (text.n == 0)
		return ERR_OK;
	if (text.p[0] != ':' || str_to_u64(str_slice(text, 1, text.n), UINT16_MAX, &port) || port == 0)
		return ERR_INVALID;
	u->port = (uint16_t)port;
	return ERR_OK;
}

static enum err parse_authority(struct str text, struct url *u)
{
	size_t end;

	if (str_starts(text, S("["))) {
		end = str_index(text, ']');
		if (end == text.n)
			return ERR_INVALID;
		u->host = str_slice(text, 1, end);
		return u->host.n ? parse_port(str_slice(text, end + 1, text.n), u) : ERR_INVALID;
	}
	end = str_index(text, ':');
	u->host = str_slice(text, 0, end);
	return u->host.n ? parse_port(str_slice(text, end, text.n), u) : ERR_INVALID;
}

enum err url_parse(struct str text, struct url *ret)
{
	struct url u = { 0 };
	size_t slash;

	if (str_istarts(text, S("https://"))) {
		u.tls = true;
		u.port = PORT_HTTPS;
		text = str_slice(text, 8, text.n);
	} else if (str_istarts(text, S("http://"))) {
		u.port = PORT_HTTP;
		text = str_slice(text, 7, text.n);
	} else {
		return ERR_INVALID;
	}
	slash = str_index(text, '/');
	TRY(parse_authority(str_slice(text, 0, slash), &u));
	u.path = str_slice(text, slash, text.n);
	if (u.path.n <= 1)
		u.path = default_path;
	*ret = u;
	return ERR_OK;
}
