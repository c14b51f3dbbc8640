/*
 * Small XML documents from strangers, as a tree: requests of Autodiscover and of web services. expat reads; a document
 * type is refused (no entities, so none that grow), and size, depth and the number of elements are bounded. Text is what
 * stands in an element before, between and behind its children. Pure; any thread.
 */
#ifndef GATEWAY_XML_XML_READ_H
#define GATEWAY_XML_XML_READ_H

#include <base/arena.h>

enum {
	XML_MAX_DEPTH = 64,
	XML_MAX_NODES = 20000, /* elements and attributes together */
	XML_MAX_NAME =
		512, /* bytes of a name, or of a namespace: what is told once is otherwise copied for each element */
};

struct xml_attribute {
	struct str ns, name, value;
	struct xml_attribute *next;
};

struct xml_node {
	struct str ns, name; /* ns: empty where the document names none */
	struct str text;     /* trimmed of blanks */
	struct xml_attribute *attributes;
	struct xml_node *child, *next, *parent;
};

/*
 * The whole document, in the arena. Encodings: those of expat (UTF-8, UTF-16, ISO-8859-1, US-ASCII).
 * ERR_INVALID: not well-formed, another encoding, or a document type. ERR_LIMIT: over a bound above, or the arena is full.
 */
enum err xml_read(struct arena *a, struct str bytes, struct xml_node **ret_root) MUST_CHECK;

/* The first child of that name, whatever its namespace: clients mix them. NULL: none; also for a NULL node. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
/* The next sibling of that name. */
const struct xml_node *xml_next(const struct xml_node *node, const char *name);
/* The text of the first child of that name; empty where there is none. */
struct str xml_child_text(const struct xml_node *node, const char *name);
/* By name, in no namespace; .p NULL: none. */
struct str xml_attribute(const struct xml_node *node, const char *name);

#endif
