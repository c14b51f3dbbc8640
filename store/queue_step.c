/* What a mailbox did for entries of the queue. */
#include <store/queue.h>

#include <store/stmt.h>

enum { FORGET_ROWS = 200 }; /* of a transaction */

enum step_stmt { STEP_KNOWN, STEP_NOTE, STEP_LIST, STEP_DELETE, STEP_STMT_MAX_ };
static const struct sql_def step_sql[] = {
	[STEP_KNOWN] = { "queue_step_known", "SELECT 1 FROM queue_step WHERE mailbox_id = $1 AND entry_id = $2"
					     " AND step = $3 AND name = $4" },
	[STEP_NOTE] = { "queue_step_note", "INSERT INTO queue_step (mailbox_id, entry_id, step, name)"
					   " VALUES ($1, $2, $3, $4)" },
	[STEP_LIST] = { "queue_step_list", "SELECT DISTINCT entry_id, name FROM queue_step WHERE mailbox_id = $1"
					   " AND entry_id > $2 ORDER BY entry_id LIMIT $3" },
	[STEP_DELETE] = { "queue_step_delete", "DELETE FROM queue_step WHERE mailbox_id = $1 AND entry_id = $2"
					       " AND name = $3" },
};
static_assert(countof(step_sql) == STEP_STMT_MAX_, "one text per statement");

static const struct sql_def entry_known = { "queue_entry_known",
					    "SELECT 1 FROM queue_entry WHERE entry_id = $1 AND name = $2" };

static struct str octets(const struct queue_name *name)
{
	return str_from(name->octets, QUEUE_NAME_SIZE);
}

enum err queue_step_known(struct store_tx *tx, const struct queue_entry *entry, enum queue_step step, bool *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &step_sql[STEP_KNOWN], ARGS(entry->id, step), &st));
	sql_bind_blob(st, 4, octets(&entry->name));
	return sql_step(st, ret);
}

enum err queue_step_note(struct store_tx *tx, const struct queue_entry *entry, enum queue_step step)
{
	struct sql_stmt *st;

	TRY(stmt_open(tx, &step_sql[STEP_NOTE], ARGS(entry->id, step), &st));
	sql_bind_blob(st, 4, octets(&entry->name));
	return sql_run(st);
}

/* ---- forgetting ---- */

struct noted {
	int64_t entry;
	struct queue_name name;
};

static enum err list_noted(struct store *s, int64_t mailbox, int64_t after, struct noted *ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	*ret_n = 0;
	TRY(store_begin(s, mailbox, STORE_READ, &tx));
	TRY(stmt_open(tx, &step_sql[STEP_LIST], ARGS(after, FORGET_ROWS), &st));
	for (;;) {
		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		struct noted *to = &ret[(*ret_n)++];
		struct str name = sql_str(st, 1);

		to->entry = sql_i64(st, 0);
		if (name.n != QUEUE_NAME_SIZE)
			return ERR_CORRUPT;
		memcpy(to->name.octets, name.p, name.n);
	}
}

/* Leaves those that the directory has forgotten. */
static enum err keep_forgotten(struct store *s, struct noted *list, size_t *n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	size_t left = 0;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	for (size_t i = 0; i < *n; i++) {
		CLEANUP(sql_done) struct sql_stmt *st = NULL;
		bool known;

		TRY(sql_use(store_tx_db(tx), &entry_known, &st));
		sql_bind_i64(st, 1, list[i].entry);
		sql_bind_blob(st, 2, octets(&list[i].name));
		TRY(sql_step(st, &known));
		if (!known)
			list[left++] = list[i];
	}
	*n = left;
	return ERR_OK;
}

static enum err remove_noted(struct store *s, int64_t mailbox, const struct noted *list, size_t n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	if (n == 0)
		return ERR_OK;
	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	for (size_t i = 0; i < n; i++) {
		struct sql_stmt *st;

		TRY(stmt_open(tx, &step_sql[STEP_DELETE], ARGS(list[i].entry), &st));
		sql_bind_blob(st, 3, octets(&list[i].name));
		TRY(sql_run(st));
	}
	return store_commit(&tx);
}

/* A number with two names, one of them restored, may wait for the next time where a page ends between them. */
enum err queue_steps_forget(struct store *s, int64_t mailbox)
{
	struct noted list[FORGET_ROWS];
	int64_t after = 0;
	size_t n, listed;

	do {
		TRY(list_noted(s, mailbox, after, list, &listed));
		if (listed == 0)
			break;
		after = list[listed - 1].entry;
		n = listed;
		TRY(keep_forgotten(s, list, &n));
		TRY(remove_noted(s, mailbox, list, n));
	} while (listed == FORGET_ROWS);
	return ERR_OK;
}
