/*
 * WBXML documents of a server, read by tables of what an element may hold, as the schemas say: an element that is not
 * in the table, stands twice, is out of order, is missing, or is unknown to the protocol version in use is a fault.
 */
#ifndef PHONE_DOC_H
#define PHONE_DOC_H

#include <base/arena.h>
#include <base/buf.h>
#include <wbxml/wbxml.h>

struct doc {
	struct wbxml_reader r;
	enum eas_version version;
	struct arena *arena; /* what readers allocate lives here; texts are views into the document */
	struct buf *why;
};

/* Reads the element whose START has just come, into the field. */
typedef enum err doc_read(struct doc *d, void *into);

enum doc_flags {
	DOC_REQUIRED = 1 << 0,
	DOC_MANY = 1 << 1,    /* may stand more than once */
	DOC_ORDERED = 1 << 2, /* a sequence: may not stand before one of an earlier row */
};

struct doc_rule {
	enum wbxml_tag tag;
	unsigned flags;
	doc_read *read;
	size_t offset; /* of the field in `into` */
};
enum { DOC_MAX_RULES = 64 };

/* The whole document: its root, the root's children by the table, and nothing after. */
enum err doc_parse(struct doc *d, struct str bytes, enum wbxml_tag root, const struct doc_rule *rules, size_t n,
		   void *into) MUST_CHECK;
/* The children of the element whose START has just come. */
enum err doc_children(struct doc *d, const struct doc_rule *rules, size_t n, void *into) MUST_CHECK;
/* Ends a request's document. What its buffer did not take is found where the request is sent. */
void doc_finish(struct wbxml_writer *w);

/* Readers of plain fields. */
doc_read doc_text;    /* struct str */
doc_read doc_u32;     /* uint32_t */
doc_read doc_bool;    /* bool */
doc_read doc_present; /* bool: the element stands there, empty */
doc_read doc_ignore;  /* anything below that the version knows */

#endif
