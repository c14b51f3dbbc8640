/* Documents by tables. */
#include "doc.h"

#include "fault.h"

#include <assert.h>

static enum err bad_document(struct doc *d)
{
	return fault(d->why, "WBXML: %s at byte %zu", wbxml_why_text(d->r.why), d->r.at);
}

static enum err check_version(struct doc *d, enum wbxml_tag tag)
{
	if (wbxml_tag_in(tag, d->version))
		return ERR_OK;
	return fault(d->why, "element " STR_FMT ":" STR_FMT " is not of protocol version " STR_FMT,
		     STR_ARG(wbxml_page_namespace((uint8_t)(tag >> 8))), STR_ARG(wbxml_tag_name(tag)),
		     STR_ARG(eas_version_text(d->version)));
}

/* What a reader refused: the document itself, or a value that is not of its type. */
static enum err explain(struct doc *d, enum wbxml_tag tag, enum err e)
{
	if (!e)
		return ERR_OK;
	if (d->r.why != WBXML_OK)
		return bad_document(d);
	return fault(d->why, "element " STR_FMT " has a value that its type does not allow (byte %zu)",
		     STR_ARG(wbxml_tag_name(tag)), d->r.at);
}

static const struct doc_rule *find_rule(const struct doc_rule *rules, size_t n, enum wbxml_tag tag)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].tag == tag)
			return &rules[i];
	return NULL;
}

static enum err check_place(struct doc *d, const struct doc_rule *rules, size_t i, uint64_t seen)
{
	struct str name = wbxml_tag_name(rules[i].tag);

	if (seen >> i & 1 && !(rules[i].flags & DOC_MANY))
		return fault(d->why, "element " STR_FMT " stands twice", STR_ARG(name));
	if (rules[i].flags & DOC_ORDERED && seen >> i >> 1)
		return fault(d->why, "element " STR_FMT " is out of its order", STR_ARG(name));
	return ERR_OK;
}

static enum err check_missing(struct doc *d, enum wbxml_tag parent, const struct doc_rule *rules, size_t n,
			      uint64_t seen)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].flags & DOC_REQUIRED && !(seen >> i & 1))
			return fault(d->why, "element " STR_FMT " lacks " STR_FMT, STR_ARG(wbxml_tag_name(parent)),
				     STR_ARG(wbxml_tag_name(rules[i].tag)));
	return ERR_OK;
}

static enum err read_child(struct doc *d, enum wbxml_tag parent, const struct doc_rule *rules, size_t n, uint64_t *seen,
			   void *into)
{
	enum wbxml_tag tag = d->r.tag;
	const struct doc_rule *rule = find_rule(rules, n, tag);

	TRY(check_version(d, tag));
	if (!rule)
		return fault(d->why, "element " STR_FMT ":" STR_FMT " does not belong into " STR_FMT,
			     STR_ARG(wbxml_page_namespace((uint8_t)(tag >> 8))), STR_ARG(wbxml_tag_name(tag)),
			     STR_ARG(wbxml_tag_name(parent)));
	TRY(check_place(d, rules, (size_t)(rule - rules), *seen));
	*seen |= UINT64_C(1) << (rule - rules);
	return explain(d, tag, rule->read(d, (char *)into + rule->offset));
}

enum err doc_children(struct doc *d, const struct doc_rule *rules, size_t n, void *into)
{
	enum wbxml_tag parent = d->r.tag;
	struct wbxml_scope in = wbxml_enter(&d->r);
	uint64_t seen = 0;
	enum err e = ERR_OK;

	assert(n <= DOC_MAX_RULES);
	while (wbxml_child(&d->r, &in, &e))
		e = read_child(d, parent, rules, n, &seen, into);
	TRY(explain(d, parent, e));
	return check_missing(d, parent, rules, n, seen);
}

enum err doc_parse(struct doc *d, struct str bytes, enum wbxml_tag root, const struct doc_rule *rules, size_t n,
		   void *into)
{
	wbxml_reader_init(&d->r, bytes);
	d->r.octets = true;
	if (wbxml_root(&d->r, root)) {
		if (d->r.why != WBXML_OK)
			return bad_document(d);
		return fault(d->why, "the document's root is " STR_FMT ", not " STR_FMT,
			     STR_ARG(wbxml_tag_name(d->r.tag)), STR_ARG(wbxml_tag_name(root)));
	}
	TRY(check_version(d, root));
	TRY(doc_children(d, rules, n, into));
	return wbxml_done(&d->r) ? bad_document(d) : ERR_OK;
}

void doc_finish(struct wbxml_writer *w)
{
	if (wbxml_writer_end(w) && !w->out->err)
		w->out->err = ERR_LIMIT;
}

enum err doc_text(struct doc *d, void *into)
{
	return wbxml_text(&d->r, into);
}

enum err doc_u32(struct doc *d, void *into)
{
	uint64_t v;

	TRY(wbxml_u64(&d->r, 0, UINT32_MAX, &v));
	*(uint32_t *)into = (uint32_t)v;
	return ERR_OK;
}

enum err doc_bool(struct doc *d, void *into)
{
	return wbxml_bool(&d->r, into);
}

enum err doc_present(struct doc *d, void *into)
{
	struct str text;

	TRY(wbxml_text(&d->r, &text));
	*(bool *)into = true;
	return text.n == 0 ? ERR_OK : ERR_INVALID;
}

enum err doc_ignore(struct doc *d, void *into)
{
	unsigned depth = d->r.depth;

	(void)into;
	if (d->r.empty)
		return ERR_OK;
	for (;;) {
		switch (wbxml_next(&d->r)) {
		case WBXML_START:
			TRY(check_version(d, d->r.tag));
			break;
		case WBXML_TEXT:
			break;
		case WBXML_END:
			if (d->r.depth == depth)
				return ERR_OK;
			break;
		case WBXML_DONE:
		case WBXML_BAD:
			return ERR_INVALID;
		}
	}
}
