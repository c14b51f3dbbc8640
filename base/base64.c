/* Base64. */
#include <base/base64.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* clang-format off */
/* The value of a letter of the alphabet, plus one; 0 for any other byte. */
static const unsigned char value_plus_1[256] = {
	['+'] = 63, ['/'] = 64,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
	['A'] = 1,  2,  3,  4,	5,  6,	7,  8,	9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
};

/* clang-format on */

void base64_put(struct buf *b, struct str bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	size_t whole = bytes.n - bytes.n % 3, left = bytes.n % 3, i;
	size_t n = bytes.n / 3 > SIZE_MAX / 4 - 1 ? SIZE_MAX : (bytes.n / 3 + (left > 0)) * 4;
	char *to;

	if (n == 0)
		return;
	to = buf_reserve(b, n);
	if (!to)
		return;
	for (i = 0; i < whole; i += 3) {
		*to++ = alphabet[p[i] >> 2];
		*to++ = alphabet[(p[i] & 0x03) << 4 | p[i + 1] >> 4];
		*to++ = alphabet[(p[i + 1] & 0x0f) << 2 | p[i + 2] >> 6];
		*to++ = alphabet[p[i + 2] & 0x3f];
	}
	if (left) {
		unsigned char second = left == 2 ? p[i + 1] : 0;

		*to++ = alphabet[p[i] >> 2];
		*to++ = alphabet[(p[i] & 0x03) << 4 | second >> 4];
		*to++ = left == 2 ? alphabet[(second & 0x0f) << 2] : '=';
		*to++ = '=';
	}
	buf_added(b, n);
}

enum err base64_decode(struct buf *b, struct str text)
{
	struct base64_stream st = { 0 };
	size_t padding = 0;

	while (padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '=')
		padding++;
	if (text.n % 4)
		return ERR_INVALID;
	for (size_t i = 0; i < text.n - padding; i++)
		if (!value_plus_1[(unsigned char)text.p[i]])
			return ERR_INVALID;
	base64_stream_put(&st, b, text);
	TRY(buf_status(b));
	/* What the last letter holds beyond the last byte is zero, so that one text stands for each run of bytes. */
	return st.bits ? ERR_INVALID : ERR_OK;
}

/* Takes the letters up to where the room, in bytes, is full; returns how many bytes of text it used. */
static size_t decode_into(struct base64_stream *st, unsigned char **to, struct str text)
{
	size_t i;

	for (i = 0; i < text.n && !st->done; i++) {
		unsigned value = value_plus_1[(unsigned char)text.p[i]];

		if (!value) {
			st->done = text.p[i] == '=';
			continue;
		}
		st->bits = st->bits << 6 | (value - 1);
		st->n += 6;
		if (st->n < 8)
			continue;
		st->n -= 8;
		*(*to)++ = (unsigned char)(st->bits >> st->n);
		st->bits &= (1U << st->n) - 1;
	}
	return i;
}

void base64_stream_put(struct base64_stream *st, struct buf *b, struct str text)
{
	/* A piece at a time, so that the room asked for stays near to what is filled. */
	enum { PIECE = 4096 };

	while (text.n && !st->done) {
		struct str piece = str_slice(text, 0, PIECE);
		unsigned char out[PIECE / 4 * 3 + 3], *end = out;

		text = str_slice(text, decode_into(st, &end, piece), text.n);
		buf_put(b, out, (size_t)(end - out));
	}
}
