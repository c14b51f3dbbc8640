/* What POP3 asks of the store, on a worker: what is there, its octets, and what QUIT does. */
#include <gateway/pop3/session.h>

#include <base/log.h>
#include <base/mem.h>
#include <store/blob.h>
#include <store/folder.h>
#include <store/item.h>

enum { LIST_PAGE = 1000 };

/* ---- the maildrop ---- */

static void add(struct pop3_session *se, const struct item *item)
{
	if (se->messages_n == se->messages_room) {
		se->messages_room = se->messages_room ? se->messages_room * 2 : 64;
		se->messages = mem_resize(se->messages, se->messages_room * sizeof(*se->messages));
	}
	se->messages[se->messages_n++] =
		(struct pop3_message){ .item = item->id, .size = item->size, .uid = item->uid };
}

static enum err list_pages(struct pop3_session *se, struct store_tx *tx, struct arena *a)
{
	struct item *items;
	uint32_t after = 0;
	size_t n;

	do {
		arena_reset(a);
		TRY(item_list(a, tx, se->folder, after, LIST_PAGE, &items, &n));
		for (size_t i = 0; i < n && se->messages_n < POP3_MAX_MESSAGES; i++)
			if (items[i].blob)
				add(se, &items[i]);
		after = n ? items[n - 1].uid : after;
	} while (n == LIST_PAGE && se->messages_n < POP3_MAX_MESSAGES);
	return ERR_OK;
}

static enum err list(struct pop3_session *se, struct arena *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder folder;

	TRY(store_begin(se->server->store, se->mailbox, STORE_READ, &tx));
	TRY(folder_by_role(tx, FOLDER_INBOX, &se->folder));
	TRY(folder_get(a, tx, se->folder, &folder));
	se->uid_validity = folder.uid_validity;
	return list_pages(se, tx, a);
}

/* ---- a message ---- */

static enum err read_piece(struct pop3_session *se)
{
	char octets[POP3_PIECE_BYTES];
	size_t got;

	TRY(store_blob_read(se->blob, se->off, octets, sizeof(octets), &got));
	se->off += got;
	se->piece_ends = pop3_wire_put(&se->wire, str_from(octets, got), &se->piece) || got < sizeof(octets);
	if (se->piece_ends) {
		pop3_wire_end(&se->wire, &se->piece);
		store_blob_close(&se->blob);
	}
	return buf_status(&se->piece);
}

/* The message that the session listed. One with another uid was written again since: the client has not seen that. */
static enum err get_same(struct arena *a, struct store_tx *tx, int64_t folder, const struct pop3_message *m,
			 struct item *ret)
{
	TRY(item_get(a, tx, folder, m->item, ret));
	return ret->uid == m->uid ? ERR_OK : ERR_NOT_FOUND;
}

static enum err open_message(struct pop3_session *se, struct arena *a, struct store_tx *tx,
			     const struct pop3_message *m, struct store_blob **ret)
{
	struct item item;

	TRY(get_same(a, tx, se->folder, m, &item));
	return store_blob_open(tx, item.blob, ret);
}

/* Appends a small message as it goes out. */
static enum err put_whole(struct pop3_session *se, struct arena *a, struct store_tx *tx, const struct pop3_message *m)
{
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	struct pop3_wire wire = pop3_wire_all();
	char octets[POP3_AHEAD_BYTES];
	size_t got;

	TRY(open_message(se, a, tx, m, &blob));
	if (store_blob_size(blob) > sizeof(octets))
		return ERR_LIMIT;
	TRY(store_blob_read(blob, 0, octets, sizeof(octets), &got));
	(void)pop3_wire_put(&wire, str_from(octets, got), &se->ahead_octets);
	pop3_wire_end(&wire, &se->ahead_octets);
	return buf_status(&se->ahead_octets);
}

/* The next ones are most likely asked for next. What can't be read now is read when it is asked for, and says why. */
static void read_ahead(struct pop3_session *se, struct arena *a, struct store_tx *tx)
{
	size_t number = se->number;

	while (number < se->messages_n && se->ahead_n < POP3_AHEAD_MESSAGES && se->ahead_octets.n < POP3_PIECE_BYTES) {
		const struct pop3_message *m = &se->messages[number++];
		size_t from = se->ahead_octets.n;

		if (m->size > POP3_AHEAD_BYTES || m->marks & POP3_DELETED)
			return;
		if (put_whole(se, a, tx, m)) {
			buf_truncate(&se->ahead_octets, from);
			return;
		}
		se->ahead[se->ahead_n++] = (struct pop3_ahead){ number, from, se->ahead_octets.n };
	}
}

static enum err fetch(struct pop3_session *se, struct arena *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(se->server->store, se->mailbox, STORE_READ, &tx));
	TRY(open_message(se, a, tx, &se->messages[se->number - 1], &se->blob));
	se->off = 0;
	TRY(read_piece(se));
	if (se->piece_ends && !se->wire.top)
		read_ahead(se, a, tx);
	return ERR_OK;
}

/* ---- QUIT ---- */

static enum err update_one(struct store_tx *tx, struct arena *a, int64_t folder, const struct pop3_message *m)
{
	const struct item_edit seen = { .what = ITEM_EDIT_FLAGS, .set = ITEM_SEEN };
	const struct author by = AUTHOR_NOBODY;
	struct item item;

	arena_reset(a);
	TRY(get_same(a, tx, folder, m, &item));
	if (m->marks & POP3_DELETED)
		return item_expunge(tx, folder, m->item, &by);
	return item_update(tx, folder, m->item, &seen, &by);
}

/* From *at on, one transaction's worth. */
static enum err update_batch(struct pop3_session *se, struct arena *a, size_t *at)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(se->server->store, se->mailbox, STORE_WRITE, &tx));
	for (size_t n = 0; *at < se->messages_n && n < POP3_BATCH; ++*at) {
		enum err e;

		if (!se->messages[*at].marks)
			continue;
		e = update_one(tx, a, se->folder, &se->messages[*at]);
		if (e && e != ERR_NOT_FOUND) /* that one: another client was faster */
			return e;
		n++;
	}
	return store_commit(&tx);
}

static enum err update(struct pop3_session *se, struct arena *a)
{
	for (size_t at = 0; at < se->messages_n;)
		TRY(update_batch(se, a, &at));
	return ERR_OK;
}

void pop3_work(struct pop3_session *se, struct worker *w)
{
	switch (se->task) {
	case POP3_TASK_LIST:
		se->result = list(se, w->arena);
		break;
	case POP3_TASK_FETCH:
		se->result = fetch(se, w->arena);
		break;
	case POP3_TASK_PIECE:
		se->result = read_piece(se);
		break;
	case POP3_TASK_UPDATE:
		se->result = update(se, w->arena);
		break;
	}
	if (se->result) {
		store_blob_close(&se->blob);
		buf_release(&se->piece);
	}
	if (se->result && se->result != ERR_NOT_FOUND)
		log_warn("pop3_store", "mailbox=%lld error=%s", (long long)se->mailbox,
			 log_quote(str_of(err_text(se->result))).text);
}
