/* What the tests of this folder share: documents written as bytes, and a reading of them as one line of text. */
#ifndef TESTS_WBXML_TRACE_H
#define TESTS_WBXML_TRACE_H

#include <wbxml/wbxml.h>

/* The header as ActiveSync sends it: version 1.3, public identifier unknown, UTF-8, no string table. */
#define HEADER "\x03\x01\x6A\x00"

/* Initialises a struct str. */
#define DOC(body) STR_INIT(HEADER body)

/* A copy of exactly s.n bytes on the heap, so that a sanitizer sees a read past its end. The caller frees .p. */
struct str exact_copy(struct str s);
void exact_release(struct str *s);

/*
 * Appends all events: <Tag> </Tag> <Tag/> 'text' #opaque in hexadecimal#; then ok, or the name of the reason and @byte.
 * Text is valid only as long as the document, so *r keeps no more than its numbers.
 */
void trace(struct str doc, struct buf *out, struct wbxml_reader *r);

/*
 * Appends the document again, as the writer writes what the reader reads; false where it is refused, or has text beside
 * elements, which the writer has no way to say.
 */
bool rewrite(struct str doc, struct buf *out);

#endif
