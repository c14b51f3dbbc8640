/* COPY and MOVE (RFC 9051 6.4.7, 6.4.8), each in one transaction: all or nothing. A moved mail keeps its item. */
#include <gateway/imap/commands.h>

#include <gateway/imap/mails.h>
#include <gateway/imap/tree.h>
#include <store/conversation.h>

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

/* A copy is in the conversation of what it is a copy of. */
static enum err copy_conversation(struct store_tx *tx, const struct item *from, int64_t copy)
{
	struct conversation c = { .index_n = from->conversation_index.n };

	if (from->conversation.n != sizeof(c.id) || c.index_n > sizeof(c.index))
		return ERR_OK;
	memcpy(c.id, from->conversation.p, sizeof(c.id));
	if (c.index_n)
		memcpy(c.index, from->conversation_index.p, c.index_n);
	return conversation_set(tx, copy, &c);
}

/* Same octets, flags and date; what was computed of it comes along. */
static enum err copy_one(struct arena *a, struct store_tx *tx, const struct item *from, int64_t to, uint32_t *ret_uid)
{
	const struct item_new new = { .folder = to,
				      .blob = from->blob,
				      .size = from->size,
				      .key = from->received_ms,
				      .received_ms = from->received_ms,
				      .flags = from->flags,
				      .keywords = from->keywords,
				      .followup = from->followup,
				      .by = AUTHOR_NOBODY };
	struct item_summary summary;
	struct item added;
	enum err e;

	TRY(item_add(tx, &new, &added));
	*ret_uid = added.uid;
	TRY(copy_conversation(tx, from, added.id));
	e = item_summary_get(a, tx, from->id, &summary);
	if (!e)
		e = item_summary_put(tx, added.id, &summary);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err move_one(struct arena *a, struct store_tx *tx, const struct item *from, int64_t to, uint32_t *ret_uid)
{
	enum item_moved moved;
	struct item there;

	TRY(item_move(tx, &(struct item_move){ .from = from->folder, .id = from->id, .to = to }, &moved));
	TRY(item_find(a, tx, from->id, &there));
	*ret_uid = there.uid;
	return ERR_OK;
}

typedef enum err transfer_fn(struct arena *a, struct store_tx *tx, const struct item *from, int64_t to,
			     uint32_t *ret_uid);

enum { PAGE_ROWS = 256, UIDS_MAX_BYTES = 1024 * 1024 };

struct uids {
	struct buf from, to;
	struct imap_set_writer from_set, to_set;
};

static enum err transfer_all(struct imap_command *c, struct arena *a, struct store_tx *tx, const struct view *v,
			     int64_t to, transfer_fn *transfer, struct uids *uids)
{
	const struct copy *copy = c->args;
	struct imap_walk walk = { .set = &copy->set };
	struct item *items;
	size_t n;

	do {
		arena_reset(a);
		TRY(imap_walk_page(&walk, a, tx, v, PAGE_ROWS, &items, &n));
		for (size_t i = 0; i < n; i++) {
			uint32_t uid;

			TRY(transfer(a, tx, &items[i], to, &uid));
			imap_set_add(&uids->from_set, &uids->from, items[i].uid);
			imap_set_add(&uids->to_set, &uids->to, uid);
			imap_walk_past(&walk, &items[i]);
		}
	} while (n == PAGE_ROWS);
	imap_set_finish(&uids->from_set, &uids->from);
	imap_set_finish(&uids->to_set, &uids->to);
	if (!(c->verb->flags & IMAP_V_UID) && walk.found < imap_count_named(v, &copy->set))
		return ERR_STALE;
	return ERR_OK;
}

static enum err transfer_in(struct imap_command *c, struct arena *a, transfer_fn *transfer, struct uids *uids,
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
	if (transfer == move_one && to.id == se->selected.view.folder)
		return ERR_DENIED;
	TRY(view_open(se->server->views, tx, &se->selected.view, &v));
	e = transfer_all(c, a, tx, v, to.id, transfer, uids);
	view_close(se->server->views, &v);
	TRY(e);
	TRY(store_commit(&tx));
	*ret_validity = to.uid_validity;
	return ERR_OK;
}

static enum imap_next run(struct imap_command *c, struct worker *w, transfer_fn *transfer)
{
	struct uids uids = { .from = BUF_INIT(UIDS_MAX_BYTES), .to = BUF_INIT(UIDS_MAX_BYTES) };
	uint32_t validity = 0;
	enum err e = transfer_in(c, w->arena, transfer, &uids, &validity);

	if (e == ERR_NOT_FOUND)
		imap_no(c, "[TRYCREATE] no such mailbox");
	else if (e == ERR_INVALID)
		imap_bad(c, "no such message number");
	else if (e)
		imap_result(c, e, "");
	else if (uids.from.n == 0)
		imap_ok(c, "there was none");
	else if (transfer == copy_one)
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
	return run(c, w, copy_one);
}

enum imap_next imap_move(struct imap_command *c, struct worker *w)
{
	if (c->se->selected.read_only)
		return imap_no(c, "[READ-ONLY] the mailbox is selected read-only");
	return run(c, w, move_one);
}
