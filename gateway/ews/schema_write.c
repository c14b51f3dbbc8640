/* Structs to elements. */
#include <gateway/ews/schema.h>

#include <base/mem.h>

static const void *field_at(const void *of, const struct ews_field *f)
{
	return (const char *)of + f->at;
}

struct writing {
	struct xml_writer *w;
	struct buf text; /* of a value: one buffer for all, since an answer may have half a million of them */
};

static const char *prefix_of(const struct ews_field *f)
{
	return f->place == EWS_MESSAGES ? "m:" : "t:";
}

/* False: absent. */
static bool put_value(struct buf *b, const struct ews_field *f, const void *at)
{
	const struct ews_time *t = at;
	struct str text;
	int n;

	buf_clear(b);
	switch (f->kind) {
	case EWS_TEXT:
		text = *(const struct str *)at;
		buf_str(b, text);
		return text.p != NULL;
	case EWS_TIME:
		if (t->set)
			ews_time_put(b, t);
		return t->set;
	case EWS_BOOL:
	case EWS_INT:
	case EWS_ENUM:
		n = *(const int *)at;
		if (n == EWS_ABSENT)
			return false;
		if (f->kind == EWS_INT)
			buf_i64(b, n);
		else
			buf_cstr(b, f->kind == EWS_BOOL ? (n ? "true" : "false") : f->names[n]);
		return true;
	case EWS_STRUCT:
	case EWS_LIST:
	case EWS_CHOICES:
	case EWS_ANYTHING:
		break;
	}
	return false;
}

static void write_content(struct writing *w, const struct ews_type *type, const void *value);

static void write_element(struct writing *w, const struct ews_field *f, const void *value)
{
	xml_open_prefixed(w->w, prefix_of(f), f->name);
	write_content(w, f->type, value);
	xml_close(w->w);
}

static void write_choices(struct writing *w, const struct ews_field *f, const struct ews_list *list)
{
	const struct ews_choice *items = list->items;

	for (size_t i = 0; i < list->n; i++)
		write_element(w, &f->type->fields[items[i].which], items[i].value);
}

static void write_list(struct writing *w, const struct ews_field *f, const struct ews_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		write_element(w, f, (const char *)list->items + i * f->type->size);
}

static void write_value(struct writing *w, const struct ews_field *f, const void *at)
{
	if (!put_value(&w->text, f, at))
		return;
	xml_open_prefixed(w->w, prefix_of(f), f->name);
	if (w->text.n > 0)
		xml_put_text(w->w, buf_view(&w->text));
	xml_close(w->w);
}

static void write_field(struct writing *w, const struct ews_field *f, const void *of)
{
	const void *at = field_at(of, f), *value;

	if (f->kind == EWS_CHOICES) {
		write_choices(w, f, at);
	} else if (f->kind == EWS_LIST) {
		write_list(w, f, at);
	} else if (f->kind == EWS_STRUCT) {
		value = *(void *const *)at;
		if (value)
			write_element(w, f, value);
	} else {
		write_value(w, f, at);
	}
}

static void write_content(struct writing *w, const struct ews_type *type, const void *value)
{
	for (size_t i = 0; i < type->fields_n; i++) {
		const struct ews_field *f = &type->fields[i];

		if (f->place == EWS_ATTRIBUTE && put_value(&w->text, f, field_at(value, f)))
			xml_put_attribute(w->w, f->name, buf_view(&w->text));
	}
	for (size_t i = 0; i < type->fields_n; i++) {
		const struct ews_field *f = &type->fields[i];

		if (f->place == EWS_CONTENT && put_value(&w->text, f, field_at(value, f)))
			xml_put_text(w->w, buf_view(&w->text));
		else if (f->place < EWS_ATTRIBUTE)
			write_field(w, f, value);
	}
}

void ews_write(struct xml_writer *w, const char *name, const struct ews_type *type, const void *value)
{
	struct writing writing = { w, BUF_INIT(w->out->max) };

	xml_open(w, name);
	write_content(&writing, type, value);
	xml_close(w);
	buf_release(&writing.text);
}
