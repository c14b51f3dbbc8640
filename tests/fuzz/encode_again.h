/*
 * The same document in another encoding: every tag behind its page, strings as opaques. What a phone says is read the same
 * however it writes it.
 */
#ifndef TESTS_FUZZ_ENCODE_AGAIN_H
#define TESTS_FUZZ_ENCODE_AGAIN_H

#include <base/buf.h>
#include <wbxml/tokens.h>
#include <wbxml/wbxml.h>

static inline void put_opaque(struct buf *out, struct str text)
{
	buf_char(out, (char)WBXML_OPAQUE);
	for (int shift = 28; shift > 0; shift -= 7)
		if (text.n >> shift)
			buf_char(out, (char)(0x80 | (text.n >> shift & 0x7f)));
	buf_char(out, (char)(text.n & 0x7f));
	buf_str(out, text);
}

/* False: it is no document, or grew too large. */
static inline bool encode_again(struct str doc, struct buf *out)
{
	struct wbxml_reader r;
	enum wbxml_event ev;

	buf_put(out, "\x03\x01\x6a\x00", 4);
	wbxml_reader_init(&r, doc);
	while ((ev = wbxml_next(&r)) != WBXML_DONE && ev != WBXML_BAD) {
		if (ev == WBXML_START) {
			buf_char(out, WBXML_SWITCH_PAGE);
			buf_char(out, (char)(r.tag >> 8));
			buf_char(out, (char)((r.tag & 0xff) | (r.empty ? 0 : WBXML_HAS_CONTENT)));
		} else if (ev == WBXML_TEXT) {
			put_opaque(out, r.text);
		} else {
			buf_char(out, WBXML_END_TOKEN);
		}
	}
	return ev == WBXML_DONE && buf_status(out) == ERR_OK;
}

#endif
