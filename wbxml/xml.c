#include <wbxml/xml.h>

#include <base/base64.h>
#include <base/utf8.h>

enum { INDENT = 2 };

struct printer {
	struct buf *out;
	struct buf bytes; /* of the byte array that is being read; base64 needs all of it */
	uint8_t root_page;
	bool inline_end;             /* the END that comes next follows its START or text */
	bool (*shows)(uint16_t tag); /* NULL: every text */
	size_t masked;               /* octets of the text that is not shown, so far */
};

/* Namespaces in lower case, as the schemas of MS-ASCMD section 6 name them; but one. */
static void put_prefix(struct buf *out, uint8_t page)
{
	struct str ns = wbxml_page_namespace(page);

	if (str_eq(ns, S("RightsManagement"))) {
		buf_cstr(out, "rm");
		return;
	}
	for (size_t i = 0; i < ns.n; i++)
		buf_char(out, ascii_lower(ns.p[i]));
}

static void put_name(const struct printer *x, uint16_t tag)
{
	uint8_t page = (uint8_t)(tag >> 8);

	if (page != x->root_page) {
		put_prefix(x->out, page);
		buf_char(x->out, ':');
	}
	buf_str(x->out, wbxml_tag_name(tag));
}

/* All namespaces are declared at the root: the rest of the document, read ahead, tells which. */
static void put_declarations(const struct printer *x, struct wbxml_reader ahead)
{
	bool seen[UINT8_MAX + 1] = { false };
	enum wbxml_event event;

	seen[x->root_page] = true;
	buf_cstr(x->out, " xmlns=\"");
	buf_str(x->out, wbxml_page_namespace(x->root_page));
	buf_char(x->out, '"');
	while ((event = wbxml_next(&ahead)) < WBXML_DONE) {
		uint8_t page = (uint8_t)(ahead.tag >> 8);

		if (event != WBXML_START || seen[page])
			continue;
		seen[page] = true;
		buf_cstr(x->out, " xmlns:");
		put_prefix(x->out, page);
		buf_cstr(x->out, "=\"");
		buf_str(x->out, wbxml_page_namespace(page));
		buf_char(x->out, '"');
	}
}

static void put_line(const struct printer *x, unsigned depth)
{
	buf_fmt(x->out, "\n%*s", (int)(depth - 1) * INDENT, "");
}

/* CR would be read back as LF. What is no UTF-8 (a reader with `octets` lets it pass) is shown as U+FFFD. */
static void put_escaped(struct buf *out, struct str s)
{
	for (size_t at = 0, n; at < s.n; at += n) {
		uint32_t code = 0xFFFD;

		n = utf8_decode(str_slice(s, at, s.n), &code);
		n = n ? n : 1;
		if (code == '&')
			buf_cstr(out, "&amp;");
		else if (code == '<')
			buf_cstr(out, "&lt;");
		else if (code == '>')
			buf_cstr(out, "&gt;");
		else if (code == '\r')
			buf_cstr(out, "&#13;");
		else
			utf8_put(out, utf8_is_xml_char(code) ? code : 0xFFFD);
	}
}

static void print_text(struct printer *x, const struct wbxml_reader *r)
{
	if (x->shows && !x->shows(r->tag))
		x->masked += r->text.n;
	else if (wbxml_tag_binary(r->tag))
		buf_str(&x->bytes, r->text);
	else
		put_escaped(x->out, r->text);
}

static void flush_bytes(struct printer *x)
{
	if (x->masked)
		buf_fmt(x->out, "[%zu octets]", x->masked);
	x->masked = 0;
	base64_put(x->out, buf_view(&x->bytes));
	buf_clear(&x->bytes);
}

static void print_start(struct printer *x, const struct wbxml_reader *r)
{
	flush_bytes(x);
	put_line(x, r->depth);
	if (r->depth == 1)
		x->root_page = (uint8_t)(r->tag >> 8);
	buf_char(x->out, '<');
	put_name(x, r->tag);
	if (r->depth == 1)
		put_declarations(x, *r);
	buf_cstr(x->out, r->empty ? "/>" : ">");
	x->inline_end = !r->empty;
}

static void print_end(struct printer *x, const struct wbxml_reader *r)
{
	flush_bytes(x);
	if (!x->inline_end)
		put_line(x, r->depth);
	buf_cstr(x->out, "</");
	put_name(x, r->tag);
	buf_char(x->out, '>');
	x->inline_end = false;
}

enum err wbxml_to_masked_xml(struct wbxml_reader *r, bool (*shows)(uint16_t tag), struct buf *out)
{
	static void (*const print[])(struct printer *, const struct wbxml_reader *) = {
		[WBXML_START] = print_start,
		[WBXML_TEXT] = print_text,
		[WBXML_END] = print_end,
	};
	struct printer x = { .out = out, .bytes = BUF_INIT(r->doc.n), .shows = shows };
	enum wbxml_event event;

	buf_cstr(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>");
	while ((event = wbxml_next(r)) < WBXML_DONE)
		print[event](&x, r);
	buf_char(out, '\n');
	buf_release(&x.bytes);
	if (event == WBXML_BAD)
		return ERR_INVALID;
	return buf_status(out);
}

enum err wbxml_to_xml(struct wbxml_reader *r, struct buf *out)
{
	return wbxml_to_masked_xml(r, NULL, out);
}
