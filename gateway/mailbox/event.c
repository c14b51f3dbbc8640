/* Events in folders of calendars. */
#include <gateway/mailbox/event.h>

#include <gateway/content/calendar_attach.h>
#include <store/folder.h>
#include <store/item_part.h>

enum err event_index(struct store_tx *tx, int64_t item, struct str uid, const struct cal_plan *plan)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(CAL_PLAN_MAX);

	cal_plan_put(&octets, plan);
	if (buf_status(&octets)) /* a series with very many exceptions */
		buf_clear(&octets);
	return item_summary_put(tx, item,
				&(struct item_summary){ .parser_version = CAL_PLAN_VERSION,
							.summary = buf_view(&octets),
							.structure = uid,
							.named = true });
}

/* "UID", or of one instance alone "UID\ninstance": a UID has no lines. */
static enum err put_key(struct arena *a, struct str uid, const int64_t *instance_ms, struct str *ret)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(3 * CAL_UID_MAX + 32);

	buf_str(&b, uid);
	if (instance_ms)
		buf_fmt(&b, "\n%lld", (long long)*instance_ms);
	TRY(buf_status(&b));
	return arena_str(a, buf_view(&b), ret);
}

static enum err make_plan(struct arena *a, struct str octets, struct cal_series *series, struct cal_plan *ret)
{
	TRY(cal_series_read(a, octets, series));
	return cal_plan_make(a, series, ret);
}

/* What the event does not name any more goes. */
static enum err keep_parts(struct arena *a, struct store_tx *tx, int64_t item, const struct cal_series *s)
{
	struct cal_attachment *list;
	struct str *names;
	size_t n;

	TRY(cal_series_attachments(a, s, &list, &n));
	names = arena_array(a, n + 1, sizeof(*names));
	if (!names)
		return ERR_LIMIT;
	for (size_t i = 0; i < n; i++)
		names[i] = list[i].id;
	return item_parts_keep(tx, item, names, n);
}

static enum err index_series(struct arena *a, struct store_tx *tx, int64_t item, const struct cal_series *s,
			     const struct cal_plan *plan)
{
	struct str key;

	TRY(keep_parts(a, tx, item, s));
	TRY(put_key(a, s->event.uid, s->orphan ? &s->event.recurrence_id.utc_ms : NULL, &key));
	return event_index(tx, item, key, plan);
}

enum err event_index_octets(struct arena *a, struct store_tx *tx, int64_t item, struct str octets)
{
	struct cal_series series;
	struct cal_plan plan;

	TRY(make_plan(a, octets, &series, &plan));
	return index_series(a, tx, item, &series, &plan);
}

enum err event_plan(struct arena *a, struct store_tx *tx, int64_t id, struct cal_plan *ret)
{
	struct item_summary kept;
	struct cal_series series;
	struct str octets;
	struct item item;

	if (!item_summary_get(a, tx, id, &kept) && kept.parser_version == CAL_PLAN_VERSION &&
	    !cal_plan_get(a, kept.summary, ret))
		return ERR_OK;
	TRY(item_find(a, tx, id, &item));
	TRY(entry_read(a, tx, &item, &octets));
	return make_plan(a, octets, &series, ret);
}

enum err event_add(struct arena *a, struct store_tx *tx, const struct event_new *event, struct item *ret)
{
	struct cal_series series;
	struct cal_plan plan;

	TRY(make_plan(a, event->octets, &series, &plan));
	TRY(entry_add(tx,
		      &(struct entry){ .folder = event->folder,
				       .octets = event->octets,
				       .key = event_key(&plan),
				       .now_ms = event->now_ms,
				       .by = event->by },
		      ret));
	TRY(entry_parts_put(tx, ret->id, event->parts, event->parts_n));
	return index_series(a, tx, ret->id, &series, &plan);
}

enum err event_edit(struct arena *a, struct store_tx *tx, const struct item *item, struct str octets,
		    const struct author *by)
{
	struct cal_series series;
	struct cal_plan plan;

	TRY(make_plan(a, octets, &series, &plan));
	TRY(entry_edit(tx, item, octets, event_key(&plan), by));
	return index_series(a, tx, item->id, &series, &plan);
}

/* ---- by UID ---- */

enum err event_by_uid(struct arena *a, struct store_tx *tx, int64_t folder, struct str uid, struct item *ret)
{
	return uid.n ? item_by_name(a, tx, folder, uid, ret) : ERR_NOT_FOUND;
}

enum err event_anywhere(struct arena *a, struct store_tx *tx, int64_t folder, struct str uid, struct item *ret)
{
	enum err e = event_by_uid(a, tx, folder, uid, ret);
	struct folder *list;
	size_t n;

	if (e != ERR_NOT_FOUND)
		return e;
	TRY(folder_list(a, tx, &list, &n));
	for (size_t i = 0; i < n && e == ERR_NOT_FOUND; i++)
		if (list[i].class == FOLDER_CALENDAR && list[i].id != folder)
			e = event_by_uid(a, tx, list[i].id, uid, ret);
	return e;
}

enum err event_by_instance(struct arena *a, struct store_tx *tx, int64_t folder, struct str uid, int64_t instance_ms,
			   struct item *ret)
{
	struct str key;

	if (uid.n == 0)
		return ERR_NOT_FOUND;
	TRY(put_key(a, uid, &instance_ms, &key));
	return event_anywhere(a, tx, folder, key, ret);
}

struct listing {
	struct str head; /* of their keys */
	struct buf ids;
};

static enum err list(void *ctx, int64_t id, const struct item_summary *s)
{
	struct listing *l = ctx;

	if (s->parser_version == CAL_PLAN_VERSION && str_starts(s->structure, l->head))
		buf_put(&l->ids, &id, sizeof(id));
	return buf_status(&l->ids);
}

static enum err list_all(struct arena *a, struct store_tx *tx, struct listing *l)
{
	struct folder *folders;
	enum err e = ERR_OK;
	size_t n;

	TRY(folder_list(a, tx, &folders, &n));
	for (size_t i = 0; i < n && !e; i++)
		if (folders[i].class == FOLDER_CALENDAR)
			e = item_summary_walk(tx, folders[i].id, INT64_MIN, list, l);
	return e;
}

enum err event_instances(struct arena *a, struct store_tx *tx, struct str uid, int64_t **ret, size_t *ret_n)
{
	CLEANUP(buf_release) struct buf head = BUF_INIT(3 * CAL_UID_MAX + 32);
	struct listing l = { .ids = BUF_INIT(CAL_INSTANCES_MAX * sizeof(int64_t)) };
	enum err e;

	buf_fmt(&head, STR_FMT "\n", STR_ARG(uid));
	TRY(buf_status(&head));
	l.head = buf_view(&head);
	e = list_all(a, tx, &l);
	*ret_n = l.ids.n / sizeof(int64_t);
	*ret = e ? NULL : arena_array(a, *ret_n + 1, sizeof(int64_t));
	if (*ret && l.ids.n)
		memcpy(*ret, l.ids.p, l.ids.n);
	buf_release(&l.ids);
	return e ? e : *ret ? ERR_OK : ERR_LIMIT;
}

enum err event_same_uid(struct arena *a, struct store_tx *tx, int64_t folder, struct str octets, struct item *ret)
{
	struct cal_series series;

	TRY(cal_series_read(a, octets, &series));
	return event_by_uid(a, tx, folder, series.event.uid, ret);
}
