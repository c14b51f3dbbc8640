/*
 * Text as it is searched: what a reader takes for the same letters has the same octets. Case, marks above and below
 * letters (accents, vowel points), width and ligatures are gone, as far as Unicode's compatibility decomposition and
 * case folding take them; a voiced kana keeps its mark, which makes another syllable of it. What is not seen (soft
 * hyphen, joiners, direction marks) is gone too, and each run of blanks, line ends and controls is one blank, none at the
 * ends. "Ünïcode  ﬁle" and "unicode FILE" are the same.
 *
 * A text that is a part of another stays one when both are folded. Any thread.
 */
#ifndef CONTENT_FOLD_H
#define CONTENT_FOLD_H

#include <base/buf.h>

/* Goes up with every change that folds some text to another one; SEARCH_VERSION goes with it. */
enum { FOLD_VERSION = 1 };

/* A text that comes in pieces; none cuts a character. */
struct fold {
	bool any;   /* something was put */
	bool blank; /* one is due before the next character */
};

/* Appends what is folded of s; octets that are no UTF-8 are a blank. */
void fold_put(struct fold *f, struct buf *out, struct str s);
/* A whole text. */
void fold_text(struct buf *out, struct str s);

#endif
