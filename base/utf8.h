/* UTF-8 (RFC 3629): validity, lengths, truncation at a character. Surrogates and overlong forms are not valid. Any thread. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <base/buf.h>

/*
 * Length (1 to 4) of the valid character that s begins with, its code point in *ret; 0 where s is empty or does not
 * begin with a valid character.
 */
size_t utf8_decode(struct str s, uint32_t *ret);
bool utf8_valid(struct str s);
size_t utf8_chars(struct str s); /* characters of a valid text */
/* Largest prefix of at most max bytes that does not cut a character. s is valid. */
struct str utf8_prefix(struct str s, size_t max);
/* Appends a code point; what is none (surrogate, above 10FFFF) becomes U+FFFD. */
void utf8_put(struct buf *b, uint32_t code);
/* Appends s with each maximal invalid sequence replaced by U+FFFD (Unicode 3.9, "best practice"). */
void utf8_put_lossy(struct buf *b, struct str s);
/*
 * As utf8_put_lossy, and leaves out what XML 1.0 cannot carry: C0 controls but tab, CR and LF; U+FFFE and U+FFFF.
 * What phones are sent in text elements goes through here.
 */
void utf8_put_xml_safe(struct buf *b, struct str s);
bool utf8_is_xml_char(uint32_t code);
bool utf8_is_xml(struct str s);  /* utf8_put_xml_safe() would leave it as it is */
bool utf8_is_line(struct str s); /* that, and no control in it: one line, as a name is */

#endif
