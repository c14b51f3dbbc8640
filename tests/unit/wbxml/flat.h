/* XML text as lines, so that two converters' texts can be compared: what they say, not how they lay it out. */
#ifndef TESTS_WBXML_FLAT_H
#define TESTS_WBXML_FLAT_H

#include <base/buf.h>

/* Appends the name to be printed for an element. */
typedef void flat_name(struct buf *out, struct str ns, struct str name);

/*
 * Appends a line for each start ("<namespace name"), text of an element without children ("=text") and end (">"); white
 * space beside elements is left out. false: not well-formed.
 */
bool flatten_xml(struct str xml, flat_name *name, struct buf *out);

#endif
