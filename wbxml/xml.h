/*
 * A WBXML document as XML text for people and for xmllint: indented, the namespace of the root as default namespace,
 * the others with the prefixes that the published schemas use, byte arrays as base64. Any thread.
 */
#ifndef WBXML_XML_H
#define WBXML_XML_H

#include <wbxml/wbxml.h>

/*
 * Appends the document of a reader just initialised. Opaque text is shown as text; a character that XML cannot carry as
 * U+FFFD. ERR_INVALID: the document was refused (r->why, r->at), what came before is in out. ERR_LIMIT: out is full.
 */
enum err wbxml_to_xml(struct wbxml_reader *r, struct buf *out) MUST_CHECK;
/* The same with the texts of those elements alone that `shows` says so of; of others how many octets they have. */
enum err wbxml_to_masked_xml(struct wbxml_reader *r, bool (*shows)(uint16_t tag), struct buf *out) MUST_CHECK;

#endif
