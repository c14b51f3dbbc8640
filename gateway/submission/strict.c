#include <gateway/submission/strict.h>

/* Where the next CR or LF is; s.n where there is none. */
static size_t next_end(struct str s)
{
	size_t lf = str_index(s, '\n');

	return str_index(str_slice(s, 0, lf), '\r');
}

void strict_put(struct strict *st, struct str octets)
{
	if (st->cr && octets.n) {
		st->bad |= octets.p[0] != '\n';
		octets = str_slice(octets, octets.p[0] == '\n' ? 1 : 0, octets.n);
		st->cr = false;
	}
	st->bad |= str_index(octets, '\0') < octets.n;
	while (octets.n && !st->bad) {
		size_t at = next_end(octets);

		if (at == octets.n)
			return;
		if (octets.p[at] == '\n') {
			st->bad = true;
		} else if (at + 1 == octets.n) {
			st->cr = true;
			return;
		} else {
			st->bad = octets.p[at + 1] != '\n';
		}
		octets = str_slice(octets, at + 2, octets.n);
	}
}

bool strict_end(const struct strict *st)
{
	return !st->cr && !st->bad;
}
