/*
 * The WBXML grammar (WAP-192 5.3, 5.8), cut down to what ActiveSync uses (MS-ASWBXML R655, R656): one event a call, an
 * explicit stack, and nothing done before the byte that asks for it has been checked.
 */
#include <wbxml/wbxml.h>

#include <wbxml/tokens.h>

#include <base/utf8.h>

#include <assert.h>

static const char *const why_texts[] = {
	[WBXML_OK] = "ok",
	[WBXML_TRUNCATED] = "the document ends too early",
	[WBXML_TOO_DEEP] = "elements are nested too deep",
	[WBXML_TOO_MANY_ELEMENTS] = "too many elements",
	[WBXML_UNKNOWN_TAG] = "unknown code page or tag",
	[WBXML_UNSUPPORTED] = "a WBXML feature or charset that ActiveSync does not use",
	[WBXML_NOT_UTF8] = "text is not UTF-8",
	[WBXML_MALFORMED] = "not well-formed",
};
static_assert(countof(why_texts) == WBXML_WHY_MAX_, "one text per reason");

const char *wbxml_why_text(enum wbxml_why why)
{
	return (unsigned)why < WBXML_WHY_MAX_ ? why_texts[why] : "unknown";
}

static enum wbxml_event refuse(struct wbxml_reader *r, enum wbxml_why why, size_t at)
{
	r->why = why;
	r->at = at;
	return WBXML_BAD;
}

/* The two readers below return false with r->why set. */
static bool read_byte(struct wbxml_reader *r, uint8_t *ret)
{
	if (r->at == r->doc.n) {
		refuse(r, WBXML_TRUNCATED, r->doc.n);
		return false;
	}
	*ret = (uint8_t)r->doc.p[r->at++];
	return true;
}

/* mb_u_int32 (WAP-192 5.1): seven bits a byte, the high bit says that another follows. */
static bool read_number(struct wbxml_reader *r, uint32_t *ret)
{
	size_t start = r->at;
	uint64_t v = 0;
	uint8_t byte;

	do {
		if (r->at - start == WBXML_NUMBER_MAX_BYTES) {
			refuse(r, WBXML_MALFORMED, start);
			return false;
		}
		if (!read_byte(r, &byte))
			return false;
		v = v << 7 | (byte & 0x7f);
	} while (byte & 0x80);
	if (v > UINT32_MAX) {
		refuse(r, WBXML_MALFORMED, start);
		return false;
	}
	*ret = (uint32_t)v;
	return true;
}

/* A number of the header that fails `usable` asks for what we do not support. */
static bool read_header_number(struct wbxml_reader *r, bool (*usable)(uint32_t))
{
	size_t start = r->at;
	uint32_t v;

	if (!read_number(r, &v))
		return false;
	if (!usable(v)) {
		refuse(r, WBXML_UNSUPPORTED, start);
		return false;
	}
	return true;
}

static bool public_id_usable(uint32_t v)
{
	return v != 0; /* 0: the identifier is text in the string table */
}

static bool charset_usable(uint32_t v)
{
	return v == WBXML_CHARSET_UTF8 || v == WBXML_CHARSET_UNKNOWN;
}

static bool string_table_usable(uint32_t length)
{
	return length == 0;
}

void wbxml_reader_init(struct wbxml_reader *r, struct str doc)
{
	uint8_t version;

	*r = (struct wbxml_reader){ .doc = doc };
	if (!read_byte(r, &version))
		return;
	if (version < WBXML_VERSION_1_1 || version > WBXML_VERSION_1_3) {
		refuse(r, WBXML_MALFORMED, 0);
		return;
	}
	if (read_header_number(r, public_id_usable) && read_header_number(r, charset_usable))
		(void)read_header_number(r, string_table_usable); /* the last: r->why tells */
}

static enum wbxml_event read_tag(struct wbxml_reader *r, uint8_t byte)
{
	size_t at = r->at - 1;
	uint8_t token = byte & WBXML_TOKEN_MASK;

	if (r->open == 0 && r->root_seen)
		return refuse(r, WBXML_MALFORMED, at);
	if (byte & WBXML_HAS_ATTRIBUTES)
		return refuse(r, WBXML_UNSUPPORTED, at);
	if (!wbxml_tag_known(r->page, token))
		return refuse(r, WBXML_UNKNOWN_TAG, at);
	if (r->open == WBXML_MAX_DEPTH)
		return refuse(r, WBXML_TOO_DEEP, at);
	if (r->elements == WBXML_MAX_ELEMENTS)
		return refuse(r, WBXML_TOO_MANY_ELEMENTS, at);
	r->elements++;
	r->root_seen = true;
	r->tag = (uint16_t)(r->page << 8 | token);
	r->depth = r->open + 1;
	r->empty = !(byte & WBXML_HAS_CONTENT);
	if (!r->empty)
		r->stack[r->open++] = r->tag;
	return WBXML_START;
}

static enum wbxml_event read_end(struct wbxml_reader *r)
{
	if (r->open == 0)
		return refuse(r, WBXML_MALFORMED, r->at - 1);
	r->depth = r->open;
	r->tag = r->stack[--r->open];
	return WBXML_END;
}

/* Offset of the first byte that is no UTF-8; s.n where all is. */
static size_t first_invalid(struct str s)
{
	size_t at = 0, n;
	uint32_t code;

	while (at < s.n && (n = utf8_decode(str_slice(s, at, s.n), &code)) != 0)
		at += n;
	return at;
}

static enum wbxml_event give_text(struct wbxml_reader *r, struct str text, bool opaque)
{
	size_t start = (size_t)(text.p - r->doc.p);
	bool as_it_is = opaque && (r->octets || wbxml_tag_binary(r->stack[r->open - 1]));

	r->tag = r->stack[r->open - 1];
	r->depth = r->open;
	if (opaque && !as_it_is && str_index(text, '\0') != text.n)
		return refuse(r, WBXML_NOT_UTF8, start + str_index(text, '\0'));
	if (!as_it_is && !utf8_valid(text))
		return refuse(r, WBXML_NOT_UTF8, start + first_invalid(text));
	r->text = text;
	r->opaque = opaque;
	return WBXML_TEXT;
}

static enum wbxml_event read_string(struct wbxml_reader *r)
{
	struct str rest = str_slice(r->doc, r->at, r->doc.n);
	size_t n = str_index(rest, '\0');

	if (r->open == 0)
		return refuse(r, WBXML_MALFORMED, r->at - 1);
	if (n == rest.n)
		return refuse(r, WBXML_TRUNCATED, r->doc.n);
	r->at += n + 1;
	return give_text(r, str_slice(rest, 0, n), false);
}

static enum wbxml_event read_opaque(struct wbxml_reader *r)
{
	struct str bytes;
	uint32_t n;

	if (r->open == 0)
		return refuse(r, WBXML_MALFORMED, r->at - 1);
	if (!read_number(r, &n))
		return WBXML_BAD;
	if (n > r->doc.n - r->at)
		return refuse(r, WBXML_TRUNCATED, r->doc.n);
	bytes = str_slice(r->doc, r->at, r->at + n);
	r->at += n;
	return give_text(r, bytes, true);
}

/* WAP-192 wants it before a tag; between any two tokens of the content is as clear, and is how servers keep alive. */
static bool read_switch_page(struct wbxml_reader *r)
{
	uint8_t page;

	if (!read_byte(r, &page))
		return false;
	if (!wbxml_page_namespace(page).p) {
		refuse(r, WBXML_UNKNOWN_TAG, r->at - 1);
		return false;
	}
	r->page = page;
	return true;
}

static enum wbxml_event read_global(struct wbxml_reader *r, uint8_t byte)
{
	switch (byte) {
	case WBXML_END_TOKEN:
		return read_end(r);
	case WBXML_STR_I:
		return read_string(r);
	case WBXML_OPAQUE:
		return read_opaque(r);
	default: /* ENTITY, LITERAL*, PI, STR_T, EXT* */
		return refuse(r, WBXML_UNSUPPORTED, r->at - 1);
	}
}

enum wbxml_event wbxml_next(struct wbxml_reader *r)
{
	uint8_t byte;

	if (r->why)
		return WBXML_BAD;
	for (;;) {
		if (r->at == r->doc.n && r->root_seen && r->open == 0)
			return WBXML_DONE;
		if (!read_byte(r, &byte))
			return WBXML_BAD;
		if (byte != WBXML_SWITCH_PAGE)
			break;
		if (r->root_seen && r->open == 0)
			return refuse(r, WBXML_MALFORMED, r->at - 1);
		if (!read_switch_page(r))
			return WBXML_BAD;
	}
	if ((byte & WBXML_TOKEN_MASK) < WBXML_FIRST_TAG)
		return read_global(r, byte);
	return read_tag(r, byte);
}
