/* Entries of the queue. */
#include <store/queue.h>

#include <base/utf8.h>
#include <store/sql/sql.h>

#include <assert.h>
#include <openssl/evp.h>
#include <sys/random.h>

enum queue_stmt {
	QUEUE_FORGET_NAME,
	QUEUE_FIND,
	QUEUE_INSERT,
	QUEUE_INSERT_RECIPIENT,
	QUEUE_SET_RECIPIENT,
	QUEUE_COUNT_RECIPIENTS,
	QUEUE_SET_SETTLED,
	QUEUE_SET_DELAY_TOLD,
	QUEUE_POSTPONE,
	QUEUE_UNFINISHED,
	QUEUE_FINISH,
	QUEUE_RETRY,
	QUEUE_DROP,
	QUEUE_FORGET_RECIPIENTS,
	QUEUE_FORGET,
	QUEUE_STMT_MAX_
};
#define FORGETTABLE "finished_ms > 0 AND forget_ms <= $1"
static const struct sql_def queue_sql[] = {
	[QUEUE_FORGET_NAME] = { "queue_forget_name",
				"SELECT entry_id FROM queue_entry WHERE " FORGETTABLE " AND name = $2" },
	[QUEUE_FIND] = { "queue_find", "SELECT entry_id FROM queue_entry WHERE name = $2"
				       " AND (finished_ms = 0 OR forget_ms > $1)" },
	[QUEUE_INSERT] = { "queue_insert",
			   "INSERT INTO queue_entry (name, account_id, kind, sender, blob_id, size, own_header, origin,"
			   " flags, envid, ret, source_item, verb, draft_item, settled, created_ms, expires_ms,"
			   " attempts, next_ms, delay_told, finished_ms, forget_ms)"
			   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0,"
			   " $16, 0, 0, $18) RETURNING entry_id" },
	[QUEUE_INSERT_RECIPIENT] = { "queue_insert_recipient",
				     "INSERT INTO queue_recipient (entry_id, position, address, orcpt, notify, state,"
				     " status, reply) VALUES ($1, $2, $3, $4, $5, 0, '', '')" },
	[QUEUE_SET_RECIPIENT] = { "queue_set_recipient",
				  "UPDATE queue_recipient SET state = $3, status = $4, reply = $5"
				  " WHERE entry_id = $1 AND position = $2 AND state = 0" },
	[QUEUE_COUNT_RECIPIENTS] = { "queue_count_recipients",
				     "SELECT COUNT(*), COALESCE(SUM(position = $2 AND state = 0), 0)"
				     " FROM queue_recipient WHERE entry_id = $1" },
	[QUEUE_SET_SETTLED] = { "queue_set_settled", "UPDATE queue_entry SET settled = 1 WHERE entry_id = $1" },
	[QUEUE_SET_DELAY_TOLD] = { "queue_set_delay_told",
				   "UPDATE queue_entry SET delay_told = 1 WHERE entry_id = $1" },
	[QUEUE_POSTPONE] = { "queue_postpone", "UPDATE queue_entry SET attempts = attempts + 1, next_ms = $2"
					       " WHERE entry_id = $1" },
	[QUEUE_UNFINISHED] = { "queue_unfinished", "SELECT blob_id, settled, (SELECT COUNT(*) FROM queue_recipient r"
						   " WHERE r.entry_id = e.entry_id AND r.state = 0)"
						   " FROM queue_entry e WHERE e.entry_id = $1 AND e.finished_ms = 0" },
	[QUEUE_FINISH] = { "queue_finish", "UPDATE queue_entry SET finished_ms = $2, blob_id = 0, own_header = ''"
					   " WHERE entry_id = $1" },
	[QUEUE_RETRY] = { "queue_retry",
			  "UPDATE queue_entry SET next_ms = $2 WHERE entry_id = $1 AND finished_ms = 0" },
	[QUEUE_DROP] = { "queue_drop", "UPDATE queue_recipient SET state = $2 WHERE entry_id = $1 AND state = 0" },
	[QUEUE_FORGET_RECIPIENTS] = { "queue_forget_recipients",
				      "DELETE FROM queue_recipient WHERE entry_id IN (SELECT entry_id FROM queue_entry"
				      " WHERE " FORGETTABLE " ORDER BY forget_ms, entry_id LIMIT $2)" },
	[QUEUE_FORGET] = { "queue_forget", "DELETE FROM queue_entry WHERE entry_id IN (SELECT entry_id FROM queue_entry"
					   " WHERE " FORGETTABLE " ORDER BY forget_ms, entry_id LIMIT $2)" },
};
static_assert(countof(queue_sql) == QUEUE_STMT_MAX_, "one text per statement");

static enum err use(struct store_tx *tx, enum queue_stmt which, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	return sql_use(store_tx_db(tx), &queue_sql[which], ret);
}

static int64_t now_ms(struct store_tx *tx)
{
	return clock_wall_ms(store_tx_clock(tx));
}

/* ---- names ---- */

static bool hash_part(EVP_MD_CTX *hash, struct str part)
{
	const uint64_t n = part.n;

	return EVP_DigestUpdate(hash, &n, sizeof(n)) == 1 && (n == 0 || EVP_DigestUpdate(hash, part.p, part.n) == 1);
}

enum err queue_name_derive(const char *kind, const struct str *parts, size_t n, struct queue_name *ret)
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	bool ok = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 && hash_part(hash, str_of(kind));

	for (size_t i = 0; ok && i < n; i++)
		ok = hash_part(hash, parts[i]);
	ok = ok && EVP_DigestFinal_ex(hash, ret->octets, NULL) == 1;
	EVP_MD_CTX_free(hash);
	return ok ? ERR_OK : ERR_IO;
}

enum err queue_name_random(const char *kind, struct queue_name *ret)
{
	unsigned char octets[QUEUE_NAME_SIZE];
	struct str part = str_from(octets, sizeof(octets));

	if (getrandom(octets, sizeof(octets), 0) != (ssize_t)sizeof(octets))
		return ERR_IO;
	return queue_name_derive(kind, &part, 1, ret);
}

static struct str name_octets(const struct queue_name *name)
{
	return str_from(name->octets, QUEUE_NAME_SIZE);
}

/* ---- adding ---- */

static enum err check_text(struct str s, size_t max)
{
	if (s.n > max)
		return ERR_LIMIT;
	return utf8_valid(s) && str_index(s, '\0') == s.n ? ERR_OK : ERR_INVALID;
}

/* What goes into a line of SMTP or of a header: nothing in it may end that line. */
static enum err check_line(struct str s, size_t max)
{
	TRY(check_text(s, max));
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return ERR_INVALID;
	return ERR_OK;
}

static enum err check(const struct queue_new *q)
{
	if (q->recipients_n == 0)
		return ERR_INVALID;
	if (q->recipients_n > QUEUE_MAX_RECIPIENTS || q->own_header.n > QUEUE_MAX_OWN_HEADER)
		return ERR_LIMIT;
	TRY(check_line(q->sender, QUEUE_MAX_ADDRESS));
	TRY(check_line(q->origin, QUEUE_MAX_ORIGIN));
	TRY(check_line(q->envid, QUEUE_MAX_ENVID));
	for (size_t i = 0; i < q->recipients_n; i++) {
		TRY(check_line(q->recipients[i].address, QUEUE_MAX_ADDRESS));
		TRY(check_line(q->recipients[i].orcpt, QUEUE_MAX_ORCPT));
	}
	return ERR_OK;
}

/* The engine takes a NULL pointer for NULL; an empty blob is not that. */
static struct str not_null(struct str s)
{
	return s.p ? s : S("");
}

static enum err insert_entry(struct store_tx *tx, const struct queue_new *q, int64_t blob, uint64_t size, int64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	/* Of somebody's mail his mailbox notes at least whom it went to. */
	bool settles = (q->kind == QUEUE_MAIL && q->account) || (q->flags & QUEUE_SAVE_SENT) || q->source_item ||
		       q->draft_item;

	TRY(use(tx, QUEUE_INSERT, &st));
	sql_bind_blob(st, 1, name_octets(&q->name));
	sql_bind_i64(st, 2, q->account);
	sql_bind_i64(st, 3, q->kind);
	sql_bind_text(st, 4, q->sender);
	sql_bind_i64(st, 5, blob);
	sql_bind_u64(st, 6, size);
	sql_bind_blob(st, 7, not_null(q->own_header));
	sql_bind_text(st, 8, q->origin);
	sql_bind_i64(st, 9, q->flags);
	sql_bind_text(st, 10, q->envid);
	sql_bind_i64(st, 11, q->ret);
	sql_bind_i64(st, 12, q->source_item);
	sql_bind_i64(st, 13, q->verb);
	sql_bind_i64(st, 14, q->draft_item);
	sql_bind_i64(st, 15, !settles);
	sql_bind_i64(st, 16, now_ms(tx));
	sql_bind_i64(st, 17, q->expires_ms);
	sql_bind_i64(st, 18, q->forget_ms);
	TRY(sql_one(st));
	*ret = sql_i64(st, 0);
	return ERR_OK;
}

static enum err insert_recipient(struct store_tx *tx, int64_t id, size_t position, const struct queue_recipient *r)
{
	struct sql_stmt *st;

	TRY(use(tx, QUEUE_INSERT_RECIPIENT, &st));
	sql_bind_i64(st, 1, id);
	sql_bind_u64(st, 2, position);
	sql_bind_text(st, 3, r->address);
	sql_bind_text(st, 4, r->orcpt);
	sql_bind_i64(st, 5, r->notify);
	return sql_run(st);
}

static enum err forget_one(struct store_tx *tx, int64_t id)
{
	static const struct sql_def recipients = { "queue_forget_its_recipients",
						   "DELETE FROM queue_recipient WHERE entry_id = $1" };
	static const struct sql_def entry = { "queue_forget_it", "DELETE FROM queue_entry WHERE entry_id = $1" };
	const struct sql_def *const both[] = { &recipients, &entry };

	for (size_t i = 0; i < countof(both); i++) {
		struct sql_stmt *st;

		TRY(sql_use(store_tx_db(tx), both[i], &st));
		sql_bind_i64(st, 1, id);
		TRY(sql_run(st));
	}
	return ERR_OK;
}

static enum err find_by_name(struct store_tx *tx, enum queue_stmt which, const struct queue_name *name, int64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, which, &st));
	sql_bind_i64(st, 1, now_ms(tx));
	sql_bind_blob(st, 2, name_octets(name));
	TRY(sql_one(st));
	*ret = sql_i64(st, 0);
	return ERR_OK;
}

enum err queue_find(struct store_tx *tx, const struct queue_name *name, int64_t *ret_id)
{
	return find_by_name(tx, QUEUE_FIND, name, ret_id);
}

/* A name whose time is over is free again, also where housekeeping has not come by yet. */
static enum err make_name_free(struct store_tx *tx, const struct queue_name *name, int64_t *ret_known)
{
	int64_t old;

	enum err e = queue_find(tx, name, ret_known);
	if (e != ERR_NOT_FOUND)
		return e ? e : ERR_EXISTS;
	e = find_by_name(tx, QUEUE_FORGET_NAME, name, &old);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	return forget_one(tx, old);
}

enum err queue_add(struct store_tx *tx, const struct queue_new *q, struct store_blob_writer *body, int64_t *ret_id)
{
	int64_t blob, id;

	TRY(check(q));
	TRY(make_name_free(tx, &q->name, ret_id));
	TRY(store_blob_attach(tx, body, &blob));
	TRY(store_blob_ref(tx, blob));
	TRY(insert_entry(tx, q, blob, store_blob_writer_size(body), &id));
	for (size_t i = 0; i < q->recipients_n; i++)
		TRY(insert_recipient(tx, id, i, &q->recipients[i]));
	*ret_id = id;
	return ERR_OK;
}

/* ---- changing ---- */

enum err queue_recipient_set(struct store_tx *tx, int64_t id, size_t position, enum queue_state state,
			     struct str status, struct str reply)
{
	struct sql_stmt *st;

	TRY(use(tx, QUEUE_SET_RECIPIENT, &st));
	sql_bind_i64(st, 1, id);
	sql_bind_u64(st, 2, position);
	sql_bind_i64(st, 3, state);
	sql_bind_text(st, 4, utf8_prefix(status, QUEUE_MAX_STATUS));
	sql_bind_text(st, 5, utf8_prefix(reply, QUEUE_MAX_REPLY));
	return sql_run(st);
}

static enum err count_recipients(struct store_tx *tx, int64_t id, size_t position, uint64_t *ret_n, bool *ret_open)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, QUEUE_COUNT_RECIPIENTS, &st));
	sql_bind_i64(st, 1, id);
	sql_bind_u64(st, 2, position);
	TRY(sql_one(st));
	*ret_n = sql_u64(st, 0);
	*ret_open = sql_i64(st, 1) != 0;
	return ERR_OK;
}

enum err queue_recipient_expand(struct store_tx *tx, int64_t id, size_t position, const struct queue_recipient *list,
				size_t n)
{
	uint64_t there;
	bool open;

	TRY(count_recipients(tx, id, position, &there, &open));
	if (!open)
		return ERR_OK;
	if (there + n > QUEUE_MAX_EXPANDED)
		return ERR_LIMIT;
	TRY(queue_recipient_set(tx, id, position, QUEUE_EXPANDED, S("2.1.5"), S("sent to the members of the group")));
	for (size_t i = 0; i < n; i++)
		TRY(insert_recipient(tx, id, (size_t)there + i, &list[i]));
	return ERR_OK;
}

static enum err run_on(struct store_tx *tx, enum queue_stmt which, int64_t id)
{
	struct sql_stmt *st;

	TRY(use(tx, which, &st));
	sql_bind_i64(st, 1, id);
	return sql_run(st);
}

static enum err run_on_with(struct store_tx *tx, enum queue_stmt which, int64_t id, int64_t value)
{
	struct sql_stmt *st;

	TRY(use(tx, which, &st));
	sql_bind_i64(st, 1, id);
	sql_bind_i64(st, 2, value);
	return sql_run(st);
}

enum err queue_set_settled(struct store_tx *tx, int64_t id)
{
	return run_on(tx, QUEUE_SET_SETTLED, id);
}

enum err queue_set_delay_told(struct store_tx *tx, int64_t id)
{
	return run_on(tx, QUEUE_SET_DELAY_TOLD, id);
}

enum err queue_postpone(struct store_tx *tx, int64_t id, int64_t next_ms)
{
	return run_on_with(tx, QUEUE_POSTPONE, id, next_ms);
}

/* The blob of an open entry of which nothing is left to do. */
static enum err spent_blob(struct store_tx *tx, int64_t id, int64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, QUEUE_UNFINISHED, &st));
	sql_bind_i64(st, 1, id);
	TRY(sql_one(st));
	*ret = sql_i64(st, 0);
	return sql_i64(st, 1) && sql_i64(st, 2) == 0 ? ERR_OK : ERR_BUSY;
}

enum err queue_finish(struct store_tx *tx, int64_t id)
{
	int64_t blob;

	TRY(spent_blob(tx, id, &blob));
	TRY(run_on_with(tx, QUEUE_FINISH, id, now_ms(tx)));
	return store_blob_unref(tx, blob);
}

enum err queue_retry(struct store_tx *tx, int64_t id)
{
	TRY(run_on_with(tx, QUEUE_RETRY, id, now_ms(tx)));
	return sql_changes(store_tx_db(tx)) ? ERR_OK : ERR_NOT_FOUND;
}

enum err queue_drop(struct store_tx *tx, int64_t id)
{
	TRY(queue_retry(tx, id));
	return run_on_with(tx, QUEUE_DROP, id, QUEUE_DROPPED);
}

enum err queue_forget(struct store_tx *tx, unsigned limit, bool *ret_more)
{
	TRY(run_on_with(tx, QUEUE_FORGET_RECIPIENTS, now_ms(tx), limit));
	TRY(run_on_with(tx, QUEUE_FORGET, now_ms(tx), limit));
	*ret_more = sql_changes(store_tx_db(tx)) == (int64_t)limit;
	return ERR_OK;
}
