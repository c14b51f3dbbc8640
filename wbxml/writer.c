/* Streaming WBXML writer: each call appends its bytes to the buffer, whose sticky error is the only one. */
#include <wbxml/wbxml.h>

#include <wbxml/tokens.h>

#include <base/utf8.h>

#include <assert.h>

static void put_byte(struct wbxml_writer *w, unsigned byte)
{
	buf_char(w->out, (char)(unsigned char)byte);
}

/* mb_u_int32 (WAP-192 5.1), the shortest form. */
static void put_number(struct wbxml_writer *w, uint32_t v)
{
	for (int shift = 28; shift > 0; shift -= 7)
		if (v >> shift)
			put_byte(w, 0x80 | (v >> shift & 0x7f));
	put_byte(w, v & 0x7f);
}

void wbxml_writer_init(struct wbxml_writer *w, struct buf *out)
{
	*w = (struct wbxml_writer){ .out = out };
	put_byte(w, WBXML_VERSION_1_3);
	put_number(w, WBXML_PUBLIC_ID_NONE);
	put_number(w, WBXML_CHARSET_UTF8);
	put_number(w, 0); /* no string table */
}

static void switch_page(struct wbxml_writer *w, uint8_t page)
{
	if (page == w->page)
		return;
	put_byte(w, WBXML_SWITCH_PAGE);
	put_byte(w, page);
	w->page = page;
}

void wbxml_only(struct wbxml_writer *w, const uint16_t *tags, size_t n)
{
	w->only = tags;
	w->only_n = n;
	w->only_depth = w->depth + 1;
}

/* An element is complete: does it stay? */
static void end_element(struct wbxml_writer *w, enum wbxml_tag tag)
{
	if (!w->only || w->depth != w->only_depth)
		return;
	for (size_t i = 0; i < w->only_n; i++)
		if (w->only[i] == (uint16_t)tag)
			return;
	if (w->out->err)
		return;
	buf_truncate(w->out, w->began_n);
	w->page = w->began_page;
}

static void put_tag(struct wbxml_writer *w, enum wbxml_tag tag, unsigned content)
{
	assert(wbxml_tag_name(tag).p && !w->in_text);
	if (w->only && w->depth == w->only_depth) {
		w->began_n = w->out->n;
		w->began_page = w->page;
	}
	switch_page(w, (uint8_t)((unsigned)tag >> 8));
	put_byte(w, ((unsigned)tag & 0xff) | content);
}

void wbxml_open(struct wbxml_writer *w, enum wbxml_tag tag)
{
	assert(w->depth < WBXML_MAX_DEPTH);
	put_tag(w, tag, WBXML_HAS_CONTENT);
	w->stack[w->depth++] = (uint16_t)tag;
}

void wbxml_close(struct wbxml_writer *w, enum wbxml_tag tag)
{
	assert(w->depth > 0 && w->stack[w->depth - 1] == tag && !w->in_text);
	put_byte(w, WBXML_END_TOKEN);
	w->depth--;
	end_element(w, tag);
}

void wbxml_empty(struct wbxml_writer *w, enum wbxml_tag tag)
{
	assert(w->depth < WBXML_MAX_DEPTH);
	put_tag(w, tag, 0);
	end_element(w, tag);
}

void wbxml_text_begin(struct wbxml_writer *w, enum wbxml_tag tag)
{
	wbxml_open(w, tag);
	put_byte(w, WBXML_STR_I);
	w->in_text = true;
}

void wbxml_text_piece(struct wbxml_writer *w, struct str piece)
{
	assert(w->in_text);
	utf8_put_xml_safe(w->out, piece); /* leaves out NUL, which would end the string */
}

void wbxml_text_end(struct wbxml_writer *w, enum wbxml_tag tag)
{
	assert(w->in_text);
	put_byte(w, '\0');
	w->in_text = false;
	wbxml_close(w, tag);
}

void wbxml_put_text(struct wbxml_writer *w, enum wbxml_tag tag, struct str text)
{
	if (text.n == 0) {
		wbxml_empty(w, tag);
		return;
	}
	wbxml_text_begin(w, tag);
	wbxml_text_piece(w, text);
	wbxml_text_end(w, tag);
}

void wbxml_put_u64(struct wbxml_writer *w, enum wbxml_tag tag, uint64_t v)
{
	wbxml_text_begin(w, tag);
	buf_u64(w->out, v);
	wbxml_text_end(w, tag);
}

void wbxml_put_i64(struct wbxml_writer *w, enum wbxml_tag tag, int64_t v)
{
	wbxml_text_begin(w, tag);
	buf_i64(w->out, v);
	wbxml_text_end(w, tag);
}

void wbxml_put_bool(struct wbxml_writer *w, enum wbxml_tag tag, bool v)
{
	wbxml_put_u64(w, tag, v);
}

void wbxml_open_opaque(struct wbxml_writer *w, enum wbxml_tag tag, size_t n)
{
	wbxml_open(w, tag);
	put_byte(w, WBXML_OPAQUE);
	if (n > UINT32_MAX && !w->out->err)
		w->out->err = ERR_LIMIT; /* a length that WBXML cannot say */
	put_number(w, (uint32_t)n);
}

void wbxml_put_opaque(struct wbxml_writer *w, enum wbxml_tag tag, struct str bytes)
{
	wbxml_open_opaque(w, tag, bytes.n);
	buf_str(w->out, bytes);
	wbxml_close(w, tag);
}

void wbxml_keep_alive(struct wbxml_writer *w)
{
	assert(!w->in_text);
	put_byte(w, WBXML_SWITCH_PAGE);
	put_byte(w, w->page);
}

enum err wbxml_writer_end(struct wbxml_writer *w)
{
	assert(w->depth == 0 && !w->in_text);
	return buf_status(w->out);
}

void wbxml_fragment_init(struct wbxml_writer *w, struct buf *out)
{
	*w = (struct wbxml_writer){ .out = out };
}

void wbxml_put_fragment(struct wbxml_writer *w, const struct wbxml_writer *fragment)
{
	assert(fragment->depth == 0 && !w->in_text);
	if (fragment->out->err)
		w->out->err = w->out->err ? w->out->err : fragment->out->err;
	if (fragment->out->n == 0)
		return;
	if (fragment->out->p[0] != WBXML_SWITCH_PAGE) /* two before one tag are not WBXML */
		switch_page(w, 0);
	buf_str(w->out, buf_view(fragment->out));
	w->page = fragment->page;
}

struct wbxml_mark wbxml_mark(const struct wbxml_writer *w)
{
	assert(!w->in_text);
	return (struct wbxml_mark){ .n = w->out->n, .page = w->page, .depth = w->depth, .err = w->out->err };
}

void wbxml_rewind(struct wbxml_writer *w, struct wbxml_mark mark)
{
	assert(mark.n <= w->out->n && mark.depth <= w->depth);
	w->out->err = mark.err;
	buf_truncate(w->out, mark.n);
	w->page = mark.page;
	w->depth = mark.depth;
	w->in_text = false;
}
