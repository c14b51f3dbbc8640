/* Inside of header text: one piece of it, with encoded words decoded and joined. For the header readers only. */
#ifndef CONTENT_HEADER_WORDS_H
#define CONTENT_HEADER_WORDS_H

#include <base/buf.h>

/* Appends s, of which folds may be left, as UTF-8 that XML can carry: encoded words decoded, 8-bit octets converted. */
void header_words_put(struct buf *b, struct str s);

/* Octets of the encoded word that s begins with; 0 where it begins with none. */
size_t header_word_length(struct str s);

/* Appends s, which is text already: line ends and tabs become blanks, other control octets go. */
void header_plain_put(struct buf *b, struct str s);

#endif
