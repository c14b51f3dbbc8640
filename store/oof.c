#include <store/oof.h>

#include <base/buf.h>
#include <base/utf8.h>
#include <store/stmt.h>

enum oof_stmt {
	OOF_GET,
	OOF_GET_MESSAGES,
	OOF_PUT,
	OOF_PUT_MESSAGE,
	OOF_FORGET_TOLD,
	OOF_WAS_TOLD,
	OOF_NOTE_TOLD,
	OOF_STMT_MAX_
};
static const struct sql_def oof_sql[] = {
	[OOF_GET] = { "oof_get", "SELECT state, start_ms, end_ms, period FROM oof WHERE mailbox_id = $1" },
	[OOF_GET_MESSAGES] = { "oof_get_messages",
			       "SELECT audience, enabled, html, reply FROM oof_message WHERE mailbox_id = $1" },
	[OOF_PUT] = { "oof_put",
		      "INSERT INTO oof (mailbox_id, state, start_ms, end_ms, period) VALUES ($1, $2, $3, $4, 1)"
		      " ON CONFLICT (mailbox_id) DO UPDATE SET state = $2, start_ms = $3, end_ms = $4,"
		      " period = oof.period + 1" },
	[OOF_PUT_MESSAGE] = { "oof_put_message", "INSERT INTO oof_message (mailbox_id, audience, enabled, html, reply)"
						 " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (mailbox_id, audience)"
						 " DO UPDATE SET enabled = $3, html = $4, reply = $5" },
	[OOF_FORGET_TOLD] = { "oof_forget_told", "DELETE FROM oof_told WHERE mailbox_id = $1" },
	[OOF_WAS_TOLD] = { "oof_was_told", "SELECT 1 FROM oof_told WHERE mailbox_id = $1 AND sender = $2" },
	[OOF_NOTE_TOLD] = { "oof_note_told", "INSERT INTO oof_told (mailbox_id, sender) VALUES ($1, $2)"
					     " ON CONFLICT DO NOTHING" },
};
static_assert(countof(oof_sql) == OOF_STMT_MAX_, "one text per statement");

/* ---- reading ---- */

static enum err get_messages(struct arena *a, struct store_tx *tx, struct oof *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	TRY(stmt_open(tx, &oof_sql[OOF_GET_MESSAGES], (struct stmt_args){ 0 }, &st));
	for (;;) {
		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		int64_t audience = sql_i64(st, 0);
		if (audience < 0 || audience >= OOF_AUDIENCE_MAX_)
			return ERR_CORRUPT;
		struct oof_message *m = &ret->message[audience];
		m->enabled = sql_i64(st, 1) != 0;
		m->html = sql_i64(st, 2) != 0;
		TRY(arena_str(a, sql_str(st, 3), &m->reply));
	}
}

enum err oof_get(struct arena *a, struct store_tx *tx, struct oof *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	*ret = (struct oof){ 0 };
	TRY(stmt_open(tx, &oof_sql[OOF_GET], (struct stmt_args){ 0 }, &st));
	enum err e = sql_one(st);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	if (sql_i64(st, 0) < 0 || sql_i64(st, 0) >= OOF_STATE_MAX_)
		return ERR_CORRUPT;
	ret->state = (enum oof_state)sql_i64(st, 0);
	ret->start_ms = sql_i64(st, 1);
	ret->end_ms = sql_i64(st, 2);
	ret->period = sql_i64(st, 3);
	return get_messages(a, tx, ret);
}

bool oof_is_away(const struct oof *oof, int64_t now_ms)
{
	return oof->state == OOF_ON || (oof->state == OOF_TIMED && oof->start_ms <= now_ms && now_ms < oof->end_ms);
}

/* ---- writing ---- */

static bool same_message(const struct oof_message *a, const struct oof_message *b)
{
	return a->enabled == b->enabled && a->html == b->html && str_eq(a->reply, b->reply);
}

static bool same(const struct oof *a, const struct oof *b)
{
	bool equal = a->state == b->state && a->start_ms == b->start_ms && a->end_ms == b->end_ms;

	for (size_t i = 0; equal && i < OOF_AUDIENCE_MAX_; i++)
		equal = same_message(&a->message[i], &b->message[i]);
	return equal;
}

static enum err check(const struct oof *oof)
{
	for (size_t i = 0; i < OOF_AUDIENCE_MAX_; i++) {
		struct str reply = oof->message[i].reply;

		if (reply.n > OOF_REPLY_MAX)
			return ERR_LIMIT;
		if (!utf8_valid(reply) || str_index(reply, '\0') != reply.n)
			return ERR_INVALID;
	}
	return ERR_OK;
}

static enum err put_message(struct store_tx *tx, int64_t audience, const struct oof_message *m)
{
	struct sql_stmt *st;

	TRY(stmt_open(tx, &oof_sql[OOF_PUT_MESSAGE], ARGS(audience, m->enabled, m->html), &st));
	sql_bind_text(st, 5, m->reply);
	return sql_run(st);
}

enum err oof_set(struct store_tx *tx, const struct oof *oof)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(4 * OOF_AUDIENCE_MAX_ * OOF_REPLY_MAX);
	struct oof was;

	TRY(check(oof));
	TRY(oof_get(&a, tx, &was));
	if (was.period && same(&was, oof))
		return ERR_OK;
	TRY(stmt_run(tx, &oof_sql[OOF_PUT], ARGS(oof->state, oof->start_ms, oof->end_ms)));
	for (int64_t i = 0; i < OOF_AUDIENCE_MAX_; i++)
		TRY(put_message(tx, i, &oof->message[i]));
	return stmt_run(tx, &oof_sql[OOF_FORGET_TOLD], (struct stmt_args){ 0 });
}

/* ---- whom it was told ---- */

static enum err open_told(struct store_tx *tx, enum oof_stmt which, struct str sender, struct buf *folded,
			  struct sql_stmt **ret)
{
	for (size_t i = 0; i < sender.n; i++)
		buf_char(folded, ascii_lower(sender.p[i]));
	TRY(buf_status(folded));
	TRY(stmt_open(tx, &oof_sql[which], (struct stmt_args){ 0 }, ret));
	sql_bind_text(*ret, 2, buf_view(folded));
	return ERR_OK;
}

enum err oof_was_told(struct store_tx *tx, struct str sender, bool *ret)
{
	CLEANUP(buf_release) struct buf folded = BUF_INIT(OOF_SENDER_MAX);
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(open_told(tx, OOF_WAS_TOLD, sender, &folded, &st));
	return sql_step(st, ret);
}

enum err oof_note_told(struct store_tx *tx, struct str sender)
{
	CLEANUP(buf_release) struct buf folded = BUF_INIT(OOF_SENDER_MAX);
	struct sql_stmt *st;

	TRY(open_told(tx, OOF_NOTE_TOLD, sender, &folded, &st));
	return sql_run(st);
}
