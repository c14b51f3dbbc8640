/* Events in folders of calendars. */
#include <gateway/mailbox/event.h>

#include <store/folder.h>

enum err event_index(struct store_tx *tx, int64_t item, struct str uid, const struct cal_plan *plan)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(CAL_PLAN_MAX);

	cal_plan_put(&octets, plan);
	if (buf_status(&octets)) /* a series with very many exceptions */
		buf_clear(&octets);
	return item_summary_put(tx, item,
				&(struct item_summary){ .parser_version = CAL_PLAN_VERSION,
							.summary = buf_view(&octets),
							.structure = uid });
}

static enum err make_plan(struct arena *a, struct str octets, struct cal_plan *ret, struct str *ret_uid)
{
	struct cal_series series;

	TRY(cal_series_read(a, octets, &series));
	*ret_uid = series.event.uid;
	return cal_plan_make(a, &series, ret);
}

enum err event_index_octets(struct arena *a, struct store_tx *tx, int64_t item, struct str octets)
{
	struct cal_plan plan;
	struct str uid;

	TRY(make_plan(a, octets, &plan, &uid));
	return event_index(tx, item, uid, &plan);
}

enum err event_plan(struct arena *a, struct store_tx *tx, int64_t id, struct cal_plan *ret)
{
	struct item_summary kept;
	struct str octets, uid;
	struct item item;

	if (!item_summary_get(a, tx, id, &kept) && kept.parser_version == CAL_PLAN_VERSION &&
	    !cal_plan_get(a, kept.summary, ret))
		return ERR_OK;
	TRY(item_find(a, tx, id, &item));
	TRY(entry_read(a, tx, &item, &octets));
	return make_plan(a, octets, ret, &uid);
}

enum err event_add(struct arena *a, struct store_tx *tx, const struct event_new *event, struct item *ret)
{
	struct cal_plan plan;
	struct str uid;

	TRY(make_plan(a, event->octets, &plan, &uid));
	TRY(entry_add(tx,
		      &(struct entry){ .folder = event->folder,
				       .octets = event->octets,
				       .key = event_key(&plan),
				       .now_ms = event->now_ms,
				       .by = event->by },
		      ret));
	return event_index(tx, ret->id, uid, &plan);
}

enum err event_edit(struct arena *a, struct store_tx *tx, const struct item *item, struct str octets,
		    const struct author *by)
{
	struct cal_plan plan;
	struct str uid;

	TRY(make_plan(a, octets, &plan, &uid));
	TRY(entry_edit(tx, item, octets, event_key(&plan), by));
	return event_index(tx, item->id, uid, &plan);
}

/* ---- by UID ---- */

struct looking {
	struct str uid;
	int64_t found;
};

static enum err look(void *ctx, int64_t id, const struct item_summary *s)
{
	struct looking *l = ctx;

	if (s->parser_version == CAL_PLAN_VERSION && str_eq(s->structure, l->uid))
		l->found = id;
	return ERR_OK;
}

enum err event_by_uid(struct arena *a, struct store_tx *tx, int64_t folder, struct str uid, struct item *ret)
{
	struct looking l = { .uid = uid };

	if (uid.n == 0)
		return ERR_NOT_FOUND;
	TRY(item_summary_walk(tx, folder, INT64_MIN, look, &l));
	return l.found ? item_find(a, tx, l.found, ret) : ERR_NOT_FOUND;
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

enum err event_same_uid(struct arena *a, struct store_tx *tx, int64_t folder, struct str octets, struct item *ret)
{
	struct cal_series series;

	TRY(cal_series_read(a, octets, &series));
	return event_by_uid(a, tx, folder, series.event.uid, ret);
}
