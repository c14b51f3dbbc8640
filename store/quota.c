/* Quotas. */
#include <store/quota.h>

#include <store/folder.h>
#include <store/stmt.h>

enum quota_stmt { QUOTA_LIMITS, QUOTA_SET, QUOTA_USED, QUOTA_STMT_MAX_ };
static const struct sql_def quota_sql[] = {
	[QUOTA_LIMITS] = { "quota_limits", "SELECT quota_bytes, quota_messages FROM mailbox WHERE mailbox_id = $1" },
	[QUOTA_SET] = { "quota_set", "UPDATE mailbox SET quota_bytes = $2, quota_messages = $3 WHERE mailbox_id = $1" },
	[QUOTA_USED] = { "quota_used",
			 "SELECT COALESCE(SUM(bytes), 0) + (SELECT part_bytes FROM mailbox WHERE mailbox_id = $1),"
			 " COALESCE(SUM(total), 0) FROM folder WHERE mailbox_id = $1"
			 " AND class = $2 AND deleted_change = 0" },
};
static_assert(countof(quota_sql) == QUOTA_STMT_MAX_, "one text per statement");

static enum err read(struct store_tx *tx, enum quota_stmt which, struct stmt_args args, struct quota *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &quota_sql[which], args, &st));
	TRY(sql_one(st));
	*ret = (struct quota){ .bytes = sql_u64(st, 0), .messages = sql_u64(st, 1) };
	return ERR_OK;
}

enum err quota_limits(struct store_tx *tx, struct quota *ret)
{
	return read(tx, QUOTA_LIMITS, (struct stmt_args){ 0 }, ret);
}

enum err quota_used(struct store_tx *tx, struct quota *ret)
{
	return read(tx, QUOTA_USED, ARGS(FOLDER_MAIL), ret);
}

enum err quota_set(struct store_tx *tx, const struct quota *limits)
{
	if (limits->bytes > QUOTA_MAX_BYTES || limits->messages > QUOTA_MAX_MESSAGES)
		return ERR_INVALID;
	return stmt_run(tx, &quota_sql[QUOTA_SET], ARGS(num(limits->bytes), num(limits->messages)));
}

/* With so much added to it. */
static enum err check(struct store_tx *tx, uint64_t bytes, uint64_t messages)
{
	struct quota limits, used;

	TRY(quota_limits(tx, &limits));
	if (limits.bytes == 0 && limits.messages == 0)
		return ERR_OK;
	if (limits.bytes && bytes > limits.bytes)
		return ERR_LIMIT;
	TRY(quota_used(tx, &used));
	return (limits.bytes && used.bytes + bytes > limits.bytes) ||
			       (limits.messages && used.messages + messages > limits.messages)
		       ? ERR_QUOTA
		       : ERR_OK;
}

enum err quota_check(struct store_tx *tx)
{
	return check(tx, 0, 0);
}

enum err quota_room_beside(struct store_tx *tx, uint64_t bytes)
{
	struct quota limits, used;

	TRY(quota_limits(tx, &limits));
	if (limits.bytes == 0)
		return ERR_OK;
	TRY(quota_used(tx, &used));
	return used.bytes + bytes > limits.bytes ? ERR_QUOTA : ERR_OK;
}

enum err quota_room(struct store_tx *tx, uint64_t bytes)
{
	return check(tx, bytes, 1);
}
