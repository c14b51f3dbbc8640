/* Streaming conversion to UTF-8. */
#include <gateway/content/charset.h>

#include <base/utf8.h>

#include <errno.h>

enum { REPLACEMENT = 0xFFFD, CONVERT_CHUNK = 2048 };

/* windows-1252 differs from ISO 8859-1 in these; the five unassigned octets stay C1 controls, as browsers read them. */
static const uint16_t cp1252_high[32] = {
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

void charset_init(struct charset_stream *st, const struct charset *cs)
{
	*st = (struct charset_stream){ .kind = cs ? cs->kind : CHARSET_MIXED };
	if (st->kind != CHARSET_ICONV)
		return;
	st->cd = iconv_open("UTF-8", cs->iconv);
	st->open = st->cd != (iconv_t)-1;
	if (!st->open)
		st->kind = CHARSET_MIXED;
}

void charset_release(struct charset_stream *st)
{
	if (st->open)
		(void)iconv_close(st->cd);
	*st = (struct charset_stream){ .kind = CHARSET_MIXED };
}

static size_t ascii_run(struct str s)
{
	size_t n = 0;

	while (n < s.n && (unsigned char)s.p[n] < 0x80)
		n++;
	return n;
}

uint32_t charset_1252(unsigned char octet)
{
	return octet >= 0x80 && octet < 0xA0 ? cp1252_high[octet - 0x80] : octet;
}

static void convert_1252(struct buf *b, struct str s)
{
	while (s.n) {
		size_t run = ascii_run(s);

		buf_put(b, s.p, run);
		if (run < s.n)
			utf8_put(b, charset_1252((unsigned char)s.p[run++]));
		s = str_slice(s, run, s.n);
	}
}

static void convert_mixed(struct buf *b, struct str s)
{
	while (s.n) {
		size_t run = ascii_run(s);
		uint32_t code;
		size_t len;

		buf_put(b, s.p, run);
		s = str_slice(s, run, s.n);
		if (s.n == 0)
			return;
		len = utf8_decode(s, &code);
		if (len)
			buf_put(b, s.p, len);
		else
			utf8_put(b, charset_1252((unsigned char)s.p[0]));
		s = str_slice(s, len ? len : 1, s.n);
	}
}

/* Octets at the end of s that may be the beginning of a character: what follows decides. */
static size_t utf8_open_tail(struct str s)
{
	for (size_t back = 1; back <= 3 && back <= s.n; back++) {
		unsigned char c = (unsigned char)s.p[s.n - back];

		if ((c & 0xC0) == 0x80)
			continue;
		if (c >= 0xC2 && c <= 0xF4 && back < (c >= 0xF0 ? 4u : c >= 0xE0 ? 3u : 2u))
			return back;
		return 0;
	}
	return 0;
}

/* Appends what iconv makes of s and returns how many octets at its end are an incomplete character. */
static size_t convert_iconv(struct charset_stream *st, struct buf *b, struct str s)
{
	char *in = (char *)(uintptr_t)s.p; /* iconv does not write there */
	size_t left = s.n;

	while (left) {
		char out[CONVERT_CHUNK], *at = out;
		size_t room = sizeof(out), before = left;
		size_t rc = iconv(st->cd, &in, &left, &at, &room);
		int why = errno;

		buf_put(b, out, sizeof(out) - room);
		if (rc != (size_t)-1 || why == EINVAL)
			break;
		if (why == E2BIG && (left < before || room < sizeof(out)))
			continue;
		utf8_put(b, REPLACEMENT);
		in++;
		left--;
	}
	return left;
}

static void convert(struct charset_stream *st, struct buf *b, struct str s)
{
	size_t open = 0;

	switch (st->kind) {
	case CHARSET_UTF8:
		open = utf8_open_tail(s);
		utf8_put_lossy(b, str_slice(s, 0, s.n - open));
		break;
	case CHARSET_MIXED:
		open = utf8_open_tail(s);
		convert_mixed(b, str_slice(s, 0, s.n - open));
		break;
	case CHARSET_1252:
		convert_1252(b, s);
		break;
	case CHARSET_ICONV:
		open = convert_iconv(st, b, s);
		break;
	}
	if (open > CHARSET_HELD_MAX) { /* no set has characters so long: iconv is confused, begin behind it */
		utf8_put(b, REPLACEMENT);
		open = 0;
	}
	if (open)
		memmove(st->held, s.p + s.n - open, open);
	st->held_n = open;
}

void charset_put(struct charset_stream *st, struct buf *b, struct str bytes)
{
	/* The held octets meet the new ones one by one until the character is complete. */
	while (st->held_n && bytes.n) {
		char joined[CHARSET_HELD_MAX + 1];
		size_t n = st->held_n;

		memcpy(joined, st->held, n);
		joined[n] = bytes.p[0];
		bytes = str_slice(bytes, 1, bytes.n);
		convert(st, b, str_from(joined, n + 1));
	}
	if (bytes.n)
		convert(st, b, bytes);
}

void charset_finish(struct charset_stream *st, struct buf *b)
{
	struct str rest = str_from(st->held, st->held_n);

	st->held_n = 0;
	if (rest.n == 0)
		return;
	if (st->kind == CHARSET_MIXED)
		convert_mixed(b, rest);
	else
		utf8_put(b, REPLACEMENT);
}

void charset_convert(const struct charset *cs, struct buf *b, struct str bytes)
{
	CLEANUP(charset_release) struct charset_stream st = { 0 };

	charset_init(&st, cs);
	charset_put(&st, b, bytes);
	charset_finish(&st, b);
}
