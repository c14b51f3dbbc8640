/*
 * FETCH: rows in pages, answers in slices. What a slice leaves behind is a cursor, and where a body is being sent the
 * message's open blob.
 */
#include <gateway/imap/commands.h>

#include <gateway/content/imap_shape.h>
#include <gateway/imap/date.h>
#include <gateway/imap/fetch_body.h>
#include <gateway/imap/flags.h>
#include <gateway/imap/mails.h>
#include <gateway/mailbox/message.h>
#include <store/blob_shape.h>
#include <store/folder.h>

#include <assert.h>

enum { PAGE_ROWS = 4096, SEEN_PAGE_ROWS = 32, TEXT_MAX_BYTES = 32 * 1024 * 1024 };

struct fetch {
	struct imap_fetch_args *args;
	bool begun, missing;
	struct view *view;
	struct imap_walk walk;
	struct imap_pieces pieces;
	struct message sending; /* of the pieces */
};

void imap_fetch_parse(struct imap_in *in, struct imap_command *c)
{
	struct fetch *f = arena_new(&c->arena, struct fetch);

	c->args = f;
	if (f)
		f->args = in_fetch(in);
	if (!f || !f->args)
		return;
	f->pieces.list = arena_array(&c->arena, IMAP_MAX_FETCH_ITEMS, sizeof(*f->pieces.list));
	f->pieces.text = BUF_INIT(TEXT_MAX_BYTES);
	if (!f->pieces.list)
		in_fail(in, "too much to keep");
	if (f->args->vanished && (!imap_has(c->se, IMAP_QRESYNC) || !f->args->changed_since))
		in_fail(in, "VANISHED needs QRESYNC and CHANGEDSINCE");
}

void imap_fetch_release(struct imap_command *c)
{
	struct fetch *f = c->args;

	if (!f)
		return;
	view_close(c->se->server->views, &f->view);
	message_close(&f->sending);
	buf_release(&f->pieces.text);
}

/* ---- one mail ---- */

struct mail {
	struct imap_session *se;
	struct fetch *f;
	struct arena *arena;
	const struct item *item;
	const struct item_scan *scan; /* at its row */
	struct store_tx *tx;
	struct message message;  /* opened where something needs it */
	struct str octets;       /* of a message that is read out of the walk */
	struct imap_shape shape; /* where something needs it */
	struct buf *out;
};

static bool asks_for_flags_alone(const struct imap_fetch_args *args)
{
	for (size_t i = 0; i < args->n; i++)
		if (args->items[i].kind != IMAP_FETCH_UID && args->items[i].kind != IMAP_FETCH_FLAGS &&
		    args->items[i].kind != IMAP_FETCH_MODSEQ)
			return false;
	return true;
}

/* What the walk has to bring. Where mails may be passed over it brings nothing that would then be read for nobody. */
static enum item_scan_with walk_with(const struct imap_fetch_args *args)
{
	if (asks_for_flags_alone(args))
		return ITEM_SCAN_FLAGS;
	if (args->changed_since)
		return ITEM_SCAN_ROWS;
	if (args->shapes)
		return ITEM_SCAN_SHAPES;
	if (args->decodes)
		return ITEM_SCAN_ROWS;
	return args->opens ? ITEM_SCAN_MESSAGES : args->octets ? ITEM_SCAN_OCTETS : ITEM_SCAN_ROWS;
}

/* Of the walk's row alone. What is not decoded and not larger than that is written at once: nothing of it is kept. */
static bool open_from_walk(struct mail *m)
{
	if (m->f->args->decodes || m->item->size > IMAP_PIECE_DIRECT_MAX)
		return false;
	if (m->f->args->opens)
		return message_of_scan(m->arena, m->scan, &m->octets, &m->message);
	if (!item_scan_octets(m->scan, &m->octets))
		return false;
	m->message.source = mail_source_of_str(&m->octets);
	m->message.structure.size = m->octets.n;
	return true;
}

static enum err open_message(struct mail *m)
{
	if (m->message.source.read || open_from_walk(m))
		return ERR_OK;
	return message_open(m->arena, m->tx, m->item, &m->message);
}

/* What is kept of it; where nothing is, or an older maker's, it is made here. */
static enum err read_shape(struct mail *m)
{
	struct blob_shape kept;
	enum err e = item_scan_shape(m->scan, &kept) ? ERR_OK : blob_shape_get(m->arena, m->tx, m->item->blob, &kept);

	if (!e && kept.version == IMAP_SHAPE_VERSION) {
		m->shape = (struct imap_shape){ kept.envelope, kept.structure, kept.fields };
		return ERR_OK;
	}
	if (e && e != ERR_NOT_FOUND)
		return e;
	TRY(open_message(m));
	return imap_shape_make(m->arena, &m->message.source, &m->message.structure, IMAP_SHAPE_TEXT_MAX, &m->shape);
}

static void put_kept(struct buf *text, const char *name, struct str kept)
{
	buf_cstr(text, name);
	buf_str(text, kept);
}

static enum err put_plain_structure(struct mail *m, struct buf *text)
{
	buf_cstr(text, "BODY ");
	return imap_structure_put(m->arena, text, &m->message.source, &m->message.structure, false);
}

static enum err put_section(struct mail *m, const struct imap_fetch_item *what)
{
	if (imap_fetch_is_kept(what) && m->shape.fields.p)
		return imap_put_fields(imap_pieces_text(&m->f->pieces, m->out), what, m->shape.fields);
	TRY(open_message(m));
	return imap_put_section(m->arena, &m->f->pieces, m->out, &m->message.source, &m->message.structure, what);
}

static void put_modseq(const struct mail *m, struct buf *text)
{
	buf_cstr(text, "MODSEQ (");
	buf_u64(text, imap_modseq(m->se->command, m->item->modified));
	buf_char(text, ')');
}

/* The conversation that phones show. */
static void put_thread(const struct item *item, struct buf *text)
{
	if (!item->conversation.n) {
		buf_cstr(text, "THREADID NIL");
		return;
	}
	buf_cstr(text, "THREADID (T");
	buf_hex(text, item->conversation.p, item->conversation.n);
	buf_char(text, ')');
}

static enum err put_item(struct mail *m, const struct imap_fetch_item *what)
{
	struct buf *text = imap_pieces_text(&m->f->pieces, m->out);

	switch (what->kind) {
	case IMAP_FETCH_UID: /* it stands there already */
		return ERR_OK;
	case IMAP_FETCH_FLAGS:
		buf_cstr(text, "FLAGS ");
		imap_put_flags(text, m->item->flags, m->item->keywords);
		return ERR_OK;
	case IMAP_FETCH_DATE:
		buf_cstr(text, "INTERNALDATE ");
		imap_put_date_time(text, m->item->received_ms);
		return ERR_OK;
	case IMAP_FETCH_SAVED:
		buf_cstr(text, "SAVEDATE ");
		imap_put_date_time(text, m->item->saved_ms);
		return ERR_OK;
	case IMAP_FETCH_SIZE:
		buf_cstr(text, "RFC822.SIZE ");
		buf_u64(text, m->item->size);
		return ERR_OK;
	case IMAP_FETCH_MODSEQ:
		put_modseq(m, text);
		return ERR_OK;
	case IMAP_FETCH_EMAILID: /* the same octets of one mailbox are one, also as copies */
		buf_fmt(text, "EMAILID (M%lld)", (long long)m->item->blob);
		return ERR_OK;
	case IMAP_FETCH_THREADID:
		put_thread(m->item, text);
		return ERR_OK;
	case IMAP_FETCH_ENVELOPE:
		put_kept(text, "ENVELOPE ", m->shape.envelope);
		return ERR_OK;
	case IMAP_FETCH_STRUCTURE:
		put_kept(text, "BODYSTRUCTURE ", m->shape.structure);
		return ERR_OK;
	case IMAP_FETCH_STRUCTURE_PLAIN:
		return put_plain_structure(m, text);
	case IMAP_FETCH_PREVIEW:
		buf_cstr(text, "PREVIEW ");
		imap_put_string(text, m->message.summary.preview.p ? m->message.summary.preview : S(""));
		return ERR_OK;
	case IMAP_FETCH_SECTION:
		return put_section(m, what);
	case IMAP_FETCH_BINARY:
	case IMAP_FETCH_BINARY_SIZE:
		return imap_put_binary(m->arena, &m->f->pieces, m->out, &m->message.source, &m->message.structure,
				       what);
	case IMAP_FETCH_KIND_MAX_:
		break;
	}
	return ERR_INVALID;
}

static bool asks_for(const struct imap_fetch_args *args, enum imap_fetch_kind kind)
{
	for (size_t i = 0; i < args->n; i++)
		if (args->items[i].kind == kind)
			return true;
	return false;
}

/* The UID always comes first: UID FETCH must tell it, and elsewhere it costs nobody anything. */
static void put_begin(struct mail *m)
{
	bool by_uid = imap_has(m->se, IMAP_UIDONLY);

	buf_cstr(m->out, "* ");
	buf_u64(m->out, by_uid ? m->item->uid : view_seq(m->f->view, m->item->uid));
	buf_cstr(m->out, by_uid ? " UIDFETCH (UID " : " FETCH (UID ");
	buf_u64(m->out, m->item->uid);
}

static enum err put_items(struct mail *m, bool now_seen)
{
	const struct imap_fetch_args *args = m->f->args;

	put_begin(m);
	for (size_t i = 0; i < args->n; i++) {
		if (args->items[i].kind == IMAP_FETCH_UID)
			continue;
		buf_char(imap_pieces_text(&m->f->pieces, m->out), ' ');
		TRY(put_item(m, &args->items[i]));
	}
	if (now_seen && !asks_for(args, IMAP_FETCH_FLAGS)) {
		buf_cstr(imap_pieces_text(&m->f->pieces, m->out), " FLAGS ");
		imap_put_flags(imap_pieces_text(&m->f->pieces, m->out), m->item->flags, m->item->keywords);
	}
	if ((args->modseq || (now_seen && imap_has(m->se, IMAP_CONDSTORE))) && !asks_for(args, IMAP_FETCH_MODSEQ)) {
		buf_char(imap_pieces_text(&m->f->pieces, m->out), ' ');
		put_modseq(m, imap_pieces_text(&m->f->pieces, m->out));
	}
	buf_cstr(imap_pieces_text(&m->f->pieces, m->out), ")\r\n");
	return buf_status(m->out);
}

/* ---- a page ---- */

/* The mails of a page that are marked as seen before they are read. */
struct marks {
	uint32_t seen[SEEN_PAGE_ROWS]; /* UIDs of those that were not, ascending */
	size_t n;
	uint32_t last; /* UID of the page's last one */
};

static enum err mark_seen(struct imap_session *se, const struct item *items, size_t n, struct marks *marks)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct item_edit edit = { .what = ITEM_EDIT_FLAGS, .set = ITEM_SEEN };
	uint64_t change, head = 0;

	for (size_t i = 0; i < n; i++) {
		enum err e;

		if (items[i].flags & ITEM_SEEN)
			continue;
		if (!tx) {
			TRY(store_begin(se->server->args.store, se->mailbox, STORE_WRITE, &tx));
			TRY(folder_head(tx, se->selected.view.folder, &head));
		}
		e = item_update(tx, se->selected.view.folder, items[i].id, &edit, &AUTHOR_NOBODY);
		if (e == ERR_NOT_FOUND)
			continue; /* since the page was read */
		TRY(e);
		marks->seen[marks->n++] = items[i].uid;
	}
	if (marks->n == 0)
		return ERR_OK;
	TRY(store_change_number(tx, &change));
	TRY(store_commit(&tx));
	imap_note_own(se, change, head);
	return ERR_OK;
}

static enum err mark_page(struct imap_command *c, struct arena *a, struct marks *marks)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct imap_session *se = c->se;
	struct fetch *f = c->args;
	struct item *items;
	size_t n;

	TRY(store_begin(se->server->args.store, se->mailbox, STORE_READ, &tx));
	TRY(imap_walk_page(&f->walk, a, tx, f->view, SEEN_PAGE_ROWS, &items, &n));
	TRY(store_commit(&tx));
	if (n == SEEN_PAGE_ROWS)
		marks->last = items[n - 1].uid;
	return mark_seen(se, items, n, marks);
}

static bool was_marked(const struct marks *marks, uint32_t uid)
{
	for (size_t i = 0; i < marks->n; i++)
		if (marks->seen[i] == uid)
			return true;
	return false;
}

/* One mail's answer. ERR_LIMIT in its arena or elsewhere: the answer is taken back, and the command goes on. */
static enum err answer_mail(struct mail *m, bool now_seen)
{
	size_t before = m->out->n;
	enum err e = ERR_OK;

	if (m->f->args->opens)
		e = open_message(m);
	if (!e && m->f->args->shapes)
		e = read_shape(m);
	if (!e)
		e = put_items(m, now_seen);
	if (e) {
		buf_truncate(m->out, before);
		m->f->pieces.n = 0;
		buf_clear(&m->f->pieces.text);
	}
	assert(m->f->pieces.n == 0 || m->message.blob);
	if (m->f->pieces.n)
		m->f->sending = m->message;
	else
		message_close(&m->message);
	return e;
}

static enum err answer_row(struct imap_command *c, struct worker *w, const struct imap_rows *rows,
			   const struct item *item, const struct marks *marks)
{
	struct fetch *f = c->args;
	struct mail m = { .se = c->se,
			  .f = f,
			  .arena = w->arena,
			  .item = item,
			  .scan = &rows->scan,
			  .tx = rows->tx,
			  .out = &c->se->out };
	enum err e = ERR_OK;

	arena_reset(w->arena);
	if (item->modified > f->args->changed_since)
		e = answer_mail(&m, was_marked(marks, item->uid));
	if (e == ERR_BUSY || e == ERR_UNSUPPORTED)
		return e;
	imap_walk_past(&f->walk, item);
	f->missing = f->missing || e;
	return ERR_OK;
}

/* Rows from the cursor on, until there is enough, a body waits to be sent, or they are spent (*ret_end). */
static enum err answer_page(struct imap_command *c, struct worker *w, bool *ret_end)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(imap_rows_end) struct imap_rows rows = { 0 };
	struct imap_session *se = c->se;
	struct fetch *f = c->args;
	struct marks marks = { .last = UINT32_MAX };
	bool row = true;

	if (f->args->sets_seen && !se->selected.read_only)
		TRY(mark_page(c, w->arena, &marks));
	TRY(store_begin(se->server->args.store, se->mailbox, STORE_READ, &tx));
	rows = (struct imap_rows){ .walk = &f->walk, .tx = tx, .view = f->view, .with = walk_with(f->args) };
	for (size_t i = 0; row && i < PAGE_ROWS && se->out.n < IMAP_SLICE_BYTES && !f->pieces.n; i++) {
		struct item item;

		TRY(imap_rows_next(&rows, &item, &row));
		if (!row || item.uid > marks.last)
			break;
		TRY(answer_row(c, w, &rows, &item, &marks));
	}
	*ret_end = !row;
	return ERR_OK;
}

static enum err begin(struct imap_command *c, bool uid)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct imap_session *se = c->se;
	struct fetch *f = c->args;
	const struct view_key *key = &se->selected.view;

	TRY(imap_resolve(c, &f->args->set, uid));
	TRY(store_begin(se->server->args.store, se->mailbox, STORE_READ, &tx));
	TRY(view_open(se->server->views, tx, key, &f->view));
	if (f->args->modseq)
		se->enabled |= IMAP_CONDSTORE;
	if (f->args->vanished)
		TRY(imap_tell_missed(c, tx, f->args->changed_since, &f->args->set, false));
	if (f->args->paged)
		TRY(imap_set_page(&c->arena, f->view, &f->args->set, f->args->page_from, f->args->page_to));
	f->walk.set = &f->args->set;
	f->begun = true;
	return ERR_OK;
}

static enum imap_next end(struct imap_command *c, bool uid)
{
	struct fetch *f = c->args;

	if (!uid && (f->missing || f->walk.found < imap_count_named(f->view, &f->args->set)))
		return imap_no(c, "[EXPUNGEISSUED] some of these have been expunged");
	if (f->missing)
		return imap_no(c, "[SERVERBUG] some could not be read");
	return imap_ok(c, "fetched");
}

enum imap_next imap_fetch(struct imap_command *c, struct worker *w)
{
	bool uid = c->verb->flags & IMAP_V_UID, rows_end = false, sent = true;
	struct imap_session *se = c->se;
	struct fetch *f = c->args;
	enum err e = f->begun ? ERR_OK : begin(c, uid);

	if (e == ERR_INVALID)
		return imap_bad(c, "no such message number");
	while (!e && se->out.n < IMAP_SLICE_BYTES) {
		if (f->pieces.n) {
			e = imap_pieces_pump(&f->pieces, &f->sending.source, &se->out, IMAP_SLICE_BYTES, &sent);
			if (e)
				c->bye = true; /* a literal has been promised that can't be given */
			if (!e && sent)
				message_close(&f->sending);
			if (!sent)
				break;
			continue;
		}
		if (rows_end)
			return end(c, uid);
		arena_reset(w->arena);
		e = answer_page(c, w, &rows_end);
	}
	if (e == ERR_UNSUPPORTED)
		return imap_no(c, "[UNKNOWN-CTE] its encoding is unknown");
	return e ? imap_result(c, e, "") : IMAP_AGAIN;
}
