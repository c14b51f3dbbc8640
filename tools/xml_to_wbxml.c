#include <tools/xml_to_wbxml.h>

#include <base/base64.h>

#include <expat.h>
#include <limits.h>
#include <stdlib.h>

enum { NS_SEPARATOR = ' ' }; /* in the names that expat gives; no namespace holds it */

struct encoder {
	XML_Parser parser;
	struct wbxml_writer w;
	struct buf text, bytes;
	uint16_t pending; /* its start tag has been read, what it holds has not; 0: none */
	bool refused;
	struct buf *why;
};

static void refuse(struct encoder *x, const char *what, const char *which)
{
	if (x->refused)
		return;
	x->refused = true;
	buf_fmt(x->why, "line %lu: %s%s", XML_GetCurrentLineNumber(x->parser), what, which);
	XML_StopParser(x->parser, XML_FALSE);
}

static bool is_space(struct str s)
{
	return str_trim(s).n == 0;
}

static void open_pending(struct encoder *x)
{
	if (!is_space(buf_view(&x->text)))
		refuse(x, "text beside elements", "");
	buf_clear(&x->text);
	if (x->pending)
		wbxml_open(&x->w, x->pending);
	x->pending = 0;
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct encoder *x = user;
	struct str ns, local = str_of(name);
	enum wbxml_tag tag;

	if (x->refused)
		return;
	if (!str_cut(&local, NS_SEPARATOR, &ns) || wbxml_tag_find(ns, local, &tag)) {
		refuse(x, "no such namespace or tag: ", name);
		return;
	}
	if (attributes[0]) {
		refuse(x, "an attribute: ", attributes[0]);
		return;
	}
	open_pending(x);
	if (x->w.depth == WBXML_MAX_DEPTH)
		refuse(x, wbxml_why_text(WBXML_TOO_DEEP), "");
	else
		x->pending = (uint16_t)tag;
}

/* Base64 may stand on several lines. */
static void put_byte_array(struct encoder *x)
{
	size_t kept = 0;

	for (size_t i = 0; i < x->text.n; i++)
		if (!is_space(str_slice(buf_view(&x->text), i, i + 1)))
			x->text.p[kept++] = x->text.p[i];
	buf_truncate(&x->text, kept);
	buf_clear(&x->bytes);
	if (base64_decode(&x->bytes, buf_view(&x->text)))
		refuse(x, "not base64", "");
	else
		wbxml_put_opaque(&x->w, x->pending, buf_view(&x->bytes));
}

static void on_end(void *user, const XML_Char *name)
{
	struct encoder *x = user;

	(void)name;
	if (x->refused)
		return;
	if (!x->pending) {
		open_pending(x); /* for the text after the last child */
		wbxml_close(&x->w, x->w.stack[x->w.depth - 1]);
	} else if (wbxml_tag_binary(x->pending) && x->text.n > 0) {
		put_byte_array(x);
	} else {
		wbxml_put_text(&x->w, x->pending, buf_view(&x->text));
	}
	x->pending = 0;
	buf_clear(&x->text);
}

static void on_text(void *user, const XML_Char *p, int n)
{
	struct encoder *x = user;

	if (!x->refused)
		buf_put(&x->text, p, (size_t)n);
}

static bool parse(struct encoder *x, struct str xml)
{
	if (xml.n > INT_MAX) {
		refuse(x, "the document is too long", "");
		return false;
	}
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	if (XML_Parse(x->parser, xml.p, (int)xml.n, XML_TRUE) == XML_STATUS_OK)
		return true;
	refuse(x, XML_ErrorString(XML_GetErrorCode(x->parser)), "");
	return false;
}

enum err xml_to_wbxml(struct str xml, struct buf *out, struct buf *ret_why)
{
	struct encoder x = { .text = BUF_INIT(SIZE_MAX), .bytes = BUF_INIT(SIZE_MAX), .why = ret_why };
	enum err e = ERR_INVALID;

	x.parser = XML_ParserCreateNS(NULL, NS_SEPARATOR);
	if (!x.parser)
		abort();
	wbxml_writer_init(&x.w, out);
	if (parse(&x, xml))
		e = wbxml_writer_end(&x.w);
	XML_ParserFree(x.parser);
	buf_release(&x.text);
	buf_release(&x.bytes);
	return e;
}
