/* Items that left a folder: the rows by which feeds and IMAP learn of it, and moves, which leave one and arrive. */
#include <store/conversation_key.h>
#include <store/folder_rows.h>
#include <store/item_rows.h>

enum gone_stmt {
	GONE_INSERT,
	GONE_MOVED_TO,
	GONE_UNMARK,
	GONE_IS_MARKED,
	GONE_ARRIVE,
	GONE_REMARK_ITEM,
	GONE_REMARK,
	GONE_STMT_MAX_
};
static const struct sql_def gone_sql[] = {
	/* Twice in one transaction is one departure more under the same number: told once. */
	[GONE_INSERT] = { "gone_insert",
			  "INSERT INTO expunged (mailbox_id, folder_id, expunged_change, item_id, uid, created_change,"
			  " created_by, expunged_by, moved_by, moved_to_folder, imap_only, expunged_ms, flags)"
			  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING" },
	[GONE_MOVED_TO] = { "gone_moved_to",
			    "SELECT moved_to_folder FROM expunged"
			    " WHERE mailbox_id = $1 AND item_id = $3 AND folder_id = $2 AND moved_to_folder > 0"
			    " ORDER BY expunged_change DESC, uid DESC LIMIT 1" },
	[GONE_UNMARK] = { "gone_unmark",
			  "UPDATE expunged SET expunged_change = $5, expunged_by = 0"
			  " WHERE mailbox_id = $1 AND item_id = $3 AND folder_id = $2 AND expunged_by = $4" },
	[GONE_IS_MARKED] = { "gone_is_marked",
			     "SELECT COUNT(*) FROM expunged"
			     " WHERE mailbox_id = $1 AND item_id = $3 AND folder_id = $2 AND expunged_by = $4" },
	[GONE_ARRIVE] = { "gone_arrive",
			  "UPDATE item SET folder_id = $3, uid = $4, created_change = $5, modified_change = $5,"
			  " created_by = 0, modified_by = 0, conversation_key = NULL, moved_by = $6, saved_ms = $7 "
			  "WHERE mailbox_id = $1 AND "
			  "item_id = $2" },
	[GONE_REMARK_ITEM] = { "gone_remark_item", "UPDATE item SET created_by = $4"
						   " WHERE mailbox_id = $1 AND item_id = $2 AND created_change = $3" },
	[GONE_REMARK] = { "gone_remark", "UPDATE expunged SET created_by = $4"
					 " WHERE mailbox_id = $1 AND item_id = $2 AND created_change = $3" },
};
static_assert(countof(gone_sql) == GONE_STMT_MAX_, "one text per statement");

enum err item_gone_put(struct store_tx *tx, const struct item_gone *gone)
{
	const struct item *was = gone->was;
	uint64_t number;

	TRY(store_change_number(tx, &number));
	return stmt_run(tx, &gone_sql[GONE_INSERT],
			ARGS(was->folder, num(number), was->id, was->uid, num(was->created), was->created_by,
			     gone->expunged_by, was->moved_by, gone->moved_to, gone->imap_only,
			     clock_wall_ms(store_tx_clock(tx)), was->flags));
}

enum err item_gone_tell(struct store_tx *tx, int64_t folder, int64_t id)
{
	const struct item never = { .folder = folder, .id = id }; /* created 0: at or below every w */

	TRY(item_gone_put(tx, &(struct item_gone){ .was = &never }));
	return folder_touch(tx, &(struct folder_touch){ .folder = folder, .author = STORE_NOBODY });
}

enum err item_gone_unmark(struct store_tx *tx, int64_t folder, int64_t id, int64_t device)
{
	uint64_t number;
	int64_t n;

	TRY(stmt_number(tx, &gone_sql[GONE_IS_MARKED], ARGS(folder, id, device), &n));
	if (n == 0)
		return ERR_OK;
	TRY(store_change_number(tx, &number));
	TRY(stmt_run(tx, &gone_sql[GONE_UNMARK], ARGS(folder, id, device, num(number))));
	return folder_touch(tx, &(struct folder_touch){ .folder = folder, .author = STORE_NOBODY });
}

enum err item_remark(struct store_tx *tx, int64_t id, uint64_t created, int64_t device)
{
	TRY(stmt_run(tx, &gone_sql[GONE_REMARK_ITEM], ARGS(id, num(created), device)));
	return stmt_run(tx, &gone_sql[GONE_REMARK], ARGS(id, num(created), device));
}

/* From where it is into a folder, the same one too: gone there, made here, under its old id. */
static enum err transfer(struct store_tx *tx, const struct item *was, const struct item_move *move)
{
	struct conversation_left left;
	int unread = item_unread(was->flags);
	uint64_t number;
	uint32_t uid;

	TRY(store_change_number(tx, &number));
	TRY(folder_take_uid(tx, move->to, &uid));
	TRY(conversation_key_leaves(tx, was->id, &left));
	TRY(item_gone_put(tx, &(struct item_gone){ .was = was, .expunged_by = move->deleter, .moved_to = move->to }));
	TRY(stmt_run(tx, &gone_sql[GONE_ARRIVE],
		     ARGS(was->id, move->to, uid, num(number), move->mover, clock_wall_ms(store_tx_clock(tx)))));
	TRY(conversation_key_left(tx, &left));
	TRY(conversation_key_came(tx, was->id));
	TRY(folder_touch(tx, &(struct folder_touch){ was->folder, -1, -unread, move->deleter, -(int64_t)was->size }));
	return folder_touch(tx, &(struct folder_touch){ move->to, 1, unread, STORE_NOBODY, (int64_t)was->size });
}

/* A repeat after a lost answer: the device may or may not have the target, so it is told anew. */
static enum err transfer_again(struct store_tx *tx, const struct item_move *move)
{
	struct item_move again = { .to = move->to, .id = move->id, .mover = move->mover };
	struct item there;
	int64_t to;
	enum err e;

	TRY(stmt_number(tx, &gone_sql[GONE_MOVED_TO], ARGS(move->from, move->id), &to));
	if (to != move->to)
		return ERR_NOT_FOUND;
	e = item_row_get(tx, to, move->id, &there);
	if (e == ERR_NOT_FOUND)
		return item_gone_tell(tx, to, move->id);
	return e ? e : transfer(tx, &there, &again);
}

enum err item_move(struct store_tx *tx, const struct item_move *move, enum item_moved *ret)
{
	struct item was;
	uint64_t head;
	enum err e;

	if (move->from == move->to)
		return ERR_INVALID;
	TRY(folder_head(tx, move->to, &head));
	e = item_row_get(tx, move->from, move->id, &was);
	*ret = e == ERR_NOT_FOUND ? ITEM_MOVED_BEFORE : ITEM_MOVED;
	if (e == ERR_NOT_FOUND)
		return transfer_again(tx, move);
	return e ? e : transfer(tx, &was, move);
}
