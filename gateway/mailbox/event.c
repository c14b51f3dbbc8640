/* Events in folders of calendars. */
#include <gateway/mailbox/event.h>

enum { SCRATCH_MAX = 64 * 1024 * 1024 };

enum err event_index(struct store_tx *tx, int64_t item, const struct cal_plan *plan)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(CAL_PLAN_MAX);

	cal_plan_put(&octets, plan);
	if (buf_status(&octets))
		return ERR_OK; /* a series with very many exceptions */
	return item_summary_put(
		tx, item, &(struct item_summary){ .parser_version = CAL_PLAN_VERSION, .summary = buf_view(&octets) });
}

static enum err make_plan(struct arena *a, struct str octets, struct cal_plan *ret)
{
	struct cal_series series;

	TRY(cal_series_read(a, octets, &series));
	return cal_plan_make(a, &series, ret);
}

enum err event_index_octets(struct arena *a, struct store_tx *tx, int64_t item, struct str octets)
{
	struct cal_plan plan;

	TRY(make_plan(a, octets, &plan));
	return event_index(tx, item, &plan);
}

enum err event_plan(struct arena *a, struct store_tx *tx, int64_t id, struct cal_plan *ret)
{
	struct item_summary kept;
	struct str octets;
	struct item item;

	if (!item_summary_get(a, tx, id, &kept) && kept.parser_version == CAL_PLAN_VERSION &&
	    !cal_plan_get(a, kept.summary, ret))
		return ERR_OK;
	TRY(item_find(a, tx, id, &item));
	TRY(entry_read(a, tx, &item, &octets));
	return make_plan(a, octets, ret);
}

enum err event_add(struct arena *a, struct store_tx *tx, const struct event_new *event, struct item *ret)
{
	struct cal_plan plan;

	TRY(make_plan(a, event->octets, &plan));
	TRY(entry_add(tx,
		      &(struct entry){ .folder = event->folder,
				       .octets = event->octets,
				       .key = event_key(&plan),
				       .now_ms = event->now_ms,
				       .by = event->by },
		      ret));
	return event_index(tx, ret->id, &plan);
}

enum err event_edit(struct arena *a, struct store_tx *tx, const struct item *item, struct str octets,
		    const struct author *by)
{
	struct cal_plan plan;

	TRY(make_plan(a, octets, &plan));
	TRY(entry_edit(tx, item, octets, event_key(&plan), by));
	return event_index(tx, item->id, &plan);
}

/* ---- by UID ---- */

struct looking {
	struct store_tx *tx;
	struct str uid;
	int64_t found;
};

/* The UID as it stands in the octets: a cheap look before the careful one. */
static enum err look(struct looking *l, int64_t id)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(SCRATCH_MAX);
	struct cal_series series;
	struct str octets;
	struct item item;

	TRY(item_find(&a, l->tx, id, &item));
	TRY(entry_read(&a, l->tx, &item, &octets));
	if (str_find(octets, str_slice(l->uid, 0, 20)) == octets.n)
		return ERR_OK;
	if (!cal_series_read(&a, octets, &series) && str_eq(series.event.uid, l->uid))
		l->found = id;
	return ERR_OK;
}

enum { IDS_MAX = 200000 };

struct ids {
	struct arena *arena;
	int64_t *list;
	size_t n, room;
};

static enum err note_id(void *ctx, int64_t id, const struct item_summary *s)
{
	struct ids *ids = ctx;

	(void)s;
	if (ids->n == ids->room) {
		size_t room = ids->room ? 2 * ids->room : 256;
		int64_t *more = room > IDS_MAX ? NULL : arena_array(ids->arena, room, sizeof(*more));

		if (!more)
			return ERR_LIMIT;
		if (ids->n)
			memcpy(more, ids->list, ids->n * sizeof(*more));
		ids->list = more;
		ids->room = room;
	}
	ids->list[ids->n++] = id;
	return ERR_OK;
}

enum err event_by_uid(struct arena *a, struct store_tx *tx, int64_t folder, struct str uid, struct item *ret)
{
	struct looking l = { .tx = tx, .uid = uid };
	struct ids ids = { .arena = a };

	if (uid.n == 0)
		return ERR_NOT_FOUND;
	TRY(item_summary_walk(tx, folder, INT64_MIN, note_id, &ids));
	for (size_t i = ids.n; i-- > 0 && !l.found;) /* the newest events end last */
		TRY(look(&l, ids.list[i]));
	return l.found ? item_find(a, tx, l.found, ret) : ERR_NOT_FOUND;
}
