/* Where text goes on the page: lines, blanks, lists, quotes, links. The lower half of html_text, for it only. */
#ifndef CONTENT_HTML_LAYOUT_H
#define CONTENT_HTML_LAYOUT_H

#include <gateway/content/html_text.h>

/* Printable ASCII without a blank: what most text is made of, at once. */
void html_layout_word(struct html_text *h, struct buf *out, struct str word);
/* A character of the text. */
void html_layout_code(struct html_text *h, struct buf *out, uint32_t code);
/* A tag; value is the href of a link or the alt text of an image. */
void html_layout_tag(struct html_text *h, struct buf *out, struct str name, bool closing, struct str value);
void html_layout_finish(struct html_text *h, struct buf *out);

#endif
