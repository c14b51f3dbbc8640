/* Transactions: what a thread holds between store_begin() and store_commit(). */
#include <store/store.h>

#include <base/mem.h>
#include <store/group.h>
#include <store/sql/sql.h>

#include <assert.h>
#include <stdlib.h>

struct store_tx {
	struct store *store;
	struct database *database;
	enum store_mode mode;
	struct handle *reader; /* STORE_READ: a connection of its own */
	struct sql_db *db;
	uint64_t change; /* 0: none taken yet */
	struct changes touched;
	bool in_step;
	/* What change and touched were when it began. */
	uint64_t change_before;
	struct changes touched_before;
	pthread_t owner;
};

/*
 * For asserts alone: threads that wait in line for one database while they hold another's slot can wait for each other
 * for ever. So a thread writes to one mailbox at a time, and to the directory only before it, never behind.
 */
static _Thread_local bool thread_writes_directory, thread_writes_mailbox;

static bool *thread_writes(const struct database *d)
{
	return d->id == STORE_DIRECTORY ? &thread_writes_directory : &thread_writes_mailbox;
}

enum tx_stmt { TX_TAKE_CHANGE, TX_HEAD, TX_STMT_MAX_ };
static const struct sql_def tx_sql[] = {
	[TX_TAKE_CHANGE] = { "tx_take_change", "UPDATE mailbox SET head_change = head_change + 1"
					       " WHERE mailbox_id = $1 RETURNING head_change" },
	[TX_HEAD] = { "tx_head", "SELECT head_change FROM mailbox WHERE mailbox_id = $1" },
};
static_assert(countof(tx_sql) == TX_STMT_MAX_, "one text per statement");

static enum err begin_read(struct store_tx *tx)
{
	TRY(handle_take(tx->store, tx->database, &tx->reader));
	tx->db = tx->reader->db;
	return sql_begin(tx->db, false);
}

static enum err begin_write(struct store_tx *tx)
{
	const struct store_config *config = &tx->store->config;

	assert(!*thread_writes(tx->database) && !thread_writes_mailbox);
	if (config->before_write && !database_is_index(tx->database->id))
		config->before_write(config->ctx, tx->database->id);
	TRY(group_enter(tx->store, tx->database, &tx->db));
	*thread_writes(tx->database) = true;
	return ERR_OK;
}

static void tx_free(struct store_tx **txp)
{
	struct store_tx *tx = *txp;

	*txp = NULL;
	if (tx->reader)
		handle_give(tx->store, &tx->reader);
	database_leave(tx->store, &tx->database);
	changes_release(&tx->touched);
	changes_release(&tx->touched_before);
	free(tx);
}

enum err store_begin(struct store *s, int64_t mailbox, enum store_mode mode, struct store_tx **ret)
{
	struct store_tx *tx = mem_alloc(sizeof(*tx));

	tx->store = s;
	tx->mode = mode;
	tx->owner = pthread_self();
	tx->database = database_enter(s, mailbox);
	enum err e = mode == STORE_READ ? begin_read(tx) : begin_write(tx);
	if (e)
		tx_free(&tx);
	else
		*ret = tx;
	return e;
}

static void assert_owner(const struct store_tx *tx)
{
	assert(pthread_equal(tx->owner, pthread_self()));
	(void)tx;
}

/* The change number is known only now where a folder was noted before it was taken. */
static enum err number_touched(struct store_tx *tx)
{
	uint64_t change;

	if (tx->touched.n == 0)
		return ERR_OK;
	TRY(store_change_number(tx, &change));
	for (size_t i = 0; i < tx->touched.n; i++)
		tx->touched.p[i].change = change;
	return ERR_OK;
}

static enum err commit_write(struct store_tx *tx)
{
	enum err e = number_touched(tx);

	*thread_writes(tx->database) = false;
	if (!e)
		return group_commit(tx->store, tx->database, &tx->touched);
	group_undo(tx->store, tx->database);
	return e;
}

enum err store_commit(struct store_tx **txp)
{
	struct store_tx *tx = *txp;

	assert_owner(tx);
	assert(!tx->in_step);
	enum err e = tx->mode == STORE_WRITE ? commit_write(tx) : sql_tx_error(tx->db);
	tx_free(txp);
	return e;
}

void store_tx_end(struct store_tx **txp)
{
	struct store_tx *tx = *txp;

	if (!tx)
		return;
	assert_owner(tx);
	if (tx->mode == STORE_WRITE) {
		*thread_writes(tx->database) = false;
		group_undo(tx->store, tx->database);
	}
	tx_free(txp);
}

static void changes_copy(struct changes *to, const struct changes *from)
{
	to->n = 0;
	for (size_t i = 0; i < from->n; i++)
		changes_add(to, &from->p[i]);
}

enum err store_step_begin(struct store_tx *tx)
{
	assert_owner(tx);
	assert(tx->mode == STORE_WRITE && !tx->in_step);
	TRY(sql_step_begin(tx->db));
	tx->in_step = true;
	tx->change_before = tx->change;
	changes_copy(&tx->touched_before, &tx->touched);
	return ERR_OK;
}

enum err store_step_keep(struct store_tx *tx)
{
	assert_owner(tx);
	assert(tx->in_step);
	TRY(sql_step_keep(tx->db));
	tx->in_step = false;
	return ERR_OK;
}

enum err store_step_undo(struct store_tx *tx)
{
	assert_owner(tx);
	assert(tx->in_step);
	TRY(sql_step_undo(tx->db));
	tx->in_step = false;
	tx->change = tx->change_before; /* the counter stands where it stood, too */
	changes_copy(&tx->touched, &tx->touched_before);
	return ERR_OK;
}

static enum err read_number(struct store_tx *tx, enum tx_stmt which, uint64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	assert_owner(tx);
	TRY(sql_use(tx->db, &tx_sql[which], &st));
	sql_bind_i64(st, 1, tx->database->id);
	enum err e = sql_one(st);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
	*ret = sql_u64(st, 0);
	return ERR_OK;
}

enum err store_change_number(struct store_tx *tx, uint64_t *ret)
{
	assert(tx->mode == STORE_WRITE);
	if (tx->change == 0)
		TRY(read_number(tx, TX_TAKE_CHANGE, &tx->change));
	*ret = tx->change;
	return ERR_OK;
}

void store_touched(struct store_tx *tx, int64_t folder, int64_t author)
{
	assert_owner(tx);
	assert(tx->mode == STORE_WRITE);
	for (size_t i = 0; i < tx->touched.n; i++) {
		struct store_change *known = &tx->touched.p[i];

		if (known->folder != folder)
			continue;
		if (known->author != author)
			known->author = STORE_SEVERAL;
		return;
	}
	changes_add(&tx->touched,
		    &(struct store_change){ .mailbox = tx->database->id, .folder = folder, .author = author });
}

enum err store_head(struct store_tx *tx, uint64_t *ret)
{
	return read_number(tx, TX_HEAD, ret);
}

int64_t store_tx_mailbox(const struct store_tx *tx)
{
	return tx->database->id;
}

const struct clock *store_tx_clock(const struct store_tx *tx)
{
	return tx->store->config.clock;
}

struct store *store_tx_store(const struct store_tx *tx)
{
	return tx->store;
}

struct sql_db *store_tx_db(struct store_tx *tx)
{
	assert_owner(tx);
	return tx->db;
}
