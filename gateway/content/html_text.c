/* The tokenizer of the HTML to text converter: characters to text, tags and their attributes. */
#include <gateway/content/html_text.h>

#include <base/utf8.h>

#include <gateway/content/charset.h>
#include <gateway/content/html_layout.h>
#include <gateway/content/octet.h>

void html_text_init(struct html_text *h, bool links)
{
	*h = (struct html_text){ .links = links };
}

/* Elements whose content is no markup and no text for us. */
static bool is_raw(struct str name)
{
	return str_eq(name, S("script")) || str_eq(name, S("style")) || str_eq(name, S("title"));
}

static struct str tag_name(const struct html_text *h)
{
	return str_from(h->name, h->name_n);
}

static void tag_end(struct html_text *h, struct buf *out)
{
	h->state = HTML_TEXT;
	html_layout_tag(h, out, tag_name(h), h->closing, str_from(h->shown, h->shown_n));
	if (h->closing || !is_raw(tag_name(h)))
		return;
	memcpy(h->raw, h->name, sizeof(h->raw));
	h->matched = 0;
	h->state = HTML_RAW;
}

static void tag_begin(struct html_text *h, bool closing)
{
	h->closing = closing;
	h->name_n = h->shown_n = h->attr_n = h->value_n = 0;
	memset(h->name, 0, sizeof(h->name));
	h->state = HTML_TAG_NAME;
}

static void name_add(char *name, size_t *n, char c)
{
	if (*n < HTML_NAME_MAX)
		name[(*n)++] = ascii_lower(c);
}

static void attr_end(struct html_text *h)
{
	struct str attr = str_from(h->attr, h->attr_n), name = tag_name(h);
	bool wanted =
		(str_eq(name, S("a")) && str_eq(attr, S("href"))) || (str_eq(name, S("img")) && str_eq(attr, S("alt")));

	if (wanted && h->value_n <= HTML_VALUE_MAX) {
		memcpy(h->shown, h->value, h->value_n);
		h->shown_n = h->value_n;
	}
	h->attr_n = h->value_n = 0;
	h->state = HTML_TAG_SPACE;
}

static void value_add(struct html_text *h, struct str character)
{
	if (h->value_n > HTML_VALUE_MAX || character.n > HTML_VALUE_MAX - h->value_n) {
		h->value_n = HTML_VALUE_MAX + 1;
		return;
	}
	memcpy(h->value + h->value_n, character.p, character.n);
	h->value_n += character.n;
}

/* The code point that "&name;" or "&#123;" stands for; 0 for none. Numbers of windows-1252 are meant as such. */
static uint32_t entity_code(struct str name)
{
	uint64_t code = 0;
	enum err e;

	if (name.n == 0 || name.p[0] != '#')
		return html_entity(name);
	name = str_slice(name, 1, name.n);
	if (name.n && ascii_lower(name.p[0]) == 'x')
		e = str_hex_to_u64(str_slice(name, 1, name.n), &code);
	else
		e = str_to_u64(name, UINT32_MAX, &code);
	if (e || code > 0x10FFFF || !utf8_is_xml_char((uint32_t)code))
		return 0;
	return code < 0x100 ? charset_1252((unsigned char)code) : (uint32_t)code;
}

static void entity_end(struct html_text *h, struct buf *out, bool semicolon)
{
	uint32_t code = entity_code(str_from(h->entity, h->entity_n));

	h->state = HTML_TEXT;
	if (code) {
		html_layout_code(h, out, code);
		return;
	}
	html_layout_code(h, out, '&');
	for (size_t i = 0; i < h->entity_n; i++)
		html_layout_code(h, out, (unsigned char)h->entity[i]);
	if (semicolon)
		html_layout_code(h, out, ';');
}

static void step(struct html_text *h, struct buf *out, uint32_t code, struct str character);

static void in_text(struct html_text *h, struct buf *out, uint32_t code)
{
	if (code == '<') {
		h->state = HTML_TAG_OPEN;
	} else if (code == '&') {
		h->entity_n = 0;
		h->state = HTML_ENTITY;
	} else {
		html_layout_code(h, out, code);
	}
}

static void in_entity(struct html_text *h, struct buf *out, uint32_t code, struct str character)
{
	char c = code < 0x80 ? (char)code : '\0';

	if (c == ';') {
		entity_end(h, out, true);
	} else if ((octet_is_alpha(c) || octet_is_digit(c) || (c == '#' && h->entity_n == 0)) &&
		   h->entity_n < HTML_ENTITY_MAX) {
		h->entity[h->entity_n++] = c;
	} else {
		entity_end(h, out, false);
		step(h, out, code, character);
	}
}

static void in_tag_open(struct html_text *h, struct buf *out, uint32_t code, struct str character)
{
	if (code == '!' || code == '?') {
		h->matched = 0;
		h->state = HTML_DECLARATION;
	} else if (code == '/') {
		tag_begin(h, true);
	} else if (code < 0x80 && octet_is_alpha((char)code)) {
		tag_begin(h, false);
		name_add(h->name, &h->name_n, (char)code);
	} else {
		/* "a < b": no tag. */
		h->state = HTML_TEXT;
		html_layout_code(h, out, '<');
		step(h, out, code, character);
	}
}

static void in_tag_name(struct html_text *h, struct buf *out, uint32_t code)
{
	if (code == '>')
		tag_end(h, out);
	else if (code == '/' || (code < 0x80 && octet_is_space((char)code)))
		h->state = HTML_TAG_SPACE;
	else if (code < 0x80)
		name_add(h->name, &h->name_n, (char)code);
}

static void in_tag_space(struct html_text *h, struct buf *out, uint32_t code)
{
	if (code == '>') {
		tag_end(h, out);
	} else if (code == '=' && h->attr_n) {
		h->state = HTML_ATTR_EQUALS;
	} else if (code != '/' && !(code < 0x80 && octet_is_space((char)code))) {
		h->attr_n = h->value_n = 0;
		name_add(h->attr, &h->attr_n, code < 0x80 ? (char)code : '?');
		h->state = HTML_ATTR_NAME;
	}
}

static void in_attr_name(struct html_text *h, struct buf *out, uint32_t code)
{
	if (code == '=') {
		h->state = HTML_ATTR_EQUALS;
	} else if (code == '>') {
		tag_end(h, out);
	} else if (code == '/' || (code < 0x80 && octet_is_space((char)code))) {
		h->state = HTML_TAG_SPACE;
	} else {
		name_add(h->attr, &h->attr_n, code < 0x80 ? (char)code : '?');
	}
}

static void in_attr_equals(struct html_text *h, struct buf *out, uint32_t code, struct str character)
{
	if (code == '"' || code == '\'') {
		h->quote = (char)code;
		h->state = HTML_ATTR_QUOTED;
	} else if (code == '>') {
		tag_end(h, out);
	} else if (!(code < 0x80 && octet_is_space((char)code))) {
		value_add(h, character);
		h->state = HTML_ATTR_BARE;
	}
}

static void in_attr_bare(struct html_text *h, struct buf *out, uint32_t code, struct str character)
{
	if (code == '>') {
		attr_end(h);
		tag_end(h, out);
	} else if (code < 0x80 && octet_is_space((char)code)) {
		attr_end(h);
	} else {
		value_add(h, character);
	}
}

/* "<!--" makes it a comment; anything else ends at '>'. */
static void in_declaration(struct html_text *h, uint32_t code)
{
	if (code == '>')
		h->state = HTML_TEXT;
	else if (h->matched < 2)
		h->matched = code == '-' ? h->matched + 1 : 3;
	if (h->matched == 2) {
		h->matched = 0;
		h->state = HTML_COMMENT;
	}
}

static void in_comment(struct html_text *h, uint32_t code)
{
	if (code == '-')
		h->matched += h->matched < 2;
	else if (code == '>' && h->matched == 2)
		h->state = HTML_TEXT;
	else
		h->matched = 0;
}

/* Looks for "</name" of the element; what follows is read as the rest of an end tag. */
static void in_raw(struct html_text *h, uint32_t code)
{
	char c = code < 0x80 ? ascii_lower((char)code) : '\0';
	char due = h->matched == 0 ? '<' : h->matched == 1 ? '/' : h->raw[h->matched - 2];

	if (h->matched >= 2 && due == '\0') {
		bool ended = c == '>' || c == '/' || octet_is_space(c);

		h->matched = c == '<';
		if (!ended)
			return;
		tag_begin(h, true);
		h->state = c == '>' ? HTML_TEXT : HTML_TAG_SPACE;
	} else if (c == due && c != '\0') {
		h->matched++;
	} else {
		h->matched = c == '<';
	}
}

static void step(struct html_text *h, struct buf *out, uint32_t code, struct str character)
{
	switch (h->state) {
	case HTML_TEXT:
		in_text(h, out, code);
		break;
	case HTML_ENTITY:
		in_entity(h, out, code, character);
		break;
	case HTML_TAG_OPEN:
		in_tag_open(h, out, code, character);
		break;
	case HTML_TAG_NAME:
		in_tag_name(h, out, code);
		break;
	case HTML_TAG_SPACE:
		in_tag_space(h, out, code);
		break;
	case HTML_ATTR_NAME:
		in_attr_name(h, out, code);
		break;
	case HTML_ATTR_EQUALS:
		in_attr_equals(h, out, code, character);
		break;
	case HTML_ATTR_BARE:
		in_attr_bare(h, out, code, character);
		break;
	case HTML_ATTR_QUOTED:
		if (code == (unsigned char)h->quote)
			attr_end(h);
		else
			value_add(h, character);
		break;
	case HTML_DECLARATION:
		in_declaration(h, code);
		break;
	case HTML_COMMENT:
		in_comment(h, code);
		break;
	case HTML_RAW:
		in_raw(h, code);
		break;
	case HTML_STATE_MAX_:
		break;
	}
}

/* Octets at the beginning of s that are text and nothing else, whatever comes after them. */
static size_t word_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] > ' ' && s.p[n] < 0x7f && s.p[n] != '<' && s.p[n] != '&')
		n++;
	return n;
}

void html_text_put(struct html_text *h, struct buf *out, struct str s)
{
	while (s.n) {
		uint32_t code;
		size_t n = h->state == HTML_TEXT ? word_length(s) : 0;

		if (n) {
			html_layout_word(h, out, str_slice(s, 0, n));
			s = str_slice(s, n, s.n);
			continue;
		}
		n = utf8_decode(s, &code);
		if (n)
			step(h, out, code, str_slice(s, 0, n));
		s = str_slice(s, n ? n : 1, s.n);
	}
}

void html_text_finish(struct html_text *h, struct buf *out)
{
	if (h->state == HTML_ENTITY)
		entity_end(h, out, false);
	else if (h->state == HTML_TAG_OPEN)
		html_layout_code(h, out, '<');
	html_layout_finish(h, out);
}

enum err html_text_of(struct arena *a, struct str html, size_t max_bytes, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(max_bytes);
	struct html_text h;

	html_text_init(&h, true);
	html_text_put(&h, &text, html);
	html_text_finish(&h, &text);
	TRY(buf_status(&text));
	return arena_str(a, buf_view(&text), ret);
}
