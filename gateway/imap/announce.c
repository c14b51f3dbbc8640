/*
 * What has changed in the selected mailbox is told (RFC 9051 5.2, 5.5; RFC 7162): first who has gone and how many there
 * are, which moves the view on in one step, then flags, in slices if they are many.
 */
#include <gateway/imap/session.h>

#include <base/mem.h>
#include <gateway/imap/flags.h>
#include <gateway/imap/notify.h>
#include <store/folder.h>

#include <stdlib.h>

enum { PAGE_ROWS = 256, GONE_MAX_BYTES = 64 * 1024 * 1024 };

/* Flags that are to be told: of changes above (change, id) up to `until`, of UIDs below `below`. */
struct imap_announcing {
	uint64_t change, until;
	int64_t id;
	uint32_t below;
	const struct imap_set *only; /* of the command's arena; NULL: all */
};

static enum err add_uid(void *ctx, uint32_t uid)
{
	struct buf *b = ctx;

	buf_put(b, &uid, sizeof(uid));
	return buf_status(b);
}

static int by_uid(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void put_vanished(struct imap_session *se, const uint32_t *gone, size_t n)
{
	struct imap_set_writer w = { 0 };

	buf_cstr(&se->out, "* VANISHED ");
	for (size_t i = 0; i < n; i++)
		if (i == 0 || gone[i] != gone[i - 1])
			imap_set_add(&w, &se->out, gone[i]);
	imap_set_finish(&w, &se->out);
	buf_cstr(&se->out, "\r\n");
}

/* From the last one on, so that no number moves before it is told. */
static void put_expunged(struct imap_session *se, const struct view *old, const uint32_t *gone, size_t n)
{
	for (size_t i = n; i > 0; i--) {
		uint32_t seq = view_seq(old, gone[i - 1]);

		if (seq && (i == n || gone[i] != gone[i - 1]))
			imap_line(se, "* %u EXPUNGE", seq);
	}
}

static enum err tell_numbers(struct imap_session *se, struct store_tx *tx, const struct view_key *key,
			     const struct buf *gone)
{
	const uint32_t *uids = (const uint32_t *)(const void *)gone->p;
	size_t n = gone->n / sizeof(*uids);
	struct imap_selected *sel = &se->selected;
	struct view *old, *now;
	enum err e;

	TRY(view_open(se->server->views, tx, &sel->view, &old));
	e = view_advance(se->server->views, tx, old, key, uids, n, &now);
	if (!e) {
		if (n && imap_has(se, IMAP_QRESYNC | IMAP_UIDONLY))
			put_vanished(se, uids, n);
		else
			put_expunged(se, old, uids, n);
		if (key->uid_next != sel->view.uid_next)
			imap_line(se, "* %u EXISTS", now->n);
		sel->count = now->n;
		sel->view = *key;
		sel->told = key->w;
		view_close(se->server->views, &now);
	}
	view_close(se->server->views, &old);
	return e;
}

/* Moves the view to the folder's head. */
static enum err advance(struct imap_command *c, struct store_tx *tx, const struct folder *f)
{
	struct imap_session *se = c->se;
	struct imap_selected *sel = &se->selected;
	const struct view_key was = sel->view;
	const struct view_key key = { was.mailbox, was.folder, f->head, f->uid_next };
	struct buf gone = BUF_INIT(GONE_MAX_BYTES);
	enum err e = f->purged > was.w ? ERR_STALE : uid_list_gone(tx, was.folder, was.w, was.uid_next, add_uid, &gone);

	if (!e && gone.n)
		qsort(gone.p, gone.n / sizeof(uint32_t), sizeof(uint32_t), by_uid);
	if (!e)
		e = tell_numbers(se, tx, &key, &gone);
	buf_release(&gone);
	if (e)
		return e;
	c->announcing = mem_alloc(sizeof(*c->announcing));
	*c->announcing = (struct imap_announcing){ .change = was.w,
						   .id = INT64_MAX, /* behind all of that change */
						   .until = f->head,
						   .below = was.uid_next };
	return ERR_OK;
}

/* ---- what was missed ---- */

struct missed {
	const struct imap_set *only;
	struct buf *out;
	bool any;
};

static void put_range(void *ctx, uint32_t lo, uint32_t hi)
{
	struct missed *m = ctx;

	buf_cstr(m->out, m->any ? "," : "* VANISHED (EARLIER) ");
	m->any = true;
	buf_u64(m->out, lo);
	if (hi > lo)
		buf_fmt(m->out, ":%u", hi);
}

/* The store has forgotten who went when: whatever is not there may have gone since. */
static void put_all_missing(struct missed *m, const struct view *v)
{
	uint32_t last = v->key.uid_next - 1;

	if (!m->only)
		view_gaps(v, 1, last, put_range, m);
	for (size_t i = 0; m->only && i < m->only->n; i++) {
		struct imap_range r = m->only->ranges[i];

		if (r.lo <= last && last)
			view_gaps(v, r.lo, r.hi < last ? r.hi : last, put_range, m);
	}
}

static void put_gone(struct missed *m, struct buf *gone)
{
	uint32_t *uids = (uint32_t *)(void *)gone->p;
	size_t n = gone->n / sizeof(*uids);
	struct imap_range run = { 0, 0 };

	if (n)
		qsort(uids, n, sizeof(*uids), by_uid);
	for (size_t i = 0; i < n; i++) {
		if (m->only && !imap_set_has(m->only, uids[i]))
			continue;
		if (run.hi && uids[i] <= run.hi + 1) {
			run.hi = uids[i];
			continue;
		}
		if (run.hi)
			put_range(m, run.lo, run.hi);
		run = (struct imap_range){ uids[i], uids[i] };
	}
	if (run.hi)
		put_range(m, run.lo, run.hi);
}

static enum err tell_gone(struct imap_session *se, struct store_tx *tx, uint64_t since, struct missed *m)
{
	const struct view_key *key = &se->selected.view;
	CLEANUP(arena_release) struct arena a = ARENA_INIT(64 * 1024);
	struct buf gone = BUF_INIT(GONE_MAX_BYTES);
	struct folder f;
	struct view *v;
	enum err e;

	TRY(folder_get(&a, tx, key->folder, &f));
	if (f.purged > since) {
		TRY(view_open(se->server->views, tx, key, &v));
		put_all_missing(m, v);
		view_close(se->server->views, &v);
		return ERR_OK;
	}
	e = uid_list_gone(tx, key->folder, since, key->uid_next, add_uid, &gone);
	if (!e)
		put_gone(m, &gone);
	buf_release(&gone);
	return e;
}

enum err imap_tell_missed(struct imap_command *c, struct store_tx *tx, uint64_t since, const struct imap_set *uids,
			  bool flags)
{
	struct imap_session *se = c->se;
	struct missed m = { uids, &se->out, false };

	TRY(tell_gone(se, tx, since, &m));
	if (m.any)
		buf_cstr(&se->out, "\r\n");
	if (!flags)
		return ERR_OK;
	c->announcing = mem_alloc(sizeof(*c->announcing));
	*c->announcing = (struct imap_announcing){ .change = since,
						   .id = INT64_MAX,
						   .until = se->selected.view.w,
						   .below = se->selected.view.uid_next,
						   .only = uids };
	return ERR_OK;
}

static void put_flags(struct imap_session *se, const struct view *v, const struct item *item)
{
	struct buf *out = &se->out;

	if (imap_has(se, IMAP_UIDONLY)) {
		buf_fmt(out, "* %u UIDFETCH (FLAGS ", item->uid);
	} else {
		uint32_t seq = view_seq(v, item->uid);

		if (!seq)
			return;
		buf_fmt(out, "* %u FETCH (UID %u FLAGS ", seq, item->uid);
	}
	imap_put_flags(out, item->flags, item->keywords);
	if (imap_has(se, IMAP_CONDSTORE | IMAP_QRESYNC))
		buf_fmt(out, " MODSEQ (%llu)", (unsigned long long)item->modified);
	buf_cstr(out, ")\r\n");
}

/* A page of flags; *ret_more: there are others. */
static enum err tell_flags(struct imap_command *c, struct arena *a, struct store_tx *tx, const struct view *v,
			   bool *ret_more)
{
	struct imap_announcing *at = c->announcing;
	struct item *items;
	size_t n;

	TRY(item_list_changed(a, tx, v->key.folder, at->change, at->id, PAGE_ROWS, &items, &n));
	*ret_more = n == PAGE_ROWS;
	for (size_t i = 0; i < n; i++) {
		if (items[i].modified > at->until) {
			*ret_more = false;
			return ERR_OK;
		}
		at->change = items[i].modified;
		at->id = items[i].id;
		if (items[i].uid < at->below && imap_notify_wants_flags(c) && !imap_is_own(c->se, items[i].modified) &&
		    (!at->only || imap_set_has(at->only, items[i].uid)))
			put_flags(c->se, v, &items[i]);
	}
	return ERR_OK;
}

static enum err announce(struct imap_command *c, struct worker *w, bool *ret_more)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct imap_session *se = c->se;
	struct folder f;
	struct view *v;
	enum err e = ERR_OK;

	*ret_more = false;
	TRY(store_begin(se->server->args.store, se->mailbox, STORE_READ, &tx));
	TRY(folder_get(w->arena, tx, se->selected.view.folder, &f));
	if (!c->announcing && f.head == se->selected.view.w)
		return ERR_OK;
	if (!c->announcing)
		TRY(advance(c, tx, &f));
	TRY(view_open(se->server->views, tx, &se->selected.view, &v));
	*ret_more = true;
	while (!e && *ret_more && se->out.n < IMAP_SLICE_BYTES) {
		arena_reset(w->arena);
		e = tell_flags(c, w->arena, tx, v, ret_more);
	}
	view_close(se->server->views, &v);
	return e;
}

enum imap_next imap_announce(struct imap_command *c, struct worker *w)
{
	bool more;
	enum err e = announce(c, w, &more);

	if (!e && more)
		return IMAP_AGAIN;
	if (!e && c->announcing)
		c->se->selected.own_n = 0;
	free(c->announcing);
	c->announcing = NULL;
	if (!e || e == ERR_BUSY) /* it is told another time */
		return IMAP_FINISHED;
	imap_line(c->se, "* BYE %s",
		  e == ERR_NOT_FOUND ? "the selected mailbox has been deleted"
				     : "the selected mailbox can't be read any more");
	c->bye = true;
	return IMAP_FINISHED;
}
