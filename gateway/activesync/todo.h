/*
 * The Tasks and Notes classes (MS-ASTASK, MS-ASNOTE): a VTODO or VJOURNAL of the store as ApplicationData, and the other way
 * (task.c, task_recurrence.c, note.c). Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_TODO_H
#define GATEWAY_ACTIVESYNC_TODO_H

#include <gateway/activesync/item_body.h>
#include <gateway/activesync/item_class.h>
#include <gateway/content/todo.h>

enum { TODO_MAX_TEXT_BYTES = 32 * 1024, TODO_MAX_CATEGORIES = 300 };

#define TASK_UNREADABLE "[This task can't be read]"
#define TODO_PRIVATE "Private"
#define NOTE_UNREADABLE "[This note can't be read]"

enum err task_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;
enum err task_put_placeholder(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;
enum err task_write(const struct item_write *asked, struct item_written *ret) MUST_CHECK;
enum err note_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;
enum err note_put_placeholder(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;
enum err note_write(const struct item_write *asked, struct item_written *ret) MUST_CHECK;

/* As event_is_private(). */
bool task_is_private(struct arena *a, struct str octets);
bool note_is_private(struct arena *a, struct str octets);

/* ---- of both ---- */

typedef enum err todo_put_fn(struct wbxml_writer *w, const struct item_view *v, const struct todo *t);
/* ApplicationData of the item by `put`; of one that can't be read, by its placeholder. */
enum err todo_put_item(struct wbxml_writer *w, const struct item_view *v, const struct item *item, enum todo_kind kind,
		       todo_put_fn *put, const struct todo *unreadable) MUST_CHECK;
/* Reads Categories, whose START was just read. ERR_INVALID: another child than `child`. ERR_LIMIT: too many. */
enum err todo_parse_categories(struct wbxml_reader *r, enum wbxml_tag child, struct arena *a,
			       struct todo_edit *edit) MUST_CHECK;
void todo_put_categories(struct wbxml_writer *w, enum wbxml_tag tag, enum wbxml_tag child, const struct todo *t);
enum err todo_parse_text(struct wbxml_reader *r, enum todo_text which, struct todo_edit *edit) MUST_CHECK;
enum err todo_parse_body(struct wbxml_reader *r, struct arena *a, struct todo_edit *edit) MUST_CHECK;
enum err todo_put_body(struct wbxml_writer *w, const struct item_view *v, const struct item_body_flat *flat,
		       const struct todo *t) MUST_CHECK;
enum err todo_finish(const struct item_write *asked, enum todo_kind kind, const struct todo_edit *edit,
		     struct item_written *ret) MUST_CHECK;

/* Recurrence (MS-ASTASK 2.2.2.20). */
void task_put_recurrence(struct wbxml_writer *w, const struct todo *t, enum eas_version version);
/* After its START. ERR_INVALID, ERR_LIMIT: Status 6. */
enum err task_parse_recurrence(struct wbxml_reader *r, enum eas_version version, struct todo_edit *edit) MUST_CHECK;

#endif
