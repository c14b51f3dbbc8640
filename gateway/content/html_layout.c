/*
 * Layout of text out of HTML. Line ends and blanks are not put when they are met but owed, and paid before the next
 * text, so that empty elements leave nothing behind.
 */
#include <gateway/content/html_layout.h>

#include <base/utf8.h>

#include <gateway/content/octet.h>

#include <stdlib.h>

enum { BREAKS_MAX = 3, NUMBER_MAX = 100000, NO_BREAK_SPACE = 0xA0 };

static void owe_breaks(struct html_text *h, unsigned n)
{
	if (h->breaks < n)
		h->breaks = n;
	h->blank = '\0';
}

static void put_line_end(struct html_text *h, struct buf *out)
{
	buf_put(out, "\r\n", 2);
	for (unsigned i = 0; i < h->quotes && i < HTML_QUOTE_MAX; i++)
		buf_put(out, "> ", 2);
	h->line = false;
}

static void pay(struct html_text *h, struct buf *out)
{
	if (h->any)
		for (; h->breaks; h->breaks--)
			put_line_end(h, out);
	else
		for (unsigned i = 0; i < h->quotes && i < HTML_QUOTE_MAX; i++)
			buf_put(out, "> ", 2);
	h->breaks = 0;
	if (h->blank && h->line)
		buf_char(out, h->blank);
	h->blank = '\0';
	h->any = h->line = true;
}

/* Characters without width, with which senders pad what previews show. */
static bool is_padding(uint32_t code)
{
	return code == 0xAD || code == 0x34F || code == 0x200B || code == 0xFEFF;
}

static void remember_link_text(struct html_text *h, struct str text)
{
	if (h->href_n == 0)
		return;
	text = utf8_prefix(text, HTML_VALUE_MAX - h->link_n);
	if (text.n)
		memcpy(h->link + h->link_n, text.p, text.n);
	h->link_n += text.n;
}

void html_layout_word(struct html_text *h, struct buf *out, struct str word)
{
	if (h->in_head)
		return;
	pay(h, out);
	buf_str(out, word);
	remember_link_text(h, word);
}

void html_layout_code(struct html_text *h, struct buf *out, uint32_t code)
{
	bool space = code == NO_BREAK_SPACE || (code < 0x80 && octet_is_space((char)code)) || code == '\f';
	size_t before;

	if (h->in_head || is_padding(code) || !utf8_is_xml_char(code))
		return;
	if (h->pre && code == '\n') {
		h->breaks += h->breaks < BREAKS_MAX;
		h->blank = '\0';
	} else if (h->pre && space && code != '\r') {
		pay(h, out);
		buf_char(out, ' ');
	} else if (space) {
		if (!h->blank && h->line && !h->breaks)
			h->blank = ' ';
	} else {
		pay(h, out);
		before = out->n;
		utf8_put(out, code);
		remember_link_text(h, str_slice(buf_view(out), before, out->n));
	}
}

static void put_text(struct html_text *h, struct buf *out, struct str s)
{
	while (s.n) {
		uint32_t code;
		size_t n = utf8_decode(s, &code);

		if (n)
			html_layout_code(h, out, code);
		s = str_slice(s, n ? n : 1, s.n);
	}
}

/* ---- elements ---- */

static void on_break(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	(void)out;
	(void)value;
	if (closing)
		return;
	h->breaks += h->breaks < BREAKS_MAX;
	h->blank = '\0';
}

static void on_block(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	(void)out;
	(void)closing;
	(void)value;
	owe_breaks(h, 1);
}

static void on_paragraph(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	(void)out;
	(void)closing;
	(void)value;
	owe_breaks(h, 2);
}

static void on_cell(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	(void)out;
	(void)value;
	if (!closing && h->line && !h->breaks)
		h->blank = '\t';
}

static void on_rule(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	(void)value;
	if (closing)
		return;
	owe_breaks(h, 1);
	put_text(h, out, S("----------"));
	owe_breaks(h, 1);
}

static void on_quote(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	(void)out;
	(void)value;
	owe_breaks(h, 1);
	if (!closing)
		h->quotes++;
	else if (h->quotes)
		h->quotes--;
}

static void on_pre(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	(void)out;
	(void)value;
	owe_breaks(h, 1);
	if (!closing)
		h->pre++;
	else if (h->pre)
		h->pre--;
}

static void list(struct html_text *h, bool closing, int first)
{
	if (closing)
		h->lists -= h->lists > 0;
	owe_breaks(h, h->lists ? 1 : 2);
	if (closing)
		return;
	if (h->lists < HTML_LIST_MAX)
		h->numbers[h->lists] = first;
	h->lists++;
}

static void on_bullets(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	(void)out;
	(void)value;
	list(h, closing, 0);
}

static void on_numbers(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	(void)out;
	(void)value;
	list(h, closing, 1);
}

static void on_item(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	unsigned level = h->lists > HTML_LIST_MAX ? HTML_LIST_MAX : h->lists;
	int *number = level ? &h->numbers[level - 1] : NULL;

	(void)value;
	owe_breaks(h, 1);
	if (closing || h->in_head)
		return;
	pay(h, out);
	for (unsigned i = 1; i < level; i++)
		buf_put(out, "  ", 2);
	if (number && *number) {
		buf_i64(out, *number);
		buf_char(out, '.');
		*number += *number < NUMBER_MAX;
	} else {
		buf_char(out, '*');
	}
	h->blank = ' ';
}

static void on_head(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	(void)out;
	(void)value;
	h->in_head = !closing;
}

static void on_body(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	(void)out;
	(void)closing;
	(void)value;
	h->in_head = false;
}

static void on_image(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	if (!closing)
		put_text(h, out, value);
}

/* Does the text of the link say its address already, with or without the scheme? */
static bool link_says_address(const struct html_text *h)
{
	struct str href = str_from(h->href, h->href_n), text = str_from(h->link, h->link_n);

	return str_find(href, text) < href.n && href.n - text.n <= sizeof("https://www./") - 1;
}

static void link_end(struct html_text *h, struct buf *out)
{
	if (h->href_n && h->link_n && !link_says_address(h)) {
		struct str href = str_from(h->href, h->href_n);

		h->href_n = 0; /* what follows is not text of the link */
		buf_put(out, " <", 2);
		buf_str(out, href);
		buf_char(out, '>');
	}
	h->href_n = h->link_n = 0;
}

static bool is_address(struct str href)
{
	static const struct str schemes[] = { STR_INIT("http:"), STR_INIT("https:"), STR_INIT("mailto:"),
					      STR_INIT("tel:") };

	for (size_t i = 0; i < countof(schemes); i++)
		if (str_istarts(href, schemes[i]))
			return true;
	return false;
}

static void on_link(struct html_text *h, struct buf *out, bool closing, struct str value)
{
	link_end(h, out);
	value = str_trim(value);
	if (closing || !h->links || !is_address(value))
		return;
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] > ' ')
			h->href[h->href_n++] = value.p[i];
}

static const struct element {
	const char *name;
	void (*act)(struct html_text *h, struct buf *out, bool closing, struct str value);
} elements[] = {
	{ "a", on_link },           { "address", on_block },  { "article", on_block }, { "aside", on_block },
	{ "blockquote", on_quote }, { "body", on_body },      { "br", on_break },      { "caption", on_block },
	{ "center", on_block },     { "dd", on_block },       { "div", on_block },     { "dl", on_paragraph },
	{ "dt", on_block },         { "fieldset", on_block }, { "figure", on_block },  { "footer", on_block },
	{ "form", on_block },       { "h1", on_paragraph },   { "h2", on_paragraph },  { "h3", on_paragraph },
	{ "h4", on_paragraph },     { "h5", on_paragraph },   { "h6", on_paragraph },  { "head", on_head },
	{ "header", on_block },     { "hr", on_rule },        { "img", on_image },     { "li", on_item },
	{ "main", on_block },       { "nav", on_block },      { "ol", on_numbers },    { "p", on_paragraph },
	{ "pre", on_pre },          { "section", on_block },  { "table", on_block },   { "tbody", on_block },
	{ "td", on_cell },          { "th", on_cell },        { "tr", on_block },      { "ul", on_bullets },
};

static int compare(const void *key, const void *row)
{
	return str_cmp(*(const struct str *)key, str_of(((const struct element *)row)->name));
}

void html_layout_tag(struct html_text *h, struct buf *out, struct str name, bool closing, struct str value)
{
	const struct element *e = bsearch(&name, elements, countof(elements), sizeof(elements[0]), compare);

	if (e)
		e->act(h, out, closing, value);
}

void html_layout_finish(struct html_text *h, struct buf *out)
{
	link_end(h, out);
	if (h->any)
		buf_put(out, "\r\n", 2);
}
