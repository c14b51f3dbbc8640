/* Plain text to HTML; meta elements out of HTML. */
#include <gateway/content/text_html.h>

static const char *escape(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\n':
		return "<br>\r\n";
	case '\r': /* comes back with its line end */
		return "";
	default:
		return NULL;
	}
}

void text_html_put(struct text_html *t, struct buf *out, struct str s)
{
	size_t run = 0; /* where what needs no change begins */

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		const char *escaped = c == ' ' && t->blank ? "&nbsp;" : escape(c);

		t->blank = c == ' ' || c == '\n';
		if (!escaped)
			continue;
		buf_str(out, str_slice(s, run, i));
		buf_cstr(out, escaped);
		run = i + 1;
	}
	buf_str(out, str_slice(s, run, s.n));
}

static const struct str tag = STR_INIT("<meta");

static void pass(struct html_meta *h, struct buf *out)
{
	buf_put(out, h->held, h->held_n);
	h->held_n = 0;
}

static void meta_octet(struct html_meta *h, struct buf *out, char c)
{
	bool fits = h->held_n >= tag.n || ascii_lower(c) == tag.p[h->held_n];

	if (!fits) {
		pass(h, out);
		if (c != '<') {
			buf_char(out, c);
			return;
		}
	}
	h->held[h->held_n++] = c;
	if (c == '>' && h->held_n > tag.n) {
		if (str_ifind(str_from(h->held, h->held_n), S("charset")) < h->held_n)
			h->held_n = 0;
		pass(h, out);
	} else if (h->held_n == HTML_META_MAX) {
		pass(h, out);
	}
}

void html_meta_put(struct html_meta *h, struct buf *out, struct str s)
{
	while (s.n) {
		size_t run = h->held_n ? 0 : str_index(s, '<');

		buf_put(out, s.p, run);
		s = str_slice(s, run, s.n);
		if (s.n == 0)
			return;
		meta_octet(h, out, s.p[0]);
		s = str_slice(s, 1, s.n);
	}
}

void html_meta_finish(struct html_meta *h, struct buf *out)
{
	pass(h, out);
}
