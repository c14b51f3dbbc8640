/*
 * MoveItems (MS-ASCMD 2.2.1.12): items from one folder to another of the same class. All moves of a request share a transaction: either
 * the answer tells of each of them, or none was done. There is no key: a phone that missed the answer asks again, and
 * the store knows a move that was done before (sync-engine rule 9).
 */
#include <gateway/activesync/command.h>
#include <gateway/activesync/item_class.h>
#include <gateway/activesync/server_id.h>

#include <store/folder.h>
#include <store/item.h>

enum move_status { /* MS-ASCMD 2.2.3.177.10 */
		   MOVE_BAD_SOURCE = 1,
		   MOVE_BAD_TARGET = 2,
		   MOVE_DONE = 3,
		   MOVE_SAME_FOLDER = 4,
		   MOVE_SEVERAL_TARGETS = 5,
		   MOVE_LOCKED = 7,
};

struct move {
	struct str item, from, to; /* SrcMsgId, SrcFldId, DstFldId */
	unsigned targets;          /* DstFldId elements */
	enum move_status status;
	struct server_id moved; /* MOVE_DONE: what the item is called now */
};

struct moves {
	struct move *list;
	size_t n;
};

/* ---- the request ---- */

static enum err parse_move(struct wbxml_reader *r, struct move *m)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		switch ((unsigned)r->tag) {
		case TAG_MOVE_SRCMSGID:
			e = wbxml_text(r, &m->item);
			break;
		case TAG_MOVE_SRCFLDID:
			e = wbxml_text(r, &m->from);
			break;
		case TAG_MOVE_DSTFLDID:
			m->targets++;
			e = wbxml_text(r, &m->to);
			break;
		default:
			return ERR_INVALID;
		}
	}
	TRY(e);
	return m->item.n && m->item.n <= EAS_MAX_ID_CHARS && m->from.n && m->targets ? ERR_OK : ERR_INVALID;
}

/* ERR_BUSY: the arena is full. */
static enum err parse(struct eas_request *rq, struct moves *ret)
{
	struct wbxml_reader *r = &rq->reader;
	enum err e = ERR_OK;

	ret->list = arena_array(rq->arena, EAS_MAX_MOVES, sizeof(*ret->list));
	if (!ret->list)
		return ERR_BUSY;
	while (wbxml_child(r, &rq->root, &e)) {
		if (r->tag != TAG_MOVE_MOVE || ret->n == EAS_MAX_MOVES) /* MS-ASCMD_R5653 */
			return ERR_INVALID;
		e = parse_move(r, &ret->list[ret->n++]);
	}
	TRY(e);
	return ret->n ? wbxml_done(r) : ERR_INVALID;
}

/* ---- the moves ---- */

/* A folder whose items can be given: not one of others (place.h). */
static enum err find_folder(struct eas_request *rq, struct store_tx *tx, struct str name, int64_t *ret,
			    enum folder_class *ret_class)
{
	struct folder folder;

	TRY(server_id_parse_folder(name, ret));
	TRY(folder_get(rq->arena, tx, *ret, &folder));
	*ret_class = folder.class;
	return item_class_syncs(item_class_of_folder(folder.class, rq->version)) &&
			       folder.role != FOLDER_RECIPIENT_CACHE && !folder.mount_mailbox
		       ? ERR_OK
		       : ERR_NOT_FOUND;
}

static enum err move_item(struct store_tx *tx, struct move *m, const struct item_move *what)
{
	enum item_moved moved;
	enum err e = item_move(tx, what, &moved);

	m->status = e ? MOVE_BAD_SOURCE : MOVE_DONE;
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	TRY(e);
	m->moved = server_id_item(what->to, what->id);
	return ERR_OK;
}

/* An error is the whole request's; what is this move's alone is its status. */
static enum err run_move(struct eas_request *rq, struct store_tx *tx, struct move *m)
{
	struct item_move what = { .mover = rq->device.id };
	enum folder_class from, to;
	int64_t named_in;
	enum err e;

	m->status = MOVE_SEVERAL_TARGETS;
	if (m->targets > 1) /* MS-ASCMD_R4222 */
		return ERR_OK;
	m->status = MOVE_BAD_SOURCE; /* R4207, R4208 */
	e = find_folder(rq, tx, m->from, &what.from, &from);
	if (!e)
		e = server_id_parse_item(m->item, &named_in, &what.id);
	if (!e && named_in != what.from)
		e = ERR_NOT_FOUND;
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	m->status = MOVE_BAD_TARGET; /* R4212 */
	e = find_folder(rq, tx, m->to, &what.to, &to);
	if (!e && from != to)
		e = ERR_NOT_FOUND;
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	m->status = MOVE_SAME_FOLDER; /* R4219 */
	return what.from == what.to ? ERR_OK : move_item(tx, m, &what);
}

static enum err run(struct eas_request *rq, struct moves *moves)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_WRITE, &tx));
	for (size_t i = 0; i < moves->n; i++)
		TRY(run_move(rq, tx, &moves->list[i]));
	return store_commit(&tx);
}

/* ---- the answer ---- */

static void respond(struct eas_request *rq, const struct moves *moves)
{
	struct wbxml_writer w;

	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_MOVE_MOVEITEMS);
	for (size_t i = 0; i < moves->n; i++) {
		const struct move *m = &moves->list[i];

		wbxml_open(&w, TAG_MOVE_RESPONSE);
		wbxml_put_text(&w, TAG_MOVE_SRCMSGID, m->item);
		wbxml_put_u64(&w, TAG_MOVE_STATUS, m->status);
		if (m->status == MOVE_DONE)
			wbxml_put_text(&w, TAG_MOVE_DSTMSGID, str_of(m->moved.text));
		wbxml_close(&w, TAG_MOVE_RESPONSE);
	}
	wbxml_close(&w, TAG_MOVE_MOVEITEMS);
	eas_respond_wbxml(rq, &w);
}

/* MS-ASCMD_R4225: to be tried again; none was done. */
static void respond_locked(struct eas_request *rq, struct moves *moves)
{
	for (size_t i = 0; i < moves->n; i++)
		moves->list[i].status = MOVE_LOCKED;
	respond(rq, moves);
}

void eas_move_items(struct eas_request *rq)
{
	struct moves moves = { 0 };
	enum err e = parse(rq, &moves);

	if (e == ERR_BUSY) {
		eas_respond_err(rq, e);
		return;
	}
	if (e) {
		eas_respond_malformed(rq, EAS_STATUS_INVALID_XML);
		return;
	}
	e = run(rq, &moves);
	if (e == ERR_BUSY)
		respond_locked(rq, &moves);
	else if (e)
		eas_respond_err(rq, e);
	else
		respond(rq, &moves);
}
