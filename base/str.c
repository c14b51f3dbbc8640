/* Views of bytes. */
#include <base/str.h>

#include <limits.h>

int str_printf_len(struct str s)
{
	return s.n > INT_MAX ? INT_MAX : (int)s.n;
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static bool ieq_n(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	return true;
}

bool str_ieq(struct str a, struct str b)
{
	return a.n == b.n && ieq_n(a.p, b.p, a.n);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c)
		return c;
	return (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_from(s.p, prefix.n), prefix);
}

bool str_istarts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && ieq_n(s.p, prefix.p, prefix.n);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_slice(s, s.n - suffix.n, s.n), suffix);
}

struct str str_slice(struct str s, size_t a, size_t b)
{
	if (b > s.n)
		b = s.n;
	if (a > b)
		a = b;
	return str_from(s.p ? s.p + a : NULL, b - a);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n && is_blank(s.p[0]))
		s = str_slice(s, 1, s.n);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t str_index(struct str s, char c)
{
	const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

	return hit ? (size_t)(hit - s.p) : s.n;
}

size_t str_find(struct str s, struct str needle)
{
	const char *hit;

	if (needle.n == 0)
		return 0;
	hit = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return hit ? (size_t)(hit - s.p) : s.n;
}

/* From there on, up to `end`, which stands for none. */
static size_t next_byte(const char *p, size_t from, size_t end, char c)
{
	const char *hit = from < end ? memchr(p + from, c, end - from) : NULL;

	return hit ? (size_t)(hit - p) : end;
}

size_t str_ifind(struct str s, struct str needle)
{
	size_t end, low, high;
	char lower, upper;

	if (needle.n == 0)
		return 0;
	if (needle.n > s.n)
		return s.n;
	end = s.n - needle.n + 1; /* where it may begin */
	lower = ascii_lower(needle.p[0]);
	upper = lower >= 'a' && lower <= 'z' ? (char)(lower - 'a' + 'A') : lower;
	low = next_byte(s.p, 0, end, lower);
	high = upper == lower ? end : next_byte(s.p, 0, end, upper);
	while (low < end || high < end) {
		size_t at = low < high ? low : high;

		if (ieq_n(s.p + at, needle.p, needle.n))
			return at;
		if (low < high)
			low = next_byte(s.p, at + 1, end, lower);
		else
			high = next_byte(s.p, at + 1, end, upper);
	}
	return s.n;
}

bool str_cut(struct str *rest, char sep, struct str *ret_head)
{
	size_t at;

	if (!rest->p)
		return false;
	at = str_index(*rest, sep);
	*ret_head = str_slice(*rest, 0, at);
	*rest = at < rest->n ? str_slice(*rest, at + 1, rest->n) : STR_EMPTY;
	return true;
}

enum err str_to_u64(struct str s, uint64_t max, uint64_t *ret)
{
	bool above = false;
	uint64_t v = 0;

	if (s.n == 0)
		return ERR_INVALID;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';

		if (digit > 9)
			return ERR_INVALID;
		above = above || digit > max || v > (max - digit) / 10;
		v = above ? max : v * 10 + digit;
	}
	if (above)
		return ERR_LIMIT;
	*ret = v;
	return ERR_OK;
}

enum err str_to_i64(struct str s, int64_t *ret)
{
	bool negative = s.n && s.p[0] == '-';
	uint64_t v;

	TRY(str_to_u64(negative ? str_slice(s, 1, s.n) : s, (uint64_t)INT64_MAX + negative, &v));
	*ret = negative ? (int64_t)(0 - v) : (int64_t)v;
	return ERR_OK;
}

enum err str_hex_to_u64(struct str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0 || s.n > 16)
		return ERR_INVALID;
	for (size_t i = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned)(c - 'a') + 10;
		else
			return ERR_INVALID;
		v = v << 4 | digit;
	}
	*ret = v;
	return ERR_OK;
}
