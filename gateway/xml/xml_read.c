/* A tree from expat's events. */
#include <gateway/xml/xml_read.h>

#include <base/buf.h>

#include <expat.h>
#include <limits.h>

enum { NS_SEPARATOR = '\n' }; /* in the names that expat gives: no namespace name holds a line end */

struct reading {
	XML_Parser parser;
	struct arena *arena;
	struct xml_node *root, *open;
	struct xml_node *last; /* the child that was closed last, of `open` */
	struct buf *texts;     /* of the open elements, by depth */
	struct str last_ns;    /* in the arena: most names are of the same one */
	size_t depth, nodes;
	enum err err;
};

static void fail(struct reading *r, enum err e)
{
	if (r->err)
		return;
	r->err = e;
	XML_StopParser(r->parser, XML_FALSE);
}

static bool take_ns(struct reading *r, struct str ns, struct str *ret)
{
	if (ns.n > XML_MAX_NAME)
		return false;
	if (!str_eq(ns, r->last_ns) && arena_str(r->arena, ns, &r->last_ns))
		return false;
	*ret = ns.n > 0 ? r->last_ns : STR_EMPTY;
	return true;
}

static bool take_name(struct reading *r, const XML_Char *from, struct str *ret_ns, struct str *ret_name)
{
	struct str rest = str_of(from), head;

	(void)str_cut(&rest, NS_SEPARATOR, &head);
	if (rest.p == NULL) {
		rest = head;
		head = STR_EMPTY;
	}
	if (rest.n > XML_MAX_NAME || !take_ns(r, head, ret_ns) || arena_str(r->arena, rest, ret_name)) {
		fail(r, ERR_LIMIT);
		return false;
	}
	return true;
}

static bool take_attributes(struct reading *r, struct xml_node *node, const XML_Char **from)
{
	struct xml_attribute **end = &node->attributes;

	for (; from[0]; from += 2) {
		struct xml_attribute *attribute = arena_new(r->arena, struct xml_attribute);

		if (!attribute || ++r->nodes > XML_MAX_NODES) {
			fail(r, ERR_LIMIT);
			return false;
		}
		if (!take_name(r, from[0], &attribute->ns, &attribute->name))
			return false;
		if (arena_str(r->arena, str_of(from[1]), &attribute->value)) {
			fail(r, ERR_LIMIT);
			return false;
		}
		*end = attribute;
		end = &attribute->next;
	}
	return true;
}

static void link_node(struct reading *r, struct xml_node *node)
{
	node->parent = r->open;
	if (!r->open)
		r->root = node;
	else if (r->last)
		r->last->next = node;
	else
		r->open->child = node;
	r->open = node;
	r->last = NULL;
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = user;
	struct xml_node *node;

	if (r->err)
		return;
	if (r->depth == XML_MAX_DEPTH || ++r->nodes > XML_MAX_NODES) {
		fail(r, ERR_LIMIT);
		return;
	}
	node = arena_new(r->arena, struct xml_node);
	if (!node) {
		fail(r, ERR_LIMIT);
		return;
	}
	if (!take_name(r, name, &node->ns, &node->name) || !take_attributes(r, node, attributes))
		return;
	link_node(r, node);
	buf_clear(&r->texts[r->depth++]);
}

static void on_end(void *user, const XML_Char *name)
{
	struct reading *r = user;
	struct buf *text;

	(void)name;
	if (r->err)
		return;
	text = &r->texts[--r->depth];
	if (buf_status(text) || arena_str(r->arena, str_trim(buf_view(text)), &r->open->text)) {
		fail(r, ERR_LIMIT);
		return;
	}
	r->last = r->open;
	r->open = r->open->parent;
}

static void on_text(void *user, const XML_Char *p, int n)
{
	struct reading *r = user;

	if (!r->err && r->depth > 0)
		buf_put(&r->texts[r->depth - 1], p, (size_t)n);
}

static void on_doctype(void *user, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;
	fail(user, ERR_INVALID);
}

static void parse(struct reading *r, struct str bytes)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	if (XML_Parse(r->parser, bytes.p, (int)bytes.n, XML_TRUE) != XML_STATUS_OK)
		fail(r, ERR_INVALID);
}

enum err xml_read(struct arena *a, struct str bytes, struct xml_node **ret_root)
{
	struct buf texts[XML_MAX_DEPTH];
	struct reading r = { .arena = a, .texts = texts };

	if (bytes.n > INT_MAX)
		return ERR_LIMIT;
	r.parser = XML_ParserCreateNS(NULL, NS_SEPARATOR);
	if (!r.parser)
		return ERR_BUSY;
	/* No element has more text than the document. */
	for (size_t i = 0; i < XML_MAX_DEPTH; i++)
		texts[i] = BUF_INIT(bytes.n);
	parse(&r, bytes);
	for (size_t i = 0; i < XML_MAX_DEPTH; i++)
		buf_release(&texts[i]);
	XML_ParserFree(r.parser);
	if (r.err)
		return r.err;
	*ret_root = r.root;
	return ERR_OK;
}

static const struct xml_node *first_of(const struct xml_node *node, struct str name)
{
	while (node && !str_eq(node->name, name))
		node = node->next;
	return node;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
	return node ? first_of(node->child, str_of(name)) : NULL;
}

const struct xml_node *xml_next(const struct xml_node *node, const char *name)
{
	return first_of(node->next, str_of(name));
}

struct str xml_child_text(const struct xml_node *node, const char *name)
{
	const struct xml_node *child = xml_child(node, name);

	return child ? child->text : STR_EMPTY;
}

struct str xml_attribute(const struct xml_node *node, const char *name)
{
	for (const struct xml_attribute *a = node->attributes; a; a = a->next)
		if (a->ns.n == 0 && str_eq(a->name, str_of(name)))
			return a->value;
	return STR_EMPTY;
}
