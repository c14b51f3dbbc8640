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

static bool changes_keywords(const struct store_args *s)
{
	return s->flags.n || s->how == IMAP_FLAGS_SET;
}

static bool changes_flags(const struct item_edit *edit, const struct item *item)
{
	return ((item->flags & ~edit->clear) | edit->set) != item->flags;
}

/* What a phone shows as "replied" and "forwarded" is kept as a verb and its time: that which this mail gets, or 0. */
static int verb_added(const struct item_edit *edit, const struct item *item)
{
	const unsigned added = edit->set & ~item->flags;

	if (added & ITEM_ANSWERED)
		return VERB_REPLIED;
	return added & ITEM_FORWARDED ? VERB_FORWARDED : 0;
}

/* ---- a slice ---- */

/*
 * Mails that follow each other within a range of the set and become what they become by the same edit, so that one
 * statement does it. Mails between them that would not change at all may be there too.
 */
struct run {
	size_t range;        /* of the set's, counted from 1; 0: no run yet */
	struct str was, now; /* their keywords, where the command changes keywords */
	bool changes;
	struct item_range_edit edit;
};

struct slice {
	struct imap_command *c;
	struct arena *arena; /* the run's keywords alone */
	struct store_tx *tx;
	const struct view *view;
	uint32_t first, last;
	struct run run;
	size_t runs;
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

/* Changes what the run has; the walk is past all of it. */
static enum err end_run(struct slice *sl)
{
	struct run *run = &sl->run;
	uint64_t n;

	if (!run->changes)
		return ERR_OK;
	run->changes = false;
	TRY(item_update_range(sl->tx, &run->edit, &n));
	return store_change_number(sl->tx, &sl->number);
}

static enum err begin_run(struct slice *sl, size_t range, const struct item *item, int verb)
{
	const struct store_args *s = sl->c->args;
	const struct item_edit edit = flags_edit(s);
	struct run *run = &sl->run;

	*run = (struct run){ .range = range,
			     .edit = { .of = { item->folder, item->uid, item->uid },
				       .set = edit.set,
				       .clear = edit.clear,
				       .since = s->has_since ? s->since : INT64_MAX,
				       .verb = verb,
				       .verb_ms = clock_wall_ms(store_tx_clock(sl->tx)) } };
	sl->runs++;
	if (!changes_keywords(s))
		return ERR_OK;
	arena_reset(sl->arena);
	TRY(arena_str(sl->arena, item->keywords, &run->was));
	TRY(imap_keywords_apply(sl->arena, run->was, &s->flags, s->how, &run->now));
	run->edit.keywords = &run->now;
	run->changes = !str_eq(run->was, run->now);
	return ERR_OK;
}

static bool is_of_run(const struct run *run, size_t range, const struct item *item, int verb)
{
	return run->range == range && run->edit.verb == verb &&
	       (!run->edit.keywords || str_eq(run->was, item->keywords));
}

static enum err take_in(struct slice *sl, size_t range, const struct item *item)
{
	const struct store_args *s = sl->c->args;
	const struct item_edit edit = flags_edit(s);
	const int verb = verb_added(&edit, item);
	const bool flags = changes_flags(&edit, item);

	if (is_stale(s, item)) {
		note_stale(sl->c, sl->view, item);
		return ERR_OK;
	}
	if (!flags && !changes_keywords(s))
		return ERR_OK;
	if (!is_of_run(&sl->run, range, item, verb)) {
		TRY(end_run(sl));
		TRY(begin_run(sl, range, item, verb));
	}
	sl->run.edit.of.hi = item->uid;
	sl->run.changes = sl->run.changes || flags;
	return ERR_OK;
}

/* Reads rows and changes those behind it; *ret_end: they were the last ones. */
static enum err change_slice(struct slice *sl, bool *ret_end)
{
	struct store_args *s = sl->c->args;
	CLEANUP(imap_rows_end)
	struct imap_rows rows = { .walk = &s->walk, .tx = sl->tx, .view = sl->view, .with = ITEM_SCAN_FLAGS };
	bool row = true;

	sl->first = s->walk.next;
	for (size_t i = 0; i < IMAP_SLICE_FLAGS && sl->runs < IMAP_SLICE_RUNS; i++) {
		struct item item;

		TRY(imap_rows_next(&rows, &item, &row));
		if (!row)
			break;
		TRY(take_in(sl, rows.at, &item));
		imap_walk_past(&s->walk, &item);
		sl->last = item.uid;
	}
	*ret_end = !row;
	return end_run(sl);
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

	TRY(folder_head(*tx, v->key.folder, &head));
	TRY(change_slice(&sl, ret_end));
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
