/* Walking the mails that a command names. */
#include <gateway/imap/mails.h>

#include <stdlib.h>

static enum err copy_saved(struct imap_command *c, struct imap_set *set)
{
	const struct imap_set *saved = &c->se->saved;

	set->ranges = arena_array(&c->arena, saved->n ? saved->n : 1, sizeof(*set->ranges));
	if (!set->ranges)
		return ERR_LIMIT;
	set->n = saved->n;
	if (saved->n)
		memcpy(set->ranges, saved->ranges, saved->n * sizeof(*saved->ranges));
	return ERR_OK;
}

/* Ranges of UIDs that sequence numbers stand for: a range of numbers may cross several runs, whose gaps hold nothing. */
static enum err to_uids(const struct view *v, struct imap_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		struct imap_range *r = &set->ranges[i];

		if (r->lo == 0 || r->hi > v->n)
			return ERR_INVALID;
		*r = (struct imap_range){ view_uid(v, r->lo), view_uid(v, r->hi) };
	}
	return ERR_OK;
}

static enum err resolve_by(const struct view *v, struct imap_set *set, bool uids)
{
	imap_set_resolve(set, uids ? view_uid(v, v->n) : v->n);
	return uids ? ERR_OK : to_uids(v, set);
}

enum err imap_resolve(struct imap_command *c, struct imap_set *set, bool uids)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct imap_server *sv = c->se->server;
	struct view *v;
	enum err e;

	if (set->resolved)
		return ERR_OK;
	set->resolved = true;
	if (set->saved)
		return copy_saved(c, set);
	TRY(store_begin(sv->args.store, c->se->mailbox, STORE_READ, &tx));
	TRY(view_open(sv->views, tx, &c->se->selected.view, &v));
	e = resolve_by(v, set, uids);
	view_close(sv->views, &v);
	return e;
}

/* The first range that reaches to this UID. */
static size_t range_at(const struct imap_set *set, uint32_t uid)
{
	size_t lo = 0, hi = set->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (set->ranges[mid].hi < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The next range that has UIDs of the view behind the walk's cursor. False: none is left. */
static bool next_range(struct imap_rows *r, struct imap_range *ret)
{
	const struct imap_walk *walk = r->walk;

	if (r->at == 0)
		r->at = range_at(walk->set, walk->next);
	while (r->at < walk->set->n) {
		*ret = walk->set->ranges[r->at++];
		if (ret->lo < walk->next)
			ret->lo = walk->next;
		if (ret->hi >= r->view->key.uid_next)
			ret->hi = r->view->key.uid_next - 1;
		if (ret->lo <= ret->hi)
			return true;
	}
	return false;
}

enum err imap_rows_next(struct imap_rows *r, struct item *ret, bool *row)
{
	struct imap_range range;

	for (;;) {
		if (r->scan.st) {
			TRY(item_scan_next(&r->scan, ret, row));
			if (*row)
				return ERR_OK;
			item_scan_close(&r->scan);
		}
		*row = false;
		if (!next_range(r, &range))
			return ERR_OK;
		TRY(item_scan_open(
			r->tx, r->with,
			&(struct item_scan_range){ r->view->key.folder, range.lo, range.hi, r->mask, r->flags },
			&r->scan));
	}
}

void imap_rows_end(struct imap_rows *r)
{
	item_scan_close(&r->scan);
}

enum err imap_set_between(const struct imap_set *set, uint32_t first, uint32_t last, imap_each_range *each, void *ctx)
{
	for (size_t i = range_at(set, first); i < set->n && set->ranges[i].lo <= last; i++) {
		struct imap_range r = set->ranges[i];

		if (r.lo < first)
			r.lo = first;
		if (r.hi > last)
			r.hi = last;
		TRY(each(ctx, r));
	}
	return ERR_OK;
}

enum err imap_walk_page(const struct imap_walk *walk, struct arena *a, struct store_tx *tx, const struct view *v,
			size_t limit, struct item **ret, size_t *ret_n)
{
	struct item *items = arena_array(a, limit, sizeof(*items));
	size_t n = 0;

	if (!items)
		return ERR_LIMIT;
	for (size_t i = range_at(walk->set, walk->next); i < walk->set->n && n < limit; i++) {
		struct imap_range r = walk->set->ranges[i];

		if (r.lo < walk->next)
			r.lo = walk->next;
		if (r.hi >= v->key.uid_next)
			r.hi = v->key.uid_next - 1;
		if (r.lo <= r.hi)
			TRY(item_read_range(a, tx, v->key.folder, r.lo, r.hi, limit, items, &n));
	}
	*ret = items;
	*ret_n = n;
	return ERR_OK;
}

uint64_t imap_count_named(const struct view *v, const struct imap_set *set)
{
	uint64_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		uint32_t from = view_seq_from(v, set->ranges[i].lo);
		uint32_t to = set->ranges[i].hi == UINT32_MAX ? v->n + 1 : view_seq_from(v, set->ranges[i].hi + 1);

		n += to > from ? to - from : 0;
	}
	return n;
}

void imap_page_bounds(uint64_t n, int64_t from, int64_t to, uint64_t *ret_from, uint64_t *ret_to)
{
	int64_t a = from < 0 ? (int64_t)n + 1 + from : from, b = to < 0 ? (int64_t)n + 1 + to : to;
	int64_t lo = a < b ? a : b, hi = a < b ? b : a;

	if (lo < 1)
		lo = 1;
	if (hi > (int64_t)n)
		hi = (int64_t)n;
	*ret_from = hi < lo ? 0 : (uint64_t)(lo - 1);
	*ret_to = hi < lo ? 0 : (uint64_t)hi;
}

enum err imap_set_page(struct arena *a, const struct view *v, struct imap_set *set, int64_t from, int64_t to)
{
	struct imap_range *ranges = arena_array(a, set->n ? set->n : 1, sizeof(*ranges));
	uint64_t first, end, at = 0;
	size_t n = 0;

	if (!ranges)
		return ERR_LIMIT;
	imap_page_bounds(imap_count_named(v, set), from, to, &first, &end);
	for (size_t i = 0; i < set->n; i++) {
		struct imap_range r = set->ranges[i];
		uint64_t seq = view_seq_from(v, r.lo);
		uint64_t past = r.hi == UINT32_MAX ? (uint64_t)v->n + 1 : view_seq_from(v, r.hi + 1);
		uint64_t here = past > seq ? past - seq : 0;
		uint64_t lo = first > at ? first - at : 0, hi = end > at ? end - at : 0;

		if (hi > here)
			hi = here;
		if (lo < hi)
			ranges[n++] = (struct imap_range){ view_uid(v, (uint32_t)(seq + lo)),
							   view_uid(v, (uint32_t)(seq + hi - 1)) };
		at += here;
	}
	set->ranges = ranges;
	set->n = n;
	return ERR_OK;
}
