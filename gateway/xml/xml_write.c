/* Tags and escapes. */
#include <gateway/xml/xml_write.h>

#include <base/utf8.h>

#include <assert.h>

#define XML_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void xml_begin(struct xml_writer *w, struct buf *out)
{
	*w = (struct xml_writer){ .out = out };
	buf_cstr(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
}

static void finish_tag(struct xml_writer *w)
{
	if (w->in_tag)
		buf_char(w->out, '>');
	w->in_tag = false;
}

void xml_open_prefixed(struct xml_writer *w, const char *prefix, const char *name)
{
	assert(w->depth < XML_WRITE_MAX_DEPTH);
	finish_tag(w);
	buf_char(w->out, '<');
	buf_cstr(w->out, prefix);
	buf_cstr(w->out, name);
	w->open[w->depth].prefix = prefix;
	w->open[w->depth++].name = name;
	w->in_tag = true;
}

void xml_open(struct xml_writer *w, const char *name)
{
	xml_open_prefixed(w, "", name);
}

static const char *escape_of(uint32_t c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\r': /* a reader would make a line end of it */
		return "&#13;";
	default:
		return utf8_is_xml_char(c) ? NULL : XML_REPLACEMENT;
	}
}

/* A reader makes blanks of line ends and tabs in attributes (XML 1.0, 3.3.3). */
static const char *escape_in_attribute(uint32_t c)
{
	return c == '\n' ? "&#10;" : c == '\t' ? "&#9;" : escape_of(c);
}

/* How much of the beginning is ASCII that no text and no attribute escapes. */
static size_t plain_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= ' ' && s.p[n] < 0x7f && s.p[n] != '<' && s.p[n] != '>' && s.p[n] != '&' &&
	       s.p[n] != '"')
		n++;
	return n;
}

static void put_escaped(struct xml_writer *w, struct str s, const char *(*escape_for)(uint32_t c))
{
	while (s.n > 0) {
		size_t n = plain_length(s);
		const char *escape = NULL;
		uint32_t c;

		if (n == 0) {
			n = utf8_decode(s, &c);
			escape = n > 0 ? escape_for(c) : XML_REPLACEMENT;
			n = n > 0 ? n : 1;
		}
		if (escape)
			buf_cstr(w->out, escape);
		else
			buf_put(w->out, s.p, n);
		s = str_slice(s, n, s.n);
	}
}

void xml_put_attribute(struct xml_writer *w, const char *name, struct str value)
{
	assert(w->in_tag);
	buf_char(w->out, ' ');
	buf_cstr(w->out, name);
	buf_cstr(w->out, "=\"");
	put_escaped(w, value, escape_in_attribute);
	buf_char(w->out, '"');
}

void xml_put_text(struct xml_writer *w, struct str text)
{
	finish_tag(w);
	put_escaped(w, text, escape_of);
}

void xml_close(struct xml_writer *w)
{
	assert(w->depth > 0);
	w->depth--;
	if (w->in_tag) {
		buf_cstr(w->out, "/>");
		w->in_tag = false;
		return;
	}
	buf_cstr(w->out, "</");
	buf_cstr(w->out, w->open[w->depth].prefix);
	buf_cstr(w->out, w->open[w->depth].name);
	buf_char(w->out, '>');
}

void xml_element(struct xml_writer *w, const char *name, struct str text)
{
	xml_open(w, name);
	if (text.n > 0)
		xml_put_text(w, text);
	xml_close(w);
}

void xml_end(struct xml_writer *w)
{
	while (w->depth > 0)
		xml_close(w);
	buf_char(w->out, '\n');
}
