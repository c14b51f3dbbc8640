/* Ids as octets, and their spellings. */
#include <gateway/ews/id.h>

#include <base/hex.h>
#include <base/base64.h>
#include <gateway/content/octet.h>

enum { ID_VERSION = 1, ID_NUMBERS = 3, NUMBER_BYTES = 8, ID_BYTES = 1 + ID_NUMBERS * NUMBER_BYTES };

static void pack(const struct ews_id *id, unsigned char out[ID_BYTES])
{
	const int64_t numbers[ID_NUMBERS] = { id->mailbox, id->folder, id->item };

	out[0] = ID_VERSION;
	for (size_t i = 0; i < ID_NUMBERS; i++)
		for (size_t k = 0; k < NUMBER_BYTES; k++)
			out[1 + i * NUMBER_BYTES + k] = (unsigned char)((uint64_t)numbers[i] >> (56 - 8 * k));
}

static enum err unpack(struct str bytes, struct ews_id *ret)
{
	int64_t numbers[ID_NUMBERS];

	if (bytes.n != ID_BYTES || bytes.p[0] != ID_VERSION)
		return ERR_INVALID;
	for (size_t i = 0; i < ID_NUMBERS; i++) {
		uint64_t n = 0;

		for (size_t k = 0; k < NUMBER_BYTES; k++)
			n = n << 8 | (unsigned char)bytes.p[1 + i * NUMBER_BYTES + k];
		numbers[i] = (int64_t)n;
	}
	*ret = (struct ews_id){ numbers[0], numbers[1], numbers[2] };
	return ERR_OK;
}

static void put_hex(struct buf *b, const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < n; i++) {
		buf_char(b, digits[p[i] >> 4]);
		buf_char(b, digits[p[i] & 15]);
	}
}

/* For a query of a URL: what base64 has beside letters and digits is escaped. */
static void put_owa(struct buf *b, struct str base64)
{
	for (size_t i = 0; i < base64.n; i++)
		if (base64.p[i] == '+' || base64.p[i] == '/' || base64.p[i] == '=')
			buf_fmt(b, "%%%02X", (unsigned char)base64.p[i]);
		else
			buf_char(b, base64.p[i]);
}

enum err ews_id_write(struct arena *a, const struct ews_id *id, enum ews_id_format format, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(EWS_ID_MAX), owa = BUF_INIT(EWS_ID_MAX);
	unsigned char bytes[ID_BYTES];

	pack(id, bytes);
	if (format == EWS_HEX_ENTRY_ID)
		put_hex(&text, bytes, ID_BYTES);
	else
		base64_put(&text, str_from(bytes, ID_BYTES));
	put_owa(&owa, buf_view(&text));
	return arena_str(a, format == EWS_OWA_ID ? buf_view(&owa) : buf_view(&text), ret);
}

static enum err read_hex(struct str text, struct buf *b)
{
	if (text.n % 2)
		return ERR_INVALID;
	for (size_t i = 0; i < text.n; i += 2) {
		int octet = hex_pair(text, i);

		if (octet < 0)
			return ERR_INVALID;
		buf_char(b, (char)octet);
	}
	return ERR_OK;
}

static enum err read_owa(struct str text, struct buf *b)
{
	CLEANUP(buf_release) struct buf plain = BUF_INIT(EWS_ID_MAX);

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '%') {
			buf_char(&plain, text.p[i]);
			continue;
		}
		if (text.n - i < 3)
			return ERR_INVALID;
		TRY(read_hex(str_slice(text, i + 1, i + 3), &plain));
		i += 2;
	}
	return base64_decode(b, buf_view(&plain));
}

enum err ews_id_read(struct str text, enum ews_id_format format, struct ews_id *ret)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(EWS_ID_MAX);
	enum err e;

	if (text.n > EWS_ID_MAX)
		return ERR_INVALID;
	if (format == EWS_HEX_ENTRY_ID)
		e = read_hex(text, &bytes);
	else
		e = format == EWS_OWA_ID ? read_owa(text, &bytes) : base64_decode(&bytes, text);
	return e ? ERR_INVALID : unpack(buf_view(&bytes), ret);
}
