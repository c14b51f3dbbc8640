/* roostctl message read, unread, flag, unflag, delete, move: all named messages in one transaction, or none. */
#include <tools/roostctl/folder_path.h>
#include <tools/roostctl/message.h>
#include <tools/roostctl/runs.h>

struct change {
	struct item_edit edit;
	int64_t to;
};

typedef enum err change_fn(struct store_tx *tx, const struct item *item, const struct change *change);

static enum err edit_item(struct store_tx *tx, const struct item *item, const struct change *change)
{
	return item_update(tx, item->folder, item->id, &change->edit, &AUTHOR_NOBODY);
}

static enum err delete_item(struct store_tx *tx, const struct item *item, const struct change *change)
{
	(void)change;
	return item_expunge(tx, item->folder, item->id, &AUTHOR_NOBODY);
}

static enum err move_item(struct store_tx *tx, const struct item *item, const struct change *change)
{
	const struct item_move move = { .from = item->folder, .id = item->id, .to = change->to };
	enum item_moved moved;

	return item->folder == change->to ? ERR_OK : item_move(tx, &move, &moved);
}

static enum status change_one(struct ctl *c, struct store_tx *tx, const char *id_text, change_fn *f,
			      const struct change *change)
{
	struct item item;
	int64_t id;
	enum err e;

	if (!message_id_parse(id_text, &id))
		return STATUS_MISUSED;
	e = item_find(&c->arena, tx, id, &item);
	if (!e)
		e = f(tx, &item, change);
	if (e == ERR_NOT_FOUND) {
		ctl_say("%s: no such message", id_text);
		return STATUS_FAILED;
	}
	return e ? ctl_fail(e, "message %s", id_text) : STATUS_DONE;
}

/* Begins, and finds the folder that is to be moved to. */
static enum status begin(struct ctl *c, const struct args *args, struct store_tx **ret, int64_t *ret_folder)
{
	struct account account;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = store_begin(c->store, account.mailbox, STORE_WRITE, ret);
	if (!e)
		e = folder_path_find(*ret, args->option[OPTION_FOLDER], ret_folder);
	if (!e)
		e = folder_path_is_mail(*ret, *ret_folder);
	if (e == ERR_NOT_FOUND) {
		ctl_say("%s: no such folder", args->option[OPTION_FOLDER]);
		return STATUS_FAILED;
	}
	if (e == ERR_UNSUPPORTED) {
		ctl_say("%s: not a folder of mail", args->option[OPTION_FOLDER]);
		return STATUS_FAILED;
	}
	return e ? ctl_fail(e, "%s", args->word[0]) : STATUS_DONE;
}

static enum status change_all(struct ctl *c, const struct args *args, change_fn *f, struct change change)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum status status = begin(c, args, &tx, &change.to);
	enum err e;

	for (int i = 1; i < args->words_n && status == STATUS_DONE; i++)
		status = change_one(c, tx, args->word[i], f, &change);
	if (status)
		return status;
	e = store_commit(&tx);
	return e ? ctl_fail(e, "%s", args->word[0]) : STATUS_DONE;
}

static enum status change_flags(struct ctl *c, const struct args *args, unsigned set, unsigned clear)
{
	return change_all(c, args, edit_item,
			  (struct change){ .edit = { .what = ITEM_EDIT_FLAGS, .set = set, .clear = clear } });
}

enum status message_run_read(struct ctl *c, const struct args *args)
{
	return change_flags(c, args, ITEM_SEEN, 0);
}

enum status message_run_unread(struct ctl *c, const struct args *args)
{
	return change_flags(c, args, 0, ITEM_SEEN);
}

enum status message_run_flag(struct ctl *c, const struct args *args)
{
	return change_flags(c, args, ITEM_FLAGGED, 0);
}

enum status message_run_unflag(struct ctl *c, const struct args *args)
{
	return change_flags(c, args, 0, ITEM_FLAGGED);
}

enum status message_run_delete(struct ctl *c, const struct args *args)
{
	return change_all(c, args, delete_item, (struct change){ 0 });
}

enum status message_run_move(struct ctl *c, const struct args *args)
{
	return change_all(c, args, move_item, (struct change){ 0 });
}
