/*
 * The secrets of passwords for single programs: drawn by us, twenty characters of a to z and 2 to 7 (100 bits), shown in
 * groups of five. So many need no slow hash, and are told from what people think of by their form alone. Pure but for
 * the drawing.
 */
#ifndef GATEWAY_AUTH_APP_SECRET_H
#define GATEWAY_AUTH_APP_SECRET_H

#include <base/buf.h>

enum { APP_SECRET_CHARS = 20, APP_SECRET_TEXT_MAX = 24, APP_SECRET_DIGEST_SIZE = 32 };

/* "abcde-fghij-klmno-pqrst". ERR_IO: no randomness. */
enum err app_secret_draw(struct buf *ret) MUST_CHECK;
/* However it was typed: with blanks or hyphens or none, in any case. ERR_INVALID: not of that form. */
enum err app_secret_digest(struct str typed, unsigned char ret[APP_SECRET_DIGEST_SIZE]) MUST_CHECK;

#endif
