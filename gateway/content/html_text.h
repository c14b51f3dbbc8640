/*
 * HTML to plain text, streaming, for what mail programs send: blocks become lines, lists get bullets, table cells a
 * tab, quotes "> ", links their address behind them; scripts, styles and the head are dropped. Any input gives text;
 * memory is this structure, whatever the input; output is at most HTML_TEXT_GROWTH times as long as the input.
 * Lines end in CRLF. Not shared between threads.
 */
#ifndef CONTENT_HTML_TEXT_H
#define CONTENT_HTML_TEXT_H

#include <base/arena.h>
#include <base/buf.h>

enum {
	HTML_NAME_MAX = 15,    /* letters of an element or attribute name that are compared */
	HTML_VALUE_MAX = 1024, /* octets of an attribute; a longer link is not shown */
	HTML_ENTITY_MAX = 31,  /* octets of "&…" that may be a character */
	HTML_QUOTE_MAX = 8,    /* "> " in front of a line */
	HTML_LIST_MAX = 8,     /* levels of lists that are told apart */
	HTML_TEXT_GROWTH = 16,
};

enum html_state {
	HTML_TEXT,
	HTML_ENTITY,
	HTML_TAG_OPEN, /* '<' was seen */
	HTML_TAG_NAME,
	HTML_TAG_SPACE, /* between attributes */
	HTML_ATTR_NAME,
	HTML_ATTR_EQUALS,
	HTML_ATTR_BARE,
	HTML_ATTR_QUOTED,
	HTML_DECLARATION, /* "<!" or "<?", up to '>' */
	HTML_COMMENT,     /* "<!--", up to "-->" */
	HTML_RAW,         /* text of script, style, title: up to its end tag */
	HTML_STATE_MAX_
};

struct html_text {
	bool links; /* show the addresses of links */

	enum html_state state;
	char name[HTML_NAME_MAX + 1]; /* of the tag */
	size_t name_n;
	bool closing;
	char attr[HTML_NAME_MAX + 1];
	size_t attr_n;
	char value[HTML_VALUE_MAX];
	size_t value_n; /* HTML_VALUE_MAX + 1: too long */
	char quote;
	char shown[HTML_VALUE_MAX]; /* the value that matters: href of a, alt of img */
	size_t shown_n;
	char entity[HTML_ENTITY_MAX + 1];
	size_t entity_n;
	char raw[HTML_NAME_MAX + 1]; /* the element whose end tag ends HTML_RAW */
	size_t matched;              /* octets of that end tag, or of a comment's ends, seen so far */

	bool in_head;
	unsigned pre, quotes, lists;
	int numbers[HTML_LIST_MAX]; /* next number of an ordered list, 0 for a bullet */
	char href[HTML_VALUE_MAX];  /* of the open link */
	size_t href_n;
	char link[HTML_VALUE_MAX]; /* its text so far */
	size_t link_n;

	unsigned breaks; /* line ends due before the next text */
	char blank;      /* ' ' or '\t' due before the next text, or NUL */
	bool any;        /* something was put */
	bool line;       /* something was put on this line */
};

void html_text_init(struct html_text *h, bool links);
/* s is valid UTF-8 and cuts no character. The result does not depend on how the input is cut otherwise. */
void html_text_put(struct html_text *h, struct buf *out, struct str s);
void html_text_finish(struct html_text *h, struct buf *out);
/* A whole text at once, with the addresses of its links. ERR_LIMIT: it would be longer than that. */
enum err html_text_of(struct arena *a, struct str html, size_t max_bytes, struct str *ret) MUST_CHECK;

/* The code point of a named character such as "eacute", without '&' and ';'; 0 where there is none. */
uint32_t html_entity(struct str name);

#endif
