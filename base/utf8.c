/* UTF-8 after table 3-7 of the Unicode standard. */
#include <base/utf8.h>

#include <endian.h>

enum { REPLACEMENT = 0xfffd, CODE_MAX = 0x10ffff };

struct lead {
	unsigned char length;    /* of the whole character; 0: no character begins so */
	unsigned char low, high; /* bounds of the second byte, which keep overlong forms and surrogates out */
};

static struct lead lead_of(unsigned char c)
{
	if (c < 0x80)
		return (struct lead){ 1, 0, 0 };
	if (c >= 0xc2 && c <= 0xdf)
		return (struct lead){ 2, 0x80, 0xbf };
	if (c >= 0xe0 && c <= 0xef)
		return (struct lead){ 3, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf };
	if (c >= 0xf0 && c <= 0xf4)
		return (struct lead){ 4, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf };
	return (struct lead){ 0, 0, 0 };
}

/*
 * Reads the character that s (not empty) begins with. Returns its length; where it is not valid, *ret_valid is false
 * and the length is that of the maximal invalid sequence, at least 1.
 */
static size_t scan(struct str s, uint32_t *ret_code, bool *ret_valid)
{
	static const unsigned char lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *p = (const unsigned char *)s.p;
	struct lead lead = lead_of(p[0]);
	uint32_t code = p[0] & lead_bits[lead.length];
	size_t i;

	for (i = 1; i < lead.length && i < s.n; i++) {
		if (p[i] < (i == 1 ? lead.low : 0x80) || p[i] > (i == 1 ? lead.high : 0xbf))
			break;
		code = code << 6 | (p[i] & 0x3f);
	}
	*ret_code = code;
	*ret_valid = i == lead.length;
	return i;
}

/*
 * Length of what s begins with that is ASCII from space on: most of most mails, valid and wanted by all. Eight bytes at
 * once: where no byte has its high bit, one below space shows by that bit once a space is taken from each byte. The
 * borrow runs upwards, so the lowest marked byte is the first of them.
 */
static size_t plain_run(struct str s)
{
	const uint64_t spaces = UINT64_C(0x2020202020202020), high = UINT64_C(0x8080808080808080);
	size_t at = 0;

	for (uint64_t word; s.n - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, s.p + at, sizeof(word));
		word = le64toh(word);
		word = (word | (word - spaces)) & high;
		if (word)
			return at + (size_t)__builtin_ctzll(word) / 8;
	}
	while (at < s.n && (unsigned char)s.p[at] >= 0x20 && (unsigned char)s.p[at] < 0x80)
		at++;
	return at;
}

size_t utf8_decode(struct str s, uint32_t *ret)
{
	uint32_t code;
	bool valid;
	size_t n;

	if (s.n == 0)
		return 0;
	n = scan(s, &code, &valid);
	if (!valid)
		return 0;
	*ret = code;
	return n;
}

bool utf8_valid(struct str s)
{
	while (s.n > 0) {
		uint32_t code;
		size_t n = plain_run(s);

		if (n == 0)
			n = utf8_decode(s, &code);
		if (n == 0)
			return false;
		s = str_slice(s, n, s.n);
	}
	return true;
}

size_t utf8_chars(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

struct str utf8_prefix(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return str_slice(s, 0, max);
}

void utf8_put(struct buf *b, uint32_t code)
{
	unsigned char bytes[4];
	size_t n;

	if (code > CODE_MAX || (code >= 0xd800 && code <= 0xdfff))
		code = REPLACEMENT;
	n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--) {
		bytes[i] = (unsigned char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	/* The first byte begins with as many ones as the character has bytes, unless it is alone. */
	bytes[0] = (unsigned char)(code | (n == 1 ? 0 : 0xf0U << (4 - n)));
	buf_put(b, bytes, n);
}

static bool any_code(uint32_t code)
{
	(void)code;
	return true;
}

/* Copies runs of what is valid and wanted; ASCII from space on is. */
static void put_filtered(struct buf *b, struct str s, bool (*wanted)(uint32_t code))
{
	size_t run = 0, at = 0;

	while (at < s.n) {
		struct str rest = str_from(s.p + at, s.n - at);
		size_t n = plain_run(rest);
		uint32_t code;
		bool valid;

		if (n > 0) {
			at += n;
			continue;
		}
		n = scan(rest, &code, &valid);
		if (!valid || !wanted(code)) {
			buf_str(b, str_slice(s, run, at));
			run = at + n;
			if (!valid)
				utf8_put(b, REPLACEMENT);
		}
		at += n;
	}
	buf_str(b, str_slice(s, run, s.n));
}

void utf8_put_lossy(struct buf *b, struct str s)
{
	put_filtered(b, s, any_code);
}

void utf8_put_xml_safe(struct buf *b, struct str s)
{
	put_filtered(b, s, utf8_is_xml_char);
}

bool utf8_is_xml_char(uint32_t code)
{
	if (code < 0x20)
		return code == '\t' || code == '\n' || code == '\r';
	return code <= CODE_MAX && !(code >= 0xd800 && code <= 0xdfff) && code != 0xfffe && code != 0xffff;
}

bool utf8_is_xml(struct str s)
{
	while (s.n > 0) {
		uint32_t code = ' ';
		size_t n = plain_run(s);

		if (n == 0)
			n = utf8_decode(s, &code);
		if (n == 0 || !utf8_is_xml_char(code))
			return false;
		s = str_slice(s, n, s.n);
	}
	return true;
}

bool utf8_is_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return utf8_is_xml(s);
}
