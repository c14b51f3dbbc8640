/* Mailbox names. */
#include <gateway/imap/name.h>

#include <base/utf8.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static int digit_of(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* UTF-16 units to UTF-8, with their pairs; high is the first half of one that waits for its second. */
static enum err put_unit(struct buf *b, uint32_t unit, uint32_t *high)
{
	if (*high) {
		if (unit < 0xdc00 || unit > 0xdfff)
			return ERR_INVALID;
		utf8_put(b, 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00));
		*high = 0;
		return ERR_OK;
	}
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return ERR_INVALID;
	if (unit >= 0xd800 && unit <= 0xdbff)
		*high = unit;
	else if (unit < 0x20 || (unit < 0x7f) || unit == 0x7f)
		return ERR_INVALID; /* it would have stood for itself, or is a control character */
	else
		utf8_put(b, unit);
	return ERR_OK;
}

/* Between '&' and '-'. */
static enum err decode_shifted(struct buf *b, struct str s)
{
	uint32_t bits = 0, high = 0;
	unsigned n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int d = digit_of(s.p[i]);

		if (d < 0)
			return ERR_INVALID;
		bits = bits << 6 | (uint32_t)d;
		n += 6;
		if (n < 16)
			continue;
		n -= 16;
		TRY(put_unit(b, bits >> n & 0xffff, &high));
	}
	return high || n >= 6 || (bits & ((1u << n) - 1)) ? ERR_INVALID : ERR_OK;
}

enum err imap_utf7_decode(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		struct str rest = str_slice(s, i + 1, s.n);
		size_t end = str_index(rest, '-');

		if (c < 0x20 || c >= 0x7f)
			return ERR_INVALID;
		if (c != '&') {
			buf_char(b, (char)c);
			continue;
		}
		if (end == rest.n)
			return ERR_INVALID;
		if (end == 0)
			buf_char(b, '&');
		else
			TRY(decode_shifted(b, str_slice(rest, 0, end)));
		i += end + 1;
		if (end && str_starts(str_slice(s, i + 1, s.n), S("&")) && s.n > i + 2 && s.p[i + 2] != '-')
			return ERR_INVALID; /* two shifts side by side: one name would have two forms */
	}
	return buf_status(b);
}

struct shift {
	uint32_t bits;
	unsigned n;
	bool open;
};

static void shift_unit(struct shift *sh, struct buf *b, uint32_t unit)
{
	if (!sh->open)
		buf_char(b, '&');
	sh->open = true;
	sh->bits = sh->bits << 16 | unit;
	sh->n += 16;
	while (sh->n >= 6) {
		sh->n -= 6;
		buf_char(b, digits[sh->bits >> sh->n & 63]);
	}
	sh->bits &= (1u << sh->n) - 1;
}

static void shift_end(struct shift *sh, struct buf *b)
{
	if (!sh->open)
		return;
	if (sh->n)
		buf_char(b, digits[sh->bits << (6 - sh->n) & 63]);
	buf_char(b, '-');
	*sh = (struct shift){ 0 };
}

void imap_utf7_encode(struct buf *b, struct str s)
{
	struct shift sh = { 0 };
	uint32_t code;

	for (size_t n; (n = utf8_decode(s, &code)) > 0; s = str_slice(s, n, s.n)) {
		if (code >= 0x20 && code < 0x7f) {
			shift_end(&sh, b);
			buf_char(b, (char)code);
			if (code == '&')
				buf_char(b, '-');
		} else if (code < 0x10000) {
			shift_unit(&sh, b, code);
		} else {
			shift_unit(&sh, b, 0xd800 + ((code - 0x10000) >> 10));
			shift_unit(&sh, b, 0xdc00 + ((code - 0x10000) & 0x3ff));
		}
	}
	shift_end(&sh, b);
}

static bool is_escape(struct str s)
{
	return str_istarts(s, S("=2F")) || str_istarts(s, S("=3D"));
}

void imap_level_put(struct buf *b, struct str level)
{
	for (size_t i = 0; i < level.n; i++) {
		if (level.p[i] == IMAP_DELIMITER)
			buf_cstr(b, "=2F");
		else if (is_escape(str_slice(level, i, level.n)))
			buf_cstr(b, "=3D");
		else
			buf_char(b, level.p[i]);
	}
}

void imap_level_read(struct buf *b, struct str level)
{
	for (size_t i = 0; i < level.n; i++) {
		struct str rest = str_slice(level, i, level.n);

		if (!is_escape(rest)) {
			buf_char(b, level.p[i]);
			continue;
		}
		buf_char(b, str_istarts(rest, S("=2F")) ? '/' : '=');
		i += 2;
	}
}

/*
 * Greedy with one way back: to the last '*', or to the last '%' behind it while it stays in its level. That is enough,
 * since whatever matched up to the last wildcard can be matched no better.
 */
bool imap_pattern_matches(struct str p, struct str s, unsigned long *steps)
{
	size_t i = 0, j = 0, star = SIZE_MAX, star_at = 0, level = SIZE_MAX, level_at = 0;

	while (*steps) {
		--*steps;
		if (i < p.n && p.p[i] == '*') {
			star = i++;
			star_at = j;
			level = SIZE_MAX;
		} else if (i < p.n && p.p[i] == '%') {
			level = i++;
			level_at = j;
		} else if (i < p.n && j < s.n && p.p[i] == s.p[j]) {
			i++;
			j++;
		} else if (i == p.n && j == s.n) {
			return true;
		} else if (level != SIZE_MAX && level_at < s.n && s.p[level_at] != IMAP_DELIMITER) {
			i = level + 1;
			j = ++level_at;
		} else if (star != SIZE_MAX && star_at < s.n) {
			i = star + 1;
			j = ++star_at;
			level = SIZE_MAX;
		} else {
			return false;
		}
	}
	return false;
}
