/* STORE (RFC 9051 6.4.6, UNCHANGEDSINCE RFC 7162), in transactions of bounded size. */
#include <gateway/imap/commands.h>

#include <gateway/imap/flags.h>
#include <gateway/imap/mails.h>
#include <store/folder.h>
#include <store/item_many.h>

enum { ANSWERS_MAX_BYTES = 32 * 1024 * 1024 };
enum { VERB_REPLIED = 1, VERB_FORWARDED = 3 }; /* LastVerbExecuted, MS-ASEMAIL 2.2.2.42 */

struct store_args {
	struct imap_set set;
	struct imap_flags flags;
	enum imap_flags_how how;
	bool silent, has_since;
	uint64_t since;
	/* the walk */
	bool begun;
	struct imap_walk walk;
	uint64_t named;
	struct imap_set_writer modified_writer;
	struct buf modified; /* those that were not changed, since others have been at them */
	bool any_modified;
	struct buf answers; /* of a slice, until it is on disk */
};

void imap_store_parse(struct imap_in *in, struct imap_command *c)
{
	struct store_args *s = arena_new(&c->arena, struct store_args);

	c->args = s;
	if (!s) {
		in_fail(in, "too much to keep");
		return;
	}
	s->modified = BUF_INIT(1024 * 1024);
	s->answers = BUF_INIT(ANSWERS_MAX_BYTES);
	in_sp(in);
	s->set = in_set(in);
	in_sp(in);
	if (in_try_open(in)) {
		if (!in_try_word(in, "UNCHANGEDSINCE"))
			in_fail(in, "no such modifier");
		in_sp(in);
		s->since = in_number(in);
		s->has_since = true;
		in_close(in);
		in_sp(in);
	}
	s->how = in_try(in, '+') ? IMAP_FLAGS_ADD : in_try(in, '-') ? IMAP_FLAGS_REMOVE : IMAP_FLAGS_SET;
	s->silent = in_try_word(in, "FLAGS.SILENT");
	if (!s->silent && !in_try_word(in, "FLAGS"))
		in_fail(in, "FLAGS is missing");
	in_sp(in);
	s->flags = in_flags(in, true);
}

void imap_store_release(struct imap_command *c)
{
	struct store_args *s = c->args;

	if (!s)
		return;
	buf_release(&s->modified);
	buf_release(&s->answers);
}

/* The flags that it gives and takes, whatever the mail has. */
static struct item_edit flags_edit(const struct store_args *s)
{
	unsigned named = s->flags.flags;

	switch (s->how) {
	case IMAP_FLAGS_ADD:
		return (struct item_edit){ .what = ITEM_EDIT_FLAGS, .set = named };
	case IMAP_FLAGS_REMOVE:
		return (struct item_edit){ .what = ITEM_EDIT_FLAGS, .clear = named };
	case IMAP_FLAGS_SET:
		break;
	}
	return (struct item_edit){ .what = ITEM_EDIT_FLAGS, .set = named, .clear = ITEM_FLAGS_ALL & ~named };
}

/* What a phone shows as "replied" and "forwarded" is kept as a verb and its time: those that this mail gets. */
static unsigned verbs_added(const struct item_edit *edit, const struct item *item)
{
	return edit->set & ~item->flags & (ITEM_ANSWERED | ITEM_FORWARDED);
}

static bool changes_keywords(const struct store_args *s, const struct item *item)
{
	return s->flags.n || (s->how == IMAP_FLAGS_SET && item->keywords.n);
}

static enum err make_edit(struct arena *a, const struct store_args *s, const struct item *item, int64_t now_ms,
			  struct item_edit *ret)
{
	*ret = flags_edit(s);
	if (changes_keywords(s, item)) {
		ret->what |= ITEM_EDIT_KEYWORDS;
		TRY(imap_keywords_apply(a, item->keywords, &s->flags, s->how, &ret->keywords));
	}
	if (verbs_added(ret, item)) {
		ret->what |= ITEM_EDIT_VERB;
		ret->verb = verbs_added(ret, item) & ITEM_ANSWERED ? VERB_REPLIED : VERB_FORWARDED;
		ret->verb_ms = now_ms;
	}
	return ERR_OK;
}

/* ---- a slice ---- */

/*
 * The mails from `first` to `last` that the set names. Those whose flags alone change are changed together; the others,
 * each by itself.
 */
struct slice {
	struct imap_command *c;
	struct arena *arena;
	struct store_tx *tx;
	const struct view *view;
	uint32_t first, last;
	bool together;        /* there are such */
	struct item *singles; /* IMAP_SLICE_ROWS of them */
	size_t singles_n;
	uint64_t number; /* the transaction's change; 0: nothing was changed */
};

static bool is_stale(const struct store_args *s, const struct item *item)
{
	return s->has_since && item->modified > s->since;
}

static void note_stale(struct imap_command *c, const struct view *v, const struct item *item)
{
	struct store_args *s = c->args;

	s->any_modified = true;
	imap_set_add(&s->modified_writer, &s->modified,
		     c->verb->flags & IMAP_V_UID ? item->uid : view_seq(v, item->uid));
}

/* Into one of the two kinds. */
static enum err sort_in(struct slice *sl, const struct item *item)
{
	struct store_args *s = sl->c->args;
	const struct item_edit edit = flags_edit(s);

	if (is_stale(s, item)) {
		note_stale(sl->c, sl->view, item);
		return ERR_OK;
	}
	if (!changes_keywords(s, item) && !verbs_added(&edit, item)) {
		sl->together = sl->together || ((item->flags & ~edit.clear) | edit.set) != item->flags;
		return ERR_OK;
	}
	return item_by_uid(sl->arena, sl->tx, item->folder, item->uid, &sl->singles[sl->singles_n++]);
}

/* Reads the rows; *ret_end: they were the last ones. */
static enum err read_slice(struct slice *sl, bool *ret_end)
{
	struct store_args *s = sl->c->args;
	CLEANUP(imap_rows_end)
	struct imap_rows rows = { .walk = &s->walk, .tx = sl->tx, .view = sl->view, .with = ITEM_SCAN_FLAGS };
	bool row = true;

	sl->first = s->walk.next;
	for (size_t i = 0; i < IMAP_SLICE_FLAGS && sl->singles_n < IMAP_SLICE_ROWS; i++) {
		struct item item;

		TRY(imap_rows_next(&rows, &item, &row));
		if (!row)
			break;
		TRY(sort_in(sl, &item));
		imap_walk_past(&s->walk, &item);
		sl->last = item.uid;
	}
	*ret_end = !row;
	return ERR_OK;
}

static enum err change_single(struct slice *sl, const struct item *item)
{
	struct item_edit edit;
	struct item now;

	TRY(make_edit(sl->arena, sl->c->args, item, clock_wall_ms(store_tx_clock(sl->tx)), &edit));
	TRY(item_update(sl->tx, item->folder, item->id, &edit, &AUTHOR_NOBODY));
	TRY(item_get(sl->arena, sl->tx, item->folder, item->id, &now));
	if (now.modified != item->modified)
		sl->number = now.modified;
	return ERR_OK;
}

static enum err change_range(void *ctx, struct imap_range r)
{
	struct slice *sl = ctx;
	const struct store_args *s = sl->c->args;
	const struct item_edit edit = flags_edit(s);
	const struct item_flags_edit of_range = { .of = { sl->view->key.folder, r.lo, r.hi },
						  .set = edit.set,
						  .clear = edit.clear,
						  .since = s->has_since ? s->since : INT64_MAX };
	uint64_t n;

	return item_update_flags(sl->tx, &of_range, &n);
}

static enum err change_slice(struct slice *sl)
{
	const struct store_args *s = sl->c->args;

	for (size_t i = 0; i < sl->singles_n; i++)
		TRY(change_single(sl, &sl->singles[i]));
	if (!sl->together)
		return ERR_OK;
	TRY(imap_set_between(&s->set, sl->first, sl->last, change_range, sl));
	return store_change_number(sl->tx, &sl->number);
}

static void put_answer(const struct slice *sl, struct buf *out, const struct item *item)
{
	struct imap_session *se = sl->c->se;
	const struct store_args *s = sl->c->args;
	bool by_uid = imap_has(se, IMAP_UIDONLY), modseq = imap_has(se, IMAP_CONDSTORE) || s->has_since;

	buf_cstr(out, "* ");
	buf_u64(out, by_uid ? item->uid : view_seq(sl->view, item->uid));
	buf_cstr(out, by_uid ? " UIDFETCH (" : " FETCH (UID ");
	if (!by_uid) {
		buf_u64(out, item->uid);
		buf_char(out, ' ');
	}
	if (!s->silent) {
		buf_cstr(out, "FLAGS ");
		imap_put_flags(out, item->flags, item->keywords);
	}
	if (modseq) {
		buf_cstr(out, s->silent ? "MODSEQ (" : " MODSEQ (");
		buf_u64(out, imap_modseq(sl->c, item->modified));
		buf_char(out, ')');
	}
	buf_cstr(out, ")\r\n");
}

/* As they are now, those that others had changed left out. */
static enum err put_answers(struct slice *sl)
{
	struct store_args *s = sl->c->args;
	struct imap_walk again = { .set = &s->set, .next = sl->first };
	CLEANUP(imap_rows_end)
	struct imap_rows rows = { .walk = &again, .tx = sl->tx, .view = sl->view, .with = ITEM_SCAN_FLAGS };

	for (;;) {
		struct item item;
		bool row;

		TRY(imap_rows_next(&rows, &item, &row));
		if (!row || item.uid > sl->last)
			return buf_status(&s->answers);
		if (item.modified == sl->number || !is_stale(s, &item))
			put_answer(sl, &s->answers, &item);
	}
}

/* In one transaction; its answers are said once it is on disk. */
static enum err store_slice(struct imap_command *c, struct worker *w, const struct view *v, struct store_tx **tx,
			    bool *ret_end)
{
	struct store_args *s = c->args;
	struct slice sl = { .c = c, .arena = w->arena, .tx = *tx, .view = v };
	struct imap_session *se = c->se;
	const struct imap_selected before = se->selected;
	uint64_t head;
	enum err e = ERR_OK;

	sl.singles = arena_array(w->arena, IMAP_SLICE_ROWS, sizeof(*sl.singles));
	if (!sl.singles)
		return ERR_LIMIT;
	TRY(folder_head(*tx, v->key.folder, &head));
	TRY(read_slice(&sl, ret_end));
	TRY(change_slice(&sl));
	/* What is answered depends on this change's being told, which it will be. */
	if (sl.number)
		imap_note_own(se, sl.number, head);
	buf_clear(&s->answers);
	if (!s->silent || imap_has(se, IMAP_CONDSTORE) || s->has_since)
		e = put_answers(&sl);
	if (!e)
		e = store_commit(tx);
	if (e)
		se->selected = before;
	else
		buf_str(&se->out, buf_view(&s->answers));
	return e;
}

static enum err store_some(struct imap_command *c, struct worker *w, bool *ret_end)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct imap_session *se = c->se;
	struct store_args *s = c->args;
	struct view *v;
	enum err e;

	TRY(imap_resolve(c, &s->set, c->verb->flags & IMAP_V_UID));
	TRY(store_begin(se->server->args.store, se->mailbox, STORE_WRITE, &tx));
	TRY(view_open(se->server->views, tx, &se->selected.view, &v));
	s->walk.set = &s->set;
	s->named = imap_count_named(v, &s->set);
	e = store_slice(c, w, v, &tx, ret_end);
	view_close(se->server->views, &v);
	return e;
}

enum imap_next imap_store(struct imap_command *c, struct worker *w)
{
	struct store_args *s = c->args;
	bool end = false;
	enum err e;

	if (c->se->selected.read_only)
		return imap_no(c, "[READ-ONLY] the mailbox is selected read-only");
	if (s->has_since)
		c->se->enabled |= IMAP_CONDSTORE;
	e = store_some(c, w, &end);
	if (e == ERR_INVALID)
		return imap_bad(c, "no such message number");
	if (e)
		return imap_result(c, e, "");
	if (!end)
		return IMAP_AGAIN;
	imap_set_finish(&s->modified_writer, &s->modified);
	if (s->any_modified)
		return imap_ok(c, "[MODIFIED " STR_FMT "] these have been changed by others",
			       STR_ARG(buf_view(&s->modified)));
	if (!(c->verb->flags & IMAP_V_UID) && s->walk.found < s->named)
		return imap_no(c, "[EXPUNGEISSUED] some of these have been expunged");
	return imap_ok(c, "stored");
}
