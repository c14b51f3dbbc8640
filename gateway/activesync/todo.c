/* What tasks and notes share. */
#include <gateway/activesync/todo.h>

#include <gateway/activesync/insert.h>
#include <gateway/mailbox/entry.h>

#include <base/log.h>
#include <base/utf8.h>

/* Somebody else is told when it is due, and no more. */
static void veil(struct todo *t)
{
	memset(t->text, 0, sizeof(t->text));
	t->text[TODO_SUMMARY] = S(TODO_PRIVATE);
	t->categories_n = 0;
}

/* What can't be read may be private. */
static bool is_private(struct arena *a, struct str octets, enum todo_kind kind)
{
	struct todo t;

	return todo_read(a, octets, kind, &t) || t.sensitivity != CAL_NORMAL;
}

bool task_is_private(struct arena *a, struct str octets)
{
	return is_private(a, octets, TODO_TASK);
}

bool note_is_private(struct arena *a, struct str octets)
{
	return is_private(a, octets, TODO_NOTE);
}

enum err todo_put_item(struct wbxml_writer *w, const struct item_view *v, const struct item *item, enum todo_kind kind,
		       todo_put_fn *put, const struct todo *unreadable)
{
	const struct wbxml_mark mark = wbxml_mark(w);
	struct todo t;
	struct str text;
	enum err e = entry_read(v->arena, v->tx, item, &text);

	if (!e)
		e = todo_read(v->arena, text, kind, &t);
	if (!e && v->guest && t.sensitivity != CAL_NORMAL)
		veil(&t);
	if (!e && t.time[TODO_MODIFIED] == TODO_NEVER)
		t.time[TODO_MODIFIED] = item->received_ms;
	if (!e)
		e = put(w, v, &t);
	if (e != ERR_CORRUPT && e != ERR_NOT_FOUND && e != ERR_INVALID && e != ERR_LIMIT)
		return e;
	log_error("unreadable_item", "mailbox=%lld item=%lld error=%s", (long long)store_tx_mailbox(v->tx),
		  (long long)item->id, log_quote(str_of(err_text(e))).text);
	wbxml_rewind(w, mark);
	t = *unreadable;
	t.time[TODO_MODIFIED] = item->received_ms;
	return put(w, v, &t);
}

void todo_put_categories(struct wbxml_writer *w, enum wbxml_tag tag, enum wbxml_tag child, const struct todo *t)
{
	if (t->categories_n == 0)
		return;
	wbxml_open(w, tag);
	for (size_t i = 0; i < t->categories_n; i++)
		wbxml_put_text(w, child, t->categories[i]);
	wbxml_close(w, tag);
}

enum err todo_parse_categories(struct wbxml_reader *r, enum wbxml_tag child, struct arena *a, struct todo_edit *edit)
{
	struct wbxml_scope scope = wbxml_enter(r);
	struct str *v = arena_array(a, TODO_MAX_CATEGORIES, sizeof(*v));
	enum err bad = ERR_OK;
	size_t n = 0;

	if (!v)
		return ERR_LIMIT;
	while (wbxml_child(r, &scope, &bad)) {
		if (r->tag != child)
			return ERR_INVALID;
		if (n == TODO_MAX_CATEGORIES)
			return ERR_LIMIT;
		TRY(wbxml_text(r, &v[n]));
		n += v[n].n > 0;
	}
	edit->has_categories = true;
	edit->to.categories = v;
	edit->to.categories_n = n;
	return bad;
}

enum err todo_parse_text(struct wbxml_reader *r, enum todo_text which, struct todo_edit *edit)
{
	edit->has_text[which] = true;
	TRY(wbxml_text(r, &edit->to.text[which]));
	return edit->to.text[which].n > TODO_MAX_TEXT_BYTES ? ERR_LIMIT : ERR_OK;
}

enum err todo_put_body(struct wbxml_writer *w, const struct item_view *v, const struct item_body_flat *flat,
		       const struct todo *t)
{
	return item_body_put(w, v, flat, &(struct item_body){ .text = t->text[TODO_BODY], .html = t->text[TODO_HTML] });
}

/* The plain text of HTML may be the longer one: there it is cut, as it says nothing of its own. */
enum err todo_parse_body(struct wbxml_reader *r, struct arena *a, struct todo_edit *edit)
{
	struct item_body body;
	bool has;

	TRY(item_body_parse(r, a, &body, &has));
	edit->has_text[TODO_BODY] = has;
	edit->has_text[TODO_HTML] = has && body.html.n;
	edit->to.text[TODO_BODY] = body.html.n ? utf8_prefix(body.text, CAL_BODY_MAX) : body.text;
	edit->to.text[TODO_HTML] = body.html;
	return edit->to.text[TODO_BODY].n > CAL_BODY_MAX || body.html.n > CAL_BODY_MAX ? ERR_LIMIT : ERR_OK;
}

enum err todo_finish(const struct item_write *asked, enum todo_kind kind, const struct todo_edit *edit,
		     struct item_written *ret)
{
	struct todo t;

	TRY(todo_write(asked->arena, asked->before, kind, edit, asked->now_ms, asked->unique, &ret->octets));
	TRY(todo_read(asked->arena, buf_view(&ret->octets), kind, &t));
	ret->key = todo_key(&t);
	return ERR_OK;
}
