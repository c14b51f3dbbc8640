/* Messages of a mailbox that the queue has not yet. */
#include <store/outbox.h>

#include <base/utf8.h>
#include <store/stmt.h>

enum outbox_stmt { OUTBOX_FIND, OUTBOX_ADD, OUTBOX_NEXT, OUTBOX_REMOVE, OUTBOX_STMT_MAX_ };
static const struct sql_def outbox_sql[] = {
	[OUTBOX_FIND] = { "outbox_find", "SELECT outbox_id FROM outbox WHERE mailbox_id = $1 AND name = $2" },
	[OUTBOX_ADD] = { "outbox_add",
			 "INSERT INTO outbox (mailbox_id, outbox_id, author_id, blob_id, name, recipients)"
			 " VALUES ($1, (SELECT COALESCE(MAX(outbox_id), 0) + 1 FROM outbox"
			 " WHERE mailbox_id = $1), $2, $3, $4, $5)" },
	[OUTBOX_NEXT] = { "outbox_next", "SELECT outbox_id, name, author_id, recipients, blob_id FROM outbox"
					 " WHERE mailbox_id = $1 AND outbox_id > $2 ORDER BY outbox_id LIMIT 1" },
	[OUTBOX_REMOVE] = { "outbox_remove", "DELETE FROM outbox WHERE mailbox_id = $1 AND outbox_id = $2 AND name = "
					     "$3 RETURNING blob_id" },
};
static_assert(countof(outbox_sql) == OUTBOX_STMT_MAX_, "one text per statement");

static struct str octets(const struct queue_name *name)
{
	return str_from(name->octets, QUEUE_NAME_SIZE);
}

static enum err check(const struct outbox_new *m)
{
	if (m->recipients_n == 0)
		return ERR_INVALID;
	if (m->recipients_n > QUEUE_MAX_RECIPIENTS)
		return ERR_LIMIT;
	for (size_t i = 0; i < m->recipients_n; i++) {
		const struct str *r = &m->recipients[i];

		if (r->n == 0 || r->n > QUEUE_MAX_ADDRESS || !utf8_valid(*r))
			return ERR_INVALID;
		for (size_t k = 0; k < r->n; k++)
			if ((unsigned char)r->p[k] < ' ')
				return ERR_INVALID;
	}
	return ERR_OK;
}

static enum err is_there(struct store_tx *tx, const struct queue_name *name, bool *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &outbox_sql[OUTBOX_FIND], NO_ARGS, &st));
	sql_bind_blob(st, 2, octets(name));
	return sql_step(st, ret);
}

enum err outbox_add(struct store_tx *tx, const struct outbox_new *m, struct store_blob_writer *body)
{
	CLEANUP(buf_release) struct buf recipients = BUF_INIT(QUEUE_MAX_RECIPIENTS * (QUEUE_MAX_ADDRESS + 1));
	struct sql_stmt *st;
	int64_t blob;
	bool there;

	TRY(check(m));
	TRY(is_there(tx, &m->name, &there));
	if (there)
		return ERR_OK;
	for (size_t i = 0; i < m->recipients_n; i++)
		buf_fmt(&recipients, "%s" STR_FMT, i ? "\n" : "", STR_ARG(m->recipients[i]));
	TRY(buf_status(&recipients));
	TRY(store_blob_attach(tx, body, &blob));
	TRY(store_blob_ref(tx, blob));
	TRY(stmt_open(tx, &outbox_sql[OUTBOX_ADD], ARGS(m->author, blob), &st));
	sql_bind_blob(st, 4, octets(&m->name));
	sql_bind_text(st, 5, buf_view(&recipients));
	return sql_run(st);
}

static enum err read_recipients(struct arena *a, struct str text, struct outbox_message *m)
{
	struct str rest = text, line;
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	m->recipients = arena_array(a, n, sizeof(*m->recipients));
	if (!m->recipients)
		return ERR_LIMIT;
	while (str_cut(&rest, '\n', &line))
		TRY(arena_str(a, line, &m->recipients[m->recipients_n++].address));
	return ERR_OK;
}

enum err outbox_next(struct arena *a, struct store_tx *tx, int64_t after, struct outbox_message *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct str name;

	TRY(stmt_open(tx, &outbox_sql[OUTBOX_NEXT], ARGS(after), &st));
	TRY(sql_one(st));
	*ret = (struct outbox_message){ .id = sql_i64(st, 0), .author = sql_i64(st, 2), .blob = sql_i64(st, 4) };
	name = sql_str(st, 1);
	if (name.n != QUEUE_NAME_SIZE)
		return ERR_CORRUPT;
	memcpy(ret->name.octets, name.p, name.n);
	return read_recipients(a, sql_str(st, 3), ret);
}

enum err outbox_remove(struct store_tx *tx, const struct outbox_message *m)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	int64_t blob;
	bool row;

	TRY(stmt_open(tx, &outbox_sql[OUTBOX_REMOVE], ARGS(m->id), &st));
	sql_bind_blob(st, 3, octets(&m->name));
	TRY(sql_step(st, &row));
	if (!row)
		return ERR_OK;
	blob = sql_i64(st, 0);
	sql_done(&st);
	return store_blob_unref(tx, blob);
}
