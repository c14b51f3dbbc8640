/*
 * Roles of parts. Two walks over the array and no recursion: children follow their parent, so a walk from the end
 * knows what each subtree can show, and a walk from the front hands each part what its parent lets it be.
 */
#include <gateway/content/body_select.h>

enum can { CAN_PLAIN = 1, CAN_HTML = 2, CAN_OTHER = 4 }; /* the last: text/enriched and its like, shown as it is */

/* What a container lets its parts be. */
enum context {
	SHOWN,   /* text is text */
	HIDDEN,  /* in an alternative that is not chosen: its text is nothing, the rest is listed */
	RELATED, /* beside the HTML it belongs to */
	LISTED,  /* everything is an attachment */
	DEAD,    /* nothing: a signature, or inside of another message */
};

struct selection {
	const struct mime_structure *m;
	size_t root, end;
	enum body_type type;
	unsigned char *can, *context, *role; /* by index - root */
	unsigned char *score;                /* of the chosen child of an alternative */
	uint32_t *chosen;                    /* the child of an alternative or related that stands for it */
};

size_t body_parts_end(const struct mime_structure *m, size_t root)
{
	size_t i = root + 1;

	while (i < m->parts_n && m->parts[i].parent >= (int32_t)root)
		i++;
	return i;
}

static bool is_multipart(const struct mime_part *part, struct str subtype)
{
	return part->kind == MIME_MULTIPART && str_eq(part->subtype, subtype);
}

/* Text that is data for a program. */
static bool is_data(const struct mime_part *part)
{
	static const struct str subtypes[] = {
		STR_INIT("calendar"), STR_INIT("vcard"), STR_INIT("x-vcard"), STR_INIT("directory"),
		STR_INIT("rtf"),      STR_INIT("csv"),   STR_INIT("xml"),     STR_INIT("x-amp-html"),
	};

	for (size_t i = 0; i < countof(subtypes); i++)
		if (str_eq(part->subtype, subtypes[i]))
			return true;
	return false;
}

/*
 * A leaf that is shown where its context lets it. A file name makes it an attachment, but not in an alternative, nor
 * where it is all there is.
 */
static bool is_text(const struct selection *s, size_t i)
{
	const struct mime_part *part = &s->m->parts[i];

	if (part->kind != MIME_LEAF || (part->flags & MIME_OPAQUE) || part->disposition == MIME_ATTACHMENT)
		return false;
	if (str_eq(part->type, S("multipart"))) /* without a delimiter: show what is there */
		return true;
	if (!str_eq(part->type, S("text")) || is_data(part))
		return false;
	return i == s->root || part->name.n == 0 || is_multipart(&s->m->parts[part->parent], S("alternative"));
}

static unsigned char leaf_can(const struct selection *s, size_t i)
{
	const struct mime_part *part = &s->m->parts[i];

	if (!is_text(s, i))
		return 0;
	if (str_eq(part->subtype, S("html")))
		return CAN_HTML;
	return str_eq(part->subtype, S("plain")) ? CAN_PLAIN : CAN_OTHER;
}

static unsigned char alternative_score(const struct selection *s, unsigned char can)
{
	if (can == 0 || can == CAN_OTHER)
		return can != 0;
	if (s->type == BODY_PLAIN)
		return can == CAN_PLAIN ? 3 : 2;
	return can & CAN_HTML ? 3 : 2;
}

/* The root of multipart/related: the part its start parameter names, else the first (RFC 2387 section 3.2). */
static void choose_related_roots(struct selection *s)
{
	for (size_t i = s->root + 1; i < s->end; i++) {
		size_t parent = (size_t)s->m->parts[i].parent;
		const struct mime_part *related = &s->m->parts[parent];

		if (!is_multipart(related, S("related")))
			continue;
		if (i == parent + 1 || (related->variant.n && s->chosen[parent - s->root] == parent + 1 &&
					str_eq(s->m->parts[i].content_id, related->variant)))
			s->chosen[parent - s->root] = (uint32_t)i;
	}
}

/* Tells the parent what its child can show. */
static void offer(struct selection *s, size_t i)
{
	size_t parent = (size_t)s->m->parts[i].parent, at = parent - s->root;
	const struct mime_part *p = &s->m->parts[parent];
	unsigned char can = s->can[i - s->root];

	if (is_multipart(p, S("alternative"))) {
		unsigned char score = alternative_score(s, can);

		/* The last of equals is the richest (RFC 2046 section 5.1.4); it is met first. */
		if (s->chosen[at] == 0 || score > s->score[at]) {
			s->chosen[at] = (uint32_t)i;
			s->score[at] = score;
		}
		s->can[at] |= can;
	} else if (is_multipart(p, S("related"))) {
		s->can[at] |= s->chosen[at] == i ? can : 0;
	} else if (is_multipart(p, S("signed")) || is_multipart(p, S("report"))) {
		s->can[at] |= i == parent + 1 ? can : 0;
	} else if (p->kind == MIME_MULTIPART && !is_multipart(p, S("encrypted"))) {
		s->can[at] |= can;
	}
}

static bool is_signature(const struct mime_part *part)
{
	return str_eq(part->type, S("application")) && str_ends(part->subtype, S("-signature"));
}

static enum context context_of(const struct selection *s, size_t i)
{
	size_t parent = (size_t)s->m->parts[i].parent;
	const struct mime_part *p = &s->m->parts[parent];
	enum context outer = (enum context)s->context[parent - s->root];
	bool first = i == parent + 1;

	if (outer == DEAD || p->kind == MIME_MESSAGE)
		return DEAD;
	if (is_multipart(p, S("alternative")))
		return s->chosen[parent - s->root] == i || outer != SHOWN ? outer : HIDDEN;
	if (is_multipart(p, S("related")))
		return s->chosen[parent - s->root] == i ? outer : RELATED;
	if (is_multipart(p, S("signed")))
		return first ? outer : is_signature(&s->m->parts[i]) ? DEAD : LISTED;
	if (is_multipart(p, S("report")))
		return first ? outer : LISTED;
	if (is_multipart(p, S("encrypted")))
		return LISTED;
	return outer;
}

static bool belongs_inline(const struct mime_part *part, enum context context)
{
	bool named = part->content_id.n || part->location.n;

	return context == RELATED ? named || part->disposition == MIME_INLINE
				  : part->disposition == MIME_INLINE && part->content_id.n;
}

static enum body_role role_of(const struct selection *s, size_t i)
{
	const struct mime_part *part = &s->m->parts[i];
	enum context context = (enum context)s->context[i - s->root];
	unsigned char can = part->kind == MIME_LEAF ? s->can[i - s->root] : 0;

	if (part->kind == MIME_MULTIPART || context == DEAD)
		return ROLE_NONE;
	if (can && context == SHOWN)
		return can & CAN_HTML ? ROLE_HTML : ROLE_TEXT;
	if (can && context == HIDDEN)
		return ROLE_NONE;
	/* The meeting beside its description is not a file. */
	if (i > s->root && mime_is(part, S("text"), S("calendar")) && part->disposition != MIME_ATTACHMENT &&
	    is_multipart(&s->m->parts[part->parent], S("alternative")))
		return ROLE_NONE;
	return belongs_inline(part, context) ? ROLE_RELATED : ROLE_ATTACHMENT;
}

static bool selection_alloc(struct selection *s, struct arena *a)
{
	size_t n = s->end - s->root;

	s->can = arena_alloc(a, n);
	s->context = arena_alloc(a, n);
	s->role = arena_alloc(a, n);
	s->score = arena_alloc(a, n);
	s->chosen = arena_array(a, n, sizeof(*s->chosen));
	return s->can && s->context && s->role && s->score && s->chosen;
}

unsigned char *body_roles(struct arena *a, const struct mime_structure *m, size_t root, enum body_type type)
{
	struct selection s = { .m = m, .root = root, .end = body_parts_end(m, root), .type = type };

	if (!selection_alloc(&s, a))
		return NULL;
	choose_related_roots(&s);
	for (size_t i = s.end; i > root; i--) {
		s.can[i - 1 - root] |= leaf_can(&s, i - 1);
		if (i - 1 > root)
			offer(&s, i - 1);
	}
	for (size_t i = root; i < s.end; i++) {
		s.context[i - root] = (unsigned char)(i == root ? SHOWN : context_of(&s, i));
		s.role[i - root] = (unsigned char)role_of(&s, i);
	}
	return s.role;
}
