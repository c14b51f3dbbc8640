/* Heads, targets, queries and lists of HTTP. */
#include <gateway/http/wire.h>

#include <base/hex.h>

size_t wire_head_length(struct str in, size_t *scanned)
{
	for (; *scanned < in.n; (*scanned)++) {
		const char *p = in.p + *scanned;

		if (*p != '\n' || *scanned == 0)
			continue;
		if (p[-1] == '\n' || (*scanned > 1 && p[-1] == '\r' && p[-2] == '\n'))
			return *scanned + 1;
	}
	return 0;
}

enum err wire_percent_decode(char *p, size_t *n)
{
	size_t to = 0;

	for (size_t i = 0; i < *n; i++) {
		char c = p[i];

		if (c == '%') {
			int octet = hex_pair(str_from(p, *n), i + 1);

			if (octet < 0)
				return ERR_INVALID;
			c = (char)octet;
			i += 2;
		}
		if (c == '\0')
			return ERR_INVALID;
		p[to++] = c;
	}
	*n = to;
	return ERR_OK;
}

struct str wire_origin_form(struct str target)
{
	static const struct str schemes[] = { STR_INIT("http://"), STR_INIT("https://") };

	for (size_t i = 0; i < countof(schemes); i++)
		if (str_istarts(target, schemes[i])) {
			struct str rest = str_slice(target, schemes[i].n, target.n);

			return str_slice(rest, str_index(rest, '/'), rest.n);
		}
	return target;
}

struct str wire_query_value(struct str query, struct str name)
{
	struct str pair, key;

	while (str_cut(&query, '&', &pair)) {
		str_cut(&pair, '=', &key);
		if (str_ieq(key, name))
			return pair.p ? pair : str_from(key.p + key.n, 0);
	}
	return STR_EMPTY;
}

static bool weighs_nothing(struct str parameters)
{
	struct str q = str_trim(parameters);

	if (!str_istarts(q, S("q=0")))
		return false;
	for (size_t i = 2; i < q.n; i++)
		if (q.p[i] != '0' && q.p[i] != '.')
			return false;
	return true;
}

bool wire_list_has(struct str list, struct str token)
{
	struct str item, name;

	while (str_cut(&list, ',', &item)) {
		str_cut(&item, ';', &name);
		if (str_ieq(str_trim(name), token))
			return !weighs_nothing(item);
	}
	return false;
}
