/* Properties of a task, a row each. */
#include <gateway/activesync/todo.h>

#include <gateway/activesync/time_text.h>

static const struct time_property {
	enum wbxml_tag tag;
	enum todo_time time;
	bool stays; /* where a Change leaves it out */
} time_properties[] = {
	{ TAG_TASKS_DATECOMPLETED, TODO_COMPLETED, true }, /* goes with Complete */
	{ TAG_TASKS_DUEDATE, TODO_DUE, false },
	{ TAG_TASKS_UTCDUEDATE, TODO_UTC_DUE, false },
	{ TAG_TASKS_STARTDATE, TODO_START, false },
	{ TAG_TASKS_UTCSTARTDATE, TODO_UTC_START, false },
	{ TAG_TASKS_REMINDERTIME, TODO_REMINDER, true }, /* as ReminderSet (R370) */
	{ TAG_TASKS_ORDINALDATE, TODO_ORDINAL, true },
};

static const struct item_body_flat flat_body = { TAG_TASKS_BODY, TAG_TASKS_BODYSIZE, TAG_TASKS_BODYTRUNCATED };

/* ---- to the phone ---- */

static enum err put_task(struct wbxml_writer *w, const struct item_view *v, const struct todo *t)
{
	wbxml_open(w, v->container);
	wbxml_put_text(w, TAG_TASKS_SUBJECT, t->text[TODO_SUMMARY]);
	wbxml_put_u64(w, TAG_TASKS_IMPORTANCE, t->importance);
	for (size_t i = 0; i < countof(time_properties); i++) {
		const struct time_property *p = &time_properties[i];

		if (t->time[p->time] != TODO_NEVER && wbxml_tag_in(p->tag, v->version))
			wbxml_put_text(w, p->tag, str_of(time_text(t->time[p->time]).text));
	}
	todo_put_categories(w, TAG_TASKS_CATEGORIES, TAG_TASKS_CATEGORY, t);
	task_put_recurrence(w, t, v->version);
	wbxml_put_bool(w, TAG_TASKS_COMPLETE, t->completed);
	wbxml_put_u64(w, TAG_TASKS_SENSITIVITY, t->sensitivity);
	wbxml_put_bool(w, TAG_TASKS_REMINDERSET, t->time[TODO_REMINDER] != TODO_NEVER);
	if (t->text[TODO_SUB_ORDINAL].n && wbxml_tag_in(TAG_TASKS_SUBORDINALDATE, v->version))
		wbxml_put_text(w, TAG_TASKS_SUBORDINALDATE, t->text[TODO_SUB_ORDINAL]);
	TRY(todo_put_body(w, v, &flat_body, t));
	wbxml_close(w, v->container);
	return buf_status(w->out);
}

static const struct todo unreadable = {
	.text = { [TODO_SUMMARY] = STR_INIT(TASK_UNREADABLE) },
	.importance = 1,
	.time = { TODO_NEVER, TODO_NEVER, TODO_NEVER, TODO_NEVER, TODO_NEVER, TODO_NEVER, TODO_NEVER, TODO_NEVER,
		  TODO_NEVER },
};
_Static_assert(TODO_TIME_MAX_ == 9, "an unreadable task has no time");

enum err task_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	return todo_put_item(w, v, item, TODO_TASK, put_task, &unreadable);
}

enum err task_put_placeholder(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	(void)item;
	return put_task(w, v, &unreadable);
}

/* ---- from the phone ---- */

struct parsed {
	const struct item_write *asked;
	struct todo_edit edit;
	bool reminder_set, has_reminder_set;
	bool normalised;
};

static const struct time_property *time_of(uint16_t tag)
{
	for (size_t i = 0; i < countof(time_properties); i++)
		if (time_properties[i].tag == tag)
			return &time_properties[i];
	return NULL;
}

static enum err parse_time(struct wbxml_reader *r, struct parsed *p, enum todo_time which)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	p->edit.has_time[which] = true;
	p->edit.to.time[which] = TODO_NEVER;
	if (text.n == 0)
		return ERR_OK;
	TRY(time_text_parse(text, &p->edit.to.time[which]));
	p->edit.to.time[which] -= p->edit.to.time[which] % 1000; /* iCalendar has whole seconds */
	return ERR_OK;
}

static enum err parse_number(struct wbxml_reader *r, unsigned max, unsigned *ret, bool *ret_has)
{
	uint64_t v;

	TRY(wbxml_u64(r, 0, max, &v));
	*ret = (unsigned)v;
	*ret_has = true;
	return ERR_OK;
}

static enum err parse_flat_body(struct wbxml_reader *r, struct todo_edit *edit)
{
	edit->has_text[TODO_BODY] = true;
	TRY(wbxml_text(r, &edit->to.text[TODO_BODY]));
	return edit->to.text[TODO_BODY].n > CAL_BODY_MAX ? ERR_LIMIT : ERR_OK;
}

static enum err parse_field(struct wbxml_reader *r, struct parsed *p)
{
	struct todo_edit *edit = &p->edit;

	switch ((unsigned)r->tag) {
	case TAG_TASKS_SUBJECT:
		return todo_parse_text(r, TODO_SUMMARY, edit);
	case TAG_TASKS_SUBORDINALDATE:
		return todo_parse_text(r, TODO_SUB_ORDINAL, edit);
	case TAG_TASKS_IMPORTANCE: /* R187, R550 */
		return parse_number(r, UINT8_MAX, &edit->to.importance, &edit->has_importance);
	case TAG_TASKS_SENSITIVITY: /* MS-ASTASK R259 */
		return parse_number(r, 3, &edit->to.sensitivity, &edit->has_sensitivity);
	case TAG_TASKS_COMPLETE:
		edit->has_completed = true;
		return wbxml_bool(r, &edit->to.completed);
	case TAG_TASKS_REMINDERSET: /* R252 */
		p->has_reminder_set = true;
		return wbxml_bool(r, &p->reminder_set);
	case TAG_TASKS_CATEGORIES:
		return todo_parse_categories(r, TAG_TASKS_CATEGORY, p->asked->arena, edit);
	case TAG_TASKS_RECURRENCE:
		return task_parse_recurrence(r, p->asked->version, edit);
	case TAG_TASKS_BODY:
		return parse_flat_body(r, edit);
	case TAG_AIRSYNCBASE_BODY:
		return todo_parse_body(r, p->asked->arena, edit);
	case TAG_TASKS_BODYSIZE:
	case TAG_TASKS_BODYTRUNCATED:
	case TAG_TASKS_COMPRESSEDRTF:
	case TAG_AIRSYNCBASE_NATIVEBODYTYPE:
		return wbxml_skip(r);
	default:
		return ERR_INVALID;
	}
}

static enum err parse(struct parsed *p)
{
	struct wbxml_reader r = p->asked->data;
	struct wbxml_scope scope = wbxml_enter(&r);
	enum err bad = ERR_OK;

	while (wbxml_child(&r, &scope, &bad)) {
		const struct time_property *time = time_of(r.tag);

		if (!wbxml_tag_in(r.tag, p->asked->version))
			return ERR_INVALID;
		TRY(time ? parse_time(&r, p, time->time) : parse_field(&r, p));
	}
	return bad;
}

/* What a Change leaves out and the phone keeps, goes (MS-ASCMD R5912). Importance and reminder stay (R369, R370). */
static void ghost(struct parsed *p)
{
	const struct eas_supported *s = p->asked->supported;

	for (size_t i = 0; i < countof(time_properties); i++) {
		const struct time_property *t = &time_properties[i];

		if (t->stays || p->edit.has_time[t->time] || eas_supported_ghosts(s, t->tag))
			continue;
		p->edit.has_time[t->time] = true;
		p->edit.to.time[t->time] = TODO_NEVER;
	}
	p->edit.has_categories |= !eas_supported_ghosts(s, TAG_TASKS_CATEGORIES);
	p->edit.has_recurrence |= !eas_supported_ghosts(s, TAG_TASKS_RECURRENCE);
}

/* MS-ASTASK R124: a task that is done was done some time. One reminder is a time; without ReminderSet there is none. */
static void settle(struct parsed *p)
{
	struct todo_edit *edit = &p->edit;

	if (edit->has_completed && edit->to.completed &&
	    (!edit->has_time[TODO_COMPLETED] || edit->to.time[TODO_COMPLETED] == TODO_NEVER)) {
		edit->has_time[TODO_COMPLETED] = true;
		edit->to.time[TODO_COMPLETED] = p->asked->now_ms - p->asked->now_ms % 1000;
		p->normalised = true;
	}
	if (edit->has_completed && !edit->to.completed)
		edit->has_time[TODO_COMPLETED] = false;
	if (p->has_reminder_set && !p->reminder_set) {
		edit->has_time[TODO_REMINDER] = true;
		edit->to.time[TODO_REMINDER] = TODO_NEVER;
	}
}

enum err task_write(const struct item_write *asked, struct item_written *ret)
{
	struct parsed p = { .asked = asked, .edit.to.recurrence.interval = 1 };

	TRY(parse(&p));
	if (asked->before.n)
		ghost(&p);
	settle(&p);
	ret->normalised = p.normalised;
	return todo_finish(asked, TODO_TASK, &p.edit, ret);
}
