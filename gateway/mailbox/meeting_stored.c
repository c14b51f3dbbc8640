/* The event that a message is about. */
#include <gateway/mailbox/meeting_stored.h>

#include <store/folder.h>

static const struct author nobody = { .device = STORE_NOBODY };

enum err meeting_stored_read(struct meeting_incoming *in)
{
	in->has_event = true;
	TRY(entry_read(in->arena, in->tx, &in->item, &in->stored_text));
	return cal_series_read(in->arena, in->stored_text, &in->stored);
}

enum err meeting_stored_add(struct meeting_incoming *in, struct str text, const struct cal_change *own, int64_t *ret)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(2 * CAL_BYTES_MAX);
	const struct cal_edit edit = { .series = *own, .now_ms = in->now_ms, .keeps_stamp = true };
	struct item item;

	TRY(cal_write(in->arena, text, &edit, &out));
	TRY(event_add(in->arena, in->tx,
		      &(struct event_new){ .folder = in->folder,
					   .octets = buf_view(&out),
					   .parts = in->taken.parts,
					   .parts_n = in->taken.parts_n,
					   .now_ms = in->now_ms },
		      &item));
	*ret = item.id;
	return ERR_OK;
}

enum err meeting_stored_put(struct meeting_incoming *in, struct str text, const struct cal_edit *edit)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(2 * CAL_BYTES_MAX);

	if (in->batch)
		in->batch->known = false;
	TRY(cal_write(in->arena, text, edit, &out));
	TRY(entry_parts_put(in->tx, in->item.id, in->taken.parts, in->taken.parts_n));
	return event_edit(in->arena, in->tx, &in->item, buf_view(&out), &nobody);
}

/* ---- single instances ---- */

enum err meeting_stored_write(struct meeting_incoming *in)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(2 * CAL_BYTES_MAX);
	struct meeting_batch *b = in->batch;
	const struct cal_edit edit = {
		.instances = b->list, .instances_n = b->n, .now_ms = in->now_ms, .keeps_stamp = b->keeps_stamp
	};

	if (b->n == 0)
		return ERR_OK;
	TRY(cal_write(in->arena, b->text, &edit, &out));
	TRY(event_edit(in->arena, in->tx, &b->item, buf_view(&out), &nobody));
	b->n = 0;
	b->known = false;
	return ERR_OK;
}

enum err meeting_stored_settle(struct meeting_incoming *in)
{
	const struct cal_event *e = &in->series.event;
	bool waits = !in->series.orphan || e->this_and_future;

	if (!in->batch)
		return ERR_OK;
	for (size_t i = 0; i < in->batch->n && !waits; i++)
		waits = in->batch->list[i].instance_ms == e->recurrence_id.utc_ms;
	return waits ? meeting_stored_write(in) : ERR_OK;
}

enum err meeting_stored_put_instance(struct meeting_incoming *in, const struct cal_change *c, bool keeps_stamp)
{
	struct meeting_batch *b = in->batch;

	if (!b || !b->known)
		return meeting_stored_put(
			in, in->stored_text,
			&(struct cal_edit){
				.instances = c, .instances_n = 1, .now_ms = in->now_ms, .keeps_stamp = keeps_stamp });
	if (b->n == b->room) {
		size_t room = b->room ? 2 * b->room : 8;
		struct cal_change *more = arena_array(in->arena, room, sizeof(*more));

		if (!more)
			return ERR_LIMIT;
		if (b->n)
			memcpy(more, b->list, b->n * sizeof(*more));
		b->list = more;
		b->room = room;
	}
	b->list[b->n++] = *c;
	b->keeps_stamp = keeps_stamp;
	return entry_parts_put(in->tx, in->item.id, in->taken.parts, in->taken.parts_n);
}

/* ---- found by its name ---- */

/* Its owner may have moved it to another calendar than mails put it into. */
static enum err find_event(struct arena *a, struct store_tx *tx, int64_t folder, const struct cal_event *message,
			   struct item *ret)
{
	enum err e = event_anywhere(a, tx, folder, message->uid, ret);

	if (e != ERR_NOT_FOUND || !message->recurrence_id.given)
		return e;
	return event_by_instance(a, tx, folder, message->uid, message->recurrence_id.utc_ms, ret);
}

enum err meeting_find(struct arena *a, struct store_tx *tx, const struct cal_event *message, struct item *ret)
{
	int64_t folder;

	TRY(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	return find_event(a, tx, folder, message, ret);
}

enum err meeting_stored_load(struct meeting_incoming *in)
{
	struct meeting_batch *b = in->batch;
	enum err e;

	TRY(folder_by_role(in->tx, FOLDER_DEFAULT_CALENDAR, &in->folder));
	if (b && b->known) {
		in->has_event = true;
		in->item = b->item;
		in->stored_text = b->text;
		in->stored = b->series;
		return ERR_OK;
	}
	e = find_event(in->arena, in->tx, in->folder, &in->series.event, &in->item);
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	TRY(e);
	TRY(meeting_stored_read(in));
	if (b && !in->stored.orphan) {
		b->known = true;
		b->item = in->item;
		b->text = in->stored_text;
		b->series = in->stored;
	}
	return ERR_OK;
}
