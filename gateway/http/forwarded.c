/* The walk along X-Forwarded-For. */
#include <gateway/http/forwarded.h>

bool forwarded_begin(const struct net_ranges *trusted, struct str peer)
{
	struct net_ip ip;

	return net_ip_parse(peer, &ip) ? trusted->unix_peers : net_ranges_have_ip(trusted, &ip);
}

/* Takes the last element off the list. */
static struct str cut_last(struct str *list)
{
	size_t at = list->n;
	struct str last;

	while (at > 0 && list->p[at - 1] != ',')
		at--;
	last = str_slice(*list, at, list->n);
	list->n = at ? at - 1 : 0;
	return str_trim(last);
}

/* "192.0.2.1", "192.0.2.1:50000", "2001:db8::1", "[2001:db8::1]:50000". */
static enum err parse_element(struct str text, struct net_ip *ret)
{
	size_t colon = str_index(text, ':');
	struct str after = str_slice(text, colon + 1, text.n);

	if (text.n && text.p[0] == '[')
		text = str_slice(text, 1, str_index(text, ']'));
	else if (colon < text.n && str_index(after, ':') == after.n)
		text = str_slice(text, 0, colon);
	return net_ip_parse(text, ret);
}

enum forwarded forwarded_back(const struct net_ranges *trusted, struct str list, struct net_ip *ret)
{
	enum forwarded result = FORWARDED_NOBODY;
	struct net_ip ip;

	while (list.n) {
		if (parse_element(cut_last(&list), &ip))
			return result == FORWARDED_NOBODY ? result : FORWARDED_CLIENT;
		*ret = ip;
		result = FORWARDED_TRUSTED;
		if (!net_ranges_have_ip(trusted, &ip))
			return FORWARDED_CLIENT;
	}
	return result;
}
