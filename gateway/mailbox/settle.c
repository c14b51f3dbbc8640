/* The sender's part of what was sent: the copy in Sent Items, the mark on what was answered, the draft that goes, the recipients. */
#include <gateway/mailbox/send.h>

#include <base/mem.h>
#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/recipients.h>
#include <store/account.h>
#include <store/folder.h>

#include <stdlib.h>

enum {
	ARENA_BYTES = 64 * 1024,
	HEADER_BYTES = 64 * 1024, /* that names are looked for in */
};

enum { VERB_FORWARD = 3 }; /* MS-ASEMAIL LastVerbExecuted; 1 and 2 are replies */

static enum err mailbox_of(const struct send_service *service, int64_t account, int64_t *ret)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account found;

	TRY(store_begin(service->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_get(&a, tx, account, &found));
	*ret = found.mailbox;
	return ERR_OK;
}

static enum err is_settled(const struct send_service *service, int64_t mailbox, const struct queue_entry *entry,
			   bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(service->store, mailbox, STORE_READ, &tx));
	return queue_step_known(tx, entry, QUEUE_STEP_SETTLED, ret);
}

static enum err open_octets(const struct send_service *service, const struct queue_entry *entry,
			    struct store_blob **ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(service->store, STORE_DIRECTORY, STORE_READ, &tx));
	return store_blob_open(tx, entry->blob, ret);
}

/* The message as its author wrote it: with Bcc. */
static enum err take_copy(const struct send_service *service, const struct queue_entry *entry, struct intake *in)
{
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;

	TRY(open_octets(service, entry, &blob));
	TRY(intake_put(in, entry->own_header));
	TRY(intake_put_blob(in, blob));
	return intake_finish(in);
}

static enum err add_copy(struct store_tx *tx, struct intake *in, struct store_blob_writer *blob, int64_t now)
{
	struct intake_item item = { .received_ms = now, .flags = ITEM_SEEN };
	int64_t id;

	TRY(folder_by_role(tx, FOLDER_SENT, &item.folder));
	return intake_add(in, tx, blob, &item, &id);
}

/* What was answered may be gone by now. */
static enum err mark_source(struct store_tx *tx, const struct queue_entry *entry)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	const struct item_edit edit = { .what = ITEM_EDIT_FLAGS | ITEM_EDIT_VERB,
					.set = entry->verb == VERB_FORWARD ? ITEM_FORWARDED : ITEM_ANSWERED,
					.verb = entry->verb,
					.verb_ms = entry->created_ms };
	struct item item;

	enum err e = item_find(&a, tx, entry->source_item, &item);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	return item_update(tx, item.folder, item.id, &edit, &AUTHOR_NOBODY);
}

static enum err remove_draft(struct store_tx *tx, const struct queue_entry *entry)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct item item;

	enum err e = item_find(&a, tx, entry->draft_item, &item);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	return item_expunge(tx, item.folder, item.id, &AUTHOR_NOBODY);
}

/* The beginning of the message, as its author wrote it. */
static enum err read_header(const struct send_service *service, const struct queue_entry *entry, struct buf *out)
{
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	char *piece = mem_alloc(HEADER_BYTES);
	enum err e = open_octets(service, entry, &blob);
	size_t got = 0;

	buf_str(out, entry->own_header);
	if (!e)
		e = store_blob_read(blob, 0, piece, HEADER_BYTES, &got);
	if (!e)
		buf_put(out, piece, got);
	free(piece);
	return e ? e : buf_status(out);
}

/* in, blob: NULL where no copy is wanted. */
static enum err settle(const struct send_service *service, int64_t mailbox, const struct queue_entry *entry,
		       struct intake *in, struct store_blob_writer *blob)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(entry->own_header.n + HEADER_BYTES);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	bool known;

	TRY(read_header(service, entry, &header));
	TRY(store_begin(service->store, mailbox, STORE_WRITE, &tx));
	TRY(queue_step_known(tx, entry, QUEUE_STEP_SETTLED, &known));
	if (known)
		return ERR_OK;
	if (in)
		TRY(add_copy(tx, in, blob, entry->created_ms));
	if (entry->source_item)
		TRY(mark_source(tx, entry));
	if (entry->draft_item)
		TRY(remove_draft(tx, entry));
	TRY(recipients_note(tx, entry, buf_view(&header), entry->created_ms));
	TRY(queue_step_note(tx, entry, QUEUE_STEP_SETTLED));
	return store_commit(&tx);
}

static enum err settle_with_copy(const struct send_service *service, int64_t mailbox, const struct queue_entry *entry)
{
	CLEANUP(intake_free) struct intake *in = NULL;
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *blob = NULL;

	TRY(intake_new(service->state_dir, UINT64_MAX, &in));
	TRY(take_copy(service, entry, in));
	TRY(intake_store(in, service->store, mailbox, &blob));
	return settle(service, mailbox, entry, in, blob);
}

enum err send_settle(const struct send_service *service, const struct queue_entry *entry)
{
	int64_t mailbox;
	bool done;

	enum err e = mailbox_of(service, entry->account, &mailbox);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	TRY(is_settled(service, mailbox, entry, &done));
	if (done)
		return ERR_OK;
	if (entry->flags & QUEUE_SAVE_SENT)
		return settle_with_copy(service, mailbox, entry);
	return settle(service, mailbox, entry, NULL, NULL);
}
