/* Which meetings were declined. */
#include <store/declined.h>

#include <store/queue.h>
#include <store/stmt.h>

enum declined_stmt { DECLINED_GET, DECLINED_PUT, DECLINED_TRIM, DECLINED_FORGET, DECLINED_STMT_MAX_ };
static const struct sql_def declined_sql[] = {
	[DECLINED_GET] = { "declined_get", "SELECT sequence, stamp_ms, answered_ms FROM declined"
					   " WHERE mailbox_id = $1 AND name = $2" },
	[DECLINED_PUT] = { "declined_put", "INSERT OR REPLACE INTO declined (mailbox_id, name, sequence, stamp_ms,"
					   " answered_ms) VALUES ($1, $2, $3, $4, $5)" },
	[DECLINED_TRIM] = { "declined_trim", "DELETE FROM declined WHERE mailbox_id = $1 AND name IN (SELECT name FROM"
					     " declined WHERE mailbox_id = $1 ORDER BY answered_ms DESC, name"
					     " LIMIT -1 OFFSET $2)" },
	[DECLINED_FORGET] = { "declined_forget", "DELETE FROM declined WHERE mailbox_id = $1 AND name = $2" },
};
static_assert(countof(declined_sql) == DECLINED_STMT_MAX_, "one text per statement");

static enum err open_by_name(struct store_tx *tx, enum declined_stmt which, struct declined_event event,
			     struct queue_name *name, struct sql_stmt **ret)
{
	const struct str parts[] = { event.uid, str_from(&event.instance_ms, sizeof(event.instance_ms)) };

	TRY(queue_name_derive("declined", parts, countof(parts), name));
	TRY(stmt_open(tx, &declined_sql[which], NO_ARGS, ret));
	sql_bind_blob(*ret, 2, str_from(name->octets, QUEUE_NAME_SIZE));
	return ERR_OK;
}

enum err declined_get(struct store_tx *tx, struct declined_event event, struct declined *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct queue_name name;

	TRY(open_by_name(tx, DECLINED_GET, event, &name, &st));
	TRY(sql_one(st));
	*ret = (struct declined){ .sequence = sql_i64(st, 0),
				  .stamp_ms = sql_i64(st, 1),
				  .answered_ms = sql_i64(st, 2) };
	return ERR_OK;
}

enum err declined_put(struct store_tx *tx, struct declined_event event, const struct declined *d)
{
	struct queue_name name;
	struct sql_stmt *st;

	TRY(open_by_name(tx, DECLINED_PUT, event, &name, &st));
	sql_bind_i64(st, 3, d->sequence);
	sql_bind_i64(st, 4, d->stamp_ms);
	sql_bind_i64(st, 5, d->answered_ms);
	TRY(sql_run(st));
	return stmt_run(tx, &declined_sql[DECLINED_TRIM], ARGS(DECLINED_MAX));
}

enum err declined_forget(struct store_tx *tx, struct declined_event event)
{
	struct queue_name name;
	struct sql_stmt *st;

	TRY(open_by_name(tx, DECLINED_FORGET, event, &name, &st));
	return sql_run(st);
}
