/* STORE (RFC 9051 6.4.6, UNCHANGEDSINCE RFC 7162), in transactions of bounded size. */
#include <gateway/imap/commands.h>

#include <gateway/imap/flags.h>
#include <gateway/imap/mails.h>
#include <store/folder.h>

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

	if (s)
		buf_release(&s->modified);
}

static enum err make_edit(struct arena *a, const struct store_args *s, const struct item *item, int64_t now_ms,
			  struct item_edit *ret)
{
	unsigned added;

	*ret = (struct item_edit){ .what = ITEM_EDIT_FLAGS };
	if (s->how != IMAP_FLAGS_REMOVE)
		ret->set = s->flags.flags;
	if (s->how == IMAP_FLAGS_REMOVE)
		ret->clear = s->flags.flags;
	if (s->how == IMAP_FLAGS_SET)
		ret->clear = ITEM_FLAGS_ALL & ~s->flags.flags;
	if (s->flags.n || (s->how == IMAP_FLAGS_SET && item->keywords.n)) {
		ret->what |= ITEM_EDIT_KEYWORDS;
		TRY(imap_keywords_apply(a, item->keywords, &s->flags, s->how, &ret->keywords));
	}
	/* What a phone shows as "replied" and "forwarded" is kept as a verb and its time. */
	added = ret->set & ~item->flags & (ITEM_ANSWERED | ITEM_FORWARDED);
	if (added) {
		ret->what |= ITEM_EDIT_VERB;
		ret->verb = added & ITEM_ANSWERED ? VERB_REPLIED : VERB_FORWARDED;
		ret->verb_ms = now_ms;
	}
	return ERR_OK;
}

/* Changes one; *ret_stale: it has been changed by others, and was left alone. */
static enum err change(struct arena *a, struct store_tx *tx, struct store_args *s, const struct item *item,
		       struct item *ret, bool *ret_stale)
{
	struct item_edit edit;

	*ret_stale = s->has_since && item->modified > s->since;
	*ret = *item;
	if (*ret_stale)
		return ERR_OK;
	TRY(make_edit(a, s, item, clock_wall_ms(store_tx_clock(tx)), &edit));
	TRY(item_update(tx, item->folder, item->id, &edit, &AUTHOR_NOBODY));
	return item_get(a, tx, item->folder, item->id, ret);
}

static void put_answer(struct imap_command *c, const struct view *v, const struct item *item)
{
	struct imap_session *se = c->se;
	const struct store_args *s = c->args;
	bool modseq = imap_has(se, IMAP_CONDSTORE) || s->has_since;

	if (s->silent && !modseq)
		return;
	if (imap_has(se, IMAP_UIDONLY))
		buf_fmt(&se->out, "* %u UIDFETCH (", item->uid);
	else
		buf_fmt(&se->out, "* %u FETCH (UID %u ", view_seq(v, item->uid), item->uid);
	if (!s->silent) {
		buf_cstr(&se->out, "FLAGS ");
		imap_put_flags(&se->out, item->flags, item->keywords);
	}
	if (modseq)
		buf_fmt(&se->out, "%sMODSEQ (%llu)", s->silent ? "" : " ",
			(unsigned long long)imap_modseq(c, item->modified));
	buf_cstr(&se->out, ")\r\n");
}

static void note_stale(struct imap_command *c, const struct view *v, const struct item *item)
{
	struct store_args *s = c->args;

	s->any_modified = true;
	imap_set_add(&s->modified_writer, &s->modified,
		     c->verb->flags & IMAP_V_UID ? item->uid : view_seq(v, item->uid));
}

/* A slice of rows in one transaction; the answers are said once it is on disk. */
static enum err store_slice(struct imap_command *c, struct worker *w, const struct view *v, struct store_tx **tx,
			    bool *ret_end)
{
	struct store_args *s = c->args;
	struct item *items, *now;
	uint64_t number = 0, head;
	bool *stale;
	size_t n;

	TRY(imap_walk_page(&s->walk, w->arena, *tx, v, IMAP_SLICE_ROWS, &items, &n));
	now = arena_array(w->arena, n, sizeof(*now));
	stale = arena_array(w->arena, n, sizeof(*stale));
	if (!now || !stale)
		return ERR_LIMIT;
	TRY(folder_head(*tx, v->key.folder, &head));
	for (size_t i = 0; i < n; i++) {
		TRY(change(w->arena, *tx, s, &items[i], &now[i], &stale[i]));
		if (now[i].modified != items[i].modified)
			number = now[i].modified;
	}
	TRY(store_commit(tx));
	if (number)
		imap_note_own(c->se, number, head);
	for (size_t i = 0; i < n; i++) {
		if (stale[i])
			note_stale(c, v, &items[i]);
		else
			put_answer(c, v, &now[i]);
		imap_walk_past(&s->walk, &items[i]);
	}
	*ret_end = n < IMAP_SLICE_ROWS;
	return ERR_OK;
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
