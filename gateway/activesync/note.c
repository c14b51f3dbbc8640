/* Properties of a note. */
#include <gateway/activesync/todo.h>

#include <gateway/activesync/time_text.h>

#define STICKY_NOTE "IPM.StickyNote"

/* MS-ASNOTE R125: LastModifiedDate is required; of what does not say it, it is when it came here. */
static enum err put_note(struct wbxml_writer *w, const struct item_view *v, const struct todo *t)
{
	static const struct item_body_flat none = { 0 }; /* there are no notes before 14.0 */

	wbxml_open(w, v->container);
	if (t->text[TODO_SUMMARY].n)
		wbxml_put_text(w, TAG_NOTES_SUBJECT, t->text[TODO_SUMMARY]);
	wbxml_put_text(w, TAG_NOTES_MESSAGECLASS,
		       t->text[TODO_MESSAGE_CLASS].n ? t->text[TODO_MESSAGE_CLASS] : S(STICKY_NOTE));
	wbxml_put_text(w, TAG_NOTES_LASTMODIFIEDDATE, str_of(time_text_compact(t->time[TODO_MODIFIED]).text)); /* R53 */
	todo_put_categories(w, TAG_NOTES_CATEGORIES, TAG_NOTES_CATEGORY, t);
	TRY(todo_put_body(w, v, &none, t));
	wbxml_close(w, v->container);
	return buf_status(w->out);
}

static const struct todo unreadable = { .text = { [TODO_SUMMARY] = STR_INIT(NOTE_UNREADABLE) } };

enum err note_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	return todo_put_item(w, v, item, TODO_NOTE, put_note, &unreadable);
}

enum err note_put_placeholder(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	struct todo t = unreadable;

	t.time[TODO_MODIFIED] = item->received_ms;
	return put_note(w, v, &t);
}

/* MS-ASNOTE R57, R119: another class is Status 6. */
static enum err parse_class(struct wbxml_reader *r, struct todo_edit *edit)
{
	struct str *class = &edit->to.text[TODO_MESSAGE_CLASS];

	TRY(todo_parse_text(r, TODO_MESSAGE_CLASS, edit));
	return str_eq(*class, S(STICKY_NOTE)) || str_starts(*class, S(STICKY_NOTE ".")) ? ERR_OK : ERR_INVALID;
}

static enum err parse_field(struct wbxml_reader *r, const struct item_write *asked, struct todo_edit *edit)
{
	switch ((unsigned)r->tag) {
	case TAG_NOTES_SUBJECT:
		return todo_parse_text(r, TODO_SUMMARY, edit);
	case TAG_NOTES_MESSAGECLASS:
		return parse_class(r, edit);
	case TAG_NOTES_CATEGORIES:
		return todo_parse_categories(r, TAG_NOTES_CATEGORY, asked->arena, edit);
	case TAG_AIRSYNCBASE_BODY:
		return todo_parse_body(r, asked->arena, edit);
	case TAG_NOTES_LASTMODIFIEDDATE: /* R84, R209: the server knows better */
	case TAG_AIRSYNCBASE_NATIVEBODYTYPE:
		return wbxml_skip(r);
	default:
		return ERR_INVALID;
	}
}

enum err note_write(const struct item_write *asked, struct item_written *ret)
{
	struct wbxml_reader r = asked->data;
	struct wbxml_scope scope = wbxml_enter(&r);
	/* MS-ASNOTE R112: categories that are left out go; body and subject stay (R113, R10003). */
	struct todo_edit edit = { .has_categories = true };
	enum err bad = ERR_OK;

	ret->normalised = true; /* LastModifiedDate is the server's */
	while (wbxml_child(&r, &scope, &bad))
		TRY(parse_field(&r, asked, &edit));
	TRY(bad);
	return todo_finish(asked, TODO_NOTE, &edit, ret);
}
