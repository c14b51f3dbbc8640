/*
 * Plain text as HTML, and the one thing we change in HTML itself. Streaming; UTF-8. Zero-initialise. Not shared
 * between threads.
 */
#ifndef CONTENT_TEXT_HTML_H
#define CONTENT_TEXT_HTML_H

#include <base/buf.h>

/* Escapes what HTML would read as markup, <br> for line ends, blanks kept where there are several. */
struct text_html {
	bool blank; /* the last octet was a blank, or a line began */
};
void text_html_put(struct text_html *t, struct buf *out, struct str s);

enum { HTML_META_MAX = 1024 }; /* octets of a meta element that is looked at; a longer one is kept */

/*
 * Takes out <meta … charset …>: what is handed out is UTF-8, whatever the sender's was, and a reader that believes the
 * element would show garbage.
 */
struct html_meta {
	char held[HTML_META_MAX];
	size_t held_n; /* "<meta …" so far */
};
void html_meta_put(struct html_meta *h, struct buf *out, struct str s);
void html_meta_finish(struct html_meta *h, struct buf *out);

#endif
