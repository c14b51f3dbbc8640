/* Structs to elements. */
#include <gateway/ews/schema.h>

#include <base/mem.h>

static const void *field_at(const void *of, const struct ews_field *f)
{
	return (const char *)of + f->at;
}

/* The prefix and the name, in one of the names that the writer borrows: made once a field and kept by the caller. */
static const char *qualified(const struct ews_field *f, struct buf *b)
{
	buf_clear(b);
	buf_cstr(b, f->place == EWS_MESSAGES ? "m:" : "t:");
	buf_cstr(b, f->name);
	buf_char(b, '\0');
	return b->p;
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

static void write_choices(struct xml_writer *w, const struct ews_field *f, const struct ews_list *list)
{
	const struct ews_choice *items = list->items;

	for (size_t i = 0; i < list->n; i++) {
		CLEANUP(buf_release) struct buf name = BUF_INIT(256);
		const struct ews_field *alternative = &f->type->fields[items[i].which];

		ews_write(w, qualified(alternative, &name), alternative->type, items[i].value);
	}
}

static void write_field(struct xml_writer *w, const struct ews_field *f, const void *of)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(256), text = BUF_INIT(w->out->max);
	const struct ews_list *list = field_at(of, f);

	if (f->kind == EWS_CHOICES) {
		write_choices(w, f, list);
		return;
	}
	(void)qualified(f, &name);
	if (f->kind == EWS_STRUCT) {
		const void *value = *(void *const *)field_at(of, f);

		if (value)
			ews_write(w, name.p, f->type, value);
		return;
	}
	if (f->kind == EWS_LIST) {
		for (size_t i = 0; i < list->n; i++)
			ews_write(w, name.p, f->type, (const char *)list->items + i * f->type->size);
		return;
	}
	if (put_value(&text, f, field_at(of, f)))
		xml_element(w, name.p, buf_view(&text));
}

void ews_write(struct xml_writer *w, const char *name, const struct ews_type *type, const void *value)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(w->out->max);

	xml_open(w, name);
	for (size_t i = 0; i < type->fields_n; i++)
		if (type->fields[i].place == EWS_ATTRIBUTE &&
		    put_value(&text, &type->fields[i], field_at(value, &type->fields[i])))
			xml_put_attribute(w, type->fields[i].name, buf_view(&text));
	for (size_t i = 0; i < type->fields_n; i++) {
		const struct ews_field *f = &type->fields[i];

		if (f->place == EWS_CONTENT && put_value(&text, f, field_at(value, f)))
			xml_put_text(w, buf_view(&text));
		else if (f->place < EWS_ATTRIBUTE)
			write_field(w, f, value);
	}
	xml_close(w);
}
