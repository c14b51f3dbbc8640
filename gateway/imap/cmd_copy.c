/* COPY and MOVE (RFC 9051 6.4.7, 6.4.8), each in one transaction: all or nothing. A moved mail keeps its item. */
#include <gateway/imap/commands.h>

#include <gateway/imap/mails.h>
#include <gateway/imap/tree.h>
#include <store/item_many.h>
#include <store/quota.h>

struct copy {
	struct imap_set set;
	struct str name;
};

void imap_copy_parse(struct imap_in *in, struct imap_command *c)
{
	struct copy *copy = arena_new(&c->arena, struct copy);

	c->args = copy;
	if (!copy) {
		in_fail(in, "too much to keep");
		return;
	}
	in_sp(in);
	copy->set = in_set(in);
	in_sp(in);
	copy->name = in_astring(in);
}

typedef enum err transfer_fn(struct store_tx *tx, const struct item_range *from, int64_t to, uint32_t *ret_first,
			     uint64_t *ret_n);

enum { UIDS_MAX_BYTES = 1024 * 1024 };

struct uids {
	struct buf from, to;
	struct imap_set_writer from_set, to_set;
};

struct transfer {
	struct store_tx *tx;
	int64_t from, to;
	transfer_fn *one; /* of a range */
	struct uids *uids;
};

/* Those that are there. ERR_STALE: some are not, and are named by number. */
static enum err note_named(struct imap_command *c, struct store_tx *tx, const struct view *v, struct uids *uids)
{
	const struct copy *copy = c->args;
	struct imap_walk walk = { .set = &copy->set };
	CLEANUP(imap_rows_end)
	struct imap_rows rows = { .walk = &walk, .tx = tx, .view = v, .with = ITEM_SCAN_UIDS };
	bool row = true;

	while (row) {
		struct item item;

		TRY(imap_rows_next(&rows, &item, &row));
		if (!row)
			break;
		imap_set_add(&uids->from_set, &uids->from, item.uid);
		imap_walk_past(&walk, &item);
	}
	imap_set_finish(&uids->from_set, &uids->from);
	TRY(buf_status(&uids->from));
	if (!(c->verb->flags & IMAP_V_UID) && walk.found < imap_count_named(v, &copy->set))
		return ERR_STALE;
	return ERR_OK;
}

static enum err transfer_range(void *ctx, struct imap_range r)
{
	const struct transfer *t = ctx;
	uint32_t first;
	uint64_t n;

	TRY(t->one(t->tx, &(struct item_range){ t->from, r.lo, r.hi }, t->to, &first, &n));
	for (uint64_t i = 0; i < n; i++)
		imap_set_add(&t->uids->to_set, &t->uids->to, first + (uint32_t)i);
	return ERR_OK;
}

static enum err transfer_all(struct imap_command *c, struct store_tx *tx, const struct view *v, int64_t to,
			     transfer_fn *one, struct uids *uids)
{
	const struct copy *copy = c->args;
	struct transfer t = { .tx = tx, .from = v->key.folder, .to = to, .one = one, .uids = uids };

	TRY(note_named(c, tx, v, uids));
	TRY(imap_set_between(&copy->set, 1, v->key.uid_next - 1, transfer_range, &t));
	imap_set_finish(&uids->to_set, &uids->to);
	return buf_status(&uids->to);
}

static enum err transfer_in(struct imap_command *c, struct arena *a, transfer_fn *one, struct uids *uids,
			    uint32_t *ret_validity)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct imap_session *se = c->se;
	struct copy *copy = c->args;
	struct folder to;
	struct view *v;
	enum err e;

	TRY(imap_resolve(c, &copy->set, c->verb->flags & IMAP_V_UID) == ERR_OK ? ERR_OK : ERR_INVALID);
	TRY(store_begin(se->server->args.store, se->mailbox, STORE_WRITE, &tx));
	TRY(imap_find_folder(a, tx, se, copy->name, &to));
	if (one == item_move_range && to.id == se->selected.view.folder)
		return ERR_DENIED;
	TRY(view_open(se->server->views, tx, &se->selected.view, &v));
	e = transfer_all(c, tx, v, to.id, one, uids);
	view_close(se->server->views, &v);
	TRY(e);
	if (one == item_copy_range)
		TRY(quota_check(tx));
	TRY(store_commit(&tx));
	*ret_validity = to.uid_validity;
	return ERR_OK;
}

static enum imap_next run(struct imap_command *c, struct worker *w, transfer_fn *one)
{
	struct uids uids = { .from = BUF_INIT(UIDS_MAX_BYTES), .to = BUF_INIT(UIDS_MAX_BYTES) };
	uint32_t validity = 0;
	enum err e = transfer_in(c, w->arena, one, &uids, &validity);

	if (e == ERR_NOT_FOUND)
		imap_no(c, "[TRYCREATE] no such mailbox");
	else if (e == ERR_INVALID)
		imap_bad(c, "no such message number");
	else if (e)
		imap_result(c, e, "");
	else if (uids.from.n == 0)
		imap_ok(c, "there was none");
	else if (one == item_copy_range)
		imap_ok(c, "[COPYUID %u " STR_FMT " " STR_FMT "] copied", validity, STR_ARG(buf_view(&uids.from)),
			STR_ARG(buf_view(&uids.to)));
	else {
		/* RFC 6851 4.3: before the EXPUNGEs. */
		imap_line(c->se, "* OK [COPYUID %u " STR_FMT " " STR_FMT "] moved", validity,
			  STR_ARG(buf_view(&uids.from)), STR_ARG(buf_view(&uids.to)));
		imap_ok(c, "moved");
	}
	buf_release(&uids.from);
	buf_release(&uids.to);
	return IMAP_FINISHED;
}

enum imap_next imap_copy(struct imap_command *c, struct worker *w)
{
	return run(c, w, item_copy_range);
}

enum imap_next imap_move(struct imap_command *c, struct worker *w)
{
	if (c->se->selected.read_only)
		return imap_no(c, "[READ-ONLY] the mailbox is selected read-only");
	return run(c, w, item_move_range);
}
