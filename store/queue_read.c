/* The queue as it is read: by whoever sends from it, and by administrators. */
#include <store/queue.h>

#include <store/rows.h>
#include <store/sql/sql.h>

#include <assert.h>

#define ENTRY_SELECT                                                                                               \
	"SELECT e.entry_id, e.account_id, e.kind, e.blob_id, e.size, e.flags, e.ret, e.source_item, e.draft_item," \
	" e.verb, e.settled, e.delay_told, e.created_ms, e.expires_ms, e.next_ms, e.finished_ms, e.forget_ms,"     \
	" e.attempts, (SELECT COUNT(*) FROM queue_recipient r WHERE r.entry_id = e.entry_id),"                     \
	" (SELECT COUNT(*) FROM queue_recipient r WHERE r.entry_id = e.entry_id AND r.state = 0),"                 \
	" e.name, e.sender, e.own_header, e.origin, e.envid FROM queue_entry e"

enum read_stmt { READ_GET, READ_RECIPIENTS, READ_DUE, READ_NEXT, READ_LIST, READ_LIST_ALL, READ_STMT_MAX_ };
static const struct sql_def read_sql[] = {
	[READ_GET] = { "queue_get", ENTRY_SELECT " WHERE e.entry_id = $1" },
	[READ_RECIPIENTS] = { "queue_recipients", "SELECT address, orcpt, notify, state, status, reply"
						  " FROM queue_recipient WHERE entry_id = $1 ORDER BY position" },
	[READ_DUE] = { "queue_due", "SELECT entry_id FROM queue_entry WHERE finished_ms = 0 AND next_ms <= $1"
				    " ORDER BY next_ms, entry_id LIMIT $2" },
	[READ_NEXT] = { "queue_next", "SELECT next_ms FROM queue_entry WHERE finished_ms = 0"
				      " ORDER BY next_ms LIMIT 1" },
	[READ_LIST] = { "queue_list", ENTRY_SELECT " WHERE e.entry_id > $1 AND e.finished_ms = 0"
						   " ORDER BY e.entry_id LIMIT $2" },
	[READ_LIST_ALL] = { "queue_list_all", ENTRY_SELECT " WHERE e.entry_id > $1 ORDER BY e.entry_id LIMIT $2" },
};
static_assert(countof(read_sql) == READ_STMT_MAX_, "one text per statement");

static enum err use(struct store_tx *tx, enum read_stmt which, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	return sql_use(store_tx_db(tx), &read_sql[which], ret);
}

static enum err read_entry(struct arena *a, const struct sql_stmt *st, struct queue_entry *ret)
{
	*ret = (struct queue_entry){
		.id = sql_i64(st, 0),
		.account = sql_i64(st, 1),
		.kind = (enum queue_kind)sql_i64(st, 2),
		.blob = sql_i64(st, 3),
		.size = sql_u64(st, 4),
		.flags = (unsigned)sql_i64(st, 5),
		.ret = (enum queue_ret)sql_i64(st, 6),
		.source_item = sql_i64(st, 7),
		.draft_item = sql_i64(st, 8),
		.verb = (int)sql_i64(st, 9),
		.settled = sql_i64(st, 10) != 0,
		.delay_told = sql_i64(st, 11) != 0,
		.created_ms = sql_i64(st, 12),
		.expires_ms = sql_i64(st, 13),
		.next_ms = sql_i64(st, 14),
		.finished_ms = sql_i64(st, 15),
		.forget_ms = sql_i64(st, 16),
		.attempts = (unsigned)sql_i64(st, 17),
		.recipients_n = (size_t)sql_u64(st, 18),
		.pending_n = (size_t)sql_u64(st, 19),
	};
	struct str *const texts[] = { &ret->sender, &ret->own_header, &ret->origin, &ret->envid };
	struct str name = sql_str(st, 20);

	if (name.n != QUEUE_NAME_SIZE)
		return ERR_CORRUPT;
	memcpy(ret->name.octets, name.p, name.n);
	for (size_t i = 0; i < countof(texts); i++)
		TRY(arena_str(a, sql_str(st, 21 + (int)i), texts[i]));
	return ERR_OK;
}

static enum err read_recipient(struct arena *a, const struct sql_stmt *st, struct queue_recipient *ret)
{
	*ret = (struct queue_recipient){ .notify = (unsigned)sql_i64(st, 2),
					 .state = (enum queue_state)sql_i64(st, 3) };
	TRY(arena_str(a, sql_str(st, 0), &ret->address));
	TRY(arena_str(a, sql_str(st, 1), &ret->orcpt));
	TRY(arena_str(a, sql_str(st, 4), &ret->status));
	return arena_str(a, sql_str(st, 5), &ret->reply);
}

ROWS_READER(read_all_recipients, struct queue_recipient, read_recipient)

static enum err read_recipients(struct arena *a, struct store_tx *tx, struct queue_entry *entry)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, READ_RECIPIENTS, &st));
	sql_bind_i64(st, 1, entry->id);
	return read_all_recipients(a, st, &entry->recipients, &entry->recipients_n);
}

enum err queue_get(struct arena *a, struct store_tx *tx, int64_t id, struct queue_entry *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, READ_GET, &st));
	sql_bind_i64(st, 1, id);
	TRY(sql_one(st));
	TRY(read_entry(a, st, ret));
	return read_recipients(a, tx, ret);
}

enum err queue_due(struct store_tx *tx, int64_t now_ms, int64_t *ret_ids, size_t limit, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	*ret_n = 0;
	TRY(use(tx, READ_DUE, &st));
	sql_bind_i64(st, 1, now_ms);
	sql_bind_u64(st, 2, limit);
	for (;;) {
		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		ret_ids[(*ret_n)++] = sql_i64(st, 0);
	}
}

enum err queue_next_ms(struct store_tx *tx, int64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, READ_NEXT, &st));
	TRY(sql_one(st));
	*ret = sql_i64(st, 0);
	return ERR_OK;
}

ROWS_READER(read_entries, struct queue_entry, read_entry)

enum err queue_list(struct arena *a, struct store_tx *tx, int64_t after, bool all, size_t limit,
		    struct queue_entry **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, all ? READ_LIST_ALL : READ_LIST, &st));
	sql_bind_i64(st, 1, after);
	sql_bind_u64(st, 2, limit);
	return read_entries(a, st, ret, ret_n);
}
