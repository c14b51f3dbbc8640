/*
 * XML text, as wbxml_to_xml() prints it or as written by hand, to WBXML. Here and not in wbxml/, because it is the one
 * that needs expat, and no server encodes XML.
 */
#ifndef TOOLS_XML_TO_WBXML_H
#define TOOLS_XML_TO_WBXML_H

#include <wbxml/wbxml.h>

/*
 * Appends the document. Elements are known by namespace and name, whatever their prefixes. White space between elements
 * does not count, text of an element without children is kept as it is; byte arrays are base64.
 * ERR_INVALID: *ret_why says in a line what and where; ERR_LIMIT: out is full. Any thread.
 */
enum err xml_to_wbxml(struct str xml, struct buf *out, struct buf *ret_why) MUST_CHECK;

#endif
