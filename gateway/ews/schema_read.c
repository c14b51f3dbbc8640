/* Elements to structs. */
#include <gateway/ews/schema.h>

#include <base/buf.h>

#include <stdlib.h>

enum { WHY_MAX = 1024, NAME_SHOWN = 100 };

struct reading {
	struct arena *arena;
	struct str why;
};

static void *field_at(void *of, const struct ews_field *f)
{
	return (char *)of + f->at;
}

void ews_init_struct(const struct ews_type *type, void *at)
{
	memset(at, 0, type->size);
	for (size_t i = 0; i < type->fields_n; i++) {
		const struct ews_field *f = &type->fields[i];

		if (f->kind == EWS_BOOL || f->kind == EWS_INT || f->kind == EWS_ENUM)
			*(int *)field_at(at, f) = EWS_ABSENT;
	}
}

void *ews_new_struct(struct arena *a, const struct ews_type *type)
{
	void *at = arena_alloc(a, type->size);

	if (at)
		ews_init_struct(type, at);
	return at;
}

static const struct ews_field *find_field(const struct ews_type *type, const char *name)
{
	for (size_t i = 0; i < type->fields_n; i++)
		if (str_eq(str_of(type->fields[i].name), str_of(name)))
			return &type->fields[i];
	abort(); /* a name of our own */
}

const struct ews_type *ews_type_of(const struct ews_type *type, const char *name)
{
	return find_field(type, name)->type;
}

void *ews_make(struct arena *a, const struct ews_type *type, void *of, const char *name, size_t n)
{
	const struct ews_field *f = find_field(type, name);
	size_t size = f->kind == EWS_CHOICES ? sizeof(struct ews_choice) : f->type->size;
	struct ews_list *list = field_at(of, f);

	if (f->kind == EWS_STRUCT)
		return *(void **)field_at(of, f) = ews_new_struct(a, f->type);
	list->n = n;
	list->items = arena_array(a, n ? n : 1, size);
	for (size_t i = 0; list->items && f->kind == EWS_LIST && i < n; i++)
		ews_init_struct(f->type, (char *)list->items + i * size);
	return list->items;
}

/* Says what is wrong, once. */
static enum err wrong(struct reading *r, const struct xml_node *in, const char *what, struct str name)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(WHY_MAX);

	name = str_slice(name, 0, NAME_SHOWN);
	buf_fmt(&b, "The element '" STR_FMT "' %s '" STR_FMT "'.", STR_ARG(str_slice(in->name, 0, NAME_SHOWN)), what,
		STR_ARG(name));
	if (!r->why.p && arena_str(r->arena, buf_view(&b), &r->why))
		return ERR_LIMIT;
	return ERR_INVALID;
}

/* ---- values ---- */

static enum err read_bool(struct str text, int *ret)
{
	bool yes = str_eq(text, S("true")) || str_eq(text, S("1"));

	if (!yes && !str_eq(text, S("false")) && !str_eq(text, S("0")))
		return ERR_INVALID;
	*ret = yes;
	return ERR_OK;
}

static enum err read_int(struct str text, const struct ews_field *f, int *ret)
{
	int64_t n;

	if (str_starts(text, S("+")))
		text = str_slice(text, 1, text.n);
	if (str_to_i64(text, &n) || n < f->min || n > f->max)
		return ERR_INVALID;
	*ret = (int)n;
	return ERR_OK;
}

static enum err read_enum(struct str text, const char *const *names, int *ret)
{
	for (int i = 0; names[i]; i++)
		if (str_eq(text, str_of(names[i]))) {
			*ret = i;
			return ERR_OK;
		}
	return ERR_INVALID;
}

static enum err read_value(struct str text, const struct ews_field *f, void *at)
{
	switch (f->kind) {
	case EWS_TEXT:
		*(struct str *)at = text.p ? text : S("");
		return ERR_OK;
	case EWS_BOOL:
		return read_bool(text, at);
	case EWS_INT:
		return read_int(text, f, at);
	case EWS_ENUM:
		return read_enum(text, f->names, at);
	case EWS_TIME:
		return ews_time_read(text, at);
	case EWS_STRUCT:
	case EWS_LIST:
	case EWS_CHOICES:
	case EWS_ANYTHING:
		break;
	}
	return ERR_OK;
}

static enum err read_simple(struct reading *r, const struct xml_node *in, const struct ews_field *f, struct str text,
			    void *at)
{
	return read_value(text, f, at) ? wrong(r, in, "has a value that is not valid:", text) : ERR_OK;
}

/* ---- elements ---- */

static enum err read_into(struct reading *r, const struct xml_node *node, const struct ews_type *type, void *at);

static const struct ews_field *find_element(const struct ews_type *type, struct str name)
{
	for (size_t i = 0; i < type->fields_n; i++)
		if (type->fields[i].place < EWS_ATTRIBUTE && type->fields[i].kind != EWS_CHOICES &&
		    str_eq(name, str_of(type->fields[i].name)))
			return &type->fields[i];
	return NULL;
}

static enum err read_struct(struct reading *r, const struct xml_node *child, const struct ews_type *type, void **at)
{
	*at = ews_new_struct(r->arena, type);
	if (!*at)
		return ERR_LIMIT;
	return read_into(r, child, type, *at);
}

/* All siblings of that name, at the first of them. */
static enum err read_list(struct reading *r, const struct xml_node *first, const struct ews_field *f,
			  struct ews_list *ret)
{
	size_t n = 0;

	for (const struct xml_node *e = first; e; e = xml_next(e, f->name))
		n++;
	ret->items = arena_array(r->arena, n, f->type->size);
	if (!ret->items)
		return ERR_LIMIT;
	for (const struct xml_node *e = first; e; e = xml_next(e, f->name)) {
		void *at = (char *)ret->items + ret->n++ * f->type->size;

		ews_init_struct(f->type, at);
		TRY(read_into(r, e, f->type, at));
	}
	return ERR_OK;
}

static enum err read_element(struct reading *r, const struct xml_node *in, const struct xml_node *child,
			     const struct ews_field *f, void *of)
{
	bool first = xml_child(in, f->name) == child;

	if (f->kind == EWS_LIST)
		return first ? read_list(r, child, f, field_at(of, f)) : ERR_OK;
	if (!first)
		return wrong(r, in, "has one too many of", child->name);
	if (f->kind == EWS_ANYTHING)
		return ERR_OK;
	if (f->kind == EWS_STRUCT)
		return read_struct(r, child, f->type, field_at(of, f));
	return read_simple(r, child, f, child->text, field_at(of, f));
}

/* A type whose children are a choice has that field alone. */
static const struct ews_field *choices_of(const struct ews_type *type)
{
	for (size_t i = 0; i < type->fields_n; i++)
		if (type->fields[i].kind == EWS_CHOICES)
			return &type->fields[i];
	return NULL;
}

static enum err read_choices(struct reading *r, const struct xml_node *node, const struct ews_field *f, void *of)
{
	struct ews_list *list = field_at(of, f);
	struct ews_choice *items;
	size_t n = 0;

	for (const struct xml_node *c = node->child; c; c = c->next)
		n++;
	items = arena_array(r->arena, n, sizeof(*items));
	if (n && !items)
		return ERR_LIMIT;
	for (const struct xml_node *c = node->child; c; c = c->next) {
		const struct ews_field *alternative = find_element(f->type, c->name);

		if (!alternative)
			return wrong(r, node, "has invalid child element", c->name);
		items[list->n].which = (size_t)(alternative - f->type->fields);
		TRY(read_struct(r, c, alternative->type, &items[list->n++].value));
	}
	list->items = items;
	return ERR_OK;
}

static enum err read_attributes(struct reading *r, const struct xml_node *node, const struct ews_type *type, void *of)
{
	for (size_t i = 0; i < type->fields_n; i++) {
		const struct ews_field *f = &type->fields[i];
		struct str text = f->place == EWS_CONTENT ? node->text : xml_attribute(node, f->name);

		if (f->place < EWS_ATTRIBUTE)
			continue;
		if (f->place == EWS_ATTRIBUTE && !text.p) {
			if (f->required)
				return wrong(r, node, "lacks the attribute", str_of(f->name));
			continue;
		}
		TRY(read_simple(r, node, f, text, field_at(of, f)));
	}
	return ERR_OK;
}

static enum err read_into(struct reading *r, const struct xml_node *node, const struct ews_type *type, void *at)
{
	const struct ews_field *choices = choices_of(type);

	if (type->open)
		return ERR_OK;
	TRY(read_attributes(r, node, type, at));
	if (choices)
		return read_choices(r, node, choices, at);
	for (const struct xml_node *c = node->child; c; c = c->next) {
		const struct ews_field *f = find_element(type, c->name);

		if (!f)
			return wrong(r, node, "has invalid child element", c->name);
		TRY(read_element(r, node, c, f, at));
	}
	for (size_t i = 0; i < type->fields_n; i++)
		if (type->fields[i].required && type->fields[i].place < EWS_ATTRIBUTE &&
		    !xml_child(node, type->fields[i].name))
			return wrong(r, node, "lacks the element", str_of(type->fields[i].name));
	return ERR_OK;
}

enum err ews_read(struct arena *a, const struct xml_node *node, const struct ews_type *type, void **ret,
		  struct str *ret_why)
{
	struct reading r = { .arena = a };
	void *at = ews_new_struct(a, type);
	enum err e;

	if (!at)
		return ERR_LIMIT;
	e = read_into(&r, node, type, at);
	*ret_why = r.why;
	if (!e)
		*ret = at;
	return e;
}
