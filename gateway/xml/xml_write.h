/*
 * XML documents into a buffer: elements are opened and closed in order (asserted), text and attributes are escaped, and
 * what XML 1.0 has no character for becomes U+FFFD. Names and namespaces are the caller's own: they are written as they
 * are. Errors are the buffer's (buf_status). Not shared between threads.
 */
#ifndef GATEWAY_XML_XML_WRITE_H
#define GATEWAY_XML_XML_WRITE_H

#include <base/buf.h>

enum { XML_WRITE_MAX_DEPTH = 32 };

struct xml_writer {
	struct buf *out;
	struct {
		const char *prefix, *name;
	} open[XML_WRITE_MAX_DEPTH]; /* borrowed */
	size_t depth;
	bool in_tag; /* the start tag of open[depth - 1] can still take attributes */
};

/* Begins with the XML declaration, in UTF-8. */
void xml_begin(struct xml_writer *w, struct buf *out);
/* A prefix is part of the name: "s:Envelope". */
void xml_open(struct xml_writer *w, const char *name);
/* The same in two parts: "t:" and "Mailbox". */
void xml_open_prefixed(struct xml_writer *w, const char *prefix, const char *name);
/* Directly after xml_open(). */
void xml_put_attribute(struct xml_writer *w, const char *name, struct str value);
void xml_put_text(struct xml_writer *w, struct str text);
void xml_close(struct xml_writer *w);
/* An element with text and nothing else. */
void xml_element(struct xml_writer *w, const char *name, struct str text);
/* Closes what is open. */
void xml_end(struct xml_writer *w);

#endif
